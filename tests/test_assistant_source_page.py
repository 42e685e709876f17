"""The page of a source: the quote is found where it is printed, and where it is not, that is said."""

from __future__ import annotations

import io
import sys
from hashlib import sha256
from pathlib import Path
from threading import Thread

import pypdfium2
import pytest
from PIL import Image
from pypdf import PdfReader, PdfWriter

from assistant import config as settings
from assistant import source_page
from assistant.cited import Cited
from assistant.page_pictures import CAPS, PictureError, Pictures
from assistant.quote_place import Quote, find, letters_of, part
from assistant.records import Citation
from assistant.source_page import Lack, Part, file_of, page_of
from corpora.draft import Draft, Entry
from corpora.extract.blocks import WordBox
from corpora.ingest import read_entry
from corpora.metadata import read_metadata
from corpora.records import Document, DocumentId, Locator, Passage
from corpora.release import packed_text
from corpora.sandbox import Caps
from tests.entries import entry

ROOT = Path(__file__).parents[1]
PAPERS = ROOT / "corpora" / "seed" / "documents"
ASSETS = ROOT / "tests" / "assets"
SENTENCE = "Муроҷиат ба мақоми давлатӣ ариза, дархост, таклиф ё шикоят аст"


@pytest.fixture(scope="module")
def pictures():
    drawing = Pictures()
    yield drawing
    drawing.close()


@pytest.fixture
def config(tmp_path):
    return settings.load(tmp_path)


@pytest.fixture(scope="module")
def appeals():
    path = PAPERS / "appeals.pdf"
    return read_entry(path.name, path.read_bytes(), read_metadata(path))[0]


def source(document, passage, *quotes):
    """Return a source of which these words are quoted."""
    spans = tuple((at, at + len(quote)) for quote in quotes for at in [passage.text.index(quote)])
    return Cited(1, passage, document, spans, Citation(passage, document, spans[0]))


def quoting(found, quote):
    """Return the passage of an entry in which words stand, as a source."""
    passage = next(one for one in found.passages if quote in one.text)
    return source(found.document, passage, quote)


def keep(config, found, data):
    Draft(config.drafts / "papers").put(found, data)


class Released:
    """A release in use that holds one document."""

    of_files = False

    def __init__(self, held):
        self.held = held

    def contents(self):
        return packed_text([self.held], corpus="papers", number=1)


def pdf_of(*pages, media_type="application/pdf"):
    """Return a PDF of these pages of lines, and an entry of one passage that holds all of them."""
    from fpdf import FPDF
    pdf = FPDF()
    pdf.add_font("Noto", fname=ROOT / "corpora" / "fonts" / "NotoSans-Regular.ttf")
    pdf.set_font("Noto", size=14)
    for lines in pages:
        pdf.add_page()
        pdf.multi_cell(w=120, text=lines, align="L")
    data = bytes(pdf.output())
    text = " ".join(" ".join(lines.split()) for lines in pages)
    document = Document(DocumentId("paper"), "Қоғаз", "tg", "paper.pdf", sha256(data).hexdigest(), media_type, "test 1")
    return Entry(document, (Passage("paper:0", document.id, text, 0, len(text), Locator(page=1)),)), data


# Where words stand among letters.

def found_in(quote, page, before=""):
    return [page[start:end] for start, end in find(Quote(quote, before), letters_of(page))]


def test_words_are_found_over_line_ends_hyphens_and_other_dashes():
    assert found_in("муқаррар шудааст: 5-рӯза", "ки муқар-\r\nрар  шудааст:\r\n5–рӯза.") \
        == ["муқар-\r\nрар  шудааст:\r\n5–рӯза"]


def test_a_letter_written_as_two_signs_is_the_same_letter_and_keeps_its_place():
    page = "Шиносномаи хорич\u0327ии нав бо ӯҳда"
    assert found_in("нав бо ӯҳда", page) == ["нав бо ӯҳда"]
    assert found_in("қарори", "аввал и\u0304нак қарори") == ["қарори"]


def test_of_two_places_the_one_with_the_same_words_before_it_is_taken():
    page = letters_of("Барои кӯдак: 10 сомонӣ. Барои калонсол: 10 сомонӣ.")
    first, second = (find(Quote("10 сомонӣ", before), page) for before in ("Барои кӯдак: ", "Барои калонсол: "))
    assert first[0][0] < second[0][0]


