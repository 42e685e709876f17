"""From drafts to the snapshot that answers: nothing is encoded twice, another encoder's vectors are left aside."""

from __future__ import annotations

from functools import partial

import pytest

from assistant import config as settings
from assistant import update
from corpora.draft import Draft
from corpora.ingest import ingest
from index import Generations
from tests.encoders import HashingEncoder


@pytest.fixture
def config(tmp_path):
    return settings.load(tmp_path / "data")


@pytest.fixture
def encoder(monkeypatch):
    made = HashingEncoder()
    monkeypatch.setattr(update, "open_encoder", lambda _config: made)
    return made


def put(config, tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    ingest([path], Draft(config.drafts / "local"))


def test_a_build_encodes_only_what_is_new(config, encoder, tmp_path):
    put(config, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    first = update.build(config, wait=True)
    put(config, tmp_path, "б.txt", "Боҷи давлатӣ 50 сомонӣ аст.")
    second = update.build(config, wait=True)
    assert (first.kind, second.kind, second.generation) == ("full", "full", 2)
    assert encoder.encoded == ["Муҳлати баррасии ариза 15 рӯз аст.", "Боҷи давлатӣ 50 сомонӣ аст."]
    assert update.build(config, wait=True).new is False
    assert len(encoder.encoded) == 2


def test_without_waiting_words_come_first_and_vectors_later(config, encoder, tmp_path):
    put(config, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    assert update.build(config, wait=False).kind == "lexical"
    assert encoder.encoded == []
    assert update.build(config, wait=True).kind == "full"
    assert update.build(config, wait=False).kind == "full"


def test_vectors_of_another_encoder_are_left_aside(config, encoder, tmp_path, monkeypatch):
    put(config, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    update.build(config, wait=True)
    other = HashingEncoder("another")
    monkeypatch.setattr(update, "open_encoder", lambda _config: other)
    assert update.build(config, wait=True).new is True
    assert other.encoded == ["Муҳлати баррасии ариза 15 рӯз аст."]


def files(config):
    return sorted(path.name for path in (config.data_dir / "vectors").iterdir())


def test_vectors_of_two_encoders_are_kept_side_by_side(config, encoder, tmp_path, monkeypatch):
    put(config, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    update.build(config, wait=True)
    other = HashingEncoder("another")
    monkeypatch.setattr(update, "open_encoder", lambda _config: other)
    update.build(config, wait=True)
    monkeypatch.setattr(update, "open_encoder", lambda _config: encoder)
    assert update.build(config, wait=True).new is True
    assert len(encoder.encoded) == len(other.encoded) == 1
    assert files(config) == sorted(f"{one.sha256[:16]}.npz" for one in (encoder, other))


def test_a_build_that_was_killed_goes_on_where_it_was(config, encoder, tmp_path, monkeypatch):
    class Killed(HashingEncoder):
        def encode_passages(self, texts):
            if len(self.encoded) >= 64:
                raise KeyboardInterrupt
            return super().encode_passages(texts)

    folder = tmp_path / "ҳама"
    folder.mkdir()
    for number in range(100):
        (folder / f"{number:03}.txt").write_text(f"Аризаи рақами {number} дар 15 рӯз баррасӣ мешавад.", "utf-8")
    ingest([folder], Draft(config.drafts / "local"))
    assert update.build(config, wait=False).kind == "lexical"
    monkeypatch.setattr(update, "VectorFolder", partial(update.VectorFolder, part=32))
    monkeypatch.setattr(update, "open_encoder", lambda _config: Killed())
    with pytest.raises(KeyboardInterrupt):
        update.build(config, wait=True)
    current = Generations(config.generations).current()
    assert current == 1
    assert len(files(config)) == 2
    assert update.vectors_made(config) == (64, 100)
    monkeypatch.setattr(update, "open_encoder", lambda _config: encoder)
    seen = []
    built = update.build(config, wait=True, progress=lambda done, whole: seen.append((done, whole)))
    assert (built.kind, built.generation, built.counts["vectors"]) == ("full", 2, 100)
    assert len(encoder.encoded) == 36
    assert seen[-1] == (36, 36)
    assert update.vectors_made(config) == (100, 100)
    assert files(config) == [f"{encoder.sha256[:16]}.npz"]
    assert update.build(config, wait=True).new is False


def test_vectors_that_were_exported_are_used_elsewhere_and_none_is_made(config, encoder, tmp_path):
    put(config, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    assert update.export_vectors(config, tmp_path / "vectors.npz") == 1
    elsewhere = settings.load(tmp_path / "дигар")
    put(elsewhere, tmp_path, "а.txt", "Муҳлати баррасии ариза 15 рӯз аст.")
    update.keep_vectors(tmp_path / "vectors.npz", Draft(elsewhere.drafts / "local"))
    assert update.build(elsewhere, wait=False).kind == "full"
    assert len(encoder.encoded) == 1
    assert not (elsewhere.data_dir / "vectors").exists()
