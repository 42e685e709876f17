"""The table [kiosk], and the PIN of the staff that stands in no setting."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from assistant import config as settings
from assistant.errors import ConfigError
from assistant.kiosk_settings import kiosk_settings_of, read_table
from assistant.staff_pin import has_pin, is_pin, pin_path, set_pin
from assistant.web.settings import KioskSettings
from tests.disk import everything

WHOLE = """
[kiosk]
idle_s = 120
warn_s = 25
screen_inches = 32
stale_days = 30
printer = "office-a4"
receipt_printer = "slip_80mm"
feedback = false
downloads = true
"""


def written(folder, text):
    (folder / "config.toml").write_text(text, encoding="utf-8")
    return settings.load(folder)


def refusal(**table):
    with pytest.raises(ConfigError) as caught:
        read_table(table, Path("/data/config.toml"))
    return f"{caught.value.message}\n{caught.value.hint}"


def test_every_setting_is_read(tmp_path):
    assert kiosk_settings_of(written(tmp_path, WHOLE)) == KioskSettings(
        idle_s=120, warn_s=25, screen_inches=32.0, stale_days=30, printer="office-a4", receipt_printer="slip_80mm",
        feedback=False, downloads=True)


def test_a_machine_without_the_table_has_the_usual_settings(tmp_path):
    assert kiosk_settings_of(written(tmp_path, "")) == KioskSettings()


def test_an_unknown_setting_is_refused_with_the_one_that_was_meant():
    assert 'Is "printer" meant?' in refusal(print="a4")
    assert "pin_sha256" in refusal(pin_sha256="00")


@pytest.mark.parametrize(("name", "value"), [
    ("idle_s", 5), ("idle_s", 1.5), ("idle_s", True), ("warn_s", 19), ("warn_s", 99_999), ("screen_inches", 3),
    ("screen_inches", "27"), ("screen_inches", True), ("stale_days", 0), ("printer", 7), ("printer", "-o raw"),
    ("printer", "a b"), ("printer", "../a"), ("receipt_printer", "a;b"), ("feedback", 1), ("downloads", "yes")])
def test_a_value_that_cannot_be_is_refused_with_what_it_should_be(name, value):
    said = refusal(**{name: value})
    assert f"{name} in [kiosk] cannot be" in said
    assert "It is " in said


def test_people_have_at_least_twenty_seconds_to_say_that_they_are_there():
    assert read_table({"warn_s": 20}, Path("config.toml")).warn_s == 20
    assert "20 to" in refusal(warn_s=10)


def test_a_pin_is_kept_as_a_slow_hash_that_its_owner_alone_reads(tmp_path):
    config = settings.load(tmp_path)
    assert not has_pin(config)
    set_pin(config, "481516")
    kept = pin_path(config).read_text(encoding="ascii")
    assert is_pin(config, "481516")
    assert not is_pin(config, "481517")
    assert "481516" not in kept
    assert kept.startswith("scrypt 16384 8 5 ")
    assert stat.S_IMODE(pin_path(config).stat().st_mode) == 0o600
    assert set(everything(tmp_path)) == {"staff.pin"}


def test_a_new_pin_stands_in_place_of_the_old_one(tmp_path):
    config = settings.load(tmp_path)
    set_pin(config, "481516")
    first = pin_path(config).read_text(encoding="ascii")
    set_pin(config, "рамзи нав")
    assert is_pin(config, "рамзи нав")
    assert not is_pin(config, "481516")
    set_pin(config, "481516")
    assert pin_path(config).read_text(encoding="ascii") != first     # another salt


@pytest.mark.parametrize("pin", ["", "12345", "111111", "121212", "9" * 65])
def test_a_pin_that_is_easy_to_guess_is_refused_and_the_old_one_stays(tmp_path, pin):
    config = settings.load(tmp_path)
    set_pin(config, "481516")
    before = everything(tmp_path)
    with pytest.raises(ConfigError, match="too easy"):
        set_pin(config, pin)
    assert everything(tmp_path) == before


@pytest.mark.parametrize("kept", ["", "scrypt 2 1 1 00 00", "md5 16384 8 5 00 00", "scrypt 16384 8 5 zz 00"])
def test_a_damaged_file_opens_to_nobody_and_says_what_to_do(tmp_path, kept):
    config = settings.load(tmp_path)
    pin_path(config).write_text(kept, encoding="ascii")
    with pytest.raises(ConfigError) as caught:
        is_pin(config, "481516")
    assert "--set-pin" in caught.value.hint


def test_without_a_pin_nothing_opens(tmp_path):
    with pytest.raises(ConfigError, match="no PIN"):
        is_pin(settings.load(tmp_path), "")
