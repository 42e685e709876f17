"""A snapshot built with the words of an earlier one has the bytes of one built from nothing."""

from __future__ import annotations

import random
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index import build_snapshot, lexicon_file, postings, tables
from index import earlier as earlier_module
from index.earlier import earlier
from index.manifest import TABLES
from tests.disk import everything
from tests.encoders import HashingEncoder
from tests.entries import entry, some

WORDS = ["боҷ", "Боҷи", "ҳуҷҷат", "хуччат", "шиносномаҳо", "58 500", "5-уми", "ҶТ-ро", "паспорта", "Кoдекс", "ма’но",
         "?"]


@pytest.fixture
def chance():
    return random.Random(11)  # noqa: S311 - words of a test, not a secret


@pytest.fixture
def told(monkeypatch):
    """The texts whose words were read."""
    texts, read = [], tables.words

    def words(text):
        texts.append(text)
        return read(text)

    monkeypatch.setattr(tables, "words", words)
    return texts


@pytest.fixture
def first(tmp_path):
    build_snapshot(some(), tmp_path / "0001", encoder=None)
    return tmp_path / "0001"


def made(folder, entries, before=None, **how):
    build_snapshot(entries, folder, encoder=how.pop("encoder", None), earlier=before, **how)
    return everything(folder)


def text(chance):
    return " ".join(chance.choices(WORDS, k=chance.randint(0, 30)))


def random_entry(chance, name):
    texts = [(chance.choice(["", "Сар", "Боб 1"]), text(chance)) for _ in range(chance.randint(0, 4))]
    title, language = chance.choice(["", "Унвон", text(chance)]), chance.choice(["tg", "ru", "en"])
    return entry(name, *texts, title=title, language=language)


def edited(chance, entries):
    """Return the documents with some gone, some new, some with other words, another language or under another name."""
    left = [one for one in entries if chance.random() > 0.15]
    for place, one in enumerate(left):
        match chance.randrange(8):
            case 0:
                left[place] = random_entry(chance, one.document.id)
            case 1:
                left[place] = replace(one, document=replace(one.document, language="ru", publisher="дигар"))
            case 2:
                twin = entry(f"ҳамон{chance.random()}", *[(p.locator.heading, p.text) for p in one.passages],
                             title=one.document.title)
                left.append(twin)
    return left + [random_entry(chance, f"нав{chance.random()}") for _ in range(2)]


@pytest.mark.parametrize("bits", [16, 3])
def test_random_changes_one_after_the_other_give_the_bytes_of_a_build_from_nothing(tmp_path, chance, bits, monkeypatch):
    for module in (postings, earlier_module):
        monkeypatch.setattr(module, "BLOCK_BITS", bits)
    monkeypatch.setattr(postings, "_BLOCK", 1 << bits)
    entries, before = [random_entry(chance, f"ҳ{number}") for number in range(12)], None
    for number in range(5):
        folder = tmp_path / f"{number:04}"
        assert made(folder, entries, before) == made(tmp_path / "аз нав" / folder.name, entries)
        entries, before = edited(chance, entries), folder


def test_with_vectors_the_bytes_are_the_same_too(tmp_path, first):
    changed = [*some()[1:], entry("нав", "Матни нав.")]
    assert made(tmp_path / "0002", changed, first, encoder=HashingEncoder()) \
        == made(tmp_path / "0003", changed, encoder=HashingEncoder())


def test_only_passages_that_are_not_the_same_are_read(tmp_path, first, told):
    made(tmp_path / "0002", [*some(), entry("нав", ("Сар", "Матни нав."), title="Унвон")], first)
    assert told == ["Матни нав.", "Унвон\nСар"]


