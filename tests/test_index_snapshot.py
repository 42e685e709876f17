"""An open snapshot, in its folder or on a server: what is found, in which order, and what is refused."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpora.records import DocumentStatus
from index import SearchQuery, Snapshot, build_snapshot
from index.errors import DamagedSnapshotError, EncoderError, EncoderMismatchError, UnknownFormatError
from index.server_generations import ServerGenerations
from tests.disk import everything
from tests.encoders import HashingEncoder
from tests.entries import entry, some
from tests.postgres import Nodes


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    path = tmp_path_factory.mktemp("нусха") / "0001"
    build_snapshot(some(), path, encoder=HashingEncoder())
    return path


@pytest.fixture(scope="module")
def copied():
    """Open a snapshot on a real server, to which it is copied the first time."""
    with Nodes() as nodes:
        server, paths = ServerGenerations(nodes.new().fresh().address), []

        def open_there(path, **how):
            if path not in paths:
                paths.append(path)
                server.copy(path, len(paths))
            return server.open(paths.index(path) + 1, **how)

        yield open_there


@pytest.fixture(params=["folder", "server"])
def opening(request):
    """Open a snapshot that was built."""
    return Snapshot.open if request.param == "folder" else request.getfixturevalue("copied")


@pytest.fixture
def snapshot(full, opening):
    with opening(full, encoder=HashingEncoder()) as snapshot:
        yield snapshot


@pytest.fixture
def opened(tmp_path, opening):
    """Build and open a snapshot of given documents, searched by words."""
    snapshots = []

    def build(*entries):
        path = tmp_path / f"{len(snapshots):04d}"
        build_snapshot(entries, path, encoder=None)
        snapshots.append(opening(path, encoder=None))
        return snapshots[-1]

    yield build
    for snapshot in snapshots:
        snapshot.close()


def tg(text, **fields):
    return SearchQuery(text, "tg", **fields)


def ids(hits):
    return [hit.passage.id for hit in hits]


def padding(count=12):
    """Documents about something else, so that no word stands in most passages."""
    return [entry(f"дигар-{letter}", f"Матни бегона {letter * 3} дар бораи боғу дарахтон.")
            for letter in "бвгджзклмнпр"[:count]]


@pytest.mark.parametrize("question", [
    "шиносномаи хориҷӣ чанд сомонӣ", "шиносномаи хоричи чанд сомони", "shinosnomai khoriji chand somoni",
    "ШИНОСНОМАИ ХОРИҶӢ", "шиносномањои хориљї хориҷӣ", "шинасномаи хоричи сомони", "сколько стоит загранпаспорт",
    "How much is a foreign passport?"])
def test_one_passage_is_found_however_the_question_is_written(snapshot, question):
    language = "ru" if "сколько" in question else "en" if "How" in question else "tg"
    script = "Latn" if question.isascii() else "Cyrl"
    assert ids(snapshot.search(SearchQuery(question, language, script), 1)) == ["шиноснома:0"]


def test_a_russian_passage_answers_a_tajik_question_through_the_lexicon(opened):
    snapshot = opened(some()[3], *padding())
    assert ids(snapshot.search(tg("нафақаи пиронсолӣ"))) == ["пенсия:0"]


def test_hits_carry_passage_document_rank_and_scores_of_each_stage(snapshot):
    hits = snapshot.search(tg("ақди никоҳ чой"), 5)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert all(set(hit.scores) == {"lexical", "dense", "fused", "coverage"} for hit in hits)
    assert [hit.scores["fused"] for hit in hits] == sorted((hit.scores["fused"] for hit in hits), reverse=True)
    assert all(hit.document.id == hit.passage.document for hit in hits)
    assert all(0 <= hit.scores[name] <= 1 for hit in hits for name in ("fused", "coverage"))


def test_a_word_as_it_was_typed_ranks_above_one_that_is_only_folded_alike(opened):
    snapshot = opened(entry("а", "Чой гарм аст."), entry("б", "Ҷой гарм аст."), *padding())
    assert ids(snapshot.search(tg("ҷой"))) == ["б:0", "а:0"]
    assert ids(snapshot.search(tg("чой"))) == ["а:0", "б:0"]


def test_words_in_title_and_heading_weigh_more_than_in_the_text(opened):
    text = "Дар бораи нафақа дар ин ҷо сухан меравад."
    snapshot = opened(entry("а-матн", text), entry("б-сарлавҳа", text, heading="Нафақа"),
                      entry("в-унвон", "Дар ин ҷо сухан аз чизи дигаре меравад.", title="Нафақа"), *padding())
    assert ids(snapshot.search(tg("нафақа"))) == ["б-сарлавҳа:0", "а-матн:0", "в-унвон:0"]


def test_a_word_with_a_slip_is_corrected_and_a_short_one_is_not(opened):
    snapshot = opened(entry("а", "Маълумотнома оид ба даромад."), entry("б", "Пул."), *padding())
    assert ids(snapshot.search(tg("маълумтнома"))) == ["а:0"]
    assert ids(snapshot.search(tg("маълкмотнма"))) == ["а:0"]
    assert ids(snapshot.search(tg("пол"))) == []


def test_a_corrected_word_has_the_same_first_letter_if_there_is_one(opened):
    snapshot = opened(entry("а", "кабза"), entry("б", "сабзи"), *padding())
    assert ids(snapshot.search(tg("сабза"))) == ["б:0"]


def test_frequent_words_are_left_out_unless_there_are_no_others(opened):
    snapshot = opened(entry("а", "Муҳлати қарз."), *padding())
    assert ids(snapshot.search(tg("матни бегона дар муҳлат"))) == ["а:0"]
    assert len(snapshot.search(tg("матни бегона"), 20)) == 12


def test_numbers_are_found_with_and_without_spaces_and_with_their_endings(opened):
    snapshot = opened(entry("а", "Ҳамагӣ 58 500 сомонӣ."), entry("б", "Рӯзи 5-уми моҳ."), *padding())
    assert ids(snapshot.search(tg("58500"))) == ["а:0"]
    assert ids(snapshot.search(tg("58 500"))) == ["а:0"]
    assert ids(snapshot.search(tg("5-ум"))) == ["б:0"]


def test_negation_is_part_of_its_word(opened):
    snapshot = opened(entry("а", "Кӯмакпулӣ намедиҳанд."), entry("б", "Кӯмакпулӣ медиҳанд."), *padding())
    assert ids(snapshot.search(tg("намедиҳанд"))) == ["а:0"]


@pytest.mark.parametrize("status", [DocumentStatus.VOID, DocumentStatus.SUPERSEDED])
def test_what_does_not_hold_is_pushed_down_unless_the_day_asked_about_is_within_its_dates(opened, status):
    old = entry("кӯҳна", "Боҷ барои гувоҳнома 100 сомонӣ.", status=status, valid_from="2015-01-01",
                valid_until="2019-12-31")
    snapshot = opened(old, entry("нав", "Боҷ барои гувоҳнома имрӯз ҳамин қадар, яъне 150 сомонӣ аст."), *padding())
    question = "боҷ барои гувоҳнома"
    assert ids(snapshot.search(tg(question)))[0] == "нав:0"
    assert ids(snapshot.search(tg(question, at=date(2017, 7, 1))))[0] == "кӯҳна:0"
    assert ids(snapshot.search(tg(question, at=date(2021, 7, 1))))[0] == "нав:0"
    assert snapshot.search(tg(question))[1].scores["fused"] == pytest.approx(0.6)


def test_a_document_that_does_not_hold_and_has_no_dates_is_always_pushed_down(opened):
    snapshot = opened(entry("кӯҳна", "Боҷ.", status=DocumentStatus.VOID), *padding())
    assert snapshot.search(tg("боҷ", at=date(2017, 7, 1)))[0].scores["fused"] == pytest.approx(0.6)


@pytest.mark.parametrize("heading", ["Дар бораи ин матн", "Об этом тексте"])
def test_an_imprint_is_pushed_down(opened, heading):
    snapshot = opened(entry("а", (heading, "Ношир ҳукумати шаҳр.")), *padding())
    assert snapshot.search(tg("ношир"))[0].scores["fused"] == pytest.approx(0.5)


def test_coverage_is_the_share_of_content_words_with_expansions_counted(snapshot):
    question = SearchQuery("сколько стоит загранпаспорт", "ru")
    assert snapshot.coverage(question, "Шиносномаи хориҷӣ чанд пул аст") == 1.0
    assert snapshot.coverage(question, "Шиносномаи хориҷӣ дароз аст") == 0.5
    assert snapshot.coverage(question, "") == 0.0
    rare, common = (snapshot.coverage(tg("никоҳ ва нафақа"), text) for text in ("НИКОҲРО бандед", "НАФАҚАРО диҳед"))
    assert rare > 0.5 > common
    assert rare + common == pytest.approx(1.0)
    assert snapshot.coverage(tg("ва аз"), "аз") == 0.5
    assert snapshot.coverage(tg("…"), "аз") == 0.0


def test_documents_and_passages_come_out_as_they_went_in(snapshot):
    assert [document.id for document in snapshot.documents()] == sorted(one.document.id for one in some())
    for one in some():
        assert snapshot.document(one.document.id) == one.document
        assert snapshot.passages(one.document.id) == one.passages
    assert snapshot.document("нест") is None
    assert snapshot.passages("нест") == ()
    assert snapshot.count == 7


def test_a_passage_without_a_common_word_is_found_by_vectors_alone(snapshot):
    hits = snapshot.search(SearchQuery("аронсоло", "unknown"), 3)
    assert hits[0].passage.id == "нафақа:0"
    assert hits[0].scores["lexical"] == 0
    assert hits[0].scores["dense"] > 0.3


def test_the_encoder_reads_tajik_with_its_letters_restored_and_other_questions_as_asked(full, opening):
    encoder = HashingEncoder()
    asked = []
    honest = encoder.encode_queries
    encoder.encode_queries = lambda texts: asked.extend(texts) or honest(texts)
    with opening(full, encoder=encoder) as snapshot:
        snapshot.search(tg("шиносномаи хоричи?"))
        snapshot.search(tg("shinosnomai khoriji", script="Latn"))
        snapshot.search(SearchQuery("Загранпаспорт, срок?", "ru"))
        snapshot.search(SearchQuery("Foreign passport?", "en", "Latn"))
        snapshot.search(tg("… ?!"))
    assert asked == ["шиносномаи хориҷӣ"] * 2 + ["Загранпаспорт, срок?", "Foreign passport?"]


@pytest.mark.parametrize("k", [0, -1, 1, 100])
def test_never_more_hits_than_asked_for(snapshot, k):
    assert len(snapshot.search(tg("шиноснома никоҳ"), k)) <= max(k, 0)


PIECES = ["шиноснома", "NEAR(", '"', "*", "OR", "NOT", "exact:", "{a b}:", "'", "''", "\\", "паспорт", "passport", "ҷ",
          "5-уми", "\0", "—"]
TEXTS = st.one_of(st.text(max_size=80), st.text('"*()^:-+{}NEAROT AND шиноснома\0\ud800', max_size=60),
                  st.lists(st.sampled_from(PIECES), max_size=8).map(" ".join))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
@given(text=TEXTS, language=st.sampled_from(["tg", "ru", "en", "unknown"]),
       script=st.sampled_from(["Cyrl", "Latn", "Arab", "mixed"]))
def test_no_text_makes_search_or_coverage_fail(snapshot, text, language, script):
    query = SearchQuery(text, language, script)
    hits = snapshot.search(query)
    assert hits == snapshot.search(query)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert 0 <= snapshot.coverage(query, text) <= 1
    assert snapshot.problems == []


def test_search_syntax_is_read_as_words(snapshot):
    assert ids(snapshot.search(tg('никоҳ" OR "шиноснома*'), 1)) == ids(snapshot.search(tg("никоҳ шиноснома"), 1))
    assert snapshot.search(tg("title:ъъъ NEAR(zz, 3)")) is not None


def test_many_threads_find_what_one_finds(snapshot):
    questions = [tg(text) for text in ("шиноснома", "никоҳ", "нафақа", "чой", "63", "shinosnoma")] * 20
    alone = [ids(snapshot.search(question)) for question in questions]
    with ThreadPoolExecutor(8) as pool:
        assert [ids(hits) for hits in pool.map(snapshot.search, questions)] == alone


def test_searching_writes_nothing(full, snapshot):
    before = everything(full)
    snapshot.search(tg("шиноснома чой"))
    assert everything(full) == before


def test_another_encoders_vectors_are_refused_and_words_alone_still_search(full):
    with pytest.raises(EncoderMismatchError, match=r"made by hashing \(\w{8}\), not by дигар \(\w{8}\)") as caught:
        Snapshot.open(full, encoder=HashingEncoder("дигар"))
    assert "rohnamo build" in caught.value.hint
    with Snapshot.open(full, encoder=None) as snapshot:
        assert ids(snapshot.search(tg("шиноснома"), 1)) == ["шиноснома:1"]
        assert snapshot.search(tg("шиноснома"), 1)[0].scores["dense"] == 0


def test_a_lexical_snapshot_takes_any_encoder_and_never_asks_it(tmp_path):
    build_snapshot(some(), tmp_path / "а", encoder=None)
    with Snapshot.open(tmp_path / "а", encoder=object()) as snapshot:
        assert snapshot.search(SearchQuery("пенсия", "ru"))


class Missing(HashingEncoder):
    """An encoder whose package is not installed."""

    @property
    def sha256(self):
        raise EncoderError("encoder is not installed")

    @sha256.setter
    def sha256(self, _value):
        """Take no notice."""


class Failing(HashingEncoder):
    """An encoder that is installed and cannot be loaded."""

    def encode_queries(self, texts):
        raise EncoderError("encoder cannot be loaded")


@pytest.mark.parametrize("encoder", [Missing(), Failing()])
def test_an_encoder_that_fails_is_a_problem_and_search_goes_on_by_words(full, encoder):
    with Snapshot.open(full, encoder=encoder) as snapshot:
        for _ in range(2):
            assert "пенсия:0" in ids(snapshot.search(SearchQuery("пенсия", "ru"), 9))
        assert len(snapshot.problems) == 1
        assert "words alone" in snapshot.problems[0]


@pytest.fixture
def copy(tmp_path):
    build_snapshot(some(), tmp_path / "0001", encoder=HashingEncoder())
    return tmp_path / "0001"


def rewrite(path, **changes):
    manifest = path / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text(encoding="utf-8")) | changes), encoding="utf-8")


@pytest.mark.parametrize("changes", [{"version": 2}, {"version": 4}, {"format": "rohnamo-draft"}, {"normaliser": "0"}])
def test_an_unknown_format_version_or_normaliser_is_refused(copy, changes):
    rewrite(copy, **changes)
    with pytest.raises(UnknownFormatError) as caught:
        Snapshot.open(copy, encoder=None)
    assert "rohnamo build" in caught.value.hint


@pytest.mark.parametrize("changes", [{"files": {}}, {"kind": "lexical"}, {"encoder": None}, {"counts": {}},
                                     {"files": {"../../etc": {"length": 1, "sha256": ""}}}, {"encoder": {"id": "а"}}])
def test_a_manifest_that_contradicts_itself_is_refused(copy, changes):
    rewrite(copy, **changes)
    with pytest.raises(DamagedSnapshotError, match=r"manifest\.json"):
        Snapshot.open(copy, encoder=None)


@pytest.mark.parametrize("name", ["manifest.json", "passages.sqlite", "vectors.faiss"])
def test_a_missing_or_cut_file_is_noticed_at_opening(copy, name):
    data = (copy / name).read_bytes()
    for damage in (lambda path: os.truncate(path, len(data) // 2), os.remove):
        damage(copy / name)
        with pytest.raises(DamagedSnapshotError, match=name):
            Snapshot.open(copy, encoder=None)
    (copy / name).write_bytes(data)
    Snapshot.open(copy, encoder=HashingEncoder(), verify=True).close()


@pytest.mark.parametrize("name", ["passages.sqlite", "vectors.faiss"])
def test_one_changed_byte_is_noticed_by_verifying(copy, name):
    data = bytearray((copy / name).read_bytes())
    data[-10] ^= 1
    (copy / name).write_bytes(data)
    with pytest.raises(DamagedSnapshotError, match="not the file that was built"):
        Snapshot.open(copy, encoder=None, verify=True)


def test_noise_of_the_right_size_is_an_error_of_ours(copy):
    size = (copy / "passages.sqlite").stat().st_size
    (copy / "passages.sqlite").write_bytes(b"\x55" * size)
    with pytest.raises(DamagedSnapshotError, match="cannot be read"):
        Snapshot.open(copy, encoder=None)


def test_vectors_that_turn_out_to_be_noise_are_a_problem_and_search_goes_on_by_words(copy):
    size = (copy / "vectors.faiss").stat().st_size
    (copy / "vectors.faiss").write_bytes(b"\x55" * size)
    with Snapshot.open(copy, encoder=HashingEncoder()) as snapshot:
        assert snapshot.search(SearchQuery("пенсия", "ru"))
        assert "cannot be read" in snapshot.problems[0]


def test_an_empty_snapshot_finds_nothing(tmp_path, opening):
    build_snapshot([], tmp_path / "холӣ", encoder=HashingEncoder())
    with opening(tmp_path / "холӣ", encoder=HashingEncoder()) as snapshot:
        assert snapshot.search(SearchQuery("пенсия шиноснома", "ru")) == []
        assert snapshot.documents() == ()
        assert snapshot.problems == []


def test_a_question_as_long_as_a_page_is_answered_by_its_first_words(snapshot):
    assert ids(snapshot.search(tg("шиносномаи хориҷӣ " + "қарор " * 5_000), 1)) == ["шиноснома:0"]


def test_what_is_withdrawn_is_neither_found_nor_listed_nor_read(tmp_path, opening):
    released = [replace(one, release=f"{name}/7") for one, name in zip(some(), ("a", "b", "a", "b"), strict=True)]
    build_snapshot(released, tmp_path / "s", encoder=HashingEncoder())
    names = [one.document.id for one in released]
    gone = names[0]
    with opening(tmp_path / "s", encoder=HashingEncoder()) as whole, \
            opening(tmp_path / "s", encoder=HashingEncoder(),
                    withdrawn=lambda document, release: (document, release) == (gone, "a/7")) as rest:
        query = SearchQuery("Боҷи давлатӣ барои шиноснома", "tg")
        found = [hit for hit in whole.search(query) if hit.document.id != gone]
        assert gone in {hit.document.id for hit in whole.search(query)}
        assert [hit.passage.id for hit in rest.search(query)] == [hit.passage.id for hit in found]
        assert (rest.document(gone), rest.passages(gone), rest.release(gone)) == (None, (), "")
        assert [one.id for one in rest.documents()] == sorted(names[1:])
        assert (whole.release(names[1]), rest.release(names[1])) == ("b/7", "b/7")


def test_a_withdrawal_asks_for_the_release_too(tmp_path, opening):
    build_snapshot([replace(one, release="b/7") for one in some()], tmp_path / "s", encoder=None)
    with opening(tmp_path / "s", encoder=None,
                 withdrawn=lambda document, release: release.startswith("a/")) as snapshot:
        assert len(snapshot.documents()) == len(some())
