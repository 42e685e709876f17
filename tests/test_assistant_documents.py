"""The verbs `documents` and `collect` as people and programs meet them."""

from __future__ import annotations

import json
import shutil

import pytest
import typer
from typer.testing import CliRunner

from assistant import config as settings
from assistant.cli_collect import EXAMPLE, collect
from assistant.cli_documents import documents
from assistant.errors import NoSnapshotError
from corpora import Draft
from corpora.ingest import ingest
from index.errors import UnknownFormatError
from tests.disk import everything
from tests.polite_site import Answer, page, resolve, serving
from tests.receiving import HEALTH, Receiver, bees, fishing

FEE = "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."
app = typer.Typer(rich_markup_mode=None)
app.add_typer(documents, name="documents")
app.command(epilog=EXAMPLE)(collect)
runner = CliRunner()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """A data directory with two corpora; one document is in both."""
    folder = tmp_path_factory.mktemp("ҳуҷҷатҳо")
    (folder / "boj.txt").write_text(FEE, encoding="utf-8")
    (folder / "boj.txt.toml").write_text('title = "Боҷ"\nstatus = "in_force"\nreview_by = 2026-12-31\n[act]\n'
                                         'type = "қарор"\nnumber = "406"', encoding="utf-8")
    (folder / "mukhlat.txt").write_text("Шиноснома дар муҳлати 5-уми рӯзи корӣ дода мешавад.", encoding="utf-8")
    config = settings.load(tmp_path_factory.mktemp("data"))
    ingest([folder], Draft(config.drafts / "local"))
    ingest([folder / "mukhlat.txt"], Draft(config.drafts / "vazorat"))
    return config.data_dir


@pytest.fixture
def data(prepared, tmp_path):
    """The data directory, for one test to change."""
    return shutil.copytree(prepared, tmp_path / "data")


def run(data, *words):
    return runner.invoke(app, [*words, "--data-dir", str(data)])


def found(done):
    return json.loads(done.stdout)


def test_the_list_says_of_a_day_which_documents_of_a_service_held(data):
    rows = found(run(data, "documents", "list", "--at", "2020-01-31", "--json"))["documents"]
    assert {(row["id"], row["at"], row["on"]) for row in rows} == {
        ("boj", "2020-01-31", "unknown"), ("mukhlat", "2020-01-31", "unknown")}
    assert "not known for 2020-01-31" in run(data, "documents", "list", "--at", "2020-01-31").stdout
    assert found(run(data, "documents", "list", "--service", "чизе", "--json")) == {"documents": []}
    assert "on" not in found(run(data, "documents", "list", "--json"))["documents"][0]
    assert run(data, "documents", "list", "--at", "2020-02-31").exit_code == 2


def test_the_history_names_the_editions_the_first_one_first(data):
    folder = data.parent / "нашрҳо"
    folder.mkdir()
    (folder / "old.txt").write_text(FEE, encoding="utf-8")
    (folder / "old.txt.toml").write_text('title = "Боҷи кӯҳна"\nstatus = "superseded"\nsuperseded_by = "boj"\n'
                                         "valid_until = 2025-12-31", encoding="utf-8")
    ingest([folder], Draft(data / "drafts" / "local"))
    for name in ("old", "boj"):
        assert [one["id"] for one in found(run(data, "documents", "history", name, "--json"))["editions"]] == [
            "old", "boj"]
    assert "* boj  in_force  from not known, until not known" in run(data, "documents", "history", "boj").stdout
    assert "until 2025-12-31" in run(data, "documents", "history", "boj").stdout
    assert run(data, "documents", "history", "чизе-ки-нест").exit_code == 1


def test_the_list_names_every_document_by_corpus_and_id(data):
    rows = found(run(data, "documents", "list", "--json"))["documents"]
    assert [f"{row['corpus']}/{row['id']}" for row in rows] == ["local/boj", "local/mukhlat", "vazorat/mukhlat"]
    assert set(rows[0]) == {"corpus", "release", "id", "title", "language", "kind", "status", "publisher", "source_url",
                            "file", "sha256", "passages", "facts"}
    shown = run(data, "documents", "list", "--corpus", "local").stdout
    assert "local  boj  in_force\n    Боҷ\n" in shown
    assert "2 documents" in shown


