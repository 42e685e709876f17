"""From drafts to the snapshot that answers: nothing is encoded twice, another encoder's vectors are left aside."""

from __future__ import annotations

import pytest

from assistant import config as settings
from assistant import update
from corpora.draft import Draft
from corpora.ingest import ingest
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
