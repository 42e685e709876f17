"""What this machine answers from: the drafts that lie on it, and the releases in use.

A draft is what somebody works on here, so it stands in place of a released document of the same id.  Two publishers
never share one: the second release that names it is refused (`assistant.receive`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from assistant.config import Config
from assistant.errors import AssistantError, NoSnapshotError
from assistant.withdrawn import STATE, SYNC
from corpora.draft import Draft, Entry
from corpora.release import unpacked_text
from corpora.standing import marked
from sync.errors import PackError
from sync.pack import read_pack
from sync.staging import Staging
from sync.state import State

FILES, FILES_SUFFIX = "files", ".files"


class ClashError(AssistantError):
    """Two documents were released under the same id."""

    code = "document_clash"


@dataclass(frozen=True, slots=True)
class Pack:
    """A release of a publisher on this machine, and where its pack lies."""

    publisher: str
    number: int
    sha256: str
    path: Path

    @property
    def release(self) -> str:
        """Return its name, as `min-health/12`."""
        return f"{self.publisher}/{self.number}"

    @property
    def of_files(self) -> bool:
        """Whether it holds source files; their publisher is called like that of the texts they belong to."""
        return self.publisher.endswith(FILES_SUFFIX)

    def contents(self) -> dict[str, bytes]:
        """Return its files by path, read anew each time: they are large.

        Raises:
            PackError: the pack was damaged since it was verified.
        """
        data = self.path.read_bytes()
        if sha256(data).hexdigest() != self.sha256:
            raise PackError(f"the pack of {self.release} was damaged on this machine",
                            hint="Run: rohnamo sync now, which fetches it again.")
        return read_pack(data)


def drafts(config: Config) -> list[Draft]:
    """Return the drafts of this machine by the name of their corpus."""
    folders = sorted(config.drafts.iterdir()) if config.drafts.is_dir() else []
    return [Draft(folder) for folder in folders if folder.is_dir()]


def packs_in_use(config: Config, *, but: Iterable[str] = ()) -> list[Pack]:
    """Return the releases in use, by publisher, without those of some.

    A pack that is damaged is left out; it is fetched again at the next contact.
    """
    home, others = config.data_dir / SYNC, set(but)
    if not (home / STATE).is_file():
        return []
    with State(home / STATE) as state:
        held = {name: one for name, one in state.held().items() if name not in others}
    found = ((name, one, Staging(home).whole(name, one.sha256)) for name, one in held.items())
    return [Pack(name, one.number, one.sha256, path) for name, one, path in found if path]


def entries(config: Config, packs: Iterable[Pack]) -> list[Entry]:
    """Return the documents of the drafts and of these releases, each with its standing over all of them.

    Raises:
        NoSnapshotError: there are none.
        ClashError: two publishers have a document of the same id.
        corpora.errors.CorpusError, sync.errors.PackError: a release cannot be read.
    """
    found = {entry.document.id: entry for entry in _released(config, packs)}
    found |= {entry.document.id: entry for draft in drafts(config) for entry in draft.documents()}
    if not found:
        raise NoSnapshotError("there are no documents to build from",
                              "Run: rohnamo sync now." if config.takes_releases else "Run: rohnamo ingest FOLDER.")
    return marked(list(found.values()))


def _released(config: Config, packs: Iterable[Pack]) -> Iterator[Entry]:
    owner: dict[str, str] = {}
    for pack in (pack for pack in packs if not pack.of_files):
        for entry in unpacked_text(pack.contents(), release=pack.release, files=config.data_dir / FILES):
            name = entry.document.id
            if name in owner:
                raise ClashError(f"{name} is released twice, by {owner[name]} and by {pack.publisher}",
                                 "Tell both publishers: one of the two has to be published under another id.")
            owner[name] = pack.publisher
            yield entry
