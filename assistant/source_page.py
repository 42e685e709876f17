"""The page of a document with what is quoted from it: as a picture where its file is here, else as text.

    source ─ file here, of pages ─ page with boxes over the quote
           └ else ─ the document's passages in order, the quote marked among them

A file is shown only where it is the very one its document names.  Where a quote is not found on its page, that is
said, never hidden.  No web in here, and no bytes of a file are parsed (`page_pictures` has that done).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from itertools import pairwise

from assistant.cited import Cited, Span
from assistant.config import Config
from assistant.holdings import FILES, Pack, drafts, packs_in_use
from assistant.page_pictures import Box, Look, PictureError, Pictures
from assistant.quote_place import Quote
from corpora.errors import CorpusError
from corpora.extract.blocks import WordBox
from corpora.records import Document, DocumentId, Passage
from corpora.release import unpacked_text
from sync.errors import SyncError

_PAGED = ("application/pdf", "image/")
# A passage may begin a page or two before what is quoted from it.
_FURTHER = 2
_PART_LETTERS = 3_000                  # of a text that has no pages, on one screen
_SAME_LINE = 0.6                       # share of a word's height that the next one overlaps


class Lack(StrEnum):
    """What is missing of a source page; each has its words in `assistant.texts`."""

    FILE = "no_file"                   # it is not on this machine
    PICTURE = "no_picture"             # it cannot be drawn
    QUOTE = "no_quote"                 # the page is here, the quote is not found on it
    REST = "no_rest"                   # of the document only the cited passage is known


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a paragraph, marked where it is quoted."""

    text: str
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of a text, or a heading in it."""

    parts: tuple[Part, ...]
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class SourcePage:
    """One page of a source.  A picture has a `shape` (height by width) and marks, a text has paragraphs.

    home: the page on which the quote begins.  overleaf: whether it goes on on the next.
    """

    source: Cited
    page: int                          # from 1
    pages: int
    home: int
    shape: float = 0.0
    marks: tuple[Box, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    overleaf: bool = False
    lacks: tuple[Lack, ...] = ()

    @property
    def is_picture(self) -> bool:
        """Whether the page is shown as it was printed."""
        return self.shape > 0


def has_pages(document: Document) -> bool:
    """Return whether a document's file is one of pages, which are shown as pictures."""
    return document.media_type.startswith(_PAGED)


def page_of(config: Config, pictures: Pictures, source: Cited, passages: Sequence[Passage],
            page: int | None = None) -> SourcePage:
    """Return a page of a source; without `page` the one on which the quote begins.

    passages: of the whole document in order, as the snapshot has them; they stand in where there is no picture.
    """
    if not has_pages(source.document):
        return text_page(source, passages, page)
    data = file_of(config, source.document)
    if data is None:
        return text_page(source, passages, page, Lack.FILE)
    boxes = _all_boxes(config, source.document) if _is_recognised(source.document) else ()
    return drawn_page(pictures, data, boxes, source, passages, page)


def drawn_page(pictures: Pictures, data: bytes, boxes: Sequence[WordBox], source: Cited, passages: Sequence[Passage],
               page: int | None = None) -> SourcePage:
    """Return a page of a source whose file is at hand.  boxes: of the words of recognised pages; else as `page_of`."""
    if not has_pages(source.document):
        return text_page(source, passages, page)
    try:
        if near := _word_boxes(boxes, source.passage):
            return _recognised_page(pictures, data, source, near, page)
        return _printed_page(pictures, data, source, page)
    except PictureError:
        return text_page(source, passages, page, Lack.PICTURE)


def file_of(config: Config, document: Document) -> bytes | None:
    """Return the bytes that a document was read from, None where they are not here or were changed."""
    for folder in (*(draft.root / FILES for draft in drafts(config)), config.data_dir / FILES):
        try:
            data = (folder / document.sha256).read_bytes()
        except OSError:
            continue
        if sha256(data).hexdigest() == document.sha256:
            return data
    return None


def _printed_page(pictures: Pictures, data: bytes, source: Cited, page: int | None) -> SourcePage:
    """Return a page whose letters the file itself knows."""
    text = source.passage.text
    quotes = [Quote(text[start:end], text[:start]) for start, end in source.spans]
    home, found, over = _home(pictures, data, source.passage.locator.page or 1, quotes)
    page = min(page or home, found.pages)
    if page == home:
        lacks = () if all(found.marks) else (Lack.QUOTE,)
        return SourcePage(source, page, found.pages, home, found.shape, _all(found), overleaf=bool(_all(over)),
                          lacks=lacks)
    shown = over if over and page == home + 1 else pictures.look(data, page, [])
    return SourcePage(source, page, shown.pages, home, shown.shape, _all(shown))


def _home(pictures: Pictures, data: bytes, first: int, quotes: Sequence[Quote]) -> tuple[int, Look, Look | None]:
    """Return the page on which the first of the quotes is found, else that of the passage; with what is overleaf."""
    opened = _whole(pictures, data, first, quotes)
    for page in range(first, min(first + _FURTHER, opened[0].pages) + 1):
        found, over = opened if page == first else _whole(pictures, data, page, quotes)
        if any(found.marks):
            return page, found, over
    return first, opened[0], None


