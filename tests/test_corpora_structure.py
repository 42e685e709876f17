"""Tables, notes, heads and status lines: what a document is made of besides its paragraphs."""

from __future__ import annotations

import io
import re
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.extract import extract_bytes
from corpora.extract.blocks import Block, assemble
from corpora.extract.cells import cells_of
from corpora.extract.columns import Cell
from corpora.extract.footnotes import Note, place_notes
from corpora.extract.html import read_html
from corpora.extract.layout import Line, Page, page_blocks
from corpora.extract.tables import Table, header_rows, settle
from corpora.normalise import normalise
from corpora.passages import chunk
from corpora.quotes import place
from corpora.records import DocumentId
from corpora.validity_lines import status_lines

ID = DocumentId("боҷ")
FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")
FEES = (("Хизмат", "Маблағ, сомонӣ"), ("Шиноснома", "35,36"), ("Иваз", "70,72"))
SENTENCE = "Шаҳрванд дар муҳлати даҳ рӯз ба мақомот ариза медиҳад ва ҷавоб мегирад. "


def html(body: str, head: str = "") -> str:
    return read_html(f"<html><head><title>Т</title>{head}</head><body><main>{body}</main></body></html>").text


def line(text: str, y: float, *, left: float = 40, right: float = 400, size: float = 10, cells=()) -> Line:
    return Line(text, size, False, left, right, y, y, cells)


def row(y: float, *cells: tuple[str, float, float]) -> Line:
    parts = tuple(Cell(*cell) for cell in cells)
    return line(" ".join(cell[0] for cell in cells), y, left=cells[0][1], right=cells[-1][2], cells=parts)


def page(*lines: Line, number: int = 1) -> Page:
    return Page(number, 800, lines, "\n".join(one.text for one in lines), "")


def text_of(*pages: Page) -> str:
    return assemble(page_blocks(pages)[0], extractor="test", media_type="application/pdf").text


def printed_pages(pdf) -> list[Page]:
    """Return the pages of a made PDF with the cells pdfium sees."""
    import pypdfium2

    document = pypdfium2.PdfDocument(bytes(pdf.output()))
    pages = []
    for number, found in enumerate(document, 1):
        text_page, lines, at = found.get_textpage(), [], 0
        for text in text_page.get_text_range().split("\r\n"):
            left, low, _, _ = text_page.get_charbox(at, loose=True)
            right = text_page.get_charbox(at + len(text) - 1, loose=True)[2]
            lines.append(line(text, low, left=left, right=right, cells=cells_of(text_page, text, at, 10.0)))
            at += len(text) + 2
        pages.append(Page(number, found.get_height(), tuple(lines), "", ""))
        text_page.close()
        found.close()
    document.close()
    return pages


@pytest.fixture
def pdf():
    from fpdf import FPDF

    made = FPDF()
    made.add_font("D", "", FONT)
    made.set_font("D", "", 10)
    made.add_page()
    return made


# Tables and their captions

CELL = st.text(st.sampled_from("аиғӣқӯҳҷ 0123456789,.–"), min_size=1, max_size=40).map(str.strip).filter(bool)
GRIDS = st.integers(2, 4).flatmap(lambda width: st.lists(
    st.lists(CELL, min_size=width, max_size=width).map(tuple), min_size=1, max_size=80).map(tuple))


@settings(deadline=None, max_examples=60)
@given(GRIDS)
def test_every_passage_of_a_table_holds_its_caption_and_every_cell_is_there(grid):
    caption = "Ҷадвали 1. Андозаи боҷ барои хизматрасониҳо"
    names = tuple(f"Сутуни {'абвг'[at]}" for at in range(len(grid[0])))
    prose = Block("paragraph", SENTENCE * 3)
    blocks = settle([prose, Table((names, *grid), 1, caption), prose])
    found = assemble(blocks, extractor="test", media_type="text/html")
    passages = chunk(ID, found)
    assert all(found.text[passage.start:passage.end] == passage.text for passage in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))
    for passage in passages:
        assert "Сутуни а:" not in passage.text or f"{caption}:" in passage.text
    seen = " ".join(passage.text for passage in passages)
    assert all(normalise(cell).rstrip(" ;") in seen for cells in grid for cell in cells)
    assert normalise(found.text) == found.text


