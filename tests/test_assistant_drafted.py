"""What a model's drafts are worth: each judged alone, shown or not."""

from __future__ import annotations

import re
from dataclasses import replace

from assistant.answer import Assistant
from assistant.drafted import MEASURES, Drafted, measures
from assistant.drafting import Drafting
from assistant.evaluate import Asked, report, run
from assistant.generate import Draft, Finish
from assistant.scores import score_lines

FEE = Asked("1", "Боҷи иваз намудани ном чанд аст?", "tg", "proper", "name-change", "train", True, ("name-change",),
            ("6 нишондиҳанда",))
NOWHERE = Asked("2", "Ба фикри ту кадом ҳизб беҳтар аст?", "tg", "proper", "none-10", "test", False, (), ())


class Reader:
    """Writes what `draft` makes of the numbered sentences it is given."""

    waiting = 0

    def __init__(self, draft, *, shows_text=True, end=Finish.STOP):
        self.name, self.shows_text, self.draft, self.end, self.asked = "reader", shows_text, draft, end, 0

    def stream(self, prompt, *, deadline_s, cancelled):
        self.asked += 1
        written = self.draft(re.findall(r"\[\d\] (.+)", prompt.body))
        yield written
        return Draft(written, self.name, self.end, 9, 0.1)


def outcome(assistant, asked, draft, **options):
    with_model = Assistant(assistant.snapshot, assistant.snapshot_id, assistant.today,
                           Drafting([Reader(draft, **options)]))
    return run(with_model, [asked])[0]


def copied(sentences):
    return f"{sentences[0].rstrip('.')}. [1]"


def test_a_draft_that_copies_the_right_sentence_holds_is_right_and_says_the_value_first(assistant):
    found = outcome(assistant, FEE, copied)
    draft = found.draft
    assert (draft.answerable, draft.shown, draft.abstained, draft.holds, draft.right, draft.value_first) == (
        True, True, False, True, True, True)
    assert draft.words == draft.quote_words > 0
    assert draft.first_s >= 0
    assert found.answer.generator == "reader"


def test_a_draft_that_alters_a_number_does_not_hold_and_is_not_shown(assistant):
    plain = run(assistant, [FEE])[0]
    found = outcome(assistant, FEE, lambda sentences: f"{re.sub('[0-9]+', '9', sentences[0]).rstrip('.')}. [1]")
    assert (found.draft.sentences, found.draft.held, found.draft.holds) == (1, 0, False)
    assert found.draft.right is found.draft.value_first is None
    assert found.answer.claims == plain.answer.claims
    assert plain.draft is None


def test_an_abstention_is_counted_and_the_composed_answer_stands(assistant):
    plain = run(assistant, [FEE])[0]
    found = outcome(assistant, FEE, lambda _: "[0]")
    assert (found.draft.abstained, found.draft.sentences) == (True, 0)
    assert found.answer.claims == plain.answer.claims


def test_of_a_model_whose_text_nobody_sees_the_draft_is_judged_all_the_same(assistant):
    found = outcome(assistant, FEE, copied, shows_text=False)
    assert (found.draft.holds, found.draft.right) == (True, True)
    assert found.answer.generator == "extractive"


def test_where_the_answer_was_declined_a_draft_is_asked_for_and_not_shown(assistant):
    plain = run(assistant, [NOWHERE])[0]
    found = outcome(assistant, NOWHERE, copied)
    assert (plain.answered, found.draft.answerable, found.draft.holds, found.draft.right) == (False, False, True, False)
    assert found.answer == replace(plain.answer, timings_ms=found.answer.timings_ms)


def test_nothing_is_measured_where_the_language_is_not_written(assistant):
    assert outcome(assistant, FEE, lambda _: "", end=Finish.UNASKED).draft is None


def test_the_measures_count_what_they_say():
    whole = Drafted(True, True, False, False, 2, 2, True, False, 10, 20, 25, 1.0, 2.0)
    broken = replace(whole, held=1, right=None, value_first=None, whole_s=4.0)
    silent = replace(whole, answerable=False, abstained=True, sentences=0, held=0, right=None, value_first=None,
                     words=0, first_s=3.0)
    given_up = replace(whole, unsure=True, sentences=0, held=0)
    assert (measures([whole, given_up])["unsure"], measures([whole, given_up])["worded"]) == (0.5, 0.5)
    assert measures([whole, given_up])["held"] == 1, "what was not written is not judged"
    unseen = replace(whole, shown=False, held=0)
    found = measures([whole, broken, silent])
    assert measures([whole, broken, silent, unseen])["held"] == 0.5, "what nobody would see is not counted"
    assert set(found) == set(MEASURES)
    assert (found["drafts"], found["held"], found["sentences held"]) == (3, 0.5, 0.75)
    assert (found["right"], found["value first"], found["length"], found["length of quotes"]) == (1, 0, 0.5, 0.4)
    assert (found["abstains"], found["over-abstains"]) == (1, 0)
    assert (found["first piece s"], found["whole s"]) == (1.0, 2.0)
    assert not any(measures([]).values())


def test_the_tables_tell_of_drafts_only_where_there_are_some(assistant):
    plain, worded = run(assistant, [FEE]), [outcome(assistant, FEE, copied)]
    assert not any("drafts" in line for line in score_lines(report(plain)))
    lines = score_lines(report(worded))
    assert any(line.startswith("drafts, each judged alone") for line in lines)
    assert all(any(told in line for line in lines) for told in MEASURES.values())
