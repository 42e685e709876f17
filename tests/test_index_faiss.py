"""The FAISS file of a snapshot: its kind follows the number of vectors, and every kind finds what is near."""

from __future__ import annotations

import json
from pathlib import Path

import numpy
import pytest

from index import Snapshot, build_snapshot
from index.errors import DamagedSnapshotError, UnknownFormatError
from index.faiss_store import FaissStore, plan_for, write_store
from index.manifest import IndexPlan, read_manifest
from tests.encoders import HashingEncoder
from tests.entries import some

KINDS = [IndexPlan("Flat"), IndexPlan("SQfp16"), IndexPlan("IVF8,SQ8", 4)]


def unit(count, dimension=32, seed=7):
    """Vectors around a hundred places, as texts about a hundred matters."""
    chance, places = numpy.random.default_rng(seed), numpy.random.default_rng(1).normal(size=(100, dimension))
    vectors = places[chance.integers(0, 100, count)] + 0.7 * chance.normal(size=(count, dimension))
    return (vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)).astype(numpy.float32)


@pytest.mark.parametrize(("count", "plan"), [
    (0, IndexPlan("Flat")), (20_000, IndexPlan("Flat")), (20_001, IndexPlan("SQfp16")), (200_000, IndexPlan("SQfp16")),
    (250_000, IndexPlan("IVF2000,SQ8", 64))])
def test_the_plan_follows_the_number_of_vectors(count, plan):
    assert plan_for(count) == plan


@pytest.mark.parametrize("plan", KINDS, ids=lambda plan: plan.kind)
def test_every_kind_finds_each_vector_first_and_cosines_fall(tmp_path, plan):
    vectors = unit(400)
    assert write_store(tmp_path / "векторҳо.faiss", vectors, plan) == plan
    store = FaissStore.open(tmp_path / "векторҳо.faiss", plan)
    scores, rows = store.search(vectors[:50], 5)
    assert (store.count, store.dimension) == (400, 32)
    assert (scores.shape, scores.dtype, rows.dtype) == ((50, 5), numpy.float32, numpy.int64)
    assert rows[:, 0].tolist() == list(range(1, 51))
    assert numpy.allclose(scores[:, 0], 1, atol=0.02)
    assert (numpy.diff(scores, axis=1) <= 0).all()


@pytest.mark.parametrize("plan", KINDS, ids=lambda plan: plan.kind)
def test_many_vectors_are_mapped_and_stay_as_they_are_and_exact_ones_are_read_into_memory(tmp_path, plan):
    path = tmp_path / "векторҳо.faiss"
    write_store(path, unit(20_000, 64), plan)
    before = path.read_bytes()
    store = FaissStore.open(path, plan)
    store.search(unit(10, 64), 5)
    assert (path.name in Path("/proc/self/maps").read_text("utf-8")) == (plan.kind != "Flat")
    assert path.read_bytes() == before


@pytest.mark.parametrize(("thresholds", "least"), [({}, 1.0), ({"most_flat": 100}, 0.99),
                                                   ({"most_flat": 100, "most_half": 1000}, 0.95)])
def test_the_ten_nearest_are_nearly_those_of_an_exact_search(tmp_path, thresholds, least):
    vectors, queries = unit(6000, 64), unit(100, 64, seed=8)
    plan = write_store(tmp_path / "а", vectors, plan_for(len(vectors), **thresholds))
    _, rows = FaissStore.open(tmp_path / "а", plan).search(queries, 10)
    true = numpy.argsort(queries @ -vectors.T, axis=1)[:, :10] + 1
    shared = [len({*mine} & {*best}) / 10 for mine, best in zip(rows.tolist(), true.tolist(), strict=True)]
    assert numpy.mean(shared) >= least
    assert vectors.shape == (6000, 64)


@pytest.mark.parametrize("plan", [plan_for(20_500, most_half=1000), *KINDS], ids=lambda plan: plan.kind)
def test_the_same_vectors_give_the_same_bytes(tmp_path, plan):
    count = 20_500 if plan.kind.startswith("IVF572") else 3000
    for name in "аб":
        write_store(tmp_path / name, unit(count, 16), plan)
    assert (tmp_path / "а").read_bytes() == (tmp_path / "б").read_bytes()
    assert not list(tmp_path.glob("*.part"))


def test_the_file_is_opened_as_the_plan_says_and_a_plan_of_another_kind_is_an_error_of_ours(tmp_path):
    vectors = unit(6000)
    write_store(tmp_path / "рӯйхат", vectors, IndexPlan("IVF64,SQ8", 64))
    write_store(tmp_path / "ҳамвор", vectors, IndexPlan("Flat"))
    few, all_lists = (FaissStore.open(tmp_path / "рӯйхат", IndexPlan("IVF64,SQ8", probes)).search(vectors[:200], 10)[1]
                      for probes in (1, 64))
    assert (few == -1).any() or (few != all_lists).any()
    assert numpy.array_equal(FaissStore.open(tmp_path / "рӯйхат").search(vectors[:200], 10)[1], all_lists)
    with pytest.raises(DamagedSnapshotError):
        FaissStore.open(tmp_path / "ҳамвор", IndexPlan("IVF64,SQ8", 32))


def test_where_there_are_fewer_than_k_the_rest_is_minus_one(tmp_path):
    write_store(tmp_path / "а", unit(2))
    assert sorted(FaissStore.open(tmp_path / "а").search(unit(1), 4)[1][0].tolist()) == [-1, -1, 1, 2]


@pytest.mark.parametrize("content", [b"", b"IxM2", b"\0" * 500])
def test_a_file_that_is_no_index_is_an_error_of_ours(tmp_path, content):
    (tmp_path / "а").write_bytes(content)
    with pytest.raises(DamagedSnapshotError):
        FaissStore.open(tmp_path / "а")


@pytest.fixture
def built(tmp_path):
    build_snapshot(some(), tmp_path / "0001", encoder=HashingEncoder())
    return tmp_path / "0001"


def rewritten(folder, **changed):
    path = folder / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | changed), encoding="utf-8")


def test_the_manifest_records_the_plan_and_says_the_same_when_read(built):
    assert read_manifest(built).vectors == IndexPlan("Flat")
    rewritten(built, vectors={"kind": "IVF4000,SQ8", "probes": 32})
    assert read_manifest(built).vectors == IndexPlan("IVF4000,SQ8", 32)


def test_a_snapshot_of_the_version_before_is_refused_by_name(built):
    rewritten(built, version=1)
    with pytest.raises(UnknownFormatError, match=r"rohnamo-snapshot 1, not rohnamo-snapshot 3") as caught:
        Snapshot.open(built, encoder=None)
    assert "rohnamo build" in caught.value.hint


def test_a_manifest_with_vectors_and_no_plan_contradicts_itself(built):
    rewritten(built, vectors=None)
    with pytest.raises(DamagedSnapshotError, match="contradicts"):
        read_manifest(built)
