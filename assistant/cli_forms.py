"""The verb `forms`: which forms are here, what each asks for and by which rule, and filling one.

A form is a document of the drafts whose kind is "form".  Parse, call, print: reading and filling are in `corpora`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from assistant import config as settings
from assistant.edge import DataDir, Json, edge, put, put_json
from corpora import Draft, Entry
from corpora.form_fill import fill
from corpora.forms import FieldType, FormError, FormRecord, form_record, rules

forms = typer.Typer(no_args_is_help=True, help="The forms among the documents: list, show, fill.")

Id = Annotated[str, typer.Argument(metavar="ID", help="The form's id, as forms list gives it.")]
OBJECT = 'Write one object, like {"ном": "Ҷамила"}.'
LISTED = "Run: rohnamo forms list, to see the forms of this machine."


@forms.command("list", epilog="Example: rohnamo forms list --json")
def list_forms(as_json: Json = False, data_dir: DataDir = None) -> None:
    """List the forms, and which of them can be filled on this machine."""
    with edge(as_json=as_json):
        records = [form_record(entry.document, _bytes(entry), entry.passages, {}) for entry in _forms(data_dir)]
        if as_json:
            put_json({"forms": [{"id": one.id, "title": one.title, "fillable": one.fillable} for one in records]})
            return
        for one in records:
            put(f"{'fill ' if one.fillable else 'paper'}  {one.id}\n       {one.title}")
        if not records:
            put("There are no forms on this machine.")


@forms.command(epilog="Example: rohnamo forms show form-citizen-passport")
def show(form: Id, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Show what a form asks for, and the rule that requires each field."""
    with edge(as_json=as_json):
        entry = _form(form, data_dir)
        known = rules((other.document for draft in _drafts(data_dir) for other in draft.documents()),
                      entry.document.language)
        record = form_record(entry.document, _bytes(entry), entry.passages, known)
        if as_json:
            put_json(record.to_json())
        else:
            put("\n".join(_lines(record)))


@forms.command("fill", epilog="Example: rohnamo forms fill form-citizen-passport --values ҷамила.json --out ариза.pdf")
def fill_form(form: Id,
              values: Annotated[Path, typer.Option("--values", help='One JSON object, like {"ном": "Ҷамила"}; true '
                                                   "ticks a box.")],
              out: Annotated[Path, typer.Option("--out", help="The PDF to write.")],
              flatten: Annotated[bool, typer.Option("--flatten", help="Write plain pages that cannot be changed.")]
              = False, as_json: Json = False, data_dir: DataDir = None) -> None:
    """Fill a form from a file of values; where a value cannot be written, nothing is."""
    from corpora.durable import write_whole
    with edge(as_json=as_json):
        given = _values(values)
        if out.resolve() == values.resolve():
            raise FormError(f"{out.name} is the file of values", hint="Name another file with --out.")
        write_whole(out, fill(_bytes(_form(form, data_dir)), given, flatten=flatten))
        if as_json:
            put_json({"id": form, "out": str(out), "filled": sorted(given), "flattened": flatten})
        else:
            put(f"{out} is written" + ("; it cannot be changed any more." if flatten else "."))


def _drafts(data_dir: Path | None) -> list[Draft]:
    from assistant.update import drafts
    return drafts(settings.load(data_dir))


def _forms(data_dir: Path | None) -> Iterator[Entry]:
    return (entry for draft in _drafts(data_dir) for entry in draft.documents() if entry.document.kind == "form")


def _form(form: str, data_dir: Path | None) -> Entry:
    """Return the form of this id.

    Raises:
        FormError: there is no document of this id, or it is no form.
    """
    from corpora.records import DocumentId
    for draft in _drafts(data_dir):
        if (entry := draft.entry(DocumentId(form))) and entry.document.kind == "form":
            return entry
        if entry:
            raise FormError(f"{form} is no form but {entry.document.kind or 'another document'}", hint=LISTED)
    raise FormError(f"there is no form {form} on this machine", hint=LISTED)


def _bytes(entry: Entry) -> bytes:
    if entry.file is None:
        raise FormError(f"the file of {entry.document.id} is not kept on this machine",
                        hint="Run: rohnamo ingest, with the file itself.")
    return entry.file.read_bytes()


def _values(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_bytes())
    except (ValueError, RecursionError) as error:
        raise FormError(f"{path.name} is not JSON: {error}", hint=OBJECT) from error
    if not isinstance(found, dict):
        raise FormError(f"{path.name} is no object", hint=OBJECT)
    return found


def _lines(record: FormRecord) -> Iterator[str]:
    yield record.title
    for line in record.checklist:
        yield f"  ☐ {line}"
    for field, rule in record.fields:
        words = f" ({field.label})" if field.label != field.name else ""
        yield f"  {'*' if field.required else ' '} {field.name}{words}: {_asked(field.type, field.options)}"
        if rule:
            yield f"      «{rule.quote}» [{rule.document_id}]"


def _asked(kind: FieldType, options: tuple[str, ...]) -> str:
    match kind:
        case FieldType.CHECKBOX:
            return "true or false"
        case FieldType.CHOICE:
            return " | ".join(options)
        case FieldType.DATE:
            return "a day like 31.01.2026"
    return "text"
