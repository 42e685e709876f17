"""A release is built: from the draft of a corpus to a folder that waits for signatures.

    draft ─ rules ─ pack ─ questions ─ admission ─ deltas ─ diff ─ sync.edition.prepare_release

What breaks a rule stops it before anything is written, and so does an answer that was right and would be wrong.  The
repository is only read, the draft too.  Signing and publishing is done elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from assistant import release_diff, release_rules
from assistant.config import Config
from assistant.errors import AssistantError
from assistant.evaluate import Asked, read_questions
from assistant.holdings import drafts
from assistant.published import Held, held, others, standing, withdrawn
from assistant.release_admission import admission_lines
from assistant.release_questions import Examined, WorseAnswersError, examine, is_worse
from assistant.release_rules import Limits, Offence, RefusedReleaseError, Warned, WarningKind
from corpora.draft import Draft, Entry
from corpora.release import packed_files, packed_text
from sync.edition import ReleaseDraft, ReleaseFiles, earlier_packs, prepare_release, release_files
from sync.errors import ReleaseError
from sync.pack import write_pack
from sync.prepared import Prepared
from sync.release import PackKind
from sync.repository import Repository
from sync.rollout import Rollout

QUESTIONS = "questions.jsonl"
FILES_ENDING = ".files"
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What shall be released.  Left open: the number after the last one, the corpus of the publisher's name.

    `day` is the day on which questions are asked; `allow_worse` says why worse answers are accepted, if they are.
    """

    publisher: str
    day: date
    number: int | None = None
    corpus: str = ""
    questions: Path | None = None
    allow_worse: str = ""
    rollout: Rollout = field(default_factory=Rollout)
    limits: Limits = field(default_factory=Limits)

    @property
    def kind(self) -> PackKind:
        """Return what is released: `min-health.files` has the files of the documents of `min-health`."""
        return PackKind.FILES if self.publisher.endswith(FILES_ENDING) else PackKind.TEXT


@dataclass(frozen=True, slots=True)
class Built:
    """A release that waits for signatures, and what it changes."""

    prepared: Prepared
    number: int
    diff: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Edition:
    """The documents of the draft, and what they follow on."""

    order: Order
    corpus: str
    number: int
    entries: Sequence[Entry]
    before: Held | None
    others: Sequence[Held]
    withdrawn: frozenset[str]

    @property
    def known(self) -> dict[str, Entry]:
        """Return the documents of the release before, by id."""
        return {entry.document.id: entry for entry in self.before.entries} if self.before else {}


def build_release(config: Config, repository: Repository, order: Order, folder: Path, *, now: datetime,
                  progress: Progress | None = None) -> Built:
    """Build the next release of a publisher from the draft of its corpus.

    Raises:
        RefusedReleaseError: documents break a rule; all that do are named.
        WorseAnswersError: questions that were answered rightly would not be.
        AssistantError: there is no such draft, or the questions cannot be read.
        ReleaseError: the publisher is unknown, the number is not higher than the last one, the folder is not empty.
        RepositoryError: there is no repository to follow on.
        CorpusError, SnapshotError: the documents cannot be packed or used.
    """
    edition = _edition(config, repository, order, folder)
    _check(edition)
    examined, notes = _examined(config, repository, edition, progress)
    admission = admission_lines(examined.after, {entry.document.id for entry in edition.entries}, order.day)
    files = release_files(_pack(edition, admission), earlier_packs(repository, order.publisher))
    diff = _diff(edition, examined, notes, files)
    draft = ReleaseDraft(order.publisher, edition.corpus, edition.number, files, order.kind, order.rollout,
                         release_diff.to_bytes(diff))
    return Built(prepare_release(repository, draft, folder, now), edition.number, diff)


