// The sign-in page: counts down to the next code, takes the code from the
// keyboard's proposal, and goes on by itself once six digits stand there.
import { fill } from "../js/base.js";

const form = document.querySelector("[data-code-form]");
const input = form?.elements.code;

function digits(s) {
  return s.replace(/\D/g, "").slice(0, 6);
}

function changed() {
  const d = digits(input.value);
  if (input.value !== d) input.value = d;
  if (d.length === 6) form.requestSubmit();
}

input?.addEventListener("input", changed);
form?.querySelector("[data-fill-code]")?.addEventListener("click", () => {
  input.value = form.querySelector("[data-code]").textContent;
  changed();
});

// Another code can be asked for after a while: the button says when.
for (const button of document.querySelectorAll("[data-wait]")) {
  const label = button.querySelector("span");
  const text = label.textContent;
  const until = Date.now() + Number(button.dataset.wait) * 1000;
  const tick = () => {
    const left = Math.ceil((until - Date.now()) / 1000);
    button.disabled = left > 0;
    label.textContent = left > 0 ? fill(button.dataset.waitText, { n: left }) : text;
    if (left > 0) setTimeout(tick, 500);
  };
  tick();
}
