"""A snapshot on a PostgreSQL server: found as in its folder, switched as generations are, read on when a node dies."""

from __future__ import annotations

from contextlib import closing
from threading import Event, Thread

import numpy
import pytest

from index import SearchQuery, Snapshot, build_snapshot
from index.errors import DamagedSnapshotError, EncoderMismatchError, ExistingSnapshotError, GenerationError, ServerError
from index.faiss_store import FaissStore
from index.manifest import VECTORS, read_manifest
from index.pgvector_store import PgvectorStore
from index.server import ServerTables, writing
from index.server_copy import sum_of
from index.server_generations import ServerGenerations
from tests.disk import everything
from tests.encoders import HashingEncoder
from tests.entries import entry, some
from tests.postgres import Nodes, both, emptied

QUESTIONS = [("шиносномаи хориҷӣ чанд сомонӣ", "tg", "Cyrl"), ("shinosnomai khoriji chand somoni", "tg", "Latn"),
             ("шинасномаи хоричи сомони", "tg", "Cyrl"), ("сколько стоит загранпаспорт", "ru", "Cyrl"),
             ("How much is a foreign passport?", "en", "Latn"), ("нафақаи пиронсолӣ", "tg", "Cyrl"),
             ("100 % ? %s {} \\ '; DROP", "tg", "Cyrl"), ("", "tg", "Cyrl"), ("ғӣқӯҳҷ", "unknown", "Cyrl")]


@pytest.fixture(scope="module")
def nodes():
    with Nodes() as nodes:
        yield nodes


@pytest.fixture(scope="module")
def node(nodes):
    return nodes.new().fresh()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("нусха") / "0001"
    build_snapshot(some(), path, encoder=HashingEncoder())
    return path


@pytest.fixture
def server(node):
    """The generations of a server that has none."""
    return ServerGenerations(emptied(node))


@pytest.fixture
def another(tmp_path):
    path = tmp_path / "0002"
    build_snapshot([*some(), entry("нав", "Ҳуҷҷати нав дар бораи боғ.")], path, encoder=HashingEncoder())
    return path


def asked(snapshot):
    return [snapshot.search(SearchQuery(*question)) for question in QUESTIONS]


def same(mine, theirs):
    """Whether hits are the same passages in the same order, with the same scores."""
    pairs = [(one, other) for some_, others in zip(mine, theirs, strict=True)
             for one, other in zip(some_, others, strict=True)]
    assert pairs
    return all((one.passage, one.document, one.rank, one.stems, one.face)
               == (other.passage, other.document, other.rank, other.stems, other.face)
               and one.scores == pytest.approx(other.scores, abs=1e-6) for one, other in pairs)


def count(node, query):
    with writing(node.address) as connection:
        return connection.execute(query).fetchone()[0]


def test_a_copied_snapshot_finds_what_its_folder_finds_and_the_folder_is_as_it_was(server, folder):
    before = everything(folder)
    assert server.copy(folder, 1)
    with Snapshot.open(folder, encoder=HashingEncoder()) as mine, server.open(1, encoder=HashingEncoder()) as theirs:
        assert same(asked(mine), asked(theirs))
        assert mine.documents() == theirs.documents()
        assert mine.passages("шиноснома") == theirs.passages("шиноснома")
        assert theirs.document("нест") is None
        assert not theirs.problems
    assert everything(folder) == before


def test_a_copy_by_words_alone_finds_by_words(server, tmp_path):
    build_snapshot(some(), tmp_path / "0003", encoder=None)
    assert server.copy(tmp_path / "0003", 3)
    with Snapshot.open(tmp_path / "0003", encoder=None) as mine, server.open(3, encoder=None) as theirs:
        assert same(asked(mine), asked(theirs))
        assert theirs.by_words
    server.verify(3)


