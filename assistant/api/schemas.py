"""The objects that are given out, as JSON Schema: those of the contracts, of chat completions, and of errors.

Closed sets come from where the program has them.  Each object has exactly the fields described, those in `maybe` only
sometimes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from assistant.notices.card import CardStatus, FieldName, State
from assistant.records import AnswerStatus, ClaimKind
from corpora.records import DocumentStatus

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
_WHOLE: Schema = {"type": "integer"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_NUMBERS: Schema = {"type": "object", "additionalProperties": {"type": "number"}}
_MAYBE_TEXT: Schema = {"type": ["string", "null"]}
_SPOKEN = ("tg", "ru", "en", "unknown")
_SCRIPTS = ("Cyrl", "Latn", "Arab", "mixed")


def ref(name: str) -> Schema:
    """Return a pointer to one of these objects."""
    return {"$ref": f"#/components/schemas/{name}"}


def thing(fields: Mapping[str, Schema], maybe: Iterable[str] = ()) -> Schema:
    """Return an object of exactly these fields; those in `maybe` may be absent."""
    left_out = set(maybe)
    return {"type": "object", "additionalProperties": False, "properties": dict(fields),
            "required": [name for name in fields if name not in left_out]}


def rows(of: Schema) -> Schema:
    """Return a list of such things."""
    return {"type": "array", "items": of}


def one_of(names: type[StrEnum] | Iterable[str]) -> Schema:
    """Return a text of a closed set."""
    return {"type": "string", "enum": [str(name) for name in names]}


def or_null(schema: Schema) -> Schema:
    """Return the same, or nothing."""
    return {"anyOf": [schema, {"type": "null"}]}


def _texts(*names: str) -> dict[str, Schema]:
    return dict.fromkeys(names, TEXT)


_COMPUTATION = {"expression": TEXT, "value": TEXT, "unit": TEXT}
_PLACE = {"page": {"type": ["integer", "null"]}, **dict.fromkeys(("printed_page", "article", "heading"), _MAYBE_TEXT)}
_USAGE = dict.fromkeys(("prompt_tokens", "completion_tokens", "total_tokens"), _COUNT)
_URL_CITATION = {"start_index": _COUNT, "end_index": _COUNT, "title": TEXT, "url": TEXT}
_EDIT = {"value": rows(TEXT), "by": TEXT, "day": TEXT, "reason": TEXT}
_PLAIN_SENTENCE = thing({"text": TEXT, "citations": rows(_WHOLE)})

ANSWER: dict[str, Schema] = {
    "Locator": thing(_PLACE),
    "Citation": thing({**_texts("passage_id", "document_id", "title", "publisher"), "act": or_null(thing(
        _texts("type", "number", "date"))), "locator": ref("Locator"), "quote": TEXT,
        "span": {"type": "array", "items": _COUNT, "minItems": 2, "maxItems": 2},
        "status": one_of(DocumentStatus), "valid_from": _MAYBE_TEXT, "valid_until": _MAYBE_TEXT, "source_url": TEXT,
        "sha256": TEXT}),
    "Hit": thing({**_texts("passage_id", "document_id", "title", "file", "source_url"), "locator": ref("Locator"),
                  "rank": _WHOLE, "scores": _NUMBERS, "text": TEXT}),
    "Claim": thing({"text": TEXT, "kind": one_of(ClaimKind), "citations": rows(ref("Citation")) | {"minItems": 1},
                    "computation": thing(_COMPUTATION)}, maybe=["computation"]),
    "Office": thing({"name": TEXT, **dict.fromkeys(("address", "phone", "hours"), _MAYBE_TEXT),
                     "citation": ref("Citation")}),
    "Answer": thing({
        "question": TEXT, "language": one_of(_SPOKEN), "script": one_of(_SCRIPTS), "status": one_of(AnswerStatus),
        "as_of": TEXT | {"format": "date"}, "snapshot": _MAYBE_TEXT, "generator": TEXT, "claims": rows(ref("Claim")),
        "hits": rows(ref("Hit")), "missing": rows(TEXT),
        "conflicts": rows(thing({"why": TEXT, "citations": rows(ref("Citation")) | {"minItems": 2}})),
        "warnings": rows(TEXT), "clarify": or_null(thing({"question": TEXT, "options": rows(TEXT)})),
        "office": or_null(ref("Office")), "timings_ms": _NUMBERS}),
    "Found": thing({"query": TEXT, "language": one_of(_SPOKEN), "script": one_of(_SCRIPTS), "snapshot": TEXT,
                    "hits": rows(ref("Hit")), "timings_ms": _NUMBERS})}

CARD: dict[str, Schema] = {
    "Field": thing({
        "name": one_of(FieldName), "state": one_of(State), "value": rows(TEXT), "citations": rows(ref("Citation")),
        "computations": rows(thing({**_COMPUTATION, "citations": rows(ref("Citation"))})), "edit": thing(_EDIT)},
        maybe=["computations", "edit"]),
    "PlainText": thing({
        "language": TEXT, "sentences": rows(_PLAIN_SENTENCE), "terms": rows(TEXT),
        **dict.fromkeys(("words", "minutes", "longest"), _COUNT), "generator": TEXT, "written": _COUNT,
        "remark": TEXT}, maybe=["generator", "written", "remark"]),
    "Card": thing({
        "file": TEXT, "sha256": TEXT, "number": _COUNT, "of": _COUNT, "status": one_of(CardStatus), "title": TEXT,
        "language": TEXT, "fields": rows(ref("Field")), "left_over": rows(ref("Citation")),
        "figures": thing(dict.fromkeys(("in_notice", "in_card", "left_over"), _COUNT)),
        "parts": rows(thing({"title": TEXT, "page": {"type": ["integer", "null"]}})), "notes": rows(TEXT),
        "sources": rows(ref("Citation")), "plain": {"type": "object", "additionalProperties": ref("PlainText")}}),
    "Cards": thing({"cards": rows(ref("Card"))})}

CHAT: dict[str, Schema] = {
    "Annotation": thing({"type": one_of(["url_citation"]), "url_citation": thing(_URL_CITATION)}),
    "Completion": thing({
        "id": TEXT, "object": one_of(["chat.completion"]), "created": _WHOLE, "model": TEXT,
        "choices": rows(thing({
            "index": _COUNT, "message": thing({
                "role": one_of(["assistant"]), "content": TEXT, "refusal": {"type": "null"},
                "annotations": rows(ref("Annotation"))}),
            "logprobs": {"type": "null"}, "finish_reason": one_of(["stop"])})), "usage": thing(_USAGE)}),
    "Models": thing({"object": one_of(["list"]), "data": rows(thing({
        "id": TEXT, "object": one_of(["model"]), "created": _WHOLE, "owned_by": TEXT}))})}

OTHERS: dict[str, Schema] = {
    "Health": thing({"ok": {"type": "boolean"}, "snapshot": _MAYBE_TEXT}),
    "Error": thing({"error": thing(_texts("code", "message", "next_step"))})}
SCHEMAS: Mapping[str, Schema] = ANSWER | CARD | CHAT | OTHERS
