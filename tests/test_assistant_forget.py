"""What functions keep for the next time holds nothing of the last visit."""

from __future__ import annotations

import gc
from ctypes import CDLL

import pytest

from assistant.forget import forget
from tests.footprint import memory_mb
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


@pytest.mark.skipif(not hasattr(CDLL(None), "malloc_trim"), reason="the C library gives nothing back when asked")
def test_memory_that_was_freed_is_given_back():
    held = [bytearray(b"x" * 2_000) for _ in range(20_000)]
    last = bytearray(2_000)            # above the others: the end of the memory is in use
    del held
    before = memory_mb()
    forget(None)
    assert memory_mb() < before - 20
    assert len(last) == 2_000
