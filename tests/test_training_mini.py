"""What the small model is trained on, how, and what of it llama.cpp loads."""

from __future__ import annotations

import csv
import json
import re
from dataclasses import replace
from random import Random

import pytest

from assistant.prompt import BRIEF, INSTRUCTIONS, cited_sentences, compose_prompt, plain
from assistant.verify import fault
from training.mini import examples, facts, frames
from training.mini.tokens import Vocabulary, base_file, prompt_of

SEED = 11


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def statements(*parts):
    """The sentences of the facts of those parts."""
    with (facts.SEED / "services.tsv").open(encoding="utf-8", newline="") as file:
        names = {name.strip() for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
                 if row["split"] in parts for name in row["fact_names"].split("|")}
    return {row[key] for path in (facts.SEED / "facts").glob("*.jsonl") for row in lines(path)
            if row["service_tg"].strip() in names for key in ("statement_tg", "statement_ru")}


@pytest.fixture(scope="module")
def made():
    """A few hundred examples to learn from, and some to stop early by."""
    return [*examples.examples("train", 220, SEED), *examples.examples("dev", 60, SEED)]


@pytest.fixture(scope="module")
def answers(made):
    """Those whose evidence answers."""
    return [one for one in made if one.target != examples.ABSTAIN]


def test_every_target_is_a_draft_that_the_program_would_show(answers):
    for one in answers:
        said = cited_sentences(one.target)
        assert said
        assert " ".join(f"{sentence.text} [{sentence.numbers[0]}]" for sentence in said) == one.target
        for sentence in said:
            quotes = [one.evidence[number - 1] for number in sentence.numbers]
            assert fault(sentence.text, quotes, language=one.language) is None, one


def test_every_figure_of_a_target_stands_in_the_evidence_it_names(answers):
    for one in answers:
        for sentence in cited_sentences(one.target):
            quote = one.evidence[sentence.numbers[0] - 1]
            assert set(re.findall(r"\d+", sentence.text)) <= set(re.findall(r"\d+", quote)), one


def test_a_quarter_or_more_say_that_the_evidence_does_not_answer_and_not_many_more(made):
    for part in ("train", "dev"):
        silent = [one.target == examples.ABSTAIN for one in made if one.part == part]
        assert 0.2 <= sum(silent) / len(silent) <= 0.42
    assert 0.25 <= sum(one.target == examples.ABSTAIN for one in made) / len(made) <= 0.36


def test_nothing_of_a_test_service_is_learnt_from_and_nothing_of_a_dev_service_in_the_train_part(made):
    shown = {part: {text for one in made if one.part == part for text in one.evidence} for part in ("train", "dev")}
    assert not shown["train"] & (statements("test", "dev") - statements("train"))
    assert not shown["dev"] & (statements("test", "train") - statements("dev"))
    assert shown["train"] & statements("train"), "facts are learnt from"
    assert shown["dev"] & statements("dev")


def test_no_question_that_answers_are_measured_on_is_learnt_from(made):
    golden = {row["question"] for row in lines(facts.HOUSE / "tests" / "golden" / "questions.jsonl")
              if row["split"] != "train"}
    asked = {one.question for one in made}
    assert not asked & golden
    assert asked & {one.question for one in facts.asked("train")}, "those written to learn from are"


def test_what_a_statement_is_about_belongs_to_one_part():
    train, dev = ({thing.object for thing in frames.things(part)} for part in ("train", "dev"))
    assert train
    assert dev
    assert not train & dev


def test_the_same_seed_gives_the_same_examples_and_another_seed_others():
    once, again = (list(examples.examples("train", 15, 3)) for _ in range(2))
    assert once == again
    assert once != list(examples.examples("train", 15, 4))


def test_no_example_is_given_twice(made):
    assert len({(one.question, one.evidence) for one in made}) == len(made)


def test_the_right_sentence_stands_anywhere_among_one_to_five(answers):
    assert {len(one.evidence) for one in answers} == {1, 2, 3, 4, 5}
    named = {cited_sentences(one.target)[0].numbers[0] for one in answers}
    assert named >= {1, 2, 3, 4}


