"""zstd frames that no honest writer makes, put together byte by byte (RFC 8878, section 3.1.1)."""

from __future__ import annotations

import random

BLOCK = 128 << 10       # bytes of content that one block may give


def zeros(blocks: int, *, announced: int, window_log: int = 17) -> bytes:
    """Return a frame that announces a length and gives 128 KiB of zeros for each of its blocks, four bytes each."""
    return _header(announced, window_log) + b"".join(
        (BLOCK << 3 | 1 << 1 | (place == blocks - 1)).to_bytes(3, "little") + b"\0" for place in range(blocks))


def stored(content: bytes, *, announced: int | None = None, window_log: int = 17, last: bool = True) -> bytes:
    """Return a frame with content as it is; without `last` it says that another block follows, and none does."""
    header = _header(len(content) if announced is None else announced, window_log)
    return header + (len(content) << 3 | last).to_bytes(3, "little") + content


def _header(announced: int, window_log: int) -> bytes:
    """Return a header with eight bytes for the length of the content and one for the window."""
    return b"\x28\xb5\x2f\xfd\xc0" + bytes([(window_log - 10) << 3]) + announced.to_bytes(8, "little")


def chance(seed: int) -> random.Random:
    """Return a source of chance that draws the same every time."""
    return random.Random(seed)  # noqa: S311 - a test, not a secret
