"""The rows of the on-screen keyboard: the official Tajik ones, and no letter that cannot be typed or drawn."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[1] / "assistant" / "web" / "static"
TAJIK = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюя"
RUSSIAN = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя"
OFFICIAL = ["ё 1 2 3 4 5 6 7 8 9 0 ғ ӯ", "й қ у к е н г ш ҳ з х ъ", "ф ҷ в а п р о л д ж э", "я ч с м и т ӣ б ю ."]
ROW = 26                                # half columns


def constant(name):
    text = (STATIC / "layouts.js").read_text(encoding="utf-8")
    return json.loads(re.search(rf"^export const {name} = (.+?);$", text, re.M | re.S)[1])


LAYERS, LAST, WIDTHS = (constant(name) for name in ("LAYERS", "LAST", "WIDTHS"))


def keys(layer):
    return [name for row in (*LAYERS[layer]["rows"], LAST) for name in row.split()]


def typed(layer):
    """Return what a layer can type, by a touch or by holding."""
    return {name for name in keys(layer) if name not in WIDTHS} | set(LAYERS[layer]["held"].values())


def test_the_tajik_rows_are_those_of_the_official_layout():
    rows = [[name for name in row.split() if name not in WIDTHS] for row in LAYERS["tg"]["rows"]]
    assert [row[:len(official.split())] for row, official in zip(rows, OFFICIAL, strict=True)] == \
        [official.split() for official in OFFICIAL]


def test_every_letter_of_tajik_is_a_touch_away_and_those_of_russian_names_are_held():
    assert set(TAJIK) <= set(keys("tg"))
    assert set(RUSSIAN) <= typed("tg")


def test_every_letter_of_russian_is_a_touch_away_and_the_six_of_tajik_are_held():
    assert set(RUSSIAN) <= set(keys("ru"))
    assert LAYERS["ru"]["held"] == {"г": "ғ", "к": "қ", "х": "ҳ", "ч": "ҷ", "и": "ӣ", "у": "ӯ"}
    assert set(TAJIK) <= typed("ru")


def test_every_letter_of_english_is_a_touch_away():
    assert set("abcdefghijklmnopqrstuvwxyz0123456789") <= set(keys("en"))


@pytest.mark.parametrize("layer", LAYERS)
def test_a_row_fills_the_keyboard_and_no_key_of_a_layer_is_there_twice_but_common_signs(layer):
    rows = [*LAYERS[layer]["rows"], LAST]
    assert [sum(WIDTHS.get(name, 2) for name in row.split()) for row in rows] == [ROW] * 5
    own = [name for row in LAYERS[layer]["rows"] for name in row.split()]
    assert len(own) == len(set(own))


@pytest.mark.parametrize("layer", LAYERS)
def test_what_is_held_is_another_letter_of_a_key_that_is_there(layer):
    held = LAYERS[layer]["held"]
    assert set(held) <= set(keys(layer))
    assert not set(held.values()) & set(keys(layer))


def test_the_language_key_goes_round_all_languages():
    tour = ["tg"]
    while len(tour) <= len(LAYERS):
        tour.append(LAYERS[tour[-1]]["next"])
    assert tour[:4] == ["tg", "ru", "en", "tg"]
    assert all(one != other for one, other in pairwise(tour))


def test_signs_of_questions_and_of_documents_can_be_typed():
    assert set("?!.,:;-—()«»№%/\"'") <= set(keys("signs"))
