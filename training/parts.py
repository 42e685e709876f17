"""Which texts may be learnt from, and which are kept for measuring.  Fixed once: nothing learnt from is a test.

SIB-200 keeps its own split (its dev part is measured on); the register is halved by agency, NTREX by document.
Of the seed, services of the test part are never learnt from.  Public data lies in a folder beside the checkout.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from bitext import Pair, read

SEED = Path(__file__).parents[1] / "corpora" / "seed"
SIB, NTREX, REGISTER = "sib200_tg_ru_en.jsonl", "ntrex_tg_ru_en_dev.jsonl", "services_registry_dev.jsonl"


def part_of(name: str) -> str:
    """Return "train" or "test" for the name of an agency or a document: half of all names are either."""
    return "train" if sha256(name.encode()).digest()[0] < 128 else "test"


def rows(data_dir: Path, file: str, part: str) -> list[dict[str, Any]]:
    """Return the rows of one of the three public files that belong to a part, "train" or "test"."""
    def belongs(row: dict[str, Any]) -> bool:
        if file == SIB:
            return part == ("train" if row["split"] == "train" else "test")
        return part == part_of(row["doc"] if file == NTREX else row["agency_tg"])

    return [row for row in _lines(data_dir / file) if belongs(row)]


def train_pairs(data_dir: Path, bitext_file: Path) -> list[Pair]:
    """Return everything that may be learnt from, with its source: debian package, sib200, ntrex, register or seed."""
    sentences = [Pair(row["tg"], row["ru"], row["en"], source) for file, source in ((SIB, "sib200"), (NTREX, "ntrex"))
                 for row in rows(data_dir, file, "train")]
    register = rows(data_dir, REGISTER, "train")
    names = [Pair(row["name_tg"], row["name_ru"], None, "register") for row in register]
    agencies = sorted({(row["agency_tg"], row["agency_ru"]) for row in register})
    return (read(bitext_file) + sentences + names
            + [Pair(tg, ru, None, "register") for tg, ru in agencies] + list(seed_pairs()))


def seed_pairs() -> Iterator[Pair]:
    """Yield the sentences and service names of the seed's facts, of services in the train and dev parts."""
    allowed, named = _train_names(), set()
    for path in sorted((SEED / "facts").glob("*.jsonl")):
        for fact in _lines(path):
            if fact["service_tg"] in allowed:
                named.add((fact["service_tg"], fact["service_ru"]))
                yield Pair(fact["statement_tg"], fact["statement_ru"], None, "seed")
    yield from (Pair(tg, ru, None, "seed") for tg, ru in sorted(named))


def _train_names() -> set[str]:
    with (SEED / "services.tsv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    return {name.strip() for row in table if row["split"] in ("train", "dev")
            for name in row["fact_names"].split("|")}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
