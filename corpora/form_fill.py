"""Filling a PDF form so that every Tajik letter is there: in its fields, or for good on its pages.

Each value is drawn by us, with the font that ships, into the appearance of its field: a viewer needs no font of its
own, and nothing is replaced by question marks.  Which values a form takes is decided in `form_values`.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from corpora.acroform import COMB, MULTILINE, Widget, entry, numbers, reading, widgets
from corpora.flatten import flattened
from corpora.form_values import LEADING, PADDING, SMALLEST, Lines, Value, checked, lay_out, size_of
from corpora.forms import Form, FormError, choices, read_form
from corpora.pdf_objects import add, dictionary, pdf_object, text_object
from corpora.typeface import Typeface, embed, shipped

if TYPE_CHECKING:
    from pypdf import PdfWriter
    from pypdf.generic import DictionaryObject, IndirectObject

_TEXT_SIZE = re.compile(r"/\S+\s+([\d.]+)\s+Tf")
_COLOUR = re.compile(r"(?:[\d.]+\s+){1,4}(?:g|rg|k)\b")
_EM = 1000


def fill(data: bytes, values: Mapping[str, Value], *, flatten: bool, partly: bool = False) -> bytes:
    """Return the form with the values in its fields; with `flatten` as plain pages that nobody changes any more.

    Values are by the field's name: text, a day like 31.01.2026 or 2026-01-31, an option, true for a tick.  With
    `partly`, what is required may be left to the pen.

    Raises:
        FormError: the file is no form, or a value cannot be written; `field` names its field.
        EncryptedFileError, UnreadableFileError: the file cannot be read.
    """
    form = read_form(data)
    if form is None:
        raise FormError("this form has no fields to fill", hint="Print it and write on the paper.")
    if partly:
        form = Form(tuple(replace(field, required=False) for field in form.fields))
    typeface = shipped()
    ready = checked(form, values, typeface)
    with reading("the form"):
        from pypdf import PdfWriter
        writer = PdfWriter(clone_from=io.BytesIO(data))
        _fill(writer, ready, typeface)
        if flatten:
            flattened(writer)
        out = io.BytesIO()
        writer.compress_identical_objects(remove_unreferenced=True)
        writer.write(out)
    return out.getvalue()


def _fill(writer: PdfWriter, ready: Mapping[str, Value], typeface: Typeface) -> None:
    font = _resource(writer, typeface)
    groups: dict[str, list[Widget]] = {}
    for widget in widgets(list(writer.pages)):
        groups.setdefault(widget.name, []).append(widget)
    for name, group in groups.items():
        value = ready.get(name)
        if value is None:
            value = _undrawn(group[0], typeface) or None
        if value is not None and group[0].kind == "/Btn":
            _press(group, value)
        elif value is not None:
            _write(writer, group, str(value), typeface, font)


def _undrawn(widget: Widget, typeface: Typeface) -> str:
    """Return a text that stood in the form already and that its maker left to the viewer to draw, or nothing."""
    if widget.kind != "/Tx" or "/AP" in widget.annotation:
        return ""
    lines = ["".join(filter(str.isprintable, line)) for line in widget.text("/V").splitlines()]
    text = ("\n" if widget.flags & MULTILINE else " ").join(lines)
    return "" if typeface.lacking("".join(lines)) else text


def _resource(writer: PdfWriter, typeface: Typeface) -> IndirectObject:
    """Return the font, kept among the form's resources so that a viewer can go on typing with it."""
    form = cast("DictionaryObject", writer._root_object["/AcroForm"])
    for key in ("/XFA", "/NeedAppearances"):  # both make viewers draw the fields anew, by their own fonts
        form.pop(key, None)
    fonts = form
    for key in ("/DR", "/Font"):
        fonts = cast("DictionaryObject", fonts.setdefault(pdf_object(key), dictionary({})).get_object())
    if typeface.name not in fonts:
        fonts[pdf_object(typeface.name)] = embed(typeface, writer)
    return cast("IndirectObject", fonts.raw_get(typeface.name))


def _press(group: Sequence[Widget], value: Value) -> None:
    """Tick a box, or the one of several that stands for the option."""
    chosen = next((state for state, shown in choices(group) if value in (True, shown)), "")
    for widget in group:
        state = widget.on_state if value is True or widget.on_state == chosen else "/Off"
        widget.annotation[pdf_object("/AS")] = pdf_object(state if value else "/Off")
        widget.node[pdf_object("/V")] = pdf_object(chosen if value else "/Off")


