"""A throw-away repository with every key at hand, to publish into and to bend.

Kept in memory as `files` (path in the repository -> bytes) and laid out as the real one: `metadata/timestamp.json`,
`metadata/3.root.json`, `metadata/2.min-health.json`, `targets/min-health/HASH.release.json`.  Built on TUF's metadata
directly and not on `sync.publish`, so that neither hides a fault of the other.  Keys are made from names: the same
simulator gives the same bytes.

    repository = RepositorySimulator()
    repository.publish("min-health", {"documents.jsonl": b"..."}, 1)
    kept = dict(repository.files)                     # replay later: repository.files = kept
    repository.flip(repository.target_path("min-health/1.pack.zst"))
    repository.write_to(folder)                       # a stick or a folder to serve
    Client(home, repository.trusted_root, ...)        # or Updater(..., fetcher=repository.fetcher())
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.signer import CryptoSigner
from tuf.api.exceptions import DownloadHTTPError
from tuf.api.metadata import (
    DelegatedRole,
    Delegations,
    Metadata,
    MetaFile,
    Root,
    Snapshot,
    TargetFile,
    Targets,
    Timestamp,
)
from tuf.ngclient import FetcherInterface, Updater

from sync.delta import make_delta
from sync.pack import compressed, write_pack
from sync.proof.lines import Lines
from sync.release import DeltaTarget, PackKind, PackTarget, ReleaseInfo
from sync.revocations import Revocation, write_revocations
from sync.rollout import TIME, Rollout

NOW = datetime(2026, 11, 25, 8, 0, tzinfo=UTC)
DAYS = {"root": 3 * 365, "targets": 365, "snapshot": 60, "timestamp": 30}
PUBLISHER_DAYS = 180
TOP = ("root", "targets", "snapshot", "timestamp")


def signer(name: str) -> CryptoSigner:
    """Return the key of this name, always the same one."""
    return CryptoSigner(Ed25519PrivateKey.from_private_bytes(sha256(name.encode()).digest()))


class RepositorySimulator:
    """The repository.  `now` may be moved; `thresholds` and `keys` count signatures and keys of the top-level roles."""

    def __init__(self, publishers=("min-health",), *, now=NOW, thresholds: Mapping[str, int] | None = None,
                 host: str = "http://repository.test/"):
        self.now, self.host = now, host
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.packs: dict[str, list[bytes]] = {}
        self.revocations: dict[str, list[Revocation]] = {}
        self.signers: dict[str, list[CryptoSigner]] = {}
        self.roles: dict[str, Metadata] = {
            "root": Metadata(Root(consistent_snapshot=True)), "targets": Metadata(Targets()),
            "snapshot": Metadata(Snapshot()), "timestamp": Metadata(Timestamp())}
        self._make_keys(dict.fromkeys(TOP, 1) | dict(thresholds or {}))
        self.write_root()
        self.trusted_root = self.files["metadata/1.root.json"]
        self.roles["targets"].signed.delegations = Delegations({}, {})
        for name in publishers:
            self._delegate(name)
        self.write_role("targets", bump=False)
        self.write_snapshot(bump=False)
        self.write_timestamp(bump=False)

    # --- what an honest publisher does ---------------------------------------------------------

    def add_publisher(self, name: str, *, threshold: int = 1) -> None:
        """Delegate to a publisher that has released nothing yet."""
        self._delegate(name, threshold)
        self.update("targets")

    def publish(self, publisher: str, files: Mapping[str, bytes], number: int, *, rollout: Rollout | None = None,
                kind: PackKind = PackKind.TEXT, sequence: int | None = None, deltas: bool = True) -> ReleaseInfo:
        """Publish a release of these files, with deltas from the last eight, and return what it says."""
        pack, older = write_pack(files), self.packs.setdefault(publisher, [])
        info = ReleaseInfo(publisher, publisher, number, sequence or len(older) + 1, self.now,
                           PackTarget(digest(pack), len(pack), f"{publisher}/{number}.pack.zst"),
                           kind=kind, rollout=rollout or Rollout(), lines=Lines.of(files))
        targets = {info.pack.target: compressed(pack)}
        ways = []
        for old in older[-8:] if deltas else []:
            if digest(old) != digest(pack):
                data, name = make_delta(old, pack), f"{publisher}/{number}.from.{digest(old)[:8]}.delta.zst"
                targets[name] = data
                ways.append(DeltaTarget(digest(old), name, len(data)))
        info = replace(info, deltas=tuple(ways))
        older.append(pack)
        return self.publish_info(info, targets)

    def publish_info(self, info: ReleaseInfo, targets: Mapping[str, bytes]) -> ReleaseInfo:
        """Publish exactly this `release.json` and these targets, well made or not, signed by the publisher."""
        return self.publish_targets(info.publisher, {f"{info.publisher}/release.json": info.to_bytes(), **targets},
                                    info) or info

    def publish_targets(self, role: str, targets: Mapping[str, bytes], info: ReleaseInfo | None = None) -> None:
        """Replace all targets of a role and sign."""
        signed = self.roles[role].signed
        revoked = {path: one for path, one in signed.targets.items() if path.endswith("revocations.json")}
        signed.targets = revoked | {path: self._target(path, data, info) for path, data in targets.items()}
        self.update(role)

    def revoke(self, document: str, reason: str = "withdrawn", *, publisher: str = "") -> None:
        """Publish a list of revocations with this one added, of the ministry or of a publisher."""
        role = publisher or "targets"
        path = f"{publisher}/revocations.json" if publisher else "revocations.json"
        known = self.revocations.setdefault(path, [])
        known.append(Revocation(document, reason, date(2026, 11, 25)))
        self.roles[role].signed.targets[path] = self._target(path, write_revocations(known), None)
        self.update(role)

    def update(self, role: str) -> None:
        """Sign a new version of a role, then snapshot and timestamp."""
        self.write_role(role)
        self.write_snapshot()
        self.write_timestamp()

    def refresh(self) -> None:
        """Sign the timestamp anew, as the host does every day."""
        self.write_timestamp()

    def rotate(self, role: str, *, name: str = "") -> None:
        """Give a role new keys: for a top-level one in a new root, for a publisher in a new targets role."""
        old, new = list(self.signers[role]), [signer(name or f"{role}-new-{self.root.version}")]
        delegator = self.root if role in TOP else self.roles["targets"].signed
        for one in old:
            delegator.revoke_key(one.public_key.keyid, role)
        for one in new:
            delegator.add_key(one.public_key, role)
        if role in TOP:
            self.root.roles[role].threshold = 1
            self.signers["root"] = [*old, *new] if role == "root" else self.signers["root"]
            self.write_root(bump=True)
        self.signers[role] = new
        for one in ("targets", role) if role not in TOP else (role,):
            if one in ("targets", *self.publishers):
                self.write_role(one)
        self.write_snapshot()
        self.write_timestamp()

    # --- how a role is written -----------------------------------------------------------------

    @property
    def root(self) -> Root:
        return self.roles["root"].signed

    @property
    def publishers(self) -> list[str]:
        return list(self.roles["targets"].signed.delegations.roles)

    def write_root(self, *, bump: bool = False) -> bytes:
        return self._write("root", DAYS["root"], bump)

    def write_role(self, role: str, *, bump: bool = True) -> bytes:
        data = self._write(role, DAYS.get(role, PUBLISHER_DAYS), bump)
        self.roles["snapshot"].signed.meta[f"{role}.json"] = MetaFile(self.roles[role].signed.version)
        return data

    def write_snapshot(self, *, bump: bool = True) -> bytes:
        data = self._write("snapshot", DAYS["snapshot"], bump)
        self.roles["timestamp"].signed.snapshot_meta = MetaFile(
            self.roles["snapshot"].signed.version, len(data), {"sha256": digest(data)})
        return data

    def write_timestamp(self, *, bump: bool = True) -> bytes:
        return self._write("timestamp", DAYS["timestamp"], bump)

    def sign(self, role: str, signers=None) -> bytes:
        """Sign a role as it stands, also wrongly made, with its own or other keys; return and serve the bytes."""
        metadata = self.roles[role]
        metadata.signatures.clear()
        for one in self.signers[role] if signers is None else signers:
            metadata.sign(one, append=True)
        data = metadata.to_bytes()
        self.files[self.path(role)] = data
        return data

    # --- how it is bent ------------------------------------------------------------------------

    def path(self, role: str) -> str:
        """Return where the newest version of a role lies."""
        version = "" if role == "timestamp" else f"{self.roles[role].signed.version}."
        return f"metadata/{version}{role}.json"

    def target_path(self, target: str) -> str:
        """Return where the newest signed content of a target lies."""
        for metadata in self.roles.values():
            found = getattr(metadata.signed, "targets", {}).get(target)
            if found:
                folder, _, name = target.rpartition("/")
                return "/".join(part for part in ("targets", folder, f"{found.hashes['sha256']}.{name}") if part)
        raise KeyError(target)

    def flip(self, path: str, at: int = -1) -> None:
        """Change one bit of a file."""
        data = bytearray(self.files[path])
        data[at] ^= 1
        self.files[path] = bytes(data)

    def truncate(self, path: str, length: int | None = None) -> None:
        """Cut a file, to half by default."""
        data = self.files[path]
        self.files[path] = data[:len(data) // 2 if length is None else length]

    def expire(self, role: str, *, days: int = 1) -> None:
        """Sign a new version of a role that was over some days ago."""
        self.roles[role].signed.version += 1
        self.roles[role].signed.expires = self.now - timedelta(days=days)
        self.sign(role)
        self._follow(role)

    def fast_forward(self, role: str, version: int = 1_000_000) -> None:
        """Sign a role with a version far ahead, as a thief of its key would."""
        self.roles[role].signed.version = version
        self.sign(role)
        self._follow(role)

    # --- how it is reached ---------------------------------------------------------------------

    def write_to(self, folder: Path) -> Path:
        """Write the files as a folder, as a server or a stick holds it."""
        for path, data in self.files.items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        return folder

    def fetcher(self) -> FetcherInterface:
        """Return a fetcher that reads from here; `requests` lists what was asked for."""
        return _Fetcher(self)

    def updater(self, home: Path) -> Updater:
        """Return TUF's own client over this repository, at the simulator's time."""
        for name in ("metadata", "downloads"):
            (home / name).mkdir(parents=True, exist_ok=True)
        updater = Updater(str(home / "metadata"), f"{self.host}metadata/", str(home / "downloads"),
                          f"{self.host}targets/", self.fetcher(), bootstrap=self.trusted_root)
        updater._trusted_set.reference_time = self.now
        return updater

    # --- inside --------------------------------------------------------------------------------

    def _make_keys(self, thresholds: Mapping[str, int]) -> None:
        for role in TOP:
            self.signers[role] = [signer(f"{role}-{number}") for number in range(thresholds[role])]
            for one in self.signers[role]:
                self.root.add_key(one.public_key, role)
            self.root.roles[role].threshold = thresholds[role]

    def _delegate(self, name: str, threshold: int = 1) -> None:
        targets = self.roles["targets"].signed
        self.signers[name] = [signer(f"{name}-{number}") for number in range(threshold)]
        targets.delegations.roles[name] = DelegatedRole(name, [], threshold, True, paths=[f"{name}/*"])
        for one in self.signers[name]:
            targets.add_key(one.public_key, name)
        self.roles[name] = Metadata(Targets())
        self.write_role(name, bump=False)

    def _write(self, role: str, days: int, bump: bool) -> bytes:
        signed = self.roles[role].signed
        signed.version += int(bump)
        signed.expires = self.now + timedelta(days=days)
        signed.unrecognized_fields["issued"] = self.now.strftime(TIME)
        return self.sign(role)

    def _follow(self, role: str) -> None:
        if role in ("targets", *self.publishers):
            self.roles["snapshot"].signed.meta[f"{role}.json"] = MetaFile(self.roles[role].signed.version)
            self.write_snapshot()
        if role == "snapshot":
            data = self.files[self.path(role)]
            self.roles["timestamp"].signed.snapshot_meta = MetaFile(
                self.roles[role].signed.version, len(data), {"sha256": digest(data)})
        if role not in ("root", "timestamp"):
            self.write_timestamp()

    def _target(self, path: str, data: bytes, info: ReleaseInfo | None) -> TargetFile:
        target = TargetFile.from_data(path, data, ["sha256"])
        if info:
            target.unrecognized_fields["custom"] = custom(path, info)
        folder, _, name = path.rpartition("/")
        self.files["/".join(part for part in ("targets", folder, f"{digest(data)}.{name}") if part)] = data
        return target


class _Fetcher(FetcherInterface):
    def __init__(self, repository: RepositorySimulator):
        self._repository = repository

    def _fetch(self, url: str) -> Iterator[bytes]:
        path = url.removeprefix(self._repository.host)
        self._repository.requests.append(path)
        if path not in self._repository.files:
            raise DownloadHTTPError(f"{path} is not there", 404)
        yield self._repository.files[path]


def custom(path: str, info: ReleaseInfo) -> dict[str, object]:
    """Return what is signed beside a target of a release."""
    plain: dict[str, object] = {"seq": info.sequence, "kind": info.kind.value}
    base = next((delta.base_sha256 for delta in info.deltas if delta.target == path), "")
    if base or path == info.pack.target:
        plain |= {"produces_sha256": info.pack.sha256, "produces_length": info.pack.length}
    if base:
        plain["base_sha256"] = base
    if path.endswith("/release.json"):
        plain["rollout"] = info.rollout.to_json()
    return plain


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return sha256(data).hexdigest()
