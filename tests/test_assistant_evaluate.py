"""The measures: what they count, the one file of questions they are taken on, and runs that are compared."""

from __future__ import annotations

import csv
import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.comparison import SavedRun, UnknownRunError, compare, read_run, saved_run
from assistant.errors import AssistantError
from assistant.evaluate import (
    COVERAGES,
    MEASURES,
    Asked,
    Outcome,
    measures,
    read_questions,
    report,
    risk_coverage,
    run,
)
from assistant.grading import Expected, Grade
from assistant.scores import comparison_lines, score_lines

ROOT = Path(__file__).parents[1]
QUESTIONS = ROOT / "tests" / "golden" / "questions.jsonl"
KEYS = {"qid", "question", "language", "style", "service", "split", "answerable", "expected_documents",
        "expected_values"}


def rows():
    return [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]


def asked(**fields):
    plain = {"qid": "1", "question": "Шиноснома чанд пул аст?", "language": "tg", "style": "proper",
             "service": "citizen-passport", "split": "dev", "answerable": True, "expected_documents": ("a",),
             "expected_values": ()}
    return Asked(**(plain | fields))


def test_the_set_is_large_enough_and_every_line_keeps_its_shape():
    found = rows()
    assert len(found) >= 150
    assert sum(not row["answerable"] for row in found) >= 40
    assert all(set(row) == KEYS for row in found)
    assert max(Counter(row["qid"] for row in found).values()) == 1
    assert max(Counter(row["question"] for row in found).values()) == 1


