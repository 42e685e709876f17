"""The admin's pages as a browser without scripts meets them: machines, questions and tasks, documents."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.access.tasks import Task, Work
from assistant.config import Config
from assistant.sync_settings import SyncSettings, home_of
from assistant.tally import read_tally
from assistant.texts import text
from assistant.waiting import opened_inbox
from assistant.web.app import kiosk
from assistant.web.plot import HEIGHT, WIDTH, plotted
from sync.batch import Event, Kind, write_batch
from sync.client import STATE
from sync.release import canonical
from sync.state import State
from tests.desk import ADDRESS, NOW, desk
from tests.fleet_reports import machine, said
from tests.front import Front, cheaply, deeds, with_accounts

DAY = NOW.date()
QUESTION = "Барои шиносномаи хориҷӣ чанд пул дихам?"


@pytest.fixture
def config(tmp_path, monkeypatch):
    cheaply(monkeypatch)
    found = Config(tmp_path / "data")
    with_accounts(found)
    return found


@pytest.fixture
def front(config):
    return Front(config, Role.ADMIN)


@pytest.fixture
def admin(front):
    return front.inside()


def ask(config, *questions, name="kiosk-1"):
    key = machine(config, name, DAY)
    events = [Event(f"{number:032x}", Kind.QUESTION, DAY, canonical({"question": one, "closest": ["passport"]}))
              for number, one in enumerate(questions)]
    with opened_inbox(config) as inbox:
        inbox.accept(write_batch(events, key), DAY)


def send(front, admin, path, **data):
    return admin.post(path, data=data | {"csrf": front.csrf(admin)})


def test_machines_are_shown_the_worst_first_with_what_is_wrong_in_words(config, admin):
    for name in ("<b>Хуҷанд</b>", "Кӯлоб"):
        key = machine(config, name, DAY - timedelta(days=90))
        said(config, key, DAY - timedelta(days=0 if "Х" in name else 30), {"min-health": 3},
             errors=("no_space",) if "Х" in name else ())
    shown = admin.get("/admin/machines").text
    assert "<b>Хуҷанд" not in shown
    assert "&lt;b&gt;Хуҷанд" in shown
    rows = re.findall(r'<td data-label="[^"]*"><span class="standing standing--(\w+)">(.*?)<', shown)
    assert rows == [
        ("silent", text("tg", "standing", "silent")), ("trouble", text("tg", "standing", "trouble"))]
    assert text("tg", "machine_error", "no_space") in shown
    assert "no_space" not in shown
    assert shown.count('<figure class="plot">') == 2


def test_a_table_and_an_object_are_taken_and_the_log_says_so(config, admin):
    said(config, machine(config, "Хуҷанд", DAY), DAY, {"min-health": 3}, asked=10, abstained=1)
    table, plain = admin.get("/admin/machines.csv"), admin.get("/admin/machines.json")
    assert table.headers["content-type"].startswith("text/csv")
    assert "attachment" in table.headers["content-disposition"]
    assert "Хуҷанд" in table.content.decode("utf-8-sig")
    assert plain.json()["machines"][0]["asked"] == 10
    assert len(plain.json()["days"]) == 90
    assert [did for _, did, _ in deeds(config, 2)] == ["exported", "exported"]


def test_without_machines_or_questions_the_pages_say_so(admin):
    assert text("tg", "admin", "no_machines") in admin.get("/admin/machines").text
    shown = admin.get("/admin/questions").text
    assert text("tg", "admin", "no_questions") in shown
    assert text("tg", "admin", "no_tasks") in shown


def test_from_a_group_to_a_task_and_its_group_has_it_then(config, front, admin):
    ask(config, *[QUESTION] * 3)
    shown = admin.get("/admin/questions").text
    assert f"<h2>{QUESTION}</h2>" in unescape(shown)
    assert 'action="/admin/tasks"' in shown
    sent = send(front, admin, "/admin/tasks", question=QUESTION, work="fact", document="passport", note="<i>аз")
    assert sent.headers["location"] == "/admin/questions#tasks"
    after = admin.get("/admin/questions").text
    assert text("tg", "admin", "task", number=1) in after
    assert 'action="/admin/tasks"' not in after
    assert "<i>аз" not in after
    assert deeds(config, 1) == [("baxtiyor", "task_opened", {"task": "1"})]
    assert send(front, admin, "/admin/tasks", question=QUESTION, work="fact").status_code == 409


@pytest.mark.parametrize("data", [{"question": "чизи дигар", "work": "fact"}, {"question": QUESTION, "work": "sing"},
                                  {"work": "fact"}, {"question": QUESTION}])
def test_a_task_about_what_is_not_shown_or_of_no_work_is_not_opened(config, front, admin, data):
    ask(config, *[QUESTION] * 3)
    assert send(front, admin, "/admin/tasks", **data).status_code == 400
    with opened_store(config) as store:
        assert store.tasks.all() == ()


def test_what_few_asked_is_on_no_page_and_in_no_object(config, admin):
    ask(config, QUESTION, QUESTION)
    for path in ("/admin/questions", "/admin/questions.json"):
        assert "шиносномаи хориҷӣ" not in unescape(admin.get(path).text), path
    assert admin.get("/admin/questions.json").json()["few"] == 2


def test_a_task_is_closed_by_a_person_once(config, front, admin):
    with opened_store(config) as store:
        store.tasks.open(Task(0, QUESTION, Work.NOTE, "", "", DAY, DAY, "baxtiyor"), NOW)
    assert send(front, admin, "/admin/tasks/1/close").status_code == 303
    assert text("tg", "admin", "task_closed", date="25 ноябри соли 2026") in admin.get("/admin/questions").text
    assert send(front, admin, "/admin/tasks/1/close").status_code == 404
    assert deeds(config, 1) == [("baxtiyor", "task_closed", {"task": "1"})]


@pytest.fixture
def over_the_seed(seed_config, tmp_path, monkeypatch):
    """An admin's pages on a machine that answers from the seed."""
    cheaply(monkeypatch)
    for name in ("generations", "drafts"):
        (tmp_path / name).symlink_to(getattr(seed_config, name))
    config = replace(seed_config, data_dir=tmp_path)
    with_accounts(config)
    front = Front(config, Role.ADMIN)
    with front.desk.current:
        yield front


