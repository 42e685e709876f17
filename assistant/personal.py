"""Personal data that a question carries: found and replaced by a mark before anything else sees it.

Kinds and patterns only.  Sums, years, act numbers and short public numbers stay.  What was replaced is kept nowhere.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# No letter or digit, so that it is no word to search for and no number to quote.
MARK = "***"
# A run of digits at least this long is taken for somebody's number where nothing else explains it.
_LONG_RUN = 7


class Personal(StrEnum):
    """What kinds of personal data a question may carry, a closed set."""

    EMAIL = "email"
    CARD = "card"
    PHONE = "phone"
    PASSPORT = "passport"
    NUMBER = "number"
    BIRTH_DATE = "birth_date"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Redacted:
    """A text with marks in place of personal data, and which kinds there were."""

    text: str
    kinds: frozenset[Personal]


_UPPER, _NAME = "A-ZА-ЯЁҒӢҚӮҲҶ", r"[A-ZА-ЯЁҒӢҚӮҲҶ][\w’'ъ-]{1,24}"
_SIGN = r"[\s()\u00a0–-]{0,3}"
_MONEY = r"(?:сомон|сом\b|руб|дирам|доллар|евро|\$|€|млн|миллион|тонна|кг|кв|somoni|diram|rubl|dollar|usd|tjs|euro)"
# A number of these is public: an act, a page, an account of law.
_PUBLIC = re.compile(r"(?:№|\bno?\.|номер[иа]?\s+(?:закона|постановления)|қонун|конун|закон|қарор|карор|кодекс|"
                     r"модда|стать)\W*$", re.IGNORECASE)
_PASSPORT_BEFORE = re.compile(
    r"(?:шиноснома|шиносном|паспорт|passport|shinosnoma|pasport)\w*(?:\s+(?:\w+\s+){0,2}?)?(?:№|рақам\w*|раками?\w*|номер\w*|"
    r"серия|силсила|number|no|raqam\w*)?\W{0,4}$", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{2,24})+", re.IGNORECASE)
_CARD = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)")
_PHONE = re.compile(rf"(?<![\w№])(?:\+|00)?992{_SIGN}\d{{2}}(?:{_SIGN}\d){{7}}(?!\d)"
                    rf"|(?<![\w№])\+\d(?:{_SIGN}\d){{8,12}}(?!\d)"
                    rf"|(?<![\w№.,-])(?:0?[1-9]\d{{1,2}}|\(\d{{2,3}}\))[ -]\d{{3}}[ -]?\d{{2}}[ -]?\d{{2}}(?!\d)"
                    rf"|(?<![\w№.,-])\d{{2,3}}[ -]\d{{2}}[ -]\d{{2}}[ -]\d{{2}}(?:[ -]\d{{1,2}})?(?!\d)")
_PASSPORT = re.compile(r"(?<![\w№])[AАaа]{1,2}\s?[№-]?\s?\d{7,9}(?!\d)|(?<![\w№])[A-ZА-Я]{2}\s?\d{6,8}(?!\d)")
_RUN = re.compile(rf"(?<![\d№.,])\d(?:[ -]?\d){{{_LONG_RUN - 1},29}}(?![\d])")
_DATES = re.compile(r"\d{4}-\d\d-\d\d|(?:19|20)\d\d\s?[-–]\s?(?:19|20)\d\d")
_MONTH = (r"(?:янв|фев|мар|апр|ма[йияе]|июн|июл|авг|сен|окт|ноя|дек|yanv|fev|mar|apr|may|iyun|iyul|avg|sen|okt|noya|"
          r"dek|jan|feb|jun|jul|aug|oct|nov|dec)\w*")
_BIRTH = re.compile(rf"(?<!\d)\d{{1,2}}[./-]\d{{1,2}}[./-](?:19|20)\d\d(?!\d)"
                    rf"|(?<!\d)\d{{1,2}}\s+(?:моҳи\s+)?{_MONTH}\s+(?:соли\s+|soli\s+)?(?:19|20)\d\d(?!\d)",
                    re.IGNORECASE)
_BORN = re.compile(r"таваллуд|tavallud|родил|рожден|born|birth|г\.\s?р\.", re.IGNORECASE)
_NAMES = rf"{_NAME}(?:\s+{_NAME}){{0,3}}"
_INTRODUCED = re.compile(
    r"(?:\b(?:номам|номи ман|ному насабам|ном ва насабам|номи пурраам|насабам|исмам|nomam|nomi man|nomu nasabam|"
    r"меня зовут|моё имя|мое имя|моя фамилия|фио|фамилия|my name is|my full name is|name)\s*[:–—-]?\s*)"
    rf"(?:(?-i:{_NAMES}))", re.IGNORECASE)
_INTRODUCED_SMALL = re.compile(
    r"(?:\b(?:номам|номи ман|nomam|nomi man|меня зовут|my name is)\s+)"
    r"(?:(?!иваз|хато|нодуруст|ғалат|галат|дигар|ivaz|khato|нест|дар|бо|ба|аз|в|на|не)"
    r"[^\W\d_]{2,20}(?:\s[^\W\d_]{2,20})?)(?=\s+(?:аст|ast|ҳаст)\b|\s*[.,;!?]|\s*$)", re.IGNORECASE)
# A surname and given name, or a patronymic, tell a person apart; one surname alone does not.
_ENDING = r"(?:а|у|ом|ой|и|е|ы|ем|ро|ам)?"
_SURNAME = (rf"[{_UPPER}][^\W\d_]{{1,20}}(?:ов|ова|ев|ева|зода|зод|иён|ове|ову|пур|ov|ova|ev|eva|zoda){_ENDING}")
_PATRONYMIC = rf"[{_UPPER}][^\W\d_]{{1,20}}(?:ович|евич|овна|евна|зода|ovich|evich|ovna|evna){_ENDING}"
# What may open a sentence or name a place or an act, and begins no name of a person.
_NO_NAME = (r"(?:Барои|Ба|Аз|Дар|Бо|Агар|Оё|Чаро|Ман|Мо|У|Ин|Для|Если|Где|Как|На|В|От|По|Я|When|Where|How|Is|Does|For|"
            r"The|Кӯчаи|Кучаи|Хиёбони|Ноҳияи|Нохияи|Шаҳри|Шахри|Вилояти|Улица|Проспект|Район|Город|Қонуни|Конуни|"
            r"Корҳои|Кодекси|Закон|Кодекс|Вазорати|Агентии|Хадамоти|Бонки)\s")
_FULL = re.compile(rf"\b(?!{_NO_NAME})(?!{_NAME}\s+{_SURNAME}\s+{_NAME}\b)"
                   rf"(?:{_SURNAME}\s+[{_UPPER}]\.(?:\s?[{_UPPER}]\.)?"
                   rf"|[{_UPPER}]\.\s?(?:[{_UPPER}]\.\s?)?{_SURNAME}\b"
                   rf"|{_NAME}\s+{_NAME}\s+{_PATRONYMIC}\b|{_NAME}\s+{_PATRONYMIC}\b"
                   rf"|{_SURNAME}\s+{_NAME}(?:\s+{_PATRONYMIC})?\b|{_NAME}\s+{_SURNAME}\b)")
_PLACES = re.compile(r"^(?:Исмоили?|Турсун[- ]?зода|Мирзо|Айн[ӣи]|Рудак[ӣи])\b")


def redacted(text: str) -> Redacted:
    """Return a text with every piece of personal data as a mark; applying it twice changes nothing more."""
    kinds: set[Personal] = set()
    for kind, pattern in ((Personal.EMAIL, _EMAIL), (Personal.CARD, _CARD), (Personal.PHONE, _PHONE),
                          (Personal.PASSPORT, _PASSPORT), (Personal.NUMBER, _RUN)):
        text = _replaced(text, kind, pattern, kinds)
    text = _without_names(text, kinds)
    if Personal.NAME in kinds and _BORN.search(text):
        text = _marked(text, _BIRTH, Personal.BIRTH_DATE, kinds)
    return Redacted(text, frozenset(kinds))


def _replaced(text: str, kind: Personal, pattern: re.Pattern[str], kinds: set[Personal]) -> str:
    """Return the text with what a pattern of numbers finds as marks, unless its neighbours make it public."""
    def mark(found: re.Match[str]) -> str:
        before, after = text[:found.start()], text[found.end():]
        if kind is not Personal.EMAIL and _is_public(found[0], before, after):
            return found[0]
        passport = kind is Personal.NUMBER and _PASSPORT_BEFORE.search(before[-60:])
        kinds.add(Personal.PASSPORT if passport else kind)
        return MARK

    return pattern.sub(mark, text)


def _is_public(number: str, before: str, after: str) -> bool:
    if _DATES.fullmatch(number.strip()):
        return True
    if _PUBLIC.search(before[-30:]) and not _PASSPORT_BEFORE.search(before[-60:]):
        return True
    return bool(re.match(rf"\s?(?:ҳазор|тыс|hazor|thousand)?\s?{_MONEY}", after, re.IGNORECASE)
                or before.rstrip().endswith(("$", "€")))


def _without_names(text: str, kinds: set[Personal]) -> str:
    for pattern in (_INTRODUCED, _INTRODUCED_SMALL):
        if pattern.search(text):
            kinds.add(Personal.NAME)
            text = pattern.sub(MARK, text)

    def mark(found: re.Match[str]) -> str:
        if _PLACES.match(found[0]):
            return found[0]
        kinds.add(Personal.NAME)
        return MARK

    return _FULL.sub(mark, text)


def _marked(text: str, pattern: re.Pattern[str], kind: Personal, kinds: set[Personal]) -> str:
    if pattern.search(text):
        kinds.add(kind)
    return pattern.sub(MARK, text)
