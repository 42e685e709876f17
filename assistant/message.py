"""An answer as one message of plain text, for programs that show a conversation: claims with [n], sources below.

The words and their order are those of the terminal; lines are not broken.  Each [n] is known by its place, so that it
can be made a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from assistant.cited import Cited, cited, nearest
from assistant.page import as_of_line
from assistant.records import Answer, Citation
from assistant.source_words import source_words
from assistant.texts import text


@dataclass(frozen=True, slots=True)
class Mark:
    """One [n] in a message: its place in code points, end exclusive, and the source it stands for."""

    start: int
    end: int
    source: Cited


@dataclass(slots=True)
class Message:
    """The text so far, paragraph by paragraph, and the marks in it."""

    sources: Sequence[Cited]
    text: str = ""
    marks: list[Mark] = field(default_factory=list)

    def paragraph(self, words: str, citations: Iterable[Citation] = ()) -> None:
        """Add a paragraph, with the numbers of what it stands on behind it."""
        self.text += ("\n\n" if self.text else "") + words
        passages = {citation.passage.id for citation in citations}
        for at, source in enumerate(one for one in self.sources if one.passage.id in passages):
            start = len(self.text) + (not at)
            self.text += f"{'' if at else ' '}[{source.number}]"
            self.marks.append(Mark(start, len(self.text), source))


def message_of(answer: Answer) -> Message:
    """Return an answer, or the reason there is none, as a message in the language of the question."""
    language, message = answer.language, Message(cited(answer))
    if answer.clarify:
        message.paragraph(_listed(answer.clarify.question, answer.clarify.options))
    else:
        message.paragraph(text(language, "status", answer.status))
        _add_claims(message, answer)
        _add_sources(message, answer)
    if answer.warnings:
        message.paragraph(_listed(text(language, "label", "warnings"), answer.warnings))
    message.paragraph(as_of_line(answer))
    return message


def _add_claims(message: Message, answer: Answer) -> None:
    language = answer.language
    for claim in answer.claims:
        message.paragraph(claim.text, claim.citations)
    if answer.missing:
        message.paragraph(f"{text(language, 'label', 'missing')}: {', '.join(answer.missing)}")
    for conflict in answer.conflicts:
        message.paragraph(f"{text(language, 'label', 'conflict')}: {conflict.why}", conflict.citations)
    if office := answer.office:
        told = (f"{text(language, 'label', name)}: {value}" for name in ("address", "phone", "hours")
                if (value := getattr(office, name)))
        message.paragraph("\n".join((f"{text(language, 'label', 'office')}: {office.name}", *told)), [office.citation])


def _add_sources(message: Message, answer: Answer) -> None:
    language = answer.language
    if answer.hits and not answer.claims:
        titles = (document.title for document in nearest(answer))
        message.paragraph(_listed(text(language, "label", "nearest"), titles))
    if message.sources:
        message.paragraph(text(language, "label", "sources"))
    for source in message.sources:
        quotes = (f"«{quote}»" for quote in source.quotes)
        message.paragraph("\n".join((f"[{source.number}] {source_words(source.citation, language)}", *quotes,
                                     *filter(None, [source.document.source_url]))))


def _listed(head: str, rows: Iterable[str]) -> str:
    return "\n".join((head, *(f"– {row}" for row in rows)))