def _edition(config: Config, repository: Repository, order: Order, folder: Path) -> _Edition:
    """Return what shall be released and what it follows on, after what needs no reading was checked."""
    before = held(repository, order.publisher)
    last = before.info.number if before else 0
    number = last + 1 if order.number is None else order.number
    if number <= last:
        raise ReleaseError(f"{order.publisher} has release {last} already; {number} is not higher",
                           hint="Take a higher number, also to publish older content again.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ReleaseError(f"{folder} is not empty", hint="Name a folder that does not exist yet.")
    draft = _draft(config, order)
    entries = sorted(draft.documents(), key=lambda entry: entry.document.id)
    if not entries:
        raise AssistantError(f"the draft of {draft.root.name} has no documents", "Run: rohnamo ingest FOLDER.")
    return _Edition(order, draft.root.name, number, entries, before, others(repository, order.publisher),
                    withdrawn(repository, order.publisher))


def _draft(config: Config, order: Order) -> Draft:
    named = {draft.root.name: draft for draft in drafts(config)}
    wanted = order.corpus or order.publisher.removesuffix(FILES_ENDING)
    if wanted in named:
        return named[wanted]
    if len(named) == 1 and not order.corpus:
        return next(iter(named.values()))
    raise AssistantError(f"there is no draft of {wanted}; there is {', '.join(named) or 'none'}",
                         "Name one with --corpus, or run: rohnamo ingest FOLDER --into NAME.")


def _check(edition: _Edition) -> None:
    """See that the documents may be released.

    Raises:
        RefusedReleaseError: some may not.
    """
    order, entries = edition.order, edition.entries
    is_text = order.kind is PackKind.TEXT
    found: list[Offence] = []
    if is_text:
        taken: dict[str, str] = {entry.document.id: one.publisher for one in edition.others for entry in one.entries}
        found += release_rules.text_offences(entries, taken, order.limits)
    found += release_rules.file_offences(entries, order.limits, needed=not is_text)
    if found:
        raise RefusedReleaseError(found)


def _pack(edition: _Edition, admission: bytes) -> bytes:
    """Return the pack: the texts with their questions, or the source files.

    Raises:
        RefusedReleaseError: it is too large.
    """
    corpus, number = edition.corpus, edition.number
    if edition.order.kind is PackKind.FILES:
        contents = packed_files(edition.entries, corpus=corpus, number=number)
    else:
        contents = packed_text(edition.entries, corpus=corpus, number=number, admission=admission)
    if too_large := list(release_rules.pack_offences(contents, edition.order.limits)):
        raise RefusedReleaseError(too_large)
    return write_pack(contents)


def _examined(config: Config, repository: Repository, edition: _Edition,
              progress: Progress | None) -> tuple[Examined, list[Warned]]:
    """Return how the questions are answered, and what to know of the release.

    Raises:
        WorseAnswersError: questions that were answered rightly would not be, and no reason was given.
    """
    notes = [Warned(WarningKind.RELEASE, "", one.problem) for one in (edition.before, *edition.others)
             if one and one.problem]
    if edition.order.kind is PackKind.FILES:
        return Examined(), notes
    notes += release_rules.warnings(edition.known, edition.entries, edition.order.day, edition.withdrawn)
    questions = _questions(config, edition.order)
    if not questions:
        notes.append(Warned(WarningKind.QUESTIONS, "", "no golden questions were asked"))
    around = [entry for one in edition.others for entry in standing(one, repository)]
    now = [entry for entry in edition.entries if entry.document.id not in edition.withdrawn]
    old = [*around, *standing(edition.before, repository)]
    examined = examine(config, questions, edition.order.day, (old, [*around, *now]), progress)
    worse = list(filter(is_worse, examined.changed))
    if worse and not edition.order.allow_worse.strip():
        raise WorseAnswersError(worse)
    return examined, notes


def _questions(config: Config, order: Order) -> list[Asked]:
    """Return the questions that were named, else those of the data directory, if it has any."""
    path = order.questions or config.data_dir / QUESTIONS
    if order.questions and not path.is_file():
        raise AssistantError(f"there is no file {path} with questions",
                             "Name a .jsonl file with --questions, or leave it out.")
    return read_questions(path) if path.is_file() else []


def _diff(edition: _Edition, examined: Examined, notes: Sequence[Warned], files: ReleaseFiles) -> dict[str, Any]:
    order, before = edition.order, edition.before
    after: dict[str, Entry] = {entry.document.id: entry for entry in edition.entries}
    plain: dict[str, Any] = {
        "publisher": order.publisher, "corpus": edition.corpus, "kind": order.kind.value, "number": edition.number,
        "before": before.info.number if before else None, "day": order.day.isoformat(),
        "answers": examined.to_json(order.allow_worse.strip()), "warnings": [note.to_json() for note in notes],
        "size": _sizes(files, before)}
    if order.kind is PackKind.FILES:
        return plain | {"files": release_diff.files(before.files or {} if before else {}, after)}
    return plain | {"documents": release_diff.documents(edition.known, after),
                    "facts": release_diff.facts(edition.known, after),
                    "expiring": release_diff.expiring(after, order.day)}


def _sizes(files: ReleaseFiles, before: Held | None) -> dict[str, Any]:
    """Return what is published and what a machine fetches that has the release before, in bytes."""
    deltas = {base: len(data) for base, data in sorted(files.deltas.items())}
    whole = len(files.compressed)
    fetched = deltas.get(before.info.pack.sha256, whole) if before else whole
    return {"pack": len(files.pack), "compressed": whole,
            "deltas": [{"base_sha256": base, "length": length} for base, length in deltas.items()],
            "fetched": fetched, "fetched_anew": whole}
