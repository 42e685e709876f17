"""Which language a text is in: Tajik, Russian, English, or not known.

Counts letters that only one alphabet has and the commonest little words.  It is meant for whole
documents; the language of a question is another matter and decided elsewhere.
"""

from __future__ import annotations

import re

TAJIK_LETTERS = frozenset("ғӣқӯҳҷҒӢҚӮҲҶ")
_LITTLE_WORDS = {
    "tg": "ва дар аз ба барои ки аст бо ин он то ё ҳам мешавад мекунад шуд шавад чи чӣ нест бояд соли рӯзи "
          "дигар ҳамин хамин пас агар чун",
    "ru": "и в на с по для не что от из или это при как его к о у за до может быть должен если также "
          "который года",
    "uz": "билан учун керак бўлган бўлади эмас лекин қилиш қилинади ҳамда тўғрисида",
    "en": "the of and to in is for on with by or be are this that from",
}
_WORDS_OF = {language: frozenset(words.split()) for language, words in _LITTLE_WORDS.items()}
_WORD = re.compile(r"[^\W\d_]+")
# A sample is enough: the share of little words settles within a few thousand letters.
_SAMPLE = 20_000


def guess_language(text: str) -> str:
    """Return "tg", "ru", "en" or "unknown" for a document's text."""
    words = [word.casefold() for word in _WORD.findall(text[:_SAMPLE])]
    letters = "".join(words)
    cyrillic = sum("\u0400" <= letter <= "\u04ff" for letter in letters)
    latin = sum("a" <= letter <= "z" for letter in letters)
    if not cyrillic and not latin:
        return "unknown"
    if latin > cyrillic:
        return "en" if _count(words, "en") or len(words) < 6 else "unknown"
    return _cyrillic_language(words, letters)


def _cyrillic_language(words: list[str], letters: str) -> str:
    tajik = sum(letter in TAJIK_LETTERS for letter in letters) + 2 * _count(words, "tg")
    russian = sum(letter in "ыщ" for letter in letters) + 2 * _count(words, "ru")
    uzbek = 6 * _count(words, "uz")
    if max(tajik, russian) == 0 or uzbek > max(tajik, russian):
        return "unknown"
    return "tg" if tajik >= russian else "ru"


def _count(words: list[str], language: str) -> int:
    return sum(word in _WORDS_OF[language] for word in words)
