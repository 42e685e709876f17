"""A snapshot on the disk: the same bytes for the same input, complete or absent."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from index import Snapshot, build_snapshot
from index.errors import DuplicateDocumentError, EncoderError, ExistingSnapshotError, NoSpaceError
from index.parts import sweep, whole_folder
from index.tables import text_key
from tests.disk import PowerCut, cut_at, everything
from tests.encoders import HashingEncoder
from tests.entries import entry, some


@pytest.fixture
def target(tmp_path):
    return tmp_path / "0001"


def test_the_same_documents_in_any_order_give_the_same_bytes(tmp_path):
    one = build_snapshot(some(), tmp_path / "як", encoder=HashingEncoder())
    other = build_snapshot(reversed(some()), tmp_path / "ду", encoder=HashingEncoder())
    assert one == other
    assert everything(tmp_path / "як") == everything(tmp_path / "ду")


def test_the_manifest_says_what_there_is_and_nothing_of_this_machine(target):
    build_snapshot(some(), target, encoder=HashingEncoder())
    found = json.loads((target / "manifest.json").read_text(encoding="utf-8"))
    assert (found["format"], found["version"], found["kind"]) == ("rohnamo-snapshot", 3, "full")
    assert found["counts"] == {"documents": 4, "passages": 7, "vectors": 7}
    assert found["encoder"] == {"id": "hashing", "dimension": 64, "sha256": HashingEncoder().sha256}
    assert set(found["files"]) == {"passages.sqlite", "vectors.faiss"} == {path.name for path in target.iterdir()} \
        - {"manifest.json"}
    assert found["vectors"] == {"kind": "Flat", "probes": None}
    assert set(found) == {"format", "version", "kind", "counts", "encoder", "vectors", "files", "normaliser"}


def test_without_an_encoder_it_is_lexical_and_has_no_vectors(target):
    manifest = build_snapshot(some(), target, encoder=None, known_vectors={"аа": [1.0]})
    assert (manifest.kind, manifest.encoder, manifest.vectors, manifest.counts["vectors"]) == ("lexical", None, None, 0)
    assert not (target / "vectors.faiss").exists()


def test_only_texts_without_a_known_vector_are_encoded_and_equal_texts_once(target):
    encoder, known = HashingEncoder(), "Боҷ 250 сомонӣ аст."
    vector = encoder.encode_queries([known])[0]
    build_snapshot([entry("а", known, "Муҳлат даҳ рӯз."), entry("б", "Муҳлат даҳ рӯз.")], target, encoder=encoder,
                   known_vectors={text_key(known): vector})
    assert encoder.encoded == ["Муҳлат даҳ рӯз."]


def test_carried_vectors_of_16_bits_give_the_bytes_of_fresh_ones(tmp_path):
    texts = [passage.text for one in some() for passage in one.passages]
    carried = dict(zip(map(text_key, texts), HashingEncoder().encode_queries(texts).astype("float16"), strict=True))
    build_snapshot(some(), tmp_path / "нав", encoder=HashingEncoder())
    build_snapshot(some(), tmp_path / "овардашуда", encoder=HashingEncoder(), known_vectors=carried)
    assert everything(tmp_path / "нав") == everything(tmp_path / "овардашуда")


def test_letters_of_tajik_and_digits_are_tokens_as_they_stand(target):
    build_snapshot([entry("а", "ғайриқонунӣ ӯҳдадорӣ ҷавоб 58500 п12")], target, encoder=None)
    database = sqlite3.connect(target / "passages.sqlite")
    exact = {row[0] for row in database.execute("SELECT term FROM postings WHERE col = 'exact'")}
    database.close()
    assert exact == {"ғайриқонунӣ", "ӯҳдадорӣ", "ҷавоб", "58500", "п12"}


def test_no_documents_make_an_empty_snapshot_that_finds_nothing(target):
    manifest = build_snapshot([], target, encoder=HashingEncoder())
    assert manifest.counts == {"documents": 0, "passages": 0, "vectors": 0}


@pytest.mark.parametrize("name", ["шиноснома", "нав"])
def test_a_document_or_passage_given_twice_is_refused_and_nothing_is_left(target, name):
    taken, twin = entry("шиноснома", "Аввал."), entry(name, "Дигар.")
    same_id = replace(twin.passages[0], id=taken.passages[0].id)
    with pytest.raises(DuplicateDocumentError, match="twice"):
        build_snapshot([taken, replace(twin, passages=(same_id,))], target, encoder=None)
    assert not list(target.parent.iterdir())


def test_what_is_there_is_never_written_over(target):
    build_snapshot(some(), target, encoder=None)
    before = everything(target.parent)
    with pytest.raises(ExistingSnapshotError, match="0001"):
        build_snapshot([entry("а", "Дигар.")], target, encoder=None)
    assert everything(target.parent) == before


def test_a_full_disk_is_said_and_leaves_nothing(target, monkeypatch):
    def full(_descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpaceError, match="0001") as caught:
        build_snapshot(some(), target, encoder=HashingEncoder())
    assert "space" in caught.value.hint
    assert not list(target.parent.iterdir())


@pytest.mark.parametrize("bad", [lambda vectors: vectors[:, :3], lambda vectors: vectors[:1],
                                 lambda vectors: vectors * 2, lambda vectors: vectors * float("nan")])
def test_unusable_vectors_are_refused_and_leave_nothing(target, bad):
    encoder = HashingEncoder()
    honest = encoder.encode_passages
    encoder.encode_passages = lambda texts: bad(honest(texts))
    with pytest.raises(EncoderError, match="hashing"):
        build_snapshot(some(), target, encoder=encoder)
    assert not list(target.parent.iterdir())


def test_a_power_cut_at_any_moment_leaves_the_snapshot_whole_or_absent(tmp_path):
    reached = []
    for number in range(40):
        target = tmp_path / f"{number:04d}" / "0001"
        with pytest.MonkeyPatch.context() as monkeypatch:
            cut_at(monkeypatch, number)
            try:
                build_snapshot(some(), target, encoder=HashingEncoder())
            except PowerCut:
                reached.append(number)
            else:
                break
        if target.exists():
            Snapshot.open(target, encoder=None, verify=True).close()
        else:
            build_snapshot(some(), target, encoder=HashingEncoder())
        assert [path.name for path in target.parent.iterdir()] == ["0001"]
    assert len(reached) >= 6


def test_every_file_and_folder_is_flushed_before_the_snapshot_takes_its_place(target, monkeypatch):
    events = []
    fsync, replace_file = os.fsync, os.replace

    def flushed(descriptor):
        events.append(("flush", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        fsync(descriptor)

    def renamed(source, place):
        events.append(("rename", Path(place).name))
        replace_file(source, place)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    build_snapshot(some(), target, encoder=HashingEncoder())
    at = events.index(("rename", "0001"))
    assert {name for event, name in events[:at] if event == "flush"} \
        == {"passages.sqlite", "vectors.faiss.part", "manifest.json.part", "0001.part"}
    assert events[at - 1] == ("flush", "0001.part")
    assert events[at + 1:] == [("flush", target.parent.name)]


def test_what_an_earlier_build_left_is_swept_and_what_another_process_writes_is_not(tmp_path):
    (tmp_path / "0007.part").mkdir()
    (tmp_path / "0007.part" / "passages.sqlite").write_bytes(b"\0")
    with whole_folder(tmp_path / "0008") as part:
        (part / "а").write_bytes(b"1")
        sweep(tmp_path)
        with pytest.raises(ExistingSnapshotError, match="another process"), whole_folder(tmp_path / "0008"):
            pass
    assert everything(tmp_path) == {"0008/а": b"1"}
