"""What is written quickly is what the rules say, read off word by word."""

from __future__ import annotations

import random
import sqlite3
from collections import Counter
from dataclasses import replace

import pytest

from index import tokens
from index.persian import skeleton
from index.postings import Postings
from index.tables import write_tables
from index.tokens import fold, grouped_numbers, stem, words
from tests.disk import everything
from tests.entries import entry, some

PIECES = ["боҷ", "Боҷи", "ҳуҷҷат", "хуччат", "шиносномаҳо", "58 500", "5-уми", "5 -ум", "ҶТ-ро", "»-ҳо", "кӯдак-у",
          "паспорта", "Кoдекс", "маъно", "ма’но", "и\u0306", "a\u00adb", "\u2014", "-", "_", "(б)", "«", "»", ".", ",",
          "\u00a0", "\n", "?", "½", "İ"]


@pytest.fixture
def chance():
    return random.Random(7)  # noqa: S311 - words of a test, not a secret


@pytest.fixture
def texts(chance):
    return ["".join(chance.choice(PIECES) + chance.choice(["", " ", " "]) for _ in range(chance.randint(1, 25)))
            for _ in range(400)]


@pytest.fixture
def entries(texts):
    some_of = [texts[start:start + 5] for start in range(0, len(texts), 5)]
    return [entry(f"ҳуҷҷат{number:03}", *((one[0][:20], text) for text in one[1:]), title=one[0],
                  language=("tg", "ru", "en", "unknown")[number % 4]) for number, one in enumerate(some_of)]


@pytest.fixture
def written(tmp_path, entries):
    write_tables(tmp_path / "passages.sqlite", entries)
    connection = sqlite3.connect(tmp_path / "passages.sqlite")
    yield connection
    connection.close()


def exact(passage):
    return words(passage.text) + grouped_numbers(passage.text)


def of_all(entries):
    passages = [(one.document, passage) for one in entries for passage in one.passages]
    return enumerate(passages, 1)


def columns(document, passage):
    folded = [fold(word) for word in exact(passage)]
    over = words(f"{document.title}\n{passage.locator.heading}")
    return {"title": [stem(fold(word), document.language) for word in over], "exact": exact(passage), "folded": folded,
            "stemmed": [stem(word, document.language) for word in folded]}


def test_words_are_those_of_the_rules_over_the_whole_text(texts):
    def at_once(text):
        text = tokens._AFTER_NUMBER.sub(r"\1 ", tokens.unicodedata.normalize("NFC", text))
        for clitic in (tokens._AFTER_QUOTE, tokens._AFTER_CAPITALS, tokens._AFTER_WORD):
            text = clitic.sub(" ", text)
        return tokens._WORD.findall(tokens.clean(text))

    assert [words(text) for text in texts] == [at_once(text) for text in texts]


@pytest.mark.parametrize(("text", "expected"), [
    (")-ҳо", []), ("(ҶТ)-ро", ["ҷт"]), ("«Тоҷикстон»-ро.", ["тоҷикстон"]), ("(ҶТ-ҳо),", ["ҷт"]),
    ("б\u0301от,", ["бот"]),
    ("’маъно’", ["маъно"]), ("ﬁ?", ["fi"]), ("Кoдекс!", ["кодекс"]), ("китоб-у", ["китоб"])])
def test_signs_at_the_ends_of_words_do_not_hide_an_ending(text, expected):
    assert words(f"аввал {text} охир") == ["аввал", *expected, "охир"]


def test_a_number_keeps_no_ending_even_across_a_space():
    assert words("5 -уми моҳ, 6- го, 7-8, ба 9") == ["5", "моҳ", "6", "7", "8", "ба", "9"]


def test_every_token_of_every_column_stands_with_its_passage_and_how_often(written, entries):
    found = Postings(written)
    expected = {}
    for number, (document, passage) in of_all(entries):
        for column, of_it in columns(document, passage).items():
            for token, times in Counter(of_it).items():
                expected.setdefault((column, token), {})[number] = times
    rows = written.execute("SELECT col, term FROM postings").fetchall()
    assert sorted(rows) == sorted(expected)
    for phrase, passages in expected.items():
        numbers, times = found.read(phrase)
        assert numbers.tolist() == list(passages)
        assert (times + 0 * numbers).tolist() == list(passages.values())
        assert found.count(phrase) == len(passages)


def test_passages_have_the_stems_of_their_titles_and_words(written, entries):
    rows = dict(written.execute("SELECT number, stems FROM passages"))
    expected = {number: " ".join(sorted({*columns(*one)["title"], *columns(*one)["stemmed"]}))
                for number, one in of_all(entries)}
    assert rows == expected


def test_the_vocabulary_has_the_most_frequent_spelling_of_each_folded_word(written, entries):
    spellings = {}
    for word in (word for one in entries for passage in one.passages for word in exact(passage)):
        spellings.setdefault(fold(word), Counter())[word] += 1
    rows = {row[0]: row[1:] for row in written.execute("SELECT * FROM vocabulary")}
    assert {folded: row[1:] for folded, row in rows.items()} \
        == {folded: (one.total(), skeleton(folded)) for folded, one in spellings.items()}
    assert all(one[rows[folded][0]] == max(one.values()) for folded, one in spellings.items())
    assert rows["хуччат"][0] in ("ҳуҷҷат", "хуччат")


def test_of_spellings_as_frequent_the_one_with_more_tajik_letters_is_kept(tmp_path):
    write_tables(tmp_path / "passages.sqlite", [entry("а", "хуччат ҳуҷҷат ҳуччат")])
    with sqlite3.connect(tmp_path / "passages.sqlite") as connection:
        rows = connection.execute("SELECT spelling, frequency FROM vocabulary").fetchall()
    connection.close()
    assert rows == [("ҳуҷҷат", 3)]


def test_a_word_that_stands_more_often_than_a_byte_holds_is_counted_to_255(tmp_path):
    write_tables(tmp_path / "passages.sqlite", [entry("а", "об " * 300, "об")])
    connection = sqlite3.connect(tmp_path / "passages.sqlite")
    numbers, times = Postings(connection).read(("exact", "об"))
    frequency = connection.execute("SELECT frequency FROM vocabulary").fetchall()
    connection.close()
    assert (numbers.tolist(), times.tolist(), frequency) == ([1, 2], [255, 1], [(301,)])


def test_what_was_written_before_changes_no_byte_of_what_is_written_now(tmp_path, entries):
    write_tables(tmp_path / "як", some())
    write_tables(tmp_path / "ду", entries)
    changed = [replace(one, passages=one.passages[1:]) for one in entries]
    write_tables(tmp_path / "се", changed)
    write_tables(tmp_path / "чор", some())
    files = everything(tmp_path)
    assert files["як"] == files["чор"] != files["ду"] != files["се"]
