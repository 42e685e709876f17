"""Accounts, passwords, tries and the log of who did what, as they are kept on the disk."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assistant.access import passwords
from assistant.access.accounts import AccountError, checked_name, plain_name
from assistant.access.audit import BrokenAuditError, Deed, faults, read_entry
from assistant.access.entrance import Outcome, change_password, still_open, try_to_enter
from assistant.access.limits import FREE_TRIES, LONGEST_S, MOST_NAMES, MOST_PLACES, Pace
from assistant.access.passwords import check_password, hashed, is_outdated, is_password
from assistant.access.roles import Role
from assistant.access.store import FILE, opened_store
from assistant.config import Config
from assistant.errors import ConfigError
from sync.audit import Fault, Flaw, Head
from sync.errors import StateError
from tests.front import PASSWORDS, cheaply, deeds, with_accounts

ROOT = Path(__file__).parents[1]
NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)
RIGHT = PASSWORDS["anisa"]


@pytest.fixture
def config(tmp_path, monkeypatch):
    cheaply(monkeypatch)
    found = Config(tmp_path / "data")
    with_accounts(found)
    return found


def enter(config, name="anisa", password=RIGHT, *, role=Role.CLERK, after=0.0):
    return try_to_enter(config, role, name, password, NOW + timedelta(seconds=after))


# Passwords

def test_a_password_is_kept_as_argon2id_with_a_salt_of_its_own():
    kept, again = hashed("ин парол дароз аст"), hashed("ин парол дароз аст")
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=1$")
    assert kept != again
    assert is_password(kept, "ин парол дароз аст")
    assert not is_password(kept, "ин парол дароз асt")
    assert not is_outdated(kept)


def test_the_same_letters_from_another_keyboard_are_the_same_password():
    assert is_password(hashed("салом\u04e3 ба шумо"), "салом\u0438\u0304 ба шумо")


def test_where_nothing_is_kept_something_of_the_same_cost_is_compared_all_the_same(monkeypatch):
    compared = []
    monkeypatch.setattr(passwords, "_nobodys", lambda: compared.append(hashed("касе надорад")) or compared[0])
    assert not is_password(None, "касе надорад")
    assert [is_outdated(one) for one in compared] == [False]


@pytest.mark.parametrize("weak", ["кӯтоҳ", "а" * 12, "1212121212121212", "anisa ва чанд калима", "x1y2z" * 40])
def test_a_password_that_is_soon_guessed_is_refused(weak):
    with pytest.raises(ConfigError, match="too easy"):
        check_password(weak, "anisa")


@pytest.mark.parametrize("name", ["a", "", "аnisa", "two words", "-x", "x" * 41, "x" * 90, "uid 0", "a/b"])
def test_a_name_that_is_none_or_looks_like_another_is_refused(name):
    with pytest.raises(ConfigError, match="cannot be the name"):
        checked_name(name)


def test_a_name_is_the_same_however_it_is_typed():
    assert checked_name(" Н.Шарифӣ ") == plain_name("н.Шариф\u0438\u0304") == "н.шарифӣ"


# Accounts

def test_an_account_opens_the_pages_of_its_role_and_no_others(config):
    assert enter(config).outcome is Outcome.ENTERED
    assert enter(config, role=Role.ADMIN).outcome is Outcome.OTHER_ROLE
    assert enter(config, "baxtiyor", PASSWORDS["baxtiyor"]).outcome is Outcome.OTHER_ROLE


def test_a_name_is_taken_once_and_the_first_stays(config):
    with opened_store(config) as store, pytest.raises(AccountError, match="already"):
        store.accounts.new("anisa", Role.ADMIN, hashed("другой пароль здесь"), NOW, "uid 0")
    assert enter(config).outcome is Outcome.ENTERED
    assert [did for _, did, _ in deeds(config)].count("account_made") == 2


def test_a_locked_account_tells_so_to_who_knows_its_password_alone(config):
    with opened_store(config) as store:
        store.accounts.lock("anisa", NOW, "uid 0")
    assert enter(config).outcome is Outcome.LOCKED
    assert enter(config, password="дигар").outcome is Outcome.WRONG  # noqa: S106
    with opened_store(config) as store:
        store.accounts.unlock("anisa", NOW, "uid 0")
    assert enter(config).outcome is Outcome.ENTERED


@pytest.mark.parametrize("change", ["lock", "password"])
def test_what_changes_an_account_ends_its_sessions_and_nobody_elses(config, change):
    mine, other = enter(config).account, enter(config, "baxtiyor", PASSWORDS["baxtiyor"], role=Role.ADMIN).account
    assert still_open(config, mine)
    with opened_store(config) as store:
        if change == "lock":
            store.accounts.lock("anisa", NOW, "uid 0")
        else:
            store.accounts.set_password("anisa", hashed("шумо инро намедонед"), NOW, "uid 0")
    assert not still_open(config, mine)
    assert still_open(config, other)


def test_an_account_that_is_not_there_cannot_be_changed(config):
    with opened_store(config) as store:
        for change in (store.accounts.lock, store.accounts.unlock):
            with pytest.raises(AccountError, match="no account nobody"):
                change("nobody", NOW, "uid 0")
    assert len(deeds(config)) == 2


def test_a_password_is_changed_by_who_knows_the_old_one(config):
    account = enter(config).account
    assert change_password(config, account, "нодуруст аст", "пароли дигари дароз", NOW) is None
    with pytest.raises(ConfigError, match="too easy"):
        change_password(config, account, RIGHT, "кӯтоҳ", NOW)
    assert still_open(config, account)
    assert change_password(config, account, RIGHT, "пароли дигари дароз", NOW)
    assert enter(config).outcome is Outcome.WRONG
    assert enter(config, password="пароли дигари дароз").outcome is Outcome.ENTERED  # noqa: S106


def test_a_password_that_was_kept_at_another_cost_is_kept_anew_when_it_is_given(config, monkeypatch):
    account = enter(config).account
    monkeypatch.setattr(passwords, "_MEMORY_KIB", 128)
    monkeypatch.setattr(passwords, "_COST", "$argon2id$v=19$m=128,t=1,p=1$")
    assert enter(config).outcome is Outcome.ENTERED
    with opened_store(config) as store:
        assert store.accounts.password("anisa").startswith("$argon2id$v=19$m=128")
    assert still_open(config, account)


# Tries

def test_after_five_wrong_passwords_a_name_is_shut_also_for_the_right_one_and_opens_by_itself(config):
    for _ in range(FREE_TRIES):
        assert enter(config, password="дигар").outcome is Outcome.WRONG  # noqa: S106
    shut = enter(config)
    assert (shut.outcome, shut.account, shut.wait_s) == (Outcome.SHUT, None, 60.0)
    assert enter(config, after=59).outcome is Outcome.SHUT
    assert enter(config, "baxtiyor", PASSWORDS["baxtiyor"], role=Role.ADMIN).outcome is Outcome.ENTERED
    assert enter(config, after=60).outcome is Outcome.ENTERED
    assert enter(config, password="дигар", after=61).outcome is Outcome.WRONG  # noqa: S106


def test_each_further_wrong_password_shuts_for_twice_as_long_up_to_an_hour(config):
    at, waits = 0.0, []
    for _ in range(FREE_TRIES + 8):
        waits.append(enter(config, password="дигар", after=at).wait_s)  # noqa: S106
        at += waits[-1]
    assert waits == [0, 0, 0, 0, 60, 120, 240, 480, 960, 1920, LONGEST_S, LONGEST_S, LONGEST_S]
    assert enter(config, after=at - 1).outcome is Outcome.SHUT
    assert enter(config, after=at).outcome is Outcome.ENTERED


def test_somebody_opens_a_name_that_is_shut_at_the_command_line(config):
    for _ in range(FREE_TRIES):
        enter(config, password="дигар")  # noqa: S106
    with opened_store(config) as store:
        store.accounts.unlock("anisa", NOW, "uid 0")
    assert enter(config).outcome is Outcome.ENTERED


def test_a_name_that_nobody_has_is_shut_like_any_other_and_is_not_in_the_log(config):
    outcomes = [enter(config, "пароли ман ин аст").outcome for _ in range(FREE_TRIES + 1)]
    assert outcomes == [Outcome.WRONG] * FREE_TRIES + [Outcome.SHUT]
    assert {who for who, did, _ in deeds(config) if did in ("refused", "shut_out")} == {""}
    assert "пароли ман" not in str(deeds(config))


def test_a_clock_that_was_put_back_shuts_nobody_out_for_years(config):
    for _ in range(FREE_TRIES):
        enter(config, password="дигар", after=1e8)  # noqa: S106
    assert enter(config).wait_s == 60.0
    assert enter(config, after=61).outcome is Outcome.ENTERED


def test_names_that_nobody_has_do_not_fill_the_disk_nor_push_out_those_that_are_known(config):
    with opened_store(config) as store:
        for _ in range(FREE_TRIES):
            store.tries.count("anisa", NOW)
        with store.connection:
            for number in range(MOST_NAMES + 20):
                store.tries.count(f"nobody{number}", NOW + timedelta(seconds=number))
        assert store.connection.execute("SELECT count(*) FROM tries").fetchone()[0] == MOST_NAMES + 1
        assert store.tries.shut_s("anisa", NOW) == 60.0


def test_of_what_is_typed_for_a_name_no_more_is_kept_than_a_name_could_be(config):
    enter(config, "н" * 60_000)
    with opened_store(config) as store:
        assert store.connection.execute("SELECT max(length(name)) FROM tries").fetchone() == (64,)


def test_one_place_has_its_share_and_others_theirs_and_all_together_no_more_than_so_many():
    times = [0.0]
    pace = Pace(lambda: times[0], 2, 60.0, all_places=3)
    assert [pace.allows(place) for place in ("a", "a", "a", "b", "b")] == [True, True, False, True, False]
    times[0] = 60.0
    assert pace.allows("a")


def test_places_do_not_fill_the_memory():
    pace = Pace(lambda: 0.0, 2, 60.0, all_places=10**9)
    for number in range(MOST_PLACES + 100):
        pace.allows(str(number))
    assert len(pace._places) == MOST_PLACES


# The audit log

@pytest.fixture
def rows(config):
    """A log of ten entries, as it lies on the disk."""
    with opened_store(config) as store:
        for number in range(8):
            store.audit.record(NOW + timedelta(minutes=number), "anisa", Deed.EXPORTED, table=f"ҷадвали {number}")
        return store.audit.rows()


def test_a_log_that_nobody_touched_is_whole(rows):
    assert len(rows) == 10
    assert faults(rows) == ()
    assert faults(rows, Head(10, rows[-1][1])) == faults(rows, Head(4, rows[3][1])) == ()


@pytest.mark.parametrize("at", range(10))
def test_whatever_is_changed_in_an_entry_is_found(rows, at):
    number, kept, body = rows[at]
    for place in range(0, len(body), 7):
        changed = body[:place] + bytes([body[place] ^ 1]) + body[place + 1:]
        assert faults([*rows[:at], (number, kept, changed), *rows[at + 1:]]), place


@pytest.mark.parametrize("at", range(9))
def test_an_entry_that_is_cut_out_is_found_also_where_the_rest_is_numbered_anew(rows, at):
    assert faults(rows[:at] + rows[at + 1:])[0] == Fault(Flaw.MISSING, at + 1, at + 1)
    renumbered = [(number, kept, body) for number, (_, kept, body) in enumerate(rows[:at] + rows[at + 1:], 1)]
    assert faults(renumbered)


def test_an_entry_with_its_hash_made_anew_is_found_by_the_one_after(rows):
    from hashlib import sha256
    number, _, body = rows[4]
    forged = body.replace(b'"anisa"', b'"other"')
    found = faults([*rows[:4], (number, sha256(forged).hexdigest(), forged), *rows[5:]])
    assert [(one.flaw, one.first) for one in found] == [(Flaw.BROKEN, 6)]


def test_entries_that_changed_places_are_found(rows):
    swapped = [*rows[:3], (4, *rows[4][1:]), (5, *rows[3][1:]), *rows[5:]]
    assert {one.first for one in faults(swapped)} >= {4, 5}


def test_a_tail_that_was_cut_or_made_anew_shows_against_a_head_that_was_noted(rows, config):
    noted = Head(10, rows[-1][1])
    assert faults(rows[:7]) == ()
    assert [(one.flaw, one.first, one.last) for one in faults(rows[:7], noted)] == [(Flaw.MISSING, 8, 10)]
    other = Config(config.data_dir / "other")
    with opened_store(other) as store:
        for number in range(12):
            store.audit.record(NOW, "anisa", Deed.EXPORTED, table=str(number))
        anew = store.audit.rows()
    assert faults(anew) == ()
    assert [(one.flaw, one.first) for one in faults(anew, noted)] == [(Flaw.BROKEN, 10)]


def test_the_database_itself_lets_no_entry_be_changed_or_cut(config, rows):
    with opened_store(config) as store:
        for order in ("UPDATE audit SET hash = ''", "DELETE FROM audit WHERE number = 3",
                      "INSERT OR REPLACE INTO audit VALUES (3, '', '', x'')"):
            with pytest.raises(sqlite3.IntegrityError):
                store.connection.execute(order)
        assert store.audit.rows() == rows


def test_an_entry_and_what_it_tells_of_stand_or_fall_together(config, monkeypatch):
    from assistant.access import audit
    before = deeds(config)
    monkeypatch.setattr(audit.Entry, "to_bytes", lambda self: 1 / 0)
    with opened_store(config) as store, pytest.raises(ZeroDivisionError):
        store.accounts.lock("anisa", NOW, "uid 0")
    monkeypatch.undo()
    assert deeds(config) == before
    with opened_store(config) as store:
        assert not store.accounts.find("anisa").locked


def test_what_is_no_entry_is_refused():
    for data in (b"", b"{}", b"\xff", b'{"format":"rohnamo-desk-audit","version":1}'):
        with pytest.raises(BrokenAuditError):
            read_entry(data)


WRITER = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from assistant.access.audit import Deed
from assistant.access.store import opened_store
from assistant.config import Config
for number in range(100_000):
    with opened_store(Config(Path(sys.argv[1]))) as store:
        print(store.audit.record(datetime.now(UTC), "anisa", Deed.EXPORTED, number=str(number)).number, flush=True)
"""


