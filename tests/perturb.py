"""Drafts that lie, made from faithful ones: one change each, of a named kind.

A lie keeps everything of the sentence but what it lies about, so that only that can give it away.  Which change is
made where depends on nothing but the sentence.
"""

from __future__ import annotations

import csv
import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

ROOT = Path(__file__).parents[1]
PARAPHRASES = ROOT / "tests" / "assets" / "faithful_paraphrases.jsonl"
_SEED = ROOT / "corpora" / "seed"


class Lie(StrEnum):
    """What a perturbed draft lies about."""

    DIGIT = "changed digit"
    SUM = "changed sum"
    WORD_NUMBER = "changed number in words"
    DATE = "changed date"
    UNIT = "changed unit"
    NEGATION_REMOVED = "negation removed"
    NEGATION_ADDED = "negation added"
    CONDITION = "condition dropped"
    CITATION = "wrong citation"
    SIBLING = "citation of the sentence beside it"
    OFFICE = "invented office"
    YEAR = "changed year"
    OTHER_YEAR = "year of another citation"
    AUDIENCE = "swapped audience"
    SWAP = "figures swapped"
    ACT = "changed act number"
    BOUND = "turned bound"
    MODALITY = "turned modality"
    CONTACT = "invented contact"


@dataclass(frozen=True, slots=True)
class Faithful:
    """A faithful draft on its quote, with the document and the split of its service."""

    text: str
    quote: str
    language: str
    document: str
    service: str
    held_out: bool


@dataclass(frozen=True, slots=True)
class Perturbed:
    """A draft that lies, with the quotes it cites."""

    lie: Lie
    text: str
    quotes: tuple[str, ...]
    origin: Faithful


_MONTHS = ({"январ": "март", "феврал": "май", "март": "июн", "апрел": "август", "июн": "сентябр", "июл": "октябр",
            "август": "ноябр", "сентябр": "феврал", "октябр": "апрел", "ноябр": "июл", "декабр": "июн"})
_UNITS = {
    "tg": {"сомонӣ": "доллар", "доллари": "евро", "доллар": "сомонӣ", "нишондиҳанда": "сомонӣ", "фоиз": "сомонӣ",
    "сол": "моҳ",
           "моҳ": "рӯз", "рӯзи": "моҳи", "рӯз": "моҳ", "соат": "рӯз", "нафар": "оила", "кишвар": "шаҳр"},
    "ru": {"сомони": "долларов", "долларов": "сомони", "показателя": "сомони", "показателей": "сомони",
    "показатель": "сомони",
           "%": "сомони", "лет": "месяцев", "года": "месяца", "месяца": "года", "месяцев": "дней", "дней": "недель",
           "часов": "дней",
           "стран": "городов"},
    "en": {"dollars": "somoni", "somoni": "dollars", "days": "months", "indicators": "somoni", "months": "days"}}
_OFFICES = {
    "tg": (r"(?:Вазорат|Кумита|Агент|Хадамот|Раёсат|Сарраёсат|Бонк|Марказ)\w*\s+(?:давлатии\s+)?[\wӣ]+|САҲШ|"
           r"\bБДА\b|мақом\w*\s+\w+",
           ("Вазорати молия", "Агентии омор", "Кумитаи ҷавонон", "Хадамоти зиддиинҳисорӣ", "Палатаи савдо"), "Дар {} "),
    "ru": (r"(?:Министерств|Комитет|Агентств|Служб|Управлени|Банк|Центр)\w*\s+\w+|\bМИД\b|\bМВД\b|\bНЦТ\b|ЗАГС\w*|"
           r"органы?\s+\w+",
           ("Министерство финансов", "Агентство статистики", "Комитет по делам молодёжи", "Антимонопольная служба",
            "Торговая палата"), "По данным: {}. "),
    "en": (r"Ministry of \w+", ("the Ministry of Finance",), "At the Ministry of Finance, ")}
