"""Image files become scans: every picture of a PNG, JPEG or TIFF file is a page.

Only grey values are handed on, upright as a camera noted, at a size for which text recognition is made.
What stands on the pictures is read in `scan`.
"""

from __future__ import annotations

import io
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING

from corpora import ocr
from corpora.errors import UnreadableFileError, UnsupportedFileError
from corpora.extract import scan
from corpora.extract.blocks import Extracted, assemble
from corpora.extract.layout import page_blocks
from corpora.extract.progress import Progress, unseen
from corpora.extract.scan import Scan

if TYPE_CHECKING:
    from PIL.Image import Image

_FORMATS = ("PNG", "JPEG", "TIFF")
_SENSIBLE_DPI = (60, 1300)
_LONG_SIDE = 11.7                      # inches of an A4 page, where a file does not say its dpi
_BODY = 10.0                           # points


def read_image(data: bytes, name: str, progress: Progress = unseen) -> Extracted:
    """Return the text of an image file by text recognition, with a box for every word.

    Raises:
        UnreadableFileError: it is cut short or too large, or text recognition is not installed.
        UnsupportedFileError: it is no picture that can be opened.
    """
    image = _opened(data, name)
    if lacking := ocr.missing():
        raise UnreadableFileError(f"{name} is a scan, and {lacking}", hint=f"Run: {ocr.INSTALL}")
    whole = getattr(image, "n_frames", 1)
    notes, readings = [], []
    for done, reading in enumerate(scan.read_scans(_scans(image, whole, name)), 1):
        number = reading.page.number
        notes.append(scan.note(reading) if not reading.fault
                     else f"page {number} is refused: text recognition {reading.fault}")
        readings += [] if reading.fault else [reading]
        progress(done, whole)
    blocks, printed = page_blocks([scan.with_body(reading.page, _BODY) for reading in readings])
    media_type = f"image/{(image.format or '').lower()}"
    extracted = assemble(blocks, extractor=f"tesseract {ocr.version()}", media_type=media_type, notes=notes,
                         printed=printed)
    return scan.with_boxes(extracted, readings)


def _opened(data: bytes, name: str) -> Image:
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Image.open(io.BytesIO(data), formats=_FORMATS)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise UnreadableFileError(f"{name} is too large a picture to be read") from error
    except UnidentifiedImageError as error:
        raise UnsupportedFileError(f"{name} is an image that is damaged or of an unknown kind") from error
    except (OSError, ValueError, SyntaxError) as error:
        raise UnreadableFileError(f"{name} is damaged: {error}") from error


def _scans(image: Image, whole: int, name: str) -> Iterator[Scan]:
    from PIL import Image, ImageOps

    for number in range(1, whole + 1):
        try:
            image.seek(number - 1)
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                grey = _grey(ImageOps.exif_transpose(image))
        except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
            raise UnreadableFileError(f"page {number} of {name} is too large a picture to be read") from error
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise UnreadableFileError(f"{name} is damaged at page {number}: {error}") from error
        dpi = _dpi(image)
        smaller = int(dpi // ocr.DPI)
        yield Scan(number, grey.reduce(smaller) if smaller > 1 else grey, dpi / max(smaller, 1))


def _grey(image: Image) -> Image:
    """Return the grey values of a picture on white paper."""
    from PIL import Image

    if image.mode.startswith("I"):     # 16 bits a pixel: Pillow would cut them off at 255
        return image.point(lambda value: value / 256).convert("L")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("L")
    return image.convert("L")


def _dpi(image: Image) -> float:
    """Return the dots to the inch as the file says, or as if it were a page of A4."""
    said = float(image.info.get("dpi", (0.0, 0.0))[0])
    return said if _SENSIBLE_DPI[0] <= said <= _SENSIBLE_DPI[1] else max(image.size) / _LONG_SIDE
