"""Whatever is done to a repository, a machine keeps what it has, says why, and goes on with the next honest one.

Each attack is tried on a machine that holds release 1 of two publishers, while release 2 of one of them is published.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import pytest
from tuf.api.metadata import Metadata, MetaFile

from sync.client import Client
from sync.marks import Mark, keyset
from sync.outcome import Progress
from sync.pack import compressed
from sync.release import PackTarget
from sync.revocations import write_revocations
from sync.settings import Settings
from tests.faulty_origin import PORTAL
from tests.kiosk import CITY, HEALTH, Kiosk, edition
from tests.repository_simulator import RepositorySimulator, digest, signer

THIEF = [signer("thief")]


@pytest.fixture
def repository():
    simulator = RepositorySimulator((HEALTH, CITY), thresholds={"targets": 2, "root": 2})
    for publisher in (HEALTH, CITY):
        simulator.publish(publisher, edition(1), 1)
    return simulator


@pytest.fixture
def kiosk(repository, tmp_path):
    machine = Kiosk(tmp_path, repository)
    machine.update()
    yield machine
    machine.close()


def publish(repository, number=2, **more):
    return repository.publish(HEALTH, edition(number), number, **more)


# --- attacks: each bends the repository after release 2 was published ------------------------------------------------


def edit(path, old, new):
    def attack(repository):
        name = repository.path(path)
        assert old in repository.files[name]
        repository.files[name] = repository.files[name].replace(old, new, 1)
    return attack


def put(path, data):
    def attack(repository):
        repository.files[repository.path(path)] = data
    return attack


def missing(path):
    def attack(repository):
        del repository.files[repository.path(path)]
    return attack


def cut(path):
    def attack(repository):
        repository.truncate(repository.path(path))
    return attack


def flip(path, at=-1):
    def attack(repository):
        repository.flip(repository.path(path), at)
    return attack


def signed_by(role, signers):
    """The role is signed anew by others, and everything above it by those who should."""
    def attack(repository):
        repository.roles[role].signed.version += 1
        repository.sign(role, signers)
        repository._follow(role)
    return attack


def expired(role):
    return lambda repository: repository.expire(role)


def old_under_new_name(role):
    def attack(repository):
        name, version = repository.path(role), repository.roles[role].signed.version
        repository.files[name] = repository.files[f"metadata/{version - 1}.{role}.json"]
    return attack


def old_timestamp(repository):
    """The timestamp of before, with everything that it names."""
    repository.files["metadata/timestamp.json"] = repository.first_timestamp


def from_the_future(repository):
    repository.now += timedelta(days=40)
    repository.refresh()
    repository.now -= timedelta(days=40)


def snapshot_without_the_city(repository):
    del repository.roles["snapshot"].signed.meta[f"{CITY}.json"]
    repository.write_snapshot()
    repository.write_timestamp()


def snapshot_with_an_older_city(repository):
    repository.roles["snapshot"].signed.meta[f"{CITY}.json"] = MetaFile(1)
    repository.write_snapshot()
    repository.write_timestamp()


def snapshot_of_another_hash(repository):
    repository.roles["timestamp"].signed.snapshot_meta.hashes = {"sha256": "0" * 64}
    repository.write_timestamp()


def root_of(signers, version=2):
    def attack(repository):
        repository.root.version = version
        repository.files["metadata/2.root.json"] = repository.sign("root", signers)
        repository.root.version = 1
    return attack


def root_of_html(repository):
    repository.files["metadata/2.root.json"] = PORTAL


def root_that_gives_the_timestamp_away(repository):
    """A thief of one of the two root keys gives himself the timestamp."""
    root = repository.root
    honest = root.roles["timestamp"].keyids
    root.add_key(THIEF[0].public_key, "timestamp")
    root_of([repository.signers["root"][0], *THIEF])(repository)
    root.roles["timestamp"].keyids = [one for one in honest if one != THIEF[0].public_key.keyid]


def target(name, bend):
    def attack(repository):
        path = repository.target_path(f"{HEALTH}/{name}")
        if bend is None:
            del repository.files[path]
        else:
            repository.files[path] = bend(repository.files[path])
        for other in [one for one in repository.files if one.endswith(".delta.zst")]:
            if name.endswith(".pack.zst"):
                del repository.files[other]        # or the delta would do
    return attack


def one_bit(data):
    return data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]


def release(**changed):
    """A well signed release.json that says something it should not."""
    def attack(repository):
        path = f"{HEALTH}/release.json"
        plain = json.loads(repository.files[repository.target_path(path)])
        data = json.dumps({**plain, **changed}).encode()
        there = dict(repository.roles[HEALTH].signed.targets)
        repository.publish_targets(HEALTH, {path: data})
        repository.roles[HEALTH].signed.targets |= {name: one for name, one in there.items() if name != path}
        repository.update(HEALTH)
    return attack


def release_of(data):
    return lambda repository: repository.publish_targets(HEALTH, {f"{HEALTH}/release.json": data})


def pack_that_is(pack, transport=None, length=None):
    """A well signed release of a pack that is none, or that produces another one than it says."""
    def attack(repository):
        body = pack if isinstance(pack, bytes) else pack()
        info = publish(repository, 3, deltas=False)
        info = replace(info, number=4, sequence=4,
                       pack=PackTarget(digest(body), len(body) if length is None else length,
                                       f"{HEALTH}/4.pack.zst"))
        repository.publish_info(info, {info.pack.target: transport() if transport else compressed(body)})
    return attack


def revocations_of(data):
    def attack(repository):
        repository.roles["targets"].signed.targets["revocations.json"] = repository._target(
            "revocations.json", data, None)
        repository.update("targets")
    return attack


def own_revocations_of(data):
    def attack(repository):
        repository.roles[HEALTH].signed.targets[f"{HEALTH}/revocations.json"] = repository._target(
            f"{HEALTH}/revocations.json", data, None)
        repository.update(HEALTH)
    return attack


DAMAGED, UNTRUSTED, OLDER, EXPIRED = "damaged_repository", "untrusted_repository", "older_repository", \
    "expired_repository"
ATTACKS = {
    "timestamp: one bit of its end": (flip("timestamp"), DAMAGED),
    "timestamp: one bit of a signature": (flip("timestamp", 60), UNTRUSTED),
    "timestamp: cut": (cut("timestamp"), DAMAGED),
    "timestamp: empty": (put("timestamp", b""), DAMAGED),
    "timestamp: zeros": (put("timestamp", b"\0" * 900), DAMAGED),
    "timestamp: a login page": (put("timestamp", PORTAL), DAMAGED),
    "timestamp: another role": (lambda r: put("timestamp", r.files[r.path("snapshot")])(r), DAMAGED),
    "timestamp: too long": (put("timestamp", b" " * 20_000 + b"{}"), DAMAGED),
    "timestamp: nested without end": (put("timestamp", b"[" * 16_000), DAMAGED),
    "timestamp: by a thief": (signed_by("timestamp", THIEF), UNTRUSTED),
    "timestamp: unsigned": (signed_by("timestamp", []), UNTRUSTED),
    "timestamp: edited after signing": (edit("timestamp", b'"expires":"2026', b'"expires":"2096'), UNTRUSTED),
    "timestamp: older": (old_timestamp, OLDER),
    "timestamp: expired": (expired("timestamp"), EXPIRED),
    "timestamp: of the future": (from_the_future, "future_repository"),
    "snapshot: one bit": (flip("snapshot"), DAMAGED),
    "snapshot: cut": (cut("snapshot"), DAMAGED),
    "snapshot: missing": (missing("snapshot"), DAMAGED),
    "snapshot: a login page": (put("snapshot", PORTAL), DAMAGED),
    "snapshot: by a thief": (signed_by("snapshot", THIEF), UNTRUSTED),
    "snapshot: expired": (expired("snapshot"), EXPIRED),
    "snapshot: old under the new name": (old_under_new_name("snapshot"), DAMAGED),
    "snapshot: of another hash": (snapshot_of_another_hash, DAMAGED),
    "snapshot: without a publisher": (snapshot_without_the_city, DAMAGED),
    "snapshot: with an older publisher": (snapshot_with_an_older_city, OLDER),
    "targets: by a thief": (signed_by("targets", THIEF), UNTRUSTED),
    "targets: one of two signatures": (lambda r: signed_by("targets", r.signers["targets"][:1])(r), UNTRUSTED),
    "targets: one signature twice": (lambda r: signed_by("targets", r.signers["targets"][:1] * 2)(r), UNTRUSTED),
    "targets: by keys of another role": (lambda r: signed_by("targets", r.signers["root"])(r), UNTRUSTED),
    "targets: expired": (expired("targets"), EXPIRED),
    "root: by a thief": (root_of(THIEF), UNTRUSTED),
    "root: by a thief of one key": (lambda r: root_of([r.signers["root"][0], *THIEF])(r), UNTRUSTED),
    "root: gives the timestamp away": (root_that_gives_the_timestamp_away, UNTRUSTED),
    "root: another version than its name": (lambda r: root_of(r.signers["root"], 3)(r), OLDER),
    "root: a login page": (root_of_html, DAMAGED),
    "publisher: by a thief": (signed_by(HEALTH, THIEF), UNTRUSTED),
    "publisher: by another publisher": (lambda r: signed_by(HEALTH, r.signers[CITY])(r), UNTRUSTED),
    "publisher: unsigned": (signed_by(HEALTH, []), UNTRUSTED),
    "publisher: expired": (expired(HEALTH), EXPIRED),
    "publisher: old under the new name": (old_under_new_name(HEALTH), OLDER),
    "publisher: missing": (missing(HEALTH), DAMAGED),
    "publisher: edited after signing": (edit(HEALTH, b"release.json", b"release.jsom"), UNTRUSTED),
    "release: one bit": (target("release.json", one_bit), DAMAGED),
    "release: cut": (target("release.json", lambda data: data[:100]), DAMAGED),
    "release: longer": (target("release.json", lambda data: data + b" " * 10**6), DAMAGED),
    "release: missing": (target("release.json", None), DAMAGED),
    "release: a login page": (target("release.json", lambda _: PORTAL), DAMAGED),
    "release: no JSON": (release_of(b"release 2"), "bad_release"),
    "release: a list": (release_of(b"[]"), "bad_release"),
    "release: nested without end": (release_of(b"[" * 100_000), "bad_release"),
    "release: of a later format": (release(version=2), "bad_release"),
    "release: of another publisher": (release(publisher=CITY), "bad_release"),
    "release: an older sequence": (release(sequence=0), OLDER),
    "release: other content under the same sequence": (release(sequence=1), "bad_release"),
    "release: a negative number": (release(number=-1), "bad_release"),
    "release: a pack of another publisher":
        (release(pack={"sha256": "0" * 64, "length": 9, "target": f"{CITY}/1.pack.zst"}), "bad_release"),
    "release: a path out of its folder":
        (release(pack={"sha256": "0" * 64, "length": 9, "target": f"{HEALTH}/../x"}), "bad_release"),
    "release: a pack that nobody signed":
        (release(pack={"sha256": "0" * 64, "length": 9, "target": f"{HEALTH}/9.pack.zst"}, deltas=[]), "bad_release"),
    "pack: one bit": (target("2.pack.zst", one_bit), DAMAGED),
    "pack: cut": (target("2.pack.zst", lambda data: data[:-20]), DAMAGED),
    "pack: longer": (target("2.pack.zst", lambda data: data + b"x" * 10**6), DAMAGED),
    "pack: missing": (target("2.pack.zst", None), DAMAGED),
    "pack: a login page": (target("2.pack.zst", lambda _: PORTAL), DAMAGED),
    "pack: no pack": (pack_that_is(b"PK\x03\x04" + b"x" * 500), "bad_pack"),
    "pack: a bomb": (pack_that_is(lambda: bytes(1 << 24), length=1000), "bad_pack"),
    "pack: too large for a machine": (pack_that_is(b"x", length=1 << 40), ("bad_pack", "no_space_for_sync")),
    "pack: not compressed": (pack_that_is(b"x" * 99, transport=lambda: b"x" * 99), "bad_pack"),
    "pack: produces something else":
        (pack_that_is(b"x" * 99, transport=lambda: compressed(b"y" * 99)), "bad_pack"),
    "revocations: no JSON": (revocations_of(b"all of them"), "bad_release"),
    "revocations: without a reason":
        (revocations_of(b'{"format":"rohnamo-revocations","version":1,"revocations":'
                        b'[{"document":"a","day":"2026-11-25","reason":""}]}'), "bad_release"),
    "revocations: a publisher's are no JSON": (own_revocations_of(b"none"), "bad_release"),
}


@pytest.mark.parametrize(("attack", "code"), ATTACKS.values(), ids=ATTACKS)
def test_an_attack_changes_nothing_and_the_next_honest_sync_works(attack, code, kiosk, repository):
    repository.first_timestamp = RepositorySimulator((HEALTH, CITY), thresholds={"targets": 2, "root": 2}).files[
        "metadata/timestamp.json"]
    publish(repository)
    honest = dict(repository.files)
    before, marks = kiosk.standing(), kiosk.marks()

    attack(repository)
    error = kiosk.refusal()

    assert error.code in ((code,) if isinstance(code, str) else code), error.message
    assert error.message
    assert error.hint
    assert kiosk.standing() == before
    assert all(kiosk.marks()[key] >= version for key, version in marks.items())
    assert kiosk.client.state.attempts()[0].code == error.code

    repository.files = {**honest, **{path: data for path, data in repository.files.items() if path not in honest}}
    for path in [one for one in repository.files if one not in honest and ".root.json" in one]:
        del repository.files[path]
    _mend(repository)
    report = kiosk.update()
    assert report.failure is None
    assert report.of(HEALTH).progress is Progress.STAGED
    assert kiosk.client.state.held()[HEALTH].number == 9
    assert kiosk.client.state.held()[CITY].number == 1


def _mend(repository):
    """Everybody signs anew what they should have signed, and release 9 is published."""
    for role, metadata in repository.roles.items():
        if role != "root":
            metadata.signed.version += 1
    for publisher in (HEALTH, CITY):
        metadata = repository.roles[publisher]
        repository.roles["snapshot"].signed.meta[f"{publisher}.json"] = MetaFile(metadata.signed.version)
        repository.write_role(publisher)
    for targets in (repository.roles["targets"], repository.roles[HEALTH]):
        targets.signed.targets = {path: one for path, one in targets.signed.targets.items()
                                  if not path.endswith("revocations.json")}
    repository.update("targets")
    publish(repository, 9, sequence=9)


def test_there_are_at_least_forty_of_them():
    assert len(ATTACKS) >= 40


def test_a_fault_of_one_publisher_does_not_keep_another_from_arriving(kiosk, repository):
    publish(repository)
    repository.publish(CITY, edition(2), 2)
    repository.expire(HEALTH)
    report = kiosk.update()
    assert report.of(HEALTH).error.code == EXPIRED
    assert report.of(CITY).progress is Progress.STAGED
    assert kiosk.client.state.held()[HEALTH].number == 1
    assert kiosk.client.state.held()[CITY].number == 2


def test_a_publisher_cannot_speak_for_another(kiosk, repository):
    before = kiosk.standing()
    foreign = repository.publish(CITY, edition(7), 7)
    stolen = repository.files[repository.target_path(f"{CITY}/release.json")]
    repository.revoke("passport", publisher=HEALTH)
    repository.roles[HEALTH].signed.targets[f"{CITY}/release.json"] = repository._target(
        f"{CITY}/release.json", stolen.replace(b'"number":7', b'"number":8'), foreign)
    repository.update(HEALTH)
    report = kiosk.sync()
    assert report.of(CITY).number == 7
    assert [one.publisher for one in kiosk.client.state.withdrawn()] == [HEALTH]
    assert kiosk.standing()[0] == before[0]


@pytest.mark.parametrize("loss", ["folder", "timestamp and snapshot", "everything but the root"])
def test_an_old_copy_is_refused_although_all_metadata_was_lost(loss, kiosk, repository):
    old = dict(repository.files)
    publish(repository)
    kiosk.update()
    before = kiosk.standing()
    tuf = kiosk.home / "tuf"
    if loss == "folder":
        kiosk.forget_metadata()
    else:
        for path in tuf.glob("*.json"):
            if loss == "everything but the root" or path.name in ("timestamp.json", "snapshot.json"):
                path.unlink() if path.name == "root.json" else path.write_bytes(b"")
    new, repository.files = repository.files, old
    kiosk.restart()
    assert kiosk.refusal().code == OLDER
    assert kiosk.standing() == before
    repository.files = new
    publish(repository, 3)
    assert kiosk.update().of(HEALTH).number == 3


def test_an_old_copy_of_one_publisher_is_refused_although_all_metadata_was_lost(kiosk, repository):
    """Only the publisher goes back; the roles above it are signed anew by a host that was taken over."""
    first = repository.files["metadata/2.min-health.json"]
    publish(repository)
    kiosk.update()
    before = kiosk.standing()
    kiosk.forget_metadata()
    repository.files["metadata/2.min-health.json"] = first
    repository.roles["snapshot"].signed.meta[f"{HEALTH}.json"] = MetaFile(2)
    repository.write_snapshot()
    repository.write_timestamp()
    error = kiosk.refusal()
    assert (error.code, f"version 2 of {HEALTH}" in error.message) == (OLDER, True)
    assert kiosk.standing() == before
    publish(repository, 3)
    assert kiosk.update().of(HEALTH).number == 3


def test_metadata_that_somebody_put_there_is_not_believed(kiosk, repository, tmp_path, monkeypatch):
    """All trust begins with the root of the program, not with the one in a folder that can be written."""
    monkeypatch.setattr("tests.repository_simulator.signer", lambda name: signer(f"stranger {name}"))
    stranger = RepositorySimulator((HEALTH,))
    stranger.publish(HEALTH, edition(66), 66)
    other = Kiosk(tmp_path / "other", stranger)
    other.update()
    other.close()
    before = kiosk.standing()
    shutil.rmtree(kiosk.home / "tuf")
    shutil.copytree(other.home / "tuf", kiosk.home / "tuf", symlinks=True)
    honest, kiosk.repository = kiosk.repository, stranger
    assert kiosk.refusal().code == UNTRUSTED
    assert kiosk.standing() == before
    kiosk.repository = honest
    publish(repository)
    assert kiosk.update().of(HEALTH).number == 2


def test_a_root_that_is_withheld_is_missed_although_all_metadata_was_lost(kiosk, repository):
    """Whoever holds a revoked key would like the machine to forget that it was revoked."""
    old = dict(repository.files)
    repository.rotate("timestamp")
    publish(repository)
    kiosk.update()
    assert kiosk.marks()["root", ""] == 2
    before = kiosk.standing()
    kiosk.forget_metadata()
    new, repository.files = repository.files, old
    assert kiosk.refusal().code == OLDER
    assert kiosk.standing() == before
    repository.files = new
    assert kiosk.sync().failure is None


def test_a_thief_of_revoked_keys_who_withholds_the_newest_roots_is_refused(kiosk, repository):
    """His timestamp is newer than any that the machine saw by that key: only the mark of the root stands against it."""
    thief, old = list(repository.signers["timestamp"]), dict(repository.files)
    for role in ("snapshot", "timestamp", "root"):
        repository.rotate(role)
    publish(repository)
    kiosk.update()
    before = kiosk.standing()
    kiosk.forget_metadata()
    metadata, new = repository.roles["timestamp"], repository.files
    repository.files = old
    meta, version = metadata.signed.snapshot_meta, metadata.signed.version
    metadata.signed.snapshot_meta = Metadata.from_bytes(old["metadata/timestamp.json"]).signed.snapshot_meta
    metadata.signed.version = 500
    repository.sign("timestamp", thief)
    error = kiosk.refusal()
    assert (error.code, "version 1 of root" in error.message) == (OLDER, True)
    assert kiosk.standing() == before
    repository.files, metadata.signed.snapshot_meta, metadata.signed.version = new, meta, version
    publish(repository, 3)
    assert kiosk.update().of(HEALTH).number == 3


def test_a_fresh_machine_refuses_what_is_older_than_its_program(repository, tmp_path):
    old = dict(repository.files)
    publish(repository)
    keys = keyset(repository.root.roles["timestamp"].keyids)
    least = (Mark("timestamp", keys, repository.roles["timestamp"].signed.version),)
    kiosk = Kiosk(tmp_path, repository, settings=Settings(device="kiosk-1", least=least))
    new, repository.files = repository.files, old
    assert kiosk.refusal().code == OLDER
    assert kiosk.standing() == ({}, (), {}, {})
    repository.files = new
    assert kiosk.update().of(HEALTH).number == 2
    kiosk.close()


def test_a_key_that_was_revoked_signs_nothing_any_more(kiosk, repository):
    thief = list(repository.signers["timestamp"])
    repository.rotate("timestamp")
    publish(repository)
    good = dict(repository.files)
    before = kiosk.standing()
    repository.roles["timestamp"].signed.version += 1
    repository.sign("timestamp", thief)
    assert kiosk.refusal().code == UNTRUSTED
    assert kiosk.standing() == before
    repository.files = good
    assert kiosk.update().of(HEALTH).number == 2


@pytest.mark.parametrize("role", ["root", "targets", "snapshot", "timestamp", HEALTH])
def test_keys_that_are_replaced_as_they_should_be_go_unnoticed(role, kiosk, repository):
    repository.rotate(role)
    publish(repository)
    assert kiosk.update().failure is None
    assert kiosk.client.state.held()[HEALTH].number == 2
    repository.refresh()
    assert kiosk.sync().failure is None


def test_what_a_thief_of_the_host_did_to_the_versions_is_mended_by_new_keys(kiosk, repository):
    for role in ("snapshot", "timestamp"):
        repository.fast_forward(role)
    assert kiosk.sync().failure is None
    for role in ("snapshot", "timestamp"):
        repository.roles[role].signed.version = 10
    publish(repository)
    before = kiosk.standing()
    assert kiosk.refusal().code == OLDER
    assert kiosk.standing() == before
    for role in ("snapshot", "timestamp"):
        repository.rotate(role)
    assert kiosk.update().failure is None
    assert kiosk.client.state.held()[HEALTH].number == 2


def test_new_snapshot_keys_mend_a_version_of_the_targets_role_that_was_raised_too_far(kiosk, repository):
    repository.fast_forward("targets")
    assert kiosk.sync().failure is None
    repository.roles["targets"].signed.version = 10
    repository.update("targets")
    assert kiosk.refusal().code == OLDER
    repository.rotate("snapshot")
    publish(repository)
    assert kiosk.update().of(HEALTH).number == 2


def test_a_publisher_whose_version_a_thief_raised_goes_on_with_new_keys(kiosk, repository):
    repository.fast_forward(HEALTH)
    assert kiosk.sync().failure is None
    repository.roles[HEALTH].signed.version = 10
    repository.rotate(HEALTH)
    repository.rotate("snapshot")
    publish(repository)
    assert kiosk.update().failure is None
    assert kiosk.client.state.held()[HEALTH].number == 2


@pytest.mark.parametrize("named_above", [False, True])
def test_a_host_that_was_taken_over_cannot_raise_the_mark_of_a_publisher(named_above, kiosk, repository):
    """The snapshot says a version that the publisher never signed: nothing of it is remembered.

    Nor where the ministry names a file of the publisher itself, so that the publisher's role is not even looked at.
    """
    if named_above:
        path, data = f"{HEALTH}/revocations.json", write_revocations([])
        repository.roles["targets"].signed.targets[path] = repository._target(path, data, None)
        repository.update("targets")
        kiosk.sync()
    marks = kiosk.marks()
    meta = repository.roles["snapshot"].signed.meta
    honest = meta[f"{HEALTH}.json"]
    meta[f"{HEALTH}.json"] = MetaFile(1_000_000)
    repository.write_snapshot()
    repository.write_timestamp()
    assert kiosk.refusal().code == DAMAGED
    assert [version for (role, _), version in kiosk.marks().items() if role == HEALTH] \
        == [version for (role, _), version in marks.items() if role == HEALTH]
    meta[f"{HEALTH}.json"] = honest
    repository.rotate("snapshot")
    publish(repository)
    assert kiosk.update().of(HEALTH).number == 2


def test_a_root_that_is_over_stops_the_taking_in_and_nothing_else(kiosk, repository):
    publish(repository)
    before = kiosk.standing()
    kiosk.later(days=3 * 365 + 1)
    repository.update(HEALTH)
    assert kiosk.refusal().code == EXPIRED
    assert kiosk.standing() == before
    repository.write_root(bump=True)
    repository.write_role("targets")
    repository.write_role(CITY)
    repository.update(HEALTH)
    assert kiosk.update().of(HEALTH).number == 2


def test_the_root_of_another_ministry_opens_nothing(repository, tmp_path):
    other = RepositorySimulator((HEALTH,), host="http://other.test/")
    other.roles["root"].signed.version = 1
    stranger = RepositorySimulator((HEALTH,), thresholds={"root": 3, "timestamp": 3})
    kiosk = Kiosk(tmp_path, repository, root=stranger.trusted_root)
    assert kiosk.refusal().code == UNTRUSTED
    assert kiosk.standing() == ({}, (), {}, {})
    kiosk.close()


@pytest.mark.parametrize("root", [b"", b"{}", PORTAL, b"\0" * 100], ids=["empty", "object", "page", "zeros"])
def test_a_root_that_is_none_is_said_to_be_none(root, repository, tmp_path):
    kiosk = Kiosk(tmp_path, repository)
    kiosk.close()
    kiosk._root = root
    kiosk.client = kiosk._opened()
    assert kiosk.refusal().code == UNTRUSTED
    assert kiosk.standing() == ({}, (), {}, {})
    kiosk.close()


def test_a_publisher_that_is_not_named_any_more_keeps_what_it_brought(kiosk, repository):
    before = kiosk.standing()
    del repository.roles["targets"].signed.delegations.roles[CITY]
    repository.update("targets")
    report = kiosk.sync()
    assert [outcome.publisher for outcome in report.outcomes] == [HEALTH]
    assert kiosk.standing() == before


def test_what_is_withdrawn_stays_so_although_the_list_was_shortened(kiosk, repository):
    repository.revoke("passport")
    assert [one.document for one in kiosk.sync().revoked] == ["passport"]
    repository.revocations.clear()
    repository.revoke("pension")
    report = kiosk.sync()
    assert [one.document for one in report.revoked] == ["pension"]
    assert [one.document for one in kiosk.client.state.withdrawn()] == ["passport", "pension"]
    kiosk.restart()
    assert [one.document for one in kiosk.client.state.withdrawn()] == ["passport", "pension"]


def test_a_pack_that_was_damaged_on_the_disk_is_not_built_upon(kiosk, repository):
    publish(repository)
    path = next((kiosk.home / "packs" / HEALTH).iterdir())
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    report = kiosk.update()
    pack = next((kiosk.home / "packs" / HEALTH).iterdir())
    assert report.of(HEALTH).progress is Progress.STAGED
    assert sha256(pack.read_bytes()).hexdigest() == kiosk.client.state.held()[HEALTH].sha256


def test_a_staged_pack_that_was_damaged_on_the_disk_is_fetched_again(kiosk, repository):
    publish(repository)
    staged = kiosk.sync().staged[0]
    staged.path.write_bytes(b"?" + staged.path.read_bytes()[1:])
    again = kiosk.sync().staged[0]
    assert sha256(again.path.read_bytes()).hexdigest() == again.release.pack.sha256


def test_an_older_release_is_never_activated_over_a_newer_one(kiosk, repository):
    publish(repository)
    older = kiosk.sync().staged[0]
    kiosk.client.activated(older)
    publish(repository, 3)
    newer = kiosk.sync().staged[0]
    kiosk.client.activated(newer)
    before = kiosk.standing()
    with pytest.raises(Exception, match="older than release 3"):
        kiosk.client.activated(older)
    assert kiosk.standing() == before


def test_a_second_process_is_kept_out(kiosk, repository, tmp_path):
    from sync.errors import LockedError
    from sync.lock import only_one

    publish(repository)
    before = kiosk.standing()
    with only_one(kiosk.home / "sync.lock"), pytest.raises(LockedError):
        kiosk.sync()
    assert kiosk.standing() == before
    assert kiosk.update().of(HEALTH).number == 2


@pytest.mark.parametrize("rubbish", [b"no database at all", b"SQLite format 3\0" + b"\xff" * 5000],
                         ids=["text", "torn"])
def test_a_damaged_state_is_said_to_be_damaged_and_not_replaced(rubbish, kiosk, repository):
    from sync.errors import StateError

    kiosk.close()
    for path in kiosk.home.glob("state.db*"):
        path.unlink()
    (kiosk.home / "state.db").write_bytes(rubbish)
    with pytest.raises(StateError):
        Client(kiosk.home, repository.trusted_root, kiosk.home, now=lambda: kiosk.now)
    assert (kiosk.home / "state.db").read_bytes() == rubbish
