"""Suggestions: what is offered to whom, how it is matched, and that nothing of what is typed stays."""

from __future__ import annotations

import asyncio
import json
from contextlib import contextmanager
from time import perf_counter
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from assistant.admission import FORMAT, VERSION
from assistant.answer import Assistant
from assistant.errors import NoSnapshotError
from assistant.topics import find_topic, topics
from assistant.web import suggest
from assistant.web.session import COOKIE, Sessions
from assistant.web.suggest import Suggestions, gathered_from, like, lines
from corpora.release import ADMISSION
from index import Snapshot

TITLES = lines(["Шиносномаи хориҷӣ: намудҳо, муҳлат", "Нархи шиносномаи хориҷӣ", "Муҳлати нафақа",
                "Пенсия по возрасту"])


class Now:
    """A current snapshot that may be exchanged or missing."""

    def __init__(self, assistant):
        self.one, self.given = assistant, 0

    @contextmanager
    def assistant(self):
        self.given += 1
        if not self.one:
            raise NoSnapshotError("there is no snapshot", "")
        yield self.one

    def give_way(self):
        """Nobody else is here."""


class Pack(SimpleNamespace):
    """A release with these files, or a damaged one."""

    of_files = False

    def contents(self):
        if isinstance(self.files, Exception):
            raise self.files
        return self.files


@pytest.fixture
def now(assistant):
    return Now(assistant)


@pytest.fixture
def suggestions(now, monkeypatch):
    """What is offered from the seed; the questions of the life events are taken as answered, to be quick."""
    monkeypatch.setattr(suggest, "packs_in_use", lambda _config: [])
    monkeypatch.setattr(suggest, "checked", lambda _assistant, language, _give_way: {
        topic.id: topic.questions(language)[:1] for topic in topics()})
    return Suggestions(None, now)


@pytest.mark.parametrize("typed", ["шиносномаи хориҷӣ", "шиносномаи хоричи", "ШИНОСНОМАИ ХОРИҶӢ", "shinosnomai khoriji",
                                   "хориҷӣ шинос", "шинос", "shinos"])
def test_a_title_is_found_by_the_beginnings_of_its_words_however_they_are_written(typed):
    assert set(like(TITLES, typed)) == {"Шиносномаи хориҷӣ: намудҳо, муҳлат", "Нархи шиносномаи хориҷӣ"}


def test_what_begins_as_typed_comes_first():
    assert like(TITLES, "муҳлат") == ["Муҳлати нафақа", "Шиносномаи хориҷӣ: намудҳо, муҳлат"]


@pytest.mark.parametrize("typed", ["", " ", "?", "ш", "мошин", "шиносномаи мошин", "номаи", "\x00" * 9, "💡",
                                   "شناسنامه"])
def test_nothing_is_offered_for_nothing_for_a_letter_and_for_what_is_not_there(typed):
    assert like(TITLES, typed) == []


def test_at_most_five_are_offered_and_a_flood_of_letters_is_cut():
    many = lines(f"Нафақа {number}" for number in range(9))
    assert len(like(many, "нафақа")) == 5
    assert like(many, "нафақа " * 100_000) == like(many, "нафақа")


def test_two_spellings_of_one_title_are_offered_once():
    assert [line.text for line in lines(["Муҳлати нафақа", "Мӯҳлати нафақа", "Нафақа"])] == ["Муҳлати нафақа", "Нафақа"]


def test_looking_through_twenty_thousand_titles_takes_no_time_to_speak_of():
    many = lines(f"Нархи шиносномаи хориҷӣ {number}" for number in range(20_000))
    started = perf_counter()
    like(many, "нафақа чанд")
    assert perf_counter() - started < 0.5


