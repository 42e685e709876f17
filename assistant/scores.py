"""The measures of an evaluation, and the comparison of two runs, as tables for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.drafted import MEASURES

_FINDING = {"n": "questions", "R@1": "R@1", "R@5": "R@5", "nDCG@10": "nDCG@10", "S@1": "Success@1",
            "S@5": "Success@5", "RR@10": "RR@10", "right": "right answers", "answered": "answered",
            "abst.F1": "abstention F1", "CRAG": "CRAG", "altered": "altered numbers"}
# What answers are measured by, beside what is wanted of the test part.
_ANSWERS = {"right answers": "right, of all that can be answered (0.85)", "answered": "answered at all (0.88)",
            "right shown": "right, of those shown", "right place": "page, article or heading right (0.99)",
            "citation precision": "citation precision (0.97)", "citation recall": "citation recall (0.95)",
            "expected documents": "citations of an expected document", "abstention precision": "abstention precision",
            "abstention recall": "abstention recall", "abstention F1": "abstention F1 (0.93)",
            "over-refusal": "over-refusal (under 0.06)", "CRAG": "CRAG score, -1 to 1 (0.7)",
            "altered numbers": "altered numbers shown (0)"}
_SURE = ("R@1", "R@5", "nDCG@10", "Success@5", "RR@10", "right answers", "abstention recall")
_FIRST, _LONG = 26, 44
_CELL, _FAR = 17, 60
# Of what was found for a changed question, so many documents are shown.
_SHOWN = 5
_NO_WIDTH = ("An interval without width says little where questions are few: none wrong of n can still be\n"
             "as many as 3/n wrong.")
_COINS = ("p is of the exact sign test over won and lost. Where few questions differ the interval is too narrow:\n"
          "go by p. Of many comparisons of runs that are equally good one in twenty is below 0.05 by chance.")


def score_lines(report: Mapping[str, Any]) -> list[str]:
    """Return the answers' measures, then one row for all questions and for each split, language, style and service.

    The styles stand in a last table with the 95 % intervals of their measures.
    """
    lines = [*_answer_lines(report), *_draft_lines(report["drafts"]), "", _head(tuple(_FINDING), 9),
             _row("all", report["all"])]
    for kind in ("split", "language", "style", "service"):
        lines += ["", f"by {kind}", *(_row(f"  {name}", scores) for name, scores in report[kind].items())]
    return [*lines, *_sure_lines(report), "", f"median time of an answer: {report['all']['median ms']:.0f} ms"]


def _answer_lines(report: Mapping[str, Any]) -> Iterator[str]:
    """Yield what answers are worth, by split with intervals, and how the risk grows with what is answered."""
    splits = report["split"]
    yield "answers, with 95 % intervals (wanted of the test part)"
    yield _line("", tuple(splits), _CELL, _LONG)
    for measure, told in _ANSWERS.items():
        cells = [_spread(scores[measure], report["intervals"]["split"][name].get(measure))
                 for name, scores in splits.items()]
        yield _line(f"  {told}", cells, _CELL, _LONG)
    yield "share of wrong answers, were only the surest share of all questions answered (chance at which that is)"
    risks = (f"{row['coverage']:.0%} {row['risk']:.3f} ({row['threshold']:.2f})" for row in report["risk"])
    yield f"  {', '.join(risks)}"


def _draft_lines(drafts: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a model's drafts are worth, nothing where none was asked."""
    if drafts["drafts"]:
        yield from ("", "drafts, each judged alone (wanted of the test part)")
        yield from (_line(f"  {told}", [cell(drafts[measure])], _CELL, _FAR) for measure, told in MEASURES.items())


def _spread(value: float | int | None, ends: Sequence[float] | None) -> str:
    return f"{cell(value)} {ends[0]:.2f}–{ends[1]:.2f}" if ends else cell(value)


def _sure_lines(report: Mapping[str, Any]) -> Iterator[str]:
    intervals = report["intervals"]
    yield from ("", "by style, with 95 % intervals (bootstrap over the questions)")
    yield _head(("n + unanswerable", *_SURE), _CELL)
    yield _sure("all", report["all"], intervals["all"])
    for name, scores in report["style"].items():
        yield _sure(f"  {name}", scores, intervals["style"][name])
    yield _NO_WIDTH


def _sure(name: str, scores: Mapping[str, Any], intervals: Mapping[str, Sequence[float] | None]) -> str:
    cells = (f"{scores[column]:.3f} {ends[0]:.2f}–{ends[1]:.2f}" if (ends := intervals[column]) else "–"
             for column in _SURE)
    unanswerable = scores["unanswerable"]
    return _line(name, (f"{scores['questions'] - unanswerable} + {unanswerable}", *cells), _CELL)


def comparison_lines(comparison: Mapping[str, Any]) -> list[str]:
    """Return the differences of two runs over all and by style, then the questions that changed most."""
    before, now, left = (comparison[name] for name in ("before", "now", "left_out"))
    lines = [f"before: {_about(before)}", f"now:    {_about(now)}",
             f"compared: {comparison['compared']} questions; left out: {left['only_before']} asked only before, "
             f"{left['only_now']} only now, {left['asked_otherwise']} asked or expected otherwise"]
    if not comparison["compared"]:
        return [*lines, "The runs have no question in common."]
    for name, differences in ({"all": comparison["all"]} | comparison["style"]).items():
        lines += ["", *_difference_lines(name, differences)]
    return [*lines, "", _COINS, "", *_changed_lines(comparison["most_changed"])]


def _about(run: Mapping[str, Any]) -> str:
    return f"snapshot {run['snapshot']}, {run['generator']}, {run['questions']} questions, part {run['part']}"


def _difference_lines(name: str, differences: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    yield f"{name}: before → now, difference, 95 % interval"
    moved = {measure: one for measure, one in differences.items() if one["won"] or one["lost"]}
    for measure, one in moved.items():
        yield (f"  {measure:18} {one['before']:.3f} → {one['now']:.3f} {one['difference']:+7.3f} "
               f"[{one['low']:+.3f}, {one['high']:+.3f}]  won {one['won']}, lost {one['lost']} "
               f"of {one['questions']}, p {_p(one['p'])}")
    if alike := [measure for measure in differences if measure not in moved]:
        yield f"  no question changed in {', '.join(alike)}"


def _p(value: float) -> str:
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def _changed_lines(changes: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "most changed questions" if changes else "no question changed in any measure"
    for change in changes:
        moved = ", ".join(f"{name} {before:.2f} → {now:.2f}" for name, (before, now) in change["measures"].items())
        yield f"  {change['qid']} ({change['style']}, {change['service']}): {moved}"
        yield from (f"    {when + ':':8}{change[when]['status']}; {_found(change[when]['found'])}"
                    for when in ("before", "now"))


def _found(documents: Sequence[str]) -> str:
    return ", ".join(documents[:_SHOWN]) or "nothing found"


def _row(name: str, scores: Mapping[str, float | int | None]) -> str:
    return _line(name, [cell(scores[column]) for column in _FINDING.values()], 9)


def _head(names: Sequence[str], width: int) -> str:
    return _line("", names, width)


def _line(name: str, cells: Sequence[str], width: int, first: int = _FIRST) -> str:
    return name.ljust(first) + " ".join(one.rjust(width) for one in cells)


def cell(value: float | int | None) -> str:
    """Return a measure as it stands in a table; a dash where nothing of its kind was asked."""
    return "–" if value is None else str(value) if isinstance(value, int) else f"{value:.3f}"
