"""Words of one language that stand for those of another, who says so, and which is meant."""

from __future__ import annotations

import csv
from itertools import pairwise

import pytest

from index.errors import LexiconError
from index.lexicon import Lexicon, Origin, lexicon_rows
from index.lexicon_file import LEARNT, SHIPPED, Target, rows_of
from index.tokens import words

HEAD = "ru\ttg\ten\tdomain\tweight\tevidence\tnote\n"


@pytest.fixture(scope="module")
def shipped():
    return Lexicon.load()


@pytest.fixture
def own(tmp_path):
    def write(*lines, name="луғат.tsv", head=HEAD):
        path = tmp_path / name
        path.write_text(head + "\n".join(lines), encoding="utf-8")
        return path

    return write


def targets(expansions):
    return [item.target for item in expansions]


def readable(lexicon, question, language):
    return [item.readable for item in lexicon.expand(words(question), language)]


def weight(lexicon, question, language, tajik):
    return max((item.weight for item in lexicon.expand(words(question), language) if item.readable == tajik),
               default=0.0)


def pairs(rows):
    return {row[:3]: Target.from_detail(*row[2:]) for row in rows}


# Meeting its row

def test_a_russian_word_has_its_tajik_ones_in_any_case(shipped):
    for word in ("паспорт", "паспорта", "паспортом"):
        assert "шиноснома" in targets(shipped.expand([word], "ru"))


def test_an_english_word_has_its_tajik_ones(shipped):
    assert "шиноснома" in targets(shipped.expand(["passport"], "en"))


def test_a_tajik_word_has_its_russian_ones_letters_restored_or_not(shipped):
    assert "брак" in targets(shipped.expand(["никоҳ"], "tg"))
    assert targets(shipped.expand(["никоҳ"], "tg")) == targets(shipped.expand(["никох"], "tg"))


@pytest.mark.parametrize(("question", "language", "expected"), [
    ("Куда подать заявление на гражданство?", "ru", "шаҳрвандӣ"),
    ("без прописки", "ru", "бе қайд"),
    ("водительских прав", "ru", "шаҳодатномаи ронандагӣ"),
    ("отпечатки для справки о несудимости", "ru", "нақши ангушт"),
    ("Кому положена адресная помощь?", "ru", "кумаки унвонии иҷтимоӣ"),
    ("плательщиком НДС", "ru", "андоз аз арзиши иловашуда"),
    ("тариф на свет", "ru", "тарифи барқ"),
    ("birth certificates", "en", "шаҳодатномаи таваллуд"),
    ("driving licences", "en", "шаҳодатномаи ронандагӣ"),
    ("the companies", "en", "ширкат"),
    ("register the company", "en", "бақайдгирии шахси ҳуқуқӣ"),
    ("childcare leave", "en", "рухсатии нигоҳубини кӯдак"),
    ("шаҳодатномаи ронандагиам", "tg", "водительские права"),
    ("нафақаро", "tg", "пенсия"),
    ("насабашро иваз мекунам", "tg", "фамилия"),
])
def test_words_of_a_question_meet_their_rows_whatever_their_endings(shipped, question, language, expected):
    assert expected in readable(shipped, question, language)


def test_a_tajik_verb_that_only_carries_a_noun_is_not_waited_for(own):
    lexicon = Lexicon.load(own("заменить\tиваз кардан\t\tdoc\t1\t0\t"))
    for said in ("иваз кунам", "иваз мекунанд", "ивази он"):
        assert targets(lexicon.expand(words(said), "tg")) == ["замен"]
    assert targets(lexicon.expand(["заменить"], "ru")) == ["иваз"]


def test_english_articles_within_a_phrase_are_passed_over(own):
    lexicon = Lexicon.load(own("\tгум кардани шиноснома\tloss of passport\tdoc\t1\t0\t"))
    found = lexicon.expand(words("after the loss of a passport today"), "en")
    assert [(item.source, item.start, item.end) for item in found] == [("loss of a passport", 2, 6)]


def test_another_language_and_no_words_have_none(shipped):
    assert shipped.expand(["paspor"], "de") == []
    assert shipped.expand([], "ru") == []


# Weights

