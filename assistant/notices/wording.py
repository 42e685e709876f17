"""A card in plain sentences that a model wrote, each verified on the card's quotes as a sentence of an answer is.

The sentences made from templates are always there: one gives way only where sentences of the model cite all its quotes
and lose no figure and hardly a word of them.  A field that a person edited, or that the notice says in two ways, is
never given to a model.  Whatever a model does, what it left unsaid is said by the templates.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from assistant.drafting import DEADLINE_S, Drafting, Notice, Writing
from assistant.figures import figures, supported
from assistant.notices.card import Card, CardStatus, FieldName, State
from assistant.notices.plain import PlainText, Sentence, plain_text
from assistant.prompt import MAX_EVIDENCE
from assistant.query import Query
from assistant.records import Citation, Claim
from assistant.texts import text
from assistant.verify import LEAST_COVERED, covered
from assistant.wording import is_verb, wording
from corpora.language import guess_language

_WORDED = ("tg", "ru")
_JUDGED = (State.CONFLICT, State.EDITED)


@dataclass(frozen=True, slots=True)
class Wording:
    """The models that word cards.  deadline_s: for one text, all its drafts together."""

    drafting: Drafting
    deadline_s: float = DEADLINE_S

    def plain_text(self, card: Card, language: str) -> PlainText:
        """Return a card in plain sentences, verified ones of a model first.  Never raises for a model's sake."""
        made, given = plain_text(card, language), _given(card)
        if language not in _WORDED or card.status is not CardStatus.NOTICE or not given or not self.drafting.generators:
            return made
        claims: list[Claim] = []
        for writing in self._writings(given, language):
            known = {claim.text for claim in claims}
            claims += [claim for claim in writing if claim.text not in known and not _widens(claim, card)
                       and language in (wording(claim.text).language, guess_language(claim.text))]
            made = replace(made, generator=writing.model or made.generator)
            if not writing.attempts or writing.attempts[-1].notice not in (None, Notice.DROPPED):
                break                  # it died, or there is no more time
        return _joined(card, made, claims, self.drafting.name)

    def _writings(self, given: Sequence[Citation], language: str) -> Iterator[Writing]:
        """Yield a draft for every five quotes, while there is time."""
        query, ends = _query(language), self.drafting.clock() + self.deadline_s
        for first in range(0, len(given), MAX_EVIDENCE):
            left = ends - self.drafting.clock()
            if left <= 0:
                return
            yield self.drafting.begin(query, given[first:first + MAX_EVIDENCE], deadline_s=left)


def _query(language: str) -> Query:
    return Query(text(language, "wording", "asked"), language, "Cyrl", (), frozenset(), "", (), None)


def _given(card: Card) -> tuple[Citation, ...]:
    """Return the quotes a model may word: those that touch no field which only a person can judge."""
    judged = [citation for field in card.fields if field.state in _JUDGED
              for citation in field.citations]
    return tuple(one for one in card.citations if not any(_touch(one, other) for other in judged))


def _touch(one: Citation, other: Citation) -> bool:
    return one.passage.id == other.passage.id and one.span[0] < other.span[1] and other.span[0] < one.span[1]


def _widens(claim: Claim, card: Card) -> bool:
    """Return whether a sentence promises to more people than its quotes, leaving out who is entitled.

    A word less is a wider right: of a quote about who is entitled a sentence keeps every word but verbs.
    """
    said = wording(claim.text)
    entitled = card.field(FieldName.ELIGIBILITY).citations
    told = (one.quote for one in claim.citations if any(_touch(one, other) for other in entitled))
    return any(not all(map(is_verb, wording(quote).uncovered(said))) for quote in told)


def _joined(card: Card, made: PlainText, claims: Sequence[Claim], asked: str) -> PlainText:
    """Return the model's sentences, then those of the templates that they do not make needless."""
    language = made.language
    if not claims:
        return replace(made, generator="", remark=text(language, "wording", "none", model=asked))
    numbers = {citation: number for number, citation in enumerate(card.citations, 1)}
    written = tuple(Sentence(claim.text, tuple(numbers[one] for one in claim.citations)) for claim in claims)
    kept = [sentence for sentence in made.sentences if not _said(sentence, card, written)]
    if not any("«" in sentence.text for sentence in kept if sentence.numbers):
        about_quotes = text(language, "card", f"quoted_{card.document.language}")
        kept = [sentence for sentence in kept if sentence.text != about_quotes]
    remark = text(language, "wording", "by", model=made.generator, count=len(written))
    return replace(made, sentences=(*written, *kept), written=len(written), remark=remark)


def _said(sentence: Sentence, card: Card, written: Sequence[Sentence]) -> bool:
    """Return whether the model said what a template says: of each of its quotes the words, and every figure."""
    if not sentence.numbers:
        return False
    citing = {number: " ".join(one.text for one in written if number in one.numbers) for number in sentence.numbers}
    told = [figure for words in citing.values() for figure in figures(words)]
    return all(supported(figure, told) for figure in figures(sentence.text)) and all(
        covered(card.citations[number - 1].quote, words) >= LEAST_COVERED for number, words in citing.items())
