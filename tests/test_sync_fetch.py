"""Files arrive whole over lines that break in every way, and what had come is not paid for twice."""

from __future__ import annotations

import errno
import os
import random
import shutil
import socket
import ssl
import time
from contextlib import ExitStack, closing
from datetime import time as hour
from hashlib import sha256

import pytest
from tuf.api.exceptions import (
    DownloadError,
    DownloadHTTPError,
    DownloadLengthMismatchError,
    LengthOrHashMismatchError,
    SlowRetrievalError,
)

import sync.fetch
from sync.errors import ForeignDirectoryError, NoRepositoryError, NoSpaceError, PostponedError
from sync.fetch import Fetcher, NoConnectionError, short
from sync.folder import FolderSource, repository_in
from sync.line import Line, reason
from sync.state import State
from sync.traffic import Allowance, Pace, Patience, Priority, Traffic, Window
from tests.faulty_origin import (
    Changed,
    Compressed,
    Drop,
    Endless,
    Flip,
    Hang,
    Honest,
    Longer,
    LongLength,
    NoRange,
    Portal,
    Redirect,
    Reset,
    ShortLength,
    Silent,
    Slow,
    Status,
    Truncate,
    Unasked,
    WrongRange,
    serving,
)
from tests.repository_simulator import NOW

BODY = random.Random(6).randbytes(300_000)   # noqa: S311
LENGTH = len(BODY)
NAME = sha256(BODY).hexdigest()
PATH = f"targets/min-health/{NAME}.12.pack.zst"
OTHER = b"another file"
OTHER_PATH = f"targets/min-health/{sha256(OTHER).hexdigest()}.release.json"
PATIENCE = Patience(connect=2.0, silence=0.12, window=30.0, tries=6, pause=1.0)


class Hands:
    """Real time for waiting on a line, and pauses that are only noted."""

    def __init__(self):
        self.pauses = []

    def monotonic(self):
        return time.monotonic()

    def sleep(self, seconds):
        self.pauses.append(seconds)


class FakeTime:
    """Time that passes when somebody says so."""

    def __init__(self):
        self.at = 1000.0

    def monotonic(self):
        return self.at

    def sleep(self, seconds):
        self.at += seconds


class Fetching:
    """A fetcher over the line, with what a test looks at."""

    def __init__(self, origin, folder, *, patience=PATIENCE, traffic=None, ticking=None):
        self.origin, self.parts = origin, folder / "parts"
        self.ticking = ticking or Hands()
        self.traffic = traffic or Traffic(None, Allowance(), NOW, ticking=self.ticking)
        self.line = Line(self.traffic, patience, self.ticking)
        self.fetcher = Fetcher(self.line, self.parts, self.traffic, patience=patience, ticking=self.ticking)

    def get(self, path=PATH, length=LENGTH):
        with self.fetcher.download_file(f"{self.origin.url}{path}", length) as file:
            return file.read()

    def close(self):
        self.fetcher.close()

    def waiting(self):
        return {path.name: path.stat().st_size for path in self.parts.glob("*")} if self.parts.exists() else {}


@pytest.fixture
def origin():
    with serving({PATH: BODY, OTHER_PATH: OTHER, "metadata/timestamp.json": b"{}"}) as serving_now:
        yield serving_now


@pytest.fixture
def fetchers():
    """Make fetchers; each hangs up at the end."""
    with ExitStack() as stack:
        yield lambda *values, **named: stack.enter_context(closing(Fetching(*values, **named)))


@pytest.fixture
def fetching(origin, fetchers, tmp_path):
    return fetchers(origin, tmp_path)


