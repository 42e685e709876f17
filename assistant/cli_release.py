"""The verb `release`: sign what was prepared, publish it, carry it on a stick, see what a machine would find.

Parse, call, print.  Only `publish`, `refresh` and `export` write into a repository; all else is prepared in a folder.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from assistant import signing
from assistant.edge import Json, edge, put, put_json
from assistant.signed_page import (
    diff_line,
    plain,
    put_alarms,
    put_verified,
    put_waiting,
    put_wanted,
    signed_lines,
    verified_json,
    wanted_json,
)
from sync.errors import UntrustedRepositoryError

release = typer.Typer(no_args_is_help=True, help="Releases: sign, publish, carry, withdraw, see what is published.")

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that it was prepared in.")]
Repo = Annotated[Path, typer.Argument(metavar="REPO", help="The folder of the repository.")]
Into = Annotated[Path, typer.Option("--into", help="A new folder for what has to be signed.", show_default=False)]
Online = Annotated[list[Path], typer.Option("--key", help="The key files of the snapshot and timestamp roles; once "
                                            "for each.", show_default=False)]
ClockIsRight = Annotated[bool, typer.Option("--clock-is-right", help="Go on although the clock says that nothing was "
                                            "signed for more than 30 days.")]
Trusted = Annotated[Path | None, typer.Option("--root", help="The root.json that machines have; else the repository's "
                                              "own first one.", show_default=False)]


@release.command(epilog="Example: rohnamo release sign /media/stick/12 --key /media/aziz/min-health-1.key")
def sign(folder: Folder,
         key: Annotated[Path, typer.Option("--key", help="Your key file, NAME.key or NAME.token.", show_default=False)],
         as_json: Json = False) -> None:
    """Show what is signed and its hash, ask for the password or PIN, and add your signature; nothing else changes."""
    from sync.prepared import Prepared, signed_already
    from sync.prepared import sign as signed
    with edge(as_json=as_json):
        prepared = Prepared.open(folder)
        for line in [f"To be signed: {prepared.summary}", *(f"  {line}" for line in signed_lines(prepared)),
                     f"hash of all that is signed: {prepared.digest}", diff_line(prepared)]:
            if line:
                typer.echo(plain(line), err=as_json)
        signer, = signing.opened([key])
        again = signed_already(prepared, signer.public_key.keyid)
        wanted = signed(prepared, signer)
        if as_json:
            put_json({"folder": str(folder), "digest": prepared.digest, "wanted": [wanted_json(one) for one in wanted]})
        else:
            put("Signed already by this key; nothing was added." if again else "Signed.")
            put_wanted(folder, wanted)


@release.command(epilog="Example: rohnamo release publish /srv/inbox/12 /srv/repository --key snapshot-1.key "
                        "--key timestamp-1.key")
def publish(folder: Folder, repository: Repo, key: Online, root: Trusted = None, clock_is_right: ClockIsRight = False,
            as_json: Json = False) -> None:
    """Publish what was prepared and signed, after a client that knows only the root went over it."""
    from assistant.published import check_ids
    from sync.prepared import Prepared
    from sync.publish import check_clock, check_ready
    from sync.publish import publish as published
    from sync.repository import Repository
    with edge(as_json=as_json):
        prepared, there, trusted = Prepared.open(folder), Repository(repository), _root(root)
        check_ready(there.state(), prepared)
        if not clock_is_right:
            check_clock(there.state(), signing.now())
        check_ids(there, prepared)
        verified = published(there, prepared, signing.opened(key), signing.now(), root=trusted)
        if not as_json:
            put(plain(f"Published in {repository}: {prepared.summary}"))
        put_verified(verified, as_json=as_json)


@release.command(epilog="Example: rohnamo release export /srv/repository /media/stick/rohnamo")
def export(repository: Repo,
           folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder on the stick: new, or with an earlier "
                                                  "export.")],
           as_json: Json = False) -> None:
    """Copy what is published now to a stick, without what is old, and read it back."""
    from sync.export import export as exported
    from sync.repository import Repository
    from sync.roles import TIMESTAMP
    with edge(as_json=as_json):
        done = exported(Repository(repository), folder, signing.now())
        if as_json:
            put_json({"folder": str(folder), "files": done.files, "bytes": done.length,
                      "found": verified_json(done.verified)})
            return
        until = next(role.expires for role in done.verified.roles if role.name == TIMESTAMP)
        put(f"{done.files} files, {done.length:,} bytes in {folder}; machines accept it until {until.date()}")
        put_verified(done.verified, as_json=False)


@release.command(epilog="Example: rohnamo release verify /media/stick/rohnamo --root root.json")
def verify(repository: Repo, root: Trusted = None, as_json: Json = False) -> None:
    """Go over every signature and hash of a repository or stick, and show what a machine would find."""
    from sync.verify import verify as verified
    with edge(as_json=as_json):
        found = verified(repository, signing.now(), root=_root(root))
        if not as_json:
            put(f"{repository} is whole, and signed by those whom {root} trusts:" if root else
                f"{repository} is whole.  Whose it is was not asked: give --root root.json.")
        put_verified(found, as_json=as_json)


@release.command(epilog='Example: rohnamo release revoke fees-2025 --repository /srv/repository --reason "Бо қарори '
                        'нав иваз шуд" --into /media/stick/revoke')
def revoke(document: Annotated[str, typer.Argument(metavar="DOCUMENT", help="Its id, as documents list gives it.")],
           repository: Annotated[Path, typer.Option("--repository", help="The folder of the repository.",
                                                    show_default=False)],
           reason: Annotated[str, typer.Option("--reason", help="Why, in a sentence for people at the desk.",
                                               show_default=False)],
           into: Into,
           publisher: Annotated[str, typer.Option("--publisher", help="The publisher that withdraws a document of its "
                                                  "own; else the ministry does.", show_default=False)] = "",
           as_json: Json = False) -> None:
    """Prepare the withdrawal of a document, for ever, from every release."""
    from assistant.published import check_own, misspelt
    from sync.edition import revoke as prepared
    from sync.repository import Repository
    from sync.revocations import Revocation
    with edge(as_json=as_json):
        there, now = Repository(repository), signing.now()
        if publisher:
            check_own(there, publisher, document)
        waiting = prepared(there, Revocation(document, reason, now.date()), into, now, publisher=publisher)
        put_waiting(waiting, as_json=as_json)
        if warning := misspelt(there, document):
            typer.echo(f"! {warning}", err=True)


@release.command(epilog="Example: rohnamo release widen /srv/repository min-health --percent 100 --into /media/widen")
def widen(repository: Repo,
          publisher: Annotated[str, typer.Argument(metavar="PUBLISHER", help="Whose newest release goes further.")],
          percent: Annotated[int, typer.Option("--percent", min=0, max=100, help="Of the machines outside the rings.",
                                               show_default=False)],
          into: Into,
          ring: Annotated[int | None, typer.Option("--ring", min=0, max=9, help="All rings up to this one; else as it "
                                                   "was.", show_default=False)] = None,
          as_json: Json = False) -> None:
    """Prepare the newest release of a publisher to go to more machines, or to fewer."""
    from sync.edition import prepare_rollout
    from sync.repository import Repository
    from sync.rollout import Rollout
    with edge(as_json=as_json):
        there = Repository(repository)
        before = there.release(publisher)
        old = before.rollout if before else Rollout()
        rollout = replace(old, percent=percent, ring=old.ring if ring is None else ring)
        put_waiting(prepare_rollout(there, publisher, rollout, into, signing.now()), as_json=as_json)


@release.command(epilog="Example: rohnamo release refresh /srv/repository --key snapshot-1.key --key timestamp-1.key")
def refresh(repository: Repo, key: Online, clock_is_right: ClockIsRight = False, as_json: Json = False) -> None:
    """Sign the timestamp anew, every day, and the snapshot role when its end is near; name roles people must sign."""
    from sync.publish import check_clock
    from sync.publish import refresh as refreshed
    from sync.repository import Repository
    with edge(as_json=as_json):
        there = Repository(repository)
        there.check()
        if not clock_is_right:
            check_clock(there.state(), signing.now())
        verified = refreshed(there, signing.opened(key), signing.now())
        if as_json:
            put_json(verified_json(verified))
            return
        signed = {role.name: role for role in verified.roles}
        for name in ("snapshot", "timestamp"):
            put(f"{name} {signed[name].version}, until {signed[name].expires.date()}")
        put_alarms(verified)


def _root(path: Path | None) -> bytes | None:
    """Return the root that is trusted, if one was named."""
    from tuf.api.exceptions import RepositoryError
    from tuf.api.metadata import Metadata, Root
    if path is None:
        return None
    data = path.read_bytes()
    try:
        if isinstance(Metadata.from_bytes(data).signed, Root):
            return data
    except RepositoryError:
        pass
    raise UntrustedRepositoryError(f"{path} is no root: nothing was compared with it",
                                   hint="Name the root.json that was made in the ceremony.")
