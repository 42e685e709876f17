"""A real browser at a kiosk's pages: the server in a thread, a screen that is touched, complaints that are not missed.

    served(config) ─ Served (address, desk, clock) ─ chromium() ─ standing_at(browser, served) ─ Person

Whoever stands at the screen asks only this machine; a request to anywhere else, an error or a warning of the console,
a page that fails and a dialog that nobody opened each fail the test that saw them.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette

from assistant.config import Config
from assistant.current import Current
from assistant.texts import text
from assistant.web import suggest
from assistant.web.app import kiosk
from assistant.web.desk import Desk
from assistant.web.server import Server, address_of, listening
from assistant.web.session import Sessions
from assistant.web.settings import KioskSettings
from assistant.withdrawn import withdrawn
from tests.desk import NOW, open_assistant

try:
    import axe_playwright_python
    from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
except ImportError:
    pytest.skip("playwright is not installed: make install", allow_module_level=True)

CHROMIUM = shutil.which("chromium")
_AXE = Path(axe_playwright_python.__file__).parent / "axe.min.js"
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
              "--disable-component-update", "--disable-sync",
              "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1")
SCREEN = {"width": 1080, "height": 1920}
# Of a page on busy processors; nothing waits so long where all is well, in milliseconds.
_PATIENCE_MS = 30_000
expect.set_options(timeout=_PATIENCE_MS)
# More steps of the Tab key than any page has.
_MOST_TABS = 250


@dataclass(slots=True)
class Clock:
    """Seconds that go forward when they are told to."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Return the time."""
        return self.seconds


@dataclass(frozen=True, slots=True)
class Served:
    """A kiosk that answers at `address`.  `said` is what its server told whoever started it."""

    address: str
    desk: Desk
    app: Starlette
    clock: Clock
    said: list[str]


@contextmanager
def served(config: Config, opened=open_assistant, **settings) -> Iterator[Served]:
    """Serve the pages over what is in use in a data directory, as `rohnamo serve` does, at a free port."""
    clock = Clock()
    look = KioskSettings(**settings)
    with ExitStack() as stack:
        current = stack.enter_context(Current(config, opened, withdrawn))
        desk = Desk(config, current, Sessions(clock, look.idle_s + look.warn_s), look, lambda: NOW)
        app = kiosk(desk)
        app.state.suggestions = _offered()
        stack.callback(_put_away, app)
        address, said = stack.enter_context(running(app))
        yield Served(address, desk, app, clock, said)


@contextmanager
def running(app: Starlette) -> Iterator[tuple[str, list[str]]]:
    """Run the server over any pages; give their address and what the server tells whoever started it."""
    said, ready = list[str](), Event()
    with listening("127.0.0.1", 0) as door, _quiet_again():
        server = Server(app, ready.set, said.append)
        thread = Thread(target=server.run, args=([door],), name="kiosk")
        thread.start()
        assert ready.wait(_PATIENCE_MS / 1000)
        try:
            yield address_of(door).rstrip("/"), said
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def _quiet_again() -> Iterator[None]:
    """Leave the log of uvicorn as it was: the server takes it for itself."""
    log = logging.getLogger("uvicorn.error")
    handlers, propagate = log.handlers, log.propagate
    yield
    log.handlers, log.propagate = handlers, propagate


def _offered() -> SimpleNamespace:
    """Return what is offered without asking every question first, which takes longer than a test may."""
    return SimpleNamespace(
        like=lambda typed, language: suggest.like(suggest.lines(suggest._asked(language)), typed),
        questions=lambda topic, language: (topic.questions(language), True))