def test_a_service_stays_in_its_split():
    with (ROOT / "corpora" / "seed" / "services.tsv").open(encoding="utf-8") as file:
        split = {row["service"]: row["split"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}
    assert {(row["service"], row["split"]) for row in rows()} <= set(split.items())


def test_every_expected_document_is_in_the_seed_and_holds_the_expected_values(assistant):
    for row in rows():
        texts = {name: " ".join(" ".join(passage.text for passage in assistant.snapshot.passages(name)).split())
                 for name in row["expected_documents"]}
        assert bool(texts) == row["answerable"], row["qid"]
        assert all(texts.values()), row["qid"]
        for value in row["expected_values"]:
            assert any(value in text for text in texts.values()), (row["qid"], value)


def test_recall_and_ndcg_are_those_of_ir_measures(assistant):
    answer = assistant.ask("Фардо борон меборад?")
    wanted = Expected(frozenset({"a", "b"}), (), ())
    found = measures([Outcome(asked(expected_documents=("a", "b")), ("x", "a", "b"), answer, wanted)])
    assert found["R@1"] == 0
    assert found["R@5"] == 1
    assert found["nDCG@10"] == pytest.approx((0.6309 + 0.5) / (1 + 0.6309), abs=1e-3)
    assert found["abstention precision"] == 0
    assert found["abstention recall"] is None


def test_an_abstention_on_an_unanswerable_question_is_counted_for_us(assistant):
    outcome = Outcome(asked(answerable=False, expected_documents=()), (), assistant.ask("Фардо борон меборад?"))
    found = measures([outcome])
    assert found["abstention precision"] == found["abstention recall"] == found["abstention F1"] == 1
    assert (found["CRAG"], found["over-refusal"], found["R@1"]) == (1, None, None)


def test_a_report_has_a_row_for_every_service(assistant):
    some = read_questions(QUESTIONS)[:5]
    found = report(run(assistant, some))
    assert found["all"]["questions"] == 5
    assert sum(scores["questions"] for scores in found["service"].values()) == 5


def test_a_file_that_is_no_set_is_refused(tmp_path):
    path = tmp_path / "set.jsonl"
    for row in ({"qid": 1}, rows()[0] | {"answerable": True, "expected_documents": []}):
        path.write_text(json.dumps(row) + "\n", encoding="utf-8")
        with pytest.raises(AssistantError) as caught:
            read_questions(path)
        assert caught.value.hint


@pytest.fixture(scope="module")
def outcomes(assistant):
    """A few questions of the train part, with and without an answer in the documents."""
    questions = read_questions(QUESTIONS, "train")
    some = [one for one in questions if one.answerable][:8] + [one for one in questions if not one.answerable][:3]
    return run(assistant, some)


@pytest.fixture
def before(outcomes):
    """The run before: its first question found nothing that was expected."""
    poor = [replace(outcomes[0], found=("other",)), *outcomes[1:]]
    return saved_run(poor, snapshot="1", generator="extractive", part="train")


@pytest.fixture
def now(outcomes):
    return saved_run(outcomes, snapshot="2", generator="extractive", part="train")


def test_every_mean_over_questions_has_an_interval_around_it(outcomes):
    found = report(outcomes)
    assert set(found["intervals"]) == {"all", "split", "language", "style", "service"}
    for name in MEASURES:
        low, high = found["intervals"]["all"][name]
        assert (-1 if name == "CRAG" else 0) <= low <= found["all"][name] <= high <= 1
    assert report(outcomes) == found
    assert set(found["intervals"]["style"]) == set(found["style"])


def test_the_table_has_the_measures_by_style_with_their_intervals(outcomes):
    lines = score_lines(report(outcomes))
    start = next(number for number, line in enumerate(lines) if line.startswith("by style, with 95 % intervals"))
    heads, whole = lines[start + 1], lines[start + 2]
    assert all(name in heads for name in ("R@1", "R@5", "nDCG@10", "Success@5", "RR@10"))
    assert whole.startswith("all")
    assert "8 + 3" in whole
    assert whole.count("–") == 7


RANKED = {"R@1", "R@5", "nDCG@10", "Success@1", "Success@5", "RR@10"}
SHOWN = {"right shown", "right place", "citation precision", "citation recall", "expected documents"}


def test_each_question_is_measured_by_what_can_be_asked_of_it(outcomes):
    for one in outcomes:
        found = set(one.measures)
        assert found <= set(MEASURES)
        assert "CRAG" in found
        assert bool(found & SHOWN) == one.answered
        assert RANKED | {"right answers", "answered"} <= found if one.wanted else not RANKED & found
        assert ("abstention recall" in found) == (not one.wanted)
    assert {bool(one.wanted) for one in outcomes} == {True, False}


def outcome(assistant, qid, chance, would_be, **fields):
    return Outcome(asked(qid=qid, **fields), (), assistant.ask("Фардо борон меборад?"), None, chance, would_be)


def test_risk_is_of_the_surest_and_grows_only_with_what_is_wrong(assistant):
    some = [outcome(assistant, str(number), 1 - number / 20, Grade.WRONG if number >= 15 else Grade.RIGHT)
            for number in range(20)]
    rows = risk_coverage(some[::-1])
    assert [row["coverage"] for row in rows] == list(COVERAGES)
    assert [row["risk"] for row in rows][:3] == [0, 0, 0]
    assert rows[-1]["risk"] == pytest.approx(5 / 20)
    assert rows[0]["threshold"] == pytest.approx(1 - 9 / 20)
    assert [row["threshold"] for row in rows] == sorted((row["threshold"] for row in rows), reverse=True)


def test_what_was_declined_is_judged_by_what_would_have_been_shown(outcomes):
    declined = [one for one in outcomes if not one.answered]
    assert declined
    assert all(one.would_be != Grade.RIGHT for one in declined if not one.wanted and one.chance)
    assert [one for one in outcomes if one.answered and one.would_be != one.grade] == []


FLOORS = {"right answers": 0.80, "R@5": 0.85, "citation precision": 0.97, "citation recall": 0.95, "right place": 0.95}


@pytest.mark.parametrize("part", ["train", "dev"])
def test_answers_are_as_good_as_they_were_said_to_be(every_outcome, part):
    """Of the parts that may be looked at; what the test part gives is for `rohnamo evaluate` alone."""
    found = measures([one for one in every_outcome if one.asked.split == part])
    assert found["questions"] > 200
    assert {name: found[name] for name, least in FLOORS.items() if found[name] < least} == {}
    assert found["over-refusal"] < 0.08
    assert found["altered numbers"] == 0


def test_a_saved_run_is_read_as_it_was_and_holds_no_question(now, outcomes, tmp_path):
    path = tmp_path / "run.json"
    now.save(path)
    first = path.read_bytes()
    assert read_run(path) == now
    read_run(path).save(path)
    assert path.read_bytes() == first
    assert [file.name for file in tmp_path.iterdir()] == ["run.json"]
    assert not any(one.asked.question in first.decode() for one in outcomes)


@pytest.mark.parametrize("change", [{"version": 2}, {"format": "rohnamo-draft"}, {"version": "1"}])
def test_a_run_of_another_version_is_refused_by_name(change, now, tmp_path):
    path = tmp_path / "run.json"
    now.save(path)
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(UnknownRunError) as caught:
        read_run(path)
    assert caught.value.code == "unknown_format"
    assert "rohnamo-run 1" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "no run", "[]", '{"format":"rohnamo-run","version":1}',
                                  '{"format":"rohnamo-run","version":1,"questions":[{"qid":1}]}', "\x00"])
