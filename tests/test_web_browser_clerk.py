"""The clerk's cards in a real browser: from files to an approved note, by mouse and by keyboard; axe finds nothing."""

from __future__ import annotations

import pytest

from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.review import Standing
from benchmarks.notices.drawing import draw, pdf
from benchmarks.notices.samples import samples
from tests.browser import axe
from tests.front import OF, PASSWORDS, Front, desks
from tests.front_browser import served
from tests.reviewing import CONFLICTING, NOTICE, QUESTION

pytestmark = pytest.mark.browser
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def front(tmp_path, monkeypatch):
    return Front(desks(tmp_path / "data", monkeypatch), Role.CLERK)


@pytest.fixture
def notice(tmp_path):
    """A printed notice in two pages' worth of lines."""
    title, *lines = [line for line in NOTICE.splitlines() if line]
    path = tmp_path / "огоҳинома.pdf"
    path.write_bytes(pdf([f"# {title}", *lines]))
    return path


class Clerk:
    """A clerk at a browser; what a page must not do is a complaint."""

    def __init__(self, browser, address, **context):
        self.complaints, self.address = [], address
        self.context = browser.new_context(**{"viewport": WIDE} | context)
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        self.page.on("console", lambda one: one.type in ("error", "warning") and self.complaints.append(one.text))
        self.page.on("pageerror", lambda one: self.complaints.append(str(one)))
        self.page.on("request", lambda one: one.url.startswith(address) or self.complaints.append(one.url))
        self.page.goto(f"{address}/enter")
        self.page.locator("#name").fill(OF[Role.CLERK])
        self.page.locator("#given").fill(PASSWORDS[OF[Role.CLERK]])
        self.page.locator("form[action='/enter'] button").click()

    def give(self, *files, text=""):
        self.page.goto(f"{self.address}/clerk")
        self.page.locator("#files").set_input_files([str(one) for one in files])
        self.page.locator("#text").fill(text)
        with self.page.expect_navigation(url="**/clerk#readings"):
            self.page.locator("#give button").click()
        self.page.locator("#again").wait_for(state="detached")

    def leave(self):
        self.context.close()
        assert self.complaints == []


@pytest.fixture
def clerk(browser, front):
    with served(front) as address:
        clerk = Clerk(browser, address)
        yield clerk
        clerk.leave()


def standing(front, number=1):
    with opened_store(front.config) as store:
        return store.reviews.get(number).standing


def test_a_notice_is_given_its_quotes_opened_in_their_places_corrected_and_approved(front, clerk, notice):
    clerk.give(notice)
    page = clerk.page
    page.locator("#cards ~ * a[href='/clerk/card/1']").click()
    for number in page.locator("#missing a.cite").all_inner_texts():
        page.locator("#missing a.cite", has_text=number).first.click()
        mark, frame = page.locator("#mark"), page.locator("#sheet")
        assert mark.is_visible()
        box, window = mark.bounding_box(), frame.bounding_box()
        assert window["y"] - 1 <= box["y"] <= window["y"] + window["height"]
    page.locator("#field-where summary").click()
    page.locator("#values-where").fill("ба ҷамоат")
    page.locator("#reason-where").fill("кӯтоҳ")
    page.locator("#field-where form[action$='/edit'] button").click()
    page.locator("#question").fill(QUESTION)
    page.locator("form[action$='/question'] button").click()
    page.locator("#name").fill("А. Сафарова")
    page.locator("form[action$='/approve'] button").click()
    assert standing(front) is Standing.APPROVED
    assert page.locator("form[action$='/edit']").count() == 0
    with page.expect_download() as taken:
        page.locator("a[href='/clerk/card/1.json']").click()
    assert taken.value.suggested_filename == "card-1.json"


def test_a_card_is_approved_with_the_keyboard_alone_and_without_scripts(browser, front, notice):
    with served(front) as address:
        clerk = Clerk(browser, address, java_script_enabled=False)
        page = clerk.page
        page.locator("#text").fill(NOTICE)
        page.keyboard.press("Tab")
        with page.expect_navigation(url="**/clerk#readings"):
            page.keyboard.press("Enter")
        front.app.state.readings._thread.submit(lambda: None).result(30)
        page.goto(f"{address}/clerk/card/1")
        for number in page.locator("#missing a.cite").all_inner_texts():
            page.locator("#missing a.cite", has_text=number).first.focus()
            with page.expect_navigation(url="**quote=**"):
                page.keyboard.press("Enter")
        page.locator("#question").focus()
        page.keyboard.type(QUESTION)
        with page.expect_navigation():
            page.keyboard.press("Enter")
        page.locator("#name").focus()
        page.keyboard.type("А. Сафарова")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        assert standing(front) is Standing.APPROVED
        clerk.leave()


LOOKS = ("size=100", "contrast=high", "size=200")


@pytest.mark.parametrize(("language", "look"), [
    pytest.param(language, look, marks=[] if (language, look) == ("tg", "size=100") else pytest.mark.thorough)
    for language in ("tg", "ru", "en") for look in LOOKS])
def test_axe_finds_nothing_on_any_page_in_any_look_and_nothing_is_cut(clerk, tmp_path, language, look):
    files = {one.format: draw(one) for one in samples()}
    for kind in ("scan", "docx"):
        (tmp_path / files[kind][0]).write_bytes(files[kind][1])
    page, (name, value) = clerk.page, look.split("=")
    page.locator(f"button[name='language'][value='{language}']").click()
    page.locator(f"#look button[name='{name}'][value='{value}']").click()
    clerk.give(*(tmp_path / files[kind][0] for kind in ("scan", "docx")), text=CONFLICTING)
    for path in ("/clerk", "/clerk/card/1?quote=1", "/clerk/card/2?quote=2", "/clerk/card/3?quote=2",
                 "/clerk/card/3/print"):
        page.goto(f"{clerk.address}{path}")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= WIDE["width"], path
