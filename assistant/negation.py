"""What a question says is not so: "агар шиноснома набошад", "без прописки", "do not work".

The word that a negation stands on is named, as typed; what follows from it is not decided here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

# Having and being: what is not there is the word before it.
_NOT_THERE = re.compile(r"на(?:дор(?:ам|ад|ем|ед|анд|и)|доштан?|доштам|доштаг?и|дошта|бош(?:ад|ам|анд|ем|и)|"
                        r"буд(?:ам|анд)?)|нест(?:ам|анд|ем)?$")
_NOT_DONE = re.compile(
    r"наме[бвгдежзийклмнопрстуфхчшюя]{2,}|на(?:кун|кард|гир|дих|дод|тавон|рав|рафт|шав|шуд|шу[дт]|ой|омад|хох|хост|"
    r"гузо|гузашт|ефт|зан|зад|пурс|сол|мон|супор|фахм|хон|навис|фирист|расид|расон|бар|бурд|овар|пардо|ист|тарс|"
    r"дон|дида|гуф)")
_NO_VERBS = re.compile(r"на(?:бара|мон?ан|бари|хона|шуф|баро|барн|мерен|монан)")
_WITHOUT = {"бе", "без", "without", "гайр"}
_RUSSIAN_NOT, _RUSSIAN_NONE = {"не", "ни"}, {"нет", "нету", "небыло"}
_ENGLISH_NOT = {"not", "no", "never", "cannot", "dont", "doesnt", "didnt", "cant", "wont", "isnt", "arent"}
_BETWEEN = {"i", "have", "has", "a", "an", "the", "any", "my", "is", "are", "у", "меня", "есть", "yet", "ба", "хам",
            "дар", "аз", "хануз", "got", "t"}
# "Or not" asks; it negates nothing.
_OR = {"е", "или", "or", "либо"}


def negated_words(found: Sequence[str], keys: Sequence[str]) -> tuple[str, ...]:
    """Return the words that negations stand on, in order, without repeats.

    found, keys: the words as typed and folded, place by place.
    """
    places = (_stands_on(keys, place) for place in range(len(keys)))
    return tuple(dict.fromkeys(found[place] for place in places if place is not None))


def _stands_on(keys: Sequence[str], place: int) -> int | None:
    """Return the place of the word that a negation at `place` stands on; None where there is none."""
    key = keys[place]
    if key in _RUSSIAN_NOT | _RUSSIAN_NONE | _ENGLISH_NOT | {"нест"} and place and keys[place - 1] in _OR:
        return None
    if key in _WITHOUT or key in _ENGLISH_NOT or key in _RUSSIAN_NOT:
        return _after(keys, place)
    if key in _RUSSIAN_NONE:
        ahead = _after(keys, place)
        return ahead if ahead is not None and _is_genitive(keys[ahead]) else _before(keys, place)
    if _NOT_THERE.match(key):
        return _before(keys, place)
    if place and keys[place - 1] in _OR:
        return None
    return place if _NOT_DONE.match(key) and not _NO_VERBS.match(key) else None


def _after(keys: Sequence[str], place: int) -> int | None:
    return next((at for at in range(place + 1, len(keys)) if keys[at] not in _BETWEEN), None)


def _before(keys: Sequence[str], place: int) -> int | None:
    return next((at for at in range(place - 1, -1, -1) if keys[at] not in _BETWEEN), None)


def _is_genitive(key: str) -> bool:
    return key.endswith(("а", "я", "и", "у", "ев", "ов", "ей", "ой"))
