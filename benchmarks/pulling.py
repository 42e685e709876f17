"""What it costs when 500 kiosks pull one delta from one nginx, on this machine:

    python -m benchmarks.pulling [--kiosks 500] [--documents 500]

The documents are those of `benchmarks.deltas` (SYNTHETIC), the release before is on every kiosk, in the new one 20
documents were edited, 5 added and 2 removed.  A kiosk is a client with a home of its own: it refreshes the signed
roles, takes the delta, verifies what it makes and puts it in use; nothing is built.  They come in a few processes, as
many at a time as there are threads.  Bytes are what nginx wrote in its log; without nginx nothing is measured.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from statistics import quantiles
from threading import Event
from time import perf_counter

from benchmarks.deltas import Corpus, Writing
from benchmarks.updating import PUBLISHER, admission, entries
from corpora.release import packed_text
from sync.client import Client
from sync.errors import SyncError
from sync.settings import Settings
from tests.repository_simulator import RepositorySimulator

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
INSTALL = "nginx is not here, and nothing is measured.  On Debian: apt-get install nginx-light"
KIOSKS, PROCESSES, THREADS = 500, 4, 8
LONGEST_S = 400               # then the rest of the kiosks counts as failed
BUDGETS = {"bytes for a kiosk": 60_000, "failures": 0}
CONFIGURATION = """\
{user} worker_processes 1; daemon off; pid {folder}/pid; error_log {folder}/errors warn;
events {{ worker_connections 1024; }}
http {{
  log_format passed '$status $request_length $bytes_sent $uri';
  access_log {folder}/log passed; sendfile on; keepalive_timeout 15;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{ listen 127.0.0.1:{port}; root {folder}/repository; }}
}}
"""


@dataclass(frozen=True)
class Pulled:
    """What a kiosk saw: how long it took, and what went wrong, nothing where it holds the new release."""

    seconds: float
    fault: str = ""


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Have nginx serve the folder `repository` of a folder; give the address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(CONFIGURATION.format(user=user, folder=folder, port=port), "ascii")
    with subprocess.Popen([str(NGINX), "-p", str(folder), "-c", "nginx.conf", "-e", "errors"]) as server:
        try:
            _wait_until_open(port)
            yield f"http://127.0.0.1:{port}/"
        finally:
            server.terminate()


def _wait_until_open(port: int) -> None:
    for _ in range(100):
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        Event().wait(0.05)
    raise RuntimeError("nginx does not answer")


def pull(folder: Path, address: str, number: int) -> Pulled:
    """Be one kiosk that holds the first release, and take the second."""
    home, started = folder / f"kiosk-{number}", perf_counter()
    shutil.copytree(folder / "kiosk", home)
    try:
        with _client(home, folder, address, f"kiosk-{number}") as client:
            began = perf_counter()
            for staged in client.sync().staged:
                client.activated(staged)
            held = client.state.held()[PUBLISHER].number
            return Pulled(perf_counter() - began, "" if held == 2 else f"it holds release {held}")
    except SyncError as error:
        return Pulled(perf_counter() - started, error.code)
    finally:
        shutil.rmtree(home)


def _client(home: Path, folder: Path, address: str, device: str) -> Client:
    return Client(home, (folder / "root.json").read_bytes(), address, now=lambda: datetime.now(UTC),
                  settings=Settings(device=device))


def _some(folder: Path, address: str, numbers: Sequence[int]) -> list[Pulled]:
    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(partial(pull, folder, address), numbers))


def prepared(folder: Path, documents: int) -> int:
    """Publish two releases into a folder, the first one held by its `kiosk`; return the bytes of the delta."""
    corpus = Corpus(Writing(), documents)
    repository = RepositorySimulator((PUBLISHER,), now=datetime.now(UTC).replace(microsecond=0))
    for number in (1, 2):
        repository.publish(PUBLISHER, packed_text(entries(corpus), corpus="benchmark", number=number,
                                                  admission=admission(corpus)), number)
        repository.write_to(folder / "repository")
        if number == 1:
            (folder / "root.json").write_bytes(repository.trusted_root)
            with serving(folder) as address, _client(folder / "kiosk", folder, address, "kiosk") as client:
                for staged in client.sync().staged:
                    client.activated(staged)
            corpus.change(edited=20, added=5, removed=2)
    (folder / "log").unlink()
    return sum(len(data) for path, data in repository.files.items() if path.endswith(".delta.zst"))


def pulled(folder: Path, address: str, kiosks: int) -> list[Pulled]:
    """Return what each kiosk saw."""
    rows = [range(process, kiosks, PROCESSES) for process in range(PROCESSES)]
    with ProcessPoolExecutor(PROCESSES, mp_context=multiprocessing.get_context("spawn")) as pool:
        waiting = [pool.submit(_some, folder, address, row) for row in rows]
        return [one for row in waiting for one in row.result(LONGEST_S)]


def report(kiosks: Sequence[Pulled], took: float, log: Sequence[str]) -> int:
    """Print what was measured; 1 where a budget is not kept."""
    passed = [line.split(" ", 3) for line in log]
    up, down = (sum(int(line[place]) for line in passed) for place in (1, 2))
    faults = Counter(one.fault for one in kiosks if one.fault)
    cuts = quantiles([one.seconds for one in kiosks], n=20)
    each = (up + down) / len(kiosks)
    print(f"{len(kiosks)} kiosks in {took:.1f} s; one took {cuts[9]:.2f} s, one in twenty more than {cuts[18]:.2f} s")
    print(f"requests {len(passed):,}, of them for a newer root, which there is not: "
          f"{sum(line[0] == '404' for line in passed):,}")
    print(f"bytes from nginx {down:,}, to it {up:,}; for a kiosk {each:,.0f}   budget {BUDGETS['bytes for a kiosk']:,}")
    for name, ending in (("deltas", ".delta.zst"), ("whole packs", ".pack.zst")):
        print(f"    of it {name} {sum(int(line[2]) for line in passed if line[3].endswith(ending)):,}")
    print(f"failures {sum(faults.values())}" + "".join(f"   {fault}: {count}" for fault, count in faults.items()))
    return int(each > BUDGETS["bytes for a kiosk"] or bool(faults))


def main() -> int:
    """Measure and print; where nginx is absent, say so."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kiosks", type=int, default=KIOSKS)
    options.add_argument("--documents", type=int, default=500)
    given = options.parse_args()
    if not NGINX:
        print(INSTALL)
        return 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        delta = prepared(folder, given.documents)
        print(f"SYNTHETIC, {given.documents} documents; the delta has {delta:,} bytes; {PROCESSES * THREADS} at a time")
        with serving(folder) as address:
            started = perf_counter()
            kiosks = pulled(folder, address, given.kiosks)
            took = perf_counter() - started
        return report(kiosks, took, (folder / "log").read_text(encoding="utf-8").splitlines())


if __name__ == "__main__":
    sys.exit(main())
