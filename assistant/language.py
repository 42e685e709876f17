"""Which language a short question is in, letters restored or not.

Questions are a few words, often without ғ ӣ қ ӯ ҳ ҷ or in Latin letters; evidence is counted word by word.
Documents are not judged here (`corpora.language`).
"""

from __future__ import annotations

import re

from index.scripts import latin_to_folded
from index.terms import FUNCTION_WORDS
from index.tokens import fold, words

_MORE_ENGLISH = ("why was were did they will their his her has have there not or so your but would could should "
                 "than then any some into after before until passport pension certificate birth marriage divorce "
                 "tax visa licence license permit fee benefit cost costs price tariff electricity water gas salary "
                 "wage loan law court notary office address phone hours number work worker job foreign foreigner "
                 "citizen citizenship company business child children school university exam free fine penalty "
                 "registration register requirements documents deadline renewal renew lost stolen apply application "
                 "land house property customs duty import export car vehicle driving women men age minimum amount "
                 "grant disability allowance maternity leave medical insurance army military service voting power "
                 "attorney online website tajikistan rate hello hi hey thanks thank good morning evening help ask")
# Beside the words that only hold an English question together.
_ENGLISH = FUNCTION_WORDS["en"].union(_MORE_ENGLISH.split())
# Words of an English frame around a name in Cyrillic.
_SURELY_ENGLISH = 2
_TAJIK_LETTER = re.compile("[ғӣқӯҳҷ]")
_RUSSIAN_LETTER = re.compile("[ыщ]")
_TAJIK_ENDING = re.compile("(?:хои|хоро|хо|ро|амон|аш|гирам|кунам|кунад|мешавад|шавад|шуд|аст|нома|номаи|диханд)$")
_TAJIK_BEGINNING = re.compile("^(?:ме|наме|на)(?:кун|шав|дих|гир|тавон|гуз|пурс|хох|шуд|дод|бар|рав|ёб)")
_RUSSIAN_ENDING = re.compile(
    "(?:ение|ения|ению|ание|ания|ость|ости|остью|тель|ться|ить|ать|еть|ого|его|ому|ему|ый|ий|ая|ое|ые|ой|ую|ов|ей|ии|"
    "ция|ции|цию|сия|сии|ка|ку|ки|тся|ет|ют|ит|ят)$")
_FOREIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u0590-\u05ff\u0900-\u0e7f\u0370-\u03ff]")


def question_language(text: str, script: str) -> str:
    """Return tg, ru, en or unknown; Tajik where Cyrillic letters give no other sign."""
    found = words(text)
    if len(_FOREIGN.findall(text)) * 2 > sum(map(str.isalpha, text)):
        return "unknown"
    if script == "Arab":
        return "tg"
    if script == "Latn":
        return _latin(found)
    if script == "mixed" and sum(word in FUNCTION_WORDS["en"] for word in found if word.isascii()) >= _SURELY_ENGLISH:
        return "en"
    return _cyrillic(text, found)


def _latin(found: list[str]) -> str:
    """Tell English from Tajik (and Russian) typed in Latin letters."""
    english = sum(word in _ENGLISH for word in found)
    read = [(latin_to_folded(word) or [""])[0] for word in found]
    tajik, russian = (sum(word in FUNCTION_WORDS[language] for word in read) for language in ("tg", "ru"))
    tajik += sum(bool(_TAJIK_ENDING.search(word) or _TAJIK_BEGINNING.search(word)) for word in read)
    if english > max(tajik, russian):
        return "en"
    if russian > tajik:
        return "ru"
    return "tg" if tajik or not english else "en"


def _cyrillic(text: str, found: list[str]) -> str:
    """Count signs; one Tajik letter outweighs a Russian ending, as Russian has none of them."""
    folded = [fold(word) for word in found]
    lowered = text.casefold()
    tajik = 2 * len(_TAJIK_LETTER.findall(lowered)) + 2 * sum(word in FUNCTION_WORDS["tg"] for word in folded)
    tajik += sum(bool(_TAJIK_ENDING.search(word) or _TAJIK_BEGINNING.search(word)) for word in folded)
    russian = 2 * len(_RUSSIAN_LETTER.findall(lowered))
    russian += 2 * sum(word in FUNCTION_WORDS["ru"] - FUNCTION_WORDS["tg"] for word in folded)
    russian += sum(bool(_RUSSIAN_ENDING.search(word)) for word in found)
    return "ru" if russian > tajik else "tg"
