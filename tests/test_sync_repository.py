"""Repositories on disk: how one begins, what is refused as one, how one is carried."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from contextlib import suppress
from datetime import timedelta

import pytest
from tuf.api.metadata import Metadata

from sync import durable
from sync.ceremony import Ceremony, add_publisher, create, holders, renew, rotate
from sync.errors import (
    ConflictError,
    DamagedRepositoryError,
    ExistingRepositoryError,
    ExpiredRepositoryError,
    ForeignDirectoryError,
    FutureRepositoryError,
    LockedError,
    NoRepositoryError,
    NoSpaceError,
    ReleaseError,
    SigningError,
    UntrustedRepositoryError,
)
from sync.export import export
from sync.publish import refresh
from sync.repository import Repository
from sync.verify import verify
from tests.ministry import TABLE, Ministry, PowerCut, contents, cut_after, keys, public
from tests.repository_simulator import NOW, signer


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A ministry that has released twice."""
    ministry = Ministry(tmp_path_factory.mktemp("ministry"))
    ministry.release(1)
    ministry.release(2)
    return ministry


@pytest.fixture
def ministry(published, tmp_path):
    """The same, copied, to be changed."""
    return published.copied(tmp_path)


def table(*left_out):
    return [signer(name) for name in TABLE if name not in left_out]


# --- how one begins -------------------------------------------------------------------------------


def test_a_new_repository_has_the_thresholds_of_the_policy(tmp_path):
    root = create(tmp_path / "new", Ceremony(keys(), table()), NOW)
    signed = Metadata.from_bytes(root).signed
    assert {role: (one.threshold, len(one.keyids)) for role, one in signed.roles.items()} \
        == {"root": (3, 5), "targets": (2, 3), "snapshot": (1, 1), "timestamp": (1, 1)}
    assert [(role.name, role.version, (role.expires - NOW).days)
            for role in verify(tmp_path / "new", NOW, root=root).roles] \
        == [("root", 1, 1095), ("targets", 1, 365), ("snapshot", 1, 60), ("timestamp", 1, 30)]


def test_a_repository_begins_in_the_same_bytes_each_time(tmp_path):
    for name in ("one", "other"):
        create(tmp_path / name, Ceremony(keys(), table()), NOW)
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


@pytest.mark.parametrize(("missing", "role"), [("root-3", "root"), ("targets-2", "targets"),
                                               ("snapshot-1", "snapshot"), ("timestamp-1", "timestamp")])
def test_a_ceremony_with_too_few_signers_makes_nothing(tmp_path, missing, role):
    with pytest.raises(SigningError, match=f"{role} wants") as caught:
        create(tmp_path / "new", Ceremony(keys(), table(missing)), NOW)
    assert missing in caught.value.hint
    assert not [name for name in TABLE if name != missing and name in caught.value.hint]
    assert contents(tmp_path) == {}


def test_a_ceremony_with_four_root_keys_makes_nothing(tmp_path):
    four = {**keys(), "root": keys()["root"][:4]}
    with pytest.raises(SigningError, match="root wants 5 keys, 4 are given"):
        create(tmp_path / "new", Ceremony(four, table()), NOW)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("given", [{"timestamp": [public("snapshot-1")]},
                                   {"targets": [public("targets-1")] * 2 + [public("targets-2")]}])
def test_one_key_in_two_places_makes_nothing(tmp_path, given):
    with pytest.raises(SigningError, match="given twice"):
        create(tmp_path / "new", Ceremony({**keys(), **given}, table()), NOW)
    assert contents(tmp_path) == {}


def test_a_repository_is_never_made_over_another_or_over_foreign_files(ministry, tmp_path):
    before = contents(ministry.folder)
    with pytest.raises(ExistingRepositoryError, match="there is a repository"):
        create(ministry.repository.folder, Ceremony(keys(), table()), NOW)
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "photo.jpg").write_bytes(b"a photo")
    with pytest.raises(ForeignDirectoryError, match="not empty"):
        create(foreign, Ceremony(keys(), table()), NOW)
    assert contents(foreign) == {"photo.jpg": b"a photo"}
    assert contents(ministry.repository.folder) == {path.removeprefix("repository/"): data
                                                    for path, data in before.items()}


