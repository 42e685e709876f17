"""Tajik in Persian letters is read as the words of the passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import SearchQuery, Snapshot, build_snapshot
from index.persian import nearest, persian_letters, skeleton, skeletons
from index.tokens import fold
from tests.entries import entry


@pytest.mark.parametrize(("persian", "tajik"), [
    ("شناسنامه", "шиноснома"), ("حجت", "ҳуҷҷат"), ("نفقه", "нафақа"), ("خارجی", "хориҷӣ"), ("گرفتن", "гирифтан"),
    ("قانون", "қонун"), ("کودک", "кӯдак"), ("صندوق", "сандуқ"), ("وزارت", "вазорат"), ("مهلت", "муҳлат")])
def test_both_spellings_of_a_word_have_the_same_consonants(persian, tajik):
    assert skeleton(fold(tajik)) in skeletons(persian)


def test_a_plural_is_read_without_its_ending_too():
    assert skeletons("حجتها") == ["хчтх", "хчт"]
    assert skeleton("хуччат") == "хчт"


def test_of_words_with_the_same_consonants_the_one_with_its_long_vowels_comes_first():
    assert nearest("کار", [("кор", 3), ("кура", 9)]) == ["кор", "кура"]
    assert nearest("نان", []) == []


def test_a_silent_he_at_the_end_is_a_vowel():
    assert persian_letters("نفقه") == "нфка"


@given(st.text(max_size=40))
def test_any_text_has_consonants_or_none(text):
    assert all(letter in "бпткчхдзжршгфлмнс" for found in skeletons(text) for letter in found)


def test_a_question_in_persian_letters_finds_the_passage(tmp_path):
    entries = [entry("passport", "Барои гирифтани шиноснома ҳуҷҷат лозим аст."),
               entry("pension", "Нафақаи маъюбӣ ҳар моҳ дода мешавад.")]
    build_snapshot(entries, tmp_path / "0001", encoder=None)
    with Snapshot.open(tmp_path / "0001", encoder=None) as snapshot:
        hits = snapshot.search(SearchQuery("گرفتن شناسنامه", "tg", "Arab"))
        assert hits[0].document.id == "passport"
        assert snapshot.search(SearchQuery("فوتبال", "tg", "Arab")) == []
