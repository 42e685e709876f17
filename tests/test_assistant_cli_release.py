"""The verb `release` from a prepared folder to a stick: what people see, and what stays when something is wrong."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from types import SimpleNamespace

import pytest

from assistant import signing
from corpora.release import packed_text
from sync.durable import write_whole
from sync.edition import ReleaseDraft, ReleaseFiles, prepare_release
from sync.errors import NoSpaceError
from sync.export import export
from sync.pack import compressed, write_pack
from sync.prepared import Prepared, sign
from sync.repository import Repository
from sync.rollout import Rollout
from sync.verify import verify
from tests.disk import everything
from tests.entries import entry
from tests.keyring import PASSWORD, done, refused, run, write_keyring
from tests.ministry import Ministry
from tests.repository_simulator import NOW, RepositorySimulator, digest, signer

ONLINE = ["snapshot-1", "timestamp-1"]
FEES = "fees-2025"


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    return write_keyring(tmp_path_factory.mktemp("keyring"))


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A ministry whose first release went to a tenth of the machines and to the rings up to 2."""
    ministry = Ministry(tmp_path_factory.mktemp("ministry"))
    ministry.release(1, rollout=Rollout(10, 2), diff=b'{"changed":[]}')
    (ministry.folder / "root.json").write_bytes(ministry.root)
    return ministry


@pytest.fixture
def ministry(published, tmp_path, monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW)
    return published.copied(tmp_path)


@pytest.fixture
def office(ministry, keyring):
    return Office(ministry, keyring)


class Office:
    """A ministry's people at the command line; each verb is words, with a password for each of `--key`."""

    def __init__(self, ministry, keyring):
        self.ministry, self.keyring = ministry, keyring
        self.repository = ministry.repository.folder

    def keys(self, *names):
        """Return the options that name these keys."""
        return [word for name in names for word in ("--key", self.keyring / f"{name}.key")]

    def sign(self, prepared, name):
        """Sign as somebody would, and return what is printed."""
        return done("release", "sign", prepared.folder, *self.keys(name), passwords=[PASSWORD])

    def publish(self, prepared, *options):
        """Return the words that publish."""
        return "release", "publish", prepared.folder, self.repository, *self.keys(*ONLINE), *options

    def unchanged(self):
        """Return what must not change: repository, prepared folders and keys."""
        return everything(self.ministry.folder) | everything(self.keyring)


PASSWORDS = [PASSWORD, PASSWORD]


# --- sign -----------------------------------------------------------------------------------------


def test_two_people_see_the_same_hash_and_are_told_whose_signature_is_wanted(office):
    prepared = office.ministry.prepare(1, publisher="min-labour", diff=b"{}")
    first, second = office.sign(prepared, "min-labour-1"), office.sign(prepared, "min-labour-2")
    for printed in (first, second):
        assert f"hash of all that is signed: {prepared.digest}\n" in printed
        assert f"hash of the comparison: {digest(b'{}')}\n" in printed
        assert "release min-labour/1, sequence 1, to rings up to 0 and 100 % of the other machines" in printed
        assert PASSWORD not in printed
    assert "signed by min-labour-1; 1 more wanted, of min-labour-2" in first
    assert "rohnamo release sign" in first
    assert "signed by min-labour-1, min-labour-2\nAll signatures are there." in second
    assert "rohnamo release publish" in second


def test_signing_adds_a_signature_and_nothing_else(office):
    prepared = office.ministry.prepare(2)
    before, repository = everything(prepared.folder), everything(office.repository)
    office.sign(prepared, "min-health-1")
    after = everything(prepared.folder)
    assert {name for name in after if after[name] != before.get(name)} == {"metadata/min-health.json"}
    assert Prepared.open(prepared.folder).digest == prepared.digest
    assert everything(office.repository) == repository


def test_signing_is_one_object_on_stdout_and_what_is_signed_is_shown_beside_it(office):
    prepared = office.ministry.prepare(2)
    outcome = run("release", "sign", prepared.folder, *office.keys("min-health-1"), "--json", passwords=[PASSWORD])
    assert json.loads(outcome.stdout) == {
        "folder": str(prepared.folder), "digest": prepared.digest,
        "wanted": [{"role": "min-health", "version": 3, "signed_by": ["min-health-1"], "missing": 0,
                    "may_sign": ["min-health-2"]}]}
    assert prepared.digest in outcome.stderr


