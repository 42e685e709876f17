"""Whether figures stand with the words and the figures they stand with in the quotes.

"20 years for men and 15 for women" holds every word of its opposite.  What each figure is and counts is told in
`figures`.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.clauses import SENTENCES, clauses, held
from assistant.figures import Figure, Kind, figures, same_value
from assistant.wording import Wording, named, wording
from corpora.dates import pattern
from corpora.numerals import lowered
from corpora.quantity_words import Unit

_BREAK = pattern(r"[,;:.\n]|\s(?:ва|и|and|ё|или|or|а|вале)\s")
_FROM = pattern(r"(?<!\w)(?:аз|с|со|от|from)\s+$")
_TO = pattern(r"(?<!\w)(?:то|ба|до|to|into)\s+$")
# The share of the words that the best quote holds, from which a quote may give a clause its figures.
_NEAR = 0.6
_BRACKET = re.compile(r"\s?\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A figure with the words around it, up to those of the next figure of its sort.

    `own` are the words that say what it is: those before it, or in brackets right behind it.
    """

    figure: Figure
    around: str
    own: str
    first: bool


def mismatched(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a figure of a sentence stands with what stands with another figure in its quotes."""
    return _other_company(sentence, quotes) or any(
        _other_words(one, quotes) for one in _stretches(sentence)) or _other_end(sentence, quotes) or (
        len(quotes) > 1 and any(_other_quote(clause.text, quotes) for clause in clauses(sentence)))


def _other_quote(clause: str, quotes: Sequence[str]) -> bool:
    """Return whether a figure of a clause is only in quotes that hold few of the clause's words."""
    read = wording(clause)
    shares = [held(read, wording(quote)) for quote in quotes]
    near = [figure for quote, share in zip(quotes, shares, strict=True) if share >= _NEAR * max(shares)
            for figure in figures(quote)]
    return any(figure.telling and not any(same_value(figure, other) for other in near) for figure in figures(clause))


def _other_company(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a figure stands with none of those that it stands with in the quotes, but with their like."""
    clause_by_clause = [figures(clause.text) for quote in quotes for clause in clauses(quote)]
    said = [figures(clause.text) for clause in clauses(sentence)]
    return any(_apart(found, clause_by_clause) for found in said) or _apart(
        figures(sentence), [figures(part) for quote in quotes for part in SENTENCES.split(quote)])


def _apart(found: Sequence[Figure], cited: Sequence[Sequence[Figure]]) -> bool:
    return any(_astray(one, _beside(one, others), cited)
               for one in found for others in _by_sort(found) if _sort(others[0]) != _sort(one))


def _by_sort(found: Sequence[Figure]) -> list[list[Figure]]:
    return [[figure for figure in found if _sort(figure) == sort] for sort in dict.fromkeys(map(_sort, found))]


def _beside(one: Figure, others: Sequence[Figure]) -> Sequence[Figure]:
    """Return those a figure may belong with: of an act's number and dates the nearest, else all."""
    if one.kind is not Kind.REFERENCE:
        return others
    return [min(others, key=lambda other: max(other.start - one.end, one.start - other.end))]


def _astray(one: Figure, others: Sequence[Figure], cited: Sequence[Sequence[Figure]]) -> bool:
    company = [other for clause in cited if any(same_value(one, found) for found in clause)
               for other in clause if _sort(other) == _sort(others[0])]
    return bool(company) and not any(same_value(mine, other) for mine in others for other in company)


def _sort(figure: Figure) -> tuple[Kind, str]:
    return figure.kind, Unit.YEAR if figure.unit == Unit.AGE else figure.unit


def _stretches(text: str) -> Iterator[_Stretch]:
    """Yield each figure with its stretch of the text."""
    found = figures(text)
    for sort in dict.fromkeys(map(_sort, found)):
        alike = [figure for figure in found if _sort(figure) == sort]
        cuts = [0, *(_cut(text, one, other) for one, other in itertools.pairwise(alike)), len(text)]
        for at, figure in enumerate(alike):
            first, last = cuts[at], max(cuts[at + 1], figure.end)
            bracket = _BRACKET.match(text, figure.end)
            own = text[first:figure.start] + " " + (bracket[1] if bracket and not figures(bracket[1]) else "")
            if not wording(own).content:
                own = _BREAK.split(text[figure.end:last])[0]
            yield _Stretch(figure, text[first:last], own, at == 0)


def _cut(text: str, one: Figure, other: Figure) -> int:
    """Return where the words of one figure end and those of the next begin."""
    found = _BREAK.search(lowered(text), one.end, max(one.end, other.start))
    return found.end() if found else one.end


def _other_words(one: _Stretch, quotes: Sequence[str]) -> bool:
    """Return whether words around a figure are those of another figure of its sort, and not its own."""
    theirs = [stretch for quote in quotes for stretch in _stretches(quote)
              if _sort(stretch.figure) == _sort(one.figure)]
    own = [stretch for stretch in theirs if same_value(one.figure, stretch.figure)]
    others = [stretch for stretch in theirs if not same_value(one.figure, stretch.figure)]
    if not own or not others:
        return False
    return _other_people(one, own, others) or _strange_words(one, own, others)


def _other_people(one: _Stretch, own: Sequence[_Stretch], others: Sequence[_Stretch]) -> bool:
    for name in named(one.around, "audiences"):
        if any(name in named(stretch.around, "audiences") for stretch in others) and all(
                named(stretch.around, "audiences") and name not in named(stretch.around,
                      "audiences") for stretch in own):
            return True
    return False


def _strange_words(one: _Stretch, own: Sequence[_Stretch], others: Sequence[_Stretch]) -> bool:
    telling = [wording(stretch.own) for stretch in others if not stretch.first]
    whole = [wording(stretch.around) for stretch in (*own, *(other for other in others if other.first))]
    said = wording(one.own).content
    return 2 * sum(_holds(telling, word) and not _holds(whole, word) for word in said) > len(said)


def _holds(texts: Sequence[Wording], word: str) -> bool:
    return any(text.holds(word) for text in texts)


def _other_end(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a figure that a change starts from is told as the one it leads to, or the other way round."""
    theirs = [(figure, _end(quote, figure)) for quote in quotes for figure in figures(quote)]
    for figure in figures(sentence):
        ends = {end for other, end in theirs if same_value(figure, other)}
        end = _end(sentence, figure)
        if end and ends and "" not in ends and end not in ends and len(theirs) > 1 and figure.kind is not Kind.DATE:
            return True
    return False


def _end(text: str, figure: Figure) -> str:
    before = lowered(text)[max(0, figure.start - 12):figure.start]
    return "from" if _FROM.search(before) else "to" if _TO.search(before) else ""