PLANS = {
    "drop": [Drop(0.5)],
    "drop x8": [Drop(0.2)] * 8,
    "drop before anything": [Drop(0.0), Drop(0.0)],
    "silent": [Silent(), Silent()],
    "reset": [Reset(0.5), Reset(0.5)],
    "truncated and said to be whole": [Truncate(0.5)],
    "hang after the headers": [Hang(0.0)],
    "hang midway": [Hang(0.6)],
    "slow": [Slow()],
    "server errors": [Status(503), Status(500), Status(429)],
    "portal": [Portal()],
    "redirect": [Redirect()],
    "short length": [ShortLength()],
    "long length": [LongLength()],
    "longer than signed": [Longer()],
    "bit flip": [Flip(0.9)],
    "changed content": [Changed()],
    "416": [Drop(0.5), Status(416)],
    "no ranges": [Drop(0.5), NoRange()],
    "wrong range": [Drop(0.5), WrongRange()],
    "portal midway": [Drop(0.5), Portal()],
    "bit flip in the rest": [Drop(0.5), Flip(0.1)],
    "unasked part": [Unasked()],
    "compressed": [Compressed()],
    "many": [Reset(0.3), Status(503), Drop(0.4), Hang(0.2), Portal(), Redirect(), Drop(0.5)],
}


@pytest.mark.parametrize("chunked", [False, True], ids=["plain", "chunked"])
@pytest.mark.parametrize("plan", PLANS.values(), ids=PLANS)
def test_a_file_arrives_whole_whatever_the_line_does(plan, chunked, origin, fetching):
    origin.chunked = chunked
    origin.plan("12.pack.zst", plan)
    assert fetching.get() == BODY
    assert fetching.waiting() == {}
    assert fetching.get(OTHER_PATH, len(OTHER)) == OTHER


@pytest.mark.parametrize("seed", range(100))
def test_a_file_arrives_over_a_line_that_breaks_at_random(seed, origin, fetching):
    chance = random.Random(seed)   # noqa: S311
    kinds = (Drop, Reset, Hang, Truncate, Slow, Portal, Redirect, NoRange, WrongRange, Silent, LongLength, Compressed)
    plan = [chance.choice(kinds)(chance.random()) for _ in range(chance.randint(1, 4))]
    plan.insert(chance.randrange(len(plan) + 1), chance.choice((Flip(chance.random()), Status(503), Honest())))
    origin.chunked = bool(seed % 2)
    origin.plan("12.pack.zst", plan)
    assert _until_whole(fetching) == BODY
    assert fetching.waiting() == {}
    assert fetching.traffic.length < 7 * len(BODY)


def _until_whole(fetching):
    """Try as the schedule does: a fault that outlasts one attempt is gone at the next, with no help from anybody."""
    for _ in range(3):
        try:
            return fetching.get()
        except (DownloadError, LengthOrHashMismatchError):
            assert all(size <= len(BODY) for size in fetching.waiting().values())
    return fetching.get()


@pytest.mark.parametrize(("plan", "share"), [
    ([Drop(0.5)], 1.02), ([Drop(0.2)] * 8, 1.05), ([Hang(0.6)], 1.02), ([Status(503)], 1.02), ([Redirect()], 1.02),
    ([Drop(0.5), WrongRange()], 1.8)], ids=str)
def test_what_had_come_is_not_paid_for_twice(plan, share, origin, fetching):
    origin.plan("12.pack.zst", plan)
    assert fetching.get() == BODY
    assert fetching.traffic.length < share * len(BODY) + 2_000 * len(plan)


def test_a_broken_file_goes_on_after_a_restart_from_where_it_was(origin, fetchers, tmp_path):
    first = fetchers(origin, tmp_path, patience=Patience(silence=0.12, tries=1))
    origin.plan("12.pack.zst", [Drop(0.7), Status(503)])
    with pytest.raises(DownloadError):
        first.get()
    kept = first.waiting()
    assert kept == {f"{NAME}.part": int(len(BODY) * 0.7)}
    second = fetchers(origin, tmp_path)
    assert second.get() == BODY
    assert origin.ranges[-1] == f"bytes={int(len(BODY) * 0.7)}-"
    assert second.traffic.length < 0.31 * len(BODY)


