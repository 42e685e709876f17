"""The seed's facts with their short answers, and what people ask about them, of the train and dev services.

`answers.tsv` holds the answers, written by hand from the facts' sentences; `training/questions` the questions.
Services of the test part are never read.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from assistant.verify import numbers
from index.tokens import fold
from training.mini.frames import HERE, Stated

HOUSE = HERE.parents[1]
SEED = HOUSE / "corpora" / "seed"
# Figures that may be changed: no year, no part of a date, of an act's number or of a phone.
_FIGURE = re.compile(r"(?<![\d.,№–-])(?<!№ )\b(?!(?:19|20)\d\d\b)\d{1,4}(?:,\d{1,2})?\b(?![\d–-])"
                     r"(?= (?:сомонӣ|дирам|фоиз|нишондиҳанда|рӯз|моҳ|сол\b|доллар))")
_COUNTED = frozenset({"fee", "benefit", "duration", "deadline", "penalty", "validity", "age"})


@dataclass(frozen=True, slots=True)
class Asked:
    """A question about a service and the facts each of which answers it alone; none where nothing does."""

    question: str
    language: str
    service: str
    style: str
    answered_by: tuple[Stated, ...]


@cache
def facts(part: str) -> dict[str, tuple[Stated, ...]]:
    """Return the facts of a part, "train" or "dev", by service."""
    names, short = _services(part), _answers()
    found: dict[str, list[Stated]] = {}
    for path in sorted((SEED / "facts").glob("*.jsonl")):
        for row in _lines(path):
            if service := names.get(row["service_tg"].strip()):
                found.setdefault(service, []).append(_stated(row, short.get(row["id"], {})))
    return {service: tuple(rows) for service, rows in found.items()}


@cache
def asked(part: str) -> tuple[Asked, ...]:
    """Return the questions of a part that are not in English; of the golden ones those of the train part."""
    of = {fact.subject: fact for some in facts(part).values() for fact in some}
    written = _lines(HOUSE / "training" / "questions" / f"{part}.jsonl")
    rows = [row for row in (*written, *_golden(part)) if row["language"] != "en"]
    found = [Asked(row["question"], row["language"], row["service"], row["style"],
                   tuple(_telling(of[name], row["expected_values"]) for name in row["expected_facts"]
                         if name in of and _holds(" ".join(of[name].evidence.values()), row["expected_values"])))
             for row in rows]
    return tuple(one for one, row in zip(found, rows, strict=True) if bool(one.answered_by) == row["answerable"])


def _golden(part: str) -> Iterator[dict[str, Any]]:
    """Yield the golden questions to learn from, with the facts of their service that hold all that is expected."""
    for row in _lines(HOUSE / "tests" / "golden" / "questions.jsonl") if part == "train" else ():
        if row["split"] == "train":
            told = [fact.subject for fact in facts(part).get(row["service"], ()) if row["expected_values"] and any(
                all(value in text for value in row["expected_values"]) for text in fact.evidence.values())]
            if bool(told) == row["answerable"]:
                yield row | {"expected_facts": told}


def with_other_figures(fact: Stated, question: str, chance: Random) -> Stated:
    """Return the fact with other figures, alike wherever they stand, so that none can be known by heart.

    Figures the question names stay, as do all of a fact that counts nothing.
    """
    if fact.kind not in _COUNTED:
        return fact
    figures = [figure for figure in dict.fromkeys(_FIGURE.findall(fact.evidence["tg"])) if figure not in question]
    others = {figure: "".join(chance.choice("123456789") if letter.isdigit() else letter for letter in figure)
              for figure in figures}

    def changed(text: str) -> str:
        return re.sub(r"(?<![\d,])\d+(?:,\d+)?", lambda found: others.get(found[0], found[0]), text)

    return replace(fact, evidence={language: changed(text) for language, text in fact.evidence.items()},
                   answers={language: tuple(map(changed, texts)) for language, texts in fact.answers.items()})


def _telling(fact: Stated, wanted: list[str]) -> Stated:
    """Return the fact with those of its short answers that tell what a question wants to know."""
    short = tuple(text for text in fact.answers["tg"] if _holds(text, wanted))
    return fact if short == fact.answers["tg"] else replace(fact, answers={"tg": short, "ru": ()})


def _holds(text: str, wanted: list[str]) -> bool:
    """Return whether a text tells one of the values: all its numbers, or half of its longer words where it has none."""
    known, spoken = set(numbers(text)), _beginnings(text)
    for value in wanted:
        counted, said = set(numbers(value)), _beginnings(value)
        if counted <= known and (counted or len(said & spoken) * 2 >= len(said)):
            return True
    return False


def _beginnings(text: str) -> set[str]:
    return {fold(word)[:4] for word in re.findall(r"\w{4,}", text)}


def _stated(row: dict[str, Any], short: dict[str, str]) -> Stated:
    evidence = {"tg": row["statement_tg"], "ru": row["statement_ru"]}
    answers = {language: tuple(filter(None, (short.get(language),))) for language in evidence}
    return Stated(row["type"], row["id"], str(row["value"]), evidence, answers, {})


@cache
def _services(part: str) -> dict[str, str]:
    """Return the service of each name that facts of a part go by."""
    with (SEED / "services.tsv").open(encoding="utf-8", newline="") as file:
        table = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return {name.strip(): row["service"] for row in table if row["split"] == part
                for name in row["fact_names"].split("|") if name.strip()}


@cache
def _answers() -> dict[str, dict[str, str]]:
    with (HERE / "answers.tsv").open(encoding="utf-8", newline="") as file:
        return {row["fact"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)
