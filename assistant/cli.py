"""The command `rohnamo`: each verb parses, calls, prints.

The same verbs are there in Python: `Assistant.ask`, `Snapshot.search`, `corpora.ingest`, `update.build` and so
on.  Exit 0 done (an abstention is done), 1 could not, 2 usage.
"""

from __future__ import annotations

import json
from contextlib import ExitStack
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant import config as settings
from assistant.answer import EXTRACTIVE, Assistant
from assistant.batch import answering, replies
from assistant.cli_accounts import accounts
from assistant.cli_api import MCP_EXAMPLE, api_keys, mcp
from assistant.cli_backup import BACKUP_EXAMPLE, RESTORE_EXAMPLE, backup, restore
from assistant.cli_collect import EXAMPLE as COLLECT_EXAMPLE
from assistant.cli_collect import collect
from assistant.cli_documents import documents
from assistant.cli_edition import BUILD_EXAMPLE, DIFF_EXAMPLE
from assistant.cli_edition import build as build_edition
from assistant.cli_edition import diff as diff_editions
from assistant.cli_fleet import machines
from assistant.cli_forms import forms
from assistant.cli_keys import keys
from assistant.cli_machine import models, snapshots
from assistant.cli_notes import notes
from assistant.cli_notices import COMPARE_EXAMPLE, compare, summarise
from assistant.cli_notices import EXAMPLE as SUMMARISE_EXAMPLE
from assistant.cli_outbox import outbox
from assistant.cli_proof import EXAMPLE as VERIFY_EXAMPLE
from assistant.cli_proof import verify
from assistant.cli_release import release
from assistant.cli_serve import EXAMPLE as SERVE_EXAMPLE
from assistant.cli_serve import serve
from assistant.cli_sync import sync
from assistant.edge import DataDir, Json, counter, edge, last_edge, put, put_json, today
from assistant.errors import AssistantError
from assistant.explain import explained
from assistant.follow_up import Previous, read_previous
from assistant.found import found_object
from assistant.page import answer_lines, hit_lines
from assistant.query import understand
from assistant.records import Answer
from assistant.retrieve import retrieve
from index import Snapshot

app = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
                  help="Роҳнамо: answers about public services in Tajikistan from official documents, offline, "
                       'with the source under every sentence.\n\nExample: rohnamo ask "Шиноснома чанд пул аст?"')
app.add_typer(snapshots, name="snapshots")
app.add_typer(models, name="models")
app.add_typer(forms, name="forms")
app.add_typer(documents, name="documents")
app.add_typer(keys, name="keys")
app.add_typer(release, name="release")
app.add_typer(sync, name="sync")
app.add_typer(outbox, name="outbox")
app.add_typer(machines, name="machines")
app.add_typer(accounts, name="accounts")
app.add_typer(notes, name="notes")
app.add_typer(api_keys, name="api-keys")
app.command(epilog=SERVE_EXAMPLE)(serve)
release.command("build", epilog=BUILD_EXAMPLE)(build_edition)
release.command("diff", epilog=DIFF_EXAMPLE)(diff_editions)
app.command(epilog=COLLECT_EXAMPLE)(collect)
app.command(epilog=SUMMARISE_EXAMPLE)(summarise)
app.command(epilog=COMPARE_EXAMPLE)(compare)
app.command(epilog=VERIFY_EXAMPLE)(verify)
app.command(epilog=MCP_EXAMPLE)(mcp)
app.command(epilog=BACKUP_EXAMPLE)(backup)
app.command(epilog=RESTORE_EXAMPLE)(restore)


class Language(StrEnum):
    """The languages a question may be said to be in."""

    AUTO, TG, RU, EN = "auto", "tg", "ru", "en"


def _day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as error:
        raise typer.BadParameter(f"{value!r} is no date like 2026-01-31") from error


Question = Annotated[str | None, typer.Argument(help="The question, in your own spelling.", show_default=False)]
Batch = Annotated[Path | None, typer.Option("--batch", help='Lines of {"qid", "question"}; one object a line back.')]
At = Annotated[str | None, typer.Option("--at", help="The day asked about, like 2024-07-01; else today.")]
Named = Annotated[str | None, typer.Option("--generator", help="auto | extractive | a model's name.")]
Spoken = Annotated[Language, typer.Option("--language", help="The question's language, where it is known.")]
Before = Annotated[Path | None, typer.Option("--previous", show_default=False, help="The answer before, as ask --json "
                                             'wrote it, for "and for a child?".')]
Proof = Annotated[bool, typer.Option("--proof", help="Print what proves the quotes, for rohnamo verify; the answer "
                                     "goes to stderr, or with --json holds it.")]
