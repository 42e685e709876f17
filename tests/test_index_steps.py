"""Each step between a question and a passage can be left out, and then what it does is not done."""

from __future__ import annotations

import pytest

from index import Snapshot, build_snapshot
from index.records import SearchQuery
from index.steps import Step
from tests.encoders import HashingEncoder
from tests.entries import entry


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    path = tmp_path_factory.mktemp("steps") / "0001"
    entries = [entry("шиноснома", "Шиносномаи хориҷӣ дар ҳафт рӯз тайёр мешавад."),
               *(entry(f"дигар-{letter}", f"Матни {letter * 3} дар бораи боғ.") for letter in "бвгджзклмнпр")]
    build_snapshot(entries, path, encoder=HashingEncoder())
    with Snapshot.open(path, encoder=HashingEncoder()) as snapshot:
        yield snapshot


def found(snapshot, text, language="tg", script="Cyrl", *without):
    hits = snapshot.search(SearchQuery(text, language, script, without=frozenset((Step.VECTORS, *without))))
    return [hit.document.id for hit in hits]


@pytest.mark.parametrize(("question", "language", "script", "step"), [
    ("хоричи", "tg", "Cyrl", Step.FOLD), ("шиносномаҳоро", "tg", "Cyrl", Step.STEM),
    ("khoriji", "tg", "Latn", Step.LATIN), ("شناسنامه", "tg", "Arab", Step.PERSIAN),
    ("шиносноми", "tg", "Cyrl", Step.CORRECT), ("паспорт", "ru", "Cyrl", Step.LEXICON)])
def test_a_question_that_needs_a_step_finds_its_passage_only_with_it(snapshot, question, language, script, step):
    assert found(snapshot, question, language, script) == ["шиноснома"]
    left_out = (step,) if step is not Step.FOLD else (step, Step.LEXICON)
    assert found(snapshot, question, language, script, *left_out) == []


def test_words_as_they_stand_are_found_with_every_step_left_out(snapshot):
    assert found(snapshot, "Шиносномаи хориҷӣ", "tg", "Cyrl", *Step) == ["шиноснома"]


def test_vectors_are_not_looked_at_where_they_are_left_out(snapshot):
    query = SearchQuery("Шиносномаи хориҷӣ", "tg")
    assert snapshot.search(query)[0].scores["dense"] > 0
    bare = snapshot.search(SearchQuery("Шиносномаи хориҷӣ", "tg", without=frozenset((Step.VECTORS,))))
    assert [hit.scores["dense"] for hit in bare] == [0.0]
    assert snapshot.problems == []
