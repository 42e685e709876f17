"""From what lies on this machine to the snapshot that answers: build, look at it, activate.

    holdings ─ index.build ─ candidate ─ generations.activate

A snapshot without vectors answers at once by words; finished vectors make a new generation.  What answered
before stays in use until the new one is whole, and is kept to go back to.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.encoders import open_encoder
from assistant.errors import ConfigError, NoSnapshotError
from assistant.holdings import drafts as drafts
from assistant.holdings import entries as entries_of
from assistant.holdings import packs_in_use
from assistant.withdrawn import hiding, withdrawn
from corpora.draft import Draft, Entry
from corpora.durable import make_folder, write_whole
from index import Encoder, Generations, Snapshot, build_snapshot
from index.errors import EncoderError, EncoderMismatchError
from index.held import held_entries
from index.manifest import read_manifest
from index.server_generations import ServerGenerations
from index.tables import encoded_text, text_key
from index.vector_folder import VectorFolder, together
from index.vectors import load_vectors, save_vectors
from sync.errors import StateError
from sync.state import Withdrawn

# Vectors that came with a draft lie in it; those made on this machine have a folder of their own.
VECTORS, MADE = "vectors.npz", "vectors"
# The generation in use and the one before it: room for a roll-back, and no more disk than that.
KEPT = 2
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What a build made, or found to be there already."""

    generation: int
    kind: str                          # lexical | full
    counts: dict[str, int]
    new: bool
    problem: str = ""                  # why it is lexical though an encoder is configured

    def to_json(self) -> dict[str, Any]:
        """Return a plain object."""
        return {"generation": self.generation, "kind": self.kind, "counts": self.counts, "new": self.new,
                "problem": self.problem}

    def line(self) -> str:
        """Return what a person should know."""
        what = f"{self.counts['documents']} documents, {self.counts['passages']} passages, {self.kind}"
        done = f"generation {self.generation} {'answers now' if self.new else 'is up to date'}: {what}"
        return f"{done}; {self.problem}" if self.problem else done


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot that was built and is not in use yet."""

    path: Path
    config: Config
    problem: str = ""

    @property
    def new(self) -> bool:
        """Whether it differs from what is in use, or that is damaged."""
        generations = Generations(self.config.generations)
        current = generations.current(verify=True)
        damaged = bool(generations.problems)
        return damaged or not current or _manifest(generations.path(current)) != _manifest(self.path)

    def open(self, withdrawn: Sequence[Withdrawn] = ()) -> Snapshot:
        """Return it opened, after every byte was checked.

        Raises:
            SnapshotError: it cannot be opened.
        """
        return Snapshot.open(self.path, encoder=open_encoder(self.config), verify=True,
                             withdrawn=hiding(withdrawn))

    def activate(self) -> Built:
        """Put it in use, if it is new; what was in use before is kept to go back to.

        Raises:
            SnapshotError: it cannot be; what was in use stays so.
        """
        manifest, generations = read_manifest(self.path), Generations(self.config.generations)
        if not self.new:
            return Built(generations.current() or 0, manifest.kind, manifest.counts, new=False, problem=self.problem)
        number = generations.adopt(self.path)
        generations.activate(number)
        generations.prune(KEPT)
        return Built(number, manifest.kind, manifest.counts, new=True, problem=self.problem)


def keep_vectors(source: Path, draft: Draft) -> None:
    """Keep the vectors that travel with a corpus beside its draft; they are checked when they are used."""
    make_folder(draft.root)
    write_whole(draft.root / VECTORS, source.read_bytes())


def build(config: Config, *, wait: bool, progress: Progress | None = None) -> Built:
    """Build a snapshot from the drafts and the releases in use, and activate it; one that is there already is left.

    With `wait` it is full; without, it is full only where no vector has to be made.

    Raises:
        NoSnapshotError: there is nothing to build from.
        SnapshotError: it cannot be built; the current one stays in use.
    """
    with candidate(config, _entries(config), wait=wait, progress=progress, again=_entries) as built:
        return built.activate()


@contextmanager
def candidate(config: Config, entries: list[Entry], *, wait: bool = True,
              progress: Progress | None = None,
              again: Callable[[Config], list[Entry]] | None = None) -> Iterator[Candidate]:
    """Yield a snapshot of these documents, to be looked at and activated; otherwise nothing of it stays.

    again: reads the documents anew once nobody else can take any into use: vectors may have been made for minutes.

    Raises:
        SnapshotError: it cannot be built, or another process is at it.
    """
    encoder, problem = _usable(open_encoder(config))
    known = _known_vectors(config, encoder) if encoder else {}
    if encoder and _lacking(entries, known):
        if wait:
            known = _completed(config, entries, encoder, known, progress)
        else:
            encoder, known = None, {}
    generations = Generations(config.generations)
    with generations.candidate() as path:
        entries = again(config) if again else entries
        if again and encoder and _lacking(entries, known):
            encoder, known = None, {}          # what came meanwhile has no vectors yet: words first
        current = generations.current()
        earlier = generations.path(current) if current else None
        build_snapshot(entries, path, encoder=encoder, known_vectors=known, lexicon_file=config.lexicon,
                       earlier=earlier)
        yield Candidate(path, config, problem)


def _usable(encoder: Encoder | None) -> tuple[Encoder | None, str]:
    """Return the encoder; where its files or its library are missing, None and what to say."""
    try:
        if encoder:
            encoder.sha256  # noqa: B018 - fails where it cannot be used
    except EncoderError as error:
        return None, f"search goes on by words alone: {error}"
    return encoder, ""


def current_snapshot(config: Config, *, encoder: Encoder | None) -> tuple[Snapshot, str]:
    """Return the snapshot in use and its name, "number:first letters of its hash".

    Every byte is checked first; where one differs, the whole snapshot before it answers, and `problems` says so.
    Vectors of another encoder are never used: the snapshot then opens for search by words, and says so.

    Raises:
        NoSnapshotError: none was built on this machine.
        SnapshotError: it cannot be opened.
    """
    if config.index_server:
        return _server_snapshot(config, encoder)
    generations = Generations(config.generations)
    number = generations.current(verify=True)
    to_sync = "Run: rohnamo sync now." if config.takes_releases else ""
    if not number and generations.problems:
        raise NoSnapshotError("; ".join(generations.problems),
                              to_sync or "Run: rohnamo build --wait, to build it again.")
    if not number:
        raise NoSnapshotError("no documents have been prepared on this machine yet",
                              to_sync or "Run: rohnamo ingest FOLDER, then rohnamo build --wait.")
    path = generations.path(number)
    gone, problem = _withdrawn(config)
    snapshot = opened(path, encoder, gone)
    snapshot.problems += [*generations.problems, *([problem] if problem else [])]
    return snapshot, f"{number}:{_manifest(path)[:12]}"


def generations_of(config: Config) -> Generations | ServerGenerations:
    """Return the generations that questions are answered from: of this machine, or on its PostgreSQL server."""
    if not config.index_server:
        return Generations(config.generations)
    return ServerGenerations(config.index_server)


def _server_snapshot(config: Config, encoder: Encoder | None) -> tuple[Snapshot, str]:
    with ServerGenerations(config.index_server or "") as generations:
        name = generations.activation().decode()
        if not name:
            raise NoSnapshotError("no generation is in use on the PostgreSQL server yet",
                                  "Run: rohnamo snapshots copy --to ADDRESS --activate, where they are built.")
        number, mark = name.split(":")
        gone, problem = _withdrawn(config)
        try:
            snapshot = generations.open(int(number), encoder=encoder, withdrawn=hiding(gone))
        except (EncoderMismatchError, EncoderError) as error:
            snapshot = generations.open(int(number), encoder=None, withdrawn=hiding(gone))
            snapshot.problems.append(f"search goes on by words alone: {error}")
    snapshot.problems += [problem] if problem else []
    return snapshot, f"{number}:{mark[:12]}"


def _withdrawn(config: Config) -> tuple[tuple[Withdrawn, ...], str]:
    """Return what is withdrawn; where that cannot be read, nothing and what to say: answering goes on."""
    try:
        return withdrawn(config), ""
    except StateError as error:
        return (), f"withdrawn documents are not known: {error.message}"


def opened(path: Path, encoder: Encoder | None, withdrawn: Sequence[Withdrawn] = ()) -> Snapshot:
    """Return the snapshot in a folder; search in it goes on by words where the encoder is not that of its vectors.

    Raises:
        SnapshotError: it cannot be opened.
    """
    try:
        return Snapshot.open(path, encoder=encoder, withdrawn=hiding(withdrawn))
    except (EncoderMismatchError, EncoderError) as error:
        snapshot = Snapshot.open(path, encoder=None, withdrawn=hiding(withdrawn))
        snapshot.problems.append(f"search goes on by words alone: {error}")
        return snapshot


def finish_in_background(config: Config) -> None:
    """Start making the missing vectors in a process of its own, which activates the full snapshot when done."""
    command = [sys.executable, "-m", "assistant", "build", "--wait", "--data-dir", str(config.data_dir)]
    subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,  # noqa: S603 - our own command
                     stderr=subprocess.DEVNULL, start_new_session=True)


def export_vectors(config: Config, target: Path, *, progress: Progress | None = None) -> int:
    """Write the vectors of every passage of the drafts to a file that travels with a corpus; return how many.

    Raises:
        NoSnapshotError: there is nothing to encode.
    """
    entries, encoder = _entries(config), open_encoder(config)
    if encoder is None:
        raise ConfigError("no encoder is configured, so there are no vectors to write",
                          'Write encoder = "static" in config.toml.')
    vectors = _completed(config, entries, encoder, _known_vectors(config, encoder), progress)
    keys = {text_key(text) for text in _texts(entries)}
    save_vectors(target, encoder, vectors, keys)
    return len(keys)


def vectors_made(config: Config) -> tuple[int, int]:
    """Return how many texts of the drafts have their vector, and how many there are; (0, 0) without an encoder.

    Raises:
        NoSnapshotError: there are no drafts.
    """
    encoder, texts = open_encoder(config), _texts(_entries(config))
    if not encoder:
        return 0, 0
    known = _known_vectors(config, encoder)
    return sum(text_key(text) in known for text in texts), len(texts)


def _manifest(path: Path) -> str:
    return sha256((path / "manifest.json").read_bytes()).hexdigest()


def _entries(config: Config) -> list[Entry]:
    """Return what a snapshot is built from; where no draft and no release is here, what the last snapshot held."""
    try:
        return entries_of(config, packs_in_use(config))
    except NoSnapshotError:
        if held := held_entries(config.generations):
            return held
        raise


def _known_vectors(config: Config, encoder: Encoder) -> Mapping[str, Any]:
    """Return the vectors that need not be made again: those made here before, and those that came with drafts.

    Another encoder's are left aside, never mixed in.
    """
    carried: list[Mapping[str, Any]] = []
    for path in (draft.root / VECTORS for draft in drafts(config)):
        if path.is_file():
            with suppress(EncoderMismatchError):
                carried.append(load_vectors(path, encoder))
    return together(VectorFolder(config.data_dir / MADE, encoder).known(), *carried)


def _completed(config: Config, entries: list[Entry], encoder: Encoder, known: Mapping[str, Any],
               progress: Progress | None) -> Mapping[str, Any]:
    """Return the vectors of all passages; those made now are kept as they are made, so that none is made twice."""
    if not _lacking(entries, known):
        return known
    VectorFolder(config.data_dir / MADE, encoder).complete(_texts(entries), known, progress)
    return _known_vectors(config, encoder)


def _texts(entries: list[Entry]) -> list[str]:
    return list(dict.fromkeys(encoded_text(entry.document, passage) for entry in entries for passage in entry.passages))


def _lacking(entries: list[Entry], known: Mapping[str, Any]) -> bool:
    return any(text_key(text) not in known for text in _texts(entries))
