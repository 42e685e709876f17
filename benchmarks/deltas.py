"""How many bytes a machine fetches for a release, each number beside its budget:

    python -m benchmarks.deltas [--documents 2000]

The documents are SYNTHETIC: words of Tajik syllables drawn by Zipf's law, some paragraphs shared by many documents.
Such a corpus shrinks about as much as the 20 MB of `research` did (6 to 1, `zstd -19`); the seed's own texts shrink
more.  The lines of the pack are those of a release, with the hashes in them, which do not shrink.  Times are of this
machine; memory is what a process of its own needed at its highest, with Python and zstd.
"""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from time import perf_counter
from typing import TypeVar

from sync.delta import apply_delta, make_delta
from sync.frame import MOST_BYTES
from sync.pack import compressed, decompressed, read_pack, write_pack
from tests.frames import zeros

ROOT = Path(__file__).parents[1]
# In bytes of the file alone: the signed metadata beside it, some kB more, is measured where a client runs.
BUDGETS = {"first sync": 4_500_000, "1 document changed": 6_000, "20 edited, 5 added, 2 removed": 40_000,
           "7 releases behind": 80_000, "memory, MB": 300}
WORDS, FORMULAS, SHARED = 40_000, 400, 0.12
PASSAGE, PASSAGES = 8, (3, 10)          # sentences of a passage, passages of a document
T = TypeVar("T")

Document = list[list[str]]              # passages of sentences


class Writing:
    """Writes sentences and documents, the same for the same seed."""

    def __init__(self, seed: int = 7) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a benchmark, not a secret
        self._words = [self._word(rank) for rank in range(WORDS)]
        self._weights = list(accumulate(1 / (rank + 2.7) for rank in range(WORDS)))
        self._formulas = [self._fresh() for _ in range(FORMULAS)]

    def document(self) -> Document:
        """Return a new document."""
        return [self._passage() for _ in range(self.chance.randint(*PASSAGES))]

    def sentence(self) -> str:
        """Return a new sentence, one in five with a number in it."""
        words = self.chance.choices(self._words, cum_weights=self._weights, k=self.chance.randint(6, 16))
        if self.chance.random() < 0.2:
            words.insert(-1, str(self.chance.randint(1, 999)))
        return " ".join(words).capitalize() + "."

    def _passage(self) -> list[str]:
        return list(self.chance.choice(self._formulas)) if self.chance.random() < SHARED else self._fresh()

    def _fresh(self) -> list[str]:
        return [self.sentence() for _ in range(PASSAGE)]

    def _word(self, rank: int) -> str:
        heads, vowels, tails = "бвгғдҷзйкқлмнпрстфхҳчш", "аиоуеӣӯ", ("", "", "н", "р", "т", "д", "м", "ш", "ст")
        count = 1 + (rank > 50) + (rank > 1_000) + (self.chance.random() < 0.5)
        return "".join(self.chance.choice(heads) + self.chance.choice(vowels) + self.chance.choice(tails)
                       for _ in range(count))


class Corpus:
    """Documents by number, and the pack of them as they stand."""

    def __init__(self, writing: Writing, count: int) -> None:
        self._writing, self._chance = writing, writing.chance
        self.documents = {number: writing.document() for number in range(count)}
        self._next = count

    def change(self, *, edited: int = 0, added: int = 0, removed: int = 0) -> None:
        """Edit some documents in one to three sentences, add some, remove some."""
        chosen = self._chance.sample(sorted(self.documents), edited + removed)
        for number in chosen[:edited]:
            for _ in range(self._chance.randint(1, 3)):
                passage = self._chance.choice(self.documents[number])
                passage[self._chance.randrange(len(passage))] = self._writing.sentence()
        for number in chosen[edited:]:
            del self.documents[number]
        for _ in range(added):
            self.documents[self._next] = self._writing.document()
            self._next += 1

    def pack(self) -> bytes:
        """Return the pack of a release of these documents."""
        named = sorted((f"{number * 7919 % 100_003:06}-ҳуҷҷат", self.documents[number]) for number in self.documents)
        documents = "".join(_line(_record(name, document)) for name, document in named)
        passages = "".join(line for name, document in named for line in _passages(name, document))
        return write_pack({"documents.jsonl": documents.encode(), "passages.jsonl": passages.encode()})


def _record(name: str, document: Document) -> dict[str, object]:
    return {"id": name, "title": document[0][0], "sha256": sha256(str(document).encode()).hexdigest(), "kind": "rule",
            "language": "tg", "media_type": "text/html", "publisher": "Вазорат", "status": "current", "facts": []}


def _passages(name: str, document: Document) -> Iterator[str]:
    start = 0
    for sentences in document:
        text = " ".join(sentences)
        digest = sha256(text.encode()).hexdigest()[:10]
        yield _line({"id": f"{name}:{digest}", "document": name, "text": text, "start": start,
                     "end": start + len(text), "locator": {"heading": "", "page": None}})
        start += len(text) + 1


