"""Files that are no plain notice: each says what it is and what to do next, or gives the parts that could be read."""

from __future__ import annotations

import io
import zipfile
from datetime import date

import docx
import pytest
from docx.oxml import OxmlElement
from PIL import Image

from assistant.notices import FieldName, cards_of
from assistant.notices.card import CardStatus
from assistant.notices.page import card_lines
from assistant.texts import LANGUAGES
from corpora.errors import CorpusError
from corpora.ingest import read_entry
from corpora.metadata import Metadata
from corpora.records import DocumentId
from tests.test_assistant_notices import NOTICE

TODAY = date(2026, 1, 20)
LINES = ("Кумакпулӣ ба оилаҳои камбизоат дода мешавад.", "Андозаи кумакпулӣ 250 сомонӣ аст.",
         "Аризаҳо то 31 марти соли 2026 ба ҷамоат супорида мешаванд.")
PERSIAN = "اعلان دربارهٔ کمک‌پولی\n\nکمک‌پولی به خانواده‌های کم‌بضاعت داده می‌شود.\nدرخواست تا ۳۱ مارس ۲۰۲۶ قبول می‌شود.\n"


def cards(name, data):
    """Return the cards of a file's bytes."""
    return cards_of(read_entry(name, data, Metadata(DocumentId(name)))[0], TODAY)


def values(card, name):
    """Return what a field of a card is worth."""
    return card.field(name).values


def picture(image):
    """Return an image as the bytes of a PNG."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def archive():
    """Return a zip that holds a notice."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("notice.txt", NOTICE)
    return out.getvalue()


def tracked(gone, now):
    """Return a DOCX in which `gone` was struck out and `now` written in its place, neither accepted yet."""
    file = docx.Document()
    file.add_heading("Эълон дар бораи кумакпулӣ", 1)
    file.add_paragraph(LINES[0])
    line = file.add_paragraph("Андозаи кумакпулӣ ")
    for change, kind, words in (("w:del", "w:delText", gone), ("w:ins", "w:t", now)):
        parts = [OxmlElement(name) for name in (change, "w:r", kind)]
        parts[2].text = words
        parts[1].append(parts[2])
        parts[0].append(parts[1])
        line._p.append(parts[0])
    line.add_run(" аст.")
    file.add_paragraph(LINES[2])
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


@pytest.mark.parametrize(("name", "data", "says"), [
    ("empty.txt", b"", "is empty"),
    ("spaces.txt", b" \n\n \n", "is empty"),
    ("renamed.pdf", archive(), "is an office file or archive"),
    ("packed.zip", archive(), "is an office file or archive"),
    ("program.pdf", b"MZ\x90\x00" + bytes(range(256)) * 40, "is a program"),
    ("huge.png", picture(Image.new("1", (20_000, 12_000))), "is too large a picture"),
])
def test_what_is_no_document_is_refused_by_name_with_what_to_do(name, data, says):
    with pytest.raises(CorpusError) as refused:
        cards(name, data)
    assert name in str(refused.value)
    assert says in str(refused.value)
    assert refused.value.hint.endswith(".")


def test_a_photo_without_words_says_that_none_were_found():
    with pytest.raises(CorpusError, match=r"photo\.png holds no text") as refused:
        cards("photo.png", picture(Image.linear_gradient("L")))
    assert refused.value.hint


def test_a_tracked_change_gives_the_new_sum_and_not_the_struck_one():
    card, = cards("tracked.docx", tracked("100 сомонӣ", "275 сомонӣ"))
    assert values(card, FieldName.AMOUNT) == ("275 сомонӣ",)
    assert "100" not in "\n".join(card_lines(card, "tg"))
    assert values(card, FieldName.DEADLINE) == ("2026-03-31",)


def test_menus_around_a_notice_are_not_of_it():
    around = "<nav><a href='/'>Асосӣ</a></nav><header>Тамос: (37) 000-00-99</header>", "<footer>500 сомонӣ</footer>"
    body = "".join(f"<p>{line}</p>" for line in LINES)
    page = f"<html><head><title>Сомона</title></head><body>{around[0]}<main><h1>Эълон</h1>{body}</main>{around[1]}"
    card, = cards("page.html", f"<!doctype html><meta charset='utf-8'>{page}</body></html>".encode())
    assert values(card, FieldName.AMOUNT) == ("250 сомонӣ",)
    assert card.field(FieldName.CONTACTS).citations == ()
    assert "500" not in "\n".join(card_lines(card, "tg"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_notice_in_persian_letters_is_said_not_to_be_read_and_its_figures_are_shown(language):
    card, = cards("persian.txt", PERSIAN.encode())
    assert card.status is CardStatus.NO_NOTICE
    assert not any(field.citations for field in card.fields)
    assert "۳۱ مارس ۲۰۲۶" in "\n".join(card_lines(card, language))


def test_forty_notices_in_one_file_give_forty_cards_that_keep_their_own_sums():
    notice = "Эълон дар бораи кумакпулии рақами {}\n\n" + "\n".join(LINES)
    text = "\n\n".join("# " + notice.format(n).replace("250", str(250 + n)) for n in range(1, 41))
    found = cards("forty.md", text.encode())
    assert [card.number for card in found] == list(range(1, 41))
    assert [values(card, FieldName.AMOUNT) for card in found] == [(f"{250 + n} сомонӣ",) for n in range(1, 41)]
