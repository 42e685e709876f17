"""A disk spoils a file: the damage is found when a snapshot is opened, and a whole one answers instead."""

from __future__ import annotations

import random

import pytest

from index import Generations
from index.errors import DamagedSnapshotError, GenerationError
from tests.disk import everything
from tests.numbered import answers, build, few_words, install

TRIALS, PAGE = 400, 4096
FILES = ("CURRENT", "CURRENT.copy", *(f"000{number}/{name}" for number in (1, 2)
                                      for name in ("manifest.json", "passages.sqlite", "vectors.faiss")))


@pytest.fixture
def generations(tmp_path):
    """Two generations, the second in use."""
    generations = Generations(tmp_path)
    with few_words():
        install(generations)
        install(generations)
        yield generations


def spoilt(data: bytes, kind: str, chance: random.Random) -> bytes | None:
    """Return what becomes of a file; None: it is gone."""
    at = chance.randrange(len(data))
    match kind:
        case "bit":
            return data[:at] + bytes([data[at] ^ 1 << chance.randrange(8)]) + data[at + 1:]
        case "cut":
            return data[:at]
        case "zeros":
            return bytes(len(data))
        case "page":
            start = at - at % PAGE
            return data[:start] + bytes(len(data[start:start + PAGE])) + data[start + PAGE:]
    return None


def put(path, data):
    if data is None:
        path.unlink()
    else:
        path.write_bytes(data)


def test_whatever_one_file_suffers_a_whole_generation_answers_and_no_spoilt_one(generations):
    chance, outcomes = random.Random(7), []   # noqa: S311
    for _ in range(TRIALS):
        name, kind = chance.choice(FILES), chance.choice(("bit", "cut", "zeros", "page", "gone"))
        path = generations.root / name
        whole = path.read_bytes()
        data = spoilt(whole, kind, chance)
        put(path, data)
        expected = 1 if name.startswith("0002") and data != whole else 2
        assert answers(generations) == expected, (name, kind)
        outcomes.append(expected)
        path.write_bytes(whole)
    assert min(outcomes.count(1), outcomes.count(2)) > 100


@pytest.mark.parametrize("name", FILES[5:])
def test_a_spoilt_generation_is_told_and_not_activated_and_going_back_leaves_it(generations, name):
    path = generations.root / name
    path.write_bytes(bytes(path.stat().st_size))
    before = everything(generations.root)
    assert generations.current(verify=True) == 1
    assert generations.problems == ["generation 2, which CURRENT names, is damaged or missing; generation 1 is used"]
    with pytest.raises(DamagedSnapshotError):
        generations.activate(2)
    assert everything(generations.root) == before
    assert generations.roll_back() == 1
    assert (generations.current(verify=True), generations.problems) == (1, [])


@pytest.mark.parametrize("name", FILES[2:5])
def test_a_spoilt_generation_is_not_gone_back_to(generations, name):
    path = generations.root / name
    path.write_bytes(bytes(path.stat().st_size))
    before = everything(generations.root)
    with pytest.raises(GenerationError, match="no generation before 2"):
        generations.roll_back()
    assert (generations.current(verify=True), generations.problems) == (2, [])
    assert everything(generations.root) == before


def test_no_changed_byte_of_a_manifest_passes(generations):
    path = generations.path(2) / "manifest.json"
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1:])
        assert generations.current() == 1
        assert "generation 2" in generations.problems[0]
    path.write_bytes(whole)
    assert (generations.current(), generations.problems) == (2, [])


def test_what_can_be_gone_back_to_is_not_pruned_for_something_newer_that_is_spoilt(generations):
    build(generations)
    generations.activate(3)
    (generations.path(2) / "vectors.faiss").write_bytes(bytes((generations.path(2) / "vectors.faiss").stat().st_size))
    assert generations.prune(keep=2) == (2,)
    assert [one.number for one in generations.list()] == [1, 3]
    assert generations.roll_back() == 1


def test_what_was_never_activated_answers_only_where_nothing_older_is_whole(generations):
    build(generations)
    (generations.path(2) / "manifest.json").unlink()
    assert generations.current(verify=True) == 1
    (generations.path(1) / "manifest.json").unlink()
    assert generations.current(verify=True) == 3
    assert "generation 3 is used" in generations.problems[0]


def test_a_lost_current_is_known_from_its_copy_and_mended_by_the_next_activation(generations):
    build(generations)
    (generations.root / "CURRENT").unlink()
    assert generations.current() == 2
    assert generations.problems == ["CURRENT is missing; generation 2 is used"]
    generations.activate(3)
    assert (generations.current(), generations.problems) == (3, [])
