"""Pages and files of publishers go into the drafts: fetched, kept, ingested; each with its own report.

    sources.toml ─ visit ─ fetch ─ collected ─ ingest ─ draft

Bytes are kept as they come, so that an interrupted collection goes on where it stopped.  A page that is gone or
refused takes nothing away: its document stays as it was until a person removes it.  A page is *changed* when its
text is, not when its bytes are.  What may be asked, and how gently, is decided in `sources`, `robots` and `visit`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path
from typing import Any, Protocol

from corpora.collected import CollectedPages, Kept, collecting
from corpora.draft import Draft, Entry
from corpora.fetch import NotFetchedError, Refusal, Reply
from corpora.ingest import FileReport, ingest
from corpora.ingest import Outcome as Read
from corpora.records import DocumentId
from corpora.sources import FILE, Page, Source
from corpora.suspicion import visible
from corpora.visit import Validators, suffix_of

_CORRECT = f"Correct it in {FILE}, then run the same command again."


class Outcome(StrEnum):
    """What became of an address."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    GONE = "gone"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class PageReport:
    """What became of one address; the last three say why it was refused or is gone, and what to do."""

    source: str
    corpus: str
    url: str
    outcome: Outcome
    document_id: DocumentId | None = None
    notes: tuple[str, ...] = ()
    error_code: str | None = None
    message: str | None = None
    next_step: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        plain: dict[str, Any] = {"source": self.source, "corpus": self.corpus, "url": self.url,
                                 "outcome": self.outcome, "document_id": self.document_id, "notes": list(self.notes)}
        if self.error_code:
            plain["error"] = {"code": self.error_code, "message": self.message, "next_step": self.next_step}
        return plain

    def lines(self) -> list[str]:
        """Return what a person should know of it; nothing where it is as it was."""
        if self.outcome is Outcome.UNCHANGED and not self.notes:
            return []
        head = f"{self.outcome} {visible(self.url)}"
        told = [f"{head}: {visible(self.message)}" if self.message else head]
        return [*told, *(f"  {note}" for note in self.notes), *([f"  → {self.next_step}"] if self.next_step else [])]


@dataclass(frozen=True, slots=True)
class Collected:
    """What became of every address, source by source."""

    reports: tuple[PageReport, ...]

    def counts(self) -> dict[Outcome, int]:
        """Return how many addresses had each outcome."""
        counted = Counter(report.outcome for report in self.reports)
        return {outcome: counted[outcome] for outcome in Outcome}

    @property
    def nothing_taken(self) -> bool:
        """Whether there were addresses and every one was refused."""
        return bool(self.reports) and all(report.outcome is Outcome.REFUSED for report in self.reports)

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"counts": {str(outcome): count for outcome, count in self.counts().items()},
                "pages": [report.to_json() for report in self.reports]}

    def lines(self) -> list[str]:
        """Return a line for each address that is not as it was, the counts, and the next step."""
        counts = self.counts()
        whole = ", ".join(f"{count} {outcome}" for outcome, count in counts.items())
        more = ["Next: rohnamo build --wait"] if counts[Outcome.NEW] or counts[Outcome.CHANGED] else []
        return [*(line for report in self.reports for line in report.lines()), whole, *more]


class Fetch(Protocol):
    """Asks for one page of a source, politely."""

    def __call__(self, url: str, source: Source, known: Validators) -> Reply:
        """Return the answer, with status 200, 304, 404 or 410; raise NotFetchedError for everything else."""


Progress = Callable[[int, int], None]


def collect(sources: Sequence[Source], drafts: Path, *, now: datetime, fetch: Fetch,
            progress: Progress | None = None) -> Collected:
    """Fetch what the sources list into the drafts of their corpora, folders in `drafts`, and return what became of it.

    `now` has a zone; `progress` is told how many addresses were asked, of how many.

    Raises:
        NoSpaceError: the disk is full; what came before is kept.
        DraftLockedError, FormatError: a draft, or the record of a source, cannot be written.
    """
    whole, reports = sum(len(source.pages) for source in sources), list[PageReport]()
    asked = 0
    for source in sources:
        draft = Draft(drafts / source.corpus)
        with collecting(draft.root, source.name) as pages:
            collection = _Collection(source, draft, pages, now)
            for page in source.pages:
                collection.ask(page, fetch)
                asked += 1
                if progress:
                    progress(asked, whole)
            reports += collection.reports()
    return Collected(tuple(reports))


