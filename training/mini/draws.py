"""How a question is put beside evidence: what is drawn by chance, how it is spelled, where the right sentence stands.

`cases` says which kinds there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from assistant.language import question_language
from benchmarks.spellings import habits
from index.scripts import script_of
from training.mini import values
from training.mini.facts import Asked, asked, facts
from training.mini.frames import Stated, Thing, kinds, led, past, stated, things

COPY_SHARE = 0.12                      # of cases whose target is the sentence itself
SHORT_SHARE = 0.8                      # of cases whose shortest answer is tried first
# Over half of what is found for real questions is one sentence.
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5), (34, 24, 18, 13, 11)
_STYLES = {"": 50, "made: no letters": 18, "made: й and ў": 6, "made: Latin, chat": 10, "made: Latin, BGN": 3,
           "made: one slip": 9, "made: two slips": 4}
# Kinds of statements that may answer each other's questions.
_FAMILY = {"fee_past": "fee", "fee_people": "fee", "free": "fee", "benefit_monthly": "benefit",
           "benefit_once": "benefit", "allowed": "office",
           "denied": "papers", "hours": "duration", "deadline": "duration", "validity": "duration", "age": "duration"}


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence that should be written: candidates in the order they are tried, and its evidence, from 0."""

    candidates: tuple[str, ...]
    evidence: int


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its evidence and the lines of its answer; no lines where the evidence does not answer."""

    kind: str
    question: str
    language: str                      # of the question as the program reads it, and of the answer
    style: str
    service: str
    evidence: tuple[str, ...]
    lines: tuple[Line, ...] = ()


class Draws:
    """What cases of one part, "train" or "dev", are made of, drawn from one seed."""

    def __init__(self, part: str, seed: int) -> None:
        self.part, self.chance = part, Random(f"{part} {seed}")  # noqa: S311 - nothing secret
        self._things, self._facts = things(part), facts(part)
        self._asked = {bool(one.answered_by): [other for other in asked(part)
                                               if bool(other.answered_by) == bool(one.answered_by)]
                       for one in asked(part)}

    def _answered(self, kind: str, question: tuple[str, str], statement: Stated, spare: Sequence[str],
                  source: str = "tg", service: str = "") -> Case | None:
        right = statement.evidence[source]
        return self._case(kind, question, self._placed([right], spare), [(statement, right)], service)

    def _case(self, kind: str, question: tuple[str, str], shown: list[str],
              said: Sequence[tuple[Stated, str]], service: str = "") -> Case | None:
        language = language_of(question[0])
        if not _expected(language, question[1]):
            return None
        copied = self.chance.random() < COPY_SHARE and len(said) == 1 and language == language_of(said[0][1])
        lines = tuple(Line((right,) if copied else self._ways(statement, language), shown.index(right))
                      for statement, right in said)
        return Case(kind, question[0], language, question[1], service, tuple(shown), lines)

    def _unanswered(self, kind: str, question: tuple[str, str], spare: Sequence[str],
                    service: str = "") -> Case | None:
        language = language_of(question[0])
        shown = list(dict.fromkeys(spare))[:self._size()]
        self.chance.shuffle(shown)
        if not _expected(language, question[1]) or not shown:
            return None
        return Case(kind, question[0], language, question[1], service, tuple(shown))

    def _placed(self, right: Sequence[str], spare: Sequence[str]) -> list[str]:
        """Return the right sentences among others, at any place; in half of the cases before them."""
        others = [text for text in dict.fromkeys(spare) if text not in right]
        shown = [*right, *others[:max(0, self._size() - len(right))]]
        if self.chance.random() < 0.5:
            self.chance.shuffle(shown)
        return shown

    def _size(self) -> int:
        return self.chance.choices(_SIZES, _SIZE_WEIGHTS)[0]

    def _thing(self) -> Thing:
        return self.chance.choice(self._things)

    def _statement(self) -> tuple[Stated, Thing]:
        thing = self._thing()
        return stated(self.chance.choice(kinds(thing)), thing, self.chance), thing

    def _different(self, name: str, thing: Thing, count: int) -> list[Stated]:
        """Return statements of one kind, no two of the same year, people or value."""
        found: dict[str, Stated] = {}
        while len(found) < count:
            one = stated(name, thing, self.chance)
            found.setdefault(one.told, one)
        return list(found.values())

    def _two_times(self) -> tuple[Stated, Stated, str, Thing]:
        thing = self._thing()
        name = self.chance.choice([name for name in kinds(thing) if name in ("fee", "duration", "validity")])
        old, new = self._different(name, thing, 2)
        year = values.year(self.chance)
        return (led(past(old), f"То 1 январи {year}", f"До 1 января {year} года"),
                led(new, f"Аз 1 январи {year}", f"С 1 января {year} года"), year, thing)

    def _two_places(self) -> tuple[Stated, Stated, str, Thing]:
        thing = self._thing()
        names = [name for name in kinds(thing) if name in ("fee", "duration", "office", "hours", "phone")]
        name, places = self.chance.choice(names), self.chance.sample(values.PLACES, 2)
        here, there = (led(one, f"Дар {tg}", f"В {ru}")
                       for one, (tg, ru) in zip(self._different(name, thing, 2), places, strict=True))
        return here, there, places[0][0], thing

    def _others(self, thing: Thing, statement: Stated, source: str = "tg", besides: Stated | None = None) -> list[str]:
        """Return sentences that do not answer: of the same thing, of other things, and facts."""
        asked_for = {family(one.kind) for one in (statement, besides) if one}
        names = [name for name in kinds(thing) if family(name) not in asked_for]
        own = [stated(name, thing, self.chance) for name in self.chance.sample(names, min(2, len(names)))]
        alike = [stated(statement.kind, other, self.chance) for other in self._other_things(thing, statement.kind)]
        some = [one.evidence[source] for one in (*own, *alike)] + self._some_facts(thing, source, 2)
        self.chance.shuffle(some)
        return some

    def _other_things(self, thing: Thing, name: str) -> list[Thing]:
        others = [other for other in self._things if other.object != thing.object and name in kinds(other)]
        return self.chance.sample(others, min(2, len(others)))

    def _some_facts(self, thing: Thing, source: str, count: int) -> list[str]:
        """Return facts that share no longer word with a thing."""
        words = {word[:6] for word in thing.object.split() if len(word) > 5}
        every = [fact.evidence[source] for some in self._facts.values() for fact in some]
        apart = [text for text in every if not any(word in text.lower() for word in words)]
        return self.chance.sample(apart, min(count, len(apart)))

    def _beside(self, one: Asked, source: str) -> list[str]:
        """Return facts that do not answer a question, of its service and of others."""
        answering = {fact.subject for fact in one.answered_by}
        own = [fact for fact in self._facts.get(one.service, ()) if fact.subject not in answering]
        far = [fact for service, some in self._facts.items() if service != one.service for fact in some]
        most = 2 if one.answered_by else 4
        chosen = self.chance.sample(own, min(most, len(own))) + self.chance.sample(far, 4)
        if one.answered_by:
            self.chance.shuffle(chosen)
        return [fact.evidence[source] for fact in chosen]

    def _question(self, statement: Stated) -> tuple[str, str]:
        """Return a question a statement answers, and how it is written."""
        if statement.mixed and self.chance.random() < 0.1:
            return self.chance.choice(statement.mixed), "mixed"
        return self._styled(self.chance.choice(statement.questions["tg"]))

    def _styled(self, question: str) -> tuple[str, str]:
        style = self.chance.choices(list(_STYLES), list(_STYLES.values()))[0]
        written = habits(question)[style] if style else question
        return (written.lower() if style and self.chance.random() < 0.5 else written), style or "proper"

    def _lowered(self, question: str) -> tuple[str, str]:
        return (question.lower() if self.chance.random() < 0.25 else question), "russian"

    def _ways(self, statement: Stated, language: str) -> tuple[str, ...]:
        """Return the short answers, mostly the shortest first; the whole sentence where there is none."""
        answers = self.chance.sample(statement.answers[language], len(statement.answers[language]))
        if self.chance.random() < SHORT_SHARE:
            answers.sort(key=len)
        return tuple(answers) or (statement.evidence[language],)


def _expected(language: str, style: str) -> bool:
    """Return whether a question is read as what it is: Tajik typed without its letters may look Russian."""
    return language in {"russian": ("ru",), "mixed": ("tg", "ru")}.get(style, ("tg",))


def family(kind: str) -> str:
    """Return what a kind of statement is about; kinds of one family may answer each other's questions."""
    return _FAMILY.get(kind, kind)


def language_of(text: str) -> str:
    """Return the language the program reads a text as."""
    return question_language(text, script_of(text))