def _line(plain: dict[str, object]) -> str:
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return what the work returns, and the seconds it took."""
    started = perf_counter()
    return work(), perf_counter() - started


def show(what: str, number: float, budget: str = "", note: str = "") -> None:
    """Print one measure beside its budget."""
    limit = BUDGETS.get(budget)
    beside = "" if limit is None else f"budget {limit:>11,}  {'ok' if number <= limit else 'OVER'}"
    print(f"{what:<36}{number:>12,.0f}  {beside:<26}{note}".rstrip())


def first(pack: bytes) -> bytes:
    """Print what the first sync costs and return the compressed pack."""
    data, seconds = timed(lambda: compressed(pack))
    _, back = timed(lambda: read_pack(decompressed(data, produces_length=len(pack), produces_sha256=digest(pack))))
    show("first sync, bytes", len(data), "first sync",
         f"{len(pack) / len(data):.1f} to 1; made in {seconds:.1f} s, read in {back:.2f} s")
    return data


def update(what: str, old: bytes, new: bytes) -> bytes:
    """Print what the way from one pack to another costs and return the delta."""
    delta, seconds = timed(lambda: make_delta(old, new))
    _, back = timed(lambda: apply_delta(old, delta, produces_length=len(new), produces_sha256=digest(new)))
    show(f"{what}, bytes", len(delta), what, f"made in {seconds:.2f} s, applied in {back:.2f} s")
    return delta


def digest(data: bytes) -> str:
    """Return the SHA-256 of bytes in hex."""
    return sha256(data).hexdigest()


def memory(what: str, files: Sequence[bytes], code: str) -> None:
    """Print the highest memory of a process that reads these files and runs this on them."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [Path(folder, str(place)) for place in range(len(files))]
        for path, data in zip(paths, files, strict=True):
            path.write_bytes(data)
        done = subprocess.run([sys.executable, "-c", _PROCESS + code + _REPORT, *map(str, paths)],
                              check=True, capture_output=True, text=True, cwd=ROOT)
    show(f"memory, {what}, MB", int(done.stdout) / 1024, "memory, MB")


_PROCESS = """
import sys
from pathlib import Path
from sync.delta import apply_delta
from sync.errors import PackError
from sync.pack import decompressed, read_pack
files = [Path(name).read_bytes() for name in sys.argv[1:]]
"""
_APPLY = """
pack = apply_delta(files[0], files[1], produces_length=int(files[2]), produces_sha256=files[3].decode())
read_pack(pack)
"""
_READ = "read_pack(decompressed(files[0], produces_length=int(files[1]), produces_sha256=files[2].decode()))\n"
_BOMB = """
try:
    decompressed(files[0], produces_length=20_000_000, produces_sha256="0" * 64)
except PackError:
    pass
"""
_REPORT = """
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def largest(pack: bytes) -> tuple[bytes, bytes]:
    """Return two packs that are as large as a pack may be, the second a little other than the first."""
    parts, rest = divmod(MOST_BYTES - 1_000, len(pack))
    files = {f"part-{place}.jsonl": pack for place in range(parts)} | {"rest.jsonl": pack[:rest]}
    old = write_pack(files)
    return old, write_pack(files | {"part-0.jsonl": pack[:1_000_000] + "дигар".encode() + pack[1_000_000:]})


def main() -> None:
    """Print every measure."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--documents", type=int, default=2_000)
    corpus = Corpus(Writing(), options.parse_args().documents)
    pack = corpus.pack()
    print(f"SYNTHETIC, {len(corpus.documents):,} documents, a pack of {len(pack):,} bytes")
    whole = first(pack)
    corpus.change(edited=1)
    one = corpus.pack()
    delta = update("1 document changed", pack, one)
    corpus.change(edited=20, added=5, removed=2)
    update("20 edited, 5 added, 2 removed", one, corpus.pack())
    for _ in range(6):
        corpus.change(edited=16, added=2, removed=1)
    update("7 releases behind", one, corpus.pack())
    about = [str(len(one)).encode(), digest(one).encode()]
    memory("this delta applied", [pack, delta, *about], _APPLY)
    memory("this pack taken whole", [whole, str(len(pack)).encode(), digest(pack).encode()], _READ)
    old, new = largest(pack)
    memory(f"delta of a pack of {len(old) >> 20} MiB", [old, make_delta(old, new), str(len(new)).encode(),
                                                        digest(new).encode()], _APPLY)
    bomb = zeros(8_192, announced=20_000_000)
    memory(f"bomb of 1 GiB in {len(bomb) / 1000:.0f} kB", [bomb], _BOMB)


if __name__ == "__main__":
    main()
