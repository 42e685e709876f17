"""What a text says of its own document, and which documents still stand over all of a corpus.

Metadata that a person wrote always wins: only what it leaves open is filled in from the text, and noted.
Reading acts and dates is done in `acts`, `dates` and `validity_lines`; replacing in `replaced`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from corpora.acts import issuer_of, own_act, read_validity
from corpora.draft import Entry
from corpora.records import Document, DocumentStatus
from corpora.replaced import mark, replacements
from corpora.validity_lines import status_lines

VERSION = "1"
READ_STATUS = "status read from the text"
# Only a text with one of these words can end another act; the others need not be read for it.
_ENDING = ("эътибор", "бекор", "иваз", "соқит", "қувва", "утрати", "взамен", "замен", "отмен", "признат")


def read_standing(document: Document, text: str) -> tuple[Document, tuple[str, ...]]:
    """Return the document with what its text says where its metadata is silent, and a note for each such thing."""
    lines, said = status_lines(text), read_validity(text)
    found: dict[str, Any] = {"act": own_act(text), "publisher": issuer_of(text) or None,
                             "valid_from": lines.get("valid_from") or said.valid_from,
                             "valid_until": lines.get("valid_until") or said.valid_until}
    new = {key: value for key, value in found.items() if value and not getattr(document, key)}
    status = DocumentStatus(lines["status"]) if "status" in lines else said.status
    notes = [f"{key} read from the text" for key in new]
    if document.status == DocumentStatus.UNKNOWN != status:
        new["status"] = status
        notes.append(READ_STATUS)
    return replace(document, **new), tuple(notes)


def marked(entries: Sequence[Entry]) -> list[Entry]:
    """Return the entries, those whose act another document's text ended marked with status, end and successor."""
    documents = [entry.document for entry in entries]
    texts = {entry.document.id: text for entry in entries if _may_end_another(text := _text(entry))}
    read = {document.id for document in documents if READ_STATUS in document.notes}
    standing = mark(documents, replacements(documents, texts), read=read)
    return [replace(entry, document=document) for entry, document in zip(entries, standing, strict=True)]


def _may_end_another(text: str) -> bool:
    lowered = text.lower()
    return any(word in lowered for word in _ENDING)


def _text(entry: Entry) -> str:
    return "\n".join(passage.text for passage in entry.passages)
