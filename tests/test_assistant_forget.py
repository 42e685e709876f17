"""What functions keep for the next time holds nothing of the last visit."""

from __future__ import annotations

import gc

from assistant.forget import forget
from tests.memory import remembers, rooms

# A word that nothing else has.
CANARY = "қбвгджзклмнпрст"


def test_no_word_of_a_question_is_kept_when_a_visit_has_ended(assistant):
    assistant.ask(f"Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд? {CANARY}")
    gc.collect()
    assert remembers([assistant, *rooms()], CANARY) != []
    forget(assistant.snapshot)
    assert remembers([assistant, *rooms()], CANARY) == []


def test_it_answers_the_same_after_everything_was_forgotten(assistant):
    question = "Шиносномаи хориҷӣ чанд пул аст?"
    before = assistant.ask(question)
    forget(assistant.snapshot)
    after = assistant.ask(question)
    assert (after.claims, after.hits) == (before.claims, before.hits)
