"""What stands beside a document: which file wins, what is allowed, what an error says."""

from __future__ import annotations

import pytest

from corpora.errors import MetadataError
from corpora.metadata import Metadata, read_metadata, slug
from corpora.records import Act, DocumentStatus, FactType

WHOLE = """
id = "шиноснома"
title = "Шиносномаи шаҳрванд"
publisher = "Вазорати корҳои дохилӣ"
language = "tg"
kind = "act"
service = "citizen-passport"
source_url = "https://example.tj/а"
status = "superseded"
valid_from = 2014-06-13
valid_until = "2020"
as_of = "2026-11"
review_by = "2026-12-31"
confidence = "A"
superseded_by = "шиноснома-нав"
[act]
type = "қарори Ҳукумат"
number = 294
date = "2020-05"
[[fact]]
id = "F-1"
type = "fee"
quote = "35,36 сомонӣ"
value = 35.36
unit = "TJS"
audience = "калонсолон"
valid_from = "2018-02"
valid_until = "2020-02"
status = "in_force"
confidence = "B"
[[fact]]
type = "deadline"
quote = "даҳ рӯз"
"""


@pytest.fixture
def document(tmp_path):
    path = tmp_path / "Шиноснома ва ҳуҷҷатҳо №2.pdf"
    path.write_bytes(b"")
    return path


def beside(document, text: str, ending: str = ".pdf.toml") -> None:
    document.with_name(document.name.removesuffix(".pdf") + ending).write_text(text, encoding="utf-8")


def test_without_a_metadata_file_only_the_id_is_known(document):
    assert read_metadata(document) == Metadata("шиноснома-ва-ҳуҷҷатҳо-2")


def test_every_key_is_read_and_dates_are_whole(document):
    beside(document, WHOLE)
    found = read_metadata(document)
    assert (found.id, found.title, found.language, found.service) == (
        "шиноснома", "Шиносномаи шаҳрванд", "tg", "citizen-passport")
    assert (found.valid_from, found.valid_until, found.as_of, found.review_by) == (
        "2014-06-13", "2020-12-31", "2026-11-01", "2026-12-31")
    assert (found.status, found.superseded_by) == (DocumentStatus.SUPERSEDED, "шиноснома-нав")
    assert found.act == Act("қарори Ҳукумат", "294", "2020-05")
    assert len(found.sha256) == 64
    fee, deadline = found.facts
    assert (fee.id, fee.type, fee.quote, fee.value) == ("F-1", FactType.FEE, "35,36 сомонӣ", "35.36")
    assert (fee.valid_from, fee.valid_until, fee.status) == ("2018-02-01", "2020-02-29",
                                                             DocumentStatus.IN_FORCE)
    assert (deadline.id, deadline.status) == ("fact-2", DocumentStatus.UNKNOWN)


def test_the_name_with_its_ending_wins(document):
    beside(document, 'title = "Умумӣ"', ".toml")
    assert read_metadata(document).title == "Умумӣ"
    beside(document, 'title = "Махсус"')
    assert read_metadata(document).title == "Махсус"


@pytest.mark.parametrize(("text", "message", "hint"), [
    ('titel = "а"', "unknown key 'titel'", "'title'"),
    ('[act]\ntype = "қонун"\nnomber = "1"', r"unknown key 'nomber' in \[act\]", "'number'"),
    ('[[fact]]\ntype = "fee"\nqoute = "а"', "fact 1: unknown key 'qoute'", "'quote'"),
    ('[[fact]]\ntype = "fees"\nquote = "а"', "fact 1: type is 'fees'", "nearest is 'fee'"),
    ('[[fact]]\nquote = "а"', "fact 1: type is missing", "fee"),
    ('[[fact]]\ntype = "fee"', "fact 1: quote is missing", "own sentence"),
    ('fact = "а"', "fact must be tables", r"\[\[fact\]\]"),
    ('act = "қонун"', "act must be a table", r"\[act\]"),
    ('[act]\nnumber = "5"', "has no type", "type"),
    ('[act]\ntype = "қонун"\ndate = "дирӯз"', "date is 'дирӯз'", "2026-01-31"),
    ('status = "inforce"', "status is 'inforce'", "nearest is 'in_force'"),
    ('valid_from = "13.06.2014"', "valid_from is '13.06.2014', not a date", "valid_from = 2026-01-31"),
    ('valid_from = "2014-02-30"', "valid_from is '2014-02-30'", "2026-01-31"),
    ('valid_from = "2014-13"', "valid_from is '2014-13'", "2026-01-31"),
    ("as_of = 2014-06-13T10:00:00", "as_of is", "2026-01-31"),
    ("as_of = 2014", "as_of is 2014", "2026-01-31"),
    ('title = ["а"]', "title must be text", "title = "),
    ('language = "tj"', "language is 'tj'", "tg"),
    ("title = ", "is not TOML", "toml"),
])
def test_a_broken_rule_names_the_file_the_key_and_the_next_step(document, text, message, hint):
    beside(document, text)
    with pytest.raises(MetadataError, match=message) as refused:
        read_metadata(document)
    assert str(refused.value).startswith("Шиноснома ва ҳуҷҷатҳо №2.pdf.toml")
    assert hint.replace("\\", "") in refused.value.hint
    assert refused.value.code == "bad_metadata"


def test_metadata_that_is_not_utf8_says_so(document):
    document.with_name(document.name + ".toml").write_bytes('title = "Хизмат"'.encode("cp1251"))
    with pytest.raises(MetadataError, match="not UTF-8"):
        read_metadata(document)


@pytest.mark.parametrize(("stem", "name"), [
    ("Қонун_дар бораи (Нафақа) 2024", "қонун-дар-бораи-нафақа-2024"), ("…", "document"),
    ("Тоҷики\u0304", "тоҷикӣ")])
def test_a_name_becomes_an_id_with_its_letters_kept(stem, name):
    assert slug(stem) == name
