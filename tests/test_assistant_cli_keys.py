"""The verb `keys` as its people meet it: nothing is written before all is well, and no password is ever seen."""

from __future__ import annotations

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from select import select
from unicodedata import normalize

import pytest
from typer.testing import CliRunner

from assistant import signing
from sync import rehearsal
from sync.errors import SigningError
from sync.keys import open_key, show
from sync.prepared import Prepared
from sync.repository import Repository
from sync.sealed import open_sealing_key, read_sealing_key, seal, unseal
from sync.verify import verify
from tests.disk import everything
from tests.keyring import CHEAP, PASSWORD, app, done, refused, run, write_keyring
from tests.ministry import TABLE, Ministry
from tests.repository_simulator import NOW, signer

TWICE = [PASSWORD, PASSWORD]
# Everybody whose public key stands in the first root.
HOLDERS = [f"root-{number}" for number in range(1, 6)] + ["targets-1", "targets-2", "targets-3", "snapshot-1",
                                                          "timestamp-1"]


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    return write_keyring(tmp_path_factory.mktemp("keyring"))


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    return Ministry(tmp_path_factory.mktemp("ministry"))


@pytest.fixture
def ministry(founded, tmp_path):
    return founded.copied(tmp_path)


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW)


@pytest.fixture(autouse=True)
def cheap(monkeypatch):
    """Keys that cost little to open; what they cost in truth is tested with `sync.keys`."""
    monkeypatch.setattr("sync.keys.Cost", lambda: CHEAP)
    monkeypatch.setattr("sync.sealed.Cost", lambda: CHEAP)


# --- making and showing a key ---------------------------------------------------------------------


def test_a_new_key_opens_with_its_password_and_shows_what_is_read_aloud(tmp_path):
    printed = done("keys", "new", "root-1", "--into", tmp_path, passwords=TWICE)
    assert open_key(tmp_path / "root-1.key", PASSWORD).public_key.keyid == show(tmp_path / "root-1.pub").keyid
    assert show(tmp_path / "root-1.pub").fingerprint in printed
    assert printed.startswith("root-1, a key that signs")
    assert PASSWORD not in printed
    assert done("keys", "show", tmp_path / "root-1.pub") == printed == done("keys", "show", tmp_path / "root-1.key")


def test_a_sealing_key_opens_what_was_sealed_to_its_public_half(tmp_path):
    printed = done("keys", "new", "--sealing", "inbox", "--into", tmp_path, passwords=TWICE)
    sealed = seal(b"a batch", read_sealing_key(tmp_path / "inbox.pub"))
    assert unseal(sealed, open_sealing_key(tmp_path / "inbox.key", PASSWORD)) == b"a batch"
    assert printed.startswith("inbox, a key that opens")
    assert done("keys", "show", tmp_path / "inbox.key") == printed


def test_a_key_is_one_object_for_programs(tmp_path):
    outcome = run("keys", "new", "root-1", "--into", tmp_path, "--json", passwords=TWICE)
    made = show(tmp_path / "root-1.pub")
    assert json.loads(outcome.stdout) == {"kind": "signing", "name": "root-1", "id": made.keyid,
                                          "fingerprint": made.fingerprint}


def test_the_same_letters_typed_on_another_keyboard_open_the_key(tmp_path):
    composed = "калимаи махфӣ ва дароз"
    in_two_signs = normalize("NFD", composed)
    assert composed != in_two_signs
    done("keys", "new", "root-1", "--into", tmp_path, passwords=[in_two_signs, composed])
    assert open_key(tmp_path / "root-1.key", composed)


@pytest.mark.parametrize("sealing", [[], ["--sealing"]])
@pytest.mark.parametrize(("passwords", "words"), [
    ([PASSWORD, PASSWORD.upper()], "differ"), (["short"] * 2, "shorter than 12"), ([], "none was given"),
    ([PASSWORD], "none was given")])
def test_without_one_good_password_typed_twice_no_key_is_made(tmp_path, sealing, passwords, words):
    error = refused("keys", "new", "root-1", "--into", tmp_path, *sealing, passwords=passwords)
    assert words in error["message"]
    assert "Nothing was written" in error["next_step"]
    assert everything(tmp_path) == {}


