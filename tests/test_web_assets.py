"""What a page loads: files of ours, whole, small, and with every letter that a page or a printed copy can hold."""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import pypdfium2
import pytest
from fontTools.ttLib import TTFont
from fpdf import FPDF

from assistant import topics
from corpora.typeface import read_typeface

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "assistant" / "web" / "static"
FONTS = sorted(path.name for path in (STATIC / "fonts").glob("NotoSans-*"))
MOST_BYTES = 300_000                    # of a page with everything it may load
ALPHABET = "абвгғдеёжзиӣйкқлмнопрстуӯфхҳчҷшъэюяцщыь"


@pytest.fixture(scope="module")
def shown(assistant):
    """Every character of our words, of the pages' scripts and templates, and of the seed's documents."""
    files = [*(ROOT / "assistant" / "texts").glob("*.toml"), *STATIC.rglob("*.js"), *STATIC.parent.rglob("*.html"),
             Path(topics.__file__).with_suffix(".toml")]
    own = "".join(path.read_text(encoding="utf-8") for path in files)
    snapshot = assistant.snapshot
    texts = [text for one in snapshot.documents()
             for text in (one.title, one.publisher, *(passage.text for passage in snapshot.passages(one.id)))]
    return {letter for letter in own + "".join(texts) if letter.isprintable()} | set(ALPHABET + ALPHABET.upper())


def test_both_faces_are_there_for_the_browser_and_for_printing():
    assert {f"NotoSans-{face}.{ending}" for face in ("Bold", "Regular") for ending in ("ttf", "woff2")} == set(FONTS)
    assert (STATIC / "fonts" / "OFL.txt").is_file()


@pytest.mark.parametrize("name", FONTS)
def test_every_letter_that_can_be_shown_is_in_the_font(name, shown):
    with TTFont(STATIC / "fonts" / name) as font:
        assert sorted(shown - set(map(chr, font.getBestCmap()))) == []


@pytest.mark.parametrize("name", FONTS)
def test_a_font_is_the_one_that_is_named_with_its_hash(name):
    listed = (ROOT / "THIRD_PARTY.md").read_text(encoding="utf-8")
    assert f"`{name}` {sha256((STATIC / 'fonts' / name).read_bytes()).hexdigest()}" in listed


def test_what_is_printed_with_the_fonts_can_be_read_back():
    pdf, line = FPDF(), "Ғайридавлатӣ: қарор № 12, ҳуҷҷат — «ӯҳда» → 1 234,50 ≤ щыцьё"
    pdf.add_page()
    for style, face in (("", "Regular"), ("B", "Bold")):
        pdf.add_font("Noto", style, STATIC / "fonts" / f"NotoSans-{face}.ttf")
        pdf.set_font("Noto", style, 12)
        pdf.cell(h=10, text=line, new_x="LMARGIN", new_y="NEXT")
    document = pypdfium2.PdfDocument(bytes(pdf.output()))
    assert document[0].get_textpage().get_text_range().splitlines() == [line, line]


def test_the_printing_fonts_can_be_read_as_those_of_forms_are():
    bold = read_typeface((STATIC / "fonts" / "NotoSans-Bold.ttf").read_bytes())
    assert bold.lacking("ғӣқӯҳҷҒӢҚӮҲҶ №") == ""
    assert bold.width("ӣ") == bold.width("и")


def test_the_fonts_show_at_once_and_never_as_another_face():
    rules = re.findall(r"@font-face \{(.+?)\}", (STATIC / "fonts.css").read_text(encoding="utf-8"), re.S)
    assert [re.search(r"font-weight: (\d+)", rule)[1] for rule in rules] == ["400", "700"]
    assert all("font-display: block" in rule for rule in rules)
    assert all((STATIC / re.search(r'url\("(.+?)"\)', rule)[1]).is_file() for rule in rules)


def test_nothing_that_a_page_loads_comes_from_elsewhere():
    files = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg")]
    addresses = {address for path in files
                 for address in re.findall(r"(?:https?:)?//[\w.-]+\.\w+[\w./-]*", path.read_text(encoding="utf-8"))}
    assert files
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


def test_all_that_any_page_loads_together_is_small():
    loaded = [path for path in STATIC.rglob("*") if path.suffix in (".css", ".js", ".svg", ".woff2")]
    assert sum(path.stat().st_size for path in loaded) < MOST_BYTES


def test_every_life_event_has_its_picture_in_the_colour_of_the_text():
    for topic in topics.topics():
        picture = (STATIC / "icons" / f"{topic.icon}.svg").read_text(encoding="utf-8")
        assert 'id="icon"' in picture
        assert "currentColor" in picture
