"""Whether the conditions of a quote are kept: if, only, except.

A rule told without its condition is another rule.  A draft may leave out a whole clause, never what binds the
clause it tells.  Bounds of figures are compared in `figures`.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from enum import StrEnum
from functools import lru_cache

from assistant.clauses import SENTENCES, Clause, clauses, held, nearest
from assistant.wording import wording
from corpora.dates import pattern
from corpora.numerals import lowered


class Condition(StrEnum):
    """What binds a rule."""

    IF = "if"
    WHEN = "when"
    ONLY = "only"
    EXCEPT = "except"
    UNCONFIRMED = "unconfirmed"        # what a source itself does not vouch for


_MARKS = {condition: pattern(rf"(?<!\w)(?:{words})(?!\w)") for condition, words in (
    (Condition.IF, r"агар|дар\s+сурат\w*|дар\s+ҳолат\w*|ба\s+шарт\w*|дар\s+он\s+сурат|если|при\s+условии|"
                   r"в\s+случае|иначе|"
                   r"дар\s+акси\s+ҳол|if|provided|unless|in\s+case"),
    (Condition.WHEN, r"ҳангоми?|вақте|когда|when"),
    (Condition.UNCONFIRMED, r"тасдиқнашуда|тасдиқ\s+нашуда\w*|не\s*подтвержд[её]н\w*|unconfirmed|not\s+confirmed"),
    (Condition.ONLY, r"танҳо|фақат|факат|только|лишь|исключительно|only|solely|exclusively"),
    (Condition.EXCEPT, r"ба\s+истисно\w*|истисно\w*|(?:ба\s+)?ғайр\w*\s+аз|ба\s+ҷуз|ҷуз|кроме|за\s+исключением|"
                       r"исключая|помимо|"
                       r"except\w*|apart\s+from|other\s+than"))}
_TIED = frozenset({Condition.IF, Condition.WHEN})
_NOT_ONLY = pattern(r"(?<!\w)(?:на\s+танҳо|на\s+фақат|не\s+только|not\s+only)(?!\w)")
# A draft tells a rule when so much of it are words of the rule.
_TOLD, _WHOLE = 0.5, 0.85


@lru_cache(maxsize=1024)
def marks(text: str) -> frozenset[Condition]:
    """Return what conditions a text states."""
    small = _NOT_ONLY.sub(" ", lowered(text))
    return frozenset(condition for condition, finds in _MARKS.items() if finds.search(small))


def loosened(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence drops a condition of a rule it tells, or adds one the quotes do not have."""
    mine, theirs = marks(sentence), frozenset[Condition]().union(*map(marks, quotes))
    if (mine - theirs) - _TIED or Condition.UNCONFIRMED in theirs - mine:
        return True
    if any(_nearly_whole(sentence, quote) and _lost(marks(quote), mine) for quote in quotes):
        return True
    parts = [part for quote in quotes for part in SENTENCES.split(quote)]
    return any(_dropped(sentence, part, condition) for part in parts for condition in _lost(marks(part), mine))


def _lost(theirs: Set[Condition], mine: Set[Condition]) -> Set[Condition]:
    """Return the conditions of a text that another lacks; "if" and "when" may stand for each other."""
    lost = theirs - mine
    return lost - _TIED if len(theirs & _TIED) <= len(mine & _TIED) else lost


def _nearly_whole(sentence: str, quote: str) -> bool:
    """Return whether a sentence holds almost all words of a quote."""
    theirs = wording(quote)
    return bool(theirs.content) and held(theirs, wording(sentence)) >= _WHOLE * len(theirs.content)


def _dropped(sentence: str, part: str, condition: Condition) -> bool:
    """Return whether a sentence tells the rule of a part of a quote without what binds it."""
    bound = [clause for clause in clauses(part) if condition in marks(clause.text)]
    if condition is Condition.ONLY:
        return any(_words_anew(mine, clause, part) for mine in clauses(sentence) for clause in bound)
    return _told(sentence, [part], without=bound if condition in _TIED else [])


def _words_anew(mine: Clause, clause: Clause, part: str) -> bool:
    read = wording(mine.text)
    return clause in nearest(mine, [part]) and held(read, wording(clause.text)) >= _TOLD * len(read.content)


def _told(sentence: str, parts: Sequence[str], without: Sequence[Clause]) -> bool:
    """Return whether most of a sentence is the rule of some parts, leaving out the clauses that bind it."""
    read = wording(sentence)
    rule = " ".join(clause.text for part in parts for clause in clauses(part) if clause not in without)
    return bool(read.content) and held(read, wording(rule)) >= _TOLD * len(read.content)