# --- what is refused as one -----------------------------------------------------------------------


def operations(ministry, folder):
    repository = Repository(folder)
    online = table()
    return [lambda: verify(folder, NOW), lambda: refresh(repository, online, NOW),
            lambda: export(repository, ministry.folder / "stick", NOW),
            lambda: add_publisher(repository, "new", [public("new-1")], ministry.place(), NOW),
            lambda: rotate(repository, "root", "root-1", public("root-6"), ministry.place(), NOW)]


@pytest.mark.parametrize("operation", range(5))
@pytest.mark.parametrize(("make", "error"), [
    (lambda folder: None, NoRepositoryError),
    (lambda folder: folder.mkdir(), NoRepositoryError),
    (lambda folder: (folder.mkdir(), (folder / "photo.jpg").write_bytes(b"a photo")), ForeignDirectoryError)])
def test_an_empty_or_foreign_directory_is_said_to_be_no_repository(ministry, tmp_path, make, error, operation):
    folder = tmp_path / "elsewhere"
    make(folder)
    before = contents(tmp_path)
    with pytest.raises(error, match="elsewhere") as caught:
        operations(ministry, folder)[operation]()
    assert caught.value.hint
    assert contents(tmp_path) == before


def test_a_repository_of_another_root_is_not_trusted(ministry, tmp_path):
    others = {role: [public(f"other-{one.name}") for one in group] for role, group in keys().items()}
    root = create(tmp_path / "other", Ceremony(others, [signer(f"other-{name}") for name in TABLE]), NOW)
    before = contents(tmp_path)
    with pytest.raises(UntrustedRepositoryError, match="was not signed by those who are trusted"):
        verify(ministry.repository.folder, NOW, root=root)
    assert contents(tmp_path) == before


def test_an_expired_repository_is_refused_until_it_is_refreshed(ministry):
    late = NOW + timedelta(days=31)
    with pytest.raises(ExpiredRepositoryError, match="too old") as caught:
        verify(ministry.repository.folder, late)
    assert "rohnamo release refresh" in caught.value.hint
    refresh(ministry.repository, table(), late)
    assert verify(ministry.repository.folder, late).releases[0].number == 2


def test_refreshing_where_the_ministry_should_have_signed_changes_nothing(ministry):
    before = contents(ministry.folder)
    with pytest.raises(ExpiredRepositoryError, match="targets"):
        refresh(ministry.repository, table(), NOW + timedelta(days=366))
    assert contents(ministry.folder) == before


def test_a_publisher_who_was_silent_for_too_long_does_not_stand_in_the_way_of_the_others(ministry):
    ministry.later(days=100)
    ministry.publish(ministry.prepare(1, publisher="min-labour"), "min-labour-1", "min-labour-2")
    ministry.later(days=81)
    found = refresh(ministry.repository, table(), ministry.now)
    assert [release.id for release in found.releases] == ["min-labour/1"]
    assert found.alarms() == ("min-health 3 was over on 2027-05-24, machines take nothing new from it: gather its "
                              "signers",)
    renewed = renew(ministry.repository, "min-health", ministry.place(), ministry.now)
    assert [release.id for release in ministry.publish(renewed, "min-health-1").releases] \
        == ["min-health/2", "min-labour/1"]


@pytest.mark.parametrize(("role", "names"), [("root", ["root-1", "root-2", "root-4"]),
                                             ("targets", ["targets-2", "targets-3"]), ("min-health", ["min-health-2"])])
def test_a_role_is_signed_again_as_it_is(ministry, role, names):
    before = ministry.verified()
    ministry.later(days=20)
    after = ministry.publish(renew(ministry.repository, role, ministry.place(), ministry.now), *names)
    assert after.releases == before.releases
    assert {state.name: state.expires - old.expires for state, old in zip(after.roles, before.roles, strict=True)
            if state.name in (role, "timestamp")} == {role: timedelta(days=20), "timestamp": timedelta(days=20)}


