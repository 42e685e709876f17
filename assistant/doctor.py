"""Whether this machine can answer: each check a line, with what to do where it fails.

Checks look and change nothing.  They are run one by one, so that a broken part does not hide the others.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from assistant.config import Config
from assistant.encoders import open_encoder
from assistant.errors import AssistantError, NoSnapshotError
from assistant.models import Models
from assistant.update import current_snapshot, drafts
from corpora import ocr
from index import Generations
from index.errors import EncoderError

# Room for one more generation of a large corpus and a model's shards (bytes).
_LEAST_FREE = 500_000_000


@dataclass(frozen=True, slots=True)
class Check:
    """One finding.  `state` is ok, note (works, with less) or bad (does not answer)."""

    name: str
    state: str
    message: str
    next_step: str = ""

    def to_json(self) -> dict[str, str]:
        """Return a plain object."""
        return {"name": self.name, "state": self.state, "message": self.message, "next_step": self.next_step}

    def lines(self) -> list[str]:
        """Return the finding for a person, and the next step where there is one."""
        step = [f"{'':6}→ {self.next_step}"] if self.next_step else []
        return [f"{self.state:5} {self.name}: {self.message}", *step]


def examine(config: Config) -> list[Check]:
    """Return the findings in the order a person would mend them."""
    checks: list[tuple[str, Callable[[Config], Iterator[Check]]]] = [
        ("data directory", _data_dir), ("drafts", _drafts), ("snapshot", _snapshot), ("generations", _generations),
        ("encoder", _encoder), ("models", _models), ("scans", _scans), ("network", _network),
        ("sync", _sync), ("desks", _desks), ("crashes", _crashes)]
    return [check for name, look in checks for check in _guarded(name, look, config)]


def _guarded(name: str, look: Callable[[Config], Iterator[Check]], config: Config) -> list[Check]:
    try:
        return list(look(config))
    except Exception as error:  # one broken part must not hide the others
        return [Check(name, "bad", str(error) or type(error).__name__, getattr(error, "hint", ""))]


def _data_dir(config: Config) -> Iterator[Check]:
    root = config.data_dir
    nearest = next(path for path in (root, *root.parents) if path.exists())
    free = shutil.disk_usage(nearest).free
    if not os.access(nearest, os.W_OK):
        yield Check("data directory", "note", f"{root} cannot be written: answering works, building does not",
                    "Run as the user that owns it, or name another with --data-dir.")
    elif free < _LEAST_FREE:
        yield Check("data directory", "note", f"{root}: {free // 1_000_000} MB free", "Free some space first.")
    else:
        yield Check("data directory", "ok", f"{root}, {free // 1_000_000_000} GB free")


def _drafts(config: Config) -> Iterator[Check]:
    found = drafts(config)
    if not found and config.takes_releases:
        yield Check("drafts", "ok", "none; this machine answers from releases")
    elif not found:
        yield Check("drafts", "note", "no documents were ingested on this machine", "Run: rohnamo ingest FOLDER.")
    for draft in found:
        yield Check("drafts", "ok", f"{draft.root.name}: {sum(1 for _ in draft.documents())} documents")


def _snapshot(config: Config) -> Iterator[Check]:
    again = "Run: rohnamo sync now." if config.takes_releases else "Run: rohnamo build --wait."
    try:
        snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    except NoSnapshotError as error:
        yield Check("snapshot", "bad", error.message, again if config.takes_releases else error.hint)
        return
    with snapshot:
        counts, kind, problems = snapshot.manifest.counts, snapshot.manifest.kind, list(snapshot.problems)
    for problem in problems:
        yield Check("snapshot", "note", problem, again)
    number = int(name.split(":")[0])
    Generations(config.generations).verify(number)
    state, step = ("ok", "") if kind == "full" else ("note", "Run: rohnamo build --wait, for search by meaning too.")
    yield Check("snapshot", state, f"{name}, {kind}: {counts['documents']} documents, {counts['passages']} passages; "
                "every byte as it was built", step)


def _generations(config: Config) -> Iterator[Check]:
    generations = Generations(config.generations)
    generations.current()
    for problem in generations.problems:
        yield Check("generations", "note", problem, "Run: rohnamo snapshots list.")


def _encoder(config: Config) -> Iterator[Check]:
    encoder = open_encoder(config)
    if not encoder:
        yield Check("encoder", "note", "none configured: search by words alone")
        return
    try:
        vector = encoder.encode_queries(["санҷиш"])
    except EncoderError as error:
        yield Check("encoder", "note", f"search goes on by words alone: {error}", error.hint)
        return
    yield Check("encoder", "ok", f"{encoder.id}, {vector.shape[1]} numbers a vector")


def _models(config: Config) -> Iterator[Check]:
    answering = [state for state in Models(config.data_dir).list() if state.role == "answer"]
    ready = [state.name for state in answering if state.state == "ready"]
    if ready:
        yield Check("models", "ok", f"{', '.join(ready)} words the answers")
    else:
        yield Check("models", "note", "no model words the answers; they are composed of facts and extracts",
                    "Where a Soro file is at hand: rohnamo models add soro FILE.gguf")


def _scans(_config: Config) -> Iterator[Check]:
    if lacking := ocr.missing():
        yield Check("scans", "note", f"{lacking}: scanned pages are refused when documents are read", ocr.INSTALL)
    else:
        yield Check("scans", "ok", "tesseract reads Tajik and Russian")


def _network(config: Config) -> Iterator[Check]:
    if not config.server:
        yield Check("network", "ok", "answering opens no connection; no remote generator is configured")
        return
    from assistant.openai_http import check_reach
    try:
        check_reach(config.server)
    except AssistantError as error:
        yield Check("network", "note", error.message, "docs/use-a-model-server.md")
    else:
        yield Check("network", "ok", f"questions are sent to {config.server.url} for wording; nothing else is")


def _sync(config: Config) -> Iterator[Check]:
    from assistant.status import STALE_DAYS, read_status, step_after
    from assistant.status_page import clock_words
    from assistant.sync_settings import utc_now
    from sync.device import fingerprint
    status = read_status(config, utc_now())
    if status.device:
        yield Check("sync", "ok", f"the fingerprint of this machine is {fingerprint(status.device.id)}")
    if status.problem:
        yield Check("sync", "note", status.problem, status.hint)
        return
    for known in status.releases:
        yield Check("sync", "note" if known.refused else "ok", known.line(status.moment))
    silent, failure = status.silent_days, status.last_failure
    if silent is None or silent > STALE_DAYS:
        heard = "nothing was ever heard" if silent is None else f"nothing was heard for {silent} days"
        yield Check("sync", "note", f"{heard} of what is published", "Run: rohnamo sync now, or bring a stick.")
    if failure:
        yield Check("sync", "note", f"the last attempt failed: {failure.message}", step_after(failure))
    if status.reading and status.reading.bad:
        yield Check("sync", "note", f"the clock of this machine is {clock_words(status.reading)}", "Set the clock.")


def _desks(config: Config) -> Iterator[Check]:
    from assistant.desk_checks import desk_checks
    from assistant.sync_settings import utc_now
    return desk_checks(config, utc_now())


def _crashes(config: Config) -> Iterator[Check]:
    from assistant.crash_checks import crash_checks
    return crash_checks(config)


def worst(checks: list[Check]) -> int:
    """Return the exit code: 1 where something keeps this machine from answering."""
    return int(any(check.state == "bad" for check in checks))

