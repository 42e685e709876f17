"""What waits for signatures: a folder that goes from hand to hand until enough people have signed.

    prepared.json     what it is in a sentence, and which files of the repository it follows on
    metadata/         the new roles, with the signatures so far
    trust/            who may sign them, as the repository said when this was prepared
    targets/          the files they name
    diff.json         the comparison that people looked at, where there is one

Signing adds a signature and changes nothing else: `digest` is the same for everyone who is asked to sign.
Whether the signatures suffice is decided against the repository when it is published, not by what lies here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from securesystemslib.signer import Key, Signer
from tuf.api.exceptions import RepositoryError as TufError
from tuf.api.exceptions import UnsignedMetadataError
from tuf.api.metadata import Metadata, Root, TargetFile, Targets

from sync.durable import write_whole
from sync.errors import ReleaseError, SigningError
from sync.keys import named
from sync.release import canonical, checked_publisher, read_object
from sync.repository import Repository, State
from sync.roles import ROOT, TARGETS, TOP_LEVEL

FORMAT, VERSION, PREPARED, DIFF = "rohnamo-prepared", 1, "prepared.json", "diff.json"


@dataclass(frozen=True, slots=True)
class Wanted:
    """How far the signing of a role has come.  `may_sign` names those who have not signed and could."""

    role: str
    version: int
    signed_by: tuple[str, ...]
    missing: int
    may_sign: tuple[str, ...]

    def line(self) -> str:
        """Return it for people."""
        who = f"signed by {', '.join(self.signed_by)}" if self.signed_by else "not signed yet"
        more = f"; {self.missing} more wanted, of {', '.join(self.may_sign)}" if self.missing else ""
        return f"{self.role} {self.version}: {who}{more}"


@dataclass(frozen=True, slots=True)
class Prepared:
    """New versions of some roles and the targets they name.  `base`: hash of the file each role replaces, or empty."""

    folder: Path
    summary: str
    base: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path) -> Prepared:
        """Return what lies in a folder.

        Raises:
            ReleaseError: nothing was prepared there, it is not whole, or a file differs from what is signed.
        """
        try:
            plain = read_object((folder / PREPARED).read_bytes(), PREPARED, FORMAT, VERSION)
            prepared = cls(folder, str(plain["summary"]), dict(plain["base"]))
            for role in prepared.base:
                prepared.metadata(role if role in TOP_LEVEL else checked_publisher(role))
            prepared.wanted()
            prepared._check_targets()
        except (OSError, KeyError, TypeError, ValueError, TufError) as error:
            raise ReleaseError(f"nothing was prepared in {folder}, or it is not whole",
                               hint="Name the folder that the release was prepared in; copy it again.") from error
        return prepared

    @property
    def digest(self) -> str:
        """Return the hash that all who sign should see: of everything that is signed, without the signatures."""
        return sha256(b"".join(self.metadata(role).signed_bytes for role in sorted(self.base))).hexdigest()

    def metadata(self, role: str) -> Metadata[Any]:
        """Return a role as it stands, with the signatures so far."""
        return Metadata.from_bytes(self._path(role).read_bytes())

    def target(self, target: TargetFile) -> bytes | None:
        """Return the content of a target that travels in the folder, None for one that does not."""
        path = Repository(self.folder).target_path(target)
        return path.read_bytes() if path.is_file() else None

    def wanted(self, state: State | None = None) -> tuple[Wanted, ...]:
        """Return how far the signing has come, by the trust of `state`, or by that in the folder."""
        return tuple(self._wanted(role, state) for role in sorted(self.base))

    def keys(self, role: str, state: State | None = None) -> dict[str, Key]:
        """Return the keys that may sign a role, by their ids; for the root the old ones and the new ones."""
        found: dict[str, Key] = {}
        for delegator in self.delegators(role, state):
            found |= {keyid: delegator.get_key(keyid) for keyid in delegator.get_delegated_role(role).keyids}
        return found

    def delegators(self, role: str, state: State | None = None) -> tuple[Root | Targets, ...]:
        """Return whose word counts for a role: the new root's or targets' where one is prepared, else the old one's."""
        name = ROOT if role in TOP_LEVEL else TARGETS
        old = self._trusted(name, state)
        new = self.metadata(name).signed if name in self.base else old
        return (old, new) if role == ROOT else (new,)

    def _check_targets(self) -> None:
        """See that the files that travel in the folder are those that the roles name, before anybody signs."""
        for signed in (self.metadata(role).signed for role in sorted(self.base)):
            for target in signed.targets.values() if isinstance(signed, Targets) else ():
                data = self.target(target)
                if data is not None and sha256(data).hexdigest() != target.hashes["sha256"]:
                    raise ReleaseError(f"{target.path} differs from what is signed",
                                       hint="Do not sign it. Copy the folder again from whoever prepared it.")

    def _wanted(self, role: str, state: State | None) -> Wanted:
        missing, good = self._signed(role, state)
        rest = [key for keyid, key in self.keys(role, state).items() if keyid not in good]
        return Wanted(role, self.metadata(role).signed.version, tuple(sorted(map(named, good.values()))), missing,
                      tuple(sorted(map(named, rest))))

    def _signed(self, role: str, state: State | None = None) -> tuple[int, dict[str, Key]]:
        """Return how many signatures are missing, and the keys of those that are good."""
        metadata, missing = self.metadata(role), 0
        good: dict[str, Key] = {}
        for delegator in self.delegators(role, state):
            result = delegator.get_verification_result(role, metadata.signed_bytes, metadata.signatures)
            missing, good = max(missing, result.missing), good | dict(result.signed)
        return missing, good

    def _trusted(self, role: str, state: State | None) -> Any:  # noqa: ANN401
        data = state.files[role] if state else (self.folder / "trust" / f"{role}.json").read_bytes()
        return Metadata.from_bytes(data).signed

    def _path(self, role: str) -> Path:
        return self.folder / "metadata" / f"{role}.json"


