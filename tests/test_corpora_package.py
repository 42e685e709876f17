"""The package as a whole: what it shows, what it loads, which way it imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import corpora
from corpora import errors

ROOT = Path(corpora.__file__).parent


def test_at_most_eight_names_are_shown_and_each_is_there():
    assert len(corpora.__all__) <= 8
    assert all(hasattr(corpora, name) for name in corpora.__all__)


def test_nothing_heavy_is_loaded_by_importing_the_package():
    heavy = "pypdfium2 pypdf trafilatura lxml faiss torch"
    code = ("import sys, corpora, corpora.ingest; "
            f"print([name for name in {heavy.split()} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True,
                          cwd=ROOT.parent)
    assert done.stdout.strip() == "[]"


def test_corpora_imports_nothing_else_of_ours():
    for path in ROOT.glob("**/*.py"):
        if "seed" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            module = node.module if isinstance(node, ast.ImportFrom) else ""
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [module or ""]
            assert not {name.split(".")[0] for name in names} & {"assistant", "index", "sync"}, path


def test_every_error_has_its_own_code_and_a_next_step():
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and kind.__module__
             == errors.__name__]
    assert len({kind.code for kind in kinds}) == len(kinds)
    assert all(kind("а").hint and kind.__name__ in errors.__doc__ for kind in kinds)
    assert errors.EmptyFileError("а", hint="б").hint == "б"