@pytest.mark.parametrize("k", [1, 5, 50])
def test_both_stores_find_the_same_rows_and_minus_one_where_there_are_fewer(server, folder, k):
    server.copy(folder, 1)
    queries = HashingEncoder().encode_queries([text for text, *_ in QUESTIONS if text])
    mine = FaissStore.open(folder / VECTORS)
    with server.open(1, encoder=None) as snapshot:
        theirs = PgvectorStore.open(snapshot._connection)
        assert (theirs.count, theirs.dimension) == (mine.count, mine.dimension)
        (scores, rows), (my_scores, my_rows) = theirs.search(queries, k), mine.search(queries, k)
    assert (scores.dtype, rows.dtype, scores.shape) == (numpy.float32, numpy.int64, my_scores.shape)
    kept = my_rows >= 0
    assert numpy.array_equal(rows >= 0, kept)
    assert numpy.allclose(scores[kept], my_scores[kept], atol=1e-6)
    assert (numpy.diff(numpy.where(kept, scores, -2), axis=1) <= 0).all()


def test_progress_ends_with_all_rows_and_a_second_copy_does_nothing(server, folder, node):
    told = []
    assert server.copy(folder, 1, lambda done, whole: told.append((done, whole)))
    assert told[-1][0] == told[-1][1] > 0
    again = []
    assert not server.copy(folder, 1, lambda *step: again.append(step))
    assert not again
    assert [one.number for one in server.list()] == [1]


def test_another_snapshot_under_a_number_that_is_taken_is_refused(server, folder, another):
    server.copy(folder, 1)
    with pytest.raises(ExistingSnapshotError):
        server.copy(another, 1)
    server.verify(1)
    assert server.list()[0].counts["documents"] == 4


def test_a_copy_that_breaks_off_leaves_nothing(server, folder, node):
    def stop(done, whole):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        server.copy(folder, 1, stop)
    assert count(node, "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^(generation_|rohnamo)'") == 0
    assert server.copy(folder, 1)
    assert [one.number for one in server.list()] == [1]


def test_a_damaged_folder_is_not_copied(server, folder, tmp_path):
    path = tmp_path / "0001"
    path.mkdir()
    for file in folder.iterdir():
        (path / file.name).write_bytes(file.read_bytes())
    content = bytearray((path / "passages.sqlite").read_bytes())
    content[-1] ^= 1
    (path / "passages.sqlite").write_bytes(content)
    with pytest.raises(DamagedSnapshotError):
        server.copy(path, 1)


def test_generations_are_activated_and_rolled_back_and_a_reader_keeps_the_one_it_opened(server, folder, another):
    server.copy(folder, 1)
    server.copy(another, 2)
    assert server.current() is None
    server.activate(1)
    with server.open(server.current(), encoder=HashingEncoder()) as reader:
        before = asked(reader)
        server.activate(2)
        assert server.current() == 2
        assert same(before, asked(reader))
        assert reader.document("нав") is None
    assert server.roll_back() == 1
    with pytest.raises(GenerationError):
        server.roll_back()
    assert server.current() == 1


@pytest.fixture
def five(server, tmp_path):
    """A server with five generations, the fourth in use."""
    for number in range(1, 6):
        path = tmp_path / f"{number:04d}"
        build_snapshot([entry("боҷ", f"Боҷ {number} сомонӣ аст.")], path, encoder=None)
        server.copy(path, number)
    server.activate(4)
    return server


def numbers(server):
    return [one.number for one in server.list()]


def test_pruning_keeps_the_one_in_use_the_newest_before_it_and_what_is_newer(five, node):
    assert five.prune() == (1, 2)
    assert (numbers(five), five.current()) == ([3, 4, 5], 4)
    assert count(node, "SELECT count(*) FROM pg_namespace WHERE nspname ~ '^generation_'") == 3
    assert five.prune() == ()
    five.verify(4)
    assert five.roll_back() == 3


def test_pruning_keeps_one_that_is_whole_to_go_back_to(five, node):
    with writing(node.address) as connection:
        connection.execute("DELETE FROM generation_0003.passages")
    assert five.prune() == (1, 3)
    assert five.roll_back() == 2


def test_what_is_read_is_not_pruned_and_answers_on_and_goes_the_next_time(five):
    with five.open(1, encoder=None) as reader:
        assert reader.search(SearchQuery("боҷ", "tg"))
        assert five.prune() == (2,)
        assert "Боҷ 1 сомонӣ" in reader.search(SearchQuery("боҷ", "tg"))[0].passage.text
    assert five.prune() == (1,)


def test_where_none_is_in_use_nothing_is_pruned(server, folder):
    server.copy(folder, 1)
    assert server.prune() == ()
    assert numbers(server) == [1]


