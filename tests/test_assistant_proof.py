"""`ask --proof` and `verify`: what a kiosk can prove of its answers, and what it says where it cannot.

`pytest tests/test_assistant_proof.py --rewrite-golden` writes the golden proof anew.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from assistant.answer import Assistant
from assistant.cited import cited
from assistant.cli import app
from assistant.holdings import packs_in_use
from assistant.paper import About, Kind, Paper, paper_of
from assistant.proof import DOCUMENTS, NoProofError, prove
from assistant.qr import MOST_LETTERS, modules
from assistant.reference import Reference, references
from assistant.sheet import Size, sheet
from assistant.update import build, current_snapshot
from corpora.draft import Draft
from corpora.ingest import ingest
from sync.errors import NoSpaceError
from sync.proof.lines import Lines, Tree
from sync.proof.verify_proof import BrokenError, check
from sync.staging import Staging
from tests.disk import everything
from tests.receiving import ASKED, FEE, HEALTH, LABOUR, Receiver, bees, fishing, texts
from tests.repository_simulator import RepositorySimulator

GOLDEN = Path(__file__).parent / "golden"
runner = CliRunner()


@pytest.fixture
def machine(tmp_path):
    """A kiosk of a ministry whose root and targets want two signatures each; its second root is in force."""
    machine = Receiver(tmp_path)
    machine.repository = RepositorySimulator((HEALTH, LABOUR), thresholds={"root": 2, "targets": 2})
    machine.restart()
    machine.repository.rotate("timestamp")
    yield machine
    machine.close()


@pytest.fixture
def kiosk(machine):
    """The same with two releases in use."""
    machine.repository.publish(LABOUR, texts(7, bees(), corpus="labour"), 7)
    machine.release(1, fishing(40))
    (machine.config.data_dir / "root.json").write_bytes(machine.repository.trusted_root)
    return machine


def answered(machine, question=ASKED):
    snapshot, name = current_snapshot(machine.config, encoder=None)
    with snapshot:
        return Assistant(snapshot, name, lambda: date(2026, 11, 25)).ask(question)


def proven(machine, question=ASKED):
    return prove(machine.config, answered(machine, question))


def run(machine, *words):
    return runner.invoke(app, [*map(str, words), "--data-dir", str(machine.config.data_dir)])


def test_a_quote_of_a_release_is_proven_and_nothing_else_is_told(kiosk):
    before = everything(kiosk.config.generations), everything(kiosk.config.data_dir / "sync" / "chains")
    proof = proven(kiosk)
    found = check(json.dumps(proof).encode(), kiosk.repository.trusted_root)
    assert [one.quote for one in found] == [one["quote"] for one in proof["quotes"]]
    assert (found[0].release, found[0].document["id"]) == ("min-health/1", "fishing")
    assert list(proof["chains"]) == [HEALTH]
    assert ASKED not in json.dumps(proof, ensure_ascii=False)
    assert (everything(kiosk.config.generations), everything(kiosk.config.data_dir / "sync" / "chains")) == before


def test_the_golden_proof_is_what_is_written_today(kiosk, request):
    """A proof that somebody keeps has to be readable for years: this one was written once."""
    proof, root = GOLDEN / "proof.json", GOLDEN / "proof.root.json"
    if request.config.getoption("--rewrite-golden"):
        proof.write_text(json.dumps(proven(kiosk), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        root.write_bytes(kiosk.repository.trusted_root)
    assert json.loads(proof.read_bytes()) == proven(kiosk)
    assert root.read_bytes() == kiosk.repository.trusted_root


def test_a_proof_outlives_the_keys_that_signed_it(kiosk):
    proof = json.dumps(proven(kiosk)).encode()
    kiosk.repository.rotate("targets")
    kiosk.repository.rotate(HEALTH)
    kiosk.release(2, fishing(50))
    assert check(proof, kiosk.repository.trusted_root)[0].release == "min-health/1"
    assert check(json.dumps(proven(kiosk)).encode(), kiosk.repository.trusted_root)[0].release == "min-health/2"
    assert len(list((kiosk.config.data_dir / "sync" / "chains" / HEALTH).iterdir())) == 1


def test_what_only_a_draft_says_cannot_be_proven(tmp_path, machine):
    (tmp_path / "paper.txt").write_text(f"Боҷ\n\n{FEE.format(70)}\n", encoding="utf-8")
    (tmp_path / "paper.toml").write_text('title = "Иҷозатномаи моҳигирӣ"\nstatus = "in_force"\nlanguage = "tg"\n',
                                         encoding="utf-8")
    ingest([tmp_path / "paper.txt"], Draft(machine.config.drafts / "local"))
    build(machine.config, wait=True)
    assert answered(machine).claims
    with pytest.raises(NoProofError, match="no signed release") as refused:
        proven(machine)
    assert "A draft has no proof" in refused.value.hint


def test_words_are_not_proven_to_be_of_another_document_of_the_same_release(machine):
    """Both lines are the publisher's own; only they do not belong together."""
    machine.release(1, fishing(40), bees())
    proof, pack = proven(machine), packs_in_use(machine.config)[0]
    proof["quotes"][0] |= {"document_id": "bees", "document": Tree(pack.contents()).find(DOCUMENTS, "bees").to_json()}
    with pytest.raises(BrokenError) as broken:
        check(json.dumps(proof).encode(), machine.repository.trusted_root)
    assert (broken.value.link, broken.value.why) == ("document", "the ids differ")