def test_a_key_that_signed_already_is_told_and_adds_nothing(office):
    prepared = office.ministry.prepare(1, publisher="min-labour")
    assert "\nSigned.\n" in office.sign(prepared, "min-labour-1")
    before = office.unchanged()
    printed = office.sign(prepared, "min-labour-1")
    assert "Signed already by this key; nothing was added.\n" in printed
    assert "signed by min-labour-1; 1 more wanted, of min-labour-2" in printed
    assert "\nSigned.\n" not in printed
    assert office.unchanged() == before
    assert "\nSigned.\n" in office.sign(prepared, "min-labour-2")


def test_a_signature_that_does_not_hold_is_not_taken_for_one(office):
    prepared = office.ministry.prepare(2)
    office.sign(prepared, "min-health-1")
    path = prepared.folder / "metadata" / "min-health.json"
    path.write_bytes(path.read_bytes().replace(b'"percent":100', b'"percent":99'))
    assert "\nSigned.\n" in office.sign(prepared, "min-health-1")


def test_what_is_shown_is_what_is_signed_and_not_the_sentence_that_travels_beside_it(office):
    prepared = office.ministry.prepare(2, rollout=Rollout(100, 0))
    path = prepared.folder / "prepared.json"
    path.write_text(path.read_text().replace("release min-health/2 (sequence 2), to 100 %",
                                             "release min-health/2 (sequence 2), to 1 %\\u001b[2K\\u202e"))
    printed = office.sign(prepared, "min-health-1")
    assert "to 1 %?[2K? of the machines" in printed
    assert "release min-health/2, sequence 2, to rings up to 0 and 100 % of the other machines" in printed
    assert not set(printed) & {"\x1b", "\u202e"}


def test_a_change_of_keys_shows_who_may_sign_afterwards(office):
    into = office.ministry.place()
    done("keys", "rotate", office.repository, "root", "root-2", office.keyring / "root-6.pub", "--into", into)
    printed = office.sign(Prepared.open(into), "root-1")
    line = next(line for line in printed.splitlines() if "keys of root" in line)
    assert "3 of root-1 (" in line
    assert "root-6" in line
    assert "root-2" not in line


def _lose(office, prepared):
    return ("sign", prepared.folder, *office.keys("nobody-1")), []


def _wrong_password(office, prepared):
    return ("sign", prepared.folder, *office.keys("min-health-1")), [PASSWORD.upper()]


def _no_password(office, prepared):
    return ("sign", prepared.folder, *office.keys("min-health-1")), []


def _public_half(office, prepared):
    return ("sign", prepared.folder, "--key", office.keyring / "min-health-1.pub"), [PASSWORD]


def _of_another(office, prepared):
    return ("sign", prepared.folder, *office.keys("root-1")), [PASSWORD]


def _other_diff(office, prepared):
    (prepared.folder / "diff.json").write_bytes(b'{"changed":[1]}')
    return _wrong_password(office, prepared)[0], [PASSWORD]


def _other_release(office, prepared):
    path = next(prepared.folder.rglob("*.release.json"))
    path.write_bytes(path.read_bytes().replace(b'"percent":100', b'"percent":1'))
    return _wrong_password(office, prepared)[0], [PASSWORD]


def _other_pack(office, prepared):
    path = next(prepared.folder.rglob("*.pack.zst"))
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    return _wrong_password(office, prepared)[0], []


def _not_prepared(office, prepared):
    return ("sign", office.repository, *office.keys("min-health-1")), [PASSWORD]


def _nowhere(office, prepared):
    return ("sign", office.ministry.folder / "nowhere", *office.keys("min-health-1")), [PASSWORD]


def _no_role_of_people(office, prepared):
    state = office.ministry.repository.state()
    (prepared.folder / "metadata" / "snapshot.json").write_bytes(state.files["snapshot"])
    path = prepared.folder / "prepared.json"
    path.write_text(path.read_text().replace('"base":{', '"base":{"snapshot":"",'))
    return _wrong_password(office, prepared)[0], [PASSWORD]


