"""The questions of a release: read strictly, asked for their own day, and no stricter than they say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.admission import MOST_QUESTIONS, AdmissionError, check, check_neighbour, read_admission
from index import Snapshot, build_snapshot
from tests.receiving import ASKED, asking, bees, fishing

RIGHT, WRONG = (ASKED, ["fishing"], ["40 сомонӣ"]), (ASKED, ["fishing"], ["50 сомонӣ"])
DECLINED = ("Нархи тилло дар Лондон чанд аст?", [], [])


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    path = tmp_path_factory.mktemp("нусха") / "0001"
    build_snapshot([fishing(40), bees()], path, encoder=None)
    return path


@pytest.fixture
def snapshot(built):
    with Snapshot.open(built, encoder=None) as snapshot:
        yield snapshot


def test_questions_are_read_with_their_day_and_share():
    admission = read_admission(asking(RIGHT, DECLINED, least=0.5))
    assert (admission.day, admission.least, admission.wanted) == (date(2026, 11, 25), 0.5, 1)
    assert [(one.question, one.documents, one.values) for one in admission.questions] == [
        (ASKED, ("fishing",), ("40 сомонӣ",)), (DECLINED[0], (), ())]


def test_a_release_without_questions_asks_nothing(snapshot):
    check(snapshot, read_admission(b""), "min-health/1")
    assert read_admission(b"").wanted == 0


@pytest.mark.parametrize("data", [
    b"[]", b"{}\n", b"\xff", b'{"format":"rohnamo-admission","version":2,"day":"2026-11-25","least":1}\n',
    asking(RIGHT, least=1.5), asking(RIGHT, least=-1), asking((5, [], [])), asking(("а" * 1001, [], [])),
    asking(("а", [], [5])), asking(("а", [["б"]], [])), asking(*[RIGHT] * (MOST_QUESTIONS + 1)), b"[" * 100_000])
def test_what_is_not_well_made_is_refused_in_a_sentence(data):
    with pytest.raises(AdmissionError, match="the admission questions cannot be read"):
        read_admission(data)


def test_those_that_are_not_answered_rightly_are_named_in_order(snapshot):
    failed = read_admission(asking(WRONG, RIGHT, DECLINED, (ASKED, [], []))).failed(snapshot)
    assert [one.documents for one in failed] == [("fishing",), ()]
    with pytest.raises(AdmissionError, match="2 of the 4 admission questions of min-health/2") as caught:
        check(snapshot, read_admission(asking(WRONG, RIGHT, DECLINED, (ASKED, [], []))), "min-health/2")
    assert "3 have to be" not in str(caught.value)
    assert ASKED in str(caught.value)


def test_as_many_as_are_wanted_suffice(snapshot):
    check(snapshot, read_admission(asking(WRONG, RIGHT, DECLINED, RIGHT, least=0.75)), "min-health/2")


def test_a_question_about_a_document_that_is_not_there_fails(snapshot):
    assert len(read_admission(asking((ASKED, ["elsewhere"], []))).failed(snapshot)) == 1


def test_a_question_about_a_withdrawn_document_is_let_pass(built):
    with Snapshot.open(built, encoder=None, withdrawn=lambda document, _: document == "fishing") as snapshot:
        assert read_admission(asking(WRONG)).failed(snapshot) == ()


def test_questions_are_asked_as_on_their_day(tmp_path):
    dated = replace(fishing(40), document=replace(fishing(40).document, valid_until="2026-12-31"))
    build_snapshot([dated], tmp_path / "dated", encoder=None)
    with Snapshot.open(tmp_path / "dated", encoder=None) as snapshot:
        assert read_admission(asking(RIGHT)).failed(snapshot) == ()
        assert len(read_admission(asking(RIGHT).replace(b"2026-11-25", b"2030-01-01")).failed(snapshot)) == 1


def test_a_neighbour_is_measured_by_what_it_answers_now(snapshot, tmp_path):
    admission = read_admission(asking(RIGHT, WRONG))
    with pytest.raises(AdmissionError):
        check_neighbour(snapshot, lambda: None, admission, "min-health/1")
    check_neighbour(snapshot, lambda: snapshot, admission, "min-health/1")
    build_snapshot([bees()], tmp_path / "worse", encoder=None)
    with Snapshot.open(tmp_path / "worse", encoder=None) as worse, \
            pytest.raises(AdmissionError, match="0 of the 2"):
        check_neighbour(worse, lambda: snapshot, admission, "min-health/1")


def test_fewer_questions_are_taken_evenly():
    many = read_admission(asking(*[(f"саволи {number}?", [], []) for number in range(40)]))
    assert [one.question for one in many.some(4).questions] == [f"саволи {number}?" for number in (0, 10, 20, 30)]
    assert many.some(100) == many
