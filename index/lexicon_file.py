"""The rows of the lexicon, read from its files and merged: an admin's over ours, ours over those learnt.

A file is tab-separated: ru, tg, en, domain, weight, evidence, note.  Several English words are separated by commas.
A note may name words that must stand elsewhere in the question for the row to count in full: "ru: машина, водитель;
en: car".  Looking up is not done here (`lexicon`).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from hashlib import sha256
from pathlib import Path

from index import tokens
from index.errors import LexiconError
from index.tokens import fold, stem, words

SHIPPED = Path(__file__).with_name("lexicon.tsv")
LEARNT = Path(__file__).with_name("lexicon_learnt.tsv")
EVERYDAY = Path(__file__).with_name("everyday.tsv")
# The source language of what people say in Tajik for the Tajik words of official texts.
SAID = "said"
# Which language the targets of a source language are in; of English, Russian too.
TARGET = {"ru": "tg", "en": "tg", "tg": "ru", SAID: "tg"}
ARTICLES = frozenset(("to", "the", "a", "an"))

_COLUMNS = ["ru", "tg", "en", "domain", "weight", "evidence", "note"]
_LEAST_COLUMNS = 3
_EVERYDAY_COLUMNS = ["said", "official", "weight", "domain"]
# What is learnt from interfaces is less sure than what a person wrote (chosen on train and dev).
_LEARNT_SHARE = 0.4
_LEAST_WITH_E = 5
# Words that say nothing of a subject: verbs that only carry a noun (иваз кардан) and words that join others.
_EMPTY = {language: frozenset(map(fold, text.split())) for language, text in {
    "tg": "ва аз ба бо дар то барои ки ё ин он аст дорад мебошад кардан кардани намудан намудани шудан шудани додан "
          "додани будан будани тавассути ҳамчун воситаи тариқи оё мумкин имкон метавон лозим бояд чӣ кӣ касе",
    "ru": "и в во на с со по для из от до к ко о об у за или ли не а но что это как при через можно надо нужно быть "
          "есть если то же бы",
    "en": "and or of in is for on with by be are this that how what when where which who do does can i my me we you "
          "it at as if may must under from",
}.items()}
_CARRIERS = frozenset(("кардан", "намудан", "шудан", "додан", "гардидан"))
# A key of such words alone counts as such words of a question do (`lexical`).
_EMPTY_SHARE = 0.3

Row = tuple[str, str, str, str]        # source language, key, target, detail


class Origin(StrEnum):
    """Who says that one word stands for another; a later one overrules those before."""

    LEARNT = "learnt"
    HAND = "hand"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Target:
    """What a key may be in the other language.

    `weight` counts in any question; each of `beside` is a weight that counts where all its words (stemmed, by spaces)
    of one choice stand beside the key.  Weights are in (0, 1]; `weight` is 0 for what is meant in company only.
    """

    target: str
    readable: str
    origin: Origin
    weight: float
    beside: tuple[tuple[float, tuple[str, ...]], ...] = ()
    forms: tuple[str, ...] = ()        # what has the key as its stem, folded: права, право

    def to_detail(self) -> str:
        """Return everything but the target as a text to store."""
        return json.dumps([self.readable, self.origin, self.weight, self.beside, self.forms], ensure_ascii=False)

    @classmethod
    def from_detail(cls, target: str, detail: str) -> Target:
        """Return what `to_detail` stored."""
        readable, origin, weight, beside, forms = json.loads(detail)
        return cls(target, readable, Origin(origin), weight, tuple((share, tuple(some)) for share, some in beside),
                   tuple(forms))


Keys = dict[tuple[str, str], dict[str, Target]]  # by source language and key, then by target


@dataclass(frozen=True, slots=True)
class _Line:
    """One way of one line of a file, stemmed."""

    language: str
    key: str
    form: str                          # the key's words, folded
    target: str
    readable: str
    weight: float
    beside: tuple[str, ...]


def lexicon_rows(paths: Path | Sequence[Path] | None = None) -> list[Row]:
    """Return the rows of the `lexicon` table, sorted: ours, with an admin's files merged over them in order.

    A pair in an admin's file replaces ours, with the weight 0 it takes ours away.  What was learnt is used for keys
    that no person wrote a row for.

    Raises:
        LexiconError: a line of a file cannot be read.
    """
    files = [paths] if isinstance(paths, Path) else list(paths or ())
    merged = dict(_ours())
    for path in files:
        _merge(merged, path, Origin.ADMIN)
    return _rows(merged)


def lexicon_mark(paths: Path | Sequence[Path] | None = None) -> str:
    """Return the SHA-256 of all that `lexicon_rows` come from, the code that reads them too; the same mark, the same.

    Raises:
        LexiconError: an admin's file cannot be read.
    """
    files = [paths] if isinstance(paths, Path) else list(paths or ())
    code = (Path(__file__), Path(tokens.__file__))
    try:
        parts = [sha256(path.read_bytes()).digest() for path in (*code, LEARNT, SHIPPED, EVERYDAY, *files)]
    except OSError as error:
        raise LexiconError(f"the lexicon cannot be read: {error}") from error
    return sha256(b"".join(parts)).hexdigest()


def rows_of(files: Iterable[tuple[Path, Origin]]) -> list[Row]:
    """Return the sorted rows of files alone, later ones over earlier ones.

    Raises:
        LexiconError: a line of a file cannot be read.
    """
    merged: Keys = {}
    for path, origin in files:
        _merge(merged, path, origin)
    return _rows(merged)


@cache
def _ours() -> Keys:
    """Return the targets of our own files, stemmed once a process (2 s)."""
    merged: Keys = {}
    for path, origin in ((LEARNT, Origin.LEARNT), (SHIPPED, Origin.HAND)):
        _merge(merged, path, origin)
    return merged | _gathered(_everyday(EVERYDAY), Origin.HAND)


def _everyday(path: Path) -> Iterator[_Line]:
    """Yield the lines of the file of what people say."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    if head.split("\t") != _EVERYDAY_COLUMNS:
        raise LexiconError(f"the first line of {path} does not name the columns {', '.join(_EVERYDAY_COLUMNS)}")
    for line in lines:
        said, official, weight, _ = line.split("\t")
        form = [fold(word) for word in words(said)]
        yield _Line(SAID, _stems(form, SAID), " ".join(form), _stems(_told(official, "tg"), "tg"), official,
                    float(weight), ())