@pytest.mark.parametrize(("spoil", "code", "words"), [
    (_lose, "missing_key_file", "there is no nobody-1.key"),
    (_wrong_password, "wrong_key_password", "the password does not open min-health-1.key"),
    (_no_password, "bad_key_file", "Password for min-health-1.key: none was given"),
    (_public_half, "bad_key_file", "min-health-1.pub is not a key file"),
    (_of_another, "signatures", "may not sign min-health"),
    (_other_diff, "bad_release", "is not the comparison that is signed"),
    (_other_release, "bad_release", "min-health/release.json differs from what is signed"),
    (_other_pack, "bad_release", "min-health/2.pack.zst differs from what is signed"),
    (_not_prepared, "bad_release", "nothing was prepared in"), (_nowhere, "bad_release", "nothing was prepared in"),
    (_no_role_of_people, "bad_release", "snapshot in")])
def test_what_cannot_be_signed_stays_unsigned_and_one_sentence_says_why(office, spoil, code, words):
    words_given, passwords = spoil(office, office.ministry.prepare(2, diff=b"{}"))
    before = office.unchanged()
    error = refused("release", *words_given, passwords=passwords)
    assert error["code"] == code
    assert words in error["message"]
    assert office.unchanged() == before


# --- publish --------------------------------------------------------------------------------------


def test_a_signed_release_is_published_and_what_a_machine_finds_is_printed(office):
    prepared = office.ministry.prepare(2)
    office.sign(prepared, "min-health-1")
    words = office.publish(prepared, "--root", _root(office))
    printed = done(*words, passwords=PASSWORDS)
    assert f"Published in {office.repository}: release min-health/2" in printed
    assert "  release min-health/2 of 2026-11-25, to 100 % of the machines" in printed
    assert [one.number for one in office.ministry.verified().releases] == [2]
    assert json.loads(run(*words, "--json", passwords=PASSWORDS).stdout)["releases"][0]["number"] == 2


def _root(office):
    path = office.ministry.folder / "root.json"
    path.write_bytes(office.ministry.root)
    return path


def _signed(office, number=2):
    prepared = office.ministry.prepare(number)
    sign(prepared, signer("min-health-1"))
    return prepared


def _signatures_wanting(office):
    return office.publish(office.ministry.prepare(2)), PASSWORDS


def _published_meanwhile(office):
    prepared = _signed(office)
    office.ministry.release(2, content=b"theirs")
    return office.publish(prepared), PASSWORDS


def _online_key_lost(office):
    return ("release", "publish", _signed(office).folder, office.repository, *office.keys("snapshot-1", "nobody-1")), []


def _one_online_key(office):
    return ("release", "publish", _signed(office).folder, office.repository, *office.keys("snapshot-1")), [PASSWORD]


def _wrong_online_password(office):
    return office.publish(_signed(office)), [PASSWORD, "another password"]


def _wrong_root(office):
    path = office.ministry.folder / "other.json"
    path.write_bytes(RepositorySimulator().trusted_root)
    return office.publish(_signed(office), "--root", path), PASSWORDS


def _no_root(office):
    return office.publish(_signed(office), "--root", office.keyring / "root-1.pub"), []


def _into(name, content):
    def prepare(office):
        folder = office.ministry.folder / name
        folder.mkdir()
        for path, data in content.items():
            (folder / path).write_bytes(data)
        return ("release", "publish", _signed(office).folder, folder, *office.keys(*ONLINE)), []
    return prepare


def _damaged_on_the_way(office):
    prepared = _signed(office)
    next(prepared.folder.rglob("*.pack.zst")).write_bytes(b"other")
    return office.publish(prepared), PASSWORDS


@pytest.mark.parametrize(("spoil", "code", "words"), [
    (_signatures_wanting, "signatures", "not signed yet; 1 more wanted, of min-health-1, min-health-2"),
    (_published_meanwhile, "published_meanwhile", "was published by somebody else"),
    (_online_key_lost, "missing_key_file", "there is no nobody-1.key"),
    (_one_online_key, "signatures", "timestamp wants 1 signature, 0 are there"),
    (_wrong_online_password, "wrong_key_password", "the password does not open timestamp-1.key"),
    (_wrong_root, "untrusted_repository", "was not signed by those who are trusted"),
    (_no_root, "untrusted_repository", "is no root"),
    (_into("empty", {}), "no_repository", "is empty or not there"),
    (_into("photos", {"photo.jpg": b"a photo"}), "foreign_directory", "is no repository"),
    (_damaged_on_the_way, "bad_release", "2.pack.zst differs from what is signed")])
