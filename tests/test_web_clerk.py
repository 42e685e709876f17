"""The clerk's cards as a browser without scripts meets them: notices given, quotes opened, corrected, approved."""

from __future__ import annotations

import re
from html import unescape
from threading import Event

import anyio
import pytest

from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.notices.card import FieldName
from assistant.review import Standing
from assistant.review.rules import to_open
from assistant.texts import text
from assistant.web import readings
from assistant.web.cards_page import GIVE, MOST_BYTES
from assistant.web.readings import Turn
from benchmarks.notices.drawing import pdf
from tests.desk import ADDRESS
from tests.front import Front, deeds, desks
from tests.reviewing import COMPUTED, CONFLICTING, NOTICE, PERSONAL, QUESTION

HOSTILE = "Эълон <script>alert(1)</script> дар бораи кумакпулӣ"


@pytest.fixture
def config(tmp_path, monkeypatch):
    return desks(tmp_path / "data", monkeypatch)


@pytest.fixture
def front(config):
    front = Front(config, Role.CLERK)
    yield front
    if hasattr(front.app.state, "readings"):
        front.app.state.readings.close()
    if hasattr(front.app.state, "pictures"):
        front.app.state.pictures.close()


@pytest.fixture
def clerk(front):
    return front.inside()


def send(front, clerk, path, files=None, **data):
    return clerk.post(path, data=data | {"csrf": front.csrf(clerk)}, files=files)


def read(front):
    """Wait until everything that was given is read, and return what became of it, in the order it was given."""
    given = front.app.state.readings
    given._thread.submit(lambda: None).result(60)
    return [*reversed(given.told())]


def give(front, clerk, notice=NOTICE, files=None):
    """Give a notice, and return the number of its first card."""
    assert send(front, clerk, GIVE, files, text=notice).headers["location"] == "/clerk#readings"
    return read(front)[-1].numbers[0]


def review(config, number):
    with opened_store(config) as store:
        return store.reviews.get(number)


def look_through(front, clerk, number):
    for quote in to_open(review(front.config, number).card):
        assert clerk.get(f"/clerk/card/{number}?quote={quote}").status_code == 200
    send(front, clerk, f"/clerk/card/{number}/question", question=QUESTION)


def test_a_notice_that_was_pasted_becomes_a_card_with_every_field_in_words_and_its_quotes_by_number(front, clerk):
    number = give(front, clerk)
    listed = unescape(clerk.get("/clerk").text)
    assert f'href="/clerk/card/{number}">Эълон дар бораи кумакпулии моҳигирон' in listed
    shown = unescape(clerk.get(f"/clerk/card/{number}").text)
    for name in FieldName:
        assert text("tg", "card", f"name_{name}") in shown
    assert "858 сомонӣ" in shown
    assert text("tg", "clerk", "state_not_stated") in shown
    assert text("tg", "card", "figures", in_notice=4, in_card=4, left_over=0) in shown
    assert re.search(r'href="/clerk/card/1\?quote=2#notice"', shown)


def test_a_quote_that_is_opened_is_marked_in_the_notice_and_noted_once(front, clerk):
    number = give(front, clerk)
    assert "<mark" not in clerk.get(f"/clerk/card/{number}").text
    shown = unescape(clerk.get(f"/clerk/card/{number}?quote=2").text)
    marked = re.search(r'<mark class="mark" id="mark">.*?</span>(.*?)<span', shown)[1]
    assert marked == review(front.config, number).card.citations[1].quote
    assert review(front.config, number).seen == {2}
    assert clerk.get(f"/clerk/card/{number}?quote=99").status_code == 404
    assert review(front.config, number).seen == {2}


