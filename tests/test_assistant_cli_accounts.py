"""The verbs about accounts, as somebody at the machine meets them; and the settings of the desks."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from http.client import HTTPSConnection
from ipaddress import ip_address
from pathlib import Path

import pytest
from typer.testing import CliRunner

from assistant import config as settings
from assistant.access.settings import DeskSettings, desk_settings_of, encrypted_line
from assistant.access.store import opened_store
from assistant.cli import app
from assistant.config import Config
from assistant.errors import ConfigError
from assistant.web.guard import HOSTS
from assistant.web.server import listening
from tests.front import cheaply

ROOT = Path(__file__).parents[1]
PASSWORD = "чор калимаи дур аз ҳам"  # noqa: S105


@pytest.fixture
def data(tmp_path, monkeypatch):
    cheaply(monkeypatch)
    return tmp_path / "data"


def run(data, *words, given=""):
    return CliRunner().invoke(app, ["accounts", *words, "--data-dir", str(data)], input=given)


def new(data, name="anisa", role="clerk", password=PASSWORD, again=None):
    return run(data, "new", name, "--role", role, given=f"{password}\n{again or password}\n")


def told(data, *words):
    return json.loads(run(data, *words, "--json").stdout)


def test_an_account_is_made_with_a_password_that_nobody_sees(data):
    made = new(data)
    assert made.exit_code == 0
    assert PASSWORD not in made.output
    assert [(one["name"], one["role"], one["locked"]) for one in told(data, "list")["accounts"]] == \
        [("anisa", "clerk", False)]
    assert PASSWORD.encode() not in b"".join(path.read_bytes() for path in data.iterdir())


@pytest.mark.parametrize(("given", "said"), [
    ({"password": "кӯтоҳ"}, "too easy"), ({"again": "чизи дигар аст ин"}, "differ"),
    ({"name": "two words"}, "cannot be the name")])
def test_an_account_that_cannot_be_made_leaves_nothing(data, given, said):
    refused = new(data, **given)
    assert (refused.exit_code, said in refused.stderr) == (1, True)
    assert told(data, "list")["accounts"] == []


def test_a_role_that_is_none_is_wrong_usage(data):
    assert new(data, role="kiosk").exit_code == 2
    assert not data.exists()


def test_an_account_is_locked_opened_and_given_another_password_and_the_log_tells_it(data):
    new(data)
    assert run(data, "lock", "anisa").exit_code == 0
    assert told(data, "list")["accounts"][0]["locked"]
    assert run(data, "unlock", "Anisa ").exit_code == 0
    assert not told(data, "list")["accounts"][0]["locked"]
    before = kept(data)
    assert run(data, "password", "anisa", given="пароли дигари дароз\nпароли дигари дароз\n").exit_code == 0
    assert kept(data) != before
    entries = told(data, "log")["entries"]
    assert [one["deed"] for one in entries] == ["password_set", "account_unlocked", "account_locked", "account_made"]
    assert {one["who"].split()[0] for one in entries} == {"uid"}
    assert "account locked (account anisa)" in run(data, "log").stdout


def kept(data):
    with opened_store(Config(data)) as store:
        return store.accounts.password("anisa")


@pytest.mark.parametrize("verb", ["lock", "unlock", "password"])
def test_an_account_that_is_not_there_is_said_in_a_sentence(data, verb):
    done = run(data, verb, "nobody", given=f"{PASSWORD}\n{PASSWORD}\n")
    assert (done.exit_code, "no account nobody" in done.stderr) == (1, True)
    assert told(data, "log")["entries"] == []


def test_the_log_is_verified_and_its_head_shows_later_what_was_cut(data):
    new(data)
    run(data, "lock", "anisa")
    whole = told(data, "verify")
    assert (whole["whole"], whole["entries"]) == (True, 2)
    assert run(data, "verify", "--head", whole["head"]).exit_code == 0
    with opened_store(Config(data)) as store:
        store.connection.execute("DROP TRIGGER audit_is_not_cut")
        store.connection.execute("DELETE FROM audit WHERE number = 2")
    assert run(data, "verify").exit_code == 0
    cut = run(data, "verify", "--head", whole["head"])
    assert (cut.exit_code, "entries 2 to 2 are missing" in cut.stderr) == (1, True)
    run(data, "unlock", "anisa")
    assert "broken" in run(data, "verify", "--head", whole["head"]).stderr
    assert run(data, "verify", "--head", "2:x").exit_code == 2


# The settings

def configured(data, table):
    data.mkdir(exist_ok=True)
    (data / "config.toml").write_text(f"[desk]\n{table}", encoding="utf-8")
    return settings.load(data)


def test_without_settings_somebody_stays_a_quarter_of_an_hour_and_a_working_day(tmp_path):
    assert desk_settings_of(Config(tmp_path)) == DeskSettings(None, None, 15, 10)
    assert encrypted_line(Config(tmp_path)) is None
    found = configured(tmp_path / "data", "idle_minutes = 5\nmost_hours = 8\n")
    assert desk_settings_of(found) == DeskSettings(None, None, 5, 8)


@pytest.mark.parametrize(("table", "said"), [
    ("idle_minutes = 0", "idle_minutes"), ("most_hours = 25", "most_hours"), ("idle_minutes = true", "idle_minutes"),
    ("idel_minutes = 5", 'Is "idle_minutes" meant'), ('certificate = "a.pem"', "without its key"),
    ('key = "a.key"', "without its certificate"), ('key = ""\ncertificate = "a.pem"', "key")])
def test_a_setting_that_cannot_be_is_said(tmp_path, table, said):
    with pytest.raises(ConfigError) as caught:
        configured(tmp_path / "data", table)
    assert said in caught.value.message + caught.value.hint


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for a name and an address, and its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([])
    now = datetime.now(UTC)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(7).not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("Desk.example.tj"), x509.IPAddress(
                ip_address("127.0.0.1")), x509.IPAddress(ip_address("::1"))]), critical=True)
            .sign(key, hashes.SHA256()))
    folder = tmp_path_factory.mktemp("certificate")
    (folder / "desk.pem").write_bytes(made.public_bytes(Encoding.PEM))
    (folder / "desk.key").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "desk.key").chmod(0o600)
    return folder


def with_certificate(data, folder):
    return configured(data, f'certificate = "{folder / "desk.pem"}"\nkey = "{folder / "desk.key"}"\n')


def test_a_desk_answers_under_the_names_of_its_certificate(tmp_path, certificate):
    line = encrypted_line(with_certificate(tmp_path, certificate))
    assert line.names == {"desk.example.tj", "127.0.0.1", "[::1]"}


def test_a_key_that_others_can_read_or_a_file_that_is_no_certificate_is_refused(tmp_path, certificate):
    open_key = tmp_path / "open.key"
    open_key.write_bytes((certificate / "desk.key").read_bytes())
    open_key.chmod(0o640)
    with pytest.raises(ConfigError, match="others can read"):
        encrypted_line(configured(tmp_path, f'certificate = "{certificate / "desk.pem"}"\nkey = "open.key"\n'))
    open_key.chmod(0o600)
    for wrong in ("open.key", "gone.pem"):
        with pytest.raises(ConfigError, match="cannot be used"):
            encrypted_line(configured(tmp_path, f'certificate = "{wrong}"\nkey = "open.key"\n'))


def test_only_an_encrypted_line_is_reached_from_other_machines():
    with pytest.raises(ConfigError, match="for this one alone"):
        listening("0.0.0.0", 0)  # noqa: S104
    with listening("0.0.0.0", 0, to_others=True) as opened:  # noqa: S104
        assert opened.getsockname()[0] == "0.0.0.0"  # noqa: S104


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5"])  # noqa: S104
@pytest.mark.parametrize("role", ["clerk", "admin", "api"])
def test_a_desk_without_a_certificate_is_for_this_machine_alone(tmp_path, role, host):
    done = CliRunner().invoke(app, ["serve", "--role", role, "--host", host, "--port", "0", "--data-dir",
                                    str(tmp_path)])
    assert (done.exit_code, "docs/open-a-desk.md" in done.stderr) == (1, True)


@pytest.mark.parametrize(("role", "page"), [("admin", "/enter"), ("api", "/api/v1/openapi.json")])
def test_a_desk_with_a_certificate_answers_over_an_encrypted_line_under_its_names_alone(tmp_path, certificate, role,
                                                                                        page):
    with_certificate(tmp_path, certificate)
    trusted = ssl.create_default_context(cafile=certificate / "desk.pem")
    with subprocess.Popen([sys.executable, "-m", "assistant", "serve", "--role", role, "--port", "0", "--data-dir",
                           str(tmp_path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          cwd=ROOT) as server:
        try:
            address = server.stdout.readline().split()[-1]
            assert address.startswith("https://127.0.0.1:"), server.stderr.read()
            port = int(address.rstrip("/").rpartition(":")[2])
            statuses = {}
            for host in ("desk.example.tj", "127.0.0.1", "evil.example"):
                connection = HTTPSConnection("127.0.0.1", port, context=trusted, timeout=20)
                connection.request("GET", page, headers={"host": f"{host}:{port}"})
                statuses[host] = connection.getresponse().status
                connection.close()
        finally:
            server.terminate()
        said = server.stderr.read()
    assert statuses == {"desk.example.tj": 200, "127.0.0.1": 200, "evil.example": 421}
    assert f"nobody can {'ask' if role == 'api' else 'enter'} yet" in said
    assert "evil.example" not in HOSTS