def test_an_answer_that_cites_nothing_has_nothing_to_prove(kiosk):
    with pytest.raises(NoProofError, match="cites nothing"):
        proven(kiosk, "Нархи тилло дар Лондон чанд аст?")


def test_a_release_published_before_there_were_proofs_is_proven_once_it_is_published_again(machine):
    publish = machine.repository.publish_info
    machine.repository.publish_info = lambda info, targets: publish(replace(info, lines=None), targets)
    machine.release(1, fishing(40))
    with pytest.raises(NoProofError, match="no signed release"):
        proven(machine)
    machine.repository.publish_info = publish
    machine.release(2, fishing(40), bees())
    assert proven(machine)["quotes"][0]["release"]["number"] == 2


def test_a_release_whose_lines_are_others_than_it_says_is_not_taken(machine):
    machine.release(1, fishing(40))
    publish = machine.repository.publish_info
    machine.repository.publish_info = lambda info, targets: publish(replace(info, lines=Lines(2, "0" * 64)), targets)
    received = machine.release(2, fishing(50))
    assert "other lines" in str(received.report.of(HEALTH).error)
    assert machine.held() == {HEALTH: 1}
    assert proven(machine)["quotes"][0]["release"]["number"] == 1


@pytest.mark.parametrize("fault", [FileNotFoundError("2.root.json"), NoSpaceError("no space left")])
def test_a_release_is_used_although_its_proof_cannot_be_kept_and_the_next_attempt_keeps_it(fault, machine, monkeypatch):
    def fail(*_):
        raise fault

    with monkeypatch.context() as patch:
        patch.setattr(Staging, "put_chain", fail)
        assert machine.release(1, fishing(40)).activated == ("min-health/1",)
    with pytest.raises(NoProofError):
        proven(machine)
    assert machine.receive().activated == ()
    assert proven(machine)["quotes"][0]["release"]["number"] == 1


def test_ask_writes_a_proof_that_verify_takes(kiosk, tmp_path):
    asked = run(kiosk, "ask", ASKED, "--proof", "--generator", "extractive")
    assert asked.exit_code == 0, asked.output
    (tmp_path / "proof.json").write_text(asked.stdout, encoding="utf-8")
    for language, word in (("tg", "ДУРУСТ:"), ("ru", "ВЕРНО:"), ("en", "HOLDS:")):
        said = run(kiosk, "verify", tmp_path / "proof.json", "--language", language)
        assert said.exit_code == 0
        assert word in said.stdout
        assert "min-health/1" in said.stdout
    whole = json.loads(run(kiosk, "ask", ASKED, "--proof", "--json", "--generator", "extractive").stdout)
    assert whole["proof"] == json.loads(asked.stdout)
    assert whole["claims"][0]["citations"][0]["quote"] == whole["proof"]["quotes"][0]["quote"]


def test_verify_names_the_link_that_is_broken_in_three_languages(kiosk, tmp_path):
    proof = proven(kiosk)
    proof["quotes"][0]["passage"]["line"] = proof["quotes"][0]["passage"]["line"].replace("40", "90")
    (tmp_path / "proof.json").write_text(json.dumps(proof), encoding="utf-8")
    for language, word in (("tg", "порча дар нашр нест"), ("ru", "отрывка нет"), ("en", "does not stand")):
        said = run(kiosk, "verify", tmp_path / "proof.json", "--language", language)
        assert said.exit_code == 1
        assert word in said.stdout
    plain = json.loads(run(kiosk, "verify", tmp_path / "proof.json", "--json").stdout)
    assert (plain["holds"], plain["broken"], plain["quote"], plain["quotes"]) == (False, "passage", 1, [])


def test_verify_says_that_a_document_was_withdrawn_where_it_knows(kiosk, tmp_path):
    (tmp_path / "proof.json").write_text(json.dumps(proven(kiosk)), encoding="utf-8")
    kiosk.repository.revoke("fishing", "хато", publisher=HEALTH)
    kiosk.receive()
    plain = json.loads(run(kiosk, "verify", tmp_path / "proof.json", "--json").stdout)
    assert (plain["holds"], plain["quotes"][0]["withdrawn"]) == (True, {"day": "2026-11-25", "reason": "хато"})
    assert "БОЗПАС ГИРИФТА" in run(kiosk, "verify", tmp_path / "proof.json").stdout


