"""Forms: read as they are, filled so that every Tajik letter is on the page, and never half filled."""

from __future__ import annotations

import io
import json
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader, PdfWriter

from corpora import Passage
from corpora.errors import CorpusError, EncryptedFileError, UnreadableFileError
from corpora.form_fill import fill
from corpora.form_values import lay_out
from corpora.forms import FieldType, FormError, Rule, checklist, form_record, read_form, rules
from corpora.pdf_objects import add, pdf_object, text_object
from corpora.records import Document, DocumentStatus, Fact, FactType, Locator
from corpora.typeface import FILE, shipped

SEED = Path(__file__).parents[1] / "corpora" / "seed"
DEFINITIONS = sorted((SEED / "forms").glob("*.toml"))
ALPHABET = "АБВГҒДЕЁЖЗИӢЙКҚЛМНОПРСТУӮФХҲЧҶШЪЭЮЯ"
LETTERS = ALPHABET + ALPHABET.lower()
SMALL, LARGE = ALPHABET.lower()[:18], ALPHABET[:18]
LETTERS_WITHOUT = dict(zip("ғӣқӯҳҷё", "гикухче", strict=True))
# Words that hold each of the six letters in both cases.
WORDS = "Ғалла Ӣмон Қалам Ӯҳда Ҳавз Ҷавоб ғор сӣ қанд рӯз ҳафт ҷой"
TEXTS = ("матн", "калон", "интихоб", "шонавӣ")
SCALE = 300 / 72                       # pixels a point


def widget(name, kind, rect, flags=0, **more):
    plain = {"/Type": "/Annot", "/Subtype": "/Widget", "/FT": kind, "/T": text_object(name), "/Rect": list(rect),
             "/Ff": flags, "/F": 4, "/DA": text_object("/Helv 11 Tf 0 g")}
    return plain | {f"/{key}": value for key, value in more.items()}


