"""The words a person sees: the same keys in three languages, dates in words."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from assistant.intent import meets
from assistant.records import AnswerStatus
from assistant.texts import LANGUAGES, _words, date_words, text
from corpora.records import DocumentStatus

PLACEHOLDER = re.compile(r"\{(\w+)\}")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_keys_and_placeholders(language):
    shape = {(section, key): sorted(PLACEHOLDER.findall(words))
             for section, table in _words(language).items() for key, words in table.items()}
    tajik = {(section, key): sorted(PLACEHOLDER.findall(words))
             for section, table in _words("tg").items() for key, words in table.items()}
    assert shape == tajik


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_status_has_words_of_its_own(language):
    said = [text(language, "status", status) for status in AnswerStatus]
    assert len(set(said)) == len(said)
    assert all(text(language, "document_status", status) for status in DocumentStatus)


def test_a_date_is_said_as_official_texts_say_it():
    assert date_words("2014-06-13", "tg") == "13 июни соли 2014"
    assert date_words("2014-06-13", "ru") == "13 июня 2014 года"
    assert date_words("2014-06-13", "en") == "13 June 2014"
    assert date_words("2026-01", "tg") == "январи соли 2026"
    assert date_words("2014", "ru") == "2014 года"
    assert date_words("соли гузашта", "tg") == "соли гузашта"


def test_an_unknown_language_is_answered_in_tajik():
    assert text("unknown", "label", "sources") == text("tg", "label", "sources") == "Манбаъҳо"


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_can_be_missing_from_an_answer_has_words(language):
    asked = {name for name in _cued() if not meets(name, "", None, frozenset())}
    assert "hours" in asked
    assert all(text(language, "missing", name) for name in asked)


def _cued():
    return tomllib.loads((files("assistant") / "cues.toml").read_text(encoding="utf-8"))["intent"]
