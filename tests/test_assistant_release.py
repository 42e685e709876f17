"""From the draft of a corpus to a folder that waits for signatures: what is refused, asked, told and carried."""

from __future__ import annotations

import json
import shutil
from contextlib import nullcontext
from dataclasses import replace
from datetime import date, timedelta
from hashlib import sha256

import pytest
import typer
from typer.testing import CliRunner

from assistant import admission, cli_edition
from assistant import config as settings
from assistant.errors import AssistantError
from assistant.evaluate import Asked, Outcome
from assistant.grading import Expected
from assistant.holdings import ClashError
from assistant.intake import take_in
from assistant.published import check_ids, held, withdrawn
from assistant.records import Answer, AnswerStatus, Citation, Claim, ClaimKind
from assistant.release import Order, build_release
from assistant.release_admission import admission_lines
from assistant.release_lines import diff_lines
from assistant.release_page import page
from assistant.release_questions import IN_WORDS, Examined, WorseAnswersError
from assistant.release_rules import MEDIA_TYPES, Limits, RefusedReleaseError, WarningKind
from corpora import extract
from corpora.draft import Draft
from corpora.release import packed_text
from index import Snapshot, build_snapshot
from sync.edition import ReleaseDraft, prepare_release, release_files, revoke
from sync.errors import ReleaseError
from sync.frame import announced_length, open_frame
from sync.pack import read_pack, write_pack
from sync.release import PackKind
from sync.revocations import Revocation
from sync.rollout import Rollout
from tests.entries import entry
from tests.ministry import Ministry, contents
from tests.office import BEES, BOATS, FISHING, HUNTING, write_papers
from tests.repository_simulator import NOW

DAY = date(2026, 11, 25)
QUESTIONS = (("q1", FISHING, ("fishing-2025",), ("60 сомонӣ",)), ("q2", HUNTING, ("hunting-2022",), ("10 рӯз",)),
             ("q3", BEES, ("bees",), ("3 нишондиҳанда",)), ("q4", BOATS, (), ()))


def unseen(done, whole):
    """Progress that nobody watches."""


def write_questions(path, rows=QUESTIONS):
    path.write_text("".join(json.dumps(
        {"qid": qid, "question": question, "language": "tg", "style": "proper", "service": qid, "split": "dev",
         "answerable": bool(documents), "expected_documents": documents, "expected_values": values},
        ensure_ascii=False) + "\n" for qid, question, documents, values in rows), encoding="utf-8")
    return path


def ingest(config, folder, into="min-health"):
    taken = take_in(config, [folder], into, unseen)
    assert not [report for _, report in taken.reports if report.error_code]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """An office's papers in a draft, and a ministry that released them once."""
    folder = tmp_path_factory.mktemp("release")
    write_papers(folder / "papers")
    for path in sorted((folder / "papers").glob("*.md")):
        beside = path.with_name(path.name + ".toml")
        usual = beside.read_text(encoding="utf-8") if beside.exists() else 'language = "tg"\nreview_by = "2027-01-01"\n'
        beside.write_text(f'publisher = "Идора"\nconfidence = "A"\n{usual}', encoding="utf-8")
    (folder / "data").mkdir()
    (folder / "data" / "config.toml").write_text('encoder = "none"\n', encoding="utf-8")
    config = settings.load(folder / "data")
    ingest(config, folder / "papers")
    write_questions(folder / "data" / "questions.jsonl")
    ministry = Ministry(folder)
    ministry.add("min-health.files")
    built = build_release(config, ministry.repository, Order("min-health", DAY), ministry.place(), now=ministry.now)
    ministry.publish(built.prepared, "min-health-1")
    return folder, ministry, built


@pytest.fixture(autouse=True)
def without_lexicon(monkeypatch):
    """Snapshots without our thousands of synonyms, which these questions do not need: built five times as fast."""
    monkeypatch.setattr("index.lexicon.lexicon_rows", lambda _file: [])


