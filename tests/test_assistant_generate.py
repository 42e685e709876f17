"""The generators of a machine: which are asked, in which order, and who waits for them."""

from __future__ import annotations

from threading import Thread

import pytest

from assistant.errors import AssistantError
from assistant.generate import SERVER, Draft, Finish, Request, open_generators, whole
from assistant.line import MAX_WAITING, BusyError, Line
from assistant.models import Models
from assistant.server_settings import Server

LOCAL = Server("http://127.0.0.1:1/v1", "soro")


def test_a_machine_without_models_and_servers_has_no_generators_and_no_problem(tmp_path):
    opened = open_generators("auto", None, Models(tmp_path))
    assert (opened.generators, opened.problem) == ((), None)


@pytest.mark.parametrize("name", ["auto", SERVER])
def test_a_configured_server_is_asked_first_and_no_model_is_loaded_for_it(tmp_path, name, no_network):
    opened = open_generators(name, LOCAL, Models(tmp_path))
    assert [(each.name, each.shows_text, each.waiting) for each in opened.generators] == [("soro@127.0.0.1", True, 0)]
    opened.generators[0].close()


@pytest.mark.parametrize("name", ["soro", "номаълум", SERVER])
def test_a_generator_that_cannot_be_opened_is_a_problem_with_a_next_step_and_not_an_error(tmp_path, name):
    opened = open_generators(name, None, Models(tmp_path))
    assert opened.generators == ()
    assert isinstance(opened.problem, AssistantError)
    assert opened.problem.hint


def test_a_named_model_is_asked_alone(tmp_path):
    opened = open_generators("soro", LOCAL, Models(tmp_path))
    assert (opened.generators, opened.problem.code) == ((), "model_missing")


def test_a_draft_is_what_its_pieces_return():
    draft = Draft("Боҷ ройгон аст. [1]", "soro", Finish.STOP, 2, 0.1)

    def pieces():
        yield "Боҷ "
        yield "ройгон аст. [1]"
        return draft
    assert whole(pieces()) is draft


def test_a_request_is_over_when_it_is_cancelled_or_late_and_keeps_what_was_written():
    now, gone = [5.0], [False]
    request = Request(1, "soro", lambda: now[0], 10, lambda: gone[0])
    request.texts.append("Боҷ ")
    assert request.over() is None
    now[0] = 15
    assert request.over() is Finish.DEADLINE
    gone[0] = True
    assert request.over() is Finish.CANCELLED
    assert request.draft(Finish.CANCELLED) == Draft("Боҷ ", "soro", Finish.CANCELLED, 0, 10)


# The line


def test_the_first_who_came_is_served_and_the_next_when_that_one_leaves():
    line = Line()
    first, second, third = line.enter(), line.enter(), line.enter()
    assert [each.comes(0) for each in (first, second, third)] == [True, False, False]
    with second:
        with first:
            assert line.taken == 3
        assert [each.comes(0) for each in (second, third)] == [True, False]
    assert (third.comes(0), line.taken) == (True, 1)


def test_whoever_comes_when_every_place_is_taken_is_turned_away_and_the_others_stay():
    line = Line(at_once=2)
    places = [line.enter() for _ in range(2 + MAX_WAITING)]
    with pytest.raises(BusyError, match=f"{2 + MAX_WAITING} questions are before this one") as busy:
        line.enter()
    assert busy.value.hint.startswith("The composed answer stands")
    assert [each.comes(0) for each in places] == [True, True] + [False] * MAX_WAITING
    line.leave(places[0])
    line.leave(places[0])
    assert (line.taken, line.enter().comes(0)) == (1 + MAX_WAITING, False)


def test_one_who_gives_up_waiting_lets_the_next_pass_and_is_never_served():
    line = Line()
    first, second, third = line.enter(), line.enter(), line.enter()
    line.leave(second)
    line.leave(first)
    assert (second.comes(0), third.comes(0)) == (False, True)


def test_one_who_waits_is_woken_when_the_turn_comes():
    line, served = Line(), []
    first, second = line.enter(), line.enter()
    thread = Thread(target=lambda: served.append(second.comes(60)))
    thread.start()
    line.leave(first)
    thread.join(30)
    assert served == [True]
