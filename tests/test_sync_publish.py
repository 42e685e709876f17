"""From a prepared release to a published one: who has to sign, who comes too late, what a power cut leaves."""

from __future__ import annotations

import shutil
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from itertools import count as counted

import pytest
from tuf.api.metadata import Metadata, TargetFile

from sync.ceremony import add_publisher, rotate, rotate_stolen
from sync.delta import apply_delta
from sync.edition import (
    ReleaseDraft,
    ReleaseFiles,
    earlier_packs,
    prepare_release,
    prepare_rollout,
    release_files,
    revoke,
)
from sync.errors import (
    ConflictError,
    DamagedRepositoryError,
    PackError,
    ReleaseError,
    RepositoryError,
    SigningError,
    UntrustedRepositoryError,
)
from sync.pack import compressed, write_pack
from sync.prepared import Draft, Prepared, sign, signed_already, write_prepared
from sync.publish import next_role
from sync.release import PackTarget, ReleaseInfo
from sync.repository import Repository
from sync.revocations import Revocation, joined, read_revocations, write_revocations
from sync.rollout import Rollout, bucket
from sync.verify import verify
from tests.ministry import Ministry, PowerCut, contents, cut_after, drawn, packed, public
from tests.repository_simulator import NOW, RepositorySimulator, digest, signer