Explain = Annotated[bool, typer.Option("--explain", help="Also show what was understood, found and left out.")]


@app.command(epilog='Example: rohnamo ask "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"')
def ask(question: Question = None, language: Spoken = Language.AUTO, generator: Named = None, at: At = None,
        previous: Before = None, batch: Batch = None, explain: Explain = False, proof: Proof = False,
        as_json: Json = False, data_dir: DataDir = None) -> None:
    """Answer a question from the documents on this machine, each sentence with its source."""
    _one_of(question, batch)
    if batch and proof:
        raise typer.BadParameter("--proof is for one question")
    day = _day(at) if at else None
    with edge(as_json=as_json), ExitStack() as stack:
        config = settings.load(data_dir)
        assistant = _assistant(stack, config, generator)
        if batch:
            for reply in replies(batch, answering(assistant, language, day), assistant.today()):
                put_json(reply)
            return
        before = _previous(previous) if previous else None
        account = assistant.worded(assistant.account(question or "", language=language, at=day, previous=before))
        if proof:
            _put_proof(config, account.answer, as_json)
            return
        if as_json:
            put_json(account.answer.to_json())
            return
        put("\n".join(answer_lines(account.answer)))
        if explain:
            put("\n".join(["", *explained(account, assistant.snapshot)]))