def test_a_long_fee_table_answers_how_much_from_any_of_its_passages():
    rows = "".join(f"<tr><td>Хизмати рақами {number} барои шаҳрвандон</td><td>{number},50</td><td>10 рӯз</td></tr>"
                   for number in range(1, 61))
    found = read_html("<html><body><main><h1>Боҷи давлатӣ</h1><table><caption>Ҷадвали 2. Нархи хизматҳо</caption><tr>"
                      f"<th>Хизмат</th><th>Маблағ</th><th>Муҳлат</th></tr>{rows}</table></main></body></html>")
    passages = [passage for passage in chunk(ID, found) if "Маблағ: 41,50" in passage.text]
    assert len(passages) == 1
    assert "Ҷадвали 2. Нархи хизматҳо:" in passages[0].text
    assert "Хизмат: Хизмати рақами 41 барои шаҳрвандон; Маблағ: 41,50; Муҳлат: 10 рӯз" in passages[0].text
    assert passages[0].locator.heading == "Боҷи давлатӣ"
    assert found.text.count("Маблағ: 41,50") == 1


def test_the_line_above_a_table_is_its_caption_with_the_unit_and_a_long_paragraph_is_not():
    table = Table(FEES, 1)
    blocks = settle([Block("paragraph", "Ҷадвали 3. Нархнома"), Block("paragraph", "(бо сомонӣ)"), table])
    assert [block.text for block in blocks] == [
        "Ҷадвали 3. Нархнома (бо сомонӣ):", "Хизмат: Шиноснома; Маблағ, сомонӣ: 35,36",
        "Хизмат: Иваз; Маблағ, сомонӣ: 70,72"]
    prose = Block("paragraph", SENTENCE * 4)
    assert settle([prose, table])[0] == prose


def test_a_table_right_under_a_heading_repeats_it_only_before_further_groups():
    rows = tuple((f"Хизмати {SENTENCE.strip(' .')}", str(number)) for number in range(30))
    blocks = settle([Block("heading", "Нархнома", 2), Table((FEES[0], *rows), 1)])
    assert [block.text for block in blocks].count("Нархнома:") > 1
    assert blocks[1].kind == "row"


def test_two_header_rows_and_merged_cells_are_resolved_in_html():
    text = html("<table><tr><th rowspan=2>Хизмат</th><th colspan=2>Маблағ</th></tr>"
                "<tr><th>калонсол</th><th>кӯдак</th></tr>"
                "<tr><td rowspan=2>Шиноснома</td><td>35</td><td>17</td></tr><tr><td colspan=2>бепул</td></tr>"
                "<tr><td colspan=3>Хизматҳои дигар</td></tr></table>")
    assert text.split("\n")[1:] == [
        "Хизмат: Шиноснома; Маблағ – калонсол: 35; Маблағ – кӯдак: 17",
        "Хизмат: Шиноснома; Маблағ – калонсол: бепул; Маблағ – кӯдак: бепул", "Хизматҳои дигар"]


def test_unmarked_header_cells_are_known_by_their_words_and_the_numbers_of_columns_go():
    rows = "".join(f"<tr><td>{name}</td><td>{fee}</td></tr>" for name, fee in (*FEES[:1], ("1", "2"), *FEES[1:]))
    assert html(f"<table>{rows}</table>") == (
        "Т\nХизмат: Шиноснома; Маблағ, сомонӣ: 35,36\nХизмат: Иваз; Маблағ, сомонӣ: 70,72")


def test_a_table_of_names_and_values_gets_no_header():
    assert header_rows((("Мақом", "Вазорати адлия"), ("Телефон", "227-00-00"), ("Хона", "5"))) == 0
    assert header_rows(FEES) == 1


