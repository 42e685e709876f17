"""The on-screen keyboard and the suggestions in a real browser, under the policy of every page."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from assistant.texts import text
from assistant.web import pages, suggest
from assistant.web.guard import Guard
from assistant.web.session import Sessions
from tests.browser import axe, expect, running

pytestmark = pytest.mark.browser

ANSWER = ('<!doctype html><html lang="tg"><title>Ҷавоб</title><link rel="icon" href="/static/icons/birth.svg">'
          "<h1>Ҷавоб</h1></html>")
TAJIK = "ғӣқӯҳҷ"
PAGE = """<!doctype html><html lang="{{ language }}"><head><meta charset="utf-8"><title>Санҷиш</title>
<link rel="icon" href="/static/icons/birth.svg"><link rel="stylesheet" href="/static/fonts.css">
<link rel="stylesheet" href="/static/style.css"><link rel="stylesheet" href="/static/keyboard.css">
<script type="module" src="/static/keyboard.js"></script><script type="module" src="/static/suggest.js"></script>
</head><body><main><h1>Санҷиш</h1><form method="post" action="/ask" data-ask><label for="question">Савол</label>
<textarea id="question" name="question" maxlength="40" rows="3" inputmode="text" autocomplete="off"></textarea>
{% include "suggest.html" %}<button>Пурсидан</button></form>
<form method="post" action="/ask"><label>Ном <input name="name" autocomplete="off"></label>
<label>Рақам <input name="question" type="tel" autocomplete="off"></label>
<label>Сана <input type="date"></label></form></main>
<nav class="bar bar--bottom"><button class="tile" type="submit" form="under">Дигар</button></nav>
<form id="under" method="post" action="/ask"><input type="hidden" name="question" value="-"></form>
{% include "keyboard.html" %}</body></html>"""


@dataclass
class Place:
    """A page with a field, where it is served, and the questions that were asked there."""

    url: str
    asked: list[str]


def _application(asked):
    async def page(request: Request) -> HTMLResponse:
        visit = pages.session_of(request)
        visit.language = language = request.query_params.get("language", "tg")
        html = pages._TEMPLATES.from_string(PAGE).render(language=language, t=lambda *key: text(language, *key))
        return pages.known(request, HTMLResponse(html))

    async def ask(request: Request) -> HTMLResponse:
        asked.append((await request.form())["question"])
        return HTMLResponse(ANSWER)

    routes = [Route("/", page), Route("/ask", ask, methods=["POST"]), *suggest.routes(),
              Mount("/static", StaticFiles(directory=pages.HERE / "static"))]
    app = Starlette(routes=routes, middleware=[Middleware(Guard)])
    app.state.desk = SimpleNamespace(config=None, current=None, sessions=Sessions(lambda: 0.0, 60))
    return app


@pytest.fixture(scope="module")
def place():
    """The pages with the questions of the life events to suggest; no documents are needed."""
    asked = []
    app = _application(asked)
    app.state.suggestions = SimpleNamespace(
        like=lambda typed, language: suggest.like(suggest.lines(suggest._asked(language)), typed))
    with running(app) as (url, _):
        yield Place(url, asked)


@pytest.fixture
def page(browser, place):
    """The page on a portrait screen, touched; it fails where the browser complains of anything."""
    context = browser.new_context(viewport={"width": 1080, "height": 1920}, has_touch=True)
    page, complaints, requests = context.new_page(), [], []
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: requests.append(request))
    page.goto(place.url)
    yield page
    assert complaints == []
    assert all(request.url.startswith(place.url) for request in requests)
    context.close()


def key(page, name):
    return page.locator(f'.key[data-key="{name}"]')


def field(page):
    return page.locator("#question")


def tap(page, names):
    for name in names:
        key(page, name).tap()


def hold(page, name, then=""):
    """Hold a key until its other letter shows; the clock of the page stands still and is moved on."""
    page.clock.install()
    box = key(page, name).bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.clock.run_for(700)
    expect(key(page, name)).to_have_class("key key--2 key--held")
    if then:
        other = key(page, then).bounding_box()
        page.mouse.move(other["x"] + 5, other["y"] + 5)
    page.mouse.up()


def test_the_letters_of_tajik_are_typed_by_touch_and_the_field_keeps_the_focus(page):
    expect(page.locator("#keyboard")).to_be_hidden()
    field(page).tap()
    tap(page, TAJIK)
    expect(field(page)).to_have_value(TAJIK)
    expect(field(page)).to_be_focused()
    expect(field(page)).to_have_attribute("inputmode", "none")


@pytest.mark.thorough
def test_a_letter_goes_where_the_caret_is_and_erasing_takes_the_one_before_it(page):
    field(page).fill("нафқа")
    field(page).tap()
    page.evaluate("document.querySelector('textarea').setSelectionRange(3, 3)")
    tap(page, "аӯ")
    key(page, "erase").tap()
    expect(field(page)).to_have_value("нафақа")


@pytest.mark.thorough
def test_nothing_is_typed_beyond_the_longest_question(page):
    field(page).fill("ҳ" * 40)
    field(page).tap()
    tap(page, "қ")
    expect(field(page)).to_have_value("ҳ" * 40)


def test_a_key_held_down_gives_its_other_letter_and_let_go_elsewhere_gives_none(page):
    field(page).tap()
    hold(page, "с")
    expect(field(page)).to_have_value("ц")
    hold(page, "ш", then="ф")
    expect(field(page)).to_have_value("ц")


@pytest.mark.thorough
def test_the_russian_layer_gives_the_six_letters_of_tajik_when_held(page):
    field(page).tap()
    key(page, "layer").tap()
    expect(key(page, "layer")).to_have_text("English")
    for name in "гкхчиу":
        hold(page, name)
    expect(field(page)).to_have_value("ғқҳҷӣӯ")


@pytest.mark.thorough
def test_one_letter_is_capital_after_shift_and_all_are_after_two(page):
    field(page).tap()
    key(page, "shift").tap()
    expect(key(page, "shift")).to_have_attribute("aria-pressed", "true")
    tap(page, "ққ")
    expect(key(page, "shift")).to_have_attribute("aria-pressed", "false")
    tap(page, ["shift", "shift", "ҷ", "ӯ"])
    expect(field(page)).to_have_value("ҚқҶӮ")


@pytest.mark.thorough
def test_signs_are_a_touch_away_and_letters_come_back(page):
    field(page).tap()
    tap(page, ["signs", "«", "signs", "ҳ", "space", "?"])
    expect(field(page)).to_have_value("«ҳ ?")


@pytest.mark.thorough
def test_erasing_goes_on_while_the_key_is_held(page):
    field(page).fill("ҳуҷҷат")
    field(page).tap()
    page.clock.install()
    box = key(page, "erase").bounding_box()
    page.mouse.move(box["x"] + 9, box["y"] + 9)
    page.mouse.down()
    expect(field(page)).to_have_value("ҳуҷҷа")
    page.clock.run_for(2000)
    expect(field(page)).to_have_value("")
    page.mouse.up()


def test_every_key_is_reached_and_pressed_without_a_pointer(page):
    field(page).tap()
    key(page, "й").focus()
    for press in ("ArrowRight", "ArrowRight", "ArrowRight", "Enter", "ArrowDown", "Space", "ArrowUp", "ArrowLeft"):
        page.keyboard.press(press)
    expect(key(page, "у")).to_be_focused()
    expect(field(page)).to_have_value("ка")
    page.keyboard.press("Tab")
    expect(key(page, "к")).to_be_focused()
    key(page, "shift").press("Enter")
    expect(key(page, "shift")).to_be_focused()
    expect(key(page, "shift")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#keyboard")).to_be_hidden()
    expect(field(page)).to_be_focused()


@pytest.mark.thorough
def test_the_keyboard_is_hidden_by_its_key_and_by_typing_on_a_real_one(page):
    field(page).tap()
    key(page, "hide").tap()
    expect(page.locator("#keyboard")).to_be_hidden()
    page.get_by_label("Сана").tap()
    expect(page.locator("#keyboard")).to_be_hidden()
    field(page).tap()
    expect(page.locator("#keyboard")).to_be_visible()
    page.keyboard.type("ha")
    expect(field(page)).to_have_value("ha")
    expect(page.locator("#keyboard")).to_be_hidden()


@pytest.mark.thorough
def test_the_touch_that_hides_the_keyboard_presses_nothing_that_was_under_it(page, place):
    field(page).tap()
    key(page, "hide").tap()
    expect(page.locator("#keyboard")).to_be_hidden()
    expect(field(page)).to_be_focused()
    assert page.url == f"{place.url}/"
    assert "-" not in place.asked


def test_a_field_that_is_typed_into_stands_above_the_keyboard(page):
    page.set_viewport_size({"width": 1080, "height": 760})
    page.get_by_label("Рақам").tap()
    expect(page.locator("#keyboard")).to_be_visible()
    expect(page.get_by_label("Рақам")).to_be_focused()
    box, keyboard = page.get_by_label("Рақам").bounding_box(), page.locator("#keyboard").bounding_box()
    assert box["y"] + box["height"] <= keyboard["y"]


@pytest.mark.thorough
def test_a_narrow_page_leaves_typing_to_the_machine(page):
    page.set_viewport_size({"width": 360, "height": 640})
    field(page).tap()
    expect(page.locator("#keyboard")).to_be_hidden()
    expect(field(page)).to_have_attribute("inputmode", "text")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.thorough
def test_keys_are_wide_and_high_enough_for_a_thumb_on_every_layer(page):
    field(page).tap()
    for step in ("layer", "layer", "signs", "signs"):
        boxes = page.locator(".key").evaluate_all("(keys) => keys.map((key) => key.getBoundingClientRect().toJSON())")
        assert min(box["width"] for box in boxes) >= 65
        assert min(box["height"] for box in boxes) >= 64
        assert max(box["right"] for box in boxes) <= 1080
        key(page, step).tap()


@pytest.mark.thorough
@pytest.mark.parametrize("contrast", ["normal", "high"])
def test_axe_finds_nothing_to_mend_with_keyboard_and_suggestions_open(page, contrast):
    page.evaluate("(contrast) => { document.documentElement.dataset.contrast = contrast; }", contrast)
    field(page).tap()
    tap(page, "нафака")
    expect(page.get_by_role("option").first).to_be_visible()
    assert axe(page) == []


def test_a_suggestion_is_asked_by_a_touch_though_the_letters_of_tajik_were_missing(page, place):
    field(page).tap()
    tap(page, "нафака")
    option = page.get_by_role("option").first
    expect(option).to_contain_text("Нафақа")
    chosen = option.text_content()
    expect(page.get_by_role("status")).to_contain_text(text("tg", "suggest", "found"))
    option.tap()
    expect(page.get_by_role("heading", name="Ҷавоб")).to_be_visible()
    assert place.asked[-1] == chosen
    assert "?" not in page.url


@pytest.mark.thorough
def test_a_suggestion_is_chosen_by_arrows_and_closed_by_escape(page, place):
    before = list(place.asked)
    field(page).press_sequentially("kvota")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(page.get_by_role("option")).to_have_count(0)
    field(page).fill("shinos")
    expect(page.get_by_role("option")).to_have_count(3)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").first).to_have_attribute("aria-selected", "true")
    expect(field(page)).to_have_attribute("aria-activedescendant", "suggested-0")
    assert place.asked == before
    chosen = page.get_by_role("option").first.text_content()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Ҷавоб")).to_be_visible()
    assert place.asked[-1] == chosen


@pytest.mark.thorough
def test_the_enter_key_asks_what_was_typed(page, place):
    field(page).tap()
    tap(page, ["ҳ", "а", "enter"])
    expect(page.get_by_role("heading", name="Ҷавоб")).to_be_visible()
    assert place.asked[-1] == "ҳа"


@pytest.mark.thorough
def test_in_a_form_of_several_fields_the_enter_key_leads_to_the_next_and_then_sends(page, place):
    page.get_by_label("Ном").tap()
    expect(key(page, "enter")).to_have_text(text("tg", "keyboard", "next"))
    tap(page, ["ҷ", "enter", "9", "2"])
    expect(page.get_by_label("Рақам")).to_be_focused()
    expect(page.get_by_label("Ном")).to_have_value("ҷ")
    key(page, "enter").tap()
    expect(page.get_by_role("heading", name="Ҷавоб")).to_be_visible()
    assert place.asked[-1] == "92"
