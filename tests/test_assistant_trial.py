"""What one publisher, a broken folder or another process does to the releases of the others: nothing lasting."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from assistant import receive as receiving
from assistant import source_files as source_files_kept
from assistant import update
from assistant.admission import AdmissionError, read_admission
from assistant.holdings import ClashError, Pack, entries, packs_in_use
from assistant.source_files import keep_files
from assistant.update import current_snapshot
from corpora.draft import Draft
from corpora.errors import DamagedReleaseError
from corpora.errors import NoSpaceError as NoCorpusSpaceError
from corpora.ingest import ingest
from corpora.records import Act, DocumentStatus
from corpora.release import packed_files
from index import Generations
from index.errors import ExistingSnapshotError
from index.parts import alone
from sync import audit
from sync.errors import LockedError, NoSpaceError, PackError
from sync.lock import only_one
from sync.outbox import Outbox
from sync.outcome import Progress
from sync.release import PackKind
from tests.disk import everything
from tests.entries import entry
from tests.receiving import ASKED, FEE, HEALTH, LABOUR, Receiver, asking, bees, fishing, texts

ENDING = entry("order", "Қарори Ҳукумати Ҷумҳурии Тоҷикистон аз 27 майи соли 2020, № 294\nҚарори Ҳукумати Ҷумҳурии "
               "Тоҷикистон аз 30 апрели соли 2010, № 203 аз эътибор соқит дониста шавад.", title="Қарор",
               act=Act("қарори Ҳукумати Ҷумҳурии Тоҷикистон", "294", "2020-05-27"), status="in_force")
DECREE = Act("қарори Ҳукумати Ҷумҳурии Тоҷикистон", "203", "2010-04-30")


@pytest.fixture
def machine(tmp_path):
    machine = Receiver(tmp_path)
    yield machine
    machine.close()


def standing(machine):
    return everything(machine.config.generations), machine.held(), machine.client.state.withdrawn()


def source_files(tmp_path, number):
    """Return the source files of one paper, as they travel."""
    paper = tmp_path / "paper.txt"
    paper.write_text(f"Матни рақами {number} аст.", encoding="utf-8")
    ingest([paper], Draft(tmp_path / "draft"))
    return packed_files(Draft(tmp_path / "draft").documents(), corpus="health", number=number)


# --- what a publisher may do to others -----------------------------------------------------------------------------

def test_what_the_program_stumbles_over_is_refused_and_does_not_hold_the_others(machine, monkeypatch):
    def stumbling(config, packs):
        if any(pack.publisher == HEALTH for pack in packs):
            raise OverflowError("date value out of range")
        return entries(config, packs)

    monkeypatch.setattr(receiving, "entries", stumbling)
    machine.repository.publish(HEALTH, texts(1, fishing(40)), 1)
    received = machine.release(1, bees(), publisher=LABOUR)
    assert received.activated == ("min-labour/1",)
    (refused,) = received.refused
    assert (refused.publisher, refused.code) == (HEALTH, "failed")
    assert refused.reason == "this program stumbles over it: OverflowError('date value out of range')"
    assert machine.documents() == {"bees": "min-labour/1"}


def test_a_fault_of_the_machine_is_not_laid_on_a_release(machine, monkeypatch):
    monkeypatch.setattr(receiving, "entries", lambda *_: (_ for _ in ()).throw(OSError(5, "Input/output error")))
    with pytest.raises(OSError, match="Input/output"):
        machine.release(1, fishing(40))
    assert machine.client.state.refused() == {}


def test_a_text_of_another_publisher_does_not_end_what_a_person_said_holds(machine):
    decree = replace(fishing(40).document, act=DECREE, status=DocumentStatus.IN_FORCE)
    machine.release(1, replace(fishing(40), document=decree))
    machine.release(1, ENDING, publisher=LABOUR)
    snapshot, _ = current_snapshot(machine.config, encoder=None)
    with snapshot:
        assert snapshot.document("fishing") == decree


def test_a_text_of_another_publisher_ends_an_act_of_which_nobody_said_how_it_stands(machine):
    decree = replace(fishing(40).document, act=DECREE, status=DocumentStatus.UNKNOWN)
    machine.release(1, replace(fishing(40), document=decree))
    machine.release(1, ENDING, publisher=LABOUR)
    snapshot, _ = current_snapshot(machine.config, encoder=None)
    with snapshot:
        assert snapshot.document("fishing").status is DocumentStatus.VOID


def test_an_act_that_is_ended_is_not_ended_unseen_where_questions_are_asked(machine):
    decree = replace(fishing(40).document, act=DECREE, status=DocumentStatus.UNKNOWN)
    machine.release(1, replace(fishing(40), document=decree), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    received = machine.release(1, ENDING, publisher=LABOUR)
    assert [(one.publisher, one.code) for one in received.refused] == [(LABOUR, "admission")]


def test_a_question_that_nobody_can_ask_counts_as_wrong(machine):
    received = machine.release(1, fishing(40), admission=asking(("\x01\x02?", [], []), (ASKED, ["fishing"], [])))
    assert [one.code for one in received.refused] == ["admission"]
    assert "1 of the 2" in received.refused[0].reason


def test_a_pack_of_files_under_the_name_of_texts_is_refused(machine, tmp_path):
    machine.repository.publish(HEALTH, source_files(tmp_path, 1), 1, kind=PackKind.FILES)
    (refused,) = machine.receive().refused
    assert (refused.code, machine.held()) == ("admission", {})
    assert not (machine.config.data_dir / "files").exists()


# --- what is empty, and who is gone --------------------------------------------------------------------------------

def test_a_release_without_documents_is_refused_where_nothing_else_would_answer(machine):
    machine.release(1, fishing(40))
    before = standing(machine)
    (refused,) = machine.release(2).refused
    assert (refused.code, refused.reason) == ("no_snapshot", "there are no documents to build from")
    assert refused.hint.startswith("Nothing can be done about it on this machine")
    assert standing(machine) == before


def test_a_publisher_may_take_all_its_own_documents_back(machine):
    machine.release(1, fishing(40))
    machine.release(1, bees(), publisher=LABOUR)
    assert machine.release(2).activated == ("min-health/2",)
    assert machine.documents() == {"bees": "min-labour/1"}


def test_what_a_publisher_released_that_is_no_publisher_any_more_is_out_of_use(machine):
    machine.release(1, fishing(40))
    machine.release(1, bees(), publisher=LABOUR)
    machine.dismiss(LABOUR)
    received = machine.receive()
    assert (received.dropped, received.refused, received.failed) == ((LABOUR,), (), False)
    assert (machine.documents(), machine.held()) == ({"fishing": "min-health/1"}, {HEALTH: 1})
    assert not list((machine.config.data_dir / "sync" / "packs" / LABOUR).iterdir())
    assert "min-labour is no publisher any more: its documents are out of use" in received.lines()
    assert json.loads(json.dumps(received.to_json()))["dropped"] == [LABOUR]
    records = map(json.loads, audit.AuditLog(Outbox(machine.client.state.connection)).records())
    assert [one["detail"] for one in records if one["action"] == "revoked"] == [{"publisher": LABOUR}]
    before = standing(machine)
    assert machine.receive().dropped == ()
    assert standing(machine) == before


def test_documents_pass_to_a_publisher_that_takes_the_place_of_another(machine):
    machine.release(1, bees(), publisher=LABOUR)
    machine.dismiss(LABOUR)
    assert machine.release(1, bees(), fishing(40)).activated == ("min-health/1",)
    assert machine.documents() == {"bees": "min-health/1", "fishing": "min-health/1"}
    assert machine.held() == {HEALTH: 1}


def test_the_last_publisher_goes_only_when_another_takes_its_place(machine):
    machine.release(1, fishing(40))
    machine.dismiss(HEALTH)
    assert machine.receive().dropped == ()
    assert machine.found()[0] == FEE.format(40)
    assert machine.release(1, bees(), publisher=LABOUR).dropped == (HEALTH,)
    assert machine.documents() == {"bees": "min-labour/1"}


# --- what happens to the machine -----------------------------------------------------------------------------------

def test_while_another_process_builds_what_arrived_waits(machine):
    machine.release(1, fishing(40))
    before = standing(machine)
    with alone(machine.config.generations), pytest.raises(ExistingSnapshotError):
        machine.release(2, fishing(50))
    assert (standing(machine), machine.client.state.refused()) == (before, {})
    assert machine.receive().activated == ("min-health/2",)


def test_a_refusal_is_noted_whole_or_not_at_all(machine, monkeypatch):
    machine.release(1, fishing(40))
    before = standing(machine)
    wrong = asking((ASKED, ["fishing"], ["40 сомонӣ"]))
    with monkeypatch.context() as patch:
        patch.setattr(audit.AuditLog, "record", lambda *_: (_ for _ in ()).throw(NoSpaceError("no space left")))
        with pytest.raises(NoSpaceError):
            machine.release(2, fishing(50), admission=wrong)
    assert (standing(machine), machine.client.state.refused()) == (before, {})
    assert [one.code for one in machine.receive().refused] == ["admission"]
    assert standing(machine) == before


def test_what_was_refused_before_is_told_with_a_next_step(machine):
    machine.release(1, fishing(40), admission=asking((ASKED, ["fishing"], ["50 сомонӣ"])))
    received = machine.receive()
    assert [one.code for one in received.refused] == ["refused_before"]
    assert list(received.lines())[1].startswith("  → Nothing can be done about it on this machine")


def test_where_the_database_is_lost_the_next_contact_brings_everything_back(machine):
    machine.release(1, fishing(40), bees())
    machine.repository.revoke("bees", "it was wrong")
    machine.receive()
    machine.close()
    for path in (machine.config.data_dir / "sync").glob("state.db*"):
        path.unlink()
    machine.restart()
    received = machine.receive()
    assert (received.activated, machine.held()) == (("min-health/1",), {HEALTH: 1})
    assert machine.documents() == {"fishing": "min-health/1"}


def test_a_clock_that_falls_back_years_dates_no_record_before_what_was_signed(machine):
    machine.release(1, fishing(40))
    machine.now -= timedelta(days=4000)
    assert machine.release(2, fishing(50)).activated == ("min-health/2",)
    log = audit.AuditLog(Outbox(machine.client.state.connection))
    assert [json.loads(record)["day"] for record in log.records()] == ["2026-11-25"] * 2
    assert audit.verify_chain(log.records(), Outbox(machine.client.state.connection).key.id, log.head()) == ()


def test_a_damaged_snapshot_is_built_again_though_an_older_one_answers(machine):
    machine.release(1, fishing(40))
    machine.release(2, fishing(50))
    path = machine.config.generations / "0002" / "passages.sqlite"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert machine.found()[0] == FEE.format(40)
    received = machine.receive()
    assert received.report.of(HEALTH).progress is Progress.UNCHANGED
    assert machine.found()[0] == FEE.format(50)
    assert Generations(machine.config.generations).current(verify=True) == 3


def test_what_was_let_in_before_is_built_again_whatever_its_questions_say(machine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(receiving.Trial, "check", lambda *_: None)
        machine.release(1, fishing(40), admission=asking((ASKED, ["fishing"], ["what nobody says"])))
    for path in machine.config.generations.glob("0*/passages.sqlite"):
        path.unlink()
    assert machine.release(1, bees(), publisher=LABOUR).activated == ("min-labour/1",)
    assert machine.documents() == {"fishing": "min-health/1", "bees": "min-labour/1"}


def test_what_an_operator_went_back_to_stays(machine):
    machine.release(1, fishing(40))
    machine.release(2, fishing(50))
    Generations(machine.config.generations).roll_back()
    machine.receive()
    assert machine.found()[0] == FEE.format(40)


def test_why_nothing_can_be_built_is_told_where_no_release_is_to_blame(machine, monkeypatch):
    machine.release(1, fishing(40))
    for path in machine.config.generations.glob("0*/passages.sqlite"):
        path.unlink()
    monkeypatch.setattr(update, "build_snapshot", lambda *_, **__: (_ for _ in ()).throw(ClashError("two of one id")))
    with pytest.raises(ClashError, match="two of one id"):
        machine.receive()


def test_a_folder_of_files_that_cannot_be_used_holds_no_texts(tmp_path):
    machine = Receiver(tmp_path, publishers=(HEALTH, "min-health.files"))
    (machine.config.data_dir / "files").write_text("not a folder", encoding="utf-8")
    machine.repository.publish("min-health.files", source_files(tmp_path, 1), 1, kind=PackKind.FILES)
    with pytest.raises(OSError, match="files"):
        machine.release(1, fishing(40))
    assert (machine.found()[0], machine.held()) == (FEE.format(40), {HEALTH: 1})
    assert machine.client.state.refused() == {}
    machine.close()


def test_one_process_at_a_time_takes_releases(machine):
    machine.repository.publish(HEALTH, texts(1, fishing(40)), 1)
    with only_one(machine.config.data_dir / "sync" / "receive.lock"), pytest.raises(LockedError):
        machine.receive()
    assert (machine.held(), machine.client.state.attempts()) == ({}, ())


def test_what_was_damaged_on_the_disk_is_not_laid_on_its_release(machine, monkeypatch):
    machine.repository.publish(HEALTH, texts(1, fishing(40)), 1)
    fetch = machine.client.sync

    def damaging():
        report = fetch()
        report.staged[0].path.write_bytes(b"what the disk made of it")
        return report

    with monkeypatch.context() as patch:
        patch.setattr(machine.client, "sync", damaging)
        with pytest.raises(PackError, match="was damaged on this machine"):
            machine.receive()
    assert machine.client.state.refused() == {}
    assert machine.receive().activated == ("min-health/1",)


def test_what_was_refused_is_tried_again_with_another_program_or_other_neighbours(machine, monkeypatch):
    machine.release(1, fishing(40), admission=asking((ASKED, ["fishing"], ["50 сомонӣ"])))
    assert [one.code for one in machine.receive().refused] == ["refused_before"]
    assert [one.code for one in machine.release(1, bees(), publisher=LABOUR).refused] == ["admission"]
    assert [one.code for one in machine.receive().refused] == ["refused_before"]
    with monkeypatch.context() as patch:
        patch.setattr(receiving, "version", lambda _: "99")
        assert [one.code for one in machine.receive().refused] == ["admission"]
    assert [one.code for one in machine.receive().refused] == ["admission"]
    machine.config = replace(machine.config, encoder="static")
    assert [one.code for one in machine.receive().refused] == ["admission"]


def test_a_question_about_a_document_that_is_withdrawn_here_holds_no_release(machine):
    machine.release(1, fishing(40), bees())
    machine.repository.revoke("fishing", "it was wrong")
    received = machine.release(2, fishing(50), bees(), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    assert received.activated == ("min-health/2",)
    assert machine.documents() == {"bees": "min-health/2"}


def test_files_that_another_publisher_names_stay(tmp_path):
    machine = Receiver(tmp_path, publishers=("min-health.files", "min-labour.files"))
    for number, publisher in enumerate(("min-health.files", "min-labour.files"), 1):
        machine.repository.publish(publisher, source_files(tmp_path, number), 1, kind=PackKind.FILES)
        machine.receive()
    assert len(list((machine.config.data_dir / "files").iterdir())) == 2
    machine.close()


def test_without_room_for_files_they_wait(tmp_path, monkeypatch):
    machine = Receiver(tmp_path, publishers=(HEALTH, "min-health.files"))
    machine.repository.publish("min-health.files", source_files(tmp_path, 1), 1, kind=PackKind.FILES)
    with monkeypatch.context() as patch:
        patch.setattr(source_files_kept, "write_whole", lambda *_: (_ for _ in ()).throw(NoCorpusSpaceError("full")))
        with pytest.raises(NoCorpusSpaceError):
            machine.release(1, fishing(40))
    assert (machine.held(), machine.client.state.refused()) == ({HEALTH: 1}, {})
    assert machine.receive().activated == ("min-health.files/1",)
    machine.close()


# --- small parts ---------------------------------------------------------------------------------------------------

def test_source_files_that_are_not_well_made_change_nothing(tmp_path):
    folder = tmp_path / "files"
    keep_files(folder, source_files(tmp_path, 1), ())
    before = everything(folder)
    with pytest.raises(DamagedReleaseError):
        keep_files(folder, source_files(tmp_path, 2) | {"files/more": b"what nobody announced"}, ())
    assert everything(folder) == before


def test_a_pack_is_read_only_while_it_is_what_was_verified(machine):
    machine.release(1, fishing(40))
    (pack,) = packs_in_use(machine.config)
    with pytest.raises(PackError, match="was damaged on this machine"):
        Pack(pack.publisher, pack.number, "0" * 64, pack.path).contents()


def test_a_snapshot_that_lacks_passages_is_not_let_in(machine):
    with update.candidate(machine.config, [fishing(40)]) as built, pytest.raises(AdmissionError, match="2 passages"):
        receiving.Trial(machine.config, [], [], passages=3).check(built)


def test_questions_for_no_day_are_not_read():
    with pytest.raises(AdmissionError):
        read_admission(asking((ASKED, [], [])).replace(b"2026-11-25", b"2026-02-30"))
