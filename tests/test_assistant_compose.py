"""Composed answers: lines before quotes, quotes as they stand, frames over foreign ones, no number of our own."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.compose import altered_numbers, compose, missing
from assistant.evidence import Unit
from assistant.page import answer_lines
from assistant.query import understand
from assistant.records import Answer, AnswerStatus, Claim, ClaimKind, Computation, Office
from corpora.records import Document, Fact, FactType, Locator, Passage
from corpora.sentences import sentences
from index import Hit
from tests.seed_facts import seed_facts

TODAY = date(2026, 11, 25)
FEE = ("Аз 1 январи соли 2026 барои ронандагони нав андозаи пардохти бақайдгирии воситаи нақлиёт дар ҳамаи "
       "ноҳияҳо 200 сомонӣ аст.")
HOW_MUCH, HOW_LONG = "Бақайдгирӣ чанд пул аст?", "Бақайдгирӣ чанд рӯз аст?"


class Bare:
    """A snapshot in which nothing is found: no value of the indicator."""

    def documents(self):
        return ()

    def passages(self, _document):
        return ()


def document_in(language):
    return Document("paper", "Варақа", language, "paper.txt", "0" * 64, "text/plain", "text/1")


def unit(text, *, kind=FactType.FEE, language="tg", quote=None, audience="", place="1"):
    """Return the unit of a quote in a passage; the whole text where no quote is given."""
    document = document_in(language)
    passage = Passage(f"p{place}", document.id, text, 0, len(text), Locator())
    quoted = quote or text
    start = text.index(quoted)
    spans = tuple((start + first, start + last) for first, last in sentences(quoted))
    fact = Fact("f", kind, quoted, audience=audience) if kind else None
    return Unit(Hit(passage, document, {}, 1), document, spans, fact, 1.0, 1.0)


def composing(question, *units, **options):
    return compose(understand(question, today=TODAY, **options), units, Bare(), TODAY)


def texts(claims):
    return [claim.text for claim in claims]


def test_a_long_fee_is_led_by_amount_whom_and_since_when():
    line, quote = composing(HOW_MUCH, unit(FEE, audience="ронандагони нав / новые водители"))
    assert line.text == "Маблағ: 200 сомонӣ; барои кӣ: ронандагони нав; аз 1 январи соли 2026."
    assert quote.text == FEE
    assert line.citations == quote.citations
    assert line.kind == quote.kind == ClaimKind.FACT


def test_an_audience_that_is_not_in_the_quote_is_not_said():
    line, _ = composing(HOW_MUCH, unit(FEE, audience="нафақагирон"))
    assert "кӣ" not in line.text


def test_the_date_of_an_act_is_not_taken_for_the_first_day():
    act = ("Тибқи қарори Ҳукумат аз 13 июни соли 2014, № 406 барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳо "
           "200 сомонӣ гирифта мешавад.")
    line, quote = composing(HOW_MUCH, unit(act))
    assert line.text == "Маблағ: 200 сомонӣ."
    assert quote.text == act


def test_a_short_quote_in_the_language_of_the_question_stands_alone():
    assert texts(composing(HOW_MUCH, unit("Бақайдгирӣ 200 сомонӣ аст."))) == ["Бақайдгирӣ 200 сомонӣ аст."]


@pytest.mark.parametrize("quote", [
    "Барои бақайдгирии мошин дар ҳамаи ноҳияҳои ҷумҳурӣ 200 сомонӣ ва барои рақам 50 сомонӣ пардохта мешавад.",
    "Лоиҳаи соли 2025 барои бақайдгирии мошин дар ҳамаи ноҳияҳои ҷумҳурӣ пардохти 200 сомониро пешбинӣ мекунад.",
    "Тибқи хабари расонаҳо барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳои ҷумҳурӣ 200 сомонӣ гирифта мешавад.",
    "Агар мошин нав бошад, барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳои ҷумҳурӣ 200 сомонӣ гирифта мешавад.",
    "Барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳои ҷумҳурӣ 200 сомонӣ гирифта намешавад, он ройгон аст.",
    "Пеш аз тағйирот барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳои ҷумҳурӣ пардохт 200 сомонӣ буд.",
    "Пардохти бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳо ва шаҳрҳои ҷумҳурӣ аз 100 ба 200 сомонӣ мерасад.",
    "Ба иштирокчиёни ҷанг дар ҳамаи ноҳияҳо ва шаҳрҳои ҷумҳурӣ 3000 ва ба собиқадорони дигар 800 сомонӣ дода мешавад.",
    "Барои бақайдгирии мошин дар ҳамаи ноҳияҳои ҷумҳурӣ 250 (дусад) сомонӣ гирифта мешавад, ба хазина меравад.",
    "Дар соли 2022 барои бақайдгирии воситаи нақлиёт дар ҳамаи ноҳияҳои ҷумҳурӣ 200 сомонӣ гирифта мешавад.",
    "Барои ҳар кӯдаки оилае, ки дар ҳамаи ноҳияҳои ҷумҳурӣ ба қайд гирифта шудааст, иловатан 200 сомонӣ дода мешавад.",
    "Пардохти бақайдгирии мошин дар ҳамаи ноҳияҳо ва шаҳрҳо аз 200 сомонӣ зиёд буда наметавонад ва якбора аст.",
])
def test_a_quote_that_can_be_read_two_ways_has_no_line(quote):
    assert texts(composing(HOW_MUCH, unit(quote))) == [quote]


def test_an_unconfirmed_quote_keeps_its_mark_on_the_line():
    line, _ = composing(HOW_MUCH, unit(f"Тасдиқнашуда: {FEE}"))
    assert line.text == "Тасдиқнашуда: Маблағ: 200 сомонӣ; аз 1 январи соли 2026."


def test_a_monthly_sum_is_said_to_be_monthly():
    monthly = "Пардохти моҳонаи кӯдакистони давлатӣ ду нишондиҳанда барои ҳисобҳо аст."
    assert composing("Сколько стоит детский сад?", unit(monthly))[0].text == (
        "Сумма: 2 показателя для расчётов в месяц.")


def test_what_was_paid_in_a_year_is_led_when_that_year_is_asked_about():
    was = "Дар соли 2022 барои бақайдгирии мошин дар ҳамаи ноҳияҳо ва шаҳрҳои ҷумҳурӣ 200 сомонӣ гирифта мешуд."
    assert texts(composing(HOW_MUCH, unit(was))) == [was]
    assert texts(composing(HOW_MUCH, unit(was), at=date(2022, 5, 1))) == ["Маблағ: 200 сомонӣ.", was]


def test_a_line_is_only_for_what_is_asked():
    assert texts(composing(HOW_LONG, unit(FEE))) == [FEE]
    assert texts(composing("Бақайдгирӣ мумкин аст?", unit(FEE))) == [FEE]


def test_two_sentences_of_one_kind_have_no_line_in_the_asker_s_language():
    other = FEE.replace("200", "400").replace("нав", "пешина")
    assert texts(composing(HOW_MUCH, unit(FEE), unit(other, place="2"))) == [FEE, other]


@pytest.mark.parametrize(("question", "line", "frame"), [
    ("Сколько стоит регистрация машины?", "Сумма: 200 сомони; с 1 января 2026 года.",
     "Текст документа на таджикском языке:"),
    ("How much does car registration cost?", "Amount: 200 somoni; since 1 January 2026.",
     "The document says, in Tajik:")])
def test_another_language_gets_value_and_frame_in_it_and_the_quote_as_it_stands(question, line, frame):
    claims = composing(question, unit(FEE))
    assert texts(claims) == [line, f"{frame}\n{FEE}"]
    assert claims[1].citations[0].quote == FEE


@pytest.mark.parametrize(("quote", "line"), [
    ("Ариза на камтар аз 3 рӯзи корӣ баррасӣ мешавад.", "Срок: не менее 3 рабочих дней."),
    ("Ариза то 15 рӯз баррасӣ мешавад.", "Срок: до 15 дней."),
    ("Ариза дар давоми як сол баррасӣ мешавад.", "Срок: 1 год."),
    ("Ариза дар давоми ҳафт рӯз баррасӣ мешавад.", "Срок: 7 дней."),
    ("Ариза 3–5 рӯз баррасӣ мешавад.", "Срок: от 3 до 5 дней."),
    ("Ариза 22 рӯзи тақвимӣ баррасӣ мешавад.", "Срок: 22 календарных дня."),
    ("Ариза 1,5 моҳ баррасӣ мешавад.", "Срок: 1,5 месяца.")])
def test_russian_counts_as_russians_count(quote, line):
    assert composing("За сколько дней рассмотрят заявление на регистрацию?",
                     unit(quote, kind=FactType.DURATION))[0].text == line


def test_indicators_and_shares_have_their_fixed_translation():
    fee = composing("Сколько стоит регистрация?", unit("Боҷи бақайдгирӣ ду нишондиҳанда барои ҳисобҳо аст."))
    assert fee[0].text == "Сумма: 2 показателя для расчётов."
    share = composing("Сколько стоит бланк?", unit("Барои бланк 5 фоизи нишондиҳанда пардохта мешавад."))
    assert share[0].text == "Размер: 5 процентов показателя для расчётов."


def test_a_foreign_telephone_is_said_as_it_is_written():
    card = unit("Суди конститутсионӣ: 734025, Душанбе, кӯчаи Бохтар 48, тел. 221-61-96.", kind=FactType.OFFICE)
    assert composing("Какой телефон у Конституционного суда?", card)[0].text == "Телефон: 221-61-96."


def test_the_frame_is_said_once_and_the_subject_when_it_changes():
    claims = composing("Как получить справку?", unit("Ариза ба идора дода мешавад.", kind=FactType.PROCEDURE),
                       unit("Аризаро дар се нусха нависед.", kind=FactType.PROCEDURE, place="2"),
                       unit("Нусхаи шиноснома лозим аст.", kind=FactType.REQUIRED_PAPERS, place="3"))
    assert texts(claims) == ["Порядок. Текст документа на таджикском языке:\nАриза ба идора дода мешавад.",
                             "Аризаро дар се нусха нависед.", "Нужные документы:\nНусхаи шиноснома лозим аст."]


PAPERS = "Барои шиноснома ҳуҷҷатҳои зерин лозиманд:\n– шаҳодатномаи таваллуд;\n– ду расми 3×4."


def test_a_list_is_one_claim_with_a_citation_a_line():
    claim, = composing("Барои шиноснома кадом ҳуҷҷатҳо лозиманд?", unit(PAPERS, kind=FactType.REQUIRED_PAPERS))
    assert claim.text == PAPERS
    assert [citation.quote for citation in claim.citations] == PAPERS.split("\n")


def test_an_item_alone_loses_its_mark_and_nothing_else():
    claim, = composing("Кадом ҳуҷҷатҳо лозиманд?", unit(PAPERS, quote="– ду расми 3×4.", kind=None))
    assert claim.text == "ду расми 3×4."
    assert claim.citations[0].quote == "– ду расми 3×4."
    assert claim.kind == ClaimKind.EXTRACT


@pytest.mark.parametrize("exception", [
    "Ин қоида ба кӯдакон дахл надорад.", "Ба истиснои маъюбон, ки ройгон мегиранд.", "Истисно: кӯдакони то 3-сола.",
    "Аммо барои маъюбон он ройгон аст."])
def test_an_exception_right_after_a_quote_comes_along(exception):
    rule = "Барои маълумотнома 20 сомонӣ пардохта мешавад."
    claim, = composing(HOW_MUCH, unit(f"{rule} {exception} Идора дар Душанбе аст.", quote=rule))
    assert claim.text == f"{rule}\n{exception}"
    first, second = claim.citations
    assert (first.quote, second.quote) == (rule, exception)
    assert first.passage is second.passage
    assert not first.passage.text[first.span[1]:second.span[0]].strip()


def test_an_exception_that_is_a_unit_too_is_said_once():
    rule, exception = "Барои маълумотнома 20 сомонӣ пардохта мешавад.", "Ин қоида ба кӯдакон дахл надорад."
    text = f"{rule} {exception}"
    claims = composing(HOW_MUCH, unit(text, quote=rule), unit(text, quote=exception, kind=FactType.ELIGIBILITY))
    assert texts(claims) == [f"{rule}\n{exception}"]


def test_a_quote_with_an_exception_behind_it_has_no_line():
    exception = "Ин қоида ба маъюбон дахл надорад."
    assert texts(composing(HOW_MUCH, unit(f"{FEE} {exception}", quote=FEE))) == [f"{FEE}\n{exception}"]


def test_what_follows_and_is_no_exception_stays_out():
    rule = "Барои маълумотнома 20 сомонӣ пардохта мешавад."
    assert texts(composing(HOW_MUCH, unit(f"{rule} Идора дар Душанбе аст.", quote=rule))) == [rule]


def test_a_part_of_a_sentence_is_widened_to_the_whole():
    whole = "Барои маълумотнома 20 сомонӣ пардохта мешавад, агар шитоб набошад."
    assert texts(composing(HOW_MUCH, unit(whole, quote="20 сомонӣ"))) == [whole]


def test_the_figure_asked_for_stands_before_all_else_that_is_told(assistant):
    told = [claim.text for claim in assistant.ask("Шиносномаи хориҷӣ чанд пул аст?").claims]
    assert "75 доллари" in told[0]
    assert any("ғайринақдӣ" in line for line in told[1:])


def test_each_thing_asked_is_answered_in_the_order_of_asking():
    fee = unit("Бақайдгирӣ 200 сомонӣ аст.")
    term = unit("Бақайдгирӣ 3 рӯз мегирад.", kind=FactType.DURATION, place="2")
    papers = unit("Барои бақайдгирӣ шиноснома ва ариза лозим аст.", kind=FactType.REQUIRED_PAPERS, place="3")
    question = "Бақайдгирӣ кадом ҳуҷҷатҳо лозим, чанд пул ва чанд рӯз аст?"
    assert texts(composing(question, fee, term, papers)) == texts(composing(question, papers, fee, term))
    assert composing(question, term, fee, papers)[0].text == "Барои бақайдгирӣ шиноснома ва ариза лозим аст."


def test_a_part_that_nothing_answers_is_missing():
    query = understand("Бақайдгирӣ чанд пул аст? Кадом ҳуҷҷатҳо лозиманд?", today=TODAY)
    fee = unit("Бақайдгирӣ 200 сомонӣ аст.")
    papers = unit("Барои бақайдгирӣ шиноснома ва ариза лозим аст.", kind=FactType.REQUIRED_PAPERS)
    assert missing(query, [fee]) == ("which_papers",)
    assert missing(query, [fee, papers]) == ()


def test_a_sum_worked_out_and_the_office_card_meet_what_is_asked():
    fee, rule = unit("Кумакпулии дафн ба бист нишондиҳанда баробар аст.", kind=FactType.BENEFIT), unit(
        "Ташхиси тиббӣ гурӯҳи маъюбиро муайян мекунад.", kind=FactType.PROCEDURE)
    how_much = understand("Кумакпулии дафн чанд сомонӣ?", today=TODAY)
    assert missing(how_much, [fee]) == ()
    assert missing(how_much, [rule]) == ("how_much",)
    worked = Claim("20 × 78 = 1560 сомонӣ.", ClaimKind.FACT, fee.citations, Computation("20 × 78", "1560", "сомонӣ"))
    assert missing(how_much, [rule], [worked]) == ()
    where = understand("Гурӯҳи маъюбиро куҷо муайян мекунанд?", today=TODAY)
    card = Office("Хадамот", rule.citations[0])
    assert missing(where, [rule]) == ("where",)
    assert missing(where, [rule], office=card) == ()


def test_a_year_is_no_phone_number():
    query = understand("Телефони агентии нафақа", today=TODAY)
    dated = unit("Аз 1 апрели соли 2012 нафақаро Агентӣ таъин мекунад, 151.", kind=FactType.PROCEDURE)
    called = unit("Агентии нафақа: тел. 221-33-44.", kind=None)
    assert missing(query, [dated]) == ("phone",)
    assert missing(query, [dated, called]) == ()
    assert missing(query, [dated], office=Office("Агентӣ", dated.citations[0], phone="221-33-44")) == ()


ROW = "Кӣ ариза медиҳад: Бо ҳалномаи суд; Боҷ бо нишондиҳандаи 2025: 1050 сомонӣ"


def test_a_row_that_repeats_a_sentence_is_not_shown():
    sentence = "Боҷ бо ҳалномаи суд 1050 сомонӣ шуд (бо нишондиҳандаи 2025)."
    assert texts(composing(HOW_MUCH, unit(ROW), unit(sentence, place="2"))) == [sentence]
    for other in (sentence.replace("1050", "750"), sentence.replace("ҳалномаи суд", "аризаи якҷоя")):
        assert texts(composing(HOW_MUCH, unit(ROW), unit(other, place="2"))) == [ROW, other]


def test_a_sentence_in_a_cell_is_shown_without_its_row():
    cell = "Аз 1 июли соли 2022 музди меҳнат 600 сомонӣ буд."
    claim, = composing(HOW_MUCH, unit(f"Аз кай: 1 июли 2022; Андоза: {cell}", quote=cell))
    assert claim.text == claim.citations[0].quote == cell


def test_an_opening_of_a_list_is_no_exception():
    rule = "Нотариус шартномаро тасдиқ мекунад."
    text = f"{rule} Ғайр аз ин нотариус чунин корҳоро мекунад:\n– тасдиқи розигӣ"
    assert texts(composing("Нотариус чӣ кор мекунад?", unit(text, kind=FactType.PROCEDURE, quote=rule))) == [rule]


def test_the_same_sentence_of_two_passages_is_said_once():
    assert texts(composing(HOW_MUCH, unit("Бақайдгирӣ 200 сомонӣ аст."),
                           unit("Бақайдгирӣ 200 сомонӣ аст.", place="2"))) == ["Бақайдгирӣ 200 сомонӣ аст."]


def test_a_number_that_ends_another_number_is_not_taken_for_it():
    rows = [unit("Боҷи дуюм: 14 нишондиҳанда"), unit("4 нишондиҳанда", place="2")]
    assert texts(composing(HOW_MUCH, *rows)) == ["Боҷи дуюм: 14 нишондиҳанда", "4 нишондиҳанда"]


def test_may_i_is_answered_by_the_sentence_that_decides_never_by_a_bare_yes():
    rule = "Оилаи камбизоат дар соли ду маротиба кумак гирифта метавонад."
    assert texts(composing("Ду бор кумак гирифтан мумкин аст?", unit(rule, kind=FactType.ELIGIBILITY))) == [rule]


def test_a_question_of_unknown_language_is_answered_as_tajik():
    assert texts(composing(HOW_MUCH, unit("Бақайдгирӣ 200 сомонӣ аст."), language="unknown")) == [
        "Бақайдгирӣ 200 сомонӣ аст."]


def test_a_page_shows_a_list_line_by_line_with_its_source_behind_the_last():
    claims = composing("Барои шиноснома кадом ҳуҷҷатҳо лозиманд?", unit(PAPERS, kind=FactType.REQUIRED_PAPERS))
    answer = Answer("?", "tg", "Cyrl", AnswerStatus.ANSWERED, TODAY, None, "extractive", claims)
    shown = answer_lines(answer)
    opening, birth, photos = PAPERS.split("\n")
    assert shown[2:5] == [f"  {opening}", f"  {birth}", f"  {photos} [1]"]


def test_a_changed_number_is_told_from_one_in_words():
    cited = unit("Ариза дар давоми ҳафт рӯз баррасӣ мешавад.").citations
    assert altered_numbers(Claim("Срок: 7 дней.", ClaimKind.FACT, cited)) == ()
    assert altered_numbers(Claim("Срок: 8 дней.", ClaimKind.FACT, cited)) == ("8",)


FACTS = list(seed_facts())
QUESTIONS = ["Чанд пул аст?", "Муҳлат чанд рӯз аст?", "Аз чандсолагӣ ва синни чанд?", "Сколько стоит?", "Какой срок?",
             "В каком возрасте?", "How much is the fee?", "How long does it take?", "Какой телефон?",
             "Соли 2024 чанд пул буд?"]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(FACTS), st.sampled_from(FACTS), st.sampled_from(QUESTIONS))
def test_every_number_of_a_claim_is_in_its_quotes(fact, other, question):
    units = [unit(quote, kind=kind, language=language, audience=audience, place=str(at))
             for at, (language, kind, quote, audience) in enumerate((fact, other))]
    for claim in composing(question, *units):
        assert claim.citations
        assert altered_numbers(claim) == ()