def test_what_cannot_be_published_leaves_the_repository_as_it_is(office, spoil, code, words):
    command, passwords = spoil(office)
    before = office.unchanged()
    error = refused(*command, passwords=passwords)
    assert error["code"] == code
    assert words in error["message"]
    assert error["next_step"]
    assert office.unchanged() == before


def test_of_two_admins_at_once_the_second_is_told_to_wait(office):
    prepared = _signed(office)
    with office.ministry.repository.lock():
        before = office.unchanged()
        for words in (office.publish(prepared), ("release", "refresh", office.repository, *office.keys(*ONLINE))):
            error = refused(*words, passwords=PASSWORDS)
            assert error["code"] == "locked"
            assert "somebody is publishing into" in error["message"]
        assert office.unchanged() == before
    done(*office.publish(prepared), passwords=PASSWORDS)


def test_a_full_disk_leaves_the_old_release_whole_and_publishing_again_completes_it(office, monkeypatch):
    prepared = _signed(office)

    def full(path, *_args, **_values):
        if path.name == "timestamp.json":
            raise NoSpaceError(f"no space left while writing {path.name}")
        write_whole(path, *_args, **_values)

    with monkeypatch.context() as patch:
        patch.setattr("sync.repository.write_whole", full)
        error = refused(*office.publish(prepared), passwords=PASSWORDS)
    assert (error["code"], error["message"]) == ("no_space_for_sync", "no space left while writing timestamp.json")
    assert [one.number for one in office.ministry.verified().releases] == [1]
    done(*office.publish(prepared), passwords=PASSWORDS)
    assert [one.number for one in office.ministry.verified().releases] == [2]


# --- export and verify ----------------------------------------------------------------------------


def test_a_stick_holds_what_a_machine_needs_and_says_until_when(office, tmp_path):
    stick = tmp_path / "stick" / "rohnamo"
    printed = done("release", "export", office.repository, stick)
    assert f"bytes in {stick}; machines accept it until 2026-12-25" in printed
    assert "release min-health/1 of 2026-11-25, to 10 % of the machines" in printed
    found = done("release", "verify", stick, "--root", _root(office))
    assert found.startswith(f"{stick} is whole, and signed by those whom")
    plain = json.loads(done("release", "export", office.repository, stick, "--json"))
    assert plain["found"] == json.loads(done("release", "verify", stick, "--json"))
    assert plain["files"] == len(everything(stick))
    assert plain["bytes"] == sum(map(len, everything(stick).values()))


def _full_stick(office, stick, monkeypatch):
    monkeypatch.setattr("sync.export.shutil.disk_usage", lambda _: SimpleNamespace(free=1_000))


def _photos(office, stick, monkeypatch):
    stick.mkdir()
    (stick / "photo.jpg").write_bytes(b"a photo")


def _another_repository(office, stick, monkeypatch):
    RepositorySimulator().write_to(stick)


def _newer(office, stick, monkeypatch):
    copy = office.ministry.copied(office.ministry.folder / "newer")
    copy.release(2)
    export(copy.repository, stick, NOW)


def _expired(office, stick, monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=31))


def _future(office, stick, monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW - timedelta(days=2))


@pytest.mark.parametrize(("spoil", "code", "words"), [
    (_full_stick, "no_space_for_sync", "1,000 bytes free"), (_photos, "foreign_directory", "is no repository"),
    (_another_repository, "foreign_directory", "holds another repository"),
    (_newer, "published_meanwhile", "is newer than"), (_expired, "expired_repository", "is too old to be accepted"),
    (_future, "future_repository", "was signed later than this machine's clock says")])
def test_what_cannot_be_exported_leaves_the_stick_as_it_is(office, tmp_path, monkeypatch, spoil, code, words):
    stick = tmp_path / "stick"
    spoil(office, stick, monkeypatch)
    before, there = office.unchanged(), everything(stick)
    error = refused("release", "export", office.repository, stick)
    assert error["code"] == code
    assert words in error["message"]
    assert (office.unchanged(), everything(stick)) == (before, there)


def _damaged(office, stick, monkeypatch):
    next(office.repository.rglob("*.pack.zst")).write_bytes(b"other")


def _role_missing(office, stick, monkeypatch):
    next(office.repository.rglob("*.min-health.json")).unlink()


