"""Normalising, guessing the language, finding sentences and quotes: rules over plain text."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpora.language import guess_language
from corpora.normalise import normalise, one_line
from corpora.quotes import place
from corpora.sentences import sentences

TAJIK = "ғӣқӯҳҷҒӢҚӮҲҶйёЙЁъэ"
MESSY = st.text(st.one_of(st.characters(exclude_categories=()),
                          st.sampled_from(TAJIK + " \n\t\r.!?:;«»()№-–—0123\u00ad\u200b\u00a0\u0304\u0306")))


def found(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


@given(MESSY)
@example("и\u200b\u0304")
@example("\r\x00\n\n\n\n a")
def test_normalising_twice_changes_nothing_more(text):
    once = normalise(text)
    assert normalise(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\n\n\n" not in once
    assert one_line(text) == " ".join(once.split("\n")).replace("  ", " ")


@pytest.mark.parametrize("letters", [TAJIK, "Ҷумҳурии Тоҷикистон, ҳуқуқи шаҳрванд: 35,36 сомонӣ — «№ 294»"])
def test_tajik_letters_and_signs_stay_as_they_are(letters):
    assert normalise(letters) == letters


def test_decomposed_letters_are_joined_and_unseen_characters_go():
    assert normalise("Тоҷики\u0304\u200b ҳу\u00adқуқ\u00a0\u00a0и\tмо\ufeff") == "Тоҷикӣ ҳуқуқ и мо"


def test_line_ends_become_one_kind_and_blank_lines_at_most_one():
    assert normalise("  Як\r\nДу \r \n\n\n\n Се\u2028Чор\x0b ") == "Як\nДу\n\nСе\nЧор"


def test_a_lost_letter_stays_visible():
    assert normalise("Тоҷикист\ufffdн") == "Тоҷикист\ufffdн"


@pytest.mark.parametrize(("text", "language"), [
    ("Шиноснома дар шуъбаи ВКД дода мешавад ва барои он ариза лозим аст.", "tg"),
    ("Чумхурии Точикистон барои шахрвандон ва оилахо кумак мекунад.", "tg"),
    ("Паспорт выдаётся в отделе внутренних дел, и для этого нужно заявление.", "ru"),
    ("Заявление подаётся в Душанбе, в посёлке Ҷиликӯл и на почте, если это нужно.", "ru"),
    ("The passport is issued by the office and costs 35 somoni.", "en"),
    ("Паспорт олиш учун ариза билан фуқаролик ҳужжати керак бўлади.", "unknown"),
    ("2020 — 35,36; № 294", "unknown"),
    ("", "unknown"),
    ("شهروندان تاجیکستان", "unknown"),
])
def test_the_language_of_a_document_is_seen_from_letters_and_little_words(text, language):
    assert guess_language(text) == language


@given(MESSY)
def test_sentences_are_trimmed_in_order_and_cover_everything_but_spaces(text):
    spans = sentences(text)
    assert all(start < end and text[start:end].strip() == text[start:end] for start, end in spans)
    assert all(before[1] <= after[0] for before, after in pairwise(spans))
    covered = {at for start, end in spans for at in range(start, end)}
    assert all(at in covered for at, letter in enumerate(text) if not letter.isspace())
    assert not any("\n" in text[start:end] for start, end in spans)


@pytest.mark.parametrize("whole", [
    "Қарори Ҳукумат аз 27 майи соли 2020, № 294 дар бораи шиноснома.",
    "Ба ш. Душанбе, кӯч. Айнӣ 5, тел. 227-00-00 муроҷиат кунед.",
    "Раиси ноҳия А. С. Раҳимов қарор қабул кард.",
    "Қонун аз с. 2009 амал мекунад ва мод. 14 иваз шуд.",
    "Маблағ 35,36 сомонӣ ё 1.5 баробар аст.",
    "Қарор аз 13.11.2023 № 1994 ба имзо расид.",
    "Ариза, шиноснома, акс ва ғ. пешниҳод мешаванд.",
    "Моддаи 14. Шартҳои таъини нафақа",
    "Статья 5. Право на пенсию",
    "1. Шаҳрванд ариза медиҳад.",
    "IV. Хулоса",
    "Боби II. Муқаррароти умумӣ",
    "Қонун «Дар бораи нафақа. Таҳрири нав» амал мекунад.",
    "Шаҳрванд (ниг. замимаи якум. Қисми дуюм) меояд.",
    "Муҳлат 5-уми январ аст... баъд маълум мешавад.",
    "Закон от 2009 г. № 553 действует.",
    "Рӯйхат: нон, шир, гӯшт ва т.д. дар мағоза.",
    "«Кай?» — гуфт шаҳрванд.",
])
def test_official_style_does_not_end_a_sentence_too_early(whole):
    assert found(whole) == [whole]


@pytest.mark.parametrize(("text", "parts"), [
    ("Маблағ 5 сомонӣ аст. Муҳлат 10 рӯз. Ройгон!",
     ["Маблағ 5 сомонӣ аст.", "Муҳлат 10 рӯз.", "Ройгон!"]),
    ("Он дар соли 2020. Баъд иваз шуд.", ["Он дар соли 2020.", "Баъд иваз шуд."]),
    ("Нон, шир ва ғ. Баъд пардохт кунед.", ["Нон, шир ва ғ.", "Баъд пардохт кунед."]),
    ("Он 35 сом. Пардохт дар бонк.", ["Он 35 сом.", "Пардохт дар бонк."]),
    ("Закон принят в 2009 г. Он действует.", ["Закон принят в 2009 г.", "Он действует."]),
    ("Чӣ лозим аст? Ариза ва акс.", ["Чӣ лозим аст?", "Ариза ва акс."]),
    ("Ӯ гуфт: «Ройгон аст.» Мо рафтем.", ["Ӯ гуфт: «Ройгон аст.»", "Мо рафтем."]),
    ("– ариза;\n– акс\n\nБаъд", ["– ариза;", "– акс", "Баъд"]),
    ("Вкладка. «Амонатбонк» кор мекунад.", ["Вкладка.", "«Амонатбонк» кор мекунад."]),
])
def test_sentences_end_where_a_reader_ends_them(text, parts):
    assert found(text) == parts


def test_a_quote_is_found_whatever_its_spaces_and_only_word_for_word():
    text = "Маблағ:\n35,36 сомонӣ барои ҳар як шаҳрванд."
    start, end = place("Маблағ:  35,36\u00a0сомонӣ", text)
    assert text[start:end] == "Маблағ:\n35,36 сомонӣ"
    assert place("35,36 сомони", text) is None
    assert place("", text) is None


def test_a_quote_never_begins_or_ends_inside_a_number_or_word():
    assert place("35 сомонӣ", "Маблағ 135 сомонӣ аст.") is None
    assert place("аз 5", "аз 58 то 60, аз 5 то 6") == (13, 17)
