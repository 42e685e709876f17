"""Acts named in official Tajik and Russian, what a text does to them, and what became of documents."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.acts import articles_of, issuer_of, own_act, read_acts, read_changes
from corpora.changes import ChangeKind
from corpora.dates import fold, read_dates
from corpora.records import Act, Document, DocumentId, DocumentStatus
from corpora.references import Role, act_type, family
from corpora.replaced import Replacement, mark, replacements, same_act

LABELLED = [json.loads(line) for line in
            (Path(__file__).parent / "assets/acts.jsonl").read_text(encoding="utf-8").splitlines()]
GOVERNMENT = "қарори Ҳукумати Ҷумҳурии Тоҷикистон"
IN_RUSSIAN = "постановление Правительства Республики Таджикистан"
OLD, NEW = Act(GOVERNMENT, "203", "2009-04-02"), Act(GOVERNMENT, "294", "2020-05-27")
OLD_WORDS = "Қарори Ҳукумати ҶТ аз 2 апрели соли 2009, № 203"
NEW_WORDS = "Қарори Ҳукумати ҶТ аз 27 майи соли 2020, № 294"
REPEAL = f"{NEW_WORDS}\n2. {OLD_WORDS} аз эътибор соқит дониста шавад."


def document(name: str, act: Act | None = None, **more) -> Document:
    language = more.pop("language", "tg")
    return Document(DocumentId(name), name, language, f"{name}.txt", "", "text/plain", "", act=act, **more)


def acts(text: str) -> list[tuple[str, str, str]]:
    return [(one.role.value, one.act.number, one.act.date) for one in read_acts(text)]


def score(read, told: str) -> tuple[float, float]:
    hits = found = wanted = 0
    for sentence in LABELLED:
        got, want = Counter(read(sentence["text"])), Counter(map(_key, sentence[told]))
        hits, found, wanted = hits + (got & want).total(), found + got.total(), wanted + want.total()
    return hits / found, hits / wanted


def _key(value):
    return tuple(value) if isinstance(value, list) else value


def test_references_with_their_roles_are_read_from_the_labelled_sentences_with_hardly_an_error():
    precision, recall = score(lambda text: [(one.role.value, one.act.type, one.act.number, one.act.date)
                                            for one in read_acts(text)], "references")
    assert len(LABELLED) >= 60
    assert precision >= 0.98
    assert recall >= 0.95


def test_dates_are_read_from_the_labelled_sentences_with_hardly_an_error():
    precision, recall = score(lambda text: [one.iso for one in read_dates(text)], "dates")
    assert precision >= 0.98
    assert recall >= 0.95


@pytest.mark.parametrize("sentence", LABELLED, ids=range(len(LABELLED)))
def test_a_reference_stands_where_it_says_and_its_number_is_as_printed(sentence):
    text = sentence["text"]
    found = read_acts(text)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert all(one.act.number in text[one.start:one.end] for one in found)


@pytest.mark.parametrize("sentence", LABELLED, ids=range(len(LABELLED)))
def test_text_without_its_tajik_letters_gives_the_same_acts(sentence):
    folded = fold(sentence["text"])
    assert acts(folded) == [(role, fold(number), date) for role, number, date in acts(sentence["text"])]


@given(st.text(st.sampled_from("қарори Ҳукумати№ 12.05аз соли2020,«»()\n:;беэътибор закон от утратил"), max_size=120))
def test_any_text_at_all_is_read_without_a_fault(text):
    assert all(0 <= one.start < one.end <= len(text) for one in read_acts(text))
    read_changes(text)
    issuer_of(text)


@pytest.mark.parametrize("text", [
    "Тибқи қонуни Ҷумҳурии Тоҷикистон шаҳрвандон дар бораи қарор хабар мегиранд ва пардохт мекунанд " * 400,
    "қарори " * 6000, "«" * 20000, "аз 1 " * 8000, "№ 1, " * 8000, ". \n" * 12000,
    "постановление от 5 мая 2020 года № 5, " * 1500, "бо қарори № 5 бекор шуд, " * 2000, "«қарори № 5» " * 2000])
def test_a_long_or_hostile_text_is_read_to_its_end_and_has_no_act_of_its_own(text):
    assert all(one.role is not Role.OWN for one in read_acts(text))


@pytest.mark.parametrize(("printed", "language_type"), [
    ("Қарори Ҳукумати ҶТ", GOVERNMENT), ("ҚҲҶТ", GOVERNMENT), ("қарорҳои Ҳукумати Ҷумҳурии Тоҷикистон", GOVERNMENT),
    ("постановлением Правительства РТ", IN_RUSSIAN), ("Закона Республики Таджикистан", "закон Республики Таджикистан"),
    ("фармоиши Вазири корҳои дохилии Ҷумҳурии Тоҷикистон", "фармоиши Вазорати корҳои дохилӣ"),
    ("қонунҳои конститутсионии Ҷумҳурии Тоҷикистон", "қонуни конститутсионии Ҷумҳурии Тоҷикистон"),
    ("указом Президента России", "указ Президента России"), ("қарори", "қарор")])
def test_a_type_has_one_spelling(printed, language_type):
    found = read_acts(f"тибқи {printed} аз 5 майи соли 2020, № 12 амал мекунад")
    assert [one.act for one in found] == [Act(language_type, "12", "2020-05-05")]


def test_a_type_is_of_one_family_in_both_languages_and_of_none_abroad():
    assert family(GOVERNMENT) == family(IN_RUSSIAN) == ("decree", "government")
    assert family("Кодекси ҷиноятии Ҷумҳурии Тоҷикистон") == family("кодекс Республики Таджикистан")
    assert family(act_type("қарори", " Ҳукумати Федератсияи Россия")) == ("decree", "russia")
    assert act_type("постановление", " Правительства Кыргызской Республики") == ""


@pytest.mark.parametrize("text", [
    "Қонуни Ҷумҳурии Тоҷикистон, № 7, мод. 394", "Закон Республики Таджикистан № 4, ст. 201",
    "қарори мазкур аз 5 майи соли 2020", "тартиби муқарраршуда, № 5", "указанный № 5 от 5 мая 2020 года"])
def test_a_gazettes_number_or_another_papers_is_no_act(text):
    assert read_acts(text) == ()


def test_two_acts_that_could_be_the_texts_own_leave_it_without_one():
    text = f"{NEW_WORDS}\n{OLD_WORDS}"
    assert own_act(text) is None
    assert {one.role for one in read_acts(text)} == {Role.MENTIONED}
    assert own_act(f"{text}\n\nСанад: қарори Ҳукумати ҶТ аз 2 апрели соли 2009, № 203.") == OLD


def test_a_sentence_that_opens_with_an_act_does_not_make_it_the_texts_own():
    assert own_act(f"{NEW_WORDS} қоидаҳои додани шиносномаро муқаррар кард.") is None
    assert own_act("Постановление Правительства РТ от 28 марта 2024 года № 190 добавило 25 государств.") is None


@pytest.mark.parametrize("doubt", [
    "Агар {old} беэътибор дониста шавад, пардохт бармегардад.", "Лоиҳаи қарор: {old} беэътибор дониста шавад.",
    "{old} аз эътибор соқит дониста нашудааст.", "Эҳтимол {old} беэътибор дониста шудааст.",
    "Тасдиқнашуда: {old} беэътибор шудааст.", "Оё {old} бекор шудааст?",
    "{old} ба истиснои боби 2 беэътибор дониста шуд.", "Талаботи {old} бекор карда шавад.",
    "Тибқи {old} иҷозатнома бекор карда шавад.", "Иҷозатномаи бо {old} додашуда бекор карда шавад."])
def test_a_doubt_a_denial_or_another_thing_ends_no_act(doubt):
    text = doubt.format(old=OLD_WORDS)
    assert [change for change in read_changes(text) if change.kind is not ChangeKind.AMEND] == []
    assert [one.role for one in read_acts(text)] == [Role.MENTIONED]


@pytest.mark.parametrize(("text", "since"), [
    ("Аз 1 январи соли 2022 {old} беэътибор дониста шавад.", "2022-01-01"),
    ("{old} аз 1 январи соли 2022 беэътибор дониста шуд.", "2022-01-01"),
    ("{old} беэътибор дониста шуд.", "")])
def test_the_day_of_an_end_is_read_where_it_stands(text, since):
    change, = read_changes(text.format(old=OLD_WORDS))
    assert (change.since, [one.act for one in change.olds]) == (since, [OLD])


@pytest.mark.parametrize(("text", "office"), [
    (NEW_WORDS, "Ҳукумати Ҷумҳурии Тоҷикистон"),
    ("Постановление Правительства Республики Таджикистан от 2 марта 2013 года, № 90",
     "Правительство Республики Таджикистан"),
    ("Указ Президента Республики Таджикистан от 22 июня 2023 года № 586", "Президент Республики Таджикистан"),
    ("ВАЗОРАТИ МЕҲНАТИ ҶУМҲУРИИ ТОҶИКИСТОН\nФАРМОИШ\nаз 5 майи соли 2021, № 34/12",
     "Вазорати меҳнати Ҷумҳурии Тоҷикистон"),
    ("Мақоми масъул ё ношир: Вазорати адлия.", "Вазорати адлия"), ("Матни бе санад.", ""),
    ("Ношир: Вазорати адлия\nНошир: Кумитаи андоз", "")])
def test_the_issuer_is_named_where_the_text_names_one(text, office):
    assert issuer_of(text) == office


@pytest.mark.parametrize(("text", "places"), [
    ("тибқи қисми 2 моддаи 14 Қонун", ("моддаи 14, қисми 2",)), ("моддаи 14, қисми 2", ("моддаи 14, қисми 2",)),
    ("пункт 3 части 2 статьи 14", ("статья 14, часть 2, пункт 3",)), ("моддаҳои 24–28", ("моддаҳои 24–28",)),
    ("моддаҳои 5, 7 ва 12 дар давоми 3 рӯз", ("моддаҳои 5, 7 ва 12",)), ("моддаи 5 ва 3 рӯз", ("моддаи 5",)),
    ("банди 3-и қоидаҳо; моддаи 5", ("банди 3", "моддаи 5")), ("модда нест", ())])
def test_places_in_an_act_are_named_from_the_largest_part(text, places):
    assert articles_of(text) == places


def test_an_act_is_the_same_in_both_languages_and_never_without_its_date():
    assert same_act(OLD, Act(IN_RUSSIAN, "203", "2009-04-02"))
    assert same_act(OLD, Act("қарор", "203", "2009-04-02"))
    assert not same_act(OLD, Act("қарори Раиси шаҳри Душанбе", "203", "2009-04-02"))
    assert not same_act(OLD, Act(GOVERNMENT, "203", "2009"))
    assert not same_act(Act(GOVERNMENT, "203", "2009"), Act(GOVERNMENT, "203", "2009"))
    assert not same_act(Act(GOVERNMENT, "", "2009-04-02"), Act(GOVERNMENT, "", "2009-04-02"))
    assert not same_act(Act("фармоиши Вазорати адлия", "1", "2020-01-05"),
                        Act("фармоиши Вазорати молия", "1", "2020-01-05"))


def test_a_document_whose_act_another_text_repeals_is_void_with_its_successor():
    old, new, other = document("old", OLD), document("new", NEW), document("other")
    texts = {DocumentId("new"): REPEAL, DocumentId("other"): "Шиноснома 10 сол эътибор дорад."}
    found = replacements([old, new, other], texts)
    assert found == {old.id: Replacement(NEW, new.id, None, DocumentStatus.VOID)}
    void = replace(old, status=DocumentStatus.VOID, superseded_by=new.id)
    assert mark([old, new, other], found) == (void, new, other)


def test_a_third_text_may_tell_it_and_a_replaced_act_is_superseded_from_its_day():
    told = f"{OLD_WORDS} бо қарори Ҳукумати ҶТ аз 27 майи соли 2020, № 294 аз 1 июли соли 2020 иваз карда шуд."
    old = document("old", OLD)
    found = replacements([old, document("news")], {DocumentId("news"): told})
    assert found == {old.id: Replacement(NEW, None, "2020-07-01", DocumentStatus.SUPERSEDED)}
    done, = mark([old], found)
    assert (done.status, done.valid_until, done.superseded_by) == (DocumentStatus.SUPERSEDED, "2020-06-30", None)


def test_a_text_may_tell_its_own_end():
    text = "Санад: қарори Ҳукумати ҶТ аз 2 апрели соли 2009, № 203.\nҚарори мазкур беэътибор дониста шудааст."
    assert replacements([document("old")], {DocumentId("old"): text}) == {DocumentId("old"): Replacement()}


def test_both_translations_of_an_act_end_each_with_the_successor_in_its_own_language():
    olds = [document("old-tg", OLD), document("old-ru", Act(IN_RUSSIAN, "203", "2009-04-02"), language="ru")]
    news = [document("new-tg", NEW), document("new-ru", Act(IN_RUSSIAN, "294", "2020-05-27"), language="ru")]
    found = replacements([*olds, *news], {DocumentId("new-tg"): REPEAL})
    assert {old: one.by_document for old, one in found.items()} == {"old-tg": "new-tg", "old-ru": "new-ru"}


def test_a_circle_a_self_reference_and_an_older_successor_change_nothing():
    back = f"{OLD_WORDS}\n2. {NEW_WORDS} аз эътибор соқит дониста шавад."
    itself = f"{OLD_WORDS}\n2. {OLD_WORDS} аз эътибор соқит дониста шавад."
    same_day = [Act(GOVERNMENT, "1", "2020-01-05"), Act(GOVERNMENT, "2", "2020-01-05")]
    words = [f"Қарори Ҳукумати ҶТ аз 5 январи соли 2020, № {number}" for number in (1, 2)]
    circle = [f"{one}\n2. {other} беэътибор дониста шавад." for one, other in (words, words[::-1])]
    old = document("old", OLD)
    pair = [document("a", same_day[0]), document("b", same_day[1])]
    assert replacements([old, document("new", NEW)], {DocumentId("old"): back}) == {}
    assert replacements([old], {DocumentId("old"): itself}) == {}
    assert replacements(pair, {DocumentId("a"): circle[0], DocumentId("b"): circle[1]}) == {}
    assert mark(pair, {}) == tuple(pair)


def test_two_texts_that_name_two_successors_leave_the_end_and_name_none():
    third = "Қарори Ҳукумати ҶТ аз 5 майи соли 2021, № 12"
    found = replacements([document("old", OLD), document("new", NEW), document("third")],
                         {DocumentId("new"): REPEAL, DocumentId("third"): REPEAL.replace(NEW_WORDS, third)})
    assert found == {DocumentId("old"): Replacement(None, None, None, DocumentStatus.VOID)}


def test_a_part_that_goes_leaves_the_act_in_force():
    text = f"{NEW_WORDS}\n2. Банди 3-и {OLD_WORDS} аз эътибор соқит дониста шавад."
    assert replacements([document("old", OLD), document("new", NEW)], {DocumentId("new"): text}) == {}
    assert acts(text)[1] == ("amends", "203", "2009-04-02")


@pytest.mark.parametrize("status", list(DocumentStatus))
def test_what_a_person_said_of_a_document_stays(status):
    found = {DocumentId("old"): Replacement(NEW, DocumentId("new"), None, DocumentStatus.SUPERSEDED)}
    given_status = document("old", OLD, status=status)
    marked, = mark([given_status], found)
    assert marked.status == (DocumentStatus.SUPERSEDED if status == DocumentStatus.UNKNOWN else status)
    named, = mark([replace(given_status, superseded_by=DocumentId("mine"), valid_until="2019-12-31")], found)
    assert (named.superseded_by, named.valid_until) == ("mine", "2019-12-31")


@pytest.mark.parametrize("status", list(DocumentStatus))
def test_of_two_readings_of_a_status_the_stronger_holds(status):
    found = {DocumentId("old"): Replacement(NEW, DocumentId("new"), None, DocumentStatus.SUPERSEDED)}
    marked, = mark([document("old", OLD, status=status)], found, read={DocumentId("old")})
    assert marked.status == (DocumentStatus.VOID if status == DocumentStatus.VOID else DocumentStatus.SUPERSEDED)
    assert mark([marked], found) == (marked,)
