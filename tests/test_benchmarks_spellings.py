"""Questions are retyped in every habit, the same on every machine, and stay readable."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from index.scripts import latin_to_folded, script_of
from index.tokens import fold, words

PATH = Path(__file__).parents[1] / "benchmarks" / "spellings.py"
QUESTION = "Барои гирифтани шиносномаи хориҷӣ чӣ қадар боҷ месупоранд?"


@pytest.fixture(scope="module")
def habits():
    spec = importlib.util.spec_from_file_location("spellings", PATH)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.habits


def test_the_same_question_is_always_retyped_alike(habits):
    assert habits(QUESTION) == habits(QUESTION)
    assert all(text != QUESTION for text in habits(QUESTION).values())


def test_without_letters_the_folded_words_are_the_same(habits):
    bare = habits(QUESTION)
    for habit in ("made: no letters", "made: й and ў"):
        assert not set("ғӣқӯҳҷ") & set(bare[habit])
        assert [fold(word) for word in words(bare[habit])] == [fold(word) for word in words(QUESTION)]


@pytest.mark.parametrize("habit", ["made: Latin, BGN", "made: Latin, ISO 9", "made: Latin, chat"])
def test_latin_habits_can_be_read_back(habits, habit):
    text = habits(QUESTION)[habit]
    assert script_of(text) == "Latn"
    assert all(latin_to_folded(word) for word in words(text))


@pytest.mark.parametrize(("habit", "slips"), [("made: one slip", 1), ("made: two slips", 2)])
def test_so_many_words_have_a_slip_and_the_others_none(habits, habit, slips):
    pairs = zip(words(habits(QUESTION)[habit]), words(QUESTION), strict=True)
    assert sum(one != other for one, other in pairs) == slips