class Office:
    """A copy of the papers, the draft and the repository, to be changed."""

    def __init__(self, whole, folder):
        source, ministry, self.first = whole
        shutil.copytree(source / "data", folder / "data")
        shutil.copytree(source / "papers", folder / "papers")
        self.folder, self.ministry = folder, ministry.copied(folder)
        self.config = settings.load(folder / "data")
        self.draft = Draft(self.config.drafts / "min-health")

    def build(self, **values):
        values = {"publisher": "min-health", "day": DAY} | values
        return build_release(self.config, self.ministry.repository, Order(**values), self.place(),
                             now=self.ministry.now)

    def place(self):
        return self.folder / f"built-{len(list(self.folder.glob('built-*')))}"

    def publish(self, built, *names):
        self.ministry.publish(built.prepared, *(names or ("min-health-1",)))

    def put(self, found, data=b""):
        """Put a document into the draft as if it had been read."""
        self.draft.put(replace(found, document=replace(found.document, sha256=sha(data))), data)

    def edit(self, name, old, new):
        """Change words in a paper and in what is said of it, and read it again."""
        for path in (self.folder / "papers" / f"{name}.md", self.folder / "papers" / f"{name}.md.toml"):
            path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
        found = self.draft.entry(name)
        fact = replace(found.document.facts[0], quote=found.document.facts[0].quote.replace(old, new))
        passages = tuple(replace(one, text=one.text.replace(old, new)) for one in found.passages)
        data = (self.folder / "papers" / f"{name}.md").read_bytes()
        self.put(replace(found, document=replace(found.document, facts=(fact,)), passages=passages), data)


def sha(data):
    return sha256(data).hexdigest()


@pytest.fixture
def office(whole, tmp_path):
    return Office(whole, tmp_path)


def paper(name="new", text="Матни нав дар бораи дарахтон.", **fields):
    return entry(name, text, **{"title": "Матн", "publisher": "Идора", "confidence": "A"} | fields)


def kinds(built):
    return {one["kind"] for one in built.diff["warnings"]}


# --- what is made -------------------------------------------------------------------------------


def test_what_was_built_signed_and_published_holds_the_documents_of_the_draft(office):
    found = held(office.ministry.repository, "min-health")
    drafted = {one.document.id: (one.document, one.passages) for one in office.draft.documents()}
    assert {one.document.id: (one.document, one.passages) for one in found.entries} == drafted
    assert (found.info.number, found.info.kind, found.info.corpus) == (1, PackKind.TEXT, "min-health")
    assert found.info.diff_sha256 == sha((office.first.prepared.folder / "diff.json").read_bytes())


def test_the_same_draft_and_repository_give_the_same_bytes(office):
    first, second = office.build().prepared, office.build().prepared
    assert contents(first.folder) == contents(second.folder)
    assert first.digest == second.digest


def test_the_next_release_brings_a_delta_and_says_what_a_machine_fetches(office):
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    built = office.build(allow_worse="бо қарори нав")
    size = built.diff["size"]
    assert (built.number, built.diff["before"]) == (2, 1)
    last = held(office.ministry.repository, "min-health").info
    assert [one["base_sha256"] for one in size["deltas"]] == [last.pack.sha256]
    assert size["fetched"] == size["deltas"][0]["length"] < size["fetched_anew"]


def test_how_far_it_goes_is_as_it_was_asked(office):
    built = office.build(rollout=Rollout(10, 1))
    assert "to 10 % of the machines" in built.prepared.summary


def test_a_release_of_what_is_out_already_says_that_nothing_differs(office):
    built = office.build()
    assert "no document differs from the release before" in {one["text"] for one in built.diff["warnings"]}
    assert built.diff["documents"]["changed"] == built.diff["answers"]["changed"] == []


def test_nothing_is_changed_but_the_new_folder(office):
    before = contents(office.config.data_dir), contents(office.ministry.repository.folder)
    office.build()
    assert (contents(office.config.data_dir), contents(office.ministry.repository.folder)) == before


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize("number", [0, 1])
def test_a_number_that_is_not_higher_is_refused_before_anything_is_read(office, number, monkeypatch):
    monkeypatch.setattr(Draft, "documents", lambda _self: pytest.fail("the draft was read"))
    with pytest.raises(ReleaseError, match="is not higher"):
        office.build(number=number)
    assert not list(office.folder.glob("built-*"))