def test_an_empty_machine_says_what_to_do(tmp_path):
    assert "rohnamo ingest" in run(tmp_path, "documents", "list").stdout
    assert found(run(tmp_path, "documents", "list", "--json")) == {"documents": []}
    assert list(tmp_path.iterdir()) == []


def test_a_document_is_shown_with_its_provenance(data):
    shown = found(run(data, "documents", "show", "boj", "--json"))
    assert set(shown) == {"corpus", "release", "document", "passages", "path", "collected"}
    assert (shown["corpus"], shown["document"]["act"]["number"], shown["collected"]) == ("local", "406", None)
    lines = run(data, "documents", "show", "boj").stdout
    assert lines.startswith("Боҷ\n")
    assert "act:         қарор № 406\n" in lines
    assert "review by:   2026-12-31\n" in lines
    assert shown["path"] in lines


def test_a_removed_document_is_out_of_its_draft_and_nothing_else_is(data):
    before = everything(data / "drafts" / "vazorat")
    done = run(data, "documents", "remove", "mukhlat", "--corpus", "local")
    assert done.exit_code == 0
    assert "mukhlat.txt is ingested again" in done.stdout
    assert "rohnamo build --wait" in done.stdout
    assert [entry.document.id for entry in Draft(data / "drafts" / "local").documents()] == ["boj"]
    assert everything(data / "drafts" / "vazorat") == before
    assert found(run(data, "documents", "remove", "boj", "--json")) | {"note": ""} \
        == {"corpus": "local", "removed": "boj", "note": ""}


@pytest.mark.parametrize(("words", "says", "step"), [
    (("show", "bojj"), "there is no document bojj", "Is boj meant?"),
    (("remove", "mukhlat"), "several corpora: local, vazorat", "--corpus"),
    (("remove", "boj", "--corpus", "vazorat"), "there is no document boj", "documents list"),
    (("list", "--corpus", "digar"), "no draft of a corpus digar", "local, vazorat")])
def test_what_is_not_there_is_said_and_nothing_is_removed(data, words, says, step):
    before = everything(data)
    done = run(data, "documents", *words, "--json")
    assert done.exit_code == 1
    assert says in found(done)["error"]["message"]
    assert step in found(done)["error"]["next_step"]
    assert everything(data) == before


# The verb `collect`

@pytest.fixture
def listed(data, monkeypatch):
    """A site whose page is listed in `sources.toml`, reached by its made-up name."""
    monkeypatch.setattr("corpora.fetch.Http.__init__.__defaults__", (resolve,))
    with serving() as site:
        site.pages["/boj"] = Answer(page(FEE))
        (data / "sources.toml").write_text(
            '[[source]]\nname = "sait"\npublisher = "Вазорати намунавӣ"\nlicence = "матни расмӣ"\ndelay_s = 0\n'
            f'networks = ["127.0.0.0/8"]\nurls = ["{site.url("/boj")}"]\n', encoding="utf-8")
        yield site


def test_collect_reports_each_page_and_documents_show_its_licence(data, listed):
    done = run(data, "collect", "--json")
    assert done.exit_code == 0
    report = found(done)
    assert report["counts"] == {"new": 1, "changed": 0, "unchanged": 0, "gone": 0, "refused": 0}
    assert set(report["pages"][0]) == {"source", "corpus", "url", "outcome", "document_id", "notes"}
    document = report["pages"][0]["document_id"]
    assert found(run(data, "documents", "show", document, "--json"))["collected"]["licence"] == "матни расмӣ"
    assert "licence:     матни расмӣ" in run(data, "documents", "show", document).stdout
    assert "taken out of sources.toml" in run(data, "documents", "remove", document).stdout


