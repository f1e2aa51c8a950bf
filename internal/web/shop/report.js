// Sends a report about the room; loaded with the first one.
import { clearErrors, fetchJSON, showErrors, toast } from "../js/base.js";

export async function send(form, base) {
  if (form.ariaBusy === "true") return;
  form.ariaBusy = "true";
  clearErrors(form);
  try {
    const { text } = await fetchJSON(`${base}/report`, { method: "POST", body: new FormData(form) });
    form.reset();
    form.closest("dialog").close();
    toast(text);
  } catch (err) {
    showErrors(form, err);
  } finally {
    form.ariaBusy = "false";
  }
}
