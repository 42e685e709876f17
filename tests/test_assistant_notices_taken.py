"""Cards that are taken away: what stands in the PDF and the Word file is what stands in the card, and nothing else."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from assistant.figures import figures
from assistant.notices import FieldName, cards_of, read_notice
from assistant.notices.card import Edit
from assistant.notices.docx import docx_bytes
from assistant.notices.pdf import pdf_bytes
from assistant.notices.taken import marked, taken
from assistant.texts import text
from benchmarks.notices.drawing import draw
from benchmarks.notices.samples import samples
from corpora.sandbox import Sandbox

DAY = date(2026, 11, 27)
STANDING = "Тасдиқ кард: А. Сафарова, 27 ноябри соли 2026."
MADE = {"pdf": pdf_bytes, "docx": docx_bytes}


@pytest.fixture(scope="module")
def notices():
    """Two samples of each kind of file that is no scan, each with its card."""
    chosen = {}
    for sample in samples():
        if not sample.is_scan:
            chosen.setdefault(sample.format, []).append(sample)
    with Sandbox() as sandbox:
        reads = [read_notice(*draw(one), sandbox) for some in chosen.values() for one in some[:2]]
    return [(read, cards_of(read, DAY)[0]) for read in reads]


def words_of(kind, data):
    if kind == "pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    document = docx.Document(io.BytesIO(data))
    cells = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    heads = [one.text for one in document.sections[0].header.paragraphs]
    return "\n".join([*heads, *(one.text for one in document.paragraphs), *cells])


def bare(words):
    return "".join(words.split())


@pytest.mark.parametrize("kind", list(MADE))
@pytest.mark.parametrize("language", ["tg", "ru"])
def test_every_quote_value_and_what_was_left_over_can_be_read_back(notices, kind, language):
    for read, card in notices:
        words = bare(words_of(kind, MADE[kind](card, language, "", read.passages)))
        for citation in (*card.citations, *card.left_over):
            assert bare(citation.quote) in words, card.title
        found = taken(card, language)
        for line in (one for row in found.rows for one in row.lines):
            assert bare(line.words) in words, (card.title, line)
        assert bare(found.figures) in words


def sums(words):
    return {one.value for line in words for one in figures(line) if "сомонӣ" in line[one.start:one.end]}


@pytest.mark.parametrize("kind", list(MADE))
def test_no_sum_is_there_that_is_not_in_the_notice_or_was_worked_out(notices, kind):
    for read, card in notices:
        lines = [line for passage in read.passages for line in passage.text.split("\n")]
        plain = [one.text for said in taken(card, "tg").plain for one in said.sentences]
        sums_of = [one.computation for field in card.fields for one in field.entries if one.computation]
        known = sums([*lines, *plain, *(f"{one.value} сомонӣ" for one in sums_of)])
        assert sums(words_of(kind, MADE[kind](card, "tg")).splitlines()) <= known, card.title


@pytest.mark.parametrize("kind", list(MADE))
def test_it_is_a_draft_until_somebody_approved_it_and_then_says_who(notices, kind):
    _, card = notices[0]
    draft, approved = (words_of(kind, MADE[kind](card, "tg", standing)) for standing in ("", STANDING))
    assert text("tg", "clerk", "draft") in draft
    assert text("tg", "clerk", "draft") not in approved
    assert bare(STANDING) in bare(approved)


@pytest.mark.parametrize("kind", list(MADE))
def test_the_same_card_gives_the_same_bytes_and_another_gives_others(notices, kind):
    (read, card), (_, other) = notices[:2]
    assert MADE[kind](card, "tg", "", read.passages) == MADE[kind](card, "tg", "", read.passages)
    assert MADE[kind](card, "tg") != MADE[kind](other, "tg")


@pytest.mark.parametrize("kind", list(MADE))
def test_a_correction_says_who_when_and_why(notices, kind):
    _, card = notices[0]
    edited = card.edited(FieldName.WHERE, Edit(("ба ҳукумати ноҳия",), "anisa", "2026-11-27", "занг задам"))
    words = bare(words_of(kind, MADE[kind](edited, "tg")))
    for said in ("ба ҳукумати ноҳия", "anisa", "27 ноябри соли 2026", "занг задам"):
        assert bare(said) in words


def test_the_notice_stands_behind_it_whole_with_each_quote_marked_where_it_is(notices):
    for read, card in notices:
        lines = marked(card, read.passages)
        whole = "\n".join(passage.text for passage in read.passages)
        assert [line for line in map(bare, whole.splitlines()) if line] == [
            bare("".join(part.text for part in line)) for line in lines]
        for number, citation in enumerate(card.citations, 1):
            quoted = "".join(part.text for line in lines for part in line if number in part.numbers)
            assert bare(quoted) == bare(citation.quote), (card.title, number)


def test_a_word_file_names_its_language_its_title_and_repeats_the_head_of_its_table(notices):
    _, card = notices[0]
    document = docx.Document(io.BytesIO(docx_bytes(card, "tg")))
    assert document.core_properties.title == card.title
    assert document.styles["Normal"].element.rPr.find(qn("w:lang")).get(qn("w:val")) == "tg-TJ"
    table = document.tables[0]
    assert table.rows[0]._tr.trPr.find(qn("w:tblHeader")) is not None
    assert [row.cells[0].text for row in table.rows[1:]] == [text("tg", "card", f"name_{name}") for name in FieldName]
    assert Path(document.part.partname).name == "document.xml"


def test_a_pdf_names_its_language_and_its_title(notices):
    _, card = notices[0]
    reader = PdfReader(io.BytesIO(pdf_bytes(card, "ru")))
    assert reader.metadata.title == card.title
    assert reader.root_object["/Lang"] == "ru"
