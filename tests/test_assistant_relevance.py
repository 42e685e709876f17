"""The signs of a sentence: each has a name and a weight, says what its name says, and stays in its range."""

from __future__ import annotations

from datetime import date
from math import isfinite

import pytest

from assistant import abstain, relevance
from assistant.query import understand
from assistant.relevance import SIGNS, WEIGHTS, Look, score, unknowing
from assistant.retrieve import retrieve
from corpora.records import Fact, FactType
from index import Snapshot, build_snapshot
from tests.entries import entry

TODAY = date(2026, 11, 25)
FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TERM = "Шиносномаи хориҷӣ дар муҳлати 10 рӯз дода мешавад."
HOW_MUCH = "Шиносномаи хориҷӣ чанд сомонӣ аст?"


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory):
    """Two documents about a passport, one about something else."""
    path = tmp_path_factory.mktemp("relevance") / "0001"
    build_snapshot([
        entry("шиноснома", ("Маблағ", FEE), ("Муҳлат", TERM), title="Шиносномаи хориҷӣ", service="passport"),
        entry("никоҳ", "Ақди никоҳ дар САҲШ ба қайд гирифта мешавад.", title="Ақди никоҳ", service="marriage"),
        *(entry(f"дигар-{letter}", f"Матни {letter * 3} дар бораи боғу дарахтон.") for letter in "бвгджзклмнпр"),
    ], path, encoder=None)
    with Snapshot.open(path, encoder=None) as opened:
        yield opened


@pytest.fixture
def seen(snapshot):
    """The signs of a text, as it stands in the first hit, by name."""
    def look(question, text, fact=None, *, holding=True):
        query = understand(question, today=TODAY)
        hits = retrieve(snapshot, query)
        return dict(zip(SIGNS, Look(query, hits, snapshot).signs(hits[0], text, fact, holding=holding), strict=True))

    return look


@pytest.mark.parametrize("module", [relevance, abstain])
def test_every_sign_has_a_name_of_its_own_and_a_weight(module):
    assert len(set(module.SIGNS)) == len(module.SIGNS) == len(module.WEIGHTS)
    assert all(isfinite(weight) and abs(weight) < 20 for weight in module.WEIGHTS)


def test_the_signs_of_a_sentence_lie_between_minus_one_and_one(assistant):
    for question in ("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?", "Сколько стоит развод в 2026 году?"):
        units = assistant.account(question).evidence.considered
        assert all(len(unit.signs) == len(SIGNS) for unit in units)
        assert all(-1 <= sign <= 1.000001 for unit in units for sign in unit.signs)


def test_a_score_is_the_weighed_sum_of_the_signs(assistant):
    evidence = assistant.account("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?").evidence
    first = evidence.considered[0]
    assert first.score == pytest.approx(sum(weight * sign for weight, sign in zip(WEIGHTS, first.signs, strict=True)))
    assert score([0.0] * len(SIGNS)) == 0
    scores = [unit.score for unit in evidence.considered]
    assert scores == sorted(scores, reverse=True)


def test_a_sentence_that_says_what_is_asked_holds_more_of_the_question_than_another(seen):
    near, far = seen(HOW_MUCH, FEE), seen(HOW_MUCH, "Дар толор чой менӯшанд.")
    assert all(near[name] > far[name] for name in ("words", "vector", "topic vector", "soft", "softest", "back"))


def test_the_title_over_a_sentence_counts_where_the_sentence_does_not_name_its_subject(seen):
    signs = seen(HOW_MUCH, "Маблағ 250 сомонӣ аст.")
    assert signs["placed"] > signs["words"]
    assert signs["soft placed"] > signs["soft"]


@pytest.mark.parametrize(("sign", "question", "text"), [
    ("sum asked", HOW_MUCH, FEE), ("term asked", "Шиносномаи хориҷӣ дар чанд рӯз дода мешавад?", TERM),
    ("date asked", "Шиносномаи хориҷӣ аз кай дода мешавад?", "Аз 1 июли 2026 шиносномаи хориҷӣ дода мешавад."),
    ("age asked", "Шиносномаи хориҷӣ аз чандсолагӣ дода мешавад?", "Шиноснома аз 16-солагӣ дода мешавад.")])
def test_what_is_asked_for_is_seen_where_it_is_stated_and_only_there(seen, sign, question, text):
    assert seen(question, text)[sign] == 1
    assert seen(question, "Шиносномаи хориҷӣ се намуд дорад.")[sign] == 0
    assert seen("Шиносномаи хориҷӣ чист?", text)[sign] == 0


def test_a_fact_of_the_kind_asked_for_is_told_from_another_fact(seen):
    fee, term = Fact("F1", FactType.FEE, FEE), Fact("F2", FactType.DURATION, TERM)
    told = [(signs["fact"], signs["typed"]) for signs in (seen(HOW_MUCH, FEE, fee), seen(HOW_MUCH, TERM, term),
                                                          seen(HOW_MUCH, FEE))]
    assert told == [(1, 1), (1, 0), (0, 0)]


def test_a_number_of_the_question_is_found_or_lacking(seen):
    question = "Шиносномаи хориҷӣ 250 сомонӣ аст?"
    assert (seen(question, FEE)["numbers"], seen(question, FEE)["number lacking"]) == (1, 0)
    assert (seen(question, TERM)["numbers"], seen(question, TERM)["number lacking"]) == (0, 1)
    assert seen(HOW_MUCH, FEE)["number lacking"] == 0


def test_what_does_not_hold_and_what_is_in_another_language_is_seen(seen):
    assert (seen(HOW_MUCH, FEE)["lapsed"], seen(HOW_MUCH, FEE, holding=False)["lapsed"]) == (0, 1)
    assert (seen(HOW_MUCH, FEE)["own"], seen("Сколько стоит загранпаспорт?", FEE)["own"]) == (1, 0)


@pytest.mark.parametrize("text", ["Нархи он маълум нест.", "Цена неизвестна.", "Срок в источнике не указан."])
def test_a_text_that_says_that_nothing_is_known_is_told_from_a_fact(text):
    assert unknowing(text, None)
    assert not unknowing(text, Fact("F1", FactType.FEE, text))
    assert not unknowing(FEE, None)
