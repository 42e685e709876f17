"""What a signed but careless or hostile publisher writes is refused before anything is done with it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from corpora.draft import Draft
from corpora.durable import canonical
from corpora.errors import DamagedReleaseError
from corpora.extract.blocks import WordBox
from corpora.ingest import ingest
from corpora.records import Act, Fact, FactType, Locator
from corpora.release import packed_text, unpacked_text
from corpora.soundness import LONGEST_PASSAGE, LONGEST_WORDS, MOST_FACTS, check_entry
from tests.receiving import fishing, remade, texts

QUOTE = "Иҷозатномаи моҳигирӣ дар 5 рӯз дода мешавад."
FACT = Fact("f1", FactType.DURATION, QUOTE, "5", "рӯз")


def of_document(**changed):
    """Return what makes other values of a document's line."""
    return lambda document, passage: (document | changed, passage)


def of_fact(**changed):
    return lambda document, passage: (document | {"facts": [FACT.to_json() | changed]}, passage)


def of_passage(**changed):
    return lambda document, passage: (document, passage | changed)


WRONG = {
    "a title that is a number": of_document(title=5), "a title that is a list": of_document(title=["а"]),
    "a title without end": of_document(title="а" * (LONGEST_WORDS + 1)),
    "an empty id": of_document(id=""), "an id that cannot be withdrawn": of_document(id="fishing permit"),
    "an id that is a path": of_document(id="../fishing"), "an id that is a number": of_document(id=5),
    "a successor that is no id": of_document(superseded_by="a b"),
    "a day that is a word": of_document(valid_from="tomorrow"), "an empty day": of_document(valid_until=""),
    "a day that never was": of_document(as_of="2026-02-30"), "a day that is a number": of_document(valid_until=5),
    "a day in another spelling": of_document(review_by="20260101"),
    "an unknown language": of_document(language="fr"), "an unknown status": of_document(status="holy"),
    "a file in a folder": of_document(file="../x.txt"), "a hash that is none": of_document(sha256="../secret"),
    "a script as its address": of_document(source_url="javascript:alert(1)"),
    "an act without a type": of_document(act={"number": "5"}),
    "an act of no day": of_document(act={"type": "қонун", "number": "5", "date": "соли гузашта"}),
    "an act whose number never ends": of_document(act={"type": "қонун", "number": "5" * 20_000, "date": ""}),
    "a note that is none": of_document(notes=[5]), "one thing more": of_document(colour="red"),
    "facts that are none": of_document(facts="none"),
    "a fact of an unknown type": of_fact(type="truth"), "a fact whose quote stands nowhere": of_fact(quote="99 сомонӣ"),
    "a fact without a quote": of_fact(quote=""), "a fact whose value is a number": of_fact(value=5),
    "a fact of no day": of_fact(valid_from="tomorrow"), "a fact from nowhere": of_fact(origin="heaven"),
    "a passage named after another document": of_passage(id="bees:0"), "a passage without a name": of_passage(id=7),
    "a passage of another document": of_passage(document="elsewhere"),
    "a passage longer than it says": of_passage(end=3), "a passage shorter than it says": of_passage(end=9_999),
    "a passage without words": of_passage(text="  ", end=2),
    "a passage that is a list": of_passage(text=["а"], end=1),
    "a passage before the text": of_passage(start=-44, end=0),
    "a passage on a page that is none": of_passage(locator={"page": 0, "printed_page": None, "article": None,
                                                             "heading": None}),
    "a passage under a heading that is a number": of_passage(locator={"page": 1, "printed_page": None, "article": None,
                                                                       "heading": 5}),
    "a passage that stands nowhere": of_passage(locator=None),
}


def spoilt(number, spoil):
    """Return a release of one document whose lines were changed."""
    files = texts(number, fishing(50))
    (document,), passages = (list(map(json.loads, files[f"{name}.jsonl"].splitlines()))
                             for name in ("documents", "passages"))
    document, passages[0] = spoil(document, passages[0])
    return remade(files, documents=canonical(document) + b"\n",
                  passages=b"".join(canonical(passage) + b"\n" for passage in passages))


@pytest.mark.parametrize("spoil", WRONG.values(), ids=WRONG)
def test_what_is_not_well_made_is_not_read(spoil):
    with pytest.raises(DamagedReleaseError, match=r"min-health/2|not listed|not as long"):
        list(unpacked_text(spoilt(2, spoil), release="min-health/2"))


def test_a_line_has_one_spelling():
    files = texts(1, fishing(50))
    line = files["documents.jsonl"]
    for other in (line.replace(b'":"', b'": "', 1), line.replace(b'"title":"', b'"title":"\\ud800'),
                  line.replace(b'"title":"', b'"title":"\xed\xa0\x80'), line.replace(b'"act":null', b'"act":NaN'),
                  b"[" * 100_000, line.replace(b'{"act":null', b'{"act":null,"act":null')):
        assert other != line
        with pytest.raises(DamagedReleaseError):
            list(unpacked_text(remade(files, documents=other)))


