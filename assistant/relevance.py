"""How likely a stretch of text is the one that answers a question.

Each sign is a number, most in 0..1: how much of the question the stretch and its titles hold, word by word and in the
space of the static encoder, whether it states what is asked for, how the search ranked its passage.  What each counts
was fitted by `training/relevance.py` on questions of the train and dev services; a score is only compared with others
of the same question (`evidence`) or weighed (`abstain`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import mul
from typing import TYPE_CHECKING

from assistant.intent import FREE, SUM
from assistant.query import Query
from assistant.verify import numbers
from corpora.records import Fact
from index import Hit, SearchQuery, Snapshot
from index.static_encoder import shipped
from index.terms import FUNCTION_WORDS, Question, stems_of
from index.tokens import fold, words

if TYPE_CHECKING:
    from numpy import float32
    from numpy.typing import NDArray

SIGNS = ("words", "placed", "vector", "placed vector", "topic vector", "soft", "soft placed", "softest",
         "softest placed", "passage soft", "passage softest", "title vector", "title soft", "back", "final", "dense",
         "fact", "typed", "numbers", "number lacking", "sum", "sum asked", "term asked", "date asked", "age asked",
         "unknowing", "lapsed", "own", "share of hits", "first service")
# In the order of SIGNS.
WEIGHTS = (
    2.06, 2.02, 4.39, 4.4, -0.71, 1.74, 2.09, 1.6, 1.43, 1.92, 0.43, 0.76, 1.5, 1.5, 5.1, 2.21, 3.4, 1.07, 0.31,
    -0.15, -0.64, 0.84, 0.8, 1.43, 2.35, -0.57, -1.26, 0.29, 0.76, 0.25)
_ALL_FUNCTION_WORDS = frozenset().union(*FUNCTION_WORDS.values())
_LEAST_RARITY = 0.05
_DATE = re.compile(r"\d{1,2}\s+(?:январ|феврал|март|апрел|ма[йя]|июн|июл|август|сентябр|октябр|ноябр|декабр)|"
                   r"\d\d\.\d\d\.\d{4}|(?:19|20)\d\d", re.IGNORECASE)
_TERM = re.compile(r"(?:\d|\b(?:як|ду|се|чор|панҷ|шаш|даҳ|один|два|три|пять|десят))\W*[\w-]*\s*"
                   r"(?:рӯз|моҳ|сол|ҳафта|соат|дн[яей]|месяц|год|лет|недел|час)", re.IGNORECASE)
_AGE = re.compile(r"сола|солаг|синн|лет|возраст|год", re.IGNORECASE)
# Where a document says itself that it does not know, there is nothing to answer.
_UNKNOWN = re.compile(
    r"маълум нест|дар манбаъҳои мо нест|дар захираи мо нест|ёфт нашуд|наёфтем|маълумот надорем|гуфта нашудааст|"
    r"навишта нашудааст|не ?известн|не видно|не сказано|не указан|нет в (?:наших )?источник", re.IGNORECASE)


def unknowing(text: str, fact: Fact | None) -> bool:
    """Return whether a text says no more than that something is not known."""
    return fact is None and bool(_UNKNOWN.search(text))


def score(signs: Sequence[float]) -> float:
    """Return the weighed sum of the signs; comparable within one question."""
    return float(sum(map(mul, WEIGHTS, signs)))


class Look:
    """One question, ready to be compared with many stretches."""

    def __init__(self, query: Query, hits: Sequence[Hit], snapshot: Snapshot) -> None:
        import numpy
        self._services = [hit.document.service for hit in hits]
        self._query, self._intents = query, set(query.intents)
        self._asked, self._about = snapshot.understood(query.search), snapshot.understood(query.about)
        self._vector = _vector(_wording(query.search, self._asked))
        self._topic = _vector(_wording(query.about, self._about))
        terms = [term for term in self._about.terms if term.content] or list(self._about.terms)
        self._words = numpy.array([_word(term.spelling) for term in terms])
        self._rarity = numpy.array([max(term.rarity, _LEAST_RARITY) for term in terms])
        self._numbers = set(numbers(query.text))

    @property
    def told(self) -> float:
        """How much the question tells: the rarity of its words in sum."""
        return float(self._rarity.sum())

    def signs(self, hit: Hit, text: str, fact: Fact | None, *, holding: bool) -> tuple[float, ...]:
        """Return the signs of a stretch of a hit, in the order of SIGNS."""
        titles = f"{hit.document.title} {hit.passage.locator.heading or ''}"
        here, above = _read(text), _read(titles)
        return (self._asked.coverage(here.stems), self._asked.coverage(here.stems | above.stems),
                float(self._vector @ here.vector), float(self._vector @ _vector(f"{titles} {text}")),
                float(self._topic @ here.vector), *self._soft(here, above, _read(hit.passage.text)),
                hit.scores["final"], hit.scores["dense"], float(bool(fact)),
                float(bool(fact and fact.type in self._query.facts)), *self._numbered(here.numbers | above.numbers),
                *self._kinds(text), float(unknowing(text, fact)), float(not holding),
                float(hit.document.language == self._query.language),
                self._services.count(hit.document.service) / len(self._services),
                float(hit.document.service == self._services[0]))

    def _soft(self, here: _Read, above: _Read, whole: _Read) -> tuple[float, ...]:
        """Return how near each word of the topic comes to some word of a text, by rarity and at the worst."""
        import numpy
        shares = self._rarity / self._rarity.sum()
        near, near_above, near_whole = (self._nearest(one) for one in (here, above, whole))
        placed = numpy.maximum(near, near_above)
        within = numpy.maximum(near_whole, near_above)
        back = (here.words @ self._words.T).max(axis=1).mean()
        return tuple(map(float, (near @ shares, placed @ shares, near.min(), placed.min(), within @ shares,
                                 within.min(), self._topic @ above.vector, near_above @ shares, back)))

    def _nearest(self, one: _Read) -> NDArray[float32]:
        nearest: NDArray[float32] = (self._words @ one.words.T).max(axis=1)
        return nearest

    def _numbered(self, there: frozenset[str]) -> tuple[float, float]:
        """Return the share of the question's numbers that are there, and whether one is lacking."""
        found = self._numbers & there
        return len(found) / max(len(self._numbers), 1), float(found != self._numbers)

    def _kinds(self, text: str) -> tuple[float, ...]:
        """Return whether a text has a sum, and what is asked for: a sum, a term, a date, an age."""
        has_sum = bool(SUM.search(text) or FREE.search(text))
        return (float(has_sum), float(has_sum and bool(self._intents & {"how_much", "how_many"})),
                float(bool(self._intents & {"how_long", "when"} and _TERM.search(text))),
                float(bool("when" in self._intents and _DATE.search(text))),
                float(bool("age" in self._intents and _AGE.search(text))))


