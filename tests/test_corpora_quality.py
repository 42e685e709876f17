"""Readable text is told from noise, whatever its language; forged words are warned of."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.quality import Verdict, fraud_warning, judge, mixed_words

TAJIK = ("Шаҳрвандони Ҷумҳурии Тоҷикистон ҳуқуқ доранд, ки ба мақомоти давлатӣ муроҷиат намоянд. Ариза дар давоми даҳ "
         "рӯзи корӣ баррасӣ карда мешавад ва боҷи давлатӣ тавассути бонк пардохта мешавад. Маълумотномаро ба суроғаи "
         "ҷойи зист мефиристанд, агар аризадиҳанда онро хоҳиш карда бошад.")
RUSSIAN = ("Граждане имеют право на социальное обеспечение в случае потери трудоспособности. Заявление рассматривается "
           "в течение десяти рабочих дней, государственная пошлина уплачивается через банк или его отделение.")
GOOD = {
    "Tajik": TAJIK, "Russian": RUSSIAN,
    "Uzbek": "Ўзбекистон Республикаси фуқаролари ўз меҳнат ва дам олиш ҳуқуқига эга. Ҳужжатлар ўн кун ичида кўриб "
             "чиқилади ва ариза берувчига жавоб хати юборилади. Давлат божи банк орқали тўланади.",
    "English": "The application is considered within ten working days, and the state fee is paid at the bank by the "
               "applicant or by a person who acts under a power of attorney.",
    "Kazakh": "Қазақстан Республикасының азаматтары құжаттарды бес жұмыс күні ішінде тапсыруға міндетті. Мемлекеттік "
              "қызмет көрсету мерзімі өтініш берілген күннен бастап есептеледі.",
    "Ukrainian": "Громадяни України мають право на соціальний захист, що включає право на забезпечення їх у разі "
                 "повної або тимчасової втрати працездатності. Міністерство оприлюднює перелік документів.",
    "Serbian": "Грађани Републике Србије имају право на здравствену заштиту у складу са законом. Захтев се подноси "
               "надлежном органу, а решење се доноси у року од тридесет дана.",
    "German": "Jeder hat das Recht auf die freie Entfaltung seiner Persönlichkeit, soweit er nicht die Rechte anderer "
              "verletzt. Der Antrag ist schriftlich bei der zuständigen Behörde einzureichen.",
    "Czech": "Strč prst skrz krk. Úřad vydá rozhodnutí ve lhůtě třiceti dnů ode dne zahájení řízení a zašle je "
             "žadateli do vlastních rukou prostřednictvím držitele poštovní licence.",
    "Vietnamese": "Mọi công dân đều có quyền được hưởng bảo hiểm xã hội. Đơn được xem xét trong thời hạn mười ngày làm "
                  "việc kể từ ngày nhận đủ hồ sơ hợp lệ.",
    "Persian": "شهروندان جمهوری تاجیکستان حق دارند به مقامات دولتی مراجعه نمایند "
               "و درخواست در مدت ده روز کاری بررسی می شود",
    "Chinese": "中华人民共和国公民有劳动的权利和义务。国家通过各种途径,创造劳动就业条件。",
    "a table of fees": "Хизмат: Шиноснома; Маблағ: 35,36\nХизмат: Иваз; Маблағ: 70,72\n"
                       "227-00-00; 221-40-15; 2024; 15 %",
    "a form to fill in": "Ном ____________ Насаб ____________ Суроға ____________ Телефон ____________ Имзо ______",
    "contents with dots": "Боби 1. Муқаррароти умумӣ ........ 3\nБоби 2. Ҳуҷҷатҳо .............. 14\n"
                          "Замима ......... 20",
    "Word's bullets": "\uf0b7 ариза аз рӯи шакли муқарраршуда; \uf0b7 нусхаи шиноснома; \uf0b7 ду сурат",
    "capitals": TAJIK.upper(), "a short title": "Қонун № 294",
}
NOISE = {
    "controls": ("".join(chr(ord(letter) % 25 + 1) if letter != " " else " " for letter in TAJIK), "no letter behind"),
    "private use": ("".join(chr(0xE000 + ord(letter) % 99) if letter != " " else " " for letter in TAJIK), "no letter"),
    "replacement": ("Ша\ufffd\ufffdрванд\ufffd \ufffd\ufffdзо " * 5, "no letter behind"),
    "Latin-1": (RUSSIAN.encode("cp1251").decode("latin-1"), "bytes of another encoding"),
    "CP1251 as KOI8": (RUSSIAN.encode("cp1251").decode("koi8-r"), "cannot be spoken"),
    "KOI8 as CP1251": (RUSSIAN.encode("koi8-r").decode("cp1251"), "cannot be spoken"),
    "UTF-8 as CP1251": (RUSSIAN.encode().decode("cp1251", "replace"), "no vowel"),
    "spaced out": (" ".join(TAJIK), "single letters"),
    "names of glyphs": (" ".join(f"/g{ord(letter) % 90}" for letter in TAJIK), "single letters"),
    "symbols": ("".join(chr(33 + ord(letter) % 14) for letter in TAJIK), "more symbols"),
    "two scripts": (TAJIK.translate(str.maketrans("аеорс", "aeopc")), "mix two scripts"),
}
LETTERS = "абвгдежзийклмнопрстуфхцчшщъыьэюяғӣқӯҳҷ"


@pytest.mark.parametrize("text", GOOD.values(), ids=GOOD)
def test_a_page_that_a_person_can_read_is_good_in_any_language(text):
    quality = judge(text)
    assert (quality.verdict, quality.reason) == (Verdict.GOOD, "")
    assert quality.letters == sum(letter.isalpha() for letter in text)


@pytest.mark.parametrize(("text", "reason"), NOISE.values(), ids=NOISE)
def test_a_page_that_nobody_can_read_is_noise_with_the_reason(text, reason):
    quality = judge(text)
    assert quality.verdict is Verdict.NOISE
    assert reason in quality.reason


@pytest.mark.parametrize("text", ["", " \n", "12 – 14", "……"])
def test_a_page_without_letters_is_empty(text):
    quality = judge(text)
    assert (quality.verdict, quality.letters, quality.cyrillic_share) == (Verdict.EMPTY, 0, 0.0)
    assert quality.reason == "no letters"


def test_letters_shifted_along_the_alphabet_are_noise_at_nearly_every_shift():
    shifted = [TAJIK.lower().translate({ord(letter): LETTERS[(at + by) % len(LETTERS)]
                                        for at, letter in enumerate(LETTERS)}) for by in range(1, len(LETTERS))]
    accepted = [text for text in shifted if judge(text).verdict is Verdict.GOOD]
    assert len(accepted) <= 1
    assert judge(TAJIK).verdict is Verdict.GOOD


def test_letters_put_for_each_other_at_random_are_noise():
    chance, accepted = random.Random(3), 0  # noqa: S311 - the same letters every time
    for _ in range(60):
        mixed = chance.sample(LETTERS, len(LETTERS))
        text = RUSSIAN.lower().translate(dict(zip(map(ord, LETTERS), mixed, strict=True)))
        accepted += judge(text).verdict is Verdict.GOOD
    assert accepted <= 1


def test_known_words_are_counted_by_the_word_list_given():
    asked = []

    def half(text: str) -> float:
        asked.append(text)
        return 0.5

    assert judge(TAJIK, half).known_share == 0.5
    assert asked == [TAJIK]
    assert judge(TAJIK).known_share > 0.5 > judge(GOOD["English"]).known_share


@given(st.text())
@settings(max_examples=150, deadline=None)
def test_every_text_has_a_verdict_and_shares_between_none_and_all(text):
    quality = judge(text)
    assert 0.0 <= quality.cyrillic_share <= 1.0
    assert 0.0 <= quality.known_share <= 1.0
    assert (quality.verdict is Verdict.GOOD) == (quality.reason == "")


@given(st.lists(st.sampled_from(["Ҷумҳурии", "қонун", "право", "the", "№", "12", "ҳуҷҷат", "—", "SIM-корт"])))
def test_good_words_in_any_order_are_never_noise(words):
    assert judge(" ".join(words)).verdict is not Verdict.NOISE


def test_many_words_of_two_scripts_raise_a_warning_that_shows_some():
    forged = "Вaзорaт ба шумo ҷуброн мeдиҳад. Рaқами тeлефонро нависед ва пул гирeд. " * 2
    warning = fraud_warning(forged)
    assert warning is not None
    assert "Вaзорaт" in warning
    assert "publisher" in warning


@pytest.mark.parametrize("text", [TAJIK, RUSSIAN, GOOD["Uzbek"],
                                  "SIM-корт, QR-код, PDF-и ариза, COVID-19, WhatsAppро " * 4,
                                  f"{TAJIK} cарҳадди CОМОНАИ {TAJIK}"],
                         ids=["Tajik", "Russian", "Uzbek", "names with endings", "two slips"])
def test_good_text_and_a_slip_or_two_raise_no_warning(text):
    assert fraud_warning(text) is None


def test_words_of_two_scripts_are_given_in_order_and_names_with_endings_are_not():
    assert mixed_words("cарҳадд ва Facebookро, SIM-корт, CОМОНАИ") == ["cарҳадд", "CОМОНАИ"]
