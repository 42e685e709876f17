"""The card in plain sentences: one short sentence for each thing a field says, with the numbers of its quotes.

Made from templates and the notice's own words, without a model.  Sums and days are said in the language asked for;
other words stay as the notice has them, marked as quoted where the notice is in another language.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Protocol

from assistant.amounts import amount_words
from assistant.notices import roles
from assistant.notices.card import Card, Entry, Field, FieldName, State
from assistant.notices.terms import explained
from assistant.records import Citation
from assistant.texts import date_words, text
from corpora.numerals import lowered
from corpora.quantities import quantities

# Words a minute of somebody who reads official text slowly; half of what adults read silently (Brysbaert 2019: 238).
_WORDS_A_MINUTE = 120
_TIMED = (FieldName.VALID_FROM, FieldName.VALID_UNTIL, FieldName.DEADLINE)
_JOINED = (FieldName.PAPERS,)
# A sum that is paid one time alone; who reads it beside a period takes it for a monthly one.
_ONCE = re.compile(r"(?<!\w)(?:як\s?(?:вақт|дафъа|бора)|единовременн|однократн|разов)")
# A day, a month, or a day of any year.
_DAY = re.compile(r"\d{4}-\d\d(?:-\d\d)?|--\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A plain sentence with the numbers, from 1, of the card's quotes it stands on."""

    text: str
    numbers: tuple[int, ...] = ()

    @property
    def marked(self) -> str:
        """The sentence with the numbers behind it."""
        return " ".join([self.text, "".join(f"[{number}]" for number in self.numbers)]).rstrip()

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"text": self.text, "citations": list(self.numbers)}


@dataclass(frozen=True, slots=True)
class PlainText:
    """A card in plain sentences of one language, the terms in it explained, and how long it takes to read.

    generator: the model that wrote the first `written` sentences, if any did.  remark: what a reader is told of it.
    """

    language: str
    sentences: tuple[Sentence, ...]
    terms: tuple[str, ...]
    generator: str = ""
    written: int = 0
    remark: str = ""

    @property
    def words(self) -> int:
        """How many words the sentences have."""
        return sum(self._lengths())

    @property
    def minutes(self) -> int:
        """How long a slow reader takes, in whole minutes, at least one."""
        return max(1, ceil(self.words / _WORDS_A_MINUTE))

    @property
    def longest(self) -> int:
        """How many words the longest sentence has."""
        return max(self._lengths(), default=0)

    def _lengths(self) -> list[int]:
        return [len(sentence.text.split()) for sentence in self.sentences]

    def to_json(self) -> dict[str, Any]:
        """Return a plain object; `citations` are numbers, from 1, in the card's `sources`."""
        by = {"generator": self.generator, "written": self.written, "remark": self.remark} if self.remark else {}
        return {"language": self.language, "sentences": [sentence.to_json() for sentence in self.sentences],
                "terms": list(self.terms), "words": self.words, "minutes": self.minutes, "longest": self.longest, **by}


class Say(Protocol):
    """Says a card in plain sentences of a language: `plain_text`, or with a model's wording."""

    def __call__(self, card: Card, language: str, /) -> PlainText:
        """Return the plain text."""


def plain_text(card: Card, language: str) -> PlainText:
    """Return a card in plain sentences; what the notice does not say, and what it says in two ways, is said too."""
    sentences = [sentence for field in card.fields for sentence in field_sentences(card, field, language)]
    own = card.document.language
    if own != language and any(sentence.numbers for sentence in sentences):
        sentences.append(Sentence(text(language, "card", f"quoted_{own}")))
    missing = [_name(field.name, language) for field in card.fields if not field.values]
    if missing:        # what no field took may well say it
        key = "unclear" if card.left_over else "missing"
        sentences.append(Sentence(text(language, "card", key, names=", ".join(missing).lower())))
    quoted = " ".join(citation.quote for citation in card.citations)
    return PlainText(language, tuple(sentences), explained(quoted, language))


