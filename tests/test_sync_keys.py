"""Key files: they open for who knows the password, and nothing is lost where something is wrong."""

from __future__ import annotations

import json
import shutil
import subprocess

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from sync.errors import ExistingKeyError, KeyFileError, MissingKeyError, WrongPasswordError
from sync.keys import PublicKey, named, new_keys, open_key, show
from sync.pkcs8 import Cost
from tests.ministry import contents, drawn

PASSWORD = "панҷ калима, ки ҷумла нест"  # noqa: S105
CHEAP = Cost(n=2**4, p=1)


def make(folder, *names, password=PASSWORD, seed=1):
    return new_keys(folder, names, lambda _: password, random=drawn(seed), cost=CHEAP)


def test_a_key_signs_after_it_was_opened_with_its_password(tmp_path):
    made, = make(tmp_path, "root-1")
    signer = open_key(tmp_path / "root-1.key", PASSWORD)
    assert signer.public_key.keyid == made.keyid
    made.key.verify_signature(signer.sign(b"a role"), b"a role")


@pytest.mark.parametrize("password", ["", "another password", PASSWORD.upper(), PASSWORD + " "])
def test_another_password_does_not_open_a_key_and_says_so(tmp_path, password):
    make(tmp_path, "root-1")
    before = contents(tmp_path)
    with pytest.raises(WrongPasswordError, match=r"root-1\.key") as caught:
        open_key(tmp_path / "root-1.key", password)
    assert "Nothing was signed" in caught.value.hint
    assert contents(tmp_path) == before


def test_a_key_file_is_for_its_owner_alone_and_the_public_half_holds_no_secret(tmp_path):
    make(tmp_path, "root-1")
    private, public = tmp_path / "root-1.key", tmp_path / "root-1.pub"
    assert private.stat().st_mode & 0o777 == 0o600
    secret = drawn(1)(32)
    assert secret.hex() not in public.read_text()
    assert set(json.loads(public.read_text())) == {"format", "version", "name", "keyid", "key"}


def test_guessing_a_password_costs_what_owasp_recommends(tmp_path):
    new_keys(tmp_path, ["root-1"], lambda _: PASSWORD, random=drawn(1))
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here to read the file's parameters")
    listing = subprocess.run(["openssl", "asn1parse", "-in", tmp_path / "root-1.key"], check=True,
                             capture_output=True, text=True).stdout
    assert "scrypt" in listing
    assert [line.split(":")[-1].strip() for line in listing.splitlines() if "INTEGER" in line] == ["4000", "08", "05"]


def test_openssl_opens_a_key_with_the_same_password(tmp_path):
    if not shutil.which("openssl"):
        pytest.skip("openssl is not here")
    make(tmp_path, "root-1")
    done = subprocess.run(["openssl", "pkey", "-in", tmp_path / "root-1.key", "-passin", "stdin", "-pubout", "-outform",
                           "DER"], input=PASSWORD.encode() + b"\n", capture_output=True, check=True)
    assert done.stdout[-32:].hex() == show(tmp_path / "root-1.key").key.keyval["public"]


def test_the_public_half_is_shown_without_a_password_from_either_file(tmp_path):
    made, = make(tmp_path, "root-1")
    assert show(tmp_path / "root-1.key").keyid == show(tmp_path / "root-1.pub").keyid == made.keyid
    assert named(show(tmp_path / "root-1.pub").key) == "root-1"
    assert made.fingerprint.replace(" ", "") == made.keyid[:32]


def test_the_same_randomness_makes_the_same_key_and_other_makes_another(tmp_path):
    one, = make(tmp_path / "one", "a", seed=1)
    same, = make(tmp_path / "same", "a", seed=1)
    other, = make(tmp_path / "other", "a", seed=2)
    assert one.keyid == same.keyid != other.keyid


@pytest.mark.parametrize("read", [show, lambda path: open_key(path, PASSWORD)])
def test_a_lost_key_file_is_named_with_the_next_step(tmp_path, read):
    with pytest.raises(MissingKeyError, match="root-1") as caught:
        read(tmp_path / "root-1.key")
    assert "rohnamo keys rotate" in caught.value.hint
    assert contents(tmp_path) == {}


def test_a_key_is_never_written_over_another_and_none_of_the_others_is_made(tmp_path):
    make(tmp_path, "root-2")
    before = contents(tmp_path)
    with pytest.raises(ExistingKeyError, match=r"root-2\.key"):
        make(tmp_path, "root-1", "root-2", seed=2)
    assert contents(tmp_path) == before


def test_a_short_password_makes_no_key_of_anybody(tmp_path):
    with pytest.raises(KeyFileError, match="shorter than 12"):
        new_keys(tmp_path, ["root-1", "root-2"], {"root-1": PASSWORD, "root-2": "short"}.__getitem__, cost=CHEAP)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize("name", ["", "../root", "Root", "root 1", "root/1", "snapshot", "а"])
def test_a_name_that_could_lead_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(KeyFileError, match="name of a key"):
        make(tmp_path / "keys", name)
    assert contents(tmp_path) == {}


def test_a_key_without_a_password_is_refused(tmp_path):
    path = tmp_path / "root-1.key"
    path.write_bytes(Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(KeyFileError, match="not protected"):
        open_key(path, PASSWORD)


def test_a_key_of_another_kind_is_refused(tmp_path):
    key = generate_private_key(65537, 2048)
    (tmp_path / "root-1.key").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD.encode())))
    with pytest.raises(KeyFileError, match="ed25519"):
        open_key(tmp_path / "root-1.key", PASSWORD)


@pytest.mark.parametrize("damage", [lambda data: b"", lambda data: data[:60], lambda data: b"a letter",
                                    lambda data: data[:100] + b"!" + data[101:]])
def test_a_damaged_key_file_is_said_to_be_one(tmp_path, damage):
    make(tmp_path, "root-1")
    path = tmp_path / "root-1.key"
    path.write_bytes(damage(path.read_bytes()))
    before = contents(tmp_path)
    with pytest.raises(KeyFileError, match=r"root-1\.key"):
        open_key(path, PASSWORD)
    assert contents(tmp_path) == before


def test_a_public_file_whose_id_is_not_that_of_its_key_is_refused(tmp_path):
    one, other = make(tmp_path, "root-1", "root-2")
    forged = json.loads(one.to_bytes()) | {"keyid": other.keyid}
    (tmp_path / "root-1.pub").write_text(json.dumps(forged))
    with pytest.raises(KeyFileError, match="not that of its key"):
        show(tmp_path / "root-1.pub")


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format":"rohnamo-public-key","version":2}',
                                     '{"format":"rohnamo-public-key","version":1,"name":"a","keyid":"b","key":{}}'])
def test_a_public_file_of_something_else_is_refused(tmp_path, content):
    (tmp_path / "root-1.pub").write_text(content)
    with pytest.raises(KeyFileError, match=r"root-1\.pub"):
        show(tmp_path / "root-1.pub")


def test_a_public_key_survives_being_written_and_read(tmp_path):
    made, = make(tmp_path, "root-1")
    read = show(tmp_path / "root-1.pub")
    assert isinstance(read, PublicKey)
    assert read.to_bytes() == made.to_bytes()