class _Collection:
    """One source while it is collected: first all its addresses are asked, then what came is ingested."""

    def __init__(self, source: Source, draft: Draft, pages: CollectedPages, now: datetime) -> None:
        self._source, self._draft, self._pages, self._now = source, draft, pages, now
        self._said: dict[str, PageReport] = {}
        self._notes: dict[str, tuple[str, ...]] = {}

    def ask(self, page: Page, fetch: Fetch) -> None:
        """Ask for one page, and keep at once what comes."""
        kept = self._pages.get(page.url)
        known = kept if kept and self._pages.is_whole(kept) else None
        try:
            self._take(page, known, fetch(page.url, self._source, known.validators if known else Validators()))
        except NotFetchedError as error:
            self._refuse(page.url, str(error.why), str(error), error.hint)

    def reports(self) -> list[PageReport]:
        """Ingest what was reached and return the report of every address, in the order listed; then the unlisted."""
        listed = {page.url: page for page in self._source.pages}
        reached = [kept for url in listed if url not in self._said and (kept := self._pages.get(url))]
        for kept in reached:
            self._pages.describe(kept, listed[kept.url], self._source)
        files = [self._pages.path(kept) for kept in reached]
        read = {report.path: report for report in ingest(files, self._draft)} if files else {}
        for kept in reached:
            self._said[kept.url] = self._told(kept, read[self._pages.path(kept)])
        return [*(self._said[url] for url in listed), *self._unlisted(set(listed))]

    def _take(self, page: Page, known: Kept | None, reply: Reply) -> None:
        match reply.status:
            case HTTPStatus.NOT_FOUND | HTTPStatus.GONE:
                self._miss(page, reply)
            case HTTPStatus.OK:
                self._keep(page, known, reply)
            case _ if known:
                self._pages.put(replace(known, document_id=page.document_id, last_seen=self._moment, gone="",
                                        licence=self._source.licence))
            case _:
                raise NotFetchedError(Refusal.STATUS, f"{page.url} answered with status {reply.status}, unasked")
        if reply.url != page.url:
            self._notes[page.url] = (f"lies at {visible(reply.url)} now",)

    def _keep(self, page: Page, known: Kept | None, reply: Reply) -> None:
        if not reply.data.strip():
            raise NotFetchedError(Refusal.EMPTY, f"{page.url} is empty")
        digest = sha256(reply.data).hexdigest()
        same = known is not None and known.sha256 == digest
        file = known.file if known and same else f"{page.stem}{suffix_of(reply.media_type, reply.url)}"
        before = self._pages.get(page.url)
        kept = Kept(page.url, page.document_id, file, digest,
                    known.fetched if known and same else self._day, self._moment, self._source.licence,
                    reply.headers.get("etag", ""), reply.headers.get("last-modified", ""),
                    text=before.text if before else "")
        self._pages.put(kept, None if same else reply.data)

    def _miss(self, page: Page, reply: Reply) -> None:
        """Note that a page is gone; its document stays."""
        kept = self._pages.get(page.url)
        if kept is None or self._entry(kept) is None:
            raise NotFetchedError(Refusal.NOT_FOUND, f"{page.url} is not there (status {reply.status})",
                                  hint=f"Correct the address in {FILE}.")
        kept = replace(kept, gone=kept.gone or self._day)
        self._pages.put(kept)
        self._say_gone(kept, f"answered with status {reply.status}; missed since {kept.gone}")

    def _unlisted(self, listed: set[str]) -> Iterator[PageReport]:
        """Yield the documents that were collected from addresses no longer listed; those removed are forgotten."""
        for kept in self._pages.pages():
            if kept.url in listed:
                continue
            if self._entry(kept) is None:
                self._pages.drop(kept)
                continue
            self._say_gone(kept, f"is not listed in {FILE} any more")
            yield self._said[kept.url]

    def _told(self, kept: Kept, report: FileReport) -> PageReport:
        """Return what became of a page that was reached and ingested."""
        if report.outcome is Read.REFUSED:
            step = _CORRECT if report.error_code == "bad_metadata" else report.next_step
            return replace(self._report(kept.url, Outcome.REFUSED), error_code=report.error_code,
                           message=report.message, next_step=step)
        notes = self._notes.get(kept.url, ())
        text = _text_digest(self._entry(kept))
        outcome = Outcome.UNCHANGED if text == kept.text else Outcome.CHANGED if kept.text else Outcome.NEW
        if outcome is not Outcome.UNCHANGED:
            self._pages.put(replace(kept, text=text))
            notes += report.notes
        elif report.outcome is Read.READ:
            notes += ("its bytes or what is said of it changed, its text did not",)
        return replace(self._report(kept.url, outcome), document_id=kept.document_id, notes=notes)

    def _refuse(self, url: str, code: str, message: str, next_step: str) -> None:
        self._said[url] = replace(self._report(url, Outcome.REFUSED), error_code=code, message=message,
                                  next_step=next_step)

    def _say_gone(self, kept: Kept, why: str) -> None:
        self._said[kept.url] = replace(
            self._report(kept.url, Outcome.GONE), document_id=kept.document_id, error_code="gone",
            message=f"{why}; its document is kept",
            next_step=f"To remove it: rohnamo documents remove {kept.document_id}")

    def _report(self, url: str, outcome: Outcome) -> PageReport:
        return PageReport(self._source.name, self._source.corpus, url, outcome, notes=self._notes.get(url, ()))

    def _entry(self, kept: Kept) -> Entry | None:
        return self._draft.entry(kept.document_id)

    @property
    def _day(self) -> str:
        return self._now.date().isoformat()

    @property
    def _moment(self) -> str:
        return self._now.isoformat(timespec="seconds")


def _text_digest(entry: Entry | None) -> str:
    """Return the SHA-256 of a document's text."""
    texts = [passage.text for passage in entry.passages] if entry else []
    return sha256("\n".join(texts).encode()).hexdigest()
