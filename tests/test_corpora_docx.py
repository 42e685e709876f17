"""Word files become text: as the document reads today, with headings, numbers, tables and notes."""

from __future__ import annotations

import io
import zipfile

import docx
import pytest
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls

from corpora.errors import EncryptedFileError, UnreadableFileError
from corpora.extract.docx import MEDIA_TYPE, read_docx
from corpora.extract.docx_numbers import written
from corpora.normalise import normalise
from corpora.passages import chunk
from corpora.records import DocumentId

NAMESPACES = nsdecls("w")


def read(document):
    return read_docx(saved(document), "ҳуҷҷат.docx")


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(data, name, xml, reltype, content):
    """Return the file with one more part of the main document."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for entry in old.namelist():
            body = old.read(entry).decode() if entry.endswith((".xml", ".rels")) else old.read(entry)
            if entry == "[Content_Types].xml":
                kind = f"application/vnd.openxmlformats-officedocument.wordprocessingml.{content}+xml"
                body = body.replace("</Types>", f'<Override PartName="/word/{name}" ContentType="{kind}"/></Types>')
            if entry == "word/_rels/document.xml.rels":
                address = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{reltype}"
                body = body.replace("</Relationships>", f'<Relationship Id="rId99" Type="{address}" Target="{name}"/>'
                                                        "</Relationships>")
            new.writestr(entry, body)
        new.writestr(f"word/{name}", xml)
    return out.getvalue()


def add(document, inner):
    document.element.body.insert(len(document.element.body) - 1, parse_xml(f"<w:p {NAMESPACES}>{inner}</w:p>"))


def test_headings_come_from_styles_and_outline_levels_and_text_stays_in_order():
    document = docx.Document()
    document.add_paragraph("Шиноснома", style="Title")
    document.add_heading("Ҳуҷҷатҳо", 2)
    document.add_paragraph("Ариза ва акс лозим аст.")
    add(document, '<w:pPr><w:outlineLvl w:val="2"/></w:pPr><w:r><w:t>Муҳлат</w:t></w:r>')
    document.add_paragraph("Даҳ рӯзи корӣ.")
    found = read(document)
    assert found.text == "Шиноснома\nҲуҷҷатҳо\nАриза ва акс лозим аст.\n\nМуҳлат\nДаҳ рӯзи корӣ."
    assert [(heading.level, heading.text) for heading in found.headings] == [
        (1, "Шиноснома"), (2, "Ҳуҷҷатҳо"), (3, "Муҳлат")]
    assert (found.media_type, found.spans, found.notes) == (MEDIA_TYPE, (), ())
    assert found.extractor.startswith("python-docx 1.")
    assert normalise(found.text) == found.text


def test_bold_lines_are_headings_only_where_no_style_says_which_are():
    document = docx.Document()
    for text, bold in (("Кӯмакпулӣ", True), ("Ба модар дода мешавад.", False), ("Маблағ", True),
                       ("234 сомонӣ.", False)):
        document.add_paragraph().add_run(text).bold = bold
    assert [(heading.level, heading.text) for heading in read(document).headings] == [(1, "Кӯмакпулӣ"), (2, "Маблағ")]
    document.add_heading("Тамос", 1)
    assert [heading.text for heading in read(document).headings] == ["Тамос"]


def test_lists_are_numbered_as_word_numbers_them():
    document = docx.Document()
    numbering = document.part.numbering_part.element
    levels = "".join(f'<w:lvl w:ilvl="{level}"><w:start w:val="1"/><w:numFmt w:val="{form}"/>'
                     f'<w:lvlText w:val="{pattern}"/></w:lvl>'
                     for level, form, pattern in ((0, "decimal", "%1."), (1, "decimal", "%1.%2."),
                                                  (2, "russianLower", "%3)")))
    numbering.insert(0, parse_xml(f'<w:abstractNum {NAMESPACES} w:abstractNumId="77">{levels}</w:abstractNum>'))
    anew = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    for name, override in (("70", ""), ("71", anew)):
        numbering.append(parse_xml(f'<w:num {NAMESPACES} w:numId="{name}"><w:abstractNumId w:val="77"/>{override}'
                                   "</w:num>"))
    for name, level, text in (("70", 0, "ариза"), ("70", 1, "аз падар"), ("70", 1, "аз модар"), ("70", 2, "нусха"),
                              ("70", 2, "асл"), ("70", 0, "акс"), ("70", 1, "сиёҳ"), ("71", 0, "аз нав")):
        add(document, f'<w:pPr><w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{name}"/></w:numPr></w:pPr>'
                      f"<w:r><w:t>{text}</w:t></w:r>")
    document.add_paragraph("тире", style="List Bullet")
    assert [line for line in read(document).text.split("\n") if line] == [
        "1. ариза", "1.1. аз падар", "1.2. аз модар", "а) нусха", "б) асл", "2. акс", "2.1. сиёҳ", "1. аз нав",
        "– тире"]


@pytest.mark.parametrize(("number", "form", "text"), [
    (3, "decimal", "3"), (4, "upperRoman", "IV"), (9, "lowerRoman", "ix"), (2, "lowerLetter", "b"),
    (27, "upperLetter", "AA"), (1, "russianUpper", "А"), (5, "decimalZero", "05"), (5, "none", "")])
def test_numbers_are_written_in_words_forms(number, form, text):
    assert written(number, form) == text


def test_a_table_has_its_caption_both_header_rows_and_merged_cells_in_every_row():
    document = docx.Document()
    document.add_paragraph("Ҷадвали 1. Андозаи боҷи давлатӣ")
    table = document.add_table(4, 3)
    for at, row in enumerate([("Хизмат", "Маблағ", ""), ("", "калонсол", "кӯдак"), ("Шиноснома", "35,36", "17,00"),
                              ("Иваз", "70,72", "35,00")]):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    table.cell(0, 1).merge(table.cell(0, 2))
    table.cell(0, 0).merge(table.cell(1, 0))
    document.add_paragraph("Пардохт дар бонк аст.")
    assert read(document).text == (
        "Ҷадвали 1. Андозаи боҷи давлатӣ:\n"
        "Хизмат: Шиноснома; Маблағ – калонсол: 35,36; Маблағ – кӯдак: 17,00\n"
        "Хизмат: Иваз; Маблағ – калонсол: 70,72; Маблағ – кӯдак: 35,00\n\nПардохт дар бонк аст.")


def test_a_cell_merged_over_rows_stands_in_each_of_them():
    document = docx.Document()
    table = document.add_table(3, 2)
    for at, row in enumerate([("Шиноснома", "нав"), ("", "иваз"), ("Апостил", "нусха")]):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    assert read(document).text == "Шиноснома | нав\nШиноснома | иваз\nАпостил | нусха"


def test_tracked_changes_read_as_accepted_and_are_noted():
    document = docx.Document()
    add(document, '<w:r><w:t xml:space="preserve">Боҷ </w:t></w:r><w:del w:id="1"><w:r><w:delText>58</w:delText></w:r>'
                  '</w:del><w:ins w:id="2"><w:r><w:t>78</w:t></w:r></w:ins><w:r><w:t xml:space="preserve"> сомонӣ аст.'
                  "</w:t></w:r>")
    add(document, '<w:pPr><w:rPr><w:del w:id="3"/></w:rPr></w:pPr><w:r><w:t xml:space="preserve">Як банд </w:t></w:r>')
    add(document, "<w:r><w:t>шуд.</w:t></w:r>")
    found = read(document)
    assert found.text == "Боҷ 78 сомонӣ аст.\n\nЯк банд шуд."
    assert found.notes == ("1 tracked deletions left out", "1 tracked insertions kept")


def test_a_deleted_row_of_a_table_is_gone():
    document = docx.Document()
    table = document.add_table(3, 2)
    for at, row in enumerate([("Хизмат", "Маблағ"), ("Кӯҳна", "58"), ("Нав", "78")]):
        for column, text in enumerate(row):
            table.cell(at, column).text = text
    properties = table.rows[1]._tr.get_or_add_trPr()
    properties.append(OxmlElement("w:del"))
    assert read(document).text == "Хизмат | Маблағ\nНав | 78"


def test_hidden_text_never_comes_through_and_is_noted():
    document = docx.Document()
    add(document, '<w:r><w:t>Маблағ 35 сомонӣ.</w:t></w:r><w:r><w:rPr><w:vanish/></w:rPr><w:t>Ниҳон: бепул.</w:t></w:r>'
                  '<w:r><w:rPr><w:vanish w:val="0"/></w:rPr><w:t xml:space="preserve"> Аён.</w:t></w:r>')
    found = read(document)
    assert found.text == "Маблағ 35 сомонӣ. Аён."
    assert found.notes == ("1 pieces of hidden text left out",)


def test_a_style_that_hides_hides():
    document = docx.Document()
    style = document.styles.add_style("Ниҳон", 2)
    style.font.hidden = True
    paragraph = document.add_paragraph("Аён.")
    paragraph.add_run(" Пинҳон.", style=style)
    found = read(document)
    assert (found.text, found.notes) == ("Аён.", ("1 pieces of hidden text left out",))


def test_a_footnote_follows_its_paragraph():
    document = docx.Document()
    add(document, '<w:r><w:t>Нархи хизмат</w:t></w:r><w:r><w:footnoteReference w:id="2"/></w:r>'
                  '<w:r><w:t xml:space="preserve"> дар қарор аст.</w:t></w:r>')
    document.add_paragraph("Банди дигар.")
    notes = (f'<w:footnotes {NAMESPACES}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>'
             "<w:r><w:t>Қарори № 294.</w:t></w:r></w:p></w:footnote></w:footnotes>")
    data = with_part(saved(document), "footnotes.xml", notes, "footnotes", "footnotes")
    assert read_docx(data, "а.docx").text == (
        "Нархи хизмат (*1) дар қарор аст.\n\n(*1) Қарори № 294.\n\nБанди дигар.")


def test_comments_are_dropped_with_a_note():
    document = docx.Document()
    paragraph = document.add_paragraph("Маблағ 35 сомонӣ.")
    document.add_comment(paragraph.runs, text="Санҷидан лозим!", author="Котиб")
    found = read(document)
    assert (found.text, found.notes) == ("Маблағ 35 сомонӣ.", ("1 comments left out",))


def test_a_text_box_is_read_once_though_word_writes_it_twice():
    document = docx.Document()
    box = "<w:txbxContent><w:p><w:r><w:t>Тел. 227-00-00</w:t></w:r></w:p></w:txbxContent>"
    add(document, '<w:r><w:t>Тамос</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
                  'markup-compatibility/2006" xmlns:v="urn:schemas-microsoft-com:vml"><mc:Choice Requires="wps">'
                  f"<w:drawing>{box}</w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox></w:pict>"
                  "</mc:Fallback></mc:AlternateContent></w:r>")
    assert read(document).text == "Тамос\n\nТел. 227-00-00"


def test_content_controls_fields_and_links_leave_their_words():
    document = docx.Document()
    add(document, '<w:sdt><w:sdtContent><w:r><w:t xml:space="preserve">Ному насаб </w:t></w:r></w:sdtContent></w:sdt>'
                  '<w:hyperlink><w:r><w:t>дар сайт</w:t></w:r></w:hyperlink><w:r><w:instrText>PAGE</w:instrText></w:r>')
    body = document.element.body
    body.insert(1, parse_xml(f"<w:sdt {NAMESPACES}><w:sdtContent><w:p><w:r><w:t>Дуюм.</w:t></w:r></w:p></w:sdtContent>"
                             "</w:sdt>"))
    assert read(document).text == "Ному насаб дар сайт\n\nДуюм."


def test_passages_of_a_word_file_carry_their_heading_and_no_page():
    document = docx.Document()
    document.add_heading("Маблағ", 1)
    document.add_paragraph("Боҷ 35,36 сомонӣ аст.")
    found = read(document)
    passages = chunk(DocumentId("боҷ"), found)
    assert [(passage.text, passage.locator.heading, passage.locator.page) for passage in passages] == [
        ("Маблағ\nБоҷ 35,36 сомонӣ аст.", "Маблағ", None)]


@pytest.mark.parametrize("data", [b"PK\x03\x04" + bytes(50), b"", saved(docx.Document())[:2000]],
                         ids=["no archive", "nothing", "cut short"])
def test_a_damaged_file_is_unreadable_and_named(data):
    with pytest.raises(UnreadableFileError, match=r"ҳуҷҷат\.docx"):
        read_docx(data, "ҳуҷҷат.docx")


def test_an_archive_that_is_no_word_file_is_unreadable():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("рӯйхат.txt", "матн")
    with pytest.raises(UnreadableFileError, match="no Word file"):
        read_docx(out.getvalue(), "а.docx")


def test_a_file_that_unpacks_to_too_much_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr("corpora.extract.docx._LARGEST", 1000)
    with pytest.raises(UnreadableFileError, match="unpacks to more than"):
        read_docx(saved(docx.Document()), "а.docx")


def test_a_protected_file_says_so():
    with pytest.raises(EncryptedFileError, match="password"):
        read_docx(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "а.docx")
