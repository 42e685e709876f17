"""Every word a person sees, in Tajik, Russian and English.

One TOML file a language, same keys and placeholders (a test compares them).  Tajik is the language of
last resort.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

_ISO = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-\d\d)?)?")
LANGUAGES = ("tg", "ru", "en")
MONTHS = {
    "tg": ["январи", "феврали", "марти", "апрели", "майи", "июни", "июли", "августи", "сентябри", "октябри", "ноябри", "декабри"],
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
    "en": ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"],
}


@cache
def _words(language: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((files("assistant.texts") / f"{language}.toml").read_text(encoding="utf-8"))


def text(language: str, section: str, key: str, **values: object) -> str:
    """Return the words for a key, in Tajik where the language is none of ours."""
    words = _words(language if language in LANGUAGES else "tg")
    return words[section][key].format(**values)


def date_words(iso: str, language: str) -> str:
    """Return an ISO date in words («13 июни соли 2014»), one cut short to a month or year too; else as it is."""
    if not _ISO.fullmatch(iso):
        return iso
    language = language if language in LANGUAGES else "tg"
    year, month, day = (*iso.split("-"), "", "")[:3]
    parts = [day.lstrip("0"), MONTHS[language][int(month) - 1] if month else ""]
    parts += {"tg": ["соли", year], "ru": [year, "года"]}.get(language, [year])
    return " ".join(part for part in parts if part)
