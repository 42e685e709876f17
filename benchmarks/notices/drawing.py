"""A sample notice as the file a clerk would get: PDF, DOCX, HTML, text, a scan, or one in an old encoding.

The same sample gives the same text; scans are drawn at 200 dots an inch, with specks.  Fonts are Debian's Noto Sans.
"""

from __future__ import annotations

import html
import io
import random
import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.notices.samples import Sample
from corpora.schemes import BRACKET, CYRILLIC, XPART, Scheme

if TYPE_CHECKING:
    from fpdf import FPDF

_FONTS = Path("/usr/share/fonts/truetype/noto")
_DPI, _SPECKS = 200, 400
_SUFFIX = {"scan": "png"}
_OLD = {"lj": CYRILLIC[Scheme.LJ], "adlia": CYRILLIC[Scheme.ADLIA], "bracket": BRACKET, "xpart": XPART}


def draw(sample: Sample) -> tuple[str, bytes]:
    """Return a file name and the file's bytes."""
    kind, scheme = sample.format, ""
    if kind.startswith("legacy-"):
        _, scheme, kind = kind.split("-")
    lines = [_old(line, scheme) for line in sample.lines]
    return f"{sample.id}.{_SUFFIX.get(kind, kind)}", _drawn(lines, kind, scheme)


def _drawn(lines: list[str], kind: str, scheme: str) -> bytes:
    match kind:
        case "pdf":
            return pdf(lines)
        case "docx":
            return _docx(lines)
        case "html":
            return _html(lines)
        case "scan":
            return _scan(lines)
    text = "\n".join(re.sub(r"^#+ ", "", line) for line in lines)
    return text.encode("koi8-t" if scheme == "koi8t" else "utf-8")


def _old(line: str, scheme: str) -> str:
    """Return a line as it was typed in an old font."""
    typed = {meant: seen for seen, meant in _OLD.get(scheme, {}).items()}
    return "".join(typed.get(letter, letter) for letter in line)


def _parts(line: str) -> tuple[str, str]:
    for mark, kind in (("# ", "title"), ("## ", "heading"), ("- ", "item"), ("| ", "row")):
        if line.startswith(mark):
            return kind, line.removeprefix(mark).removesuffix(" |")
    return "line", line


def pdf(lines: list[str]) -> bytes:
    """Return lines as a PDF with a text layer; a line of a form feed begins a page."""
    from fpdf import FPDF

    page = FPDF()
    page.set_auto_page_break(auto=True, margin=20)
    for style, name in (("", "NotoSans-Regular.ttf"), ("B", "NotoSans-Bold.ttf")):
        page.add_font("Noto", style, str(_FONTS / name))
    page.add_page()
    for kind, group in groupby(map(_parts, lines), key=lambda part: part[0]):
        texts = [line for _, line in group]
        if kind == "row":
            with page.table([line.split(" | ") for line in texts], col_widths=(1, 2), v_align="T",
                            first_row_as_headings=False):
                pass
            continue
        for line in texts:
            _write(page, kind, line)
    return bytes(page.output())


def _write(page: FPDF, kind: str, line: str) -> None:
    if line == "\f":
        page.add_page()
    elif not line:
        page.ln(3)
    else:
        size = {"title": 16, "heading": 13}.get(kind, 11)
        page.set_font("Noto", "B" if size > 11 else "", size)
        page.multi_cell(0, 7, ("– " if kind == "item" else "") + line, new_x="LMARGIN", new_y="NEXT")


def _docx(lines: list[str]) -> bytes:
    import docx

    file = docx.Document()
    table = None
    for kind, line in map(_parts, lines):
        if kind == "row":
            table = table or file.add_table(rows=0, cols=2, style="Table Grid")
            for cell, text in zip(table.add_row().cells, line.split(" | "), strict=True):
                cell.text = text
            continue
        table = None
        if kind in ("title", "heading"):
            file.add_heading(line, 1 if kind == "title" else 2)
        elif line:
            file.add_paragraph(line, "List Bullet" if kind == "item" else None)
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def _html(lines: list[str]) -> bytes:
    tags = {"title": "h1", "heading": "h2", "item": "li"}
    body = [f"<{tags.get(kind, 'p')}>{html.escape(line)}</{tags.get(kind, 'p')}>"
            for kind, line in map(_parts, lines) if line]
    text = re.sub(r"((?:<li>.*</li>\n?)+)", r"<ul>\1</ul>\n", "\n".join(body))
    head = "<!doctype html><html><head><meta charset='utf-8'><title></title></head>"
    return f"{head}<body><main>{text}</main></body></html>".encode()


def _scan(lines: list[str]) -> bytes:
    import pypdfium2
    from PIL import ImageDraw

    document = pypdfium2.PdfDocument(pdf(lines))
    image = document[0].render(scale=_DPI / 72).to_pil().convert("L")
    document.close()
    rolled, pen = random.Random(len(lines)), ImageDraw.Draw(image)  # noqa: S311 - specks of dust
    for _ in range(_SPECKS):
        pen.point((rolled.randrange(image.width), rolled.randrange(image.height)), fill=rolled.randrange(120, 220))
    out = io.BytesIO()
    image.save(out, "PNG", dpi=(_DPI, _DPI))
    return out.getvalue()