def test_a_file_that_is_no_run_is_refused(text, tmp_path):
    path = tmp_path / "run.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AssistantError, match=r"run\.json cannot be read") as caught:
        read_run(path)
    assert not isinstance(caught.value, UnknownRunError)
    with pytest.raises(AssistantError, match="cannot be read"):
        read_run(tmp_path / "missing.json")


def test_a_comparison_says_what_was_won_and_by_which_question(before, now, outcomes):
    found = compare(before, now)
    changed = outcomes[0]
    assert found["compared"] == 11
    assert found["left_out"] == {"only_before": 0, "only_now": 0, "asked_otherwise": 0}
    recall = found["all"]["R@5"]
    assert (recall["won"], recall["lost"], recall["p"], recall["questions"]) == (1, 0, 1.0, 8)
    assert recall["difference"] == pytest.approx(changed.measures["R@5"] / 8)
    assert recall["difference"] == pytest.approx(recall["now"] - recall["before"])
    assert recall["low"] <= recall["difference"] <= recall["high"]
    assert found["style"][changed.asked.style]["R@5"]["won"] == 1
    assert [one["qid"] for one in found["most_changed"]] == [changed.asked.qid]
    assert found["most_changed"][0]["before"]["found"] == ["other"]
    assert found["most_changed"][0]["now"]["found"] == list(changed.found)


def test_a_comparison_the_other_way_round_is_its_mirror(before, now):
    won, lost = compare(before, now)["all"]["nDCG@10"], compare(now, before)["all"]["nDCG@10"]
    assert (won["won"], won["lost"]) == (lost["lost"], lost["won"])
    assert won["difference"] == -lost["difference"]
    assert won["p"] == lost["p"]


def test_a_run_and_itself_differ_in_nothing(now):
    found = compare(now, now)
    assert all((one["difference"], one["won"], one["lost"], one["p"]) == (0, 0, 0, 1) for one in found["all"].values())
    assert found["most_changed"] == []
    assert "no question changed in any measure" in comparison_lines(found)


def test_only_questions_asked_alike_are_compared_and_the_rest_is_counted(outcomes):
    first, second, third = outcomes[:3]
    other = replace(second, asked=replace(second.asked, expected_values=("another",)))
    old = saved_run([first, second], snapshot="1", generator="extractive", part="train")
    new = saved_run([other, first, third], snapshot="2", generator="extractive", part="train")
    found = compare(old, new)
    assert found["compared"] == 1
    assert found["left_out"] == {"only_before": 0, "only_now": 1, "asked_otherwise": 1}
    assert found["all"]["R@1"]["questions"] == 1


def test_runs_without_a_common_question_are_said_to_have_none(now):
    found = compare(SavedRun("1", "extractive", "dev", ()), now)
    assert found["compared"] == 0
    assert found["all"] == found["style"] == {}
    assert comparison_lines(found)[-1] == "The runs have no question in common."


def test_the_command_saves_compares_and_reads_back(seed_config, outcomes, tmp_path):
    kept = {one.asked.qid for one in outcomes}
    questions, first, second = (tmp_path / name for name in ("set.jsonl", "first.json", "second.json"))
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows() if row["qid"] in kept), encoding="utf-8")

    def ran(*words):
        done = CliRunner().invoke(app, ["evaluate", *map(str, words)])
        return done.exit_code, done.stdout

    here = ("--set", questions, "--data-dir", seed_config.data_dir)
    assert ran(*here, "--save", first)[0] == 0
    assert {one.qid for one in read_run(first).questions} == kept
    code, shown = ran(*here, "--against", first, "--save", second, "--json")
    plain = json.loads(shown)
    assert code == 0
    assert plain["comparison"]["compared"] == plain["all"]["questions"] == len(kept)
    assert second.read_bytes() == first.read_bytes()
    assert json.loads(ran("--compare", first, second, "--json")[1]) == plain["comparison"]
    assert "no question changed in any measure" in ran("--compare", first, second)[1]


def test_the_command_says_what_is_wrong_before_anything_is_asked(seed_config, tmp_path):
    def ran(*words):
        done = CliRunner().invoke(app, ["evaluate", "--data-dir", str(seed_config.data_dir), *words])
        return done.exit_code, done.stderr

    assert ran("--compare", "old.json", "new.json", "--save", "third.json")[0] == 2
    code, told = ran("--against", str(tmp_path / "missing.json"))
    assert (code, "missing.json cannot be read" in told, "asked" in told) == (1, True, False)
    code, told = ran("--save", str(tmp_path / "nowhere" / "run.json"))
    assert (code, "no folder" in told, "asked" in told) == (1, True, False)
    assert list(tmp_path.iterdir()) == []