def test_a_task_that_the_documents_answer_is_done_by_itself_and_tells_the_days(over_the_seed):
    front, admin = over_the_seed, over_the_seed.inside()
    with opened_store(front.config) as store:
        for question in ("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?", "Қимати тилло дар Миррих чанд аст?"):
            store.tasks.open(Task(0, question, Work.FACT, "", "", DAY - timedelta(days=9), DAY, "baxtiyor"), NOW)
    tasks = {one["number"]: one for one in admin.get("/admin/questions.json").json()["tasks"]}
    assert (tasks[1]["answered"], tasks[1]["days_to_fix"]) == (DAY.isoformat(), 9)
    assert (tasks[2]["answered"], tasks[2]["days_to_fix"]) == (None, None)


def test_the_state_of_the_documents_is_shown_in_every_language_and_as_an_object(over_the_seed):
    admin = over_the_seed.inside()
    for language in ("tg", "ru", "en"):
        admin.post("/language", data={"language": language})
        shown = unescape(admin.get("/admin/content").text)
        assert text(language, "admin", "coverage") in shown
    plain = admin.get("/admin/content.json").json()
    assert plain["documents"] > 50
    assert plain["coverage"]


def test_where_there_are_no_documents_the_page_says_so(admin):
    answer = admin.get("/admin/content")
    assert answer.status_code == 503
    assert text("tg", "kiosk", "problem_no_documents") in answer.text


def test_a_plot_stays_in_its_frame_and_breaks_where_nothing_is_known():
    days = [DAY + timedelta(days=at) for at in range(7)]
    plot = plotted(days, [0.0, 1.0, None, 0.5, None, 0.25, 0.75])
    assert (len(plot.stretches), len(plot.dots), plot.last) == (2, 1, 0.75)
    points = [tuple(map(float, one.split(","))) for stretch in plot.stretches for one in stretch.split()]
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in (*points, *plot.dots))
    assert points[0][1] > points[1][1]
    assert plotted(days, [None] * 7).last is None
    assert plotted([], []).stretches == ()


@pytest.mark.parametrize("accept", ["text/html", "text/event-stream"])
def test_a_kiosk_that_reports_counts_what_was_asked_and_keeps_two_numbers_when_it_ends(over_the_seed, accept):
    config = replace(over_the_seed.config, sync=SyncSettings())
    here = desk(config)
    with here.current, TestClient(kiosk(here), base_url=ADDRESS, headers={"origin": ADDRESS}) as person:
        for question in ("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?", "Қимати тилло дар Миррих чанд аст?", ""):
            person.post("/ask", data={"question": question}, headers={"accept": accept})
        assert not (home_of(config) / STATE).exists()
    with State(home_of(config) / STATE) as state:
        assert read_tally(state.connection) == {"abstained": 1, "asked": 2}
        assert "Миррих" not in str(list(state.connection.iterdump()))


def test_the_middle_of_the_days_until_an_answer_is_told(over_the_seed):
    admin = over_the_seed.inside()
    with opened_store(over_the_seed.config) as store:
        for at, days in enumerate((2, 4, 30)):
            task = Task(0, f"савол {at}", Work.FACT, "", "", DAY - timedelta(days=days), DAY, "baxtiyor")
            store.tasks.open(task, NOW)
        store.tasks.check("earlier", lambda _: True, DAY)
    assert text("tg", "admin", "middle_days", count=4) in admin.get("/admin/questions").text
