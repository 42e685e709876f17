"""What travels from a machine to the ministry, and the answer that shows it arrived.

A batch is events, compressed and signed by the machine.  An acknowledgement names the events and the hash of the batch:
a page that some portal puts in the way knows neither.  The formats are written down in docs/formats.md; who
may send, and what is kept, is not decided here.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from itertools import accumulate, pairwise
from typing import Any

from sync.device import PUBLIC_BYTES, SIGNATURE_BYTES, DeviceKey, signed
from sync.errors import BadBatchError, ReleaseError, UndeliveredError
from sync.release import canonical, read_object

MAGIC = b"rohnamo-batch 1\n"
ACKNOWLEDGEMENT, VERSION = "rohnamo-acknowledgement", 1
MOST_EVENTS = 50
# Of all bodies of a batch, and so of one: 64 kB take 8 seconds at 64 kbit/s where nothing compresses.
MOST_BYTES = 64 * 1024
# The list of 50 events takes 6 kB.
_MOST_PLAIN = MOST_BYTES + 16 * 1024
MOST_BATCH = 2 * MOST_BYTES
MOST_ACKNOWLEDGEMENT = 16 * 1024
_ID = re.compile("[0-9a-f]{32}")
_SIGNED = len(MAGIC) + PUBLIC_BYTES
_HEAD = _SIGNED + SIGNATURE_BYTES


class Kind(StrEnum):
    """What an event tells, a closed set; the first is the first to go where there is no room."""

    STATUS = "status"
    QUESTION = "question"
    FEEDBACK = "feedback"
    AUDIT = "audit"

    @property
    def rank(self) -> int:
        """Return how dear events of this kind are, from 0."""
        return list(Kind).index(self)


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be told.  The day is all that is kept of the time; `body` holds nothing that names a person."""

    id: str
    kind: Kind
    day: date
    body: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What one machine sends at once; `public` is the key that signed it, whoever holds that."""

    public: bytes
    events: tuple[Event, ...]


def write_batch(events: Sequence[Event], key: DeviceKey) -> bytes:
    """Return the signed batch; the same events give the same bytes."""
    listed = [{"day": event.day.isoformat(), "id": event.id, "kind": event.kind.value, "length": len(event.body)}
              for event in events]
    plain = canonical({"events": listed}) + b"\n" + b"".join(event.body for event in events)
    content = zlib.compress(plain, 9)
    return MAGIC + key.public + key.sign(MAGIC, content) + content


def read_batch(data: bytes) -> Batch:
    """Return what is in a batch, once its signature fits the key that it names.

    Raises:
        BadBatchError: it is another thing, too large, damaged or of another version.
    """
    if not data.startswith(MAGIC) or len(data) > MOST_BATCH:
        raise BadBatchError("this is not a batch of events, or is of a version that is not known")
    public, signature, content = data[len(MAGIC):_SIGNED], data[_SIGNED:_HEAD], data[_HEAD:]
    if not signed(public, signature, MAGIC, content):
        raise BadBatchError("the signature of the batch does not fit what is in it")
    try:
        return Batch(public, _events(_inflated(content)))
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError, zlib.error) as error:
        raise BadBatchError("the batch is signed but not well made",
                            hint="Update the program on both machines.") from error


def batch_sha256(data: bytes) -> str:
    """Return the hash that an acknowledgement of this batch must name."""
    return sha256(data).hexdigest()


def write_acknowledgement(ids: Iterable[str], batch: str) -> bytes:
    """Return the answer to a batch: these events are kept."""
    return canonical({"format": ACKNOWLEDGEMENT, "version": VERSION, "ack": sorted(ids), "sha256": batch})


def read_acknowledgement(data: bytes, batch: str, sent: Iterable[str]) -> frozenset[str]:
    """Return which events of a batch arrived; `batch` is its hash, `sent` the ids that were in it.

    Raises:
        UndeliveredError: this is no answer to that batch; it counts for none of its events.
    """
    if len(data) > MOST_ACKNOWLEDGEMENT:
        raise UndeliveredError("the answer is much longer than an acknowledgement")
    try:
        plain = read_object(data, "the answer", ACKNOWLEDGEMENT, VERSION)
    except ReleaseError as error:
        raise UndeliveredError(f"{error.message}: a portal or another server answered") from error
    ids = plain.get("ack")
    if plain.get("sha256") != batch:
        raise UndeliveredError("the answer acknowledges another batch")
    if not isinstance(ids, list) or not all(isinstance(one, str) for one in ids) or not set(ids) <= set(sent):
        raise UndeliveredError("the answer acknowledges events that were not sent")
    if not ids:
        raise UndeliveredError("the answer acknowledges none of the events")
    return frozenset(ids)


def _inflated(content: bytes) -> bytes:
    reader = zlib.decompressobj()
    plain = reader.decompress(content, _MOST_PLAIN)
    if not reader.eof or reader.unused_data:
        raise ValueError("too long, cut short, or followed by something")
    return plain


def _events(plain: bytes) -> tuple[Event, ...]:
    head, _, bodies = plain.partition(b"\n")
    listed = json.loads(head)["events"]
    ends = list(accumulate((_length(one["length"]) for one in listed), initial=0))
    if len(listed) > MOST_EVENTS or ends[-1] != len(bodies):
        raise ValueError("more events or bytes than there may be, or fewer")
    return tuple(_event(one, bodies[start:end]) for one, (start, end) in zip(listed, pairwise(ends), strict=True))


def _event(one: dict[str, Any], body: bytes) -> Event:
    if not _ID.fullmatch(one["id"]):
        raise ValueError(one["id"])
    return Event(one["id"], Kind(one["kind"]), date.fromisoformat(one["day"]), body)


def _length(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(value)
    return value
