"""What became of each file of a batch: one JSON file each, whole or absent, so that a batch goes on where it was cut.

`rohnamo-cards`, version 1 (docs/formats.md).  A file is known by its bytes: one that changed is read again, one that
was only moved or renamed is not.  A file that cannot be read has an outcome too, and does not stop the others.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.edge import REPORT, error_object, fault_words
from assistant.errors import AssistantError
from assistant.log import Event, tell
from assistant.notices.card import Card
from assistant.notices.notice import cards_of, read_notice
from assistant.notices.object import card_object
from assistant.notices.plain import Say, plain_text
from corpora.durable import canonical, make_folder, write_whole
from corpora.errors import CorpusError, UnreadableFileError
from corpora.sandbox import Sandbox
from index import Snapshot

FORMAT, VERSION = "rohnamo-cards", 1
_NAME_BYTES = 150
_DIGEST = 16


@dataclass(frozen=True, slots=True)
class Desk:
    """What cards are made with: a reader of files, the day, and the documents of this machine if there are any.

    say: how a card is put in plain sentences.
    """

    sandbox: Sandbox
    today: date
    snapshot: Snapshot | None = None
    say: Say = plain_text

    def cards(self, path: Path) -> tuple[Card, ...]:
        """Return the card of each notice in a file.

        Raises:
            CorpusError: it cannot be read.
        """
        return cards_of(read_notice(path.name, bytes_of(path), self.sandbox), self.today, self.snapshot)

    def outcome(self, path: Path) -> dict[str, Any]:
        """Return the cards of a file, or why there are none, as one plain object."""
        try:
            made: dict[str, Any] = {"cards": [card_object(card, self.say) for card in self.cards(path)]}
        except CorpusError as error:
            made = {"cards": [], **error_object(error.code, str(error), error.hint)}
        except Exception as error:  # a fault of ours costs one file, not the batch
            tell(Event.CRASHED, error)
            made = {"cards": [], **error_object("internal", fault_words(error), REPORT)}
        return {"format": FORMAT, "version": VERSION, "file": path.name, **made}


def bytes_of(path: Path) -> bytes:
    """Return a file's bytes.

    Raises:
        UnreadableFileError: it cannot be opened.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFileError(f"{path.name}: {error.strerror or error}") from error


class Outcomes:
    """The folder of a batch's outcomes."""

    def __init__(self, folder: Path, *, resume: bool) -> None:
        """Open a folder, made where it is missing.

        Raises:
            AssistantError: it holds outcomes already and is not to be resumed.
            NoSpaceError: the disk is full.
        """
        self.folder = folder
        make_folder(folder)
        if not resume and any(folder.glob("*.json")):
            raise AssistantError(f"{folder} holds outcomes of a batch already",
                                 "Add --resume to go on with it, or name another folder.")

    def made(self, path: Path) -> dict[str, Any] | None:
        """Return the outcome that was kept of a file's present bytes, None where there is none that can be used."""
        try:
            found = json.loads(self._place(path).read_bytes())
            return found if (found["format"], found["version"]) == (FORMAT, VERSION) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def keep(self, path: Path, outcome: dict[str, Any]) -> None:
        """Write a file's outcome, whole or not at all.

        Raises:
            NoSpaceError: the disk is full.
        """
        write_whole(self._place(path), canonical(outcome) + b"\n")

    def _place(self, path: Path) -> Path:
        try:
            digest = sha256(path.read_bytes()).hexdigest()
        except OSError:
            digest = sha256(str(path).encode()).hexdigest()
        name = path.name.encode()[:_NAME_BYTES].decode(errors="ignore")
        return self.folder / f"{name}.{digest[:_DIGEST]}.json"


def _is_document(path: Path) -> bool:
    """Return whether a file found in a folder is one, and not hidden or the metadata beside one."""
    return path.is_file() and not path.name.startswith(".") and path.suffix != ".toml"


def files_of(paths: Sequence[Path]) -> Iterator[Path]:
    """Yield the files given, those of a folder by name; a file that is not there is given out and fails by itself."""
    for path in paths:
        if path.is_dir():
            yield from sorted(child for child in path.rglob("*") if _is_document(child))
        else:
            yield path
