"""What a printed answer says of a quote, short enough for a code that an old telephone reads.

    rohnamo:min-health/12/DOCUMENT/PASSAGE/0-52

The release, the SHA-256 of the document's file (43 letters), the passage within the document, and the place of the
quote in it.  It proves nothing by itself: a machine that has the release finds the words again, and their proof.
"""

from __future__ import annotations

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from assistant.cited import Cited

_FORM = re.compile(r"rohnamo:([a-z0-9][a-z0-9._-]{0,99})/([0-9]{1,15})/([A-Za-z0-9_-]{43})/([^\s/]{1,40})/"
                   r"([0-9]{1,9})-([0-9]{1,9})(?![0-9])")


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a quote stands.  `passage` is its id without that of its document; `span` is as in a citation."""

    publisher: str
    number: int
    sha256: str
    passage: str
    span: tuple[int, int]

    def __str__(self) -> str:
        digest = urlsafe_b64encode(bytes.fromhex(self.sha256)).decode().rstrip("=")
        return f"rohnamo:{self.publisher}/{self.number}/{digest}/{self.passage}/{self.span[0]}-{self.span[1]}"

    @classmethod
    def read(cls, words: str) -> tuple[Self, ...]:
        """Return the references that stand among the words of a code, in their order."""
        return tuple(cls(one[1], int(one[2]), urlsafe_b64decode(one[3] + "=").hex(), one[4], (int(one[5]), int(one[6])))
                     for one in _FORM.finditer(words))


def references(sources: Sequence[Cited], releases: Mapping[str, str]) -> Iterator[Reference]:
    """Yield a reference for each quote of a released document; `releases`: by document id, empty for a draft."""
    for source in sources:
        publisher, _, number = releases.get(source.document.id, "").rpartition("/")
        within = source.passage.id.removeprefix(f"{source.document.id}:")
        for span in source.spans if publisher else ():
            found = Reference(publisher, int(number), source.document.sha256, within, span)
            if Reference.read(str(found)) == (found,):
                yield found
