// Home and notice pages: who waits for a show's countdown sees its new state
// when it ends. A show that is late would make the page reload for ever, so
// only a countdown that ran out while one looked counts.
const opened = Date.now();
document.addEventListener("countdown:done", (e) => {
  if (Date.parse(e.target.dateTime) < opened) return;
  setTimeout(() => location.reload(), 3000 + Math.random() * 4000); // not everybody at once
});
