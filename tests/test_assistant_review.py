"""Cards that clerks work on: how they are kept, what is missing before approval, and the note that becomes of them."""

from __future__ import annotations

import json
import sqlite3
import stat
from dataclasses import replace
from datetime import timedelta

import pytest

from assistant import config as settings
from assistant.access.audit import faults
from assistant.access.settings import DeskSettings
from assistant.access.store import FILE, VERSION, opened_store
from assistant.config import Config
from assistant.errors import ConfigError
from assistant.figures import figures
from assistant.notices import FieldName, State, cards_of, read_notice
from assistant.notices.card import Card, CardStatus
from assistant.personal import redacted
from assistant.review import Doubt, Lack, ReviewError, Standing
from assistant.review.card_record import card_from_json, card_to_json
from assistant.review.export import figures_asked
from assistant.review.note import asked_fields, markdown_line, note_language, note_text, note_title, said_in
from assistant.review.object import review_object
from assistant.review.rules import missing, to_open
from benchmarks.notices.samples import samples
from corpora.extract.markdown import read_markdown
from corpora.sandbox import Sandbox
from tests.front import deeds
from tests.reviewing import COMPUTED, CONFLICTING, NOTICE, NOW, PERSONAL, QUESTION, Clerk

DAY = NOW.date()


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def clerk(tmp_path, sandbox):
    return Clerk(Config(tmp_path / "data"), sandbox)


def rows(clerk):
    """Return all that the database holds, to see whether something changed."""
    with opened_store(clerk.config) as store:
        return "\n".join(store.connection.iterdump())


@pytest.fixture(scope="module")
def cards(sandbox):
    """The cards of the sample notices that are texts."""
    found = []
    for sample in samples():
        if not sample.is_scan:
            read = read_notice(f"{sample.id}.md", "\n".join(sample.lines).encode(), sandbox)
            found += cards_of(read, DAY)
    return found


# --- how a card is kept ---------------------------------------------------------------------------------------------

def test_every_card_of_the_samples_is_read_back_equal(cards):
    assert len(cards) > 100
    for card in cards:
        kept = json.dumps(card_to_json(card), ensure_ascii=False)
        assert card_from_json(json.loads(kept)) == card
        assert json.dumps(card_to_json(card_from_json(json.loads(kept))), ensure_ascii=False) == kept


def test_a_corrected_card_with_a_sum_worked_out_is_read_back_equal(clerk):
    _, (card,), _ = clerk.read(COMPUTED)
    assert any(entry.computation and entry.basis for entry in card.field(FieldName.AMOUNT).entries)
    number = clerk.begin(COMPUTED)
    clerk.do("edit", number, FieldName.WHERE, ["ба ҷамоат"], "кӯтоҳтар")
    kept = clerk.get(number).card
    assert card_from_json(card_to_json(kept)) == kept
    assert kept.field(FieldName.WHERE).values == ("ба ҷамоат",)


def test_a_card_of_a_newer_program_is_refused(clerk):
    _, (card,), _ = clerk.read()
    with pytest.raises(ReviewError, match="another version"):
        card_from_json(card_to_json(card) | {"version": 2})


def test_a_review_begins_with_the_card_as_read_and_the_file_for_its_owner_alone(clerk):
    read, (card,), data = clerk.read()
    number = clerk.begin()
    review = clerk.get(number)
    assert (review.card, review.standing, review.begun_by) == (card, Standing.OPEN, "anisa")
    assert (review.read.document, review.read.passages) == (read.document, read.passages)
    assert review.read.file.read_bytes() == data
    assert stat.S_IMODE(review.read.file.stat().st_mode) == 0o600
    assert deeds(clerk.config)[0] == ("anisa", "card_begun", {"card": "1", "file": "огоҳинома.txt",
                                                              "sha256": review.sha256})


