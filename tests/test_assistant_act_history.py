"""Which documents held on a day, and which took whose place."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.act_history import Standing, bars, history, standing_on, standings
from corpora.records import Act, Document, DocumentId, DocumentStatus

DAY = date(2026, 11, 25)
HOLDS = Document(DocumentId("нав"), "Нав", "tg", "a.txt", "0" * 64, "text/plain", "text/1",
                 status=DocumentStatus.IN_FORCE, valid_from="2020-01-01", service="passport")
OLD = replace(HOLDS, id=DocumentId("кӯҳна"), status=DocumentStatus.SUPERSEDED, valid_from="2014",
              valid_until="2019-12-31", superseded_by=HOLDS.id)


def known(*documents):
    return {one.id: one for one in documents}


@pytest.mark.parametrize(("document", "day", "standing"), [
    (HOLDS, DAY, Standing.HELD), (HOLDS, date(2019, 12, 31), Standing.NOT), (HOLDS, date(2020, 1, 1), Standing.HELD),
    (OLD, date(2019, 12, 31), Standing.HELD), (OLD, date(2020, 1, 1), Standing.NOT),
    (replace(HOLDS, valid_from=None), DAY, Standing.UNKNOWN),
    (replace(HOLDS, valid_from=None, as_of="2025-06"), DAY, Standing.HELD),
    (replace(HOLDS, valid_from=None, as_of="2025-06"), date(2025, 5, 31), Standing.UNKNOWN),
    (replace(HOLDS, status=DocumentStatus.UNKNOWN), DAY, Standing.UNKNOWN),
    (replace(HOLDS, status=DocumentStatus.VOID), DAY, Standing.NOT),
    (replace(HOLDS, valid_from=None, kind="act", act=Act("қонун", "5", "2016-07-23")), date(2016, 7, 23),
     Standing.HELD)])
def test_a_document_held_did_not_or_that_is_not_known(document, day, standing):
    assert standing_on(document, day) is standing


def test_the_documents_of_a_service_are_parted_and_none_is_lost():
    other = replace(HOLDS, id=DocumentId("дигар"), service="pension")
    assert standings((OLD, HOLDS, other), DAY, "passport") == {
        Standing.HELD: [HOLDS], Standing.UNKNOWN: [], Standing.NOT: [OLD]}
    assert sum(map(len, standings((OLD, HOLDS, other), DAY).values())) == 3


def test_editions_stand_in_a_line_whichever_is_asked_about():
    first = replace(OLD, id=DocumentId("аввал"), superseded_by=OLD.id)
    for one in (first, OLD, HOLDS):
        assert history(one, known(first, OLD, HOLDS)) == (first, OLD, HOLDS)
    assert history(replace(HOLDS, id=DocumentId("танҳо")), known(first, OLD, HOLDS)) != (first, OLD, HOLDS)


def test_a_ring_or_a_successor_that_is_not_here_ends_the_line():
    ring = replace(HOLDS, superseded_by=OLD.id)
    assert set(history(OLD, known(OLD, ring))) == {OLD, ring}
    assert history(OLD, known(OLD)) == (OLD,)


def test_bars_stay_on_their_line_and_an_edition_without_a_first_day_has_none():
    undated = replace(HOLDS, id=DocumentId("бесана"), valid_from=None)
    found = bars((OLD, HOLDS, undated), DAY)
    assert [one.document for one in found] == [OLD, HOLDS]
    assert (found[0].start, found[1].end) == (0.0, 1.0)
    assert found[0].end <= found[1].start
    assert {(one.begins, one.ends) for one in found} == {("2014-01-01", DAY.isoformat())}
    assert bars((undated,), DAY) == ()
