"""Files and folders go into a draft: each is reported, none stops the others, only changes are read."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from corpora.draft import Draft
from corpora.errors import DraftLockedError, NoSpaceError
from corpora.ingest import Outcome, ingest
from corpora.records import Act, DocumentId, DocumentStatus
from corpora.sandbox import Caps, Sandbox

ASSETS = Path(__file__).parent / "assets"
TEXT = "Маблағи шиноснома\n\nШаҳрванд барои шиноснома 35,36 сомонӣ месупорад. Муҳлат даҳ рӯз аст.\n"


@pytest.fixture
def draft(tmp_path):
    return Draft(tmp_path / "draft")


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "ҳуҷҷатҳо").mkdir()
    return tmp_path / "ҳуҷҷатҳо"


def write(folder: Path, name: str, text: str | bytes = TEXT, metadata: str = "") -> Path:
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    if metadata:
        path.with_name(name + ".toml").write_text(metadata, encoding="utf-8")
    return path


def outcomes(reports) -> list[str]:
    return [str(report.outcome) for report in reports]


def ids(draft: Draft) -> list[str]:
    return [entry.document.id for entry in draft.documents()]


def test_a_file_becomes_a_document_with_its_metadata_passages_and_bytes(folder, draft):
    path = write(folder, "Маблағ.txt", metadata='''publisher = "Вазорат"
status = "in_force"
valid_from = 2020-05-27
[act]
type = "қарор"
number = "294"
[[fact]]
id = "F-1"
type = "fee"
quote = "Шаҳрванд барои  шиноснома 35,36\u00a0сомонӣ месупорад."
''')
    report, = ingest([path], draft)
    assert (report.outcome, report.document_id, report.passages,
            report.notes) == (Outcome.READ, "маблағ", 1, ())
    entry = draft.entry(DocumentId("маблағ"))
    document = entry.document
    assert (document.title, document.language, document.file, document.media_type) == (
        "Маблағи шиноснома", "tg", "Маблағ.txt", "text/plain")
    assert (document.publisher, document.status, document.valid_from, document.act) == (
        "Вазорат", DocumentStatus.IN_FORCE, "2020-05-27", Act("қарор", "294"))
    assert [fact.quote for fact in document.facts] == ["Шаҳрванд барои шиноснома 35,36 сомонӣ месупорад."]
    assert document.facts[0].quote in entry.passages[0].text
    assert entry.file.read_bytes() == TEXT.encode()


@pytest.mark.parametrize(("quote", "note"), [
    ("Шаҳрванд 36,36 сомонӣ месупорад.", "its quote does not stand in the document"),
    ("Муҳлат даҳ рӯз аст. Дигар", "its quote runs over the end of a section"),
])
def test_a_fact_whose_quote_is_not_in_one_place_is_dropped_with_a_note(folder, draft, quote, note):
    text = TEXT + "\nДигар\n\nМатни дигар.\n"
    path = write(folder, "а.txt", text, f'[[fact]]\nid = "F-9"\ntype = "fee"\nquote = "{quote}"\n')
    report, = ingest([path], draft)
    assert report.outcome is Outcome.READ
    assert report.notes == (f"fact F-9 dropped: {note}",)
    document = draft.entry(DocumentId("а")).document
    assert [fact for fact in document.facts if fact.origin == "given"] == []
    assert document.notes == report.notes


def test_a_folder_is_read_in_order_without_hidden_files_metadata_or_links(folder, draft, tmp_path):
    outside = write(tmp_path, "берун.txt")
    write(folder, "б.txt")
    write(folder, "а.txt", metadata='title = "Якум"')
    write(folder, ".ниҳон.txt")
    (folder / "дарун").mkdir()
    write(folder / "дарун", "в.txt")
    (folder / "пайванд.txt").symlink_to(outside)
    (folder / "папка").symlink_to(tmp_path)
    reports = ingest([folder], draft)
    assert [(report.path.name, str(report.outcome)) for report in reports] == [
        ("а.txt", "read"), ("б.txt", "read"), ("в.txt", "read"), ("пайванд.txt", "refused"),
        ("папка", "refused")]
    assert "is a link" in reports[-1].message
    assert ids(draft) == ["а", "б", "в"]


def test_progress_is_told_after_every_file(folder, draft):
    write(folder, "а.txt")
    write(folder, "б.txt", b"")
    told = []
    reports = ingest([folder], draft, progress=lambda done, total, report: told.append((done, total, report)))
    assert told == [(1, 2, reports[0]), (2, 2, reports[1])]


@pytest.fixture
def opened(monkeypatch):
    """The names of the files opened to be read, and of those that went to the sandbox, as they come."""
    seen: tuple[list[str], list[str]] = ([], [])
    honest, read = os.open, Sandbox.read

    def noted(path, *rest, **named):
        seen[0].append(Path(path).name if isinstance(path, str | Path) else "")
        return honest(path, *rest, **named)

    def sent(self, name, data, metadata):
        seen[1].append(name)
        return read(self, name, data, metadata)

    monkeypatch.setattr(os, "open", noted)
    monkeypatch.setattr(Sandbox, "read", sent)
    return seen


def test_an_unchanged_file_is_neither_opened_nor_read_again(folder, draft, opened):
    write(folder, "а.txt", TEXT + "\x07")
    first, = ingest([folder], draft)
    assert first.notes
    assert opened[1] == ["а.txt"]
    opened[0].clear()
    again, = ingest([folder], draft)
    assert (again.outcome, again.document_id, again.passages, again.notes) == (
        Outcome.UNCHANGED, first.document_id, first.passages, first.notes)
    assert opened[1] == ["а.txt"]
    assert "а.txt" not in opened[0]


def test_a_file_touched_but_not_changed_is_hashed_and_not_read_again(folder, draft, opened):
    path = write(folder, "а.txt")
    ingest([path], draft)
    os.utime(path, ns=(5, 5))
    assert outcomes(ingest([path], draft)) == ["unchanged"]
    assert opened[1] == ["а.txt"]
    assert draft.entry(DocumentId("а")).origin.mtime_ns == 5


def test_one_changed_file_of_a_thousand_is_read_alone(folder, draft, opened, monkeypatch):
    monkeypatch.setattr(os, "fsync", lambda number: None)
    for number in range(1000):
        write(folder, f"ҳуҷҷат-{number:04d}.txt", f"{TEXT}\nРақами {number}.\n")
    assert set(outcomes(ingest([folder], draft))) == {"read"}
    before = {path.name: path.read_bytes() for path in (draft.root / "documents").iterdir()}
    opened[1].clear()
    write(folder, "ҳуҷҷат-0500.txt", TEXT.replace("35,36", "70,72"))
    again = ingest([folder], draft)
    assert [report.path.name for report in again if report.outcome is Outcome.READ] == ["ҳуҷҷат-0500.txt"]
    assert opened[1] == ["ҳуҷҷат-0500.txt"]
    after = {path.name: path.read_bytes() for path in (draft.root / "documents").iterdir()}
    assert [name for name in before if after[name] != before[name]] == ["ҳуҷҷат-0500.json"]
    assert after.keys() == before.keys()


class Enough(KeyboardInterrupt):
    """A person has pressed Ctrl-C."""


def test_an_interrupted_batch_goes_on_where_it_stopped(folder, draft, opened):
    for name in ("а.txt", "б.txt", "в.txt", "г.txt"):
        write(folder, name, TEXT + name)

    def stop(done, whole, report):
        if done == 2:
            raise Enough

    with pytest.raises(Enough):
        ingest([folder], draft, progress=stop)
    assert ids(draft) == ["а", "б"]
    assert outcomes(ingest([folder], draft)) == ["unchanged", "unchanged", "read", "read"]
    assert opened[1] == ["а.txt", "б.txt", "в.txt", "г.txt"]
    assert ids(draft) == ["а", "б", "в", "г"]


def test_a_killed_batch_goes_on_where_it_stopped(folder, draft, opened):
    for name in ("а.txt", "б.txt", "в.txt", "г.txt"):
        write(folder, name, TEXT + name)
    code = ("import os, signal, sys\nfrom pathlib import Path\nfrom corpora.draft import Draft\n"
            "from corpora.ingest import ingest\n"
            "def stop(done, whole, report):\n    if done == 2: os.kill(os.getpid(), signal.SIGKILL)\n"
            "ingest([Path(sys.argv[1])], Draft(Path(sys.argv[2])), progress=stop)\n")
    done = subprocess.run([sys.executable, "-c", code, str(folder), str(draft.root)], cwd=Path(__file__).parents[1])
    assert done.returncode == -9
    assert outcomes(ingest([folder], draft)) == ["unchanged", "unchanged", "read", "read"]
    assert opened[1] == ["в.txt", "г.txt"]


@pytest.mark.parametrize("change", ["text", "metadata", "recipe"])
def test_a_change_of_text_metadata_or_recipe_is_read_and_replaces(folder, draft, monkeypatch, change):
    path = write(folder, "а.txt")
    write(folder, "б.txt")
    ingest([folder], draft)
    if change == "text":
        write(folder, "а.txt", TEXT.replace("35,36", "70,72"))
    elif change == "metadata":
        write(folder, "а.txt", metadata='title = "Нав"')
    else:
        monkeypatch.setattr("corpora.ingest.RECIPE", "дигар")
    assert outcomes(ingest([path], draft)) == ["read"]
    assert ids(draft) == ["а", "б"]
    entry = draft.entry(DocumentId("а"))
    assert ("70,72" in entry.passages[0].text) == (change == "text")
    assert (entry.document.title == "Нав") == (change == "metadata")


def test_a_new_id_for_the_same_file_takes_the_place_of_the_old(folder, draft):
    path = write(folder, "а.txt")
    ingest([path], draft)
    write(folder, "а.txt", metadata='id = "нав"')
    assert outcomes(ingest([path], draft)) == ["read"]
    assert ids(draft) == ["нав"]
    write(folder, "в.txt", metadata='id = "а"')
    assert outcomes(ingest([folder], draft)) == ["unchanged", "read"]


def test_a_second_file_with_the_same_id_is_refused_and_the_first_stays(folder, draft):
    write(folder, "а.txt")
    (folder / "дарун").mkdir()
    write(folder / "дарун", "а.txt", TEXT + "Дигар.")
    reports = ingest([folder], draft)
    assert outcomes(reports) == ["read", "refused"]
    assert reports[1].error_code == "duplicate_document"
    assert "а.txt" in reports[1].message
    assert "another id" in reports[1].next_step
    assert "Дигар" not in draft.entry(DocumentId("а")).passages[0].text


def test_a_moved_file_keeps_its_document(folder, draft):
    path = write(folder, "а.txt")
    ingest([folder], draft)
    (folder / "дарун").mkdir()
    path.rename(folder / "дарун" / "а.txt")
    assert outcomes(ingest([folder], draft)) == ["read"]
    assert ids(draft) == ["а"]


def test_a_copy_of_a_folder_is_the_same_documents_and_what_differs_in_it_is_refused(folder, draft, tmp_path):
    write(folder, "а.txt")
    write(folder, "б.txt", TEXT + "Дигар.")
    ingest([folder], draft)
    copy = tmp_path / "нусха"
    shutil.copytree(folder, copy)
    assert outcomes(ingest([copy], draft)) == ["unchanged", "unchanged"]
    assert outcomes(ingest([folder], draft)) == ["unchanged", "unchanged"], "and back again"
    write(copy, "б.txt", TEXT + "Сеюм.")
    assert outcomes(ingest([copy], draft)) == ["unchanged", "refused"]
    assert ids(draft) == ["а", "б"]
    assert "Дигар" in draft.entry(DocumentId("б")).passages[0].text


def test_bad_files_are_refused_each_with_a_reason_and_the_batch_goes_on(folder, draft):
    for name in ("encrypted.pdf", "truncated.pdf"):
        write(folder, name, (ASSETS / name).read_bytes())
    write(folder, "а-холӣ.txt", b"")
    write(folder, "акс.jpg", b"\xff\xd8\xff\xe0" + bytes(100))
    write(folder, "идора.txt", bytes(range(1, 32)) * 3300)
    write(folder, "метод.txt", metadata="titel = 'а'")
    write(folder, "хуб.txt")
    write(folder, "renamed.txt", (ASSETS / "law.pdf").read_bytes())
    reports = ingest([folder, folder / "нест.pdf", folder / "хуб.txt", folder / "метод.txt.toml"], draft)
    codes = {report.path.name: report.error_code for report in reports}
    assert codes == {
        "encrypted.pdf": "encrypted_file", "truncated.pdf": "unreadable_file",
        "а-холӣ.txt": "empty_file", "акс.jpg": "unsupported_file", "идора.txt": "unsupported_file",
        "метод.txt": "bad_metadata", "хуб.txt": None, "renamed.txt": None, "нест.pdf": "unreadable_file",
        "метод.txt.toml": "unsupported_file"}
    refused = [report for report in reports if report.outcome is Outcome.REFUSED]
    assert all(report.message and report.next_step and report.document_id is None for report in refused)
    assert ids(draft) == ["renamed", "хуб"]


def test_a_refused_edition_leaves_the_one_that_was_read(folder, draft):
    path = write(folder, "а.txt")
    ingest([path], draft)
    write(folder, "а.txt", b"")
    assert outcomes(ingest([path], draft)) == ["refused"]
    assert "35,36" in draft.entry(DocumentId("а")).passages[0].text


def test_a_file_that_kills_its_reader_costs_itself_only(folder, draft, monkeypatch, tmp_path):
    crash = tmp_path / "афтод.py"
    crash.write_text("import os, sys\nfrom corpora import sandbox_worker as worker\nread = worker.read_entry\n"
                     "def fragile(name, data, metadata, progress):\n"
                     "    if name == 'б.txt':\n        os.abort()\n    if name == 'в.txt':\n"
                     "        raise RecursionError('deep')\n    return read(name, data, metadata)\n"
                     "worker.read_entry = fragile\nworker.main()\n", encoding="utf-8")
    monkeypatch.setattr("corpora.ingest.Sandbox",
                        lambda caps, pages: Sandbox(caps, (sys.executable, str(crash)), pages=pages))
    for name in ("а.txt", "б.txt", "в.txt", "г.txt"):
        write(folder, name, TEXT + name)
    reports = ingest([folder], draft)
    assert outcomes(reports) == ["read", "refused", "refused", "read"]
    assert reports[1].message == "б.txt broke its reader: it ended by SIGABRT"
    assert reports[2].message == "в.txt is nested too deep to be read"
    assert ids(draft) == ["а", "г"]


def test_a_long_file_tells_its_pages_while_it_is_read(folder, draft, monkeypatch, tmp_path):
    slow = tmp_path / "суст.py"
    slow.write_text("from itertools import count\nfrom corpora import sandbox_worker as worker\n"
                    "read = worker.read_entry\nhours = count(0, 5)\nworker.monotonic = lambda: next(hours)\n"
                    "def long(name, data, metadata, progress):\n    progress(1, 3)\n    progress(3, 3)\n"
                    "    return read(name, data, metadata)\n"
                    "worker.read_entry = long\nworker.main()\n", encoding="utf-8")
    monkeypatch.setattr("corpora.ingest.Sandbox",
                        lambda caps, pages: Sandbox(caps, (sys.executable, str(slow)), pages=pages))
    write(folder, "а.txt")
    told = []
    reports = ingest([folder], draft, pages=lambda done, whole: told.append((done, whole)))
    assert told == [(1, 3), (3, 3)]
    assert outcomes(reports) == ["read"]


def test_a_batch_keeps_to_the_caps_it_is_given(folder, draft):
    write(folder, "а.txt")
    write(folder, "б.txt", TEXT * 100)
    reports = ingest([folder], draft, caps=Caps(file_bytes=1000))
    assert outcomes(reports) == ["read", "refused"]
    assert reports[1].error_code == "too_large"
    assert outcomes(ingest([folder], draft)) == ["unchanged", "read"]


def test_a_folder_without_files_is_reported(folder, draft):
    report, = ingest([folder], draft)
    assert (report.outcome, report.error_code) == (Outcome.REFUSED, "empty_file")
    assert ids(draft) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(folder, draft):
    path = write(folder, "а.txt")
    path.chmod(0)
    report, = ingest([path], draft)
    assert report.error_code == "unreadable_file"


def test_a_file_that_may_not_be_read_is_refused_whoever_asks(folder, draft, monkeypatch):
    path = write(folder, "а.txt")
    honest = os.open

    def denied(place, *rest, **named):
        if place == path:
            raise PermissionError(errno.EACCES, "Permission denied")
        return honest(place, *rest, **named)

    monkeypatch.setattr(os, "open", denied)
    report, = ingest([path], draft)
    assert (report.error_code, report.outcome) == ("unreadable_file", Outcome.REFUSED)
    assert "Permission denied" in report.message


def test_a_full_disk_stops_the_batch_and_what_was_read_before_stays(folder, draft, monkeypatch):
    for name in ("а.txt", "б.txt", "в.txt"):
        write(folder, name, TEXT + name)
    real, calls = os.fsync, []

    def full_later(number: int) -> None:
        calls.append(number)
        if len(calls) > 8:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(number)

    monkeypatch.setattr(os, "fsync", full_later)
    with pytest.raises(NoSpaceError) as stopped:
        ingest([folder], draft)
    monkeypatch.undo()
    assert "run the same command again" in stopped.value.hint
    assert ids(draft) == ["а"]
    assert not list(draft.root.rglob("*.part"))
    assert outcomes(ingest([folder], draft)) == ["unchanged", "read", "read"]


def test_a_draft_held_by_another_is_not_touched(folder, draft):
    write(folder, "а.txt")
    with Draft(draft.root).writing(), pytest.raises(DraftLockedError):
        ingest([folder], draft)
    assert ids(draft) == []


def test_reading_the_same_files_twice_gives_the_same_documents(folder, tmp_path):
    write(folder, "law.pdf", (ASSETS / "law.pdf").read_bytes())
    write(folder, "а.txt")
    drafts = [Draft(tmp_path / name) for name in ("як", "ду")]
    for draft in drafts:
        ingest([folder], draft)
    first, second = ([(entry.document, entry.passages) for entry in draft.documents()] for draft in drafts)
    assert first == second
