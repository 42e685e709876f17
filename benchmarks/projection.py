"""What larger collections would cost, from those that were measured:

    python benchmarks/projection.py MEASURED.json... [--to 100000000] [--svg FILE]

MEASURED.json is what `scale.py --json` printed.  Two models are fitted by least squares and stand side by side: a
power of the number of passages, y = a·n^b, straight in logarithms; and a part that stays with a part for each
passage, y = c + k·n, the errors taken as shares.  Beside each stands how far it is at most from what was measured.
Vocabulary and lists grow slower than the text, postings of frequent words as fast: the truth lies between.  It is
arithmetic, not a measurement: what changes its kind on the way (another index, a disk instead of a cache) is not in it.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import numpy

# What is projected: the row it is of, the number in it, and from which size on it is of one kind.
WORDS, FULL, VECTORS = "by words", "with", "vectors"
IVF = 200_001
LINES = [(WORDS, "build, s", 0), (FULL, "build, s", 0), (WORDS, "on disk, MB", 0), (FULL, "on disk, MB", 0),
         (FULL, "most memory while building, MB", 0), (FULL, "memory of asking, MB", 0),
         (WORDS, "tg p95, ms of processor", 0), (WORDS, "ru p95, ms of processor", 0),
         (FULL, "tg p95, ms of processor", 0), (VECTORS, "look-up, ms", IVF)]
FAR = 1e10                    # passages; whatever is reached only there is not reached
LIMITS = {"build, s": 6 * 3600.0, "tg p95, ms of processor": 1000.0, "ru p95, ms of processor": 1000.0}
_WIDTH, _HEIGHT, _GAP, _COLUMNS = 300, 220, 70, 3


@dataclass(frozen=True)
class Fit:
    """y = a·n^b, or a + b·n where it is straight, over the measured points."""

    points: tuple[tuple[int, float], ...]
    straight: bool
    a: float
    b: float

    @classmethod
    def power(cls, points: Sequence[tuple[int, float]]) -> Fit:
        """Return the least squares of the logarithms."""
        sizes, values = zip(*points, strict=True)
        b, log_a = numpy.polyfit(numpy.log(sizes), numpy.log(values), 1)
        return cls(tuple(points), False, float(numpy.exp(log_a)), float(b))

    @classmethod
    def line(cls, points: Sequence[tuple[int, float]]) -> Fit:
        """Return the least squares of the errors as shares of what was measured."""
        sizes, values = zip(*points, strict=True)
        b, a = numpy.polyfit(sizes, values, 1, w=1 / numpy.asarray(values))
        return cls(tuple(points), True, float(a), float(b))

    def at(self, size: float) -> float:
        """Return what the model says of a size."""
        return float(self.a + self.b * size if self.straight else self.a * size ** self.b)

    def reaches(self, value: float) -> float:
        """Return the size at which the model reaches a value."""
        return float((value - self.a) / self.b if self.straight else (value / self.a) ** (1 / self.b))

    @property
    def deviation(self) -> float:
        """How far it is at most from what was measured, as a share of it."""
        return max(abs(self.at(size) / value - 1) for size, value in self.points)


Found = tuple[str, Fit, Fit]


def measured(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return the rows of the files."""
    return [row for path in paths for row in json.loads(path.read_text(encoding="utf-8"))]


def fitted(rows: Sequence[dict[str, Any]]) -> Iterator[Found]:
    """Yield what is projected with both models, as far as two sizes were measured."""
    for what, name, least in LINES:
        points = sorted((row["passages"], row[name]) for row in rows
                        if row["what"].startswith(what) and name in row and row["passages"] >= least)
        if len({size for size, _ in points}) > 1:
            yield f"{what}{' vectors' if what == FULL else ''}: {name}", Fit.power(points), Fit.line(points)


