"""Drafts become claims sentence by sentence; whatever a generator does, only verified sentences come out."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread

import pytest

from assistant.drafting import MAX_LETTERS, Drafting, Notice, Refusal, Writing
from assistant.errors import AssistantError
from assistant.generate import Draft, Finish, Pieces
from assistant.line import BusyError, Line
from assistant.llama import LlamaGenerator
from assistant.models import Models
from assistant.openai_http import ServerError
from assistant.profile import Role, profiles
from assistant.prompt import MAX_SENTENCES, Prompt
from assistant.query import understand
from assistant.records import Citation, Claim, ClaimKind
from assistant.texts import text
from assistant.verify import Fault
from tests.entries import entry

WORKER = Path(__file__).parent / "assets" / "scripted_worker.py"
FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TERM = "Шиноснома дар муҳлати 10 рӯзи корӣ дода мешавад."
TRUE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст. [1]"
ALSO = "Шиноснома дар 10 рӯзи корӣ дода мешавад. [2]"
LIE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 200 сомонӣ аст. [1]"
QUERY = understand("Шиносномаи хориҷӣ чанд сомонӣ аст?", today=date(2026, 11, 25))


def cited(*quotes: str) -> tuple[Citation, ...]:
    document = entry("шиноснома", *quotes)
    return tuple(Citation(passage, document.document, (0, len(passage.text))) for passage in document.passages)


CITATIONS = cited(FEE, TERM)


class Scripted:
    """A generator that writes what it is told to, piece by piece, and then ends as it is told to."""

    waiting = 0

    def __init__(self, *pieces: str, name: str = "soro", end: Finish | Exception = Finish.STOP,
                 shows_text: bool = True, before: Callable[[], None] = lambda: None) -> None:
        self.pieces, self.name, self.end, self.shows_text, self._before = pieces, name, end, shows_text, before
        self.prompts: list[Prompt] = []
        self.deadlines: list[float] = []
        self.written = 0
        self.closed = self.left = False

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Pieces:
        self.prompts.append(prompt)
        self.deadlines.append(deadline_s)
        try:
            for piece in self.pieces:
                if cancelled():
                    return self._draft(Finish.CANCELLED)
                self._before()
                self.written += 1
                yield piece
            if isinstance(self.end, Exception):
                raise self.end
            return self._draft(self.end)
        except GeneratorExit:
            self.left = True
            raise

    def close(self) -> None:
        self.closed = True

    def _draft(self, finish: Finish) -> Draft:
        return Draft("".join(self.pieces), self.name, finish, self.written, 0.1)


def write(*generators: Scripted, citations: tuple[Citation, ...] = CITATIONS, **options: object) -> Writing:
    return Drafting(generators).begin(QUERY, citations, **options)


def read(writing: Writing) -> list[str]:
    return [claim.text for claim in writing]


def letters(draft: str) -> Scripted:
    return Scripted(*draft)


# Sentences


def test_a_verified_sentence_is_a_claim_on_the_evidence_it_names():
    writing = write(letters(f"{TRUE} {ALSO}"))
    assert list(writing) == [Claim(FEE, ClaimKind.GENERATED, CITATIONS[:1]),
                             Claim("Шиноснома дар 10 рӯзи корӣ дода мешавад.", ClaimKind.GENERATED, CITATIONS[1:])]
    assert (writing.model, writing.warnings, writing.abstained) == ("soro", (), False)
    assert [(verdict.fault, verdict.shown) for verdict in writing.verdicts] == [(None, True)] * 2


def test_a_sentence_is_shown_before_the_next_one_is_written():
    generator = letters(f"{TRUE} {ALSO}")
    claims = iter(write(generator))
    assert next(claims).text == FEE
    assert generator.written == len(TRUE) + 2


def test_a_sentence_on_two_quotes_cites_both_and_each_once():
    claims = list(write(letters("Шиносномаи хориҷӣ 250 сомонӣ, муҳлати он 10 рӯзи корӣ аст. [1][2][1]")))
    assert [claim.citations for claim in claims] == [CITATIONS]


@pytest.mark.parametrize(("lie", "why"), [
    (LIE, Fault.NUMBER),
    ("Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ нест. [1]", Fault.NEGATION),
    ("Ҳама метавонанд ройгон ба тамошои боғи ҳайвонот раванд. [1]", Fault.AUDIENCE),
    ("Боҷ ройгон. Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст. [1]", Fault.WORDS),
    ("Ҳеҷ чиз лозим нест. Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст. [1]", Fault.NEGATION),
    ("Государственная пошлина за заграничный паспорт 250 сомони. [1]", Fault.LANGUAGE),
    (TRUE.replace("[1]", "[3]"), Refusal.EVIDENCE),
    (TRUE.replace("[1]", "[1][4]"), Refusal.EVIDENCE),
    (TRUE.replace("[1]", "[12]"), Refusal.EVIDENCE),
    (TRUE.replace("[1]", "[ ]"), Refusal.EVIDENCE),
    (TRUE.replace("сомонӣ", "**сомонӣ**"), Refusal.FORM),
    (TRUE.replace(" 250", "\n250"), Refusal.FORM),
    (TRUE.replace("250", "25\u202e0"), Refusal.FORM),
    (TRUE.replace("250", "25\ud8000"), Refusal.FORM),
    (TRUE.replace("аст. [1]", "аст [1]"), Refusal.FORM)])
def test_a_sentence_that_fails_is_dropped_with_its_reason_and_the_next_is_judged_for_itself(lie, why):
    writing = write(letters(f"{lie} {ALSO}"))
    assert read(writing) == [ALSO.removesuffix(" [2]")]
    assert [(verdict.fault, verdict.shown) for verdict in writing.verdicts] == [(why, False), (None, True)]


def test_what_comes_after_the_last_number_is_never_shown_and_is_noted():
    writing = write(letters(f"{TRUE} Ва боз ҳазор сомонӣ"))
    assert read(writing) == [FEE]
    assert [(verdict.sentence, verdict.fault, verdict.shown) for verdict in writing.verdicts] == [
        (FEE, None, True), ("Ва боз ҳазор сомонӣ", Refusal.FORM, False)]


@pytest.mark.parametrize("draft", ["Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст [1].",
                                   "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст. [1, 1]",
                                   "- Боҷи давлатӣ барои шиносномаи  хориҷӣ 250 сомонӣ аст.[1]",
                                   "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст. [1] [1]\n"])
def test_the_habits_of_models_without_a_grammar_are_understood(draft):
    assert read(write(letters(draft))) == [FEE]


def test_the_same_sentence_is_shown_once():
    writing = write(letters(f"{TRUE} {TRUE} {ALSO}"))
    assert len(read(writing)) == 2
    assert writing.verdicts[1].fault is Refusal.REPEATED


def test_at_most_five_sentences_of_evidence_are_given():
    generator = letters(TRUE)
    quotes = [FEE, *(f"Ҳуҷҷати рақами {number} лозим аст." for number in range(2, 8))]
    assert read(write(generator, citations=cited(*quotes))) == [FEE]
    assert "[5] Ҳуҷҷати рақами 5" in generator.prompts[0].body
    assert "Ҳуҷҷати рақами 6" not in generator.prompts[0].body


# The budget


def test_after_as_many_sentences_as_are_allowed_nothing_more_is_read():
    generator = Scripted(*(f"Боҷи давлатӣ {word} 250 сомонӣ аст. [1] " for word in ("барои шиноснома", "хориҷӣ",
                         "барои шиносномаи хориҷӣ", "шиносномаи хориҷӣ", "барои хориҷӣ", "шиноснома")))
    writing = write(generator)
    assert len(read(writing)) == MAX_SENTENCES
    assert (generator.left, generator.written) == (True, MAX_SENTENCES + 1)


def test_a_model_that_never_closes_a_sentence_is_stopped():
    generator = Scripted(*(["ҳуҷҷат "] * 100_000))
    writing = write(generator)
    assert read(writing) == []
    assert generator.written * len("ҳуҷҷат ") <= MAX_LETTERS + 10
    assert writing.warnings == (text("tg", "generate", Notice.DROPPED, model="soro"),)


def test_a_model_that_says_the_evidence_does_not_answer_yields_no_claims_and_no_warning():
    first, second = letters("[0]"), letters(TRUE)
    writing = write(first, second)
    assert read(writing) == []
    assert (writing.abstained, writing.model, writing.warnings, second.prompts) == (True, "", (), [])


def test_nothing_after_the_mark_of_abstaining_is_shown():
    writing = write(letters(f"[0] {TRUE}"))
    assert read(writing) == []
    assert writing.abstained


def test_without_evidence_or_generators_nothing_is_asked():
    generator = letters(TRUE)
    assert read(write(generator, citations=())) == []
    assert read(write(generator, citations=cited("<eos>"))) == []
    assert read(write()) == []
    assert generator.prompts == []


# One generator after another


SERVER_GONE = ServerError("Model server soro@ai cannot be reached.")


@pytest.mark.parametrize(("first", "notice"), [
    (Scripted(end=SERVER_GONE, name="server"), Notice.UNREACHABLE),
    (Scripted(end=BusyError("4 questions are before this one."), name="server"), Notice.BUSY),
    (Scripted(end=AssistantError("no"), name="server"), Notice.FAILED),
    (Scripted("Боҷи ", end=Finish.DIED, name="server"), Notice.FAILED),
    (Scripted(LIE, name="server"), Notice.DROPPED),
    (Scripted("", name="server"), Notice.DROPPED),
    (Scripted(TRUE, name="server", shows_text=False), Notice.ENGINE_CHECK)])
def test_a_generator_that_gave_nothing_to_show_is_followed_by_the_next_and_without_one_there_is_a_notice(first, notice):
    followed = write(first, letters(TRUE))
    assert read(followed) == [FEE]
    assert (followed.model, followed.warnings) == ("soro", ())
    assert [attempt.model for attempt in followed.attempts] == ["server", "soro"]
    alone = write(first)
    assert read(alone) == []
    assert (alone.model, alone.warnings) == ("", (text("tg", "generate", notice, model="server"),))


@pytest.mark.parametrize("end", [SERVER_GONE, Finish.DIED, Finish.DEADLINE])
def test_what_was_verified_before_a_generator_failed_stays_and_no_other_is_asked(end):
    second = letters(TRUE)
    writing = write(Scripted(f"{TRUE} ", "Шиноснома дар 10", end=end, name="server"), second)
    assert read(writing) == [FEE]
    assert writing.warnings == (text("tg", "generate", Notice.CUT, model="server"),)
    assert second.prompts == []


def test_the_time_is_for_all_generators_together():
    now = [0.0]
    first = Scripted("Боҷи ", end=SERVER_GONE, before=lambda: now.__setitem__(0, now[0] + 45))
    second, third = Scripted("Боҷи ", end=Finish.DEADLINE, before=first._before), letters(TRUE)
    writing = Drafting((first, second, third), clock=lambda: now[0]).begin(QUERY, CITATIONS, deadline_s=60)
    assert list(writing) == []
    assert (first.deadlines, second.deadlines, third.deadlines) == ([60], [15], [])
    assert [attempt.first_piece_s for attempt in writing.attempts] == [45, 45]


def test_a_reader_that_leaves_ends_the_writing_and_a_cancelled_draft_asks_nobody_else():
    generator = letters(f"{TRUE} {ALSO}")
    claims = iter(write(generator))
    next(claims)
    claims.close()
    assert generator.left
    cancelled, second = Event(), letters(TRUE)
    first = Scripted("Боҷи ", "давлатӣ ", before=cancelled.set)
    writing = write(first, second, cancelled=cancelled.is_set)
    assert read(writing) == []
    assert (first.written, second.prompts, writing.warnings) == (1, [], ())


@pytest.mark.parametrize("language", ["tg", "ru", "en"])
def test_every_notice_has_words_in_the_language_of_the_question(language):
    said = [text(language, "generate", notice, model="soro") for notice in Notice]
    assert len(set(said)) == len(Notice)
    writing = Drafting((Scripted(end=SERVER_GONE),)).begin(replace(QUERY, language=language), CITATIONS)
    assert read(writing) == []
    assert writing.warnings == (text(language, "generate", "unreachable", model="soro"),)


def test_closing_closes_every_generator():
    generators = letters(TRUE), letters(ALSO)
    Drafting(generators).close()
    assert all(generator.closed for generator in generators)


# The model in its process


@pytest.fixture
def llama() -> Iterator[LlamaGenerator]:
    """A generator in a child process that follows a script."""
    command = [sys.executable, "-I", "-S", str(WORKER), "well"]
    with LlamaGenerator("soro", Path("soro.gguf"), profiles()["soro"], command=command, line=Line(1, 1)) as generator:
        yield generator


def asked_of(generator: LlamaGenerator, task: str) -> Writing:
    """A draft whose prompt ends with a task for the scripted child."""
    return Drafting((_Task(generator, task),)).begin(QUERY, cited("Ҷумлаи дуюм.", TERM), deadline_s=1e9)


class _Task:
    """A generator whose child is told what to write, whatever the prompt."""

    shows_text = True

    def __init__(self, generator: LlamaGenerator, task: str) -> None:
        self.name, self._generator, self._task = generator.name, generator, task

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Pieces:
        return self._generator.stream(replace(prompt, body=self._task), deadline_s=deadline_s, cancelled=cancelled)


def test_two_who_ask_at_once_each_get_their_draft_in_turn_and_the_third_is_told_that_it_is_busy(llama):
    texts: list[list[str]] = []
    first = llama.stream(Prompt("", "wait"), deadline_s=1e9)
    next(first)
    second = Thread(target=lambda: texts.append(read(asked_of(llama, "write дуюм"))))
    second.start()
    while llama.waiting < 2:
        pass
    third = asked_of(llama, "write дуюм")
    assert read(third) == []
    assert third.warnings == (text("tg", "generate", "busy", model="soro"),)
    assert texts == []
    first.close()
    second.join()
    assert texts == [["Ҷумлаи дуюм."]]
    assert llama.waiting == 0


def test_a_thousand_questions_in_a_row_leave_neither_memory_nor_processes_behind(llama):
    def ask(count: int) -> None:
        for _ in range(count):
            assert read(asked_of(llama, "write дуюм")) == ["Ҷумлаи дуюм."]
        gc.collect()

    ask(200)
    before, child = (resident(os.getpid()), resident(llama.pid)), llama.pid
    ask(1_000)
    after = resident(os.getpid()), resident(llama.pid)
    assert llama.pid == child
    assert all(now <= then * 1.05 for then, now in zip(before, after, strict=True))


def resident(pid: int) -> int:
    """The pages of memory a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1])


