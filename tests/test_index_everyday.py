"""The everyday words: what people say beside what an official text writes."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path

import pytest

from index.tokens import fold, stem, words

ROOT = Path(__file__).parents[1]
EVERYDAY = ROOT / "index" / "everyday.tsv"
SERVICES = ROOT / "corpora" / "seed" / "services.tsv"
COLUMNS = ["said", "official", "weight", "domain"]
LEAST_ROWS = 900
WEIGHTS = {"0.5", "0.8", "1"}
LONGEST_SAID = 4
TAJIK = frozenset("абвгғдеёжзийӣкқлмнопрстуӯфхҳчҷшъэюя")
RUSSIAN_TOO = TAJIK | frozenset("щцыь")
# Names that official Tajik texts themselves write in Latin letters.
LATIN = frozenset(("sim", "imei", "sms", "face", "id", "qr"))
# The spelling before 2021.
OLD_SPELLINGS = ("кӯмак", "кӯҳна", "мӯҳлат", "мӯҳр", "рӯъё", "ӯҳда")
# Each has a meaning of its own in most questions.
TOO_GENERAL = frozenset(("кор", "рафтан", "гирифтан", "додан", "доштан", "одам", "вақт", "рӯз", "кас", "чиз", "ҷо",
                         "сол", "моҳ", "хона", "пул", "зан"))

Rows = list[list[str]]


def key(text: str) -> tuple[str, ...]:
    return tuple(stem(fold(word), "tg") for word in words(text))


@pytest.fixture(scope="module")
def rows() -> Rows:
    with EVERYDAY.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]


@pytest.fixture(scope="module")
def services() -> set[str]:
    lines = SERVICES.read_text(encoding="utf-8").splitlines()[1:]
    return {name for name in (line.split("\t")[0] for line in lines) if not name.startswith("none-")}


def test_the_first_line_names_the_four_columns_and_every_row_has_them(rows: Rows) -> None:
    assert EVERYDAY.read_text(encoding="utf-8").splitlines()[0].split("\t") == COLUMNS
    assert [row for row in rows if len(row) != len(COLUMNS) or not all(row)] == []
    assert len(rows) >= LEAST_ROWS


def test_every_weight_is_one_of_three(rows: Rows) -> None:
    assert {weight for _, _, weight, _ in rows} <= WEIGHTS


def test_no_pair_stands_twice_once_stemmed(rows: Rows) -> None:
    pairs = Counter((key(said), key(official)) for said, official, _, _ in rows)
    assert [pair for pair, times in pairs.items() if times > 1] == []


def test_no_row_says_the_same_stems_on_both_sides(rows: Rows) -> None:
    assert [(said, official) for said, official, _, _ in rows if key(said) == key(official)] == []


def test_both_sides_are_clean_words_as_the_search_reads_them(rows: Rows) -> None:
    assert [text for row in rows for text in row[:2] if " ".join(words(text)) != text] == []
    assert [said for said, *_ in rows if len(said.split()) > LONGEST_SAID] == []


def test_the_official_side_is_written_in_tajik_letters_only(rows: Rows) -> None:
    odd = [official for _, official, _, _ in rows for word in official.split()
           if word not in LATIN and not word.isdigit() and not TAJIK.issuperset(word)]
    assert odd == []


def test_what_is_said_mixes_no_letters_within_a_word(rows: Rows) -> None:
    odd = [said for said, *_ in rows for word in said.split()
           if not (word.isascii() and word.isalnum()) and not RUSSIAN_TOO.issuperset(word)]
    assert odd == []


def test_nothing_is_spelled_as_before_2021(rows: Rows) -> None:
    assert [text for row in rows for text in row[:2] if any(old in text for old in OLD_SPELLINGS)] == []


def test_no_word_of_every_question_stands_alone(rows: Rows) -> None:
    assert TOO_GENERAL.isdisjoint(said for said, *_ in rows)


def test_every_service_has_its_words_and_no_other_domain_stands(rows: Rows, services: set[str]) -> None:
    domains = {domain for *_, domain in rows}
    assert services <= domains
    assert domains - services == {"general"}