_PEOPLE = {
    "tg": ("шаҳрванд", "нафақагир", "маъюб", "ятим", "кӯдак", "занон", "мардон", "соҳибкор", "донишҷӯ", "собиқадор",
    "муҳоҷир",
           "шахси воқеӣ", "шахси ҳуқуқӣ", "довталаб", "ронанда", "падару модар", "сокин", "корманд",
           "истеъмолкунанда", "аҳолӣ"),
    "ru": ("гражданин", "граждан", "пенсионер", "инвалид", "сирот", "ребёнка", "женщин", "мужчин", "предпринимател",
           "физическ", "иностранц", "налогоплательщик", "детей", "родителей", "безработн", "застрахован"),
    "en": ("citizen", "individual")}
_INSTEAD = {
    "tg": ("бевазанон", "гурезагон", "омӯзгорон", "сарбозон", "рӯзноманигорон", "сайёҳон"),
    "ru": ("вдов", "беженцев", "учителей", "солдат", "журналистов", "туристов"), "en": ("widows", "teachers")}
_BOUNDS = {
    "tg": (("на камтар аз ", "на бештар аз "), ("на бештар аз ", "на камтар аз "), ("камаш ", "на бештар аз "),
           ("зиёда аз ", "камтар аз "), ("ва зиёда", "ва камтар"), ("на зиёда аз ", "на камтар аз ")),
    "ru": (("не менее ", "не более "), ("не более ", "не менее "), ("не позднее ", "не ранее "), ("минимум ",
    "максимум ")),
    "en": (("at least ", "at most "), ("up to ", "at least "))}
_UP_TO = {"tg": (r"\bто (?=\d+\s+(?:сол|моҳ|рӯз|нишондиҳанда|сомон|фоиз|\d))", "на камтар аз "),
          "ru": (r"\bдо (?=\d+\s+(?:лет|месяц|дн|показател|сомони|%|\d))", "не менее "), "en": (r"\bup to (?=\d)",
          "at least ")}
_CONDITIONS = {
    "tg": (r"\b[Тт]анҳо\s+", r"\b[Фф]ақат\s+", r"^Агар\s[^,]+,\s+", r",\s+агар\s[^,.]+(?=[.,]|$)",
    r",?\s*ба\s+истиснои\s[^,.]+,?",
           r",?\s*(?:ба\s+)?ғайр\s+аз\s[^,.]+,?"),
    "ru": (r"\b[Тт]олько\s+", r"\b[Лл]ишь\s+", r"^Если\s[^,]+,\s+", r",\s+если\s[^,.]+(?=[.,]|$)",
    r",?\s*(?:за\s+исключением|кроме)\s[^,.]+,?"),
    "en": (r"\bonly\s+", r",\s+if\s[^,.]+")}
# A condition that no word of condition tells, a relative clause, is another matter (docs/adr/0014).
_CONDITION_WORDS = re.compile(r"\b(?:агар|танҳо|фақат|истиснои|ғайр аз|если|только|лишь|кроме|исключением|if|only)\b",
                              re.IGNORECASE)
_NO = {
    "tg": ((r"\bнаме(?=\w)", "ме"), (r"\bнест\b", "ҳаст"), (r"\bманъ аст\b", "мумкин аст"), (r"\bнадорад\b", "дорад"),
           (r"\bнашуда(?=\w*)", "шуда"), (r"\bбе (?=\w{4})", "бо "), (r"\bнакарда", "карда"), (r"\bнабояд\b", "бояд")),
    "ru": ((r"\bне (?!менее|более|позднее|только)", ""), (r"\bнельзя\b", "можно"), (r"\b[Зз]апрещен[оа]?\b",
    "разрешено"),
           (r"\bбез (?=\w{4})", "с "), (r"\bнет\b", "есть")),
    "en": ((r"\bnot ", ""), (r"\bwithout\b", "with"))}
