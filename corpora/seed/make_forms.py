"""Draw the seed's forms: real AcroForm PDFs with Tajik fields, from `forms/*.toml`.

Each definition names its fields, and for a field the fact that requires it; the facts are said on the form in their
own words.  Every form is marked as made for this project.  `make.py` calls `main`; the same definitions draw the
same forms.
"""

from __future__ import annotations

import io
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from face import UNVERIFIED, long_face, metadata, short_face
from fpdf import FPDF
from make import FONTS, HERE, Block, Source, load_facts, to_metadata
from pypdf import PdfWriter

from corpora.acroform import RULE
from corpora.pdf_objects import add, pdf_object, text_object
from corpora.typeface import Typeface, embed, shipped

MARGIN, GAP = 20.0, 4.0                # millimetres
LINE, PARAGRAPH, TICK = 7.5, 22.0, 5.0
POINTS = 72 / 25.4                     # a millimetre
REQUIRED, MULTILINE, COMBO = 1 << 1, 1 << 12, 1 << 17
DAY = " (рӯз.моҳ.сол)"
INTRO = "Ин варақаи намунавӣ барои ҳамин маҷмуа тартиб дода шудааст ва шакли расмӣ нест."
STARS = "Ба саволҳои ситорадор (*) ҷавоб ҳатмист."
WHY = "Чаро ин маълумот лозим аст"


@dataclass(frozen=True)
class Box:
    """Where a field stands: page from 1, and left, bottom, right, top in points."""

    field: dict[str, Any]
    page: int
    rect: tuple[float, float, float, float]


def read_definition(path: Path, facts: dict[str, dict[str, Any]]) -> tuple[Source, list[dict[str, Any]]]:
    """Return the form's text as a source, with the sentences of its facts, and its fields in order."""
    front = tomllib.loads(path.read_text(encoding="utf-8"))
    fields, words = front.pop("field"), front.pop("fact")
    quotes = []
    for said in words:
        fact = facts[said["id"]]
        mark = UNVERIFIED["tg"] if fact["confidence"] == "C" else ""
        quotes.append((fact, mark + said.get("words", fact["statement_tg"])))
    known = {fact["id"] for fact, _ in quotes}
    assert all(field.get("rule", "") in known | {""} for field in fields), path.name  # noqa: S101 - a slip of the pen
    front = metadata(front, [fact for fact, _ in quotes])
    urls = list(dict.fromkeys([front["source_url"], *(fact["source_url"] for fact, _ in quotes)]))
    heading, lines = long_face(front, [url for url in urls if url][:5])
    blocks = [Block("h2", WHY), *(Block("p", quote) for _, quote in quotes),
              Block("h2", heading), *(Block("p", line) for line in lines)]
    return Source(front, blocks, quotes), fields


def draw(source: Source, fields: list[dict[str, Any]]) -> bytes:
    """Return the form as a PDF: its text, its boxes, and a field over each box."""
    pdf = _sheet(source)
    for style, size, height, text in (("B", 16, 8, source.front["title"]), ("I", 9.5, 5, short_face(source.front)),
                                      ("", 10.5, 5.5, INTRO), ("", 10.5, 5.5, STARS)):
        _say(pdf, style, size, height, text)
    boxes = _fields(pdf, fields)
    _say(pdf, "", 10, 9, "Имзо: " + "_" * 30)
    for block in source.blocks:
        style, size, height = ("B", 12.5, 7) if block.kind == "h2" else ("", 10.5, 5.5)
        if block.kind == "h2":
            pdf.ln(2)
        _say(pdf, style, size, height, block.text)
    return _with_fields(bytes(pdf.output()), boxes)


def _sheet(source: Source) -> FPDF:
    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime(2026, 11, 23, tzinfo=UTC))
    pdf.set_title(source.front["title"])
    pdf.set_lang(source.front["language"])
    pdf.set_margin(MARGIN)
    pdf.set_auto_page_break(True, MARGIN)
    for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic")):
        pdf.add_font("Noto", style, FONTS / f"NotoSans-{name}.ttf")
    pdf.add_page()
    return pdf


def _say(pdf: FPDF, style: str, size: float, height: float, text: str) -> None:
    pdf.set_font("Noto", style, size)
    pdf.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="WORD")
    pdf.ln(1.5)


def _fields(pdf: FPDF, fields: list[dict[str, Any]]) -> list[Box]:
    """Draw the labels and boxes; a heading stays with what follows it."""
    boxes, section = [], ""
    for field in fields:
        tall = {"checkbox": TICK}.get(field["type"], PARAGRAPH if field.get("multiline") else LINE)
        new = field.get("section", section) != section
        if pdf.get_y() + tall + 6 + (12 if new else 0) > pdf.h - MARGIN:
            pdf.add_page()
        if new:
            section = field["section"]
            pdf.ln(2)
            _say(pdf, "B", 12.5, 7, section)
        boxes.append(_tick(pdf, field) if field["type"] == "checkbox" else _box(pdf, field, tall))
    return boxes