def test_texts_that_are_not_those_of_their_manifest_are_not_read():
    files, others = texts(1, fishing(40)), texts(1, fishing(50))
    for mixed in (files | {"passages.jsonl": others["passages.jsonl"]}, remade(files, more=b""),
                  {name: data for name, data in remade(files).items() if name != "boxes.jsonl"}):
        with pytest.raises(DamagedReleaseError, match=r"min-health/1 does not hold what its release\.json names"):
            list(unpacked_text(mixed, release="min-health/1"))


def test_what_is_well_made_is_let_in_unchanged():
    entry = fishing(40)
    whole = replace(entry, boxes=(WordBox(0, 3, 1, 0.1, 0.1, 0.2, 0.2),), document=replace(
        entry.document, act=Act("қонун", "5", "2021-07"), valid_from="2021-07-01", source_url="https://ncz.tj/1",
        facts=(FACT,)))
    check_entry(whole)
    assert list(unpacked_text(packed_text([whole], corpus="a", number=1))) == [whole]


@pytest.mark.parametrize("box", [WordBox(0, 3, 1, float("inf"), 0, 0, 0), WordBox(0, 3, 1, 0, 0, 0, float("nan")),
                                 WordBox(3, 3, 1, 0, 0, 0, 0), WordBox(-1, 3, 1, 0, 0, 0, 0),
                                 WordBox(0, 3, 0, 0, 0, 0, 0)])
def test_a_box_that_is_on_no_page_is_refused(box):
    with pytest.raises(DamagedReleaseError, match="is no box on a page"):
        check_entry(replace(fishing(40), boxes=(box,)))


@pytest.mark.parametrize("name", ["fishing permit", "fish\x7fing", "a" * 201, ""])
def test_an_id_that_no_withdrawal_can_name_is_refused_though_all_passages_bear_it(name):
    entry = fishing(40)
    passages = tuple(replace(one, id=f"{name}:{place}", document=name) for place, one in enumerate(entry.passages))
    with pytest.raises(DamagedReleaseError, match="cannot be the id of a document"):
        check_entry(replace(entry, document=replace(entry.document, id=name), passages=passages))
    check_entry(entry)


@pytest.mark.parametrize(("changed", "what"), [
    ({"start": 0.0}, "stands at"), ({"end": 44.0}, "stands at"), ({"start": 44, "end": 3}, "stands at"),
    ({"locator": Locator(printed_page=5)}, "stands under"), ({"locator": Locator(article=5)}, "stands under"),
    ({"locator": Locator(page=1.0)}, "stands under")])
def test_a_place_is_whole_numbers_in_order_and_words(changed, what):
    entry = fishing(40)
    with pytest.raises(DamagedReleaseError, match=what):
        check_entry(replace(entry, passages=(replace(entry.passages[0], **changed),)))


def test_a_file_of_another_system_s_folder_and_a_quote_that_is_no_text_are_refused():
    document = fishing(40).document
    for changed, what in (({"file": "..\\x.txt"}, "is not a name alone"),
                          ({"facts": (replace(FACT, quote=5),)}, "stands in none of its passages")):
        with pytest.raises(DamagedReleaseError, match=what):
            check_entry(replace(fishing(40), document=replace(document, **changed)))


def test_passages_that_lie_over_each_other_are_refused():
    entry = fishing(40)
    with pytest.raises(DamagedReleaseError, match="stands at"):
        check_entry(replace(entry, passages=entry.passages[::-1]))


def test_no_more_is_read_than_a_machine_can_bear():
    entry = fishing(40)
    giant = replace(entry.passages[0], text="а" * (LONGEST_PASSAGE + 1), end=LONGEST_PASSAGE + 1)
    many = replace(entry.document, facts=(FACT,) * (MOST_FACTS + 1))
    for heavy in (replace(entry, passages=(giant,)), replace(entry, document=many)):
        with pytest.raises(DamagedReleaseError, match="at most"):
            check_entry(heavy)


def test_a_release_that_no_machine_would_take_is_not_made():
    entry = fishing(40)
    with pytest.raises(DamagedReleaseError, match="the document 'fishing': its valid_from is 'tomorrow'"):
        packed_text([replace(entry, document=replace(entry.document, valid_from="tomorrow"))], corpus="a", number=1)


def test_whatever_ingest_makes_may_be_released(tmp_path):
    (tmp_path / "Моҳигирӣ 2026 (нав).md").write_text("# Моҳигирӣ\n\nБоҷи давлатӣ 40 сомонӣ аст.\n", encoding="utf-8")
    draft = Draft(tmp_path / "draft")
    ingest([tmp_path / "Моҳигирӣ 2026 (нав).md"], draft)
    assert packed_text(draft.documents(), corpus="a", number=1)
