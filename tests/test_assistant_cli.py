"""The command as people and programs meet it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app

runner = CliRunner()
QUESTION = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"


def run(*words, data=None):
    at = ["--data-dir", str(data)] if data else []
    return runner.invoke(app, [*words, *at])


@pytest.fixture
def seed(seed_config):
    return seed_config.data_dir


@pytest.fixture
def empty(tmp_path):
    return tmp_path / "data"


def test_an_answer_names_its_sources_with_act_place_and_quote(seed, no_network):
    done = run("ask", QUESTION, data=seed)
    assert done.exit_code == 0
    assert done.stdout.startswith("Ҷавоб аз ҳуҷҷатҳо:")
    assert "Манбаъҳо" in done.stdout
    assert "«" in done.stdout
    assert "[1]" in done.stdout
    assert re.search(r"№ \d+", done.stdout)


def test_the_object_keeps_its_contract(seed, no_network):
    answer = json.loads(run("ask", QUESTION, "--json", data=seed).stdout)
    assert set(answer) == {"question", "language", "script", "status", "as_of", "snapshot", "generator", "claims",
                           "hits", "missing", "conflicts", "warnings", "clarify", "office", "timings_ms"}
    texts = {hit["passage_id"]: hit["text"] for hit in answer["hits"]}
    assert answer["claims"]
    for claim in answer["claims"]:
        for citation in claim["citations"]:
            start, end = citation["span"]
            assert citation["quote"] == texts[citation["passage_id"]][start:end]
            assert claim["text"] in citation["quote"]
            assert len(citation["sha256"]) == 64


def test_a_question_in_chinese_gets_an_answer_object_and_exit_0(seed):
    done = run("ask", "护照多少钱", "--json", data=seed)
    assert done.exit_code == 0
    assert json.loads(done.stdout)["status"].startswith("abstained_")


@pytest.mark.parametrize("question", ["", "   ", "\x01\x02\x03", "а" * 100_000])
def test_unusable_input_gets_one_sentence_and_exit_1(seed, question):
    done = run("ask", question, data=seed)
    assert done.exit_code == 1
    assert "Traceback" not in done.output
    assert "→" in done.stderr
    fault = json.loads(run("ask", question, "--json", data=seed).stdout)["error"]
    assert fault["code"] == "unusable_question"
    assert fault["message"]
    assert fault["next_step"]


def test_without_a_snapshot_the_next_step_is_named(empty):
    done = run("ask", QUESTION, "--json", data=empty)
    assert done.exit_code == 1
    assert "rohnamo ingest" in json.loads(done.stdout)["error"]["next_step"]
    assert not empty.exists()


def test_a_batch_answers_line_by_line_and_a_bad_line_keeps_its_place(seed, tmp_path):
    lines = [json.dumps({"qid": "1", "question": QUESTION}), "no json", json.dumps({"qid": "3", "question": ""}),
             json.dumps({"qid": "4"}), json.dumps({"qid": "5", "question": "Фардо борон меборад?"})]
    path = tmp_path / "questions.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    done = run("ask", "--batch", str(path), data=seed)
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.exit_code == 0
    assert [answer.get("qid") for answer in answers] == ["1", None, "3", "4", "5"]
    assert [answer["status"] for answer in answers][1:4] == ["failed_input"] * 3
    assert answers[0]["status"] == "answered"
    assert answers[4]["status"].startswith("abstained_")


def test_a_batch_file_that_is_not_there_is_exit_1(seed, tmp_path):
    done = run("ask", "--batch", str(tmp_path / "none.jsonl"), data=seed)
    assert done.exit_code == 1


@pytest.mark.parametrize("words", [("ask",), ("ask", "а", "--at", "yesterday"), ("ask", "а", "--language", "fr"),
                                   ("fly",), ("search", "а", "-k", "0")])
def test_wrong_usage_is_exit_2(words):
    assert run(*words).exit_code == 2


def test_search_prints_hits_with_the_score_of_every_stage(seed):
    found = json.loads(run("search", "нафақаи синну солӣ", "-k", "3", "--json", data=seed).stdout)
    assert [hit["rank"] for hit in found["hits"]] == [1, 2, 3]
    assert {"lexical", "dense", "fused", "coverage"} <= set(found["hits"][0]["scores"])
    assert set(found) == {"query", "language", "script", "snapshot", "hits", "timings_ms"}


def test_explaining_shows_what_each_word_was_looked_for_as_and_by_whose_word(seed):
    shown = run("ask", "Какая справка о судимости нужна?", "--explain", data=seed).stdout
    assert "справка → маълумотнома (" in shown
    assert ", hand)" in shown
    assert "справка → " not in run("ask", "Какая справка о судимости нужна?", data=seed).stdout


def test_explaining_shows_every_step_after_the_answer_and_changes_nothing_of_it(seed, no_network):
    plain, told = (run("ask", QUESTION, *words, data=seed).stdout for words in ((), ("--explain",)))
    assert told.startswith(plain.rstrip("\n"))
    steps = told.removeprefix(plain.rstrip("\n")).splitlines()
    heads = [line for line in steps if line[:1].isalpha()]
    assert [head.split()[0] for head in heads] == ["understood", "hits", "sentences", "chance"]
    assert sum(line.startswith("  * ") for line in steps) >= 1


def test_a_sum_that_was_worked_out_is_in_the_object_with_both_of_its_quotes(seed, no_network):
    answer = json.loads(run("ask", "Барои тағйири ном чанд нишондиҳанда боҷ месупорам?", "--json", data=seed).stdout)
    claim = next(claim for claim in answer["claims"] if "computation" in claim)
    assert set(claim["computation"]) == {"expression", "value", "unit"}
    assert len({citation["document_id"] for citation in claim["citations"]}) >= 2
    assert {citation["passage_id"] for citation in claim["citations"]} <= {hit["passage_id"] for hit in answer["hits"]}


def test_ingest_reports_each_file_and_goes_on_after_a_bad_one(empty, tmp_path):
    folder = tmp_path / "documents"
    folder.mkdir()
    (folder / "good.md").write_text("# Қоида\n\nМуҳлати баррасии ариза 15 рӯз аст.\n", encoding="utf-8")
    (folder / "bad.pdf").write_bytes(b"%PDF-1.7 cut short")
    (folder / "empty.txt").write_bytes(b"")
    done = run("ingest", str(folder), "--json", data=empty)
    report = json.loads(done.stdout)
    assert done.exit_code == 0
    assert report["counts"] == {"read": 1, "unchanged": 0, "refused": 2}
    assert all(file["error"]["next_step"] for file in report["files"] if file["outcome"] == "refused")


def test_what_was_ingested_is_built_and_answers(empty, tmp_path):
    path = tmp_path / "rule.md"
    path.write_text("# Аризаи шаҳрванд\n\nМуҳлати баррасии аризаи шаҳрванд 15 рӯз аст.\n", encoding="utf-8")
    assert run("ingest", str(path), "--into", "office", data=empty).exit_code == 0
    built = json.loads(run("build", "--wait", "--json", data=empty).stdout)
    assert built == {"generation": 1, "kind": "full", "counts": built["counts"], "new": True, "problem": ""}
    answer = json.loads(run("ask", "Муҳлати баррасии ариза чанд рӯз аст?", "--json", data=empty).stdout)
    assert "15 рӯз" in answer["claims"][0]["text"]
    assert json.loads(run("build", "--wait", "--json", data=empty).stdout)["new"] is False


def test_snapshots_go_forward_and_back(empty, tmp_path):
    path = tmp_path / "rule.md"
    for days in ("15", "20"):
        path.write_text(f"# Ариза\n\nМуҳлати баррасии ариза {days} рӯз аст.\n", encoding="utf-8")
        assert run("ingest", str(path), data=empty).exit_code == 0
        assert run("build", "--wait", data=empty).exit_code == 0
    assert json.loads(run("snapshots", "list", "--json", data=empty).stdout)["current"] == 2
    assert json.loads(run("snapshots", "rollback", "--json", data=empty).stdout) == {"current": 1}
    assert "15 рӯз" in run("ask", "Муҳлати баррасии ариза?", data=empty).stdout
    assert run("snapshots", "activate", "2", data=empty).exit_code == 0
    assert "20 рӯз" in run("ask", "Муҳлати баррасии ариза?", data=empty).stdout
    assert json.loads(run("snapshots", "verify", "--json", data=empty).stdout) == {"verified": [1, 2]}
    assert run("snapshots", "activate", "7", data=empty).exit_code == 1


def test_a_missing_model_is_a_sentence_and_the_answer_still_comes(seed):
    answer = json.loads(run("ask", QUESTION, "--generator", "soro", "--json", data=seed).stdout)
    assert answer["status"] == "answered"
    assert answer["generator"] == "extractive"
    assert any("rohnamo models add" in warning for warning in answer["warnings"])


def test_doctor_says_what_is_there_and_what_is_not(seed, empty):
    healthy = json.loads(run("doctor", "--json", data=seed).stdout)
    assert healthy["can_answer"] is True
    assert {check["name"] for check in healthy["checks"]} >= {"data directory", "snapshot", "encoder", "models"}
    ill = run("doctor", "--json", data=empty)
    assert ill.exit_code == 1
    assert json.loads(ill.stdout)["can_answer"] is False


def test_models_are_listed_with_what_they_may_do(empty):
    listed = json.loads(run("models", "list", "--json", data=empty).stdout)["models"]
    roles = {model["name"]: model["role"] for model in listed}
    assert roles["soro"] == "answer"
    assert roles["gemma-270m"] == "engine_check"


def test_every_verb_has_help_with_an_example():
    for words in (["ask"], ["search"], ["ingest"], ["build"], ["doctor"], ["evaluate"], ["snapshots", "list"],
                  ["models", "add"]):
        shown = run(*words, "--help")
        assert shown.exit_code == 0
        assert "Example: rohnamo" in shown.stdout


def test_the_page_about_the_command_line_is_what_the_command_says():
    root = Path(__file__).parents[1]
    code = "import runpy; print(runpy.run_path('docs/make_cli.py')['page'](), end='')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=root)
    assert done.stdout == (root / "docs" / "cli.md").read_text(encoding="utf-8")