def test_rows_of_a_table_are_found_in_the_order_in_which_they_are_printed():
    page = "Сол – Нарх\r\n2014 – 150\r\n2016 – 200\r\n2014 нусха"
    assert found_in("Сол: 2014; Нарх: 150\nСол: 2016; Нарх: 200", page) == ["Сол", "2014", "Нарх", "150", "2016", "200"]


def test_words_that_are_not_there_are_not_found():
    assert found_in("андози замин", "дар ин саҳифа дигар чиз") == []
    assert found_in("…", "дар ин саҳифа") == []


def test_a_quote_that_runs_on_overleaf_is_told_apart():
    begun, rest = part(Quote("оғоз дар ин саҳифа ва охир дар дигараш"), letters_of("Матн. Оғоз дар ин саҳифа ва\r\n7"))
    assert begun is not None
    assert rest.text.strip() == "охир дар дигараш"


@pytest.mark.parametrize("name", [path.name for path in sorted(PAPERS.glob("*.pdf"))[::6]])
def test_every_fact_of_a_document_of_the_seed_is_found_on_its_page(name, pictures):
    path = PAPERS / name
    data = path.read_bytes()
    read = read_entry(name, data, read_metadata(path))[0]
    for fact in read.document.facts:
        passage = next(one for one in read.passages if fact.quote in one.text)
        at = passage.text.index(fact.quote)
        look = pictures.look(data, passage.locator.page, [Quote(fact.quote, passage.text[:at])])
        assert look.marks[0], fact.quote
        assert not look.rest[0]


# The page as a picture.

def test_the_mark_lies_over_the_very_words_that_are_quoted(config, appeals, pictures):
    keep(config, appeals, (PAPERS / "appeals.pdf").read_bytes())
    page = page_of(config, pictures, quoting(appeals, SENTENCE), appeals.passages)
    assert page.is_picture
    assert (page.page, page.home, page.lacks) == (1, 1, ())
    document = pypdfium2.PdfDocument(PAPERS / "appeals.pdf")
    width, height = document[0].get_size()
    text = document[0].get_textpage()
    under = " ".join(text.get_text_bounded(x0 * width, height * (1 - y1), x1 * width, height * (1 - y0))
                     for x0, y0, x1, y1 in page.marks)
    document.close()
    assert SENTENCE.replace(" ", "") in "".join(under.split())


def test_another_page_has_no_mark_and_knows_the_way_back(config, appeals, pictures):
    keep(config, appeals, (PAPERS / "appeals.pdf").read_bytes())
    page = page_of(config, pictures, quoting(appeals, SENTENCE), appeals.passages, 2)
    assert (page.page, page.home, page.marks, page.lacks) == (2, 1, (), ())
    assert page_of(config, pictures, quoting(appeals, SENTENCE), appeals.passages, 99).page == 2


def test_several_stretches_of_one_passage_are_all_marked(config, pictures):
    found, data = pdf_of("Якум: сад сомонӣ аст.\nДуюм: дигар сухан.\nСеюм: дусад сомонӣ аст.")
    keep(config, found, data)
    page = page_of(config, pictures, source(found.document, found.passages[0], "Якум: сад сомонӣ", "Сеюм: дусад"),
                   found.passages)
    assert len(page.marks) == 2


def test_a_quote_over_two_pages_is_marked_on_both(config, pictures):
    found, data = pdf_of("Аввали матн.\nПардохт барои ҳар нафар дар", "ҳамин рӯз қабул карда мешавад.\nОхири матн.")
    keep(config, found, data)
    quoted = source(found.document, found.passages[0], "Пардохт барои ҳар нафар дар ҳамин рӯз қабул карда мешавад")
    first = page_of(config, pictures, quoted, found.passages)
    second = page_of(config, pictures, quoted, found.passages, 2)
    assert (first.page, first.overleaf, len(first.marks)) == (1, True, 1)
    assert (second.page, second.overleaf, len(second.marks)) == (2, False, 1)


def test_a_quote_of_a_passage_that_began_a_page_before_opens_on_its_own_page(config, pictures):
    found, data = pdf_of("Ин қисм аз саҳифаи якум оғоз мешавад.", "Боҷи давлатӣ нӯҳ сомонӣ аст.")
    keep(config, found, data)
    page = page_of(config, pictures, source(found.document, found.passages[0], "Боҷи давлатӣ нӯҳ сомонӣ"), ())
    assert (page.page, page.home) == (2, 2)


