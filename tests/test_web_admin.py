"""The admin's pages as a browser without scripts meets them: machines, questions and tasks, documents."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from datetime import datetime, timedelta
from html import unescape

import pytest
from starlette.testclient import TestClient

from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.access.tasks import Task, Work
from assistant.sync_settings import SyncSettings, home_of
from assistant.tally import read_tally
from assistant.texts import text
from assistant.waiting import opened_inbox
from assistant.web.app import kiosk
from assistant.web.glance import accepted_until, read_glance
from assistant.web.plot import HEIGHT, WIDTH, plotted
from sync.batch import Event, Kind, write_batch
from sync.client import STATE
from sync.release import canonical
from sync.state import State
from tests.desk import ADDRESS, NOW, desk
from tests.fleet_reports import machine, said
from tests.front import Front, deeds, desks, desks_over
from tests.ministry import Ministry
from tests.prepared_releases import prepare

DAY = NOW.date()
QUESTION = "Барои шиносномаи хориҷӣ чанд пул дихам?"


@pytest.fixture
def config(tmp_path, monkeypatch):
    return desks(tmp_path / "data", monkeypatch)


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


def test_machines_of_one_standing_are_shown_alone_and_counted_all_the_same(config, admin):
    for name, back in (("Хуҷанд", 0), ("Кӯлоб", 30)):
        said(config, machine(config, name, DAY - timedelta(days=90)), DAY - timedelta(days=back), {"min-health": 3})
    silent = admin.get("/admin/machines?state=silent").text
    assert "Кӯлоб" in silent
    assert "Хуҷанд" not in silent
    assert f"{text('tg', 'admin', 'machines')}: 2" in silent
    assert "Хуҷанд" in admin.get("/admin/machines?state=nonsense").text
    assert text("tg", "admin_more", "none_such") in admin.get("/admin/machines?state=late").text


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


def test_what_somebody_typed_at_a_kiosk_is_quoted_in_the_command_that_an_admin_copies(config, admin):
    typed = "\"; touch /tmp/x; $(id) `id` 'ҳа'"
    with opened_store(config) as store:
        store.tasks.open(Task(0, typed, Work.FACT, "", "", DAY, DAY, "baxtiyor"), NOW)
    [command] = re.findall(r"(rohnamo ask .+)</pre>", admin.get("/admin/questions").text)
    assert shlex.split(unescape(command)) == ["rohnamo", "ask", typed]


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
    config = desks_over(seed_config, tmp_path, monkeypatch)
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
    shown = unescape(admin.get("/admin/questions").text)
    with front.desk.current.assistant() as assistant:
        snapshot = assistant.snapshot_id
    assert text("tg", "admin", "task_answered", date="25 ноябри соли 2026", snapshot=snapshot) in shown
    assert shown.count(f"rohnamo ask '{tasks[2]['question']}'") == 1
    assert f"rohnamo ask '{tasks[1]['question']}'" not in shown


def test_the_state_of_the_documents_is_shown_in_every_language_and_as_an_object(over_the_seed):
    admin = over_the_seed.inside()
    for language in ("tg", "ru", "en"):
        admin.post("/language", data={"language": language})
        shown = unescape(admin.get("/admin/content").text)
        assert text(language, "admin", "coverage") in shown
    plain = admin.get("/admin/content.json").json()
    assert plain["documents"] > 50
    assert plain["coverage"]


def test_findings_of_one_kind_are_shown_alone_and_each_leads_to_its_document(over_the_seed):
    admin = over_the_seed.inside()
    shown = unescape(admin.get("/admin/content?only=review").text)
    assert 'id="review"' in shown
    assert 'id="expiring"' not in shown
    assert "/admin/content?only=expiring" in shown
    links = set(re.findall(r'href="(/admin/document/[^"]+)"', shown))
    assert len(links) > 100
    assert {admin.get(link).status_code for link in sorted(links)[:5]} == {200}


def test_what_is_due_is_behind_its_year_or_month_the_oldest_first(over_the_seed):
    shown = over_the_seed.inside().get("/admin/content?only=review").text
    years = re.findall(r"<summary>(\d{4}): (\d+)", shown)
    assert len(years) > 5
    assert years == sorted(years)
    assert text("tg", "admin_more", "month", month="декабри соли 2026", count=45) in shown
    assert text("tg", "admin", "over") in shown
    assert "<details class=\"desk-month\" open>" not in shown


def test_a_document_is_shown_with_where_it_is_from_whether_it_holds_and_its_facts(over_the_seed):
    admin = over_the_seed.inside()
    shown = unescape(admin.get("/admin/document/appeals-law-old").text)
    for words in (text("tg", "document_status", "void"), "14 декабри соли 1996", "appeals-law-old.html",
                  text("tg", "admin_more", "given"), 'href="/admin/document/appeals"', "rohnamo ingest"):
        assert words in shown, words
    assert admin.get("/admin/document/nothing").status_code == 404
    assert admin.get("/admin/document/%3Cb%3E").status_code == 404


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


def test_today_is_told_at_a_glance_and_each_part_leads_to_its_page(config, front, admin):
    shown = unescape(admin.get("/admin").text)
    assert text("tg", "admin", "no_machines") in shown
    assert text("tg", "admin_more", "no_documents") in shown
    for page in ("machines", "releases", "questions", "content", "audit"):
        assert f'href="/admin/{page}"' in shown
    for name, back in (("Хуҷанд", 0), ("Кӯлоб", 30)):
        said(config, machine(config, name, DAY - timedelta(days=90)), DAY - timedelta(days=back), {"min-health": 3})
    ask(config, *[QUESTION] * 3)
    prepare(config, "min-labour-1")
    with opened_store(config) as store:
        store.tasks.open(Task(0, QUESTION, Work.NOTE, "", "", DAY, DAY, "baxtiyor"), NOW)
    now = unescape(admin.get("/admin").text)
    for words in (text("tg", "admin_more", "machines_bad", bad=1, count=3, silent=1, trouble=0, late=0),
                  text("tg", "admin_more", "week_questions", count=3, tasks=1),
                  text("tg", "admin_more", "releases_waiting", count=1)):
        assert words in now, words
    front.later(8 * 86_400)
    assert text("tg", "admin_more", "week_questions", count=0, tasks=1) in unescape(front.inside().get("/admin").text)


def test_the_glance_says_that_the_log_was_changed(config, admin):
    with opened_store(config) as store:
        store.connection.execute("DROP TRIGGER audit_is_not_changed")
        store.connection.execute("UPDATE audit SET entry = replace(entry, 'anisa', 'anvar') WHERE number = 1")
    assert text("tg", "admin_more", "audit_bad") in admin.get("/admin").text


def test_until_when_what_is_published_is_accepted_is_the_first_day_on_which_a_signature_is_over(config, tmp_path):
    assert accepted_until(config) is None
    ministry, kept = Ministry(tmp_path), home_of(config) / "tuf"
    kept.mkdir(parents=True)
    state = ministry.repository.state()
    for role, data in state.files.items():
        (kept / f"{role}.json").write_bytes(data)
    (kept / "half.json").write_bytes(b"{")
    until = accepted_until(config)
    assert until == min(state.metadata(role).signed.expires for role in state.files).date()
    now = datetime.combine(until + timedelta(days=1), NOW.timetz())
    late = read_glance(replace(desk(config), now=lambda: now), None)
    assert late.states["releases"] == "bad"
    assert read_glance(replace(desk(config), now=lambda: now - timedelta(days=30)), None).states["releases"] == "good"


def test_the_log_is_shown_by_person_and_deed_in_the_language_of_the_page_and_taken_as_a_table(config, admin):
    admin.post("/language", data={"language": "ru"})
    shown = admin.get("/admin/audit?who=baxtiyor&deed=entered").text
    assert f"<td data-label=\"{text('ru', 'admin', 'did')}\">{text('ru', 'deed', 'entered')}</td>" in shown
    assert shown.count(f">{text('ru', 'deed', 'account_made')}</td>") == 0
    assert text("ru", "admin_more", "shown", count=1, all=1) in shown
    made = admin.get("/admin/audit?deed=account_made").text
    assert text("ru", "admin_more", "shown", count=2, all=2) in made
    assert made.count(f">{text('ru', 'deed', 'entered')}</td>") == 0
    table = admin.get("/admin/audit.csv?who=baxtiyor&deed=entered")
    assert table.headers["content-type"].startswith("text/csv")
    lines = table.content.decode("utf-8-sig").splitlines()
    assert (len(lines), lines[0]) == (2, "number,at,who,deed,detail")
    assert ",baxtiyor,entered,role admin" in lines[1]
    assert deeds(config, 1) == [("baxtiyor", "exported", {"table": "audit"})]
    assert text("ru", "admin_more", "shown", count=0, all=0) in admin.get("/admin/audit?who=nobody").text
