"""A release: one edition of a corpus, written once, the same bytes for the same documents.

It lies in a folder, whole; or it travels in two rows of files, its texts and its source files, each with a manifest
of its own.  The format is written down in docs/formats.md.  Nothing is given out of a release before every hash in
its manifest was checked.  Signing and carrying it is not done here.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import file_digest, sha256
from pathlib import Path

from corpora.draft import Entry
from corpora.durable import PART, canonical, make_folder, sync_folder, write_whole
from corpora.errors import DamagedReleaseError, ExistingReleaseError, FormatError
from corpora.lines import TEXTS, read_entries, sorted_entries, source_file, text_files
from corpora.soundness import check_entry

FORMAT, VERSION = "rohnamo-release", 2
MANIFEST, FILES, ADMISSION = "release.json", "files", "admission.jsonl"
# What a document says its file is called becomes a path: nothing but a hash may.
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What `release.json` says: the corpus, the number of the edition, how much is in it, its files.

    `files` maps a path within the release to its length in bytes and its SHA-256.
    """

    corpus: str
    number: int | None
    counts: dict[str, int]
    files: dict[str, tuple[int, str]]

    def to_bytes(self) -> bytes:
        """Return the file's content: canonical JSON and a line end."""
        files = {path: {"length": length, "sha256": digest} for path, (length, digest) in self.files.items()}
        return canonical({"format": FORMAT, "version": VERSION, "corpus": self.corpus, "number": self.number,
                          "counts": self.counts, "files": files}) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes, name: str) -> Manifest:
        """Return what the manifest of the release of this name says.

        Raises:
            DamagedReleaseError: it cannot be parsed.
            FormatError: it is of another format or version.
        """
        try:
            found = json.loads(data)
            if found["format"] != FORMAT or found["version"] != VERSION:
                raise FormatError(f"{name} is {found['format']} {found['version']}, not {FORMAT} {VERSION}")
            files = {str(path): (int(file["length"]), str(file["sha256"])) for path, file in found["files"].items()}
            return cls(str(found["corpus"]), found["number"], dict(found["counts"]), files)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise DamagedReleaseError(f"{name} has no readable {MANIFEST}") from error


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
    try:
        make_folder(part / FILES)
        manifest = _write(sorted_entries(entries), part, corpus, number)
        part.replace(target_dir)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    sync_folder(target_dir.parent)
    return manifest


def packed_text(entries: Iterable[Entry], *, corpus: str, number: int | None, admission: bytes = b"",
                ) -> dict[str, bytes]:
    """Return the texts of a release with their manifest, by path, as they travel.

    admission: the questions that travel with them, if any.

    Raises:
        DamagedReleaseError: a document is there twice or is not well made, so that no machine would take it; or the
            file of a form is missing or changed.
    """
    ordered = sorted_entries(entries)
    for entry in ordered:
        check_entry(entry)
    asked = {ADMISSION: admission} if admission else {}
    return _with_manifest(text_files(ordered) | asked, _counts(ordered), corpus, number)


def packed_files(entries: Iterable[Entry], *, corpus: str, number: int | None) -> dict[str, bytes]:
    """Return the source files of a release with their manifest, by path, as they travel.

    Raises:
        DamagedReleaseError: a document is there twice, or a file is missing or changed.
    """
    files = {f"{FILES}/{entry.document.sha256}": source_file(entry) for entry in sorted_entries(entries)}
    return _with_manifest(files, {"files": len(files)}, corpus, number)


def unpacked_text(contents: Mapping[str, bytes], *, release: str = "", files: Path | None = None) -> Iterator[Entry]:
    """Return the documents of texts that travelled, by id.  `files`: the folder of source files by their hash.

    Raises:
        DamagedReleaseError: the texts are not well made, or are not those that the manifest names.
        FormatError: they are of another format or version.
    """
    _check_contents(contents, {*TEXTS, *({ADMISSION} & set(contents))}, release or "the pack")
    return read_entries(contents, lambda digest: _there(files, digest), release=release)


def unpacked_files(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return source files that travelled, by their SHA-256.

    Raises:
        DamagedReleaseError: a file is not the one its name says.
        FormatError: they are of another format or version.
    """
    _check_contents(contents, set(contents) - {MANIFEST}, "the pack of files")
    found = {path.removeprefix(f"{FILES}/"): data for path, data in contents.items() if path != MANIFEST}
    for digest, data in found.items():
        if sha256(data).hexdigest() != digest:
            raise DamagedReleaseError(f"{digest[:8]} is not the file its name says")
    return found


def read_manifest(directory: Path) -> Manifest:
    """Return the manifest of a release; the files it names are not checked.

    Raises:
        DamagedReleaseError: it is missing or cannot be parsed.
        FormatError: it is of another format or version.
    """
    try:
        data = (directory / MANIFEST).read_bytes()
    except OSError as error:
        raise DamagedReleaseError(f"{directory.name} has no readable {MANIFEST}") from error
    return Manifest.from_bytes(data, directory.name)


def read_release(directory: Path) -> Iterator[Entry]:
    """Return the documents of a release with their passages, by id, after checking every file.

    Raises:
        DamagedReleaseError: a file is missing or differs from the manifest.
        FormatError: the release is of another format or version.
    """
    manifest = read_manifest(directory)
    for path, (length, digest) in manifest.files.items():
        _check(directory, path, length, digest)
    for path in TEXTS:
        if path not in manifest.files:
            raise DamagedReleaseError(f"the manifest of {directory.name} does not name {path}")
    contents = {name: (directory / name).read_bytes() for name in TEXTS}
    return read_entries(contents, lambda digest: _there(directory / FILES, digest))


def _write(entries: list[Entry], part: Path, corpus: str, number: int | None) -> Manifest:
    texts = text_files(entries)
    listed = {name: described(data) for name, data in texts.items()}
    for name, data in texts.items():
        write_whole(part / name, data)
    for entry in entries:
        data = source_file(entry)
        write_whole(part / FILES / entry.document.sha256, data)
        listed[f"{FILES}/{entry.document.sha256}"] = described(data)
    counts = _counts(entries) | {"files": len(listed) - len(texts)}
    manifest = Manifest(corpus, number, counts, listed)
    write_whole(part / MANIFEST, manifest.to_bytes())
    return manifest


def _with_manifest(files: dict[str, bytes], counts: dict[str, int], corpus: str,
                   number: int | None) -> dict[str, bytes]:
    manifest = Manifest(corpus, number, counts, {path: described(data) for path, data in files.items()})
    return {MANIFEST: manifest.to_bytes(), **files}


def _counts(entries: list[Entry]) -> dict[str, int]:
    return {"documents": len(entries), "passages": sum(len(entry.passages) for entry in entries),
            "facts": sum(len(entry.document.facts) for entry in entries)}


def described(data: bytes) -> tuple[int, str]:
    """Return the length in bytes and the SHA-256 of a file's content."""
    return len(data), sha256(data).hexdigest()


def _there(folder: Path | None, digest: str) -> Path | None:
    file = folder / digest if folder and _HASH.fullmatch(digest) else None
    return file if file and file.is_file() else None


def _check_contents(contents: Mapping[str, bytes], wanted: set[str], name: str) -> None:
    manifest = Manifest.from_bytes(contents.get(MANIFEST, b""), name)
    found = {path: described(data) for path, data in contents.items() if path != MANIFEST}
    if found != manifest.files or set(found) != wanted:
        raise DamagedReleaseError(f"{name} does not hold what its {MANIFEST} names")


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