def test_a_file_that_could_not_be_written_leaves_no_row(clerk, monkeypatch):
    def full(*_given, **_values):
        raise OSError("the disk is gone")

    monkeypatch.setattr("assistant.review.reviews.write_whole", full)
    with pytest.raises(OSError, match="gone"):
        clerk.begin()
    with opened_store(clerk.config) as store:
        assert store.reviews.all() == ()


def test_the_same_file_given_again_goes_on_with_the_open_card(clerk):
    number = clerk.begin()
    with opened_store(clerk.config) as store:
        again = store.reviews.begin(*clerk.read(), "davron", NOW)
        assert (again.numbers, again.anew) == ((number,), False)
        assert len(store.reviews.all()) == 1
    assert len(deeds(clerk.config)) == 1
    clerk.do("drop", number, "нусхаи дуюм")
    assert clerk.begin() != number


def test_two_notices_in_one_file_are_two_reviews(clerk):
    second = NOTICE.replace("моҳигирон", "шикорчиён").replace("858", "500")
    with opened_store(clerk.config) as store:
        begun = store.reviews.begin(*clerk.read(f"{NOTICE}\n{second}"), "anisa", NOW)
        assert [store.reviews.get(number).card.number for number in begun.numbers] == [1, 2]


def test_a_list_has_the_newest_first_and_may_be_of_one_standing(clerk):
    first, second = clerk.begin(), clerk.begin(CONFLICTING)
    clerk.do("drop", first, "кӯҳна аст")
    with opened_store(clerk.config) as store:
        assert [one.number for one in store.reviews.all()] == [second, first]
        assert [one.number for one in store.reviews.all(Standing.DROPPED)] == [first]
        assert store.reviews.all()[0].title == "Эълон дар бораи кумакпулии моҳигирон"


def test_a_file_that_was_changed_on_the_disk_is_not_given_out(clerk):
    number = clerk.begin()
    with opened_store(clerk.config) as store:
        assert store.reviews.file(number) == NOTICE.encode()
        store.reviews.get(number).read.file.write_bytes(b"other")
        with pytest.raises(ReviewError, match="missing or was changed"):
            store.reviews.file(number)


def test_a_database_of_the_first_version_gets_the_tables_and_keeps_what_it_has(clerk):
    with opened_store(clerk.config) as store:
        for table in ("readings", "reviews", "review_seen", "review_changes"):
            store.connection.execute(f"DROP TABLE {table}")
        store.connection.execute("PRAGMA user_version = 1")
        store.connection.execute("INSERT INTO accounts (name, role, password, made) VALUES ('a', 'clerk', 'x', "
                                 "'2026-01-01T00:00:00Z')")
    number = clerk.begin()
    assert clerk.get(number).standing is Standing.OPEN
    with sqlite3.connect(clerk.config.data_dir / FILE) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,) == (2,)
        assert connection.execute("SELECT name FROM accounts").fetchall() == [("a",)]


# --- what is done to it ---------------------------------------------------------------------------------------------

def test_a_correction_is_kept_with_what_was_said_before_and_why(clerk):
    number = clerk.begin()
    clerk.do("edit", number, FieldName.AMOUNT, [" 900   сомонӣ ", ""], "Дар асл 900 аст")
    review = clerk.get(number)
    field, (change,) = review.card.field(FieldName.AMOUNT), review.changes
    assert (field.state, field.values) == (State.EDITED, ("900 сомонӣ",))
    assert (change.before, change.after, change.reason) == (("858 сомонӣ",), ("900 сомонӣ",), "Дар асл 900 аст")
    assert field.citations == clerk.read()[1][0].field(FieldName.AMOUNT).citations
    assert review_object(review)["fields"][1]["edit"] == {"value": ["900 сомонӣ"], "by": "anisa", "day": "2026-11-27",
                                                          "reason": "Дар асл 900 аст"}
    assert deeds(clerk.config)[0][1:] == ("card_edited", {"card": "1", "field": "amount", "before": "858 сомонӣ",
                                                          "after": "900 сомонӣ", "reason": "Дар асл 900 аст"})


