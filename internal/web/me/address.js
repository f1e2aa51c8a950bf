// Paste to parse: the server reads the pasted text, the fields get what it
// found. What it did not find stays as it was, and the focus goes there.
import { fetchJSON, showErrors, clearErrors, Problem, tell } from "../js/base.js";

const form = document.querySelector("[data-address-form]");
const status = form.querySelector("[data-parsed]");
const fields = ["name", "phone", "province", "city", "district", "detail"];

async function parse() {
  const paste = form.elements.paste.value.trim();
  if (!paste) return form.elements.paste.focus();
  clearErrors(form);
  try {
    const found = await fetchJSON("/me/addresses/parse", { method: "POST", body: new URLSearchParams({ paste }) });
    for (const name of fields) if (found[name]) form.elements[name].value = found[name];
    status.textContent = found.sure ? status.dataset.sure : status.dataset.unsure;
    const missing = fields.find((name) => form.elements[name].required && !form.elements[name].value);
    if (missing) form.elements[missing].focus();
  } catch (err) {
    if (err instanceof Problem) showErrors(form, err);
    else tell(err);
  }
}

form.querySelector("[data-parse]").addEventListener("click", (e) => {
  e.preventDefault();
  parse();
});
form.elements.paste.addEventListener("paste", () => setTimeout(parse));
