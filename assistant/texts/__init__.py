"""Every word a person sees, in Tajik, Russian and English.

One TOML file a language, same keys and placeholders (a test compares them).  Tajik is the language of
last resort.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

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
    """Return an ISO date in words («13 июни соли 2014»); anything else as it is."""
    try:
        year, month, day = (int(part) for part in iso.split("-"))
    except ValueError:
        return iso
    language = language if language in LANGUAGES else "tg"
    name = MONTHS[language][month - 1]
    return {"tg": f"{day} {name} соли {year}", "ru": f"{day} {name} {year} года"}.get(language, f"{day} {name} {year}")
