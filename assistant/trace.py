"""Where an error came from, without a word of what it says.

A message, a local variable, an argument or a line of source may hold what somebody asked: none of them is read here.
Files are named by their place in a package, never by that on this machine.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from traceback import walk_tb

# Of each error the innermost frames, of a chain the first errors.
MOST_FRAMES, MOST_ERRORS = 60, 8
_MOST_LETTERS = 200
_ROOT = Path(__file__).parents[1]
_NO_NAME = re.compile(r"[^\w.<>/\- ]")


@dataclass(frozen=True, slots=True)
class Frame:
    """A place in the program."""

    file: str
    line: int
    function: str


@dataclass(frozen=True, slots=True)
class Raised:
    """An error of a chain: its type with the module, and the way to it, the innermost place last."""

    type: str
    frames: tuple[Frame, ...]


def raised(error: BaseException) -> tuple[Raised, ...]:
    """Return an error, then what it was raised from or together with, each once."""
    found: dict[int, BaseException] = {}
    for one in _chain(error):
        if id(one) in found or len(found) == MOST_ERRORS:
            break
        found[id(one)] = one
    return tuple(Raised(type_of(one), frames(one)) for one in found.values())


def frames(error: BaseException) -> tuple[Frame, ...]:
    """Return the way to where an error was raised."""
    way = [(frame.f_code, line) for frame, line in walk_tb(error.__traceback__)]
    return tuple(Frame(place(code.co_filename), line, name(code.co_qualname)) for code, line in way[-MOST_FRAMES:])


def type_of(error: BaseException) -> str:
    """Return the type of an error, with its module where that is no builtin."""
    kind = type(error)
    return name(kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}")


def place(file: str) -> str:
    """Return a file by its place in a package; of one that is in none, the last name."""
    if file.startswith("<"):
        return name(file)
    path = Path(file)
    folder = next((one for one in _folders() if path.is_relative_to(one)), path.parent)
    return name(path.relative_to(folder).as_posix())


def name(text: str) -> str:
    """Return a name of the program without signs that no name has."""
    return _NO_NAME.sub("?", text)[:_MOST_LETTERS]


def _chain(error: BaseException) -> Iterator[BaseException]:
    yield error
    if isinstance(error, BaseExceptionGroup):
        for one in error.exceptions:
            yield from _chain(one)
    if before := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        yield from _chain(before)


@cache
def _folders() -> tuple[Path, ...]:
    """Return the folders of packages, the deepest first."""
    given = {_ROOT, *(Path(one).absolute() for one in sys.path if one)}
    return tuple(sorted(given, key=lambda one: -len(one.parts)))
