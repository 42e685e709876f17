"""The verbs `release build` and `release diff`: what a publisher makes, and what those who sign look at.

Parse, call, print.  The repository is only read here, and so is the draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, counter, edge, put, put_json, today

BUILD_EXAMPLE = "Example: rohnamo release build min-health --repository /srv/repository --into /media/stick/12"
DIFF_EXAMPLE = "Example: rohnamo release diff /media/stick/12 --html diff.html"
T = TypeVar("T")

Publisher = Annotated[str, typer.Argument(metavar="PUBLISHER", help="Whose release, as in min-health; min-health.files "
                                          "for the files of its documents.")]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The folder that it was built into.")]


def build(publisher: Publisher,
          repository: Annotated[Path, typer.Option("--repository", metavar="REPO", help="The repository that it "
                                                   "follows on; it is only read.", show_default=False)],
          into: Annotated[Path, typer.Option("--into", metavar="DIR", help="A new folder, which waits for signatures.",
                                             show_default=False)],
          number: Annotated[int | None, typer.Option("--number", min=1, help="The number of the release; else the one "
                                                     "after the last.", show_default=False)] = None,
          corpus: Annotated[str, typer.Option("--corpus", metavar="NAME", help="The corpus; else the one that is named "
                                              "like the publisher, or the only one.", show_default=False)] = "",
          questions: Annotated[Path | None, typer.Option("--questions", metavar="FILE", help="Golden questions, one "
                                                         "object a line; else questions.jsonl of the data directory.",
                                                         show_default=False)] = None,
          allow_worse: Annotated[str, typer.Option("--allow-worse", metavar="REASON", help="Release although questions "
                                                   "would be answered wrongly; the reason is signed.",
                                                   show_default=False)] = "",
          percent: Annotated[int, typer.Option("--percent", min=0, max=100, help="To so many of a hundred machines.")]
          = 100,
          ring: Annotated[int, typer.Option("--ring", min=0, max=9, help="And to all machines of the rings up to this "
                                            "one.")] = 0,
          as_json: Json = False, data_dir: DataDir = None) -> None:
    """Make the next release from a draft: checked, asked, compared with the last one, ready to be signed."""
    from assistant.release import Order, build_release
    from assistant.release_lines import diff_lines
    from assistant.signing import now
    from sync.repository import Repository
    from sync.rollout import Rollout
    with edge(as_json=as_json):
        order = Order(publisher, today(), number, corpus, questions, allow_worse, Rollout(percent, ring))
        typer.echo(f"  {publisher}: checking, packing", err=True)
        built = build_release(settings.load(data_dir), Repository(repository), order, into, now=now(),
                              progress=counter("asked"))
        if as_json:
            put_json({"folder": str(into), "number": built.number, "summary": built.prepared.summary,
                      "digest": built.prepared.digest, "diff": built.diff})
            return
        put("\n".join(diff_lines(built.diff)))
        put(f"Prepared in {into}: {built.prepared.summary}")
        put(f"Next: rohnamo release diff {into} --html FILE, then rohnamo release sign {into} --key FILE")


def diff(folder: Folder,
         repository: Annotated[Path | None, typer.Option("--repository", metavar="REPO", help="Also say whether "
                                                         "something else was published there since.",
                                                         show_default=False)] = None,
         html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Also write it as a page to read and "
                                                   "to print.", show_default=False)] = None,
         as_json: Json = False) -> None:
    """Show what a release that waits for signatures changes; the hash shown stands in what is signed."""
    from assistant.release_diff import read_diff
    from assistant.release_lines import diff_lines
    from assistant.release_page import page
    from sync.prepared import Prepared
    from sync.repository import Repository
    with edge(as_json=as_json):
        shown = read_diff(Prepared.open(folder), Repository(repository) if repository else None)
        lines = _shown(diff_lines, shown.diff)
        if html:
            html.write_text(_shown(lambda plain: page(plain, shown.sha256), shown.diff), encoding="utf-8")
            typer.echo(f"  wrote {html}", err=True)
        if as_json:
            put_json({"diff": shown.diff, "sha256": shown.sha256, "digest": shown.digest,
                      "moved_on": list(shown.moved_on)})
            return
        put("\n".join(lines))
        put(f"hash of the comparison: {shown.sha256}")
        for role in shown.moved_on:
            typer.echo(f"! {role} was published by somebody else since this was built: build it again", err=True)


def _shown(show: Callable[[Mapping[str, Any]], T], diff: Mapping[str, Any]) -> T:
    """Return a diff as it is shown.

    Raises:
        UnreadableDiffError: it lacks a value or has one of the wrong kind.
    """
    from assistant.release_diff import UnreadableDiffError
    try:
        return show(diff)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UnreadableDiffError(f"the diff lacks a value or has one of the wrong kind: {error}",
                                  "Have it built again with this version of the program.") from error