@pytest.mark.model
def test_a_real_model_killed_in_the_middle_leaves_the_composed_answer_and_is_started_again_for_the_next():
    with TemporaryDirectory() as folder:
        models = Models(Path(folder))
        profile = replace(models.profile("gemma-270m"), role=Role.ANSWER)
        with LlamaGenerator("gemma", models.resolve("gemma-270m"), profile) as gemma:
            drafting = Drafting((_Killed(gemma),))
            killed = drafting.begin(QUERY, CITATIONS, deadline_s=120)
            assert read(killed) == []
            assert killed.warnings == (text("tg", "generate", "failed", model="gemma"),)
            writing = Drafting((gemma,)).begin(QUERY, CITATIONS, deadline_s=120)
            shown = read(writing)
            assert writing.attempts[0].finish in (Finish.STOP, Finish.LENGTH)
            assert shown == [verdict.sentence for verdict in writing.verdicts if verdict.shown]
            assert (gemma.waiting, gemma.pid is not None) == (0, True)


class _Killed:
    """The real model, whose process is killed at its second piece."""

    shows_text = True

    def __init__(self, generator: LlamaGenerator) -> None:
        self.name, self._generator = generator.name, generator

    def stream(self, prompt: Prompt, *, deadline_s: float, cancelled: Callable[[], bool]) -> Pieces:
        pieces = self._generator.stream(prompt, deadline_s=deadline_s, cancelled=cancelled)
        yield next(pieces)
        os.kill(self._generator.pid, signal.SIGKILL)
        return (yield from pieces)


