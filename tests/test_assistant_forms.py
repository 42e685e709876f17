"""The verb `forms` as people and programs meet it."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pypdfium2
import pytest
import typer
from pypdf import PdfReader
from typer.testing import CliRunner

from assistant import config as settings
from assistant.cli_forms import forms
from corpora import Draft
from corpora.ingest import ingest

DOCUMENTS = Path(__file__).parents[1] / "corpora" / "seed" / "documents"
FORMS = ("targeted-assistance", "citizen-passport", "birth-registration", "pension", "disability", "patent",
         "first-grade", "power-of-attorney")
OTHER = "targeted-assistance-who"
FILES = (*(f"form-{name}.pdf" for name in FORMS), "passport-citizen-form.md", f"{OTHER}.html")
app = typer.Typer(rich_markup_mode=None)
app.add_typer(forms, name="forms")
runner = CliRunner()


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data directory with the eight forms, a paper one, and a document that states rules."""
    config = settings.load(tmp_path_factory.mktemp("data"))
    reports = ingest([DOCUMENTS / name for name in FILES], Draft(config.drafts / "seed"))
    assert not [report.message for report in reports if report.error_code or report.notes]
    return config.data_dir


def run(data, *words):
    return runner.invoke(app, ["forms", *map(str, words), "--data-dir", str(data)])


@pytest.fixture
def values(tmp_path):
    path = tmp_path / "values.json"

    def write(**given):
        path.write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
        return path
    return write


def given(**more):
    return {"ваколатдиҳанда": "Ғаффорова Ҷамила", "шиносномаи ваколатдиҳанда": "А", "суроғаи ваколатдиҳанда": "Ҳисор",
            "ваколатдор": "Қодиров Ӯктам", "шиносномаи ваколатдор": "Б", "суроғаи ваколатдор": "Хуҷанд",
            "барои чӣ": "Гирифтани ҳуҷҷат", "шарҳи ваколат": "Ҳуҷҷатро гирад.", "то кай": "2027-01-31",
            "нотариус": True, "сана": "31.01.2026"} | more


def test_the_list_says_which_forms_can_be_filled_here(data):
    found = json.loads(run(data, "list", "--json").stdout)["forms"]
    assert {form["id"] for form in found if form["fillable"]} == {f"form-{name}" for name in FORMS}
    assert [form["id"] for form in found if not form["fillable"]] == ["passport-citizen-form"]
    assert all(form["title"].startswith("НАМУНА") and set(form) == {"id", "title", "fillable"} for form in found)
    assert "fill   form-pension" in run(data, "list").stdout


@pytest.mark.parametrize("name", FORMS)
def test_the_object_of_a_form_keeps_its_contract(data, name):
    shown = json.loads(run(data, "show", f"form-{name}", "--json").stdout)
    assert set(shown) == {"id", "title", "fillable", "fields"}
    assert shown["fillable"] is True
    drafts = {entry.document.id: entry for entry in Draft(data / "drafts" / "seed").documents()}
    ruled = [field["rule"] for field in shown["fields"] if field["rule"]]
    assert ruled
    for field in shown["fields"]:
        assert set(field) == {"name", "type", "required", "options", "rule"}
        assert field["type"] in ("text", "checkbox", "choice", "date")
        assert bool(field["options"]) == (field["type"] == "choice")
    for rule in ruled:
        assert any(rule["quote"] in passage.text for passage in drafts[rule["document_id"]].passages)


def test_a_rule_comes_from_a_document_that_is_no_form_where_there_is_one(data):
    fields = json.loads(run(data, "show", "form-targeted-assistance", "--json").stdout)["fields"]
    assert OTHER in {field["rule"]["document_id"] for field in fields if field["rule"]}


def test_a_person_sees_labels_options_and_the_rule(data):
    shown = run(data, "show", "form-power-of-attorney").stdout
    assert "* ваколатдор (Насаб, ном ва номи падар): text" in shown
    assert "Идораи мошин | Фурӯши мошин" in shown
    assert "[form-power-of-attorney]" in shown


def test_a_paper_form_is_shown_as_a_checklist(data):
    shown = json.loads(run(data, "show", "passport-citizen-form", "--json").stdout)
    assert shown["fillable"] is False
    assert shown["fields"] == []
    assert "Рақами шиноснома" in shown["checklist"]
    assert "☐ Насаб\n" in run(data, "show", "passport-citizen-form").stdout


