"""The description of the API at `/api/v1/openapi.json`, OpenAPI 3.1: made from the tables that requests are read by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any

from assistant.api.chat import MODELS, MOST_MESSAGES, ROLES
from assistant.api.inputs import ASK, SEARCH, SUMMARISE, Schema, schema_of
from assistant.api.schemas import SCHEMAS, TEXT, ref

ASK_AT, SEARCH_AT, SUMMARISE_AT = "/api/v1/ask", "/api/v1/search", "/api/v1/summarise"
DESCRIPTION_AT, HEALTH_AT, CHAT_AT, MODELS_AT = "/api/v1/openapi.json", "/health", "/v1/chat/completions", "/v1/models"
# What needs no key.
OPEN = frozenset({DESCRIPTION_AT, HEALTH_AT})
_ABOUT = ("Answers about public services from the official documents on this machine, each sentence with its source. "
          "Nothing of a question is kept.")
_REFUSALS = {"400": "The request is not in the shape described.", "401": "No key, or none that is known here.",
             "413": "More was sent than is read.", "415": "The body is not sent as application/json.",
             "422": "What was sent cannot be read as a question or a notice.",
             "429": "This key has had its share of the minute.", "500": "A fault of ours; nothing of it is told.",
             "503": "As many are being answered as may be, or nothing answers here yet."}
_RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "In how many seconds to ask again."}}
_CONTENT = {"anyOf": [TEXT, {"type": "array"}, {"type": "null"}], "description":
            "The last message of the user has to be a text, or parts {type: text, text}; others are passed over."}
_MESSAGE = {"type": "object", "required": ["role"], "properties": {
    "role": {"type": "string", "enum": list(ROLES)}, "content": _CONTENT}}
_CHAT = {"type": "object", "required": ["model", "messages"], "properties": {
    "model": {"type": "string", "enum": list(MODELS)},
    "messages": {"type": "array", "minItems": 1, "maxItems": MOST_MESSAGES, "items": _MESSAGE, "contains": {
        "type": "object", "properties": {"role": {"const": "user"}}}},
    "stream": {"type": ["boolean", "null"]}}}


@dataclass(frozen=True, slots=True)
class Operation:
    """One request: where, what it does, what it takes (None where it is a GET), and what it gives."""

    path: str
    summary: str
    gives: str
    takes: Schema | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the path item."""
        content = {"application/json": {"schema": ref(self.gives)}}
        if self.path == CHAT_AT:
            content["text/event-stream"] = {}
        answers = {"200": {"description": self.summary, "content": content}}
        plain: dict[str, Any] = {"operationId": self.path.strip("/").replace("/", "-"), "summary": self.summary}
        if self.takes:
            plain["requestBody"] = {"required": True, "content": {"application/json": {"schema": self.takes}}}
        if self.path in OPEN:
            plain["security"] = []
        plain["responses"] = answers | {status: _refusal(status) for status in self._refusals()}
        if self.path == HEALTH_AT:
            plain["responses"]["503"] = answers["200"] | {"description": "Nothing answers here."}
        return {"post" if self.takes else "get": plain}

    def _refusals(self) -> list[str]:
        if self.path in OPEN:
            return ["500"]
        return [status for status in _REFUSALS if self.takes or status in ("401", "429", "500")]


OPERATIONS = (
    Operation(ASK_AT, "The answer to a question, or the reason there is none.", "Answer", schema_of(ASK)),
    Operation(SEARCH_AT, "Passages for some words, best first.", "Found", schema_of(SEARCH)),
    Operation(SUMMARISE_AT, "The card of each benefit notice in a file.", "Cards", schema_of(SUMMARISE)),
    Operation(CHAT_AT, "The answer as a message, for clients of chat completions.", "Completion", _CHAT),
    Operation(MODELS_AT, "What a chat client may choose from.", "Models"),
    Operation(HEALTH_AT, "Whether this machine answers.", "Health"))


@cache
def description() -> Mapping[str, Any]:
    """Return the OpenAPI document."""
    itself = {"get": {"operationId": "openapi", "summary": "This description.", "security": [], "responses": {
        "200": {"description": "This description.", "content": {"application/json": {"schema": {"type": "object"}}}}}}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Роҳнамо", "version": version("rohnamo"), "description": _ABOUT},
        "security": [{"key": []}],
        "paths": {one.path: one.to_json() for one in OPERATIONS} | {DESCRIPTION_AT: itself},
        "components": {"schemas": dict(SCHEMAS),
                       "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}}}


def _refusal(status: str) -> dict[str, Any]:
    plain: dict[str, Any] = {"description": _REFUSALS[status],
                             "content": {"application/json": {"schema": ref("Error")}}}
    return plain | ({"headers": _RETRY} if status in ("429", "503") else {})
