"""The texts of a release: documents, passages, words' boxes and forms, each a file with one JSON object a line.

The same documents give the same bytes, in a folder or in a pack.  Hashes, manifests and source files are not known
here; what is read was verified by whoever gave it, but is not trusted to be well made.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpora.draft import Entry
from corpora.durable import canonical
from corpora.errors import DamagedReleaseError
from corpora.extract.blocks import WordBox
from corpora.records import Document, Passage
from corpora.soundness import check_entry

DOCUMENTS, PASSAGES, BOXES, FORMS = "documents.jsonl", "passages.jsonl", "boxes.jsonl", "forms.jsonl"
TEXTS = (DOCUMENTS, PASSAGES, BOXES, FORMS)


def sorted_entries(entries: Iterable[Entry]) -> list[Entry]:
    """Return the entries by id.

    Raises:
        DamagedReleaseError: two have the same id.
    """
    ordered = sorted(entries, key=lambda entry: entry.document.id)
    for before, entry in pairwise(ordered):
        if before.document.id == entry.document.id:
            raise DamagedReleaseError(f"{entry.document.id} is among the documents twice",
                                      hint="Give each document once.")
    return ordered


def text_files(entries: Sequence[Entry]) -> dict[str, bytes]:
    """Return the four files of sorted entries, by name.

    Raises:
        DamagedReleaseError: the file of a form is missing or is not the file it was read from.
    """
    passages = (passage for entry in entries for passage in entry.passages)
    return {DOCUMENTS: _records(entry.document for entry in entries), PASSAGES: _records(passages),
            BOXES: _lines(_boxes(entries)), FORMS: _lines(_forms(entries))}


def source_file(entry: Entry) -> bytes:
    """Return the bytes that a document was read from.

    Raises:
        DamagedReleaseError: they are missing or were changed.
    """
    data = entry.file.read_bytes() if entry.file else b""
    if sha256(data).hexdigest() != entry.document.sha256:
        raise DamagedReleaseError(f"the file of {entry.document.id} is missing or was changed",
                                  hint=f"Ingest {entry.document.file} again.")
    return data


def read_entries(contents: Mapping[str, bytes], place: Callable[[str], Path | None], *,
                 release: str = "") -> Iterator[Entry]:
    """Yield the documents with their passages, in the order of the files.

    place: where the source file of a hash lies, None where it is not kept.

    Raises:
        DamagedReleaseError: a file is missing, a line or a document is not well made, a document is there twice, or a
            passage belongs to none.
    """
    try:
        yield from _entries(contents, place, release)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedReleaseError(f"a line of {release or 'the release'} cannot be read: {error!r}") from error


def _entries(contents: Mapping[str, bytes], place: Callable[[str], Path | None], release: str) -> Iterator[Entry]:
    boxes = {line["document"]: tuple(map(WordBox.from_json, line["boxes"])) for line in _read(contents, BOXES)}
    passages: defaultdict[str, list[Passage]] = defaultdict(list)
    for line in _read(contents, PASSAGES):
        passage = Passage.from_json(line)
        if len(passage.text) != passage.end - passage.start:
            raise DamagedReleaseError(f"the passage {passage.id} is not as long as it says")
        passages[passage.document].append(passage)
    seen: set[str] = set()
    for line in _read(contents, DOCUMENTS):
        document = Document.from_json(line)
        entry = Entry(document, tuple(passages.pop(document.id, ())), boxes=boxes.get(document.id, ()),
                      release=release)
        check_entry(entry)
        if document.id in seen:
            raise DamagedReleaseError(f"{document.id} is among the documents twice")
        seen.add(document.id)
        yield replace(entry, file=place(document.sha256))
    if passages:
        raise DamagedReleaseError(f"the release has passages of {next(iter(passages))}, not listed in it")


def _read(contents: Mapping[str, bytes], name: str) -> Iterator[Any]:
    """Yield what the lines say; of everything there is one spelling, and no other is read."""
    for line in contents[name].split(b"\n"):
        if line:
            plain = json.loads(line)
            if canonical(plain) != line:
                raise ValueError(f"a line of {name} is not canonical JSON")
            yield plain


def _records(records: Iterable[Document | Passage]) -> bytes:
    return _lines(record.to_json() for record in records)


def _lines(plain: Iterable[dict[str, Any]]) -> bytes:
    return b"".join(canonical(line) + b"\n" for line in plain)


def _boxes(entries: Iterable[Entry]) -> Iterator[dict[str, Any]]:
    return ({"document": entry.document.id, "boxes": [box.to_json() for box in entry.boxes]}
            for entry in entries if entry.boxes)


def _forms(entries: Sequence[Entry]) -> Iterator[dict[str, Any]]:
    """Yield one line a form: its fields and the rule that requires each, or what a paper form asks for."""
    from corpora.forms import form_record, rules

    documents = [entry.document for entry in entries]
    return (form_record(entry.document, source_file(entry), entry.passages,
                        rules(documents, entry.document.language)).to_json()
            for entry in entries if entry.document.kind == "form")
