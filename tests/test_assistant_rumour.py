"""Which questions are about an offer of money that may be a fraud, and what is said to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pytest

from assistant import rumour
from assistant.query import understand
from assistant.retrieve import retrieve
from assistant.texts import LANGUAGES
from corpora.records import Document, DocumentId, DocumentStatus, Fact, FactType

TODAY = date(2026, 11, 25)
# Questions written for this test.  The first half was tuned on, the second kept aside until the rules stood.
TUNED = {
    True: [
        "Ҷуброни 15000 сомонӣ аз андоз рост аст?",
        "Мегӯянд ба ҳар оила 5000 сомонӣ медиҳанд, рост аст?",
        "chubroni 15000 somoni az andoz rost ast?",
        "Ба ман смс омад, ки 3000 сомонӣ бурдаам. Линкро пахш кунам?",
        "Дар телеграм навиштаанд, ки ҳукумат ба мардум пул медиҳад. Ин ҳақиқат аст?",
        "Правда ли, что всем дают по 5000 сомони?",
        "Пришла ссылка на компенсацию от налогового комитета, это обман?",
        "Просят номер карты, чтобы перечислить пособие. Давать?",
        "Is it true that everyone gets 5000 somoni from the government?",
        "A link promises tax compensation of 15000 somoni, is it real?",
        "Рақами кортамро мепурсанд, то нафақаро гузаронанд. Диҳам?",
        "хама мегуянд ба хар шахрванд 2000 сомони медиханд дуруст аст",
        "Код из СМС просят, говорят для выплаты детям",
        "Лотереяи давлатӣ бурдам гуфтанд, рост аст?",
        "telegramda ba hama pul mediхand meguyand, rost?",
    ],
    False: [
        "Рост аст, ки барои кӯдак нафақа медиҳанд?",
        "Барои корти шиносоӣ чанд пул мегиранд?",
        "Кумакпулии таваллуд чанд сомонӣ аст?",
        "Правда ли, что регистрация рождения бесплатна?",
        "SIM-корт ба номи ман чӣ тавр ба қайд гирифта мешавад?",
        "Рост аст, ки боҷи талоқ 750 сомонӣ шудааст?",
        "Is it true that pensions went up by 10 percent?",
        "Правда, что автомобильные номера с четырьмя цифрами отменяют?",
        "Ба оилаи камбизоат чанд сомонӣ кумак медиҳанд?",
        "Мактаб барои қабули духтарам ба синфи як пул пурсид. Ин дуруст аст?",
        "andozi istifodai rohho bekor shud meguyand, rost?",
        "Дар кадом сайт ариза додан мумкин аст, ссылка дихед",
        "Барои рухсатии истифоданашуда ҷуброн медиҳанд?",
        "Какая компенсация за неиспользованный отпуск?",
        "Рост аст, ки нархи барқ аз феврал гарон шуд?",
    ],
}
HELD_OUT = {
    True: [
        "Дар вотсап хабар омад: Вазорати молия ба ҳама 15 000 сомонӣ ҷубронпулӣ медиҳад. Бовар кунам?",
        "Оё рост аст, ки ба ҳамаи шаҳрвандон аз буҷет 1000 сомонӣ тақсим мекунанд?",
        "bonusi 500 somoni az davlat omad guftand, silkaro zer kunam?",
        "Занг зада гуфтанд коди смс-ро гӯед, барои кумакпулӣ лозим аст",
        "Мне позвонили и сказали, что положена компенсация 8000 сомони. Это правда?",
        "Действительно ли каждому гражданину выплатят по 3000 сомони к празднику?",
        "Выиграл приз от государства, нужно оплатить пошлину, это мошенники?",
        "Попросили назвать код подтверждения, чтобы получить материальную помощь",
        "I got an SMS saying I won 10000 somoni, is it a scam?",
        "They ask for my card details to send a government payment, is that safe?",
        "дар инстаграм навиштанд ки ба хар оила 2500 сомони кумак, рост аст",
        "Тӯҳфаи 700 сомонӣ аз номи президент ба мардум фиреб нест?",
        "Правда что через телеграм выдают деньги малоимущим?",
        "Ҷуброни андози соли гузашта 4500 сомонӣ аст гуфта навиштаанд, аз куҷо мегирам?",
        "Is the 15000 somoni compensation from the tax committee real?",
    ],
    False: [
        "Рост аст, ки зан дар 58-солагӣ ба нафақа мебарояд?",
        "Дуруст аст, ки шиносномаи хориҷиро дароз кардан мумкин нест?",
        "Кумакпулии дафнро кӣ медиҳад?",
        "Правда ли, что нельзя давать фамилии на -ов?",
        "Какие документы нужны для адресной помощи?",
        "Is it true that a driving licence needs a new photo after 10 years?",
        "Барои ба даст овардани корти бонкӣ чӣ ҳуҷҷат лозим?",
        "Сколько сомони стоит загранпаспорт?",
        "rost ast ki baroi kudaki duyum nafaqa kamtar ast?",
        "Барои талаф шудани ҳосил аз обхезӣ давлат ҷуброн медиҳад?",
        "Рақами телефони раёсати нафақа чанд аст?",
        "Верно ли, что сельские учителя освобождены от платы за землю?",
        "ҳамаи хонандагон китоби дарсиро ройгон мегиранд?",
        "How much is the maternity benefit for a second child?",
        "Смс дар бораи ҷаримаи роҳ омад, онро дар куҷо месупорам?",
    ],
}


def understood(question):
    return understand(question, today=TODAY)


def wrong(questions):
    """The questions taken for what they are not."""
    return [question for label, row in questions.items() for question in row
            if rumour.is_offer(understood(question)) is not label]


@pytest.mark.parametrize(("questions", "least"), [(TUNED, 29), (HELD_OUT, 27)], ids=["tuned", "held out"])
def test_an_offer_of_money_is_told_from_a_question_about_a_benefit(questions, least):
    assert sum(map(len, questions.values())) - len(wrong(questions)) >= least, wrong(questions)


@dataclass(frozen=True, slots=True)
class Told:
    """A unit of evidence as it is looked at here."""

    document: Document
    fact: Fact | None
    text: str
    score: float = 1.0


def told(text, kind=FactType.BENEFIT, *, confidence="A", **fields):
    fact = Fact("F-1", kind, text, confidence=confidence) if kind else None
    plain = {"id": DocumentId("d"), "title": "Кумак", "language": "tg", "file": "d.md", "sha256": "0" * 64,
             "media_type": "text/markdown", "extractor": "x", "status": DocumentStatus.IN_FORCE}
    return Told(Document(**(plain | fields)), fact, text)


OFFER = "Рост аст, ки ба ҳар оила 5000 сомонӣ медиҳанд?"
STATED = "Ба ҳар оилаи осебдида 5000 сомонӣ кумаки яквақта дода мешавад."


def test_an_offer_is_confirmed_by_a_benefit_of_exactly_that_sum_in_force():
    assert not rumour.is_doubtful(understood(OFFER), [told(STATED)], TODAY)


@pytest.mark.parametrize("unit", [
    told(STATED.replace("5000", "500")),
    told(STATED, FactType.FEE),
    told(STATED, None),
    told(STATED, confidence="C"),
    told(STATED, status=DocumentStatus.UNKNOWN),
    told(STATED, status=DocumentStatus.VOID),
    told(STATED, valid_until="2025-12-31"),
    told(STATED, title="Огоҳӣ: ин фиреб аст"),
])
def test_nothing_less_confirms_it(unit):
    assert rumour.is_doubtful(understood(OFFER), [unit], TODAY)


WARNING = "Саҳифаҳое, ки ба ҳар оила 5000 сомонӣ ваъда медиҳанд, фиребанд."


def test_a_warning_of_that_very_offer_is_the_answer():
    assert not rumour.is_doubtful(understood(OFFER), [told(WARNING, None)], TODAY)
    assert rumour.is_doubtful(understood(OFFER), [told(WARNING.replace("5000", "15000"), None)], TODAY)
    assert rumour.is_doubtful(understood(OFFER), [told(STATED, None), told(WARNING, None)], TODAY)


@pytest.mark.parametrize("question", ["Мегӯянд Вазорати молия ба ҳама 15000 сомонӣ медиҳад, рост аст?",
                                      "Минфин выплачивает 15000 сомони компенсацию это правда?"])
def test_the_warning_of_the_corpus_is_shown_as_the_answer(assistant, question):
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert rumour.warns_of_fraud(answer.claims[0].citations[0].document, answer.claims[0].text)


@pytest.mark.parametrize(("question", "offer"), [
    ("В ватсапе пришло что президент даёт 500 сомони каждой семье, надо перейти по ссылке", True),
    ("Дар телеграм навиштаанд, ки ҳукумат 500 сомонӣ медиҳад", True),
    ("SMS омад, ки ҷаримаи роҳ 156 сомонӣ аст, дар куҷо супорам?", False)])
def test_a_channel_and_a_sum_that_somebody_gives_are_an_offer(question, offer):
    assert rumour.is_offer(understood(question)) is offer


def test_no_document_confirms_that_a_code_may_be_given_away():
    asked = understood("Код из СМС просят для выплаты 5000 сомони")
    assert rumour.is_doubtful(asked, [told(STATED)], TODAY)


def test_a_question_about_a_real_benefit_is_never_doubtful():
    assert not rumour.is_doubtful(understood("Рост аст, ки барои кӯдак нафақа медиҳанд?"), [], TODAY)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_asker_is_told_what_not_to_give_away(language):
    found, beware = rumour.notices(language)
    assert found != beware
    assert "SMS" in beware


@pytest.mark.parametrize("question", ["Ҷубронпулии 15 000 сомонӣ рост аст?",
                                      "Правда ли, что всем дают по 5000 сомони?"])
def test_the_warning_of_a_fraud_stands_before_the_other_documents(assistant, question):
    asked = understood(question)
    hits = retrieve(assistant.snapshot, asked)
    ordered = rumour.nearest(asked, hits, assistant.snapshot)
    assert ordered[0].document.id == "fraud-compensation-15000"
    assert {hit.passage.id for hit in hits} <= {hit.passage.id for hit in ordered}
    assert [hit.rank for hit in ordered] == list(range(1, len({hit.passage.id for hit in ordered}) + 1))