_YES = {
    "tg": ((r"\bме(?=(?:шав|кун|диҳ|гир|барор|гузор|супор|тавон|нав|рас|бар|гуз|пур|мон)\w*\b)", "наме"),
    (r"\bаст\b", "нест"),
           (r"\bдорад\b", "надорад"), (r"(?<=\wи\b )?\bшудааст\b", "нашудааст"), (r"\bмумкин аст\b", "манъ аст")),
    "ru": ((r"\b(?=\w{3,}(?:ают|яют|ует|уют|ает|яет|ит|ят|ится|ются|ется)\b)", "не "), (r"\bможно\b", "нельзя"),
           (r"\bдолж(?=\w+\b)", "не долж"), (r"(?<=[а-я] )(?=(?:утверждён|установлен|разрешен)\w*)", "не ")),
    "en": ((r"\bmust\b", "must not"), (r"\bis\b", "is not"))}
_MODES = {
    "tg": ((r"\bметавонад\b", "бояд"), (r"\bметавонанд\b", "бояд"), (r"\bмумкин аст\b", "лозим аст"), (r"\bбояд\b",
    "метавонад"),
           (r"\bлозим аст\b", "мумкин аст")),
    "ru": ((r"(?<!не )\bможно\b", "нужно"), (r"(?<!не )\bмо(?:жет|гут)\b", "должны"),
    (r"(?<!не )\bдолж(?:ен|ны|на)\b", "может"),
           (r"(?<!не )\bнужно\b", "можно")),
    "en": ((r"\bmust\b", "may"), (r"\bmay\b", "must"))}
_CONTACTS = {"tg": (" Телефон: 2-34-56-78.", " Нигаред: yordam-24.com.", " Тел. +992 900 11-22-33."),
             "ru": (" Телефон: 2-34-56-78.", " Смотрите yordam-24.com.", " Тел. +992 900 11-22-33."),
             "en": (" Phone: 2-34-56-78.", " See yordam-24.com.")}
_SHARED_SUM = r"(\d[\d ]*(?:,\d+)?)(?=\s+(?:сомон|доллар|нишондиҳанда|показател|фоиз|%|dollars|somoni|indicators))"
_IN_WORDS = {"tg": {"як": "чор", "ду": "се", "се": "панҷ", "даҳ": "ҳафт", "панҷ": "шаш", "бист": "чил",
             "шаш": "ҳашт", "сесад": "чорсад",
                    "понздаҳ": "шонздаҳ", "ҳашт": "нӯҳ", "панҷоҳ": "шаст"},
             "ru": {"два": "три", "двух": "трёх", "трёх": "пяти", "шесть": "семь", "тридцать": "сорок",
             "двадцать": "тридцать",
                    "пять": "шесть", "пятый": "шестой"}, "en": {"two": "three"}}
_SAME_UNIT = re.compile(r"(\d+)(\s+(сол|моҳ|рӯз|нишондиҳанда|сомонӣ|фоиз|доллар|лет|показател|сомони|дней)\w*)")


def faithful() -> list[Faithful]:
    """Return every faithful draft: our paraphrases, then the sentences the facts of the seed quote."""
    splits = _splits()
    rows = map(json.loads, PARAPHRASES.read_text(encoding="utf-8").splitlines())
    found = [Faithful(row["text"], row["quote"], row["language"], row["document"], row["service"],
             row["split"] == "test")
             for row in rows]
    return found + [one for path in sorted((_SEED / "documents").glob("*.toml")) for one in _quoted(path, splits)]


def _splits() -> dict[str, str]:
    with (_SEED / "services.tsv").open(encoding="utf-8") as lines:
        return {row["service"]: row["split"] for row in csv.DictReader(lines, delimiter="\t")}


def _quoted(path: Path, splits: dict[str, str]) -> Iterator[Faithful]:
    card = tomllib.loads(path.read_text(encoding="utf-8"))
    for fact in card.get("fact", []):
        quote = fact["quote"]
        if "\n" not in quote and 45 <= len(quote) <= 230 and "Тасдиқнашуда" not in quote:
            yield Faithful(quote, quote, card["language"], card["id"], card["service"],
                           splits[card["service"]] == "test")