def paper(*plain, **form):
    """Return a PDF of one page with these widgets, as other programs make them: in Helvetica."""
    writer = PdfWriter()
    page = writer.add_blank_page(560, 400)
    helvetica = add(writer, {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"})
    fields = [add(writer, each(writer) if callable(each) else each) for each in plain]
    page[pdf_object("/Annots")] = pdf_object(fields)
    whole = {"/Fields": fields, "/DR": {"/Font": {"/Helv": helvetica}}} | {f"/{key}": form[key] for key in form}
    writer._root_object[pdf_object("/AcroForm")] = add(writer, whole)
    return written(writer)


def written(writer):
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def button(name, rect, *states, **more):
    def made(writer):
        box = {"/Type": "/XObject", "/Subtype": "/Form", "/BBox": [0, 0, 20, 20]}
        looks = {f"/{state}": add(writer, box, b"0 0 20 20 re f\n") for state in states}
        looks["/Off"] = add(writer, box, b"\n")
        return widget(name, "/Btn", rect, **{"AP": {"/N": looks}, "AS": "/Off"} | more)
    return made


def choice(name, rect, *options, flags=1 << 17, **more):
    return widget(name, "/Ch", rect, flags, Opt=[text_object(option) for option in options], **more)


@pytest.fixture(scope="module")
def every_type():
    return paper(widget("матн", "/Tx", (10, 350, 550, 370), 2),
                 widget("калон", "/Tx", (10, 250, 550, 340), 1 << 12, TU=text_object("Матни калон")),
                 choice("интихоб", (10, 220, 550, 240), LETTERS, WORDS, SMALL, LARGE),
                 widget("шонавӣ", "/Tx", (10, 190, 550, 210), 1 << 24, MaxLen=len(LETTERS)),
                 widget("сана", "/Tx", (10, 160, 200, 180), TU=text_object("Санаи таваллуд (рӯз.моҳ.сол)")),
                 button("розӣ", (10, 130, 30, 150), "Ha"))


def page_text(data):
    document = pypdfium2.PdfDocument(data)
    try:
        return document[0].get_textpage().get_text_range()
    finally:
        document.close()


def picture(data, rect=None, *, drawn_by_forms=False):
    """Return the page, or a rectangle of it in points, as ink: (rows, columns) float, 0 white, 1 black."""
    document = pypdfium2.PdfDocument(data)
    try:
        if drawn_by_forms:
            document.init_forms()
        bitmap = document[0].render(scale=SCALE, may_draw_forms=drawn_by_forms)
        ink = 1 - np.asarray(bitmap.to_pil().convert("L"), dtype=float) / 255
        height = document[0].get_height()
    finally:
        document.close()
    if rect is None:
        return ink
    left, low, right, high = rect
    return ink[round((height - high) * SCALE):round((height - low) * SCALE), round(left * SCALE):round(right * SCALE)]


def trimmed(ink):
    rows, columns = np.nonzero(ink.max(1) > 0.5)[0], np.nonzero(ink.max(0) > 0.5)[0]
    assert rows.size, "nothing is drawn"
    return ink[rows[0]:rows[-1] + 1, columns[0]:columns[-1] + 1]


def reference(text, size):
    """Return the ink of a text as another program draws it with the same font."""
    from fpdf import FPDF
    pdf = FPDF(unit="pt", format=(1200, 60))
    pdf.add_font("Noto", "", FILE)
    pdf.set_font("Noto", "", size)
    pdf.add_page()
    pdf.text(20, 40, text)
    return trimmed(picture(bytes(pdf.output())))


def assert_same_ink(found, expected):
    """Where the one picture is dark, the other has ink within a pixel: a macron or a tail less is seen."""
    assert np.abs(np.subtract(found.shape, expected.shape)).max() <= 2
    size = np.maximum(found.shape, expected.shape)
    one, other = (np.pad(ink, [(0, size[0] - ink.shape[0]), (0, size[1] - ink.shape[1])]) for ink in (found, expected))
    assert alone(one, other) + alone(other, one) <= 5


def alone(ink, other):
    """Return how many dark pixels have no ink of the other picture within a pixel."""
    wide = np.pad(other, 1)
    near = np.max([wide[y:y + ink.shape[0], x:x + ink.shape[1]] for y in range(3) for x in range(3)], axis=0)
    return np.count_nonzero((ink > 0.6) & (near < 0.15))


def size_drawn(text, rect, *, multiline=False):
    return lay_out(text, (rect[2] - rect[0], rect[3] - rect[1]), shipped(), size=11, multiline=multiline).size


def values(**more):
    return {"матн": "Ҷамила"} | more


@pytest.mark.parametrize("flatten", [False, True], ids=["fillable", "flattened"])
@pytest.mark.parametrize("name", ["матн", "калон", "интихоб"])
@pytest.mark.parametrize("text", [LARGE, ALPHABET[17:], SMALL, ALPHABET.lower()[17:]])
def test_every_letter_is_drawn_as_another_program_draws_it(every_type, name, text, flatten):
    if name == "интихоб":
        every_type = paper(widget("матн", "/Tx", (10, 350, 550, 370), 2), choice(name, (10, 220, 550, 240), text))
    data = fill(every_type, values(**{name: text}), flatten=flatten)
    field = read_form(every_type).field(name)
    size = size_drawn(text, field.rect, multiline=field.multiline)
    assert_same_ink(trimmed(picture(data, field.rect, drawn_by_forms=not flatten)), reference(text, size))


@pytest.mark.parametrize("letter", "ғӣқӯҳҷё")
def test_the_check_sees_one_letter_without_its_tail_or_macron(every_type, letter):
    plain = LETTERS_WITHOUT[letter]
    text = ALPHABET.lower()[:18] if letter in SMALL else ALPHABET.lower()[17:]
    data = fill(every_type, values(матн=text.replace(letter, plain)), flatten=True)
    rect = read_form(every_type).field("матн").rect
    with pytest.raises(AssertionError):
        assert_same_ink(trimmed(picture(data, rect)), reference(text, size_drawn(text, rect)))


@pytest.mark.parametrize("flatten", [False, True], ids=["fillable", "flattened"])
def test_every_letter_of_a_comb_stands_in_its_own_box(every_type, flatten):
    data = fill(every_type, values(шонавӣ=LETTERS), flatten=flatten)
    left, low, right, high = read_form(every_type).field("шонавӣ").rect
    step = (right - left) / len(LETTERS)
    inked = [picture_of.sum() for picture_of in
             np.array_split(picture(data, (left, low, right, high), drawn_by_forms=not flatten), len(LETTERS), axis=1)]
    assert min(inked) > 50
    assert step > shipped().width("Ж") * size_drawn("", (left, low, right, high)) / 1000 / 2


@pytest.mark.parametrize("name", TEXTS)
def test_the_text_of_a_flattened_form_reads_back_letter_by_letter(every_type, name):
    data = fill(every_type, values(**{name: LETTERS}), flatten=True)
    assert LETTERS in re.sub(r"\s", "", page_text(data))
    assert LETTERS in re.sub(r"\s", "", PdfReader(io.BytesIO(data)).pages[0].extract_text())


@pytest.mark.skipif(not shutil.which("tesseract"), reason="tesseract is not installed")
@pytest.mark.parametrize("flatten", [False, True], ids=["fillable", "flattened"])
def test_text_recognition_reads_the_page_back(every_type, flatten, tmp_path):
    known = subprocess.run(["tesseract", "--list-langs"], capture_output=True, text=True, check=True).stdout
    if "tgk" not in known.split():
        pytest.skip("tesseract has no Tajik")
    data = fill(every_type, {"матн": WORDS, "калон": WORDS, "интихоб": WORDS}, flatten=flatten)
    pixels = (255 * (1 - picture(data, drawn_by_forms=not flatten))).astype(np.uint8)
    from PIL import Image
    Image.fromarray(pixels).save(tmp_path / "page.png")
    command = ["tesseract", str(tmp_path / "page.png"), "-", "-l", "tgk", "--psm", "6", "--dpi", "300"]
    read = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for letter in "ғӣқӯҳҷ":
        assert read.casefold().count(letter) >= 3 * WORDS.casefold().count(letter) - 1, (letter, read)


@pytest.mark.parametrize("flatten", [False, True], ids=["fillable", "flattened"])
def test_the_same_checks_fail_on_what_the_library_does_by_itself(every_type, flatten):
    writer = PdfWriter(clone_from=io.BytesIO(every_type))
    writer.update_page_form_field_values(writer.pages[0], {"матн": SMALL}, auto_regenerate=False, flatten=flatten)
    data, rect = written(writer), read_form(every_type).field("матн").rect
    found = trimmed(picture(data, rect, drawn_by_forms=not flatten))
    with pytest.raises(AssertionError):
        assert_same_ink(found, reference(SMALL, size_drawn(SMALL, rect)))
    assert not flatten or "?" * len(SMALL) in page_text(data)


def test_the_font_that_ships_has_every_letter_and_its_licence():
    marks = " 0123456789.,;:!?()«»„“”–—-№%/+*@'\"ЩщЫыЬьЦцІіЎў" + "".join(map(chr, range(ord("A"), ord("z") + 1)))
    assert shipped().lacking(LETTERS + marks) == ""
    assert shipped().lacking("ғ中ғ中") == "中"
    assert FILE.stat().st_size < 150_000
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FILE.parent / "OFL.txt").read_text(encoding="utf-8")


def test_the_font_is_read_as_another_reader_reads_it():
    tables = pytest.importorskip("fontTools.ttLib").TTFont(FILE)
    glyphs = {point: tables.getGlyphID(name) for point, name in tables.getBestCmap().items()}
    assert shipped().glyphs == glyphs
    widths = [tables["hmtx"][name][0] for name in tables.getGlyphOrder()]
    assert list(shipped().widths) == [round(width * 1000 / tables["head"].unitsPerEm) for width in widths]


def test_a_form_is_read_as_it_is_made(every_type):
    form = read_form(every_type)
    assert [(field.name, field.type, field.required) for field in form.fields] == [
        ("матн", FieldType.TEXT, True), ("калон", FieldType.TEXT, False), ("интихоб", FieldType.CHOICE, False),
        ("шонавӣ", FieldType.TEXT, False), ("сана", FieldType.DATE, False), ("розӣ", FieldType.CHECKBOX, False)]
    large = form.field("калон")
    assert (large.label, large.page, large.rect, large.multiline) == ("Матни калон", 1, (10, 250, 550, 340), True)
    assert form.field("интихоб").options == (LETTERS, WORDS, SMALL, LARGE)
    assert form.field("шонавӣ").max_length == len(LETTERS)
    assert form.field("нест") is None


def test_a_script_that_formats_a_day_makes_a_day():
    script = {"/F": {"/S": "/JavaScript", "/JS": text_object('AFDate_FormatEx("dd.mm.yyyy");')}}
    form = read_form(paper(widget("рӯз", "/Tx", (10, 10, 200, 30), AA=script), widget("ном", "/Tx", (10, 40, 200, 60))))
    assert [field.type for field in form.fields] == [FieldType.DATE, FieldType.TEXT]


def scattered(data):
    """Return the form with every value of its widgets and pages kept in an object of its own."""
    writer = PdfWriter(clone_from=io.BytesIO(data))
    page = writer.pages[0]
    for node in (page, *(each.get_object() for each in page["/Annots"])):
        for key in set(node) - {"/Type", "/Subtype", "/Parent", "/P"}:
            value = node.raw_get(key)
            if isinstance(value, list):
                for at, part in enumerate(value):
                    value[at] = writer._add_object(part.get_object()) if key != "/Annots" else part
            node[pdf_object(key)] = writer._add_object(value.get_object()) if key != "/Annots" else value
    return written(writer)


def test_a_form_whose_values_are_scattered_over_the_file_is_the_same_form():
    look = {"/BG": [0.9], "/BC": [1, 0, 0]}
    data = paper(widget("ном", "/Tx", (10, 10, 200, 30), MK=look, Q=1),
                 choice("ҷинс", (10, 40, 200, 60), "Зан", "Мард"), button("розӣ", (10, 70, 30, 90), "Ha"))
    given = {"ном": "Ғайрат", "ҷинс": "Мард", "розӣ": True}
    assert read_form(scattered(data)) == read_form(data)
    for flatten in (False, True):
        one, other = (picture(fill(each, given, flatten=flatten), drawn_by_forms=not flatten)
                      for each in (data, scattered(data)))
        assert one.sum() > 0
        assert np.array_equal(one, other)


def test_what_nobody_fills_is_no_field_and_a_file_without_fields_no_form():
    push = widget("тугма", "/Btn", (0, 0, 10, 10), 1 << 16)
    locked = widget("барои идора", "/Tx", (0, 0, 100, 20), 1)
    signature = widget("имзо", "/Sig", (0, 0, 100, 20))
    assert read_form(paper(push, locked, signature)) is None
    assert read_form("# Ариза\n\n- Ном: ____".encode()) is None
    with pytest.raises(FormError, match="no fields"):
        fill(paper(push), {}, flatten=True)


def test_names_and_kinds_are_inherited_and_a_circle_of_parents_ends():
    writer = PdfWriter(clone_from=io.BytesIO(paper(widget("ном", "/Tx", (10, 10, 200, 30)))))
    child = writer.pages[0]["/Annots"][0].get_object()
    parent = add(writer, {"/T": text_object("аризадиҳанда"), "/FT": "/Tx", "/Ff": 2,
                          "/Parent": child.indirect_reference})
    child[pdf_object("/Parent")] = parent
    for key in ("/FT", "/Ff"):
        del child[key]
    field = read_form(written(writer)).fields[0]
    assert field.name.endswith("аризадиҳанда.ном")
    assert field.required


def test_a_damaged_or_locked_file_is_said_in_a_sentence(every_type):
    with pytest.raises(UnreadableFileError):
        read_form(b"%PDF-1.7\n1 0 obj\n")
    writer = PdfWriter(clone_from=io.BytesIO(every_type))
    writer.encrypt("калид", algorithm="RC4-128")
    with pytest.raises(EncryptedFileError):
        fill(written(writer), values(), flatten=True)


@pytest.mark.parametrize(("given", "field", "hint"), [
    ({"матнн": "а"}, "матнн", "матн"),
    ({}, "матн", "value"),
    ({"матн": "  "}, "матн", "value"),
    ({"матн": True}, "матн", "quotes"),
    ({"матн": 7}, "матн", "quotes"),
    ({"матн": "а\nб"}, "матн", "line ends"),
    ({"матн": "中"}, "матн", "Tajik"),
    ({"матн": "Ж" * 200}, "матн", "Shorten"),
    ({"калон": "Ҷаҳон " * 900}, "калон", "Shorten"),
    ({"шонавӣ": LETTERS + "а"}, "шонавӣ", "Shorten"),
    ({"интихоб": "Ҳеҷ"}, "интихоб", WORDS),
    ({"розӣ": "ҳа"}, "розӣ", "true or false"),
    ({"сана": "31.02.2026"}, "сана", "31.01.2026"),
    ({"сана": "дирӯз"}, "сана", "31.01.2026"),
])
def test_a_value_that_cannot_be_written_is_named_with_its_field_and_what_to_do(every_type, given, field, hint):
    before = every_type[:]
    with pytest.raises(FormError) as caught:
        fill(every_type, ({} if field == "матн" else values()) | given, flatten=False)
    assert caught.value.field == field
    assert repr(field) in str(caught.value)
    assert hint in caught.value.hint
    assert isinstance(caught.value, CorpusError)
    assert every_type == before


@pytest.mark.parametrize("given", ["31.1.2026", "2026-01-31", "31/01/2026"])
def test_a_day_is_written_in_one_way(every_type, given):
    assert "31.01.2026" in page_text(fill(every_type, values(сана=given), flatten=True))


def test_composed_letters_become_the_letters_of_tajik(every_type):
    data = fill(every_type, values(калон="И\u0304мон, дӯст"), flatten=True)
    assert "Ӣмон, дӯст" in page_text(data)


def test_a_tick_uses_the_state_the_form_names(every_type):
    ticked = PdfReader(io.BytesIO(fill(every_type, values(розӣ=True), flatten=False)))
    assert ticked.get_fields()["розӣ"]["/V"] == "/Ha"
    rect = read_form(every_type).field("розӣ").rect
    assert picture(fill(every_type, values(розӣ=True), flatten=True), rect).mean() > 0.9
    assert picture(fill(every_type, values(розӣ=False), flatten=True), rect).max() == 0


def test_one_of_several_buttons_is_chosen_by_its_words():
    radio = {"Ff": 1 << 15}
    data = paper(button("ҷинс", (10, 10, 30, 30), "0", Opt=["Зан", "Мард"], **radio),
                 button("ҷинс", (40, 10, 60, 30), "1", **radio))
    assert read_form(data).field("ҷинс").options == ("Зан", "Мард")
    filled = fill(data, {"ҷинс": "мард"}, flatten=True)
    assert picture(filled, (10, 10, 30, 30)).max() == 0
    assert picture(filled, (40, 10, 60, 30)).mean() > 0.9


def test_an_option_shows_its_words_and_stores_its_value():
    data = paper(widget("вилоят", "/Ch", (10, 10, 200, 30), 1 << 17,
                        Opt=[["SU", text_object("Суғд")], ["KT", text_object("Хатлон")]]))
    filled = fill(data, {"вилоят": "Суғд"}, flatten=False)
    assert PdfReader(io.BytesIO(filled)).get_fields()["вилоят"]["/V"] == "SU"
    assert "Суғд" in page_text(fill(data, {"вилоят": "Суғд"}, flatten=True))


def test_a_flattened_form_has_no_fields_and_keeps_the_rest_of_its_page():
    link = {"/Type": "/Annot", "/Subtype": "/Link", "/Rect": [0, 0, 5, 5]}
    hidden = widget("пинҳон", "/Tx", (10, 100, 200, 120)) | {"/F": 2}
    early = widget("пештара", "/Tx", (10, 60, 200, 80), V=text_object("Ҳисор"))
    data = paper(link, hidden, early, widget("ном", "/Tx", (10, 10, 200, 30)))
    filled = fill(data, {"ном": "Ҷамила", "пинҳон": "нонамоён"}, flatten=True)
    reader = PdfReader(io.BytesIO(filled))
    assert "/AcroForm" not in reader.trailer["/Root"]
    assert [each.get_object()["/Subtype"] for each in reader.pages[0]["/Annots"]] == ["/Link"]
    text = page_text(filled)
    assert "Ҷамила" in text
    assert "Ҳисор" in text
    assert "нонамоён" not in text
    assert read_form(filled) is None


def test_flattening_draws_what_the_fields_showed_and_where(every_type):
    given = values(калон=WORDS, интихоб=WORDS, розӣ=True, сана="2026-01-31")
    open_one = picture(fill(every_type, given, flatten=False), drawn_by_forms=True)
    flat = picture(fill(every_type, given, flatten=True))
    assert np.abs(open_one - flat).sum() < 0.05 * flat.sum()


def test_a_filled_form_asks_for_the_same_and_can_be_filled_again(every_type):
    once = fill(every_type, values(), flatten=False)
    again = fill(once, values(матн="Ғайрат"), flatten=False)
    assert read_form(once) == read_form(again) == read_form(every_type)
    assert PdfReader(io.BytesIO(again)).get_fields()["матн"]["/V"] == "Ғайрат"
    assert len(again) < len(once) + 1000


def test_a_viewer_is_not_told_to_draw_the_fields_anew():
    data = paper(widget("ном", "/Tx", (10, 10, 200, 30)), NeedAppearances=True, XFA=[text_object("x")])
    form = PdfReader(io.BytesIO(fill(data, {"ном": "Ҷамила"}, flatten=False))).trailer["/Root"]["/AcroForm"]
    assert "/NeedAppearances" not in form
    assert "/XFA" not in form
    assert {"/Helv", shipped().name} == set(form["/DR"]["/Font"])


def test_filling_is_the_same_every_time(every_type):
    given = values(калон=WORDS)
    assert fill(every_type, given, flatten=True) == fill(every_type, dict(reversed(given.items())), flatten=True)


@settings(max_examples=30, deadline=None)
@given(text=st.text(st.sampled_from(LETTERS + " .,-№«»0123456789abcXYZ"), min_size=1, max_size=60))
def test_whatever_fits_is_kept_word_for_word(every_type, text):
    given = values(матн=text)
    try:
        data = fill(every_type, given, flatten=False)
    except FormError as error:
        assert error.field == "матн"  # noqa: PT017 - either outcome is lawful, not any fault
        assert not text.strip() or lay_out(text.strip(), (540, 20), shipped()) is None
        return
    assert PdfReader(io.BytesIO(data)).get_fields()["матн"]["/V"] == text.strip()


@settings(max_examples=40, deadline=None)
@given(text=st.text(st.sampled_from(LETTERS + "  \n"), max_size=200), width=st.floats(20, 600),
       height=st.floats(8, 120))
def test_lines_never_leave_their_box_and_lose_no_word(text, width, height):
    lines = lay_out(text, (width, height), shipped(), multiline=True)
    if lines:
        assert " ".join(lines.lines).split() == text.split()
        assert all(shipped().width(line) * lines.size / 1000 <= width for line in lines.lines)


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_a_seed_form_has_the_fields_of_its_definition(path):
    definition = tomllib.loads(path.read_text(encoding="utf-8"))
    form = read_form((SEED / "documents" / f"{path.stem}.pdf").read_bytes())
    assert [(field.name, str(field.type), field.required, field.options, field.rule) for field in form.fields] == [
        (field["name"], field["type"], field.get("required", False), tuple(field.get("options", ())),
         field.get("rule", "")) for field in definition["field"]]
    assert definition["id"] == path.stem
    assert definition["title"].startswith("НАМУНА")
    assert any(field.rule for field in form.fields)
    others = PdfReader(SEED / "documents" / f"{path.stem}.pdf").get_fields()
    assert list(others) == [field.name for field in form.fields]
    assert {FieldType.TEXT, FieldType.DATE, FieldType.CHECKBOX} <= {field.type for field in form.fields}


@pytest.mark.parametrize("path", DEFINITIONS, ids=lambda path: path.stem)
def test_a_seed_form_says_no_number_that_is_not_of_its_facts(path):
    definition = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {fact["id"]: fact for file in (SEED / "facts").glob("*.jsonl")
             for fact in map(json.loads, file.read_text(encoding="utf-8").splitlines())}
    assert {field["rule"] for field in definition["field"] if "rule" in field} <= {said["id"]
                                                                                   for said in definition["fact"]}
    for said in definition["fact"]:
        fact = known[said["id"]]
        assert set(re.findall(r"\d+", said.get("words", ""))) <= set(re.findall(r"\d+", json.dumps(fact)))
        assert definition["status"] != "in_force" or fact["status"] not in ("superseded", "void")
    words = [definition["title"], *(word for field in definition["field"]
                                    for word in (field["label"], field.get("section", ""), *field.get("options", ())))]
    assert re.findall(r"\d", " ".join(words)) == []


def test_there_are_eight_seed_forms_and_each_takes_its_longest_option():
    assert len(DEFINITIONS) >= 8
    for path in DEFINITIONS:
        data = (SEED / "documents" / f"{path.stem}.pdf").read_bytes()
        sample = {FieldType.TEXT: "Ғаффорӣ Ҷӯра, Қӯрғонтеппа", FieldType.CHECKBOX: True, FieldType.DATE: "2026-01-31"}
        given = {field.name: max(field.options, key=len) if field.options else sample[field.type]
                 for field in read_form(data).fields}
        filled = pypdfium2.PdfDocument(fill(data, given, flatten=True))
        text = "".join(page.get_textpage().get_text_range() for page in filled)
        filled.close()
        assert text.count("Ғаффорӣ Ҷӯра, Қӯрғонтеппа") == sum(field.type == FieldType.TEXT
                                                              for field in read_form(data).fields)


def document(name, *facts, **more):
    plain = {"title": "Сарлавҳа", "language": "tg", "file": f"{name}.pdf", "sha256": "0" * 64,
             "media_type": "application/pdf", "extractor": "test 1"}
    return Document(id=name, facts=facts, **plain | more)


def test_a_rule_is_quoted_from_what_holds_and_from_others_before_the_form_itself():
    fee = Fact("F-1", FactType.FEE, "Маблағ ҳаст.")
    void = Fact("F-2", FactType.FEE, "Маблағ буд.", status=DocumentStatus.VOID)
    own = Fact("F-3", FactType.FORM, "Ариза лозим аст.")
    found = rules([document("варақа", fee, own, kind="form"), document("қарор", fee, void),
                   document("кӯҳна", own, status=DocumentStatus.SUPERSEDED), document("приказ", fee, language="ru")],
                  "tg")
    assert found == {"F-1": Rule("қарор", "Маблағ ҳаст."), "F-3": Rule("варақа", "Ариза лозим аст.")}


def test_a_record_names_the_rule_of_each_field_and_nothing_where_none_is_known():
    data = paper(widget("ном", "/Tx", (10, 10, 200, 30), 2, RohnamoRule=text_object("F-1")),
                 choice("ҷинс", (10, 40, 200, 60), "Зан", "Мард", RohnamoRule=text_object("F-9")))
    record = form_record(document("варақа"), data, (), {"F-1": Rule("қарор", "Ном лозим аст.")})
    assert record.to_json() == {"id": "варақа", "title": "Сарлавҳа", "fillable": True, "fields": [
        {"name": "ном", "type": "text", "required": True, "options": [],
         "rule": {"document_id": "қарор", "quote": "Ном лозим аст."}},
        {"name": "ҷинс", "type": "choice", "required": False, "options": ["Зан", "Мард"], "rule": None}]}


def passages(*parts):
    return tuple(Passage(f"варақа:{number}", "варақа", text, 0, len(text), Locator(heading=heading))
                 for number, (heading, text) in enumerate(parts))


def test_a_paper_form_becomes_the_list_of_what_it_asks():
    found = checklist(document("варақа"), passages(
        ("Падар", "Падар\n– Насаб: ____________\n– Шиноснома: ______\nМатни оддӣ."),
        ("Модар", "Модар\n- Шиноснома: ______\n2) Ҷойи зист …………\n• Нусхаи ҳуҷҷат")))
    assert found == ["Насаб", "Падар: Шиноснома", "Модар: Шиноснома", "Ҷойи зист", "Нусхаи ҳуҷҷат"]


def test_a_paper_form_without_lists_gives_its_headings_or_its_title():
    assert checklist(document("варақа"), passages(("Аризадиҳанда", "Ном ва насаб."))) == ["Аризадиҳанда"]
    assert checklist(document("варақа"), ()) == ["Сарлавҳа"]
    record = form_record(document("варақа"), b"# \xd0\x90", passages((None, "- Ном: ____")), {})
    assert record.to_json() == {"id": "варақа", "title": "Сарлавҳа", "fillable": False, "fields": [],
                                "checklist": ["Ном"]}