def test_what_the_host_signs_by_itself_is_not_prepared_for_people(ministry):
    before = contents(ministry.folder)
    with pytest.raises(ReleaseError, match="signed by the host"):
        renew(ministry.repository, "timestamp", ministry.place(), NOW)
    with pytest.raises(ReleaseError, match="no publisher nobody"):
        renew(ministry.repository, "nobody", ministry.place(), NOW)
    assert contents(ministry.folder) == before


def test_a_repository_from_the_future_says_that_a_clock_is_wrong(ministry):
    before = contents(ministry.folder)
    with pytest.raises(FutureRepositoryError, match=r"2026-11-20") as caught:
        verify(ministry.repository.folder, NOW - timedelta(days=5))
    assert "clock" in caught.value.hint
    assert verify(ministry.repository.folder, NOW - timedelta(hours=23)).releases
    assert contents(ministry.folder) == before


@pytest.mark.parametrize("path", ["metadata/timestamp.json", "metadata/5.snapshot.json", "metadata/3.targets.json",
                                  "metadata/3.min-health.json"])
@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:-40], lambda data: b"<html>portal</html>",
                                    lambda data: data.replace(b"2026", b"2027")])
def test_damaged_metadata_is_refused(ministry, path, damage):
    place = ministry.repository.folder / path
    place.write_bytes(damage(place.read_bytes()))
    before = contents(ministry.folder)
    with pytest.raises((DamagedRepositoryError, UntrustedRepositoryError)):
        ministry.verified()
    with pytest.raises((DamagedRepositoryError, UntrustedRepositoryError)):
        export(ministry.repository, ministry.folder / "stick", NOW)
    assert contents(ministry.folder) == before


@pytest.mark.parametrize("damage", [b"", b"<html>portal</html>", None])
def test_a_damaged_first_root_is_refused_by_whoever_has_no_other(ministry, damage):
    place = ministry.repository.folder / "metadata" / "1.root.json"
    place.write_bytes(place.read_bytes().replace(b"2029", b"2030") if damage is None else damage)
    before = contents(ministry.folder)
    with pytest.raises((DamagedRepositoryError, UntrustedRepositoryError)):
        verify(ministry.repository.folder, NOW)
    with pytest.raises((DamagedRepositoryError, UntrustedRepositoryError)):
        export(ministry.repository, ministry.folder / "stick", NOW)
    assert contents(ministry.folder) == before
    assert ministry.verified().releases


@pytest.mark.parametrize("path", ["metadata/5.snapshot.json", "metadata/3.targets.json", "metadata/3.min-health.json"])
def test_missing_metadata_is_named(ministry, path):
    (ministry.repository.folder / path).unlink()
    with pytest.raises(DamagedRepositoryError, match=path.rpartition("/")[2]):
        ministry.verified()
    with pytest.raises(DamagedRepositoryError, match=path.rpartition("/")[2]):
        ministry.repository.state()


@pytest.mark.parametrize("name", ["release.json", "2.pack.zst"])
@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(path.read_bytes()[:-1]), lambda path: path.unlink(),
                                    lambda path: path.write_bytes(bytes([path.read_bytes()[0] ^ 1])
                                                                  + path.read_bytes()[1:])])
def test_damaged_targets_are_refused(ministry, name, damage):
    signed = ministry.repository.state().targets("min-health").targets[f"min-health/{name}"]
    damage(ministry.repository.target_path(signed))
    before = contents(ministry.folder)
    with pytest.raises(DamagedRepositoryError):
        ministry.verified()
    with pytest.raises(DamagedRepositoryError):
        export(ministry.repository, ministry.folder / "stick", NOW)
    assert contents(ministry.folder) == before


# --- refreshing and alarms ------------------------------------------------------------------------


def test_refreshing_changes_the_timestamp_alone(ministry):
    before = contents(ministry.repository.folder)
    refresh(ministry.repository, table(), NOW + timedelta(days=1))
    after = contents(ministry.repository.folder)
    assert {path for path in after if after[path] != before.get(path)} == {"metadata/timestamp.json"}
    assert set(after) == set(before)