def test_a_quote_that_is_not_on_the_page_says_so_and_the_page_is_shown(config, pictures):
    found, data = pdf_of("Танҳо ин суханҳо чоп шудаанд.")
    text = "Ин суханҳо дар ягон саҳифа чоп нашудаанд."
    passage = Passage("paper:1", found.document.id, text, 0, len(text), Locator(page=1))
    keep(config, found, data)
    page = page_of(config, pictures, source(found.document, passage, text), (passage,))
    assert page.is_picture
    assert page.marks == ()
    assert page.lacks == (Lack.QUOTE,)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_a_turned_page_has_its_mark_where_the_words_are_seen(turn, pictures):
    data = (PAPERS / "appeals.pdf").read_bytes()
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(data)))
    writer.pages[0].rotate(turn)
    kept = io.BytesIO()
    writer.write(kept)
    (x0, y0, x1, y1), *_ = pictures.look(data, 1, [Quote(SENTENCE)]).marks[0]
    seen = {90: (1 - y1, x0, 1 - y0, x1), 180: (1 - x1, 1 - y1, 1 - x0, 1 - y0), 270: (y0, 1 - x1, y1, 1 - x0)}[turn]
    assert pictures.look(kept.getvalue(), 1, [Quote(SENTENCE)]).marks[0][0] == pytest.approx(seen, abs=0.002)


@pytest.mark.parametrize("released", [False, True])
def test_a_page_that_was_recognised_is_marked_by_the_places_of_its_words(released, config, pictures, monkeypatch):
    found, data = pdf_of("сканер")
    words = ["Пардохт", "даҳ", "сомонӣ", "аст"]
    text, boxes, at = " ".join(words), [], 0
    for number, word in enumerate(words):
        line = number // 2
        boxes.append(WordBox(at, at + len(word), 1, 0.1 + 0.2 * (number % 2), 0.1 + 0.1 * line,
                             0.25 + 0.2 * (number % 2), 0.13 + 0.1 * line))
        at += len(word) + 1
    document = Document(DocumentId("paper"), "Скан", "tg", "paper.pdf", found.document.sha256, "application/pdf",
                        "pypdfium2 5, tesseract 5.3.0")
    passage = Passage("paper:0", document.id, text, 0, len(text), Locator(page=1))
    recognised = Entry(document, (passage,), boxes=tuple(boxes))
    if released:
        (config.data_dir / "files").mkdir()
        (config.data_dir / "files" / document.sha256).write_bytes(data)
        monkeypatch.setattr(source_page, "packs_in_use", lambda _config: [Released(recognised)])
    else:
        keep(config, recognised, data)
    page = page_of(config, pictures, source(document, passage, "даҳ сомонӣ аст"), (passage,))
    assert page.lacks == ()
    assert page.marks == (pytest.approx((0.3, 0.1, 0.45, 0.13)), pytest.approx((0.1, 0.2, 0.45, 0.23)))


def test_a_picture_is_wider_with_each_zoom_and_drawn_once(pictures):
    data = (PAPERS / "appeals.pdf").read_bytes()
    widths = [Image.open(io.BytesIO(pictures.picture(data, 2, zoom))).width for zoom in (100, 150, 200)]
    assert widths == [1000, 1500, 2000]
    drawn = pictures.drawn
    assert pictures.picture(data, 2, 150)
    assert pictures.drawn == drawn


# Where there is no picture.

def test_a_text_is_shown_whole_with_the_quote_marked_and_its_headings_told(config, pictures):
    found = entry("қоида", ("Пардохт", "Пардохт\nБоҷ 20 сомонӣ аст. Боқимонда нест."), "Охир.")
    quoted = source(found.document, found.passages[0], "Боҷ 20 сомонӣ аст.")
    page = page_of(config, pictures, quoted, found.passages)
    assert not page.is_picture
    assert [paragraph.is_heading for paragraph in page.paragraphs] == [True, False, False]
    assert page.paragraphs[1].parts == (Part("Боҷ 20 сомонӣ аст.", marked=True), Part(" Боқимонда нест."))
    assert page.lacks == ()


def test_a_long_text_opens_at_the_part_with_the_quote(config, pictures):
    found = entry("қоида", *(f"Банди {number}. {'сухан ' * 200}" for number in range(9)), "Ҷавоб дар ин ҷост.")
    page = page_of(config, pictures, source(found.document, found.passages[-1], "Ҷавоб"), found.passages)
    assert page.pages > 2
    assert page.page == page.home == page.pages
    first = page_of(config, pictures, source(found.document, found.passages[-1], "Ҷавоб"), found.passages, 1)
    assert not any(part.marked for paragraph in first.paragraphs for part in paragraph.parts)