def _write(writer: PdfWriter, group: Sequence[Widget], text: str, typeface: Typeface, font: IndirectObject) -> None:
    stored = next((value for value, shown in choices(group) if shown == text), text)
    for widget in group:
        size, colour = _look(widget)
        drawn = _drawing(widget, text, typeface, size, colour)
        width, height = size_of(widget.rect)
        look = add(writer, {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": [0, 0, width, height],
                            "/Resources": {"/Font": {typeface.name: font}}}, drawn.encode())
        widget.annotation[pdf_object("/AP")] = dictionary({"/N": look})
        widget.annotation[pdf_object("/DA")] = text_object(f"{typeface.name} {size:g} Tf {colour}")
        widget.node[pdf_object("/V")] = text_object(stored)
        for stale in ("/RV", "/I"):
            widget.node.pop(stale, None)


def _look(widget: Widget) -> tuple[float, str]:
    """Return the size of the text in points, nought where it is left to us, and the operator of its colour."""
    given = widget.text("/DA")
    size, colour = _TEXT_SIZE.search(given), _COLOUR.search(given)
    return float(size[1]) if size else 0.0, colour[0] if colour else "0 g"


def _drawing(widget: Widget, text: str, typeface: Typeface, size: float, colour: str) -> str:
    """Return the content stream of a field's appearance: its own ground and border, then the text (12.7.3.3)."""
    width, height = size_of(widget.rect)
    multiline = bool(widget.flags & MULTILINE)
    most = widget.get("/MaxLen") if widget.flags & COMB else None
    if most:
        lines = lay_out("", (width, height), typeface, size=size) or Lines(SMALLEST, ())
        shows = _boxes(text, width / int(most), lines.size, height, typeface)
    else:
        lines = lay_out(text, (width, height), typeface, size=size, multiline=multiline) or Lines(SMALLEST, (text,))
        shows = _rows(lines, widget, typeface, multiline=multiline)
    body = "\n".join(f"1 0 0 1 {x:.2f} {y:.2f} Tm {typeface.shown(part)} Tj" for x, y, part in shows if part)
    return (f"{_ground(widget)}/Tx BMC\nq\n0 0 {width:.2f} {height:.2f} re W n\nBT\n{colour}\n"
            f"{typeface.name} {lines.size:.2f} Tf\n{body}\nET\nQ\nEMC\n")


def _rows(lines: Lines, widget: Widget, typeface: Typeface, *, multiline: bool) -> list[tuple[float, float, str]]:
    """Return where each line begins, in points from the lower left corner of the box."""
    width, height = size_of(widget.rect)
    high = (typeface.ascent - typeface.descent) * lines.size / _EM
    top = height if multiline else (height + high) / 2
    side = int(widget.get("/Q") or 0) / 2      # left, middle, right
    rows = []
    for number, line in enumerate(lines.lines):
        left = PADDING + side * (width - 2 * PADDING - typeface.width(line) * lines.size / _EM)
        base = top - typeface.ascent * lines.size / _EM - number * LEADING * lines.size
        rows.append((left, base, line))
    return rows


def _boxes(text: str, step: float, size: float, height: float, typeface: Typeface) -> list[tuple[float, float, str]]:
    """Return where each letter of a comb begins: in the middle of its box."""
    base = (height - (typeface.ascent + typeface.descent) * size / _EM) / 2
    return [(at * step + (step - typeface.width(letter) * size / _EM) / 2, base, letter)
            for at, letter in enumerate(text)]


def _ground(widget: Widget) -> str:
    """Return the operators of a field's own ground and border, where it has them."""
    look, (width, height) = widget.get("/MK") or {}, size_of(widget.rect)
    ground = _paint(numbers(entry(look, "/BG")), "g rg k")
    border = _paint(numbers(entry(look, "/BC")), "G RG K")
    filled = f"q {ground} 0 0 {width:.2f} {height:.2f} re f Q\n" if ground else ""
    return filled + (f"q {border} 0.5 0.5 {width - 1:.2f} {height - 1:.2f} re S Q\n" if border else "")


def _paint(colour: Sequence[float], operators: str) -> str:
    operator = dict(zip((1, 3, 4), operators.split(), strict=True)).get(len(colour))
    return " ".join(f"{part:g}" for part in colour) + f" {operator}" if operator else ""