@pytest.mark.parametrize(("spoil", "code"), [
    (_expired, "expired_repository"), (_future, "future_repository"), (_damaged, "damaged_repository"),
    (_role_missing, "damaged_repository")])
def test_a_repository_that_machines_refuse_is_not_called_whole(office, tmp_path, monkeypatch, spoil, code):
    spoil(office, tmp_path, monkeypatch)
    before = office.unchanged()
    assert refused("release", "verify", office.repository)["code"] == code
    assert office.unchanged() == before


@pytest.mark.parametrize(("root", "code", "words"), [
    (RepositorySimulator().trusted_root, "untrusted_repository", "was not signed by those who are trusted"),
    (b"{}", "untrusted_repository", "is no root"), (b"", "untrusted_repository", "is no root"),
    (None, "system", "No such file")])
def test_a_wrong_root_verifies_nothing(office, tmp_path, root, code, words):
    path = tmp_path / "other.json"
    if root is not None:
        path.write_bytes(root)
    error = refused("release", "verify", office.repository, "--root", path)
    assert error["code"] == code
    assert words in error["message"]


@pytest.mark.parametrize(("content", "code"), [({}, "no_repository"), ({"photo.jpg": b"a photo"}, "foreign_directory")])
@pytest.mark.parametrize("words", [
    ("verify", "HERE"), ("export", "HERE", "NEW"), ("refresh", "HERE", "KEYS"),
    ("revoke", FEES, "--repository", "HERE", "--reason", "x", "--into", "NEW"),
    ("widen", "HERE", "min-health", "--percent", "5", "--into", "NEW")])
def test_an_empty_or_foreign_folder_is_no_repository_and_nobody_is_asked_for_a_password(
        office, tmp_path, words, content, code):
    here = tmp_path / "here"
    here.mkdir()
    for name, data in content.items():
        (here / name).write_bytes(data)
    keys = office.keys(*ONLINE)
    named = [each for word in words for each in
             {"HERE": [here], "NEW": [tmp_path / "new"], "KEYS": keys}.get(word, [word])]
    error = refused("release", *named)
    assert error["code"] == code
    assert str(here) in error["message"]
    assert everything(here) == content
    assert not (tmp_path / "new").exists()


def test_whose_a_repository_is_was_not_asked_without_a_root(office):
    assert "is whole.  Whose it is was not asked: give --root" in done("release", "verify", office.repository)


# --- revoke and widen -----------------------------------------------------------------------------


def test_a_document_is_withdrawn_by_the_ministry_or_by_its_publisher(office):
    for options, role, signers in (((), "targets", ["targets-1", "targets-3"]),
                                   (("--publisher", "min-health"), "min-health", ["min-health-2"])):
        into, before = office.ministry.place(), everything(office.repository)
        printed = done("release", "revoke", FEES, "--repository", office.repository, "--reason", "Бекор шуд", "--into",
                       into, *options)
        assert f"withdraw {FEES}: Бекор шуд" in printed
        assert everything(office.repository) == before
        prepared = Prepared.open(into)
        assert set(prepared.base) == {role}
        for name in signers:
            assert f"withdrawn on 2026-11-25: {FEES}: Бекор шуд" in office.sign(prepared, name)
        done(*office.publish(prepared), passwords=PASSWORDS)
        again = refused("release", "revoke", FEES, "--repository", office.repository, "--reason", "x", "--into",
                        office.ministry.place(), *options)
        assert f"{FEES} is withdrawn already" in again["message"]


def test_a_document_that_no_newest_release_holds_is_mentioned_before_anybody_signs(office):
    ministry = office.ministry
    pack = write_pack(packed_text([entry(FEES, "Боҷ 60 сомонӣ аст.")], corpus="health", number=2))
    draft = ReleaseDraft("min-health", "health", 2, ReleaseFiles(pack, compressed(pack)))
    ministry.publish(prepare_release(ministry.repository, draft, ministry.place(), NOW), "min-health-1")
    for document, said in ((FEES, False), ("misspelt", True)):
        outcome = run("release", "revoke", document, "--repository", office.repository, "--reason", "x", "--into",
                      ministry.place())
        assert outcome.exit_code == 0
        assert (f"no newest release here holds {document}" in outcome.stderr) == said


