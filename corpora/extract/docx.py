"""A Word file becomes blocks: headings, paragraphs, numbered lists, tables, notes, text boxes.

Reads what the document says today: insertions are kept, deletions, comments and hidden text are not,
and each of these is noted.  Word has no pages until it prints, so none are given.  python-docx opens
the file; the XML is walked here, since tracked changes and text boxes are beyond it.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any
from zipfile import BadZipFile, ZipFile

from corpora import structure
from corpora.errors import EncryptedFileError, UnreadableFileError
from corpora.extract.blocks import Block, Extracted, assemble
from corpora.extract.docx_numbers import Numbers, W, read_numbers
from corpora.extract.docx_styles import Styles, is_on, read_styles
from corpora.extract.footnotes import marker, noted
from corpora.extract.tables import Table, header_rows, is_caption, settle
from corpora.normalise import one_line

MEDIA_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
# Bytes; a longer text of a document unpacked is a trap, the longest code of law is a tenth of it.
_LARGEST = 256 * 1024 * 1024
_COMPATIBLE = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_DELETED = frozenset({f"{W}del", f"{W}moveFrom"})
_SPACES = {f"{W}tab": " ", f"{W}br": "\n", f"{W}cr": "\n", f"{W}noBreakHyphen": "-", f"{W}ptab": " "}
_NOTES = {f"{W}footnoteReference": "footnotes", f"{W}endnoteReference": "endnotes"}


def read_docx(data: bytes, name: str) -> Extracted:
    """Return the text of a Word file with its headings; there are no pages.

    Raises:
        EncryptedFileError: it needs a password.
        UnreadableFileError: it is damaged, no Word file, or unpacks to more than 256 MB.
    """
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise EncryptedFileError(f"{name} is protected by a password or is of the old Word format")
    reader = _open(data, name)
    try:
        blocks = reader.blocks()
    except (ValueError, RecursionError) as error:
        raise UnreadableFileError(f"{name} is damaged: {error}") from error
    notes = [f"{reader.seen[what]} {words}" for what, words in _SEEN.items() if reader.seen.get(what)]
    return assemble(blocks, extractor=f"python-docx {version('python-docx')}", media_type=MEDIA_TYPE, notes=notes)


_SEEN = {"deleted": "tracked deletions left out", "inserted": "tracked insertions kept",
         "hidden": "pieces of hidden text left out", "comments": "comments left out"}


def _open(data: bytes, name: str) -> _Reader:
    import docx
    from docx.opc.exceptions import OpcError
    from lxml import etree  # type: ignore[import-untyped]

    try:
        with ZipFile(io.BytesIO(data)) as packed:
            if sum(entry.file_size for entry in packed.infolist()) > _LARGEST:
                raise UnreadableFileError(f"{name} unpacks to more than {_LARGEST // 1024 ** 2} MB")
        document = docx.Document(io.BytesIO(data))
        roots = {part.partname.rsplit("/", 1)[-1]: part for part in document.part.package.iter_parts()}
        body, styles = document.element.body, read_styles(_root(roots.get("styles.xml")))
        headed = any(styles.heading_level(paragraph) for paragraph in body.iter(f"{W}p"))
        return _Reader(body, styles,
                       read_numbers(_root(roots.get("numbering.xml"))),
                       {kind: _note_bodies(_root(roots.get(f"{kind}.xml"))) for kind in _NOTES.values()},
                       {"comments": len(_root(roots["comments.xml"])) if "comments.xml" in roots else 0}, headed)
    except (BadZipFile, OpcError, etree.XMLSyntaxError, LookupError, ValueError, AttributeError, OSError,
            RuntimeError) as error:
        raise UnreadableFileError(f"{name} is damaged or no Word file: {error}") from error


def _root(part: Any) -> Any:  # noqa: ANN401 - python-docx is untyped
    """Return the root element of a part; external entities are never resolved."""
    from lxml import etree

    if part is None:
        return None
    if hasattr(part, "element"):
        return part.element
    return etree.fromstring(part.blob, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))


def _note_bodies(root: Any) -> dict[str, Any]:  # noqa: ANN401
    return {note.get(f"{W}id", ""): note for note in root if isinstance(note.tag, str)} if root is not None else {}


@dataclass(slots=True)
class _Paragraph:
    """What is read of one paragraph: its text so far, the notes it refers to, the text boxes in it."""

    text: str = ""
    notes: list[tuple[str, Any]] = field(default_factory=list)
    boxes: list[Any] = field(default_factory=list)
    bold: bool = True                  # every visible letter so far


@dataclass(slots=True)
class _Reader:
    """Walks the body once, in order, counting lists and notes as Word would."""

    body: Any
    styles: Styles
    numbers: Numbers
    note_bodies: dict[str, dict[str, Any]]
    seen: dict[str, int]
    headed: bool                       # by styles, anywhere
    _first: bool = True
    _noted: int = 0
    _held: _Paragraph | None = None

    def blocks(self) -> list[Block]:
        """Return the blocks of the body, in order."""
        return settle(self._container(self.body))

    def _container(self, parent: Any) -> Iterator[Block | Table]:  # noqa: ANN401
        """Yield the blocks of a body, a content control, a cell or a text box."""
        for child in parent:
            if child.tag == f"{W}p":
                yield from self._paragraph(child)
            elif child.tag == f"{W}tbl":
                yield self._table(child)
            elif child.tag in (f"{W}ins", f"{W}moveTo", f"{W}customXml"):
                yield from self._container(child)
            elif child.tag == f"{W}sdt" and (content := child.find(f"{W}sdtContent")) is not None:
                yield from self._container(content)

    def _paragraph(self, element: Any) -> Iterator[Block]:  # noqa: ANN401
        read, self._held = self._held or _Paragraph(), None
        self._runs(element, read, hidden=self.styles.hides(self.styles.of(element)))
        mark = element.find(f"{W}pPr/{W}rPr")
        if mark is not None and any(mark.find(tag) is not None for tag in _DELETED):
            self._held = read              # its end was deleted: the next paragraph goes on
            return
        if one_line(read.text):
            block = self._block(element, read)
            yield block
            for number, note in read.notes:
                yield noted(block, number, self._plain(note))
        for box in read.boxes:
            yield from settle(self._container(box))

    def _block(self, element: Any, read: _Paragraph) -> Block:  # noqa: ANN401
        text = one_line(read.text)
        list_id, depth = self.styles.numbering(element)
        label = self.numbers.label(list_id, depth) if list_id else ""
        if label and not text.startswith(label):
            text = f"{label} {text}"
        level = self.styles.heading_level(element) or structure.heading_level(text) or self._guessed(text, read)
        self._first = False
        if level:
            return Block("heading", text, level)
        return Block("item" if structure.item(text) else "paragraph", text)

    def _guessed(self, text: str, read: _Paragraph) -> int:
        """Return the level of a bold line that stands as a heading in a document without heading styles, or 0."""
        if self.headed or not read.bold or is_caption(text) or not structure.title_like(text):
            return 0
        return 1 if self._first else 2

    def _runs(self, element: Any, read: _Paragraph, *, hidden: bool) -> None:  # noqa: ANN401
        """Add the text of the runs under an element, as the changes to it were accepted."""
        for child in element:
            if child.tag == f"{W}r":
                self._run(child, read, hidden=hidden)
            elif child.tag in _DELETED:
                self.seen["deleted"] = self.seen.get("deleted", 0) + 1
            elif child.tag == f"{W}sdt":
                content = child.find(f"{W}sdtContent")
                self._runs(content if content is not None else (), read, hidden=hidden)
            elif isinstance(child.tag, str) and not child.tag.endswith(("Pr", "oMath", "oMathPara")):
                if child.tag in (f"{W}ins", f"{W}moveTo"):
                    self.seen["inserted"] = self.seen.get("inserted", 0) + 1
                self._runs(child, read, hidden=hidden)

    def _run(self, run: Any, read: _Paragraph, *, hidden: bool) -> None:  # noqa: ANN401
        properties = run.find(f"{W}rPr")
        vanish = is_on(properties, "vanish")
        style = properties.find(f"{W}rStyle") if properties is not None else None
        by_style = style is not None and self.styles.hides(style.get(f"{W}val", ""))
        if vanish if vanish is not None else hidden or by_style:
            self.seen["hidden"] = self.seen.get("hidden", 0) + (run.find(f"{W}t") is not None)
            return
        before = len(read.text)
        self._contents(run, read)
        if read.text[before:].strip() and not is_on(properties, "b"):
            read.bold = False

    def _contents(self, run: Any, read: _Paragraph) -> None:  # noqa: ANN401
        for child in run:
            if child.tag == f"{W}t":
                read.text += child.text or ""
            elif child.tag in _SPACES:
                read.text += _SPACES[child.tag]
            elif child.tag in _NOTES:
                self._refer(child, read)
            elif child.tag == f"{_COMPATIBLE}AlternateContent":
                chosen = child.find(f"{_COMPATIBLE}Choice")
                self._boxes(chosen if chosen is not None else child, read)
            elif child.tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
                self._boxes(child, read)

    def _boxes(self, drawing: Any, read: _Paragraph) -> None:  # noqa: ANN401
        read.boxes += drawing.xpath(".//*[local-name()='txbxContent'][not(ancestor::*[local-name()='txbxContent'])]")

    def _refer(self, reference: Any, read: _Paragraph) -> None:  # noqa: ANN401
        note = self.note_bodies[_NOTES[reference.tag]].get(reference.get(f"{W}id", ""))
        if note is not None:
            self._noted += 1
            read.text = f"{read.text.rstrip()} {marker(str(self._noted))}"
            read.notes.append((str(self._noted), note))

    def _plain(self, parent: Any) -> str:  # noqa: ANN401
        """Return the text of a cell or a note on one line."""
        return one_line(" ".join(block.text for block in settle(self._container(parent))))

    def _table(self, table: Any) -> Table:  # noqa: ANN401
        """Return a table, merged cells repeated, rows and cells that were deleted left out."""
        rows: list[list[str]] = []
        marked = 0
        for row in _unwrapped(table, f"{W}tr"):
            properties = row.find(f"{W}trPr")
            if properties is not None and properties.find(f"{W}del") is not None:
                self.seen["deleted"] = self.seen.get("deleted", 0) + 1
                continue
            rows.append(self._cells(row, rows[-1] if rows else []))
            if is_on(properties, "tblHeader") and marked == len(rows) - 1:
                marked += 1
        width = max(map(len, rows), default=0)
        grid = tuple(tuple(row + [""] * (width - len(row))) for row in rows)
        return Table(grid, marked or header_rows(grid))

    def _cells(self, row: Any, above: list[str]) -> list[str]:  # noqa: ANN401
        cells = [""] * _skipped(row, "gridBefore")
        for cell in _unwrapped(row, f"{W}tc"):
            properties = cell.find(f"{W}tcPr")
            span, merge = 1, None
            if properties is not None:
                if properties.find(f"{W}cellDel") is not None:
                    continue
                grid = properties.find(f"{W}gridSpan")
                span = min(int(grid.get(f"{W}val", "1")), 60) if grid is not None else 1
                merge = properties.find(f"{W}vMerge")
            goes_on = merge is not None and merge.get(f"{W}val", "continue") == "continue"
            at = len(cells)
            cells += above[at:at + span] if goes_on and at < len(above) else [self._plain(cell)] * span
        return cells


def _unwrapped(parent: Any, tag: str) -> Iterator[Any]:  # noqa: ANN401
    """Yield the rows of a table or the cells of a row, content controls opened."""
    for child in parent:
        if child.tag == tag:
            yield child
        elif child.tag in (f"{W}sdt", f"{W}sdtContent", f"{W}ins", f"{W}customXml"):
            yield from _unwrapped(child, tag)


def _skipped(row: Any, name: str) -> int:  # noqa: ANN401
    found = row.find(f"{W}trPr/{W}{name}")
    return min(int(found.get(f"{W}val", "0")), 60) if found is not None else 0
