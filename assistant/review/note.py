"""The note: what an approved card says, in plain sentences, as a document of the corpus (Markdown).

Each sentence stands with the words of the notice it was made from; at the end it says who approved it, when and of
which notice.  Figures are those of the card: nothing is worked out or worded anew here.  A corrected field is told as
checked by the office, without the words that were read wrongly.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.language import question_language
from assistant.notices.card import Card, FieldName
from assistant.notices.plain import field_sentences
from assistant.query import understand
from assistant.records import Citation
from assistant.review.records import Approval, Review, ReviewError
from assistant.texts import date_words, text
from corpora.dates import iso_of, pattern
from corpora.numerals import lowered
from index.scripts import script_of

LANGUAGES = ("tg", "ru")
# Which fields a question asks for, by its intent.
_ASKED = {"how_much": (FieldName.AMOUNT,), "how_many": (FieldName.AMOUNT,),
          "when": (FieldName.DEADLINE, FieldName.VALID_UNTIL, FieldName.VALID_FROM),
          "how_long": (FieldName.DEADLINE, FieldName.VALID_UNTIL), "which_papers": (FieldName.PAPERS,),
          "where": (FieldName.WHERE,), "phone": (FieldName.CONTACTS,), "hours": (FieldName.CONTACTS,),
          "who": (FieldName.ELIGIBILITY,), "how": (FieldName.HOW,), "legal_basis": (FieldName.LEGAL_BASIS,)}
_SINCE = pattern(r"(?<!\w)(?:аз\s+ка(?:й|дом)|с\s+как|с\s+когда)")
# What would be read as a mark at the start of a line, and a comment or a link anywhere.
_MARK, _COMMENT, _LINK = re.compile(r"^(?=[#>|*+\[-])"), re.compile(r"<(?=!--)"), re.compile(r"\](?=[(\[])")


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of a note: what it says as cards write values, and the words of the notice it stands on."""

    field: FieldName
    text: str
    values: tuple[str, ...]
    quotes: tuple[Citation, ...]
    corrected: bool = False


def note_language(review: Review) -> str:
    """Return the language of the note that has the question as its title."""
    found = question_language(review.question, script_of(review.question))
    return found if found in LANGUAGES else LANGUAGES[0]


def note_title(review: Review, language: str) -> str:
    """Return the question in its own language, in the other what the note is about."""
    if language == note_language(review):
        return review.question
    return text(language, "review", "note_title", title=review.card.title)


def note_text(review: Review, language: str) -> str:
    """Return the note of an approved card, as Markdown with a line end.

    Raises:
        ReviewError: it is not approved.
    """
    lines = [f"# {markdown_line(note_title(review, language))}", *_body(review, language),
             *_origin_lines(review, approval_of(review), language)]
    return "\n\n".join(lines) + "\n"


def approval_of(review: Review) -> Approval:
    """Return who approved a card.

    Raises:
        ReviewError: nobody did, or it was taken back.
    """
    if review.approval is None or review.dropped:
        raise ReviewError(f"card {review.number} is not approved", "Approve it on its page first.")
    return review.approval


def asked_fields(review: Review) -> tuple[FieldName, ...]:
    """Return the fields that the question of an approved card asks for and that say something, in order of asking."""
    intents = understand(review.question, today=approval_of(review).at.date()).asked_in_order
    asked = [name for intent in intents for name in _ASKED.get(intent, ())]
    since = [FieldName.VALID_FROM] if "when" in intents and _SINCE.search(lowered(review.question)) else []
    return tuple(name for name in dict.fromkeys([*since, *asked]) if review.card.field(name).values)


def said_in(card: Card, language: str, first: Sequence[FieldName] = ()) -> Iterator[Said]:
    """Yield what the fields of a card say: those of `first`, then the others, in the order of the card.

    The first sentence of each names the notice, so that it says what it is about wherever it is shown.
    """
    for field in sorted(card.fields, key=lambda one: first.index(one.name) if one.name in first else len(first)):
        sentences = list(field_sentences(card, field, language))
        apart = len(sentences) == len(field.entries) and not field.edit
        for at, sentence in enumerate(sentences):
            said = f"{_about(card)}{sentence.text[:1].lower()}{sentence.text[1:]}" if at == 0 else sentence.text
            quotes = tuple(card.citations[number - 1] for number in sentence.numbers)
            values = (field.entries[at].value,) if apart else field.values
            yield Said(field.name, said, values, quotes, corrected=field.edit is not None)


def _about(card: Card) -> str:
    return f"{card.title.rstrip(' .:;,')} – "


def _body(review: Review, language: str) -> Iterator[str]:
    """Yield the lines of Markdown: under the question what it asks for, then the rest.

    Each heading names the notice, so that each passage tells what it is about.
    """
    card = review.card
    for name, group in groupby(said_in(card, language, asked_fields(review)), key=lambda said: said.field):
        yield f"## {markdown_line(card.title)}: {text(language, 'card', f'name_{name}').lower()}"
        for said in group:
            yield markdown_line(f"{said.text} {text(language, 'review', 'checked')}" if said.corrected else said.text)
            unquoted = [one for one in said.quotes if _bare(one) not in said.text]
            yield from (f"> {markdown_line(_quote_line(one, card, language))}" for one in unquoted)
    unsaid = [text(language, "card", f"name_{field.name}").lower() for field in card.fields if not field.values]
    if unsaid:
        yield text(language, "review", "unsaid", names=", ".join(unsaid))


def _quote_line(citation: Citation, card: Card, language: str) -> str:
    """Return a quote with where it is written: in the notice, or in another document that a sum rests on."""
    page, other = citation.passage.locator.page, citation.document.id != card.document.id
    key = "quote_other" if other else "quote_page" if page else "quote"
    return text(language, "review", key, page=page, title=citation.document.title,
                quote=" ".join(citation.quote.split()))


def _bare(citation: Citation) -> str:
    return " ".join(citation.quote.split()).rstrip(" .;,")


def _origin_lines(review: Review, approval: Approval, language: str) -> Iterator[str]:
    day = date_words(approval.at.date().isoformat(), language)
    yield f"## {text(language, 'review', 'origin')}"
    yield markdown_line(text(language, "review", "approved_by", name=approval.name, date=day))
    yield markdown_line(text(language, "review", "of_notice", title=review.card.title, file=review.file))
    yield f"SHA-256: {review.sha256}"


def value_day(card: Card, name: FieldName) -> str:
    """Return the one day (ISO) that a field says, "" where it says none or several."""
    days = {iso_of(value) for value in card.field(name).values}
    only = days.pop() if len(days) == 1 else ""
    return only if len(only) == len("2026-01-31") else ""


def markdown_line(line: str) -> str:
    """Return a line of which Markdown shows every letter."""
    return _LINK.sub(r"]\\", _COMMENT.sub(r"<\\", _MARK.sub(r"\\", " ".join(line.split()))))
