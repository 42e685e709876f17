"""How one answer is judged against what was expected of it.

Strictly: an answer that lacks one expected value is wrong, as is one from another document.  An expected value is
shown by its own words or by a citation of the same fact in the document's other language.  What a citation is worth
is asked of the verifier, so a quote supports its sentence or it does not.  Nothing is averaged here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from statistics import fmean

from assistant.compose import altered_numbers
from assistant.records import Answer, Citation, Claim, ClaimKind
from assistant.verify import Fault, fault, numbers
from corpora.records import Document


class Grade(StrEnum):
    """What an answer is worth; the score of CRAG in `SCORES`."""

    RIGHT = "right"
    WRONG = "wrong"
    DECLINED = "declined"                  # though the documents answer it
    RIGHTLY_DECLINED = "rightly declined"


# As in CRAG (Yang et al. 2024): right 1, missing 0, wrong -1.  To decline what nothing answers is right.
SCORES = {Grade.RIGHT: 1.0, Grade.RIGHTLY_DECLINED: 1.0, Grade.DECLINED: 0.0, Grade.WRONG: -1.0}


@dataclass(frozen=True, slots=True)
class Expected:
    """What a right answer names; `facts` has for each value the ids of the facts that state it, in any language."""

    documents: frozenset[str]
    values: tuple[str, ...]
    facts: tuple[frozenset[str], ...]


def expected(documents: Iterable[Document], values: Sequence[str]) -> Expected:
    """Return what is expected of an answer from these documents; none where nothing can be answered."""
    documents = tuple(documents)
    facts = [fact for document in documents for fact in document.facts]
    stating = (frozenset(fact.id for fact in facts if value in _even(fact.quote)) for value in values)
    return Expected(frozenset(document.id for document in documents), tuple(values), tuple(stating))


def grade(answer: Answer, wanted: Expected | None) -> Grade:
    """Return what an answer is worth; `wanted` is None where the documents do not answer the question."""
    if not answer.claims:
        return Grade.DECLINED if wanted else Grade.RIGHTLY_DECLINED
    if not wanted or not any(citation.document.id in wanted.documents for citation in citations(answer)):
        return Grade.WRONG
    return Grade.RIGHT if all(_shown(answer, wanted)) else Grade.WRONG


def says(claim: Claim, wanted: Expected) -> bool:
    """Return whether a claim's own words tell every expected value: all its figures, or else its words as they are."""
    known, words = set(numbers(claim.text)), _even(claim.text).casefold()
    return all(set(counted) <= known if (counted := numbers(value)) else value.casefold() in words
               for value in wanted.values)


def citations(answer: Answer) -> list[Citation]:
    """Return every citation shown, in order."""
    return [citation for claim in answer.claims for citation in claim.citations]


def supported(answer: Answer) -> float | None:
    """Return the share of claims that stand on their citations together (citation recall); None without claims."""
    return fmean(not _fault(claim, claim.citations) for claim in answer.claims) if answer.claims else None


def supporting(answer: Answer) -> float | None:
    """Return the share of citations that a claim stands on (citation precision), None without claims.

    A citation counts where its claim stands on it alone, or does not stand without it (ALCE, Gao et al. 2023).
    """
    worth = [_needed(claim, one) for claim in answer.claims for one in claim.citations]
    return fmean(worth) if worth else None


def in_place(answer: Answer, wanted: Expected) -> float | None:
    """Return 1 where each expected value stands in a quote whose page, article or heading is named, else 0.

    None where nothing was expected or the answer is not from an expected document.
    """
    cited = [one for one in citations(answer) if one.document.id in wanted.documents]
    if not cited or not wanted.values or grade(answer, wanted) != Grade.RIGHT:
        return None
    return float(all(any(_states(one, value, facts) and _placed(one) for one in cited)
                     for value, facts in zip(wanted.values, wanted.facts, strict=True)))


def altered(answer: Answer) -> int:
    """Return how many claims do not stand on their citations: a number, a negation or words that no quote has."""
    return sum(bool(_fault(claim, claim.citations)) for claim in answer.claims)


def _shown(answer: Answer, wanted: Expected) -> Iterator[bool]:
    """Yield for each expected value whether it is shown."""
    words = _even(" ".join(claim.text for claim in answer.claims))
    cited = [one for one in citations(answer) if one.document.id in wanted.documents]
    for value, facts in zip(wanted.values, wanted.facts, strict=True):
        yield value in words or any(_states(one, value, facts) for one in cited)


def _states(citation: Citation, value: str, facts: frozenset[str]) -> bool:
    """Return whether a quote holds a value, or one of the facts that state it."""
    return value in _even(citation.quote) or any(
        fact.quote in citation.quote for fact in citation.document.facts if fact.id in facts)


def _placed(citation: Citation) -> bool:
    place = citation.passage.locator
    return bool(place.page or place.article or place.heading)


def _needed(claim: Claim, one: Citation) -> bool:
    """Return whether a claim says a citation's words, works out a number from it, or stands on it.

    It stands on it alone, or on all of them and not without it.
    """
    if one.quote in claim.text or claim.computation:
        return True
    others = [citation for citation in claim.citations if citation is not one]
    return not _fault(claim, (one,)) or (not _fault(claim, claim.citations) and bool(_fault(claim, others)))


def _fault(claim: Claim, cited: Sequence[Citation]) -> Fault | None:
    """Return why a claim does not stand on citations; of composed ones only numbers are in question.

    Their words are a frame of ours and the quote itself; a generated sentence must show all that the verifier asks.
    """
    if claim.kind == ClaimKind.GENERATED:
        return fault(claim.text, [citation.quote for citation in cited])
    return Fault.NUMBER if not cited or altered_numbers(replace(claim, citations=tuple(cited))) else None


def _even(text: str) -> str:
    return " ".join(text.split())
