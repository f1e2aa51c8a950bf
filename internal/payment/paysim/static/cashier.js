// Counts the time left down; the page says the hour without it.
const el = document.querySelector("[data-left]");
if (el) {
  const end = Date.now() + Number(el.dataset.left) * 1000;
  const tick = () => {
    const left = Math.max(0, Math.round((end - Date.now()) / 1000));
    el.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
    if (left === 0) location.reload();
    else setTimeout(tick, 500);
  };
  tick();
}
