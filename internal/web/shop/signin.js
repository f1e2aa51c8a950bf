// Sign-in over whatever is on the screen: the sheet below keeps its choice,
// the show goes on. signIn() answers true when somebody is signed in.
import { clearErrors, fetchJSON, fill, island, showErrors } from "../js/base.js";

const dialog = document.getElementById("signin");
const phoneForm = document.getElementById("signin-phone");
const codeForm = document.getElementById("signin-code");
let done = null;

function step(code) {
  phoneForm.hidden = code;
  codeForm.hidden = !code;
  (code ? codeForm.elements.code : phoneForm.elements.phone).focus();
}

// once sends a form and shows what is wrong with it, never twice at a time.
async function once(form, then) {
  if (form.getAttribute("aria-busy") === "true") return;
  form.setAttribute("aria-busy", "true");
  clearErrors(form);
  try {
    then(await fetchJSON(form.getAttribute("action"), { method: "POST", body: new FormData(form) }));
  } catch (err) {
    showErrors(form, Object.assign(err, { fields: err.fields ?? {} }));
  } finally {
    form.removeAttribute("aria-busy");
  }
}

phoneForm?.addEventListener("submit", (e) => {
  e.preventDefault();
  once(phoneForm, (answer) => {
    const words = island("signin-words");
    codeForm.elements.code_id.value = answer.code_id;
    document.getElementById("signin-sent").textContent = fill(words.sent, { phone: answer.sent_to });
    const screen = document.getElementById("signin-screen");
    screen.hidden = !answer.on_screen;
    screen.textContent = answer.on_screen ? fill(words.screen, { code: answer.on_screen }) : "";
    codeForm.elements.code.value = "";
    step(true);
  });
});

codeForm?.addEventListener("submit", (e) => {
  e.preventDefault();
  once(codeForm, () => {
    done?.(true);
    done = null;
    dialog.close();
  });
});

document.getElementById("signin-again")?.addEventListener("click", () => step(false));
dialog?.addEventListener("close", () => { done?.(false); done = null; });

export function signIn() {
  if (!dialog) return Promise.resolve(false);
  dialog.showModal();
  step(false);
  return new Promise((ok) => { done = ok; });
}

// signedIn runs an action and, when the session is over, signs in and runs it
// once more. It gives undefined when the person would rather not.
export async function signedIn(action) {
  try {
    return await action();
  } catch (err) {
    if (err.status !== 401) throw err;
    if (await signIn()) return action();
    return undefined;
  }
}
