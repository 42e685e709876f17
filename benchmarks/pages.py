"""Documents drawn for measuring: the same true text as a scan, in an old font's letters, as PDF, Word, HTML.

Everything is made from the seed's own texts with a fixed seed of chance, so that two runs draw the same.  The
letter tables here are written apart from `corpora.encodings`, as the other side of the same facts.
"""

from __future__ import annotations

import io
import random
import textwrap
from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = Path("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf")
_TAJIK = "ҚқҲҳҶҷӢӣҒғӮӯ"
# What a text typed in each old font looks like when it is pasted as Unicode (research: legacy-encodings).
LETTERS = {
    "adlia": dict(zip(_TAJIK, "ЅѕІіЇїЊњЉљЎў", strict=True)),
    "lj": dict(zip(_TAJIK, "ЌќЊњЉљЇїЃѓЎў", strict=True)),
    "bracket": dict(zip(_TAJIK, "Rr{[XxBbUuEe", strict=True)),
    "xpart": dict(zip("ҶҷҒғӮӯ", "XxUuEe", strict=True)),
}
_INCH_MM, _WIDTH_MM, _HEIGHT_MM, _MARGIN_MM, _POINTS = 25.4, 210, 297, 20, 11


def in_old_letters(text: str, scheme: str) -> str:
    """Return a Tajik text as a document in an old font shows it."""
    return text.translate(str.maketrans(LETTERS[scheme]))


def scan(text: str, dpi: int, *, noisy: bool, seed: int) -> bytes:
    """Return a PNG of one page with the text; noisy ones are speckled, blurred and askew by up to 1.2 degrees."""
    page = _drawn(text, dpi)
    if noisy:
        page = _worn(page, random.Random(seed))  # noqa: S311 - noise, not a secret
    out = io.BytesIO()
    page.save(out, "PNG", dpi=(dpi, dpi))
    return out.getvalue()


def scanned_pdf(texts: list[str], dpi: int) -> bytes:
    """Return a PDF whose pages are nothing but images of the texts."""
    pages = [_drawn(text, dpi) for text in texts]
    out = io.BytesIO()
    pages[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=pages[1:])
    return out.getvalue()


def _drawn(text: str, dpi: int) -> Image.Image:
    page = Image.new("L", (round(_WIDTH_MM / _INCH_MM * dpi), round(_HEIGHT_MM / _INCH_MM * dpi)), 255)
    font = ImageFont.truetype(str(FONT), round(_POINTS * dpi / 72))
    pen, margin = ImageDraw.Draw(page), round(_MARGIN_MM / _INCH_MM * dpi)
    letters = int((page.width - 2 * margin) / font.getlength("о"))
    lines = [line for paragraph in text.split("\n") for line in [*textwrap.wrap(paragraph, letters), ""]]
    pen.multiline_text((margin, margin), "\n".join(lines), font=font, fill=20, spacing=round(dpi / 24))
    return page


def _worn(page: Image.Image, chance: random.Random) -> Image.Image:
    page = page.rotate(chance.uniform(-1.2, 1.2), resample=Image.Resampling.BICUBIC, fillcolor=255)
    page = page.filter(ImageFilter.GaussianBlur(page.width / 4000))
    dots = page.load()
    for _ in range(page.width * page.height // 600):
        dots[chance.randrange(page.width), chance.randrange(page.height)] = chance.choice((0, 90, 255))
    return page


def pdf(text: str) -> bytes:
    """Return a born-digital PDF of paragraphs."""
    from fpdf import FPDF

    made = FPDF(format="A4")
    made.add_font("Noto", "", FONT)
    made.set_font("Noto", "", _POINTS)
    made.set_margin(_MARGIN_MM)
    made.add_page()
    for paragraph in text.split("\n"):
        made.multi_cell(0, 6, paragraph, align="L", new_x="LMARGIN", new_y="NEXT")
        made.ln(2)
    return bytes(made.output())


def pdf_without_letters(text: str) -> bytes:
    """Return the same PDF with its table of letters taken out: the eye reads it, a program reads noise."""
    from pypdf import PdfReader, PdfWriter

    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(text))))
    for page in writer.pages:
        for font in page["/Resources"]["/Font"].values():  # type: ignore[index]
            font.get_object().pop("/ToUnicode", None)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def word(text: str) -> bytes:
    """Return a Word file of paragraphs."""
    from docx import Document

    made = Document()
    for paragraph in text.split("\n"):
        made.add_paragraph(paragraph)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def html(text: str) -> bytes:
    """Return a web page with a little of a site around the text."""
    body = "\n".join(f"<p>{paragraph}</p>" for paragraph in text.split("\n"))
    return (f"<!DOCTYPE html><html><head><meta charset='utf-8'></head><body>"
            f"<nav><a href='/'>Асосӣ</a></nav><article>{body}</article></body></html>").encode()