@pytest.mark.parametrize("notice", [NOTICE, CONFLICTING, COMPUTED, PERSONAL])
def test_a_card_is_not_approved_before_everything_that_counts_was_looked_at(front, clerk, notice):
    number = give(front, clerk, notice)
    before = review(front.config, number)
    refused = send(front, clerk, f"/clerk/card/{number}/approve", name="А. Сафарова")
    assert refused.status_code == 409
    assert text("tg", "clerk", "fault_approve") in refused.text
    assert review(front.config, number) == before
    assert "disabled" in clerk.get(f"/clerk/card/{number}").text


def test_from_a_notice_to_an_approved_note_and_the_log_has_each_deed(front, clerk):
    number = give(front, clerk, CONFLICTING)
    send(front, clerk, f"/clerk/card/{number}/edit", field="amount", values="858 сомонӣ", reason="900 хатои чоп аст")
    look_through(front, clerk, number)
    assert f'action="/clerk/card/{number}/approve"' in clerk.get(f"/clerk/card/{number}").text
    done = send(front, clerk, f"/clerk/card/{number}/approve", name="А. Сафарова, сармутахассис")
    assert done.headers["location"] == f"/clerk/card/{number}#standing"
    shown = unescape(clerk.get(f"/clerk/card/{number}").text)
    assert text("tg", "clerk", "approved_by", name="А. Сафарова, сармутахассис", date="25 ноябри соли 2026") in shown
    assert "900 хатои чоп аст" in shown
    assert "/edit" not in shown
    told = [(who, deed) for who, deed, _ in deeds(front.config)]
    assert told[:4] == [("anisa", "card_approved"), ("anisa", "card_asked"), ("anisa", "card_edited"),
                        ("anisa", "card_begun")]
    late = send(front, clerk, f"/clerk/card/{number}/edit", field="amount", values="1 сомонӣ", reason="ҳазл")
    assert late.status_code == 409
    assert review(front.config, number).card.field(FieldName.AMOUNT).values == ("858 сомонӣ",)


def test_a_correction_needs_its_reason_and_can_be_undone(front, clerk):
    number = give(front, clerk)
    assert send(front, clerk, f"/clerk/card/{number}/edit", field="where", values="ба ҳукумат").status_code == 409
    assert review(front.config, number).changes == ()
    send(front, clerk, f"/clerk/card/{number}/edit", field="where", values="ба ҳукумат", reason="занг задам")
    assert "занг задам" in unescape(clerk.get(f"/clerk/card/{number}").text)
    send(front, clerk, f"/clerk/card/{number}/undo", field="where")
    found = review(front.config, number)
    assert found.card.field(FieldName.WHERE).edit is None
    assert len(found.changes) == 2


@pytest.mark.parametrize(("deed", "data"), [("edit", {"field": "mood", "values": "хуб", "reason": "санҷиш"}),
                                            ("acknowledge", {"doubt": "none"}), ("sing", {})])
def test_what_is_no_deed_changes_nothing(front, clerk, deed, data):
    number = give(front, clerk)
    before = review(front.config, number)
    assert send(front, clerk, f"/clerk/card/{number}/{deed}", **data).status_code in (400, 404)
    assert review(front.config, number) == before


def test_a_form_without_its_word_does_nothing(front, clerk):
    number = give(front, clerk)
    for deed in ("approve", "drop", "edit", "undo", "question", "acknowledge"):
        assert clerk.post(f"/clerk/card/{number}/{deed}", data={"reason": "ҳазл", "question": "чӣ"}).status_code == 403
    assert clerk.post(GIVE, data={"text": NOTICE}).status_code == 403
    assert review(front.config, number).standing is Standing.OPEN
    assert len(read(front)) == 1


def test_a_card_is_put_away_with_the_reason_and_is_no_more_among_the_open_ones(front, clerk):
    number = give(front, clerk)
    assert send(front, clerk, f"/clerk/card/{number}/drop").status_code == 409
    send(front, clerk, f"/clerk/card/{number}/drop", reason="кӯҳна шуд")
    assert f"/clerk/card/{number}" not in clerk.get("/clerk?standing=open").text.partition('id="cards"')[2]
    assert f"/clerk/card/{number}" in clerk.get("/clerk?standing=dropped").text.partition('id="cards"')[2]
    assert "кӯҳна шуд" in unescape(clerk.get(f"/clerk/card/{number}").text)


