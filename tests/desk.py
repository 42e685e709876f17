"""A kiosk's pages over documents, for tests that go from page to page as a browser without scripts does."""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.testclient import TestClient

from assistant.answer import Assistant
from assistant.current import Current
from assistant.encoders import open_encoder
from assistant.update import current_snapshot
from assistant.web.desk import Desk
from assistant.web.guard import Guard
from assistant.web.session import COOKIE, Sessions
from assistant.web.settings import KioskSettings
from assistant.withdrawn import withdrawn

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8080"


def open_assistant(config):
    """Open the snapshot in use, without a model."""
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    return Assistant(snapshot, name, NOW.date)


def desk(config, **settings):
    """Return a desk over what is in use in the data directory."""
    return Desk(config, Current(config, open_assistant, withdrawn), Sessions(lambda: 0.0, 90),
                KioskSettings(**settings), lambda: NOW)


def visitor(desk, *routes):
    """Return somebody at the screen; only these routes are there."""
    app = Starlette(routes=list(routes), middleware=[Middleware(Guard)])
    app.state.desk = desk
    return TestClient(app, base_url=ADDRESS, headers={"origin": ADDRESS}, follow_redirects=True)


def visit(desk, client):
    """Return what the kiosk remembers of a visitor who has seen a page."""
    return desk.sessions.find(client.cookies[COOKIE])
