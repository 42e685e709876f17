// The entry of every page: what scripts make nicer.  Each part works on forms that work without it.

import { listen as ask } from "./ask.js";
import { listen as idle } from "./idle.js";
import { listen as modes } from "./modes.js";
import "./keyboard.js";
import "./suggest.js";

modes();
idle();
ask();

// A page that comes back out of the browser's memory is asked for anew: it may belong to somebody who has left.
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });

// A number in an answer opens its source, wherever it was touched; so does an address that ends with it.
function open() {
  const source = location.hash.startsWith("#source-") && document.getElementById(location.hash.slice(1));
  if (!source) return;
  source.open = true;
  source.querySelector("summary").focus({ preventScroll: true });
  source.scrollIntoView({ block: "center" });
}
window.addEventListener("hashchange", open);
document.addEventListener("click", (event) => {
  const mark = event.target.closest("a[href^='#source-']");
  if (mark && mark.hash === location.hash) open();
});
open();