@pytest.mark.parametrize("typed", ["31.03.2027", "31 марти соли 2027", "2027-03-31"])
def test_a_day_is_kept_as_cards_write_days_however_it_was_typed(clerk, typed):
    number = clerk.begin(NOTICE.replace("31 марти", "30 марти"))
    clerk.do("edit", number, FieldName.DEADLINE, [typed], "Дар асл дигар аст")
    assert clerk.get(number).card.field(FieldName.DEADLINE).values == ("2027-03-31",)


def test_a_correction_that_was_undone_stays_in_what_was_done(clerk):
    number = clerk.begin()
    clerk.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "хато")
    clerk.do("undo", number, FieldName.AMOUNT)
    review = clerk.get(number)
    assert review.card == clerk.read()[1][0]
    assert [(one.after, one.reason) for one in review.changes] == [(("900 сомонӣ",), "хато"), (("858 сомонӣ",), "")]
    with pytest.raises(ReviewError, match="not corrected"):
        clerk.do("undo", number, FieldName.AMOUNT)


@pytest.mark.parametrize(("deed", "given", "said"), [
    ("edit", (FieldName.AMOUNT, ["900 сомонӣ"], "  "), "needs its reason"),
    ("edit", (FieldName.AMOUNT, ["9"] * 21, "сабаб"), "at most 20 values"),
    ("edit", (FieldName.AMOUNT, ["9" * 1001], "сабаб"), "1000 letters"),
    ("see", (99,), "no quote 99"), ("see", (0,), "no quote 0"), ("drop", ("",), "say why"),
    ("ask", ("с" * 301,), "longer than 300"),
    ("ask", ("Ман Раҳимов Далер, шиноснома A 12345678, чанд пул мегирам?",), "personal data"),
    ("acknowledge", (Doubt.PERSONAL,), "nothing of this kind"), ("approve", (), "cannot be approved yet")])
def test_what_cannot_be_done_changes_nothing(clerk, deed, given, said):
    number = clerk.begin()
    before = rows(clerk)
    with pytest.raises(ReviewError, match=said):
        clerk.do(deed, number, *given)
    assert rows(clerk) == before


@pytest.mark.parametrize(("deed", "given"), [
    ("edit", (FieldName.AMOUNT, ["900 сомонӣ"], "хато")), ("undo", (FieldName.AMOUNT,)), ("ask", ("Чӣ?",)),
    ("approve", ()), ("acknowledge", (Doubt.LEFT_OVER,))])
def test_an_approved_card_is_not_changed_any_more(clerk, deed, given):
    number = clerk.approved()
    before = rows(clerk)
    with pytest.raises(ReviewError, match="is approved and not changed any more"):
        clerk.do(deed, number, *given)
    clerk.do("see", number, 1)
    assert rows(clerk) == before


def test_an_approval_is_taken_back_with_its_reason_and_gives_no_note_any_more(clerk):
    number = clerk.approved()
    clerk.do("drop", number, "Идора хатост")
    review = clerk.get(number)
    assert (review.standing, review.dropped, review.approval.by) == (Standing.DROPPED, "Идора хатост", "anisa")
    with pytest.raises(ReviewError, match="not approved"):
        note_text(review, "tg")
    with pytest.raises(ReviewError, match="dropped already"):
        clerk.do("drop", number, "боз")


def test_a_number_that_nobody_has_is_said(clerk):
    with pytest.raises(ReviewError, match="no card 7"):
        clerk.get(7)


