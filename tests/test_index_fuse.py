"""Two lists mixed: what the numbers promise, whatever they are."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from index.fuse import Weights, fuse, weights_for

SCORES = st.dictionaries(st.text("абвғқ", min_size=1, max_size=3), st.floats(0, 100), max_size=8)
WEIGHTS = st.builds(Weights, st.floats(0.05, 1), st.floats(0.05, 1))


@given(SCORES, SCORES, WEIGHTS)
def test_every_passage_comes_out_once_between_0_and_1_the_best_first(lexical, dense, weights):
    mixed = fuse(lexical, dense, weights)
    assert set(mixed) == set(lexical) | set(dense)
    assert all(-1e-9 <= score <= 1 + 1e-9 for score in mixed.values())
    assert list(mixed.items()) == sorted(mixed.items(), key=lambda item: (-item[1], item[0]))


@given(SCORES, SCORES, WEIGHTS, st.randoms())
def test_the_order_of_the_lists_is_no_matter(lexical, dense, weights, random):
    shuffled = list(lexical.items())
    random.shuffle(shuffled)
    assert list(fuse(dict(shuffled), dense, weights).items()) == list(fuse(lexical, dense, weights).items())


@example({"а": 0.0}, {"аа": 0.0}, Weights(1.0, 0.5))
@given(SCORES, SCORES, WEIGHTS)
def test_better_in_both_lists_is_never_worse_mixed(lexical, dense, weights):
    mixed = fuse(lexical, dense, weights)
    for one in mixed:
        for other in mixed:
            if lexical.get(one, 0) >= lexical.get(other, 0) and one in dense and dense[one] >= dense.get(other, -1):
                assert mixed[one] >= mixed[other] - 1e-9


def test_equal_passages_are_ordered_by_id():
    assert list(fuse({"қ": 2.0, "ғ": 2.0, "а": 2.0}, {}, Weights(1, 0.15))) == ["а", "ғ", "қ"]


def test_a_missing_list_leaves_the_whole_weight_to_the_other():
    assert fuse({"а": 4.0, "б": 1.0}, {}, Weights(0.65, 0.35)) == {"а": 1.0, "б": 0.25}
    assert fuse({}, {"а": 0.9, "б": 0.8}, Weights(0.65, 0.35)) == {"а": 1.0, "б": 0.0}
    assert fuse({}, {}, Weights(1, 1)) == {}


def test_one_near_second_by_words_is_not_stretched_down_to_nothing():
    assert fuse({"а": 10.0, "б": 9.9}, {}, Weights(1, 0.15))["б"] > 0.98


def test_vectors_weigh_less_for_tajik_than_for_other_languages():
    assert weights_for("tg", "Cyrl") == weights_for("tg", "Latn") == Weights(0.6, 0.4)
    assert weights_for("ru", "Cyrl") == weights_for("en", "Latn") == Weights(0.5, 0.5)
    assert weights_for("unknown", "Cyrl") == weights_for("tg", "mixed") == Weights(0.6, 0.4)