def _put_away(app: Starlette) -> None:
    if hasattr(app.state, "pictures"):
        app.state.pictures.close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the browser; no event loop of its driver stays behind."""
    if not CHROMIUM:
        pytest.skip("chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_ARGUMENTS), timeout=_PATIENCE_MS)
        yield browser
        browser.close()


@dataclass(slots=True)
class Person:
    """Somebody at the screen.  `complaints` is what went wrong unseen; `expected` are statuses that are no failure."""

    page: Page
    context: BrowserContext
    address: str
    language: str = "tg"
    touches: bool = True
    complaints: list[str] = field(default_factory=list)
    expected: set[int] = field(default_factory=set)
    requests: list[str] = field(default_factory=list)

    def words(self, section: str, key: str, **values) -> str:
        """Return the words of a page in the language of the person."""
        return text(self.language, section, key, **values)

    def begin(self, language: str = "tg") -> None:
        """Touch a language on the first screen."""
        self.language = language
        self.page.goto(self.address)
        self.press(self.page.locator(f"main button[name=language][value={language}]"))
        expect(self.page.locator("#question")).to_be_visible()
        self.page.wait_for_load_state()          # what scripts make nicer is there

    def go(self, path: str) -> None:
        """Open a page by its address."""
        self.page.goto(self.address + path)

    def ask(self, question: str) -> None:
        """Put a question into the box of the page and send it; return when the answer is there."""
        self.page.wait_for_load_state()
        self.page.locator("#question").fill(question)
        self.page.locator("form.ask").evaluate("form => form.requestSubmit()")
        self.answered()

    def send(self, path: str, **form: str) -> None:
        """Send a form of the page a person is on, without leaving it."""
        self.page.evaluate("""([path, form]) => fetch(path, {method: "POST", body: new URLSearchParams(form),
                                                            redirect: "manual"})""", [path, form])

    def answered(self) -> None:
        """Wait for an answer, whole, at its own address."""
        self.page.wait_for_url("**/answer/*")
        expect(self.page.locator("main[aria-busy=true], main [aria-busy=true]")).to_have_count(0)
        expect(self.main.locator("h1")).to_be_visible()

    def press(self, what: Locator) -> None:
        """Touch something, or reach it and press it without a pointer."""
        if self.touches:
            what.tap()
        else:
            self.reach(what)
            self.page.keyboard.press("Space" if what.get_attribute("type") in ("checkbox", "radio") else "Enter")

    def reach(self, what: Locator) -> None:
        """Go to something as somebody who has no pointer."""
        expect(what).to_be_attached()
        for _ in range(_MOST_TABS):
            if what.evaluate("one => one === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"not reached without a pointer: {what}")

    def write(self, field: Locator, words: str) -> None:
        """Write on the screen's own keyboard, or on a real one."""
        self.press(field) if self.touches else self.reach(field)
        if not self.touches:
            self.page.keyboard.type(words)
            return
        for letter in words:
            self.page.locator(f'#keyboard [data-key="{"space" if letter == " " else letter}"]').tap()

    @property
    def main(self) -> Locator:
        """What the page is about."""
        return self.page.locator("main")

    @property
    def path(self) -> str:
        """Where the person is."""
        return self.page.url.removeprefix(self.address)


def axe(page: Page) -> list[str]:
    """Return what axe has against a page, by the rules of WCAG up to 2.2 AA; it comes in beside the page's policy."""
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": _AXE.read_text(encoding="utf-8")})
    session.detach()
    found = page.evaluate("""() => axe.run(document, {resultTypes: ["violations"], runOnly: ["wcag2a", "wcag2aa",
        "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]})""")
    return [f"{one['id']}: {node['html'][:160]}" for one in found["violations"] for node in one["nodes"]]


@contextmanager
def standing_at(browser: Browser, served: Served, **context) -> Iterator[Person]:
    """Stand at the screen with a browser that remembers nothing; nothing may have gone wrong when leaving."""
    how = {"viewport": SCREEN, "has_touch": True} | context
    with browser.new_context(**how) as opened:
        opened.set_default_timeout(_PATIENCE_MS)
        person = Person(opened.new_page(), opened, served.address)
        _listen(person)
        yield person
        assert not person.complaints, person.complaints
    assert [line for line in served.said if "failed" in line] == []


def _listen(person: Person) -> None:
    """Note whatever a page of ours must not do."""
    def console(message) -> None:
        expected = any(f"status of {status}" in message.text for status in person.expected)
        if message.type in ("error", "warning") and not expected:
            person.complaints.append(f"console: {message.text}")

    def request(request) -> None:
        person.requests.append(request.url)
        if not request.url.startswith((person.address + "/", "blob:")):
            person.complaints.append(f"asked elsewhere: {request.url}")

    def response(response) -> None:
        if response.status >= 400 and response.status not in person.expected:
            person.complaints.append(f"{response.status}: {response.url}")

    def dialog(dialog) -> None:
        person.complaints.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    person.context.on("console", console)
    person.context.on("request", request)
    person.context.on("response", response)
    person.context.on("dialog", dialog)
    person.context.on("weberror", lambda error: person.complaints.append(f"script: {error.error}"))
