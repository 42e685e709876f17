"""Documents are cut into passages: by headings and articles first, then at the ends of sentences.

A passage stays within one section and one article and is exactly a stretch of the text; together
the passages of a document cover everything in it but spaces.  A heading or a lead-in ending in ":"
goes with what follows it; the list or table under a lead-in is cut only where one passage cannot
hold it.  What a passage means is not decided here.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from corpora import structure
from corpora.extract.blocks import Extracted, PageSpan
from corpora.records import DocumentId, Locator, Passage, PassageId
from corpora.sentences import sentences

VERSION = "2"

LEAST_WORDS, MOST_WORDS, SENTENCE_WORDS = 60, 150, 250
# A word of Tajik law has 7 letters; longer runs without spaces count as several words.
_LETTERS_PER_WORD = 15
# What it costs to cut: within a paragraph, between lines, between paragraphs, at a part or small heading.
_INSIDE, _LINE, _PARAGRAPH, _PART = 0.6, 0.3, 0.0, -0.2
# Within the list or table under a lead-in, and within one line of it, which holds what its cells are.
_LED_LINE, _LED_INSIDE = 1.0, 2.0
# Letters; a longer line ending in ":" is prose that may be cut.
_LEAD_LETTERS = 400
_NEVER, _ALWAYS = float("inf"), float("-inf")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence, or a piece of one that is too long: its place, words, and the cost of a cut before it, and
    whether it leads on to the next."""

    start: int
    end: int
    words: int
    cut: float
    leads: bool


def chunk(document_id: DocumentId, extracted: Extracted,
          whole: Sequence[tuple[int, int]] = ()) -> list[Passage]:
    """Return the passages of a document in order; `whole` are stretches (quotes) not to be cut.

    Most have 60 to 150 words; a short section makes a short passage.  None is empty.
    """
    places = _Places(extracted)
    spans = [span for section in _sections(_units(extracted, places, whole)) for span in _cut(section)]
    seen: Counter[str] = Counter()
    passages = []
    for start, end in spans:
        text = extracted.text[start:end]
        name = f"{document_id}:{sha256(text.encode()).hexdigest()[:10]}"
        seen[name] += 1
        name += f".{seen[name]}" if seen[name] > 1 else ""
        passages.append(Passage(PassageId(name), document_id, text, start, end, places.locator(start, end)))
    return passages


class _Places:
    """Where each line of a document stands: under which heading, in which article and part, on which page."""

    def __init__(self, extracted: Extracted) -> None:
        self._text, self._headings, self._pages = extracted.text, extracted.headings, extracted.spans
        self.headings = {heading.start: heading for heading in extracted.headings}
        self.titles = {heading.start: heading.end for heading in extracted.headings}
        self.opens: dict[int, str] = {}
        self.led: set[int] = set()
        self._lines: list[tuple[int, str | None, str | None]] = []
        article = part = None
        at, led = 0, False
        for line in extracted.text.split("\n"):
            article, part = self._step(at, line, article, part)
            short = len(line.split()) <= structure.HEADING_WORDS and not line.endswith(".")
            if short and self.opens.get(at) in ("article", "chapter"):
                self.titles.setdefault(at, at + len(line))
            self._lines.append((at, article, part))
            if line and led:
                self.led.add(at)
            led = bool(line) and (led or line.endswith(":"))
            at += len(line) + 1
        self._parts = [start for start, opened in self.opens.items() if opened == "part"]

    def _step(self, at: int, line: str, article: str | None,
              part: str | None) -> tuple[str | None, str | None]:
        """Return the article and part a line stands in, given those of the line above."""
        heading = self.headings.get(at)
        if opened := structure.article(line):
            self.opens[at] = "article"
            return opened, None
        if structure.chapter(line) or (heading and heading.level <= 2):
            self.opens[at] = "chapter"
            return None, None
        if opened := structure.part(line, article):
            self.opens[at] = "part"
            return article, opened
        return article, part

    def line(self, at: int) -> int:
        """Return where the line of a character begins."""
        return self._lines[bisect_right(self._lines, at, key=lambda line: line[0]) - 1][0]

    def page(self, at: int) -> PageSpan | None:
        """Return the page of the file a character stands on."""
        index = bisect_right(self._pages, at, key=lambda span: span.start)
        return self._pages[index - 1] if index else None

    def turns(self, before: int, at: int) -> bool:
        """Return whether a new page begins between two characters; a note may stand on the page before."""
        left, right = self.page(before), self.page(at)
        return left != right and not (left and right and right.page < left.page)

    def locator(self, start: int, end: int) -> Locator:
        """Return the place of a stretch: its first page, its heading, its article and its part."""
        page = self.page(start)
        body = self._body(start, end)
        index = bisect_right(self._headings, body, key=lambda heading: heading.start)
        return Locator(page.page if page else None, page.printed_page if page else None,
                       self._article(body, end), self._headings[index - 1].text if index else None)

    def _article(self, body: int, end: int) -> str | None:
        """Return "модда 14", with the part where the stretch from `body` lies in a single one."""
        _, article, part = self._lines[bisect_right(self._lines, body, key=lambda line: line[0]) - 1]
        further_parts = bisect_left(self._parts, end) > bisect_right(self._parts, body)
        names = [name for name in (article, None if further_parts else part) if name]
        return ", ".join(names) or None

    def _body(self, start: int, end: int) -> int:
        """Return where the text of a stretch begins after its own headings."""
        while (title_end := self.titles.get(start, end)) < end:
            rest = self._text[title_end:end]
            start = title_end + len(rest) - len(rest.lstrip())
        return start


