"""The pages of clerks and admins in a real browser: axe finds nothing, and nothing is lost on a narrow one."""

from __future__ import annotations

import pytest

from assistant.access.roles import Role
from assistant.texts import LANGUAGES, text
from tests.browser import axe
from tests.front import OF, PASSWORDS, Front, desks_over
from tests.front_browser import fill, served

pytestmark = pytest.mark.browser

PAGES = {Role.CLERK: ("/enter", "/clerk", "/password"),
         Role.ADMIN: ("/enter", "/admin", "/admin/machines", "/admin/machines?state=late", "/admin/questions",
                      "/admin/content", "/admin/content?only=review", "/admin/document/appeals-law-old",
                      "/admin/releases", "/admin/releases/min-labour-2", "/admin/audit", "/admin/audit?deed=entered")}
LOOKS = {"normal": {}, "high contrast": {"contrast": "high"}, "200 %": {"size": "200"}}


@pytest.fixture(scope="module")
def fronts(seed_config, tmp_path_factory):
    """A desk for each role, over the seed."""
    folder = tmp_path_factory.mktemp("desks")
    with pytest.MonkeyPatch.context() as patch:
        config = desks_over(seed_config, folder, patch)
        fill(config)
        found = {role: Front(config, role) for role in Role}
        yield found
        for front in found.values():
            front.desk.current.close()


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("width", [1280, 320])
def test_every_page_is_entered_read_and_left_by_everybody(browser, fronts, role, width):
    complaints = []
    with served(fronts[role]) as address:
        context = browser.new_context(viewport={"width": width, "height": 800}, java_script_enabled=width == 1280)
        page = context.new_page()
        page.on("console", lambda one: one.type in ("error", "warning") and complaints.append(one.text))
        page.on("request", lambda one: one.url.startswith(address) or complaints.append(one.url))
        _enter(page, address, role)
        for path in PAGES[role]:
            page.goto(f"{address}{path}")
            if width == 1280:
                assert axe(page) == [], path
            else:
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.locator("form[action='/leave'] button").click()
        assert page.url == f"{address}/enter"
        page.goto(f"{address}/{role}")
        assert page.url == f"{address}/enter"
        context.close()
    assert complaints == []


def _enter(page, address, role):
    page.goto(f"{address}/{role}")
    assert page.url == f"{address}/enter"
    page.locator("#name").fill(OF[role])
    page.locator("#given").fill(PASSWORDS[OF[role]])
    page.locator("form[action='/enter'] button").click()
    assert page.url == f"{address}/{role}"


@pytest.fixture(scope="module")
def admin(browser, fronts):
    """An admin at a screen of a desk, and how to open a page there."""
    with served(fronts[Role.ADMIN]) as address:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        _enter(page, address, Role.ADMIN)
        yield page, lambda path: page.goto(f"{address}{path}")
        context.close()


@pytest.fixture
def looking(admin):
    """Change the look and the language, and change them back."""
    page, go = admin

    def press(name, value):
        go("/admin")
        button = page.locator(f"button[name={name}][value='{value}']")
        if button.count():             # that of the contrast leads to the other one alone
            with page.expect_navigation():
                button.click()

    def change(look=None, language="tg"):
        for name, value in {"size": "100", "contrast": "normal", "language": language, **(look or {})}.items():
            press(name, value)
        go("/admin")

    yield change
    change()


@pytest.mark.parametrize("look", [pytest.param(look, marks=[pytest.mark.thorough] * (look != "200 %"))
                                  for look in LOOKS])
@pytest.mark.parametrize("language", [pytest.param(one, marks=[pytest.mark.thorough] * (one != "ru"))
                                      for one in LANGUAGES])
def test_axe_finds_nothing_and_nothing_is_cut_in_any_look_and_language(admin, looking, look, language):
    page, go = admin
    looking(LOOKS[look], language)
    mode = page.evaluate("[document.documentElement.lang, {...document.documentElement.dataset}]")
    assert mode[0] == language
    assert {"contrast": mode[1]["contrast"], "size": mode[1]["size"]} == {"contrast": "normal", "size": "100",
                                                                         **LOOKS[look]}
    for path in PAGES[Role.ADMIN][1:]:
        go(path)
        page.evaluate("document.querySelectorAll('main details').forEach((one) => { one.open = true; })")
        assert axe(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= 1280, path
        assert page.evaluate("""[...document.querySelectorAll(".desk-table")]
            .filter((one) => one.scrollWidth > one.clientWidth).map((one) => one.getAttribute("aria-label"))""") == []


@pytest.mark.parametrize("path", ["/admin", "/admin/questions", "/admin/releases/min-labour-2", "/admin/audit"])
def test_the_tab_key_goes_through_a_page_as_it_is_read(admin, path):
    page, go = admin
    go(path)
    order = page.evaluate("""() => [...document.querySelectorAll(
            "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']")]
        .filter((one) => one.checkVisibility()).map((one, at) => { one.dataset.at = at; return at; })""")
    reached = []
    for _ in order:
        page.keyboard.press("Tab")
        reached.append(page.evaluate("Number(document.activeElement.dataset.at)"))
    assert reached == order


def test_a_task_that_a_snapshot_answers_shows_the_day_and_the_snapshot(admin, fronts):
    page, go = admin
    go("/admin/questions")
    with fronts[Role.ADMIN].desk.current.assistant() as assistant:
        snapshot = assistant.snapshot_id
    row = page.locator("#task-1").inner_text()
    assert text("tg", "admin", "task_answered", date="25 ноябри соли 2026", snapshot=snapshot) in row
    assert row.rstrip().endswith("9")
    steps = page.locator("#task-2 details")
    steps.locator("summary").press("Enter")
    assert "rohnamo ingest" in steps.inner_text()
