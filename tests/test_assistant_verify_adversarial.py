"""Drafts that lie are caught, faithful ones pass: counted on sentences nobody tuned on.

The services of the test split give the drafts counted here; those of train and dev were tuned on
(`benchmarks/verifier.py` prints both).
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.drafting import Drafting
from assistant.generate import Draft, Finish
from assistant.prompt import MAX_SENTENCES
from assistant.records import ClaimKind
from assistant.verify import fault
from tests.perturb import Faithful, Lie, Perturbed, faithful, perturbed

ROOT = Path(__file__).parents[1]
LEAST_CAUGHT, LEAST_PASSED = 0.98, 0.94
LIES_A_KIND, QUESTIONS = 60, 40


@cache
def held_out():
    """The faithful drafts of the services that were not tuned on."""
    return [draft for draft in faithful() if draft.held_out]


@cache
def lies():
    return perturbed(held_out(), most=LIES_A_KIND)


def verdict(lie):
    return fault(lie.text, lie.quotes, language=lie.origin.language)


def test_lies_of_every_kind_are_made_and_enough_of_them():
    assert len(lies()) >= 500
    assert {lie.lie for lie in lies()} == set(Lie)
    assert {lie.origin.language for lie in lies()} >= {"tg", "ru", "en"}


def test_lies_are_caught():
    caught = sum(verdict(lie) is not None for lie in lies())
    assert caught / len(lies()) >= LEAST_CAUGHT


@pytest.mark.parametrize("kind", [Lie.DIGIT, Lie.SUM, Lie.WORD_NUMBER, Lie.DATE, Lie.UNIT, Lie.YEAR, Lie.ACT,
                                  Lie.OFFICE, Lie.CITATION, Lie.SIBLING, Lie.CONTACT, Lie.AUDIENCE, Lie.NEGATION_ADDED])
def test_of_some_kinds_no_lie_passes(kind):
    assert [lie.text for lie in lies() if lie.lie is kind and verdict(lie) is None] == []


def test_faithful_paraphrases_pass():
    drafts = [draft for draft in held_out() if draft.text != draft.quote]
    passed = sum(fault(draft.text, [draft.quote], language=draft.language) is None for draft in drafts)
    assert len(drafts) >= 200
    assert passed / len(drafts) >= LEAST_PASSED


def test_every_sentence_of_the_seed_may_stand_on_itself():
    quotes = [draft for draft in faithful() if draft.text == draft.quote]
    assert len(quotes) > 800
    assert [draft.text for draft in quotes if fault(draft.text, [draft.quote], language=draft.language)] == []


class Liar:
    """A generator that writes what its prompt says, each sentence with a lie of its own."""

    name, shows_text, waiting = "liar", True, 0

    def __init__(self):
        self.left, self.told = None, []

    def lies_of(self, prompt):
        quotes = re.findall(r"^\[\d\] (.+)$", prompt.body, re.MULTILINE)
        drafts = [Faithful(quote, quote, language_of(quote), "d", str(number), held_out=False)
                  for number, quote in enumerate(quotes)]
        for lie in perturbed(drafts, most=3):
            number = int(lie.origin.service) + 1
            more = [quotes.index(quote) + 1 for quote in lie.quotes[1:] if quote in quotes]
            yield lie, "".join(f"[{each}]" for each in (number, *more))
        for number, quote in enumerate(quotes):
            other = (number + 1) % len(quotes)
            if len(set(quote.split()) - set(quotes[other].split())) > 4:
                yield Perturbed(Lie.CITATION, quote, (quotes[other],), drafts[number]), f"[{other + 1}]"

    def generate(self, prompt, *, deadline_s, cancelled):
        if self.left is None:
            self.left = list(self.lies_of(prompt))
        now, self.left = self.left[:MAX_SENTENCES], self.left[MAX_SENTENCES:]
        self.told += now
        text = " ".join(f"{re.sub('[.!?;:]+ ', ', ', lie.text).rstrip(' .;:!?')}. {numbers}" for lie, numbers in now)
        return Draft(text, self.name, Finish.STOP, 9, 0.1)

    def stream(self, prompt, *, deadline_s, cancelled):
        draft = self.generate(prompt, deadline_s=deadline_s, cancelled=cancelled)
        yield draft.text
        return draft

    def close(self):
        pass


def language_of(text):
    return "tg" if re.search("[ғӣқӯҳҷ]", text) else "ru" if re.search("[а-я]", text) else "en"


def some_questions():
    rows = map(json.loads, (ROOT / "tests" / "golden" / "questions.jsonl").read_text(encoding="utf-8").splitlines())
    asked = [row["question"] for row in rows if row["answerable"] and row["language"] in ("tg", "ru")]
    return asked[::len(asked) // (2 * QUESTIONS)]


def lying(assistant, liar):
    return Assistant(assistant.snapshot, assistant.snapshot_id, assistant.today, Drafting([liar]))


def leaked(assistant, question):
    """Return the lies about a question that were shown, and all that were told, asking until nothing is left."""
    liar, shown = Liar(), []
    while liar.left is None or liar.left:
        answer = lying(assistant, liar).ask(question)
        if not liar.told:
            break
        shown += [claim.text for claim in answer.claims if claim.kind is ClaimKind.GENERATED]
    return shown, liar.told


def test_a_generator_that_lies_in_every_way_leaks_no_sentence(assistant):
    told, answered, wanted = [], 0, set(Lie) - {Lie.SIBLING, Lie.WORD_NUMBER, Lie.SWAP}
    for question in some_questions():
        shown, lies_told = leaked(assistant, question)
        assert shown == []
        told += [lie.lie for lie, _ in lies_told]
        answered += bool(lies_told)
        if answered >= QUESTIONS and set(told) >= wanted:
            break
    assert answered >= QUESTIONS
    assert set(told) >= wanted


def test_the_composed_answer_stands_as_it_was_beside_lies(assistant):
    question = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"
    before, after = assistant.ask(question), lying(assistant, Liar()).ask(question)
    assert after.claims == before.claims
