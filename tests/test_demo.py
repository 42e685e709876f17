"""The steps of `make demo` in an empty data directory, as their script runs them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = pytest.mark.model


def test_the_demo_answers_three_questions_and_a_second_run_builds_nothing(tmp_path):
    environment = os.environ | {"ROHNAMO_DATA_DIR": str(tmp_path / "data"), "PYTHONWARNINGS": "error"}
    first, second = (subprocess.run([str(ROOT / ".ci" / "demo")], env=environment, capture_output=True, text=True,
                                    check=True, cwd=ROOT) for _ in range(2))
    assert first.stdout.count("Манбаъҳо") + first.stdout.count("Источники") == 3
    assert "generation 1 answers now" in first.stdout
    assert "full" in first.stdout
    assert "models add soro" in first.stdout
    assert "generation 1 is up to date" in second.stdout
    assert sorted(path.name for path in (tmp_path / "data").iterdir()) == ["drafts", "generations", "vectors"]


def test_the_answers_in_the_readme_are_those_that_are_given(seed_config):
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    shown = re.findall(r'^\$ \.venv/bin/rohnamo ask "([^"\n]+)"\n(.+?)(?=\n\n\$ |\n```)', page,
                       re.MULTILINE | re.DOTALL)
    assert len(shown) == 2
    for question, answer in shown:
        done = subprocess.run([sys.executable, "-m", "assistant", "ask", question, "--data-dir",
                               str(seed_config.data_dir)], capture_output=True, text=True, check=True, cwd=ROOT)
        assert undated(done.stdout) == undated(answer)


def undated(text):
    """The answer without its last line, which names the day."""
    return text.strip().rsplit("\n", 1)[0].strip()