@pytest.mark.parametrize("rubbish", [b"", b"\0" * 1000, BODY[:1000] + b"\0" * 500, BODY + b"more", BODY[:-1] + b"?"],
                         ids=["empty", "zeros", "torn", "too long", "wrong end"])
def test_a_part_that_was_damaged_on_the_disk_is_replaced(rubbish, fetching):
    fetching.parts.mkdir()
    (fetching.parts / f"{NAME}.part").write_bytes(rubbish)
    assert fetching.get() == BODY
    assert fetching.waiting() == {}


def test_a_part_that_is_whole_is_not_asked_for_again(origin, fetching):
    fetching.parts.mkdir()
    (fetching.parts / f"{NAME}.part").write_bytes(BODY)
    assert fetching.get() == BODY
    assert origin.requests == []


@pytest.mark.parametrize("fault", [Flip(0.5), Changed(), Truncate(0.5), Longer(), ShortLength()], ids=repr)
def test_a_file_that_stays_damaged_is_given_up_before_it_costs_much(fault, origin, fetching):
    origin.plan("12.pack.zst", [fault] * 50)
    with pytest.raises((LengthOrHashMismatchError, DownloadError)):
        fetching.get()
    assert len(origin.requests) <= PATIENCE.tries + 1
    assert fetching.traffic.length < 3.1 * len(BODY)
    assert fetching.waiting().get(f"{NAME}.part", 0) < len(BODY)
    origin.plan("12.pack.zst", [])
    assert fetching.get() == BODY


@pytest.mark.parametrize(("fault", "why"), [
    (WrongRange(), "from another place"), (Compressed(), "compressed"), (ShortLength(), "another length"),
    (Status(416), "shorter for the server"), (Unasked(), "206")], ids=repr)