def test_each_file_says_what_became_of_it_and_none_stops_the_others(front, clerk):
    twice = NOTICE + "\n" + NOTICE.replace("моҳигирон", "шикорчиён")
    files = [("files", ("нахуст.txt", NOTICE.encode())), ("files", ("вайрон.pdf", b"%PDF-1.7 broken")),
             ("files", ("холӣ.txt", b"")), ("files", ("../../номи бад\u202etxt.exe", b"MZ\x90\x00" * 40)),
             ("files", ("дугона.txt", twice.encode()))]
    send(front, clerk, GIVE, files)
    found = read(front)
    assert [one.turn for one in found] == [Turn.READ, Turn.FAILED, Turn.FAILED, Turn.FAILED, Turn.READ]
    assert [one.fault for one in found[1:4]] == ["unreadable_file", "empty_file", "unsupported_file"]
    assert len(found[4].numbers) == 2
    shown = unescape(clerk.get("/clerk").text)
    for one in found[1:4]:
        assert text("tg", "clerk_fault", one.fault) in shown
    assert "\u202e" not in shown
    assert ".." not in found[3].name


def test_of_many_files_the_first_that_could_not_be_read_is_told_too(front, clerk):
    files = [("files", ("вайрон.pdf", b"%PDF-1.7 broken")), *[("files", (f"{one}.txt", b"")) for one in range(60)]]
    send(front, clerk, GIVE, files)
    assert len(read(front)) == 61
    assert "вайрон.pdf" in clerk.get("/clerk").text


def test_a_card_that_cannot_be_is_no_fault_of_ours(front, clerk):
    number = give(front, clerk)
    none = "9" * 30
    for path in (none, f"{none}/print", f"{none}.json", f"{none}/page/1.webp", f"{number}/page/{none}.webp"):
        assert clerk.get(f"/clerk/card/{path}").status_code == 404, path
    assert send(front, clerk, f"/clerk/card/{none}/drop", reason="санҷиш").status_code == 404
    assert review(front.config, number).standing is Standing.OPEN


def test_a_question_about_one_person_is_neither_kept_nor_shown_again(front, clerk):
    number = give(front, clerk)
    refused = send(front, clerk, f"/clerk/card/{number}/question", question="Шиносномаи A 12345678 кай омода аст?")
    assert refused.status_code == 409
    assert text("tg", "clerk", "fault_question") in unescape(refused.text)
    assert "12345678" not in refused.text
    assert review(front.config, number).question == ""
    assert deeds(front.config, 1)[0][1] == "card_begun"


def test_the_same_file_given_again_leads_to_the_card_that_is_open(front, clerk):
    number = give(front, clerk)
    give(front, clerk)
    assert read(front)[-1].numbers == (number,)
    assert text("tg", "clerk", "known_already") in clerk.get("/clerk").text
    with opened_store(front.config) as store:
        assert len(store.reviews.all()) == 1


def test_a_law_and_a_text_that_is_no_notice_are_told_as_such_and_not_approved(front, clerk):
    law = "Қонун\n\n" + "\n\n".join(f"Моддаи {number}. Қоида\nМатни модда." for number in range(1, 12))
    for words, status in ((law, "act"), ("Имрӯз ҳаво хуб аст. Дарё ором аст.", "no_notice")):
        number = give(front, clerk, words)
        shown = unescape(clerk.get(f"/clerk/card/{number}").text)
        assert text("tg", "card", status) in shown
        assert text("tg", "review", "lack_no_notice") in shown


def test_words_of_a_notice_are_never_a_part_of_the_page(front, clerk):
    number = give(front, clerk, NOTICE.replace("Эълон", HOSTILE, 1) + "Тамос: <img src=x> (37) 2-11\n")
    for path in (f"/clerk/card/{number}", f"/clerk/card/{number}/print", "/clerk"):
        shown = clerk.get(path).text
        assert "<script>alert" not in shown, path
        assert "<img src=x" not in shown, path


