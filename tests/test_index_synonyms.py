"""Everyday words stand for official ones, and a word for the others of its meaning."""

from __future__ import annotations

import pytest

from index import Snapshot, build_snapshot
from index.lexicon import Lexicon
from index.records import SearchQuery
from index.steps import Step
from index.synonyms import synonyms
from index.tokens import fold, words
from tests.entries import entry


@pytest.fixture(scope="module")
def lexicon():
    return Lexicon.load()


def readable(lexicon, question):
    return {item.readable for item in synonyms([fold(word) for word in words(question)], lexicon)}


@pytest.mark.parametrize(("said", "official"), [
    ("метрикаи писарам гум шуд", "шаҳодатномаи таваллуд"), ("ба аскарӣ мебаранд", "хизмати ҳарбӣ"),
    ("развод чанд пул", "бекор кардани ақди никоҳ")])
def test_what_people_say_stands_for_what_official_texts_say(lexicon, said, official):
    assert official in readable(lexicon, said)


def test_a_word_leads_to_the_others_that_translate_the_same_word(lexicon):
    found = synonyms(["тифл"], lexicon)
    assert "кудак" in {item.target for item in found}
    assert all(item.target != "тифл" for item in found)
    assert all(0 < item.weight <= 1 and (item.start, item.end) == (0, 1) for item in found)


def test_a_word_nobody_knows_has_no_others(lexicon):
    assert synonyms(["аронсоло"], lexicon) == []


def test_a_passage_is_found_by_an_everyday_word_and_not_without_that_step(tmp_path):
    entries = [entry("таваллуд", "Шаҳодатномаи таваллуд дар САҲШ дода мешавад."),
               *(entry(f"дигар-{letter}", f"Матни {letter * 3} дар бораи боғ.") for letter in "бвгджзклмнпр")]
    build_snapshot(entries, tmp_path / "s", encoder=None)
    with Snapshot.open(tmp_path / "s", encoder=None) as snapshot:
        assert [hit.document.id for hit in snapshot.search(SearchQuery("метрика", "tg"))] == ["таваллуд"]
        assert snapshot.search(SearchQuery("метрика", "tg", without=frozenset((Step.SYNONYMS, Step.LEXICON)))) == []
