"""What a person says about a document, in a TOML file beside it.

`NAME.EXT.toml` wins over `NAME.toml`; without either everything is left to be guessed from the text.
An unknown key, a date that is no ISO date, a value outside its closed set: each is an error that
names the key.  Whether a quote really stands in the document is checked at ingest, not here.
"""

from __future__ import annotations

import calendar
import re
import tomllib
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

from corpora.errors import MetadataError
from corpora.records import Act, DocumentId, DocumentStatus, Fact, FactType

_WORDS = ("id", "title", "publisher", "language", "kind", "service", "source_url", "confidence",
          "superseded_by", "approved_by", "approved_sha256")
_DATES = ("valid_from", "valid_until", "as_of", "review_by", "approved_on")
_KEYS = (*_WORDS, "status", *_DATES, "act", "fact")
_FACT_KEYS = ("id", "type", "quote", "value", "unit", "audience", "valid_from", "valid_until", "status",
              "confidence")
_ACT_KEYS = ("type", "number", "date")
_ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
# How the note of a document begins that stands as it was approved.
APPROVED = "approved"
Closed = TypeVar("Closed", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is said of a document; an empty text or None is not said.  `sha256` is of the file, or empty.

    approved_by, approved_on, approved_sha256: who approved an explanation, on which day, and the file's bytes as they
    were then.
    """

    id: DocumentId
    title: str = ""
    publisher: str = ""
    language: str = ""
    kind: str = ""
    service: str = ""
    source_url: str = ""
    status: DocumentStatus = DocumentStatus.UNKNOWN
    valid_from: str | None = None
    valid_until: str | None = None
    as_of: str | None = None
    review_by: str | None = None
    confidence: str = ""
    superseded_by: DocumentId | None = None
    act: Act | None = None
    facts: tuple[Fact, ...] = ()
    sha256: str = ""
    approved_by: str = ""
    approved_on: str | None = None
    approved_sha256: str = ""

    def approval_note(self, sha256: str) -> tuple[str, ...]:
        """Return the note that a file of these bytes was approved, or that another was; none where nothing is said."""
        if not (self.approved_by and self.approved_on):
            return ()
        same = sha256 == self.approved_sha256
        return (f"{APPROVED if same else 'changed after it was approved'} by {self.approved_by} on {self.approved_on}",)


def read_metadata(path: Path) -> Metadata:
    """Return the metadata of the document at `path`.

    Raises:
        MetadataError: the file beside it cannot be read or breaks a rule.
    """
    beside = next((file for file in (path.with_name(path.name + ".toml"), path.with_suffix(".toml"))
                   if file.is_file() and file != path), None)
    if beside is None:
        return Metadata(DocumentId(slug(path.stem)))
    try:
        data = beside.read_bytes()
        return _metadata(tomllib.loads(data.decode("utf-8-sig")), slug(path.stem), sha256(data).hexdigest())
    except OSError as error:
        raise MetadataError(f"{beside.name}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise MetadataError(f"{beside.name} is not UTF-8", hint="Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise MetadataError(f"{beside.name} is not TOML: {error}") from error
    except MetadataError as error:
        raise MetadataError(f"{beside.name}: {error}", hint=error.hint) from error


def slug(stem: str) -> str:
    """Return a document id for a file's name: small letters and digits of any script, hyphens between."""
    words = re.sub(r"[^\w]+|_+", "-", unicodedata.normalize("NFC", stem).casefold())
    return words.strip("-") or "document"


def _metadata(table: dict[str, Any], stem: str, digest: str) -> Metadata:
    _known(table, _KEYS, "")
    plain: dict[str, Any] = {key: _text(table, key) for key in _WORDS}
    plain |= {key: _day(table, key) for key in _DATES}
    plain["id"] = DocumentId(plain["id"] or stem)
    plain["superseded_by"] = DocumentId(plain["superseded_by"]) if plain["superseded_by"] else None
    if plain["language"] not in ("", "tg", "ru", "en", "unknown"):
        raise MetadataError(f"language is {plain['language']!r}", hint="Write tg, ru, en or unknown.")
    status = _member(table, "status", DocumentStatus, DocumentStatus.UNKNOWN)
    return Metadata(**plain, status=status, act=_act(table), facts=_facts(table), sha256=digest)


def _known(table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            near = get_close_matches(key, keys, 1, 0.0)[0]
            raise MetadataError(f"unknown key {key!r}{where}", hint=f"The nearest known key is {near!r}.")


def _text(table: dict[str, Any], key: str) -> str:
    value = table.get(key, "")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise MetadataError(f"{key} must be text", hint=f'Write {key} = "…".')
    return unicodedata.normalize("NFC", str(value)).strip()


def _day(table: dict[str, Any], key: str) -> str | None:
    """Return a full ISO date, or None; a year or month means its first day, or its last for an end."""
    value = table.get(key)
    if value is None or value == "":
        return None
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    match = _ISO.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise _bad_date(key, value)
    return _whole_day(key, match, last=key in ("valid_until", "review_by"))


def _whole_day(key: str, match: re.Match[str], *, last: bool) -> str:
    year = int(match[1])
    month = int(match[2] or (12 if last else 1))
    try:
        day = int(match[3] or (calendar.monthrange(year, month)[1] if last else 1))
        return date(year, month, day).isoformat()
    except (ValueError, calendar.IllegalMonthError) as error:
        raise _bad_date(key, match[0]) from error


def _bad_date(key: str, value: object) -> MetadataError:
    return MetadataError(f"{key} is {value!r}, not a date", hint=f"Write {key} = 2026-01-31.")


def _member(table: dict[str, Any], key: str, closed: type[Closed], default: Closed | None) -> Closed:
    value = table.get(key, default)
    names = [str(member) for member in closed]
    if str(value) not in names:
        near = get_close_matches(str(value), names, 1, 0.0)[0]
        raise MetadataError(f"{key} is {value!r}" if key in table else f"{key} is missing",
                            hint=f"Write one of: {', '.join(names)} (the nearest is {near!r}).")
    return closed(str(value))


def _act(table: dict[str, Any]) -> Act | None:
    """Return the act; its date may be a year or a month alone, as sources often give it."""
    act = table.get("act")
    if act is None:
        return None
    if not isinstance(act, dict):
        raise MetadataError("act must be a table", hint="Write [act], then type, number and date.")
    _known(act, _ACT_KEYS, " in [act]")
    if not _text(act, "type"):
        raise MetadataError("[act] has no type", hint='Write type = "қонун" or what the act is.')
    day = act.get("date", "")
    if isinstance(day, date) and not isinstance(day, datetime):
        day = day.isoformat()
    if day:
        _day({"date": day}, "date")
    return Act(_text(act, "type"), _text(act, "number"), day)


def _facts(table: dict[str, Any]) -> tuple[Fact, ...]:
    given = table.get("fact", [])
    if not isinstance(given, list) or not all(isinstance(fact, dict) for fact in given):
        raise MetadataError("fact must be tables", hint="Write [[fact]] before each fact.")
    facts = []
    for number, fact in enumerate(given, 1):
        try:
            facts.append(_fact(fact, number))
        except MetadataError as error:
            raise MetadataError(f"fact {number}: {error}", hint=error.hint) from error
    return tuple(facts)


def _fact(fact: dict[str, Any], number: int) -> Fact:
    _known(fact, _FACT_KEYS, "")
    quote = _text(fact, "quote")
    if not quote:
        raise MetadataError("quote is missing", hint="Quote the document's own sentence.")
    return Fact(_text(fact, "id") or f"fact-{number}", _member(fact, "type", FactType, None), quote,
                _text(fact, "value"), _text(fact, "unit"), _text(fact, "audience"),
                _day(fact, "valid_from"), _day(fact, "valid_until"),
                _member(fact, "status", DocumentStatus, DocumentStatus.UNKNOWN), _text(fact, "confidence"))
