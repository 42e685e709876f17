"""A server that failed: left alone, longer each time, tried by one, and never by all machines in the same second."""

from __future__ import annotations

import pytest

from assistant.circuit import MOST_S, REST_S, Circuit


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def circuit(clock):
    return Circuit(clock, lambda: 0.0)


def test_a_server_that_works_is_asked_by_everybody_at_once(circuit):
    assert [circuit.enter() for _ in range(5)] == [""] * 5
    circuit.worked()
    assert circuit.enter() == ""


def test_after_a_failure_it_is_left_alone_and_the_reason_is_told(circuit, clock):
    assert circuit.enter() == ""
    circuit.failed("It broke off.")
    assert circuit.enter() == "It broke off.  It is left alone for 30 more seconds."
    clock.now += REST_S - 1
    assert circuit.enter() == "It broke off.  It is left alone for 1 more seconds."
    clock.now += 1
    assert circuit.enter() == ""


def test_after_the_rest_one_tries_it_and_the_others_wait_for_what_that_one_finds(circuit, clock):
    circuit.failed("It broke off.")
    clock.now += REST_S
    assert circuit.enter() == ""
    assert circuit.enter() == "It broke off.  Another question tries it now."
    circuit.worked()
    assert [circuit.enter() for _ in range(3)] == [""] * 3


def test_one_who_leaves_before_it_is_known_lets_the_next_one_try(circuit, clock):
    circuit.failed("It broke off.")
    clock.now += REST_S
    assert circuit.enter() == ""
    circuit.left()
    assert circuit.enter() == ""
    assert circuit.enter() != ""


def test_each_failure_in_a_row_doubles_the_rest_up_to_a_bound_and_one_answer_ends_the_row(circuit, clock):
    rests = []
    for _ in range(2_000):
        assert circuit.enter() == ""
        circuit.failed("It broke off.")
        before = clock.now
        while circuit.enter():
            clock.now += REST_S
        rests.append(clock.now - before)
        circuit.left()
    assert rests[:6] == [30, 60, 120, 240, 480, 480]
    assert max(rests) == MOST_S
    circuit.worked()
    circuit.failed("It broke off.")
    assert "for 30 more" in circuit.enter()


def test_those_that_fail_together_are_one_failure(circuit, clock):
    assert [circuit.enter() for _ in range(4)] == [""] * 4
    for _ in range(4):
        circuit.failed("It broke off.")
    assert "for 30 more" in circuit.enter()
    clock.now += REST_S
    assert circuit.enter() == ""
    circuit.failed("It broke off.")
    assert "for 60 more" in circuit.enter()


@pytest.mark.parametrize(("asked", "rest"), [(7, 7), (0, 1), (10**9, MOST_S)])
def test_a_server_that_says_how_long_is_left_alone_so_long_within_bounds(circuit, clock, asked, rest):
    circuit.failed("It has too much to do.", asked)
    assert f"for {rest:.0f} more" in circuit.enter()
    clock.now += rest
    assert circuit.enter() == ""


def test_a_longer_rest_is_never_cut_short_by_another_failure(circuit, clock):
    circuit.failed("It has too much to do.", 100)
    circuit.failed("It broke off.")
    clock.now += 99
    assert circuit.enter() != ""


def test_two_machines_do_not_come_back_in_the_same_second(clock):
    first, second = Circuit(clock, lambda: 0.0), Circuit(clock, lambda: 1.0)
    first.failed("It broke off.", 20)
    second.failed("It broke off.", 20)
    clock.now += 20
    assert (first.enter(), second.enter()) == ("", "It broke off.  It is left alone for 10 more seconds.")
