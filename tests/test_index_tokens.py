"""Words of a text: cleaned, split, folded, stemmed; Latin letters read in Cyrillic."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.scripts import latin_to_folded, script_of
from index.tokens import clean, fold, grouped_numbers, stem, words

TAJIK = st.text("абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюяцщыьў", max_size=20)


@pytest.mark.parametrize(("text", "expected"), [
    ("5-уми март", ["5", "март"]), ("ҶТ-ро дид", ["ҷт", "дид"]), ("«Нур»-ро", ["нур"]),
    ("хона-мактаб", ["хона", "мактаб"]), ("35,36 дирам", ["35", "36", "дирам"]), ("1-го мая", ["1", "мая"]),
    ("Модда 14(1)", ["модда", "14", "1"]), ("№ 294/б", ["294", "б"]), ("", []), ("…!? —", [])])
def test_words_are_split_and_glued_endings_left_off(text, expected):
    assert words(text) == expected


def test_numbers_divided_by_spaces_are_also_one_word():
    assert grouped_numbers("58 500 сомонӣ ва 1\u00a0200\u00a0300") == ["58500", "1200300"]
    assert grouped_numbers("250 сомонӣ, 14 500,5") == ["14500"]
    assert words("58 500") == ["58", "500"]


def test_a_letter_written_as_two_characters_is_one():
    assert clean(unicodedata.normalize("NFD", "Ӣ ва Ӯ й ё")) == "ӣ ва ӯ й ё"


def test_letters_of_neighbours_and_look_alikes_become_tajik_ones():
    assert clean("ќонун, њуќуќ, ўзбек") == "қонун, њуқуқ, ӯзбек"
    assert clean("Шинocнoмa") == "шиноснома"                # Latin c, o, a within
    assert clean("PDF файли MyGov") == "pdf файли mygov"


def test_what_cannot_be_seen_is_gone_and_an_apostrophe_in_a_word_is_a_hard_sign():
    assert clean("шино\u00adсно\u200bма, са\u0301на, ма'но, маʼно") == "шиноснома, сана, маъно, маъно"


@pytest.mark.parametrize(("one", "other"), [
    ("ҳуҷҷат", "хуччат"), ("қарор", "карор"), ("ғизо", "гизо"), ("ӯҳдадорӣ", "ухдадори"), ("ҷавоб", "джавоб"),
    ("хориҷӣ", "хориҷй"), ("эълон", "елон"), ("цирк", "тсирк"), ("маънӣ", "мани"), ("ёрӣ", "ери"), ("ҳайъат", "хайат")])
def test_usual_spellings_share_a_key(one, other):
    assert fold(one) == fold(other)


def test_words_of_another_meaning_keep_apart_where_no_letter_is_lost():
    assert fold("намедиҳад") != fold("медиҳад")
    assert fold("250") == "250"
    assert fold("чой") == "чой"


@given(TAJIK)
def test_folding_twice_is_folding_once(word):
    assert fold(fold(word)) == fold(word)


@given(st.text(max_size=60))
def test_cleaning_twice_is_cleaning_once_and_words_are_clean(text):
    assert clean(clean(text)) == clean(text)
    for word in words(text):
        assert word
        assert not any(letter.isspace() or letter in "\"'*():" for letter in word)


@pytest.mark.parametrize(("word", "language", "expected"), [
    ("хуччатхои", "tg", "хучч"), ("шиносномаро", "tg", "шиноснома"), ("шиносномаи", "tg", "шиноснома"),
    ("соли", "tg", "сол"), ("пул", "tg", "пул"), ("намедиханд", "tg", "намедиханд"), ("58500", "tg", "58500"),
    ("паспорта", "ru", "паспорт"), ("документами", "ru", "документ"), ("services", "en", "servic")])
def test_endings_are_taken_off_and_beginnings_never(word, language, expected):
    assert stem(word, language) == expected


@given(TAJIK, st.sampled_from(["tg", "ru", "en", "unknown"]))
def test_a_stem_is_the_beginning_of_its_word_and_never_too_short(word, language):
    stemmed = stem(fold(word), language)
    assert fold(word).startswith(stemmed)
    assert len(stemmed) >= min(3, len(fold(word)))


@pytest.mark.parametrize(("text", "script"), [
    ("Шиноснома чанд пул?", "Cyrl"), ("shinosnoma chand pul", "Latn"), ("شناسنامه چند پول", "Arab"),
    ("шиноснома online чанд", "mixed"), ("Қонуни Ҷумҳурии Тоҷикистон (PDF)", "Cyrl"), ("250", "Cyrl"), ("", "Cyrl")])
def test_the_script_is_that_of_most_letters(text, script):
    assert script_of(text) == script


@pytest.mark.parametrize(("word", "folded"), [
    ("shinosnoma", "шиноснома"), ("khonavoda", "хонавода"), ("xonavoda", "хонавода"), ("jumhurī", "чумхури"),
    ("ğizo", "гизо"), ("Qonun", "конун"), ("yordam", "ердам"), ("ma'no", "мано"), ("nafaqa", "нафака"),
    ("tsirk", "сирк"), ("čoj", "чоч")])
def test_latin_habits_are_read(word, folded):
    assert folded in latin_to_folded(word)


def test_a_latin_word_has_few_readings_the_likeliest_first_and_others_have_none():
    assert latin_to_folded("shahr")[0] == "шахр"
    assert len(latin_to_folded("wcjychyw" * 3)) <= 8
    assert latin_to_folded("шаҳр") == latin_to_folded("x1") == latin_to_folded("") == []


@given(st.text("abcdefghijklmnopqrstuvwxyz'īŭ", max_size=30))
def test_every_reading_is_folded(word):
    assert all(fold(reading) == reading for reading in latin_to_folded(word))