def test_the_audit_log_tells_of_each_deed_and_what_was_approved(clerk):
    number = clerk.begin(PERSONAL)
    clerk.do("edit", number, FieldName.CONTACTS, ["(37) 000-00-11"], "телефон нест")
    clerk.do("undo", number, FieldName.CONTACTS)
    clerk.look_through(number)
    with opened_store(clerk.config) as store:
        store.reviews.approve(number, "anisa", NOW, name="Аниса Шарифова")
        store.reviews.exported(number, "uid 1", NOW)
        store.reviews.drop(number, "хато", "anisa", NOW)
        assert faults(store.audit.rows()) == ()
    told = [deed for _, deed, _ in reversed(deeds(clerk.config))]
    assert list(dict.fromkeys(told)) == [
        "card_begun", "card_edited", "edit_undone", "card_acknowledged", "card_asked", "card_approved",
        "note_exported", "card_dropped"]
    approved = next(detail for _, deed, detail in deeds(clerk.config) if deed == "card_approved")
    review = clerk.get(number)
    assert approved["quotes"].split(",") == [str(one) for one in to_open(review.card)]
    assert (approved["name"], approved["sha256"], len(approved["content"])) == ("Аниса Шарифова", review.sha256, 64)


def test_a_deed_without_its_entry_is_not_done(clerk, monkeypatch):
    number = clerk.begin()
    before = rows(clerk)
    monkeypatch.setattr("assistant.access.audit.AuditLog.record", lambda *_given, **_values: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        clerk.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "хато")
    assert rows(clerk) == before


# --- what is missing before approval --------------------------------------------------------------------------------

def test_a_fresh_card_lacks_its_quotes_and_its_question(clerk):
    number = clerk.begin()
    review = clerk.get(number)
    lacks = missing(review)
    assert [one.lack for one in lacks] == [Lack.UNOPENED, Lack.QUESTION]
    counted = {citation for name in (FieldName.AMOUNT, FieldName.VALID_FROM, FieldName.VALID_UNTIL, FieldName.DEADLINE)
               for citation in review.card.field(name).citations}
    assert lacks[0].quotes == tuple(number for number, one in enumerate(review.card.citations, 1) if one in counted)


@pytest.mark.parametrize("left_out", [0, -1])
def test_one_quote_that_was_not_opened_is_enough_to_wait(clerk, left_out):
    number = clerk.begin(COMPUTED)
    clerk.look_through(number)
    review = clerk.get(number)
    quote = to_open(review.card)[left_out]
    (lack,) = missing(replace(review, seen=review.seen - {quote}))
    assert (lack.lack, lack.quotes) == (Lack.UNOPENED, (quote,))
    assert missing(review) == ()


def test_the_words_that_a_sum_rests_on_have_to_be_opened_too(clerk):
    card = clerk.get(clerk.begin(COMPUTED)).card
    bases = [entry.basis for entry in card.field(FieldName.AMOUNT).entries if entry.basis]
    assert bases
    assert {card.citations.index(basis) + 1 for basis in bases} <= set(to_open(card))


def test_a_field_that_says_two_things_waits_for_a_decision(clerk):
    number = clerk.begin(CONFLICTING)
    clerk.look_through(number)
    (lack,) = missing(clerk.get(number))
    assert (lack.lack, lack.field) == (Lack.CONFLICT, FieldName.AMOUNT)
    clerk.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "Дар қарор 900 аст")
    assert clerk.lacks(number) == []


def test_sentences_that_no_field_took_have_to_be_seen(clerk, cards):
    card = next(card for card in cards if card.left_over and card.status is CardStatus.NOTICE)
    review = replace(clerk.get(clerk.begin()), card=card)
    assert Lack.LEFT_OVER in [one.lack for one in missing(review)]
    seen = replace(review, acknowledged=frozenset({Doubt.LEFT_OVER}))
    assert Lack.LEFT_OVER not in [one.lack for one in missing(seen)]


def test_a_notice_that_names_a_person_has_to_be_looked_at(clerk):
    number = clerk.begin(PERSONAL)
    assert Lack.PERSONAL in clerk.lacks(number)
    clerk.look_through(number)
    assert clerk.lacks(number) == []


def test_a_correction_that_names_a_person_has_to_be_looked_at_too(clerk):
    number = clerk.begin()
    assert Lack.PERSONAL not in clerk.lacks(number)
    clerk.do("edit", number, FieldName.CONTACTS, ["Раҳимов Далер, шиноснома A 12345678"], "тамос")
    assert redacted("Раҳимов Далер, шиноснома A 12345678").kinds
    assert Lack.PERSONAL in clerk.lacks(number)