def test_an_answer_that_does_not_fit_is_refused_before_its_body_is_read(fault, why, origin, fetchers, tmp_path):
    fetching = fetchers(origin, tmp_path, patience=Patience(tries=1))
    origin.plan("12.pack.zst", [fault] if isinstance(fault, Unasked | ShortLength) else [Drop(0.5), fault])
    with pytest.raises((DownloadError, LengthOrHashMismatchError), match=why):
        fetching.get()
    assert sum(fetching.waiting().values()) in (0, LENGTH // 2)
    assert fetching.get() == BODY


def test_a_file_without_end_fills_no_disk(origin, fetching):
    origin.chunked = True
    origin.plan("12.pack.zst", [Endless()] * 50)
    with pytest.raises(LengthOrHashMismatchError):
        fetching.get()
    assert fetching.traffic.length < 5 * LENGTH
    assert fetching.waiting() == {}
    origin.plan("12.pack.zst", [])
    assert fetching.get() == BODY


def test_a_line_that_is_down_is_given_up_after_a_few_tries_with_longer_pauses(origin, fetching):
    origin.plan("12.pack.zst", [Status(503)] * 50)
    with pytest.raises(DownloadError):
        fetching.get()
    assert len(origin.requests) == PATIENCE.tries
    assert fetching.ticking.pauses == [1.0, 2.0, 4.0, 8.0, 16.0]


def test_a_server_that_gives_a_byte_at_a_time_is_given_up_too(origin, fetching):
    origin.plan("12.pack.zst", [Drop(1 / len(BODY) * 1.5)] * 500)
    with pytest.raises(DownloadError):
        fetching.get()
    assert len(origin.requests) == 100


def test_nobody_listens(fetchers, tmp_path):
    with serving({}) as closed:
        pass
    fetching = fetchers(closed, tmp_path)
    with pytest.raises(DownloadError, match="cannot be reached: it refuses connections"):
        fetching.get()
    assert fetching.ticking.pauses == [1.0]
    assert fetching.waiting() == {}


class Unreached:
    """A source to which there is no connection; each try takes a while."""

    def __init__(self, ticking, takes):
        self._ticking, self._takes, self.tries = ticking, takes, 0

    def open(self, _url, _start, _length):
        self.tries += 1
        self._ticking.at += self._takes
        raise NoConnectionError("releases.example.tj cannot be reached: it does not answer")

    def close(self):
        """Nothing is held."""


@pytest.mark.parametrize(("takes", "tries"), [(0.0, 2), (9.0, 2), (10.0, 1), (40.0, 1)])
def test_a_server_that_was_never_reached_is_given_up_before_a_person_is(takes, tries, tmp_path):
    ticking = FakeTime()
    began, traffic = ticking.at, Traffic(None, Allowance(), NOW, ticking=ticking)
    source = Unreached(ticking, takes)
    fetcher = Fetcher(source, tmp_path / "parts", traffic, ticking=ticking)
    with pytest.raises(NoConnectionError), fetcher.download_file("http://x/metadata/2.root.json", 100):
        pass
    assert source.tries == tries
    assert ticking.at - began <= max(takes, 20.0)


def test_a_line_that_was_good_is_tried_longer_when_it_breaks(origin, fetching, monkeypatch):
    fetching.get("metadata/timestamp.json", 100)
    lost = Unreached(FakeTime(), 0.0)
    monkeypatch.setattr(fetching.fetcher, "_source", lost)
    with pytest.raises(NoConnectionError):
        fetching.get()
    assert lost.tries == PATIENCE.tries


def _certificate():
    error = ssl.SSLCertVerificationError(1, "certificate verify failed")
    error.verify_message = "certificate has expired"
    return error


@pytest.mark.parametrize(("cause", "said"), [
    (socket.gaierror(-2, "Name or service not known"), "its name was not found"),
    (ConnectionRefusedError(111, "Connection refused"), "it refuses connections"),
    (OSError(101, "Network is unreachable"), "network is unreachable"),
    (TimeoutError("timed out"), "it does not answer"),
    (ssl.SSLError(1, "wrong version number"), "log in"), (None, "it does not answer"),
    (_certificate(), "not accepted (certificate has expired); is the clock of this machine right?")])
def test_why_there_is_no_connection_is_said_in_words(cause, said):
    error = RuntimeError("ConnectError")
    error.__cause__ = cause
    assert said in reason(error)


def test_a_file_is_named_to_people_by_its_place_and_without_its_hash():
    name = "0" * 64
    assert short(f"file:///media/A/rohnamo/targets/min-health/{name}.12.pack.zst") == "targets/min-health/12.pack.zst"
    assert short("https://releases.example.tj/rohnamo/metadata/2.root.json") == "metadata/2.root.json"
    assert short("elsewhere") == "elsewhere"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_plain_no_is_taken_for_an_answer(status, origin, fetching):
    origin.plan("12.pack.zst", [Status(status)])
    with pytest.raises(DownloadHTTPError) as refused:
        fetching.get()
    assert refused.value.status_code == status
    assert len(origin.requests) == 1


def test_a_redirect_is_never_followed(origin, fetching):
    origin.plan("timestamp.json", [Redirect()] * 50)
    with pytest.raises(DownloadError, match="302"):
        fetching.get("metadata/timestamp.json", 16_384)
    assert set(origin.requests) == {"metadata/timestamp.json"}


def test_metadata_that_is_too_long_is_cut_off(origin, fetching):
    origin.files["metadata/timestamp.json"] = b"{" * 5_000_000
    with pytest.raises(DownloadLengthMismatchError):
        fetching.get("metadata/timestamp.json", 16_384)
    assert fetching.traffic.length < 400_000
    assert fetching.waiting() == {}


def test_a_request_says_nothing_about_the_machine(origin, fetching):
    fetching.get(OTHER_PATH, len(OTHER))
    assert origin.headers[0] | {"host": ""} == {"host": "", "accept-encoding": "identity", "user-agent": "rohnamo"}


def test_a_proxy_of_the_environment_is_not_used(origin, fetching, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetching.get(OTHER_PATH, len(OTHER)) == OTHER


def test_a_line_that_gives_almost_nothing_is_given_up():
    ticking = FakeTime()
    pace = Pace(Patience(window=60.0, least=6_000, silence=30.0), ticking)
    for _ in range(59):
        assert pace.left() <= 30.0
        pace.took(99)
        ticking.at += 1.0
    assert pace.left() == pytest.approx(1.0)
    ticking.at += 1.0
    with pytest.raises(SlowRetrievalError):
        pace.left()


def test_a_slow_line_that_gives_enough_is_waited_for():
    ticking = FakeTime()
    pace = Pace(Patience(window=60.0, least=6_000), ticking)
    for _ in range(600):
        assert pace.left() > 0
        pace.took(120)
        ticking.at += 1.0


def test_waiting_by_choice_does_not_count_against_the_line():
    ticking = FakeTime()
    pace = Pace(Patience(window=60.0, least=6_000), ticking)
    ticking.at += 300.0
    pace.took(1_000, waited=300.0)
    assert pace.left() == pytest.approx(30.0)


def test_bytes_come_no_faster_than_the_settings_allow():
    ticking = FakeTime()
    traffic = Traffic(None, Allowance(rate=1_000), NOW, ticking=ticking)
    ticking.at += 500.0                 # silence saves nothing up
    began = ticking.at
    for _ in range(20):
        traffic.count(500)
    assert ticking.at - began == pytest.approx(10.0)


def test_what_passes_in_a_day_is_counted_over_restarts(tmp_path):
    allowance = Allowance(day_bytes=1_000_000)
    with State(tmp_path / "state.db") as state:
        traffic = Traffic(state, allowance, NOW)
        traffic.count(900_000)
        traffic.save()
    with State(tmp_path / "state.db") as state:
        traffic = Traffic(state, allowance, NOW)
        traffic.check(Priority.DELTAS, 100_000)
        with pytest.raises(PostponedError):
            traffic.check(Priority.DELTAS, 100_001)
        traffic.check(Priority.METADATA, 10**9)
        traffic.check(Priority.REVOCATIONS, 10**9)
        assert state.spent(NOW.date()) == 900_000


def test_nothing_is_asked_for_when_the_day_is_used_up(origin, fetchers, tmp_path):
    with State(tmp_path / "state.db") as state:
        fetching = fetchers(origin, tmp_path, traffic=Traffic(state, Allowance(day_bytes=1_000), NOW))
        with pytest.raises(PostponedError, match="allowed for a day"):
            fetching.get()
    assert origin.requests == []
    assert fetching.waiting() == {}


@pytest.mark.parametrize(("local", "open_"), [("01:59", False), ("02:00", True), ("05:59", True), ("06:00", False)])
def test_whole_packs_come_over_a_metered_line_only_in_the_hours_for_it(local, open_):
    allowance = Allowance(metered=True, windows=(Window(hour(2), hour(6)),))
    moment = NOW.astimezone(allowance.zone).replace(hour=int(local[:2]), minute=int(local[3:]))
    traffic = Traffic(None, allowance, moment)
    traffic.check(Priority.DELTAS, 10_000)
    if open_:
        traffic.check(Priority.PACKS, 10_000)
    else:
        with pytest.raises(PostponedError, match="02:00-06:00"):
            traffic.check(Priority.PACKS, 10_000)
    with pytest.raises(PostponedError, match="model"):
        traffic.check(Priority.MODELS, 10_000)


def test_hours_may_go_past_midnight():
    night = Window(hour(22), hour(5))
    assert [night.includes(hour(at)) for at in (21, 22, 0, 4, 5)] == [False, True, True, True, False]


@pytest.mark.parametrize(("name", "priority"), [
    ("metadata/timestamp.json", Priority.METADATA), ("targets/a/HASH.release.json", Priority.METADATA),
    ("targets/HASH.revocations.json", Priority.REVOCATIONS), ("targets/a/HASH.2.from.ab.delta.zst", Priority.DELTAS),
    ("targets/a/HASH.2.pack.zst", Priority.PACKS), ("targets/models/HASH.soro.gguf", Priority.MODELS)])
def test_the_name_of_a_file_says_how_much_it_matters(name, priority):
    assert Priority.of(name) is priority


def test_a_full_disk_is_said_and_what_had_come_stays(origin, fetching, monkeypatch):
    def full(*_values):
        raise OSError(errno.ENOSPC, "No space left on device")

    fetching.parts.mkdir()
    (fetching.parts / f"{NAME}.part").write_bytes(BODY[:1000])
    with monkeypatch.context() as patch:
        patch.setattr(sync.fetch, "_append", full)
        with pytest.raises(NoSpaceError):
            fetching.get()
    assert fetching.waiting() == {f"{NAME}.part": 1000}
    assert fetching.get() == BODY


# --- a stick ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def stick(tmp_path):
    for path, data in {PATH: BODY, "metadata/timestamp.json": b"{}"}.items():
        place = tmp_path / "stick" / "rohnamo" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    return tmp_path / "stick"


def from_stick(stick, folder):
    traffic = Traffic(None, Allowance(), NOW)
    source = FolderSource(repository_in(stick), traffic)
    fetcher = Fetcher(source, folder / "parts", traffic, patience=Patience(tries=2, pause=0.0))

    def get(path, length):
        with fetcher.download_file(f"{source.address}{path}", length) as file:
            return file.read()

    return get


def test_a_stick_gives_the_same_bytes_as_a_server(stick, tmp_path):
    get = from_stick(stick, tmp_path)
    assert get(PATH, len(BODY)) == BODY
    assert get("metadata/timestamp.json", 100) == b"{}"


def test_a_file_that_is_too_large_is_not_copied_from_a_stick(stick, tmp_path):
    with (stick / "rohnamo" / PATH).open("r+b") as file:
        file.truncate(10**12)
    with pytest.raises(LengthOrHashMismatchError, match="another length"):
        from_stick(stick, tmp_path)(PATH, len(BODY))
    assert list((tmp_path / "parts").glob("*")) == []


@pytest.mark.parametrize("trick", ["symlink", "folder link", "pipe", "folder", "missing"])
def test_what_is_no_ordinary_file_on_a_stick_is_not_there(trick, stick, tmp_path):
    secret = tmp_path / "secret"
    (secret / "min-health").mkdir(parents=True)
    (secret / "min-health" / PATH.rpartition("/")[2]).write_bytes(BODY)
    place = stick / "rohnamo" / PATH
    place.unlink()
    match trick:
        case "symlink":
            place.symlink_to(secret / "min-health" / place.name)
        case "folder link":
            shutil.rmtree(stick / "rohnamo" / "targets")
            (stick / "rohnamo" / "targets").symlink_to(secret)
        case "pipe":
            os.mkfifo(place)
        case "folder":
            place.mkdir()
    with pytest.raises(DownloadHTTPError):
        from_stick(stick, tmp_path)(PATH, len(BODY))


@pytest.mark.parametrize("path", ["../secret.json", "metadata/../../secret.json", "/etc/passwd",
                                  "metadata/%2e%2e/%2e%2e/secret.json", "metadata/\0.json"])
def test_no_path_leads_out_of_a_stick(path, stick, tmp_path):
    (stick / "secret.json").write_text("{}")
    with pytest.raises(DownloadHTTPError):
        from_stick(stick, tmp_path)(path, 100)


def test_a_stick_without_a_repository_is_told_from_an_empty_one(tmp_path):
    with pytest.raises(NoRepositoryError):
        repository_in(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NoRepositoryError):
        repository_in(tmp_path / "empty")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "autorun.inf").write_text("open=evil.exe")
    with pytest.raises(ForeignDirectoryError):
        repository_in(tmp_path / "photos")
