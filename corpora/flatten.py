"""A form becomes plain pages: what its fields show is stamped on, and the fields are gone.

Hidden fields leave nothing behind.  Other annotations, such as links, stay as they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpora.acroform import Widget, entry, inherited, numbers, on_page, widgets
from corpora.pdf_objects import add, dictionary, pdf_object

if TYPE_CHECKING:
    from pypdf import PageObject, PdfWriter
    from pypdf.generic import StreamObject

_HIDDEN = 1 << 1 | 1 << 5              # Hidden, NoView
_IDENTITY = (1, 0, 0, 1, 0, 0)


def flattened(writer: PdfWriter) -> None:
    """Stamp every field's appearance on its page, then remove the fields and the form."""
    pages = list(writer.pages)
    placed = widgets(pages)
    for number, page in enumerate(pages, 1):
        _stamp(writer, page, [widget for widget in placed if widget.page == number])
        kept = [each for each in on_page(page) if entry(each, "/Subtype") != "/Widget"]
        page.pop("/Annots", None)
        if kept:
            page[pdf_object("/Annots")] = pdf_object([each.indirect_reference or each for each in kept])
    writer._root_object.pop("/AcroForm", None)


def _stamp(writer: PdfWriter, page: PageObject, here: Sequence[Widget]) -> None:
    named, shown = dict[str, object](), list[str]()
    for widget in here:
        look = _appearance(widget)
        if look is not None and not int(entry(widget.annotation, "/F") or 0) & _HIDDEN:
            name = f"/Rohnamo{len(named)}"
            named[name] = look.indirect_reference or writer._add_object(look)
            shown.append(f"q {_matrix(look, widget)} cm {name} Do Q")
    if not named:
        return
    own = dictionary(inherited(page, "/Resources") or {})
    own[pdf_object("/XObject")] = dictionary({**(entry(own, "/XObject") or {}), **named})
    page[pdf_object("/Resources")] = own
    before = entry(page, "/Contents")
    parts = list(before) if isinstance(before, list) else [] if before is None else [page.raw_get("/Contents")]
    after = "\nQ\n" + "\n".join(shown) + "\n"
    page[pdf_object("/Contents")] = pdf_object([add(writer, {}, b"q\n"), *parts, add(writer, {}, after.encode())])


def _appearance(widget: Widget) -> StreamObject | None:
    """Return what a field shows: its one appearance, or that of its state."""
    from pypdf.generic import StreamObject
    look = entry(entry(widget.annotation, "/AP") or {}, "/N")
    if look is not None and not isinstance(look, StreamObject):
        look = entry(look, entry(widget.annotation, "/AS") or "/Off")
    return look if isinstance(look, StreamObject) else None


def _matrix(look: StreamObject, widget: Widget) -> str:
    """Return the matrix that lays an appearance into its rectangle (PDF 32000-1, 12.5.5, algorithm 8.1)."""
    a, b, c, d, e, f = numbers(entry(look, "/Matrix")) or _IDENTITY
    left, low, right, high = numbers(entry(look, "/BBox"))
    corners = [(a * x + c * y + e, b * x + d * y + f) for x in (left, right) for y in (low, high)]
    across, up = [x for x, _ in corners], [y for _, y in corners]
    x, y, to_x, to_y = widget.rect
    wide = (to_x - x) / (max(across) - min(across) or 1)
    tall = (to_y - y) / (max(up) - min(up) or 1)
    return f"{wide:.5f} 0 0 {tall:.5f} {x - wide * min(across):.3f} {y - tall * min(up):.3f}"
