"""Documents given by a person go into the draft of a corpus; what became of each is told.

Which corpus: the one named, else the one the folder names itself, else `local`.  Reading is done by
`corpora.ingest`; nothing is answered from a draft before it is built.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.edge import counter
from assistant.errors import ConfigError
from assistant.update import keep_vectors
from corpora.draft import Draft
from corpora.folder import CorpusFolder, is_corpus_name, read_folder
from corpora.ingest import FileReport, Outcome, ingest
from corpora.suspicion import visible

LOCAL = "local"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of every file, in the order read."""

    reports: tuple[tuple[str, FileReport], ...]      # with the name of the corpus

    @property
    def nothing_read(self) -> bool:
        """Whether every file was refused."""
        return all(report.outcome is Outcome.REFUSED for _, report in self.reports)

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        counts = Counter(str(report.outcome) for _, report in self.reports)
        return {"counts": {outcome: counts[outcome] for outcome in Outcome},
                "files": [_plain(corpus, report) for corpus, report in self.reports]}

    def lines(self) -> list[str]:
        """Return the counts, and a line for each file that was refused or mended."""
        counts = Counter(report.outcome for _, report in self.reports)
        told = [line for _, report in self.reports for line in _told(report)]
        whole = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome)
        return [*told, whole, *(["Next: rohnamo build --wait"] if counts[Outcome.READ] else [])]


def take_in(config: Config, paths: Sequence[Path], into: str | None, progress: Callable[[int, int], None]) -> Taken:
    """Read files and folders into the drafts they belong to.

    Raises:
        ConfigError: the name of the corpus cannot be used.
        CorpusError: a draft cannot be written; what was read before is kept.
    """
    if into is not None and not is_corpus_name(into):
        raise ConfigError(f"{into!r} cannot be the name of a corpus", "Use small Latin letters, digits and hyphens.")
    reports: list[tuple[str, FileReport]] = []
    for path in paths:
        folder = read_folder(path)
        name = into or folder.name or LOCAL
        reports += [(name, report) for report in _read(config, folder, name, progress)]
    return Taken(tuple(reports))


def _read(config: Config, folder: CorpusFolder, name: str, progress: Callable[[int, int], None]) -> list[FileReport]:
    draft = Draft(config.drafts / name)
    reports = ingest([folder.documents], draft, progress=lambda done, whole, _: progress(done, whole),
                     pages=counter("  pages"))
    if folder.vectors:
        keep_vectors(folder.vectors, draft)
    return reports


def _plain(corpus: str, report: FileReport) -> dict[str, Any]:
    plain: dict[str, Any] = {"path": str(report.path), "corpus": corpus, "outcome": report.outcome,
             "document_id": report.document_id, "passages": report.passages, "notes": list(report.notes)}
    if report.error_code:
        plain["error"] = {"code": report.error_code, "message": report.message, "next_step": report.next_step}
    return plain


def _told(report: FileReport) -> list[str]:
    if report.outcome is Outcome.REFUSED:
        return [f"refused {visible(str(report.path))}: {report.message}", f"  → {report.next_step}"]
    return [f"{visible(report.path.name)}: {note}" for note in report.notes]
