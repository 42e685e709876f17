"""A release that arrived is tried before it answers; what does not pass leaves everything as it was."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from assistant import receive as receiving
from assistant import update
from assistant.holdings import packs_in_use
from assistant.status import read_status
from corpora.draft import Draft
from corpora.ingest import ingest
from corpora.release import packed_files
from index import Generations
from index.errors import NoSpaceError
from sync.audit import AuditLog, verify_chain
from sync.errors import SyncError
from sync.outbox import Outbox
from sync.outcome import Progress
from sync.release import PackKind
from tests.disk import everything
from tests.receiving import ASKED, FEE, HEALTH, LABOUR, Receiver, asking, bees, fishing, remade, texts


@pytest.fixture
def machine(tmp_path):
    machine = Receiver(tmp_path)
    yield machine
    machine.close()


def standing(machine):
    return everything(machine.config.generations), machine.held(), machine.client.state.withdrawn()


def records(machine):
    log = AuditLog(Outbox(machine.client.state.connection))
    assert verify_chain(log.records(), Outbox(machine.client.state.connection).key.id, log.head()) == ()
    return [(plain["action"], plain["detail"]) for plain in map(json.loads, log.records())]


def test_the_first_release_answers_and_says_which_it_is(machine):
    received = machine.release(1, fishing(40), bees())
    assert (received.activated, received.refused, received.generation) == (("min-health/1",), (), 1)
    assert machine.found()[0] == FEE.format(40)
    assert machine.documents() == {"fishing": "min-health/1", "bees": "min-health/1"}
    assert records(machine) == [("activated", {"release": "min-health/1", "generation": "1"})]


def test_a_later_release_takes_its_place_and_the_one_before_is_kept(machine):
    for number, fee in ((1, 40), (2, 50), (3, 60)):
        machine.release(number, fishing(fee))
    assert machine.found()[0] == FEE.format(60)
    assert [one.number for one in Generations(machine.config.generations).list()] == [2, 3]
    assert machine.held() == {HEALTH: 3}
    assert len(packs_in_use(machine.config)) == 1


def test_where_nothing_is_new_nothing_is_built(machine):
    machine.release(1, fishing(40))
    before = standing(machine)
    received = machine.receive()
    assert (received.activated, received.failed) == ((), False)
    assert received.report.of(HEALTH).progress is Progress.UNCHANGED
    assert standing(machine) == before


def test_the_releases_of_all_publishers_answer_together(machine):
    machine.repository.publish(HEALTH, texts(1, fishing(40)), 1)
    received = machine.release(7, bees(), publisher=LABOUR)
    assert received.activated == ("min-health/1", "min-labour/7")
    assert machine.documents() == {"fishing": "min-health/1", "bees": "min-labour/7"}
    assert machine.generation == 1


def test_admission_questions_that_are_answered_let_a_release_in(machine):
    questions = asking((ASKED, ["fishing"], ["40 сомонӣ"]), ("Нархи тилло дар Лондон чанд аст?", [], []))
    received = machine.release(1, fishing(40), bees(), admission=questions)
    assert (received.refused, machine.held()) == ((), {HEALTH: 1})


def test_a_release_that_fails_its_own_questions_is_refused_and_the_old_one_answers(machine):
    machine.release(1, fishing(40), bees())
    before = standing(machine)
    received = machine.release(2, fishing(50), bees(), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    assert [(one.publisher, one.number, one.code) for one in received.refused] == [(HEALTH, 2, "admission")]
    assert "0 of the 1 admission questions of min-health/2" in received.refused[0].reason
    assert standing(machine) == before
    assert machine.found()[0] == FEE.format(40)
    assert records(machine)[-1] == ("refused", {"release": "min-health/2", "code": "admission"})


def test_what_was_refused_is_told_again_and_not_tried_again(machine, monkeypatch):
    machine.release(1, fishing(40))
    machine.release(2, fishing(50), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    monkeypatch.setattr(receiving, "candidate", lambda *_, **__: pytest.fail("it was built again"))
    received = machine.receive()
    assert [(one.number, one.code) for one in received.refused] == [(2, "refused_before")]
    assert machine.held() == {HEALTH: 1}


def test_a_release_that_mends_a_refused_one_is_taken(machine):
    machine.release(1, fishing(40))
    machine.release(2, fishing(50), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    received = machine.release(3, fishing(50), admission=asking((ASKED, ["fishing"], ["50 сомонӣ"])))
    assert received.activated == ("min-health/3",)
    assert machine.client.state.refused() == {}


def test_one_publisher_that_is_refused_does_not_hold_the_others(machine):
    machine.repository.publish(HEALTH, texts(1, fishing(40), admission=asking((ASKED, ["bees"], ["1"]))), 1)
    received = machine.release(1, bees(), publisher=LABOUR)
    assert (received.activated, [one.publisher for one in received.refused]) == (("min-labour/1",), [HEALTH])
    assert machine.documents() == {"bees": "min-labour/1"}


def test_a_document_that_two_publishers_release_is_refused_to_the_second(machine):
    machine.release(1, fishing(40))
    before = standing(machine)
    received = machine.release(1, fishing(1), publisher=LABOUR)
    assert [(one.publisher, one.code) for one in received.refused] == [(LABOUR, "document_clash")]
    assert standing(machine) == before


def test_a_release_that_draws_the_questions_of_another_to_itself_is_refused(machine):
    machine.release(1, fishing(40), bees(), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    greedy = [fishing(1, name=f"greedy-{number}") for number in range(6)]
    received = machine.release(1, *greedy, publisher=LABOUR)
    assert [(one.publisher, one.code) for one in received.refused] == [(LABOUR, "admission")]
    assert machine.documents() == {"fishing": "min-health/1", "bees": "min-health/1"}


def test_a_neighbour_that_fails_already_does_not_hold_anybody(machine, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(receiving.Trial, "check", lambda *_: None)
        machine.release(1, fishing(40), admission=asking((ASKED, ["fishing"], ["what nobody says"])))
    assert machine.release(1, bees(), publisher=LABOUR).activated == ("min-labour/1",)


@pytest.mark.parametrize("spoil", [
    lambda files: remade(files, documents=files["documents.jsonl"].replace(b'"title":"', b'"title":5,"x":"')),
    lambda files: remade(files, documents=files["documents.jsonl"].replace(b'valid_from":null', b'valid_from":"soon"')),
    lambda files: files | {"documents.jsonl": b'{"id": 5}\n'},
    lambda files: files | {"passages.jsonl": files["passages.jsonl"].replace(b'"end":', b'"end":9')},
    lambda files: {name: data for name, data in files.items() if name != "passages.jsonl"},
    lambda files: files | {"more.txt": b"what nobody announced"},
    lambda files: files | {"release.json": b"[]"}])
def test_texts_that_are_signed_but_not_well_made_are_refused(machine, spoil):
    machine.release(1, fishing(40))
    before = standing(machine)
    machine.repository.publish(HEALTH, spoil(texts(2, fishing(50))), 2)
    received = machine.receive()
    assert [one.code for one in received.refused] == ["damaged_release"]
    assert standing(machine) == before


def test_two_documents_of_one_id_in_a_release_are_refused(machine):
    files = texts(1, fishing(40))
    machine.repository.publish(HEALTH, remade(files, documents=files["documents.jsonl"] * 2), 1)
    (refused,) = machine.receive().refused
    assert (refused.code, refused.reason) == ("damaged_release", "fishing is among the documents twice")
    assert machine.generation is None


def test_a_withdrawn_document_is_gone_at_the_next_contact_whichever_generation_answers(machine):
    machine.release(1, fishing(40), bees())
    machine.release(2, fishing(50), bees())
    machine.repository.revoke("fishing", "the fee was wrong")
    machine.receive()
    assert machine.documents() == {"bees": "min-health/2"}
    assert FEE.format(50) not in machine.found()
    Generations(machine.config.generations).roll_back()
    assert machine.documents() == {"bees": "min-health/1"}
    assert ("revoked", {"document": "fishing"}) in records(machine)


def test_after_a_roll_back_the_release_that_answers_is_named_beside_the_one_held(machine):
    machine.release(1, fishing(40))
    machine.release(2, fishing(50))
    machine.release(1, bees(), publisher=LABOUR)
    before = [f"{HEALTH}: release 2 (sequence 2), issued today", f"{LABOUR}: release 1 (sequence 1), issued today"]
    assert said(machine) == before
    generations = Generations(machine.config.generations)
    generations.roll_back()
    assert said(machine) == [before[0], f"{before[1]}, is held; none of its releases answers"]
    assert f"{HEALTH}: release 2 is in use" in machine.receive().lines()
    machine.release(3, fishing(60))
    generations.roll_back()
    received, held = machine.receive(), machine.held()
    assert f"{HEALTH}: release 3 is held, release 2 answers" in received.lines()
    assert received.to_json()["answers"] == {HEALTH: 2, LABOUR: 1}
    assert said(machine)[0] == f"{HEALTH}: release 3 (sequence 3), issued today, is held; release 2 answers"
    assert machine.held() == held == {HEALTH: 3, LABOUR: 1}


def test_back_before_the_first_release_none_is_said_to_answer(machine, tmp_path):
    (tmp_path / "note.txt").write_text("Қоидаи дохилӣ.", encoding="utf-8")
    ingest([tmp_path / "note.txt"], Draft(machine.config.drafts / "local"))
    update.build(machine.config, wait=True)
    machine.release(1, fishing(40))
    assert said(machine) == [f"{HEALTH}: release 1 (sequence 1), issued today"]
    Generations(machine.config.generations).roll_back()
    assert said(machine) == [f"{HEALTH}: release 1 (sequence 1), issued today, is held; none of its releases answers"]


def said(machine):
    """Return what the status says of each publisher's release."""
    status = read_status(machine.config, machine.now)
    return [known.line(status.moment) for known in status.releases]


