"""The pages of clerks and admins: who sees which, how long, and what has to come with what is sent."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from assistant.access.limits import FREE_TRIES
from assistant.access.passwords import hashed
from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.texts import LANGUAGES, text
from assistant.waiting import opened_inbox
from assistant.web.app import kiosk
from assistant.web.guard import HEADERS
from assistant.web.lock import CSRF_HEADER
from assistant.web.office import OPEN, with_inbox
from assistant.web.session import Session
from tests.desk import ADDRESS, desk
from tests.front import IDLE_S, MOST_S, NOW, OF, PASSWORDS, Front, deeds, desks, enter

ROOT = Path(__file__).parents[1]
OPEN_PATHS = {route.path for route in OPEN}
OTHER = {Role.CLERK: Role.ADMIN, Role.ADMIN: Role.CLERK}


@pytest.fixture
def config(tmp_path, monkeypatch):
    return desks(tmp_path / "data", monkeypatch)


@pytest.fixture(params=list(Role))
def front(config, request):
    return Front(config, request.param)


@pytest.fixture
def admin(config):
    return Front(config, Role.ADMIN)


def table(app):
    """Every address of an application, with each way of asking for it."""
    for route in app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        filled = re.sub(r"\{\w+(:\w+)?\}", "1", route.path)
        yield from ((method, filled, route.path in OPEN_PATHS) for method in sorted(route.methods - {"HEAD"}))


# Who sees what

def test_a_stranger_is_led_to_the_door_from_every_page_and_learns_nothing(front):
    asked = list(table(front.app))
    assert len([path for _, path, is_open in asked if not is_open]) >= 4
    for method, path, is_open in asked:
        answer = front.browser().request(method, path)
        if is_open:
            assert answer.headers.get("location", "/enter") in ("/enter", "/", "/home"), path
        else:
            assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/enter", ""), path
    assert len(front.office.inside) == 0


def test_no_role_reaches_a_page_of_another_by_any_way(config):
    """Each page of each role, asked for with the cookie of each, at the server of each."""
    fronts = {role: Front(config, role) for role in Role}
    of = {role: {(method, path) for method, path, is_open in table(front.app) if not is_open}
          for role, front in fronts.items()}
    asked = 0
    for role, front in fronts.items():
        token = fronts[OTHER[role]].inside().cookies[fronts[OTHER[role]].office.cookie]
        for method, path in sorted(of[role] | of[OTHER[role]]):
            stranger, own = front.browser(), front.inside()
            for cookie in (front.office.cookie, fronts[OTHER[role]].office.cookie):
                stranger.cookies.set(cookie, token)
            refused = stranger.request(method, path)
            assert refused.status_code in (303, 404), path
            assert refused.headers.get("location", "/enter").startswith("/enter"), path
            if (method, path) in of[OTHER[role]] - of[role]:
                assert own.request(method, path, headers={CSRF_HEADER: front.csrf(own)}).status_code == 404, path
            asked += 1
    assert asked >= 10


def test_whose_account_is_of_another_role_does_not_enter_though_the_password_is_right(front):
    other = OF[OTHER[front.role]]
    answer = enter(front.browser(), other)
    assert answer.status_code == 403
    assert text("tg", "desk", "fault_other_role") in answer.text
    assert front.office.cookie not in answer.cookies
    assert len(front.office.inside) == 0


def test_an_account_that_changed_its_role_on_the_disk_is_outside_at_once(front):
    browser = front.inside()
    with opened_store(front.config) as store:
        store.connection.execute("UPDATE accounts SET role = ? WHERE name = ?", (OTHER[front.role], OF[front.role]))
    assert browser.get(front.office.home).headers["location"] == "/enter?over=1"


def test_a_session_that_an_account_of_another_role_came_to_have_opens_nothing(front):
    with opened_store(front.config) as store:
        other = store.accounts.find(OF[OTHER[front.role]])
    browser = front.browser()
    browser.cookies.set(front.office.cookie, front.office.inside.begin(other, Session("", 0.0)))
    assert browser.get(front.office.home).headers["location"] == "/enter?over=1"


def test_a_kiosk_has_none_of_these_pages(config):
    here = desk(config)
    with here.current, TestClient(kiosk(here), base_url=ADDRESS, headers={"origin": ADDRESS},
                                  follow_redirects=False) as person:
        for role in Role:
            front = Front(config, role)
            person.cookies.set(front.office.cookie, front.inside().cookies[front.office.cookie])
            for path in (front.office.home, "/enter", "/password", "/leave", "/admin/audit"):
                assert person.get(path).status_code == 404, path


def test_each_page_is_there_for_those_inside_with_every_header_and_in_every_language(front):
    browser = front.inside()
    pages = [path for method, path, is_open in table(front.app) if method == "GET" and not is_open and path != "/"]
    for language in LANGUAGES:
        browser.post("/language", data={"language": language})
        for path in pages:
            answer = browser.get(path)
            assert answer.status_code in (200, 404, 503), path      # 503: there are no documents here
            assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS, path
            assert answer.headers["cache-control"] == "no-store", path
            if path.endswith((".csv", ".json", ".webp", "/readings")):     # no page of its own
                continue
            assert f'<html lang="{language}"' in answer.text, path
            assert "<script" not in answer.text or 'src="/static/' in answer.text, path
            assert not re.search(r"\sstyle=|\son\w+=", answer.text), path


def test_the_language_of_the_door_is_that_of_the_pages_behind_it(front):
    browser = front.browser()
    browser.post("/language", data={"language": "ru"})
    assert text("ru", "desk", "enter") in browser.get("/enter").text
    enter(browser, OF[front.role])
    assert '<html lang="ru"' in browser.get(front.office.home).text


# Entering and leaving

def test_who_enters_is_known_by_a_cookie_that_scripts_and_other_sites_do_not_have(front):
    answer = enter(front.browser(), OF[front.role])
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert "secure" not in cookie
    encrypted = TestClient(front.app, base_url=ADDRESS.replace("http:", "https:"),
                           headers={"origin": ADDRESS.replace("http:", "https:")}, follow_redirects=False)
    assert "secure" in enter(encrypted, OF[front.role]).headers["set-cookie"].lower()


def test_a_cookie_that_somebody_put_there_before_is_another_after_entering(front):
    browser = front.browser()
    browser.cookies.set(front.office.cookie, "chosen by a stranger")
    enter(browser, OF[front.role])
    tokens = {cookie.value for cookie in browser.cookies.jar if cookie.name == front.office.cookie}
    assert front.office.inside.find("chosen by a stranger") is None
    assert any(front.office.inside.find(token) for token in tokens)


def test_who_leaves_is_outside_and_their_cookie_opens_nothing(front):
    browser = front.inside()
    token = browser.cookies[front.office.cookie]
    left = browser.post("/leave", data={"csrf": front.csrf(browser)})
    assert left.headers["location"] == "/enter"
    assert "storage" in left.headers["clear-site-data"]
    browser.cookies.set(front.office.cookie, token)
    assert browser.get(front.office.home).headers["location"] == "/enter?over=1"
    assert [did for _, did, _ in deeds(front.config)][:2] == ["left", "entered"]


def test_who_does_nothing_is_outside_after_a_while_and_who_does_something_is_not(front):
    browser = front.inside()
    for _ in range(3):
        front.later(IDLE_S)
        assert browser.get(front.office.home).status_code == 200
    front.later(IDLE_S + 1)
    assert browser.get(front.office.home).status_code == 303
    assert text("tg", "desk", "over") in browser.get("/enter?over=1").text


def test_after_a_days_work_everybody_enters_again_however_busy_they_are(front):
    browser = front.inside()
    while front.seconds <= MOST_S - 600:
        front.later(600)
        assert browser.get(front.office.home).status_code == 200
    front.later(601)
    assert browser.get(front.office.home).status_code == 303


def test_who_is_locked_or_has_another_password_is_outside_at_the_next_request(front):
    first, name = front.inside(), OF[front.role]
    with opened_store(front.config) as store:
        store.accounts.lock(name, NOW, "uid 0")
    assert first.get(front.office.home).status_code == 303
    answer = enter(front.browser(), name)
    assert text("tg", "desk", "fault_locked") in answer.text
    with opened_store(front.config) as store:
        store.accounts.unlock(name, NOW, "uid 0")
    assert first.get(front.office.home).status_code == 303
    second = front.inside()
    with opened_store(front.config) as store:
        store.accounts.set_password(name, hashed("пароли дигари дароз"), NOW, "uid 0")
    assert second.get(front.office.home).status_code == 303


def test_a_person_has_a_few_sessions_and_never_takes_somebody_elses(front):
    with opened_store(front.config) as store:
        store.accounts.new("other", front.role, hashed("пароли дигари дароз"), NOW, "uid 0")
    other = front.browser()
    enter(other, "other", "пароли дигари дароз")
    mine = [front.inside() for _ in range(6)]
    assert [one.get(front.office.home).status_code for one in mine] == [303, 303, 200, 200, 200, 200]
    assert other.get(front.office.home).status_code == 200


@pytest.mark.parametrize("name", ["nobody", "anisa", "baxtiyor"])
def test_a_wrong_password_and_a_name_that_is_not_there_are_answered_alike(front, name):
    answer = enter(front.browser(), name, "нодуруст")
    nobody = enter(front.browser(), "somebody", "нодуруст")
    assert (answer.status_code, answer.text, dict(answer.headers)) == \
        (nobody.status_code, nobody.text, dict(nobody.headers))
    assert text("tg", "desk", "fault_wrong") in answer.text


def test_too_many_tries_shut_the_name_and_say_for_how_long_and_time_opens_it(front):
    name, browser = OF[front.role], front.browser()
    for _ in range(FREE_TRIES):
        assert enter(browser, name, "нодуруст").status_code == 403
    shut = enter(browser, name)
    assert shut.status_code == 429
    assert text("tg", "desk", "fault_shut", minutes=1) in shut.text
    front.later(60)
    assert enter(browser, name).status_code == 303


def test_one_place_tries_only_so_often_whatever_the_names(config):
    front = Front(config, Role.ADMIN, tries=3)
    answers = [enter(front.browser(), f"nobody{number}", "нодуруст").status_code for number in range(5)]
    assert answers == [403, 403, 403, 429, 429]
    assert enter(front.browser(), "baxtiyor").status_code == 429
    front.later(60)
    assert enter(front.browser(), "baxtiyor").status_code == 303


def test_one_place_asks_only_so_often(front):
    front.office.asks._most = 3
    browser = front.browser()
    answers = [browser.get("/enter").status_code for _ in range(4)]
    assert answers == [200, 200, 200, 429]
    assert text("tg", "kiosk", "problem_too_often") in browser.get("/enter").text


def test_what_was_typed_at_the_door_is_on_no_page_and_in_no_log(front, caplog):
    with caplog.at_level("DEBUG"):
        answer = enter(front.browser(), "номи ман", "Канарейкаи 5513")
    assert "Канарейка" not in answer.text + caplog.text + str(deeds(front.config))
    assert "номи ман" not in answer.text + str(deeds(front.config))


# What is sent

def posts(front):
    return [path for method, path, is_open in table(front.app) if method == "POST" and not is_open]


@pytest.mark.parametrize("word", [None, "", "x", "ӣ" * 20])
def test_nothing_that_is_sent_counts_without_the_word_of_the_form(front, word):
    browser = front.inside()
    before = deeds(front.config)
    for path in posts(front):
        answer = browser.post(path, data={} if word is None else {"csrf": word})
        assert answer.status_code == 403, path
        assert text("tg", "kiosk", "problem_not_ours") in answer.text, path
    assert browser.get(front.office.home).status_code == 200
    assert deeds(front.config) == before


def test_the_word_of_another_session_does_not_count(front):
    browser, other = front.inside(), front.inside()
    assert browser.post("/leave", data={"csrf": front.csrf(other)}).status_code == 403
    assert browser.post("/leave", headers={CSRF_HEADER: front.csrf(browser)}).status_code == 303


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_form_of_another_site_is_not_taken_though_it_has_the_word(front, headers):
    browser = front.inside()
    for path in [*posts(front), "/enter"]:
        assert browser.post(path, data={"csrf": front.csrf(browser)}, headers=headers).status_code == 403, path
    assert browser.get(front.office.home).status_code == 200


# The password

def test_a_person_takes_another_password_and_enters_anew_everywhere(front):
    here, there, name = front.inside(), front.inside(), OF[front.role]
    new = {"old": PASSWORDS[name], "new": "пароли дигари дароз", "again": "пароли дигари дароз"}
    changed = here.post("/password", data=new | {"csrf": front.csrf(here)})
    assert changed.headers["location"] == "/enter?changed=1"
    assert [one.get(front.office.home).status_code for one in (here, there)] == [303, 303]
    assert enter(front.browser(), name).status_code == 403
    assert enter(front.browser(), name, new["new"]).status_code == 303


@pytest.mark.parametrize(("given", "fault"), [
    ({"old": "нодуруст"}, "old_wrong"), ({"again": "чизи дигар аст ин"}, "differ"),
    ({"new": "кӯтоҳ", "again": "кӯтоҳ"}, "easy")])
def test_a_password_that_cannot_be_taken_changes_nothing(front, given, fault):
    browser, name = front.inside(), OF[front.role]
    usual = {"old": PASSWORDS[name], "new": "пароли дигари дароз", "again": "пароли дигари дароз"}
    answer = browser.post("/password", data=usual | given | {"csrf": front.csrf(browser)})
    assert text("tg", "desk", f"password_{fault}") in answer.text
    assert browser.get(front.office.home).status_code == 200
    assert enter(front.browser(), name).status_code == 303


# The log, and the machines

def test_the_log_shows_who_did_what_and_that_it_is_whole(admin):
    browser = admin.inside()
    shown = browser.get("/admin/audit").text
    assert text("tg", "admin", "audit_whole", number=3) in shown
    assert "baxtiyor" in shown
    with opened_store(admin.config) as store:
        store.connection.execute("DROP TRIGGER audit_is_not_changed")
        store.connection.execute("UPDATE audit SET entry = replace(entry, 'baxtiyor', 'somebody') WHERE number = 3")
    broken = browser.get("/admin/audit").text
    assert text("tg", "admin", "audit_broken") in broken
    assert text("tg", "admin", "flaw_broken", first=3, last=3) in broken


def test_machines_hand_in_beside_the_pages_and_see_none_of_them(admin):
    app = with_inbox(admin.app, admin.desk)
    with TestClient(app, base_url=ADDRESS, follow_redirects=False) as machine:
        assert machine.post("/inbox", content=b"no batch").status_code == 400
        assert machine.get("/admin").headers["location"] == "/enter"
        assert machine.post("/admin").status_code == 403
    with opened_inbox(admin.config) as inbox:
        assert inbox.fleet.machines() == ()


# The web never signs

KEYS = ("sync.keys", "sync.pkcs8", "sync.ceremony", "sync.prepared", "sync.publish", "sync.sealed", "sync.rehearsal",
        "assistant.signing", "assistant.sealing", "assistant.release", "assistant.cli_keys", "assistant.cli_release")


def test_no_code_that_opens_a_key_or_signs_a_release_is_reached_from_the_pages_by_any_import():
    import ast
    known = {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
             for package in ("assistant", "corpora", "index", "sync") for path in (ROOT / package).rglob("*.py")}

    def imported(module):
        for node in ast.walk(ast.parse(known[module].read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield from (node.module, *(f"{node.module}.{alias.name}" for alias in node.names))

    reached, waiting = set(), [module for module in known if module.startswith(("assistant.web", "assistant.access"))]
    while waiting:
        module = waiting.pop()
        if module in known and module not in reached:
            reached.add(module)
            waiting += [*imported(module), module.rpartition(".")[0]]
    assert {"assistant.web.office", "assistant.access.store", "sync.inbox"} <= reached
    assert reached.isdisjoint(KEYS)
    assert set(KEYS) <= set(known)


def test_the_pages_open_where_no_code_of_keys_can_be_imported_at_all(tmp_path):
    code = f"""
import sys
from pathlib import Path
sys.modules.update(dict.fromkeys({KEYS!r}))
from assistant.access.roles import Role
from assistant.config import Config
from tests.front import Front, with_accounts
config = Config(Path({str(tmp_path)!r}))
with_accounts(config)
for role in Role:
    front = Front(config, role)
    browser = front.inside()
    pages = [one.path for one in front.app.routes if "GET" in (getattr(one, "methods", None) or ())]
    print(role, len(pages), {{browser.get(page).status_code for page in pages}} <= {{200, 303, 404, 503}})
"""
    done = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, cwd=ROOT,
                          timeout=120, check=False)
    assert (done.returncode, done.stdout.count("True")) == (0, 2), done.stderr
