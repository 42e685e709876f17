"""A kiosk's pages over documents, for tests that go from page to page as a browser without scripts does."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Event

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from assistant.answer import Assistant
from assistant.current import Current
from assistant.drafting import Drafting
from assistant.encoders import open_encoder
from assistant.generate import Draft, Finish
from assistant.line import Line
from assistant.update import current_snapshot
from assistant.web.desk import Desk
from assistant.web.guard import Guard
from assistant.web.session import COOKIE, Sessions
from assistant.web.settings import KioskSettings
from assistant.withdrawn import withdrawn

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8080"


class Clock:
    """Seconds that go forward when a test says so."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Scripted:
    """A generator that writes sentences, holds its place in a line while it does, and may wait to be let on.

    `knows` are the prompts that it was given and has not forgotten.
    """

    name, shows_text, waiting = "scripted", True, 0

    def __init__(self, *sentences, slow=False):
        self.sentences, self.slow, self.line, self.knows = sentences, slow, Line(waiting=0), []
        self.writing, self.ended = Event(), Event()

    def stream(self, prompt, *, deadline_s, cancelled):
        self.knows.append(prompt)
        try:
            with self.line.enter():
                for sentence in self.sentences:
                    yield f"{sentence} "
                self.writing.set()
                while self.slow and not cancelled():
                    self.ended.wait(0.001)
                return Draft("", self.name, Finish.CANCELLED if self.slow else Finish.STOP, 3, 0.1)
        finally:
            self.ended.set()

    def forget(self):
        self.knows.clear()

    def close(self):
        """Nothing is held."""


def open_assistant(config, *generators):
    """Open the snapshot in use, without a model where no generator is given."""
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    return Assistant(snapshot, name, NOW.date, Drafting(generators))


def desk(config, *generators, clock=lambda: 0.0, **settings):
    """Return a desk over what is in use in the data directory."""
    current = Current(config, lambda config: open_assistant(config, *generators), withdrawn)
    return Desk(config, current, Sessions(clock, 90), KioskSettings(**settings), lambda: NOW)


def visitor(desk, *routes):
    """Return somebody at the screen; only these routes are there."""
    app = Starlette(routes=list(routes), middleware=[Middleware(Guard)])
    app.state.desk = desk
    return TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}, follow_redirects=True)


def visit(desk, client):
    """Return what the kiosk remembers of a visitor who has seen a page."""
    return desk.sessions.find(client.cookies[COOKIE])
