"""Statements drawn from frames: an official sentence about a paper or service, its short answers, its questions.

`frames.toml` holds the sentences, `objects.tsv` what they are about, `values` what is put into them.  Each object
belongs to one part, so that what the dev part asks about was never seen.
"""

from __future__ import annotations

import csv
import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32

from training.mini import values

HERE = Path(__file__).parent
LANGUAGES = ("tg", "ru")
# What is done with an object: in Tajik with its izofat, in Russian as a noun in -ие.
_ACTS = {"гирифтан": ("гирифтани", "получение"), "насб кардан": ("насб кардани", "подключение"),
         "кушодан": ("кушодани", "открытие"),
         "иҷора кардан": ("иҷора кардани", "получение в аренду"), "сабт кардан": ("сабт кардани", "оформление"),
         "ба расмият даровардан": ("ба расмият даровардани", "оформление")}
_LATER = (("дароз кардани муҳлати", "продление"), ("барқарор кардани", "восстановление"))
_RENEWED = ("шаҳодатнома", "корт", "билет", "дафтарча", "гувоҳнома", "иҷозат", "сертификат")
# Of these something is paid out and nothing asked for; only papers hold for a time.
_PAID_OUT = ("кумакпул", "стипендия", "ёрдампул", "ҷубронпул", "мукофотпул", "иловапул")
_OUT = frozenset({"benefit", "benefit_monthly", "benefit_once"})
_IN = frozenset({"fee", "fee_past", "fee_people", "free", "penalty"})
# One part in so many is the dev part's.
_DEV_SHARE = 6


@dataclass(frozen=True, slots=True)
class Thing:
    """A paper or service and what is done with it; Russian object in the genitive."""

    object: str
    act: str
    object_ru: str
    act_ru: str

    @property
    def named_alone(self) -> bool:
        """Whether people who name the object mean this act: a certificate is one to be had, not one to be renewed."""
        return self.act == "гирифтани"

    @property
    def part(self) -> str:
        """Whether it is learnt from or kept for early stopping: "train" or "dev"."""
        return "dev" if crc32(self.object.encode()) % _DEV_SHARE == 0 else "train"


@dataclass(frozen=True, slots=True)
class Stated:
    """What one sentence of evidence says, how it is answered in short and how it is asked for.

    evidence, answers and questions by language; `mixed` are questions half Russian, `claims` ask whether another
    value is true.  `subject` is what it is about, `told` what sets it apart: a year, people or a value.
    """

    kind: str
    subject: str
    told: str
    evidence: dict[str, str]
    answers: dict[str, tuple[str, ...]]
    questions: dict[str, tuple[str, ...]]
    mixed: tuple[str, ...] = ()
    claims: tuple[str, ...] = ()


