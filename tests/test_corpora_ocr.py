"""Scans become text with a box for every word; what cannot be read is refused by its number."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from rapidfuzz.distance import Levenshtein

from corpora import ocr
from corpora.errors import EmptyFileError, UnreadableFileError, UnsupportedFileError
from corpora.extract import extract, extract_bytes, picture

ASSETS = Path(__file__).parent / "assets"
FONT = Path(__file__).parents[1] / "corpora" / "fonts" / "NotoSans-Regular.ttf"
TITLE = "Қарори Ҳукумати Ҷумҳурии Тоҷикистон"
LINES = ("Шаҳрванди Ҷумҳурии Тоҷикистон аз синни шонздаҳсолагӣ",
         "шиноснома мегирад ва онро ҳангоми иваз шудани насаб, ном ё",
         "номи падар иваз мекунад. Муҳлати баррасии ариза даҳ рӯзи",
         "корӣ мебошад. Боҷи давлатӣ аз рӯи қарори Ҳукумат аз 27 майи",
         "соли 2020, № 294 дар ҳаҷми 35,36 сомонӣ гирифта мешавад.")
TEXT = f"{TITLE}\n{' '.join(LINES)}"

needs_tesseract = pytest.mark.skipif(bool(ocr.missing()), reason=f"text recognition: {ocr.missing()}; {ocr.INSTALL}")


def drawn(dpi: int = 200, lines: tuple[str, ...] = LINES, title: str = TITLE) -> Image.Image:
    """A page of 7 by 3 inches: a title of 16 points, lines of 11 points."""
    page = Image.new("L", (7 * dpi, 3 * dpi), 255)
    pen, y = ImageDraw.Draw(page), 0.5 * dpi
    for line, size in ((title, 16), *((line, 11) for line in lines)):
        pen.text((0.7 * dpi, y), line, font=ImageFont.truetype(FONT, round(size * dpi / 72)), fill=0)
        y += size * 1.5 * dpi / 72
    return page


def worn(page: Image.Image, skew: float, specks: float = 0.004) -> Image.Image:
    """The page turned clockwise, blurred, greyed and speckled."""
    chance = np.random.default_rng(5)
    page = page.rotate(-skew, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(0.6))
    values = 235 - (255 - np.asarray(page).astype(float)) * 0.8 + chance.normal(0, 8, (page.height, page.width))
    hit = chance.random(values.shape)
    values[hit < specks], values[hit > 1 - specks] = 0, 255
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def packed(page: Image.Image, kind: str = "PNG", dpi: int = 200, more: tuple[Image.Image, ...] = ()) -> bytes:
    out = io.BytesIO()
    several = {"save_all": True, "append_images": list(more)} if more else {}
    page.save(out, kind, **({"resolution": dpi} if kind == "PDF" else {"dpi": (dpi, dpi)}), **several)
    return out.getvalue()


def errors(read: str, text: str = TEXT) -> float:
    return Levenshtein.distance(" ".join(text.split()), " ".join(read.split())) / len(text)


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")


# Reading

@needs_tesseract
@pytest.mark.parametrize(("page", "dpi", "most"), [
    (drawn(150), 150, 0.01), (worn(drawn(200), 2.0), 200, 0.03), (worn(drawn(150), -1.4, 0.001), 150, 0.03),
], ids=["clean 150", "worn 200", "worn 150"])
def test_a_scan_is_read_with_few_errors_and_says_how_sure_it_is(page, dpi, most):
    read = extract_bytes(packed(page, dpi=dpi), "қарор.png")
    assert errors(read.text) <= most
    assert read.notes[0].startswith("page 1 was read by text recognition, confidence 9")
    assert (read.media_type, read.extractor) == ("image/png", f"tesseract {ocr.version()}")
    assert [span.page for span in read.spans] == [1]


@needs_tesseract
def test_lines_of_a_scan_become_a_heading_and_one_paragraph():
    read = extract_bytes(packed(drawn()), "қарор.png")
    assert read.text == TEXT
    assert [(heading.text, heading.level) for heading in read.headings] == [(TITLE, 1)]


@needs_tesseract
def test_every_word_of_a_scan_has_a_box_that_holds_its_ink_where_the_page_was_turned():
    page = worn(drawn(), 2.0, 0.0)
    read = extract_bytes(packed(page), "қарор.png")
    boxes = {read.text[box.start:box.end]: box for box in read.boxes}
    assert [read.text[box.start:box.end] for box in read.boxes] == read.text.split()
    assert all(0 <= box.x0 < box.x1 <= 1 and 0 <= box.y0 < box.y1 <= 1 and box.page == 1 for box in read.boxes)
    first, last = boxes["Шаҳрванди"], boxes["мешавад."]
    assert (first.x0, first.y0) == pytest.approx((0.11, 0.27), abs=0.03)
    assert last.y0 > first.y1
    ink = np.asarray(page)[int(last.y0 * page.height):int(last.y1 * page.height),
                           int(last.x0 * page.width):int(last.x1 * page.width)]
    assert (ink < 120).mean() > 0.08


@needs_tesseract
def test_a_word_broken_at_a_line_end_has_two_boxes_and_is_whole_in_the_text():
    lines = (*LINES[:2], "номи падар иваз мекунад ва барои он дар бонк пардохт меку-", "над, баъд квитансия мегирад.")
    read = extract_bytes(packed(drawn(lines=lines)), "қарор.png")
    assert "пардохт мекунад, баъд" in read.text
    pieces = [read.text[box.start:box.end] for box in read.boxes]
    assert pieces[pieces.index("меку"):][:2] == ["меку", "над,"]


@needs_tesseract
def test_a_page_on_its_side_is_turned_and_its_boxes_lie_on_the_page_as_it_was_given():
    lines = tuple(LINES[at % 5] for at in range(8))
    page = drawn(lines=lines).crop((0, 0, 1400, 600)).resize((1400, 600)).rotate(90, expand=True, fillcolor=255)
    read = extract_bytes(packed(page), "қарор.png")
    assert errors(read.text[:len(TEXT)]) <= 0.05
    first, below = read.boxes[0], read.boxes[20]
    assert below.x0 > first.x1
    assert first.y1 - first.y0 > first.x1 - first.x0


@needs_tesseract
def test_pages_of_a_scanned_file_are_read_in_order_with_progress():
    seen = []
    other = drawn(lines=("Ариза дар давоми даҳ рӯз баррасӣ карда мешавад.",), title="Замимаи 1")
    data = packed(drawn(), "TIFF", more=(other, drawn()))
    read = extract_bytes(data, "қарор.tif", lambda done, whole: seen.append((done, whole)))
    assert [span.page for span in read.spans] == [1, 2, 3]
    assert "Замимаи 1" in read.text[read.spans[1].start:read.spans[1].end]
    assert seen == [(1, 3), (2, 3), (3, 3)]
    assert len(read.notes) == 3
    assert read.media_type == "image/tiff"


@needs_tesseract
def test_a_scanned_pdf_is_read_and_a_page_without_words_is_refused_by_its_number():
    read = extract_bytes(packed(worn(drawn(), 1.0, 0.0), "PDF", more=(Image.new("L", (1400, 600), 200),)), "қарор.pdf")
    assert errors(read.text) <= 0.03
    assert [span.page for span in read.spans] == [1]
    assert read.notes[1] == "page 2 is refused: it has no text layer, and text recognition found no words"
    assert read.extractor.startswith("pypdfium2 ")
    assert read.extractor.endswith(f"tesseract {ocr.version()}")


@needs_tesseract
def test_a_pdf_whose_letters_are_lost_is_read_from_its_picture():
    read = extract(ASSETS / "no-unicode-map.pdf")
    assert read.text.startswith("Маблағи хизмат\nШаҳрванди Ҷумҳурии Тоҷикистон аз синни")
    assert "page 1 was read by text recognition" in read.notes[0]
    assert {read.text[box.start:box.end] for box in read.boxes} == set(read.text.split())


def test_a_pdf_with_good_letters_is_never_recognised(nothing_installed):
    read = extract(ASSETS / "law.pdf")
    assert (read.notes, read.boxes) == ((), ())
    assert "tesseract" not in read.extractor


# Refusing

def test_without_tesseract_a_page_is_refused_with_the_command_and_the_others_are_read(nothing_installed):
    read = extract(ASSETS / "scan-on-page-2.pdf")
    assert read.notes == ("page 2 is refused: it has no text layer, and tesseract is not installed; "
                          "run: apt-get install tesseract-ocr tesseract-ocr-tgk tesseract-ocr-rus",)
    assert [span.page for span in read.spans] == [1]


def test_without_tesseract_a_document_of_noise_is_refused_with_the_command_as_next_step(nothing_installed):
    with pytest.raises(EmptyFileError, match="page 1 is refused: it has no readable letters") as refused:
        extract(ASSETS / "no-unicode-map.pdf")
    assert refused.value.hint == f"Run: {ocr.INSTALL}"


def test_without_tesseract_an_image_is_refused_with_the_command(nothing_installed):
    with pytest.raises(UnreadableFileError, match=r"қарор\.png is a scan, and tesseract is not installed") as refused:
        extract_bytes(packed(drawn()), "қарор.png")
    assert refused.value.hint == f"Run: {ocr.INSTALL}"


def test_tesseract_without_tajik_recognises_nothing(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\necho rus\necho eng\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    assert ocr.missing() == "tesseract lacks tgk"


def test_a_failure_of_tesseract_refuses_the_page_and_not_the_file(tmp_path, monkeypatch):
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\ncase "$1" in --*) echo "tgk\nrus";; *) exit 3;; esac\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/bin:/usr/bin")
    read = extract(ASSETS / "scan-on-page-2.pdf")
    assert "page 2 is refused: it has no text layer, and text recognition failed with exit code 3" in read.notes[0]
    assert read.text.startswith("Маблағи хизмат")


@needs_tesseract
def test_a_picture_without_words_is_empty_and_says_so():
    picture_of_noise = Image.effect_noise((250, 250), 60)
    with pytest.raises(EmptyFileError, match="page 1 is refused: text recognition"):
        extract_bytes(packed(picture_of_noise), "акс.png")


@pytest.mark.parametrize("cut", [60, 3000])
def test_a_picture_cut_short_is_refused(cut, monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "")
    with pytest.raises((UnreadableFileError, UnsupportedFileError), match=r"қарор\.png"):
        extract_bytes(packed(drawn())[:cut], "қарор.png")


def test_a_picture_far_too_large_is_refused_before_it_is_unpacked(monkeypatch):
    monkeypatch.setattr(ocr, "missing", lambda: "")
    bomb = packed(Image.new("1", (12_000, 12_000)))
    with pytest.raises(UnreadableFileError, match="too large a picture"):
        extract_bytes(bomb, "акс.png")


# Words

def test_a_look_alike_of_the_number_sign_before_a_number_is_one_and_words_stay(monkeypatch):
    table = ["head"] + [f"5\t1\t1\t1\t{line}\t{at}\t{at * 50}\t10\t40\t20\t93.5\t{word}" for line, words in
                        enumerate(("қарори Чо 294", "То 10 рӯз Чо мехоҳед")) for at, word in enumerate(words.split())]
    monkeypatch.setattr(ocr, "_run", lambda command, data=b"": "tgk\nrus" if "--list-langs" in command
                        else "\n".join(table))
    monkeypatch.setattr(ocr, "_program", lambda: "tesseract of this test")
    words = ocr.recognise(Image.new("L", (400, 50), 255))
    assert [word.text for word in words] == ["қарори", "№", "294", "То", "10", "рӯз", "Чо", "мехоҳед"]
    assert ocr.confidence(words) == 94
    assert ocr.confidence(()) == 0


# Pictures

@pytest.mark.parametrize("angle", [-2.0, -0.7, 0.4, 1.3, 2.0])
def test_the_angle_of_a_worn_page_is_found_to_a_tenth_of_a_degree(angle):
    assert picture.skew(worn(drawn(), angle, 0.001)) == pytest.approx(angle, abs=0.1)


def test_a_level_page_and_an_empty_one_are_not_turned():
    page = drawn()
    assert picture.skew(page) == 0.0
    assert picture.skew(Image.new("L", (500, 500), 255)) == 0.0
    assert picture.turned(page, 0.0) is page


def test_specks_go_and_a_clean_page_stays_as_it_is():
    page = drawn()
    assert picture.without_specks(page) is page
    speckled = worn(page, 0.0)
    clean = np.asarray(picture.without_specks(speckled))
    margin = clean[10:80, 10:1300]
    assert (np.asarray(speckled)[10:80, 10:1300] < 60).any()
    assert not (margin < 60).any()
    assert clean.shape == (page.height, page.width)


@given(st.floats(-5, 5), st.floats(0, 1), st.floats(0, 1))
def test_a_point_of_the_turned_page_is_found_on_the_page_before(angle, x, y):
    before, after = (700, 400), (760, 480)
    there = picture.before_turning((x * after[0], y * after[1]), angle, after, before)
    back = picture.before_turning(there, -angle, before, after)
    assert back == pytest.approx((x * after[0], y * after[1]), abs=1e-6)
