"""Search by words: the scores are those of BM25 in SQLite's FTS5, over postings in blocks."""

from __future__ import annotations

import random
import sqlite3

import numpy
import pytest

from index import build_snapshot
from index.lexical import LexicalSearch, phrases_of, target_phrases
from index.lexicon import Expansion
from index.postings import TABLES, Postings, PostingsWriter
from index.terms import Question, Term

COLUMNS = ("title", "exact", "folded", "stemmed")
WORDS = [f"калима{letter}" for letter in "абвгдежзик"]


def term(word, *, content=True):
    return Term(word, (word,), (word,), content, word, 0.5)


def written(passages, first=1):
    """Return a connection with the postings of passages, each a list of tokens a column."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(TABLES)
    writer = PostingsWriter(connection)
    for number, columns in enumerate(passages, first):
        writer.add(number, dict(zip(COLUMNS, columns, strict=True)))
    writer.finish()
    return connection


@pytest.fixture
def passages():
    chance = random.Random(5)  # noqa: S311 - words of a test, not a secret
    rare_to_common = [word for place, word in enumerate(WORDS, 1) for _ in range(place * place)]
    return [[chance.choices(rare_to_common, k=chance.randint(0 if column else 1, 12)) for column in range(4)]
            for _ in range(300)]


@pytest.fixture
def fts5(passages):
    """The same passages in FTS5, asked with the same weights."""
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE VIRTUAL TABLE passages USING fts5 ({', '.join(COLUMNS)}, content = '')")
    rows = [(number, *map(" ".join, columns)) for number, columns in enumerate(passages, 1)]
    connection.executemany(f"INSERT INTO passages (rowid, {', '.join(COLUMNS)}) VALUES (?, ?, ?, ?, ?)", rows)

    def scores(phrases):
        query = " OR ".join(f'{column} : "{token}"' for column, token in phrases)
        return dict(connection.execute("SELECT rowid, -bm25(passages, 3.0, 0.6, 0.7, 1.0) FROM passages "
                                       "WHERE passages MATCH ?", (query,)))
    return scores


def searched(connection, *terms, expansions=(), k=1000):
    return LexicalSearch(connection).search(Question(terms, tuple(expansions)), k)


def frequent(connection, phrases):
    return {phrase for phrase in phrases if Postings(connection).count(phrase) > 0.2 * 300}


def test_scores_are_those_of_fts5(passages, fts5):
    connection = written(passages)
    terms = (term(WORDS[0]), term(WORDS[3]), term(WORDS[1], content=False), term(WORDS[9]))
    expected = {}
    for one in terms:
        phrases = [phrase for phrase in phrases_of(one) if phrase not in frequent(connection, phrases_of(one))]
        for number, score in (fts5(phrases) if phrases else {}).items():
            expected[number] = expected.get(number, 0) + (1.0 if one.content else 0.3) * score
    found = searched(connection, *terms)
    assert len(found) > 100
    assert found == pytest.approx(expected, rel=1e-5)
    assert list(found) == sorted(found, key=lambda number: (-found[number], number))


def test_what_a_span_may_be_counts_as_the_best_of_its_targets(passages, fts5):
    connection = written(passages)
    targets = [Expansion("а", WORDS[0], 0.9, 0, 1), Expansion("а", f"{WORDS[1]} {WORDS[2]}", 0.6, 0, 1)]
    other = Expansion("б", WORDS[2], 0.5, 1, 2)
    expected = {}
    for spans in (targets, [other]):
        best = {}
        for item in spans:
            share = item.weight / len(item.target.split())
            phrases = [phrase for phrase in target_phrases(item) if phrase not in frequent(connection, [phrase])]
            for number, score in fts5(phrases).items():
                best[number] = max(best.get(number, 0), share * score)
        for number, score in best.items():
            expected[number] = expected.get(number, 0) + score
    assert searched(connection, term("номаълум"), expansions=[*targets, other]) == pytest.approx(expected, rel=1e-5)


def test_the_best_k_are_the_beginning_of_the_whole_list_and_equals_come_by_number(passages):
    connection = written(passages + passages)
    whole = list(searched(connection, term(WORDS[0]), term(WORDS[4])).items())
    assert list(searched(connection, term(WORDS[0]), term(WORDS[4]), k=7).items()) == whole[:7]
    assert searched(connection, term(WORDS[0]), k=0) == {}
    best = [number for number, score in whole if score == whole[0][1]]
    assert best == sorted(best)
    assert len(best) >= 2


def test_frequent_tokens_are_left_out_unless_nothing_else_is_there(passages):
    connection = written([[[], ["дар", *([one] if one else [])], [], []] for one in ["муҳлат", *[None] * 20]])
    assert searched(connection, term("дар"), term("муҳлат")).keys() == {1}
    assert len(searched(connection, term("дар"), term("номаълум"))) == 21
    assert searched(connection, term("номаълум")) == searched(connection) == {}


def test_passages_of_several_blocks_are_found_by_their_numbers():
    tokens = [[], ["боҷ", "боҷ"], ["боч"], []]
    connection = written([tokens] * 20, first=65_530)
    numbers, times = Postings(connection).read(("exact", "боҷ"))
    assert numbers.tolist() == list(range(65_530, 65_550))
    assert times.tolist() == [2] * 20
    assert Postings(connection).count(("exact", "боҷ")) == 20
    assert Postings(connection).lengths[65_529:65_550].tolist() == [0.0, *[3.0] * 20]
    assert connection.execute("SELECT col, term, block, doc FROM postings ORDER BY 1, 3").fetchall() \
        == [("exact", "боҷ", 0, 6), ("exact", "боҷ", 1, 14), ("folded", "боч", 0, 6), ("folded", "боч", 1, 14)]


def test_tokens_that_stand_once_take_no_room_for_how_often_and_many_times_are_capped():
    connection = written([[["як"], ["бисёр"] * 300, [], []], [["як"], ["бисёр"], [], []]])
    rows = dict(connection.execute("SELECT term, times FROM postings"))
    assert rows == {"як": b"", "бисёр": b"\xff\x01"}
    assert Postings(connection).read(("title", "як"))[1].tolist() == [1]
    assert Postings(connection).read(("title", "нест"))[0].tolist() == []


def test_a_snapshot_of_nothing_finds_nothing(tmp_path):
    build_snapshot([], tmp_path / "0001", encoder=None)
    connection = sqlite3.connect(tmp_path / "0001" / "passages.sqlite")
    assert searched(connection, term("боҷ")) == {}
    connection.close()


def test_scores_are_the_same_numbers_every_time(passages):
    connection = written(passages)
    one, other = (searched(connection, *map(term, WORDS)) for _ in range(2))
    assert one == other
    assert numpy.isfinite(list(one.values())).all()
