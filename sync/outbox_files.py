"""The outbox as files, for machines without a network: sealed batches go out, acknowledgements come back.

    rohnamo-outbox/HASH.batch    from a machine: a batch, sealed to the ministry's key; HASH is of the file's bytes
    rohnamo-outbox/HASH.ack      from the ministry: the acknowledgement of that batch

An SFTP inbox is such a folder too.  Whoever carries the files can read nothing, and cannot make an acknowledgement:
it names the hash of the batch, which is known only to those who can open the file.  What lies in the folder is
not trusted: only regular files of these names and of a modest size are read.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from sync.batch import MOST_ACKNOWLEDGEMENT, MOST_BATCH, Event, batch_sha256, read_batch, write_batch
from sync.device import device_id, fingerprint
from sync.durable import PART, write_whole
from sync.errors import NoSpaceError, OutboxError, SealedError, UnknownDeviceError
from sync.inbox import Inbox
from sync.outbox import Carried, Outbox
from sync.sealed import seal, unseal

FOLDER, BATCH, ACKNOWLEDGEMENT = "rohnamo-outbox", ".batch", ".ack"
# A batch and what sealing adds, with room to spare.
_MOST_SEALED = MOST_BATCH + 1024
# 10,000 batches are half a million events: no stick of ours has more, and a hostile one shall not keep us for ever.
MOST_FILES = 10_000
_NAME = re.compile(r"[0-9a-f]{64}\.batch")
_ANSWER = re.compile(r"[0-9a-f]{64}\.ack")
_SHOWN = 12     # letters of a file's name that a person compares


@dataclass(frozen=True, slots=True)
class Exported:
    """How many files were written, how many of the batches lay there already, and how many events are in all."""

    written: int
    kept: int
    events: int


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file that was not taken in, why, and what to do next."""

    file: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Imported:
    """How many batches were taken in, and which files were not."""

    batches: int
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What came of the acknowledgements on a stick.

    `sent` events arrived, `waiting` still wait, `failure` says in words why no more arrived; `awaited` files of this
    machine had no acknowledgement before, and of the `found` ones `others` are of no file that it waits for.
    """

    sent: int
    waiting: int
    failure: str = ""
    awaited: int = 0
    found: int = 0
    others: int = 0


def export(outbox: Outbox, folder: Path, ministry: X25519PublicKey,
           random: Callable[[int], bytes] = os.urandom) -> Exported:
    """Write what waits into a folder or stick, sealed to the ministry; it waits on until it is acknowledged.

    Raises:
        NoSpaceError: the stick is full; the files that are on it are whole.
        OutboxError: the stick cannot be written to.
    """
    place, written, kept, events = _place(folder / FOLDER), 0, 0, 0
    for batch in _batches(outbox):
        data = write_batch(batch, outbox.key)
        if any(_whole(place / one.file) for one in outbox.carried(batch_sha256(data))):
            kept += 1
        else:
            outbox.carry(Carried(_write_sealed(place, seal(data, ministry, random)), batch_sha256(data),
                                 tuple(event.id for event in batch)))
            written += 1
        events += len(batch)
    return Exported(written, kept, events)


def import_batches(inbox: Inbox, folder: Path, key: X25519PrivateKey, day: date,
                   answers: Path | None = None) -> Imported:
    """Take in every batch in a folder or stick, and return what became of them.

    The acknowledgement of each is written beside it, or into `answers`, and the batch is removed after that; what is
    refused is left as it is.  To an inbox that others can write to, give `answers` that they cannot.

    Raises:
        NoSpaceError: there is no room for the acknowledgements; what was taken in stands, bring the same files again.
        OutboxError: the acknowledgements cannot be written there.
    """
    place = _place(folder / FOLDER if (folder / FOLDER).is_dir() else folder)
    target, batches = answers or place, 0
    refused: list[RefusedFile] = []
    for path in _batch_files(place):
        try:
            answer = _accepted(inbox, unseal(_named_by_hash(path), key), day)
        except NoSpaceError:
            raise
        except OutboxError as error:
            refused.append(RefusedFile(path.name, error.message, error.hint))
            continue
        _write(target / f"{path.stem}{ACKNOWLEDGEMENT}", answer)
        with suppress(OSError):
            path.unlink()
        batches += 1
    return Imported(batches, tuple(refused))


def take_acknowledgements(outbox: Outbox, folder: Path) -> Acknowledged:
    """Remove from the outbox what the acknowledgements on a stick show to have arrived."""
    place = _place(folder / FOLDER)
    awaited = {f"{Path(one.file).stem}{ACKNOWLEDGEMENT}": one for one in outbox.carried()}
    found = _acknowledgements(place)
    sent, failures = 0, []
    for name, carried in awaited.items():
        try:
            if (data := _read(place / name, MOST_ACKNOWLEDGEMENT)) is not None:
                sent += outbox.acknowledge(data, carried.batch, carried.ids)
        except OutboxError as error:
            failures.append(f"{name[:_SHOWN]}…: {error.message}")
    return Acknowledged(sent, len(outbox.waiting()), "; ".join(failures), len(awaited), len(found),
                        len(found - awaited.keys()))


def _accepted(inbox: Inbox, data: bytes, day: date) -> bytes:
    """Return the acknowledgement; of a machine that is not enrolled, say with which words it is."""
    try:
        return inbox.accept(data, day)
    except UnknownDeviceError as error:
        public = read_batch(data).public
        raise UnknownDeviceError(
            f"the machine with the fingerprint {fingerprint(device_id(public))} is not enrolled",
            hint=f"Compare this fingerprint with the one that rohnamo doctor shows on the machine; if they are the "
                 f"same: rohnamo machines enrol {public.hex()} NAME, then import again.") from error


def _acknowledgements(place: Path) -> frozenset[str]:
    try:
        names = frozenset(path.name for path in place.iterdir() if _ANSWER.fullmatch(path.name))
    except OSError:
        return frozenset()
    return names


def _batches(outbox: Outbox) -> Iterator[tuple[Event, ...]]:
    batch = outbox.batch()
    while batch:
        yield batch
        batch = outbox.batch(after=batch[-1].id)


def _batch_files(place: Path) -> list[Path]:
    try:
        paths = sorted(path for path in place.iterdir() if _NAME.fullmatch(path.name))
    except OSError as error:
        raise OutboxError(f"{place} cannot be read: {error.strerror}", hint="Name the folder of the stick.") from error
    return paths[:MOST_FILES]


def _named_by_hash(path: Path) -> bytes:
    data = _whole(path)
    if data is None:
        raise SealedError("the file is not what its name says", hint="Export it again from the machine.")
    return data


def _whole(path: Path) -> bytes | None:
    data = _read(path, _MOST_SEALED)
    return data if data is not None and sha256(data).hexdigest() == path.stem else None


def _write_sealed(place: Path, data: bytes) -> str:
    name = sha256(data).hexdigest() + BATCH
    _write(place / name, data)
    return name


def _write(path: Path, data: bytes) -> None:
    try:
        # A link that waits here under the name of the half-written file would lead the writing elsewhere.
        path.with_name(path.name + PART).unlink(missing_ok=True)
        write_whole(path, data)
    except OSError as error:
        raise OutboxError(f"{path.name} cannot be written: {error.strerror}",
                          hint="Name a folder or stick that can be written to.") from error


def _read(path: Path, most: int) -> bytes | None:
    """Return the bytes of a regular file of at most `most` bytes, None where there is no such file."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        with os.fdopen(file, "rb", closefd=False) as opened:
            data = opened.read(most + 1)        # one byte more shows that it is longer than it may be
    except OSError:
        return None
    finally:
        os.close(file)
    return data if len(data) <= most else None


def _place(folder: Path) -> Path:
    if folder.is_symlink():
        raise OutboxError(f"{folder} is a link that leads elsewhere", hint="Name the stick itself.")
    return folder
