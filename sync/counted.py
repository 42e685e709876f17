"""How numbers of things are said in messages: 1 key, 2 keys.  English, for operators."""

from __future__ import annotations


def counted(count: int, noun: str) -> str:
    """Return a number of things, as "1 key" or "1,200 keys"."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def said(count: int, one: str, many: str) -> str:
    """Return a number with its word: `1 waits`, `2 wait`, `2 batches`."""
    return f"{count:,} {one if count == 1 else many}"


def are(count: int) -> str:
    """Return a number with its verb: "1 is", "2 are"."""
    return f"{count:,} {'is' if count == 1 else 'are'}"