def test_a_publisher_withdraws_its_own_documents_only(machine):
    machine.release(1, fishing(40))
    machine.release(1, bees(), publisher=LABOUR)
    machine.repository.revoke("fishing", "not ours to say", publisher=LABOUR)
    machine.repository.revoke("bees", "it was wrong", publisher=LABOUR)
    machine.receive()
    assert machine.documents() == {"fishing": "min-health/1"}


def test_the_power_goes_before_a_release_is_noted_and_the_next_attempt_takes_it(machine, monkeypatch):
    machine.release(1, fishing(40))
    with monkeypatch.context() as patch:
        patch.setattr(machine.client.state, "hold", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            machine.release(2, fishing(50))
    machine.restart()
    assert (machine.found()[0], machine.held()) == (FEE.format(40), {HEALTH: 1})
    assert machine.receive().activated == ("min-health/2",)
    assert (machine.generation, machine.held()) == (2, {HEALTH: 2})


def test_the_power_goes_between_noting_and_activating_and_the_next_attempt_builds_it(machine, monkeypatch):
    machine.release(1, fishing(40))
    with monkeypatch.context() as patch:
        patch.setattr(update.Candidate, "activate", lambda _: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            machine.release(2, fishing(50))
    machine.restart()
    assert (machine.found()[0], machine.held()) == (FEE.format(40), {HEALTH: 2})
    machine.repository.publish(HEALTH, texts(3, fishing(60), admission=asking((ASKED, ["bees"], ["1"]))), 3)
    received = machine.receive()
    assert ([one.number for one in received.refused], machine.found()[0]) == ([3], FEE.format(50))
    assert ("activated", {"release": "those in use", "generation": "2"}) in records(machine)
    assert machine.client.state.is_unbuilt() is False


def test_a_candidate_that_the_power_left_behind_never_answers(machine, monkeypatch):
    machine.release(1, fishing(40))
    with monkeypatch.context() as patch:
        patch.setattr(receiving.Trial, "check", lambda *_: (_ for _ in ()).throw(SystemExit))
        patch.setattr("index.generations.remove_folder", lambda _: False)
        with pytest.raises(SystemExit):
            machine.release(2, fishing(50))
    generations = Generations(machine.config.generations)
    assert (generations.root / "candidate").is_dir()
    assert [one.number for one in generations.list()] == [1]
    (generations.root / "CURRENT").write_bytes(b"damaged")
    assert machine.found()[0] == FEE.format(40)
    assert machine.receive().activated == ("min-health/2",)
    assert not (generations.root / "candidate").exists()


def test_without_room_what_arrived_waits(machine, monkeypatch):
    machine.release(1, fishing(40))
    before = standing(machine)

    def full(*_, **__):
        raise NoSpaceError("no space left while building")

    with monkeypatch.context() as patch:
        patch.setattr(update, "build_snapshot", full)
        with pytest.raises(NoSpaceError):
            machine.release(2, fishing(50))
    assert (standing(machine), machine.client.state.refused()) == (before, {})
    assert machine.receive().activated == ("min-health/2",)


def test_a_repository_that_is_refused_as_a_whole_changes_nothing(machine):
    machine.release(1, fishing(40))
    before = standing(machine)
    machine.repository.files["metadata/timestamp.json"] = b"{}"
    with pytest.raises(SyncError):
        machine.receive()
    assert standing(machine) == before


def test_a_pack_that_was_damaged_on_the_disk_is_fetched_again(machine):
    machine.release(1, fishing(40), bees())
    (pack,) = (machine.config.data_dir / "sync" / "packs" / HEALTH).glob("*.pack")
    pack.write_bytes(pack.read_bytes()[:-1])
    assert packs_in_use(machine.config) == []
    received = machine.receive()
    assert received.activated == ("min-health/1",)
    assert (machine.generation, len(packs_in_use(machine.config))) == (1, 1)


def test_where_no_generation_answers_one_is_built_from_what_is_in_use(machine):
    machine.release(1, fishing(40))
    for path in machine.config.generations.glob("0*/passages.sqlite"):
        path.unlink()
    assert machine.receive().generation == 2
    assert machine.found()[0] == FEE.format(40)


def test_a_draft_of_this_machine_stands_in_place_of_a_released_document(machine, tmp_path):
    machine.release(1, fishing(40), bees())
    paper = tmp_path / "fishing.txt"
    paper.write_text(FEE.format(99), encoding="utf-8")
    (tmp_path / "fishing.txt.toml").write_text('id = "fishing"\n', encoding="utf-8")
    ingest([paper], Draft(machine.config.drafts / "local"))
    update.build(machine.config, wait=True)
    assert machine.documents() == {"fishing": "", "bees": "min-health/1"}


def test_source_files_arrive_by_their_own_publisher_and_only_those_named_are_kept(tmp_path):
    machine = Receiver(tmp_path, publishers=("min-health", "min-health.files"))
    draft, folder = Draft(tmp_path / "draft"), machine.config.data_dir / "files"
    names = []
    for number, text in ((1, "Матни якум аст."), (2, "Матни дуюм аст.")):
        (tmp_path / "paper.txt").write_text(text, encoding="utf-8")
        ingest([tmp_path / "paper.txt"], draft)
        packed = packed_files(draft.documents(), corpus="health", number=number)
        machine.repository.publish("min-health.files", packed, number, kind=PackKind.FILES)
        assert machine.receive().activated == (f"min-health.files/{number}",)
        names.append([path.name for path in folder.iterdir()])
    assert len(names[0]) == 1
    assert names[0] != names[1]
    assert names[1] == [entry.document.sha256 for entry in draft.documents()]
    assert machine.generation is None
    machine.release(1, fishing(40))
    assert said(machine)[1] == "min-health.files: release 2 (sequence 2), issued today"
    machine.close()


def test_texts_under_the_name_of_source_files_are_refused(tmp_path):
    machine = Receiver(tmp_path, publishers=("min-health.files",))
    machine.repository.publish("min-health.files", texts(1, fishing(40)), 1)
    assert [one.code for one in machine.receive().refused] == ["admission"]
    assert (machine.generation, machine.held()) == (None, {})
    machine.close()


def test_what_came_of_it_is_told_in_words_and_as_an_object(machine):
    received = machine.release(1, fishing(40), bees())
    assert next(received.lines()) == "min-health: release 1 is in use now"
    assert json.loads(json.dumps(received.to_json()))["activated"] == ["min-health/1"]
    refused = machine.release(2, fishing(50), admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    lines = list(refused.lines())
    assert lines[0].startswith("min-health: release 2 was refused: 0 of the 1 admission questions")
    assert refused.failed


@pytest.mark.parametrize(("victim", "greedy"), [(LABOUR, HEALTH), (HEALTH, LABOUR)])
def test_a_new_machine_takes_the_victim_and_refuses_what_drew_its_questions(machine, victim, greedy):
    machine.repository.publish(victim, texts(1, fishing(40), bees(),
                                             admission=asking((ASKED, ["fishing"], ["40 сомонӣ"]))), 1)
    stuffed = [fishing(1, name=f"greedy-{number}") for number in range(6)]
    received = machine.release(1, *stuffed, publisher=greedy)
    assert (received.activated, [one.publisher for one in received.refused]) == ((f"{victim}/1",), [greedy])
    assert machine.documents() == {"fishing": f"{victim}/1", "bees": f"{victim}/1"}


def test_what_was_refused_is_tried_again_in_the_round_that_takes_the_cause_away(machine):
    stuffed = [fishing(1, name=f"greedy-{number}") for number in range(6)]
    machine.release(1, *stuffed)
    refused = machine.release(1, fishing(40), publisher=LABOUR, admission=asking((ASKED, ["fishing"], ["40 сомонӣ"])))
    assert [one.publisher for one in refused.refused] == [LABOUR]
    received = machine.release(2, bees())
    assert (set(received.activated), received.refused) == ({"min-health/2", "min-labour/1"}, ())
    assert machine.documents() == {"bees": "min-health/2", "fishing": "min-labour/1"}


def test_a_build_that_began_before_a_release_arrived_does_not_put_the_old_one_back(machine, monkeypatch):
    machine.release(1, fishing(40))
    lacking = update._lacking

    def meanwhile(entries, known):
        monkeypatch.setattr(update, "_lacking", lacking)
        machine.release(2, fishing(50))
        return False

    machine.config = replace(machine.config, encoder="static")
    monkeypatch.setattr(update, "_lacking", meanwhile)
    update.build(machine.config, wait=True)
    assert (machine.documents(), machine.held()) == ({"fishing": "min-health/2"}, {HEALTH: 2})