def test_the_longest_span_weighs_whole_and_the_words_within_it_less(own):
    lexicon = Lexicon.load(own("заграничный паспорт\tшиносномаи хориҷӣ\t\tdoc\t1\t0\t",
                               "паспорт\tшиноснома\t\tdoc\t1\t0\t"))
    found = lexicon.expand(["мой", "заграничный", "паспорт"], "ru")
    assert [(item.target, item.weight, item.start, item.end) for item in found] \
        == [("шиноснома хорич", 1.0, 1, 3), ("шиноснома", 0.6, 2, 3)]


def test_a_lone_function_word_is_left_out_and_a_phrase_of_them_is_not(own):
    lexicon = Lexicon.load(own("как\tчӣ тавр\t\tquestion\t1\t0\tfunction word",
                               "до каких пор\tто кай\t\tquestion\t1\t0\tfunction word"))
    assert not lexicon.expand(["как"], "ru")
    assert targets(lexicon.expand(["до", "каких", "пор"], "ru")) == ["кай"]


def test_a_key_that_says_nothing_of_a_subject_weighs_little(shipped):
    assert weight(shipped, "можно", "ru", "мумкин аст") < 0.5 < weight(shipped, "пенсия", "ru", "нафақа")


def test_at_most_eight_targets_the_heaviest_first(own):
    lexicon = Lexicon.load(own(*(f"дом\tхона{letter}\t\tx\t{weight}\t0\t"
                                 for letter, weight in zip("бвгджзклмнп", [1, .9, .8, .7, .6, .5, .4, .3, .2, .1, .05],
                                                           strict=True))))
    found = lexicon.expand(["дом"], "ru")
    assert len(found) == 8
    assert all(one.weight >= other.weight for one, other in pairwise(found))


def test_a_word_that_is_a_row_itself_outranks_another_of_the_same_stem(own):
    lexicon = Lexicon.load(own("права\tҳуқуқ\t\tlaw\t1\t0\t", "правила\tқоидаҳо\t\tlaw\t1\t0\t"))
    assert weight(lexicon, "права", "ru", "ҳуқуқ") > weight(lexicon, "права", "ru", "қоидаҳо") > 0
    assert weight(lexicon, "правила", "ru", "ҳуқуқ") < weight(lexicon, "правила", "ru", "қоидаҳо")
    assert weight(lexicon, "правами", "ru", "ҳуқуқ") == 1.0


# Ambiguous words

def test_company_in_the_question_decides_what_an_ambiguous_word_is(own):
    lexicon = Lexicon.load(own("перевод\tтарҷума\t\tdoc\t1\t0\t",
                               "перевод\tинтиқоли пул\t\tmoney\t1\t0\tru: денег, деньги, из банка, России"))
    assert weight(lexicon, "перевод диплома", "ru", "тарҷума") == 1.0
    assert weight(lexicon, "перевод диплома", "ru", "интиқоли пул") == pytest.approx(0.3)
    for question in ("перевод денег", "деньги перевод", "перевод из банка", "перевод в Россию"):
        assert weight(lexicon, question, "ru", "интиқоли пул") == 1.0
        assert weight(lexicon, question, "ru", "тарҷума") == 0.5
    assert weight(lexicon, "перевод в банк", "ru", "интиқоли пул") == pytest.approx(0.3)


def test_company_named_in_one_language_does_not_bind_the_others(own):
    lexicon = Lexicon.load(own("лицо\tшахс\tperson\tlaw\t1\t0\tru: физическое"))
    assert weight(lexicon, "person", "en", "шахс") == weight(lexicon, "шахс", "tg", "лицо") == 1.0
    assert weight(lexicon, "лицо", "ru", "шахс") < 1.0


