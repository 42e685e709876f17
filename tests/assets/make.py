"""Makes the PDF files of this folder again: `python tests/assets/make.py`.

Needs fpdf2 and the font DejaVu Sans (Debian: fonts-dejavu-core).  Each file is named for what
is wrong with it, or for what it is when nothing is.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import AccessPermission
from PIL import Image

HERE = Path(__file__).parent
FONTS = Path("/usr/share/fonts/truetype/dejavu")
PARAGRAPH = ("Шаҳрванди Ҷумҳурии Тоҷикистон аз синни шонздаҳсолагӣ шиноснома мегирад ва онро ҳангоми "
             "иваз шудани насаб, ном ё номи падар иваз мекунад. Муҳлати баррасии ариза даҳ рӯзи корӣ "
             "мебошад. Боҷи давлатӣ аз рӯи қарори Ҳукумат аз 27 майи соли 2020, № 294 дар ҳаҷми 35,36 сомонӣ "
             "гирифта мешавад.")


class Law(FPDF):
    """A small act with a running head and a printed number on every page."""

    def header(self) -> None:
        self.set_font("D", "", 8)
        self.set_y(8)
        self.cell(0, 5, "Қонун дар бораи шиноснома", new_x="LMARGIN", new_y="NEXT")
        self.set_y(25)

    def footer(self) -> None:
        self.set_y(-12)
        self.set_font("D", "", 8)
        self.cell(0, 5, f"– {self.page_no() + 4} –", align="C")


def blank(kind: type[FPDF] = FPDF) -> FPDF:
    pdf = kind(format=(148, 210))
    pdf.set_creation_date(datetime(2026, 1, 1, tzinfo=UTC))
    pdf.set_margin(20)
    pdf.set_auto_page_break(True, 20)
    for style, name in (("", "DejaVuSans"), ("B", "DejaVuSans-Bold")):
        pdf.add_font("D", style, FONTS / f"{name}.ttf")
    pdf.add_page()
    return pdf


def write(pdf: FPDF, text: str, style: str = "", size: float = 10) -> None:
    pdf.set_font("D", style, size)
    pdf.multi_cell(0, size / 2, text, align="L", new_x="LMARGIN", new_y="NEXT")
    pdf.ln(2)


def law() -> FPDF:
    pdf = blank(Law)
    write(pdf, "Қонуни Ҷумҳурии Тоҷикистон дар бораи шиноснома", "B", 15)
    write(pdf, "Боби 1. Муқаррароти умумӣ", "B", 12)
    for number in range(1, 8):
        write(pdf, f"Моддаи {number}. Тартиби гирифтани шиноснома", "B", 10)
        write(pdf, f"1. {PARAGRAPH}")
        write(pdf, "2. Барои гирифтан инҳо лозиманд:")
        write(pdf, "– ариза аз рӯи шакли муқарраршуда;")
        write(pdf, "– ду сурати 3,5×4,5 см ва нусхаи шаҳодатномаи таваллуд, ки дар мақомот тасдиқ шудааст.")
    return pdf


def one_page() -> FPDF:
    pdf = blank()
    write(pdf, "Маблағи хизмат", "B", 14)
    write(pdf, PARAGRAPH)
    return pdf


def scan() -> FPDF:
    pdf = one_page()
    pdf.add_page()
    pdf.image(Image.new("L", (60, 80), 200), 20, 20, 60)
    return pdf


def encrypted() -> FPDF:
    pdf = one_page()
    pdf.set_encryption("owner", "user", permissions=AccessPermission.none())
    return pdf


def without_unicode_maps(data: bytes) -> bytes:
    return data.replace(b"/ToUnicode", b"/ToNothing")


def main() -> None:
    whole = bytes(law().output())
    files = {"law.pdf": whole, "truncated.pdf": whole[:len(whole) * 2 // 3],
             "scan-on-page-2.pdf": bytes(scan().output()), "encrypted.pdf": bytes(encrypted().output()),
             "no-unicode-map.pdf": without_unicode_maps(bytes(one_page().output()))}
    for name, data in files.items():
        (HERE / name).write_bytes(data)


if __name__ == "__main__":
    main()
