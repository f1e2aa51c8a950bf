// The order form as a page of its own: after ordering, on to the order.
import { mount } from "./buy.js";

mount(document.getElementById("buy-in"), {
  signedIn() {},
  placed(o) { location.assign(o.href); return true; },
});
