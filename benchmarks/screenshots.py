"""Every screen of the kiosk as a picture, in three languages, as it is and in other looks: for people who look.

    python -m benchmarks.screenshots FOLDER [--data-dir DIR] [--look large --look low] [--language tg]

Without a data directory the seed corpus is read and built first.  A name says what it shows: `answer-tg-high.png`.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from assistant import config as settings
from assistant.staff_pin import has_pin, is_pin, set_pin
from assistant.texts import LANGUAGES
from benchmarks.kiosk import seeded
from tests.browser import Person, chromium, served, standing_at
from tests.walk import walk

_PLAIN = {"contrast": "normal", "size": "100", "reach": "full"}
LOOKS = {"normal": _PLAIN, "high": _PLAIN | {"contrast": "high"}, "large": _PLAIN | {"size": "200"},
         "low": _PLAIN | {"reach": "low"}}
# The page for the staff is shown where this is its code.
_PIN = "481516"


def take(person: Person, folder: Path, language: str, looks: list[str], *, staff: bool) -> int:
    """Write a picture of every screen in one language; return how many."""
    person.expected = {404}
    paths = walk(person, language)
    count = 0
    for look in looks:
        person.send("/look", **LOOKS[look])
        for name, path in paths.items():
            person.go(path)
            count += _picture(person, folder / f"{name.replace(' ', '-')}-{language}-{look}.png")
        count += _keyboard_and_idle(person, folder, f"{language}-{look}")
        if staff:
            count += _staff(person, folder, f"{language}-{look}")
    return count


def _keyboard_and_idle(person: Person, folder: Path, ending: str) -> int:
    """Write pictures of what comes up over a page: the keyboard, suggestions, the question whether anybody is there."""
    page = person.page
    person.go("/home")
    page.locator("#question").tap()
    page.keyboard.insert_text({"tg": "шинос", "ru": "паспорт", "en": "passport"}[person.language])
    page.locator("[role=option]").first.wait_for()
    count = _picture(person, folder / f"keyboard-{ending}.png")
    person.go("/home")
    page.evaluate("document.querySelector('#idle').showModal()")
    return count + _picture(person, folder / f"idle-{ending}.png")


def _staff(person: Person, folder: Path, ending: str) -> int:
    """Write the keyboard over the question for the code, and what stands behind it."""
    page = person.page
    person.go("/staff")
    page.locator("#pin").tap()
    count = _picture(person, folder / f"pin-keyboard-{ending}.png")
    page.locator("#pin").fill(_PIN)
    page.locator("main form button").tap()
    page.locator("dl.facts").wait_for()
    count += _picture(person, folder / f"staff-{ending}.png")
    person.send("/staff/leave")
    return count


def _picture(person: Person, file: Path) -> int:
    """Write the screen, and the whole page beside it where it is longer than the screen."""
    person.page.screenshot(path=file)
    height = person.page.evaluate("document.documentElement.scrollHeight")
    if height <= person.page.viewport_size["height"]:
        return 1
    person.page.screenshot(path=file.with_stem(f"{file.stem}-whole"), full_page=True)
    return 2


def main() -> int:
    """Write the pictures."""
    asked = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    asked.add_argument("folder", type=Path)
    asked.add_argument("--data-dir", type=Path)
    asked.add_argument("--look", choices=LOOKS, action="append", help="normal and high where none is named")
    asked.add_argument("--language", choices=LANGUAGES, action="append", help="all where none is named")
    given = asked.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        data = given.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        config = settings.load(data) if given.data_dir else seeded(data)
        if not given.data_dir:
            set_pin(config, _PIN)
        staff = has_pin(config) and is_pin(config, _PIN)
        browser, kiosk = stack.enter_context(chromium()), stack.enter_context(served(config, printer="paper"))
        count = 0
        for language in given.language or LANGUAGES:
            with standing_at(browser, kiosk) as person:
                count += take(person, given.folder, language, given.look or ["normal", "high"], staff=staff)
    print(f"{count} pictures in {given.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
