"""The verbs about notes, and the way of a note: from a notice to the answer of a machine that took a release."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from assistant import config as settings
from assistant.access.store import opened_store
from assistant.answer import Assistant
from assistant.cli import app
from assistant.evaluate import read_questions
from assistant.holdings import drafts, packs_in_use
from assistant.intake import take_in
from assistant.notices import FieldName
from assistant.records import AnswerStatus
from assistant.release import QUESTIONS, Order, build_release
from assistant.release_rules import RefusedReleaseError
from assistant.review import Standing
from assistant.update import current_snapshot
from assistant.web import suggest
from corpora.draft import Draft
from corpora.metadata import read_metadata
from corpora.sandbox import Sandbox
from index import Snapshot, build_snapshot
from sync.frame import announced_length, open_frame
from sync.pack import read_pack
from tests.front import deeds
from tests.ministry import Ministry
from tests.receiving import HEALTH, Receiver
from tests.reviewing import COMPUTED, NOTICE, NOW, PERSONAL, QUESTION, Clerk, files_of

OFFICE = "Шуъбаи ҳифзи иҷтимоӣ"
DAY = NOW.date()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture(autouse=True)
def without_lexicon(monkeypatch):
    """Snapshots without our thousands of synonyms, which these questions do not need: built five times as fast."""
    monkeypatch.setattr("index.lexicon.lexicon_rows", lambda _file: [])


@pytest.fixture
def clerk(tmp_path, sandbox):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "config.toml").write_text('encoder = "none"\n', encoding="utf-8")
    return Clerk(settings.load(tmp_path / "data"), sandbox)


def run(clerk, *words):
    return CliRunner().invoke(app, ["notes", *map(str, words), "--data-dir", str(clerk.config.data_dir)])


def told(clerk, *words):
    return json.loads(run(clerk, *words, "--json").stdout)


def exported(clerk, folder, *words):
    """Write the approved notes out; return what was said."""
    done = run(clerk, "export", folder, "--publisher", OFFICE, *words, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def ingested(clerk, folder):
    """Take what was written out into the draft of the publisher; return its documents by id."""
    taken = take_in(clerk.config, [folder / "documents"], HEALTH, lambda *_: None)
    assert not [report.message for _, report in taken.reports if report.error_code]
    return {entry.document.id: entry for draft in drafts(clerk.config) for entry in draft.documents()}


# --- list and show --------------------------------------------------------------------------------------------------

def test_a_list_tells_what_became_of_each_card(clerk, tmp_path):
    assert "There is no card." in run(clerk, "list").output
    number = clerk.approved()
    clerk.begin(COMPUTED)
    exported(clerk, tmp_path / "out")
    lines = run(clerk, "list").output.splitlines()
    assert lines[0].startswith("2  open  Эълон дар бораи кумакпулии моҳигирон")
    assert lines[1].startswith("1  approved  ")
    assert "approved by Д. Раҳимов on 2026-11-27; written out on" in lines[1]
    newest, first = told(clerk, "list")["notes"]
    assert (newest["standing"], first["number"], first["approval"]["by"]) == ("open", number, "anisa")


def test_a_card_is_shown_with_its_corrections_their_reasons_and_what_is_missing(clerk):
    number = clerk.begin()
    clerk.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "Дар қарор 900 аст")
    shown = run(clerk, "show", number).output
    assert "amount: 858 сомонӣ → 900 сомонӣ; edited by anisa on 2026-11-27: Дар қарор 900 аст" in shown
    assert "missing: unopened (quote 2, quote 3, quote 4)" in shown
    assert "missing: question" in shown
    plain = told(clerk, "show", number)
    assert plain["fields"][1]["edit"]["reason"] == plain["review"]["changes"][0]["reason"] == "Дар қарор 900 аст"
    assert plain["review"]["standing"] == "open"
    assert clerk.get(number).standing is Standing.OPEN


def test_every_correction_is_listed_for_those_who_mend_the_reader(clerk):
    assert "Nothing was corrected." in run(clerk, "corrections").output
    first, second = clerk.begin(), clerk.begin(COMPUTED)
    clerk.do("edit", second, FieldName.WHERE, ["ба ҷамоат"], "кӯтоҳтар")
    clerk.do("edit", first, FieldName.AMOUNT, ["900 сомонӣ"], "хато")
    clerk.do("undo", first, FieldName.AMOUNT)
    found = told(clerk, "corrections")["corrections"]
    assert [(one["card"], one["field"], one["reason"]) for one in found] == [
        (second, "where", "кӯтоҳтар"), (first, "amount", "хато"), (first, "amount", "")]
    assert found[1]["before"] == ["858 сомонӣ"]
    assert "undone by anisa on 2026-11-27" in run(clerk, "corrections").output


def test_a_number_that_nobody_has_is_said_with_the_next_step(clerk):
    done = run(clerk, "show", 9)
    assert done.exit_code == 1
    assert "there is no card 9" in done.output
    assert "rohnamo notes list" in done.output


# --- export ---------------------------------------------------------------------------------------------------------

def test_a_note_is_written_in_two_languages_with_its_notice_and_its_question(clerk, tmp_path):
    number = clerk.approved()
    digest = clerk.get(number).sha256
    said = exported(clerk, tmp_path / "out")
    notice = f"notice-{digest[:8]}.txt"
    assert said["documents"] == ["note-1.tg.md", "note-1.ru.md", notice]
    assert sorted(files_of(tmp_path / "out")) == sorted(
        [*(f"documents/{name}{ending}" for name in said["documents"] for ending in ("", ".toml")), QUESTIONS])
    assert (tmp_path / "out" / "documents" / notice).read_bytes() == NOTICE.encode()
    about = read_metadata(tmp_path / "out" / "documents" / "note-1.tg.md")
    assert (about.id, about.title, about.kind, about.publisher) == (f"note-1-{digest[:8]}", QUESTION, "note", OFFICE)
    assert (about.status, about.valid_from, about.as_of, about.review_by, about.confidence) == (
        "in_force", "2026-10-01", "2026-11-27", "2027-11-27", "B")
    assert (about.approved_by, about.approved_on) == ("Д. Раҳимов", "2026-11-27")
    (asked,) = read_questions(tmp_path / "out" / QUESTIONS)
    assert (asked.question, asked.expected_documents, asked.expected_values) == (
        QUESTION, (f"note-1-{digest[:8]}", f"note-1-{digest[:8]}-ru"), ("858 сомонӣ",))
    assert deeds(clerk.config)[0][1:] == ("note_exported", {"card": "1"})


def test_only_approved_notes_are_written_out_and_each_once(clerk, tmp_path):
    clerk.begin()
    dropped = clerk.approved(COMPUTED)
    clerk.do("drop", dropped, "хато")
    out = tmp_path / "out"
    assert exported(clerk, out)["notes"] == []
    assert not out.exists()
    number = clerk.approved(NOTICE + "\nТел.: (37) 000-00-11")
    assert exported(clerk, out)["notes"] == [number]
    before = files_of(out)
    assert exported(clerk, out)["notes"] == []
    assert exported(clerk, out, "--all")["notes"] == [number]
    assert files_of(out) == before


def test_a_later_note_is_added_to_the_questions_of_the_folder(clerk, tmp_path):
    clerk.approved()
    exported(clerk, tmp_path)
    clerk.approved(COMPUTED, question="Кумакпулии моҳигирон чанд сомонӣ аст?")
    exported(clerk, tmp_path)
    asked = read_questions(tmp_path / QUESTIONS)
    assert [one.question for one in asked] == [QUESTION, "Кумакпулии моҳигирон чанд сомонӣ аст?"]
    assert [one.expected_values for one in asked] == [("858 сомонӣ",), ("858 сомонӣ",)]


def test_questions_are_added_to_a_file_that_holds_others(clerk, tmp_path):
    known = {"qid": "q1", "question": "Шиноснома чанд пул аст?", "language": "tg", "style": "proper", "service": "id",
             "split": "dev", "answerable": False, "expected_documents": [], "expected_values": []}
    path = tmp_path / "mine.jsonl"
    path.write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
    clerk.approved()
    exported(clerk, tmp_path / "out", "--questions", path)
    assert [one.question for one in read_questions(path)] == ["Шиноснома чанд пул аст?", QUESTION]
    assert not (tmp_path / "out" / QUESTIONS).exists()


def test_a_file_of_questions_that_cannot_be_read_is_left_as_it_is(clerk, tmp_path):
    path = tmp_path / "mine.jsonl"
    path.write_text("{", encoding="utf-8")
    clerk.approved()
    done = run(clerk, "export", tmp_path / "out", "--publisher", OFFICE, "--questions", path)
    assert done.exit_code == 1
    assert "mine.jsonl cannot be read as questions" in done.output
    assert path.read_text(encoding="utf-8") == "{"
    assert deeds(clerk.config)[0][1] == "card_approved"


def test_a_notice_that_names_a_person_or_is_not_wanted_stays_here(clerk, tmp_path):
    clerk.approved(PERSONAL)
    assert exported(clerk, tmp_path / "out")["documents"] == ["note-1.tg.md", "note-1.ru.md"]
    clerk.approved()
    assert exported(clerk, tmp_path / "out", "--without-notice")["documents"] == ["note-2.tg.md", "note-2.ru.md"]
    assert not list((tmp_path / "out").rglob("notice-*"))
    assert b"12345678" not in b"".join(files_of(tmp_path / "out").values())


@pytest.mark.parametrize("change", [
    "UPDATE reviews SET card = replace(card, '858', '958')", "UPDATE reviews SET question = 'Чӣ?'",
    "UPDATE reviews SET approved_name = 'Дигаре'", "UPDATE reviews SET approved_by = 'davron'"])
def test_a_card_that_was_changed_behind_the_log_is_not_written_out(clerk, tmp_path, change):
    clerk.approved()
    with opened_store(clerk.config) as store:
        store.connection.execute(change)
    done = run(clerk, "export", tmp_path / "out", "--publisher", OFFICE)
    assert done.exit_code == 1
    assert "card 1 is not what was approved" in done.output
    assert not (tmp_path / "out").exists()


def test_without_a_publisher_nothing_is_written_out(clerk, tmp_path):
    clerk.approved()
    done = run(clerk, "export", tmp_path / "out")
    assert done.exit_code == 1
    assert "--publisher" in done.output
    assert not (tmp_path / "out").exists()
    assert deeds(clerk.config)[0][1] == "card_approved"


def test_a_benefit_that_has_not_begun_is_written_out_so(clerk, tmp_path):
    clerk.approved(NOTICE.replace("1 октябри соли 2026", "1 январи соли 2027"))
    exported(clerk, tmp_path)
    about = read_metadata(tmp_path / "documents" / "note-1.tg.md")
    assert (about.status, about.valid_from) == ("not_yet_in_force", "2027-01-01")


# --- the way to a citizen -------------------------------------------------------------------------------------------

def test_a_note_is_read_with_its_facts_and_keeps_its_approval(clerk, tmp_path):
    digest = clerk.get(clerk.approved(COMPUTED)).sha256
    exported(clerk, tmp_path / "out")
    document = ingested(clerk, tmp_path / "out")[f"note-1-{digest[:8]}"].document
    assert "approved by Д. Раҳимов on 2026-11-27" in document.notes
    assert not [note for note in document.notes if "dropped" in note]
    facts = {fact.type: (fact.value, fact.unit) for fact in document.facts if fact.origin == "given"}
    assert facts["benefit"] == ("11", "нишондиҳанда")
    assert facts["deadline"] == ("2027-03-31", "date")


def test_a_note_whose_text_was_changed_after_the_approval_is_not_released(clerk, tmp_path):
    digest = clerk.get(clerk.approved()).sha256
    exported(clerk, tmp_path / "out")
    path = tmp_path / "out" / "documents" / "note-1.tg.md"
    path.write_text(path.read_text(encoding="utf-8").replace("858", "9858"), encoding="utf-8")
    assert "changed after it was approved by Д. Раҳимов on 2026-11-27" in \
        ingested(clerk, tmp_path / "out")[f"note-1-{digest[:8]}"].document.notes
    ministry = Ministry(tmp_path)
    with pytest.raises(RefusedReleaseError, match="a note that nobody approved, or that was changed") as refused:
        build_release(clerk.config, ministry.repository, Order(HEALTH, DAY), ministry.place(), now=ministry.now)
    assert [one.what for one in refused.value.offences] == [f"note-1-{digest[:8]}"]


@pytest.mark.parametrize("said", ["", 'approved_by = "Д. Раҳимов"\n', "approved_on = 2026-11-27\n",
                                  'approved_by = "Д. Раҳимов"\napproved_on = 2026-11-27\n'])
def test_a_note_that_nobody_approved_is_not_released(clerk, tmp_path, said):
    folder = tmp_path / "out" / "documents"
    folder.mkdir(parents=True)
    (folder / "mine.md").write_text("# Кумакпулӣ\n\nКумакпулӣ 858 сомонӣ аст.\n", encoding="utf-8")
    (folder / "mine.md.toml").write_text(f'publisher = "{OFFICE}"\nlanguage = "tg"\nkind = "note"\n{said}',
                                         encoding="utf-8")
    ingested(clerk, tmp_path / "out")
    ministry = Ministry(tmp_path)
    with pytest.raises(RefusedReleaseError, match="nobody approved"):
        build_release(clerk.config, ministry.repository, Order(HEALTH, DAY), ministry.place(), now=ministry.now)
    assert not ministry.place().exists()


def test_a_citizen_who_asks_is_answered_from_the_approved_note_with_its_figure(clerk, tmp_path):
    digest = clerk.get(clerk.approved()).sha256
    exported(clerk, tmp_path / "out")
    entries = list(ingested(clerk, tmp_path / "out").values())
    build_snapshot(entries, tmp_path / "snapshot", encoder=None)
    with Snapshot.open(tmp_path / "snapshot", encoder=None) as snapshot:
        answer = Assistant(snapshot, "1", lambda: DAY).ask(QUESTION)
    assert answer.status is AnswerStatus.ANSWERED
    assert "858 сомонӣ" in answer.claims[0].text
    assert answer.claims[0].citations[0].document.id == f"note-1-{digest[:8]}"


def test_a_machine_that_took_the_release_offers_the_question_and_answers_it(clerk, tmp_path, monkeypatch):
    digest = clerk.get(clerk.approved()).sha256
    exported(clerk, tmp_path / "out")
    ingested(clerk, tmp_path / "out")
    ministry = Ministry(tmp_path)
    built = build_release(clerk.config, ministry.repository,
                          Order(HEALTH, DAY, questions=tmp_path / "out" / QUESTIONS), ministry.place(),
                          now=ministry.now)
    assert (built.diff["answers"]["asked"], built.diff["answers"]["right"]) == (1, 1)
    ministry.publish(built.prepared, f"{HEALTH}-1")
    machine = Receiver(tmp_path / "machine")
    machine.repository.publish(HEALTH, texts_of(built), 1)
    machine.later(hours=1)
    assert machine.receive().activated == (f"{HEALTH}/1",)
    monkeypatch.setattr(suggest, "checked", lambda _assistant, _language, _give_way: {})
    snapshot, name = current_snapshot(machine.config, encoder=None)
    with snapshot:
        assistant = Assistant(snapshot, name, lambda: DAY + timedelta(days=1))
        packs = packs_in_use(machine.config)
        gathered = suggest.gathered_from(assistant, packs)
        answer = assistant.ask(suggest.like(gathered.lines["tg"], "кумакпулии моҳ")[0])
        assert QUESTION in list(suggest._released(snapshot, packs))
    machine.close()
    assert answer.question == QUESTION
    assert "858 сомонӣ" in answer.claims[0].text
    assert answer.claims[0].citations[0].document.id == f"note-1-{digest[:8]}"


def texts_of(built):
    """Return the files of the pack of a release that was built."""
    path, = (built.prepared.folder / "targets").glob("*/*.pack.zst")
    data = path.read_bytes()
    return read_pack(open_frame(data, length=announced_length(data)))


def test_nothing_that_is_only_worked_on_reaches_the_draft(clerk, tmp_path):
    clerk.begin()
    assert exported(clerk, tmp_path / "out")["documents"] == []
    assert not list(Draft(clerk.config.drafts / HEALTH).documents())
    with opened_store(clerk.config) as store:
        assert store.reviews.all(Standing.APPROVED) == ()
