"""What holds on a day, and what a reader is told about it."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.validity import holds, is_stale, warnings
from corpora.records import Document, DocumentId, DocumentStatus, Fact, FactType

TODAY = date(2026, 11, 25)


def document(**fields):
    plain = {"id": DocumentId("d"), "title": "Боҷи давлатӣ", "language": "tg", "file": "d.md", "sha256": "0" * 64,
             "media_type": "text/markdown", "extractor": "x", "status": DocumentStatus.IN_FORCE}
    return Document(**(plain | fields))


def fact(**fields):
    return Fact("ID-001", FactType.FEE, "50 сомонӣ", **fields)


def test_a_document_in_force_holds_and_nothing_is_said():
    assert holds(document(), None, TODAY)
    assert warnings([document()], "tg", TODAY) == []


@pytest.mark.parametrize("status", [DocumentStatus.SUPERSEDED, DocumentStatus.VOID])
def test_a_lapsed_document_never_holds_today_and_says_so(status):
    lapsed = document(status=status)
    assert not holds(lapsed, None, TODAY)
    assert warnings([lapsed], "tg", TODAY)


def test_a_lapsed_document_holds_on_the_days_of_its_stated_validity():
    lapsed = document(status=DocumentStatus.SUPERSEDED, valid_from="2019-01-01", valid_until="2020-12-31")
    assert holds(lapsed, None, date(2020, 7, 1))
    assert not holds(lapsed, None, date(2021, 1, 1))


def test_a_fact_holds_within_its_own_dates_even_where_they_are_years():
    assert holds(document(), fact(valid_from="2026"), TODAY)
    assert not holds(document(), fact(valid_until="2025"), TODAY)
    assert holds(document(), fact(valid_until="2025"), date(2025, 12, 31))


def test_what_is_not_yet_in_force_does_not_hold():
    assert not holds(document(status=DocumentStatus.NOT_YET_IN_FORCE), None, TODAY)


def test_past_its_review_date_a_document_is_stale_and_dated():
    stale = document(review_by="2025-12-31", as_of="2025-01-20")
    assert is_stale(stale, TODAY)
    assert "20 январи соли 2025" in warnings([stale], "tg", TODAY)[0]


def test_an_expired_document_says_when_it_ended_and_is_said_once():
    expired = document(valid_until="2025-08-01")
    said = warnings([expired, expired], "ru", TODAY)
    assert len(said) == 1
    assert "1 августа 2025 года" in said[0]
