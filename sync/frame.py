"""One zstd frame, opened without trust: it gives exactly as many bytes as it should, or nothing.

Length and window are known before the first byte is produced, and what is produced is counted.
Whether the bytes are the right ones, a hash says elsewhere.
"""

from __future__ import annotations

from io import BytesIO

from backports import zstd

from sync.errors import PackError

# The longest content and the largest window: what a machine of 4 GB has to spare.
WINDOW_LOG = 26
MOST_BYTES = 1 << WINDOW_LOG
_PIECE = 1 << 20            # bytes produced at a time
_SHORTEST_PREFIX = 8        # bytes; zstd takes none shorter


def make_frame(content: bytes, level: int, *, prefix: bytes = b"") -> bytes:
    """Return the content as one frame, made with a prefix that whoever opens it must have too."""
    return zstd.compress(content, zstd_dict=_base(prefix), options={
        zstd.CompressionParameter.compression_level: level,
        zstd.CompressionParameter.window_log: WINDOW_LOG,
        zstd.CompressionParameter.enable_long_distance_matching: 1})


def announced_length(frame: bytes) -> int:
    """Return how many bytes of content the frame says it has.

    Raises:
        PackError: it does not say so, or is no frame.
    """
    try:
        length = zstd.get_frame_info(frame).decompressed_size
    except zstd.ZstdError as error:
        raise PackError("this is no compressed file of ours") from error
    if length is None:
        raise PackError("the compressed file does not say how long its content is")
    return length


def open_frame(frame: bytes, *, length: int, prefix: bytes = b"") -> bytes:
    """Return the content of a frame that must be `length` bytes; zstd itself holds a frame to what it announces.

    Raises:
        PackError: it announces or has another length, is damaged, wants a larger window, or something follows it.
    """
    if announced_length(frame) != length:
        raise PackError(f"the compressed file does not announce {length} bytes")
    decompressor = zstd.ZstdDecompressor(_base(prefix), {zstd.DecompressionParameter.window_log_max: WINDOW_LOG})
    content, rest = BytesIO(), frame
    try:
        while not decompressor.eof and content.tell() <= length and (piece := decompressor.decompress(rest, _PIECE)):
            content.write(piece)
            rest = b""
    except zstd.ZstdError as error:
        raise PackError("the compressed file is damaged, or was made from another pack") from error
    if not decompressor.eof or decompressor.unused_data:
        raise PackError("the compressed file is cut off, or goes on where it should end")
    return content.getvalue()


def _base(prefix: bytes) -> tuple[zstd.ZstdDict, int] | None:
    if 0 < len(prefix) < _SHORTEST_PREFIX:
        raise PackError(f"{len(prefix)} bytes are no pack to start from")
    return zstd.ZstdDict(prefix, is_raw=True).as_prefix if prefix else None
