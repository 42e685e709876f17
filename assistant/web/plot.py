"""Shares over time as lines in an SVG that stands in the page: no script, no style but classes of ours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT, LEFT, RIGHT, BOTTOM = 760, 200, 48, 8, 26
_TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)
_LABELS = 6


@dataclass(frozen=True, slots=True)
class Plot:
    """Lines in pixels.  `stretches` are polylines, broken where nothing is known; `ticks` and `labels` are places on
    the axes with what stands there."""

    stretches: tuple[str, ...]
    dots: tuple[tuple[float, float], ...]
    ticks: tuple[tuple[float, str], ...]
    labels: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    last: float | None = None


def plotted(days: Sequence[date], shares: Sequence[float | None]) -> Plot:
    """Return a plot of one share, 0..1, for each day; a day alone between unknown ones is a dot."""
    step = (WIDTH - LEFT - RIGHT) / max(len(days) - 1, 1)
    placed = [None if share is None else (round(LEFT + at * step, 1), round(_y(share), 1))
              for at, share in enumerate(shares)]
    runs = list(_runs(placed))
    every = max(len(days) // _LABELS, 1)
    return Plot(tuple(" ".join(f"{x},{y}" for x, y in run) for run in runs if len(run) > 1),
                tuple(run[0] for run in runs if len(run) == 1),
                tuple((round(_y(tick), 1), f"{tick:.0%}") for tick in _TICKS),
                tuple((round(LEFT + at * step, 1), f"{days[at]:%d.%m}") for at in range(0, len(days), every)),
                last=next((share for share in reversed(shares) if share is not None), None))


def _y(share: float) -> float:
    return (HEIGHT - BOTTOM) * (1 - share) + 8 * share


def _runs(placed: Sequence[tuple[float, float] | None]) -> Iterator[list[tuple[float, float]]]:
    run: list[tuple[float, float]] = []
    for one in (*placed, None):
        if one is not None:
            run.append(one)
        elif run:
            yield run
            run = []
