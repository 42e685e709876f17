// How the keys of a layer are drawn: what each shows, what it is called, how wide it is. What a key does is told elsewhere.
// A board has a layer, the letters it goes back to, a shift ("", "once" or "lock"), its words, and asks().

import { LAST, LAYERS, WIDTHS } from "./layouts.js";

const SVG = "http://www.w3.org/2000/svg";

export function drawn(board) {
  return [...LAYERS[board.layer].rows, LAST].map((names) => {
    const row = made("div", "keyboard-row");
    row.append(...names.split(" ").map((name) => key(board, name)));
    return row;
  });
}

export function cased(letter, shift) {
  return shift ? letter.toUpperCase() : letter;
}

function key(board, name) {
  const one = made("button", `key key--${WIDTHS[name] ?? 2}`);
  one.type = "button";
  one.dataset.key = name;
  if (name in WIDTHS) dress(board, one, name);
  else letter(board, one, name);
  return one;
}

function letter(board, one, name) {
  const held = LAYERS[board.layer].held[name];
  one.append(cased(name, board.shift));
  if (!held) return;
  const other = made("span", "key-other");
  other.setAttribute("aria-hidden", "true");
  other.append(cased(held, board.shift));
  one.append(other);
}

function dress(board, one, name) {
  const signs = board.layer === "signs", { next } = LAYERS[board.letters];
  const shown = { enter: board.asks() ? board.words.ask : board.words.next, space: board.words.space,
                  layer: LAYERS[next].name, signs: signs ? board.words.letters : LAYERS.signs.name };
  one.classList.add("key--does", `key--${name}`);
  if (name in shown) one.append(shown[name]);
  else {
    one.append(icon(name));
    one.setAttribute("aria-label", board.words[name]);
  }
  if (name === "layer") one.lang = next;
  if (name === "signs") one.setAttribute("aria-pressed", String(signs));
  if (name !== "shift") return;
  one.setAttribute("aria-pressed", String(Boolean(board.shift)));
  one.classList.toggle("key--lock", board.shift === "lock");
  one.disabled = signs;
}

function icon(name) {
  const picture = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `/static/icons/key-${name}.svg#icon`);
  picture.setAttribute("aria-hidden", "true");
  picture.append(use);
  return picture;
}

function made(tag, names) {
  const one = document.createElement(tag);
  one.className = names;
  return one;
}