def test_a_figure_gives_its_caption_to_its_table_once():
    text = html("<figure><table><tr><th>Хизмат</th><th>Маблағ</th></tr><tr><td>Иваз</td><td>70,72</td></tr></table>"
                "<figcaption>Нархи хизматҳо</figcaption></figure><p>Тамом.</p>")
    assert text == "Т\nНархи хизматҳо:\nХизмат: Иваз; Маблағ: 70,72\n\nТамом."


# Tables of PDF

def test_lines_in_columns_become_rows_with_wrapped_cells_whole_and_prose_around_stays():
    text = text_of(page(
        line("Маблағ чунин аст ва дар бонк пардохта мешавад.", 700, right=560),
        line("Ҷадвали 1. Нархнома", 676, right=160),
        row(650, ("Хизмат", 40, 90), ("Маблағ", 300, 350), ("Муҳлат", 420, 470)),
        row(630, ("Шиносномаи хориҷӣ барои шаҳрванд-", 40, 280), ("390", 300, 320), ("1 моҳ", 420, 450)),
        line("они калонсол", 618, right=150),
        row(600, ("Иваз", 40, 70), ("70,72", 300, 330), ("3 рӯз", 420, 450)),
        line("Матни дигар баъд аз ҷадвал меояд ва то охири сатр меравад.", 570, right=560)))
    assert text == (
        "Маблағ чунин аст ва дар бонк пардохта мешавад.\n\nҶадвали 1. Нархнома:\n"
        "Хизмат: Шиносномаи хориҷӣ барои шаҳрвандони калонсол; Маблағ: 390; Муҳлат: 1 моҳ\n"
        "Хизмат: Иваз; Маблағ: 70,72; Муҳлат: 3 рӯз\n\n"
        "Матни дигар баъд аз ҷадвал меояд ва то охири сатр меравад.")


def test_a_table_that_goes_on_over_the_page_keeps_its_columns_and_caption():
    first = page(line("Ҷадвали 1. Нархнома", 400, right=160), row(380, ("Хизмат", 40, 90), ("Маблағ", 300, 350)),
                 row(360, ("Шиноснома", 40, 120), ("35,36", 300, 330)), row(340, ("Иваз", 40, 70), ("70,72", 300, 330)))
    second = page(row(700, ("Нусха", 40, 70), ("12,00", 300, 330)), row(680, ("Апостил", 40, 80), ("120", 300, 320)),
                  number=2)
    found = assemble(page_blocks([first, second])[0], extractor="test", media_type="application/pdf")
    passages = chunk(ID, found)
    assert [passage.text for passage in passages] == [
        "Ҷадвали 1. Нархнома:\nХизмат: Шиноснома; Маблағ: 35,36\nХизмат: Иваз; Маблағ: 70,72",
        "Ҷадвали 1. Нархнома:\nХизмат: Нусха; Маблағ: 12,00\nХизмат: Апостил; Маблағ: 120"]
    assert [passage.locator.page for passage in passages] == [1, 2]


def test_prose_in_two_columns_is_no_table():
    lines = [row(700 - 12 * at, ("ва дар муҳлати даҳ рӯз ба мақомот", 40, 250), ("ариза медиҳад ва ҷавоб", 300, 500))
             for at in range(8)]
    assert ": " not in text_of(page(*lines))
    assert not any(block.kind == "row" for block in page_blocks([page(*lines)])[0])


def test_a_signature_alone_is_no_table():
    assert text_of(page(line(SENTENCE.strip(), 700, right=560), row(650, ("Раис", 40, 70), ("Ҷ. Қӯрғонов", 300, 400)))
                   ).endswith("Раис Ҷ. Қӯрғонов")


