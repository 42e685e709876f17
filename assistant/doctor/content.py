"""What this machine answers from: documents, snapshots here or on a server, encoder and models."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing

from assistant.config import Config
from assistant.doctor.check import Check
from assistant.encoders import open_encoder
from assistant.errors import NoSnapshotError
from assistant.models import Models, State
from assistant.profile import Role
from assistant.update import current_snapshot, drafts
from index import Generations
from index.errors import EncoderError, SnapshotError
from index.pointer import CURRENT
from index.server_generations import ServerGenerations

_DAY_S = 86_400
_HASH = 12


def documents(config: Config) -> Iterator[Check]:
    """Yield what each draft holds."""
    found = drafts(config)
    if not found and config.takes_releases:
        yield Check("drafts", "ok", "none; this machine answers from releases")
    elif not found and config.index_server:
        yield Check("drafts", "ok", "none; this machine answers from a PostgreSQL server")
    elif not found:
        yield Check("drafts", "note", "no documents were ingested on this machine", "Run: rohnamo ingest FOLDER.")
    for draft in found:
        yield Check("drafts", "ok", f"{draft.root.name}: {sum(1 for _ in draft.documents())} documents")


def snapshot(config: Config) -> Iterator[Check]:
    """Yield what answers, since when, and whether it is as it was built."""
    if config.index_server:
        yield from _on_server(config.index_server, config)
        return
    again = "Run: rohnamo sync now." if config.takes_releases else "Run: rohnamo build --wait."
    try:
        opened, name = current_snapshot(config, encoder=open_encoder(config))
    except NoSnapshotError as error:
        yield Check("snapshot", "bad", error.message, again if config.takes_releases else error.hint)
        return
    with opened:
        counts, kind, problems = opened.manifest.counts, opened.manifest.kind, list(opened.problems)
    for problem in problems:
        yield Check("snapshot", "note", problem, again)
    number = int(name.split(":")[0])
    Generations(config.generations).verify(number)
    state, step = ("ok", "") if kind == "full" else ("note", "Run: rohnamo build --wait, for search by meaning too.")
    yield Check("snapshot", state, f"{name}, {kind}: {counts['documents']} documents, {counts['passages']} passages; "
                f"every byte as it was built; {_since(config)}", step)


def _since(config: Config) -> str:
    seconds = time.time() - (config.generations / CURRENT).stat().st_mtime
    days = int(seconds // _DAY_S)
    return "answers since today" if days < 1 else f"answers for {days} days"


def _on_server(address: str, config: Config) -> Iterator[Check]:
    """Yield what the PostgreSQL server holds, and whether what is in use there can be opened and asked."""
    step = "docs/serve-from-postgresql.md"
    with closing(ServerGenerations(address)) as generations:
        try:
            listed, current = generations.list(), generations.current()
        except SnapshotError as error:
            yield Check("snapshot", "bad", str(error), error.hint or step)
            return
        held = ", ".join(f"{one.number} ({one.kind}, {one.counts['documents']} documents)" for one in listed) or "none"
        yield Check("snapshot", "ok", f"the PostgreSQL server answers; generations there: {held}")
        if not current:
            yield Check("snapshot", "bad", "no generation is in use on the server",
                        "Run: rohnamo snapshots copy --to ADDRESS --activate, where they are built.")
            return
        opened, name = current_snapshot(config, encoder=open_encoder(config))
        with opened:
            counts, kind, problems = opened.manifest.counts, opened.manifest.kind, list(opened.problems)
        for problem in problems:
            yield Check("snapshot", "note", problem, step)
        yield Check("snapshot", "ok", f"{name} of the server, {kind}: {counts['documents']} documents, "
                    f"{counts['passages']} passages; rohnamo snapshots verify reads every row")


def generations(config: Config) -> Iterator[Check]:
    """Yield what is wrong with the snapshots of this machine."""
    found = Generations(config.generations)
    found.current()
    for problem in found.problems:
        yield Check("generations", "note", problem, "Run: rohnamo snapshots list.")


def encoder(config: Config) -> Iterator[Check]:
    """Yield whether search by meaning works."""
    found = open_encoder(config)
    if not found:
        yield Check("encoder", "note", "none configured: search by words alone")
        return
    try:
        vector = found.encode_queries(["санҷиш"])
    except EncoderError as error:
        yield Check("encoder", "note", f"search goes on by words alone: {error}", error.hint)
        return
    yield Check("encoder", "ok", f"{found.id}, {vector.shape[1]} numbers a vector, sha256 {found.sha256[:_HASH]}…")


def models(config: Config) -> Iterator[Check]:
    """Yield what words the answers, and each model that is not what was added."""
    found = Models(config.data_dir).list()
    ready = [f"{state.name} (sha256 {state.sha256[:_HASH]}…)" for state in found
             if state.role is Role.ANSWER and state.state is State.READY]
    if ready:
        yield Check("models", "ok", f"{', '.join(ready)} words the answers")
    else:
        yield Check("models", "note", "no model words the answers; they are composed of facts and extracts",
                    "Where a Soro file is at hand: rohnamo models add soro FILE.gguf")
    for state in found:
        if state.state is State.CORRUPT:
            yield Check("models", "note", f"{state.name} is not the file that was added, and is not used",
                        state.next_step)