def test_a_generation_that_was_changed_is_not_activated(server, folder, node):
    server.copy(folder, 1)
    with writing(node.address) as connection:
        connection.execute("DELETE FROM generation_0001.passages WHERE number = 1")
    with pytest.raises(DamagedSnapshotError):
        server.activate(1)
    assert server.current() is None


def test_a_change_in_any_table_is_seen(server, folder, node):
    server.copy(folder, 1)
    manifest = read_manifest(folder)
    with writing(node.address) as connection:
        whole = sum_of(connection, 1, manifest)
        for change in ("UPDATE postings SET times = 'x'::bytea", "UPDATE lexicon SET detail = detail || ' '",
                       "UPDATE vectors SET vector = vector + vector WHERE number = 1"):
            with connection.transaction(force_rollback=True):
                connection.execute(change)
                assert sum_of(connection, 1, manifest) != whole
        assert sum_of(connection, 1, manifest) == whole


def test_what_readers_hold_cannot_write(server, folder, node):
    server.copy(folder, 1)
    with server.open(1, encoder=None) as snapshot, pytest.raises(ServerError, match="read-only"):
        snapshot._connection.execute("DELETE FROM passages")
    server.verify(1)


def test_vectors_of_another_encoder_and_an_unknown_number_are_refused(server, folder):
    server.copy(folder, 1)
    with pytest.raises(EncoderMismatchError):
        server.open(1, encoder=HashingEncoder("дигар"))
    with pytest.raises(GenerationError):
        server.open(7, encoder=None)


def test_a_withdrawn_document_is_not_found_on_the_server_either(server, folder):
    server.copy(folder, 1)
    with server.open(1, encoder=HashingEncoder(), withdrawn=lambda name, _: name == "шиноснома") as snapshot:
        assert "шиноснома" not in {hit.document.id for hits in asked(snapshot) for hit in hits}
        assert snapshot.hides("шиноснома")


def test_an_address_where_nothing_answers_is_said(tmp_path):
    with pytest.raises(ServerError, match="PostgreSQL"):
        ServerGenerations(f"postgresql:///postgres?host={tmp_path}").list()


def test_one_of_two_nodes_dies_under_load_and_no_answer_is_wrong(server, folder, node, nodes):
    server.copy(folder, 1)
    server.activate(1)
    other = nodes.new().follow(node)
    address = both(node, other)
    # Readers begin at the primary; what is lost with it is asked once more of the node that followed.
    with Snapshot.open(folder, encoder=HashingEncoder()) as mine:
        right = asked(mine)
    wrong, rounds, killed = [], [], Event()

    def read():
        with ServerGenerations(address).open(1, encoder=HashingEncoder()) as reader:
            while True:
                last = killed.is_set()
                try:
                    rounds.append(last)
                    if not same(right, asked(reader)):
                        wrong.append("another answer")
                except Exception as error:
                    wrong.append(repr(error))
                if last:
                    return

    readers = [Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    while len(rounds) < 6:
        readers[0].join(0.01)
    node.kill()
    killed.set()
    for reader in readers:
        reader.join(60)
    node.start()
    assert wrong == []
    assert rounds.count(True) == 3


def test_a_node_with_another_generation_of_the_number_is_not_asked(server, folder, another, node, nodes):
    server.copy(folder, 1)
    stranger = nodes.new().fresh()
    ServerGenerations(stranger.address).copy(another, 1)
    tables = ServerTables(both(stranger), 1, "0" * 64)
    with closing(tables), pytest.raises(ServerError, match="as it was opened"):
        tables.execute("SELECT 1")


def test_many_vectors_are_found_through_a_graph(server, folder, node, monkeypatch):
    monkeypatch.setattr("index.pgvector_store.MOST_EXACT", 2)
    server.copy(folder, 1)
    assert count(node, "SELECT count(*) FROM pg_indexes WHERE schemaname = 'generation_0001' "
                       "AND indexdef LIKE '%hnsw%'") == 1
    with Snapshot.open(folder, encoder=HashingEncoder()) as mine, server.open(1, encoder=HashingEncoder()) as theirs:
        assert same(asked(mine), asked(theirs))
        assert theirs._connection.execute("SHOW hnsw.ef_search").fetchone() == ("400",)
    server.verify(1)
