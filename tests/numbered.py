"""Generations whose only text says their number, built as the program does; run as a program, it builds the next one.

    python -m tests.numbered FOLDER
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path

import pytest

from index import Generations, Snapshot, build_snapshot
from index.records import SearchQuery
from tests.encoders import HashingEncoder
from tests.entries import entry


@contextmanager
def few_words():
    """Let snapshots be of 57 kB, not of 5 MB, by leaving the lexicon out."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr("index.lexicon.lexicon_rows", lambda _file: [])
        yield


def build(generations: Generations) -> int:
    """Build the next generation and return its number; it is not in use yet."""
    with generations.candidate() as path:
        number = int(generations.new_path().name)
        build_snapshot([entry("боҷ", f"Боҷи шиноснома {number}00 сомонӣ аст.")], path, encoder=HashingEncoder())
        return generations.adopt(path)


def install(generations: Generations) -> int:
    """Build the next generation, put it in use, remove old ones and return its number."""
    number = build(generations)
    generations.activate(number)
    sys.stdout.write(f"in use {number}\n")
    sys.stdout.flush()
    generations.prune(keep=2)
    return number


def answers(generations: Generations) -> int:
    """Return the number that is found in the text, as a machine that starts finds it, by words and by meaning."""
    number = Generations(generations.root).current(verify=True)
    with Snapshot.open(generations.path(number), encoder=HashingEncoder()) as snapshot:
        best = snapshot.search(SearchQuery("шиноснома", "tg"))[0]
        assert best.scores["lexical"] and best.scores["dense"]   # noqa: PT018
        assert snapshot.problems == []
        return int(best.passage.text.split()[2]) // 100


def left_behind(generations: Generations) -> set[str]:
    """Return what lies beside the generations and should not."""
    wanted = {"CURRENT", "CURRENT.copy", *(f"{one.number:04d}" for one in generations.list()[-2:])}
    return {path.name for path in generations.root.iterdir()} - wanted


if __name__ == "__main__":
    with few_words():
        install(Generations(Path(sys.argv[1])))
