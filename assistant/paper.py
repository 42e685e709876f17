"""What stands on a paper that a person takes home: an answer, or why there is none, in blocks of words.

The question is there only where the person wants it.  Every paper says of which day and release it is, what warns of
it, which of its sources are no official text, and whom to ask.  How blocks look on a sheet is decided in `sheet`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assistant.answer import EXTRACTIVE
from assistant.cited import Cited, cited, marks, nearest
from assistant.qr import MOST_LETTERS
from assistant.records import Answer, Office
from assistant.reference import references
from assistant.source_words import source_words
from assistant.texts import LANGUAGES, date_words, text
from corpora.records import Passage

# As our own explainers begin, and as a publisher would say it.
_UNOFFICIAL = re.compile(r"на расмӣ|матни расмӣ нест|не ?официальный (?:текст|документ)|unofficial (?:text|document)|"
                         r"текст, не официальный|not an? official (?:text|document)", re.IGNORECASE)


class Kind(StrEnum):
    """What a block is."""

    NAME = "name"                      # of the service, once
    HEAD = "head"
    LEAD = "lead"                      # the outcome in words
    SAID = "said"                      # a claim
    ITEM = "item"
    WARNING = "warning"
    SMALL = "small"
    CODE = "code"                      # words for a machine: drawn as a code, with the words below


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of words; lines in it are kept."""

    kind: Kind
    words: str


@dataclass(frozen=True, slots=True)
class About:
    """What is known of an answer besides itself.

    releases: by document id.  unofficial: ids of documents that are no official text.  warnings: as they were shown,
    None for those of the answer alone.  numbered: passages whose numbers were shown before all were known.
    """

    releases: Mapping[str, str]
    unofficial: Collection[str] = ()
    warnings: Sequence[str] | None = None
    numbered: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """The blocks of a paper in order, in one language.  title: as the file calls itself; head: of every page."""

    language: str
    blocks: tuple[Block, ...]
    title: str = ""
    head: str = ""

    @property
    def check(self) -> str:
        """The words of the code that the quotes are checked by, empty where nothing was released."""
        return next((block.words for block in self.blocks if block.kind is Kind.CODE), "")

    @property
    def words(self) -> str:
        """All words, a block a paragraph."""
        return "\n".join(block.words for block in self.blocks)


def says_unofficial(passages: Collection[Passage]) -> bool:
    """Return whether a document says of itself that it is no official text."""
    return any(_UNOFFICIAL.search(passage.text) for passage in passages)


def paper_of(answer: Answer, about: About, *, question: bool = False) -> Paper:
    """Return the paper of an answer or an abstention; `question`: whether the person's own words are on it."""
    sources = cited(answer, about.numbered)
    language = answer.language if answer.language in LANGUAGES else LANGUAGES[0]
    return Paper(language, tuple(_blocks(answer, sources, about, question=question)))


def _blocks(answer: Answer, sources: tuple[Cited, ...], about: About, *, question: bool) -> Iterator[Block]:
    language = answer.language
    yield Block(Kind.NAME, text(language, "kiosk", "name"))
    yield Block(Kind.SMALL, text(language, "label", "as_of", date=date_words(answer.as_of.isoformat(), language)))
    if question:
        yield Block(Kind.HEAD, text(language, "take", "asked" if answer.claims else "looked_for"))
        yield Block(Kind.SAID, answer.question)
    yield from _warnings(answer, about)
    yield Block(Kind.LEAD, answer.clarify.question if answer.clarify else text(language, "status", answer.status))
    for claim in answer.claims:
        yield Block(Kind.SAID, f"{claim.text} {marks(claim.citations, sources)}")
    if answer.missing:
        yield Block(Kind.SAID, f"{text(language, 'label', 'missing')}: {', '.join(answer.missing)}")
    yield from _sources(answer, sources, about)
    if answer.office:
        yield from _office(answer.office, language)
    yield from _check(sources, about, language)
    yield from _end(answer)


def _warnings(answer: Answer, about: About) -> Iterator[Block]:
    """Yield what warns of an answer: it stands before it, on paper too."""
    label = text(answer.language, "label", "conflict")
    found = list(answer.warnings if about.warnings is None else about.warnings)
    found += [f"{label}: {conflict.why}" for conflict in answer.conflicts]
    if found:
        yield Block(Kind.HEAD, text(answer.language, "label", "warnings"))
        yield from (Block(Kind.WARNING, words) for words in found)


def _sources(answer: Answer, sources: tuple[Cited, ...], about: About) -> Iterator[Block]:
    language = answer.language
    if answer.claims:
        shown = [one for one in sources if not answer.office or one.citation != answer.office.citation
                 or one.passage.id in {cite.passage.id for claim in answer.claims for cite in claim.citations}]
        yield Block(Kind.HEAD, text(language, "label", "sources"))
        yield from (Block(Kind.ITEM, f"[{one.number}] {_source_words(one, language, about)}") for one in shown)
    elif answer.hits and not answer.clarify:
        yield Block(Kind.HEAD, text(language, "label", "nearest"))
        yield from (Block(Kind.ITEM, f"– {document.title}") for document in nearest(answer))


def _source_words(source: Cited, language: str, about: About) -> str:
    """Return a source with its release, and that it is no official text where it says so."""
    name = about.releases.get(source.document.id, "")
    release = text(language, "take", "release", release=name) if name else text(language, "take", "release_none")
    words = [source_words(source.citation, language), release]
    if source.document.id in about.unofficial:
        words.append(text(language, "take", "unofficial"))
    return "; ".join(words) + "."


def _office(office: Office, language: str) -> Iterator[Block]:
    yield Block(Kind.HEAD, text(language, "label", "office"))
    yield Block(Kind.SAID, office.name)
    if office.address != office.citation.quote:
        yield Block(Kind.ITEM, f"«{office.citation.quote}»")
    for name in ("address", "phone", "hours"):
        if value := getattr(office, name):
            yield Block(Kind.ITEM, f"{text(language, 'label', name)}: {value}")


def _end(answer: Answer) -> Iterator[Block]:
    language = answer.language
    if answer.claims:
        name = text(language, "label", "extractive") if answer.generator == EXTRACTIVE else answer.generator
        yield Block(Kind.SMALL, text(language, "label", "generator", name=name))
    if answer.snapshot:
        yield Block(Kind.SMALL, text(language, "take", "edition", snapshot=answer.snapshot))
    yield Block(Kind.SMALL, text(language, "take", "notice"))


def _check(sources: tuple[Cited, ...], about: About, language: str) -> Iterator[Block]:
    """Yield what the quotes can be found by again and proven: as many references as one code holds."""
    named = ""
    for one in map(str, references(sources, about.releases)):
        if len(f"{named}\n{one}") <= MOST_LETTERS:
            named = f"{named}\n{one}".lstrip()
    if named:
        yield Block(Kind.HEAD, text(language, "proof", "paper"))
        yield Block(Kind.CODE, named)
