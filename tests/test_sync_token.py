"""Keys on tokens: signed with and trusted as those in files are, and nothing is lost where a token cannot be used.

What only verifies is tested anywhere; what signs, with SoftHSM, a token made of files.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from securesystemslib.signer import CryptoSigner, HSMSigner

from assistant import signing
from sync.ceremony import rotate
from sync.errors import KeyFileError
from sync.keys import PublicKey, show
from sync.prepared import Prepared, sign
from sync.verify import verify
from tests.disk import everything
from tests.keyring import PASSWORD, done, refused, run, write_keyring
from tests.ministry import TABLE, Ministry, public
from tests.repository_simulator import NOW, signer

PIN, LABEL = "730461", "stick-1"
MODULE = next((str(path) for folder in ("/usr/lib", "/usr/local/lib", "/opt")
               for path in sorted(Path(folder).glob("**/softhsm/libsofthsm2.so"))), "")
CURVES = {2: "secp256r1", 3: "secp384r1", 4: "secp521r1"}
RSA, SHY = 5, 6      # a key of another kind, and one that shows itself only after the PIN
HOLDERS = [*(f"root-{number}" for number in range(1, 6)), "targets-1", "targets-2", "targets-3", *TABLE[-2:]]


@pytest.fixture(scope="module")
def founded(tmp_path_factory):
    return Ministry(tmp_path_factory.mktemp("ministry"))


@pytest.fixture
def ministry(founded, tmp_path):
    return founded.copied(tmp_path / "ministry")


@pytest.fixture(scope="module")
def keyring(tmp_path_factory):
    return write_keyring(tmp_path_factory.mktemp("keyring"))


@pytest.fixture(autouse=True)
def moment(monkeypatch):
    monkeypatch.setattr(signing, "now", lambda: NOW)


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """Two tokens; stick-1 has a key on each curve, one of another kind and one that is shy."""
    pkcs11 = pytest.importorskip("pkcs11", reason="the extra `token` is not installed")
    if not MODULE or not shutil.which("softhsm2-util"):
        pytest.skip("SoftHSM is not installed: apt-get install softhsm2")
    folder = tmp_path_factory.mktemp("tokens")
    (folder / "conf").write_text(f"directories.tokendir = {folder}\nlog.level = ERROR\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "conf"))
        patch.setenv("PYKCS11LIB", MODULE)
        for label in (LABEL, "stick-2"):
            subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", PIN],
                           check=True, capture_output=True)
        for label in (LABEL, "stick-2"):        # SoftHSM sees no token that is made after it was loaded
            with pkcs11.lib(MODULE).get_token(token_label=label).open(user_pin=PIN, rw=True) as session:
                _fill(pkcs11, session)
        yield SimpleNamespace(pkcs11=pkcs11, folder=folder)
        pkcs11.unload(MODULE)


def _fill(pkcs11, session):
    for number, curve in {**CURVES, SHY: "secp256r1"}.items():
        named = {pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters(curve)}
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC, named, local=True)
        parameters.generate_keypair(store=True, id=bytes([number]),
                                    public_template={pkcs11.Attribute.PRIVATE: number == SHY})
    session.generate_keypair(pkcs11.KeyType.RSA, 1024, store=True, id=bytes([RSA]))


# --- without a token ------------------------------------------------------------------------------


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP384R1()])
def test_a_release_that_two_must_sign_takes_a_key_of_either_kind(ministry, tmp_path, curve):
    elliptic = CryptoSigner(ec.generate_private_key(curve))
    (tmp_path / "min-labour-3.pub").write_bytes(PublicKey.of("min-labour-3", elliptic).to_bytes())
    new = show(tmp_path / "min-labour-3.pub")
    assert new.keyid == elliptic.public_key.keyid
    rotation = rotate(ministry.repository, "min-labour", "min-labour-1", new, ministry.place(), NOW)
    sign(rotation, elliptic)
    ministry.publish(rotation, "targets-1", "targets-2", "min-labour-2")
    prepared = ministry.prepare(1, publisher="min-labour")
    wanted, = sign(prepared, elliptic)
    assert (wanted.signed_by, wanted.missing) == (("min-labour-3",), 1)
    ministry.publish(prepared, "min-labour-2")
    assert [release.id for release in ministry.verified().releases] == ["min-labour/1"]


@pytest.mark.parametrize("private", [ec.generate_private_key(ec.SECP521R1()), rsa.generate_private_key(65537, 2048)])
def test_a_public_key_of_a_kind_that_nobody_signs_with_here_is_refused(tmp_path, private):
    path = tmp_path / "root-1.pub"
    path.write_bytes(PublicKey.of("root-1", CryptoSigner(private)).to_bytes())
    with pytest.raises(KeyFileError, match="not that of its key"):
        show(path)


# --- with one -------------------------------------------------------------------------------------


def taken(folder, name="min-health-3", label=LABEL, number=2, passwords=()):
    """Read the public half of a key from a token, as a person would; return the file that says where the key is."""
    done("keys", "new", name, "--into", folder, "--token", label, "--token-key", number, passwords=passwords)
    return folder / f"{name}.token"


@pytest.mark.parametrize(("number", "scheme"), [(2, "ecdsa-sha2-nistp256"), (3, "ecdsa-sha2-nistp384")])
def test_a_key_on_a_token_has_a_public_file_as_any_other(tokens, keyring, tmp_path, number, scheme):
    path = taken(tmp_path, number=number)
    public, other = (json.loads(file.read_bytes()) for file in (path.with_suffix(".pub"), keyring / "root-1.pub"))
    assert set(public) == set(other)
    assert (public["name"], public["key"]["scheme"]) == ("min-health-3", scheme)
    assert json.loads(path.read_bytes()) == {"format": "rohnamo-token-key", "version": 1, "label": LABEL,
                                             "number": number}
    assert show(path).fingerprint in done("keys", "show", path)


def test_a_key_that_shows_itself_only_after_the_pin_is_read_with_it(tokens, tmp_path):
    path = taken(tmp_path, number=SHY, passwords=[PIN])
    assert show(path).key.scheme == "ecdsa-sha2-nistp256"
    assert not any(PIN.encode() in data for data in everything(tmp_path).values())


def test_a_release_is_signed_with_a_token_and_its_pin_is_written_nowhere(tokens, ministry, tmp_path):
    path = taken(tmp_path)
    rotation = rotate(ministry.repository, "min-health", "min-health-1", show(path), ministry.place(), NOW)
    sign(rotation, signer("min-health-2"))
    ministry.publish(rotation, "targets-1", "targets-2")
    prepared, before = ministry.prepare(1), everything(tmp_path)
    printed = run("release", "sign", prepared.folder, "--key", path, passwords=[PIN])
    assert (printed.exit_code, "PIN for" in printed.output, PIN in printed.output) == (0, False, False)
    assert "min-health 3: signed by min-health-3" in printed.output
    changed = {name for name, data in everything(tmp_path).items() if before.get(name) != data}
    assert [name.rpartition("/")[2] for name in changed] == ["min-health.json"]
    assert not any(PIN.encode() in data for data in everything(tmp_path).values())
    ministry.publish(Prepared.open(prepared.folder))
    assert [release.id for release in ministry.verified().releases] == ["min-health/1"]


def test_a_first_ceremony_takes_keys_on_tokens_beside_those_in_files(tokens, keyring, tmp_path):
    publics = tmp_path / "publics"
    publics.mkdir()
    for name in HOLDERS[2:]:
        shutil.copy(keyring / f"{name}.pub", publics)
    on_tokens = [taken(tmp_path, "root-1"), taken(tmp_path, "root-2", "stick-2", 3)]
    for path in on_tokens:
        shutil.copy(path.with_suffix(".pub"), publics)
    names = [*on_tokens, *(keyring / f"{name}.key" for name in TABLE[2:])]
    done("keys", "begin", tmp_path / "repository", "--publics", publics,
         *(word for name in names for word in ("--key", name)), passwords=[PIN, PIN, *[PASSWORD] * 5])
    found = verify(tmp_path / "repository", NOW, root=(tmp_path / "root.json").read_bytes())
    assert [role.name for role in found.roles] == ["root", "targets", "snapshot", "timestamp"]


def test_a_key_on_a_token_and_one_in_a_file_never_share_a_name(tokens, keyring, tmp_path):
    shutil.copy(keyring / "root-1.key", tmp_path)
    taken(tmp_path, "root-2")
    before = everything(tmp_path)
    for name, words in (("root-1", ["--token", LABEL]), ("root-2", ["--token", LABEL]), ("root-2", [])):
        error = refused("keys", "new", name, "--into", tmp_path, *words, passwords=[PASSWORD, PASSWORD])
        assert error["code"] == "existing_key_file"
    assert everything(tmp_path) == before


def test_a_key_that_opens_what_machines_send_is_on_no_token(tmp_path):
    outcome = run("keys", "new", "inbox", "--into", tmp_path, "--sealing", "--token", LABEL)
    assert (outcome.exit_code, everything(tmp_path)) == (2, {})


@pytest.mark.parametrize(("words", "code", "message", "step"), [
    (["--token", "stick-9"], "bad_token", "there is no token called 'stick-9'", "Here are: stick-1, stick-2."),
    (["--token", LABEL, "--token-key", 9], "bad_token", "key 9 of the token stick-1 cannot", "--token-key"),
    (["--token", LABEL, "--token-key", RSA], "bad_token", "key 5 of the token stick-1 cannot", "P-256 or P-384"),
    (["--token", LABEL, "--token-key", 4], "bad_token", "secp521r1 is not a supported", "P-256 or P-384")])
def test_a_key_that_cannot_be_read_from_a_token_is_said_to_be_so(tokens, tmp_path, words, code, message, step):
    error = refused("keys", "new", "root-1", "--into", tmp_path, *words, passwords=[PIN])
    assert (error["code"], message in error["message"], step in error["next_step"]) == (code, True, True)
    assert everything(tmp_path) == {}


def without_extra(patch, _path):
    patch.setitem(sys.modules, "pkcs11", None)


def without_module(patch, _path):
    patch.delenv("PYKCS11LIB")


def with_another_module(patch, _path):
    patch.setenv("PYKCS11LIB", "/etc/hostname")


def with_a_spoilt_file(_patch, path):
    path.write_text("{}")


def with_another_token_in(_patch, path):
    path.write_text(path.read_text().replace(LABEL, "stick-9"))


def with_the_key_of_another(_patch, path):
    path.with_suffix(".pub").write_bytes(public("min-health-1").to_bytes())


def with_another_key_there(_patch, path):
    path.write_text(path.read_text().replace(LABEL, "stick-2"))


def with_a_locked_token(patch, _path):
    import pkcs11

    def locked(*_):
        raise pkcs11.PinLocked
    patch.setattr(HSMSigner, "sign", locked)


def with_a_token_that_falls_silent(patch, _path):
    import pkcs11

    def gone(*_):
        raise pkcs11.DeviceRemoved
    patch.setattr(HSMSigner, "sign", gone)


@pytest.mark.parametrize(("spoil", "code", "message", "step"), [
    (without_extra, "bad_token", "needs the extra `token`", "pip install 'rohnamo[token]'"),
    (without_module, "bad_token", "which module", "Set PYKCS11LIB"),
    (with_another_module, "bad_token", "the module /etc/hostname cannot be used", "Correct PYKCS11LIB"),
    (with_a_spoilt_file, "bad_key_file", "min-health-1.token does not say where", "rohnamo keys new NAME --token"),
    (with_another_token_in, "bad_token", "there is no token called 'stick-9'", "Here are: stick-1, stick-2"),
    (with_the_key_of_another, "bad_token", "unsupported scheme ed25519", "P-256 or P-384"),
    (with_another_key_there, "bad_key_file", "stick-2 holds another key than min-health-1.pub", "Put in the token"),
    (with_a_locked_token, "bad_token", "is locked after too many wrong PINs", "PUK"),
    (with_a_token_that_falls_silent, "bad_token", "stick-1 does not do it: DeviceRemoved", "put it in again")])
def test_what_keeps_a_token_from_signing_is_said_with_the_next_step(
        tokens, ministry, tmp_path, monkeypatch, spoil, code, message, step):
    path = taken(tmp_path, "min-health-1")
    prepared = ministry.prepare(1)
    spoil(monkeypatch, path)
    before = everything(tmp_path)
    error = refused("release", "sign", prepared.folder, "--key", path, passwords=[PIN])
    assert (error["code"], message in error["message"], step in error["next_step"]) == (code, True, True), error
    assert everything(tmp_path) == before


@pytest.mark.parametrize("pin", ["730462", "7", "рамз"])
def test_a_wrong_pin_signs_nothing_and_is_tried_once(tokens, ministry, tmp_path, pin):
    path, prepared = taken(tmp_path), ministry.prepare(1)
    before = everything(tmp_path)
    error = refused("release", "sign", prepared.folder, "--key", path, passwords=[pin, PIN])
    assert (error["code"], error["message"]) == ("wrong_key_password", "the PIN does not open the token stick-1")
    assert "after three wrong ones" in error["next_step"]
    assert everything(tmp_path) == before


def test_a_token_taken_out_while_it_signs_is_said_and_what_was_there_stays(tokens, ministry, tmp_path, monkeypatch):
    path = taken(tmp_path)
    rotation = rotate(ministry.repository, "min-health", "min-health-1", show(path), ministry.place(), NOW)
    before, signed, tries = everything(tmp_path), HSMSigner.sign, iter(["the trial"] * 2)

    def once(self, payload):
        if payload.startswith(b"{"):
            raise tokens.pkcs11.DeviceRemoved(next(tries))
        return signed(self, payload)

    monkeypatch.setattr(HSMSigner, "sign", once)
    error = refused("release", "sign", rotation.folder, "--key", path, passwords=[PIN])
    assert (error["code"], "Put its token in again" in error["next_step"]) == ("signatures", True)
    assert everything(tmp_path) == before