@pytest.mark.parametrize(("language", "question", "meant", "not_meant"), [
    ("ru", "справка о несудимости", "маълумотнома", "кумак"),
    ("ru", "права на машину поменять", "шаҳодатномаи ронандагӣ", "ҳуқуқ"),
    ("ru", "права ребёнка нарушают", "ҳуқуқ", "шаҳодатномаи ронандагӣ"),
    ("ru", "перевод денег из России", "интиқоли пул", "тарҷума"),
    ("ru", "перевод документа на таджикский", "тарҷума", "интиқоли пул"),
    ("ru", "перевод на другую работу", "гузаронидан ба кори дигар", "тарҷума"),
    ("ru", "печать фирмы", "мӯҳр", "чоп"),
    ("ru", "место в садике", "ҷой дар кӯдакистон", "маҳал"),
    ("ru", "поставить машину на учёт", "бақайдгирии давлатӣ", "баҳисобгирии ҳарбӣ"),
    ("ru", "пошлина за телефон на таможне", "боҷи гумрукӣ", "боҷи давлатӣ"),
    ("en", "licence for a car driver", "шаҳодатномаи ронандагӣ", "иҷозатнома"),
    ("en", "licence to run a pharmacy business", "иҷозатнома", "шаҳодатномаи ронандагӣ"),
    ("en", "customs duty on a phone", "боҷи гумрукӣ", "хизмати ҳарбӣ"),
    ("en", "duty in the army", "хизмати ҳарбӣ", "боҷи гумрукӣ"),
    ("tg", "боҷи телефон дар гумрук", "таможенная пошлина", "государственная пошлина"),
    ("tg", "боҷи суд барои талоқ", "государственная пошлина", "таможенная пошлина"),
])
def test_the_shipped_rows_tell_meanings_apart(shipped, language, question, meant, not_meant):
    assert weight(shipped, question, language, meant) > weight(shipped, question, language, not_meant)


def test_at_least_forty_ambiguous_words_are_told_apart():
    with SHIPPED.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    told = {(language, row[language]) for row in rows for language in ("ru", "tg", "en")
            if f"{language}:" in row["note"]}
    assert len(told) > 40
    assert {language for language, _ in told} == {"ru", "tg", "en"}


# Who says so

def test_every_expansion_can_be_explained(shipped):
    found = shipped.expand(["справку"], "ru")[0]
    assert (found.source, found.readable, found.origin) == ("справку", "маълумотнома", Origin.HAND)
    learnt = shipped.expand(["принтер"], "ru") + shipped.expand(["laptop"], "en")
    assert {item.origin for item in learnt} == {Origin.LEARNT}
    assert all(item.readable for item in learnt)


def test_what_was_learnt_weighs_less_and_gives_way_to_what_a_person_wrote(own):
    hand = own("дом\tхона\t\tland\t1\t0\t", name="hand.tsv")
    learnt = own("дом\tсаҳифаи асосӣ\t\tlearnt\t1\t9\t", "замок\tқуфл\t\tlearnt\t0.5\t9\t", name="learnt.tsv")
    rows = pairs(rows_of([(learnt, Origin.LEARNT), (hand, Origin.HAND)]))
    assert {key[1:] for key in rows if key[0] == "ru"} == {("дом", "хона"), ("замок", "куфл")}
    assert rows["ru", "замок", "куфл"].weight == pytest.approx(0.2)
    assert rows["ru", "дом", "хона"].weight == 1.0


def test_a_learnt_phrase_does_not_push_down_the_words_a_person_wrote():
    one, two = Target("хона", "хона", Origin.HAND, 1.0), Target("сахифа", "саҳифа", Origin.LEARNT, 0.4)
    lexicon = Lexicon.load()
    connection = lexicon._connection
    connection.execute("DELETE FROM lexicon")
    connection.executemany("INSERT INTO lexicon VALUES (?, ?, ?, ?)",
                           [("ru", "дом", one.target, one.to_detail()), ("ru", "мой дом", two.target, two.to_detail())])
    assert [(item.target, item.weight) for item in lexicon.expand(["мой", "дом"], "ru")] \
        == [("сахифа", 0.4), ("хона", 1.0)]


def test_a_row_survives_being_stored():
    target = Target("интикол пул", "интиқоли пул", Origin.ADMIN, 0.0, ((0.8, ("банк", "ден")),), ("перевод",))
    assert Target.from_detail(target.target, target.to_detail()) == target


# An admin's file

