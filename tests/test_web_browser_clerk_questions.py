"""The clerk's pages of questions in a real browser: two journeys, axe in three modes and languages, the keyboard."""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from assistant.access.roles import Role
from assistant.texts import LANGUAGES, text
from tests.browser import axe, expect
from tests.front import OF, PASSWORDS, Front, desks_over
from tests.front_browser import served
from tests.test_web_clerk_questions import NEW, OLD, PAGES, QUESTION, edition

pytestmark = pytest.mark.browser

NAME = OF[Role.CLERK]
MODES = ({}, {"contrast": "high"}, {"size": "200"})


@pytest.fixture(scope="module")
def address(seed_config, tmp_path_factory):
    """The clerk's pages over the seed, and the address of one edition that took another's place."""
    folder = tmp_path_factory.mktemp("clerk")
    with pytest.MonkeyPatch.context() as patch:
        config = desks_over(seed_config, folder, patch)
        front = Front(config, Role.CLERK)
        with front.desk.current, served(front) as address:
            yield address, f"/clerk/act/{edition(front)[1].id}"


@contextmanager
def at_the_desk(browser, address, **wishes):
    """A page at which the clerk entered; no complaint of the console and no request to elsewhere is missed."""
    complaints = []
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **wishes)
    page = context.new_page()
    page.on("console", lambda one: one.type in ("error", "warning") and complaints.append(one.text))
    page.on("request", lambda one: one.url.startswith(address) or complaints.append(one.url))
    page.goto(f"{address}/enter")
    page.locator("#name").fill(NAME)
    page.locator("#given").fill(PASSWORDS[NAME])
    page.locator("form[action='/enter'] button").click()
    yield page
    context.close()
    assert complaints == []


def compare(page, address):
    page.goto(f"{address}/clerk/compare")
    for side, words in (("old", OLD), ("new", NEW)):
        page.locator(f"#{side}_file").set_input_files({"name": f"{side}.txt", "mimeType": "text/plain",
                                                       "buffer": words.encode()})
    page.locator("form[enctype] button").click()


def ask(page, address):
    page.goto(f"{address}/clerk/ask")
    page.locator("#question").fill(QUESTION)
    page.locator("form[action='/clerk/ask'] button").click()


def test_two_files_are_compared_and_printed(browser, address):
    with at_the_desk(browser, address[0], java_script_enabled=False) as page:
        compare(page, address[0])
        expect(page.locator(".change-plain").first).to_contain_text("150 сомонӣ")
        expect(page.locator("ins")).to_have_count(1)
        page.get_by_role("link", name=text("tg", "clerk_questions", "print"), exact=True).click()
        page.emulate_media(media="print")
        expect(page.locator("header.bar")).to_be_hidden()
        expect(page.locator("del")).to_be_visible()


def test_a_question_is_asked_explained_and_followed_to_its_source(browser, address):
    with at_the_desk(browser, address[0]) as page:
        ask(page, address[0])
        assert "/clerk/answer/" in page.url
        expect(page.locator(".explain table")).to_be_visible()
        page.locator(".explain summary").click()
        expect(page.locator(".explain-lines")).to_contain_text("understood")
        page.locator("details.source summary").first.click()
        page.locator("details.source a.button").first.click()
        expect(page.locator("#mark").first).to_be_attached()


def test_a_comparison_is_begun_by_the_keyboard_alone(browser, address):
    with at_the_desk(browser, address[0]) as page:
        page.goto(address[0] + address[1])
        button = page.locator("form[action='/clerk/compare'] button")
        for _ in range(80):
            page.keyboard.press("Tab")
            if button.evaluate("one => one === document.activeElement"):
                break
        page.keyboard.press("Enter")
        page.wait_for_url("**/clerk/compared/*")


@pytest.mark.thorough
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("mode", MODES, ids=["plain", "contrast", "large"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(browser, address, language, mode):
    with at_the_desk(browser, address[0]) as page:
        # What lies under the bar at the foot of a screen is scrolled out from under it; axe does not scroll.
        page.set_viewport_size({"width": 1280, "height": 9000})
        page.locator(f"form[action='/language'] button[value='{language}']").click()
        for name, value in mode.items():
            page.locator(f"form[action='/look'] button[name='{name}'][value='{value}']").click()

        def seen():
            assert axe(page) == [], page.url
            assert page.evaluate("document.documentElement.scrollWidth") <= 1280, page.url

        for path in (*PAGES, address[1]):
            page.goto(address[0] + path)
            seen()
        page.goto(f"{address[0]}/clerk/search")
        page.locator("#words").fill("шиноснома")
        page.locator("form[action='/clerk/search'] button").click()
        seen()
        compare(page, address[0])
        seen()
        ask(page, address[0])
        seen()
