"""The first hits are looked at a second time, and an old edition gives way to the one in force."""

from __future__ import annotations

from datetime import date

import pytest

from assistant.query import understand
from assistant.retrieve import WEIGHTS, retrieve
from assistant.second_look import SIGNS, signs
from corpora import Entry
from corpora.records import Act
from index import Snapshot, build_snapshot
from tests.entries import entry

DAY = date(2026, 11, 25)
SAME = "Барои бақайдгирии ақди никоҳ боҷи давлатӣ ба андозаи {} нишондиҳанда дар САҲШ пардохта мешавад."


def asked(text, **fields):
    return understand(text, today=DAY, **fields)


def others():
    return [entry(f"дигар-{letter}", f"Матни {letter * 3} дар бораи боғу дарахтон.") for letter in "бвгджзклмнпр"]


@pytest.fixture
def opened(tmp_path):
    snapshots = []

    def build(*entries: Entry):
        path = tmp_path / f"{len(snapshots):04d}"
        build_snapshot([*entries, *others()], path, encoder=None)
        snapshots.append(Snapshot.open(path, encoder=None))
        return snapshots[-1]

    yield build
    for snapshot in snapshots:
        snapshot.close()


def ids(hits):
    return [hit.document.id for hit in hits]


def seen(snapshot, query):
    hits = snapshot.search(query.search, 10)
    return {hit.document.id: dict(zip(SIGNS, row, strict=True))
            for hit, row in zip(hits, signs(query, hits, snapshot), strict=True)}


def test_every_sign_has_a_weight_and_lies_between_nothing_and_full(opened):
    snapshot = opened(entry("никоҳ", SAME.format(2), title="Ақди никоҳ"))
    rows = seen(snapshot, asked("Боҷи ақди никоҳ чанд аст?"))
    assert len(WEIGHTS) == len(SIGNS)
    assert rows
    assert all(0.0 <= value <= 1.0 for row in rows.values() for value in row.values())


def test_words_that_stand_together_are_nearer_than_words_far_apart(opened):
    far = "Шутур меояд. " + "Ин ҷо сухани дигар меравад. " * 4 + "Саксавул дар биёбон мерӯяд."
    rows = seen(opened(entry("наздик", "Саксавули шутур дар биёбон мерӯяд."), entry("дур", far)),
                asked("саксавули шутур"))
    assert rows["наздик"]["near"] == 1.0
    assert rows["дур"]["near"] == 0.0
    assert rows["наздик"]["coverage"] == rows["дур"]["coverage"] == 1.0


def test_a_number_of_an_act_is_met_as_a_number_and_not_within_another(opened):
    rows = seen(opened(entry("қарор", "Қарори Ҳукумат дар бораи бақайдгирӣ, № 294."),
                       entry("дигар", "Қарори Ҳукумат дар бораи бақайдгирӣ, № 2945.")), asked("қарори 294"))
    assert rows["қарор"]["numbers"] == 1.0
    assert rows["дигар"]["numbers"] == 0.0


def test_a_document_of_the_act_asked_for_is_met_though_its_text_does_not_name_it(opened):
    named = entry("қоида", "Тартиби бақайдгирӣ муқаррар мешавад.", act=Act("қарор", "294", "2020-05-27"))
    rows = seen(opened(named, entry("дигар", "Тартиби бақайдгирӣ дигар аст.")), asked("бақайдгирӣ қарори 294"))
    assert (rows["қоида"]["numbers"], rows["дигар"]["numbers"]) == (1.0, 0.0)


def test_hits_come_best_first_with_ranks_and_the_scores_of_every_stage(opened):
    snapshot = opened(entry("никоҳ", SAME.format(2), title="Ақди никоҳ"), entry("боҷ", "Боҷи давлатӣ чист."))
    hits = retrieve(snapshot, asked("Боҷи ақди никоҳ чанд аст?"), 2)
    assert ids(hits) == ["никоҳ", "боҷ"]
    assert [hit.rank for hit in hits] == [1, 2]
    assert all({"lexical", "fused", "coverage", "topic", "final"} <= set(hit.scores) for hit in hits)
    assert hits[0].scores["final"] > hits[1].scores["final"]


def editions(**fields):
    old = entry("қонун-2015", SAME.format(1), title="Қонуни боҷ", status="superseded", valid_from="2015-01-01",
                valid_until="2020-01-01", act=Act("қонун", "12", "2015-01-01"))
    new = entry("қонун-2020", SAME.format(2), title="Қонуни боҷ", status="in_force", valid_from="2020-01-01",
                act=Act("қонун", "12", "2015-01-01"), **fields)
    return old, new


def test_of_two_editions_of_an_act_the_one_in_force_is_found(opened):
    assert ids(retrieve(opened(*editions()), asked("боҷи ақди никоҳ"))) == ["қонун-2020"]


def test_the_older_edition_is_reached_by_asking_about_its_day(opened):
    hits = retrieve(opened(*editions()), asked("боҷи ақди никоҳ", at=date(2017, 5, 1)))
    assert ids(hits)[0] == "қонун-2015"


def test_a_lapsed_act_that_says_something_else_is_not_hidden(opened):
    _, new = editions()
    other = entry("қонун-кӯҳна", "Ақди никоҳ пеш аз ин танҳо дар ҷамоат ба қайд гирифта мешуд.", status="superseded",
                  act=Act("қонун", "12", "2015-01-01"))
    assert set(ids(retrieve(opened(other, new), asked("ақди никоҳ")))) == {"қонун-2020", "қонун-кӯҳна"}
