"""What changed between two editions: every planted change is found with its kind, and none where nothing changed."""

from __future__ import annotations

import json
import re

import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.revision import ChangeKind, changes
from assistant.texts import LANGUAGES, text
from corpora.ingest import read_entry
from corpora.metadata import Metadata
from corpora.records import DocumentId
from tests.planted import EACH, PLANTS, planted

OLD, CHANGED = planted()


def read(words, name="edition.md"):
    return read_entry(name, words.encode(), Metadata(DocumentId(name)))[0]


def act(sentences):
    """Return the sentences as an act of articles, four to each."""
    lines = ["# Тартиби намунавӣ", ""]
    for at in range(0, len(sentences), 4):
        lines += [f"## Моддаи {at // 4 + 1}. Шартҳо", "", *(f"{one}\n" for one in sentences[at:at + 4])]
    return "\n".join(lines)


def with_planted():
    return [CHANGED[at][1] if at in CHANGED else one for at, one in enumerate(OLD)]


def test_there_are_a_hundred_planted_changes_of_four_kinds():
    assert len(CHANGED) == 4 * EACH
    assert {kind for kind, _ in CHANGED.values()} == set(PLANTS)


def test_every_planted_change_is_found_with_its_kind_and_both_quotes():
    found = changes(read(act(OLD)), read(act(with_planted())))
    told = {(change.kind, *(citation.quote for citation in change.citations)) for change in found}
    missing = [(kind, new) for at, (kind, new) in CHANGED.items() if (kind, OLD[at], new) not in told]
    assert not missing
    assert {change.pair.new.citation.quote for change in found} == {new for _, new in CHANGED.values()}


def test_amounts_dates_conditions_and_denials_come_first():
    kinds = [change.kind for change in changes(read(act(OLD)), read(act(with_planted())))]
    assert kinds == sorted(kinds, key=list(ChangeKind).index)


@pytest.mark.parametrize("again", [
    act(OLD), act(OLD).replace("«", '"').replace("»", '"').replace("–", "-"),
    re.sub(r"\n\n(?=[А-ЯҒӢҚӮҲҶ])", "\n", act(OLD))], ids=["the same", "other quotes and dashes", "other lines"])
def test_no_change_is_told_where_there_is_none(again):
    assert changes(read(act(OLD)), read(again)) == ()


def test_a_sentence_that_only_moved_is_no_change():
    moved = act([*OLD[8:16], *OLD[:8], *OLD[16:40]])
    assert changes(read(act(OLD[:40])), read(moved)) == ()


def test_what_was_added_and_what_went_is_told_with_its_own_quote():
    other = "Ин ҷумлаи нав дар бораи чизи тамоман дигар аст."
    found = changes(read(act(OLD[:8])), read(act([*OLD[:6], other, OLD[6]])))
    assert [change.kind for change in found] == [ChangeKind.ADDED, ChangeKind.REMOVED]
    assert [len(change.citations) for change in found] == [1, 1]
    assert found[1].citations[0].quote == OLD[7]


def test_the_plain_sentence_names_the_sums_that_went_and_came():
    old = "Кумакпулӣ ба андозаи 100 сомонӣ дода мешавад."
    change, = changes(read(old), read(old.replace("100", "150")))
    assert change.plain("tg") == "Маблағ тағйир ёфт: пештар 100 сомонӣ, акнун 150 сомонӣ."
    assert change.plain("ru") == "Изменилась сумма: было 100 сомонӣ, стало 150 сомонӣ."


def test_a_bound_of_a_sum_is_a_change_of_the_sum():
    old = "Кумак на камтар аз 100 сомонӣ дода мешавад."
    assert [one.kind for one in changes(read(old), read(old.replace("на камтар", "на бештар")))] == [ChangeKind.AMOUNT]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_of_change_has_words(language):
    assert all(text(language, "compare", kind, old="1", new="2") for kind in ChangeKind)


def test_compare_prints_one_object(tmp_path):
    first, second = tmp_path / "old.md", tmp_path / "new.md"
    first.write_text(act(OLD[:8]), encoding="utf-8")
    second.write_text(act([*OLD[:7], OLD[7] + " Илова."]), encoding="utf-8")
    done = CliRunner().invoke(app, ["compare", str(first), str(second), "--json"])
    found = json.loads(done.stdout)["changes"]
    assert done.exit_code == 0
    assert found
    assert all({"kind", "article", "old", "new", "citations"} <= set(change) for change in found)
    same = CliRunner().invoke(app, ["compare", str(first), str(first)])
    assert same.stdout.strip() == "Дар ду нашр фарқе нест."
