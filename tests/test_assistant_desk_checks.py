"""What `doctor` says of the desks: the certificate and its key, who can enter, and whether the audit log is whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from assistant.access.settings import DeskSettings
from assistant.access.store import FILE, opened_store
from assistant.config import Config
from assistant.desk_checks import desk_checks
from assistant.doctor import examine
from tests.front import ROLES, cheaply, with_accounts

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "data")


@pytest.fixture
def peopled(config, monkeypatch):
    cheaply(monkeypatch)
    with_accounts(config)
    return config


def certified(config, days, *, names=("desk.example",), mode=0o600, other_key=False):
    """Give a desk a certificate that lasts so many days from now."""
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "desk")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(NOW - timedelta(days=400)).not_valid_after(NOW + timedelta(days=days)))
    if names:
        made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName(one) for one in names]), critical=False)
    folder = config.data_dir
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "desk.pem").write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    (folder / "desk.key").write_bytes((other if other_key else key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    (folder / "desk.key").chmod(mode)
    return replace(config, desk=DeskSettings(folder / "desk.pem", folder / "desk.key"))


def found(config):
    return {check.name: (check.state, check.message) for check in desk_checks(config, NOW)}


def test_a_machine_without_a_desk_is_told_nothing_and_gets_no_database(config):
    assert found(config) == {}
    assert not (config.data_dir / FILE).exists()
    assert {"certificate", "accounts", "audit log", "desks"}.isdisjoint(check.name for check in examine(config))


@pytest.mark.parametrize(("days", "state", "says"), [
    (31, "ok", "for desk.example, until 2026-12-27"), (30, "note", "over on 2026-12-26"), (-1, "bad", "2026-11-25")])
def test_a_certificate_is_told_with_its_names_and_its_last_day(config, days, state, says):
    told = found(certified(config, days))["certificate"]
    assert told[0] == state
    assert says in told[1]


@pytest.mark.parametrize(("fault", "says"), [
    ({"mode": 0o640}, "others can read"), ({"names": ()}, "names no machine"), ({"other_key": True}, "cannot be used")])
def test_a_certificate_that_cannot_be_used_is_bad(config, fault, says):
    told = found(certified(config, 100, **fault))["certificate"]
    assert told[0] == "bad"
    assert says in told[1]


def test_who_can_enter_is_told_and_that_the_log_is_whole(peopled):
    before = (peopled.data_dir / FILE).read_bytes()
    assert found(peopled) == {"accounts": ("ok", "1 admin, 1 clerk can enter"), "audit log": ("ok", "whole, 2 entries")}
    assert (peopled.data_dir / FILE).read_bytes() == before


def test_that_nobody_can_enter_is_told(config, peopled):
    with opened_store(peopled) as store:
        for name in ROLES:
            store.accounts.lock(name, NOW, "uid 0")
    assert found(peopled)["accounts"] == ("note", "all are locked: nobody can enter")


def test_a_desk_without_accounts_is_told_how_to_make_one(config):
    with opened_store(config):
        pass
    [check] = [one for one in desk_checks(config, NOW) if one.name == "accounts"]
    assert (check.state, check.next_step) == ("note", "Run: rohnamo accounts new NAME --role admin.")


def test_a_log_that_was_changed_is_bad_and_told_where(peopled):
    with opened_store(peopled) as store:
        store.connection.execute("DROP TRIGGER audit_is_not_changed")
        store.connection.execute("UPDATE audit SET entry = replace(entry, 'clerk', 'admin') WHERE number = 1")
    assert found(peopled)["audit log"] == ("bad", "it was changed, first at entry 1")
    assert found(peopled)["accounts"][0] == "ok"


def test_a_database_that_others_can_read_is_noted(peopled):
    (peopled.data_dir / FILE).chmod(0o644)
    checks = [one for one in desk_checks(peopled, NOW) if one.name == "accounts"]
    assert [one.state for one in checks] == ["note", "ok"]
    assert "chmod 600" in checks[0].next_step