# What is not confirmed, and who is not asked


MARKED = cited(f"Тасдиқнашуда: {FEE}", TERM)


def test_the_mark_not_confirmed_is_kept_from_the_model_and_stands_in_every_claim_on_that_quote():
    generator = letters(f"{TRUE} {ALSO}")
    first, second = write(generator, citations=MARKED)
    assert "Тасдиқнашуда" not in generator.prompts[0].text
    assert first == Claim(f"Тасдиқнашуда: {FEE}", ClaimKind.GENERATED, MARKED[:1])
    assert not second.text.startswith("Тасдиқнашуда")
    assert first.citations[0].quote.startswith("Тасдиқнашуда: ")


def test_a_model_that_writes_the_mark_itself_does_not_double_it():
    (claim,) = write(letters(f"Тасдиқнашуда: {TRUE}"), citations=MARKED)
    assert claim.text == f"Тасдиқнашуда: {FEE}"


def test_a_model_that_does_not_write_the_language_is_passed_over_without_a_word():
    unasked, next_one = Scripted(end=Finish.UNASKED), letters(TRUE)
    writing = write(unasked, next_one)
    assert read(writing) == [FEE]
    assert [attempt.notice for attempt in writing.attempts] == [None, None]
    assert (write(Scripted(end=Finish.UNASKED)).warnings, writing.warnings) == ((), ())


def test_a_draft_given_up_as_unsure_keeps_what_was_whole_and_nobody_is_told():
    some = write(Scripted(f"{TRUE} ", "Шиноснома дар", end=Finish.UNSURE))
    assert read(some) == [FEE]
    assert [verdict.fault for verdict in some.verdicts] == [None]
    none = write(Scripted("Шиноснома дар", end=Finish.UNSURE))
    assert (read(none), none.warnings, none.verdicts) == ([], (), [])


@pytest.mark.parametrize(("generator", "outcome"), [
    (Scripted(TRUE), "shown"), (Scripted("[0]"), "abstained"), (Scripted("Шиноснома дар", end=Finish.UNSURE), "unsure"),
    (Scripted(end=Finish.UNASKED), "unasked"), (Scripted(LIE), "dropped"), (Scripted(end=Finish.DIED), "failed"),
    (Scripted(end=Finish.CANCELLED), "cancelled")])
def test_what_became_of_a_draft_is_one_word_and_only_what_was_shown_is_called_so(generator, outcome):
    writing = write(generator)
    read(writing)
    assert [attempt.outcome for attempt in writing.attempts] == [outcome]