def test_an_admins_rows_are_merged_over_ours_and_only_they_change(own):
    ours = pairs(lexicon_rows())
    path = own("справка\tкоғази сабз\tgreen paper\tadmin\t1\t0\t", "паспорт\tшиноснома\t\tdocuments\t0.2\t0\t")
    merged = pairs(lexicon_rows([path]))
    added = merged["ru", "справк", "когаз сабз"]
    assert (added.readable, added.origin, added.weight) == ("коғази сабз", Origin.ADMIN, 1.0)
    assert merged["ru", "паспорт", "шиноснома"].weight == 0.2
    changed = {key for key in merged if merged[key] != ours.get(key)}
    assert changed == {("ru", "справк", "когаз сабз"), ("tg", "когаз сабз", "справк"),
                       ("en", "green paper", "когаз сабз"), ("en", "green paper", "справк"),
                       ("ru", "паспорт", "шиноснома"), ("tg", "шиноснома", "паспорт")}
    assert lexicon_rows(path) == lexicon_rows([path])


def test_an_admin_can_take_a_row_of_ours_away(own):
    path = own("справка\tмаълумотнома\t\tadmin\t0\t0\t")
    gone = set(pairs(lexicon_rows())) - set(pairs(lexicon_rows(path)))
    assert gone == {("ru", "справк", "малумотнома"), ("tg", "малумотнома", "справк")}


def test_a_later_file_of_an_admin_overrules_an_earlier_one(own):
    first = own("справка\tкоғаз\t\tx\t1\t0\t", name="first.tsv")
    second = own("справка\tкоғаз\t\tx\t0.3\t0\t", name="second.tsv")
    assert pairs(lexicon_rows([first, second]))["ru", "справк", "когаз"].weight == 0.3


def test_a_short_file_from_a_spreadsheet_is_read(own):
    path = own("справка\tкоғаз\tslip", head="\ufeffru\ttg\ten\n")
    assert pairs(lexicon_rows(path))["en", "slip", "когаз"].weight == 1.0


def test_an_unreadable_file_of_an_admin_is_named_with_its_line(own):
    good = own("справка\tкоғаз\t\tx\t1\t0\t", name="good.tsv")
    bad = own("справка\tкоғаз\t\tx\t1\t0\t", "паспорт\tшиноснома\t\tx\tвазн\t0\t", name="bad.tsv")
    with pytest.raises(LexiconError, match=r"line 3 of .*bad\.tsv") as caught:
        lexicon_rows([good, bad])
    assert caught.value.hint
    assert lexicon_rows(good)


# Files that cannot be read

@pytest.mark.parametrize("line", [
    "паспорт\tшиноснома", "паспорт\tшиноснома\t\tdoc\tвазн\t0\t", "паспорт\tшиноснома\t\tdoc\t1.5\t0\t",
    "паспорт\tшиноснома\t\tdoc\t0\t0\t", "паспорт\tшиноснома\t\tdoc\tnan\t0\t", "а\tб\tв\tг\t1\t0\t\tз",
    "паспорт\tшиноснома\t\tdoc\t1\t0\tde: Reise"])
def test_a_line_that_cannot_be_read_is_named(own, line):
    with pytest.raises(LexiconError, match="line 2") as caught:
        Lexicon.load(own(line))
    assert caught.value.hint


def test_a_file_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "а.tsv"
    path.write_text("ru\ttg\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="first line"):
        Lexicon.load(path)
    path.write_text("", encoding="utf-8")
    with pytest.raises(LexiconError, match="first line"):
        Lexicon.load(path)
    with pytest.raises(LexiconError, match="cannot be read"):
        Lexicon.load(tmp_path / "нест.tsv")


# What ships

def test_the_shipped_rows_are_sorted_and_each_is_there_once():
    rows = lexicon_rows()
    assert rows == sorted(rows)
    assert len({row[:3] for row in rows}) == len(rows) > 20_000


@pytest.mark.parametrize("path", [SHIPPED, LEARNT], ids=lambda path: path.name)
def test_no_line_of_a_shipped_file_is_there_twice(path):
    lines = path.read_text(encoding="utf-8").splitlines()
    assert len(set(lines)) == len(lines) > 7_000
    assert not [line for line in lines if line != line.strip("\n ") or "  " in line]
