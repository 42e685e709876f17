"""What holds on a day, and what a reader is told about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from assistant.texts import LANGUAGES
from assistant.validity import begins, holds, is_past, is_stale, says_it_ended, stands, successor, warnings
from corpora.records import Act, Document, DocumentId, DocumentStatus, Fact, FactType

TODAY = date(2026, 11, 25)
IN_FORCE, UNKNOWN, SUPERSEDED, VOID, NOT_YET = (
    DocumentStatus.IN_FORCE, DocumentStatus.UNKNOWN, DocumentStatus.SUPERSEDED, DocumentStatus.VOID,
    DocumentStatus.NOT_YET_IN_FORCE)


def document(**fields):
    plain = {"id": DocumentId("d"), "title": "Боҷи давлатӣ", "language": "tg", "file": "d.md", "sha256": "0" * 64,
             "media_type": "text/markdown", "extractor": "x", "status": IN_FORCE}
    return Document(**(plain | fields))


def fact(kind=FactType.FEE, quote="50 сомонӣ", **fields):
    return Fact("ID-001", kind, quote, **fields)


def warned(documents, language="tg"):
    return warnings([(one, None) for one in documents], language, TODAY)


def test_a_document_in_force_holds_and_nothing_is_said():
    assert holds(document(), None, TODAY)
    assert warned([document()]) == []


@pytest.mark.parametrize("status", [SUPERSEDED, VOID])
def test_a_lapsed_document_never_holds_today_and_says_so(status):
    lapsed = document(status=status)
    assert not holds(lapsed, None, TODAY)
    assert warned([lapsed])


# status, the document's dates, the fact's dates, the day, whether it holds
MATRIX = [
    (IN_FORCE, (None, None), (None, None), "2026-11-25", True),
    (UNKNOWN, (None, None), (None, None), "2026-11-25", True),
    (IN_FORCE, ("2026-01-01", None), (None, None), "2025-12-31", False),
    (IN_FORCE, ("2026-01-01", None), (None, None), "2026-01-01", True),
    (IN_FORCE, (None, "2025-12-31"), (None, None), "2026-01-01", False),
    (UNKNOWN, (None, "2025-12-31"), (None, None), "2025-12-31", True),
    (IN_FORCE, ("2020-01-01", "2026-12-31"), ("2026-01-01", "2026-06-30"), "2026-07-01", False),
    (IN_FORCE, ("2020-01-01", "2024-12-31"), ("2026-01-01", None), "2026-07-01", False),
    (SUPERSEDED, ("2019-01-01", "2020-12-31"), (None, None), "2020-07-01", True),
    (SUPERSEDED, ("2019-01-01", "2020-12-31"), (None, None), "2021-01-01", False),
    (SUPERSEDED, ("2019-01-01", None), (None, None), "2020-07-01", False),
    (SUPERSEDED, (None, None), ("2019-01-01", "2020-12-31"), "2020-07-01", True),
    (SUPERSEDED, (None, None), ("2019-01-01", None), "2020-07-01", False),
    (SUPERSEDED, (None, "2027-06-30"), (None, None), "2026-11-25", True),
    (SUPERSEDED, (None, "2027-06-30"), (None, None), "2027-07-01", False),
    (VOID, ("2013-01-01", "2021-12-31"), (None, None), "2015-01-01", True),
    (VOID, ("2013-01-01", "2021-12-31"), (None, None), "2026-11-25", False),
    (VOID, (None, None), ("2013-01-01", "2021-12-31"), "2015-01-01", False),
    (VOID, (None, None), (None, None), "2015-01-01", False),
    (NOT_YET, (None, None), (None, None), "2026-11-25", False),
    (NOT_YET, ("2027-01-01", None), (None, None), "2026-12-31", False),
    (NOT_YET, ("2027-01-01", None), (None, None), "2027-01-01", True),
    (NOT_YET, (None, None), ("2027-01-01", None), "2027-03-01", True),
    (IN_FORCE, ("2026", None), (None, None), "2026-01-01", True),
    (IN_FORCE, ("2026-03", None), (None, None), "2026-02-28", False),
    (IN_FORCE, (None, "2025"), (None, None), "2025-12-31", True),
    (IN_FORCE, (None, "2025"), (None, None), "2026-01-01", False),
    (IN_FORCE, (None, None), (None, "2025-06"), "2025-06-30", True),
    (IN_FORCE, (None, None), (None, "2025-06"), "2025-07-01", False),
]


@pytest.mark.parametrize(("status", "dates", "own", "day", "expected"), MATRIX)
def test_what_holds_on_a_day(status, dates, own, day, expected):
    stated = fact(valid_from=own[0], valid_until=own[1])
    one = document(status=status, valid_from=dates[0], valid_until=dates[1], facts=(stated,))
    assert holds(one, stated, date.fromisoformat(day)) is expected


@pytest.mark.parametrize("status", [SUPERSEDED, VOID])
@pytest.mark.parametrize("dates", [(None, None), ("2019-01-01", None), (None, "2025-12-31"), ("2019", "2025")])
@pytest.mark.parametrize("own", [(None, None), ("2019-01-01", None), ("2026-01-01", None), (None, "2024")])
def test_no_lapsed_amount_holds_today(status, dates, own):
    stated = fact(valid_from=own[0], valid_until=own[1])
    one = document(status=status, valid_from=dates[0], valid_until=dates[1])
    assert not holds(one, stated, TODAY)
    assert is_past(one, stated, TODAY)


def test_an_act_does_not_hold_before_it_was_adopted():
    act = document(kind="act", act=Act("қарор", "406", "2014-06-13"))
    assert not holds(act, None, date(2010, 1, 1))
    assert holds(act, None, date(2014, 6, 13))


def test_an_undated_amount_is_not_carried_into_the_past():
    seen = document(as_of="2026-02-01")
    assert holds(seen, fact(), TODAY)
    assert not holds(seen, fact(), date(2016, 7, 1))
    assert holds(seen, fact(FactType.PROCEDURE), date(2016, 7, 1))


def test_that_an_act_was_ended_holds_from_the_day_after_its_end():
    ended = fact(FactType.SUPERSEDES, "Қарори № 203 беэътибор аст.", valid_from="2009-04-02", valid_until="2020-05-27")
    for status in (IN_FORCE, VOID, SUPERSEDED):
        assert holds(document(status=status), ended, TODAY)
        assert not holds(document(status=status), ended, date(2015, 1, 1))
    assert not is_past(document(), ended, TODAY)


def test_a_term_that_says_itself_it_has_passed_may_be_read_whenever():
    passed = fact(FactType.DEADLINE, "Муҳлат 15 феврали 2023 буд ва гузаштааст.", valid_until="2023-02-15")
    told = fact(FactType.DEADLINE, "Муҳлат 15 феврали 2023 буд.", valid_until="2023-02-15")
    old = document(status=SUPERSEDED, valid_until="2023-02-15")
    assert holds(old, passed, TODAY)
    assert not holds(old, told, TODAY)


@pytest.mark.parametrize(("one", "stated", "past"), [
    (document(), None, False),
    (document(status=SUPERSEDED), None, True),
    (document(status=SUPERSEDED, valid_until="2027-01-01"), None, False),
    (document(valid_until="2025-12-31"), None, True),
    (document(), fact(valid_until="2025"), True),
    (document(), fact(valid_from="2027-01-01"), False),
    (document(status=NOT_YET, valid_from="2027-01-01"), None, False),
])
def test_an_earlier_rule_is_told_from_one_to_come(one, stated, past):
    assert is_past(one, stated, TODAY) is past


def test_what_begins_later_says_when():
    assert begins(document(status=NOT_YET, valid_from="2027-01-01"), None, TODAY) == "2027-01-01"
    assert begins(document(), fact(valid_from="2027"), TODAY) == "2027"
    assert begins(document(valid_from="2026"), fact(valid_from="2020-01-01"), TODAY) is None


def test_a_successor_is_the_last_of_a_line_and_no_circle_is_followed():
    first = document(id=DocumentId("a"), status=SUPERSEDED, superseded_by=DocumentId("b"))
    second = document(id=DocumentId("b"), status=SUPERSEDED, superseded_by=DocumentId("c"))
    third = document(id=DocumentId("c"))
    assert successor(first, {one.id: one for one in (first, second, third)}) is third
    assert successor(first, {one.id: one for one in (first, second)}) is None
    back = document(id=DocumentId("b"), status=SUPERSEDED, superseded_by=DocumentId("a"))
    assert successor(first, {one.id: one for one in (first, back)}) is None
    assert successor(third, {}) is None


@pytest.mark.parametrize(("review_by", "stale"), [("2025-12-31", True), ("2026", False), ("2026-11-25", False),
                                                  ("2026-10", True), (None, False)])
def test_a_document_is_stale_once_its_review_date_is_over(review_by, stale):
    assert is_stale(document(review_by=review_by), TODAY) is stale


@pytest.mark.parametrize(("one", "words"), [
    (document(status=VOID), "эътибор надорад."),
    (document(status=VOID, valid_until="2021-12-31"), "то 31 декабри соли 2021"),
    (document(status=SUPERSEDED), "иваз шудааст, дигар амал намекунад"),
    (document(status=SUPERSEDED, valid_until="2025-08-31"), "то 31 августи соли 2025"),
    (document(status=SUPERSEDED, valid_until="2027-08-31"), "танҳо то 31 августи соли 2027"),
    (document(status=NOT_YET, valid_from="2027-01-01"), "аз 1 январи соли 2027"),
    (document(status=NOT_YET), "маълум нест, ки аз кай"),
    (document(valid_until="2025-08-01"), "1 августи соли 2025 тамом шудааст"),
    (document(status=UNKNOWN, as_of="2019-05-08", review_by="2020-12-31"), "8 майи соли 2019"),
    (document(status=UNKNOWN), "аз манбаъ маълум нест"),
    (document(review_by="2025-12-31", as_of="2025-01-20"), "20 январи соли 2025"),
    (document(review_by="2025-12-31"), "муҳлати бознигарии ин маълумот гузаштааст"),
])
def test_one_line_says_the_gravest_thing_of_a_document(one, words):
    said = warned([one, one])
    assert len(said) == 1
    assert words in said[0]


def test_the_worst_is_said_first():
    stale = document(id=DocumentId("кӯҳна"), title="кӯҳна", review_by="2025-12-31")
    unknown = document(id=DocumentId("номаълум"), title="номаълум", status=UNKNOWN)
    void = document(id=DocumentId("беэътибор"), title="беэътибор", status=VOID)
    said = [*warned([stale, document(), void]), *warned([stale, unknown])]
    assert [line[1:line.index("»")] for line in said] == ["беэътибор", "кӯҳна", "номаълум", "кӯҳна"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_warning_is_left_without_its_date_or_title(language):
    for status in DocumentStatus:
        for until in (None, "2025-12-31", "2027-01-01"):
            one = document(status=status, valid_until=until, valid_from=None, review_by="2025", as_of=None)
            assert all("{" not in line and one.title in line for line in warned([one], language))


TABLE = document(id=DocumentId("ҷадвал"), title="Музд", status=SUPERSEDED, valid_until="2026-08-31")


@pytest.mark.parametrize(("one", "stated", "said"), [
    (TABLE, [fact(valid_from="2022-07-01", valid_until="2024-06-30")],
     "«Музд»: ин қоида то 30 июни соли 2024 амал мекард."),
    (TABLE, [fact(valid_until="2024-06-30"), fact(valid_until="2025-08-31")],
     "«Музд»: ин қоидаҳо дигар амал намекунанд."),
    (TABLE, [fact(valid_from="2017-01-01")], "«Музд»: иваз шудааст, дигар амал намекунад."),
    (TABLE, [None], "«Музд»: иваз шудааст; то 31 августи соли 2026 амал мекард."),
    (document(title="Нарх"), [fact(valid_until="2025-12-31"), None],
     "«Нарх»: як қисми ин маълумот то 31 декабри соли 2025 амал мекард."),
    (document(title="Нарх"), [fact(valid_from="2027-01-01")],
     "Ин қоида ҳанӯз амал намекунад; он аз 1 январи соли 2027 оғоз мешавад."),
    (document(title="Нарх", status=NOT_YET, valid_from="2027-01-01"), [fact(valid_from="2027-01-01")],
     "«Нарх»: ҳанӯз ба амал надаромадааст; аз 1 январи соли 2027 амал мекунад."),
])
def test_a_facts_own_dates_are_told_before_those_of_its_document(one, stated, said):
    assert warnings([(one, each) for each in stated], "tg", TODAY) == [said]


def test_in_russian_the_value_of_a_past_year_ended_with_its_year():
    value = fact(valid_from="2021-01-01", valid_until="2021-12-31")
    line, = warnings([(replace(TABLE, title="Показатель"), value)], "ru", TODAY)
    assert line == "«Показатель»: это правило действовало по 31 декабря 2021 года."


@pytest.mark.parametrize(("as_of", "dated"), [("2026-11-22", False), ("2026-08-28", False), ("2026-08-26", True)])
def test_what_was_seen_lately_is_not_said_to_be_of_another_day(as_of, dated):
    line, = warned([document(status=UNKNOWN, as_of=as_of)])
    assert ("ба ҳолати" in line) is dated
    assert "аз манбаъ маълум нест" in line


def test_documents_of_one_doubt_share_a_line_with_the_oldest_date():
    one, other = (document(id=DocumentId(title), title=title, status=UNKNOWN, as_of=as_of)
                  for title, as_of in (("Якум", "2024-05-08"), ("Дуюм", "2019-05-08")))
    line, = warned([one, other])
    assert line.startswith("«Якум», «Дуюм»: ")
    assert "8 майи соли 2019" in line


def test_only_what_does_not_hold_may_take_more_than_two_lines():
    void = [document(id=DocumentId(str(at)), title=str(at), status=VOID) for at in range(3)]
    stale = document(id=DocumentId("кӯҳна"), title="кӯҳна", review_by="2025-12-31")
    unknown = document(id=DocumentId("номаълум"), title="номаълум", status=UNKNOWN)
    assert len(warned([*void, stale, unknown])) == 3
    assert not any("кӯҳна" in line for line in warned([*void, stale, unknown]))
    assert [line[1:line.index("»")] for line in warned([stale, unknown, void[0]])] == ["0", "номаълум"]
    assert len(warned([stale, unknown])) == 2


@pytest.mark.parametrize(("quote", "says"), [
    ("Нафақагирон бояд то охири декабри соли 2025 аз сабт мегузаштанд.", False),
    ("Муҳлати сабт гузаштааст.", True)])
def test_that_people_went_through_something_does_not_say_it_ended(quote, says):
    assert says_it_ended(fact(FactType.DEADLINE, quote, valid_until="2025-12-31")) is says


NOTICE = document(status=UNKNOWN, valid_until="2025-12-31")


@pytest.mark.parametrize(("one", "stated", "expected"), [
    (NOTICE, fact(valid_from="2025-11-01"), True),
    (NOTICE, fact(valid_from="2025-11-01", valid_until="2025-12-31"), False),
    (NOTICE, fact(FactType.DEADLINE, "То охири сол."), False),
    (NOTICE, fact(valid_from="2027-01-01"), False),
    (NOTICE, None, False),
    (replace(NOTICE, status=SUPERSEDED), fact(), False),
    (replace(NOTICE, status=VOID), fact(), False),
    (document(), fact(), False),
])
def test_an_amount_may_outlast_its_expired_notice_unless_that_was_replaced(one, stated, expected):
    assert stands(one, stated, TODAY) is expected
    assert not (expected and holds(one, stated, TODAY))
