"""The measures of one ranking, and how sure a mean of them is: values worked out by hand."""

from __future__ import annotations

from math import log2
from statistics import fmean

import numpy
import pytest

from assistant.intervals import interval, paired, sign_test
from assistant.ranking import ndcg, ranking_measures, recall, reciprocal_rank, success

EXPECTED = ("a", "b", "c")
FOUND = ("x", "a", "y", "b", "z", "c")


def test_recall_is_the_share_of_the_expected_among_the_first():
    assert [recall(EXPECTED, FOUND, k) for k in (1, 2, 5, 10)] == [0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1]


def test_success_and_reciprocal_rank_look_at_the_first_that_is_right():
    assert [success(EXPECTED, FOUND, k) for k in (1, 2, 5)] == [0, 1, 1]
    assert reciprocal_rank(EXPECTED, FOUND, 10) == 0.5
    assert reciprocal_rank(EXPECTED, FOUND, 1) == 0


def test_ndcg_weighs_a_place_by_its_logarithm():
    gained = 1 / log2(3) + 1 / log2(5) + 1 / log2(7)
    assert ndcg(EXPECTED, FOUND, 10) == pytest.approx(gained / (1 + 1 / log2(3) + 1 / 2))
    assert ndcg(EXPECTED, ("a",), 1) == 1
    assert ndcg(EXPECTED, ("c", "b", "a"), 10) == 1


def test_the_measures_are_those_that_ir_measures_prints_for_its_own_example():
    rankings = {"Q0": (["D1"], ["D0", "D1"]), "Q1": (["D3"], ["D3", "D0"])}
    found = [ranking_measures(expected, ranking) for expected, ranking in rankings.values()]
    assert fmean(one["nDCG@10"] for one in found) == pytest.approx(0.8154648767857288)
    assert fmean(one["RR@10"] for one in found) == 0.75
    assert list(found[0]) == ["R@1", "R@5", "nDCG@10", "Success@1", "Success@5", "RR@10"]


def test_a_document_found_twice_counts_once_where_it_stands_first():
    twice = ("x", "a", "a", "b", "a")
    assert ranking_measures(EXPECTED, twice) == ranking_measures(EXPECTED, ("x", "a", "b"))
    assert twice == ("x", "a", "a", "b", "a")


def test_nothing_found_is_nought_and_nothing_expected_is_refused():
    assert set(ranking_measures(EXPECTED, ()).values()) == {0.0}
    with pytest.raises(ValueError, match="expected"):
        ranking_measures((), FOUND)


def test_an_interval_is_as_wide_as_the_spread_says():
    # A share of a half in 400 has a standard error of 0.025, and 1.96 of them are 0.049.
    low, high = interval([0.0, 1.0] * 200)
    assert low == pytest.approx(0.451, abs=0.005)
    assert high == pytest.approx(0.549, abs=0.005)


def test_nineteen_of_twenty_intervals_hold_the_true_mean():
    samples = numpy.random.default_rng(7).normal(0.6, 0.2, size=(400, 60)).tolist()
    held = [low <= 0.6 <= high for low, high in map(interval, samples)]
    assert 0.92 <= fmean(held) <= 0.97


def test_the_same_seed_gives_the_same_interval_and_leaves_the_values_alone():
    values = [0.1, 0.5, 0.9, 1.0, 0.0, 0.3, 0.7]
    before = list(values)
    assert interval(values) == interval(values)
    assert interval(values, seed=1) != interval(values, seed=2)
    assert values == before


def test_equal_values_have_an_interval_without_width_and_no_values_have_none():
    assert interval([1.0, 1.0, 1.0]) == (1.0, 1.0)
    with pytest.raises(ValueError, match="no values"):
        interval([])


def test_a_sign_test_counts_the_ways_a_coin_can_fall():
    assert sign_test(9, 1) == sign_test(1, 9) == 2 * (1 + 10) / 1024
    assert sign_test(5, 0) == 2 / 32
    assert sign_test(5, 5) == sign_test(0, 0) == 1
    assert 0 < sign_test(5000, 4000) < 1e-9


def test_pairs_are_compared_question_by_question():
    found = paired([1, 1, 1, 0, 0.5], [0, 0, 1, 1, 0.5])
    assert (found.won, found.lost, found.p) == (2, 1, 1.0)
    assert found.difference == pytest.approx(0.2)
    assert found.low < 0.2 < found.high


def test_what_both_runs_share_does_not_widen_the_difference():
    hard_and_easy = [0.0, 0.9, 0.1, 0.8, 0.05, 0.7]
    found = paired([value + 0.1 for value in hard_and_easy], hard_and_easy)
    assert (found.low, found.high) == (pytest.approx(0.1), pytest.approx(0.1))
    assert (found.won, found.lost, found.p) == (6, 0, 2 / 64)


def test_rounding_in_the_last_bits_wins_nothing():
    found = paired([0.1 + 0.2], [0.3])
    assert (found.won, found.lost, found.p) == (0, 0, 1)


def test_unequal_runs_cannot_be_paired():
    with pytest.raises(ValueError, match="shorter"):
        paired([1, 1], [1])
