"""The way from an older pack to a newer one: a zstd frame made with the older pack as its prefix, in a second frame.

Whoever sees the old bytes needs to be told only what differs.  A delta is a shortcut and nothing more: with a wrong
base it gives other bytes, which the signed hash refuses, and the whole pack is taken instead.
"""

from __future__ import annotations

from sync.errors import PackError
from sync.frame import MOST_BYTES, announced_length, make_frame, open_frame
from sync.pack import decompressed

# Higher levels take forty times as long and save a seventh at most.
_LEVEL = 12


def make_delta(old: bytes, new: bytes) -> bytes:
    """Return what leads from the older pack to the newer one.

    Raises:
        PackError: one of them is longer than a pack may be.
    """
    if max(len(old), len(new)) > MOST_BYTES:
        raise PackError(f"{max(len(old), len(new))} bytes are too many for a delta")
    # The inner frame says nearly the same for each 128 KiB that did not change; the outer one says it once.
    return make_frame(make_frame(new, _LEVEL, prefix=old), _LEVEL)


def apply_delta(old: bytes, delta: bytes, *, produces_length: int, produces_sha256: str) -> bytes:
    """Return the newer pack, which is exactly what was signed.

    Raises:
        PackError: the delta is damaged, too long, or was made from another pack.
    """
    length = announced_length(delta)
    if length > _longest(min(produces_length, MOST_BYTES)):
        raise PackError(f"a delta of {length} bytes is longer than one to {produces_length} bytes can be")
    return decompressed(open_frame(delta, length=length), prefix=old,
                        produces_length=produces_length, produces_sha256=produces_sha256)


def _longest(content: int) -> int:
    """Return the length of a frame of content that does not shrink at all (ZSTD_COMPRESSBOUND, rounded up)."""
    return content + content // 256 + 1024
