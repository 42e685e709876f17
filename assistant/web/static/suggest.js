// Suggestions under a question field. What is typed goes to this machine in the body of a POST and is not kept; the
// latest answer counts. Down and Up choose, Enter asks what is chosen, Escape closes; a touch asks at once.

const WAIT_MS = 120;

class Suggest {
  constructor(root) {
    this.root = root;
    this.field = document.getElementById(root.dataset.for);
    this.list = root.querySelector("[role=listbox]");
    this.status = root.querySelector("[role=status]");
    this.chosen = -1;
    this.timer = 0;
    this.asked = null;
  }

  listen() {
    this.field.setAttribute("aria-autocomplete", "list");
    this.field.setAttribute("aria-controls", this.list.id);
    this.field.addEventListener("input", () => this.later());
    this.field.addEventListener("keydown", (event) => this.key(event));
    this.field.form?.addEventListener("submit", () => this.close());
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.take(event.target.closest("[role=option]")));
  }

  later() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.timer = setTimeout(() => this.ask(), WAIT_MS);
  }

  async ask() {
    this.asked = new AbortController();
    try {
      const answer = await fetch(this.root.dataset.address, {
        method: "POST", body: this.field.value, headers: { "content-type": "text/plain" }, signal: this.asked.signal });
      this.show(answer.ok ? await answer.json() : []);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(texts) {
    this.list.replaceChildren(...texts.map((text, number) => this.option(text, number)));
    this.list.hidden = texts.length === 0;
    this.choose(-1);
    this.status.textContent = texts.length ? `${this.root.dataset.found} ${texts.length}` : "";
  }

  option(text, number) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${number}`;
    option.className = "suggest-option";
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.textContent = text;
    return option;
  }

  choose(number) {
    const options = [...this.list.children];
    this.chosen = options.length ? (number + options.length + 1) % (options.length + 1) : -1;
    if (this.chosen === options.length) this.chosen = -1;
    options.forEach((option, at) => option.setAttribute("aria-selected", String(at === this.chosen)));
    if (this.chosen < 0) this.field.removeAttribute("aria-activedescendant");
    else this.field.setAttribute("aria-activedescendant", options[this.chosen].id);
  }

  key(event) {
    if (this.list.hidden) return;
    const does = { ArrowDown: () => this.choose(this.chosen + 1), ArrowUp: () => this.choose(this.chosen - 1),
                   Escape: () => this.close(), Enter: () => this.take(this.list.children[this.chosen]) };
    if (!does[event.key] || (event.key === "Enter" && this.chosen < 0)) return;
    event.preventDefault();
    does[event.key]();
  }

  take(option) {
    if (!option) return;
    this.field.value = option.textContent;
    this.close();
    this.field.form?.requestSubmit();
  }

  close() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.show([]);
  }
}

function wire() {
  for (const root of document.querySelectorAll(".suggest:not([data-wired])")) {
    root.dataset.wired = "";
    new Suggest(root).listen();
  }
}

wire();
document.addEventListener("rohnamo:page", wire);
