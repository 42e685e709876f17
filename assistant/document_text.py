"""A document that answers as one object: where it comes from, whether it is in force, and its text by passages."""

from __future__ import annotations

from difflib import get_close_matches
from typing import Any

from assistant.errors import AssistantError
from corpora.records import DocumentId
from index import Snapshot

# Whoever reads it through a protocol takes so much at a time; a passage is never cut.
_MOST_LETTERS = 20_000
_SHOWN = ("id", "title", "publisher", "language", "kind", "status", "valid_from", "valid_until", "as_of", "review_by",
          "superseded_by", "source_url", "file", "sha256")


class NotHeldError(AssistantError):
    """No document of this id answers here."""

    code = "unknown_document"


def document_object(snapshot: Snapshot, name: str, first: int = 0) -> dict[str, Any]:
    """Return a document with its passages from `first` on, from 0, as many as may be read at once.

    `next` is the first passage left out, None at the end.

    Raises:
        NotHeldError: there is none of this id.
    """
    document = snapshot.document(DocumentId(name))
    if document is None:
        near = get_close_matches(name, [one.id for one in snapshot.documents()], 1, 0.5)
        raise NotHeldError("no document of this id answers here", f"Is {near[0]} meant?" if near else "")
    passages, shown, letters = snapshot.passages(document.id), list[dict[str, Any]](), 0
    for passage in passages[first:]:
        letters += len(passage.text)
        if shown and letters > _MOST_LETTERS:
            break
        shown.append({"passage_id": passage.id, "locator": passage.locator.to_json(), "text": passage.text})
    following = first + len(shown)
    plain = {field: getattr(document, field) for field in _SHOWN}
    return {"document": plain | {"act": document.act.to_json() if document.act else None,
                                 "release": snapshot.release(document.id) or None},
            "passages": shown, "of": len(passages), "next": following if following < len(passages) else None}
