"""Documents are cut into passages: what stays together, what is always parted, what covers what."""

from __future__ import annotations

from hashlib import sha256
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from corpora.extract.blocks import Block, Extracted, assemble
from corpora.normalise import normalise
from corpora.passages import MOST_WORDS, SENTENCE_WORDS, chunk
from corpora.records import DocumentId
from corpora.sentences import sentences

ID = DocumentId("қонун")
SENTENCE = "Шаҳрванд дар муҳлати даҳ рӯз ба мақомот ариза медиҳад ва ҷавоб мегирад. "  # 12 words


def extracted(*blocks: Block, printed: dict[int, str] | None = None) -> Extracted:
    return assemble(blocks, extractor="test", media_type="text/plain", printed=printed)


def heading(text: str, level: int = 2, page: int | None = None) -> Block:
    return Block("heading", text, level, page)


def paragraph(text: str, page: int | None = None, *, joined: bool = False) -> Block:
    return Block("paragraph", text, page=page, joined=joined)


def texts(found: Extracted) -> list[str]:
    return [passage.text for passage in chunk(ID, found)]


WORDS = st.text(st.sampled_from("аиғӣқӯҳҷйё АБ.:;,-–0123456789\n"), max_size=60)
LINES = st.one_of(WORDS, st.sampled_from([SENTENCE * 3, "Моддаи 14. Шартҳо", "2. Қисми дигар.", "Боби II",
                                          "Инҳо:", "ғ" * 5000,
                                          "вожа " * 300, "а, б; " * 200]))
BLOCKS = st.builds(Block, st.sampled_from(["heading", "paragraph", "item", "row"]), LINES, st.integers(1, 4),
                   st.one_of(st.none(), st.integers(1, 3)), st.booleans())


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=25), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 900)),
                                               max_size=3))
def test_passages_tile_the_text_and_are_exactly_its_stretches(blocks, whole):
    found = extracted(*blocks)
    passages = chunk(ID, found, whole)
    assert all(found.text[passage.start:passage.end] == passage.text for passage in passages)
    assert all(passage.text and passage.text == passage.text.strip() for passage in passages)
    assert all(before.end <= after.start for before, after in pairwise(passages))
    covered = {at for passage in passages for at in range(passage.start, passage.end)}
    assert all(at in covered for at, letter in enumerate(found.text) if not letter.isspace())
    assert len({passage.id for passage in passages}) == len(passages)
    assert normalise(found.text) == found.text


