"""Files become text: by content, without losing words, with pages and headings."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from corpora import ocr
from corpora.errors import EmptyFileError, EncryptedFileError, UnreadableFileError, UnsupportedFileError
from corpora.extract import extract, extract_bytes
from corpora.extract.decode import decode
from corpora.normalise import normalise

ASSETS = Path(__file__).parent / "assets"
LAW_TITLE = "Қонуни Ҷумҳурии Тоҷикистон дар бораи шиноснома"

PAGE = """<!DOCTYPE html><html lang="tg"><head><title>Маблағи шиноснома</title><style>p{color:red}</style>
</head><body><nav><a href="/">Асосӣ</a></nav><script>var ҳуҷҷат = 1;</script>
<main><h1>Маблағи <em>шиноснома</em></h1><p>Шаҳрванд <b>35,36</b> сомонӣ месупорад.<br>Пардохт
дар бонк аст.</p><h2>Ҳуҷҷатҳо</h2>Матни бе банд.<ul><li>ариза</li><li>акс<ol start="3"><li>сиёҳ</li></ol>
</li></ul><table><tr><th>Хизмат</th><th>Маблағ</th></tr><tr><td rowspan="2">Шиноснома</td><td>35,36</td></tr>
<tr><td>70,72</td></tr></table><table><tr><td>Тел.</td><td>227-00-00</td></tr></table>
<aside>Реклама</aside><p hidden>Ниҳон</p><!-- шарҳ --></main><footer>© 2020</footer></body></html>"""


def text_of(data: bytes | str, name: str) -> str:
    return extract_bytes(data.encode() if isinstance(data, str) else data, name).text


# PDF

def test_a_law_in_pdf_keeps_its_title_chapter_and_articles_as_headings():
    law = extract(ASSETS / "law.pdf")
    assert [(heading.level, heading.text) for heading in law.headings[:3]] == [
        (1, LAW_TITLE), (2, "Боби 1. Муқаррароти умумӣ"), (3, "Моддаи 1. Тартиби гирифтани шиноснома")]
    assert all(law.text[heading.start:heading.end] == heading.text for heading in law.headings)
    assert law.media_type == "application/pdf"
    assert law.extractor.startswith("pypdfium2 5.")
    assert law.notes == ()


def test_printed_lines_of_a_paragraph_are_joined_so_that_sentences_are_whole():
    law = extract(ASSETS / "law.pdf").text
    assert "ҳангоми иваз шудани насаб, ном ё номи падар иваз мекунад. Муҳлати баррасии" in law
    assert "\n2. Барои гирифтан инҳо лозиманд:\n– ариза аз рӯи шакли муқарраршуда;\n– ду сурати" in law
    assert normalise(law) == law


def test_pages_carry_the_number_of_the_file_and_the_printed_one_and_page_heads_leave_the_text():
    law = extract(ASSETS / "law.pdf")
    assert [(span.page, span.printed_page) for span in law.spans] == [(1, "5"), (2, "6"), (3, "7")]
    assert law.spans[0].start == 0
    assert law.spans[-1].end == len(law.text)
    assert "Қонун дар бораи шиноснома" not in law.text
    assert "– 6 –" not in law.text


def test_a_scanned_page_without_words_is_left_out_with_a_note_and_the_other_is_read(monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "tesseract is not installed")
    read = extract(ASSETS / "scan-on-page-2.pdf")
    assert read.notes == (f"page 2 is refused: it has no text layer, and tesseract is not installed; run: "
                          f"{ocr.INSTALL}",)
    assert [span.page for span in read.spans] == [1]
    assert read.text.startswith("Маблағи хизмат\nШаҳрванди")


def test_letters_that_are_noise_are_refused_where_they_cannot_be_recognised(monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "tesseract lacks tgk")
    with pytest.raises(EmptyFileError, match=r"page 1 is refused: .*tesseract lacks tgk") as refused:
        extract(ASSETS / "no-unicode-map.pdf")
    assert ocr.INSTALL in refused.value.hint


def test_an_encrypted_pdf_says_so():
    with pytest.raises(EncryptedFileError, match=r"encrypted\.pdf is protected by a password") as refused:
        extract(ASSETS / "encrypted.pdf")
    assert refused.value.code == "encrypted_file"
    assert "without a password" in refused.value.hint


@pytest.mark.parametrize("data", [
    (ASSETS / "truncated.pdf").read_bytes(),
    b"%PDF-1.7\n" + bytes(range(256)) * 20 + b"\n%%EOF",
    b"%PDF-1.7\n%%EOF",
], ids=["truncated", "garbage", "nothing inside"])
def test_a_damaged_pdf_is_unreadable_not_half_read(data):
    with pytest.raises(UnreadableFileError) as refused:
        extract_bytes(data, "қонун.pdf")
    assert "қонун.pdf" in str(refused.value)
    assert refused.value.hint


def test_a_pdf_without_its_end_is_refused_though_a_reader_would_open_it():
    data = (ASSETS / "law.pdf").read_bytes().rstrip().removesuffix(b"%%EOF")
    with pytest.raises(UnreadableFileError, match="cut short"):
        extract_bytes(data, "қонун.pdf")


def test_a_page_without_any_letters_is_noted():
    from pypdf import PdfWriter

    writer = PdfWriter(clone_from=ASSETS / "law.pdf")
    writer.insert_blank_page(index=1)
    out = io.BytesIO()
    writer.write(out)
    read = extract_bytes(out.getvalue(), "қонун.pdf")
    assert read.notes == ("page 2 has no text layer",)
    assert [span.page for span in read.spans] == [1, 3, 4]


def test_pypdf_reads_what_pdfium_cannot_open(monkeypatch):
    import pypdfium2

    def broken(*args: object) -> None:
        raise pypdfium2.PdfiumError("Failed to load document", 3)

    monkeypatch.setattr(pypdfium2, "PdfDocument", broken)
    read = extract(ASSETS / "law.pdf")
    assert read.extractor.startswith("pypdf 7.")
    assert "pdfium says" in read.notes[0]
    assert "дар ҳаҷми 35,36 сомонӣ гирифта мешавад." in read.text.replace("\n", " ")
    assert [span.page for span in read.spans] == [1, 2, 3]
    assert "Моддаи 3. Тартиби гирифтани шиноснома" in [heading.text for heading in read.headings]


def test_an_encrypted_pdf_is_refused_by_the_second_reader_too(monkeypatch):
    import pypdfium2

    def broken(*args: object) -> None:
        raise pypdfium2.PdfiumError("Failed to load document", 3)

    monkeypatch.setattr(pypdfium2, "PdfDocument", broken)
    with pytest.raises(EncryptedFileError):
        extract(ASSETS / "encrypted.pdf")


# HTML

def test_a_web_page_keeps_headings_lists_and_tables_and_drops_what_is_around():
    page = extract_bytes(PAGE.encode(), "маблағ.html")
    assert page.text == (
        "Маблағи шиноснома\nШаҳрванд 35,36 сомонӣ месупорад.\n\nПардохт дар бонк аст.\n\n"
        "Ҳуҷҷатҳо\nМатни бе банд.\n\n– ариза\n– акс\n3. сиёҳ\nХизмат: Шиноснома; Маблағ: 35,36\n"
        "Хизмат: Шиноснома; Маблағ: 70,72\nТел. | 227-00-00")
    assert [(heading.level, heading.text) for heading in page.headings] == [(1, "Маблағи шиноснома"), (2,
                                                                                                       "Ҳуҷҷатҳо")]
    assert page.media_type == "text/html"


def test_a_page_without_a_heading_takes_its_title():
    page = b"<html><head><title>Title of it</title></head><body><main><p>Some words.</p></main>"
    assert text_of(page, "a.html") == "Title of it\nSome words."


def test_a_page_laid_out_by_tables_loses_its_menu_and_nothing_of_its_text():
    old = """<html><body><form><table><tr><td><a href=1>Асосӣ</a><br><a href=2>Хабарҳо</a><br>
    <a href=3>Тамос</a></td>
    <td><h1>Кӯмакпулӣ</h1>Кӯмакпулии якдафъаина барои таваллуди кӯдак дар ҳаҷми муайян дода мешавад ва онро
    модар ё падар мегирад.<p>Ариза дар давоми як сол қабул мешавад.<table><tr><th>Кӯдак<th>Маблағ</tr>
    <tr><td>якум<td>234 сомонӣ</tr></table></td></tr></table></form></body></html>"""
    text = text_of(old, "old.htm")
    assert text.startswith("Кӯмакпулӣ\nКӯмакпулии якдафъаина")
    assert "Ариза дар давоми як сол қабул мешавад." in text
    assert "Кӯдак: якум; Маблағ: 234 сомонӣ" in text
    assert "Хабарҳо" not in text


def test_a_menu_below_the_text_goes_and_a_list_of_words_stays():
    text = "Кӯмакпулии якдафъаина барои таваллуди кӯдак дар ҳаҷми муайян ба модар дода мешавад. " * 3
    page = (f"<html><body><h1>Кӯмакпулӣ</h1><p>{text}</p><p>Ариза мепазирад:</p><ul><li>шуъба</li></ul>"
            "<div><a href=1>Асосӣ</a></div><div><a href=2>Хабарҳо</a></div>"
            "<div><a href=3>Тамос</a></div></body></html>")
    found = text_of(page, "a.html")
    assert "Хабарҳо" not in found
    assert found.endswith("Ариза мепазирад:\n– шуъба")


def test_a_page_in_an_old_encoding_is_read_as_it_declares():
    page = ('<html><head><meta charset="windows-1251"><title>Ҷ</title></head>'
            "<body><p>Хизмат барои шаҳрванд</p></body></html>")
    old = page.replace("Ҷ", "Ч").replace("ҳ", "х").encode("cp1251")
    assert "Хизмат барои шахрванд" in text_of(old, "a.html")
    assert "Хизмат барои шаҳрванд" in text_of(page, "a.html")


def test_a_page_with_nothing_but_markup_is_empty():
    with pytest.raises(EmptyFileError, match="holds no text"):
        extract_bytes(b"<html><head></head><body><script>1</script></body></html>", "a.html")


# Markdown

def test_markdown_keeps_headings_lists_and_tables_and_shows_no_marks():
    text = """# Маблағи **шиноснома**

