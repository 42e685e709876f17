"""A run of the questions kept in a file, and two runs compared question by question.

Only questions that both runs asked alike are compared: same text, same expected documents and values.  Nothing is
asked here, and neither the text of a question nor that of an answer is kept.  Format: docs/formats.md.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from math import isclose
from pathlib import Path
from statistics import fmean
from typing import Any

from assistant.errors import AssistantError
from assistant.evaluate import MEASURES, Asked, Outcome
from assistant.intervals import paired
from corpora.durable import canonical, write_whole

FORMAT = "rohnamo-run"
VERSION = 1
# So many of the most changed questions are named.
_NAMED = 10


class UnknownRunError(AssistantError):
    """A saved run is of a format or version this program does not know."""

    code = "unknown_format"


@dataclass(frozen=True, slots=True)
class SavedOutcome:
    """What became of one question.  `asked` is the SHA-256 of all that was asked and expected."""

    qid: str
    asked: str
    split: str
    language: str
    style: str
    service: str
    status: str
    found: tuple[str, ...]             # document ids, best first
    measures: dict[str, float]         # those of MEASURES that this kind of question has


@dataclass(frozen=True, slots=True)
class SavedRun:
    """Every question's outcome, and what answered them."""

    snapshot: str
    generator: str
    part: str                          # train | dev | test | all
    questions: tuple[SavedOutcome, ...]

    def save(self, path: Path) -> None:
        """Write the run whole or not at all; the same run gives the same bytes."""
        write_whole(path, canonical({"format": FORMAT, "version": VERSION} | asdict(self)) + b"\n")

    def about(self) -> dict[str, Any]:
        """Return what answered, and how many questions."""
        return {"snapshot": self.snapshot, "generator": self.generator, "part": self.part,
                "questions": len(self.questions)}


Pair = tuple[SavedOutcome, SavedOutcome]


def saved_run(outcomes: Sequence[Outcome], *, snapshot: str, generator: str, part: str) -> SavedRun:
    """Return what is kept of a run, sorted by qid."""
    kept = sorted((_saved(one) for one in outcomes), key=lambda one: one.qid)
    return SavedRun(snapshot, generator, part, tuple(kept))


def _saved(outcome: Outcome) -> SavedOutcome:
    asked = outcome.asked
    return SavedOutcome(asked.qid, _fingerprint(asked), asked.split, asked.language, asked.style, asked.service,
                        str(outcome.answer.status), outcome.found, outcome.measures)


def _fingerprint(asked: Asked) -> str:
    named = ("question", "answerable", "expected_documents", "expected_values")
    return sha256(canonical({name: getattr(asked, name) for name in named})).hexdigest()


def read_run(path: Path) -> SavedRun:
    """Return a saved run.

    Raises:
        UnknownRunError: it is of another format or version.
        AssistantError: it cannot be read.
    """
    try:
        found = json.loads(path.read_bytes())
        written = found.pop("format", "no format"), found.pop("version", "without a version")
        if written == (FORMAT, VERSION):
            return SavedRun(**(found | {"questions": tuple(map(_read, found["questions"]))}))
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise AssistantError(f"{path.name} cannot be read as a saved run: {error}",
                             "Give a file that rohnamo evaluate --save wrote.") from error
    raise UnknownRunError(f"{path.name} is {written[0]} {written[1]}, this program reads {FORMAT} {VERSION}",
                          "Make the run again with rohnamo evaluate --save, or compare with the program that wrote it.")


def _read(row: dict[str, Any]) -> SavedOutcome:
    measures = {name: float(value) for name, value in row["measures"].items()}
    return SavedOutcome(**(row | {"found": tuple(row["found"]), "measures": measures}))


def compare(before: SavedRun, now: SavedRun) -> dict[str, Any]:
    """Return the differences of two runs over all their common questions and over those of each style.

    Each measure: questions, before, now (means), difference, low, high (95 %), won, lost, p; see
    `assistant.intervals`.  `most_changed` are the questions whose measures moved most in sum, with what was found.
    """
    pairs, left_out = _pairs(before, now)
    styles = sorted({new.style for _, new in pairs})
    return {"before": before.about(), "now": now.about(), "compared": len(pairs), "left_out": left_out,
            "all": _differences(pairs),
            "style": {style: _differences([pair for pair in pairs if pair[1].style == style]) for style in styles},
            "most_changed": [_change(pair) for pair in sorted(pairs, key=_order)[:_NAMED] if _moved(pair)]}


def _pairs(before: SavedRun, now: SavedRun) -> tuple[list[Pair], dict[str, int]]:
    old, new = ({one.qid: one for one in run.questions} for run in (before, now))
    common = [(old[qid], new[qid]) for qid in new if qid in old]
    pairs = [pair for pair in common if pair[0].asked == pair[1].asked]
    return pairs, {"only_before": len(old) - len(common), "only_now": len(new) - len(common),
                   "asked_otherwise": len(common) - len(pairs)}


def _differences(pairs: Sequence[Pair]) -> dict[str, dict[str, float | int]]:
    return {name: _difference([(old.measures[name], new.measures[name]) for old, new in measured])
            for name in MEASURES
            if (measured := [pair for pair in pairs if all(name in one.measures for one in pair)])}


def _difference(values: Sequence[tuple[float, float]]) -> dict[str, float | int]:
    before, now = zip(*values, strict=True)
    return {"questions": len(values), "before": fmean(before), "now": fmean(now)} | asdict(paired(now, before))


def _moved(pair: Pair) -> dict[str, list[float]]:
    """Return before and now of each measure that changed."""
    old, new = pair
    return {name: [old.measures[name], new.measures[name]] for name in MEASURES
            if name in old.measures and name in new.measures
            and not isclose(old.measures[name], new.measures[name], abs_tol=1e-9)}


def _order(pair: Pair) -> tuple[float, str]:
    return -sum(abs(now - before) for before, now in _moved(pair).values()), pair[0].qid


def _change(pair: Pair) -> dict[str, Any]:
    old, new = pair
    return {"qid": new.qid, "style": new.style, "service": new.service, "measures": _moved(pair),
            "before": {"status": old.status, "found": list(old.found)},
            "now": {"status": new.status, "found": list(new.found)}}
