"""The clerk's pages of questions as a browser without scripts meets them: comparing, asking, searching, acts."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from urllib.parse import quote

import pytest

from assistant.access.roles import Role
from assistant.texts import LANGUAGES, text
from assistant.web.compare_page import MOST_BYTES
from assistant.web.guard import MOST_BYTES as USUAL
from tests.front import OF, Front, deeds, desks, desks_over

QUESTION = "Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?"
OLD = "Қоида\n\nКӯмакпулӣ 100 сомонӣ аст. Аризаро то 1 марти соли 2026 супоред.\n"
NEW = "Қоида\n\nКӯмакпулӣ 150 сомонӣ аст. Аризаро то 1 марти соли 2026 супоред.\n"
PAGES = ("/clerk/compare", "/clerk/ask", "/clerk/search", "/clerk/acts")


@pytest.fixture
def front(seed_config, tmp_path, monkeypatch):
    """A clerk's pages on a machine that answers from the seed."""
    config = desks_over(seed_config, tmp_path, monkeypatch)
    found = Front(config, Role.CLERK)
    with found.desk.current:
        yield found


@pytest.fixture
def clerk(front):
    return front.inside()


def send(front, clerk, path, files=None, **data):
    return clerk.post(path, data=data | {"csrf": front.csrf(clerk)}, files=files)


def two(old=OLD, new=NEW):
    return {"old_file": ("old.txt", old.encode()), "new_file": ("new.txt", new.encode())}


def edition(front):
    """A document of the seed that another took the place of, and that other."""
    with front.desk.current.assistant() as assistant:
        known = {one.id: one for one in assistant.snapshot.documents()}
    return next((one, known[one.superseded_by]) for one in known.values() if one.superseded_by in known)


def ask(front, clerk, question, at=""):
    sent = send(front, clerk, "/clerk/ask", question=question, at=at)
    assert sent.status_code == 303
    return sent.headers["location"]


# Who sees them

@pytest.mark.parametrize("path", [*PAGES, "/clerk/act/x", "/clerk/answer/x", "/clerk/compared/x"])
def test_neither_a_stranger_nor_an_admin_gets_anything(front, path):
    admin = Front(front.config, Role.ADMIN).inside(OF[Role.ADMIN])
    assert admin.get(path).status_code == 404
    answer = front.browser().get(path)
    assert (answer.status_code, answer.headers["location"], answer.text) == (303, "/enter", "")


@pytest.mark.parametrize("path", ["/clerk/compare", "/clerk/ask", "/clerk/search"])
def test_what_is_sent_without_the_word_of_the_form_does_nothing(front, clerk, path):
    assert clerk.post(path, data={"question": QUESTION, "words": QUESTION}).status_code == 403
    assert not front.office.inside.find(clerk.cookies[front.office.cookie]).visit.answers


