"""What several tests look at: the seed corpus in a data directory, and a few documents of our own."""

from __future__ import annotations

import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from assistant import config as settings
from assistant import update
from assistant.answer import Assistant
from assistant.encoders import open_encoder
from assistant.evaluate import read_questions, run
from assistant.intake import take_in
from tests.office import write_papers

ROOT = Path(__file__).parents[1]
TODAY = date(2026, 11, 25)


def _unseen(done: int, whole: int) -> None:
    """Progress that nobody watches."""


@pytest.fixture(scope="session")
def seed_config(tmp_path_factory):
    """The seed corpus ingested and built, with the vectors that travel with it."""
    config = settings.load(tmp_path_factory.mktemp("seed"))
    taken = take_in(config, [ROOT / "corpora" / "seed"], None, _unseen)
    assert not [report for _, report in taken.reports if report.error_code]
    update.build(config, wait=True)
    return config


@pytest.fixture(scope="session")
def assistant(seed_config):
    """Answers from the seed corpus by facts and extracts, on one fixed day."""
    snapshot, name = update.current_snapshot(seed_config, encoder=open_encoder(seed_config))
    with snapshot:
        yield Assistant(snapshot, name, lambda: TODAY)


@pytest.fixture(scope="session")
def every_outcome(assistant):
    """What became of every question of the set, asked once with no socket at hand."""
    with pytest.MonkeyPatch.context() as patch:
        _forbid_sockets(patch)
        return run(assistant, read_questions(ROOT / "tests" / "golden" / "questions.jsonl"))


@pytest.fixture(scope="session")
def answers(every_outcome):
    """The answer to every question of the set."""
    return [outcome.answer for outcome in every_outcome]


@pytest.fixture(scope="session")
def office(tmp_path_factory):
    """Answers from the few papers of one office, ingested and built; two of them disagree, one has lapsed."""
    folder = tmp_path_factory.mktemp("office")
    write_papers(folder / "papers")
    config = settings.load(folder / "data")
    taken = take_in(config, [folder / "papers"], "office", _unseen)
    assert not [report for _, report in taken.reports if report.error_code]
    update.build(config, wait=True)
    snapshot, name = update.current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        yield Assistant(snapshot, name, lambda: TODAY)


@pytest.fixture(scope="module")
def here(seed_config):
    """What the pages of a kiosk over the seed corpus share."""
    from tests.desk import desk
    opened = desk(seed_config)
    with opened.current:
        yield opened


@pytest.fixture(scope="module")
def app(here):
    """Those pages; what they gather beside the answering is done before the desk is put away."""
    from assistant.web.app import kiosk
    pages = kiosk(here)
    yield pages
    if hasattr(pages.state, "suggestions"):
        pages.state.suggestions.wait()


@pytest.fixture
def machine(seed_config, tmp_path):
    """Answers from the seed corpus, with a state of its own."""
    for name in ("generations", "drafts"):
        (tmp_path / name).symlink_to(getattr(seed_config, name))
    return replace(seed_config, data_dir=tmp_path)


@pytest.fixture
def no_network(monkeypatch):
    """Every attempt to open a socket fails."""
    _forbid_sockets(monkeypatch)


def _forbid_sockets(monkeypatch):
    def refuse(*_args, **_kwargs):
        raise AssertionError("a socket was opened")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def pytest_addoption(parser):
    parser.addoption("--rewrite-golden", action="store_true",
                     help="write the golden answers anew; read the difference before committing it")
    parser.addoption("--questions", type=int, default=20_000, help="how many the long run of `make soak` asks")


@pytest.fixture(scope="module")
def browser():
    """A real browser, without a window; one a file, for its driver leaves no event loop behind."""
    from tests.browser import chromium
    with chromium() as opened:
        yield opened


@pytest.fixture(scope="session")
def seed_kiosk(seed_config):
    """The pages of a kiosk over the seed corpus."""
    from tests.browser import served
    with served(seed_config) as kiosk:
        yield kiosk


@pytest.fixture
def person(browser, seed_kiosk):
    """Somebody who stands at the screen; a fresh browser, where nothing may go wrong unseen."""
    from tests.browser import standing_at
    with standing_at(browser, seed_kiosk) as somebody:
        yield somebody
