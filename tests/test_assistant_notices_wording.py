"""A model words a card: verified sentences only, nothing lost, and the templates where it says nothing that holds."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.drafting import Drafting
from assistant.figures import figures, supported
from assistant.generate import Finish, Opened
from assistant.llama import GeneratorUnavailableError, LlamaGenerator
from assistant.models import Models
from assistant.notices import Edit, FieldName, State
from assistant.notices.object import card_object
from assistant.notices.page import card_lines
from assistant.notices.plain import plain_text
from assistant.notices.wording import Wording
from assistant.profile import Role
from assistant.texts import text
from tests.test_assistant_drafting import Scripted
from tests.test_assistant_notices import NOTICE, cards

WHO = "Кумакпулӣ ба оилаҳои камбизоат дода мешавад."
WHEN = "Аризаҳо то 31 марти соли 2026 қабул карда мешаванд."
LIES = ("Кумакпулӣ ба оилаҳо дода мешавад. [{who}]",
        "Кумакпулӣ ба ҳама дода мешавад. [{who}]", "Кумакпулӣ ба оилаҳои камбизоат дода намешавад. [{who}]",
        "Аризаҳо то 30 апрели соли 2026 қабул карда мешаванд. [{when}]",
        "Аризаҳо аз 31 марти соли 2026 қабул карда мешаванд. [{when}]",
        "Андозаи кумакпулӣ 12 нишондиҳанда барои ҳисобҳо аст. [{sum}]",
        "Андозаи кумакпулӣ 11 сомонӣ аст. [{sum}]", "Ариза ба Вазорати корҳои хориҷӣ супорида мешавад. [{who}]",
        "Ба рақами 900-11-22-33 занг занед. [{who}]", "Кумакпулӣ 858 сомонӣ аст. [9]", "Пул ба ҳама мерасад.",
        "Выплата положена всем семьям. [{who}]", "https://kumak.example нигаред. [{who}]")


class Lettered(Scripted):
    """Writes a draft for each prompt in turn, told with the numbers that the quotes have in that prompt."""

    def stream(self, prompt, *, deadline_s, cancelled):
        self.pieces = tuple(told for one in self.drafts if (told := _numbered(one, prompt.body)))
        return (yield from super().stream(prompt, deadline_s=deadline_s, cancelled=cancelled))

    def __init__(self, *drafts, **options):
        super().__init__(**options)
        self.drafts = drafts


def _numbered(draft, body):
    """Return a draft with the number, in this prompt, of the quote that each name means."""
    lines = [line for line in body.splitlines() if line.startswith("[")]
    places = {name: next((line[1] for line in lines if words in line), "") for name, words in
              (("who", WHO), ("when", "31 марти"), ("sum", "11 нишондиҳанда"), ("paper", "шиноснома"))}
    wanted = [name for name in places if f"{{{name}}}" in draft]
    return f"{draft.format(**places)} " if all(places[name] for name in wanted) else ""


@pytest.fixture
def card():
    return cards(NOTICE)[0]


def worded(card, *generators, language="tg", **options):
    return Wording(Drafting(generators), **options).plain_text(card, language)


def test_a_verified_sentence_comes_first_and_the_template_it_makes_needless_is_left_out(card):
    said = worded(card, Lettered(f"{WHO} [{{who}}]", f"{WHEN} [{{when}}]"))
    before = plain_text(card, "tg").sentences
    assert [one.text for one in said.sentences[:2]] == [WHO, WHEN]
    assert (said.generator, said.written) == ("soro", 2)
    assert set(before) - set(said.sentences) == {one for one in before if one.text.startswith(("Кӣ ҳуқуқ", "Муҳлати"))}
    for one in said.sentences[:2]:
        assert one.text in [card.citations[number - 1].quote for number in one.numbers]


def test_every_figure_of_the_templates_stays_whatever_a_model_leaves_out(card):
    said = worded(card, Lettered("Аризаҳо қабул карда мешаванд. [{when}]", "Шиноснома лозим. [{paper}]"))
    told = [figure for one in said.sentences for figure in figures(one.text)]
    before = [figure for one in plain_text(card, "tg").sentences for figure in figures(one.text)]
    assert before
    assert all(supported(figure, told) for figure in before)
    assert any("маълумотнома" in one.text for one in said.sentences)


@pytest.mark.parametrize("lie", LIES)
def test_no_lie_is_shown_and_the_templates_stand_as_they_were(card, lie):
    model = Lettered(lie)
    said = worded(card, model)
    assert model.written
    assert said.sentences == plain_text(card, "tg").sentences
    assert (said.generator, said.remark) == ("", text("tg", "wording", "none", model="soro"))


def test_among_all_the_lies_the_one_true_sentence_is_found(card):
    said = worded(card, *(Lettered(lie) for lie in LIES[3:]), Lettered(*LIES[:3], f"{WHO} [{{who}}]"))
    assert [one.text for one in said.sentences[:said.written]] == [WHO]


@pytest.mark.parametrize("end", [Finish.DIED, GeneratorUnavailableError("it ended", "Wait.")])
def test_a_model_that_dies_half_way_leaves_what_was_verified_and_is_not_asked_again(card, end):
    model = Lettered(f"{WHO} [{{who}}]", "Аризаҳо то 31", end=end)
    said = worded(card, model)
    assert said.sentences[0].text == WHO
    assert len(said.sentences) == len(plain_text(card, "tg").sentences)
    assert len(model.prompts) == 1


def test_a_model_that_is_too_slow_is_left_at_the_deadline_and_the_templates_stand(card):
    now = [0.0]
    model = Lettered(*["Кумакпулӣ "] * 3, end=Finish.DEADLINE, before=lambda: now.append(now.pop() + 5.0))
    said = Wording(Drafting((model,), clock=lambda: now[0]), deadline_s=10.0).plain_text(card, "tg")
    assert said.sentences == plain_text(card, "tg").sentences
    assert model.deadlines == [10.0]


def test_a_field_that_a_person_edited_or_that_is_said_in_two_ways_is_not_given_to_a_model(card):
    edit = Edit(("Ба ятимон",), "Ҷамила", "2026-01-20", "хато хонда шуд")
    doubtful = replace(card.edited(FieldName.ELIGIBILITY, edit), fields=tuple(
        replace(one, conflicting=one.name is FieldName.DEADLINE)
        for one in card.edited(FieldName.ELIGIBILITY, edit).fields))
    assert doubtful.field(FieldName.DEADLINE).state is State.CONFLICT
    model = Lettered(f"{WHO} [{{who}}]", f"{WHEN} [{{when}}]")
    said = worded(doubtful, model)
    assert not [prompt for prompt in model.prompts if WHO in prompt.body or WHEN in prompt.body]
    assert said.sentences == plain_text(doubtful, "tg").sentences


def test_who_wrote_a_sentence_is_told_in_text_and_in_json(card):
    wording = Wording(Drafting((Lettered(f"{WHO} [{{who}}]"),)))
    remark = text("tg", "wording", "by", model="soro", count=1)
    assert f"  {remark}" in list(card_lines(card, "tg", wording.plain_text))
    plain = card_object(card, wording.plain_text)["plain"]["tg"]
    assert (plain["generator"], plain["written"], plain["remark"]) == ("soro", 1, remark)
    assert "generator" not in card_object(card)["plain"]["tg"]


def test_a_quote_in_another_language_is_no_wording_of_a_model(card):
    said = worded(card, Lettered(f"{WHO} [{{who}}]", f"{WHEN} [{{when}}]"), language="ru")
    assert said.sentences == plain_text(card, "ru").sentences
    assert said.remark == text("ru", "wording", "none", model="soro")


def test_what_is_no_notice_is_given_to_no_model():
    model = Lettered(f"{WHO} [{{who}}]")
    other, = cards("# Хабар\n\nИмрӯз ҳаво хуб аст.\n")
    assert worded(other, model) == plain_text(other, "tg")
    assert model.prompts == []


def test_the_command_asks_no_model_unless_one_is_named(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr("assistant.generate.open_generators",
                        lambda name, *_: asked.append(name) or Opened((Lettered(f"{WHO} [{{who}}]"),)))
    notice = tmp_path / "notice.md"
    notice.write_text(NOTICE, encoding="utf-8")
    given = ["summarise", str(notice), "--json", "--data-dir", str(tmp_path / "data")]
    bare = CliRunner().invoke(app, given)
    assert asked == []
    named = CliRunner().invoke(app, [*given, "--generator", "soro"])
    assert (bare.exit_code, named.exit_code, asked) == (0, 0, ["soro"])
    first, second = json.loads(bare.stdout), json.loads(named.stdout)
    assert second["plain"]["tg"]["generator"] == "soro"
    assert {name: first[name] for name in first if name != "plain"} \
        == {name: second[name] for name in second if name != "plain"}


def test_a_model_that_is_not_there_is_a_notice_and_the_card_is_made(tmp_path):
    notice = tmp_path / "notice.md"
    notice.write_text(NOTICE, encoding="utf-8")
    done = CliRunner().invoke(app, ["summarise", str(notice), "--generator", "soro",
                                    "--data-dir", str(tmp_path / "data")])
    assert done.exit_code == 0
    assert "Муҳлати охирин: то 31 марти соли 2026." in done.stdout
    assert "soro" in done.stderr


@pytest.mark.model
def test_a_real_model_changes_no_figure_of_a_card(card):
    with TemporaryDirectory() as folder:
        models = Models(Path(folder))
        profile = replace(models.profile("gemma-270m"), role=Role.ANSWER)
        with LlamaGenerator("gemma", models.resolve("gemma-270m"), profile) as gemma:
            said = worded(card, gemma, deadline_s=120)
    quotes = [figure for citation in card.citations for figure in figures(citation.quote)]
    assert all(supported(figure, quotes) for one in said.sentences[:said.written] for figure in figures(one.text))