def _units(extracted: Extracted, places: _Places, whole: Sequence[tuple[int, int]]) -> Iterator[_Unit]:
    """Yield the sentences with the cost of a cut before each."""
    text, before = extracted.text, None
    for start, end in _joined_headings(extracted, sentences(text)):
        cut = _NEVER if before is None else _cost(extracted, places, before, start)
        if cut != _ALWAYS and any(first < start < last for first, last in whole):
            cut = _NEVER
        leads = _leads_on(extracted, places, (start, end))
        for at, (first, last) in enumerate(_pieces(text, start, end)):
            yield _Unit(first, last, _count(text[first:last]), cut if at == 0 else _INSIDE, leads)
        before = (start, end)


def _joined_headings(extracted: Extracted, spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Yield the spans with the sentences of one heading as one."""
    ends = {heading.start: heading.end for heading in extracted.headings}
    held: tuple[int, int] | None = None
    for start, end in spans:
        if held and start < held[1]:
            held = held[0], max(held[1], end)
            continue
        if held:
            yield held
        held = start, max(ends.get(start, end), end)
    if held:
        yield held


def _cost(extracted: Extracted, places: _Places, before: tuple[int, int], start: int) -> float:
    """Return the cost of a cut between the sentence `before` and the one at `start`."""
    gap = extracted.text[before[1]:start]
    heading = places.headings.get(start)
    if _leads_on(extracted, places, before):
        return _NEVER
    if "\n" not in gap:
        return _cost_inside(extracted, places, start)
    opens = places.opens.get(start)
    if (heading and heading.level <= 2) or opens in ("article", "chapter") or places.turns(before[1] - 1, start):
        return _ALWAYS
    if heading or opens == "part":
        return _PART
    if "\n\n" in gap:
        return _PARAGRAPH
    return _LED_LINE if start in places.led else _LINE


def _cost_inside(extracted: Extracted, places: _Places, start: int) -> float:
    """Return the cost of a cut within a line: a lead-in or caption stays whole, a row if it can."""
    line = places.line(start)
    end = extracted.text.find("\n", start)
    end = end if end >= 0 else len(extracted.text)
    if extracted.text[end - 1] == ":" and end - line <= _LEAD_LETTERS:
        return _NEVER
    return _LED_INSIDE if line in places.led else _INSIDE


def _leads_on(extracted: Extracted, places: _Places, before: tuple[int, int]) -> bool:
    """Return whether a sentence belongs to what follows: a heading, the line of an article, a lead-in."""
    return before[0] in places.titles or extracted.text[before[1] - 1] == ":"


def _count(text: str) -> int:
    return max(len(re.findall(r"\w+", text)), len(text) // _LETTERS_PER_WORD, 1)


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield a sentence as it is, or one of more than 250 words in pieces, cut at spaces if there are any."""
    while _count(text[start:end]) > SENTENCE_WORDS:
        limit = start + _reach(text[start:end])
        clause = max(text.rfind("; ", start, limit), text.rfind(", ", start, limit)) + 1
        cut = max(clause or text.rfind(" ", start, limit), 0) or limit
        yield start, cut
        start = cut + len(text[cut:end]) - len(text[cut:end].lstrip())
    yield start, end


def _reach(text: str) -> int:
    """Return how many characters hold the most words a passage should have."""
    words = re.finditer(r"\w+", text)
    longest = MOST_WORDS * _LETTERS_PER_WORD
    return min(next((word.start() for at, word in enumerate(words) if at == MOST_WORDS), longest), longest)


def _sections(units: Iterable[_Unit]) -> list[list[_Unit]]:
    """Return the runs of units between places always cut; headings at the very end join the last run."""
    sections: list[list[_Unit]] = []
    for unit in units:
        if not sections or unit.cut == _ALWAYS:
            sections.append([])
        sections[-1].append(unit)
    if len(sections) > 1 and all(unit.leads for unit in sections[-1]):
        tail = sections.pop()
        sections[-1] += [replace(unit, cut=_NEVER) for unit in tail]
    return sections


def _cut(units: Sequence[_Unit]) -> list[tuple[int, int]]:
    """Return the spans of the cheapest cutting of a section (a shortest path over its sentences)."""
    best: list[tuple[float, int]] = [(0.0, 0)]
    for end in range(1, len(units) + 1):
        best.append(min(_ways(units, best, end), key=lambda way: way[0]))
    spans, end = [], len(units)
    while end:
        start = best[end][1]
        spans.append((units[start].start, units[end - 1].end))
        end = start
    return spans[::-1]


def _ways(units: Sequence[_Unit], best: Sequence[tuple[float, int]], end: int) -> Iterator[tuple[float, int]]:
    """Yield the cost of each last passage that ends before unit `end`, with the unit it starts at."""
    words = 0
    for start in range(end - 1, -1, -1):
        words += units[start].words
        if start == 0 or units[start].cut != _NEVER:
            cost = units[start].cut if start else 0.0
            yield best[start][0] + cost + _shape(words), start
            if words > SENTENCE_WORDS:
                return


def _shape(words: int) -> float:
    """Return how far a passage is from 60 to 150 words, 0 within; each passage costs a little."""
    if words < LEAST_WORDS:
        return 0.1 + 3 * ((LEAST_WORDS - words) / LEAST_WORDS) ** 2
    return 0.1 + 8 * max(0.0, (words - MOST_WORDS) / MOST_WORDS) + 0.002 * abs(words - 110)