@pytest.mark.parametrize("change", ["title", "heading", "language", "text"])
def test_a_passage_of_another_title_heading_language_or_text_is_another(tmp_path, change):
    old = {"title": "Унвон", "heading": "Сар", "language": "tg", "text": "Боҷи шиносномаҳо"}
    new = old | {change: "ru" if change == "language" else "Дигар"}
    entries = [entry("а", (one["heading"], one["text"]), title=one["title"], language=one["language"])
               for one in (old, new)]
    made(tmp_path / "0001", entries[:1])
    known = earlier(tmp_path / "0001")
    assert known.number(entries[0].document, entries[0].passages[0]) == 1
    assert known.number(entries[1].document, entries[1].passages[0]) is None
    assert made(tmp_path / "0002", entries[1:], tmp_path / "0001") == made(tmp_path / "0003", entries[1:])


def test_what_runs_over_from_title_to_heading_is_no_other_passage_by_accident(tmp_path):
    one, other = entry("а", ("бв", "г"), title="а"), entry("а", ("в", "г"), title="аб")
    made(tmp_path / "0001", [one])
    assert earlier(tmp_path / "0001").number(other.document, other.passages[0]) is None


def test_a_passage_with_more_of_a_word_than_was_counted_is_read_again(tmp_path, told):
    entries = [entry("а", "об " * 300, "нон")]
    made(tmp_path / "0001", entries)
    told.clear()
    assert made(tmp_path / "0002", entries, tmp_path / "0001") == everything(tmp_path / "0001")
    assert told == ["об " * 300, "\n"]


def damaged(folder):
    path = folder / TABLES
    path.write_bytes(path.read_bytes().replace("боҷ".encode(), "биҷ".encode()))


def of_another_normaliser(folder):
    path = folder / "manifest.json"
    path.write_bytes(path.read_bytes().replace(b'"normaliser":"', b'"normaliser":"0'))


def gone(folder):
    (folder / TABLES).unlink()


@pytest.mark.parametrize("spoil", [damaged, of_another_normaliser, gone])
def test_an_earlier_snapshot_that_cannot_be_trusted_gives_nothing(tmp_path, first, spoil, told):
    expected = everything(first)
    spoil(first)
    assert earlier(first) is None
    told.clear()
    assert made(tmp_path / "0002", some(), first) == expected
    assert "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст." in told


def test_none_and_a_folder_that_is_not_there_give_nothing(tmp_path):
    assert earlier(None) is None
    assert earlier(tmp_path / "0009") is None


def test_the_lexicon_is_read_again_only_where_a_file_of_it_changed(tmp_path, first, monkeypatch):
    own = tmp_path / "луғат.tsv"
    own.write_text("ru\ttg\ten\tdomain\tweight\tevidence\tnote\nкошка\tгурба\tcat\n", encoding="utf-8")
    expected = made(tmp_path / "0002", some(), lexicon_file=own)
    assert made(tmp_path / "0003", some(), first, lexicon_file=own) == expected
    monkeypatch.setattr(lexicon_file, "_ours", None)
    assert made(tmp_path / "0004", some(), tmp_path / "0003", lexicon_file=own) == expected
    assert made(tmp_path / "0005", some(), first) == everything(first)


def test_from_an_empty_snapshot_and_to_one_the_bytes_are_the_same_too(tmp_path, first):
    expected = made(tmp_path / "0002", [])
    assert made(tmp_path / "0003", [], first) == expected
    assert made(tmp_path / "0004", some(), tmp_path / "0003") == everything(first)


def test_the_earlier_snapshot_is_left_as_it_is(tmp_path, first):
    before = everything(first)
    made(tmp_path / "0002", some()[1:], first)
    assert everything(first) == before
    assert sorted(path.name for path in Path(tmp_path).iterdir()) == ["0001", "0002"]


def test_tokens_of_passages_that_are_gone_are_gone(tmp_path, first):
    made(tmp_path / "0002", some()[1:], first)
    connection = sqlite3.connect(tmp_path / "0002" / TABLES)
    terms = {row[0] for row in connection.execute("SELECT term FROM postings")}
    folded = {row[0] for row in connection.execute("SELECT folded FROM vocabulary")}
    connection.close()
    assert "давлатӣ" not in terms
    assert "давлати" not in folded
    assert "нафақаи" in terms
