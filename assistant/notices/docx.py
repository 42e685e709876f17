"""A card as a Word document: headings, a table of the fields, the sources, the notice with its quotes marked.

The same card gives the same bytes: no time of the day is in it.  python-docx is opened in here alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from assistant.notices.card import Card
from assistant.notices.pdf import edit_words, numbers
from assistant.notices.plain import Say, plain_text
from assistant.notices.rows import Row
from assistant.notices.taken import Taken, taken
from assistant.texts import text
from corpora.records import Passage

_LOCALES = {"tg": "tg-TJ", "ru": "ru-RU", "en": "en-GB"}
_FONT = "Noto Sans"
_MADE = datetime(2000, 1, 1, tzinfo=UTC)
_ZIP_TIME = (2000, 1, 1, 0, 0, 0)


def docx_bytes(card: Card, language: str, standing: str = "", passages: Sequence[Passage] = (), *,
               say: Say = plain_text) -> bytes:
    """Return a card as the bytes of a DOCX, the same for the same card.

    standing: who approved it and when; without it the head of every page says that it is a draft.  passages: of the
    notice, whose text then stands behind the card with the quoted words marked.
    """
    import docx
    found = taken(card, language, standing, passages, say=say)
    document = docx.Document()
    _settle(document, found)
    document.add_heading(found.title, 0)
    document.add_paragraph(found.standing or text(language, "clerk", "draft")).runs[0].bold = True
    document.add_paragraph(found.origin)
    for line in found.remarks:
        document.add_paragraph(line, style="Intense Quote")
    _plain(document, found)
    if found.rows:
        document.add_heading(text(language, "clerk", "card_title"), 1)
        _table(document, found)
    _lists(document, found)
    _notice(document, found)
    return _same_each_time(document)


def _settle(document: Any, found: Taken) -> None:  # noqa: ANN401 - python-docx has no types
    """Set language, font and properties, and the head of every page."""
    from docx.oxml.ns import qn
    from docx.oxml.shared import OxmlElement
    normal = document.styles["Normal"]
    normal.font.name = _FONT
    spoken = OxmlElement("w:lang")
    spoken.set(qn("w:val"), _LOCALES[found.language])
    normal.element.get_or_add_rPr().append(spoken)
    about = document.core_properties
    about.title, about.language, about.author = found.title, _LOCALES[found.language], ""
    about.created = about.modified = _MADE.replace(tzinfo=None)
    about.comments = ""
    if not found.standing:
        document.sections[0].header.paragraphs[0].text = text(found.language, "clerk", "draft")


def _plain(document: Any, found: Taken) -> None:  # noqa: ANN401
    for said in found.plain:
        document.add_heading(text(said.language, "card", "plain"), 1)
        for sentence in said.sentences:
            document.add_paragraph(sentence.marked)
        if said.remark:
            document.add_paragraph(said.remark, style="Intense Quote")
        for term in said.terms:
            document.add_paragraph(term, style="List Bullet")


def _table(document: Any, found: Taken) -> None:  # noqa: ANN401
    """Add a row for each field; the first row is repeated on every page."""
    from docx.oxml.shared import OxmlElement
    table = document.add_table(rows=1, cols=3, style="Table Grid")
    for cell, name in zip(table.rows[0].cells, ("field", "says", "state"), strict=True):
        cell.paragraphs[0].add_run(text(found.language, "taken", name)).bold = True
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in found.rows:
        cells = table.add_row().cells
        cells[0].text = text(found.language, "card", f"name_{row.name}")
        cells[1].text = "\n".join(_says(row, found.language))
        cells[2].text = text(found.language, "clerk", f"state_{row.state}")


def _says(row: Row, language: str) -> list[str]:
    if row.edit:
        return [*row.values, edit_words(row, language)]
    return [f"{line.words} {numbers(line.numbers)}" for line in row.lines]


def _lists(document: Any, found: Taken) -> None:  # noqa: ANN401
    document.add_heading(text(found.language, "card", "left_over"), 1)
    document.add_paragraph(found.figures)
    for line in found.left_over:
        document.add_paragraph(line, style="List Bullet")
    document.add_heading(text(found.language, "card", "sources"), 1)
    for number, line in enumerate(found.sources, 1):
        document.add_paragraph(f"[{number}] {line}")


def _notice(document: Any, found: Taken) -> None:  # noqa: ANN401
    if not found.notice:
        return
    document.add_heading(text(found.language, "taken", "notice"), 1)
    for line in found.notice:
        paragraph = document.add_paragraph()
        for part in line:
            run = paragraph.add_run(part.text)
            if part.numbers:
                run.bold = run.underline = True
                paragraph.add_run(numbers(part.numbers)).font.superscript = True


def _same_each_time(document: Any) -> bytes:  # noqa: ANN401
    """Return the document's bytes with the times of its parts taken out."""
    written, again = BytesIO(), BytesIO()
    document.save(written)
    with ZipFile(written) as old, ZipFile(again, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, _ZIP_TIME), old.read(name), ZIP_DEFLATED)
    return again.getvalue()