def test_a_folder_that_holds_something_is_refused_and_left(office):
    (office.place()).mkdir()
    (office.folder / "built-0" / "mine").write_text("x", encoding="utf-8")
    with pytest.raises(ReleaseError, match="is not empty"):
        build_release(office.config, office.ministry.repository, Order("min-health", DAY), office.folder / "built-0",
                      now=NOW)
    assert contents(office.folder / "built-0") == {"mine": b"x"}


def test_an_unknown_publisher_is_refused(office):
    with pytest.raises(ReleaseError, match="there is no publisher min-helth"):
        office.build(publisher="min-helth")


@pytest.mark.parametrize(("fields", "why"), [
    ({"title": " "}, "it has no title"), ({"publisher": ""}, "it has no publisher"),
    ({"language": "unknown"}, "it has no language"),
    ({"title": "", "publisher": ""}, "it has no title and no publisher"),
    ({"media_type": "application/zip"}, "files of the kind 'application/zip' are not released"),
    ({"media_type": ""}, "files of the kind '' are not released")])
def test_a_document_that_breaks_a_rule_is_refused(office, fields, why):
    office.put(paper(**fields))
    with pytest.raises(RefusedReleaseError, match=why) as refused:
        office.build()
    assert [offence.what for offence in refused.value.offences] == ["new"]
    assert not list(office.folder.glob("built-*"))


def test_all_offenders_are_named_at_once(office):
    office.put(paper("first", title=""))
    office.put(paper("second", "а" * 1000))
    office.put(paper("third", media_type="application/x-sh"), b"x" * 2000)
    with pytest.raises(RefusedReleaseError) as refused:
        office.build(limits=Limits(text=1500, file=1500))
    assert {one.what for one in refused.value.offences} == {"first", "second", "third"}
    for line in ("first: it has no title", "second: its text has 2,000 bytes; at most 1,500 are carried",
                 "third: files of the kind 'application/x-sh' are not released", "third: its file has 2,000 bytes"):
        assert line in str(refused.value)


def test_a_document_that_another_publisher_released_is_refused(office):
    of_labour = Draft(office.config.drafts / "min-labour")
    for name in ("bees", "boats"):
        of_labour.put(replace(paper(name), document=replace(paper(name).document, sha256=sha(b""))), b"")
    with pytest.raises(RefusedReleaseError, match="bees: min-health has released a document of this id") as refused:
        office.build(publisher="min-labour")
    assert [one.what for one in refused.value.offences] == ["bees", "boats"]


def test_two_documents_of_one_id_are_refused(office):
    source, = (office.draft.root / "documents").glob("bees*.json")
    plain = json.loads(source.read_bytes())
    shutil.copy(source, source.with_name("bees-again.json"))
    assert plain["document"]["id"] == "bees"
    with pytest.raises(RefusedReleaseError, match="bees: 2 documents have this id"):
        office.build()


@pytest.mark.parametrize(("limits", "what"), [
    (Limits(pack=2_000), "the pack"), (Limits(file=3_000), "documents.jsonl")])
def test_a_pack_that_is_too_large_is_refused(office, limits, what):
    with pytest.raises(RefusedReleaseError) as refused:
        office.build(limits=limits)
    assert what in {one.what for one in refused.value.offences}
    assert not list(office.folder.glob("built-*"))


def test_the_kinds_of_files_that_are_released_are_those_that_ingest_reads():
    assert set(extract._MEDIA_OF_SUFFIX.values()) == MEDIA_TYPES


def test_a_draft_that_is_not_there_is_named_with_those_that_are(office):
    with pytest.raises(AssistantError, match="there is no draft of schools; there is min-health"):
        office.build(corpus="schools")


