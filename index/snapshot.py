"""The searchable state on the disk, opened to read: what is in it, and what is found in it.

    question ─ terms ─ lexical ─┬─ fuse ─ push down ─ hits
                     └─ dense ──┘

Nothing is ever written.  The tables lie in a file, or on a server (`index.server_generations`).  Words answer at
once; vectors are opened with the first question that needs them, and where they fail search goes on by words alone.
Any number of threads may ask at the same time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import lru_cache
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Self

from corpora.records import Document, DocumentId, DocumentStatus, Passage
from index.contents import Contents, Place, Withdrawn, connected
from index.dense import DenseSearch
from index.encoder import Encoder
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError, ServerError, SnapshotError
from index.fuse import fuse, weights_for
from index.lexical import LexicalSearch
from index.manifest import TABLES, VECTORS, Manifest, check_files, read_manifest
from index.parts import in_use
from index.records import Hit, SearchQuery
from index.rows import Connection
from index.steps import Step
from index.terms import Question, QuestionReader, stems_of
from index.vectors import VectorStore

# How many passages each list gives to the mixing.
_DEPTH = 200
# What is kept of the fused score: of a document that does not hold, of a document's imprint.
_LAPSED, _FACE = 0.6, 0.5
_BY_WORDS = "search goes on by words alone: {}"
_NOT_HOLDING = (DocumentStatus.VOID, DocumentStatus.SUPERSEDED)


class Snapshot:
    """An open snapshot.  `problems` lists what an operator should know of it."""

    def __init__(self, path: Path, manifest: Manifest, dense: DenseSearch | None,
                 withdrawn: Withdrawn | None = None, *, tables: Connection | None = None) -> None:
        self.path, self.manifest = path, manifest
        self.problems: list[str] = []
        self._dense = dense
        self._lock = RLock()
        self._connection: Connection = tables or connected(path / TABLES)
        self._contents, self._lexical = Contents(self._connection, withdrawn), LexicalSearch(self._connection)
        self._reader: QuestionReader | None = None
        self._understood = lru_cache(64)(self._understand)

    @classmethod
    def open(cls, path: Path, *, encoder: Encoder | None, verify: bool = False,
             withdrawn: Withdrawn | None = None) -> Snapshot:
        """Return the snapshot in a directory; sizes are always checked, hashes with `verify`.

        Without an encoder, where it is not installed, or where the snapshot is lexical, it is searched by words
        alone.  What is withdrawn is as if it were not there: `withdrawn` is asked of each document's id and release.

        Raises:
            UnknownFormatError: it was written in another format, version or normaliser.
            DamagedSnapshotError: a file is missing or differs from the manifest.
            EncoderMismatchError: its vectors were made by another encoder.
        """
        manifest = read_manifest(path)
        check_files(path, manifest, verify=verify)
        dense, problems = None, []
        try:
            dense = dense_search(path.name, manifest, encoder, lambda: _store(path, manifest))
        except EncoderError as error:
            problems.append(_BY_WORDS.format(error))
        snapshot = cls(path, manifest, dense, withdrawn)
        snapshot.problems = problems
        try:
            snapshot.document(DocumentId(""))
        except DamagedSnapshotError:
            snapshot.close()
            raise
        return snapshot

    def kept(self) -> AbstractContextManager[bool]:
        """Keep its folder from being removed while the block runs; yield False where that is gone or going.

        On a server nothing is removed.
        """
        return in_use(self.path) if isinstance(self._connection, sqlite3.Connection) else nullcontext(True)

    @property
    def by_words(self) -> bool:
        """Whether search goes by words alone: without vectors, or because they failed."""
        return self._dense is None

    @property
    def count(self) -> int:
        """How many passages there are."""
        return self.manifest.counts["passages"]

    def search(self, query: SearchQuery, k: int = 10) -> list[Hit]:
        """Return up to k hits, best first; none where nothing is found.  No text makes it fail.

        Raises:
            DamagedSnapshotError: the file of words cannot be read any more.
        """
        with self._reading():
            question = self._understood(query)
            lexical = self._lexical.search(question, _DEPTH)
        dense = self._nearest(query, question)
        with self._reading():
            places = {place.id: place for place in self._contents.places({*lexical, *dense})}
            fused = _fused(query, lexical, dense, places)
            best = sorted(fused, key=lambda name: (-fused[name], name))[:max(k, 0)]
            return [self._hit(question, places[name].number, rank, (lexical, dense), fused[name])
                    for rank, name in enumerate(best, 1)]

    def understood(self, query: SearchQuery) -> Question:
        """Return the words of a question as they are looked for here."""
        with self._reading():
            return self._understood(query)

    def coverage(self, query: SearchQuery, text: str) -> float:
        """Return the share of the question's content terms in any text, expansions counted, 0..1."""
        with self._reading():
            return self._understood(query).coverage(stems_of(text))

    def document(self, document_id: DocumentId) -> Document | None:
        """Return a document, None where there is none of this id."""
        with self._reading():
            return self._contents.document(document_id)

    def hides(self, document_id: DocumentId) -> bool:
        """Return whether a document is in the snapshot and withdrawn."""
        with self._reading():
            return self._contents.hides(document_id)

    def release(self, document_id: DocumentId) -> str:
        """Return the release that a document came with, as `min-health/12`; empty where that is not known."""
        with self._reading():
            return self._contents.release(document_id)

    def releases(self) -> tuple[str, ...]:
        """Return the releases that documents came with, as `min-health/12`, sorted; withdrawn documents count."""
        with self._reading():
            return self._contents.releases()

    def documents(self) -> tuple[Document, ...]:
        """Return the documents, sorted by id."""
        with self._reading():
            return tuple(self._contents.documents())

    def passages(self, document_id: DocumentId) -> tuple[Passage, ...]:
        """Return the passages of a document in order; none where there is no such document."""
        with self._reading():
            return self._contents.passages(document_id)

    def forget(self) -> None:
        """Let go of what was worked out for the last questions."""
        self._understood.cache_clear()
        if self._reader:
            self._reader.forget()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 trace: TracebackType | None) -> None:
        self.close()

    def _understand(self, query: SearchQuery) -> Question:
        self._reader = self._reader or QuestionReader(self._connection)
        return self._reader.read(query.text, query.language, query.without)

    def _nearest(self, query: SearchQuery, question: Question) -> dict[int, float]:
        """Return cosines by passage number; none where there are no vectors, or they cannot be used."""
        if not self._dense or not question.terms or Step.VECTORS in query.without:
            return {}
        as_asked = query.language == "en" or (query.language == "ru" and query.script == "Cyrl")
        try:
            return self._dense.search(query.text if as_asked else question.restored, _DEPTH)
        except ServerError:
            raise
        except SnapshotError as error:
            self.problems.append(_BY_WORDS.format(error))
            self._dense = None
            return {}

    def _hit(self, question: Question, number: int, rank: int,
             lists: tuple[dict[int, float], dict[int, float]], fused: float) -> Hit:
        stored = self._contents.stored(number)
        lexical, dense = (scores.get(number, 0.0) for scores in lists)
        scores = {"lexical": lexical, "dense": dense, "fused": fused,
                  "coverage": question.coverage(stored.stems)}
        return Hit(stored.passage, stored.document, scores, rank, stored.stems, stored.face)

    @contextmanager
    def _reading(self) -> Iterator[None]:
        with self._lock:
            try:
                yield
            except sqlite3.DatabaseError as error:
                raise DamagedSnapshotError(f"snapshot {self.path.name} cannot be read: {error}") from error