def _merge(merged: Keys, path: Path, origin: Origin) -> None:
    """Put the targets of a file over those there; hand-made ones take the place of all learnt ones of their key."""
    for at, targets in _targets(path, origin).items():
        before = {} if origin is Origin.HAND else merged.get(at, {})
        merged[at] = before | targets


def _rows(merged: Keys) -> list[Row]:
    return sorted((*at, target.target, target.to_detail()) for at, targets in merged.items()
                  for target in targets.values() if target.weight or target.beside)


def _targets(path: Path, origin: Origin) -> Keys:
    """Return the targets of each language and key of one file."""
    return _gathered(_read(path, origin), origin)


def _gathered(lines: Iterable[_Line], origin: Origin) -> Keys:
    """Return the targets of lines by language and key."""
    found: Keys = {}
    share = _LEARNT_SHARE if origin is Origin.LEARNT else 1.0
    for line in lines:
        here = found.setdefault((line.language, line.key), {})
        old = here.get(line.target, Target(line.target, line.readable, origin, 0.0))
        weight, beside = round(share * line.weight, 4), old.beside
        readable = line.readable if weight > old.weight and not line.beside else old.readable
        if line.beside:
            weight, beside = 0.0, (*beside, (weight, line.beside))
        forms = tuple(dict.fromkeys((*old.forms, line.form)))
        here[line.target] = Target(line.target, readable, origin, max(old.weight, weight), beside, forms)
    return found


