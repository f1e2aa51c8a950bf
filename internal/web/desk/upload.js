// Uploads of pictures: what was chosen is shown at once, checked for its size
// before it is sent, sent with its progress, and a refusal is said in words.
// Without this script the form is sent as any other.
import { words } from "../js/base.js";

const most = 10 * 1024 * 1024;

for (const form of document.querySelectorAll("form[data-upload]")) {
  const file = form.querySelector("input[type=file]");
  const bar = form.querySelector("progress");
  const wrong = form.querySelector("[data-upload-error]");
  const view = form.querySelector("[data-upload-view]");
  const say = (text) => { wrong.textContent = text; wrong.hidden = !text; file.toggleAttribute("aria-invalid", Boolean(text)); };

  file.addEventListener("change", () => {
    say("");
    const f = file.files[0];
    if (!f) return;
    if (f.size > most) { say(form.dataset.large); file.value = ""; return; }
    if (view) {
      const url = URL.createObjectURL(f);
      view.onload = () => URL.revokeObjectURL(url);
      view.onerror = () => { URL.revokeObjectURL(url); view.hidden = true; };
      view.src = url;
      view.hidden = false;
    }
  });

  form.addEventListener("submit", (e) => {
    e.preventDefault();
    if (form.ariaBusy === "true") return;
    if (!file.files[0]) { say(form.dataset.missing); file.focus(); return; }
    form.ariaBusy = "true";
    say("");
    bar.hidden = false;
    bar.removeAttribute("value");
    const x = new XMLHttpRequest(); // fetch can't tell how far an upload is
    x.open("POST", form.action);
    x.setRequestHeader("Accept", "application/json");
    x.timeout = 120_000;
    x.upload.onprogress = (p) => { if (p.lengthComputable) { bar.max = p.total; bar.value = p.loaded; } };
    const failed = (text) => { form.ariaBusy = "false"; bar.hidden = true; say(text); file.focus(); };
    x.onload = () => {
      let d = null;
      try { d = JSON.parse(x.responseText); } catch { /* a proxy's page */ }
      if (x.status >= 200 && x.status < 300) { location.reload(); return; }
      failed(d?.fields?.picture ?? d?.title ?? words.broken);
    };
    x.onerror = () => failed(words.offline);
    x.ontimeout = x.onerror;
    x.send(new FormData(form));
  });
}

// The price per 500 g while it is typed, as the server computes it: rounded
// half up.
const per = document.querySelector("[data-per500]");
if (per) {
  const form = per.closest("form");
  const num = (name) => Number((form.elements[name]?.value ?? "").replaceAll(",", "").trim());
  const compute = () => {
    const fen = Math.round(num("price") * 100);
    const g = form.elements.base_unit?.value === "piece" ? num("net_g") : num("base_per_unit");
    per.textContent = fen > 0 && g > 0 ? `¥${(Math.floor((fen * 1000 + g) / (2 * g)) / 100).toFixed(2)}` : "–";
  };
  form.addEventListener("input", compute);
  compute();
}

// A form that was changed asks before it is left.
let dirty = false;
for (const form of document.querySelectorAll("form[data-keep]")) {
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
}
addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
