"""The picture of a scanned page made ready for recognition: specks gone, lines level.

The angle of a page is the one at which rows of ink are sharpest.  Clean pictures are left as they are, since
every change blurs a little.  Only numpy and Pillow; what stands on the page is not looked at.
"""

from __future__ import annotations

from math import cos, radians, sin, tan
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from PIL.Image import Image

Pixels = NDArray[np.uint8]             # (rows, columns), 0 black

_WIDEST = 5.0                          # degrees; a scanner's feed turns a page by one or two
_COARSE, _FINE = 0.5, 0.05             # degrees
_LEAST = 0.15                          # degrees; tesseract follows lines that rise less by itself
_LOOKED_AT = 1000                      # pixels of the longer side
_MOST_INK = 60_000                     # pixels looked at
_SPECK = 60                            # grey levels between a speck and everything around it
# Shares of pixels that are specks: below the first the page is clean, above the second specks touch.
_FEW_SPECKS, _MANY_SPECKS = 0.0002, 0.001
# At 150 dpi, letters of 10 points are mistaken seven times as often as the same drawn larger.
_COARSE_DPI, _DRAWN_DPI = 190.0, 250.0
_LARGE = 4000                          # pixels; a page with more was given a wrong dpi
_BAND = 64                             # rows that fit the cache of a processor
# The exchanges that bring the middle of nine values to the fifth place (Paeth, Graphics Gems, 1990).
_MIDDLE_OF_NINE = ((1, 2), (4, 5), (7, 8), (0, 1), (3, 4), (6, 7), (1, 2), (4, 5), (7, 8), (0, 3), (5, 8), (4, 7),
                   (3, 6), (1, 4), (2, 5), (4, 7), (4, 2), (6, 4), (4, 2))


def without_specks(image: Image) -> Image:
    """Return a grey image without single dark or light pixels; the image itself where there are hardly any."""
    from PIL.Image import fromarray

    pixels: Pixels = np.asarray(image)
    share = _specks(pixels)
    if share < _FEW_SPECKS:
        return image
    clean, calm = pixels.copy(), _middle if share > _MANY_SPECKS else _within
    for top in range(0, len(pixels) - 2, _BAND):
        band = calm(_around(pixels[top:top + _BAND + 2]))
        clean[top + 1:top + 1 + len(band), 1:-1] = band
    return fromarray(clean)


def enlarged(image: Image, dpi: float) -> tuple[Image, float]:
    """Return a coarse picture drawn larger, and its new dots to the inch; one that is fine enough as it is."""
    from PIL.Image import Resampling

    if dpi >= _COARSE_DPI or max(image.size) > _LARGE:
        return image, dpi
    grown = (round(image.width * _DRAWN_DPI / dpi), round(image.height * _DRAWN_DPI / dpi))
    return image.resize(grown, Resampling.BICUBIC), _DRAWN_DPI


def skew(image: Image) -> float:
    """Return by how many degrees the lines of a grey image fall to the right, in [-5, 5]; 0 where none are seen."""
    ys, xs = _ink(image)
    if len(ys) < _LOOKED_AT:
        return 0.0
    coarse = np.arange(-_WIDEST, _WIDEST + _COARSE, _COARSE)
    near = coarse[np.argmax([_sharpness(ys, xs, angle) for angle in coarse])]
    fine = np.arange(near - _COARSE, near + _COARSE + _FINE, _FINE)
    angle = float(fine[np.argmax([_sharpness(ys, xs, angle) for angle in fine])])
    return angle if abs(angle) >= _LEAST else 0.0


def turned(image: Image, angle: float) -> Image:
    """Return the grey image turned so that lines falling by `angle` degrees are level, grown to hold its corners."""
    from PIL.Image import Resampling

    return image.rotate(angle, Resampling.BILINEAR, expand=True, fillcolor=255) if angle else image


def before_turning(point: tuple[float, float], angle: float, upright: tuple[int, int], seen: tuple[int, int]
                   ) -> tuple[float, float]:
    """Return where a point of the turned image stood before, in pixels; sizes are (width, height)."""
    dx, dy, turn = point[0] - upright[0] / 2, point[1] - upright[1] / 2, radians(angle)
    return seen[0] / 2 + dx * cos(turn) - dy * sin(turn), seen[1] / 2 + dx * sin(turn) + dy * cos(turn)


def _specks(pixels: Pixels) -> float:
    """Return the share of pixels that differ from all around them, seen in the middle of the page."""
    top, left = len(pixels) // 4, pixels.shape[1] // 4
    sample = pixels[top:top + _LOOKED_AT, left:left + _LOOKED_AT].astype(np.int16)
    if min(sample.shape) < 3:
        return 0.0
    nine = _around(sample)
    centre = nine.pop(4)
    low, high = np.minimum.reduce(nine), np.maximum.reduce(nine)
    return float(((low - centre > _SPECK) | (centre - high > _SPECK)).mean())


def _around(pixels: NDArray[np.integer]) -> list[NDArray[np.integer]]:
    """Return each inner pixel and its eight neighbours as nine arrays, row by row."""
    rows, columns = pixels.shape[0] - 2, pixels.shape[1] - 2
    return [pixels[row:row + rows, column:column + columns] for row in range(3) for column in range(3)]


def _middle(nine: list[NDArray[np.integer]]) -> NDArray[np.integer]:
    nine = [plane.copy() for plane in nine]
    for low, high in _MIDDLE_OF_NINE:
        least = np.minimum(nine[low], nine[high])
        np.maximum(nine[low], nine[high], out=nine[high])
        nine[low] = least
    return nine[4]


def _within(nine: list[NDArray[np.integer]]) -> NDArray[np.integer]:
    """Return each pixel brought within the range of its neighbours: edges stay as sharp as they are."""
    around = nine[:4] + nine[5:]
    calm: NDArray[np.integer] = np.clip(nine[4], np.minimum.reduce(around), np.maximum.reduce(around))
    return calm


def _ink(image: Image) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the rows and the columns of dark pixels of the image made small."""
    share = max(1, max(image.size) // _LOOKED_AT)
    small = np.asarray(image.reduce(share), dtype=np.float32)
    ys, xs = np.nonzero(small < (small.mean() + small.min()) / 2)
    step = max(1, len(ys) // _MOST_INK)
    return ys[::step].astype(np.float32), xs[::step].astype(np.float32)


def _sharpness(ys: NDArray[np.float32], xs: NDArray[np.float32], angle: float) -> float:
    """Return how unevenly the ink falls on rows that lie at this angle."""
    rows = np.rint(ys - xs * np.float32(tan(radians(angle)))).astype(np.int64)
    ink = np.bincount(rows - rows.min()).astype(np.float64)
    return float(np.square(np.diff(ink)).sum())
