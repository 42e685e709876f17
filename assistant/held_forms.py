"""The forms of the snapshot in use: which there are, what each asks and by which rule, and the file that is filled.

    document (kind "form") ─ its file (draft, or files/SHA256 of a release) ─ fields
                           └ no file here: what the release's forms.jsonl says is asked

A file is used only where it is the one that its document names.  What lapsed or is withdrawn is not offered.
Filling is `corpora.form_fill`'s; nothing a person writes comes here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.holdings import FILES, Pack, packs_in_use
from corpora.errors import CorpusError
from corpora.forms import Field, FieldType, FormRecord, Rule, form_record, rules
from corpora.lines import FORMS
from corpora.records import Document, DocumentId, DocumentStatus
from index import Snapshot
from sync.errors import SyncError

KIND, PDF = "form", "application/pdf"
_LAPSED = (DocumentStatus.SUPERSEDED, DocumentStatus.VOID)


@dataclass(frozen=True, slots=True)
class HeldForm:
    """A form with its file; `data` is empty where the file is not on this machine.

    `sources` are the documents whose rules require its fields, by id.
    """

    document: Document
    release: str                       # as `min-health/12`, empty for a draft
    record: FormRecord
    sources: Mapping[DocumentId, Document]
    data: bytes = b""

    @property
    def is_pdf(self) -> bool:
        """Return whether its file is here and can be printed as it is."""
        return bool(self.data) and self.document.media_type == PDF

    @property
    def can_be_filled(self) -> bool:
        """Return whether it can be filled on this machine."""
        return bool(self.data) and self.record.fillable


def forms_in_use(snapshot: Snapshot, language: str) -> tuple[Document, ...]:
    """Return the forms that hold, those in the asker's language first, then by title."""
    found = [one for one in snapshot.documents() if one.kind == KIND and one.status not in _LAPSED]
    return tuple(sorted(found, key=lambda one: (one.language != language, one.title, one.id)))


def may_be_filled(config: Config, document: Document) -> bool:
    """Return whether its file is here and is one that is filled; cheap, as a list of forms asks it of each."""
    return document.media_type == PDF and _path(config, document.sha256) is not None \
        and _is_fillable(config, document.sha256)


def held_form(config: Config, snapshot: Snapshot, form: str) -> HeldForm | None:
    """Return a form with what it asks and why, None where there is none of this id.

    Raises:
        corpora.errors.CorpusError: its file is damaged.
    """
    document = snapshot.document(DocumentId(form))
    if not document or document.kind != KIND or document.status in _LAPSED:
        return None
    known, release = rules(snapshot.documents(), document.language), snapshot.release(document.id)
    passages, data = snapshot.passages(document.id), _bytes(config, document.sha256)
    record = form_record(document, data, passages, known)
    if not data and release and (told := _told(config, document.id, release)):
        record = replace(told, title=document.title)
    named = {rule.document_id for _, rule in record.fields if rule}
    sources = {one: found for one in named if (found := snapshot.document(one))}
    return HeldForm(document, release, record, sources, data)


def _bytes(config: Config, digest: str) -> bytes:
    path = _path(config, digest)
    data = path.read_bytes() if path else b""
    return data if sha256(data).hexdigest() == digest else b""


def _path(config: Config, digest: str) -> Path | None:
    """Return where the file of a hash lies, in a draft or among those of the releases."""
    folders = [*sorted(config.drafts.glob(f"*/{FILES}")), config.data_dir / FILES]
    return next((path for folder in folders if (path := folder / digest).is_file()), None)


@lru_cache(256)
def _is_fillable(config: Config, digest: str) -> bool:
    from corpora.forms import read_form
    try:
        return read_form(_bytes(config, digest)) is not None
    except CorpusError:
        return False


def _told(config: Config, form: DocumentId, release: str) -> FormRecord | None:
    """Return what the release says of a form whose file did not come with it."""
    try:
        pack = next((one for one in packs_in_use(config) if one.release == release), None)
        lines = _lines(pack) if pack else ()
        return next((_record(line) for line in lines if line["id"] == form), None)
    except (SyncError, OSError, ValueError, LookupError, TypeError):  # a list of what is asked is worth no failed page
        return None


@lru_cache(8)
def _lines(pack: Pack) -> tuple[dict[str, Any], ...]:
    return tuple(json.loads(line) for line in pack.contents()[FORMS].split(b"\n") if line)


def _record(line: dict[str, Any]) -> FormRecord:
    fields = tuple(_fields(line["fields"]))
    return FormRecord(DocumentId(line["id"]), str(line["title"]), fields,
                      tuple(map(str, line.get("checklist", ()))))


def _fields(plain: Iterable[dict[str, Any]]) -> Iterator[tuple[Field, Rule | None]]:
    for one in plain:
        rule = one["rule"]
        yield (Field(one["name"], FieldType(one["type"]), bool(one["required"]), tuple(one["options"]),
                     label=one["name"]),
               Rule(DocumentId(rule["document_id"]), str(rule["quote"])) if rule else None)
