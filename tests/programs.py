"""Programs that ask over the API, for tests: the application over documents, a clock, a key for each program."""

from __future__ import annotations

from dataclasses import replace

from starlette.testclient import TestClient

from assistant.api.app import application
from assistant.api.keys import new_key
from assistant.api.settings import ApiSettings
from tests.desk import ADDRESS, NOW, Clock, desk

ASK, SEARCH, SUMMARISE = "/api/v1/ask", "/api/v1/search", "/api/v1/summarise"
CHAT, MODELS, DESCRIPTION, HEALTH = "/v1/chat/completions", "/v1/models", "/api/v1/openapi.json", "/health"
JSON = {"content-type": "application/json"}


class Programs:
    """The API over what is in use in a data directory; `later` lets time pass."""

    def __init__(self, config, *generators, **settings):
        self.config = replace(config, api=ApiSettings(**{"per_minute": 6000} | settings))
        self.clock, self.desk = Clock(), desk(self.config, *generators)
        self.app = application(self.desk, clock=self.clock)

    def key(self, name):
        """Make a key."""
        return new_key(self.config, name, NOW.date())

    def program(self, name=None, *, key=None):
        """Return a program with a key of this name, with that key, or with none; what it meets is an answer to it."""
        key = self.key(name) if name else key
        headers = {"authorization": f"Bearer {key}"} if key else {}
        return TestClient(self.app, base_url=ADDRESS, headers=headers, raise_server_exceptions=False)

    def later(self, seconds):
        self.clock.now += seconds

    def close(self):
        self.desk.current.close()


def error_of(answer):
    """Return the status and the code of a refusal, which is one object and nothing else."""
    plain = answer.json()
    assert set(plain) == {"error"}
    assert set(plain["error"]) == {"code", "message", "next_step"}
    return answer.status_code, plain["error"]["code"]