def test_the_only_draft_is_taken_whatever_its_name(office):
    (office.config.drafts / "min-health").rename(office.config.drafts / "health")
    assert office.build().diff["corpus"] == "health"


# --- questions ----------------------------------------------------------------------------------


def test_a_question_that_was_right_and_is_wrong_now_stops_the_release(office):
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    with pytest.raises(WorseAnswersError, match=f"q3: {BEES[:-1]}") as worse:
        office.build()
    assert [row["qid"] for row in worse.value.worse] == ["q3"]
    before, after = str(worse.value).splitlines()[-2:]
    assert (before.startswith("    - "), "3 нишондиҳанда" in before) == (True, True)
    assert (after.startswith("    + "), "4 нишондиҳанда" in after, after.endswith("  (wrong)")) == (True, True, True)
    assert not list(office.folder.glob("built-*"))


@pytest.mark.parametrize("reason", ["", "  "])
def test_worse_answers_are_accepted_for_a_reason_and_it_is_signed(office, reason):
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    with pytest.raises(WorseAnswersError):
        office.build(allow_worse=reason)
    answers = office.build(allow_worse="Бо қарори № 5").diff["answers"]
    assert (answers["allowed_worse"], answers["worse"], answers["right"], answers["right_before"]) == (
        "Бо қарори № 5", 1, 3, 4)
    row, = answers["changed"]
    assert (row["qid"], row["before"]["right"], row["after"]["right"]) == ("q3", True, False)
    assert "3 нишондиҳанда" in row["before"]["claim"]
    assert "4 нишондиҳанда" in row["after"]["claim"]


def test_a_question_whose_expectation_was_mended_with_the_document_is_no_worse(office):
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    mended = [*QUESTIONS[:2], ("q3", BEES, ("bees",), ("4 нишондиҳанда",)), QUESTIONS[3]]
    questions = write_questions(office.folder / "mended.jsonl", mended)
    answers = office.build(questions=questions).diff["answers"]
    assert (answers["worse"], answers["right"], answers["right_before"]) == (0, 4, 3)
    assert [row["qid"] for row in answers["changed"]] == ["q3"]


def test_a_first_release_names_what_is_not_answered_rightly_and_what_comes_instead(office):
    rows = [*QUESTIONS[:2], ("q3", BEES, ("bees",), ("9 нишондиҳанда",)), ("q9", BOATS, ("boats",), ("№ 99",))]
    write_questions(office.config.data_dir / "questions.jsonl", rows)
    ministry = Ministry(office.folder / "new")
    built = build_release(office.config, ministry.repository, Order("min-health", DAY), office.place(), now=NOW)
    answers = built.diff["answers"]
    assert (answers["right"], answers["right_before"], answers["changed"]) == (2, None, [])
    bees, boats = answers["wrong"]
    assert (bees["qid"], bees["question"], "3 нишондиҳанда" in bees["claim"]) == ("q3", BEES, True)
    assert (boats["qid"], boats["claim"], boats["status"].startswith("declined: ")) == ("q9", "", True)
    lines = diff_lines(built.diff)
    assert lines[lines.index("not answered rightly: 2") + 3:][:2] == [f"  q9: {BOATS}", f"      {boats['status']}"]
    shown = page(built.diff, "0" * 64)
    assert all(text in shown for text in ("Not answered rightly: 2", BOATS, bees["claim"], boats["status"]))


def test_every_outcome_is_told_in_words():
    assert set(IN_WORDS) == set(AnswerStatus)
    assert not any("_" in words for words in IN_WORDS.values())
    assert len(set(IN_WORDS.values())) == len(IN_WORDS)