@dataclass(frozen=True, slots=True)
class _Read:
    """A text as it is compared: its content words and itself as vectors of length 1, its stems and numbers."""

    words: NDArray[float32]            # (n, dimension), n >= 1
    vector: NDArray[float32]           # (dimension,)
    stems: frozenset[str]
    numbers: frozenset[str]


@lru_cache(maxsize=8192)
def _read(text: str) -> _Read:
    import numpy
    found = words(text) or [""]
    content = [word for word in found if fold(word) not in _ALL_FUNCTION_WORDS] or found
    near = numpy.array([_word(word) for word in content])
    return _Read(near, _vector(text), stems_of(text), frozenset(numbers(text)))


def _wording(search: SearchQuery, read: Question) -> str:
    """Return a question as the encoder takes it: as typed where its letters are sure, else restored."""
    as_typed = search.language == "en" or (search.language == "ru" and search.script == "Cyrl")
    return search.text if as_typed else read.restored


@lru_cache(maxsize=16384)
def _word(word: str) -> NDArray[float32]:
    vector: NDArray[float32] = shipped().encode_words([word])[0]
    return vector


@lru_cache(maxsize=8192)
def _vector(text: str) -> NDArray[float32]:
    vector: NDArray[float32] = shipped().encode_queries([text])[0]
    return vector
