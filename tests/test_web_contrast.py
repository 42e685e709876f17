"""The colours of the pages can be told apart, by everybody, in both contrasts; what is touched is large enough."""

from __future__ import annotations

import re
from itertools import product

import pytest

from assistant.web.pages import HERE
from assistant.web.settings import KioskSettings
from assistant.web.visit import measures_of

CSS = (HERE / "static" / "style.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "sheet", "tint")
# WCAG 2.2: 1.4.3 for text, 1.4.11 for what is no text.
TEXT, NO_TEXT = 4.5, 3.0
MM_PER_INCH = 25.4


def tokens(selector):
    """The custom properties that are colours in the first rule of a selector."""
    rule = re.search(re.escape(selector) + r" \{(.*?)\}", CSS, re.DOTALL)[1]
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", rule))


NORMAL = tokens(":root")
HIGH = NORMAL | tokens('[data-contrast="high"]')
MODES = pytest.mark.parametrize("colours", [NORMAL, HIGH], ids=["normal", "high"])


def contrast(one, other):
    """WCAG's contrast ratio, 1 to 21."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    parts = [int(colour[at:at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_the_ratio_is_the_one_of_the_standard():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#ffbf47", "#ffffff") == pytest.approx(1.64, abs=0.02)


@MODES
def test_text_can_be_read_on_every_ground_it_stands_on(colours):
    pairs = [*product(("ink", "quiet", "accent"), GROUNDS), ("accent-ink", "accent"), ("warn", "paper"),
             ("warn", "sheet"), ("warn", "warn-paper"), ("ink", "warn-paper"), ("note", "note-paper"),
             ("ink", "note-paper"), ("note", "paper"), ("paper", "note"), ("paper", "warn"), ("accent", "warn-paper")]
    assert [pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < TEXT] == []


@MODES
def test_marked_words_can_be_read(colours):
    assert contrast("#1d2822", colours["mark"]) >= TEXT


@MODES
def test_edges_of_what_can_be_touched_or_filled_in_are_seen(colours):
    assert [(edge, ground) for edge, ground in product(("line", "accent"), GROUNDS)
            if contrast(colours[edge], colours[ground]) < NO_TEXT] == []


@MODES
def test_focus_is_seen_on_every_ground_by_one_of_its_two_colours_and_the_two_differ(colours):
    inner, outer = colours["focus-inner"], colours["focus-outer"]
    assert contrast(inner, outer) >= NO_TEXT
    for ground in (*GROUNDS, "accent", "warn-paper", "note-paper"):
        assert max(contrast(inner, colours[ground]), contrast(outer, colours[ground])) >= NO_TEXT, ground


def test_high_contrast_is_higher():
    for name in ("ink", "accent", "quiet"):
        assert contrast(HIGH[name], HIGH["paper"]) >= 7
        assert contrast(HIGH[name], HIGH["paper"]) > contrast(NORMAL[name], NORMAL["paper"])


@pytest.mark.parametrize(("inches", "pixels"), [(21.5, 81), (27, 65), (32, 55)])
def test_what_is_touched_is_twenty_millimetres_on_the_screen_it_is_for(inches, pixels):
    made = measures_of(KioskSettings(screen_inches=inches))
    target = int(re.search(r"--target: (\d+)px", made)[1])
    assert target == pixels
    assert target / ((1080 ** 2 + 1920 ** 2) ** 0.5 / (inches * MM_PER_INCH)) >= 20


def test_targets_do_not_shrink_with_the_window():
    assert re.search(r"--target: (\d+)px", CSS)[1] == "48"
    assert len(re.findall(r"min-height: (?:max\()?var\(--target\)", CSS)) >= 5


def test_nothing_moves_for_whoever_does_not_want_it():
    assert "prefers-reduced-motion: reduce" in CSS
    assert "animation: none !important" in CSS


def test_nothing_is_loaded_from_elsewhere():
    every = "".join(path.read_text(encoding="utf-8") for path in (HERE / "static").glob("*.css"))
    assert not re.search(r"https?:|@import|url\(\s*[\"']?(?:data|//)", every)