def perturbed(drafts: Sequence[Faithful], *, most: int) -> list[Perturbed]:
    """Return lies made from drafts, at most so many of a kind, in the order of the drafts, spread over them."""
    made = []
    for lie, maker in _MAKERS.items():
        lies = [Perturbed(lie, text, (one.quote, *more), one) for one in drafts for text, more in maker(one, drafts)
                if text != one.text]
        lies += [Perturbed(lie, one.text, (quote,), one) for one in drafts for quote in _CITATIONS.get(lie,
                 _none)(one, drafts)]
        step = max(1, len(lies) // most)
        made += lies[::step][:most]
    return made


_Made = Iterator[tuple[str, tuple[str, ...]]]
_Maker = Callable[[Faithful, Sequence[Faithful]], _Made]


def _none(_one: Faithful, _drafts: Sequence[Faithful]) -> Iterator[str]:
    return iter(())


def _replaced(one: Faithful, found: re.Match[str], text: str) -> tuple[str, tuple[str, ...]]:
    return one.text[:found.start()] + text + one.text[found.end():], ()


def _digit(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for found in re.finditer(r"\d+", one.text):
        changed = found[0][:-1] + str((int(found[0][-1]) + 3) % 10)
        if changed not in one.quote and int(changed) and f"{int(changed)}" not in re.findall(r"\d+", one.quote):
            yield _replaced(one, found, changed)


def _sum(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for found in re.finditer(_SHARED_SUM, one.text):
        digits = found[1].replace(" ", "").split(",")[0]
        yield _replaced(one, found, f"{digits}0")
        yield _replaced(one, found, str(int(digits) + 7))


def _in_words(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for word, other in _IN_WORDS[one.language].items():
        for found in re.finditer(rf"\b{word}\b(?!\s+(?:аз|тараф|нусхааш))", one.text):
            yield _replaced(one, found, other)


def _date(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for found in re.finditer(r"(?<=\d )(" + "|".join(_MONTHS) + r")|(?<=\d\d\.)\d\d(?=\.\d{4})", one.text):
        other = _MONTHS.get(found[0]) or f"{int(found[0]) % 12 + 1:02}"
        yield _replaced(one, found, other)


def _unit(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for unit, other in _UNITS[one.language].items():
        for found in re.finditer(rf"(?<=\d) ?{unit}(?!\w)|(?<=\d ){unit}(?= |и )", one.text):
            if not re.search(r"(?:19|20)\d\d $", one.text[:found.end() - len(unit)]):
                yield _replaced(one, found, " " + other if found[0][:1] == " " or unit == "%" else other)


def _from(table: dict[str, tuple[tuple[str, str], ...]], *, said: bool = False) -> _Maker:
    """Return a maker of replacements; `said` makes them only where the quote has the same words."""
    def maker(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
        for pattern, other in table[one.language]:
            if said and not re.search(pattern, one.quote):
                continue
            for found in re.finditer(pattern, one.text):
                yield _replaced(one, found, other)
    return maker


def _condition(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for pattern in _CONDITIONS[one.language]:
        found = re.search(pattern, one.text)
        if found and _CONDITION_WORDS.findall(one.quote):
            text = one.text[:found.start()] + (" " if found.start() else "") + one.text[found.end():]
            yield " ".join(text.split()), ()


def _office(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    pattern, others, opening = _OFFICES[one.language]
    other = next(name for name in others[len(one.text) % len(others):] + others if name not in one.quote)
    if found := re.search(pattern, one.text):
        yield _replaced(one, found, other)
    else:
        yield opening.format(other) + one.text[0].lower() + one.text[1:], ()


def _year(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for found in re.finditer(r"\b(?:19|20)\d\d\b", one.text):
        if (other := str(int(found[0]) - 1)) not in one.quote:
            yield _replaced(one, found, other)


def _other_year(one: Faithful, drafts: Sequence[Faithful]) -> _Made:
    """Yield the year of another sentence of the document in this one, both cited."""
    for found in re.finditer(r"\b(?:19|20)\d\d\b", one.text):
        for other in _beside(one, drafts):
            years = [year for year in re.findall(r"\b(?:19|20)\d\d\b", other.quote) if year not in one.quote]
            if years and len(re.findall(r"\d+", one.text)) > 1:
                yield one.text[:found.start()] + years[0] + one.text[found.end():], (other.quote,)


def _beside(one: Faithful, drafts: Sequence[Faithful]) -> list[Faithful]:
    return [other for other in drafts
            if other.document == one.document and other.quote != one.quote and other.text == other.quote]


def _audience(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    others = _INSTEAD[one.language]
    for people in _PEOPLE[one.language]:
        if found := re.search(rf"\b{people}\w*", one.text, re.IGNORECASE):
            yield _replaced(one, found, others[len(one.text) % len(others)])


def _swap(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    found = list(_SAME_UNIT.finditer(one.text))
    for first, second in itertools.pairwise(found):
        if first[3] == second[3] and first[1] != second[1]:
            text = one.text[:first.start(1)] + second[1] + one.text[first.end(1):second.start(1)] + first[1]
            yield text + one.text[second.end(1):], ()


def _act(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for found in re.finditer(r"(?<=№ )\d+|(?<=моддаи )\d+|(?<=статья )\d+|(?<=статье )\d+|(?<=пункт )\d+|"
                             r"(?<=банди )\d+", one.text):
        for other in (str(int(found[0]) + 10), found[0][::-1]):
            if other not in re.findall(r"\d+", one.quote) and other.lstrip("0") == other:
                yield _replaced(one, found, other)


def _bound(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    for said, other in _BOUNDS[one.language]:
        for found in re.finditer(rf"\b{said}", one.text):
            yield _replaced(one, found, other)
    pattern, other = _UP_TO[one.language]
    for found in re.finditer(pattern, one.text):
        if not re.search(r"\b(?:аз|от|с)\s+[\d ]+$", one.text[:found.start()]):
            yield _replaced(one, found, other)


def _contact(one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    contacts = _CONTACTS[one.language]
    yield one.text.rstrip(".") + "." + contacts[len(one.text) % len(contacts)], ()


def _nothing(_one: Faithful, _drafts: Sequence[Faithful]) -> _Made:
    return iter(())


def _elsewhere(one: Faithful, drafts: Sequence[Faithful]) -> Iterator[str]:
    """Yield a sentence of another service, in the same language."""
    others = [other for other in drafts if other.service != one.service and other.language == one.language]
    if others and one.text != one.quote:
        yield others[(len(one.text) * 7) % len(others)].quote


def _sibling(one: Faithful, drafts: Sequence[Faithful]) -> Iterator[str]:
    """Yield the other sentences of the same document."""
    if one.text != one.quote:
        yield from (other.quote for other in _beside(one, drafts)[:2])


_CITATIONS: dict[Lie, Callable[[Faithful, Sequence[Faithful]], Iterator[str]]] = {
    Lie.CITATION: _elsewhere, Lie.SIBLING: _sibling}
_MAKERS: dict[Lie, _Maker] = {
    Lie.DIGIT: _digit, Lie.SUM: _sum, Lie.WORD_NUMBER: _in_words, Lie.DATE: _date, Lie.UNIT: _unit,
    Lie.NEGATION_REMOVED: _from(_NO), Lie.NEGATION_ADDED: _from(_YES), Lie.CONDITION: _condition,
                                Lie.CITATION: _nothing,
    Lie.SIBLING: _nothing, Lie.OFFICE: _office, Lie.YEAR: _year, Lie.OTHER_YEAR: _other_year, Lie.AUDIENCE: _audience,
    Lie.SWAP: _swap, Lie.ACT: _act, Lie.BOUND: _bound, Lie.MODALITY: _from(_MODES, said=True), Lie.CONTACT: _contact}