Шаҳрванд [дар бонк](https://example.tj/a_(b)) _35,36_ сомонӣ
месупорад. 2*3*4 ва ном_и_файл мемонанд \\* .

Ҳуҷҷатҳо
--------
- ариза
  ба номи раис
* акс
1. якум

| Хизмат | Маблағ |
|---|:-:|
| `Иваз` | 70,72 |
| | 5 |
> Эзоҳ
***
"""
    read = extract_bytes(text.encode(), "а.md")
    assert read.text == (
        "Маблағи шиноснома\nШаҳрванд дар бонк 35,36 сомонӣ месупорад. 2*3*4 ва ном_и_файл мемонанд * .\n\n"
        "Ҳуҷҷатҳо\n– ариза ба номи раис\n– акс\n1. якум\nХизмат: Иваз; Маблағ: 70,72\nМаблағ: 5\n\nЭзоҳ")
    assert [(heading.level, heading.text) for heading in read.headings] == [(1, "Маблағи шиноснома"), (2,
                                                                                                       "Ҳуҷҷатҳо")]
    assert read.media_type == "text/markdown"


# Plain text

def test_plain_text_has_its_headings_guessed_and_its_broken_lines_joined():
    text = ("Маблағи шиноснома\n\nШаҳрванди Ҷумҳурии Тоҷикистон барои гирифтани шиноснома\nдар бонк маблағ "
            "месупорад ва квитан-\nсия мегирад.\n\nКадом ҳуҷҷатҳо лозиманд?\n\nИнҳо:\n– ариза\n– акс\n\n"
            "Моддаи 5. Муҳлат\nДаҳ рӯз.\n")
    read = extract_bytes(text.encode(), "а.txt")
    assert read.text == (
        "Маблағи шиноснома\nШаҳрванди Ҷумҳурии Тоҷикистон барои гирифтани шиноснома дар бонк маблағ "
        "месупорад ва квитансия мегирад.\n\nКадом ҳуҷҷатҳо лозиманд?\nИнҳо:\n– ариза\n– акс\n\n"
        "Моддаи 5. Муҳлат\nДаҳ рӯз.")
    assert [(heading.level, heading.text) for heading in read.headings] == [
        (1, "Маблағи шиноснома"), (2, "Кадом ҳуҷҷатҳо лозиманд?"), (3, "Моддаи 5. Муҳлат")]


def test_a_hyphen_at_a_line_end_stays_in_a_word_that_has_it_elsewhere():
    text = "Корҳои илмӣ-тадқиқотӣ дар ин ҷо баён мешаванд. Маблағи корҳои илмӣ-\nтадқиқотӣ маълум аст.\n"
    assert text_of(text, "а.txt").count("илмӣ-тадқиқотӣ") == 2


def test_short_lines_stay_lines():
    assert text_of("Рӯйхат\n\nнон\nшир\nгӯшт\n", "а.txt") == "Рӯйхат\nнон\nшир\nгӯшт"


@pytest.mark.parametrize(("encoding", "text", "note"), [
    ("utf-8-sig", "Ҳуқуқи шаҳрванди Ҷумҳурии Тоҷикистон", ()),
    ("utf-16", "Ҳуқуқи шаҳрванди Ҷумҳурии Тоҷикистон", ()),
    ("koi8_t", "Ҳуқуқи шаҳрванди Ҷумҳурии Тоҷикистон барои кӯмакпулӣ", ("decoded as KOI8-T",)),
    ("cp1251", "Хукуки шахрванди Чумхурии Точикистон барои кумакпули", ("decoded as CP1251",)),
    ("cp1251", "ПОСТАНОВЛЕНИЕ Правительства Республики Таджикистан", ("decoded as CP1251",)),
])
def test_bytes_are_decoded_by_what_reads_like_tajik_or_russian(encoding, text, note):
    assert decode(text.encode(encoding)) == (text, note)


def test_one_broken_byte_in_utf8_costs_one_character_and_is_noted():
    data = ("Ҳуқуқи шаҳрванд. " * 20).encode() + b"\xd2"
    text, notes = decode(data)
    assert text == "Ҳуқуқи шаҳрванд. " * 20 + "\ufffd"
    assert notes == ("1 broken characters",)


def test_stray_control_characters_are_removed_with_a_note():
    read = extract_bytes("Ҳуқуқи\x00 шаҳр\x07ванди Ҷумҳурии Тоҷикистон".encode(), "а.txt")
    assert read.text == "Ҳуқуқи шаҳрванди Ҷумҳурии Тоҷикистон"
    assert read.notes == ("2 control characters removed",)


# What is no document

def test_a_renamed_pdf_is_read_as_a_pdf_with_a_note():
    read = extract_bytes((ASSETS / "law.pdf").read_bytes(), "қонун.txt")
    assert read.notes == ("named .txt, but the content is application/pdf",)
    assert read.text == extract(ASSETS / "law.pdf").text


def test_a_text_named_pdf_is_read_as_text_with_a_note():
    read = extract_bytes("Ҳуқуқи шаҳрванд".encode(), "а.pdf")
    assert (read.text, read.notes) == ("Ҳуқуқи шаҳрванд", ("named .pdf, but the content is text/plain",))


@pytest.mark.parametrize(("data", "what"), [
    (b"\x89PNG\r\n\x1a\n" + bytes(50), "an image"),
    (b"PK\x03\x04" + bytes(50), "an office file or archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "an old office file"),
    (b"{\\rtf1 \\ansi", "a rich text file"),
    (bytes(range(256)) * 40, "binary"),
    (b"\x01\x02\x03\x04" * 25_000, "binary"),
], ids=["image", "archive", "office", "rtf", "all bytes", "100 kB of control characters"])
def test_what_is_no_text_is_refused_with_its_kind_and_a_next_step(data, what):
    with pytest.raises(UnsupportedFileError, match=what) as refused:
        extract_bytes(data, "ҳуҷҷат.txt")
    assert "PDF" in refused.value.hint
    assert "ҳуҷҷат.txt" in str(refused.value)


@pytest.mark.parametrize("data", [b"", b" \n\t\n", "\u200b\ufeff\u00a0".encode()],
                         ids=["no bytes", "blank", "unseen"])
def test_an_empty_file_is_empty(data):
    with pytest.raises(EmptyFileError):
        extract_bytes(data, "холӣ.txt")


def test_a_missing_file_is_unreadable_and_named(tmp_path):
    with pytest.raises(UnreadableFileError, match=r"нест\.pdf"):
        extract(tmp_path / "нест.pdf")