def test_a_claim_of_several_lines_is_told_on_one():
    base = outcome(1, "a", right=False)
    asked, claim = replace(base.asked, question="Чанд\nсомонӣ?"), base.answer.claims[0]
    old, new, respaced = (replace(base, asked=asked, answer=replace(base.answer, claims=(replace(claim, text=text),)))
                          for text in ("Боҷ:\n40 сомонӣ", "Боҷ:\n\n60 сомонӣ", "Боҷ:  40\nсомонӣ"))
    plain = Examined((new,), (old,)).to_json("")
    row, wrong = plain["changed"][0], plain["wrong"][0]
    assert (row["question"], row["before"]["claim"], row["after"]["claim"]) == (
        "Чанд сомонӣ?", "Боҷ: 40 сомонӣ", "Боҷ: 60 сомонӣ")
    assert (wrong["question"], wrong["claim"], wrong["status"]) == ("Чанд сомонӣ?", "Боҷ: 60 сомонӣ", "answered")
    assert (row["before"]["status"], row["after"]["status"]) == ("answered", "answered")
    assert Examined((respaced,), (old,)).changed == []


def test_what_has_to_be_declined_and_is_answered_after_the_release_stops_it(office):
    sentence = "Қоидаи қаиқронӣ дар дарёи Вахш: қаиқро танҳо рӯзона мерондан мумкин аст."
    office.put(paper("boats-new", sentence, title="Қоидаи қаиқронӣ дар дарёи Вахш"))
    with pytest.raises(WorseAnswersError, match="q4"):
        office.build()


def test_questions_are_asked_of_what_a_machine_holds_of_all_publishers(office):
    of_labour, found = Draft(office.config.drafts / "min-labour"), office.draft.entry("hunting-2022")
    moved = replace(paper("hunters", found.passages[0].text, title=found.document.title))
    document = replace(found.document, id="hunters")
    of_labour.put(replace(moved, document=document), found.file.read_bytes())
    office.draft.remove("hunting-2022")
    asked = [QUESTIONS[0], ("q2", HUNTING, ("hunters",), ("10 рӯз",))]
    questions = write_questions(office.folder / "q.jsonl", asked)
    office.publish(office.build(questions=questions))
    built = office.build(publisher="min-labour", questions=questions)
    assert (built.diff["answers"]["right"], built.diff["answers"]["right_before"]) == (2, 1)
    travelling = admission.read_admission(office_admission(built)).questions
    assert [one.documents for one in travelling] == [("hunters",)]


def office_admission(built):
    path, = (built.prepared.folder / "targets").glob("*/*.pack.zst")
    data = path.read_bytes()
    pack = open_frame(data, length=announced_length(data))
    return read_pack(pack).get("admission.jsonl", b"")


def test_a_machine_answers_the_admission_questions_of_what_was_built(office):
    asked = admission.read_admission(office_admission(office.build()))
    assert (asked.day, asked.least, len(asked.questions)) == (DAY, 0.9, 4)
    assert {one.question for one in asked.questions if not one.documents} == {BOATS}
    build_snapshot(office.draft.documents(), office.folder / "snapshot", encoder=None)
    with Snapshot.open(office.folder / "snapshot", encoder=None) as snapshot:
        assert asked.failed(snapshot) == ()
    emptied = [one for one in office.draft.documents() if one.document.id not in ("bees", "hunting-2022")]
    build_snapshot(emptied, office.folder / "less", encoder=None)
    with Snapshot.open(office.folder / "less", encoder=None) as snapshot:
        assert {one.question for one in asked.failed(snapshot)} == {BEES, HUNTING}


def test_without_questions_none_travel_and_it_is_told(office):
    (office.config.data_dir / "questions.jsonl").unlink()
    built = office.build()
    assert WarningKind.QUESTIONS in kinds(built)
    assert office_admission(built) == b""
    assert built.diff["answers"]["asked"] == 0


def test_questions_that_are_named_and_not_there_stop_the_release(office):
    with pytest.raises(AssistantError, match=r"there is no file .*/none\.jsonl with questions") as caught:
        office.build(questions=office.folder / "none.jsonl")
    assert "--questions" in caught.value.hint
    assert not list(office.folder.glob("built-*"))