def test_a_printed_table_is_read_from_a_pdf(pdf):
    pdf.multi_cell(0, 5, "Ҷадвали 1. Андозаи боҷи давлатӣ", new_x="LMARGIN", new_y="NEXT")
    with pdf.table(col_widths=(50, 25, 25), first_row_as_headings=False) as table:
        for cells in (("Хизмат", "Маблағ, сомонӣ", "Муҳлат"), ("Шиноснома", "35,36", "10 рӯз"),
                      ("Шиносномаи хориҷӣ барои шаҳрвандони калонсол, ки бори аввал ба хориҷа мераванд", "390",
                       "1 моҳ"), ("Иваз", "70,72", "3 рӯз")):
            made = table.row()
            for cell in cells:
                made.cell(cell)
    assert text_of(*printed_pages(pdf)) == (
        "Ҷадвали 1. Андозаи боҷи давлатӣ:\nХизмат: Шиноснома; Маблағ, сомонӣ: 35,36; Муҳлат: 10 рӯз\n"
        "Хизмат: Шиносномаи хориҷӣ барои шаҳрвандони калонсол, ки бори аввал ба хориҷа мераванд; "
        "Маблағ, сомонӣ: 390; Муҳлат: 1 моҳ\nХизмат: Иваз; Маблағ, сомонӣ: 70,72; Муҳлат: 3 рӯз")


def test_justified_lines_have_no_cells(pdf):
    pdf.multi_cell(0, 5, SENTENCE * 6, align="J")
    assert not any(one.cells for found in printed_pages(pdf) for one in found.lines)


def test_rows_written_with_dashes_are_a_table_only_under_names_of_columns():
    text = "Нархнома\n\nХизмат – Маблағ\nШиноснома – 35,36 сомонӣ\nИваз – 70,72 сомонӣ\n"
    assert extract_bytes(text.encode(), "а.txt").text == (
        "Нархнома\nХизмат: Шиноснома; Маблағ: 35,36 сомонӣ\nХизмат: Иваз; Маблағ: 70,72 сомонӣ")
    terms = "Мафҳумҳо\n\nшиноснома – ҳуҷҷати шахсият;\nариза – дархости хаттӣ;\nбоҷ – пардохти 35 сомонӣ.\n"
    assert "шиноснома – ҳуҷҷати шахсият;" in extract_bytes(terms.encode(), "а.txt").text


WORD = st.text(st.sampled_from("аиғӣқӯҳҷБ"), min_size=2, max_size=9)
WORDS = st.lists(WORD, min_size=1, max_size=8).map(" ".join)
VALUES = st.one_of(WORDS, st.sampled_from(["35,36", "10 рӯз", "1", "2", "Маблағ", "Муҳлат", "*", "ариза1"]))


@st.composite
def printed_lines(draw):
    lines, y = [], 700.0
    for _ in range(draw(st.integers(1, 14))):
        y -= draw(st.sampled_from([0, 3, 12, 12, 20]))
        size = draw(st.sampled_from([8.0, 10.0, 10.0, 14.0]))
        columns = draw(st.sampled_from([1, 1, 2, 3]))
        shift = draw(st.sampled_from([0, 0, 60]))
        parts = [(draw(VALUES), 40 + shift + 170 * at, 40 + shift + 170 * at + draw(st.sampled_from([20, 50, 90, 160])))
                 for at in range(columns)]
        made = row(y, *parts) if columns > 1 else line(parts[0][0], y, left=parts[0][1], right=parts[0][2])
        lines.append(Line(made.text, size, draw(st.booleans()), made.left, made.right, y, y, made.cells))
    return lines


@settings(deadline=None, max_examples=200)
@given(printed_lines(), printed_lines())
def test_no_word_of_a_page_is_lost(first, second):
    text = text_of(page(*first), page(*second, number=2))
    printed = {word for one in (*first, *second) for word in re.findall(r"[^\W\d]{2,}", one.text)}
    assert printed <= set(re.findall(r"[^\W\d]{2,}", text))
    assert normalise(text) == text


# Heads, feet, page numbers

