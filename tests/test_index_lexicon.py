"""Words of one language that stand for those of another, and how a question is read with them."""

from __future__ import annotations

from itertools import pairwise

import pytest

from index.errors import LexiconError
from index.lexicon import Lexicon, lexicon_rows

HEAD = "ru\ttg\ten\tdomain\tweight\tevidence\tnote\n"


@pytest.fixture(scope="module")
def shipped():
    return Lexicon.load()


@pytest.fixture
def own(tmp_path):
    def write(*lines):
        path = tmp_path / "луғат.tsv"
        path.write_text(HEAD + "\n".join(lines), encoding="utf-8")
        return path

    return write


def targets(expansions):
    return [item.target for item in expansions]


def test_a_russian_word_has_its_tajik_ones_in_any_case(shipped):
    for word in ("паспорт", "паспорта", "паспортом"):
        assert "шиноснома" in targets(shipped.expand([word], "ru"))


def test_an_english_word_has_its_tajik_ones(shipped):
    assert "шиноснома" in targets(shipped.expand(["passport"], "en"))


def test_a_tajik_word_has_its_russian_ones_letters_restored_or_not(shipped):
    assert "брак" in targets(shipped.expand(["никоҳ"], "tg"))
    assert targets(shipped.expand(["никоҳ"], "tg")) == targets(shipped.expand(["никох"], "tg"))


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
    assert targets(lexicon.expand(["до", "каких", "пор"], "ru")) == ["то кай"]


def test_at_most_eight_targets_the_heaviest_first(own):
    lexicon = Lexicon.load(own(*(f"дом\tхона{letter}\t\tx\t{weight}\t0\t"
                                 for letter, weight in zip("бвгджзклмнп", [1, .9, .8, .7, .6, .5, .4, .3, .2, .1, .05],
                                                           strict=True))))
    found = lexicon.expand(["дом"], "ru")
    assert len(found) == 8
    assert all(one.weight >= other.weight for one, other in pairwise(found))


def test_another_language_and_no_words_have_none(shipped):
    assert shipped.expand(["paspor"], "de") == []
    assert shipped.expand([], "ru") == []


@pytest.mark.parametrize("line", ["паспорт\tшиноснома", "паспорт\tшиноснома\t\tdoc\tвазн\t0\t",
                                  "паспорт\tшиноснома\t\tdoc\t1.5\t0\t", "паспорт\tшиноснома\t\tdoc\t0\t0\t"])
def test_a_line_that_cannot_be_read_is_named(own, line):
    with pytest.raises(LexiconError, match="line 2") as caught:
        Lexicon.load(own(line))
    assert caught.value.hint


def test_a_file_without_its_columns_is_refused(tmp_path):
    path = tmp_path / "а.tsv"
    path.write_text("ru\ttg\n", encoding="utf-8")
    with pytest.raises(LexiconError, match="first line"):
        Lexicon.load(path)
    with pytest.raises(LexiconError, match="cannot be read"):
        Lexicon.load(tmp_path / "нест.tsv")


def test_the_shipped_rows_are_sorted_and_each_is_there_once():
    rows = lexicon_rows()
    assert rows == sorted(rows)
    assert len({row[:3] for row in rows}) == len(rows) > 8_000
