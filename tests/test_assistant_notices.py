"""A benefit notice becomes a card: each field on its quote, nothing lost, nothing said that the notice does not say."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from assistant.figures import figures
from assistant.notices import Edit, FieldName, State, cards_of
from assistant.notices.card import CardStatus
from assistant.notices.object import card_object
from assistant.notices.page import card_lines
from assistant.notices.plain import plain_text
from assistant.notices.terms import _TERMS
from assistant.texts import LANGUAGES, text
from corpora.ingest import read_entry
from corpora.metadata import Metadata
from corpora.records import DocumentId
from index import Snapshot, build_snapshot
from tests.entries import entry

TODAY = date(2026, 1, 20)
NOTICE = """# Эълон дар бораи кумакпулии унвонӣ

Аз соли 2020 дар ноҳия 300 оила кумак гирифтанд.

## Кӣ ҳуқуқ дорад
Кумакпулӣ ба оилаҳои камбизоат дода мешавад.

## Андоза
Андозаи кумакпулӣ 11 нишондиҳанда барои ҳисобҳо аст.
Нишондиҳанда барои ҳисобҳо дар соли 2026 ба 78 сомонӣ баробар аст.

## Муҳлати пешниҳоди ариза
Аризаҳо то 31 марти соли 2026 қабул карда мешаванд.

## Ҳуҷҷатҳо
- шиноснома;
- маълумотнома дар бораи ҳайати оила.

## Ба куҷо муроҷиат кардан лозим аст
Ариза ба ҷамоати ҷойи истиқомат супорида мешавад.

## Шикоят
Аз болои қарор дар давоми 30 рӯз ба суд шикоят кардан мумкин аст.

## Тамос
Телефон: (37) 000-00-11

Боҷи нусха 5 сомонӣ аст.
"""
RUSSIAN = """# Уведомление о пенсии

