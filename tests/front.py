"""A desk with a door, for tests of who may enter: accounts, a clock that goes on when told to, people at browsers."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

from starlette.testclient import TestClient

from assistant.access import passwords
from assistant.access.limits import Pace
from assistant.access.passwords import hashed
from assistant.access.roles import Role
from assistant.access.store import opened_store
from assistant.config import Config
from assistant.web.entered import EnteredSessions
from assistant.web.lock import Office
from assistant.web.office import pages
from tests.desk import ADDRESS, NOW, desk

PASSWORDS = {"anisa": "чор калимаи дур аз ҳам", "baxtiyor": "panj kalimai digar 5"}
ROLES = {"anisa": Role.CLERK, "baxtiyor": Role.ADMIN}
OF = {role: name for name, role in ROLES.items()}
IDLE_S, MOST_S = 900.0, 36_000.0
CHEAP = {"_MEMORY_KIB": 64, "_PASSES": 1, "_COST": "$argon2id$v=19$m=64,t=1,p=1$"}


class Front:
    """The pages of one role.  `later` lets time pass, on the clock of the wall too."""

    def __init__(self, config, role, *, tries=100):
        self.config, self.role, self.seconds = config, role, 0.0
        self.desk = replace(desk(config), now=lambda: NOW + timedelta(seconds=self.seconds))
        clock = lambda: self.seconds  # noqa: E731
        self.office = Office(role, self.desk, EnteredSessions(clock, IDLE_S, MOST_S),
                             Pace(clock, tries, 60.0, all_places=1000), Pace(clock, 10_000, 60.0, all_places=10_000))
        self.app = pages(self.office)

    def later(self, seconds):
        self.seconds += seconds

    def browser(self):
        """Return a browser at which nobody entered yet; it does not follow."""
        return TestClient(self.app, base_url=ADDRESS, headers={"origin": ADDRESS}, follow_redirects=False)

    def inside(self, name=None):
        """Return a browser at which somebody entered, as whoever has the role."""
        browser = self.browser()
        assert enter(browser, name or OF[self.role]).status_code == 303
        return browser

    def csrf(self, browser):
        """Return the word that the forms of this browser have."""
        return self.office.inside.find(browser.cookies[self.office.cookie]).csrf


def enter(browser, name, password=None):
    return browser.post("/enter", data={"name": name, "password": password or PASSWORDS[name]})


def cheaply(monkeypatch):
    """Make passwords cheap to compare, for tests that are about something else."""
    for name, value in CHEAP.items():
        monkeypatch.setattr(passwords, name, value)
    passwords._nobodys.cache_clear()


def with_accounts(config):
    """Make the accounts."""
    with opened_store(config) as store:
        for name, role in ROLES.items():
            store.accounts.new(name, role, hashed(PASSWORDS[name]), NOW, "uid 0")


def desks(data_dir, monkeypatch):
    """Return the configuration of a data directory with accounts, whose passwords are cheap to compare."""
    cheaply(monkeypatch)
    config = Config(data_dir)
    with_accounts(config)
    return config


def desks_over(seed_config, folder, monkeypatch):
    """Return the same over the documents of the seed."""
    cheaply(monkeypatch)
    for name in ("generations", "drafts"):
        (folder / name).symlink_to(getattr(seed_config, name))
    config = replace(seed_config, data_dir=folder)
    with_accounts(config)
    return config


@contextmanager
def log_of(config):
    """Give the audit log."""
    with opened_store(config) as store:
        yield store.audit


def deeds(config, most=100):
    """Return what the audit log tells, the newest first: who, what, and the details."""
    with log_of(config) as log:
        return [(one.who, one.deed.value, dict(one.detail)) for one in log.last(most)]
