"""What a proof says, in words: each quote with what was signed over it, or the link that is broken.

The chain is checked by `sync.proof.verify_proof`, which knows nothing of this machine; whether a document was
withdrawn since, this machine adds where it knows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from assistant.config import Config
from assistant.proof import prove_again
from assistant.reference import Reference
from assistant.texts import date_words, text
from assistant.withdrawn import withdrawn
from sync.proof.verify_proof import BrokenError, Proven, check
from sync.state import Withdrawn

_DAY = 10                              # letters of an ISO day, before its time


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a proof: its quotes where it holds, else the link that is broken."""

    quotes: tuple[tuple[Proven, Withdrawn | None], ...] = ()
    broken: BrokenError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the object of `verify --json`."""
        broken = self.broken
        return {"holds": not broken, "broken": broken.link if broken else None, "why": broken.why if broken else None,
                "quote": broken.quote or None if broken else None,
                "quotes": [_plain(one, gone) for one, gone in self.quotes]}

    def lines(self, language: str) -> Iterator[str]:
        """Yield it for a person."""
        if self.broken:
            yield text(language, "proof", "broken", link=text(language, "proof", f"link_{self.broken.link}"))
            yield f"  {self.broken.link}{f' [{self.broken.quote}]' if self.broken.quote else ''}: {self.broken.why}"
            return
        for one, gone in self.quotes:
            yield from _lines(one, gone, language)
        yield text(language, "proof", "unseen")


def examine(config: Config, data: bytes, root: bytes) -> Examined:
    """Return what a proof says to those who trust this root.

    Raises:
        ValueError: `root` is no root metadata.
        sync.errors.StateError: what is withdrawn cannot be read on this machine.
    """
    return _examined(config, lambda: data, root)


def look_up(config: Config, reference: Reference, root: bytes) -> Examined:
    """Return what comes of the code of a printed answer, looked up in the release on this machine.

    Raises:
        NoProofError: this machine has another release, or what was signed over it is not here.
        ValueError, sync.errors.StateError: as `examine`.
    """
    return _examined(config, lambda: json.dumps(prove_again(config, reference)).encode(), root)


def _examined(config: Config, proof: Callable[[], bytes], root: bytes) -> Examined:
    try:
        found = check(proof(), root)
    except BrokenError as broken:
        return Examined(broken=broken)
    known = withdrawn(config)
    return Examined(tuple((one, next((gone for gone in known if gone.applies(one.document["id"], one.release)), None))
                          for one in found))


def _lines(one: Proven, gone: Withdrawn | None, language: str) -> Iterator[str]:
    title, digest = one.document["title"] or one.document["id"], one.document["sha256"]
    yield text(language, "proof", "holds", quote=one.quote)
    yield "  " + text(language, "proof", "stands", title=title, document=one.document["id"], digest=digest)
    signed, until = (date_words(moment[:_DAY], language) for moment in (one.signed, one.until))
    yield "  " + text(language, "proof", "signed", release=one.release, date=signed, signers=one.signers)
    yield "  " + text(language, "proof", "until", date=until)
    if gone:
        day = date_words(gone.day.isoformat(), language)
        yield "  " + text(language, "proof", "withdrawn", date=day, reason=gone.reason)


def _plain(one: Proven, gone: Withdrawn | None) -> dict[str, Any]:
    return {"quote": one.quote, "document_id": one.document["id"], "title": one.document["title"],
            "sha256": one.document["sha256"], "release": one.release, "signed": one.signed, "signed_until": one.until,
            "signers": one.signers,
            "withdrawn": {"day": gone.day.isoformat(), "reason": gone.reason} if gone else None}
