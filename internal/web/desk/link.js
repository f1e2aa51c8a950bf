// One socket for the rooms of a page. A room is asked for its truth when it is
// joined, when events were lost, and when the page comes back from the cache.
//
//   link(["id", …], { take(id, events), truth(id), lost(bool) })
export async function link(shows, { take, truth, lost }) {
  await import("../vendor/centrifuge.js");
  const client = new globalThis.Centrifuge(location.origin.replace(/^http/, "ws") + "/rt/websocket");
  for (const id of shows) {
    const sub = client.newSubscription("show:" + id);
    sub.on("publication", (ctx) => {
      const events = ctx.data.e ?? [];
      if (events.some((e) => e.k === "lost")) truth(id);
      take(id, events);
    });
    sub.on("subscribed", (ctx) => { if (!ctx.wasRecovering || !ctx.recovered) truth(id); });
    sub.subscribe();
  }
  client.on("connecting", ({ code }) => lost(code !== 0));
  client.on("connected", () => lost(false));
  client.connect();
  addEventListener("pageshow", (e) => { if (e.persisted) shows.forEach(truth); });
}