def release_document(office, name):
    ministry = office.ministry
    pack = write_pack(packed_text([entry(name, "Боҷ 60 сомонӣ аст."), entry("boats", "Қаиқ.")], corpus="health",
                                  number=2))
    draft = ReleaseDraft("min-health", "health", 2, ReleaseFiles(pack, compressed(pack)))
    ministry.publish(prepare_release(ministry.repository, draft, ministry.place(), NOW), "min-health-1")


def test_the_nearest_ids_are_named_where_one_is_misspelt(office):
    release_document(office, FEES)
    outcome = run("release", "revoke", "fees-2052", "--repository", office.repository, "--reason", "x", "--into",
                  office.ministry.place())
    assert outcome.exit_code == 0
    assert f"before anybody signs; nearest: {FEES}\n" in outcome.stderr


def test_a_publisher_does_not_withdraw_the_document_of_another(office):
    release_document(office, FEES)
    before, into = office.unchanged(), office.ministry.folder / "new"
    words = ("release", "revoke", FEES, "--repository", office.repository, "--reason", "x", "--into", into)
    error = refused(*words, "--publisher", "min-labour")
    assert (error["code"], error["message"]) == (
        "foreign_document", f"{FEES} is a document of min-health, not of min-labour")
    assert "--publisher min-health" in error["next_step"]
    assert "there is no publisher min-helth" in refused(*words, "--publisher", "min-helth")["message"]
    assert office.unchanged() == before
    assert not into.exists()
    done(*words, "--publisher", "min-health")


@pytest.mark.parametrize(("document", "reason", "publisher", "words"), [
    (FEES, "", "", "a reason is wanted"), (FEES, " ", "", "a reason is wanted"),
    (FEES, "x" * 501, "", "at most 500 characters"), ("a b", "x", "", "cannot be the id of a document"),
    (FEES, "x", "min-helth", "there is no publisher min-helth")])
def test_a_withdrawal_without_document_reason_or_publisher_is_not_prepared(office, document, reason, publisher, words):
    before, into = office.unchanged(), office.ministry.folder / "new"
    error = refused("release", "revoke", document, "--repository", office.repository, "--reason", reason, "--into",
                    into, "--publisher", publisher)
    assert words in error["message"]
    assert office.unchanged() == before
    assert not into.exists()


@pytest.mark.parametrize(("options", "rollout"), [((), Rollout(50, 2)), (("--ring", "0"), Rollout(50, 0))])
def test_a_release_goes_to_more_machines_and_keeps_its_rings_where_none_is_named(office, options, rollout):
    into = office.ministry.place()
    done("release", "widen", office.repository, "min-health", "--percent", "50", "--into", into, *options)
    printed = office.sign(Prepared.open(into), "min-health-1")
    assert "diff.json is not in this folder" in printed
    done(*office.publish(Prepared.open(into)), passwords=PASSWORDS)
    found = office.ministry.verified().releases[0]
    assert (found.number, found.sequence, found.rollout) == (1, 1, rollout)


@pytest.mark.parametrize(("publisher", "words"), [("min-labour", "has released nothing yet"),
                                                  ("min-helth", "there is no publisher min-helth")])
def test_what_was_never_released_goes_no_further(office, publisher, words):
    before, into = office.unchanged(), office.ministry.folder / "new"
    error = refused("release", "widen", office.repository, publisher, "--percent", "5", "--into", into)
    assert words in error["message"]
    assert office.unchanged() == before
    assert not into.exists()


@pytest.mark.parametrize("options", [["--percent", "101"], ["--percent", "-1"], ["--percent", "5", "--ring", "10"]])
def test_a_percent_or_ring_that_there_is_not_is_wrong_usage(office, options):
    before = office.unchanged()
    outcome = run("release", "widen", office.repository, "min-health", "--into", office.ministry.place(), *options)
    assert outcome.exit_code == 2
    assert office.unchanged() == before


# --- refresh --------------------------------------------------------------------------------------


def refresh(office, *options, passwords=PASSWORDS):
    return run("release", "refresh", office.repository, *office.keys(*ONLINE), *options, passwords=passwords)


def test_every_day_the_timestamp_is_signed_anew_and_nobody_is_called(office):
    before = office.ministry.repository.state()
    outcome = refresh(office)
    after = office.ministry.repository.state()
    assert outcome.exit_code == 0
    assert outcome.stderr == ""
    assert f"timestamp {before.version('timestamp') + 1}, until 2026-12-25" in outcome.stdout
    assert {role for role in after.files if after.files[role] != before.files[role]} == {"timestamp"}