def _store(path: Path, manifest: Manifest) -> VectorStore:
    from index.faiss_store import FaissStore

    return FaissStore.open(path / VECTORS, manifest.vectors)


def dense_search(name: str, manifest: Manifest, encoder: Encoder | None,
                 open_store: Callable[[], VectorStore]) -> DenseSearch | None:
    """Return the search by vectors of a snapshot; None where it has none, or there is no encoder.

    Raises:
        EncoderMismatchError: its vectors were made by another encoder.
        EncoderError: the encoder cannot be loaded.
    """
    mark = manifest.encoder
    if not encoder or not mark:
        return None
    if (encoder.sha256, encoder.dimension) != (mark.sha256, mark.dimension):
        raise EncoderMismatchError(f"the vectors of {name} were made by {mark.id} ({mark.sha256[:8]}), "
                                   f"not by {encoder.id} ({encoder.sha256[:8]})")
    return DenseSearch(name, open_store, encoder, manifest.counts["vectors"])


def _fused(query: SearchQuery, lexical: dict[int, float], dense: dict[int, float],
           places: dict[str, Place]) -> dict[str, float]:
    """Return the mixed scores by passage id, what does not hold and what is only imprint pushed down."""
    by_id = [{name: scores[place.number] for name, place in places.items() if place.number in scores}
             for scores in (lexical, dense)]
    mixed = fuse(by_id[0], by_id[1], weights_for(query.language, query.script))
    return {name: score * _kept(query, places[name]) for name, score in mixed.items()}


def _kept(query: SearchQuery, place: Place) -> float:
    lapsed = place.status in _NOT_HOLDING and not _held_at(query, place)
    return (_LAPSED if lapsed else 1.0) * (_FACE if place.face else 1.0)


def _held_at(query: SearchQuery, place: Place) -> bool:
    """Return whether the day asked about is within the dates of the document, one of which is known."""
    if not query.at or not (place.valid_from or place.valid_until):
        return False
    day = query.at.isoformat()
    return (place.valid_from or day) <= day <= (place.valid_until or day)
