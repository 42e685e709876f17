"""Why an answer is what it is: what was understood, found, weighed, left out and verified is shown."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.abstain import SIGNS
from assistant.answer import Assistant
from assistant.drafting import Drafting
from assistant.explain import explained
from assistant.generate import Draft, Finish
from tests.office import BOATS, HUNTING

TRUE = "Шаҳодатномаи шикорчӣ дар муҳлати 10 рӯз дода мешавад. [1]"
LIE = "Шаҳодатномаи шикорчӣ дар муҳлати 99 рӯз дода мешавад. [1]"


class Writer:
    """A generator that tells the truth and a lie."""

    name, shows_text, waiting = "soro", True, 0

    def stream(self, _prompt, **_options):
        yield f"{TRUE} {LIE}"
        return Draft("", self.name, Finish.STOP, 9, 0.1)


@pytest.fixture
def lines(office):
    def told(question, **options):
        return explained(office.account(question, **options), office.snapshot)

    return told


def test_the_question_the_hits_and_the_sentences_are_shown_in_the_order_of_the_pipeline(lines):
    shown = lines(HUNTING)
    heads = [line.split(" ")[0] for line in shown if line[:1].isalpha()]
    assert heads == ["understood", "hits", "sentences", "chance"]
    assert next(line for line in shown if "Шаҳодатномаи шикорчӣ: муҳлат" in line).startswith(" 1. ")
    whole = "\n".join(shown)
    assert "language tg, script Cyrl, asks for how_long" in whole
    assert "about: шаҳодатномаи шикорчӣ" in whole.casefold()


def test_chosen_sentences_are_marked_with_their_scores_and_facts(lines):
    chosen = [line for line in lines(HUNTING) if line.startswith("  * ")]
    assert len(chosen) == 1
    assert "hunting-2022, duration fact-hunting-2022" in chosen[0]
    assert float(chosen[0].split()[1]) > 0


def test_what_lapsed_is_shown_as_left_out_and_on_its_day_as_chosen(lines):
    shown = lines(BOATS)
    assert "left out, since it does not hold on that day" in shown
    assert any(line.startswith("  - ") and "boats" in line for line in shown)
    assert any(line.startswith("  * ") and "hunting-2015" in line for line in lines(HUNTING, at=date(2018, 5, 1)))


def test_the_chance_is_shown_with_what_it_is_made_of(lines):
    shown = lines(HUNTING)
    at = next(number for number, line in enumerate(shown) if line.startswith("chance that this answers"))
    assert "of 0.30 needed" in shown[at]
    parts = [part.rsplit(" ", 1) for part in shown[at + 1].strip().split(", ")]
    assert {name for name, _ in parts} <= set(SIGNS)
    assert [abs(float(value)) for _, value in parts] == sorted((abs(float(value)) for _, value in parts), reverse=True)


def test_every_sentence_of_a_draft_is_shown_with_what_became_of_it(office):
    worded = Assistant(office.snapshot, office.snapshot_id, office.today, Drafting([Writer()]))
    account = worded.worded(worded.account(HUNTING))
    shown = [line for line in explained(account, office.snapshot) if line.startswith("  soro: ")]
    assert shown[0].endswith("[1] → shown")
    assert shown[1].endswith("[1] → dropped: a number that is in no quote")
    assert not any("sentences of the draft" in line for line in explained(office.account(HUNTING), office.snapshot))


def test_a_declined_question_says_why_and_shows_no_sentence(lines):
    shown = lines("нафакаи модарам кам омад чаро")
    assert any(line == "  declined: abstained_needs_clerk" for line in shown)
    assert not any(line.startswith("sentences") for line in shown)


def test_personal_data_and_orders_are_named_by_kind_and_not_repeated(lines):
    whole = "\n".join(lines("Телефони ман +992 918 12 34 56, шаҳодатномаи шикорчӣ дар чанд рӯз дода мешавад?"))
    assert "personal data taken out: phone" in whole
    assert "918" not in whole
