"""What a person takes home: the words of the answer on paper and in a QR code, and what a printer says."""

from __future__ import annotations

import os
import re
import stat
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader
from segno import make

from assistant import printer
from assistant.cited import cited
from assistant.evaluate import read_questions
from assistant.paper import About, Block, Kind, Paper, paper_of, says_unofficial
from assistant.printer import PrinterState
from assistant.qr import MOST_BYTES, MOST_LETTERS, code, essentials
from assistant.records import AnswerStatus
from assistant.sheet import Size, media, sheet
from assistant.texts import text
from tests.entries import entry

ROOT = Path(__file__).parents[1]
QUESTION = "Барои шиносномаи хориҷӣ чӣ қадар пул додан лозим аст?"
NOTHING = About({})
LETTERS = "ғӣқӯҳҷёйъэ ҒӢҚӮҲҶЁЙЪЭ №«»–—…"


@pytest.fixture
def answer(assistant):
    return assistant.account(QUESTION).answer


@pytest.fixture(scope="module")
def several(assistant):
    """Answers and abstentions to questions of the golden set, of all kinds."""
    questions = list(read_questions(ROOT / "tests" / "golden" / "questions.jsonl"))
    return [assistant.account(one.question).answer for one in questions[::len(questions) // 40]]


def read_back(pdf):
    """Return the words of a PDF without spaces and line ends, as pdfium reads them."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [document[number].get_textpage().get_text_range() for number in range(len(document))]
    document.close()
    return "".join("".join(pages).split())


def squeezed(words):
    return "".join(words.split())


# What stands on a paper.

def test_a_paper_says_answer_sources_day_release_office_and_what_warns_of_it(answer):
    about = About({source.document.id: "min-foreign/7" for source in cited(answer)})
    words = paper_of(answer, about).words
    for claim in answer.claims:
        assert claim.text in words
    for source in cited(answer)[:len(answer.claims)]:
        assert source.document.title in words
    assert "«Шиносномаи хориҷӣ: намудҳо, муҳлат ва ҷойи гирифтан»; қарори" in words
    assert "саҳ. 1" in words
    assert text("tg", "take", "release", release="min-foreign/7") in words
    assert "25 ноябри соли 2026" in words
    assert answer.warnings
    assert all(warning in words for warning in answer.warnings)
    assert answer.office.name in words
    assert answer.snapshot in words


def test_what_warns_of_an_answer_stands_before_it(answer):
    kinds = [block.kind for block in paper_of(answer, NOTHING).blocks]
    assert kinds.index(Kind.WARNING) < kinds.index(Kind.LEAD) < kinds.index(Kind.SAID)


def test_the_question_is_on_the_paper_only_where_the_person_wants_it(answer):
    assert QUESTION not in paper_of(answer, NOTHING).words
    assert QUESTION in paper_of(answer, NOTHING, question=True).words


def test_a_document_that_is_no_official_text_is_named_as_such(answer):
    first = cited(answer)[0].document.id
    words = text("tg", "take", "unofficial")
    assert words not in paper_of(answer, NOTHING).words
    told = [block.words for block in paper_of(answer, About({}, {first})).blocks if words in block.words]
    assert told
    assert all(block.startswith(("[1]", "[2]")) for block in told)


def test_a_document_is_taken_at_its_word_that_it_is_no_official_text():
    def says(words):
        return says_unofficial(entry("қоида", words).passages)

    assert says("Матни тавзеҳӣ, на расмӣ.")
    assert says("Пояснительный текст, не официальный.")
    assert not says("Адрес в неофициальных источниках указан по-разному.")
    assert not says("Қонуни Ҷумҳурии Тоҷикистон. Матни расмӣ.")


def test_an_abstention_says_what_was_looked_for_the_nearest_documents_and_the_office(assistant):
    answer = assistant.account("Нафақаи ман чанд сомонӣ мешавад?").answer
    assert answer.status is AnswerStatus.ABSTAINED_NEEDS_CLERK
    paper = paper_of(answer, NOTHING, question=True)
    assert text("tg", "take", "looked_for") in paper.words
    assert text("tg", "status", answer.status) in paper.words
    assert answer.hits[0][1].title in paper.words
    assert answer.office.name in paper.words
    assert answer.question not in paper_of(answer, NOTHING).words


def test_numbers_that_were_shown_before_stay_the_same(answer):
    sources = cited(answer)
    turned = tuple(source.passage.id for source in reversed(sources))
    again = cited(answer, turned)
    assert {one.passage.id: one.number for one in again} \
        == {one.passage.id: len(sources) + 1 - one.number for one in sources}
    assert f"[{again[-1].number}]" in paper_of(answer, About({}, numbered=turned)).words


# The paper as a PDF.

def test_the_pdf_of_twenty_answers_reads_as_their_words(several):
    assert {bool(answer.claims) for answer in several} == {True, False}
    for answer in several[:24]:
        paper = paper_of(answer, NOTHING, question=True)
        back = _without_foot(read_back(sheet(paper, Size.A4)))
        for block in paper.blocks:
            assert squeezed(block.words) in back, block.words


def _without_foot(back):
    """Return what was read without the numbers of pages, which stand between two of them."""
    return re.sub(r"(?:саҳ\.|стр\.|page)\d+(?:аз|из|of)\d+", "", back)


@pytest.mark.parametrize("size", list(Size))
def test_every_letter_of_tajik_is_on_the_paper(size):
    paper = Paper("tg", (Block(Kind.SAID, LETTERS), Block(Kind.HEAD, LETTERS)))
    assert read_back(sheet(paper, size)).count(squeezed(LETTERS)) == 2


def test_a_receipt_is_one_page_as_long_as_its_words(answer):
    short, long = (pypdfium2.PdfDocument(sheet(paper, Size.RECEIPT)) for paper in
                   (Paper("tg", (Block(Kind.SAID, "Кӯтоҳ"),)), paper_of(answer, NOTHING)))
    sizes = [(len(one), *one[0].get_size()) for one in (short, long)]
    assert [count for count, _, _ in sizes] == [1, 1]
    assert sizes[0][1] == sizes[1][1] == pytest.approx(80 / 25.4 * 72, abs=0.1)
    assert sizes[0][2] < 60 < 300 < sizes[1][2]
    for one in (short, long):
        one.close()


def test_cups_is_told_the_paper_of_a_sheet(answer):
    slip = sheet(paper_of(answer, NOTHING), Size.RECEIPT)
    name = media(slip, Size.RECEIPT)
    with pypdfium2.PdfDocument(slip) as opened:
        size = opened[0].get_size()
    assert [float(side) for side in name.removeprefix("Custom.").split("x")] == pytest.approx(size, abs=0.01)
    assert media(sheet(paper_of(answer, NOTHING), Size.A4), Size.A4) == "A4"


def test_the_pages_of_a_long_paper_are_numbered():
    paper = Paper("tg", tuple(Block(Kind.SAID, f"Банди {number}. " + "сухан " * 60) for number in range(12)))
    back = read_back(sheet(paper, Size.A4))
    assert squeezed("саҳ. 1 аз 2") in back
    assert squeezed("саҳ. 2 аз 2") in back


def test_a_pdf_says_nothing_of_the_person_in_its_description(answer, tmp_path):
    path = tmp_path / "one.pdf"
    path.write_bytes(sheet(paper_of(answer, NOTHING, question=True), Size.A4))
    told = dict(PdfReader(path).metadata)
    assert set(told) <= {"/Title", "/Producer", "/CreationDate"}
    assert told["/Title"] == text("tg", "kiosk", "name")
    assert told["/CreationDate"].startswith("D:20000101")
    assert sheet(paper_of(answer, NOTHING), Size.A4) == sheet(paper_of(answer, NOTHING), Size.A4)


def test_a_letter_that_the_font_lacks_leaves_a_sign_and_not_a_hole():
    assert read_back(sheet(Paper("tg", (Block(Kind.SAID, "оё 😀 чист"),)), Size.A4)).startswith("оё?чист")


# The short of it for a telephone.

def test_the_code_of_every_answer_is_short_and_says_day_source_and_that_there_is_a_warning(several):
    for answer in several:
        words = essentials(answer)
        assert len(words) <= MOST_LETTERS
        assert len(words.encode()) <= MOST_BYTES
        assert str(answer.as_of.year) in words
        assert ("[" in words) >= bool(answer.claims)
        assert (text(answer.language, "take", "short_warning") in words) == bool(answer.warnings or answer.conflicts)


def test_an_old_telephone_can_read_the_largest_code(several):
    words = max(map(essentials, several), key=lambda one: len(one.encode()))
    assert make(words, error="l", boost_error=False, micro=False, encoding="utf-8").version <= 15


def test_what_does_not_hold_any_more_says_so_in_the_code(answer):
    past = replace(answer, status=AnswerStatus.ANSWERED_SUPERSEDED)
    assert essentials(past).startswith(text("tg", "status", past.status))


def test_a_claim_that_does_not_fit_is_left_out_and_not_cut(answer):
    one, other = (replace(answer.claims[0], text=word * 8) for word in ("Якум сухан. ", "Дуюм сухани дарозтар аст. "))
    words = essentials(replace(answer, claims=(one, other, other), office=None))
    assert one.text.strip() in words
    assert words.count("Дуюм") in (0, 8)
    assert "…" in words


def test_the_code_is_a_drawing_without_any_style():
    drawn = code("Ба ҳолати 25 ноябри соли 2026")
    assert drawn.startswith("<svg")
    assert "style" not in drawn
    assert "ноябр" not in drawn


# Printers.

@pytest.fixture
def cups(tmp_path, monkeypatch):
    """A machine whose CUPS says what a test tells it to say; `taken` is what was printed."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin")

    def says(told="printer office is idle.  enabled since now\n\tAlerts: none", *, lpstat=0, lp=0):
        write(folder / "lpstat", f"cat <<'END'\n{told}\nEND\nexit {lpstat}")
        write(folder / "lp", f'echo "$@" > "{tmp_path}/asked"\ncat > "{tmp_path}/taken"\nexit {lp}')
        return tmp_path / "taken", tmp_path / "asked"

    def write(path, script):
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    return says


def test_a_printer_that_is_ready_gets_the_very_bytes_under_a_name_that_tells_nothing(cups):
    taken, asked = cups()
    assert printer.state_of("office") is PrinterState.READY
    assert printer.send("office", b"%PDF-1.7 \x00 bytes", media="A4") is PrinterState.SENT
    assert taken.read_bytes() == b"%PDF-1.7 \x00 bytes"
    assert asked.read_text().split() == ["-s", "-d", "office", "-t", "Rohnamo", "-o", "job-cancel-after=120",
                                         "media=A4", "-"]


@pytest.mark.parametrize(("told", "state"), [
    ("printer office disabled since now -\n\tPaused", PrinterState.OFF),
    ("printer office is idle.  enabled since now\n\tAlerts: media-empty-error", PrinterState.PAPER_OUT),
    ("printer office now printing office-7.\n\tAlerts: offline-report", PrinterState.OFF),
    ("printer office now printing office-7.  enabled since now\n\tWaiting for printer to become available.",
     PrinterState.OFF),
    ("printer office now printing office-7.  enabled since now\n\tThe printer may not exist or is unavailable at this "
     "time.", PrinterState.OFF),
    ("printer office is idle.  enabled since now\n\tAlerts: none\noffice not accepting requests since now -",
     PrinterState.OFF),
])
def test_a_printer_that_cannot_print_says_why_and_gets_nothing(told, state, cups):
    taken, _ = cups(told)
    assert printer.send("office", b"%PDF") is state
    assert not taken.exists()


@pytest.mark.parametrize("told", [
    "printer office now printing office-7.  enabled since now\n\tSending data to printer.",
    "printer office is idle.  enabled since now\n\tWaiting for printer to become available.",
])
def test_a_printer_that_prints_for_another_or_was_away_once_gets_the_next_sheet(told, cups):
    cups(told)
    assert printer.send("office", b"%PDF") is PrinterState.SENT


def test_a_queue_that_is_not_known_and_a_machine_without_cups_say_so(cups, monkeypatch, tmp_path):
    cups("", lpstat=1)
    assert printer.send("office", b"%PDF") is PrinterState.UNKNOWN
    monkeypatch.setenv("PATH", str(tmp_path))
    assert printer.state_of("office") is PrinterState.UNKNOWN


def test_a_kiosk_without_a_printer_asks_nobody(cups):
    _, asked = cups()
    assert printer.send("", b"%PDF") is PrinterState.NO_PRINTER
    assert printer.send("-o raw; rm", b"%PDF") is PrinterState.UNKNOWN
    assert not asked.exists()


def test_a_job_that_is_refused_failed(cups):
    cups(lp=1)
    assert printer.send("office", b"%PDF") is PrinterState.FAILED


def test_a_printer_that_does_not_answer_is_off_and_nobody_waits_long(cups, monkeypatch):
    cups()
    monkeypatch.setattr(printer, "_ASK_S", 0.0)
    assert printer.state_of("office") is PrinterState.OFF


def test_every_state_has_its_words_in_three_languages():
    for language in ("tg", "ru", "en"):
        assert all(text(language, "take", state) for state in PrinterState)
