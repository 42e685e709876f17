"""Questions that found no answer, gathered by meaning: how often, at how many machines, more or less than before.

They came by the inbox and are without names since they were kept.  A question that few people asked is counted and not
shown: it might tell of the one who asked it.  Two questions are of one group where the encoder finds them near; of 681
questions of the golden set, 3 % of the pairs that this threshold put together were of another service.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from assistant.config import Config
from assistant.feedback import Verdict
from assistant.waiting import opened_inbox
from index import Encoder
from index.tokens import fold, words
from sync.batch import Kind

if TYPE_CHECKING:
    from index.encoder import Vectors

LEAST = 3                              # fewer are not shown (research: ux.md section 5)
NEAR = 0.65                            # cosine
TREND_DAYS = 30
# The most frequent ones are gathered; a year of a large fleet has less.
MOST_TEXTS = 5000
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was told: without names, with the day and the machine."""

    text: str
    day: date
    machine: str
    closest: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Questions of one meaning.  `texts` are the most frequent of them, `lately` and `before` how many came in the
    last 30 days and in the 30 before, `closest` the documents that came nearest."""

    texts: tuple[str, ...]
    count: int
    machines: int
    first: date
    last: date
    lately: int
    before: int
    closest: tuple[str, ...]

    @property
    def question(self) -> str:
        """Return the question that stands for all."""
        return self.texts[0]

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"question": self.question, "texts": list(self.texts), "count": self.count, "machines": self.machines,
                "first": self.first.isoformat(), "last": self.last.isoformat(), "lately": self.lately,
                "before": self.before, "closest": list(self.closest)}


@dataclass(frozen=True, slots=True)
class Unanswered:
    """The groups, the most frequent first, and how many questions are in groups too small to be shown."""

    groups: tuple[Group, ...]
    few: int


def read_unanswered(config: Config) -> list[Asked]:
    """Return the questions without an answer that came in, in the order in which they came.

    Raises:
        StateError: the inbox cannot be used.
    """
    with opened_inbox(config) as inbox:
        events = [*inbox.events(Kind.QUESTION), *inbox.events(Kind.FEEDBACK)]
    found = ((one, _told(one.event.kind, one.event.body)) for one in events)
    return [Asked(said[0], one.event.day, one.device, said[1]) for one, said in found if said]


def gathered(asked: Sequence[Asked], encoder: Encoder | None, day: date) -> Unanswered:
    """Return the questions by meaning; where there is no encoder, by their words alone."""
    alike: dict[str, list[Asked]] = {}
    for one in asked:
        alike.setdefault(" ".join(map(fold, words(one.text))), []).append(one)
    ranked = sorted(alike.values(), key=len, reverse=True)[:MOST_TEXTS]
    groups = [_group([one for at in places for one in ranked[at]], day)
              for places in _near(encoder, [_usual(some) for some in ranked])]
    groups.sort(key=lambda one: (-one.count, one.question))
    shown = tuple(one for one in groups if one.count >= LEAST)
    return Unanswered(shown, len(asked) - sum(one.count for one in shown))


def nearest(question: str, groups: Sequence[Group], encoder: Encoder | None) -> Group | None:
    """Return the group that a question belongs to, None where there is none."""
    if not groups or encoder is None:
        return next((one for one in groups if question in one.texts), None)
    vectors = encoder.encode_queries([question, *(one.question for one in groups)])
    scores = vectors[1:] @ vectors[0]
    return groups[int(scores.argmax())] if float(scores.max()) >= NEAR else None


def _told(kind: Kind, body: bytes) -> tuple[str, tuple[str, ...]] | None:
    """Return the question in an event and the documents nearest to it; None where it tells of none.

    A machine may send what it likes: what is not as it should be is left out.
    """
    try:
        plain = json.loads(body)
        if kind is Kind.FEEDBACK and (plain["verdict"] != Verdict.NOT_FOUND):
            return None
        text, closest = plain["question"], plain["closest" if kind is Kind.QUESTION else "documents"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(text, str) or not text.strip() or not isinstance(closest, list):
        return None
    return text.strip(), tuple(one for one in closest if isinstance(one, str))


def _near(encoder: Encoder | None, texts: Sequence[str]) -> Iterator[list[int]]:
    """Yield the places of texts that belong together; each joins the nearest group that is near enough."""
    if encoder is None or not texts:
        yield from ([at] for at in range(len(texts)))
        return
    vectors = encoder.encode_queries(list(texts))
    yield from _joined(vectors)


def _joined(vectors: Vectors) -> list[list[int]]:
    """Return the rows that belong together.  vectors: (n, dimension) float32, rows of unit length, best known first."""
    import numpy
    sums = numpy.zeros_like(vectors)
    units = numpy.zeros_like(vectors)
    groups: list[list[int]] = []
    for at, vector in enumerate(vectors):
        scores = units[:len(groups)] @ vector
        place = int(scores.argmax()) if groups else 0
        if not groups or scores[place] < NEAR:
            place = len(groups)
            groups.append([])
        groups[place].append(at)
        sums[place] += vector
        units[place] = sums[place] / max(float(numpy.linalg.norm(sums[place])), 1e-9)
    return groups


def _group(asked: Sequence[Asked], day: date) -> Group:
    texts = Counter(one.text for one in asked)
    closest = Counter(name for one in asked for name in one.closest)
    since, earlier = day - timedelta(days=TREND_DAYS), day - timedelta(days=2 * TREND_DAYS)
    return Group(tuple(text for text, _ in texts.most_common(_SHOWN)), len(asked), len({one.machine for one in asked}),
                 min(one.day for one in asked), max(one.day for one in asked),
                 sum(since < one.day <= day for one in asked), sum(earlier < one.day <= since for one in asked),
                 tuple(name for name, _ in closest.most_common(_SHOWN)))


def _usual(asked: Iterable[Asked]) -> str:
    return Counter(one.text for one in asked).most_common(1)[0][0]
