"""The verb `keys`: the keys of people, who may sign what, and how one key gives way to another.

Parse, call, print.  Everything but a first ceremony is prepared in a folder, which `release sign` and `release publish`
take further; the repository is only read.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Annotated

import typer

from assistant import signing
from assistant.edge import Json, edge, put, put_json
from assistant.signed_page import put_waiting
from sync.counted import are, counted
from sync.errors import ExistingRepositoryError, KeyFileError, MissingKeyError, ReleaseError, SigningError

if TYPE_CHECKING:
    from sync.keys import PublicKey

keys = typer.Typer(no_args_is_help=True, help="The keys that sign releases: make, show, replace, rehearse.")

Repo = Annotated[Path, typer.Argument(metavar="REPO", help="The folder of the repository; it is only read.")]
Into = Annotated[Path, typer.Option("--into", help="A new folder for what has to be signed.", show_default=False)]
Role = Annotated[str, typer.Argument(metavar="ROLE", help="root, targets, snapshot, timestamp, or a publisher.")]
ROOT_FILE = "root.json"
_NAMES = "Name each as its role with a number: root-1.pub, targets-1.pub, snapshot-1.pub, timestamp-1.pub."


@keys.command(epilog="Example: rohnamo keys new root-1 --into /media/stick")
def new(name: Annotated[str, typer.Argument(metavar="NAME", help="Who holds it, as root-1.")],
        into: Annotated[Path, typer.Option("--into", help="Where NAME.key and NAME.pub are written.",
                                           show_default=False)],
        sealing: Annotated[bool, typer.Option("--sealing", help="A key that opens what machines send by stick, "
                                              "instead of one that signs.")] = False,
        token: Annotated[str, typer.Option("--token", metavar="LABEL", help="The token that holds the key already; "
                                           "NAME.token then stands in place of NAME.key.")] = "",
        token_key: Annotated[int, typer.Option("--token-key", min=0, help="Its number on the token; 2 is slot 9c of a "
                                               "PIV token.")] = 2,
        as_json: Json = False) -> None:
    """Make a key, NAME.key and NAME.pub; its password is asked for twice and shown to nobody."""
    from sync.keys import new_keys
    from sync.sealed import new_sealing_key
    if sealing and token:
        raise typer.BadParameter("a key on a token signs; leave out --sealing, or --token")
    with edge(as_json=as_json):
        if token:
            from sync.token import TokenKey, add_key
            add_key(into, name, TokenKey(token, token_key), lambda: signing.asked(f"PIN for {token}"))
        elif sealing:
            new_sealing_key(into / f"{_checked(name)}.key", signing.new_password(name))
        else:
            new_keys(into, [name], signing.new_password)
        _put_key(into / f"{name}.pub", as_json)


@keys.command("show", epilog="Example: rohnamo keys show /media/stick/root-1.pub")
def show_key(file: Annotated[Path, typer.Argument(metavar="FILE", help="NAME.pub, or NAME.key or NAME.token with it "
                                                  "beside.")],
             as_json: Json = False) -> None:
    """Show whose key it is, and the fingerprint that is read aloud and compared; no password is needed."""
    with edge(as_json=as_json):
        _put_key(file, as_json)


@keys.command(epilog="Example: rohnamo keys begin /media/repository --publics publics --key root-1.key "
                     "--key root-2.key --key root-3.key --key targets-1.key --key targets-2.key "
                     "--key snapshot-1.key --key timestamp-1.key")
def begin(repository: Annotated[Path, typer.Argument(metavar="REPO", help="The folder to make; root.json is written "
                                                     "beside it.")],
          publics: Annotated[Path, typer.Option("--publics", help="The folder with the .pub files of all holders.",
                                                show_default=False)],
          key: Annotated[list[Path], typer.Option("--key", help="A key file of somebody at the table; once for each.",
                                                  show_default=False)],
          as_json: Json = False) -> None:
    """Hold the first ceremony: make a repository, and the root that every machine is given."""
    from sync.ceremony import Ceremony, create
    from sync.durable import write_whole
    with edge(as_json=as_json):
        place = repository.absolute().parent / ROOT_FILE
        holders = _holders(publics)
        _check_table(repository, place, holders)
        _check_signers(holders, {file.stem for file in key})
        root = create(repository, Ceremony(holders, signing.opened(key)), signing.now())
        write_whole(place, root)
        _put_begun(repository, place, root, as_json)


@keys.command(epilog="Example: rohnamo keys publisher /srv/repository min-health --public a.pub --public b.pub "
                     "--threshold 2 --into /media/stick/add")
def publisher(repository: Repo,
              name: Annotated[str, typer.Argument(metavar="NAME", help="The publisher, as min-health.")],
              public: Annotated[list[Path], typer.Option("--public", help="The .pub file of one of its people; once "
                                                         "for each.", show_default=False)],
              into: Into,
              threshold: Annotated[int, typer.Option("--threshold", min=1, help="How many of them have to sign.")] = 1,
              as_json: Json = False) -> None:
    """Prepare a new publisher, to be signed by the holders of targets and by its own people."""
    from sync.ceremony import add_publisher
    from sync.keys import show
    from sync.repository import Repository
    with edge(as_json=as_json):
        holders = [show(one) for one in public]
        put_waiting(add_publisher(Repository(repository), name, holders, into, signing.now(), threshold=threshold),
                    as_json=as_json)


@keys.command(epilog="Example: rohnamo keys rotate /srv/repository root root-2 root-6.pub --into /media/stick/rotate")
def rotate(repository: Repo, role: Role,
           old: Annotated[str, typer.Argument(metavar="OLD", help="The name of the key that goes, or its id.")],
           public: Annotated[Path, typer.Argument(metavar="NEW", help="The .pub file of the key that comes.")],
           into: Into,
           stolen: Annotated[bool, typer.Option("--stolen", help="A thief has published with the key of a publisher: "
                                                "its releases go with it and begin anew.")] = False,
           as_json: Json = False) -> None:
    """Prepare one key in place of another: lost, stolen, or its holder leaves.  The old key is not needed."""
    from sync.ceremony import rotate as changed
    from sync.ceremony import rotate_stolen
    from sync.keys import show
    from sync.repository import Repository
    with edge(as_json=as_json):
        prepared = rotate_stolen if stolen else changed
        put_waiting(prepared(Repository(repository), role, old, show(public), into, signing.now()), as_json=as_json)


@keys.command(epilog="Example: rohnamo keys renew /srv/repository targets --into /media/stick/renew")
def renew(repository: Repo, role: Role, into: Into, as_json: Json = False) -> None:
    """Prepare a role to be signed again as it is, because it is over soon."""
    from sync.ceremony import renew as prepared
    from sync.repository import Repository
    with edge(as_json=as_json):
        put_waiting(prepared(Repository(repository), role, into, signing.now()), as_json=as_json)


@keys.command(epilog="Example: rohnamo keys rehearse /tmp/rehearsal")
def rehearse(folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder; it may be deleted "
                                                    "afterwards.")],
             as_json: Json = False) -> None:
    """Do everything that is done with keys once, on a throw-away repository; exit 1 where a step went wrong."""
    import os

    from sync.rehearsal import rehearse as rehearsed
    with edge(as_json=as_json):
        steps = []
        for step in rehearsed(folder, signing.now(), os.urandom):
            steps.append(step)
            if not as_json:
                put(f"went wrong: {step.name}: {step.problem}" if step.problem else f"went well: {step.name}")
        well = not any(step.problem for step in steps)
        if as_json:
            put_json({"well": well, "steps": [{"name": step.name, "problem": step.problem} for step in steps]})
        else:
            put(f"All {len(steps)} steps went well." if well else "Stop here, and hold no ceremony with this machine.")
        if not well:
            raise typer.Exit(1)


def _put_key(file: Path, as_json: bool) -> None:
    key = _key_json(file)
    if as_json:
        put_json(key)
        return
    put(f"{key['name']}, a key that {'signs' if key['kind'] == 'signing' else 'opens what machines send by stick'}")
    put(f"  fingerprint  {key['fingerprint']}")
    put(f"  id           {key['id']}")


def _key_json(file: Path) -> dict[str, str]:
    """Return what a public file says, of either kind."""
    from sync import sealed
    from sync.keys import PUBLIC, show
    if not file.is_file() and not (file.name and file.with_suffix(PUBLIC).is_file()):
        raise MissingKeyError(f"there is no file {file}", hint="Name the .pub file that keys new wrote.")
    public = file.with_suffix(PUBLIC)
    if public.is_file() and sealed.FORMAT.encode() in public.read_bytes():
        digest = sha256(sealed.read_sealing_key(public).public_bytes_raw()).hexdigest()
        return _key("sealing", public.stem, digest)
    key = show(public)
    return _key("signing", key.name, key.keyid)


def _key(kind: str, name: str, keyid: str) -> dict[str, str]:
    return {"kind": kind, "name": name, "id": keyid,
            "fingerprint": " ".join(keyid[at:at + 4] for at in range(0, 32, 4))}


def _checked(name: str) -> str:
    from sync.release import checked_publisher
    try:
        return checked_publisher(name)
    except ReleaseError as error:
        raise KeyFileError(f"{name!r} cannot be the name of a key", hint="Use small Latin letters, digits, dots and "
                                                                         "hyphens, as in inbox.") from error


def _holders(publics: Path) -> dict[str, list[PublicKey]]:
    """Return the public keys in a folder by the role that their names begin with."""
    from sync.keys import show
    from sync.roles import TOP_LEVEL
    holders: dict[str, list[PublicKey]] = {role: [] for role in TOP_LEVEL}
    for path in sorted(publics.glob("*.pub")):
        key = show(path)
        role = key.name.rpartition("-")[0]
        if role not in holders:
            raise KeyFileError(f"{path.name} is of {key.name}, which is a key of no role", hint=_NAMES)
        holders[role].append(key)
    return holders


def _check_table(repository: Path, place: Path, holders: dict[str, list[PublicKey]]) -> None:
    """See that the ceremony can be held before anybody types a password; `create` checks all of it again."""
    from sync.roles import Thresholds
    for there in (place, repository):
        if there.is_file() or (there.is_dir() and any(there.iterdir())):
            raise ExistingRepositoryError(f"{there} is there already and is not written over",
                                          hint="Name a folder that does not exist yet, in a place without root.json.")
    for role, found in holders.items():
        wanted = Thresholds().of(role)[1]
        if len(found) != wanted:
            names = ", ".join(key.name for key in found) or "none"
            raise SigningError(f"{role} wants {counted(wanted, 'key')}, {are(len(found))} given: {names}", hint=_NAMES)


def _check_signers(holders: dict[str, list[PublicKey]], given: set[str]) -> None:
    """See that enough holders are at the table; a key file of another name than its holder's may be anybody's."""
    from sync.roles import Thresholds
    lacking = 0
    wants, strange = [], set(given)
    for role, found in holders.items():
        rest = [key.name for key in found if key.name not in given]
        missing = Thresholds().of(role)[0] - (len(found) - len(rest))
        strange -= {key.name for key in found}
        if missing > 0:
            lacking += missing
            wants.append(f"{role}: {missing} more of {', '.join(rest)}")
    if lacking > len(strange):
        raise SigningError(f"too few keys are given; {'; '.join(wants)}",
                           hint="Give the key file of each with --key. Nothing was written.")


def _put_begun(repository: Path, place: Path, root: bytes, as_json: bool) -> None:
    digest = sha256(root).hexdigest()
    if as_json:
        put_json({"repository": str(repository), "root": str(place), "root_sha256": digest})
        return
    put(f"The repository is in {repository}, its first root in {place}.")
    put(f"SHA-256 of the first root: {digest}")
    put("Both witnesses write the hash down.  Next: "
        f"rohnamo release verify {quote(str(repository))} --root {quote(str(place))}")
