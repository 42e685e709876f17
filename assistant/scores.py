"""The measures of an evaluation as a table for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_COLUMNS = ("questions", "recall@1", "recall@5", "nDCG@10", "success@1", "success@5", "right answers",
            "citation precision", "abstention precision", "abstention recall", "claims at fault")
_HEADS = ("n", "r@1", "r@5", "nDCG@10", "s@1", "s@5", "right", "cit.prec", "abst.prec", "abst.rec", "faults")
_FIRST = 26


def score_lines(report: Mapping[str, Any]) -> list[str]:
    """Return one row for all questions and one for each split, language, style and service."""
    lines = ["".ljust(_FIRST) + " ".join(head.rjust(9) for head in _HEADS), _row("all", report["all"])]
    for kind in ("split", "language", "style", "service"):
        lines += ["", f"by {kind}", *(_row(f"  {name}", scores) for name, scores in report[kind].items())]
    return [*lines, "", f"median time of an answer: {report['all']['median ms']:.0f} ms"]


def _row(name: str, scores: Mapping[str, float | int | None]) -> str:
    cells = (scores[column] for column in _COLUMNS)
    return name.ljust(_FIRST) + " ".join(_cell(cell).rjust(9) for cell in cells)


def _cell(value: float | int | None) -> str:
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
