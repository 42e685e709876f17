"""What stays of a person who has left: nothing, on the screen, in the browser, in memory or on a disk."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from dataclasses import replace
from secrets import choice
from urllib.parse import quote

import pytest

from assistant.web.session import COOKIE
from tests.browser import expect, served, standing_at
from tests.memory import remembers, rooms
from tests.walk import FORM

pytestmark = pytest.mark.browser

QUESTION = "Барои шиносномаи шаҳрванд чӣ ҳуҷҷатҳо лозиманд?"
STORED = """async () => ({local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
    databases: await indexedDB.databases(), caches: await caches.keys(), history: history.state, name: window.name})"""


@pytest.fixture(scope="module")
def temporary(tmp_path_factory):
    """A folder for whatever is written for a moment."""
    folder, before = tmp_path_factory.mktemp("temporary"), tempfile.tempdir
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TMPDIR", str(folder))
        tempfile.tempdir = str(folder)
        yield folder
        tempfile.tempdir = before


@pytest.fixture(scope="module")
def kiosk_with_files(seed_config, temporary, tmp_path_factory):
    """A kiosk with a data directory of its own."""
    folder = tmp_path_factory.mktemp("own") / "data"
    shutil.copytree(seed_config.data_dir, folder, copy_function=os.link)
    with served(replace(seed_config, data_dir=folder), downloads=True) as kiosk:
        yield kiosk


@pytest.fixture
def own_kiosk(kiosk_with_files):
    """That kiosk, where nobody is at the screen."""
    kiosk_with_files.desk.sessions.end_all()
    return kiosk_with_files


@pytest.fixture
def canary():
    """A word that nothing else has; no name and no number, which would be hidden everywhere."""
    return "қ" + "".join(choice("бвгджзклмнпрст") for _ in range(16))


def visit(person, canary):
    """Ask with a name, look at everything, write the name into a form."""
    page = person.page
    person.begin()
    person.ask(f"{QUESTION} {canary}")
    home = person.path
    expect(person.main.locator("h1")).to_contain_text(canary)
    for path in (f"{home}/source/1", f"{home}/take", f"{home}/feedback/yes"):
        person.go(path)
        expect(person.main).not_to_be_empty()
    person.go(f"{FORM}/1")
    page.locator(".form-field input[type=text], .form-field textarea").fill(canary)
    page.locator(".form-sheet button.button--primary").tap()
    page.wait_for_url(f"**{FORM}/2")
    person.go(f"{FORM}/review")
    expect(person.page.locator(".form-answers")).to_contain_text(canary)
    assert canary.encode() in page.context.request.get(f"{person.address}{home}").body()
    person.go(home)
    page.locator("#question").fill(canary)
    assert page.locator("#question").input_value() == canary


def holders(folder, needle):
    """Return the files of a folder that hold the needle, in their name or as text."""
    return [path for path in folder.rglob("*") if needle in path.name
            or (path.is_file() and needle.encode() in path.read_bytes())]


def finish(person, _kiosk):
    person.page.locator("#finish button").tap()


def leave(person, _kiosk):
    person.page.clock.run_for(90_000 + 1_500)
    expect(person.page.locator("#idle")).to_be_visible()
    expect(person.page.locator("#idle-stay")).to_be_focused()
    person.page.clock.run_for(28_000)
    person.page.clock.run_for(1_000)


@pytest.mark.parametrize("how", [pytest.param(finish, id="finishes", marks=pytest.mark.thorough),
                                 pytest.param(leave, id="goes away")])
def test_after_somebody_has_left_nothing_of_them_is_anywhere(browser, own_kiosk, temporary, canary, caplog, how):
    caplog.set_level(0)
    with standing_at(browser, own_kiosk) as person:
        page, person.expected = person.page, {404}
        if how is leave:
            page.clock.install()
        visit(person, canary)
        answer = person.path
        before = person.context.cookies()
        assert [one["name"] for one in before] == [COOKIE]
        how(person, own_kiosk)
        page.wait_for_url(person.address + "/")
        expect(page.locator("main button[name=language]")).to_have_count(3)

        assert person.context.cookies() == []
        assert len(own_kiosk.desk.sessions) == 0
        assert page.evaluate(STORED) == {"local": {}, "session": {}, "cookies": "", "databases": [], "caches": [],
                                         "history": None, "name": ""}
        for _ in range(12):
            page.go_back()
            assert canary not in page.content()
        page.reload()
        assert canary not in page.content()
        person.go(answer)
        assert canary not in page.content()
        person.go(f"{FORM}/review")
        assert canary not in page.content()
        person.begin()
        assert page.locator("#question").input_value() == ""
        assert [one["value"] for one in person.context.cookies()] != [one["value"] for one in before]
        assert [url for url in person.requests if canary in url or quote(canary) in url] == []
    assert canary not in caplog.text
    assert not [line for line in own_kiosk.said if canary in line]
    assert holders(own_kiosk.desk.config.data_dir, canary) == []
    assert holders(temporary, canary) == []
    gc.collect()
    assert remembers([own_kiosk.app, own_kiosk.desk, *rooms()], canary) == []


@pytest.mark.thorough
def test_the_memory_is_searched_well_enough_to_find_somebody_who_is_still_there(browser, own_kiosk, canary):
    with standing_at(browser, own_kiosk) as person:
        visit(person, canary)
        assert remembers([own_kiosk.app], canary) != []
        person.page.locator("#finish button").tap()
        expect(person.page.locator("main button[name=language]")).to_have_count(3)


@pytest.mark.thorough
def test_a_visit_whose_browser_is_gone_ends_by_itself(browser, own_kiosk, canary):
    with standing_at(browser, own_kiosk) as person:
        visit(person, canary)
    assert len(own_kiosk.desk.sessions) == 1
    own_kiosk.clock.seconds += own_kiosk.desk.settings.idle_s + own_kiosk.desk.settings.warn_s + 1
    assert len(own_kiosk.desk.sessions) == 0
    gc.collect()
    assert remembers([own_kiosk.app, own_kiosk.desk], canary) == []


@pytest.mark.thorough
def test_who_is_still_there_says_so_as_often_as_they_like_and_loses_nothing(browser, own_kiosk, canary):
    with standing_at(browser, own_kiosk) as person:
        page = person.page
        page.clock.install()
        person.begin()
        page.locator("#question").fill(canary)
        for number in range(12):
            page.clock.run_for(90_000 + 1_500)
            expect(page.locator("#idle")).to_be_visible()
            if number % 2:
                page.keyboard.press("Enter")
            else:
                page.locator("#idle-stay").tap()
            expect(page.locator("#idle")).to_be_hidden()
        assert page.locator("#question").input_value() == canary
        page.clock.run_for(90_000 + 1_500)
        page.locator("#idle-end").tap()
        expect(page.locator("main button[name=language]")).to_have_count(3)
        assert len(own_kiosk.desk.sessions) == 0


@pytest.mark.thorough
def test_two_screens_of_one_desk_do_not_see_each_other(browser, own_kiosk, canary):
    with standing_at(browser, own_kiosk) as first, standing_at(browser, own_kiosk) as second:
        visit(first, canary)
        second.expected = {404}
        second.begin()
        second.go(first.path)
        assert canary not in second.page.content()
        second.go(f"{first.path}/source/1")
        assert canary not in second.page.content()
        second.go(f"{FORM}/review")
        assert canary not in second.page.content()
        for person in (first, second):
            person.page.locator("#finish button").tap()
            expect(person.page.locator("main button[name=language]")).to_have_count(3)