def test_a_large_file_of_a_stranger_is_not_read(front, monkeypatch):
    monkeypatch.setattr("starlette.requests.Request.form", lambda *_: pytest.fail("it was read"))
    monkeypatch.setattr("starlette.requests.Request.body", lambda *_: pytest.fail("it was read"))
    answer = front.browser().post("/clerk/compare", content=b"x" * (MOST_BYTES - 1),
                                  headers={"content-type": "multipart/form-data; boundary=x"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/enter")
    assert len(front.office.inside) == 0


def test_only_the_address_that_takes_editions_takes_much(front, clerk):
    assert send(front, clerk, "/clerk/ask", question="х" * USUAL).status_code == 413
    assert send(front, clerk, "/clerk/compare", two("х" * MOST_BYTES)).status_code == 413
    long = OLD + "Ин матни дароз аст. " * 4000
    assert send(front, clerk, "/clerk/compare", two(long, long)).status_code == 303


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_shown_in_every_language(clerk, language, path):
    clerk.post("/language", data={"language": language})
    shown = clerk.get(path)
    assert shown.status_code == 200
    assert f'<html lang="{language}"' in shown.text
    assert text(language, "clerk", "nav_compare") in shown.text


# Comparing

def test_two_files_are_compared_and_a_changed_sum_is_told_first_with_both_quotes(front, clerk):
    shown = unescape(clerk.get(send(front, clerk, "/clerk/compare", two()).headers["location"]).text)
    assert text("tg", "compare", "amount", old="100 сомонӣ", new="150 сомонӣ") in shown
    assert re.search(r"<del><span class=\"visually-hidden\">бардошта шуд: </span>100</del>", shown)
    assert re.search(r"<ins><span class=\"visually-hidden\">илова шуд: </span>150</ins>", shown)
    assert "«Кӯмакпулӣ 100 сомонӣ аст.»" in shown
    assert "«Кӯмакпулӣ 150 сомонӣ аст.»" in shown
    assert text("tg", "clerk_questions", "kind_date") not in shown


def test_where_nothing_changed_the_page_says_so(front, clerk):
    shown = unescape(clerk.get(send(front, clerk, "/clerk/compare", two(OLD, OLD)).headers["location"]).text)
    assert text("tg", "compare", "none") in shown
    assert "<ins>" not in shown


def test_words_of_a_file_are_shown_as_words(front, clerk):
    sent = send(front, clerk, "/clerk/compare",
                {"old_file": ("<b>old.txt", OLD.encode()),
                 "new_file": ("new.txt", NEW.replace("супоред", "<i>зуд</i> супоред <script>").encode())})
    for path in (sent.headers["location"], sent.headers["location"] + "/print"):
        shown = clerk.get(path).text
        assert not {tag for tag in ("<script>", "<b>old", "<i>зуд") if tag in shown}
        inserted = "".join(re.findall(r"<ins>.*?</ins>", shown))
        assert "&lt;i&gt;зуд" in inserted
        assert "&lt;script&gt;" in inserted


def test_nothing_of_what_was_compared_stays_on_the_disk_or_after_leaving(front, clerk, tmp_path, monkeypatch):
    spool = tmp_path / "spool"
    spool.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(spool))
    where = send(front, clerk, "/clerk/compare", two()).headers["location"]
    assert list(spool.iterdir()) == []
    kept = [path for path in tmp_path.rglob("*") if path.is_file() and not path.is_symlink()]
    assert all("150 сомонӣ".encode() not in path.read_bytes() for path in kept if "generations" not in path.parts)
    send(front, clerk, "/leave")
    other = front.inside()
    assert other.get(where).status_code == 404


def test_what_changed_is_taken_as_an_object_and_the_log_says_so(front, clerk):
    where = send(front, clerk, "/clerk/compare", two()).headers["location"]
    assert clerk.get(where + ".json").json()["changes"][0]["kind"] == "amount"
    assert deeds(front.config, 1) == [("anisa", "exported", {"table": "compare"})]


def test_where_there_are_no_documents_files_are_compared_all_the_same(tmp_path, monkeypatch):
    bare = Front(desks(tmp_path / "data", monkeypatch), Role.CLERK)
    clerk = bare.inside()
    assert clerk.get("/clerk/compare").status_code == 200
    shown = clerk.get(send(bare, clerk, "/clerk/compare", two()).headers["location"])
    assert "150 сомонӣ" in unescape(shown.text)
    assert clerk.get("/clerk/acts").status_code == 503


@pytest.mark.parametrize(("files", "data", "fault"), [
    ({}, {}, "none"), ({"old_file": ("a.pdf", b"%PDF-1.4 broken"), "new_file": ("b.txt", NEW.encode())}, {}, None),
    ({"old_file": ("a.txt", OLD.encode())}, {"new": "чизе-ки-нест"}, "gone")])
def test_what_cannot_be_compared_is_told_beside_the_form(front, clerk, files, data, fault):
    sent = send(front, clerk, "/clerk/compare", files or None, **data)
    assert sent.status_code == 400
    assert 'role="alert"' in sent.text
    assert fault is None or text("tg", "clerk_fault", fault) in unescape(sent.text)


def test_an_edition_is_compared_with_the_one_before_from_its_page(front, clerk):
    old, new = edition(front)
    page = unescape(clerk.get(f"/clerk/act/{quote(new.id)}").text)
    assert text("tg", "clerk_questions", "compare_before") in page
    shown = unescape(clerk.get(send(front, clerk, "/clerk/compare", old=old.id, new=new.id).headers["location"]).text)
    assert old.title in shown
    assert new.title in shown


# Asking

def test_a_question_is_answered_as_on_the_kiosk_and_how_it_was_found_stands_beside(front, clerk):
    where = ask(front, clerk, QUESTION)
    shown = unescape(clerk.get(where).text)
    with front.desk.current.assistant() as assistant:
        claims = assistant.ask(QUESTION).claims
    assert all(line.lstrip("–—•*- ") in shown for claim in claims for line in claim.text.split("\n"))
    assert text("tg", "clerk_questions", "explain") in shown
    for stage in ("lexical", "fused", "understood"):
        assert stage in shown
    source = re.search(r'href="(/clerk/answer/[^"]+/source/1)"', shown)[1]
    page = clerk.get(source)
    assert page.status_code == 200
    assert 'id="mark"' in page.text or "<blockquote" in page.text


def test_why_a_question_was_declined_is_told(front, clerk):
    shown = unescape(clerk.get(ask(front, clerk, "Қимати тилло дар Миррих чанд аст?")).text)
    assert "verdict--none" in shown
    assert text("tg", "clerk_questions", "explain") in shown


def test_the_day_asked_about_is_the_day_of_the_answer(front, clerk):
    assert "1 июли соли 2019" in unescape(clerk.get(ask(front, clerk, QUESTION, "2019-07-01")).text)
    wrong = send(front, clerk, "/clerk/ask", question=QUESTION, at="2019-02-30")
    assert wrong.status_code == 400
    assert text("tg", "clerk_questions", "wrong_day") in wrong.text


def test_a_question_is_in_no_address_no_log_and_gone_after_leaving(front, clerk, caplog):
    caplog.set_level("DEBUG")
    where = ask(front, clerk, "Саволи махфӣ дар бораи шиноснома <i>чӣ</i>?")
    shown = clerk.get(where).text
    assert "<i>чӣ" not in shown
    assert "махф" not in where + caplog.text + str(deeds(front.config))
    send(front, clerk, "/leave")
    assert front.inside().get(where).status_code == 404


@pytest.mark.parametrize("how", ["leaves", "is over"])
def test_words_that_were_asked_are_forgotten_when_a_session_ends(front, clerk, how):
    ended = []
    assert front.office.inside.over == front.desk.current.forget
    front.office.inside.over = lambda: ended.append(how)
    front.later(10)
    front.office.inside.sweep()
    assert ended == []
    if how == "leaves":
        send(front, clerk, "/leave")
    front.later(901 if how == "is over" else 0)
    front.office.inside.sweep()
    assert ended == [how]


def test_the_answer_of_one_clerk_is_not_anothers(front, clerk):
    assert front.inside().get(ask(front, clerk, QUESTION)).status_code == 404


# Searching

def test_passages_are_found_by_words_and_filters_leave_some_out(front, clerk):
    found = send(front, clerk, "/clerk/search", words="шиноснома")
    ids = re.findall(r'href="/clerk/act/([^"#]+)#p\d+"', found.text)
    assert len(ids) > 3
    only = send(front, clerk, "/clerk/search", words="шиноснома", language="ru")
    with front.desk.current.assistant() as assistant:
        for name in re.findall(r'href="/clerk/act/([^"#]+)#p\d+"', only.text):
            assert assistant.snapshot.document(name).language == "ru"
    nothing = send(front, clerk, "/clerk/search", words="шиноснома", publisher="<b>ҳеҷ кас")
    assert text("tg", "clerk_questions", "search_nothing") in nothing.text
    assert "<b>ҳеҷ" not in nothing.text


# Acts

def test_what_held_on_a_day_is_parted_from_what_did_not(front, clerk):
    old, new = edition(front)
    page = unescape(clerk.get(f"/clerk/acts?service={quote(old.service)}").text)
    held, _, rest = page.partition(text("tg", "clerk_questions", "on_not", date="25 ноябри соли 2026"))
    assert f"/clerk/act/{quote(old.id)}" in rest
    assert f"/clerk/act/{quote(old.id)}" not in held
    assert f"/clerk/act/{quote(new.id)}" in held


@pytest.mark.parametrize("at", ["2026-02-31", "<script>", "yesterday"])
def test_a_day_that_is_none_is_said_to_be_none_and_today_is_shown(clerk, at):
    page = clerk.get("/clerk/acts", params={"at": at})
    assert page.status_code == 200
    assert text("tg", "clerk_questions", "wrong_day") in page.text
    assert "<script>" not in page.text


def test_a_document_shows_its_editions_and_its_text_and_an_unknown_one_is_not_there(front, clerk):
    old, new = edition(front)
    page = unescape(clerk.get(f"/clerk/act/{quote(old.id)}").text)
    assert f"/clerk/act/{quote(new.id)}" in page
    with front.desk.current.assistant() as assistant:
        assert assistant.snapshot.passages(old.id)[0].text.split("\n")[0] in page
    assert clerk.get("/clerk/act/чизе-ки-нест").status_code == 404


def test_every_page_of_ours_loads_only_files_of_ours():
    for template in Path("assistant/web/templates").glob("clerk_*.html"):
        assert not re.search(r"style=|<script>|\bon\w+=|https?:", template.read_text(encoding="utf-8")), template
