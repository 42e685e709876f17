"""The distractors: reproducible, numerous, varied, and no part of the seed."""

import importlib.util
import json
import re
import sys
from collections import Counter, defaultdict
from pathlib import Path
from statistics import median

import pytest

ROOT = Path(__file__).parents[1]
FILE = ROOT / "tests" / "golden" / "distractors.jsonl"
MAKE = ROOT / "benchmarks" / "distractors" / "make.py"
# The most alike section of another document, median over sections, as share of words in common.
MOST_ALIKE = 0.6
RUN = 8


def words(text):
    return re.findall(r"\w+", text.lower())


@pytest.fixture(scope="module")
def make():
    spec = importlib.util.spec_from_file_location("distractors_make", MAKE)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.fixture(scope="module")
def documents():
    return [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]


def sections_of(documents, language):
    return [(document["id"], section["text"]) for document in documents if document["language"] == language
            for section in document["sections"]]


def test_the_committed_file_is_what_the_templates_render(make, capsys):
    before = FILE.read_bytes()
    assert make.main(["--check"]) == 0
    assert "as rendered" in capsys.readouterr().out
    assert FILE.read_bytes() == before == make.text().encode()


def test_a_changed_file_is_told_and_left_as_it_is(make, tmp_path, monkeypatch, capsys):
    changed = tmp_path / "distractors.jsonl"
    changed.write_text("{}\n", encoding="utf-8")
    monkeypatch.setattr(make, "TARGET", changed)
    assert make.main(["--check"]) == 1
    assert "differs" in capsys.readouterr().out
    assert changed.read_text(encoding="utf-8") == "{}\n"


def test_there_are_enough_templates_documents_and_sections(make, documents):
    assert len(make.read_templates("tg")) >= 140
    assert len(make.read_templates("ru")) >= 60
    assert len(sections_of(documents, "tg")) >= 2300
    assert len(sections_of(documents, "ru")) >= 1000
    assert all(3 <= len(document["sections"]) <= 5 for document in documents)
    assert FILE.stat().st_size < 4 * 1024 * 1024


def test_every_document_is_whole_and_has_its_own_id(documents):
    ids = [document["id"] for document in documents]
    assert len(set(ids)) == len(ids)
    for document in documents:
        assert list(document) == ["id", "language", "title", "kind", "sections"]
        assert re.fullmatch(rf"distractor-{document['language']}-\d{{4}}", document["id"])
        assert document["kind"] in {"notice", "act", "explainer", "office"}
        assert document["title"]
        assert all(section["heading"] and section["text"] for section in document["sections"])


def test_every_section_is_a_passage_long_and_said_once(documents):
    texts = [section["text"] for document in documents for section in document["sections"]]
    assert all(30 <= len(text.split()) <= 130 for text in texts)
    assert len(set(texts)) == len(texts)


def test_no_mark_of_a_template_is_left(documents):
    assert not [document["id"] for document in documents
                if re.search(r"[\[\]{}|]", " ".join([document["title"], *(f"{section['heading']} {section['text']}"
                                                                          for section in document["sections"])]))]


def test_tajik_sections_hold_tajik_letters_and_russian_ones_none_but_in_names(documents):
    letters = re.compile("[ғӣқӯҳҷ]", re.IGNORECASE)
    assert all(letters.search(text) for _, text in sections_of(documents, "tg"))
    assert not [text for _, text in sections_of(documents, "ru") if letters.search(text)]


def test_no_word_mixes_scripts(documents):
    texts = [section["text"] for document in documents for section in document["sections"]]
    assert not [word for text in texts for word in words(text)
                if re.search("[a-z]", word) and re.search("[а-я]", word)]


def test_no_telephone_address_or_sum_of_money_is_named(documents):
    texts = [section["text"] for document in documents for section in document["sections"]]
    assert not [text for text in texts
                if re.search(r"\+\d|\d{5,}|https?:|www\.|@|\bсомонӣ\b|\bсомони\b|дирам", text.lower())]


def test_no_section_shares_a_run_of_words_with_the_seed(documents):
    seed = ROOT / "corpora" / "seed"
    texts = [path.read_text(encoding="utf-8") for path in sorted((seed / "sources").rglob("*")) if path.is_file()]
    facts = [json.loads(line) for path in sorted((seed / "facts").glob("*.jsonl"))
             for line in path.read_text(encoding="utf-8").splitlines()]
    texts += [fact[name] for fact in facts for name in ("statement_tg", "statement_ru") if fact.get(name)]
    told = {run for text in texts for run in runs(text)}
    assert len(told) > 10_000
    assert not [text for language in ("tg", "ru") for _, text in sections_of(documents, language)
                if told.intersection(runs(text))]


def runs(text):
    said = words(text)
    return [tuple(said[start:start + RUN]) for start in range(len(said) - RUN + 1)]


@pytest.mark.parametrize("language", ["tg", "ru"])
def test_sections_of_different_documents_differ_in_most_of_their_words(documents, language):
    sections = [(identifier, frozenset(words(text))) for identifier, text in sections_of(documents, language)]
    holders = defaultdict(list)
    for place, (_, said) in enumerate(sections):
        for word in said:
            holders[word].append(place)
    # Every fourth section is looked at against all others: half a minute for all of them tells the same.
    assert median(most_alike(place, sections, holders) for place in range(0, len(sections), 4)) < MOST_ALIKE


def most_alike(place, sections, holders):
    identifier, said = sections[place]
    shared = Counter(other for word in said for other in holders[word])
    return max(count / (len(said) + len(sections[other][1]) - count)
               for other, count in shared.items() if sections[other][0] != identifier)