def test_a_form_is_filled_and_reads_back(data, values, tmp_path):
    out = tmp_path / "ваколатнома.pdf"
    done = run(data, "fill", "form-power-of-attorney", "--values", values(**given()), "--out", out, "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"id": "form-power-of-attorney", "out": str(out), "filled": sorted(given()),
                                       "flattened": False}
    stored = PdfReader(io.BytesIO(out.read_bytes())).get_fields()
    assert stored["ваколатдор"]["/V"] == "Қодиров Ӯктам"
    assert stored["нотариус"]["/V"] == "/Yes"
    assert stored["ба дигар кас додан"]["/V"] == "/Off"


def test_a_flattened_form_says_everything_on_its_pages(data, values, tmp_path):
    out = tmp_path / "out.pdf"
    path = values(**given())
    assert run(data, "fill", "form-power-of-attorney", "--values", path, "--out", out, "--flatten").exit_code == 0
    document = pypdfium2.PdfDocument(out)
    text = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    for words in ("Ғаффорова Ҷамила", "Қодиров Ӯктам", "Гирифтани ҳуҷҷат", "31.01.2027"):
        assert words in text
    assert PdfReader(io.BytesIO(out.read_bytes())).get_fields() is None
    assert json.loads(path.read_text(encoding="utf-8")) == given()


@pytest.mark.parametrize(("more", "field"), [
    ({"ваколатдор": ""}, "ваколатдор"), ({"барои чӣ": "Парвоз"}, "барои чӣ"), ({"то кай": "фардо"}, "то кай"),
    ({"нотариус": "ҳа"}, "нотариус"), ({"нотариус": False}, "нотариус"), ({"ваколатдор": 5}, "ваколатдор"),
    ({"ном": "Ҷамила"}, "ном"), ({"шарҳи ваколат": "ҳуҷҷат " * 2000}, "шарҳи ваколат")])
def test_where_a_value_cannot_be_written_nothing_is(data, values, tmp_path, more, field):
    out = tmp_path / "out.pdf"
    out.write_bytes(b"old")
    done = run(data, "fill", "form-power-of-attorney", "--values", values(**given(**more)), "--out", out, "--json")
    fault = json.loads(done.stdout)["error"]
    assert done.exit_code == 1
    assert fault["code"] == "form"
    assert repr(field) in fault["message"]
    assert fault["next_step"]
    assert out.read_bytes() == b"old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.pdf", "values.json"]


@pytest.mark.parametrize("text", ["no json", "[1]", '"ном"', ""])
def test_a_file_that_is_no_object_is_said_so(data, tmp_path, text):
    path, out = tmp_path / "values.json", tmp_path / "out.pdf"
    path.write_text(text, encoding="utf-8")
    done = run(data, "fill", "form-pension", "--values", path, "--out", out)
    assert done.exit_code == 1
    assert "values.json" in done.stderr
    assert "→ Write one object" in done.stderr
    assert not out.exists()


def test_the_values_are_never_written_over(data, values):
    path = values(**given())
    done = run(data, "fill", "form-power-of-attorney", "--values", path, "--out", path)
    assert done.exit_code == 1
    assert json.loads(path.read_text(encoding="utf-8")) == given()


@pytest.mark.parametrize(("form", "words"), [("form-nothing", "there is no form"), (OTHER, "is no form")])
def test_a_form_that_is_not_there_is_exit_1_with_the_next_step(data, form, words):
    done = run(data, "show", form)
    assert done.exit_code == 1
    assert words in done.stderr
    assert "rohnamo forms list" in done.stderr


def test_a_paper_form_cannot_be_filled(data, values, tmp_path):
    done = run(data, "fill", "passport-citizen-form", "--values", values(), "--out", tmp_path / "out.pdf")
    assert done.exit_code == 1
    assert "Print it" in done.stderr
    assert not (tmp_path / "out.pdf").exists()


def test_a_machine_without_documents_has_no_forms_and_stays_untouched(tmp_path):
    data = tmp_path / "data"
    assert json.loads(run(data, "list", "--json").stdout) == {"forms": []}
    assert "no forms" in run(data, "list").stdout
    assert not data.exists()


@pytest.mark.parametrize("verb", ["list", "show", "fill"])
def test_every_verb_has_help_with_an_example(verb):
    done = runner.invoke(app, ["forms", verb, "--help"])
    assert done.exit_code == 0
    assert f"Example: rohnamo forms {verb}" in done.stdout