def plain(value: float) -> str:
    """Return a number with three figures that count."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 100 else f"{rounded:g}"


def table(found: Sequence[Found], size: int) -> Iterator[str]:
    """Yield lines of Markdown: measured, projected, how far each model is off, where a limit is reached."""
    sizes = sorted({one for _, power, _ in found for one, _ in power.points})
    heads = [*(f"{one:,}" for one in sizes), f"**{size:,}** by a power", "b, off by", "by a line", "off by", "limit at"]
    yield "| | " + " | ".join(heads) + " |"
    yield "| --- |" + " ---: |" * len(heads)
    for title, power, line in found:
        values, limit = dict(power.points), LIMITS.get(title.partition(": ")[2])
        reached = [plain(size) if size < FAR else "never" for size in
                   sorted(one.reaches(limit) for one in (line, power))] if limit else []
        cells = [*(plain(values[one]) if one in values else "" for one in sizes), f"**{plain(power.at(size))}**",
                 f"{power.b:.2f}, {power.deviation:.0%}", f"**{plain(line.at(size))}**", f"{line.deviation:.0%}",
                 f"{limit:,.0f}: {' … '.join(reached)}" if limit else ""]
        yield f"| {title} | " + " | ".join(cells) + " |"


def picture(found: Sequence[Found], size: int) -> str:
    """Return an SVG with a field for each number: measured points, and both models to the size."""
    fields = [_field(place, one, size) for place, one in enumerate(found)]
    width, height = _COLUMNS * (_WIDTH + _GAP) + _GAP, -(-len(found) // _COLUMNS) * (_HEIGHT + _GAP) + _GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" '
    return "\n".join([f'{head}font-size="12">', f'<rect width="{width}" height="{height}" fill="#fff"/>', *fields,
                      "</svg>", ""])


def _field(place: int, found: Found, size: int) -> str:
    title, power, line = found
    left, top = _GAP + place % _COLUMNS * (_WIDTH + _GAP), _GAP + place // _COLUMNS * (_HEIGHT + _GAP)
    first = power.points[0][0]
    steps = numpy.geomspace(first, size, 60)
    ends = [*(value for _, value in power.points), *(one.at(n) for one in (power, line) for n in (first, size))]
    low, high = max(min(ends), 1e-3), max(ends)

    def spot(n: float, value: float) -> str:
        across = numpy.log(n / first) / numpy.log(size / first) * _WIDTH
        up = numpy.log(max(value, low) / low) / numpy.log(high / low) * _HEIGHT
        return f"{left + across:.1f} {top + _HEIGHT - up:.1f}"

    paths = "".join(f'<path d="M{"L".join(spot(n, one.at(n)) for n in steps)}" fill="none" stroke="{colour}" '
                    f'stroke-dasharray="{dashes}"/>' for one, colour, dashes in ((power, "#06c", "6 4"),
                                                                                 (line, "#c30", "2 3")))
    dots = "".join('<circle cx="{}" cy="{}" r="4" fill="#094"/>'.format(*spot(*point).split())
                   for point in power.points)
    return (f'<text x="{left}" y="{top - 12}" font-weight="bold">{escape(title)}</text>'
            f'<rect x="{left}" y="{top}" width="{_WIDTH}" height="{_HEIGHT}" fill="none" stroke="#bbb"/>{paths}{dots}'
            f'<text x="{left}" y="{top + _HEIGHT + 16}">{first:,} passages: {plain(power.points[0][1])}</text>'
            f'<text x="{left + _WIDTH}" y="{top + _HEIGHT + 32}" text-anchor="end">{size:,}: '
            f'{plain(power.at(size))} by a power, {plain(line.at(size))} by a line</text>')


def main() -> None:
    """Print the projection, and draw it where a file is named."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("measured", type=Path, nargs="+")
    options.add_argument("--to", type=int, default=100_000_000)
    options.add_argument("--svg", type=Path)
    given = options.parse_args()
    found = list(fitted(measured(given.measured)))
    print("\n".join(table(found, given.to)))
    if given.svg:
        given.svg.write_text(picture(found, given.to), encoding="utf-8")


if __name__ == "__main__":
    main()