WITHDRAWN = Revocation("fees-2025", "Бо қарори нав иваз шуд", date(2026, 11, 25))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A ministry that has released once."""
    ministry = Ministry(tmp_path_factory.mktemp("ministry"))
    ministry.release(1)
    return ministry


@pytest.fixture
def ministry(published, tmp_path):
    return published.copied(tmp_path)


def unchanged(ministry):
    """Return what must not change."""
    return contents(ministry.repository.folder)


# --- a release ------------------------------------------------------------------------------------


def test_a_release_is_found_under_its_fixed_name_by_a_machine_that_knows_the_root(ministry):
    found = ministry.release(2, rollout=Rollout(10, 1, NOW + timedelta(days=1)), diff=b"{}").releases[0]
    pack = packed(b"min-health 2")
    assert (found.number, found.sequence, found.issued, found.kind) == (2, 2, NOW, "text")
    assert found.pack == PackTarget(digest(pack), len(pack), "min-health/2.pack.zst")
    assert found.deltas[0].target == f"min-health/2.from.{digest(b'older')[:8]}.delta.zst"
    assert found.rollout == Rollout(10, 1, NOW + timedelta(days=1))
    assert found.diff_sha256 == digest(b"{}")


def test_what_is_signed_beside_each_target_lets_a_machine_choose_before_it_fetches(ministry):
    ministry.release(2)
    targets = ministry.repository.state().targets("min-health").targets
    made = {"produces_sha256": digest(packed(b"min-health 2")), "produces_length": len(packed(b"min-health 2"))}
    common = {"seq": 2, "kind": "text"}
    assert {path.partition("/")[2]: target.custom for path, target in targets.items()} == {
        "release.json": common | {"rollout": {"percent": 100, "ring": 0}}, "2.pack.zst": common | made,
        f"2.from.{digest(b'older')[:8]}.delta.zst": common | made | {"base_sha256": digest(b"older")}}


def test_the_same_release_is_the_same_bytes_and_has_the_same_digest(ministry):
    one, other = ministry.prepare(2), ministry.prepare(2)
    assert one.digest == other.digest != ministry.prepare(3).digest
    assert contents(one.folder) == contents(other.folder)


def test_preparing_and_signing_leave_the_repository_alone(ministry):
    before = unchanged(ministry)
    prepared = ministry.prepare(2)
    digest_before = prepared.digest
    sign(prepared, signer("min-health-1"))
    assert Prepared.open(prepared.folder).digest == digest_before
    assert unchanged(ministry) == before


def test_a_machine_that_looks_in_every_day_takes_release_after_release(ministry):
    for number in range(2, 6):
        ministry.later(days=1)
        assert ministry.release(number).releases[0].sequence == number


def test_a_release_with_a_lower_or_the_same_number_is_not_prepared(ministry):
    ministry.release(5)
    before = contents(ministry.folder)
    for number in (0, 4, 5):
        with pytest.raises(ReleaseError, match="has release 5 already") as caught:
            ministry.prepare(number)
        assert "higher number" in caught.value.hint
    assert contents(ministry.folder) == before


def test_older_content_is_published_again_under_a_higher_number(ministry):
    ministry.release(2)
    found = ministry.release(3, content=b"min-health 1").releases[0]
    assert (found.number, found.sequence, found.pack.sha256) == (3, 3, digest(packed(b"min-health 1")))


def test_an_unknown_publisher_is_named_with_those_there_are(ministry):
    with pytest.raises(ReleaseError, match="there is no publisher min-helth") as caught:
        ministry.prepare(2, publisher="min-helth")
    assert "min-health, min-labour" in caught.value.message
    with pytest.raises(ReleaseError, match="cannot be the name"):
        ministry.prepare(2, publisher="root")


def test_a_folder_that_holds_something_is_not_prepared_into(ministry):
    prepared = ministry.prepare(2)
    before = contents(prepared.folder)
    ministry.places -= 1
    with pytest.raises(ReleaseError, match="not empty"):
        ministry.prepare(3)
    assert contents(prepared.folder) == before


# --- signatures -----------------------------------------------------------------------------------


def test_two_people_sign_the_same_folder_one_after_the_other(ministry):
    prepared = ministry.prepare(1, publisher="min-labour")
    first, = sign(prepared, signer("min-labour-2"))
    assert first.line() == "min-labour 2: signed by min-labour-2; 1 more wanted, of min-labour-1"
    carried = Prepared.open(shutil.copytree(prepared.folder, ministry.folder / "carried"))
    second, = sign(carried, signer("min-labour-1"))
    assert second.line() == "min-labour 2: signed by min-labour-1, min-labour-2"
    assert [release.id for release in ministry.publish(carried).releases] == ["min-health/1", "min-labour/1"]


def test_one_signature_of_two_changes_nothing_and_says_whose_is_wanted(ministry):
    before = unchanged(ministry)
    with pytest.raises(SigningError, match="signed by min-labour-1; 1 more wanted") as caught:
        ministry.publish(ministry.prepare(1, publisher="min-labour"), "min-labour-1")
    assert "min-labour-2" in caught.value.hint
    assert unchanged(ministry) == before


def test_a_key_has_signed_when_its_signatures_hold(ministry):
    prepared, key = ministry.prepare(1, publisher="min-labour"), signer("min-labour-1")
    assert not signed_already(prepared, key.public_key.keyid)
    sign(prepared, key)
    assert signed_already(prepared, key.public_key.keyid)
    assert not signed_already(prepared, signer("min-labour-2").public_key.keyid)
    assert not signed_already(prepared, signer("nobody").public_key.keyid)


def test_a_pack_that_was_altered_is_found_before_anybody_signs(ministry):
    prepared = ministry.prepare(2)
    path = next(prepared.folder.rglob("*.2.pack.zst"))
    whole = path.read_bytes()
    path.write_bytes(whole[::-1])
    with pytest.raises(ReleaseError, match=r"min-health/2\.pack\.zst differs from what is signed") as caught:
        Prepared.open(prepared.folder)
    assert "Do not sign it" in caught.value.hint
    path.write_bytes(whole)
    assert Prepared.open(prepared.folder).digest == prepared.digest


def test_one_person_signing_twice_is_one_signature(ministry):
    before = unchanged(ministry)
    with pytest.raises(SigningError, match="1 more wanted"):
        ministry.publish(ministry.prepare(1, publisher="min-labour"), "min-labour-1", "min-labour-1")
    assert unchanged(ministry) == before


@pytest.mark.parametrize("stranger", ["min-labour-1", "root-1", "targets-1", "timestamp-1", "nobody"])
def test_the_key_of_another_role_does_not_sign(ministry, stranger):
    prepared = ministry.prepare(2)
    before = contents(prepared.folder)
    with pytest.raises(SigningError, match="may not sign min-health") as caught:
        sign(prepared, signer(stranger))
    assert "min-health-1, min-health-2" in caught.value.hint
    assert contents(prepared.folder) == before


def test_a_signature_slipped_into_the_folder_by_a_stranger_does_not_count(ministry):
    prepared, before = ministry.prepare(2), unchanged(ministry)
    metadata = prepared.metadata("min-health")
    metadata.sign(signer("nobody"), append=True)
    (prepared.folder / "metadata" / "min-health.json").write_bytes(metadata.to_bytes())
    with pytest.raises(SigningError, match="not signed yet"):
        ministry.publish(prepared)
    assert unchanged(ministry) == before


def test_the_trust_that_travels_in_the_folder_is_not_what_decides(ministry, tmp_path):
    prepared, before = ministry.prepare(2), unchanged(ministry)
    targets = Metadata.from_file(str(prepared.folder / "trust" / "targets.json"))
    targets.signed.add_key(public("nobody").key, "min-health")
    targets.to_file(str(prepared.folder / "trust" / "targets.json"))
    sign(prepared, signer("nobody"))
    with pytest.raises(SigningError, match="not signed yet"):
        ministry.publish(prepared)
    assert unchanged(ministry) == before


def test_what_was_changed_after_signing_is_not_signed(ministry):
    prepared, before = ministry.prepare(2), unchanged(ministry)
    sign(prepared, signer("min-health-1"))
    path = prepared.folder / "metadata" / "min-health.json"
    assert b'"percent":100' in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(b'"percent":100', b'"percent":99'))
    with pytest.raises(SigningError, match="not signed yet"):
        ministry.publish(prepared)
    assert unchanged(ministry) == before


def test_without_the_online_keys_nothing_is_published(ministry):
    before = unchanged(ministry)
    for online in ([], ["snapshot-1"], ["timestamp-1"], ["root-1", "targets-1"]):
        ministry.online = online
        with pytest.raises(SigningError, match="wants 1 signature, 0 are there"):
            ministry.publish(ministry.prepare(2), "min-health-1")
    assert unchanged(ministry) == before


# --- two at once ----------------------------------------------------------------------------------


def test_of_two_who_release_at_once_the_second_is_told_and_the_first_stands(ministry):
    mine, theirs = ministry.prepare(2), ministry.prepare(2, content=b"theirs")
    ministry.publish(theirs, "min-health-2")
    before = unchanged(ministry)
    with pytest.raises(ConflictError, match="min-health 3 was published by somebody else") as caught:
        ministry.publish(mine, "min-health-1")
    assert "prepare again" in caught.value.hint
    assert unchanged(ministry) == before
    assert ministry.verified().releases[0].pack.sha256 == digest(packed(b"theirs"))


def test_two_publishers_do_not_stand_in_each_others_way(ministry):
    one, other = ministry.prepare(2), ministry.prepare(1, publisher="min-labour")
    ministry.publish(other, "min-labour-1", "min-labour-2")
    assert [release.id for release in ministry.publish(one, "min-health-1").releases] \
        == ["min-health/2", "min-labour/1"]


def test_a_key_taken_away_meanwhile_does_not_sign_any_more(ministry):
    prepared = ministry.prepare(1, publisher="min-labour")
    rotation = rotate(ministry.repository, "min-labour", "min-labour-1", public("min-labour-3"), ministry.place(), NOW)
    ministry.publish(rotation, "targets-1", "targets-2", "min-labour-2", "min-labour-3")
    before = unchanged(ministry)
    with pytest.raises((ConflictError, SigningError)):
        ministry.publish(prepared, "min-labour-1", "min-labour-2")
    assert unchanged(ministry) == before


def test_after_a_thief_published_the_releases_of_a_publisher_begin_anew_under_new_keys(ministry):
    """The thief went to the last number there is; what was withdrawn stays so, and what is prepared says all this."""
    ministry.publish(revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW, publisher="min-health"),
                     "min-health-1")
    ministry.release(2**53 - 2)
    before = unchanged(ministry)
    with pytest.raises(ReleaseError, match="is not higher"):
        ministry.prepare(2)
    with pytest.raises(ReleaseError, match="is no publisher"):
        rotate_stolen(ministry.repository, "targets", "targets-1", public("new-1"), ministry.place(), NOW)
    assert unchanged(ministry) == before
    prepared = rotate_stolen(ministry.repository, "min-health", "min-health-1", public("min-health-3"),
                             ministry.place(), NOW)
    assert "its releases begin anew" in prepared.summary
    assert ministry.publish(prepared, "targets-1", "targets-2", "min-health-3").releases == ()
    [release] = ministry.publish(ministry.prepare(2), "min-health-3").releases
    assert (release.number, release.sequence) == (2, 1)
    assert list(read_revocations(ministry.repository.read(
        ministry.repository.state().targets("min-health").targets["min-health/revocations.json"]))) == [WITHDRAWN]


# --- what may not be published --------------------------------------------------------------------


def bent(ministry, change, *, role="min-health"):
    """Return a release 2, signed by its publisher after it was bent."""
    state, prepared = ministry.repository.state(), ministry.prepare(2)
    metadata, extra = prepared.metadata(role), []
    change(metadata.signed, extra)
    for path in prepared.folder.rglob("min-health.json"):
        metadata.signatures.clear()
        path.write_bytes(metadata.to_bytes())
    for target, data in extra:
        Repository(prepared.folder).write_target(target, data)
    assert state.files
    return prepared


def with_target(path, data=b"data"):
    def change(signed, extra):
        signed.targets[path] = TargetFile.from_data(path, data, ["sha256"])
        extra.append((signed.targets[path], data))
    return change


@pytest.mark.parametrize("path", ["min-labour/9.pack.zst", "revocations.json", "min-health/sub/9.pack.zst",
                                  "min-health/..", "min-health/.hidden", "min-health/UP", "../min-health/9.pack"])
def test_a_publisher_names_no_file_but_its_own(ministry, path):
    before = unchanged(ministry)
    with pytest.raises(ReleaseError, match="may not name"):
        ministry.publish(bent(ministry, with_target(path)), "min-health-1")
    assert unchanged(ministry) == before


def with_release(**values):
    def change(signed, extra):
        info = ReleaseInfo("min-health", "health", 2, 2, NOW, replace(PACK, **values.pop("pack", {})))
        with_target("min-health/release.json", replace(info, **values).to_bytes())(signed, extra)
    return change


PACK = PackTarget(digest(packed(b"min-health 2")), len(packed(b"min-health 2")), "min-health/2.pack.zst")


@pytest.mark.parametrize(("change", "words"), [
    (with_release(sequence=1), "would go back behind"), (with_release(sequence=0), "would go back behind"),
    (with_release(number=1), "would go back behind"), (with_release(publisher="min-labour"), "another publisher"),
    (with_release(pack={"target": "min-health/9.pack.zst"}), "lacks min-health/9.pack.zst"),
    (with_release(pack={"target": "min-labour/2.pack.zst"}), "lacks a value"),
    (with_release(pack={"sha256": "x"}), "lacks a value"), (with_release(corpus="../x"), "cannot be the name"),
    (with_release(rollout=Rollout(101)), "percent"),
    (with_target("min-health/release.json", b"not JSON"), "is not JSON"),
    (with_target("min-health/release.json", b'{"format":"rohnamo-published-release","version":2}'), "of version 2"),
    (lambda signed, extra: signed.targets.pop("min-health/release.json"), "takes its release away")])
def test_a_release_that_breaks_a_rule_is_not_published_though_it_is_signed(ministry, change, words):
    before = unchanged(ministry)
    with pytest.raises(ReleaseError, match=words):
        ministry.publish(bent(ministry, change), "min-health-1")
    assert unchanged(ministry) == before


@pytest.mark.parametrize("content", [b"", b"not compressed", compressed(packed(b"another")), compressed(b"no pack")])
def test_a_pack_that_no_machine_could_open_is_not_published_though_it_is_signed(ministry, content):
    before = unchanged(ministry)
    with pytest.raises(PackError):
        ministry.publish(bent(ministry, with_target("min-health/2.pack.zst", content)), "min-health-1")
    nothing = b"no pack"
    change = with_release(pack={"sha256": digest(nothing), "length": len(nothing)})

    def both(signed, extra):
        change(signed, extra)
        with_target("min-health/2.pack.zst", compressed(nothing))(signed, extra)

    with pytest.raises(PackError):
        ministry.publish(bent(ministry, both), "min-health-1")
    assert unchanged(ministry) == before


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"other"), lambda path: path.unlink()])
def test_a_target_that_was_changed_or_lost_on_the_way_is_not_published(ministry, damage):
    prepared, before = ministry.prepare(2), unchanged(ministry)
    damage(next(prepared.folder.rglob("*.2.pack.zst")))
    with pytest.raises((ReleaseError, DamagedRepositoryError), match=r"2\.pack\.zst"):
        ministry.publish(prepared, "min-health-1")
    assert unchanged(ministry) == before


def test_a_repository_of_another_root_is_not_published_into(ministry):
    before, ministry.root = unchanged(ministry), RepositorySimulator().trusted_root
    with pytest.raises(UntrustedRepositoryError):
        ministry.publish(ministry.prepare(2), "min-health-1")
    assert unchanged(ministry) == before


@pytest.mark.parametrize("break_it", [
    lambda folder: (folder / "prepared.json").unlink(), lambda folder: (folder / "prepared.json").write_text("[]"),
    lambda folder: (folder / "metadata" / "min-health.json").unlink(),
    lambda folder: (folder / "metadata" / "min-health.json").write_text("<html>"),
    lambda folder: (folder / "prepared.json").write_text((folder / "prepared.json").read_text().replace(
        '"min-health"', '"../../min-health"'))])
def test_a_prepared_folder_that_is_not_whole_is_said_to_be_so(ministry, break_it):
    prepared = ministry.prepare(2)
    shutil.copy(prepared.folder / "metadata" / "min-health.json", ministry.folder)      # where `../..` would lead
    break_it(prepared.folder)
    with pytest.raises(ReleaseError):
        Prepared.open(prepared.folder)


@pytest.mark.parametrize("damage", [lambda data: data.replace(b'"sequence":1', b'"sequence":9'), lambda data: b""])
def test_a_release_changed_on_the_host_is_not_followed_on(ministry, damage):
    path = next(ministry.repository.folder.rglob("*.release.json"))
    path.write_bytes(damage(path.read_bytes()))
    before = contents(ministry.folder)
    with pytest.raises(DamagedRepositoryError, match=r"release\.json .* differs from what was signed"):
        ministry.prepare(2)
    assert contents(ministry.folder) == before


# --- power cuts -----------------------------------------------------------------------------------


def cuts(ministry, prepared, monkeypatch, tmp_path):
    """Yield the repository after a power cut before each write of publishing in turn."""
    for count in counted():
        copy = ministry.copied(tmp_path / f"cut-{count}")
        with monkeypatch.context() as patch:
            cut_after(patch, count, "sync.repository")
            with suppress(PowerCut):
                copy.publish(prepared)
                return
        yield copy


def test_a_power_cut_at_any_write_leaves_the_old_release_and_publishing_again_completes_the_new(
        ministry, monkeypatch, tmp_path):
    prepared, seen = ministry.prepare(2), 0
    sign(prepared, signer("min-health-1"))
    for copy in cuts(ministry, prepared, monkeypatch, tmp_path):
        assert [release.number for release in copy.verified().releases] == [1]
        assert [release.number for release in copy.publish(prepared).releases] == [2]
        assert len(copy.repository.roots()) == 1
        seen += 1
    assert seen == 6        # three new targets, the role, the snapshot role, the timestamp


@pytest.mark.parametrize(("role", "old", "signers", "online"), [
    ("targets", "targets-1", ["root-1", "root-2", "root-3", "targets-2", "new-1"], ["snapshot-1", "timestamp-1"]),
    ("timestamp", "timestamp-1", ["root-1", "root-2", "root-3"], ["snapshot-1", "new-1"]),
    ("snapshot", "snapshot-1", ["root-1", "root-2", "root-3"], ["new-1", "timestamp-1"]),
    ("root", "root-1", ["root-1", "root-2", "root-3", "new-1"], ["snapshot-1", "timestamp-1"])])
def test_a_power_cut_while_keys_change_is_mended_by_publishing_again(
        ministry, monkeypatch, tmp_path, role, old, signers, online):
    prepared = rotate(ministry.repository, role, old, public("new-1"), ministry.place(), NOW)
    for name in signers:
        sign(prepared, signer(name))
    ministry.online, seen = online, 0
    for copy in cuts(ministry, prepared, monkeypatch, tmp_path):
        with suppress(RepositoryError):     # between a new root and what its keys sign, machines wait
            assert [release.number for release in copy.verified().releases] == [1]
        assert [release.number for release in copy.publish(prepared).releases] == [1]
        assert copy.repository.state().version("root") == 2
        seen += 1
    assert seen >= 2


# --- keys that change -----------------------------------------------------------------------------


def test_a_new_root_wants_the_old_threshold_and_the_new_one(ministry):
    prepared = rotate(ministry.repository, "root", "root-1", public("root-6"), ministry.place(), NOW)
    before = unchanged(ministry)
    for name in ("root-1", "root-2"):
        sign(prepared, signer(name))
    with pytest.raises(SigningError, match="1 more wanted"):
        ministry.publish(prepared, "root-6")
    assert unchanged(ministry) == before
    assert ministry.publish(prepared, "root-3").roles[0].version == 2


def test_a_root_signed_by_the_new_keys_alone_is_refused(ministry):
    metadata = next_role(ministry.repository.state(), "root", NOW)
    for number in range(1, 6):
        metadata.signed.revoke_key(signer(f"root-{number}").public_key.keyid, "root")
        metadata.signed.add_key(public(f"thief-{number}").key, "root")
    state, before = ministry.repository.state(), unchanged(ministry)
    prepared = write_prepared(state, Draft("a coup", {"root": metadata}), ministry.place())
    with pytest.raises(SigningError, match="3 more wanted"):
        ministry.publish(prepared, "thief-1", "thief-2", "thief-3")
    assert unchanged(ministry) == before


def test_a_key_of_targets_is_not_taken_away_without_signing_again_what_it_had_signed(ministry):
    state, before = ministry.repository.state(), unchanged(ministry)
    metadata = next_role(state, "root", NOW)
    metadata.signed.revoke_key(signer("targets-1").public_key.keyid, "targets")
    metadata.signed.add_key(public("targets-4").key, "targets")
    prepared = write_prepared(state, Draft("half a rotation", {"root": metadata}), ministry.place())
    with pytest.raises(UntrustedRepositoryError, match="targets"):
        ministry.publish(prepared, "root-1", "root-2", "root-3")
    assert unchanged(ministry) == before


def test_a_publisher_has_to_show_that_it_holds_its_key(ministry):
    before = unchanged(ministry)
    prepared = add_publisher(ministry.repository, "min-new", [public("min-new-1")], ministry.place(), NOW)
    with pytest.raises(SigningError, match="min-new 1: not signed yet"):
        ministry.publish(prepared, "targets-1", "targets-2")
    assert unchanged(ministry) == before


# --- rollout and revocation -----------------------------------------------------------------------


def test_a_release_goes_to_more_machines_without_becoming_another(ministry):
    ministry.release(2, rollout=Rollout(10))
    before, old = unchanged(ministry), ministry.verified().releases[0]
    prepared = prepare_rollout(ministry.repository, "min-health", Rollout(100), ministry.place(), NOW)
    new = ministry.publish(prepared, "min-health-1").releases[0]
    assert new == replace(old, rollout=Rollout(100))
    added = [path for path in unchanged(ministry) if path not in before]
    assert sorted(path.split("/")[0] for path in added) == ["metadata", "metadata", "targets"]
    assert sum(len(unchanged(ministry)[path]) for path in added) < 6_000


def test_a_rollout_of_nothing_is_refused(ministry):
    with pytest.raises(ReleaseError, match="released nothing"):
        prepare_rollout(ministry.repository, "min-labour", Rollout(100), ministry.place(), NOW)


def test_one_machine_in_ten_takes_a_release_that_goes_to_ten_percent():
    machines = [f"kiosk-{number}" for number in range(2_000)]
    taken = [name for name in machines if Rollout(10).includes(name, "min-health/2", NOW)]
    assert 150 < len(taken) < 250
    assert all(Rollout(50).includes(name, "min-health/2", NOW) for name in taken)
    assert taken != [name for name in machines if Rollout(10).includes(name, "min-health/3", NOW)]
    assert bucket("kiosk-1", "min-health/2") == 42      # printf kiosk-1min-health/2 | sha256sum


def test_the_office_takes_a_release_first_and_nobody_before_its_time():
    early = Rollout(0, 0)
    assert early.includes("office-1", "min-health/2", NOW, ring=0)
    assert not early.includes("kiosk-1", "min-health/2", NOW, ring=1)
    later = Rollout(100, 9, NOW + timedelta(seconds=1))
    assert not later.includes("office-1", "min-health/2", NOW, ring=0)
    assert later.includes("office-1", "min-health/2", NOW + timedelta(seconds=1), ring=0)


@pytest.mark.parametrize("plain", [{}, {"percent": 101}, {"percent": -1}, {"percent": "10"}, {"percent": True},
                                   {"percent": 10, "ring": 10}, {"percent": 10, "not_before": "soon"},
                                   {"percent": 10, "other": 1}])
def test_a_rollout_that_is_none_is_refused(plain):
    with pytest.raises(ReleaseError):
        Rollout.from_json(plain)


@pytest.mark.parametrize(("publisher", "names"), [("", ["targets-1", "targets-3"]), ("min-health", ["min-health-2"])])
def test_a_document_is_withdrawn_by_the_ministry_or_by_its_publisher(ministry, publisher, names):
    prepared = revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW, publisher=publisher)
    assert "fees-2025" in prepared.summary
    assert ministry.publish(prepared, *names).releases[0].number == 1
    path = f"{publisher}/revocations.json" if publisher else "revocations.json"
    signed = ministry.repository.state().targets(publisher or "targets").targets[path]
    assert read_revocations(ministry.repository.read(signed)) == (WITHDRAWN,)


def test_a_withdrawal_stays_when_the_next_release_comes(ministry):
    prepared = revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW, publisher="min-health")
    ministry.publish(prepared, "min-health-1")
    ministry.release(2)
    assert "min-health/revocations.json" in ministry.repository.state().targets("min-health").targets


def test_a_list_that_forgets_a_withdrawal_is_not_published(ministry):
    ministry.publish(revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW, publisher="min-health"),
                     "min-health-1")
    before = unchanged(ministry)
    for change in (with_target("min-health/revocations.json", write_revocations([])),
                   lambda signed, extra: signed.targets.pop("min-health/revocations.json")):
        with pytest.raises(ReleaseError, match="forgets a revocation"):
            ministry.publish(bent(ministry, change), "min-health-1")
    assert unchanged(ministry) == before


def test_withdrawing_again_or_without_a_reason_is_refused(ministry):
    ministry.publish(revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW), "targets-1", "targets-2")
    before = contents(ministry.folder)
    with pytest.raises(ReleaseError, match="withdrawn already"):
        revoke(ministry.repository, WITHDRAWN, ministry.place(), NOW)
    for bad in (replace(WITHDRAWN, document="other", reason=" "), replace(WITHDRAWN, document="../x"),
                replace(WITHDRAWN, document="other", reason="x" * 501)):
        with pytest.raises(ReleaseError):
            revoke(ministry.repository, bad, ministry.place(), NOW)
    assert contents(ministry.folder) == before


def test_lists_of_withdrawals_only_grow():
    later = replace(WITHDRAWN, reason="another reason")
    other = Revocation("other", "old", date(2026, 11, 26))
    assert joined([WITHDRAWN], [later, other]) == (WITHDRAWN, other)
    assert joined([WITHDRAWN], []) == (WITHDRAWN,)
    assert read_revocations(write_revocations([WITHDRAWN, other])) == (WITHDRAWN, other)


@pytest.mark.parametrize("data", [b"", b"[]", b"{}", b'{"format":"rohnamo-revocations","version":2}',
                                  b'{"format":"rohnamo-revocations","version":1}', b"[" * 100_000,
                                  b'{"format":"rohnamo-revocations","version":1,"revocations":[{"document":1}]}'])
def test_a_list_of_withdrawals_that_is_none_is_refused(data):
    with pytest.raises(ReleaseError):
        read_revocations(data)


# --- packs and deltas -----------------------------------------------------------------------------


def test_a_delta_that_is_no_shorter_than_the_whole_pack_is_left_out():
    new, far = (write_pack({"documents.jsonl": drawn(seed)(20_000)}) for seed in (1, 2))
    near = new[:-1] + b"y"
    files = release_files(new, (far, near))
    assert list(files.deltas) == [digest(near)]
    assert len(files.deltas[digest(near)]) < len(files.compressed) == len(compressed(new))


def test_a_release_brings_deltas_from_the_eight_before_it(ministry):
    packs = [write_pack({"documents.jsonl": f"edition {number} ".encode() * 200}) for number in range(2, 13)]
    for number, pack in enumerate(packs[:-1], start=2):
        draft = ReleaseDraft("min-health", "health", number, ReleaseFiles(pack, compressed(pack)))
        ministry.publish(prepare_release(ministry.repository, draft, ministry.place(), NOW), "min-health-1")
    earlier = earlier_packs(ministry.repository, "min-health")
    assert earlier == tuple(reversed(packs[2:-1]))
    files = release_files(packs[-1], earlier)
    assert set(files.deltas) == {digest(pack) for pack in earlier}
    for old in earlier:
        assert apply_delta(old, files.deltas[digest(old)], produces_length=len(packs[-1]),
                           produces_sha256=digest(packs[-1])) == packs[-1]


def test_what_the_simulator_publishes_is_what_a_repository_is(tmp_path):
    simulator = RepositorySimulator()
    simulator.publish("min-health", {"documents.jsonl": b"{}"}, 1)
    found = verify(simulator.write_to(tmp_path / "simulated"), NOW, root=simulator.trusted_root)
    assert [release.id for release in found.releases] == ["min-health/1"]