def test_the_day_of_the_release_is_the_day_of_the_questions(office):
    questions = write_questions(office.folder / "q.jsonl", [
        ("q5", "Нишондиҳанда барои ҳисобҳо имсол чанд сомонӣ аст?", ("indicator-2026",), ("78 сомонӣ",))])
    now, later = (office.build(questions=questions, day=day).diff["answers"]["right"]
                  for day in (DAY, DAY + timedelta(days=400)))
    assert (now, later) == (1, 0)


# --- admission lines ----------------------------------------------------------------------------


def outcome(number, document, *, service="a", right=True):
    found = entry(document, "Панҷ сомонӣ.").passages[0], entry(document, "Панҷ сомонӣ.").document
    claims = (Claim("Панҷ сомонӣ.", ClaimKind.FACT, (Citation(*found, (0, 5)),)),) if document else ()
    answer = Answer("?", "tg", "cyrillic", AnswerStatus.ANSWERED, DAY, "1:a", "extractive", claims=claims)
    wanted = (document,) if document and right else ("other",) if document else ()
    asked = Asked(f"q{number:03}", f"Саволи {number}", "tg", "proper", service, "dev", bool(wanted), wanted, ())
    return Outcome(asked, (), answer, Expected(frozenset(wanted), (), ()) if wanted else None)


def lines(outcomes, documents=("a", "b")):
    return [json.loads(line) for line in admission_lines(outcomes, frozenset(documents), DAY).splitlines()]


def test_admission_questions_are_those_answered_rightly_from_these_documents_alone():
    head, *asked = lines([outcome(1, "a"), outcome(2, "b", right=False), outcome(3, "foreign"), outcome(4, "")])
    assert head == {"format": "rohnamo-admission", "version": 1, "day": "2026-11-25", "least": 0.9}
    assert asked == [{"question": "Саволи 1", "documents": ["a"], "values": []},
                     {"question": "Саволи 4", "documents": [], "values": []}]


def test_admission_questions_are_few_and_of_many_services():
    many = [outcome(number, "a", service="a") for number in range(100)]
    some = [outcome(100 + number, "b", service="b") for number in range(3)]
    none = [outcome(200 + number, "") for number in range(9)]
    _, *asked = lines([*many, *some, *none])
    assert (len([one for one in asked if one["documents"]]), len(asked)) == (10, 12)
    assert [one["documents"] for one in asked[:6]] == [["a"], ["b"]] * 3
    assert lines([*reversed(none), *reversed(some), *reversed(many)]) == lines([*many, *some, *none])


def test_without_a_right_answer_there_are_no_admission_questions():
    assert admission_lines([outcome(1, "a", right=False), outcome(2, "")], frozenset({"a"}), DAY) == b""


# --- what is told -------------------------------------------------------------------------------


def test_documents_that_are_overdue_or_not_verified_are_told(office):
    office.put(paper("late", review_by="2026-11-24", confidence="C"))
    office.put(paper("today", review_by="2026-11-25"))
    told = {(one["kind"], one["document"]) for one in office.build().diff["warnings"]}
    assert {(WarningKind.REVIEW, "late"), (WarningKind.CONFIDENCE, "late")} <= told
    assert not [one for one in told if one[1] == "today"]


def test_a_withdrawn_document_is_told_and_not_asked_about(office):
    prepared = revoke(office.ministry.repository, Revocation("bees", "хато", DAY), office.folder / "r", NOW)
    office.ministry.publish(prepared, "targets-1", "targets-2")
    assert withdrawn(office.ministry.repository, "min-health") == {"bees"}
    built = office.build()
    assert (WarningKind.WITHDRAWN, "bees") in {(one["kind"], one["document"]) for one in built.diff["warnings"]}
    assert (built.diff["answers"]["right"], built.diff["answers"]["right_before"]) == (3, 3)


def test_a_release_of_another_publisher_that_cannot_be_read_is_told_and_left_aside(office):
    prepared = office.ministry.prepare(1, publisher="min-labour")
    office.ministry.publish(prepared, "min-labour-1", "min-labour-2")
    built = office.build()
    assert [one["text"] for one in built.diff["warnings"] if "min-labour/1 cannot be read" in one["text"]]
    assert built.diff["answers"]["right"] == 4