def test_a_page_of_a_printed_notice_is_shown_with_the_quote_marked_and_strangers_get_nothing(front, clerk):
    lines = [line for line in NOTICE.splitlines() if line]
    send(front, clerk, GIVE, [("files", ("огоҳинома.pdf", pdf([f"# {lines[0]}", *lines[1:]])))])
    number = read(front)[-1].numbers[0]
    shown = clerk.get(f"/clerk/card/{number}?quote=2").text
    assert '<rect id="mark"' in shown
    address = re.search(r'src="(/clerk/card/\d+/page/1\.webp[^"]*)"', shown)[1]
    assert clerk.get(unescape(address)).headers["content-type"] == "image/webp"
    assert clerk.get(f"/clerk/card/{number}/page/9.webp").status_code == 404
    for path in (f"/clerk/card/{number}", f"/clerk/card/{number}.json", address):
        assert front.browser().get(path).headers["location"].startswith("/enter"), path


def test_a_card_is_taken_as_an_object_and_the_log_says_so(front, clerk):
    number = give(front, clerk)
    taken = clerk.get(f"/clerk/card/{number}.json")
    assert taken.headers["content-disposition"] == f'attachment; filename="card-{number}.json"'
    assert taken.json()["review"]["standing"] == "open"
    assert [one["name"] for one in taken.json()["fields"]] == list(FieldName)
    assert deeds(front.config, 1) == [("anisa", "exported", {"card": str(number), "kind": "json"})]
    assert clerk.get(f"/clerk/card/{number}.xls").status_code == 404


def test_on_paper_a_card_says_that_it_is_a_draft_until_it_is_approved(front, clerk):
    number = give(front, clerk)
    assert text("tg", "clerk", "draft") in clerk.get(f"/clerk/card/{number}/print").text
    look_through(front, clerk, number)
    send(front, clerk, f"/clerk/card/{number}/approve", name="А. Сафарова")
    shown = clerk.get(f"/clerk/card/{number}/print").text
    assert text("tg", "clerk", "draft") not in shown
    assert "А. Сафарова" in shown
    for citation in review(front.config, number).card.citations:
        assert citation.quote in unescape(shown)


def test_more_than_fits_is_refused_and_so_is_much_at_any_other_address(front, clerk):
    large = b"a" * (MOST_BYTES + 1)
    assert send(front, clerk, GIVE, [("files", ("калон.txt", large))]).status_code == 413
    assert send(front, clerk, "/clerk/card/1/drop", reason="a" * 70_000).status_code == 413
    assert send(front, clerk, GIVE, [("files", ("миёна.txt", b"a" * 100_000))]).status_code == 303
    assert len(read(front)) == 1


def test_what_a_stranger_sends_is_not_read(front):
    async def unread():
        raise AssertionError("the body was read")

    async def tell(message):
        told.append(message)

    told = []
    headers = {"host": ADDRESS.removeprefix("http://"), "origin": ADDRESS, "content-length": "4096",
               "content-type": "multipart/form-data; boundary=x"}
    anyio.run(front.app, {"type": "http", "method": "POST", "path": GIVE, "raw_path": GIVE.encode(), "scheme": "http",
                          "query_string": b"", "root_path": "", "http_version": "1.1", "client": ("127.0.0.1", 5),
                          "server": ("127.0.0.1", 8080),
                          "headers": [(name.encode(), value.encode()) for name, value in headers.items()]}, unread,
              tell)
    assert told[0]["status"] == 303
    assert (b"location", b"/enter") in told[0]["headers"]
    assert not hasattr(front.app.state, "readings")