def _whole(pictures: Pictures, data: bytes, page: int, quotes: Sequence[Quote]) -> tuple[Look, Look | None]:
    """Return where quotes stand on a page, and on the next; one that only begins like words of the page does not."""
    found = pictures.look(data, page, quotes)
    begun = [number for number, rest in enumerate(found.rest) if rest and found.marks[number]]
    if not begun:
        return found, None
    rests = [Quote(found.rest[number]) for number in begun]
    over = pictures.look(data, page + 1, rests) if page < found.pages else None
    ends = {number: over.marks[at] for at, number in enumerate(begun) if over and not over.rest[at]}
    marks = tuple(() if number in begun and number not in ends else boxes for number, boxes in enumerate(found.marks))
    return replace(found, marks=marks), replace(over, marks=tuple(ends.values())) if over and ends else None


def _all(look: Look | None) -> tuple[Box, ...]:
    return tuple(box for boxes in look.marks for box in boxes) if look else ()


def _recognised_page(pictures: Pictures, data: bytes, source: Cited, boxes: Sequence[WordBox],
                     page: int | None) -> SourcePage:
    """Return a page that was read by text recognition, which noted where each word stands."""
    offset = source.passage.start
    quoted = [box for box in boxes for start, end in source.spans if box.start < offset + end
              and offset + start < box.end]
    home = quoted[0].page if quoted else source.passage.locator.page or 1
    looked = pictures.look(data, home, [])
    page = min(page or home, looked.pages)
    if page != home:
        looked = pictures.look(data, page, [])
    marks = _lines([(box.x0, box.y0, box.x1, box.y1) for box in quoted if box.page == page])
    overleaf = page == home and any(box.page > page for box in quoted)
    return SourcePage(source, page, looked.pages, home, looked.shape, marks, overleaf=overleaf,
                      lacks=() if quoted or page != home or not source.spans else (Lack.QUOTE,))


def _lines(words: Sequence[Box]) -> tuple[Box, ...]:
    """Return one box for the words of each line that stand side by side."""
    lines: list[Box] = []
    for word in words:
        x0, y0, x1, y1 = lines[-1] if lines else word
        shared = min(y1, word[3]) - max(y0, word[1])
        if lines and word[0] >= x0 and shared > _SAME_LINE * min(y1 - y0, word[3] - word[1]):
            lines[-1] = (x0, min(y0, word[1]), max(x1, word[2]), max(y1, word[3]))
        else:
            lines.append(word)
    return tuple(lines)


def _is_recognised(document: Document) -> bool:
    return "tesseract" in document.extractor


def _word_boxes(boxes: Sequence[WordBox], passage: Passage) -> tuple[WordBox, ...]:
    """Return the boxes of the words of a passage; none where its page has letters of its own."""
    return tuple(box for box in boxes if box.start < passage.end and passage.start < box.end)


def _all_boxes(config: Config, document: Document) -> tuple[WordBox, ...]:
    try:
        for draft in drafts(config):
            entry = draft.entry(document.id)
            if entry and entry.document.sha256 == document.sha256:
                return entry.boxes
        found = (_boxes_in(pack, document.id, document.sha256) for pack in packs_in_use(config) if not pack.of_files)
        return next(filter(None, found), ())
    except (CorpusError, SyncError):
        return ()


@lru_cache(maxsize=16)
def _boxes_in(pack: Pack, document_id: DocumentId, digest: str) -> tuple[WordBox, ...]:
    """Return the boxes of a released document; a release is large, so what was found is kept."""
    return next((entry.boxes for entry in unpacked_text(pack.contents()) if entry.document.id == document_id
                 and entry.document.sha256 == digest), ())


def text_page(source: Cited, passages: Sequence[Passage], page: int | None, *lacks: Lack) -> SourcePage:
    """Return a stretch of the document's text, the page it was printed on where that is known."""
    if source.passage not in passages:
        passages, lacks = (source.passage,), (*lacks, Lack.REST)
    parts = _parts(passages)
    home = next(number for number, part in enumerate(parts, 1) if source.passage in part)
    page = min(page or home, len(parts))
    paragraphs = tuple(paragraph for passage in parts[page - 1]
                       for paragraph in _paragraphs(passage, source.spans if passage == source.passage else ()))
    return SourcePage(source, page, len(parts), home, paragraphs=paragraphs, lacks=lacks)


def _parts(passages: Sequence[Passage]) -> list[list[Passage]]:
    """Return the passages by the page on which they begin, those without pages as so many as fit on a screen."""
    parts: list[list[Passage]] = []
    for passage in passages:
        last = parts[-1] if parts else []
        same = last and last[0].locator.page == passage.locator.page
        full = not passage.locator.page and sum(len(one.text) for one in last) + len(passage.text) > _PART_LETTERS
        if same and not full:
            last.append(passage)
        else:
            parts.append([passage])
    return parts


def _paragraphs(passage: Passage, spans: Sequence[Span]) -> list[Paragraph]:
    """Return the lines of a passage, cut where a quote begins or ends."""
    paragraphs: list[Paragraph] = []
    at = 0
    for line in passage.text.split("\n"):
        if line:
            cut = _cut(line, [(start - at, end - at) for start, end in spans])
            paragraphs.append(Paragraph(tuple(cut), line == passage.locator.heading))
        at += len(line) + 1
    return paragraphs


def _cut(line: str, spans: Sequence[Span]) -> list[Part]:
    cuts = sorted({0, len(line), *(min(max(side, 0), len(line)) for span in spans for side in span)})
    return [Part(line[first:last], any(start <= first and last <= end for start, end in spans))
            for first, last in pairwise(cuts)]
