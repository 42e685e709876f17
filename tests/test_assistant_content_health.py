"""What documents need from the people who keep them, over the papers of one office and over the seed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.content_health import _void_cited, read_content, unread_pages
from corpora.records import Act, DocumentStatus
from tests.office import PAPERS

DAY = date(2026, 11, 25)


@pytest.fixture(scope="module")
def found(office):
    return read_content(office.snapshot, "en", DAY)


def test_what_ends_soon_is_told_as_the_indicator_before_the_first_of_january(found):
    assert [(one.document.id, one.day) for one in found.expiring] == [("indicator-2026", "2026-12-31")]


def test_what_ended_long_ago_is_not_told_again(office):
    later = read_content(office.snapshot, "en", date(2027, 12, 1))
    assert "hunting-2015" not in {one.document.id for one in (*later.expiring, *later.review)}


def test_documents_are_told_before_their_review_and_after_it(office, found):
    assert found.review == ()
    soon = read_content(office.snapshot, "en", date(2027, 8, 1))
    over = read_content(office.snapshot, "en", date(2027, 12, 1))
    assert {one.day for one in (*soon.review, *over.review)} == {"2027-10-01"}
    assert {one.document.id for one in soon.review} >= {"fishing-2025", "bees"}


def test_sources_that_disagree_are_told_with_both(found):
    assert len(found.conflicts) == 1
    assert {one.document.id for one in found.conflicts[0].citations} == {"fishing-2024", "fishing-2025"}


def test_services_are_counted_by_language_and_what_lapsed_is_not_counted(found):
    assert found.coverage["fishing"] == {"tg": 2, "ru": 0, "en": 0}
    assert found.coverage["hunting"]["tg"] == 1
    assert "boats" not in found.coverage
    assert found.documents >= len(PAPERS)


def test_a_document_that_rests_on_a_void_act_is_told_and_its_successor_is_not(office):
    """The act of fishing-2024 is void here; `bees` names it, `fishing-2025` took its place and names it too."""
    documents = {one.id: one for one in office.snapshot.documents()}
    act = Act("қарор", "11", "2024-02-10")
    void = replace(documents["fishing-2024"], status=DocumentStatus.VOID, act=act, superseded_by="fishing-2025")
    held = [documents["bees"], documents["fishing-2025"], documents["hunting-2022"]]

    class Texts:
        def passages(self, name):
            text = "Тибқи қарори Ҳукумати Ҷумҳурии Тоҷикистон аз 10 феврали соли 2024, №11 боҷ гирифта мешавад."
            passage = office.snapshot.passages(name)[0]
            return (replace(passage, text=text),) if name != "hunting-2022" else (passage,)

    told = list(_void_cited(Texts(), held, [void, *held], DAY))
    assert [(one.document.id, one.act.number, one.lapsed.id) for one in told] == [("bees", "11", "fishing-2024")]
    in_force = replace(void, status=DocumentStatus.IN_FORCE)
    assert not list(_void_cited(Texts(), held, [in_force, *held], DAY))


def test_pages_that_were_not_read_are_told_by_number(office):
    document = replace(office.snapshot.documents()[0], notes=(
        "page 7 is refused: it is noise", "decoded as CP1251", "page 3 cannot be read",
        "page 7 is refused: it is noise", "page 12 repaired"))
    assert unread_pages(document) == (3, 7)


def test_the_object_for_programs_has_it_all(found):
    plain = found.to_json()
    assert plain["day"] == "2026-11-25"
    assert plain["expiring"][0]["document"] == "indicator-2026"
    assert plain["conflicts"][0]["documents"]
    assert set(plain) == {"day", "documents", "review", "expiring", "conflicts", "void_cited", "unread", "coverage"}
