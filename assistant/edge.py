"""The edge of the command line: what a verb prints, and how a fault reaches a person.

Results go to stdout, progress and faults to stderr; with `--json` a fault is one object on stdout.  No
traceback reaches a person: a fault of ours is said in a sentence too, leaves a report (`assistant.crash`), and
exits 1.  What the error says may hold what was asked, so that is neither said nor kept.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from contextvars import ContextVar
from datetime import date, datetime
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from assistant import config as settings
from assistant.crash import watched
from assistant.errors import AssistantError
from assistant.log import Event, tell
from assistant.trace import frames
from corpora.errors import CorpusError
from index import SnapshotError
from sync.errors import SyncError

_VERB: ContextVar[tuple[Path | None, str] | None] = ContextVar("verb", default=None)


def _noted(context: typer.Context, given: Path | None) -> Path | None:
    """Note which verb runs and over which data directory; its words and values are not."""
    _VERB.set((given, context.command_path.partition(" ")[2]))
    return given


DataDir = Annotated[Path | None, typer.Option("--data-dir", help="Where everything of this machine is kept; else "
                                              "ROHNAMO_DATA_DIR, else the usual place.", show_default=False,
                                              callback=_noted)]
Json = Annotated[bool, typer.Option("--json", help="Print one stable object for programs.")]
# A guess at the time left is worth telling after so long.
_TOLD_AFTER_S = 3.0
REPORT = "Please report this; rohnamo doctor may show more."


@contextmanager
def edge(*, as_json: bool) -> Iterator[None]:
    """Turn whatever goes wrong inside into one sentence, its next step and exit 1."""
    with _crashes_kept():
        try:
            yield
        except (AssistantError, CorpusError, SnapshotError, SyncError) as error:
            _fail(error.code, str(error), error.hint, as_json)
        except BrokenPipeError:
            sys.stderr.close()
            raise typer.Exit(1) from None
        except KeyboardInterrupt:
            typer.echo("Stopped; what was finished is kept.", err=True)
            raise typer.Exit(130) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _fail("system", f"{where}{error.strerror or error}", "Check the path, its permissions and the disk.",
                  as_json)
        except Exception as error:  # the last place where a fault can be said in words
            if isinstance(error, typer.Exit):
                raise
            tell(Event.CRASHED, error)
            _fail("internal", fault_words(error), REPORT, as_json)


@contextmanager
def last_edge() -> Iterator[None]:
    """Do the same with a fault outside of every verb, where words of a command are still being read."""
    try:
        yield
    except Exception as error:
        with watched(settings.data_dir(None), "rohnamo"):
            tell(Event.CRASHED, error)
        typer.echo(f"rohnamo: {fault_words(error)}\n  → {REPORT}", err=True)
        raise SystemExit(1) from None


def _crashes_kept() -> AbstractContextManager[None]:
    """Keep a report of what crashes in this verb; a verb in a thread beside another has that one's."""
    verb = _VERB.get()
    if verb is None:
        return nullcontext()
    _VERB.set(None)
    return watched(settings.data_dir(verb[0]), verb[1])


def fault_words(error: BaseException) -> str:
    """Return what kind of fault of ours it was, and where; nothing of what it says."""
    at = frames(error)[-1]
    return f"a fault of this program: {type(error).__name__} in {at.file}, line {at.line}"


def today() -> date:
    """Return the day on this machine's calendar."""
    return datetime.now().astimezone().date()


def error_object(code: str, message: str, next_step: str) -> dict[str, dict[str, str]]:
    """Return the object of the contracts for something that could not be done."""
    return {"error": {"code": code, "message": message, "next_step": next_step}}


def _fail(code: str, message: str, next_step: str, as_json: bool) -> None:
    if as_json:
        put_json(error_object(code, message, next_step))
    else:
        typer.echo(f"rohnamo: {message}", err=True)
        if next_step:
            typer.echo(f"  → {next_step}", err=True)
    raise typer.Exit(1)


def put(text: str = "") -> None:
    """Print a line for a person; letters the terminal does not know become question marks, not a fault."""
    with suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]
    typer.echo(text)


def put_json(value: object) -> None:
    """Print one object on one line, in UTF-8 whatever the locale is."""
    with suppress(AttributeError, ValueError):
        sys.stdout.reconfigure(encoding="utf-8")  # type: ignore[union-attr]
    typer.echo(json.dumps(value, ensure_ascii=False))


def counter(label: str) -> Callable[[int, int], None]:
    """Return a progress line on stderr: rewritten on a terminal, every tenth part of the work elsewhere."""
    shown, started = -1, monotonic()

    def step(done: int, whole: int) -> None:
        nonlocal shown
        tenth = done * 10 // max(whole, 1)
        line = f"{label} {done}/{whole}{_left(monotonic() - started, done, whole)}"
        if sys.stderr.isatty():
            typer.echo(f"\r  {line:<40}", nl=done == whole, err=True)
        elif tenth != shown and done:
            typer.echo(f"  {line}", err=True)
        shown = tenth

    return step


def _left(elapsed_s: float, done: int, whole: int) -> str:
    """Return the time left in words, nothing where it is short or not to be told yet."""
    left_s = elapsed_s / done * (whole - done) if done else 0.0
    if elapsed_s < _TOLD_AFTER_S or left_s < 1:
        return ""
    return f", {left_s / 60:.0f} min left" if left_s >= 90 else f", {left_s:.0f} s left"