@pytest.mark.parametrize("status", [CardStatus.NO_NOTICE, CardStatus.ACT])
def test_what_is_no_notice_is_never_approved(clerk, status):
    number = clerk.begin()
    clerk.look_through(number)
    review = clerk.get(number)
    assert [one.lack for one in missing(replace(review, card=replace(review.card, status=status)))] == [Lack.NO_NOTICE]


def test_where_two_people_are_asked_for_the_last_editor_does_not_approve(clerk):
    strict = Clerk(replace(clerk.config, desk=DeskSettings(two_people=True)), clerk._sandbox)
    number = strict.begin()
    strict.look_through(number)
    assert strict.lacks(number) == [Lack.SECOND_PERSON]
    other = Clerk(strict.config, clerk._sandbox, "davron")
    assert other.lacks(number) == []
    other.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "хато")
    with pytest.raises(ReviewError, match="second_person"):
        other.do("approve", number)
    assert strict.do("approve", number).by == "anisa"


def test_whether_two_people_are_asked_for_stands_in_the_settings(tmp_path, sandbox):
    (tmp_path / "config.toml").write_text("[desk]\ntwo_people = true\n", encoding="utf-8")
    clerk = Clerk(settings.load(tmp_path), sandbox)
    assert clerk.lacks(clerk.begin())[-1] is Lack.SECOND_PERSON
    (tmp_path / "config.toml").write_text('[desk]\ntwo_people = "yes"\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="two_people in"):
        settings.load(tmp_path)


# --- the note -------------------------------------------------------------------------------------------------------

def counted(texts):
    """Return the figures of texts by value."""
    return {(one.kind, one.value) for said in texts for one in figures(said)}


def test_a_note_says_who_approved_it_when_and_of_which_notice(clerk):
    review = clerk.get(clerk.approved())
    note = note_text(review, "tg")
    assert note.startswith(f"# {QUESTION}\n")
    for told in ("Д. Раҳимов, 27 ноябри соли 2026", "«Эълон дар бораи кумакпулии моҳигирон»", "огоҳинома.txt",
                 review.sha256):
        assert told in note
    assert (note_language(review), note_title(review, "tg")) == ("tg", QUESTION)
    assert note_title(review, "ru") == "Пояснение к уведомлению: Эълон дар бораи кумакпулии моҳигирон"


@pytest.mark.parametrize(("question", "field", "figure"), [
    (QUESTION, FieldName.AMOUNT, "858 сомонӣ"), ("Кумакпулии моҳигиронро то кай месупоранд?", FieldName.DEADLINE,
                                                "31 марти соли 2027"),
    ("Кумакпулии моҳигирон аз кай дода мешавад?", FieldName.VALID_FROM, "1 октябри соли 2026"),
    ("С какого числа платят помощь рыбакам?", FieldName.VALID_FROM, "1 октября 2026 года"),
    ("Барои кумакпулии моҳигирон кадом ҳуҷҷатҳо лозиманд?", FieldName.PAPERS, ""),
    ("Ба кӣ кумакпулии моҳигирон медиҳанд?", FieldName.ELIGIBILITY, "")])
def test_under_the_question_stands_first_what_it_asks_for(clerk, question, field, figure):
    review = clerk.get(clerk.approved(question=question))
    spoken = note_language(review)
    first = next(iter(said_in(review.card, spoken, asked_fields(review))))
    assert first.field is field
    assert note_text(review, spoken).split("\n\n")[2] == first.text
    assert figures_asked(review, spoken) == ([figure] if figure else [])
    assert {one.text for one in said_in(review.card, spoken)} == {
        one.text for one in said_in(review.card, spoken, asked_fields(review))}


def test_each_sentence_of_a_note_stands_with_the_words_of_the_notice(clerk):
    review = clerk.get(clerk.approved())
    for language in ("tg", "ru"):
        note = note_text(review, language)
        said = list(said_in(review.card, language))
        assert said
        assert all(one.quotes for one in said)
        assert all(quote.quote.rstrip(" .;") in note for one in said for quote in one.quotes)


def test_a_sum_that_was_worked_out_carries_what_it_was_worked_out_from(clerk):
    note = note_text(clerk.get(clerk.approved(COMPUTED)), "tg")
    assert "11 × 78 = 858 сомонӣ" in note
    assert "Дар соли 2026 нишондиҳанда барои ҳисобҳо 78 сомонӣ аст." in note


def test_a_corrected_field_is_told_as_checked_and_without_the_words_that_were_wrong(clerk):
    number = clerk.begin()
    clerk.do("edit", number, FieldName.AMOUNT, ["900 сомонӣ"], "Дар қарор 900 аст")
    clerk.do("edit", number, FieldName.DEADLINE, ["2027-04-30"], "Дароз шуд")
    clerk.do("edit", number, FieldName.WHERE, [], "Дигар аст")
    clerk.look_through(number)
    clerk.do("approve", number)
    note = note_text(clerk.get(number), "tg")
    assert "– чанд пул: 900 сомонӣ. Инро идора санҷидааст." in note
    assert "– муҳлати охирин: то 30 апрели соли 2027. Инро идора санҷидааст." in note
    assert "858" not in note
    assert "ба куҷо" in note.split("Дар ин шарҳ навишта нашудааст: ")[1]
    assert "деҳоти" not in note


def test_the_figures_of_a_note_are_those_of_its_card(cards):
    """No figure of a sentence is in neither the quotes nor what was worked out from them."""
    notices = [card for card in cards if card.status is CardStatus.NOTICE]
    assert len(notices) > 80
    for card in notices:
        for language in ("tg", "ru"):
            for said in said_in(card, language):
                if card.field(said.field).conflicting:    # never approved as it is
                    continue
                known = counted([card.title, *(quote.quote for quote in said.quotes)])
                assert sums(card, said) | {value for _, value in known} >= {
                    value for _, value in counted([said.text])}, (card.document.file, said.text)


def sums(card: Card, said):
    """Return the figures that were worked out for a field, and those of its values."""
    found = [text for entry in card.field(said.field).entries if entry.computation
             for text in (entry.computation.expression, f"{entry.computation.value} {entry.computation.unit}")]
    return {value for _, value in counted([*found, *said.values])}


def test_a_note_of_a_hostile_notice_shows_its_letters_and_no_marks(clerk):
    hostile = NOTICE.replace("Ариза ба ҷамоати", "# <!-- [бубинед](http://x) Ариза ба ҷамоати")
    review = clerk.get(clerk.approved(hostile))
    name, data = "note.md", note_text(review, "tg").encode()
    text = "\n".join(passage.text for passage in read_notice(name, data, clerk._sandbox).passages)
    assert "<!-- [бубинед](http://x) Ариза ба ҷамоати деҳоти" in " ".join(text.split())


@pytest.mark.parametrize("line", ["# сарлавҳа", "> иқтибос", "- банд", "+ банд", "* банд", "| а | б |", "[^1]: эзоҳ",
                                  "<!-- пинҳон --> аён", "[ин ҷо](http://x)", "[ин ҷо][1]", "15. банд", "100 %"])
def test_a_line_of_a_notice_that_looks_like_a_mark_is_read_as_it_stands(line):
    read = read_markdown(f"# Сарлавҳа\n\nПеш.\n\n{markdown_line(line)}\n")
    assert read.text.split("\n\n")[-1].split("\n")[-1] == line


def test_a_later_day_does_not_change_what_was_approved(clerk):
    review = clerk.get(clerk.approved())
    with opened_store(clerk.config) as store:
        store.reviews.exported(review.number, "uid 1", NOW + timedelta(days=400))
    assert clerk.get(review.number) == review
