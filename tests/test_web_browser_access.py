"""Every screen for everybody: axe finds nothing, fingers hit, narrow and enlarged pages lose nothing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest

from tests.browser import axe, expect, standing_at
from tests.walk import SCREENS, walk

pytestmark = pytest.mark.browser

# 320 CSS pixels: a screen of 1280 at 400 % (WCAG 2.2, 1.4.10).
NARROW = {"width": 320, "height": 640}
# What is touched, on a screen of 27 inches: 20 mm (research: ux.md).
TARGET_PX = 64
# A fraction of a pixel lost in rounding.
ROUNDING_PX = 0.5
# What cannot be pressed where it stands after it was brought into view: something else lies over it.
COVERED = """() => [...document.querySelectorAll("main a, main button, main summary, main input, main textarea")]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.closest(".visually-hidden"))
    .filter((one) => {
        one.scrollIntoView({block: "center", behavior: "instant"});
        const {x, y, width, height} = one.getBoundingClientRect();
        const hit = document.elementFromPoint(x + width / 2, y + height / 2);
        return !hit || !(one.contains(hit) || hit.contains(one) || hit.closest("label")?.contains(one));
    }).map((one) => one.outerHTML.slice(0, 120))"""
MODES = {"normal": {}, "high contrast": {"contrast": "high"}, "200 %": {"size": "200"}}


@dataclass(slots=True)
class Walked:
    """A visit whose screens were all reached once; `paths` are their addresses by name."""

    person: object
    paths: dict[str, str]


@pytest.fixture(scope="module")
def walked(browser, seed_kiosk):
    """Somebody who has been everywhere; pages are opened again by their addresses."""
    with standing_at(browser, seed_kiosk) as person:
        person.expected = {404}
        yield Walked(person, walk(person))


@pytest.fixture
def look(walked):
    """Change how the pages look, and change it back."""
    page = walked.person.page

    def change(**changes):
        for name, value in changes.items():
            walked.person.send("/look", **{name: value})

    yield change
    change(contrast="normal", size="100", reach="full")
    page.set_viewport_size({"width": 1080, "height": 1920})


@pytest.mark.parametrize("mode", [pytest.param(mode, marks=[pytest.mark.thorough] * (mode != "normal"))
                                  for mode in MODES])
def test_axe_finds_nothing_on_any_screen(walked, look, mode):
    look(**MODES[mode])
    found = {name: faults for name, path in walked.paths.items() if (faults := _faults(walked.person, path))}
    assert found == {}
    assert set(walked.paths) == set(SCREENS)


def _faults(person, path):
    person.go(path)
    return axe(person.page)


def test_axe_finds_nothing_on_the_keyboard_and_on_the_question_whether_anybody_is_there(walked):
    page = walked.person.page
    walked.person.go("/home")
    page.locator("#question").tap()
    expect(page.locator("#keyboard")).to_be_visible()
    assert axe(page) == []
    page.evaluate("document.querySelector('#idle').showModal()")
    assert axe(page) == []


@pytest.mark.thorough
@pytest.mark.parametrize("size", ["100", "200"])
def test_what_is_touched_is_as_large_as_a_thumb(walked, look, size):
    look(size=size)
    small = {}
    for name, path in walked.paths.items():
        walked.person.go(path)
        small |= {f"{name}: {label}": box for label, box in _targets(walked.person.page)
                  if min(box) < TARGET_PX - ROUNDING_PX}
    assert small == {}


def _targets(page):
    """Return what can be touched on a page, with its width and height; a number in a sentence is a link of the text."""
    return page.evaluate("""() => [...document.querySelectorAll(
            "a, button, summary, input, textarea, select, label:has(input)")]
        .filter((one) => one.checkVisibility({visibilityProperty: true})
                         && !one.closest(".visually-hidden, .skip, p > a:not(.button)")
                         && !(one.matches("input") && one.closest("label")))
        .map((one) => { const {width, height} = one.getBoundingClientRect();
                        return [`${one.tagName} ${one.textContent.trim().slice(0, 40)}`, [width, height]]; })""")


@pytest.mark.thorough
@pytest.mark.parametrize("size", ["100", "200"])
def test_a_narrow_page_is_read_without_moving_it_sideways(walked, look, size):
    look(size=size)
    walked.person.page.set_viewport_size(NARROW)
    wide = {}
    for name, path in walked.paths.items():
        walked.person.go(path)
        over = walked.person.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            wide[name] = over
    assert wide == {}


@pytest.mark.thorough
def test_at_four_times_the_size_nothing_is_lost_and_every_control_can_be_pressed(walked):
    page, person = walked.person.page, walked.person
    lost = []
    for name, path in walked.paths.items():
        page.set_viewport_size({"width": 1280, "height": 1024})
        person.go(path)
        before = page.locator("main").inner_text().split()
        page.set_viewport_size({"width": 320, "height": 256})
        lost += [f"{name}: {word}" for word in before if word not in page.locator("main").inner_text().split()]
        lost += [f"{name}: {control}" for control in page.evaluate(COVERED)]
    page.set_viewport_size({"width": 1080, "height": 1920})
    assert lost == []


@pytest.mark.thorough
def test_whoever_wants_no_motion_sees_none(browser, seed_kiosk):
    with standing_at(browser, seed_kiosk, reduced_motion="reduce") as person:
        person.begin()
        moving = person.page.evaluate("""() => [...document.querySelectorAll("*")].filter((one) => {
            const style = getComputedStyle(one);
            const lasts = (some) => some.split(",").some((one) => parseFloat(one) > 0.01);
            return lasts(style.transitionDuration)
                || (style.animationName !== "none" && lasts(style.animationDuration));
        }).map((one) => one.outerHTML.slice(0, 80))""")
        assert moving == []
        assert person.page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


@pytest.mark.thorough
def test_where_the_hand_reaches_lower_the_controls_are_in_the_lower_half(walked, look):
    look(reach="low")
    person = walked.person
    for name in ("home", "answer", "topic"):
        person.go(walked.paths[name])
        tops = person.page.evaluate("""() => [...document.querySelectorAll(".bar button, .bar a")]
            .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect().top)""")
        assert min(tops) >= person.page.viewport_size["height"] / 2, name


def test_a_reader_hears_that_an_answer_is_there_and_begins_with_the_question(person):
    person.begin()
    person.ask("Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?")
    expect(person.page.locator("html")).to_have_attribute("lang", "tg")
    expect(person.main.locator("[aria-live], [role=log]")).to_have_count(0)
    expect(person.main.locator("h1")).to_have_count(1)
    levels = person.main.evaluate(
        "main => [...main.querySelectorAll('h1, h2, h3')].map((one) => Number(one.tagName[1]))")
    assert all(after - before <= 1 for before, after in pairwise(levels))
