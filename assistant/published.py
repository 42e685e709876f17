"""What a repository holds at this moment, as documents: a publisher's newest release, the others', what is withdrawn.

The repository is read and never changed; whether it may be trusted is asked in `sync.verify`.  A release of another
publisher that cannot be read keeps nobody from releasing: it is told and left aside.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches

from assistant.errors import AssistantError
from assistant.holdings import ClashError
from corpora.draft import Entry
from corpora.errors import CorpusError
from corpora.records import DocumentId
from corpora.release import unpacked_files, unpacked_text
from sync.errors import PackError, ReleaseError
from sync.pack import decompressed, read_pack
from sync.prepared import Prepared
from sync.release import RELEASE, REVOCATIONS, PackKind, ReleaseInfo
from sync.repository import Repository
from sync.revocations import read_revocations
from sync.roles import TARGETS, TOP_LEVEL


class ForeignDocumentError(AssistantError):
    """A publisher would withdraw a document that another one holds."""

    code = "foreign_document"


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


def check_ids(repository: Repository, prepared: Prepared) -> None:
    """See that no release in a prepared folder takes an id that another publisher's release has.

    A machine would refuse the second; one that starts anew would refuse the one it meets later, whosever it is.  A
    release that cannot be read is let pass: machines refuse it by themselves.

    Raises:
        ClashError: one does.
    """
    for publisher in set(prepared.base) - {*TOP_LEVEL}:
        taken = {entry.document.id: one.publisher for one in others(repository, publisher) for entry in one.entries}
        clash = [name for name in _arriving(prepared, publisher) if name in taken]
        if clash:
            raise ClashError(f"{publisher} has documents that others released: "
                             + ", ".join(f"{name} ({taken[name]})" for name in clash[:10]),
                             "They have to be published under other ids; nothing was published.")


def _arriving(prepared: Prepared, publisher: str) -> list[DocumentId]:
    """Return the ids of the documents of the release that travels in a prepared folder; none where none does."""
    targets = prepared.metadata(publisher).signed.targets
    data = prepared.target(targets[f"{publisher}/{RELEASE}"]) if f"{publisher}/{RELEASE}" in targets else None
    with suppress(PackError, ReleaseError, CorpusError, KeyError):
        info = ReleaseInfo.from_bytes(data or b"", publisher=publisher)
        pack = prepared.target(targets[info.pack.target]) if info.kind is PackKind.TEXT else None
        if pack is not None:
            contents = read_pack(decompressed(pack, produces_length=info.pack.length,
                                              produces_sha256=info.pack.sha256))
            return [entry.document.id for entry in unpacked_text(contents)]
    return []


def others(repository: Repository, publisher: str) -> list[Held]:
    """Return the newest texts of every other publisher, by name."""
    found = (held(repository, name) for name in repository.state().publishers if name != publisher)
    return [one for one in found if one and one.info.kind is PackKind.TEXT]


def holders(repository: Repository) -> dict[str, str]:
    """Return the publisher of each document that a newest release holds."""
    found = (held(repository, name) for name in repository.state().publishers)
    return {entry.document.id: one.publisher for one in found if one for entry in one.entries}


def check_own(repository: Repository, publisher: str, document: str) -> None:
    """See that a publisher does not withdraw what another one holds: no machine would heed it.

    Raises:
        ForeignDocumentError: it would.
        ReleaseError: there is no such publisher.
    """
    repository.state().targets(publisher)
    holder = holders(repository).get(document, publisher)
    if holder != publisher:
        raise ForeignDocumentError(f"{document} is a document of {holder}, not of {publisher}",
                                   f"Let {holder} withdraw it (--publisher {holder}), or the ministry (without "
                                   f"--publisher). Nothing was prepared.")


def misspelt(repository: Repository, document: str) -> str:
    """Return a warning with the nearest ids where no newest release holds a document, empty where one does."""
    known = holders(repository)
    if document in known:
        return ""
    near = ", ".join(get_close_matches(document, known))
    return (f"no newest release here holds {document}: mind the spelling before anybody signs"
            + (f"; nearest: {near}" if near else ""))


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