@pytest.mark.parametrize("sealing", [[], ["--sealing"]])
def test_a_key_is_never_written_over_another(tmp_path, sealing):
    done("keys", "new", "root-1", "--into", tmp_path, *sealing, passwords=TWICE)
    before = everything(tmp_path)
    error = refused("keys", "new", "root-1", "--into", tmp_path, *sealing, passwords=TWICE)
    assert error["code"] == "existing_key_file"
    assert everything(tmp_path) == before


@pytest.mark.parametrize("sealing", [[], ["--sealing"]])
@pytest.mark.parametrize("name", ["../root", "Root", "root 1", "snapshot", "а"])
def test_a_name_that_could_lead_elsewhere_makes_no_key(tmp_path, name, sealing):
    error = refused("keys", "new", name, "--into", tmp_path / "keys", *sealing, passwords=TWICE)
    assert "cannot be the name of a key" in error["message"]
    assert everything(tmp_path) == {}


def test_a_password_typed_at_a_terminal_is_not_seen(tmp_path):
    ours, theirs = pty.openpty()
    code = "import sys; from tests.keyring import app; app(sys.argv[1:])"
    with subprocess.Popen([sys.executable, "-c", code, "keys", "new", "root-1", "--into", tmp_path], stdin=theirs,
                          stdout=theirs, stderr=theirs, start_new_session=True) as process:
        os.close(theirs)
        seen = _read_until(ours, b"Password for root-1: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        seen += _read_until(ours, b"again: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        seen += _read_until(ours, b"id  ")
        assert process.wait() == 0
    os.close(ours)
    assert open_key(tmp_path / "root-1.key", PASSWORD)
    assert "калима" not in seen.decode()


def _read_until(terminal, words):
    seen = b""
    while words not in seen:
        assert select([terminal], [], [], 60)[0], seen
        seen += os.read(terminal, 1000)
    return seen


@pytest.mark.parametrize(("content", "code"), [
    (None, "missing_key_file"), ("a letter", "bad_key_file"), ('{"format":"rohnamo-sealing-key"}', "bad_key_file")])
def test_what_is_no_public_key_is_not_shown_as_one(tmp_path, content, code):
    if content is not None:
        (tmp_path / "root-1.pub").write_text(content)
    error = refused("keys", "show", tmp_path / "root-1.pub")
    assert (error["code"], "root-1.pub" in error["message"]) == (code, True)


def test_a_path_without_a_file_is_said_to_be_so(keyring, tmp_path):
    for path in (tmp_path / "publics" / "rot-1.pub", tmp_path, tmp_path / "root-1.key"):
        error = refused("keys", "show", path)
        assert (error["code"], error["message"]) == ("missing_key_file", f"there is no file {path}")
    alone = shutil.copy(keyring / "root-1.key", tmp_path)
    assert "there is no root-1.pub in" in refused("keys", "show", alone)["message"]
    (tmp_path / "root-1.key").unlink()
    shutil.copy(keyring / "root-1.pub", tmp_path)
    assert "root-1" in done("keys", "show", tmp_path / "root-1.key")


# --- the first ceremony ---------------------------------------------------------------------------


@pytest.fixture
def table(keyring, tmp_path):
    """A laptop with the public files of all holders, and no repository yet."""
    (tmp_path / "publics").mkdir()
    for name in HOLDERS:
        shutil.copy(keyring / f"{name}.pub", tmp_path / "publics")
    return tmp_path


def begin(keyring, table, names=TABLE, passwords=None, repository="repository"):
    options = [word for name in names for word in ("--key", keyring / f"{name}.key")]
    words = ("keys", "begin", table / repository, "--publics", table / "publics", *options)
    return words, [PASSWORD] * len(names) if passwords is None else passwords


def test_a_first_ceremony_makes_a_repository_and_the_root_whose_hash_it_prints(keyring, table):
    words, passwords = begin(keyring, table)
    printed = done(*words, passwords=passwords)
    root = (table / "root.json").read_bytes()
    assert sha256(root).hexdigest() in printed
    found = verify(table / "repository", NOW, root=root)
    assert [(role.name, role.version) for role in found.roles] \
        == [("root", 1), ("targets", 1), ("snapshot", 1), ("timestamp", 1)]
    assert len(Repository(table / "repository").state().root.roles["root"].keyids) == 5


def test_a_ceremony_is_one_object_for_programs(keyring, table):
    words, passwords = begin(keyring, table)
    plain = json.loads(run(*words, "--json", passwords=passwords).stdout)
    assert plain == {"repository": str(table / "repository"), "root": str(table / "root.json"),
                     "root_sha256": sha256((table / "root.json").read_bytes()).hexdigest()}


def _photo_in_the_place(keyring, table):
    (table / "repository").mkdir()
    (table / "repository" / "photo.jpg").write_bytes(b"a photo")


def _repository_there(keyring, table):
    words, passwords = begin(keyring, table)
    done(*words, passwords=passwords)
    (table / "root.json").rename(table / "kept.json")


@pytest.mark.parametrize(("spoil", "words"), [
    (lambda keyring, table: (table / "root.json").write_text("{}"), "root.json is there already"),
    (_photo_in_the_place, "repository is there already"), (_repository_there, "repository is there already"),
    (lambda keyring, table: (table / "repository").write_text("a file"), "repository is there already"),
    (lambda keyring, table: (table / "publics" / "root-5.pub").unlink(), "root wants 5 keys, 4 are given: root-1, "),
    (lambda keyring, table: shutil.rmtree(table / "publics"), "root wants 5 keys, 0 are given: none"),
    (lambda keyring, table: shutil.copy(keyring / "root-6.pub", table / "publics"), "6 are given"),
    (lambda keyring, table: shutil.copy(keyring / "min-health-1.pub", table / "publics"), "a key of no role"),
    (lambda keyring, table: (table / "publics" / "root-1.pub").write_text("{}"), "root-1.pub is not a public key"),
    (lambda keyring, table: (table / "publics" / "timestamp-1.pub").unlink(), "timestamp wants 1 key, 0 are")])
def test_a_ceremony_that_cannot_be_held_says_so_before_anybody_types_a_password(keyring, table, spoil, words):
    spoil(keyring, table)
    before = everything(table)
    command, _ = begin(keyring, table)
    assert words in refused(*command)["message"]
    assert everything(table) == before


def test_one_persons_key_under_two_names_is_refused(keyring, table):
    shutil.copy(keyring / "root-2.pub", table / "publics" / "root-1.pub")
    before = everything(table)
    command, passwords = begin(keyring, table)
    assert "given twice" in refused(*command, passwords=passwords)["message"]
    assert everything(table) == before


@pytest.mark.parametrize(("names", "words"), [
    (TABLE[1:], "too few keys are given; root: 1 more of root-1, root-4, root-5"),
    (TABLE[:4] + TABLE[5:], "too few keys are given; targets: 1 more of targets-2, targets-3"),
    (TABLE[:-1], "too few keys are given; timestamp: 1 more of timestamp-1"),
    (TABLE[:2] + TABLE[1:2] + TABLE[3:-2],
     "root: 1 more of root-3, root-4, root-5; snapshot: 1 more of snapshot-1; timestamp: 1 more of timestamp-1")])
def test_with_too_few_people_at_the_table_nobody_is_asked_for_a_password(keyring, table, names, words):
    before = everything(table)
    command, _ = begin(keyring, table, names)
    error = refused(*command)
    assert (error["code"], error["message"].endswith(words)) == ("signatures", True)
    assert everything(table) == before


def test_a_key_file_under_another_name_is_taken_for_what_it_opens_as(keyring, table):
    copy = shutil.copy(keyring / "root-3.key", table / "copy.key")
    words, passwords = begin(keyring, table, TABLE[:2] + TABLE[3:])
    done(*words, "--key", copy, passwords=[*passwords, PASSWORD])
    assert verify(table / "repository", NOW, root=(table / "root.json").read_bytes())


def test_one_wrong_password_at_the_table_begins_nothing(keyring, table):
    before = everything(table)
    command, passwords = begin(keyring, table)
    error = refused(*command, passwords=[*passwords[:-1], "another password"])
    assert (error["code"], error["message"]) == ("wrong_key_password", "the password does not open timestamp-1.key")
    assert everything(table) == before


def test_a_key_that_was_left_at_home_is_missed_before_anybody_types(keyring, table):
    before = everything(table)
    command, _ = begin(keyring, table, [*TABLE[:-1], "timestamp-9"])
    assert "there is no timestamp-9.key" in refused(*command)["message"]
    assert everything(table) == before


# --- what is prepared for others to sign ----------------------------------------------------------


def prepared(ministry, *words):
    """Run a verb that prepares something; return what it prints and what lies in the folder, the repository as it was.
    """
    before, into = everything(ministry.repository.folder), ministry.place()
    printed = done(*words, "--into", into)
    assert everything(ministry.repository.folder) == before
    return printed, Prepared.open(into)


def test_a_publisher_is_prepared_for_its_people_and_the_holders_of_targets(ministry, keyring):
    printed, waiting = prepared(
        ministry, "keys", "publisher", ministry.repository.folder, "min-justice", "--public",
        keyring / "min-health-1.pub", "--public", keyring / "min-health-2.pub", "--threshold", "2")
    assert "min-justice 1: not signed yet; 2 more wanted, of min-health-1, min-health-2" in printed
    assert "targets 4: not signed yet; 2 more wanted, of targets-1, targets-2, targets-3" in printed
    assert waiting.digest in printed
    assert f"rohnamo release sign {waiting.folder} --key FILE" in printed
    ministry.publish(waiting, "targets-1", "targets-2", "min-health-1", "min-health-2")
    assert "min-justice" in ministry.repository.state().publishers


@pytest.mark.parametrize(("role", "old", "new", "signers"), [
    ("root", "root-2", "root-6", ["root-1", "root-3", "root-4"]),
    ("targets", "targets-1", "targets-4", ["root-1", "root-2", "root-3", "targets-2", "targets-4"]),
    ("min-labour", "min-labour-1", "min-health-3", ["targets-1", "targets-2", "min-labour-2", "min-health-3"])])
def test_a_lost_key_gives_way_to_a_new_one_without_its_file(ministry, keyring, role, old, new, signers):
    printed, waiting = prepared(ministry, "keys", "rotate", ministry.repository.folder, role, old,
                                keyring / f"{new}.pub")
    assert f"{role}: key {old} gives way to {new}" in printed
    ministry.publish(waiting, *signers)
    delegator = ministry.repository.state()
    keyids = (delegator.root if role in ("root", "targets") else delegator.targets()) \
        .get_delegated_role(role).keyids
    assert show(keyring / f"{new}.pub").keyid in keyids
    assert signer(old).public_key.keyid not in keyids


@pytest.mark.parametrize(("role", "line"), [
    ("root", "root 2: not signed yet; 3 more wanted"), ("targets", "targets 4: not signed yet; 2 more wanted"),
    ("min-health", "min-health 2: not signed yet; 1 more wanted")])
def test_a_role_is_prepared_to_be_signed_again(ministry, role, line):
    printed, waiting = prepared(ministry, "keys", "renew", ministry.repository.folder, role)
    assert line in printed
    assert set(waiting.base) == {role}


def test_what_was_prepared_is_one_object_for_programs(ministry):
    into = ministry.place()
    plain = json.loads(done("keys", "renew", ministry.repository.folder, "min-health", "--into", into, "--json"))
    assert plain == {"folder": str(into), "digest": Prepared.open(into).digest, "summary": Prepared.open(into).summary,
                     "wanted": [{"role": "min-health", "version": 2, "signed_by": [], "missing": 1,
                                 "may_sign": ["min-health-1", "min-health-2"]}]}


REFUSED = [
    (("publisher", "REPO", "min-health", "--public", "min-health-1.pub"), "there is a publisher min-health already"),
    (("publisher", "REPO", "Min Health", "--public", "min-health-1.pub"), "cannot be the name of a publisher"),
    (("publisher", "REPO", "new", "--public", "root-1.pub", "--threshold", "2"), "wants 2 signatures and has 1 key"),
    (("publisher", "REPO", "new", "--public", "nobody-1.pub"), "there is no nobody-1.pub"),
    (("rotate", "REPO", "root", "root-9", "root-6.pub"), "root has no one key root-9"),
    (("rotate", "REPO", "min-helth", "min-health-1", "root-6.pub"), "there is no publisher min-helth"),
    (("rotate", "REPO", "root", "root-2", "root-1.pub"), "root-1 is a key of root already"),
    (("rotate", "REPO", "root", "root-2", "nobody-1.pub"), "there is no nobody-1.pub"),
    (("renew", "REPO", "snapshot"), "snapshot is signed by the host"),
    (("renew", "REPO", "min-helth"), "there is no publisher min-helth")]


@pytest.mark.parametrize(("words", "message"), REFUSED)
def test_what_cannot_be_prepared_is_said_in_a_sentence_and_leaves_no_folder(ministry, keyring, words, message):
    before = everything(ministry.folder)
    named = [keyring / word if word.endswith(".pub") else word for word in words]
    named[1] = ministry.repository.folder
    error = refused("keys", *named, "--into", ministry.folder / "new")
    assert message in error["message"]
    assert everything(ministry.folder) == before
    assert not (ministry.folder / "new").exists()


VERBS = [("publisher", "REPO", "new", "--public", "KEY"), ("rotate", "REPO", "root", "root-2", "KEY"),
         ("renew", "REPO", "root")]


@pytest.mark.parametrize("words", VERBS)
@pytest.mark.parametrize(("content", "code"), [({}, "no_repository"), ({"photo.jpg": b"a photo"}, "foreign_directory")])
def test_an_empty_or_foreign_folder_is_no_repository_and_stays_as_it_is(keyring, tmp_path, words, content, code):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    named = [{"REPO": tmp_path, "KEY": keyring / "root-6.pub"}.get(word, word) for word in words]
    error = refused("keys", *named, "--into", tmp_path / "new")
    assert error["code"] == code
    assert str(tmp_path) in error["message"]
    assert everything(tmp_path) == content


@pytest.mark.parametrize("words", VERBS)
def test_nothing_is_prepared_over_what_lies_in_the_folder(ministry, keyring, words):
    into = ministry.folder / "taken"
    into.mkdir()
    (into / "photo.jpg").write_bytes(b"a photo")
    before = everything(ministry.folder)
    named = [{"REPO": ministry.repository.folder, "KEY": keyring / "root-6.pub"}.get(word, word) for word in words]
    assert "is not empty" in refused("keys", *named, "--into", into)["message"]
    assert everything(ministry.folder) == before


# --- the rehearsal --------------------------------------------------------------------------------


def test_a_rehearsal_tells_each_step_and_that_all_went_well(tmp_path):
    printed = done("keys", "rehearse", tmp_path / "new")
    assert printed.count("went well: ") == 10
    assert printed.endswith("All 10 steps went well.\n")


def test_a_step_that_goes_wrong_is_named_and_ends_the_rehearsal_with_1(tmp_path, monkeypatch):
    def lost(_stage):
        raise SigningError("the new key is not there")

    monkeypatch.setattr(rehearsal, "_STEPS", (("a ceremony", lambda _: None), ("a lost key", lost)))
    outcome = run("keys", "rehearse", tmp_path / "new")
    assert outcome.exit_code == 1
    assert "went well: a ceremony\nwent wrong: a lost key: the new key is not there\n" in outcome.output
    plain = json.loads(run("keys", "rehearse", tmp_path / "other", "--json").stdout)
    assert plain == {"well": False, "steps": [{"name": "a ceremony", "problem": ""},
                                              {"name": "a lost key", "problem": "the new key is not there"}]}


def test_a_rehearsal_touches_nothing_that_is_there(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"a photo")
    assert refused("keys", "rehearse", tmp_path)["code"] == "foreign_directory"
    assert everything(tmp_path) == {"photo.jpg": b"a photo"}


# --- help -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("verb", ["keys new", "keys show", "keys begin", "keys publisher", "keys rotate", "keys renew",
                                  "keys rehearse", "release sign", "release publish", "release export",
                                  "release verify", "release revoke", "release widen", "release refresh"])
def test_each_verb_has_an_example_that_names_it_and_an_object_for_programs(verb):
    shown = CliRunner().invoke(app, [*verb.split(), "--help"]).stdout
    assert re.search(rf"Example:\s+rohnamo {verb} ", shown)
    assert "--json" in shown
    assert "--password" not in shown