@pytest.mark.parametrize(("days", "words"), [
    (155, "! min-health 2 is over on 2027-05-24: gather its signers"),
    (200, "! min-health 2 was over on 2027-05-24, machines take nothing new from it: gather its signers"),
    (340, "! targets 3 is over on 2027-11-25: gather its signers")])
def test_roles_near_their_end_are_named_and_that_is_done_work(office, monkeypatch, days, words):
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=days))
    outcome = refresh(office, "--clock-is-right")
    assert outcome.exit_code == 0
    assert words in outcome.stderr
    assert verify(office.repository, NOW + timedelta(days=days))
    plain = json.loads(run("release", "refresh", office.repository, *office.keys(*ONLINE), "--json",
                           passwords=PASSWORDS).stdout)
    assert words.removeprefix("! ") in plain["alarms"]


@pytest.mark.parametrize(("names", "passwords", "code"), [
    (["snapshot-1"], PASSWORDS, "signatures"), (["root-1", "targets-1"], PASSWORDS, "signatures"),
    (ONLINE, [PASSWORD, "another password"], "wrong_key_password"), (["nobody-1"], [], "missing_key_file")])
def test_without_the_online_keys_the_timestamp_stays_as_it_was(office, names, passwords, code):
    before = office.unchanged()
    error = refused("release", "refresh", office.repository, *office.keys(*names), passwords=passwords)
    assert error["code"] == code
    assert office.unchanged() == before


def test_a_root_that_is_over_is_said_to_be_so_and_nothing_is_signed(office, monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=3 * 365 + 1))
    before = office.unchanged()
    error = refused("release", "refresh", office.repository, *office.keys(*ONLINE), "--clock-is-right",
                    passwords=PASSWORDS)
    assert error["code"] == "expired_repository"
    assert office.unchanged() == before


@pytest.mark.parametrize("verb", ["refresh", "publish"])
def test_a_host_whose_clock_is_ahead_signs_nothing_unless_somebody_says_that_it_is_right(office, monkeypatch, verb):
    words = (office.publish(_signed(office)) if verb == "publish"
             else ("release", "refresh", office.repository, *office.keys(*ONLINE)))
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=30, minutes=1))
    before = office.unchanged()
    error = refused(*words)
    assert error["code"] == "host_clock"
    assert "it is 2026-12-25, 30 days after the timestamp was signed last (2026-11-25)" in error["message"]
    assert "--clock-is-right" in error["next_step"]
    assert office.unchanged() == before
    done(*words, "--clock-is-right", passwords=PASSWORDS)
    done(*words, passwords=PASSWORDS)
    timestamp = office.ministry.repository.state().metadata("timestamp").signed
    assert timestamp.expires == NOW + timedelta(days=60, minutes=1)


def test_a_host_that_was_off_for_thirty_days_is_not_stopped(office, monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=30))
    assert refresh(office).exit_code == 0


@pytest.mark.parametrize(("days", "near"), [(0, []), (22, []), (23.01, ["timestamp"]), (29.9, ["timestamp"])])
def test_a_timestamp_is_near_its_end_in_its_last_week(office, monkeypatch, days, near):
    monkeypatch.setattr(signing, "now", lambda: NOW + timedelta(days=days))
    plain = json.loads(run("release", "verify", office.repository, "--json").stdout)
    assert ([role["name"] for role in plain["roles"] if role["near_end"]], plain["alarms"]) == (near, [])


def test_a_stick_is_carried_to_a_machine_that_knows_only_the_root(office, tmp_path):
    """The whole way: prepare, sign, publish, carry, and what the machine finds is what was prepared."""
    prepared = office.ministry.prepare(7)
    office.sign(prepared, "min-health-2")
    done(*office.publish(prepared), passwords=PASSWORDS)
    done("release", "export", office.repository, tmp_path / "stick")
    shutil.rmtree(office.repository)
    found = verify(tmp_path / "stick", NOW, root=office.ministry.root)
    assert [one.id for one in found.releases] == ["min-health/7"]
    assert Repository(tmp_path / "stick").state().publishers == ("min-health", "min-labour")
