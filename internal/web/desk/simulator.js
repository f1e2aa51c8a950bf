// The simulator: a slider beside each figure, and the outcome reckoned again
// by the server while somebody moves it. Without this script the form does the
// same by its button.
const form = document.querySelector("[data-plan]");
const outcome = document.getElementById("outcome");
const pause = 150; // ms after the last move
let timer = 0, running = null;

async function again() {
  running?.abort();
  running = new AbortController();
  const query = new URLSearchParams(new FormData(form));
  try {
    const res = await fetch(`${form.action}?${query}`, { signal: running.signal, headers: { Accept: "text/html" } });
    if (!res.ok) return;
    const page = new DOMParser().parseFromString(await res.text(), "text/html");
    const next = page.getElementById("outcome");
    if (next) outcome.replaceChildren(...next.childNodes);
    history.replaceState(null, "", `?${query}`);
  } catch (err) {
    if (err.name !== "AbortError") form.querySelector("button").hidden = false; // the button still works
  }
}

function soon() {
  clearTimeout(timer);
  timer = setTimeout(again, pause);
}

for (const number of form.querySelectorAll("input[type=number]")) {
  const slide = document.createElement("input");
  slide.type = "range";
  slide.min = number.min;
  slide.max = number.max;
  slide.step = number.step === "1" ? "1" : String(Math.max(0.01, Number(number.max) / 200));
  slide.value = number.value;
  slide.setAttribute("aria-label", number.labels[0].textContent);
  slide.addEventListener("input", () => { number.value = String(Math.round(Number(slide.value) * 100) / 100); soon(); });
  number.addEventListener("input", () => { slide.value = number.value; soon(); });
  number.closest(".plan-field").append(slide);
}
