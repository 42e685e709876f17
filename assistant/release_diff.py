"""What a release changes for those who read: documents, facts and the days that come near.

Written once, when a release is built, as `diff.json`; its hash is in what is signed, so that all who sign look at the
same.  The same documents and day give the same bytes.  How it is shown is decided in `release_lines` and
`release_page`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from itertools import islice
from typing import Any

from assistant.errors import AssistantError
from assistant.redline import redline
from corpora.draft import Entry
from corpora.records import Document, Fact, FactType
from sync.errors import SyncError
from sync.prepared import DIFF, Prepared
from sync.release import RELEASE, ReleaseInfo, canonical, read_object
from sync.repository import Repository, State
from sync.roles import TOP_LEVEL

FORMAT, VERSION = "rohnamo-diff", 1
NEAR_DAYS = 60
_MOST_STRETCHES = 40                   # of one document; a whole code that was rewritten is read in its source
_ALIKE = 0.5                           # share of letters below which two quotes are no editions of one fact
_FIRST = (FactType.FEE, FactType.BENEFIT, FactType.PENALTY, FactType.DEADLINE, FactType.DURATION, FactType.VALIDITY,
          FactType.AGE)
_FIELDS = ("title", "language", "publisher", "kind", "service", "source_url", "status", "valid_from", "valid_until",
           "as_of", "review_by", "confidence", "superseded_by", "act", "media_type")
_OF_FACT = ("value", "unit", "audience", "quote", "valid_from", "valid_until", "status")
Plain = dict[str, Any]


class UnreadableDiffError(AssistantError):
    """There is no diff in the folder, or it is not the one that is signed."""

    code = "unreadable_diff"


@dataclass(frozen=True, slots=True)
class Shown:
    """The diff of a prepared release.  `sha256` is its own hash, `digest` that of all that is signed."""

    diff: Mapping[str, Any]
    sha256: str
    digest: str
    moved_on: tuple[str, ...] = ()     # roles of which something else was published since


def documents(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Plain:
    """Return which documents came, went and changed, by id."""
    both = sorted(before.keys() & after.keys())
    changed = (_changed(before[name], after[name]) for name in both)
    return {"before": len(before), "after": len(after),
            "added": [_row(after[name]) for name in sorted(after.keys() - before.keys())],
            "removed": [_row(before[name]) for name in sorted(before.keys() - after.keys())],
            "changed": [one for one in changed if one["fields"] or one["text"]]}


def facts(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> list[Plain]:
    """Return the facts that changed, came and went, also with their documents; amounts and dates first."""
    found = [_fact_row((after.get(name) or before[name]).document, old, new)
             for name in sorted(before.keys() | after.keys())
             for old, new in _pairs(_stated(before.get(name)), _stated(after.get(name)))]
    return sorted(found, key=_urgency)


def expiring(after: Mapping[str, Entry], day: date) -> list[Plain]:
    """Return what ends or is to be looked at again within 60 days, the nearest first."""
    last = (day + timedelta(days=NEAR_DAYS)).isoformat()
    found = [row for name in sorted(after) for row in _ends(after[name].document)
             if day.isoformat() <= row["date"] <= last]
    return sorted(found, key=lambda row: (row["date"], row["document"], row["what"], row["quote"]))


def files(before: Mapping[str, int], after: Mapping[str, Entry]) -> Plain:
    """Return which source files came and went.  before: lengths in bytes by hash."""
    now = {entry.document.sha256: entry for _, entry in sorted(after.items())}
    added = [{"sha256": digest, "length": entry.file.stat().st_size if entry.file else 0, "document": name,
              "file": entry.document.file} for name, entry in sorted(after.items())
             if (digest := entry.document.sha256) not in before and now[digest] is entry]
    gone = [{"sha256": digest, "length": before[digest]} for digest in sorted(before.keys() - now.keys())]
    return {"before": len(before), "after": len(now), "added": added, "removed": gone}


def to_bytes(plain: Mapping[str, Any]) -> bytes:
    """Return the file: canonical JSON."""
    return canonical({"format": FORMAT, "version": VERSION, **plain})


def read_diff(prepared: Prepared, repository: Repository | None = None) -> Shown:
    """Return the diff in a prepared folder, if it is the one whose hash is signed.

    repository: where it shall be published; what was published there meanwhile speaks against it.

    Raises:
        UnreadableDiffError: there is no diff, or another.
        RepositoryError: there is no repository, or it is damaged.
    """
    try:
        data = (prepared.folder / DIFF).read_bytes()
        signed = {info.id: info.diff_sha256 for info in _releases(prepared)}
        plain = read_object(data, DIFF, FORMAT, VERSION)
    except (OSError, SyncError) as error:
        raise UnreadableDiffError(f"there is no diff to be read in {prepared.folder}: {error}",
                                  "Name the folder that rohnamo release build wrote, or copy it again.") from error
    digest = sha256(data).hexdigest()
    if digest not in signed.values():
        raise UnreadableDiffError(f"the diff in {prepared.folder} is not the one that is signed",
                                  "Do not sign it; copy the folder again from whoever built it.")
    return Shown(plain, digest, prepared.digest, _moved_on(prepared, repository.state()) if repository else ())


def _releases(prepared: Prepared) -> Iterator[ReleaseInfo]:
    """Yield what the roles in a folder release."""
    for role in sorted(prepared.base.keys() - TOP_LEVEL):
        if target := prepared.metadata(role).signed.targets.get(f"{role}/{RELEASE}"):
            yield ReleaseInfo.from_bytes(Repository(prepared.folder).read(target), publisher=role)


def _moved_on(prepared: Prepared, state: State) -> tuple[str, ...]:
    """Return the roles of which something else was published since."""
    now = {role: sha256(state.files[role]).hexdigest() if role in state.files else "" for role in prepared.base}
    return tuple(f"{role} {state.version(role)}" for role, base in sorted(prepared.base.items()) if now[role] != base)


def _changed(old: Entry, new: Entry) -> Plain:
    stretches = list(redline(_text(old), _text(new)))
    shown = [[[piece.mark, piece.text] for piece in stretch] for stretch in islice(stretches, _MOST_STRETCHES)]
    was, now = old.document.to_json(), new.document.to_json()
    fields = [{"field": field, "before": was[field], "after": now[field]} for field in _FIELDS
              if was[field] != now[field]]
    if was["sha256"] != now["sha256"] and not stretches:
        fields.append({"field": "file", "before": was["sha256"][:8], "after": now["sha256"][:8]})
    return {"id": new.document.id, "title": new.document.title, "language": new.document.language, "fields": fields,
            "text": shown, "more": len(stretches) - len(shown)}


def _row(entry: Entry) -> Plain:
    document = entry.document
    return {"id": document.id, "title": document.title, "language": document.language, "status": document.status,
            "valid_until": document.valid_until, "source_url": document.source_url, "passages": len(entry.passages),
            "facts": len(document.facts)}


def _stated(entry: Entry | None) -> tuple[Fact, ...]:
    return entry.document.facts if entry else ()


def _pairs(old: Sequence[Fact], new: Sequence[Fact]) -> Iterator[tuple[Fact | None, Fact | None]]:
    """Yield the facts that differ: by id, else of one type and nearly the same words, else alone."""
    was, now = {fact.id: fact for fact in old}, {fact.id: fact for fact in new}
    for name in sorted(was.keys() & now.keys()):
        if _said(was[name]) != _said(now[name]):
            yield was[name], now[name]
    left = {name: now[name] for name in sorted(now.keys() - was.keys())}
    for name in sorted(was.keys() - now.keys()):
        match = max((fact for fact in left.values() if _alike(was[name], fact) >= _ALIKE),
                    key=lambda fact: _alike(was[name], fact), default=None)
        if match:
            del left[match.id]
        yield was[name], match
    yield from ((None, fact) for fact in left.values())


def _alike(one: Fact, other: Fact) -> float:
    from rapidfuzz.distance import Indel
    return Indel.normalized_similarity(one.quote, other.quote) if one.type == other.type else 0.0


def _said(fact: Fact | None) -> Plain | None:
    return {name: getattr(fact, name) for name in _OF_FACT} if fact else None


def _fact_row(document: Document, old: Fact | None, new: Fact | None) -> Plain:
    fact = new or old
    return {"document": document.id, "title": document.title, "language": document.language,
            "type": fact.type if fact else "", "before": _said(old), "after": _said(new)}


def _urgency(row: Plain) -> tuple[int, bool, str, str]:
    """Return what sorts a changed fact: of what kind, whether its value changed, then where it stands."""
    before, after = row["before"] or {}, row["after"] or {}
    rank = _FIRST.index(row["type"]) if row["type"] in _FIRST else len(_FIRST)
    return rank, before.get("value") == after.get("value"), row["document"], str(after or before)


def _ends(document: Document) -> Iterator[Plain]:
    about = {"document": document.id, "title": document.title}
    for what in ("valid_until", "review_by"):
        if day := getattr(document, what):
            yield about | {"what": what, "date": day, "quote": ""}
    for fact in document.facts:
        if fact.valid_until and fact.valid_until != document.valid_until:
            yield about | {"what": "fact", "date": fact.valid_until, "quote": fact.quote}


def _text(entry: Entry) -> str:
    return "\n".join(passage.text for passage in entry.passages)