def test_heads_that_alternate_go_with_the_numbers_and_words_in_the_middle_of_pages_stay():
    heads = ("Қонун дар бораи шиноснома", "Маҷмӯаи санадҳо")
    pages = [page(line(heads[number % 2], 770), line(f"Банди {number} дар ин саҳифа аст.", 600),
                  line("Маҷмӯаи санадҳо", 400), line(f"Саҳ. {number + 10} аз 40", 20), number=number)
             for number in range(1, 7)]
    blocks, printed = page_blocks(pages)
    text = "\n".join(block.text for block in blocks)
    assert heads[0] not in text
    assert text.count(heads[1]) == 6
    assert "аз 40" not in text
    assert printed == {number: str(number + 10) for number in range(1, 7)}


def test_a_line_that_stands_once_in_the_margin_stays():
    assert "Тасдиқ шуд" in text_of(page(line("Тасдиқ шуд", 780), line("Матни санад дар ин ҷо аст.", 700)),
                                   page(line("Матни дигар.", 700), number=2), page(line("Боз матн.", 700), number=3))


def test_a_line_broken_by_a_raised_letter_is_whole():
    text = text_of(page(line("Нархи 5 м2", 700, right=100), line("замин 35 сомонӣ аст, CO2", 699, left=103, right=200),
                        line("-ро меҳисобанд.", 701, left=200, right=300)))
    assert text == "Нархи 5 м2 замин 35 сомонӣ аст, CO2-ро меҳисобанд."


def test_lines_that_go_on_show_the_distance_of_lines_where_most_stand_apart():
    apart = [line(f"Банди {word} дар ин ҷо то охири сатр меравад ва тамом", 700 - 20 * at, right=520)
             for at, word in enumerate(("якум", "дуюм", "сеюм", "чорум", "панҷум") * 2)]
    going_on = [line("Банди дарози дигар дар ин ҷо аст ва то охири", 490, right=520),
                line("сатр меравад.", 474, right=90),
                line("Боз як банди дароз дар ин ҷо аст ва то охири", 450, right=520),
                line("сатр меравад.", 434, right=90)]
    blocks, _ = page_blocks([page(*apart, *going_on)])
    assert [len(block.text.split()) for block in blocks] == [11] * 10 + [12, 13]


# Notes

def test_a_note_at_the_foot_of_a_page_follows_its_paragraph():
    body = [line("Нархи хизмат1 дар қарор муайян аст ва ба суратҳисоби махсус дар бонк пардохта", 700, right=560),
            line("мешавад.", 688, right=90), line("Банди дигар дар ҳамин саҳифа аст.", 660, right=200)]
    foot = [line("1 Қарори Ҳукумат аз 27 майи соли", 80, right=300, size=8),
            line("2020, № 294.", 71, right=100, size=8)]
    blocks, _ = page_blocks([page(*body, *foot)])
    assert [(block.kind, block.text) for block in blocks] == [
        ("paragraph", "Нархи хизмат (*1) дар қарор муайян аст ва ба суратҳисоби махсус дар бонк пардохта мешавад."),
        ("paragraph", "(*1) Қарори Ҳукумат аз 27 майи соли 2020, № 294."),
        ("paragraph", "Банди дигар дар ҳамин саҳифа аст.")]


def test_a_note_waits_for_the_end_of_a_paragraph_that_goes_on_over_the_page():
    found = assemble(place_notes(
        [Block("paragraph", "Нархи хизмат1 дар", page=1), Block("paragraph", "қарор аст.", page=2, joined=True),
         Block("paragraph", "Банди дигар.", page=2)], [Note("1 Қарори № 294.", "1", "Қарори № 294.", 1)]),
        extractor="test", media_type="application/pdf")
    assert found.text == "Нархи хизмат (*1) дар қарор аст.\n\n(*1) Қарори № 294.\n\nБанди дигар."
    assert [(span.page, found.text[span.start:span.end]) for span in found.spans] == [
        (1, "Нархи хизмат (*1) дар"), (2, "қарор аст."), (1, "(*1) Қарори № 294."), (2, "Банди дигар.")]
    assert [passage.text for passage in chunk(ID, found)] == [
        "Нархи хизмат (*1) дар қарор аст.\n\n(*1) Қарори № 294.", "Банди дигар."]