def test_a_snapshot_role_near_its_end_is_signed_anew(ministry):
    refresh(ministry.repository, table(), NOW + timedelta(days=29))
    assert ministry.repository.state().version("snapshot") == 5
    refresh(ministry.repository, table(), NOW + timedelta(days=31))
    assert ministry.repository.state().version("snapshot") == 6


def test_a_role_that_people_sign_gives_an_alarm_thirty_days_before_its_end(ministry):
    refresh(ministry.repository, table(), NOW + timedelta(days=150))
    assert refresh(ministry.repository, table(), NOW + timedelta(days=150)).alarms() == ()
    alarms = refresh(ministry.repository, table(), NOW + timedelta(days=151)).alarms()
    assert len(alarms) == 2
    assert alarms[0].startswith("min-health 3 is over on 2027-05-24")


def test_refreshing_with_the_wrong_keys_names_the_right_ones(ministry):
    before = contents(ministry.folder)
    with pytest.raises(SigningError, match="timestamp wants 1 signature, 0 are there") as caught:
        refresh(ministry.repository, [signer("snapshot-1")], NOW)
    assert "timestamp-1" in caught.value.hint
    assert contents(ministry.folder) == before


def test_two_who_write_at_once_do_not_meet(ministry):
    with ministry.repository.lock():
        before = contents(ministry.folder)
        with pytest.raises(LockedError, match="somebody is publishing"):
            refresh(ministry.repository, table(), NOW)
        assert contents(ministry.folder) == before
    refresh(ministry.repository, table(), NOW)


def test_a_lock_ends_with_its_process(ministry):
    code = ("import os, sys; from pathlib import Path; from sync.repository import Repository; "
            "held = Repository(Path(sys.argv[1])).lock(); held.__enter__(); os._exit(7)")
    ended = subprocess.run([sys.executable, "-c", code, str(ministry.repository.folder)], check=False)
    assert ended.returncode == 7
    assert refresh(ministry.repository, table(), NOW).roles


# --- who may sign ---------------------------------------------------------------------------------


def test_holders_are_named(ministry):
    state = ministry.repository.state()
    assert holders(state, "targets") == ("targets-1", "targets-2", "targets-3")
    assert holders(state, "min-labour") == ("min-labour-1", "min-labour-2")


@pytest.mark.parametrize("name", ["", "Min-Health", "root", "timestamp", "../x", "a/b", "мин", ".hidden", "a" * 101])
def test_a_publisher_whose_name_could_lead_elsewhere_is_refused(ministry, name):
    before = contents(ministry.folder)
    with pytest.raises(ReleaseError, match="cannot be the name"):
        add_publisher(ministry.repository, name, [public("new-1")], ministry.place(), NOW)
    assert contents(ministry.folder) == before


def test_a_publisher_is_not_added_twice_nor_with_fewer_keys_than_signatures(ministry):
    before = contents(ministry.folder)
    with pytest.raises(ReleaseError, match="already"):
        add_publisher(ministry.repository, "min-health", [public("new-1")], ministry.place(), NOW)
    with pytest.raises(SigningError, match=r"wants 2 signatures and has 1 key$"):
        add_publisher(ministry.repository, "new", [public("new-1")], ministry.place(), NOW, threshold=2)
    with pytest.raises(SigningError, match="wants 2 signatures and has 2 keys"):
        add_publisher(ministry.repository, "new", [public("new-1")] * 2, ministry.place(), NOW, threshold=2)
    assert contents(ministry.folder) == before


def test_a_rotation_names_the_keys_there_are_where_the_old_one_is_not_among_them(ministry):
    before = contents(ministry.folder)
    with pytest.raises(SigningError, match="no one key nobody") as caught:
        rotate(ministry.repository, "root", "nobody", public("root-6"), ministry.place(), NOW)
    assert "root-5" in caught.value.hint
    with pytest.raises(SigningError, match="already"):
        rotate(ministry.repository, "root", "root-1", public("root-2"), ministry.place(), NOW)
    with pytest.raises(ReleaseError, match="no publisher min-finance"):
        rotate(ministry.repository, "min-finance", "a", public("b"), ministry.place(), NOW)
    assert contents(ministry.folder) == before