@cache
def things(part: str) -> tuple[Thing, ...]:
    """Return what a part's statements may be about."""
    with (HERE / "objects.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    found = [Thing(row["tg"], act, row["ru"], act_ru) for row in rows for act, act_ru in _acts(row)]
    return tuple(thing for thing in found if thing.part == part)


@cache
def kinds(thing: Thing) -> tuple[str, ...]:
    """Return the kinds of statements there are about a thing, in the order of the file."""
    strange = _IN if thing.object.startswith(_PAID_OUT) else _OUT
    if not thing.object.startswith(_RENEWED):
        strange |= {"validity"}
    return tuple(kind for kind, frame in _frames().items()
                 if kind not in strange and all(_fitting(frame[language][name], thing)
                                            for language in LANGUAGES for name in ("evidence", "answer", "question")))


def stated(kind: str, thing: Thing, chance: Random) -> Stated:
    """Return a statement of a kind about a thing, with values drawn by chance."""
    frame, slots = _frames()[kind], _slots(kind, thing, chance)

    def texts(language: str, name: str) -> tuple[str, ...]:
        return tuple(filled(text, slots[language]) for text in _fitting(frame[language][name], thing))

    evidence = {language: chance.choice(texts(language, "evidence")) for language in LANGUAGES}
    answers, questions = ({language: texts(language, name) for language in LANGUAGES}
                          for name in ("answer", "question"))
    told = slots["tg"]["y" if kind == "fee_past" else "a" if "{a}" in frame["tg"]["question"][1] else "v"]
    return Stated(kind, f"{thing.act} {thing.object}", told, evidence, answers, questions,
                  texts("tg", "mixed"), texts("tg", "claim"))


def led(statement: Stated, tg: str, ru: str) -> Stated:
    """Return a statement whose evidence and answers begin with words, such as a place or a day."""
    before = {"tg": tg, "ru": ru}
    return replace(
        statement,
        evidence={language: joined(before[language], text) for language, text in statement.evidence.items()},
        answers={language: tuple(joined(before[language], text) for text in texts)
                 for language, texts in statement.answers.items()})


def joined(before: str, text: str) -> str:
    """Return words and a sentence as one sentence; a row of a table gets a cell more."""
    if "; " in text and ": " in text.split("; ", maxsplit=1)[0]:
        return f"{before}; {text}"
    return f"{before} {text}" if text[:2].isupper() else f"{before} {text[:1].lower()}{text[1:]}"


def past(statement: Stated) -> Stated:
    """Return a Tajik statement as it is told when it no longer holds."""
    return replace(
        statement, evidence=statement.evidence | {"tg": _past(statement.evidence["tg"])},
        **{name: getattr(statement, name) | {"tg": tuple(map(_past, getattr(statement, name)["tg"]))}
           for name in ("answers", "questions")})


def filled(text: str, slots: dict[str, str]) -> str:
    """Return a frame with its slots filled, its first letter a capital where it is a sentence."""
    whole = text.format_map(slots)
    return whole[:1].upper() + whole[1:] if whole[-1:] in ".?!" else whole


_PAST = {"мешавад": "мешуд", "мешаванд": "мешуданд", "аст": "буд", "шудааст": "шуда буд", "дорад": "дошт",
         "медиҳад": "медод", "медиҳанд": "медоданд", "мегиранд": "мегирифтанд", "мегирад": "мегирифт",
         "мекунанд": "мекарданд", "мебароянд": "мебаромаданд", "меистад": "меистод", "месупорам": "месупоридам",
         "мешавам": "мешудам"}


def _past(text: str) -> str:
    return re.sub(r"\w+", lambda found: _PAST.get(found[0], found[0]), text)


def _slots(kind: str, thing: Thing, chance: Random) -> dict[str, dict[str, str]]:
    frame, people = _frames()[kind], chance.choice(values.PEOPLE)
    value, other = values.value(frame["value"], chance), values.value(frame["value"], chance)
    while other == value:
        other = values.value(frame["value"], chance)
    if frame["value"] == "people":
        people = value
    of = values.year(chance)
    acts = (f"{thing.act} {thing.object}", f"{thing.act_ru} {thing.object_ru}")
    return {language: {"o": (thing.object, thing.object_ru)[side], "O": _capital(thing.object),
                       "or": _object(thing.object), "s": acts[side],
                       "sr": _object(acts[0]), "S": _capital(acts[side]), "g": _genitive(acts[1]),
                       "v": value[side], "vr": _object(value[0]), "V": _capital(value[side]), "w": other[side],
                       "a": people[side], "A": _capital(people[side]), "y": of}
            for side, language in enumerate(LANGUAGES)}


def _fitting(texts: list[str], thing: Thing) -> list[str]:
    """Return the frames a thing may stand in: its object alone only where that says enough."""
    return [text for text in texts if thing.named_alone or not re.search("{o}|{or}|{O}", text)]


def _object(text: str) -> str:
    """Return a Tajik phrase as the object of a verb: сомонӣ, сомониро."""
    return f"{text[:-1]}иро" if text.endswith("ӣ") else f"{text}ро"


def _acts(row: dict[str, str]) -> list[tuple[str, str]]:
    own = _ACTS[row["does"]]
    renewed = row["does"] == "гирифтан" and row["tg"].split()[0].startswith(_RENEWED)
    return [own, *_LATER] if renewed else [own]


def _genitive(act: str) -> str:
    first, _, rest = act.partition(" ")
    return f"{first[:-1]}я {rest}"


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@cache
def _frames() -> dict[str, dict[str, Any]]:
    return tomllib.loads((HERE / "frames.toml").read_text(encoding="utf-8"))