@app.command(epilog='Example: rohnamo search "нафақаи пиронсолӣ" -k 3')
def search(query: Question = None, k: Annotated[int, typer.Option("-k", min=1, max=100, help="How many hits.")] = 10,
           at: At = None, batch: Batch = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Find passages, with the score of every stage."""
    _one_of(query, batch)
    day = _day(at) if at else None
    with edge(as_json=as_json), ExitStack() as stack:
        snapshot, name = _snapshot(stack, settings.load(data_dir))

        def found(text: str, qid: str | None) -> dict[str, Any]:
            plain: dict[str, Any] = {} if qid is None else {"qid": qid}
            return plain | found_object(snapshot, name, text, k, at=day, today=today())

        if batch:
            for reply in replies(batch, found, today()):
                put_json(reply)
        elif as_json:
            put_json(found(query or "", None))
        else:
            understood = understand(query or "", at=day, today=today())
            put("\n".join(hit_lines(retrieve(snapshot, understood, k))) or "Nothing was found.")


@app.command(epilog="Example: rohnamo ingest corpora/seed")
def ingest(paths: Annotated[list[Path], typer.Argument(help="Files or folders.")],
           into: Annotated[str | None, typer.Option("--into", help="The corpus; else the folder's own, else local.")]
           = None, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Read files or folders into the working draft of a corpus; only what changed is read again."""
    from assistant.intake import take_in
    with edge(as_json=as_json):
        taken = take_in(settings.load(data_dir), paths, into, counter("read"))
        if as_json:
            put_json(taken.to_json())
        else:
            put("\n".join(taken.lines()))
        if taken.nothing_read:
            raise typer.Exit(1)


@app.command(epilog="Example: rohnamo build --wait")
def build(wait: Annotated[bool, typer.Option("--wait", help="Return only when the snapshot is full.")] = False,
          export_vectors: Annotated[Path | None, typer.Option(help="Also write the passages' vectors, to travel "
                                                              "with a corpus.")] = None,
          as_json: Json = False, data_dir: DataDir = None) -> None:
    """Make a snapshot from the drafts and activate it; without --wait by words first, by meaning soon after."""
    from assistant import update
    with edge(as_json=as_json):
        config = settings.load(data_dir)
        if export_vectors:
            count = update.export_vectors(config, export_vectors, progress=counter("vectors"))
            typer.echo(f"  wrote {count} vectors to {export_vectors}", err=True)
        built = update.build(config, wait=wait, progress=counter("vectors"))
        if as_json:
            put_json(built.to_json())
        else:
            put(built.line())
        if built.kind == "lexical" and config.encoder != "none" and not built.problem:
            update.finish_in_background(config)
            typer.echo("  vectors are being made in the background; rohnamo snapshots list shows when they are done",
                       err=True)


@app.command(epilog="Example: rohnamo doctor --json")
def doctor(as_json: Json = False, data_dir: DataDir = None) -> None:
    """Say whether this machine can answer, and what to do where it cannot."""
    from assistant.doctor import examine, worst
    with edge(as_json=as_json):
        checks = examine(settings.load(data_dir))
        if as_json:
            put_json({"checks": [check.to_json() for check in checks], "can_answer": not worst(checks)})
        else:
            put("\n".join(line for check in checks for line in check.lines()))
        raise typer.Exit(worst(checks))


Save = Annotated[Path | None, typer.Option("--save", help="Also keep every question's outcome in this file.",
                                           show_default=False)]
Against = Annotated[Path | None, typer.Option("--against", help="Also compare with this saved run, question by "
                                              "question.", show_default=False)]
Compare = Annotated[tuple[Path, Path] | None, typer.Option("--compare", metavar="OLD NEW", show_default=False,
                                                           help="Only compare two saved runs; nothing is asked.")]


@app.command(epilog="Example: rohnamo evaluate --split dev --save now.json --against before.json")
def evaluate(questions: Annotated[Path, typer.Option("--set", help="The questions, one JSON object a line.")]
             = Path("tests/golden/questions.jsonl"),
             split: Annotated[str, typer.Option("--split", help="train | dev | test | all")] = "all",
             generator: Named = EXTRACTIVE, save: Save = None, against: Against = None, compare: Compare = None,
             as_json: Json = False, data_dir: DataDir = None) -> None:
    """Measure retrieval, citations, abstentions and a model's drafts on a set of questions; compare two runs."""
    from assistant import comparison, scores
    from assistant import evaluate as measuring
    if compare and (save or against):
        raise typer.BadParameter("--compare reads two saved runs and makes none; leave out --save and --against")
    with edge(as_json=as_json), ExitStack() as stack:
        if compare:
            compared = comparison.compare(*map(comparison.read_run, compare))
            _put_scores(as_json, compared, scores.comparison_lines(compared))
            return
        before = comparison.read_run(against) if against else None
        asked = measuring.read_questions(questions, split)
        if not asked:
            raise AssistantError(f"{questions.name} has no questions of the split {split}", "Try --split all.")
        if save and not save.resolve().parent.is_dir():
            raise AssistantError(f"{save} is in no folder that is there", "Make the folder first.")
        assistant = _assistant(stack, settings.load(data_dir), generator)
        outcomes = measuring.run(assistant, asked, counter("asked"))
        named = assistant.drafting.name or EXTRACTIVE
        now = comparison.saved_run(outcomes, snapshot=assistant.snapshot_id, generator=named, part=split)
        if save:
            now.save(save)
        report = measuring.report(outcomes)
        plain, lines = report | {"snapshot": assistant.snapshot_id, "part": split}, scores.score_lines(report)
        if before:
            plain["comparison"] = comparison.compare(before, now)
            lines += ["", *scores.comparison_lines(plain["comparison"])]
        _put_scores(as_json, plain, lines)


def _put_proof(config: settings.Config, answer: Answer, as_json: bool) -> None:
    from assistant.proof import prove
    proof = prove(config, answer)
    if not as_json:
        typer.echo("\n".join(answer_lines(answer)), err=True)
    put_json(answer.to_json() | {"proof": proof} if as_json else proof)


def _put_scores(as_json: bool, plain: dict[str, Any], lines: list[str]) -> None:
    if as_json:
        put_json(plain)
    else:
        put("\n".join(lines))


def _one_of(question: str | None, batch: Path | None) -> None:
    if (question is None) == (batch is None):
        raise typer.BadParameter("give a question, or --batch FILE.jsonl")


def _snapshot(stack: ExitStack, config: settings.Config) -> tuple[Snapshot, str]:
    from assistant.encoders import open_encoder
    from assistant.update import current_snapshot
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    return stack.enter_context(snapshot), name


def _assistant(stack: ExitStack, config: settings.Config, named: str | None) -> Assistant:
    """Return the assistant of this machine; a model that cannot be used is a notice, not a fault."""
    from assistant.drafting import Drafting
    from assistant.generate import open_generators
    from assistant.models import Models
    snapshot, name = _snapshot(stack, config)
    wanted = named or config.generator
    opened = open_generators(wanted, config.server, Models(config.data_dir))
    drafting, lacking = Drafting(opened.generators), None
    if opened.problem:
        lacking = "soro" if wanted == "auto" else wanted
        typer.echo(f"  {opened.problem.message} {opened.problem.hint}".rstrip(), err=True)
    stack.callback(drafting.close)
    return Assistant(snapshot, name, today, drafting, lacking)


def _previous(path: Path) -> Previous:
    """Return what may be carried of an answer written by `ask --json`."""
    try:
        found = read_previous(json.loads(path.read_bytes()))
    except (OSError, ValueError):
        found = None
    if not found:
        raise AssistantError(f"{path.name} is no answer of ours", "Give a file that rohnamo ask --json wrote.")
    return found


def main() -> None:
    """Run the command."""
    with last_edge():
        app(prog_name="rohnamo")
