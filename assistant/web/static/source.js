// Brings the marked words of an enlarged page into the middle of its window; without it the address (#mark) does.
const sheet = document.getElementById("sheet");
const mark = document.getElementById("mark");

function centre() {
  const box = mark.getBoundingClientRect();
  const frame = sheet.getBoundingClientRect();
  sheet.scrollBy({
    left: box.left - frame.left - Math.max(16, (frame.width - box.width) / 2),
    top: box.top - frame.top - Math.max(16, (frame.height - box.height) / 2),
  });
}

if (sheet && mark && sheet.contains(mark)) {
  const picture = sheet.querySelector("img");
  if (picture.complete) centre();
  else picture.addEventListener("load", centre, { once: true });
}
