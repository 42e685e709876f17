"""What a model is shown and what it should write: evidence with the right sentence among others, or with none.

Each kind of case is a way for evidence to hold an answer or to come near it without one.  Targets are candidates here;
whether they may be shown is `examples`' business.
"""

from __future__ import annotations

from collections.abc import Callable

from training.mini import values
from training.mini.draws import Case, Draws, family, language_of
from training.mini.facts import with_other_figures
from training.mini.frames import joined, kinds, led, stated

_OF_PEOPLE = ("fee_people", "benefit", "benefit_monthly", "benefit_once")


class Cases(Draws):
    """Draws cases of one part, "train" or "dev", from one seed."""

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
        acts = [(self.chance.randint(1, 28), *self.chance.choice(values.MONTHS), year, self.chance.randint(12, 780))
                for year in years]
        told = zip(self._different(name, thing, 2), acts, strict=True)
        later, earlier = (led(one, f"Тибқи қарори {day} {tg} {year} № {number}",
                              f"По постановлению от {day} {ru} {year} года № {number}")
                          for one, (day, tg, ru, year, number) in told)
        question, style = self._question(later)
        shown = self._placed([later.evidence["tg"], earlier.evidence["tg"]], self._others(thing, later))
        return self._case(kind, (question, style), shown,
                          [(later, later.evidence["tg"]), (earlier, earlier.evidence["tg"])])

    def two_questions(self, kind: str) -> Case | None:
        """One asks two things at once: two sentences."""
        first, thing = self._statement()
        others = [name for name in kinds(thing) if family(name) != family(first.kind)]
        second = stated(self.chance.choice(others), thing, self.chance)
        opening, ending = self.chance.choice(first.questions["tg"]), self.chance.choice(second.questions["tg"])
        question = self._styled(f"{opening.rstrip('?')} ва {ending[:1].lower()}{ending[1:]}")
        shown = self._placed([first.evidence["tg"], second.evidence["tg"]], self._others(thing, first, besides=second))
        return self._case(kind, question, shown, [(first, first.evidence["tg"]), (second, second.evidence["tg"])])

    def real(self, kind: str) -> Case | None:
        """A question somebody wrote, and the fact that answers it."""
        one = self.chance.choice(self._asked[True])
        language = language_of(one.question)
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
        return self._unanswered(kind, self._question(statement), [*others[:2], *self._others(thing, statement)])

    def near_kind(self, kind: str) -> Case | None:
        """Other things are told of the same."""
        statement, thing = self._statement()
        names = [name for name in kinds(thing) if family(name) != family(statement.kind)]
        own = [stated(name, thing, self.chance).evidence["tg"]
               for name in self.chance.sample(names, min(3, len(names)))]
        question = self._question(statement)
        if self.chance.random() < 0.2:
            question = self._lowered(self.chance.choice(statement.questions["ru"]))
        return self._unanswered(kind, question, own)

    def near_year(self, kind: str) -> Case | None:
        """Other years are told of."""
        thing = self._thing()
        if "fee_past" not in kinds(thing):
            return None
        first, *rest = self._different("fee_past", thing, 3)
        return self._unanswered(kind, self._question(first), [one.evidence["tg"] for one in rest])

    def near_people(self, kind: str) -> Case | None:
        """Other people are told of."""
        thing = self._thing()
        name = self.chance.choice([name for name in kinds(thing) if name in _OF_PEOPLE])
        first, *rest = self._different(name, thing, 3)
        return self._unanswered(kind, self._question(first), [one.evidence["tg"] for one in rest])

    def near_place(self, kind: str) -> Case | None:
        """Another place is told of."""
        here, there, where, thing = self._two_places()
        question = self._styled(joined(f"Дар {where}", self.chance.choice(here.questions["tg"])))
        return self._unanswered(kind, question, [there.evidence["tg"], *self._others(thing, here)])

    def superseded_only(self, kind: str) -> Case | None:
        """Only what no longer holds is told; asked is today."""
        old, new, _, thing = self._two_times()
        question = self._styled(joined("Ҳоло", self.chance.choice(new.questions["tg"])))
        return self._unanswered(kind, question, [old.evidence["tg"], *self._others(thing, new)])

    def far(self, kind: str) -> Case | None:
        """Nothing near is told."""
        statement, thing = self._statement()
        question = self._question(statement)
        if self.chance.random() < 0.4:
            question = self._lowered(self.chance.choice(statement.questions["ru"]))
        return self._unanswered(kind, question, self._some_facts(thing, "tg", 5))

    def real_unanswered(self, kind: str) -> Case | None:
        """A question somebody wrote that the facts of its service do not answer."""
        one = self.chance.choice(self._asked[False])
        return self._unanswered(kind, (one.question, one.style), self._beside(one, "tg"), one.service)

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
