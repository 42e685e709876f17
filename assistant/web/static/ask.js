// A question asked without leaving the page: its answer is read as events and shown as each arrives.  Only what the
// server has verified comes here, and it is put in as text.  An answer that is there at once is just gone to.

const QUICK_MS = 300;
const TYPE = "text/event-stream";
let words = {};

function made(tag, text = "", names = "") {
  const one = document.createElement(tag);
  one.textContent = text;
  one.className = names;
  return one;
}

async function* events(response) {
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let unread = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    unread += value;
    const whole = unread.split("\n\n");
    unread = whole.pop();
    for (const one of whole) {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/s.exec(one);
      yield { name, data: JSON.parse(data) };
    }
  }
}

// The page of an answer while it is being written.
class Page {
  constructor(question, leave) {
    this.page = made("div", "", "page answer");
    this.status = made("p", words.search, "wait");
    this.status.setAttribute("role", "status");
    this.stop = made("button", words.stop, "button");
    this.stop.type = "button";
    this.stop.addEventListener("click", leave);
    const heading = made("h1", question, "asked");
    heading.tabIndex = -1;
    this.warnings = made("div");
    this.verdict = made("p", "", "verdict");
    this.verdict.hidden = true;
    this.written = made("div");
    this.composed = made("div");
    this.composed.setAttribute("aria-busy", "true");
    this.sources = made("div");
    const bar = made("div", "", "buttons");
    bar.append(this.status, this.stop);
    this.page.append(made("p", words.asked, "small"), heading, bar, this.verdict, this.warnings, this.written,
      this.composed, this.sources);
  }

  show() {
    document.getElementById("main").replaceChildren(this.page);
    this.page.querySelector("h1").focus();
    window.scrollTo(0, 0);
  }

  take({ name, data }) {
    if (name === "status") this.status.textContent = words[data.step] ?? "";
    if (name === "verdict") this.say(data);
    if (name === "sources") this.cite(data);
    if (name === "claim") (data.generated ? this.written : this.composed).append(claim(data));
  }

  say({ verdict, said }) {
    this.verdict.hidden = false;
    this.verdict.className = `verdict verdict--${verdict}`;
    this.verdict.textContent = said;
  }

  cite({ warnings, sources }) {
    if (warnings.length) {
      const notice = made("div", "", "notice notice--warning");
      notice.append(...warnings.map((one) => made("p", one)));
      this.warnings.replaceChildren(notice);
    }
    if (sources.length) this.sources.replaceChildren(made("h2", words.sources), ...sources.map(source));
  }
}

function claim({ blocks, marks, generated }) {
  const said = made("div", "", generated ? "said said--generated" : "said");
  const text = made("div");
  for (const { lines, is_list: listed } of blocks) {
    const block = made(listed ? "ul" : "p", listed ? "" : lines[0]);
    if (listed) block.append(...lines.map((line) => made("li", line)));
    text.append(block);
  }
  const ends = made("span", "", "said__marks");
  ends.append(...marks.map((number) => {
    const mark = made("a", number);
    mark.href = `#source-${number}`;
    mark.setAttribute("aria-label", words.mark.replace("#", number));
    return mark;
  }));
  said.append(text, ends);
  return said;
}

function source({ number, title, language, place, quotes, status }) {
  const one = made("details", "", "source");
  one.id = `source-${number}`;
  const summary = made("summary");
  const named = made("strong", title);
  named.lang = language;
  summary.append(made("span", number, "ref"), named);
  const body = made("div", "", "source__body");
  body.append(...quotes.map((quote) => made("blockquote", `«${quote}»`, "quote")),
    made("p", [place, status].filter(Boolean).join(" · "), "small"));
  one.append(summary, body);
  return one;
}

class Asking {
  constructor(form, submitter) {
    this.body = new URLSearchParams(new FormData(form, submitter));
    this.left = new AbortController();
    this.address = "";
    this.page = null;
    this.seen = [];
  }

  async go() {
    document.documentElement.dataset.busy = "yes";
    const late = setTimeout(() => this.appear(), QUICK_MS);
    try {
      await this.read();
    } catch {
      if (!this.left.signal.aborted) this.fail(words.problem);
    } finally {
      clearTimeout(late);
      delete document.documentElement.dataset.busy;
    }
  }

  async read() {
    const response = await fetch("/ask", { method: "POST", body: this.body, headers: { accept: TYPE },
      signal: this.left.signal });
    if (!response.headers.get("content-type")?.startsWith(TYPE)) { this.fail(words.problem); return; }
    for await (const event of events(response)) {
      this.address = event.data.address ?? this.address;
      if (event.name === "error") this.fail(event.data.said);
      else if (event.name === "done") await this.arrive();
      else if (this.page) this.page.take(event);
      else this.seen.push(event);
    }
  }

  appear() {
    this.page = new Page(this.body.get("question"), () => this.leave());
    this.page.show();
    for (const event of this.seen) this.page.take(event);
    history.pushState({ answer: true }, "");
  }

  leave() {
    this.left.abort();
    if (this.address) location.replace(this.address);
    else location.reload();
  }

  // The page of the answer takes the place of the page that was being written; a reader keeps their place.
  async arrive() {
    if (!this.page) { location.assign(this.address); return; }
    this.page.status.textContent = words.ready;
    const html = await (await fetch(this.address)).text();
    const whole = new DOMParser().parseFromString(html, "text/html");
    history.replaceState(null, "", this.address);
    document.title = whole.title;
    document.getElementById("main").replaceChildren(...whole.getElementById("main").childNodes);
    document.querySelector(".bar--bottom").replaceWith(whole.querySelector(".bar--bottom"));
    document.getElementById("asked")?.focus({ preventScroll: true });
    document.dispatchEvent(new Event("rohnamo:page"));
  }

  fail(said) {
    const notice = made("p", said, "notice notice--error");
    notice.setAttribute("role", "alert");
    if (this.page) this.page.page.replaceChildren(notice);
    else document.querySelector("main h1").after(notice);
    notice.scrollIntoView({ block: "center" });
  }
}

export function listen() {
  words = document.getElementById("said")?.dataset ?? {};
  let asking = false;
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-ask]")) return;
    event.preventDefault();
    if (asking) return;
    asking = true;
    await new Asking(form, event.submitter).go();
    asking = false;
  });
  // Enter asks, as people expect of a question box; with Shift it begins a line.  A chosen suggestion takes it first.
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.defaultPrevented) return;
    if (!event.target.matches("[data-ask] textarea")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  });
}