def label(field: dict[str, Any]) -> str:
    """Return the words beside a field: how a day is written is said there."""
    return field["label"] + (DAY if field["type"] == "date" else "")


def _starred(field: dict[str, Any]) -> str:
    return label(field) + (" *" if field.get("required") else "")


def _box(pdf: FPDF, field: dict[str, Any], tall: float) -> Box:
    pdf.set_font("Noto", "", 10)
    pdf.multi_cell(0, 5, _starred(field), align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="WORD")
    return _framed(pdf, field, (pdf.epw, tall), GAP / 2)


def _tick(pdf: FPDF, field: dict[str, Any]) -> Box:
    box = _framed(pdf, field, (TICK, TICK), -TICK)
    pdf.set_font("Noto", "", 10)
    pdf.set_x(MARGIN + TICK + 3)
    pdf.multi_cell(0, TICK, _starred(field), align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="WORD")
    pdf.ln(GAP / 2)
    return box


def _framed(pdf: FPDF, field: dict[str, Any], size: tuple[float, float], after: float) -> Box:
    x, y = pdf.get_x(), pdf.get_y()
    pdf.set_line_width(0.2)
    pdf.rect(x, y, *size)
    pdf.set_y(y + size[1] + after)
    sides = (x, pdf.h - y - size[1], x + size[0], pdf.h - y)
    left, low, right, high = (side * POINTS for side in sides)
    return Box(field, pdf.page_no(), (left + 1, low + 1, right - 1, high - 1))


def _with_fields(data: bytes, boxes: list[Box]) -> bytes:
    """Return the PDF with an AcroForm over the boxes, and the font to write in them."""
    writer, typeface = PdfWriter(clone_from=io.BytesIO(data)), shipped()
    fields = []
    for box in boxes:
        page = writer.pages[box.page - 1]
        field = add(writer, _common(box, page.indirect_reference) | _own(writer, box, typeface))
        page[pdf_object("/Annots")] = pdf_object([*page.get("/Annots", []), field])
        fields.append(field)
    form = {"/Fields": fields, "/DR": {"/Font": {typeface.name: embed(typeface, writer)}},
            "/DA": text_object(f"{typeface.name} 0 Tf 0 g")}
    writer._root_object[pdf_object("/AcroForm")] = add(writer, form)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _common(box: Box, page: object) -> dict[str, object]:
    field = box.field
    plain = {"/Type": "/Annot", "/Subtype": "/Widget", "/Rect": list(box.rect), "/F": 4, "/P": page,
             "/T": text_object(field["name"]), "/TU": text_object(label(field)),
             "/Ff": (REQUIRED if field.get("required") else 0) | (MULTILINE if field.get("multiline") else 0)
             | (COMBO if field["type"] == "choice" else 0)}
    return plain | ({RULE: text_object(field["rule"])} if field.get("rule") else {})


def _own(writer: PdfWriter, box: Box, typeface: Typeface) -> dict[str, object]:
    """Return what only a field of this type has."""
    size = 10 if box.field.get("multiline") else 11
    da = {"/DA": text_object(f"{typeface.name} {size} Tf 0 g")}
    match box.field["type"]:
        case "checkbox":
            return {"/FT": "/Btn", "/V": "/Off", "/AS": "/Off", "/AP": {"/N": _states(writer, box)}}
        case "choice":
            return {"/FT": "/Ch", "/Opt": [text_object(option) for option in box.field["options"]]} | da
    return {"/FT": "/Tx"} | da


def _states(writer: PdfWriter, box: Box) -> dict[str, object]:
    left, low, right, high = box.rect
    wide, tall = right - left, high - low
    look = {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": [0, 0, wide, tall]}
    points = [(0.15, 0.5), (0.4, 0.2), (0.85, 0.85)]
    (a, b), *rest = [(x * wide, y * tall) for x, y in points]
    mark = f"1.6 w {a:.2f} {b:.2f} m " + " ".join(f"{x:.2f} {y:.2f} l" for x, y in rest) + " S\n"
    return {"/Yes": add(writer, look, mark.encode()), "/Off": add(writer, look, b"\n")}


def main(out: Path) -> int:
    """Draw every form into a folder, with its metadata beside it; return how many."""
    facts = load_facts()
    paths = sorted((HERE / "forms").glob("*.toml"))
    for path in paths:
        source, fields = read_definition(path, facts)
        name = source.front["id"] + ".pdf"
        (out / name).write_bytes(draw(source, fields))
        (out / (name + ".toml")).write_text(to_metadata(source), encoding="utf-8")
    return len(paths)


if __name__ == "__main__":
    main(HERE / "documents")
