"""The outbox on a stick: sealed, carried by strangers, acknowledged by the next stick."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
import tracemalloc
from datetime import date, timedelta
from random import Random

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from sync import durable
from sync.batch import Kind, batch_sha256, write_acknowledgement, write_batch
from sync.device import fingerprint
from sync.errors import (
    ExistingKeyError,
    KeyFileError,
    MissingKeyError,
    NoSpaceError,
    OutboxError,
    SealedError,
    WrongPasswordError,
)
from sync.inbox import Inbox
from sync.outbox import Outbox
from sync.outbox_files import FOLDER, Imported, export, import_batches, take_acknowledgements
from sync.pkcs8 import Cost
from sync.sealed import MAGIC, new_sealing_key, open_sealing_key, read_sealing_key, seal, unseal
from sync.state import State
from tests.disk import everything

DAY = date(2026, 11, 25)
MINISTRY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = X25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
PASSWORD = "панҷ калимаи бемаънӣ"  # noqa: S105 - opens keys of these tests only
CHEAP = Cost(n=2, r=8, p=1)


# "Роҳнамо" sealed to MINISTRY with the key 07 08 … 26.
GOLDEN = ("726f686e616d6f2d7365616c656420310aeedd883da0a9451507b8c542487686a78301855fcb6d3f6a8a911cd7"
          "f1983a9b44dc9dcd22839d23a26810f56b0a9c28a34aaabf936c4e211fed19d7b82a87fbc10070b42cef")


@pytest.fixture
def outbox(tmp_path):
    with State(tmp_path / "state.db") as state:
        yield Outbox(state.connection)


@pytest.fixture
def inbox(tmp_path, outbox):
    connection = sqlite3.connect(tmp_path / "ministry.db", isolation_level=None)
    inbox = Inbox(connection)
    inbox.fleet.enrol(outbox.key.public, "Хуҷанд, 3", DAY)
    yield inbox
    connection.close()


@pytest.fixture
def stick(tmp_path):
    (tmp_path / "stick").mkdir()
    return tmp_path / "stick"


def filled(outbox, count, start=0):
    for number in range(start, start + count):
        outbox.add(Kind.FEEDBACK, f"фикри {number}".encode(), DAY)


def brought(outbox, stick):
    return export(outbox, stick, MINISTRY.public_key())


def told(inbox):
    return [one.event.body.decode() for one in inbox.events(Kind.FEEDBACK)]


def batches(stick):
    return sorted((stick / FOLDER).glob("*.batch"))


def test_there_and_back_by_stick_every_event_arrives_and_is_removed(outbox, inbox, stick):
    filled(outbox, 120)
    exported = brought(outbox, stick)
    assert (exported.written, exported.kept, exported.events) == (3, 0, 120)
    assert len(outbox.waiting()) == 120
    assert import_batches(inbox, stick, MINISTRY, DAY) == Imported(3)
    assert sorted(told(inbox)) == sorted(f"фикри {number}" for number in range(120))
    assert batches(stick) == []
    delivered = take_acknowledgements(outbox, stick)
    assert (delivered.sent, delivered.waiting, delivered.failure) == (120, 0, "")
    assert outbox.carried() == ()


def test_whoever_finds_the_stick_reads_nothing(outbox, stick):
    for number in range(3):
        outbox.add(Kind.FEEDBACK, b"CANARY" * 500 + bytes([number]), DAY)
    brought(outbox, stick)
    clear = write_batch(outbox.batch(), outbox.key)
    found = b"".join(everything(stick).values()) + "".join(everything(stick)).encode()
    for secret in (b"CANARY", outbox.key.id.encode(), outbox.key.public, batch_sha256(clear).encode(), clear[-20:]):
        assert secret not in found


def test_exporting_again_writes_only_what_is_new(outbox, stick):
    filled(outbox, 60)
    brought(outbox, stick)
    first = batches(stick)
    again = brought(outbox, stick)
    assert (again.written, again.kept) == (0, 2)
    assert batches(stick) == first
    filled(outbox, 5, start=60)
    assert brought(outbox, stick).written == 1
    assert set(first) < set(batches(stick))


def test_two_sticks_and_the_network_together_tell_each_event_once(outbox, inbox, stick, tmp_path):
    filled(outbox, 3)
    brought(outbox, stick)
    filled(outbox, 3, start=3)
    second = tmp_path / "second"
    second.mkdir()
    assert brought(outbox, second).written == 1
    outbox.deliver(lambda batch: inbox.accept(batch, DAY))
    assert outbox.waiting() == ()
    import_batches(inbox, second, MINISTRY, DAY)
    import_batches(inbox, stick, MINISTRY, DAY)
    assert sorted(told(inbox)) == [f"фикри {number}" for number in range(6)]
    assert take_acknowledgements(outbox, stick).sent == 0


def test_the_stick_that_went_first_may_come_back_last(outbox, inbox, stick, tmp_path):
    filled(outbox, 3)
    brought(outbox, stick)
    second = tmp_path / "second"
    second.mkdir()
    assert brought(outbox, second).written == 1
    import_batches(inbox, stick, MINISTRY, DAY)
    assert take_acknowledgements(outbox, second).sent == 0
    assert take_acknowledgements(outbox, stick).sent == 3


def test_acknowledgements_come_back_on_another_stick(outbox, inbox, stick, tmp_path):
    filled(outbox, 3)
    brought(outbox, stick)
    answers = tmp_path / "next" / FOLDER
    import_batches(inbox, stick, MINISTRY, DAY, answers)
    assert not list((stick / FOLDER).iterdir())
    assert take_acknowledgements(outbox, tmp_path / "next").sent == 3


def test_an_inbox_folder_without_the_name_of_a_stick_is_read_too(outbox, inbox, stick):
    filled(outbox, 3)
    brought(outbox, stick)
    assert import_batches(inbox, stick / FOLDER, MINISTRY, DAY).batches == 1


def test_a_forged_acknowledgement_removes_nothing(outbox, stick):
    filled(outbox, 3)
    brought(outbox, stick)
    name = batches(stick)[0]
    forged = write_acknowledgement([one.id for one in outbox.waiting()], name.stem)
    name.with_suffix(".ack").write_bytes(forged)
    delivered = take_acknowledgements(outbox, stick)
    assert (delivered.sent, delivered.waiting) == (0, 3)
    assert "another batch" in delivered.failure
    assert len(outbox.carried()) == 1


def test_a_stick_brought_twice_changes_nothing_the_second_time(outbox, inbox, stick, tmp_path):
    filled(outbox, 3)
    brought(outbox, stick)
    shutil.copytree(stick, tmp_path / "copy")
    import_batches(inbox, stick, MINISTRY, DAY)
    assert import_batches(inbox, tmp_path / "copy", MINISTRY, DAY + timedelta(days=9)).batches == 1
    assert len(told(inbox)) == 3
    assert take_acknowledgements(outbox, tmp_path / "copy").sent == 3
    assert take_acknowledgements(outbox, stick).sent == 0


def flipped(path):
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)


def renamed_flip(path):
    flipped(path)
    path.rename(path.with_name(hashlib.sha256(path.read_bytes()).hexdigest() + ".batch"))


def linked(path):
    path.unlink()
    path.symlink_to("/etc/hostname")


def linked_to_itself_elsewhere(path):
    path.rename(path.parents[2] / path.name)
    path.symlink_to(path.parents[2] / path.name)


def piped(path):
    path.unlink()
    os.mkfifo(path)


def folder(path):
    path.unlink()
    path.mkdir()


SPOILT = {
    "a bit flipped": flipped,
    "a bit flipped and the name with it": renamed_flip,
    "cut short": lambda path: os.truncate(path, path.stat().st_size - 1),
    "empty": lambda path: os.truncate(path, 0),
    "as large as a film": lambda path: os.truncate(path, 2_000_000_000),
    "a link": linked,
    "a link to the very file": linked_to_itself_elsewhere,
    "a pipe": piped,
    "a folder": folder,
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
def test_a_file_that_is_spoilt_is_named_and_left_and_the_others_are_taken_in(outbox, inbox, stick, spoil):
    filled(outbox, 60)
    brought(outbox, stick)
    spoil(batches(stick)[0])
    imported = import_batches(inbox, stick, MINISTRY, DAY)
    assert imported.batches == 1
    assert [one.file for one in imported.refused] == [path.name for path in batches(stick)]
    assert take_acknowledgements(outbox, stick).sent in (10, 50)
    brought(outbox, stick)
    import_batches(inbox, stick, MINISTRY, DAY)
    assert len(told(inbox)) == 60


def test_a_file_as_large_as_a_film_takes_no_room(outbox, inbox, stick):
    filled(outbox, 1)
    brought(outbox, stick)
    SPOILT["as large as a film"](batches(stick)[0])
    tracemalloc.start()
    import_batches(inbox, stick, MINISTRY, DAY)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2_000_000


def test_other_files_on_a_stick_are_not_touched(outbox, inbox, stick):
    filled(outbox, 1)
    brought(outbox, stick)
    (stick / FOLDER / "акс.jpg").write_bytes(b"jpeg")
    (stick / FOLDER / ("A" * 64 + ".batch")).write_bytes(b"capitals")
    before = {name: data for name, data in everything(stick).items() if "акс" in name or "AAA" in name}
    assert import_batches(inbox, stick, MINISTRY, DAY) == Imported(1)
    assert before.items() < everything(stick).items()


def test_what_is_sealed_to_another_key_is_left_for_who_has_it(outbox, inbox, stick):
    filled(outbox, 1)
    brought(outbox, stick)
    before = everything(stick)
    imported = import_batches(inbox, stick, OTHER, DAY)
    assert imported.batches == 0
    assert "another key" in imported.refused[0].reason
    assert everything(stick) == before
    assert told(inbox) == []
    assert import_batches(inbox, stick, MINISTRY, DAY).batches == 1


def test_a_machine_that_is_not_enrolled_is_named_and_its_batches_stay_on_the_stick(outbox, inbox, stick):
    filled(outbox, 1)
    inbox.fleet.dismiss(outbox.key.id)
    brought(outbox, stick)
    imported = import_batches(inbox, stick, MINISTRY, DAY)
    [refused] = imported.refused
    assert fingerprint(outbox.key.id) in refused.reason
    assert f"rohnamo machines enrol {outbox.key.public.hex()} NAME" in refused.hint
    assert len(batches(stick)) == 1


def test_a_link_that_waits_for_the_acknowledgement_is_not_written_through(outbox, inbox, stick, tmp_path):
    precious = tmp_path / "precious"
    precious.write_bytes(b"precious")
    filled(outbox, 1)
    brought(outbox, stick)
    answer = batches(stick)[0].with_suffix(".ack")
    answer.symlink_to(precious)
    answer.with_name(answer.name + ".part").symlink_to(precious)
    import_batches(inbox, stick, MINISTRY, DAY)
    assert precious.read_bytes() == b"precious"
    assert take_acknowledgements(outbox, stick).sent == 1


def test_a_folder_that_is_a_link_is_neither_read_nor_written(outbox, inbox, stick, tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (stick / FOLDER).symlink_to(tmp_path / "elsewhere")
    filled(outbox, 1)
    with pytest.raises(OutboxError, match="leads elsewhere"):
        brought(outbox, stick)
    with pytest.raises(OutboxError, match="leads elsewhere"):
        import_batches(inbox, stick, MINISTRY, DAY)
    with pytest.raises(OutboxError, match="leads elsewhere"):
        take_acknowledgements(outbox, stick)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_stick_that_is_not_there_is_said_in_words(inbox, tmp_path):
    with pytest.raises(OutboxError, match="cannot be read"):
        import_batches(inbox, tmp_path / "nowhere", MINISTRY, DAY)


def test_a_full_stick_keeps_whole_files_and_the_rest_goes_on_the_next(outbox, inbox, stick, monkeypatch):
    filled(outbox, 120)
    honest, written = durable.os.fsync, []

    def full(number):
        written.append(number)
        if len(written) > 4:
            raise OSError(28, "No space left on device")
        honest(number)

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(NoSpaceError):
        brought(outbox, stick)
    monkeypatch.undo()
    assert import_batches(inbox, stick, MINISTRY, DAY).refused == ()
    assert len(outbox.waiting()) == 120
    sent = take_acknowledgements(outbox, stick).sent
    assert 0 < sent < 120
    brought(outbox, stick)
    import_batches(inbox, stick, MINISTRY, DAY)
    assert take_acknowledgements(outbox, stick).waiting == 0
    assert len(told(inbox)) == 120


def test_no_room_for_the_acknowledgement_leaves_the_batch_to_be_brought_again(outbox, inbox, stick, monkeypatch):
    filled(outbox, 1)
    brought(outbox, stick)

    def full(number):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable.os, "fsync", full)
    with pytest.raises(NoSpaceError):
        import_batches(inbox, stick, MINISTRY, DAY)
    monkeypatch.undo()
    assert len(batches(stick)) == 1
    import_batches(inbox, stick, MINISTRY, DAY)
    assert len(told(inbox)) == 1
    assert take_acknowledgements(outbox, stick).sent == 1


# Sealing


def test_what_is_sealed_opens_with_the_key_it_was_sealed_to():
    sealed = seal(b"secret", MINISTRY.public_key(), Random(1).randbytes)  # noqa: S311 - a fixed run of numbers
    assert unseal(sealed, MINISTRY) == b"secret"
    assert b"secret" not in sealed


def test_the_same_words_sealed_twice_do_not_look_the_same():
    assert seal(b"secret", MINISTRY.public_key()) != seal(b"secret", MINISTRY.public_key())


def test_every_bit_of_a_sealed_file_counts():
    sealed = seal(b"secret", MINISTRY.public_key())
    for place in range(len(sealed)):
        spoilt = bytearray(sealed)
        spoilt[place] ^= 1
        with pytest.raises(SealedError):
            unseal(bytes(spoilt), MINISTRY)
    for length in range(len(sealed)):
        with pytest.raises(SealedError):
            unseal(sealed[:length], MINISTRY)


def test_a_point_that_would_make_the_secret_known_is_refused():
    sealed = seal(b"secret", MINISTRY.public_key())
    head = len(MAGIC) + 8
    with pytest.raises(SealedError):
        unseal(sealed[:head] + bytes(32) + sealed[head + 32:], MINISTRY)


def test_a_sealed_file_of_this_version_opens_for_ever():
    """A file that was sealed once, from fixed numbers: the layout in docs/formats.md is what was written."""
    sealed = seal("Роҳнамо".encode(), MINISTRY.public_key(), lambda count: bytes(range(7, 7 + count)))
    assert sealed.hex() == GOLDEN
    assert unseal(bytes.fromhex(GOLDEN), MINISTRY) == "Роҳнамо".encode()


def test_a_sealing_key_is_made_with_a_password_and_opens_with_it(tmp_path):
    public = new_sealing_key(tmp_path / "inbox", PASSWORD, cost=CHEAP)
    assert read_sealing_key(tmp_path / "inbox.pub").public_bytes_raw() == public.public_bytes_raw()
    key = open_sealing_key(tmp_path / "inbox.key", PASSWORD)
    assert unseal(seal(b"1", public), key) == b"1"
    assert (tmp_path / "inbox.key").stat().st_mode & 0o077 == 0
    assert key.private_bytes_raw() not in (tmp_path / "inbox.key").read_bytes()


def test_a_sealing_key_is_never_written_over(tmp_path):
    new_sealing_key(tmp_path / "inbox", PASSWORD, cost=CHEAP)
    before = everything(tmp_path)
    with pytest.raises(ExistingKeyError):
        new_sealing_key(tmp_path / "inbox", PASSWORD, cost=CHEAP)
    assert everything(tmp_path) == before


def test_a_short_password_makes_no_sealing_key(tmp_path):
    with pytest.raises(KeyFileError, match="shorter"):
        new_sealing_key(tmp_path / "inbox", "кӯтоҳ", cost=CHEAP)
    assert everything(tmp_path) == {}


def test_a_sealing_key_that_cannot_be_used_says_why(tmp_path):
    new_sealing_key(tmp_path / "inbox", PASSWORD, cost=CHEAP)
    (tmp_path / "bad.pub").write_bytes(b"{}")
    with pytest.raises(WrongPasswordError):
        open_sealing_key(tmp_path / "inbox.key", "калиди дигар, на ин")
    with pytest.raises(MissingKeyError):
        open_sealing_key(tmp_path / "lost.key", PASSWORD)
    with pytest.raises(KeyFileError):
        open_sealing_key(tmp_path / "inbox.pub", PASSWORD)
    with pytest.raises(KeyFileError):
        read_sealing_key(tmp_path / "bad.pub")