# --- carrying it ----------------------------------------------------------------------------------


def test_a_stick_holds_what_a_machine_needs_and_nothing_older(ministry, tmp_path):
    done = export(ministry.repository, tmp_path / "stick", NOW)
    assert done.verified.releases[0].number == 2
    names = set(contents(tmp_path / "stick"))
    assert len(names) == done.files
    assert names < set(contents(ministry.repository.folder))
    assert not [name for name in names if "1.pack.zst" in name or name == "metadata/2.targets.json"]


def test_exporting_again_brings_a_stick_up_to_date_and_removes_what_is_old(ministry, tmp_path):
    export(ministry.repository, tmp_path / "stick", NOW)
    ministry.release(3)
    export(ministry.repository, tmp_path / "stick", NOW)
    names = contents(tmp_path / "stick")
    assert next(name for name in names if name.endswith("pack.zst")).endswith(".3.pack.zst")
    export(ministry.repository, tmp_path / "fresh", NOW)
    assert contents(tmp_path / "fresh") == names


def test_a_stick_that_is_newer_is_left_alone(ministry, tmp_path):
    export(ministry.repository, tmp_path / "stick", NOW)
    newer = Repository(tmp_path / "stick")
    refresh(newer, table(), NOW)
    before = contents(tmp_path / "stick")
    with pytest.raises(ConflictError, match="newer"):
        export(ministry.repository, tmp_path / "stick", NOW)
    assert contents(tmp_path / "stick") == before


def test_a_foreign_stick_and_one_of_another_repository_are_left_alone(ministry, tmp_path):
    (tmp_path / "stick").mkdir()
    (tmp_path / "stick" / "photo.jpg").write_bytes(b"a photo")
    with pytest.raises(ForeignDirectoryError):
        export(ministry.repository, tmp_path / "stick", NOW)
    others = {role: [public(f"other-{one.name}") for one in group] for role, group in keys().items()}
    create(tmp_path / "other", Ceremony(others, [signer(f"other-{name}") for name in TABLE]), NOW)
    before = contents(tmp_path / "other")
    with pytest.raises(ForeignDirectoryError, match="another repository"):
        export(ministry.repository, tmp_path / "other", NOW)
    assert contents(tmp_path / "other") == before
    assert contents(tmp_path / "stick") == {"photo.jpg": b"a photo"}


def test_a_stick_without_space_is_refused_before_anything_is_written(ministry, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr("sync.export.shutil.disk_usage", lambda _: usage(10_000, 9_000, 1_000))
    with pytest.raises(NoSpaceError, match="1,000 bytes free") as caught:
        export(ministry.repository, tmp_path / "stick", NOW)
    assert "larger stick" in caught.value.hint
    assert not (tmp_path / "stick").exists()


@pytest.mark.parametrize("there", [[], [2]])
def test_a_stick_pulled_out_at_any_moment_holds_the_old_state_or_none_and_is_completed_later(
        ministry, tmp_path, monkeypatch, there):
    export(ministry.repository, tmp_path / "old", NOW)
    ministry.release(3)
    export(ministry.repository, tmp_path / "whole", NOW)
    for count in range(100):
        stick = tmp_path / f"stick-{count}"
        if there:
            shutil.copytree(tmp_path / "old", stick)
        with monkeypatch.context() as patch:
            cut_after(patch, count, "sync.export")
            with suppress(PowerCut):
                export(ministry.repository, stick, NOW)
                break
        assert numbers(stick) == there
        export(ministry.repository, stick, NOW)
        assert contents(stick) == contents(tmp_path / "whole")
    assert count > 5


def numbers(folder):
    try:
        return [release.number for release in verify(folder, NOW).releases]
    except (ForeignDirectoryError, NoRepositoryError):
        return []


def test_full_disk_leaves_the_old_file_whole(tmp_path, monkeypatch):
    durable.write_whole(tmp_path / "file", b"old")

    def full(_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("sync.durable.os.fsync", full)
    with pytest.raises(NoSpaceError, match="no space left"):
        durable.write_whole(tmp_path / "file", b"new")
    assert contents(tmp_path) == {"file": b"old"}
