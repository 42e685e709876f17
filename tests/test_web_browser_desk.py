"""The pages of clerks and admins in a real browser: axe finds nothing, and nothing is lost on a narrow one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from assistant.access.roles import Role
from tests.browser import axe
from tests.front import OF, PASSWORDS, Front, cheaply, with_accounts
from tests.front_browser import fill, served

pytestmark = pytest.mark.browser

PAGES = {Role.CLERK: ("/enter", "/clerk", "/password"),
         Role.ADMIN: ("/enter", "/admin", "/admin/machines", "/admin/questions", "/admin/content", "/admin/audit")}


@pytest.fixture(scope="module")
def fronts(seed_config, tmp_path_factory):
    """A desk for each role, over the seed."""
    folder = tmp_path_factory.mktemp("desks")
    for name in ("generations", "drafts"):
        (folder / name).symlink_to(getattr(seed_config, name))
    config = replace(seed_config, data_dir=folder)
    with pytest.MonkeyPatch.context() as patch:
        cheaply(patch)
        with_accounts(config)
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
        page.goto(f"{address}/{role}")
        assert page.url == f"{address}/enter"
        page.locator("#name").fill(OF[role])
        page.locator("#given").fill(PASSWORDS[OF[role]])
        page.locator("form[action='/enter'] button").click()
        assert page.url == f"{address}/{role}"
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
