"""How people type a Tajik question: without its letters, in Latin letters of three habits, with slips.

Each proper question gives one of every habit, the same on every machine.  These are made by tables, so what they
measure is an upper bound; questions typed by hand in the same habits are in the set of questions.
"""

from __future__ import annotations

import random
import re

_WORD = re.compile(r"[^\W\d_]+")
_BARE = str.maketrans("ғӣқӯҳҷёҒӢҚӮҲҶЁ", "гикухчеГИКУХЧЕ")
_RUSSIAN_KEYBOARD = str.maketrans("ғқҳҷ", "гкхч")
_CHAT = dict(zip("абвгғдезийкқлмнопрстуӯфхҳҷ", "abvggdeziikqlmnoprstuufhhj", strict=True))
_CHAT |= {"ё": "yo", "ж": "zh", "ӣ": "i", "х": "kh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sh", "ы": "i", "ъ": "",
          "ь": "", "э": "e", "ю": "yu", "я": "ya"}
_BGN = _CHAT | {"ғ": "gh", "ӣ": "í", "й": "y", "ӯ": "ŭ", "ъ": "’"}
_ISO = _CHAT | {"ё": "ë", "ж": "ž", "ғ": "ġ", "ӣ": "ī", "й": "j", "қ": "ķ", "ӯ": "ū", "х": "h", "ҳ": "ḩ", "ч": "č",
                "ҷ": "ç", "ш": "š", "ъ": "ʺ", "э": "è", "ю": "û", "я": "â"}
_NEAR = {"а": "о", "о": "а", "и": "е", "е": "и", "у": "о", "т": "д", "д": "т", "к": "г", "б": "п", "с": "з", "з": "с"}
# A word shorter than this is seldom mistyped; longer ones hold most slips.
_LEAST_MISTYPED = 5


def habits(question: str) -> dict[str, str]:
    """Return the question as it is typed in each habit, by the habit's name."""
    chance = random.Random(question)  # noqa: S311 - nothing secret
    return {"made: no letters": question.translate(_BARE),
            "made: й and ў": _habit(question),
            "made: Latin, BGN": _latin(question, _BGN), "made: Latin, ISO 9": _latin(question, _ISO),
            "made: Latin, chat": _latin(question, _CHAT),
            "made: one slip": slipped(question, 1, chance), "made: two slips": slipped(question, 2, chance)}


def _habit(question: str) -> str:
    """Final ӣ as й, ӯ as ў: what Russian and Uzbek keyboards have; the other letters bare."""
    return re.sub("ӣ", "й", question.replace("ӯ", "ў")).translate(_RUSSIAN_KEYBOARD)


def _latin(question: str, letters: dict[str, str]) -> str:
    return "".join(letters.get(letter, letter) for letter in question.casefold())


def slipped(question: str, slips: int, chance: random.Random) -> str:
    """Return the question with one slip in each of so many of its longer words, fewer where there are not as many."""
    longer = [match for match in _WORD.finditer(question) if len(match[0]) >= _LEAST_MISTYPED]
    for match in sorted(chance.sample(longer, min(slips, len(longer))), key=lambda match: -match.start()):
        question = question[:match.start()] + _slip(match[0], chance) + question[match.end():]
    return question


def _slip(word: str, chance: random.Random) -> str:
    """Return the word with a letter left out, doubled, changed or two changed about; the first stays."""
    at = chance.randrange(1, len(word) - 1)
    near = _NEAR.get(word[at], word[at - 1])
    return chance.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:],
                          word[:at] + near + word[at + 1:],
                          word[:at] + word[at + 1] + word[at] + word[at + 2:]))
