"""Which texts may answer a question, as far as the time it speaks of goes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pytest

from assistant.bearing import Bearing, bearing, parted, tells_the_past, years_named
from assistant.query import understand
from corpora.records import Act, Document, DocumentId, DocumentStatus, Fact, FactType

TODAY = date(2026, 11, 25)
SUPERSEDED, VOID = DocumentStatus.SUPERSEDED, DocumentStatus.VOID


@dataclass(frozen=True, slots=True)
class Told:
    """A unit of evidence as it is looked at here."""

    document: Document
    fact: Fact | None
    text: str
    score: float = 1.0


def told(text, kind=FactType.FEE, *, score=1.0, since=None, until=None, **fields):
    plain = {"id": DocumentId("d"), "title": "Нарх", "language": "tg", "file": "d.md", "sha256": "0" * 64,
             "media_type": "text/markdown", "extractor": "x", "status": DocumentStatus.IN_FORCE}
    fact = Fact("F-1", kind, text, valid_from=since, valid_until=until) if kind else None
    return Told(Document(**(plain | fields)), fact, text, score)


def asked(question, at=None):
    return understand(question, at=at, today=TODAY)


def bears(question, one, at=None):
    return bearing(asked(question, at), one, TODAY)


GAS_2009 = told("Аз 1 июли 2009 гази табиӣ барои аҳолӣ 1330 сомонӣ шуд.", since="2009-07-01", status=SUPERSEDED,
                as_of="2009-07-10")
FEE_2025 = told("Пеш аз октябри 2025 боҷи иваз кардани ном 225 сомонӣ буд.", status=SUPERSEDED)
REPEAL = told("Қарори 3 июли соли 2014, № 437 бо қарори № 271 бекор шудааст.", FactType.SUPERSEDES, until="2020-05-14",
              status=SUPERSEDED, act=Act("қарор", "437", "2014-07-03"))
TARIFF_2027 = told("Аз 1 январи 2027 меъёри ААИ 13 фоиз мешавад.", since="2027-01-01")


@pytest.mark.parametrize(("question", "one", "expected"), [
    ("Гази табиӣ имсол чанд пул аст?", GAS_2009, Bearing.LAPSED),
    ("Гази табиӣ чанд пул?", GAS_2009, Bearing.LAPSED),
    ("Соли 2009 газ чанд пул буд?", GAS_2009, Bearing.ASKED),
    ("Соли 2015 газ чанд пул буд?", GAS_2009, Bearing.LAPSED),
    ("Иваз кардани ном чанд пул?", FEE_2025, Bearing.LAPSED),
    ("Сколько стоила смена имени до октября 2025?", FEE_2025, Bearing.ASKED),
    ("Қарори № 437 ҳанӯз амал мекунад?", REPEAL, Bearing.HOLDS),
    ("Кадом қарор бекор шудааст?", REPEAL, Bearing.HOLDS),
    ("Комиссия ҳозир ҳам кор мекунад?", REPEAL, Bearing.HOLDS),
    ("Барои кумаки унвонӣ кадом ҳуҷҷатҳоро барам?", REPEAL, Bearing.BESIDE),
    ("НДС чанд фоиз аст?", TARIFF_2027, Bearing.LAPSED),
    ("Соли 2027 НДС чанд фоиз мешавад?", TARIFF_2027, Bearing.ASKED),
])
def test_what_a_question_speaks_of_may_answer_it(question, one, expected):
    found = bears(question, one)
    assert found == expected or (expected == Bearing.ASKED and found == Bearing.HOLDS)


def test_of_the_year_we_are_in_only_the_past_tense_asks_about_what_has_lapsed():
    january = told("Аз 1 апрели 2025 то 31 январи 2026 барқ 35,36 дирам буд.", since="2025-04-01", until="2026-01-31",
                   status=SUPERSEDED)
    assert bears("Соли 2026 барқ чанд дирам аст?", january) == Bearing.LAPSED
    assert bears("Моҳи январи 2026 барқ чанд дирам буд?", january) in (Bearing.ASKED, Bearing.HOLDS)
    assert bears("Сколько стоил свет в начале 2026 года?", january) in (Bearing.ASKED, Bearing.HOLDS)


def test_a_wrong_report_is_no_rule_of_the_year_it_names():
    wrong = told("Хабар барои соли 2025 792 сомонӣ навишт, вале ин нодуруст аст.", since="2025-01-01", status=VOID)
    assert bears("Соли 2025 кумаки унвонӣ чанд сомонӣ буд?", wrong) == Bearing.LAPSED
    ended = told("Соли 2015 боҷ 40 сомонӣ буд.", status=VOID, valid_from="2013-01-01", valid_until="2021-12-31")
    assert bears("Соли 2015 боҷ чанд сомонӣ буд?", ended) == Bearing.HOLDS


def test_whether_a_report_is_true_may_be_answered_from_what_is_void():
    wrong = told("Хабар 460 нишондиҳанда навишт, ки нодуруст аст.", status=VOID)
    assert bears("460 нишондиҳанда рост аст?", wrong) == Bearing.ASKED
    assert bears("Хизмати пулакӣ чанд нишондиҳанда аст?", wrong) == Bearing.LAPSED


def test_the_number_of_an_act_brings_its_text():
    act = told("Тартиби кассаҳо.", None, status=VOID, act=Act("қарор", "210", "2013-05-02"))
    assert bears("Дар қарори № 210 чӣ гуфта шудааст?", act) == Bearing.ASKED
    assert bears("Дар қарори № 211 чӣ гуфта шудааст?", act) == Bearing.LAPSED


def test_a_number_that_is_no_year_brings_nothing():
    assert bears("Қарори № 2009 дар бораи газ чист?", GAS_2009) == Bearing.LAPSED


def test_a_lapsed_amount_gives_way_to_one_that_holds_unless_it_says_more():
    now = told("Ҳоло газ 2000 сомонӣ аст.", score=2.0)
    old = told(GAS_2009.text, score=1.5, since="2009-07-01", status=SUPERSEDED)
    question = replace(asked("Хонаи соли 2009 сохташуда: гази табиӣ"), at=None)
    assert parted(question, [now, old], TODAY) == ([now], [old])
    louder = told(GAS_2009.text, score=2.5, since="2009-07-01", status=SUPERSEDED)
    assert parted(question, [louder, now], TODAY) == ([louder, now], [])


def test_on_a_day_asked_about_what_held_in_its_year_answers_beside_what_held_that_day():
    autumn = told("Аз 1 сентябри соли 2025 музд 1000 сомонӣ буд.", since="2025-09-01", until="2026-08-31",
                  status=SUPERSEDED, valid_until="2026-08-31")
    summer = told("Аз 1 июли соли 2024 музд 800 сомонӣ буд.", since="2024-07-01", until="2025-08-31", score=2.0,
                  status=SUPERSEDED, valid_until="2026-08-31")
    question = asked("Музди ҳадди ақал дар соли 2025 чанд сомонӣ буд?")
    assert parted(question, [summer, autumn], TODAY) == ([summer, autumn], [])
    assert parted(asked("Музди ҳадди ақал чанд сомонӣ аст?"), [summer, autumn], TODAY) == ([], [summer, autumn])


WAGES = [told("Аз 1 июли соли 2022 музд 600 сомонӣ буд.", since="2022-07-01", until="2024-06-30"),
         told("Аз 1 июли соли 2024 музд 800 сомонӣ буд.", since="2024-07-01", until="2025-08-31"),
         told("Аз 1 сентябри соли 2025 музд 1000 сомонӣ буд.", since="2025-09-01", until="2026-08-31"),
         told("Аз 1 сентябри соли 2026 музд 1300 сомонӣ аст.", since="2026-09-01")]


@pytest.mark.parametrize(("question", "values"), [
    ("Музди меҳнат дар моҳи марти 2024 чанд сомонӣ буд?", ["600"]),
    ("Музди меҳнат дар августи 2024 чанд сомонӣ буд?", ["800"]),
    ("минимальная зарплата в августе 2025 была сколько", ["800"]),
    ("Сколько была зарплата 15.10.2025?", ["1000"]),
    ("Моҳи июни 2026 музди меҳнат чанд буд?", ["1000"]),
    ("Музди меҳнат дар соли 2024 чанд сомонӣ буд?", ["600", "800"]),
    ("Музди меҳнат чанд сомонӣ аст?", ["1300"]),
    ("Музди меҳнат дар октябри 2026 чанд сомонӣ аст?", ["1300"]),
])
def test_the_month_named_tells_which_value_is_asked_for(question, values):
    answering, _ = parted(asked(question), WAGES, TODAY)
    assert [unit.text.split(" музд ")[1].split()[0] for unit in answering] == values


def test_what_begins_in_a_later_year_is_never_asked_for_by_the_year_in_its_text():
    later = told("Аз октябри 2025 боҷ 6 нишондиҳанда аст, соли 2024 3 буд.", since="2025-10-01")
    assert bears("Соли 2024 боҷ чанд буд?", later) == Bearing.LAPSED
    assert bears("Соли 2026 боҷ чанд аст?", later) == Bearing.HOLDS


@pytest.mark.parametrize(("question", "years"), [
    ("Овозае ҳаст, музди меҳнат 2000 шуд?", []),
    ("Фейсбук навишт ки нафақа 2000 сомонӣ мешавад, дуруст?", []),
    ("Нафақа аз 2000 то 2500 сомонӣ мешавад?", []),
    ("зарплата 2000 долларов", []),
    ("Правда, что зарплата стала 2000?", []),
    ("Барқ 2026 кВт чанд пул?", []),
    ("Минимальная зарплата в Таджикистане 2026", ["2026"]),
    ("Музди меҳнат соли 2000 шуд 2000 сомонӣ?", ["2000"]),
    ("Музди меҳнат дар 2024 буд?", ["2024"]),
    ("садик 2024 цена Душанбе", ["2024"]),
])
def test_a_sum_is_no_year(question, years):
    query = asked(question)
    assert sorted(years_named(query)) == years
    assert query.at is None or str(query.at.year) in years


FREE = told("Сабти Face ID ройгон аст.", since="2025-11-01", status=DocumentStatus.UNKNOWN, valid_until="2025-12-31",
            service="pension")


def test_an_amount_of_an_expired_notice_answers_where_no_newer_one_holds():
    question = asked("Face ID пулакӣ аст?")
    term = told("То охири декабр.", FactType.DEADLINE, until="2025-12-31", status=DocumentStatus.UNKNOWN,
                valid_until="2025-12-31", service="pension")
    same = told(FREE.text, service="pension")
    other = told("Боҷи мошин 20 сомонӣ аст.", service="car")
    assert bearing(question, FREE, TODAY) == Bearing.STANDS
    assert parted(question, [FREE, term, same, other], TODAY) == ([FREE, same, other], [term])
    assert tells_the_past(question, FREE, [FREE], TODAY)


def test_an_amount_of_an_expired_notice_gives_way_to_a_newer_one():
    newer = told("Сабти Face ID 5 сомонӣ аст.", service="pension")
    newer = replace(newer, fact=replace(newer.fact, id="F-2"))
    assert parted(asked("Face ID пулакӣ аст?"), [FREE, newer], TODAY) == ([newer], [FREE])


def test_what_tells_the_end_of_an_act_is_left_out_of_both_where_no_act_is_asked_about():
    assert parted(asked("Барои кумаки унвонӣ чӣ лозим?"), [REPEAL], TODAY) == ([], [])


@pytest.mark.parametrize("status", [SUPERSEDED, VOID])
@pytest.mark.parametrize("question", ["Боҷи талоқ чанд сомонӣ аст?", "Сколько стоит развод сегодня?",
                                      "How much is the divorce fee now?", "talok chand pul"])
def test_no_lapsed_fee_answers_a_question_about_today(status, question):
    fees = [told("Боҷи талоқ 75 сомонӣ буд.", since=since, until=until, status=status, valid_until=end)
            for since in (None, "2019-01-01", "2026-01-01") for until in (None, "2025-12-31")
            for end in (None, "2025-12-31")]
    answering, lapsed = parted(asked(question), fees, TODAY)
    assert answering == []
    assert lapsed == fees


def test_what_is_still_to_come_has_not_lapsed():
    assert parted(asked("НДС чанд фоиз аст?"), [TARIFF_2027], TODAY) == ([], [])
    assert parted(asked("Соли 2027 НДС чанд фоиз мешавад?"), [TARIFF_2027], TODAY) == ([TARIFF_2027], [])


def test_an_answer_is_an_earlier_rule_where_its_best_part_is():
    old, now = told("75 сомонӣ буд.", status=SUPERSEDED), told("150 сомонӣ аст.")
    today = asked("Боҷи талоқ чанд сомонӣ аст?")
    assert tells_the_past(today, old, [old, now], TODAY)
    assert not tells_the_past(today, now, [old, now], TODAY)
    assert tells_the_past(asked("Боҷи талоқ?", date(2024, 1, 1)), now, [old, now], TODAY)
    assert not tells_the_past(asked("Боҷи талоқ?", date(2024, 1, 1)), now, [now], TODAY)