def test_a_machine_without_the_file_shows_its_text_and_says_so(config, appeals, pictures):
    page = page_of(config, pictures, quoting(appeals, SENTENCE), appeals.passages)
    assert not page.is_picture
    assert page.lacks == (Lack.FILE,)
    assert any(part.marked and part.text.startswith(SENTENCE[:20]) for one in page.paragraphs for part in one.parts)


def test_a_file_that_was_changed_is_not_shown_as_the_source(config, appeals):
    folder = config.data_dir / "files"
    folder.mkdir(parents=True)
    (folder / appeals.document.sha256).write_bytes((PAPERS / "adoption.html").read_bytes())
    assert file_of(config, appeals.document) is None
    (folder / appeals.document.sha256).write_bytes((PAPERS / "appeals.pdf").read_bytes())
    assert file_of(config, appeals.document) == (PAPERS / "appeals.pdf").read_bytes()


def test_of_a_document_that_was_changed_since_only_the_cited_passage_is_shown(config, pictures):
    old, new = entry("қоида", "Боҷ 20 сомонӣ аст."), entry("қоида", "Боҷ 30 сомонӣ аст.")
    page = page_of(config, pictures, source(old.document, old.passages[0], "20 сомонӣ"), new.passages)
    assert page.lacks == (Lack.REST,)
    assert "".join(part.text for part in page.paragraphs[0].parts) == "Боҷ 20 сомонӣ аст."


# What may be wrong with a file.

@pytest.mark.parametrize("name", ["encrypted.pdf", "truncated.pdf"])
def test_a_file_that_cannot_be_opened_is_shown_as_text(name, config, pictures):
    data = (ASSETS / name).read_bytes()
    document = Document(DocumentId("paper"), "Қоғаз", "tg", name, sha256(data).hexdigest(), "application/pdf", "test 1")
    passage = Passage("paper:0", document.id, "Боҷ 20 сомонӣ аст.", 0, 18, Locator(page=1))
    keep(config, Entry(document, (passage,)), data)
    page = page_of(config, pictures, source(document, passage, "20 сомонӣ"), (passage,))
    assert page.lacks == (Lack.PICTURE,)
    assert not page.is_picture


def test_a_page_that_claims_to_be_huge_is_drawn_small(pictures):
    writer = PdfWriter()
    writer.add_blank_page(width=14_000, height=14_000)
    writer.add_blank_page(width=14_000, height=2)
    kept = io.BytesIO()
    writer.write(kept)
    for page in (1, 2):
        image = Image.open(io.BytesIO(pictures.picture(kept.getvalue(), page, 200)))
        assert image.width * image.height <= 12_500_000


@pytest.mark.parametrize("code", ["import time; time.sleep(60)", "raise SystemExit(3)",
                                  "import sys; sys.stdout.buffer.write(b'\\xff' * 64)",
                                  "import sys; sys.stdout.buffer.write((2).to_bytes(8, 'big') + b'[]')"])
def test_a_child_that_hangs_dies_or_babbles_costs_only_this_page(code):
    drawing = Pictures(Caps(file_bytes=10_000_000, seconds=0.3), (sys.executable, "-c", code))
    with pytest.raises(PictureError):
        drawing.picture(b"%PDF-1.4", 1, 100)
    drawing._command = Pictures()._command
    drawing._caps = CAPS
    assert drawing.picture((PAPERS / "appeals.pdf").read_bytes(), 1, 100)
    drawing.close()


def test_a_file_beyond_the_cap_is_not_sent():
    drawing = Pictures(Caps(file_bytes=10), (sys.executable, "-c", "raise SystemExit"))
    with pytest.raises(PictureError, match="larger"):
        drawing.look(b"x" * 11, 1, [])
    drawing.close()


def test_the_child_outlives_the_thread_that_asked_first(pictures):
    data = (PAPERS / "apostille-papers.pdf").read_bytes()
    drawing = Pictures()
    thread = Thread(target=drawing.look, args=(data, 1, []))
    thread.start()
    thread.join()
    child = drawing._child
    assert drawing.picture(data, 1, 100)
    assert drawing._child is child
    drawing.close()
