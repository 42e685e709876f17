"""What a model is shown and what it should write: evidence with the right sentence among others, or with none.

Each kind of case is a way for evidence to hold an answer or to come near it without one.  Targets are candidates here;
whether they may be shown is `examples`' business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from assistant.language import question_language
from benchmarks.spellings import habits
from index.scripts import script_of
from training.mini import values
from training.mini.facts import Asked, asked, facts, with_other_figures
from training.mini.frames import Stated, Thing, joined, kinds, led, past, stated, things

ABSTAIN = "[0]"
COPY_SHARE = 0.12                      # of cases whose target is the sentence itself
SHORT_SHARE = 0.6                      # of cases whose shortest answer is tried first
_OF_PEOPLE = ("fee_people", "benefit", "benefit_monthly", "benefit_once")
_SIZES, _SIZE_WEIGHTS = (1, 2, 3, 4, 5), (14, 20, 26, 22, 18)
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


class Cases:
    """Draws cases of one part, "train" or "dev", from one seed."""

    def __init__(self, part: str, seed: int) -> None:
        self.part, self.chance = part, Random(f"{part} {seed}")  # noqa: S311 - nothing secret
        self._things, self._facts = things(part), facts(part)
        self._asked = {bool(one.answered_by): [other for other in asked(part)
                                               if bool(other.answered_by) == bool(one.answered_by)]
                       for one in asked(part)}

    def draw(self) -> Case | None:
        """Return a case of a kind drawn by its weight, None where what was drawn makes none."""
        kind = self.chance.choices(list(KINDS), [weight for weight, _ in KINDS.values()])[0]
        return KINDS[kind][1](self, kind)

    # What is answered.

    def plain(self, kind: str) -> Case | None:
        """Somebody asks what one sentence says."""
        statement, thing = self._statement()
        return self._answered(kind, self._question(statement), statement, self._others(thing, statement))

    def claim(self, kind: str) -> Case | None:
        """Somebody asks whether what they heard is true; it is not."""
        statement, thing = self._statement()
        if not statement.claims:
            return None
        question = self._styled(self.chance.choice(statement.claims))
        return self._answered(kind, question, statement, self._others(thing, statement))

    def russian(self, kind: str) -> Case | None:
        """A Russian question: an answer in Russian, from Tajik sentences or from Russian ones."""
        statement, thing = self._statement()
        asking = self.chance.choice(statement.questions["ru"])
        source = "tg" if kind == "russian" else "ru"
        return self._answered(kind, self._lowered(asking), statement, self._others(thing, statement, source), source)

    def superseded(self, kind: str) -> Case | None:
        """One sentence holds until a day, another from it on; asked is today, or what was before."""
        old, new, day, thing = self._two_times()
        if self.chance.random() < 0.3:
            question = self._styled(joined(f"Пеш аз соли {day}", self.chance.choice(old.questions["tg"])))
            return self._answered(kind, question, old, [new.evidence["tg"], *self._others(thing, new)])
        return self._answered(kind, self._question(new), new, [old.evidence["tg"], *self._others(thing, new)])

    def place(self, kind: str) -> Case | None:
        """Two places differ."""
        here, there, where, thing = self._two_places()
        question = self._styled(joined(f"Дар {where}", self.chance.choice(here.questions["tg"])))
        return self._answered(kind, question, here, [there.evidence["tg"], *self._others(thing, here)])

    def people(self, kind: str) -> Case | None:
        """Two groups of people differ."""
        thing = self._thing()
        name = self.chance.choice([name for name in kinds(thing) if name in _OF_PEOPLE])
        first, *rest = self._different(name, thing, 3)
        return self._answered(kind, self._question(first), first,
                              [*(one.evidence["tg"] for one in rest), *self._others(thing, first)])

    def conflict(self, kind: str) -> Case | None:
        """Two acts say different things: both are told, the later first."""
        thing = self._thing()
        name = self.chance.choice([name for name in kinds(thing) if name in ("fee", "duration", "validity")])
        years = sorted(self.chance.sample(range(2009, 2026), 2), reverse=True)
        acts = [f"{self.chance.randint(1, 28)} {self.chance.choice(values.MONTHS)[0]} {year} № "
                f"{self.chance.randint(12, 780)}" for year in years]
        later, earlier = (led(one, f"Тибқи қарори {act}", f"По постановлению {act}")
                          for one, act in zip(self._different(name, thing, 2), acts, strict=True))
        question, style = self._question(later)
        shown = self._placed([later.evidence["tg"], earlier.evidence["tg"]], self._others(thing, later))
        return self._case(kind, (question, style), shown,
                          [(later, later.evidence["tg"]), (earlier, earlier.evidence["tg"])])

    def two_questions(self, kind: str) -> Case | None:
        """One asks two things at once: two sentences."""
        first, thing = self._statement()
        others = [name for name in kinds(thing) if _family(name) != _family(first.kind)]
        second = stated(self.chance.choice(others), thing, self.chance)
        opening, ending = self.chance.choice(first.questions["tg"]), self.chance.choice(second.questions["tg"])
        question = self._styled(f"{opening.rstrip('?')} ва {ending[:1].lower()}{ending[1:]}")
        shown = self._placed([first.evidence["tg"], second.evidence["tg"]], self._others(thing, first, besides=second))
        return self._case(kind, question, shown, [(first, first.evidence["tg"]), (second, second.evidence["tg"])])

    def real(self, kind: str) -> Case | None:
        """A question somebody wrote, and the fact that answers it."""
        one = self.chance.choice(self._asked[True])
        language = _language(one.question)
        if language != one.language:
            return None
        fact = self.chance.choice(one.answered_by)
        if self.chance.random() < 0.6:
            fact = with_other_figures(fact, one.question, self.chance)
        source = "ru" if language == "ru" and self.chance.random() < 0.6 else "tg"
        spare = [text for text in self._beside(one, source) if text != fact.evidence[source]]
        return self._answered(kind, (one.question, one.style), fact, spare, source, one.service)

    # What is not.

    def near_thing(self, kind: str) -> Case | None:
        """The same is told of other things."""
        statement, thing = self._statement()
        others = [stated(statement.kind, other, self.chance).evidence["tg"]
                  for other in self._other_things(thing, statement.kind)]
        return self._unanswered(kind, self._question(statement), [*others[:2], *self._others(thing, statement)], 1)

    def near_kind(self, kind: str) -> Case | None:
        """Other things are told of the same."""
        statement, thing = self._statement()
        names = [name for name in kinds(thing) if _family(name) != _family(statement.kind)]
        own = [stated(name, thing, self.chance).evidence["tg"]
               for name in self.chance.sample(names, min(3, len(names)))]
        question = self._question(statement)
        if self.chance.random() < 0.2:
            question = self._lowered(self.chance.choice(statement.questions["ru"]))
        return self._unanswered(kind, question, own, 1)

    def near_year(self, kind: str) -> Case | None:
        """Other years are told of."""
        thing = self._thing()
        if "fee_past" not in kinds(thing):
            return None
        first, *rest = self._different("fee_past", thing, 3)
        return self._unanswered(kind, self._question(first), [one.evidence["tg"] for one in rest], 1)

    def near_people(self, kind: str) -> Case | None:
        """Other people are told of."""
        thing = self._thing()
        name = self.chance.choice([name for name in kinds(thing) if name in _OF_PEOPLE])
        first, *rest = self._different(name, thing, 3)
        return self._unanswered(kind, self._question(first), [one.evidence["tg"] for one in rest], 1)

    def near_place(self, kind: str) -> Case | None:
        """Another place is told of."""
        here, there, where, thing = self._two_places()
        question = self._styled(joined(f"Дар {where}", self.chance.choice(here.questions["tg"])))
        return self._unanswered(kind, question, [there.evidence["tg"], *self._others(thing, here)], 1)

    def superseded_only(self, kind: str) -> Case | None:
        """Only what no longer holds is told; asked is today."""
        old, new, _, thing = self._two_times()
        question = self._styled(joined("Ҳоло", self.chance.choice(new.questions["tg"])))
        return self._unanswered(kind, question, [old.evidence["tg"], *self._others(thing, new)], 1)

    def far(self, kind: str) -> Case | None:
        """Nothing near is told."""
        statement, thing = self._statement()
        question = self._question(statement)
        if self.chance.random() < 0.4:
            question = self._lowered(self.chance.choice(statement.questions["ru"]))
        return self._unanswered(kind, question, self._some_facts(thing, "tg", 5), 1)

    def real_unanswered(self, kind: str) -> Case | None:
        """A question somebody wrote that the facts of its service do not answer."""
        one = self.chance.choice(self._asked[False])
        return self._unanswered(kind, (one.question, one.style), self._beside(one, "tg"), 1, one.service)

    # How they are put together.

    def _answered(self, kind: str, question: tuple[str, str], statement: Stated, spare: Sequence[str],
                  source: str = "tg", service: str = "") -> Case | None:
        right = statement.evidence[source]
        return self._case(kind, question, self._placed([right], spare), [(statement, right)], service)

    def _case(self, kind: str, question: tuple[str, str], shown: list[str],
              said: Sequence[tuple[Stated, str]], service: str = "") -> Case | None:
        language = _language(question[0])
        if not _expected(language, question[1]):
            return None
        copied = self.chance.random() < COPY_SHARE and len(said) == 1 and language == _language(said[0][1])
        lines = tuple(Line((right,) if copied else self._ways(statement, language), shown.index(right))
                      for statement, right in said)
        return Case(kind, question[0], language, question[1], service, tuple(shown), lines)

    def _unanswered(self, kind: str, question: tuple[str, str], spare: Sequence[str], least: int,
                    service: str = "") -> Case | None:
        language = _language(question[0])
        shown = list(dict.fromkeys(spare))[:max(least, self._size())]
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
        asked_for = {_family(one.kind) for one in (statement, besides) if one}
        names = [name for name in kinds(thing) if _family(name) not in asked_for]
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
        """Return facts that do not answer a question: none of its service where one of them does."""
        own = [] if one.answered_by else list(self._facts.get(one.service, ()))
        far = [fact for service, some in self._facts.items() if service != one.service for fact in some]
        chosen = self.chance.sample(own, min(4, len(own))) + self.chance.sample(far, 4)
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


def _family(kind: str) -> str:
    return _FAMILY.get(kind, kind)


def _language(text: str) -> str:
    return question_language(text, script_of(text))


# Weight and way of each kind of case.
KINDS: dict[str, tuple[int, Callable[[Cases, str], Case | None]]] = {
    "plain": (19, Cases.plain), "claim": (4, Cases.claim), "russian": (7, Cases.russian),
    "russian_own": (4, Cases.russian), "superseded": (6, Cases.superseded), "place": (4, Cases.place),
    "people": (4, Cases.people), "conflict": (4, Cases.conflict), "two_questions": (5, Cases.two_questions),
    "real": (17, Cases.real),
    "near_thing": (6, Cases.near_thing), "near_kind": (6, Cases.near_kind), "near_year": (2, Cases.near_year),
    "near_people": (2, Cases.near_people), "near_place": (2, Cases.near_place),
    "superseded_only": (2, Cases.superseded_only), "far": (2, Cases.far),
    "real_unanswered": (7, Cases.real_unanswered),
}
