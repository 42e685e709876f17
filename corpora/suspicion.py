"""What in a document should make the admin look twice: words nobody sees, and words said to a program.

Warnings only: the text stays as it is, and nothing in a document is ever followed as an instruction.
Knows how such words run in Tajik, Russian, English, Uzbek and Persian; a new wording passes unseen, so
what protects the answer is that documents are only quoted.
"""

from __future__ import annotations

import re
import unicodedata

from corpora.unseen import unseen_words

_QUOTE_LETTERS = 90
_FEW_LETTERS = 12                     # hidden text shorter than this is an ornament or an anchor
_MOST_QUOTES = 3
_SCAN_LETTERS = 5_000_000
_BIDI = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_HIDING_CATEGORIES = frozenset({"Cc", "Cs", "Zl", "Zp"})

# Spelled without the letters of Tajik, or with them: both are read alike, one letter for one.
_FOLDED = str.maketrans("ғӣқӯҳҷёъ’ʼ‘`", "гикухчеь''''")
# Words for "instruction, order, rule", "earlier" and "ignore, forget", in the folded spelling.
_ORDERS = r"(?:instructions?|prompts?|directions|guidelines|rules)"
_ORDERS_RU = r"(?:инструкц\w*|указани\w*|команд\w*|промпт\w*|правил\w*)"
_ORDERS_TG = r"(?:дастур\w*|супориш\w*|фармон\w*|амр\w*|нишондод\w*|коида\w*)"
_ORDERS_UZ = r"(?:ko'rsatma\w*|buyruq\w*|курсатма\w*|буйрук\w*)"
_BEFORE_TG = r"(?:пешина|пештара|кабли|дар боло|зикршуда|гузашта)\w*"
_FORGET_TG = (r"(?:фаромуш\s+(?:кун|намо|созе?)\w*|нодида\s+(?:гир|бигир)\w*|сарфи\s+назар\s+(?:кун|намо)\w*"
              r"|ичро\s+(?:накун|нанамо)\w*|эьтибор\s+(?:надех|надих)\w*|рад\s+(?:кун|намо)\w*)")
_FORGET_RU = r"(?:игнориру\w+|проигнориру\w+|забуд\w+|отброс\w+|не\s+учитывай\w*|не\s+выполняй\w*)"


def _pattern(text: str) -> re.Pattern[str]:
    """Return a pattern whose words and spaces have a longest length, so that no text makes it slow."""
    for endless, bounded in ((r"\w+", r"\w{1,20}"), (r"\w*", r"\w{0,20}"), (r"\s+", r"\s{1,3}"), (r"\s*", r"\s{0,3}"),
                             (r"\S*", r"\S{0,9}")):
        text = text.replace(endless, bounded)
    return re.compile(text)