def test_what_was_recorded_is_there_after_a_kill_and_the_chain_is_whole(tmp_path):
    with subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path)], stdout=subprocess.PIPE, text=True,
                          cwd=ROOT) as writer:
        said = [int(writer.stdout.readline()) for _ in range(30)]
        os.kill(writer.pid, signal.SIGKILL)
        said += [int(line) for line in writer.stdout.read().splitlines() if line.strip()]
    with opened_store(Config(tmp_path)) as store:
        assert faults(store.audit.rows()) == ()
        assert store.audit.head().number >= said[-1]


# The file

def test_every_commit_is_flushed_and_the_file_is_for_its_owner_alone(config):
    with opened_store(config) as store:
        assert store.connection.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store.connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        store.audit.record(NOW, "anisa", Deed.LEFT)
        beside = [path for path in config.data_dir.iterdir() if path.name.startswith(FILE)]
        assert len(beside) == 3
        assert {stat.S_IMODE(path.stat().st_mode) for path in beside} == {0o600}


def test_a_damaged_file_lets_nobody_in_and_says_so(config):
    (config.data_dir / FILE).write_bytes(b"no database" * 1000)
    for name in (f"{FILE}-wal", f"{FILE}-shm"):
        (config.data_dir / name).unlink(missing_ok=True)
    with pytest.raises(StateError, match=r"desks\.db cannot be used"):
        enter(config)


def test_a_file_of_a_newer_program_is_left_alone(config):
    with opened_store(config) as store:
        store.connection.execute("PRAGMA user_version = 9")
    with pytest.raises(StateError, match="version 9"):
        enter(config)


def test_an_account_that_was_locked_and_opened_again_has_no_session_left(config):
    account = enter(config).account
    with opened_store(config) as store:
        store.accounts.lock("anisa", NOW, "uid 0")
        store.accounts.unlock("anisa", NOW, "uid 0")
    assert not still_open(config, account)
    assert enter(config).outcome is Outcome.ENTERED
