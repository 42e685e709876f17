"""An answer, hits and findings as lines for a terminal, in the language of the question.

Words of documents are printed as they stand, with their source numbers; nothing is shortened that is cited.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import replace

from assistant.answer import EXTRACTIVE
from assistant.cited import Cited, cited, marks, nearest
from assistant.records import Answer
from assistant.source_words import source_words
from assistant.texts import date_words, text
from index import Hit
from index.lexicon import Expansion

WIDTH = 100
_ITEM = re.compile(r"[–—•*-]\s")
# Of what a word is looked for as.
_MOST_WORDS = 5


def answer_lines(answer: Answer) -> list[str]:
    """Return the lines of an answer: its claims, their sources, warnings, office, and who worded it."""
    language = answer.language
    sources = cited(replace(answer, conflicts=(), office=None))
    if answer.clarify:
        return [answer.clarify.question, *_bulleted(answer.clarify.options), "", as_of_line(answer)]
    lines = [text(language, "status", answer.status), ""]
    for claim in answer.claims:
        lines += _claim(claim.text, marks(claim.citations, sources))
    if answer.claims:
        lines.append("")
    if answer.missing:
        lines += [f"{text(language, 'label', 'missing')}: {', '.join(answer.missing)}", ""]
    for conflict in answer.conflicts:
        lines += [*_wrapped(f"{text(language, 'label', 'conflict')}: {conflict.why}", "", "  "), ""]
    if sources:
        lines += [text(language, "label", "sources"), *_source_lines(sources, language), ""]
    elif answer.hits:
        lines += [text(language, "label", "nearest"), *_nearest(answer), ""]
    lines += _office(answer)
    if answer.warnings:
        lines += [text(language, "label", "warnings"), *_bulleted(answer.warnings), ""]
    return [*lines, as_of_line(answer)]


def as_of_line(answer: Answer) -> str:
    """Return the last line: who worded the answer, where there is one, and of which day it is."""
    language = answer.language
    name = text(language, "label", "extractive") if answer.generator == EXTRACTIVE else answer.generator
    worded = f"{text(language, 'label', 'generator', name=name)} · " if answer.claims else ""
    return worded + text(language, "label", "as_of", date=date_words(answer.as_of.isoformat(), language))


def _claim(said: str, marks: str) -> list[str]:
    """Return the lines of a claim with the numbers of its sources behind the last; items of a list hang."""
    *rows, last = said.split("\n")
    return [line for row in (*rows, f"{last} {marks}")
            for line in _wrapped(row, "  ", "    " if _ITEM.match(row) else "  ")]


def _source_lines(sources: Iterable[Cited], language: str) -> list[str]:
    lines = []
    for source in sources:
        lines += _wrapped(f"[{source.number}] {source_words(source.citation, language)}", "  ", "      ")
        for quote in source.quotes:
            rows = (row for row in f"«{quote}»".split("\n") if row)
            lines += [line for row in rows for line in _wrapped(row, "      ", "      ")]
    return lines


def _nearest(answer: Answer) -> list[str]:
    return _bulleted(document.title for document in nearest(answer))


def _office(answer: Answer) -> list[str]:
    office, language = answer.office, answer.language
    if not office:
        return []
    lines = [f"{text(language, 'label', 'office')}: {office.name}"]
    if office.address != office.citation.quote:
        lines += _wrapped(f"«{office.citation.quote}»", "  ", "    ")
    for name in ("address", "phone", "hours"):
        if value := getattr(office, name):
            lines += _wrapped(f"{text(language, 'label', name)}: {value}", "  ", "    ")
    return [*lines, ""]


def word_lines(expansions: Iterable[Expansion]) -> list[str]:
    """Return what else each word of a question was looked for as, the likeliest first, with weight and origin."""
    by_source: dict[str, list[str]] = {}
    for item in sorted(expansions, key=lambda item: (item.start, item.start - item.end, -item.weight)):
        told = f"{item.readable} ({item.weight:.2f}, {item.origin})"
        by_source.setdefault(item.source, []).append(told)
    return [f"  {source} → {', '.join(told[:_MOST_WORDS])}" for source, told in by_source.items()]


def hit_lines(hits: Sequence[Hit], *, width: int = 200) -> list[str]:
    """Return hits with their scores and the beginning of their text."""
    lines = []
    for hit in hits:
        place = ", ".join(str(part) for part in (hit.passage.locator.page, hit.passage.locator.heading) if part)
        scores = "  ".join(f"{stage} {score:.3f}" for stage, score in hit.scores.items())
        lines += [f"{hit.rank:2}. {hit.document.title}  ({hit.document.id})", f"    {place}   {scores}"]
        lines += _wrapped(textwrap.shorten(hit.passage.text, width, placeholder=" …"), "    ", "    ")
    return lines


def _bulleted(sentences: Iterable[str]) -> list[str]:
    return [line for sentence in sentences for line in _wrapped(f"– {sentence}", "  ", "    ")]


def _wrapped(line: str, first: str, rest: str) -> list[str]:
    return textwrap.wrap(line, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False,
                         break_on_hyphens=False) or [""]
