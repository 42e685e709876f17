"""Twenty answers that were read by people; they change only when someone means it.

`pytest tests/test_assistant_golden.py --rewrite-golden` writes them anew.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

GOLDEN = Path(__file__).parent / "golden" / "answers.json"
READ = json.loads(GOLDEN.read_text(encoding="utf-8")) if GOLDEN.exists() else []

pytestmark = pytest.mark.model


def shape(answer):
    return {"question": answer.question, "language": answer.language, "status": str(answer.status),
            "claims": [claim.text for claim in answer.claims],
            "documents": sorted({citation.document.id for claim in answer.claims for citation in claim.citations}),
            "missing": list(answer.missing), "warnings": list(answer.warnings),
            "office": answer.office.name if answer.office else None}


def test_there_are_twenty_of_them():
    assert len(READ) == 20


@pytest.mark.parametrize("golden", READ, ids=[str(number) for number in range(len(READ))])
def test_the_answer_is_the_one_that_was_read(golden, assistant, no_network, request):
    if request.config.getoption("--rewrite-golden"):
        pytest.skip("they are written anew")
    assert shape(assistant.ask(golden["question"])) == golden


def test_they_are_written_anew_where_that_was_asked_for(assistant, request):
    if not request.config.getoption("--rewrite-golden"):
        pytest.skip("only with --rewrite-golden")
    anew = [shape(assistant.ask(golden["question"])) for golden in READ]
    assert [golden["question"] for golden in anew] == [golden["question"] for golden in READ]
    GOLDEN.write_text(json.dumps(anew, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
