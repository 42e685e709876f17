"""What people see of what they sign and publish: the folder that waits, its hash, and whose signature is wanted.

What a role says is read from the bytes that are signed and not from the sentence that travels beside them.  Letters
that could move a terminal's cursor are not printed.  Nothing is decided here: `sync` does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Any

import typer

from assistant.edge import put, put_json
from sync.counted import counted
from sync.errors import ReleaseError

if TYPE_CHECKING:
    from securesystemslib.signer import Key
    from tuf.api.metadata import Role, Root, Targets

    from sync.prepared import Prepared, Wanted
    from sync.release import ReleaseInfo
    from sync.verify import Verified

# Withdrawals that are told one by one; the list itself only grows.
_LAST_WITHDRAWN = 5


def put_waiting(prepared: Prepared, *, as_json: bool) -> None:
    """Print what was put into a new folder, and who signs it."""
    if as_json:
        put_json({"folder": str(prepared.folder), "summary": prepared.summary, "digest": prepared.digest,
                  "wanted": [wanted_json(one) for one in prepared.wanted()]})
        return
    put(plain(f"Prepared in {prepared.folder}: {prepared.summary}"))
    put(f"Hash of all that is signed: {prepared.digest}")
    put_wanted(prepared.folder, prepared.wanted())


def put_wanted(folder: Path, wanted: Iterable[Wanted]) -> None:
    """Print how far the signing has come, and the next step."""
    roles = tuple(wanted)
    for one in roles:
        put(plain(f"  {one.line()}"))
    if any(one.missing for one in roles):
        put(f"Next, each of those wanted: rohnamo release sign {quote(str(folder))} --key FILE")
    else:
        put(f"All signatures are there.  Next, on the host: rohnamo release publish {quote(str(folder))} REPOSITORY "
            "--key FILE")


def wanted_json(wanted: Wanted) -> dict[str, Any]:
    """Return how far the signing of a role has come."""
    return {"role": wanted.role, "version": wanted.version, "signed_by": list(wanted.signed_by),
            "missing": wanted.missing, "may_sign": list(wanted.may_sign)}


def signed_lines(prepared: Prepared) -> Iterator[str]:
    """Yield what the roles in a folder say.

    Raises:
        ReleaseError: a file in the folder is not the one that is signed.
    """
    from tuf.api.metadata import Root, Targets
    for role in sorted(prepared.base):
        signed = prepared.metadata(role).signed
        if not isinstance(signed, Root if role == "root" else Targets):
            raise ReleaseError(f"{role} in {prepared.folder} is no role that people sign")
        yield f"{role} {signed.version}, until {signed.expires.date()}"
        for name, delegated in _roles(signed).items():
            yield f"  keys of {name}: {_holders(delegated, [signed.get_key(one) for one in delegated.keyids])}"
        if isinstance(signed, Targets):
            yield from (f"  {line}" for line in _target_lines(prepared, role, signed))


def diff_line(prepared: Prepared) -> str:
    """Return the hash of the comparison that is signed with a release, empty where none is.

    Raises:
        ReleaseError: what lies in the folder is another comparison.
    """
    from sync.prepared import DIFF
    path = prepared.folder / DIFF
    found = sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
    releases = [_release(prepared, role, prepared.metadata(role).signed) for role in prepared.base if role != "root"]
    signed = {one.diff_sha256 for one in releases if one and one.diff_sha256}
    if found and found not in signed:
        raise ReleaseError(f"{DIFF} in {prepared.folder} is not the comparison that is signed",
                           hint="Copy the folder again from whoever prepared it. Nothing was signed.")
    return "".join(f"hash of the comparison: {one}{'' if found else f' ({DIFF} is not in this folder)'}"
                   for one in sorted(signed))


def put_verified(verified: Verified, *, as_json: bool) -> None:
    """Print what a machine finds in a repository; what people have to gather for goes to stderr."""
    if as_json:
        put_json(verified_json(verified))
        return
    for role in verified.roles:
        put(f"  {role.name} {role.version}, {'was over on' if role.over else 'until'} {role.expires.date()}")
    for one in verified.releases:
        put(f"  release {one.id} of {one.issued.date()}, to {one.rollout.percent} % of the machines")
    if not verified.releases:
        put("  no release yet")
    put_alarms(verified)


def put_alarms(verified: Verified) -> None:
    """Print which roles are over soon."""
    for line in verified.alarms():
        typer.echo(f"! {line}", err=True)


def verified_json(verified: Verified) -> dict[str, Any]:
    """Return what a machine finds."""
    return {"roles": [{"name": one.name, "version": one.version, "expires": one.expires.isoformat(),
                       "near_end": one.alarm, "over": one.over} for one in verified.roles],
            "releases": [{"publisher": one.publisher, "number": one.number, "sequence": one.sequence,
                          "issued": one.issued.isoformat(), "pack_sha256": one.pack.sha256,
                          "percent": one.rollout.percent, "ring": one.rollout.ring} for one in verified.releases],
            "targets": verified.targets, "alarms": list(verified.alarms())}


def plain(text: str) -> str:
    """Return the text with a question mark for each letter that is not to be seen."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)


def _roles(signed: Root | Targets) -> Mapping[str, Role]:
    """Return whose keys a role names: the root those of the top level, targets those of the publishers."""
    from tuf.api.metadata import Root
    if isinstance(signed, Root):
        return signed.roles
    return (signed.delegations.roles if signed.delegations else None) or {}


def _holders(role: Role, keys: Iterable[Key]) -> str:
    from sync.device import fingerprint
    from sync.keys import named
    return f"{role.threshold} of {', '.join(sorted(f'{named(key)} ({fingerprint(key.keyid[:32])})' for key in keys))}"


def _target_lines(prepared: Prepared, role: str, signed: Targets) -> Iterator[str]:
    from sync.release import REVOCATIONS
    from sync.revocations import read_revocations
    if info := _release(prepared, role, signed):
        yield (f"release {info.id}, sequence {info.sequence}, to rings up to {info.rollout.ring} and "
               f"{info.rollout.percent} % of the other machines")
    data = _content(prepared, signed, REVOCATIONS if role == "targets" else f"{role}/{REVOCATIONS}")
    withdrawn = read_revocations(data) if data else ()
    for one in withdrawn[-_LAST_WITHDRAWN:]:
        yield f"withdrawn on {one.day}: {one.document}: {one.reason}"
    if len(withdrawn) > _LAST_WITHDRAWN:
        yield f"and {counted(len(withdrawn) - _LAST_WITHDRAWN, 'document')} before these"


def _release(prepared: Prepared, role: str, signed: Targets) -> ReleaseInfo | None:
    from sync.release import RELEASE, ReleaseInfo
    data = _content(prepared, signed, f"{role}/{RELEASE}")
    return ReleaseInfo.from_bytes(data, publisher=role) if data else None


def _content(prepared: Prepared, signed: Targets, path: str) -> bytes:
    """Return what a target holds, empty where it does not travel in the folder."""
    target = signed.targets.get(path)
    data = prepared.target(target) if target else None
    if target and data is not None and sha256(data).hexdigest() != target.hashes["sha256"]:
        raise ReleaseError(f"{path} differs from what is signed", hint="Copy the prepared folder again.")
    return data or b""