def _read(path: Path, origin: Origin) -> Iterator[_Line]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, ValueError) as error:
        raise LexiconError(f"the lexicon {path} cannot be read: {error}") from error
    head = lines[0].rstrip().split("\t") if lines else []
    if len(head) < _LEAST_COLUMNS or head != _COLUMNS[:len(head)]:
        raise LexiconError(f"the first line of {path} does not name the columns {', '.join(_COLUMNS)}")
    for number, line in enumerate(lines[1:], 2):
        if line.strip():
            yield from _lines_of(f"line {number} of {path}", line, origin)


def _lines_of(place: str, line: str, origin: Origin) -> Iterator[_Line]:
    """Yield each way a line can be read, without those that would expand a lone function word."""
    cells = [cell.strip() for cell in line.split("\t")]
    if not _LEAST_COLUMNS <= len(cells) <= len(_COLUMNS):
        raise LexiconError(f"{place} does not have the columns {', '.join(_COLUMNS)}")
    ru, tg, en, _, weight_text, _, note = cells + [""] * (len(_COLUMNS) - len(cells))
    weight = _weight(place, weight_text, origin)
    function_word, beside = _noted(place, note)
    to_tg, to_ru = (tg, _stems(_told(tg, "tg"), "tg")), (ru, _stems(_told(ru, "ru"), "ru"))
    sides = [("ru", ru, to_tg), ("tg", tg, to_ru)]
    sides += [("en", term, to) for term in en.split(",") for to in (to_tg, to_ru)]
    for language, source, (target, stemmed) in sides:
        form = _source(source, language)
        key = _stems(form, language)
        share = _EMPTY_SHARE if _EMPTY[language].issuperset(form) else 1.0
        if key and stemmed and not (function_word and len(form) == 1):
            yield _Line(language, key, " ".join(form), stemmed, target.strip(), share * weight,
                        beside.get(language, ()))


def _weight(place: str, text: str, origin: Origin) -> float:
    try:
        weight = float(text or 1)
    except ValueError as error:
        raise LexiconError(f"{place} has the weight {text}, which is no number") from error
    if not (0.0 < weight <= 1.0 or (weight == 0.0 and origin is Origin.ADMIN)):
        raise LexiconError(f"{place} has the weight {text}, not one above 0, up to 1")
    return weight


def _noted(place: str, note: str) -> tuple[bool, dict[str, tuple[str, ...]]]:
    """Return whether a note says "function word", and the stems that must stand beside the key, by its language."""
    parts = [part.strip() for part in note.split(";")]
    beside = {}
    for part in parts:
        language, colon, choices = part.partition(":")
        if colon and language not in TARGET:
            raise LexiconError(f"{place} names words beside it in {language!r}, not in ru, tg or en")
        if colon:
            found = (" ".join(key_of(word, language) for word in words(choice)) for choice in choices.split(","))
            beside[language] = tuple(filter(None, found))
    return "function word" in parts, beside


def key_of(word: str, language: str) -> str:
    """Return what a clean word is looked up by; English nouns in -e meet their plurals (licence, licences)."""
    key = stem(fold(word), language)
    return key[:-1] if language == "en" and len(key) >= _LEAST_WITH_E and key.endswith("e") else key


def _source(term: str, language: str) -> list[str]:
    """Return the folded words of a term to look up: no English articles, no verb that only carries a Tajik noun."""
    found = [fold(word) for word in words(term)]
    if language == "en":
        return [word for word in found if word not in ARTICLES] or found
    bare = found[:-1] if language == "tg" and found and found[-1] in _CARRIERS else found
    return found if _EMPTY[language].issuperset(bare) else bare


def _told(term: str, language: str) -> list[str]:
    """Return the folded words of a term to look for, without empty ones where there are others."""
    found = [fold(word) for word in words(term)]
    return [word for word in found if word not in _EMPTY[language]] or found


def _stems(form: Iterable[str], language: str) -> str:
    return " ".join(key_of(word, language) for word in form)