def test_verify_trusts_no_root_but_the_one_that_is_given(kiosk, tmp_path):
    (tmp_path / "proof.json").write_text(json.dumps(proven(kiosk)), encoding="utf-8")
    other = RepositorySimulator((HEALTH,)).trusted_root
    (tmp_path / "other.json").write_bytes(other)
    said = run(kiosk, "verify", tmp_path / "proof.json", "--root", tmp_path / "other.json", "--json")
    assert (said.exit_code, json.loads(said.stdout)["broken"]) == (1, "root")
    (kiosk.config.data_dir / "root.json").unlink()
    said = run(kiosk, "verify", tmp_path / "proof.json", "--json")
    assert (said.exit_code, json.loads(said.stdout)["error"]["code"]) == (1, "config")
    with pytest.raises(BrokenError):
        check((tmp_path / "proof.json").read_bytes(), other)


# The code on a printed answer.

def named(machine):
    answer = answered(machine)
    return references(cited(answer), {"fishing": "min-health/1"}), answer


def test_the_code_of_a_printed_answer_is_found_again_where_its_release_is(kiosk):
    found, answer = named(kiosk)
    reference = next(found)
    assert len(str(reference)) <= 100
    said = json.loads(run(kiosk, "verify", "--qr", f"{reference}\n", "--json").stdout)
    assert (said["holds"], said["quotes"][0]["quote"]) == (True, answer.claims[0].citations[0].quote)
    assert said["quotes"][0]["release"] == "min-health/1"


@pytest.mark.parametrize(("change", "outcome"), [
    ({"number": 2}, "no_proof"), ({"publisher": LABOUR}, "no_proof"), ({"sha256": "1" * 64}, "document"),
    ({"passage": "9"}, "passage"), ({"span": (0, 900)}, "quote"), ({"span": (5, 5)}, "quote")])
def test_a_code_that_was_changed_is_not_found_and_says_why(change, outcome, kiosk):
    reference = replace(next(named(kiosk)[0]), **change)
    said = run(kiosk, "verify", "--qr", str(reference), "--json")
    plain = json.loads(said.stdout)
    assert said.exit_code == 1
    assert outcome in (plain.get("broken"), plain.get("error", {}).get("code"))


def test_words_without_a_reference_are_told_from_a_broken_one(kiosk):
    said = run(kiosk, "verify", "--qr", "Ба ҳолати 25 ноябри соли 2026", "--json")
    assert (said.exit_code, json.loads(said.stdout)["error"]["code"]) == (1, "could_not")
    assert run(kiosk, "verify").exit_code == 2


def test_a_paper_has_a_code_to_check_it_by_where_its_documents_were_released(kiosk):
    answer = answered(kiosk)
    paper = paper_of(answer, About({"fishing": "min-health/1"}))
    assert len(paper.check) <= MOST_LETTERS
    assert [str(one) for one in Reference.read(paper.check)] == paper.check.split("\n")
    assert paper_of(answer, About({"fishing": ""})).check == ""


@pytest.mark.parametrize("size", list(Size))
def test_the_code_on_a_sheet_is_drawn_as_it_is(size, kiosk):
    paper = paper_of(answered(kiosk), About({"fishing": "min-health/1"}))
    rows = modules(paper.check)
    alone = Paper("tg", tuple(block for block in paper.blocks if block.kind is Kind.CODE))
    document = pypdfium2.PdfDocument(sheet(alone, size))
    picture = document[0].render(scale=8).to_numpy()[:, :, 0]
    document.close()
    left, top = (20.0, 18.0) if size is Size.A4 else (4.0, 4.0)
    one, dots = 36 / (len(rows) + 8), 8 * 72 / 25.4
    above = 1.5 if size is Size.A4 else 1.0
    seen = [[picture[int((top + above + (down + 4.5) * one) * dots), int((left + (right + 4.5) * one) * dots)] < 128
             for right in range(len(rows))] for down in range(len(rows))]
    assert seen == [[bool(black) for black in row] for row in rows]


@given(st.builds(Reference, st.from_regex("[a-z0-9][a-z0-9._-]{0,30}", fullmatch=True), st.integers(0, 10**9),
                 st.binary(min_size=32, max_size=32).map(bytes.hex),
                 st.from_regex("[0-9a-f]{10}(\\.2)?", fullmatch=True),
                 st.tuples(st.integers(0, 10**6), st.integers(0, 10**6))))
def test_a_reference_reads_as_it_was_written_among_other_words(reference):
    assert Reference.read(f"Боҷ 250 сомонӣ.\n{reference}\n") == (reference,)
