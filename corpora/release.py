"""A release: one edition of a corpus, written once, the same bytes for the same documents.

The format is written down in docs/formats.md.  Nothing is given out of a release before every hash
in its manifest was checked.  Signing and carrying it is not done here.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import file_digest, sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpora.draft import Entry
from corpora.durable import PART, canonical, make_folder, sync_folder, write_whole
from corpora.errors import DamagedReleaseError, ExistingReleaseError, FormatError
from corpora.extract.blocks import WordBox
from corpora.records import Document, Passage

FORMAT, VERSION = "rohnamo-release", 2
_DOCUMENTS, _PASSAGES, _BOXES, _FORMS = "documents.jsonl", "passages.jsonl", "boxes.jsonl", "forms.jsonl"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `release.json` says: the corpus, the number of the edition, how much is in it, its files.

    `files` maps a path within the release to its length in bytes and its SHA-256.
    """

    corpus: str
    number: int | None
    counts: dict[str, int]
    files: dict[str, tuple[int, str]]

    def to_json(self) -> dict[str, Any]:
        """Return the plain object that is written."""
        files = {path: {"length": length, "sha256": digest} for path, (length, digest) in self.files.items()}
        return {"format": FORMAT, "version": VERSION, "corpus": self.corpus, "number": self.number,
                "counts": self.counts, "files": files}


def write_release(entries: Iterable[Entry], target_dir: Path, *, corpus: str, number: int | None) -> Manifest:
    """Write the entries as a release and return its manifest.

    Raises:
        ExistingReleaseError: the target exists and is not an empty folder.
        DamagedReleaseError: an entry's file is missing or is not the file it was read from.
        NoSpaceError: the disk is full; there is no target then.
    """
    if target_dir.exists() and (not target_dir.is_dir() or any(target_dir.iterdir())):
        raise ExistingReleaseError(f"{target_dir.name} is there already")
    part = target_dir.with_name(target_dir.name + PART)
    shutil.rmtree(part, ignore_errors=True)
    make_folder(part / "files")
    try:
        manifest = _write(sorted(entries, key=lambda entry: entry.document.id), part, corpus, number)
        part.replace(target_dir)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(target_dir.parent)
    return manifest


def _write(entries: list[Entry], part: Path, corpus: str, number: int | None) -> Manifest:
    for before, entry in pairwise(entries):
        if before.document.id == entry.document.id:
            raise DamagedReleaseError(f"{entry.document.id} is among the documents twice",
                                      hint="Give each document once.")
    documents = _lines(entry.document for entry in entries)
    passages = _lines(passage for entry in entries for passage in entry.passages)
    files = {_DOCUMENTS: documents, _PASSAGES: passages, _BOXES: _box_lines(entries), _FORMS: _form_lines(entries)}
    listed: dict[str, tuple[int, str]] = {}
    for name, data in files.items():
        write_whole(part / name, data)
        listed[name] = (len(data), sha256(data).hexdigest())
    for entry in entries:
        data, digest = _bytes(entry), entry.document.sha256
        write_whole(part / "files" / digest, data)
        listed[f"files/{digest}"] = (len(data), digest)
    counts = {"documents": len(entries), "passages": sum(len(entry.passages) for entry in entries),
              "facts": sum(len(entry.document.facts) for entry in entries), "files": len(listed) - len(files)}
    manifest = Manifest(corpus, number, counts, listed)
    write_whole(part / "release.json", canonical(manifest.to_json()) + b"\n")
    return manifest


def _lines(records: Iterable[Document | Passage]) -> bytes:
    return b"".join(canonical(record.to_json()) + b"\n" for record in records)


def _box_lines(entries: Iterable[Entry]) -> bytes:
    plain = ({"document": entry.document.id, "boxes": [box.to_json() for box in entry.boxes]}
             for entry in entries if entry.boxes)
    return b"".join(canonical(line) + b"\n" for line in plain)


def _form_lines(entries: Sequence[Entry]) -> bytes:
    """Return one line a form: its fields and the rule that requires each, or what a paper form asks for."""
    from corpora.forms import form_record, rules

    documents = [entry.document for entry in entries]
    records = (form_record(entry.document, _bytes(entry), entry.passages, rules(documents, entry.document.language))
               for entry in entries if entry.document.kind == "form")
    return b"".join(canonical(record.to_json()) + b"\n" for record in records)


def _read_boxes(directory: Path) -> dict[str, tuple[WordBox, ...]]:
    lines = map(json.loads, (directory / _BOXES).read_text(encoding="utf-8").splitlines())
    return {line["document"]: tuple(map(WordBox.from_json, line["boxes"])) for line in lines}


def _bytes(entry: Entry) -> bytes:
    data = entry.file.read_bytes() if entry.file else b""
    if sha256(data).hexdigest() != entry.document.sha256:
        raise DamagedReleaseError(f"the file of {entry.document.id} is missing or was changed",
                                  hint=f"Ingest {entry.document.file} again.")
    return data


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of a release; the files it names are not checked.

    Raises:
        DamagedReleaseError: it is missing or cannot be parsed.
        FormatError: it is of another format or version.
    """
    try:
        found = json.loads((directory / "release.json").read_bytes())
        if found["format"] != FORMAT or found["version"] != VERSION:
            raise FormatError(f"{directory.name} is {found['format']} {found['version']}, "
                              f"not {FORMAT} {VERSION}")
        files = {str(path): (int(file["length"]), str(file["sha256"]))
                 for path, file in found["files"].items()}
        return Manifest(str(found["corpus"]), found["number"], dict(found["counts"]), files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DamagedReleaseError(f"{directory.name} has no readable release.json") from error


def read_release(directory: Path) -> Iterator[Entry]:
    """Return the documents of a release with their passages, by id, after checking every file.

    Raises:
        DamagedReleaseError: a file is missing or differs from the manifest.
        FormatError: the release is of another format or version.
    """
    manifest = read_manifest(directory)
    for path, (length, digest) in manifest.files.items():
        _check(directory, path, length, digest)
    for path in (_DOCUMENTS, _PASSAGES, _BOXES, _FORMS):
        if path not in manifest.files:
            raise DamagedReleaseError(f"the manifest of {directory.name} does not name {path}")
    return _entries(directory)


def _check(directory: Path, path: str, length: int, digest: str) -> None:
    file = directory / path
    if not file.resolve().is_relative_to(directory.resolve()):
        raise DamagedReleaseError(f"{path} points out of the release {directory.name}")
    try:
        with file.open("rb") as opened:
            same = file.stat().st_size == length and file_digest(opened, "sha256").hexdigest() == digest
    except OSError as error:
        raise DamagedReleaseError(f"{path} of the release {directory.name} cannot be read") from error
    if not same:
        raise DamagedReleaseError(f"{path} of the release {directory.name} is not the file that was released")


def _entries(directory: Path) -> Iterator[Entry]:
    boxes = _read_boxes(directory)
    with (directory / _DOCUMENTS).open(encoding="utf-8", newline="\n") as documents, \
            (directory / _PASSAGES).open(encoding="utf-8", newline="\n") as lines:
        passages = (Passage.from_json(json.loads(line)) for line in lines)
        waiting = next(passages, None)
        for line in documents:
            document = Document.from_json(json.loads(line))
            own = []
            while waiting is not None and waiting.document == document.id:
                own.append(waiting)
                waiting = next(passages, None)
            file = directory / "files" / document.sha256
            yield Entry(document, tuple(own), file=file if file.is_file() else None, boxes=boxes.get(document.id, ()))
    if waiting is not None:
        raise DamagedReleaseError(f"{directory.name} has passages of {waiting.document}, not listed in it")