def sign(prepared: Prepared, signer: Signer) -> tuple[Wanted, ...]:
    """Sign every role in the folder that this key may sign, and return how far the signing has come.

    Raises:
        SigningError: the key may sign none of them; nothing was changed.
    """
    keyid = signer.public_key.keyid
    roles = [role for role in sorted(prepared.base) if keyid in prepared.keys(role)]
    if not roles:
        names = sorted({named(key) for role in prepared.base for key in prepared.keys(role).values()})
        raise SigningError(f"this key ({keyid[:8]}) may not sign {' or '.join(sorted(prepared.base))}",
                           hint=f"These may: {', '.join(names)}.")
    for role in roles:
        metadata = prepared.metadata(role)
        add_signature(metadata, signer)
        write_whole(prepared._path(role), metadata.to_bytes())
    return prepared.wanted()


def add_signature(metadata: Metadata[Any], signer: Signer) -> None:
    """Sign metadata beside those who have signed it.

    Raises:
        SigningError: the key does not sign any more, as when its token was taken out.
    """
    try:
        metadata.sign(signer, append=True)
    except UnsignedMetadataError as error:
        raise SigningError(f"the key {signer.public_key.keyid[:8]} did not sign: {error}",
                           hint="Put its token in again and run the same command; what is signed stays so.") from error


def signed_already(prepared: Prepared, keyid: str) -> bool:
    """Return whether a key has signed all that it may sign; False where it may sign nothing."""
    roles = [role for role in prepared.base if keyid in prepared.keys(role)]
    return bool(roles) and all(keyid in prepared._signed(role)[1] for role in roles)


@dataclass(frozen=True, slots=True)
class Draft:
    """What shall be prepared: the roles without signatures, and the new targets with their content."""

    summary: str
    roles: Mapping[str, Metadata[Any]]
    targets: tuple[tuple[TargetFile, bytes], ...] = ()
    diff: bytes = b""


def write_prepared(state: State, draft: Draft, folder: Path) -> Prepared:
    """Write a draft into a new folder and return it.

    Raises:
        ReleaseError: the folder holds something already.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ReleaseError(f"{folder} is not empty", hint="Name a folder that does not exist yet.")
    base = {role: sha256(state.files[role]).hexdigest() if role in state.files else "" for role in draft.roles}
    prepared = Prepared(folder, draft.summary, base)
    for role, metadata in draft.roles.items():
        write_whole(prepared._path(role), metadata.to_bytes())
    for role in (ROOT, TARGETS):
        write_whole(folder / "trust" / f"{role}.json", state.files[role])
    for target, data in draft.targets:
        Repository(folder).write_target(target, data)
    if draft.diff:
        write_whole(folder / DIFF, draft.diff)
    write_whole(folder / PREPARED, canonical({"format": FORMAT, "version": VERSION, "summary": draft.summary,
                                              "base": base}))
    return prepared
