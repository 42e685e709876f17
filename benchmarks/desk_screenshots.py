"""Every page of the desks of clerks and admins as a picture, in three languages and looks: for people who look.

    python -m benchmarks.desk_screenshots FOLDER [--look large] [--language tg]

Over the seed corpus, with sample notices, invented machines and a release that waits for signatures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from assistant.access.roles import Role
from assistant.texts import LANGUAGES
from benchmarks.kiosk import seeded
from benchmarks.notices.drawing import draw
from benchmarks.notices.samples import samples
from tests.browser import chromium
from tests.front import OF, PASSWORDS, Front, cheaply, with_accounts
from tests.front_browser import fill, served
from tests.reviewing import CONFLICTING
from tests.test_web_browser_desk import PAGES
from tests.test_web_clerk_questions import NEW, OLD, QUESTION, edition

LOOKS = {"normal": ("size", "100"), "high": ("contrast", "high"), "large": ("size", "200")}
_SCREEN = {"width": 1280, "height": 900}
_KINDS = ("pdf", "scan", "docx")


def enter(page: Page, address: str, role: Role) -> None:
    """Enter with the account of a role."""
    page.goto(f"{address}/enter")
    page.locator("#name").fill(OF[role])
    page.locator("#given").fill(PASSWORDS[OF[role]])
    page.locator("form[action='/enter'] button").click()


def show(page: Page, address: str, language: str, look: str) -> None:
    """Choose a language and a look."""
    page.goto(f"{address}/password")
    page.locator(f"button[name='language'][value='{language}']").click()
    name, value = LOOKS[look]
    if (button := page.locator(f"#look button[name='{name}'][value='{value}']")).count():
        button.click()


def clerks_pages(page: Page, front: Front, address: str) -> list[str]:
    """Give notices, compare two editions and ask a question; return the pages to look at."""
    files = {one.format: draw(one) for one in reversed(samples())}
    page.goto(f"{address}/clerk")
    page.locator("#files").set_input_files([{"name": files[kind][0], "mimeType": "application/octet-stream",
                                             "buffer": files[kind][1]} for kind in _KINDS])
    page.locator("#text").fill(CONFLICTING)
    with page.expect_navigation(url="**/clerk#readings"):
        page.locator("#give button").click()
    page.locator("#again").wait_for(state="detached", timeout=90_000)
    page.goto(f"{address}/clerk/compare")
    for side, words in (("old", OLD), ("new", NEW)):
        page.locator(f"#{side}_file").set_input_files({"name": f"{side}.txt", "mimeType": "text/plain",
                                                       "buffer": words.encode()})
    page.locator("form[enctype] button").click()
    compared = page.url
    page.goto(f"{address}/clerk/ask")
    page.locator("#question").fill(QUESTION)
    page.locator("form[action='/clerk/ask'] button").first.click()
    cards = [f"{address}/clerk/card/{number}{ending}" for number in range(1, 5) for ending in ("?quote=2", "/print")]
    return [f"{address}/clerk", *cards, f"{address}/clerk/compare", compared, f"{address}/clerk/ask", page.url,
            f"{address}/clerk/search", f"{address}/clerk/acts", f"{address}/clerk/act/{edition(front)[1].id}"]


def take(browser: Browser, front: Front, role: Role, folder: Path, looks: list[str], languages: list[str]) -> int:
    """Write a picture of every page of a role; return how many."""
    count = 0
    with served(front) as address:
        for language in languages:
            for look in looks:
                context = browser.new_context(viewport=_SCREEN)
                page = context.new_page()
                enter(page, address, role)
                show(page, address, language, look)
                paths = (clerks_pages(page, front, address) if role is Role.CLERK else
                         [f"{address}{path}" for path in PAGES[role] if path != "/enter"])
                for number, path in enumerate(paths):
                    page.goto(path)
                    name = path.removeprefix(address).partition("?")[0].strip("/").replace("/", "-")
                    page.screenshot(path=folder / f"{number:02}-{name}-{language}-{look}.png", full_page=True)
                    count += 1
                context.close()
    return count


def main() -> int:
    """Write the pictures."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--look", choices=LOOKS, action="append", help="normal and high where none is named")
    asked.add_argument("--language", choices=LANGUAGES, action="append", help="all where none is named")
    asked.add_argument("--role", choices=[one.value for one in Role], action="append", help="both where none is named")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, pytest.MonkeyPatch.context() as patch, chromium() as browser:
        cheaply(patch)
        config, count = seeded(Path(data)), 0
        with_accounts(config)
        fill(config)
        for role in map(Role, given.role or list(Role)):
            front = Front(config, role)
            with front.desk.current:
                count += take(browser, front, role, given.folder, given.look or ["normal", "high"],
                              given.language or list(LANGUAGES))
    print(f"{count} pictures in {given.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