def test_answers_are_short_and_shorter_than_what_they_stand_on(answers):
    own = [one for one in answers if not one.copied]
    assert sum(len(one.target.split()) for one in own) / len(own) < 16
    shorter = [len(sentence.text) <= len(one.evidence[sentence.numbers[0] - 1])
               for one in own for sentence in cited_sentences(one.target)]
    assert sum(shorter) / len(shorter) > 0.9


def test_the_prompt_holds_all_evidence_and_the_question_last(made):
    for one in made:
        prompt = prompt_of(one.question, list(one.evidence), one.language)
        assert prompt.instructions == BRIEF
        assert all(f"[{number}] {text}\n" in prompt.body for number, text in enumerate(one.evidence, 1))
        assert prompt.body.endswith(f"Савол: {plain(one.question)}")


def test_brief_instructions_change_nothing_but_what_stands_first():
    whole = compose_prompt("Чанд пул?", ["Барои ин 5 сомонӣ пардохт мешавад."], "tg")
    brief = compose_prompt("Чанд пул?", ["Барои ин 5 сомонӣ пардохт мешавад."], "tg", instructions=BRIEF)
    assert whole.instructions == INSTRUCTIONS
    assert replace(whole, instructions=BRIEF) == brief


def test_an_answer_written_by_hand_stands_on_its_fact():
    for part in ("train", "dev"):
        for some in facts.facts(part).values():
            for fact in some:
                for text in fact.answers["tg"]:
                    assert fault(text, [fact.evidence["tg"]], language="tg") is None, text


def test_every_answer_written_by_hand_is_of_a_fact_that_may_be_learnt_from():
    known = {fact.subject for part in ("train", "dev") for some in facts.facts(part).values() for fact in some}
    with (frames.HERE / "answers.tsv").open(encoding="utf-8", newline="") as file:
        assert {row["fact"] for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)} <= known


def test_a_fact_answers_a_question_only_where_it_tells_what_is_asked_for():
    asked = {one.question: one.answered_by for one in facts.asked("train")}
    law = asked["Аз рӯи кадом қонун ба арзи мо гӯш медиҳанд?"]
    assert [fact.subject for fact in law] == ["ID-208"], "the other one says that an older law is void"
    papers, = asked["кудак таваллуд шуд, ариза барои метрикаро ба чамоат дихам ё ба САХШ?"]
    assert not papers.answers["tg"] or "САҲШ" in papers.answers["tg"][0]


def test_figures_are_changed_alike_in_evidence_and_answer_and_years_are_left():
    fact = frames.Stated("fee", "X", "10", {"tg": "Соли 2017 шаҳодатнома 10 сомонӣ буд (модда 10).", "ru": ""},
                         {"tg": ("Соли 2017 шаҳодатнома 10 сомонӣ буд.",), "ru": ()}, {})
    chance = Random(1)  # noqa: S311 - nothing secret
    other = facts.with_other_figures(fact, "Чанд буд?", chance)
    value = re.search(r"шаҳодатнома (\d+) сомонӣ", other.evidence["tg"])[1]
    assert value != "10"
    assert other.answers["tg"] == (f"Соли 2017 шаҳодатнома {value} сомонӣ буд.",)
    assert facts.with_other_figures(fact, "Чаро 10 сомонӣ буд?", chance) == fact


def test_examples_are_read_as_they_were_written(made, tmp_path):
    examples.write(made, tmp_path / "examples.jsonl")
    assert examples.read(tmp_path / "examples.jsonl") == made


@pytest.mark.model
def test_prompts_and_targets_fit_their_windows_in_gemmas_tokens(made, tmp_path):
    vocabulary = Vocabulary(base_file(tmp_path))
    for one in made:
        assert len(vocabulary.prompt(prompt_of(one.question, list(one.evidence), one.language))) <= 600
        assert len(vocabulary.answer(one.target)) <= 200
    assert vocabulary.answer(examples.ABSTAIN)[-1] in vocabulary.prompt(prompt_of("?", ["Ҳа."], "tg")), "end of turn"