Вы имеете право на социальную пенсию. Размер пенсии составляет 300 сомони в месяц.
Пенсия выплачивается с 1 марта 2026 года. Решение можно обжаловать в суд в течение трёх месяцев.
"""


def read(words, name="notice.md"):
    return read_entry(name, words.encode(), Metadata(DocumentId(name)))[0]


def cards(words, name="notice.md", snapshot=None):
    return cards_of(read(words, name), TODAY, snapshot)


@pytest.fixture
def card():
    return cards(NOTICE)[0]


def test_each_field_of_a_notice_is_found_with_its_value(card):
    said = {field.name: field.values for field in card.fields if field.state is State.FOUND}
    assert said == {
        "eligibility": ("Кумакпулӣ ба оилаҳои камбизоат дода мешавад.",), "amount": ("11 нишондиҳанда",),
        "deadline": ("2026-03-31",), "papers": ("шиноснома", "маълумотнома дар бораи ҳайати оила"),
        "where": ("Ариза ба ҷамоати ҷойи истиқомат супорида мешавад.",),
        "refusal_and_appeal": ("Аз болои қарор дар давоми 30 рӯз ба суд шикоят кардан мумкин аст.",),
        "contacts": ("Телефон: (37) 000-00-11",)}


def test_what_the_notice_does_not_say_is_said_to_be_missing(card):
    missing = [field.name for field in card.fields if field.state is State.NOT_STATED]
    assert missing == ["valid_from", "valid_until", "how", "legal_basis"]
    assert all(not field.citations for field in card.fields if field.state is State.NOT_STATED)
    assert "аз кай, то кай, чӣ тавр, асоси ҳуқуқӣ" in plain_text(card, "tg").sentences[-1].text


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_is_not_said_that_a_notice_lacks_what_may_stand_in_what_no_field_took(card, language):
    assert card.left_over
    lacking, unclear = (text(language, "card", key, names="").split(":")[0] for key in ("missing", "unclear"))
    assert plain_text(card, language).sentences[-1].text.startswith(unclear)
    whole = plain_text(replace(card, left_over=()), language)
    assert whole.sentences[-1].text.startswith(lacking)
    assert whole.sentences[:-1] == plain_text(card, language).sentences[:-1]


def test_every_quote_stands_word_for_word_in_the_text_and_its_number_is_the_values_number(card):
    document = read(NOTICE)
    whole = "\n".join(passage.text for passage in document.passages)
    for field in card.fields:
        assert all(citation.quote in whole for citation in field.citations)
        for one in field.entries if field.name is FieldName.AMOUNT else ():
            assert re.search(r"\d+", one.value)[0] in one.citation.quote


def test_a_sum_in_indicators_is_worked_out_with_both_quotes(card):
    one = card.field(FieldName.AMOUNT).entries[0]
    assert (one.computation.expression, one.computation.value) == ("11 × 78", "858")
    assert one.basis.quote == "Нишондиҳанда барои ҳисобҳо дар соли 2026 ба 78 сомонӣ баробар аст."
    assert card.field(FieldName.AMOUNT).values == ("11 нишондиҳанда",)


def test_a_year_without_a_value_of_the_indicator_gives_no_sum():
    words = NOTICE.replace("дар соли 2026 ба 78", "дар соли 2024 ба 72")
    amount = cards(words)[0].field(FieldName.AMOUNT)
    assert amount.values == ("11 нишондиҳанда",)
    assert amount.entries[0].computation is None


def test_a_notice_that_names_no_indicator_takes_it_from_the_documents_of_this_machine(tmp_path):
    words = "Нишондиҳанда барои ҳисобҳо дар соли 2026 ба 78 сомонӣ баробар аст."
    known = read_entry("indicator.txt", words.encode(), Metadata(DocumentId("indicator")))[0]
    build_snapshot([known, entry("шиноснома", "Шиноснома")], tmp_path / "snapshot", encoder=None)
    silent = NOTICE.replace("Нишондиҳанда барои ҳисобҳо дар соли 2026 ба 78 сомонӣ баробар аст.\n", "")
    with Snapshot.open(tmp_path / "snapshot", encoder=None) as snapshot:
        one = cards(silent, snapshot=snapshot)[0].field(FieldName.AMOUNT).entries[0]
    assert (one.computation.value, one.basis.document.id) == ("858", "indicator")
    assert cards(silent)[0].field(FieldName.AMOUNT).entries[0].computation is None


def test_nothing_that_counts_is_lost_but_is_left_over(card):
    left = [citation.quote for citation in card.left_over]
    assert left == ["Аз соли 2020 дар ноҳия 300 оила кумак гирифтанд.", "Боҷи нусха 5 сомонӣ аст."]
    shown = " ".join(citation.quote for citation in (*card.citations, *card.left_over))
    kept = {(one.kind, one.value) for one in figures(shown)}
    assert {(one.kind, one.value) for one in figures(NOTICE) if one.kind in ("date", "quantity", "phone")} <= kept
    assert card.to_json()["figures"] == {"in_notice": 8, "in_card": 6, "left_over": 2}


def test_a_fee_is_no_benefit(card):
    assert not any("Боҷ" in citation.quote for citation in card.field(FieldName.AMOUNT).citations)


def test_two_last_days_are_a_conflict_that_shows_both():
    card = cards(NOTICE + "\n## Эзоҳ\nАриза на дертар аз 15 апрели соли 2026 супорида мешавад.\n")[0]
    deadline = card.field(FieldName.DEADLINE)
    assert (deadline.state, deadline.values) == (State.CONFLICT, ("2026-03-31", "2026-04-15"))
    said = next(one for one in plain_text(card, "tg").sentences if "ду хел" in one.text)
    assert "31 марти соли 2026; то 15 апрели соли 2026" in said.text
    assert len(said.numbers) == 2
    assert card.field(FieldName.AMOUNT).state is State.FOUND


def test_sums_of_different_people_are_no_conflict():
    words = NOTICE.replace("Андозаи кумакпулӣ 11 нишондиҳанда барои ҳисобҳо аст.",
                           "Ба маъюби гурӯҳи I 350 сомонӣ дода мешавад. Ба маъюби гурӯҳи II 250 сомонӣ дода мешавад.")
    assert cards(words)[0].field(FieldName.AMOUNT).state is State.FOUND
    words = NOTICE + "\n## Эзоҳ\nАндозаи кумакпулӣ ба ҳар оила 9 нишондиҳанда барои ҳисобҳо аст.\n"
    assert cards(words)[0].field(FieldName.AMOUNT).state is State.CONFLICT


def test_the_day_of_a_letter_or_an_act_is_no_day_of_the_benefit():
    words = ("Муҳтарам шаҳрванд!\n\nДар посух ба мактуби Шумо аз 12 январи соли 2026 кумакпулӣ ба андозаи 234 сомонӣ "
             "таъин карда шуд.\n\nАсос: қарори Ҳукумат аз 14 октябри соли 2014, № 630.\n\nАз ин қарор дар суд "
             "шикоят кардан мумкин аст.\n")
    card = cards(words, "letter.txt")[0]
    assert card.field(FieldName.VALID_FROM).state is card.field(FieldName.DEADLINE).state is State.NOT_STATED
    assert card.field(FieldName.AMOUNT).values == ("234 сомонӣ",)
    assert "12 январи" in card.field(FieldName.AMOUNT).citations[0].quote


def test_an_edited_field_says_who_and_keeps_its_quotes_and_the_other_fields(card):
    edited = card.edited(FieldName.DEADLINE, Edit(("2026-04-30",), "Н. Намунаева", "2026-01-21", "муҳлат дароз шуд"))
    field = edited.field(FieldName.DEADLINE)
    assert (field.state, field.values) == (State.EDITED, ("2026-04-30",))
    assert field.citations == card.field(FieldName.DEADLINE).citations
    assert field.to_json()["edit"]["by"] == "Н. Намунаева"
    assert [one for one in edited.fields if one is not field] == [
        one for one in card.fields if one.name is not FieldName.DEADLINE]


def test_plain_tajik_and_russian_say_the_same_of_the_same_quotes(card):
    tajik, russian = plain_text(card, "tg"), plain_text(card, "ru")
    assert [one.numbers for one in tajik.sentences if one.numbers] \
        == [one.numbers for one in russian.sentences if one.numbers]
    assert "Муҳлати охирин: то 31 марти соли 2026." in [one.text for one in tajik.sentences]
    assert "Последний срок: до 31 марта 2026 года." in [one.text for one in russian.sentences]
    assert "Сколько: 11 показателей для расчётов, то есть 11 × 78 = 858 сомони." in [
        one.text for one in russian.sentences]


def test_no_figure_of_the_plain_text_is_missing_from_its_quotes(card):
    for language in LANGUAGES:
        for sentence in plain_text(card, language).sentences:
            quotes = " ".join(card.citations[number - 1].quote for number in sentence.numbers)
            numbers = set(re.findall(r"\d+", re.sub(r"= \d+", "", sentence.text)))
            assert numbers <= set(re.findall(r"\d+", quotes)), sentence


def test_words_of_offices_are_explained_and_the_reading_is_counted(card):
    said = plain_text(card, "tg")
    assert said.terms[0].startswith("Нишондиҳанда барои ҳисобҳо:")
    assert any(term.startswith("Ҷамоат:") for term in said.terms)
    assert said.minutes == 1
    assert said.words == sum(len(one.text.split()) for one in said.sentences)


def test_a_russian_notice_is_read_and_its_words_are_quoted_in_tajik():
    card = cards(RUSSIAN)[0]
    assert card.field(FieldName.AMOUNT).values == ("300 сомонӣ/моҳ",)
    assert card.field(FieldName.VALID_FROM).values == ("2026-03-01",)
    said = [one.text for one in plain_text(card, "tg").sentences]
    assert "Чанд пул: 300 сомонӣ дар моҳ." in said
    assert "Рад ва шикоят: «Решение можно обжаловать в суд в течение трёх месяцев»." in said


def test_two_notices_in_one_file_give_two_cards():
    second = NOTICE.replace("Эълон дар бораи кумакпулии унвонӣ", "Огоҳинома дар бораи нафақа")
    second = second.replace("31 март", "15 май")
    first_card, second_card = cards(NOTICE + "\n" + second)
    assert (first_card.number, first_card.of, second_card.number) == (1, 2, 2)
    assert second_card.title == "Огоҳинома дар бораи нафақа"
    assert first_card.field(FieldName.DEADLINE).values == ("2026-03-31",)
    assert second_card.field(FieldName.DEADLINE).values == ("2026-05-15",)
    assert "Дар ин файл 2 огоҳинома ҳаст. Ин огоҳиномаи 2 аст." in "\n".join(card_lines(second_card, "tg"))


def test_a_text_that_is_no_notice_says_so_and_shows_what_could_be_read():
    card, = cards("# Оши палав\n\nБиринҷ 1 кг, гӯшт 500 г. Гӯштро бирён кунед.\n\n# Салат\n\nПомидор реза кунед.\n")
    assert card.status is CardStatus.NO_NOTICE
    assert [part.title for part in card.parts] == ["Оши палав", "Салат"]
    assert "монанд нест" in "\n".join(card_lines(card, "tg"))
    assert all(field.state is State.NOT_STATED for field in card.fields)


def test_a_law_gives_its_parts_and_no_card():
    law = "# Қонун дар бораи кумакҳо\n\n" + "\n\n".join(
        f"## Моддаи {number}. Шартҳо\n\nКумакпулӣ ба оилаи камбизоат дода мешавад." for number in range(1, 60))
    card, = cards(law)
    assert card.status is CardStatus.ACT
    assert len(card.parts) == 59
    lines = list(card_lines(card, "ru"))
    assert "Это правовой акт, а не уведомление." in lines[1]
    assert lines[-1].strip() == "и ещё частей: 19"


def test_the_object_points_from_plain_sentences_to_quotes(card):
    made = card_object(card)
    assert [field["name"] for field in made["fields"]] == list(FieldName)
    assert all(set(one["citations"]) <= set(range(1, len(made["sources"]) + 1))
               for said in made["plain"].values() for one in said["sentences"])
    assert all(one["quote"] for one in made["sources"] + made["left_over"])


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_field_and_term_has_words(language):
    assert all(text(language, "card", f"name_{name}") for name in FieldName)
    assert all(text(language, "card_term", key) for key, _ in _TERMS)