# --- files --------------------------------------------------------------------------------------


def test_the_files_of_the_documents_are_a_release_of_their_own(office):
    built = office.build(publisher="min-health.files")
    office.publish(built, "min-health.files-1")
    found = held(office.ministry.repository, "min-health.files")
    assert found.info.kind is PackKind.FILES
    assert found.files == {one.document.sha256: one.file.stat().st_size for one in office.draft.documents()}
    assert (office_admission(built), built.diff["corpus"], built.diff["answers"]["asked"]) == (b"", "min-health", 0)
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    files = office.build(publisher="min-health.files").diff["files"]
    assert [one["document"] for one in files["added"]] == ["bees"]
    assert len(files["removed"]) == 1


def test_a_file_that_is_missing_is_named(office):
    office.draft.entry("bees").file.unlink()
    with pytest.raises(RefusedReleaseError, match="bees: its file is missing"):
        office.build(publisher="min-health.files")


# --- the verbs ----------------------------------------------------------------------------------


@pytest.fixture
def verb(office, monkeypatch):
    monkeypatch.setattr("assistant.signing.now", lambda: NOW)
    monkeypatch.setattr(cli_edition, "today", lambda: DAY)
    app = typer.Typer()
    app.command("build")(cli_edition.build)
    app.command("diff")(cli_edition.diff)
    return lambda *words: CliRunner().invoke(app, [str(word) for word in words])


def arguments(office, into="built"):
    return ("build", "min-health", "--repository", office.ministry.repository.folder, "--into", office.folder / into,
            "--data-dir", office.config.data_dir)


def test_the_verbs_build_and_show_the_same_diff(office, verb):
    office.edit("bees", "3 нишондиҳанда", "4 нишондиҳанда")
    refused = verb(*arguments(office))
    assert (refused.exit_code, "were answered rightly and would not be" in refused.stderr) == (1, True)
    built = verb(*arguments(office), "--allow-worse", "бо қарори № 5", "--percent", "10")
    assert built.exit_code == 0
    assert "fee, bees" in built.stdout
    assert "to 10 % of the machines" in built.stdout
    shown = verb("diff", office.folder / "built", "--repository", office.ministry.repository.folder, "--html",
                 office.folder / "diff.html")
    assert shown.exit_code == 0
    assert shown.stdout.splitlines()[:5] == built.stdout.splitlines()[:5]
    assert "бо қарори № 5" in (office.folder / "diff.html").read_text(encoding="utf-8")


def test_the_verbs_print_one_object(office, verb):
    built = json.loads(verb(*arguments(office), "--json").stdout)
    shown = json.loads(verb("diff", office.folder / "built", "--json").stdout)
    assert built["diff"] | {"format": "rohnamo-diff", "version": 1} == shown["diff"]
    assert (built["digest"], built["number"], shown["moved_on"]) == (shown["digest"], 2, [])
    assert shown["sha256"] == sha((office.folder / "built" / "diff.json").read_bytes())


def test_what_was_published_meanwhile_is_told(office, verb):
    verb(*arguments(office))
    office.publish(office.build())
    shown = verb("diff", office.folder / "built", "--repository", office.ministry.repository.folder)
    assert "min-health 3 was published by somebody else since this was built" in shown.stderr


# --- at the host --------------------------------------------------------------------------------


def test_a_release_with_another_publishers_document_is_not_published(office):
    """Built by hand, past `release build`, and signed by its own people."""
    repository = office.ministry.repository
    refused = pytest.raises(ClashError, match=r"bees \(min-health\)")
    for name, expectation in (("bees", refused), ("new", nullcontext())):
        pack = write_pack(packed_text([paper(name)], corpus="min-labour", number=1))
        draft = ReleaseDraft("min-labour", "labour", 1, release_files(pack, ()))
        prepared = prepare_release(repository, draft, office.place(), office.ministry.now)
        before = contents(repository.folder)
        with expectation:
            check_ids(repository, prepared)
        assert contents(repository.folder) == before
