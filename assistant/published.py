"""What a repository holds at this moment, as documents: a publisher's newest release, the others', what is withdrawn.

The repository is read and never changed; whether it may be trusted is asked in `sync.verify`.  A release of another
publisher that cannot be read keeps nobody from releasing: it is told and left aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from corpora.draft import Entry
from corpora.errors import CorpusError
from corpora.release import unpacked_files, unpacked_text
from sync.errors import PackError
from sync.pack import decompressed, read_pack
from sync.release import REVOCATIONS, PackKind, ReleaseInfo
from sync.repository import Repository
from sync.revocations import read_revocations
from sync.roles import TARGETS


@dataclass(frozen=True, slots=True)
class Held:
    """The newest release of a publisher.  `files` has lengths in bytes by hash; `problem` says why it is not read."""

    publisher: str
    info: ReleaseInfo
    pack: bytes = b""
    entries: tuple[Entry, ...] = ()
    files: Mapping[str, int] | None = None
    problem: str = ""


def held(repository: Repository, publisher: str) -> Held | None:
    """Return the newest release of a publisher, None where there is none.

    Raises:
        ReleaseError: there is no such publisher.
        DamagedRepositoryError: a file of it is missing or differs from what was signed.
    """
    info = repository.release(publisher)
    if info is None:
        return None
    data = repository.read(repository.state().targets(publisher).targets[info.pack.target])
    try:
        pack = decompressed(data, produces_length=info.pack.length, produces_sha256=info.pack.sha256)
        contents = read_pack(pack)
        if info.kind is PackKind.FILES:
            return Held(publisher, info, pack,
                        files={digest: len(data) for digest, data in unpacked_files(contents).items()})
        return Held(publisher, info, pack, tuple(unpacked_text(contents, release=info.id)))
    except (PackError, CorpusError) as error:
        return Held(publisher, info, problem=f"release {info.id} cannot be read and was left aside: {error}")


def others(repository: Repository, publisher: str) -> list[Held]:
    """Return the newest texts of every other publisher, by name."""
    found = (held(repository, name) for name in repository.state().publishers if name != publisher)
    return [one for one in found if one and one.info.kind is PackKind.TEXT]


def withdrawn(repository: Repository, publisher: str) -> frozenset[str]:
    """Return the documents of a publisher that it, or the ministry, withdrew.

    Raises:
        ReleaseError: there is no such publisher.
    """
    state, found = repository.state(), set()
    for role, path in ((TARGETS, REVOCATIONS), (publisher, f"{publisher}/{REVOCATIONS}")):
        if target := state.targets(role).targets.get(path):
            found |= {one.document for one in read_revocations(repository.read(target))}
    return frozenset(found)


def standing(one: Held | None, repository: Repository) -> list[Entry]:
    """Return the documents of a release that are not withdrawn; none where nothing was released."""
    gone = withdrawn(repository, one.publisher) if one else frozenset()
    return [entry for entry in one.entries if entry.document.id not in gone] if one else []