def test_files_wait_for_each_other_and_are_refused_where_there_is_no_room(front, clerk, monkeypatch):
    monkeypatch.setattr(readings, "MOST_WAITING", len(NOTICE.encode()) + 10)
    held, going = Event(), Event()
    clerk.get("/clerk")
    queue = front.app.state.readings
    queue._thread.submit(lambda: (going.set(), held.wait(30)))
    assert going.wait(10)
    send(front, clerk, GIVE, [("files", ("якум.txt", NOTICE.encode())), ("files", ("дуюм.txt", NOTICE.encode()))])
    shown = clerk.get("/clerk/readings").text
    assert text("tg", "clerk", "turn_waiting") in shown
    assert text("tg", "clerk_fault", "busy") in shown
    assert 'data-under-way="1"' in shown
    held.set()
    assert [one.turn for one in read(front)] == [Turn.READ, Turn.FAILED]


def test_a_fault_of_ours_costs_one_file_and_is_told_without_its_words(front, clerk, monkeypatch, caplog):
    def broken(*_):
        raise RuntimeError("Раҳимов Далер")

    monkeypatch.setattr(readings, "cards_of", broken)
    send(front, clerk, GIVE, text=NOTICE)
    assert [one.fault for one in read(front)] == ["internal"]
    assert "Раҳимов" not in caplog.text
    assert "RuntimeError" in caplog.text


@pytest.mark.parametrize("language", ["tg", "ru", "en"])
def test_every_page_is_in_the_language_that_was_chosen(front, clerk, language):
    number = give(front, clerk, COMPUTED)
    clerk.post("/language", data={"language": language, "here": "/clerk"}, headers={"origin": ADDRESS})
    assert text(language, "clerk", "give") in unescape(clerk.get("/clerk").text)
    shown = unescape(clerk.get(f"/clerk/card/{number}").text)
    assert text(language, "clerk", "to_do") in shown
    assert text(language, "card", "name_amount") in shown
    assert "11 × 78 = 858" in shown
    assert text(language, "clerk", "draft") in unescape(clerk.get(f"/clerk/card/{number}/print").text)


def test_what_was_typed_is_still_there_where_it_was_refused(front, clerk):
    number = give(front, clerk)
    refused = send(front, clerk, f"/clerk/card/{number}/edit", field="where", values="ба идораи дигар")
    assert refused.status_code == 409
    assert "ба идораи дигар</textarea>" in unescape(refused.text)
    assert "ба идораи дигар" not in unescape(clerk.get(f"/clerk/card/{number}").text)


def test_turning_pages_opens_no_quote(front, clerk):
    number = give(front, clerk)
    assert clerk.get(f"/clerk/card/{number}?quote=2&page=1").status_code == 200
    assert review(front.config, number).seen == set()


@pytest.mark.parametrize(("kind", "begins"), [("docx", b"PK"), ("pdf", b"%PDF")])
def test_a_card_is_taken_as_a_file_for_people(front, clerk, kind, begins):
    number = give(front, clerk)
    taken = clerk.get(f"/clerk/card/{number}.{kind}")
    assert taken.content.startswith(begins)
    assert taken.headers["content-disposition"] == f'attachment; filename="card-{number}.{kind}"'


def test_a_file_that_was_changed_on_the_disk_is_not_shown_and_the_page_says_so(front, clerk):
    lines = [line for line in NOTICE.splitlines() if line]
    send(front, clerk, GIVE, [("files", ("огоҳинома.pdf", pdf([f"# {lines[0]}", *lines[1:]])))])
    number = read(front)[-1].numbers[0]
    review(front.config, number).read.file.write_bytes(pdf(["# Огоҳиномаи дигар", "Андоза 9 999 сомонӣ аст."]))
    shown = unescape(clerk.get(f"/clerk/card/{number}?quote=2").text)
    assert text("tg", "source", "no_file") in shown
    assert "<img" not in shown.partition('id="notice"')[2]
    assert "9 999" not in shown
    assert clerk.get(f"/clerk/card/{number}/page/1.webp").status_code == 404
