"""A paper as a PDF: on A4, or on the 80 mm paper of a receipt printer.

Left-aligned, in the font that ships with the program, with the words as they are: what is read back from the PDF is
what stands on the paper.  No question, name or time of a person is in what a PDF says of itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib.resources import as_file, files
from typing import TYPE_CHECKING, Any

from assistant.paper import Block, Kind, Paper
from assistant.qr import QUIET, modules
from assistant.texts import text

if TYPE_CHECKING:
    from fpdf import FPDF

_FONT, _REGULAR, _BOLD = "Noto Sans", "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"
# A PDF says when it was made; ours says the same day on every paper.
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_LACKING = "?"                         # stands for a letter that the font does not have
_LONGEST_MM = 4_000.0                  # of a receipt; a PDF page may have 5,080
_BOX = re.compile(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]")


class Size(StrEnum):
    """The papers that are printed on."""

    A4 = "a4"
    RECEIPT = "receipt"


@dataclass(frozen=True, slots=True)
class _Type:
    """How a block is set: size in points, space above in mm, indent in mm."""

    size: float
    above: float
    bold: bool = False
    indent: float = 0.0
    ruled: bool = False                # with a line at its left


_A4 = {Kind.NAME: _Type(17, 0, bold=True), Kind.HEAD: _Type(12, 5, bold=True), Kind.LEAD: _Type(14, 5, bold=True),
       Kind.SAID: _Type(13, 2.5), Kind.ITEM: _Type(11, 1.8, indent=3), Kind.SMALL: _Type(10, 1.5),
       Kind.WARNING: _Type(12, 2.5, bold=True, indent=5, ruled=True), Kind.CODE: _Type(7, 1.5)}
_RECEIPT = {Kind.NAME: _Type(13, 0, bold=True), Kind.HEAD: _Type(10, 3, bold=True),
            Kind.LEAD: _Type(11, 3, bold=True), Kind.SAID: _Type(10.5, 1.8), Kind.ITEM: _Type(9, 1.2),
            Kind.SMALL: _Type(8.5, 1), Kind.WARNING: _Type(10, 1.8, bold=True, indent=3, ruled=True),
            Kind.CODE: _Type(6.5, 1)}
_CODE_MM = 36.0                        # of a code with the white around it: 0.5 mm a module
_LEADING = 1.32                        # line height by size of type
_MM = 25.4 / 72                        # of a point


def sheet(paper: Paper, size: Size) -> bytes:
    """Return a paper as the bytes of a PDF."""
    if size is Size.A4:
        return _written(paper, _A4, "A4", (20.0, 18.0), numbered=True)[0]
    margins = (4.0, 4.0)
    height = _written(paper, _RECEIPT, (80.0, _LONGEST_MM), margins)[1]
    return _written(paper, _RECEIPT, (80.0, height + margins[1]), margins)[0]


def media(pdf: bytes, size: Size) -> str:
    """Return the name that CUPS knows the paper of a sheet by: of a receipt its width and length, in points.

    Without it CUPS shrinks a receipt until it fits the usual page of the queue.
    """
    box = _BOX.search(pdf)
    return f"Custom.{box[1].decode()}x{box[2].decode()}" if box and size is Size.RECEIPT else size.upper()


def _written(paper: Paper, types: dict[Kind, _Type], form: str | tuple[float, float], margins: tuple[float, float], *,
             numbered: bool = False) -> tuple[bytes, float]:
    """Return the PDF, and where on its last page the words end, in mm."""
    pdf = _opened(paper, form, margins, numbered=numbered)
    for block in paper.blocks:
        _put(pdf, block, types[block.kind])
    end = pdf.get_y()
    return bytes(pdf.output()), end


def _opened(paper: Paper, form: str | tuple[float, float], margins: tuple[float, float], *, numbered: bool) -> FPDF:
    from fpdf import FPDF

    class Sheet(FPDF):
        """Says at the head of each page what the paper is, and numbers its pages at the foot."""

        def header(self) -> None:
            if paper.head:
                self.set_font(_FONT, style="B", size=9)
                self.cell(text=paper.head, align="L", new_x="LMARGIN", new_y="NEXT")

        def footer(self) -> None:
            if numbered:
                self.set_y(-14)
                self.set_font(_FONT, size=9)
                words = text(paper.language, "take", "sheet", page=self.page_no(), pages="{nb}")
                self.cell(text=words, align="L")

    pdf = Sheet(format=form)
    pdf.set_margins(margins[0], margins[1])
    pdf.set_auto_page_break(numbered, margin=20)
    pdf.set_title(paper.title or text(paper.language, "kiosk", "name"))
    pdf.set_lang(paper.language)
    pdf.set_creation_date(_MADE)
    with _fonts() as (regular, bold):
        pdf.add_font(_FONT, fname=regular)
        pdf.add_font(_FONT, style="B", fname=bold)
    pdf.add_page()
    return pdf


@contextmanager
def _fonts() -> Iterator[tuple[Any, Any]]:
    folder = files("assistant.web").joinpath("static", "fonts")
    with as_file(folder.joinpath(_REGULAR)) as regular, as_file(folder.joinpath(_BOLD)) as bold:
        yield regular, bold


def _put(pdf: FPDF, block: Block, kind: _Type) -> None:
    """Write a block below the last one; a heading does not stand alone at the foot of a page."""
    pdf.set_font(_FONT, style="B" if kind.bold else "", size=kind.size)
    line = kind.size * _MM * _LEADING
    if block.kind is Kind.HEAD and pdf.will_page_break(kind.above + 3 * line):
        pdf.add_page()
    pdf.set_y(pdf.get_y() + kind.above)
    if block.kind is Kind.CODE:
        _draw(pdf, block.words)
    left, top, page = pdf.l_margin, pdf.get_y(), pdf.page_no()
    pdf.set_x(left + kind.indent)
    pdf.multi_cell(w=pdf.epw - kind.indent, h=line, text=_known(block.words, pdf), align="L",
                   new_x="LMARGIN", new_y="NEXT")
    if kind.ruled and pdf.page_no() == page:
        pdf.set_line_width(1.2)
        pdf.line(left + 1, top, left + 1, pdf.get_y())


def _draw(pdf: FPDF, words: str) -> None:
    """Draw a QR code at the left, and go on below it."""
    if pdf.will_page_break(_CODE_MM):
        pdf.add_page()
    rows = modules(words)
    left, top, one = pdf.l_margin, pdf.get_y(), _CODE_MM / (len(rows) + 2 * QUIET)
    pdf.set_fill_color(0)
    for down, row in enumerate(rows, QUIET):
        for right, black in enumerate(row, QUIET):
            if black:
                pdf.rect(left + right * one, top + down * one, one, one, style="F")
    pdf.set_y(top + _CODE_MM)


def _known(words: str, pdf: FPDF) -> str:
    """Return the words with a sign for each letter that the font does not have."""
    letters = pdf.current_font.cmap  # type: ignore[union-attr]
    return "".join(letter if letter == "\n" or ord(letter) in letters else _LACKING for letter in words)
