"""What finding is measured on: the seed's documents of one language among distractors, and the questions they answer.

A question in another language, or in another spelling, has to cross over to them.  Questions are those of
`tests/golden/questions.jsonl`, and for the proper Tajik ones every habit of `spellings`.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from spellings import habits

from assistant import config as settings
from assistant import update
from assistant.evaluate import Asked, read_questions
from assistant.intake import take_in
from corpora import Document, Entry, Passage
from corpora.records import DocumentId, Locator, PassageId
from corpora.standing import marked
from index import Encoder, Snapshot, build_snapshot
from index.tables import encoded_text, text_key
from index.vectors import load_vectors, save_vectors, vectors_of

ROOT = Path(__file__).parents[1]
GOLDEN = ROOT / "tests" / "golden"
LANGUAGES = ("tg", "ru")
# The questions are read as on this day.
DAY = date(2026, 11, 25)


@dataclass(frozen=True)
class Case:
    """A question put to the documents of one language; `expected` are those of them that answer it."""

    qid: str
    question: str
    service: str
    style: str
    language: str                      # of the passages
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Shelf:
    """The documents of one language among their distractors, as entries and as an open snapshot."""

    language: str
    entries: tuple[Entry, ...]
    snapshot: Snapshot
    folder: Path

    @property
    def texts(self) -> list[str]:
        """What is encoded of every passage, in the order of the entries."""
        return _texts(self.entries)

    @property
    def documents(self) -> list[str]:
        """The document of every passage, in the order of the entries."""
        return [entry.document.id for entry in self.entries for _ in entry.passages]


def shelves(folder: Path, encoder: Encoder | None) -> Iterator[Shelf]:
    """Yield the shelf of each language, open while it is used; vectors made once are kept in the folder."""
    entries = seed(folder)
    for language in LANGUAGES:
        chosen = (*(entry for entry in entries if entry.document.language == language), *distractors(language))
        known = vectors(_texts(chosen), encoder, folder) if encoder else {}
        with tempfile.TemporaryDirectory(dir=folder) as made:
            path = Path(made) / "snapshot"
            build_snapshot(chosen, path, encoder=encoder, known_vectors=known)
            with Snapshot.open(path, encoder=encoder) as snapshot:
                yield Shelf(language, chosen, snapshot, folder)


def seed(folder: Path) -> list[Entry]:
    """Return the seed's documents, read into a data directory."""
    config = settings.load(folder)
    take_in(config, [ROOT / "corpora" / "seed"], None, lambda *_: None)
    return marked([entry for draft in update.drafts(config) for entry in draft.documents()])


def distractors(language: str) -> Iterator[Entry]:
    """Yield the documents of a language that answer none of the questions."""
    for line in (GOLDEN / "distractors.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["language"] == language:
            yield _distractor(row)


def _distractor(row: dict[str, Any]) -> Entry:
    document = Document(DocumentId(row["id"]), row["title"], row["language"], f"{row['id']}.txt", "0" * 64,
                        "text/plain", "made", kind=row["kind"])
    passages, at = [], 0
    for number, section in enumerate(row["sections"]):
        name, text = PassageId(f"{document.id}:{number}"), section["text"]
        place = Locator(heading=section["heading"])
        passages.append(Passage(name, document.id, text, at, at + len(text), place))
        at += len(text) + 1
    return Entry(document, tuple(passages))


def _texts(entries: Iterable[Entry]) -> list[str]:
    return [encoded_text(entry.document, passage) for entry in entries for passage in entry.passages]


def vectors(texts: Sequence[str], encoder: Encoder, folder: Path) -> dict[str, Any]:
    """Return the vectors of passages by text key; those made once are kept in the folder."""
    path = folder / f"finding-{encoder.sha256[:12]}.npz"
    known = dict(load_vectors(path, encoder)) if path.is_file() else {}
    if any(text_key(text) not in known for text in texts):
        known |= dict(zip(map(text_key, texts), vectors_of(texts, encoder, known), strict=True))
        save_vectors(path, encoder, known)
    return known


def cases(split: str, shelf: Shelf) -> list[Case]:
    """Return the questions of a part that documents of the shelf answer, those in proper Tajik in every habit too."""
    there = {str(entry.document.id) for entry in shelf.entries}
    return [case for asked in read_questions(GOLDEN / "questions.jsonl", split) if asked.answerable
            for case in _cases(asked, there, shelf.language)]


def _cases(asked: Asked, there: Iterable[str], language: str) -> Iterator[Case]:
    expected = tuple(name for name in asked.expected_documents if name in there)
    if expected:
        style = f"{asked.language} keywords" if asked.style == "keywords" else asked.style
        case = Case(asked.qid, asked.question, asked.service, style, language, expected)
        made = habits(asked.question) if asked.style == "proper" else {}
        yield from (case, *(replace(case, question=text, style=habit) for habit, text in made.items()))
