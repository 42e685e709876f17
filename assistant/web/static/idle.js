// Between citizens: whoever does nothing for a while is asked whether they are still there; then everything goes.
// One touch, Enter or Escape is an answer.  What is finished leaves no page behind to go back to.

const STAY_EVERY_MS = 20_000;

export async function finish() {
  sessionStorage.clear();
  try {
    await fetch("/end", { method: "POST", redirect: "manual" });
  } finally {
    location.replace("/");
  }
}

class Idle {
  constructor(dialog) {
    this.dialog = dialog;
    this.idle = Number(dialog.dataset.idle);
    this.warn = Number(dialog.dataset.warn);
    this.line = dialog.querySelector("#idle-left");
    this.over = false;
    this.told = performance.now();
    this.seen = performance.now();
  }

  listen() {
    for (const kind of ["pointerdown", "keydown", "input", "scroll", "wheel"]) {
      window.addEventListener(kind, () => this.touched(), { passive: true, capture: true });
    }
    this.dialog.addEventListener("cancel", () => this.touched(true));
    this.dialog.querySelector("#idle-stay").addEventListener("click", () => this.touched(true));
    this.dialog.querySelector("#idle-end").addEventListener("click", () => finish());
    setInterval(() => this.look(), 1000);
  }

  touched(answered = false) {
    if (this.dialog.open && !answered) return;
    this.seen = performance.now();
    if (this.dialog.open) this.dialog.close();
    if (answered || this.seen - this.told > STAY_EVERY_MS) this.tell();
  }

  async tell() {
    this.told = performance.now();
    const answer = await fetch("/stay", { method: "POST" }).catch(() => null);
    if (answer?.status === 410) location.replace("/");
  }

  look() {
    if (document.documentElement.dataset.busy) this.touched();
    const still = (performance.now() - this.seen) / 1000;
    if (this.over) return;
    if (still >= this.idle + this.warn) { this.over = true; finish(); return; }
    if (still < this.idle) return;
    this.line.textContent = this.dialog.dataset.left.replace("#", Math.ceil(this.idle + this.warn - still));
    if (!this.dialog.open) this.dialog.showModal();
  }
}

export function listen() {
  const dialog = document.getElementById("idle");
  if (dialog) new Idle(dialog).listen();
  document.getElementById("finish")?.addEventListener("submit", (event) => {
    event.preventDefault();
    finish();
  });
}