def test_a_note_without_its_marker_stays_at_the_foot_as_printed():
    blocks = [Block("paragraph", "Нархи 5 м² аз рӯи моддаи 12² аст.", page=1), Block("paragraph", "Дуюм.", page=2)]
    placed = place_notes(blocks, [Note("2 Қарори № 294.", "2", "Қарори № 294.", 1)])
    assert placed == [blocks[0], Block("paragraph", "2 Қарори № 294.", page=1), blocks[1]]


@pytest.mark.parametrize(("text", "mark", "expected"), [
    ("хизмат¹, боҷ", "1", "хизмат (*1), боҷ"), ("хизмат.1 Боҷ", "1", "хизмат (*1). Боҷ"),
    ("боҷ* аст", "*", "боҷ (*) аст"),
    ("«Қонун»2 аст", "2", "«Қонун» (*2) аст"), ("35,361 сомонӣ", "1", "35,361 сомонӣ"), ("А12 аст", "1", "А12 аст")])
def test_markers_are_told_from_numbers(text, mark, expected):
    placed = place_notes([Block("paragraph", text, page=1)], [Note(f"{mark} Эзоҳ", mark, "Эзоҳ", 1)])
    assert placed[0].text == expected
    assert placed[1].text in (f"{mark} Эзоҳ", f"(*{mark.strip('*')}) Эзоҳ")


def test_the_note_of_a_row_ends_the_row():
    blocks = settle([Table((*FEES[:2], ("Иваз1", "70,72")), 1, page=1)])
    placed = place_notes(blocks, [Note("1 Бо шитоб.", "1", "Бо шитоб.", 1)])
    text = assemble(placed, extractor="test", media_type="application/pdf").text
    assert text.endswith("Хизмат: Иваз (*1); Маблағ, сомонӣ: 70,72 (*1) Бо шитоб.")


def test_the_notes_of_a_web_page_go_to_their_text_and_a_table_of_contents_stays():
    text = html('<p><a href="#b1">1</a> Нархи хизмат<sup><a id="r1" href="#n1">1</a></sup> ва боҷ'
                '<sup><a href="#n2">[2]</a></sup> дар қарор аст.</p><p id="b1">Банди дигар.</p>'
                '<ul><li>акс<sup><a href="#n3">3</a></sup></li></ul><aside><p id="n1"><a href="#r1">1</a>. '
                'Қарори № 294.</p><ol><li id="n2">Қонуни № 5. ↩</li></ol></aside>'
                '<p><a name="n3">3</a> Сиёҳу сафед.</p>')
    assert text.split("\n", 1)[1] == (
        "1 Нархи хизмат (*1) ва боҷ (*2) дар қарор аст.\n\n(*1) Қарори № 294.\n\n(*2) Қонуни № 5.\n\nБанди дигар.\n\n"
        "– акс (*3) Сиёҳу сафед.")


def test_the_notes_of_markdown_go_to_their_text():
    text = ("Нарх[^1] дар қарор аст.\n\nБанди дигар.\n\n| Хизмат | Маблағ |\n|---|---|\n| Иваз[^2] | 70 |\n\n"
            "[^1]: Қарори № 294.\n[^2]: Бо шитоб.\n")
    assert extract_bytes(text.encode(), "а.md").text == (
        "Нарх (*1) дар қарор аст.\n\n(*1) Қарори № 294.\n\nБанди дигар.\n\n"
        "Хизмат: Иваз (*2); Маблағ: 70 (*2) Бо шитоб.")


# What cannot be seen