@settings(deadline=None)
@given(st.lists(BLOCKS, max_size=25))
def test_no_sentence_of_up_to_250_words_is_cut(blocks):
    found = extracted(*blocks)
    cuts = {passage.start for passage in chunk(ID, found)}
    for start, end in sentences(found.text):
        words = max(len(found.text[start:end].split()), (end - start) // 15)
        assert words > SENTENCE_WORDS * 0.7 or not any(start < cut < end for cut in cuts)


def test_a_long_text_is_cut_at_paragraphs_into_passages_of_60_to_150_words():
    found = extracted(*[paragraph(SENTENCE * 3) for _ in range(30)])
    passages = chunk(ID, found)
    assert all(60 <= len(passage.text.split()) <= MOST_WORDS for passage in passages)
    assert all(found.text[passage.end:passage.end + 2] in ("\n\n", "") for passage in passages)


def test_a_heading_opens_its_passage_and_never_stands_alone():
    found = extracted(heading("Шиноснома", 1), heading("Ҳуҷҷатҳо"), paragraph("Ариза ва акс."),
                      heading("Маблағ"), paragraph("35,36 сомонӣ."), heading("Охир"))
    passages = chunk(ID, found)
    assert [passage.text for passage in passages] == [
        "Шиноснома\nҲуҷҷатҳо\nАриза ва акс.", "Маблағ\n35,36 сомонӣ.\n\nОхир"]
    assert [passage.locator.heading for passage in passages] == ["Ҳуҷҷатҳо", "Маблағ"]


def test_sections_are_never_mixed_and_small_headings_may_share_a_passage():
    found = extracted(heading("Як"), paragraph("Матни якум."), heading("Хурд", 3), paragraph("Матни дуюм."),
                      heading("Ду"), paragraph("Матни сеюм."))
    assert texts(found) == ["Як\nМатни якум.\n\nХурд\nМатни дуюм.", "Ду\nМатни сеюм."]


def test_a_document_of_headings_only_is_one_passage():
    assert texts(extracted(heading("Як"), heading("Ду"))) == ["Як\nДу"]
    assert texts(extracted()) == []


def test_articles_are_parted_and_named_with_their_part():
    found = extracted(
        heading("Боби 2. Нафақа"), paragraph("Моддаи 14. Шартҳо"), paragraph("1. " + SENTENCE * 7),
        paragraph("2. " + SENTENCE * 7), paragraph("Моддаи 15. Муҳлат"),
        paragraph("Нафақа моҳона дода мешавад."),
        heading("Замима"), paragraph("Рӯйхати мақомот."))
    passages = chunk(ID, found)
    assert [passage.locator.article for passage in passages] == [
        "модда 14, қисми 1", "модда 14, қисми 2", "модда 15", None]
    assert passages[2].text == "Моддаи 15. Муҳлат\n\nНафақа моҳона дода мешавад."


def test_a_passage_with_several_parts_names_the_article_alone():
    found = extracted(paragraph("Статья 5. Право"), paragraph("1. Каждый вправе."),
                      paragraph("2. Никто не лишён."))
    assert [passage.locator.article for passage in chunk(ID, found)] == ["статья 5"]


def test_a_sentence_that_mentions_an_article_opens_none():
    found = extracted(heading("Шикоят"), paragraph("Моддаи 14 Кодекси меҳнат ба ҳама дахл дорад."),
                      paragraph("Тамом."))
    passages = chunk(ID, found)
    assert [passage.locator.article for passage in passages] == [None]


def test_a_lead_in_stays_with_its_list_and_a_table_with_its_heading():
    lead = "Барои гирифтани шиноснома инҳо лозиманд:"
    rows = [Block("row", f"Хизмат: {SENTENCE.strip()}; Маблағ: {number} сомонӣ") for number in range(12)]
    found = extracted(paragraph(SENTENCE * 11), paragraph(lead), Block("item", "– ариза"),
                      heading("Ҷадвал"), *rows)
    passages = chunk(ID, found)
    assert f"{lead}\n– ариза" in "".join(passage.text for passage in passages if lead in passage.text)
    assert passages[-2].text.startswith("Ҷадвал\nХизмат") or passages[-3].text.startswith("Ҷадвал\nХизмат")
    assert "".join(passage.text for passage in passages).count("Маблағ: 7 сомонӣ") == 1


def test_a_lead_in_opens_the_next_passage_though_a_cut_after_it_would_be_more_even():
    lead = "Барои ин инҳо лозиманд:"
    found = extracted(paragraph(SENTENCE * 8), paragraph(lead), paragraph(SENTENCE * 10))
    assert [text.startswith(lead) for text in texts(found)] == [False, True]


def test_a_list_under_its_lead_in_and_a_row_under_its_caption_stay_whole_up_to_a_passage_and_a_little():
    items = [Block("item", f"– {SENTENCE.strip()}") for _ in range(13)]
    listed = extracted(paragraph(SENTENCE * 6), paragraph("Инҳо лозиманд:"), *items)
    assert texts(listed)[-1] == listed.text[listed.text.index("Инҳо"):]
    row = extracted(paragraph(SENTENCE * 6), paragraph("Ҷадвали 1. Нархнома:"),
                    Block("row", "Хизмат: " + SENTENCE * 15))
    assert texts(row)[-1] == row.text[row.text.index("Ҷадвали"):]
    assert len(texts(listed)) == len(texts(row)) == 2


def test_a_page_break_between_paragraphs_parts_and_one_within_a_paragraph_does_not():
    found = extracted(paragraph("Саҳифаи якум.", 1), paragraph("Саҳифаи дуюм аз ин ҷо ба", 2),
                      paragraph("саҳифаи сеюм мегузарад.", 3, joined=True), printed={2: "8"})
    passages = chunk(ID, found)
    assert [passage.text for passage in passages] == ["Саҳифаи якум.",
                                                      "Саҳифаи дуюм аз ин ҷо ба саҳифаи сеюм мегузарад."]
    assert [(passage.locator.page, passage.locator.printed_page)
            for passage in passages] == [(1, None), (2, "8")]


def test_a_heading_at_the_foot_of_a_page_goes_with_the_text_on_the_next():
    found = extracted(heading("Маблағ", page=1), paragraph("35,36 сомонӣ.", 2))
    passages = chunk(ID, found)
    assert [passage.text for passage in passages] == ["Маблағ\n35,36 сомонӣ."]
    assert passages[0].locator.page == 1


def test_a_sentence_of_600_words_is_cut_at_its_clauses():
    found = extracted(paragraph("; ".join(["ҳуҷҷати шахсияти шаҳрванд"] * 200) + "."))
    passages = chunk(ID, found)
    assert len(passages) == 4
    assert all(len(passage.text.split()) <= SENTENCE_WORDS for passage in passages)
    assert all(passage.text.endswith((";", ".")) for passage in passages)


def test_a_quote_is_not_cut_though_the_passage_grows():
    sentence_list = [f"Ҷумлаи {number} дар бораи нафақа ва кӯмакпулӣ барои ҳар шаҳрванди кишвар."
                     for number in range(40)]
    found = extracted(paragraph(" ".join(sentence_list)))
    cut = chunk(ID, found)[0].end
    quote = (cut - 30, cut + 30)
    passages = chunk(ID, found, [quote])
    assert any(passage.start <= quote[0] and quote[1] <= passage.end for passage in passages)


def test_ids_name_the_text_and_count_its_repeats():
    found = extracted(heading("Як"), paragraph("Матн."), heading("Як"), paragraph("Матн."), heading("Ду"),
                      paragraph("Матн."))
    digest = sha256("Як\nМатн.".encode()).hexdigest()[:10]
    ids = [passage.id for passage in chunk(ID, found)]
    assert ids[:2] == [f"қонун:{digest}", f"қонун:{digest}.2"]
    assert len(set(ids)) == 3
    assert [passage.id for passage in chunk(ID, found)] == ids