def field_sentences(card: Card, field: Field, language: str) -> Iterator[Sentence]:
    """Yield what a field of a card says in plain sentences, nothing where it says nothing."""
    name = _name(field.name, language)
    if field.edit:
        said_anew = "; ".join(_corrected(field.name, value, language) for value in field.edit.values)
        yield from [Sentence(text(language, "card", "line", name=name, value=said_anew))] if said_anew else []
        return
    numbers = {citation: number for number, citation in enumerate(card.citations, 1)}
    said = [(entry_words(card, field.name, entry, language), _numbers(entry, numbers)) for entry in field.entries]
    if field.state is State.CONFLICT:
        values = "; ".join(dict.fromkeys(words for words, _ in said))
        yield Sentence(text(language, "card", "conflict", name=name, values=values), _all(said))
    elif said and field.name in _JOINED:
        yield _line(name, "; ".join(words for words, _ in said), _all(said), language)
    elif said:
        yield _line(name, *said[0], language)
        yield from (Sentence(f"{words[:1].upper()}{words[1:]}.", marks) for words, marks in said[1:])


def _name(name: FieldName, language: str) -> str:
    return text(language, "card", f"name_{name}")


def _corrected(name: FieldName, value: str, language: str) -> str:
    """Return a value as a person wrote it, in words of the language where it is a day or a single quantity."""
    if name in _TIMED and _DAY.fullmatch(value):
        return text(language, "card", "day" if name is FieldName.VALID_FROM else "by_day",
                    date=day_words(value, language))
    found = quantities(value)
    whole = len(found) == 1 and (found[0].start, found[0].end) == (0, len(value))
    return (amount_words(found[0], language) if whole else "") or value


def _line(name: str, value: str, numbers: tuple[int, ...], language: str) -> Sentence:
    return Sentence(text(language, "card", "line", name=name, value=value), numbers)


def _all(said: Sequence[tuple[str, tuple[int, ...]]]) -> tuple[int, ...]:
    return tuple(dict.fromkeys(number for _, marks in said for number in marks))


def _numbers(entry: Entry, numbers: dict[Citation, int]) -> tuple[int, ...]:
    return tuple(numbers[one] for one in (entry.citation, entry.basis) if one)


def entry_words(card: Card, name: FieldName, entry: Entry, language: str) -> str:
    """Return what an entry says: a sum or a day in words of the language, else the quote."""
    if name in _TIMED:
        return _time(name, entry, language)
    if name is FieldName.AMOUNT and not roles.measures_goods(entry.value):
        return _sum(card, entry, language)
    return _quoted(card, entry.citation.quote, language)


def _quoted(card: Card, quote: str, language: str) -> str:
    bare = " ".join(quote.split()).rstrip(" .;,")
    return bare if card.document.language == language else f"«{bare}»"


def _time(name: FieldName, entry: Entry, language: str) -> str:
    if _DAY.fullmatch(entry.value):
        key = "by_day" if name is FieldName.DEADLINE else "day"
        return text(language, "card", key, date=day_words(entry.value, language))
    return text(language, "card", "span", value=_amount(entry.value, language))


def _sum(card: Card, entry: Entry, language: str) -> str:
    if entry.value == "0 сомонӣ":
        return text(language, "card", "free")
    value = _amount(entry.value, language)
    if card.field(FieldName.AMOUNT).state is not State.CONFLICT and entry.computation:
        value = text(language, "card", "computed", value=value, expression=entry.computation.expression,
                     sum=entry.computation.value)
    if _ONCE.search(lowered(entry.citation.quote)) and "/" not in entry.value:
        value = text(language, "card", "once", value=value)
    # Several sums are told apart only by the notice's own words.
    several = len(card.field(FieldName.AMOUNT).entries) > 1
    return f"{value}: {_quoted(card, entry.citation.quote, language)}" if several else value


def _amount(value: str, language: str) -> str:
    """Return a value as facts write it in words of the language, as it stands where it is no single quantity."""
    said = value.replace("≤", "то ").replace("≥", "на камтар аз ")
    found = quantities(said.replace("·", "/"))
    return (amount_words(found[0], language) if len(found) == 1 else "") or value


def day_words(iso: str, language: str) -> str:
    """Return a day in words: "31 марти соли 2026", "31 март" where its year is not said."""
    if not iso.startswith("--"):
        return date_words(iso, language)
    day = date_words(f"2000{iso[1:]}", language)
    for year in (" соли 2000", " 2000 года", " 2000"):
        day = day.removesuffix(year)
    return day.removesuffix("и") if language == "tg" else day
