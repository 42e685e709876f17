"""Examples made from what the program itself finds for the written questions."""

from __future__ import annotations

import pytest

from assistant.prompt import cited_sentences
from assistant.verify import fault
from training.mini import found as found_module
from training.mini.examples import ABSTAIN
from training.mini.facts import asked

SEED = 3


@pytest.fixture(scope="module")
def some():
    """Every twelfth question of the train part, and every one that nothing answers of the first hundred."""
    return tuple(one for number, one in enumerate(asked("train"))
                 if number % 12 == 0 or (number < 100 and not one.answered_by))


@pytest.fixture(scope="module")
def made(assistant, some):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(found_module, "asked", lambda part: some if part == "train" else ())
        return list(found_module.found(assistant, "train", SEED))


def test_every_target_is_a_draft_that_would_be_shown_on_the_evidence_found(made):
    answered = [one for one in made if one.target != ABSTAIN]
    assert len(answered) > 30
    for one in answered:
        (said,) = cited_sentences(one.target)
        assert fault(said.text, [one.evidence[said.numbers[0] - 1]], language=one.language) is None


def test_only_questions_that_nothing_answers_are_answered_with_the_mark(made, some):
    unanswered = {question for one in some if not one.answered_by for question, _ in found_module._spelled(one)}
    silent = [one for one in made if one.target == ABSTAIN]
    assert silent
    assert {one.question for one in silent} <= unanswered
    assert not {one.question for one in made if one.target != ABSTAIN} & unanswered
    assert {one.kind for one in silent} == {"found_unanswered"}
    assert {one.kind for one in made if one.target != ABSTAIN} == {"found"}


def test_a_question_is_asked_in_other_spellings_and_no_example_is_given_twice(made):
    assert {"proper", "made: no letters", "made: Latin, chat", "made: one slip"} <= {one.style for one in made}
    assert len({(one.question, one.evidence) for one in made}) == len(made)


def test_no_evidence_carries_the_mark_not_confirmed_which_the_program_puts_back_itself(made):
    assert not [text for one in made for text in one.evidence if text.startswith(("Тасдиқнашуда:", "Не подтверждено:"))]


@pytest.mark.parametrize(("short", "kept"), [
    ("Аризаи ном дар як моҳ баррасӣ мешавад.", False),
    ("Аз январи 2021 ариза дар як моҳ баррасӣ мешавад.", False),
    ("Тибқи хабари расонаҳо аз январи 2021 ариза дар як моҳ баррасӣ мешавад.", True)])
def test_a_short_answer_keeps_the_year_and_who_says_so(short, kept):
    quote = "Тибқи хабари расонаҳо аз январи 2021 аризаи иваз намудани ном дар як моҳ баррасӣ мешавад."
    assert found_module._keeps(short, quote) is kept
