// The on-screen keyboard: it types into the field of text that was touched last, and keeps nothing.
// Keys are buttons: they are pressed by touch, mouse, Enter, Space or a switch, and reached by Tab or arrows. A letter
// is typed when the finger leaves it; held down it becomes its other letter first. A narrow page leaves typing to the
// machine's own keyboard, and whoever types on a real one is not shown this.

import { cased, drawn } from "./keys.js";
import { LAYERS } from "./layouts.js";

const HELD_MS = 600, AGAIN_AFTER_MS = 500, AGAIN_MS = 90;
const ROOM = window.matchMedia("(min-width: 700px)");
// What takes the keyboard away waits for the click, which would else meet what lies under it.
const LATE = ["hide", "enter"];
const FIELDS = ":is(textarea, input:is(:not([type]), [type=text], [type=search], [type=tel], [type=password]))"
  + ":not([data-keyboard=off], [readonly], :disabled)";

class Keyboard {
  constructor(root) {
    this.root = root;
    this.words = root.dataset;
    this.letters = LAYERS[document.documentElement.lang] ? document.documentElement.lang : "tg";
    this.layer = this.letters;
    this.shift = "";                       // "", "once" or "lock"
    this.field = null;
    this.pressed = new Map();              // by pointer: the key, whether it is held, its timer
  }

  listen() {
    document.addEventListener("focusin", (event) => this.reached(event.target));
    document.addEventListener("click", (event) => this.reached(event.target));
    document.addEventListener("keydown", (event) => this.typed(event));
    document.addEventListener("submit", () => { this.root.hidden = true; });
    this.root.addEventListener("pointerdown", (event) => this.down(event));
    this.root.addEventListener("pointerup", (event) => this.up(event));
    this.root.addEventListener("pointercancel", (event) => this.release(event.pointerId));
    this.root.addEventListener("lostpointercapture", (event) => this.release(event.pointerId));
    this.root.addEventListener("mousedown", (event) => event.preventDefault());
    this.root.addEventListener("contextmenu", (event) => event.preventDefault());
    this.root.addEventListener("click", (event) => this.clicked(event));
    ROOM.addEventListener("change", () => this.fit());
    this.fit();
    this.reached(document.activeElement);
  }

  fit() {
    for (const field of document.querySelectorAll(FIELDS)) {
      field.dataset.inputmode ??= field.inputMode;       // as the page wants it where the machine has its own
      field.inputMode = ROOM.matches ? "none" : field.dataset.inputmode;
    }
    if (!ROOM.matches) this.hide();
  }

  reached(target) {
    const field = target?.closest?.(FIELDS);
    if (!field || !ROOM.matches || (field === this.field && !this.root.hidden)) return;
    this.field = field;
    this.root.hidden = false;
    this.draw();
    field.scrollIntoView({ block: "nearest" });
  }

  hide() {
    if (this.root.contains(document.activeElement)) this.field?.focus();
    this.root.hidden = true;
  }

  typed(event) {
    if (event.target.closest?.(FIELDS)) {
      const real = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
      if (event.key === "Escape" || real) this.hide();
    } else if (this.root.contains(event.target)) {
      if (event.key === "Escape") this.hide();
      else if (this.moved(event.target, event.key)) event.preventDefault();
    }
  }

  moved(from, key) {
    const rows = [...this.root.children].map((row) => [...row.children]);
    const at = rows.findIndex((row) => row.includes(from));
    const place = rows[at]?.indexOf(from);
    const middle = from.offsetLeft + from.offsetWidth / 2;
    const nearest = (row) => row?.find((one) => one.offsetLeft + one.offsetWidth > middle);
    const to = { ArrowLeft: rows[at]?.[place - 1], ArrowRight: rows[at]?.[place + 1], Home: rows[at]?.[0],
                 End: rows[at]?.at(-1), ArrowUp: nearest(rows[at - 1]), ArrowDown: nearest(rows[at + 1]) };
    to[key]?.focus();
    return key in to;
  }

  draw() {
    const keys = [...this.root.querySelectorAll("button")];
    const focused = keys.indexOf(document.activeElement);
    this.root.replaceChildren(...drawn(this));
    if (focused >= 0) this.root.querySelectorAll("button")[focused]?.focus();
  }

  down(event) {
    const key = event.target.closest("button");
    event.preventDefault();
    if (!key || event.button > 0) return;
    const press = { key, held: false, timer: 0 };
    const other = LAYERS[this.layer].held[key.dataset.key];
    if (key.dataset.key === "erase") {
      this.press("erase");
      const again = () => { this.press("erase"); press.timer = setTimeout(again, AGAIN_MS); };
      press.timer = setTimeout(again, AGAIN_AFTER_MS);
    } else if (other) {
      press.timer = setTimeout(() => { press.held = true; key.classList.add("key--held"); }, HELD_MS);
    }
    this.pressed.set(event.pointerId, press);
  }

  up(event) {
    const press = this.release(event.pointerId);
    const under = document.elementFromPoint(event.clientX, event.clientY)?.closest("button");
    const name = press?.key.dataset.key;
    if (!press || press.key !== under || name === "erase" || LATE.includes(name)) return;
    this.press(press.held ? LAYERS[this.layer].held[name] : name);
  }

  release(pointer) {
    const press = this.pressed.get(pointer);
    clearTimeout(press?.timer);
    press?.key.classList.remove("key--held");
    this.pressed.delete(pointer);
    return press;
  }

  clicked(event) {
    const key = event.target.closest("button");
    const heard = event.detail > 0;                      // a finger or a mouse
    if (key && (!heard || LATE.includes(key.dataset.key))) this.press(key.dataset.key);
  }

  press(name) {
    const does = {
      shift: () => { this.shift = { "": "once", once: "lock", lock: "" }[this.shift]; this.draw(); },
      erase: () => this.put("", 1),
      enter: () => this.enter(),
      space: () => this.put(" "),
      layer: () => { this.layer = this.letters = LAYERS[this.letters].next; this.draw(); },
      signs: () => { this.layer = this.layer === "signs" ? this.letters : "signs"; this.draw(); },
      hide: () => this.hide(),
    };
    if (does[name]) does[name]();
    else this.letter(name);
  }

  letter(name) {
    this.put(cased(name, this.shift));
    if (this.shift !== "once") return;
    this.shift = "";
    this.draw();
  }

  put(text, before = 0) {
    const { field } = this;
    let [from, to] = [field.selectionStart, field.selectionEnd];
    if (from === to) from = Math.max(0, from - before);
    const length = field.value.length - (to - from) + text.length;
    if (field.maxLength >= 0 && length > field.maxLength) return;
    field.setRangeText(text, from, to, "end");
    field.dispatchEvent(new InputEvent("input", { bubbles: true, data: text || null,
                                                  inputType: text ? "insertText" : "deleteContentBackward" }));
  }

  asks() {
    return Boolean(this.field?.form?.matches("[data-ask]"));
  }

  enter() {
    const fields = [...(this.field.form?.querySelectorAll(FIELDS) ?? [])];
    const next = fields[fields.indexOf(this.field) + 1];
    if (next && !this.asks()) next.focus();
    else this.field.form?.requestSubmit();
  }
}

const root = document.getElementById("keyboard");
if (root) new Keyboard(root).listen();