def test_collect_exits_1_where_every_page_was_refused_and_says_why(data, listed):
    listed.pages.clear()
    done = run(data, "collect")
    assert done.exit_code == 1
    assert "is not there (status 404)" in done.stdout
    assert "1 refused" in done.stdout
    assert found(run(data, "collect", "--json"))["pages"][0]["error"]["code"] == "not_found"


def test_collect_asks_for_nothing_where_nothing_is_listed(data, listed, no_network):
    (data / "sources.toml").write_text("# ҳеҷ чиз\n", encoding="utf-8")
    assert run(data, "collect").exit_code == 0
    unknown = run(data, "collect", "--source", "digar", "--json")
    assert (unknown.exit_code, found(unknown)["error"]["code"]) == (1, "bad_sources")
    (data / "sources.toml").unlink()
    assert found(run(data, "collect", "--json"))["error"]["code"] == "bad_sources"
    assert listed.asked == []


# What came with releases

@pytest.fixture(scope="module")
def answering(tmp_path_factory):
    """The data directory of a machine that answers from a release and has a draft of its own."""
    folder = tmp_path_factory.mktemp("kiosk")
    made = Receiver(folder)
    with pytest.MonkeyPatch.context() as patch:     # without the lexicon it is built in a fortieth of the time
        patch.setattr("index.tables.lexicon.lexicon_rows", lambda *_paths: [])
        made.release(3, fishing(40), bees())
    (folder / "mukhlat.txt").write_text("Шиноснома дар 5 рӯз дода мешавад.", encoding="utf-8")
    ingest([folder / "mukhlat.txt"], Draft(made.config.drafts / "local"))
    made.close()
    return made.config.data_dir


@pytest.fixture
def kiosk(answering, tmp_path):
    """The same, for one test to change."""
    return shutil.copytree(answering, tmp_path / "kiosk", symlinks=True)


def test_the_list_names_what_answers_with_its_release(kiosk):
    rows = found(run(kiosk, "documents", "list", "--json"))["documents"]
    assert [(row["corpus"], row["release"], row["id"]) for row in rows] == [
        ("local", None, "mukhlat"), (None, f"{HEALTH}/3", "bees"), (None, f"{HEALTH}/3", "fishing")]
    shown = run(kiosk, "documents", "list").stdout
    assert f"{HEALTH}/3  fishing  in_force\n    Иҷозатномаи моҳигирӣ\n" in shown
    assert shown.endswith("3 documents\n")
    assert run(kiosk, "documents", "list", "--corpus", "local").stdout.endswith("1 document\n")


def test_a_document_of_a_release_is_shown_and_is_not_this_machines_to_remove(kiosk):
    shown = found(run(kiosk, "documents", "show", "fishing", "--json"))
    assert (shown["corpus"], shown["release"], shown["passages"]) == (None, f"{HEALTH}/3", 2)
    assert f"release:     {HEALTH}/3\n" in run(kiosk, "documents", "show", "fishing").stdout
    assert "Is fishing meant?" in found(run(kiosk, "documents", "show", "fishin", "--json"))["error"]["next_step"]
    before = everything(kiosk)
    done = run(kiosk, "documents", "remove", "fishing", "--json")
    assert (done.exit_code, found(done)["error"]["code"]) == (1, "unknown_document")
    assert f"came with release {HEALTH}/3" in found(done)["error"]["message"]
    assert "publisher" in found(done)["error"]["next_step"]
    assert everything(kiosk) == before


@pytest.mark.parametrize("fault", [NoSnapshotError("none is whole"), UnknownFormatError("made by a newer program")])
def test_the_drafts_are_listed_although_what_answers_cannot_be_opened(kiosk, fault, monkeypatch):
    def current_snapshot(_config, *, encoder):
        raise fault

    monkeypatch.setattr("assistant.update.current_snapshot", current_snapshot)
    assert [row["id"] for row in found(run(kiosk, "documents", "list", "--json"))["documents"]] == ["mukhlat"]