# Each pattern with words of which one stands in whatever it matches: most texts have none and are done.
_TO_PROGRAM = tuple((stems.split(), _pattern(pattern)) for stems, pattern in (
    ("ignore disregard forget override bypass",
     rf"\b(?:ignore|disregard|forget|override|bypass)\s+(?:(?:all|any|the|your|of|my|these|those)\s+){{0,4}}"
     rf"(?:previous|prior|above|earlier|preceding|system|existing|foregoing)\s+(?:\w+\s+){{0,2}}{_ORDERS}\b"),
    ("ignore disregard forget", rf"\b(?:ignore|disregard|forget)\s+(?:all\s+)?(?:your|the)\s+{_ORDERS}\b"),
    ("prompt", r"\b(?:reveal|print|repeat|show)\s+(?:me\s+)?(?:your|the)\s+(?:(?:system|hidden|initial)\s+)+prompt\b"),
    ("you", r"\byou\s+are\s+(?:now\s+)?an?\s+(?:\w+\s+){0,3}(?:assistant|chatbot|language\s+model|ai)\b"),
    ("system", r"\b(?:new|updated)\s+system\s+(?:prompt|instructions?|message)\b"),
    ("< [", r"<\|?(?:im_start|im_end|system|assistant|start_of_turn|end_of_turn|endoftext)\|?>|\[/?inst\]|<</?sys>>"),
    ("игнорир забуд отброс учитывай выполняй",
     rf"{_FORGET_RU}\s+(?:\w+\s+){{0,3}}(?:предыдущ|прежн|прошл|вышестоящ|системн|изначальн)\w*\s+"
     rf"(?:\w+\s+){{0,2}}{_ORDERS_RU}"),
    ("игнорируй забудь отбрось", rf"(?:игнорируй|забудь|отбрось)(?:те)?\s+(?:\w+\s+){{0,2}}{_ORDERS_RU}"),
    ("системн", r"системн\w+\s+промпт\w*"),
    ("ассистент бот модел нейросет", r"\bты\s+(?:теперь\s+|-\s*|–\s*|—\s*)?(?:\w+\s+){0,2}"
     r"(?:ассистент|чат-?бот|языков\w+\s+модел\w+|нейросет\w+)"),
    ("дастур супориш фармон амр нишондод коида",
     rf"{_ORDERS_TG}\s+(?:\w+\s+){{0,2}}{_BEFORE_TG}\s+(?:\w+\s+){{0,2}}{_FORGET_TG}"),
    ("дастур супориш фармон амр нишондод коида", rf"{_BEFORE_TG}\s+{_ORDERS_TG}\s+(?:\w+\s+){{0,2}}{_FORGET_TG}"),
    ("дастур супориш фармон амр нишондод коида",
     rf"{_FORGET_TG}\s+(?:\w+\s+){{0,2}}{_ORDERS_TG}\s+(?:\w+\s+)?{_BEFORE_TG}"),
    ("ассистент модел бот зехн", r"\b(?:ту|шумо)\s+(?:акнун|минбаьд)\s+(?:\w+\s+){0,4}"
     r"(?:ассистент|модел|чатбот|чат-бот|зехни\s+сунь?и)\w*"),
    ("ko'rsatma buyruq курсатма буйрук", rf"(?:oldingi|avvalgi|yuqoridagi|олдинги|аввалги|юкоридаги)\s+(?:\w+\s+)?"
     rf"{_ORDERS_UZ}\s+(?:\w+\s+)?(?:unut|e'tibor|inobatga|унут|эьтибор|инобатга)"),
    ("نادیده فراموش",
     r"(?:دستور|دستورات|دستورهای|فرمان)\s*\S*\s+(?:قبلی|پیشین|پیش|بالا)\s*\S*\s+(?:را\s+)?(?:نادیده|فراموش)"),
))


def warnings(data: bytes, text: str, media_type: str) -> tuple[str, ...]:
    """Return what to tell the admin about a document: its bytes, the text read from them, and their kind."""
    hidden = unseen_words(data, media_type)
    secret = instructions(hidden)
    notes = [f"holds an instruction to a program, kept as a quotation and never followed: «{quote}»"
             for quote in instructions(text) if quote not in secret]
    notes += [f"holds a hidden instruction to a program, never followed: «{quote}»" for quote in secret]
    if not secret and sum(letter.isalpha() for letter in hidden) >= _FEW_LETTERS:
        notes.append(f"holds text that a reader does not see ({len(hidden)} characters): «{_short(hidden)}»")
    return tuple(notes)


def instructions(text: str) -> tuple[str, ...]:
    """Return the first few places where a text speaks to a program instead of a person, as quotations."""
    text = unicodedata.normalize("NFC", text[:_SCAN_LETTERS])
    lower = text.lower()
    if len(lower) != len(text):           # a letter whose small form is two: places would move
        text = lower
    folded = lower.translate(_FOLDED)
    places: list[tuple[int, int]] = []
    for stems, pattern in _TO_PROGRAM:
        if not any(stem in folded for stem in stems):
            continue
        for found in pattern.finditer(folded):
            if len(places) < 20 and not any(first < found.end() and found.start() < last for first, last in places):
                places.append(found.span())
    return tuple(_short(text[first:last]) for first, last in sorted(places)[:_MOST_QUOTES])


def visible(name: str) -> str:
    """Return a file's name as it can be shown: what moves the cursor, hides or is no character as "�"."""
    return "".join("\ufffd" if _hides(letter) else letter for letter in name)


def is_plain(name: str) -> bool:
    """Return whether every character of a name can be seen and stays in its place."""
    return not any(_hides(letter) for letter in name)


def _hides(letter: str) -> bool:
    return letter in _BIDI or unicodedata.category(letter) in _HIDING_CATEGORIES


def _short(text: str) -> str:
    words = " ".join(visible(text).split())
    return words if len(words) <= _QUOTE_LETTERS else words[:_QUOTE_LETTERS].rstrip() + "…"