def test_titles_are_offered_in_the_language_of_the_visit_and_none_that_lapsed(suggestions, assistant):
    suggestions.now()
    suggestions.wait()
    gathered = suggestions.now()
    russian = {line.text for line in gathered.lines["ru"]}
    assert "Пенсия по возрасту: возраст, стаж и документы" in russian
    assert not any(set("ғӣқӯҳҷ") & set(text) for text in russian)
    lapsed = {one.title for one in assistant.snapshot.documents() if one.status == "void" or one.kind == "form"}
    assert lapsed
    assert not lapsed & {line.text for line in gathered.lines["tg"]}


def test_until_it_is_known_what_is_answered_the_questions_are_shown_without_a_promise(suggestions):
    birth = find_topic("birth")
    assert suggestions.questions(birth, "tg") == (birth.questions("tg"), False)
    suggestions.wait()
    assert suggestions.questions(birth, "tg") == (birth.questions("tg")[:1], True)


def test_a_new_snapshot_is_gathered_anew_and_nothing_of_the_old_one_is_offered_meanwhile(suggestions, now, assistant):
    suggestions.now()
    suggestions.wait()
    assert suggestions.like("Пенсия по возрасту: возр", "ru")
    with Snapshot.open(assistant.snapshot.path, encoder=None) as other:
        now.one = Assistant(other, "other", assistant.today)
        assert suggestions.like("Пенсия по возрасту: возр", "ru") == []
        suggestions.wait()
        assert suggestions.like("Пенсия по возрасту: возр", "ru")


def test_without_a_snapshot_what_stands_in_the_program_is_offered(suggestions, now):
    now.one = None
    assert suggestions.like("нафака", "tg")
    assert suggestions.now() is None
    suggestions.wait()
    assert suggestions.now() is None


def test_questions_of_releases_are_offered_if_they_have_an_answer_here_and_are_well_written(assistant, monkeypatch):
    monkeypatch.setattr(suggest, "checked", lambda *_: {topic.id: () for topic in topics()})
    document = assistant.snapshot.documents()[0].id
    asked = [("Ҷарима барои чӣ?", [document]), ("Ҷарима дар кайҳон?", []), ("Ҷаримаи дигарон?", ["нест"]),
             ("чарима барои кучо", [document]), ("jarima chand ast", [document]), ("Какой штраф за мусор?", [document])]
    rows = [{"format": FORMAT, "version": VERSION, "day": "2026-11-25", "least": 0.5},
            *({"question": question, "documents": documents, "values": []} for question, documents in asked)]
    good = Pack(files={ADMISSION: "\n".join(map(json.dumps, rows)).encode()})
    packs = [Pack(files={ADMISSION: b"{"}), Pack(files=OSError("damaged")), good, Pack(files={})]
    gathered = gathered_from(assistant, packs)
    offered = {language: {line.text for line in found} & {question for question, _ in asked}
               for language, found in gathered.lines.items()}
    assert offered == {"tg": {"Ҷарима барои чӣ?"}, "ru": {"Какой штраф за мусор?"}, "en": set()}


def _posted(app, body, cookie):
    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    scope = {"type": "http", "method": "POST", "path": "/suggest", "query_string": b"", "app": app,
             "headers": [(b"cookie", f"{COOKIE}={cookie}".encode())]}
    return json.loads(asyncio.run(suggest.suggest(Request(scope, receive))).body)


def test_the_body_of_a_post_is_answered_in_the_language_of_the_visit_and_begins_none(capfd):
    app, sessions = Starlette(routes=suggest.routes()), Sessions(lambda: 0.0, 60)
    app.state.desk = SimpleNamespace(config=None, current=Now(None), sessions=sessions)
    session = sessions.begin()
    session.language = "ru"
    assert _posted(app, "пенс".encode(), session.id)[0].startswith("С какого возраста")
    assert _posted(app, b"\xff\xfe\xff", session.id) == []
    assert _posted(app, "пенс".encode(), "") == []
    assert len(sessions) == 1
    assert (session.answers, session.forms) == ({}, {})
    assert capfd.readouterr() == ("", "")


def test_the_address_takes_no_text_in_itself():
    assert [(route.path, route.methods) for route in suggest.routes()] == [("/suggest", {"POST"})]
