"""Generations: numbered snapshots, one in use, switched so that power may go at any instant."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from index import Generations, build_snapshot
from index.errors import DamagedSnapshotError, GenerationError, NoSpaceError
from tests.disk import PowerCut, cut_at, everything
from tests.entries import entry, some


def build(generations, *entries):
    path = generations.new_path()
    build_snapshot(entries or some(), path, encoder=None)
    return int(path.name)


@pytest.fixture
def generations(tmp_path):
    """Two generations, the second in use."""
    generations = Generations(tmp_path / "наслҳо")
    for text in ("Боҷ 200 сомонӣ аст.", "Боҷ 250 сомонӣ аст."):
        generations.activate(build(generations, entry("боҷ", text)))
    return generations


def spoil(path: Path) -> None:
    """Change one byte, and not the size."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def test_an_empty_machine_has_no_generation_and_no_problem(tmp_path):
    generations = Generations(tmp_path / "нест")
    assert (generations.current(), generations.list(), generations.problems) == (None, (), [])
    assert not generations.root.exists()


def test_numbers_go_up_and_the_activated_one_is_in_use(generations):
    assert [one.number for one in generations.list()] == [1, 2]
    assert (generations.list()[1].kind, generations.list()[1].counts["documents"]) == ("lexical", 1)
    assert generations.current() == 2
    assert generations.new_path().name == "0003"
    assert Generations(generations.root).current() == 2


def test_a_built_generation_is_not_in_use_before_it_is_activated(generations):
    assert build(generations) == 3
    assert generations.current() == 2
    generations.activate(3)
    assert generations.current() == 3


def test_rolling_back_uses_the_one_before_and_removes_nothing(generations):
    assert generations.roll_back() == 1
    assert generations.current() == 1
    assert [one.number for one in generations.list()] == [1, 2]
    with pytest.raises(GenerationError, match="before 1"):
        generations.roll_back()
    assert generations.current() == 1


def test_rolling_back_passes_over_a_damaged_generation(generations):
    generations.activate(build(generations))
    (generations.path(2) / "passages.sqlite").unlink()
    assert generations.roll_back() == 1


def test_with_none_in_use_there_is_none_to_go_back_to(tmp_path):
    with pytest.raises(GenerationError, match="none is in use"):
        Generations(tmp_path).roll_back()


def test_an_unknown_number_is_refused_and_the_current_one_stays(generations):
    for act in (generations.activate, generations.verify):
        with pytest.raises(GenerationError, match="no generation 9") as caught:
            act(9)
        assert "list" in caught.value.hint
    assert generations.current() == 2


def test_a_damaged_generation_is_not_activated_and_the_current_one_stays(generations):
    number = build(generations)
    os.truncate(generations.path(number) / "passages.sqlite", 100)
    with pytest.raises(DamagedSnapshotError, match=r"passages\.sqlite"):
        generations.activate(number)
    assert generations.current() == 2
    assert [one.number for one in generations.list()] == [1, 2]


def test_one_changed_byte_is_found_by_verifying(generations):
    generations.verify(2)
    spoil(generations.path(2) / "passages.sqlite")
    with pytest.raises(DamagedSnapshotError, match="not the file that was built"):
        generations.verify(2)
    generations.verify(1)


@pytest.mark.parametrize("content", [b"", b"\0" * 40, b"2", b"{}", b'{"generation":1}'])
def test_a_damaged_current_falls_back_to_the_newest_whole_one_and_says_so(generations, content):
    (generations.root / "CURRENT").write_bytes(content)
    assert generations.current() == 2
    assert generations.problems == ["CURRENT is damaged; generation 2 is used"]
    assert (generations.root / "CURRENT").read_bytes() == content
    generations.activate(1)
    assert (generations.current(), generations.problems) == (1, [])


def test_one_changed_digit_in_current_is_noticed(generations):
    current = generations.root / "CURRENT"
    current.write_bytes(current.read_bytes().replace(b'"generation":2', b'"generation":1'))
    assert generations.current() == 2
    assert "CURRENT is damaged" in generations.problems[0]


def test_a_missing_or_exchanged_generation_falls_back_and_says_so(generations):
    generations.path(2).rename(generations.root / "гумшуда")
    assert generations.current() == 1
    assert "generation 2, which CURRENT names" in generations.problems[0]
    build_snapshot([entry("дигар", "Дигар.")], generations.path(2), encoder=None)
    assert generations.current() == 1
    assert generations.problems == ["generation 2 is not the one that was activated; generation 1 is used"]


def test_nothing_whole_to_fall_back_to_is_said(generations):
    for number in (1, 2):
        (generations.path(number) / "manifest.json").unlink()
    assert generations.current() is None
    assert "there is no other" in generations.problems[0]


def test_a_half_written_generation_is_never_listed_and_swept_by_the_next_build(generations):
    part = generations.root / "0003.part"
    part.mkdir()
    (part / "passages.sqlite").write_bytes(b"SQLite")
    assert [one.number for one in generations.list()] == [1, 2]
    assert generations.new_path().name == "0003"
    assert not part.exists()


def test_other_names_in_the_folder_are_no_generations(generations):
    for name in ("3", "00004", "٠٠٠٥", "нусха", "0006.bak"):
        (generations.root / name).mkdir()
    assert [one.number for one in generations.list()] == [1, 2]
    assert generations.new_path().name == "0003"


def test_pruning_keeps_the_current_one_and_the_newest_before_it(generations):
    for _ in range(3):
        generations.activate(build(generations))
    assert generations.prune(keep=2) == (1, 2, 3)
    assert [one.number for one in generations.list()] == [4, 5]
    assert generations.current() == 5


def test_pruning_never_removes_the_current_one_nor_a_newer_one(generations):
    build(generations)
    generations.roll_back()
    assert generations.prune(keep=0) == ()
    assert [one.number for one in generations.list()] == [1, 2, 3]
    assert generations.current() == 1


def test_a_full_disk_leaves_the_current_one_in_use(generations, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
    with pytest.raises(NoSpaceError, match="activating generation 1"):
        generations.activate(1)
    monkeypatch.undo()
    assert (generations.current(), generations.problems) == (2, [])


def test_a_power_cut_at_any_moment_of_activating_leaves_the_old_or_the_new_one(generations):
    outcomes = set()
    for number in range(20):
        generations.activate(2)
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, number)
            try:
                generations.activate(1)
            except PowerCut:
                done = False
            else:
                done = True
        outcomes.add(generations.current())
        assert generations.problems == []
        if done:
            break
    assert outcomes == {1, 2}
    assert generations.current() == 1
    assert number >= 3


def test_a_power_cut_at_any_moment_of_pruning_leaves_whole_generations_only(generations):
    generations.activate(build(generations))
    before = everything(generations.path(3))
    for number in range(20):
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, number)
            try:
                generations.prune(keep=1)
            except PowerCut:
                pass
            else:
                break
        for path in generations.root.glob("000?"):
            generations.verify(int(path.name))
        assert generations.current() == 3
    generations.new_path()
    assert [one.number for one in generations.list()] == [3]
    assert everything(generations.path(3)) == before
    assert not list(generations.root.glob("*.part"))
