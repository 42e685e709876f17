"""A spoilt snapshot is passed over when the program starts, which says so; the next build mends it."""

from __future__ import annotations

import pytest

from assistant import config as settings
from assistant import update
from assistant.errors import NoSnapshotError
from corpora.draft import Draft
from corpora.ingest import ingest
from index import Generations
from tests.disk import everything
from tests.encoders import HashingEncoder


@pytest.fixture
def encoder(monkeypatch):
    made = HashingEncoder()
    monkeypatch.setattr(update, "open_encoder", lambda _config: made)
    return made


@pytest.fixture
def config(tmp_path, monkeypatch, encoder):
    """Two generations: of one paper, then of two."""
    monkeypatch.setattr("index.lexicon.lexicon_rows", lambda _file: [])
    config = settings.load(tmp_path / "data")
    for name, text in (("а.txt", "Муҳлати баррасии ариза 15 рӯз аст."), ("б.txt", "Боҷи давлатӣ 50 сомонӣ аст.")):
        (tmp_path / name).write_text(text, encoding="utf-8")
        ingest([tmp_path / name], Draft(config.drafts / "local"))
        update.build(config, wait=True)
    return config


def opened(config, encoder):
    """Return which generation answers, of how many documents, and what is said of it."""
    snapshot, name = update.current_snapshot(config, encoder=encoder)
    with snapshot:
        return int(name.partition(":")[0]), len(snapshot.documents()), snapshot.problems


def spoil(path):
    """Change one bit, and not the size."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("name", ["manifest.json", "passages.sqlite", "vectors.faiss"])
def test_where_a_bit_differs_the_generation_before_answers_and_says_so_until_the_next_build(config, encoder, name):
    assert opened(config, encoder) == (2, 2, [])
    generations = Generations(config.generations)
    spoil(generations.path(2) / name)
    before = everything(config.generations)
    number, documents, problems = opened(config, encoder)
    assert (number, documents) == (1, 1)
    assert len(problems) == 1
    assert problems[0].startswith("generation 2")
    assert problems[0].endswith("generation 1 is used")
    assert everything(config.generations) == before
    built = update.build(config, wait=True)
    assert (built.new, built.generation) == (True, 3)
    assert opened(config, encoder) == (3, 2, [])
    assert [one.number for one in generations.list()] == [1, 3]


def test_a_spoilt_current_is_said_and_mended_by_a_build_of_the_same(config, encoder):
    spoil(config.generations / "CURRENT")
    assert opened(config, encoder) == (2, 2, ["CURRENT is damaged; generation 2 is used"])
    assert update.build(config, wait=True).new
    assert opened(config, encoder) == (3, 2, [])
    assert not update.build(config, wait=True).new


def test_with_nothing_whole_the_next_step_is_to_build(config, encoder):
    for number in (1, 2):
        spoil(Generations(config.generations).path(number) / "passages.sqlite")
    with pytest.raises(NoSnapshotError, match="there is no other") as caught:
        update.current_snapshot(config, encoder=encoder)
    assert "rohnamo build" in caught.value.hint
    assert update.build(config, wait=True).new
    assert opened(config, encoder) == (3, 2, [])
