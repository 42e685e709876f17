"""Questions without an answer: gathered by meaning, shown where many asked, and followed until they are answered."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from assistant.access.audit import faults
from assistant.access.store import opened_store
from assistant.access.tasks import Task, TaskError, Work
from assistant.config import Config
from assistant.unanswered import LEAST, Asked, gathered, nearest, read_unanswered
from assistant.waiting import opened_inbox
from index.static_encoder import shipped
from sync.batch import Event, Kind, write_batch
from sync.release import canonical
from tests.fleet_reports import machine

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
DAY = NOW.date()
PASSPORT = ("Шиносномаи хориҷӣ чанд пул аст?", "шиносномаи хориҷӣ чанд пул?", "Барои шиносномаи хориҷӣ чанд пул дихам")
BEES = ("Занбӯрро чӣ тавр бақайд гирам?", "Занбурро чи тавр бақайд гирам")


def asked(text, *, back=1, name="kiosk-1"):
    return Asked(text, DAY - timedelta(days=back), name)


@pytest.fixture(scope="module")
def encoder():
    return shipped()


def test_questions_of_one_meaning_are_one_group_and_others_another(encoder):
    some = [asked(text, name=f"kiosk-{at}") for at, text in enumerate(PASSPORT * 2)] + [asked(one) for one in BEES * 2]
    found = gathered(some, encoder, DAY)
    assert [(group.count, group.machines) for group in found.groups] == [(6, 6), (4, 1)]
    assert set(found.groups[0].texts) == set(PASSPORT)
    assert found.few == 0


def test_what_few_people_asked_is_counted_and_not_shown(encoder):
    some = [asked(PASSPORT[0])] * LEAST + [asked(BEES[0])] * (LEAST - 1)
    found = gathered(some, encoder, DAY)
    assert ([group.question for group in found.groups], found.few) == ([PASSPORT[0]], LEAST - 1)


def test_a_group_tells_when_it_was_first_asked_and_whether_it_is_asked_more_often_than_before(encoder):
    some = [asked(PASSPORT[0], back=back) for back in (45, 40, 10, 5, 1)]
    group = gathered(some, encoder, DAY).groups[0]
    assert (group.first, group.last) == (DAY - timedelta(days=45), DAY - timedelta(days=1))
    assert (group.lately, group.before) == (3, 2)


def test_without_an_encoder_the_same_words_are_one_group(encoder):
    some = [asked(one) for one in (BEES[0], BEES[1], BEES[0].upper())] + [asked(PASSPORT[0])] * 3
    found = gathered(some, None, DAY)
    assert [group.count for group in found.groups] == [3, 3]


def test_nothing_asked_is_nothing_shown(encoder):
    assert gathered([], encoder, DAY).groups == ()
    assert nearest("чизе", (), encoder) is None


def test_a_question_belongs_to_the_group_of_its_meaning(encoder):
    groups = gathered([asked(PASSPORT[0])] * 3 + [asked(BEES[0])] * 3, encoder, DAY).groups
    assert nearest(BEES[1], groups, encoder).question == BEES[0]
    assert nearest("Ҳаво имрӯз чӣ хел аст?", groups, encoder) is None


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "ministry")


def hand_in(config, *events):
    key = machine(config, "kiosk-1", DAY)
    with opened_inbox(config) as inbox:
        inbox.accept(write_batch(events, key), DAY)
    return key.id


def event(number, kind, body):
    return Event(f"{number:032x}", kind, DAY, body if isinstance(body, bytes) else canonical(body))


def test_what_machines_told_is_read_and_what_is_not_as_it_should_be_left_out(config):
    told = [event(1, Kind.QUESTION, {"question": PASSPORT[0], "closest": ["passport"]}),
            event(2, Kind.FEEDBACK, {"question": BEES[0], "documents": [], "verdict": "not_found"}),
            event(3, Kind.FEEDBACK, {"documents": ["a"], "verdict": "yes"}),
            event(4, Kind.FEEDBACK, {"question": "ҷавоб нодуруст аст", "documents": [], "verdict": "no"}),
            *(event(5 + at, Kind.QUESTION, body) for at, body in enumerate((
                b"\xff", b"[]", b"null", {"question": 7, "closest": []}, {"question": " ", "closest": []},
                {"question": "x", "closest": 3}, {"closest": []})))]
    name = hand_in(config, *told)
    assert read_unanswered(config) == [Asked(PASSPORT[0], DAY, name, ("passport",)), Asked(BEES[0], DAY, name)]


# Tasks

@pytest.fixture
def store(config):
    with opened_store(config) as opened:
        yield opened


TASK = Task(0, PASSPORT[0], Work.FACT, "аз қарори нав", "passport", DAY - timedelta(days=20), DAY, "baxtiyor")


def test_a_task_is_done_when_a_snapshot_answers_its_question_and_the_days_until_then_are_told(store):
    task = store.tasks.open(TASK, NOW)
    assert (task.number, task.done, task.days_to_fix) == (1, None, None)
    questions = []
    assert store.tasks.check("7", lambda question: bool(questions.append(question)), DAY) == 0
    assert store.tasks.check("7", lambda question: 1 / 0, DAY) == 0      # not asked again of the same snapshot
    assert store.tasks.check("8", lambda _: True, DAY + timedelta(days=4)) == 1
    done = store.tasks.all()[0]
    assert (questions, done.answered, done.snapshot, done.days_to_fix) == \
        ([PASSPORT[0]], DAY + timedelta(days=4), "8", 24)
    assert store.tasks.check("9", lambda _: 1 / 0, DAY) == 0


def test_a_question_has_one_open_task_and_may_have_another_when_that_is_done(store):
    store.tasks.open(TASK, NOW)
    with pytest.raises(TaskError, match="open already"):
        store.tasks.open(TASK, NOW)
    store.tasks.close(1, "baxtiyor", NOW)
    assert store.tasks.open(TASK, NOW).number == 2
    assert [one.number for one in store.tasks.all()] == [2, 1]


def test_a_task_that_is_done_or_not_there_is_not_closed_again(store):
    store.tasks.open(TASK, NOW)
    closed = store.tasks.close(1, "baxtiyor", NOW)
    assert (closed.closed, closed.days_to_fix) == (DAY, None)
    for number in (1, 2):
        with pytest.raises(TaskError):
            store.tasks.close(number, "anisa", NOW)
    assert [one.deed for one in store.audit.last(9)] == ["task_closed", "task_opened"]


def test_what_becomes_of_a_task_is_in_the_log_which_stays_whole(store):
    store.tasks.open(replace(TASK, note="дароз " * 1000), NOW)
    store.tasks.close(1, "anisa", NOW)
    assert [(one.who, dict(one.detail)) for one in store.audit.last(9)] == \
        [("anisa", {"task": "1"}), ("baxtiyor", {"task": "1"})]
    assert faults(store.audit.rows()) == ()
    assert len(store.tasks.all()[0].note) == 1000
    assert store.tasks.all()[0].first_asked == date(2026, 11, 6)