def test_hidden_text_never_comes_through_and_is_noted_and_a_tab_stays():
    page = ("<html><head><style>.x, #y{display: none} .tab{display:none} .tab.open{display:block}"
            "@media print{.z{display:none}}</style></head><body><main><p>Маблағ 35 сомонӣ.</p>"
            '<p class="x">Якум ниҳон.</p><p id="y">Дуюм ниҳон.</p><p style="font-size:0">Сеюм ниҳон.</p>'
            '<p style="VISIBILITY: hidden">Чорум ниҳон.</p><div class="tab open">Ҷадвали кушода.</div>'
            '<p class="z">Дар экран.</p><script>var ниҳон=1</script></main></body></html>')
    found = read_html(page)
    assert found.text == "Маблағ 35 сомонӣ.\n\nҶадвали кушода.\n\nДар экран."
    assert found.notes == ("hidden text left out in 4 places",)
    assert read_html("<html><body><main><p>Аён.</p></main></body></html>").notes == ()


# Status lines

@pytest.mark.parametrize(("text", "expected"), [
    ("Ҳолати ҳуҷҷат: Амалкунанда", {"status": "in_force"}),
    ("Ҳолати ҳуҷҷат: Бе эътибор дониста шуд", {"status": "void"}),
    ("Статус документа: Действующий", {"status": "in_force"}),
    ("Статус: недействующий", {"status": "void"}),
    ("Статус документа\nУтратил силу", {"status": "void"}),
    ("Статус: ещё не вступил в силу", {"status": "not_yet_in_force"}),
    ("Санаи қабул: 27 майи соли 2020\nСанаи амалкуни: 01.06.2020",
     {"adopted": "2020-05-27", "valid_from": "2020-06-01"}),
    ("Дата принятия | 05.10.2009\nДата вступления в силу | 1 января 2010 года\nДата утраты силы | 31.12.2025",
     {"adopted": "2009-10-05", "valid_from": "2010-01-01", "valid_until": "2025-12-31"}),
    ("Санаи қабул: 2020-05-27; Санаи эътибор пайдо кардан: 1-уми июни соли 2020",
     {"adopted": "2020-05-27", "valid_from": "2020-06-01"}),
    ("Эътибор дорад то: 31 декабри соли 2026", {"valid_until": "2026-12-31"}),
    ("Ҳолати шаҳрванд: дар амал", {}), ("Санаи қабул: 31.02.2020", {}), ("Санаи амалкуни:", {}), ("", {}),
    ("Қонун муқаррар мекунад, ки санаи қабул: 01.01.2020 аст.", {})])
def test_status_lines_of_portals_are_read_in_tajik_and_russian(text, expected):
    assert status_lines(text) == expected


def test_prose_that_mentions_a_status_is_not_read():
    assert status_lines("Ҳолати ҳуҷҷат: амалкунанда буд, " + "вале " * 60) == {}


@given(st.dates(date(1990, 1, 1), date(2030, 12, 31)), st.sampled_from(["{0.day:02}.{0.month:02}.{0.year}", "{0}"]))
def test_every_date_is_read_as_iso(day, form):
    assert status_lines(f"Санаи қабул: {form.format(day)}") == {"adopted": day.isoformat()}


@given(st.text(st.sampled_from("ҳолати ҳуҷҷат:санаи қабул 01.2020;|\n"), max_size=200))
def test_no_text_breaks_the_reading_of_status_lines(text):
    assert set(status_lines(text)) <= {"status", "adopted", "valid_from", "valid_until"}


# Places

def test_a_quote_of_one_cell_has_one_exact_place():
    text = html("<table><tr><th>Хизмат</th><th>Маблағ</th></tr><tr><td>Иваз</td><td>70,72 сомонӣ</td></tr></table>")
    span = place("70,72 сомонӣ", text)
    assert span is not None
    assert text[span[0]:span[1]] == "70,72 сомонӣ"
    assert len(re.findall("70,72", text)) == 1
    assert io.StringIO(text).readline() == "Т\n"
