// The product page: "buy" opens the half-sheet instead of another page.
import { open } from "./buy.js";

const dialog = document.getElementById("buy");
for (const link of document.querySelectorAll("[data-buy]")) {
  link.addEventListener("click", (e) => {
    if (e.metaKey || e.ctrlKey || e.shiftKey) return;
    e.preventDefault();
    dialog.showModal();
    open(document.getElementById("buy-in"), link.dataset.buy, { close: () => dialog.close() });
  });
}
