"""Whether a sentence says yes or no where its quotes do, and whether it allows or obliges where they do.

Clause by clause: each is compared with the clause of the quotes that it words anew.  "Not less than" is a bound
and no denial; "it is forbidden" is one.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence, Set
from functools import lru_cache

from assistant.clauses import PREDICATE, Clause, clauses, nearest
from assistant.wording import wording
from corpora.dates import pattern
from corpora.numerals import lowered
from index.tokens import fold, stem

_NO_DENIAL = pattern(
    r"(?<!\w)(?:на\s+(?:кам|беш|зиёд|дер|пеш|болотар|поёнтар|пасттар|танҳо|фақат)\w*|"
    r"не\s+(?:менее|более|позднее|позже|ранее|раньше|меньше|больше|реже|свыше|ниже|выше|старше|моложе|только)|"
    r"not\s+(?:less|more|later|earlier|only)|no\s+(?:less|more|later))(?!\w)")
# The verb behind the prefix of denial.
_ROOTS = (r"бош|бояд|дор|дошт|кун|кард|шав|шуд|гир|диҳ|деҳ|дод|тавон|рав|рафт|буд|ёб|ёфт|гузо|супор|супур|бар|"
          r"бурд|рас|хоҳ|хост|навис|"
          r"навишт|омад|оё|о|гашт|гард|пазир|бин|дид|фирист|ниш|ор|овард|андоз|пурс|зан|зад|гӯ|гуфт|фурӯш|фурӯх|"
          r"шинос|талаб|мон|монд")
_TAJIK_VERB = pattern(rf"(?:(\w+)\s+)?(?<!\w)(наме|на|ме|)({_ROOTS})(?:а|ам|ем|ад|анд|ед|ид|ида|та|да)?(?:аст|анд|"
                      rf"буд)?(?!\w)|"
                      r"(?:(\w+)\s+)?(?<!\w)(наме|ме)(\w{3,}?)(?:ад|анд|ам|ем)(?!\w)")
_TAJIK_NOT = pattern(r"(?<!\w)на\s+(?:(?:ба|дар|аз|бо|барои)\s+)?(\w{4,})")
_DENIALS = {
    "tg": pattern(rf"(?<!\w)(?:наме\w+|на(?:{_ROOTS})\w*|нест|нестанд|на|не|манъ|мамнӯъ|номаълум\w*)(?!\w)|"
                  r"[^\W\d]{3,}(?:нашуда|накарда|надошта|напардохта|насупорида)\w*"),
    "ru": pattern(r"(?<!\w)(?:не|нет|нельзя|запрещ\w*|запрет\w*|недействит\w+|неизвест\w+|никогда)(?!\w)"),
    "en": pattern(r"(?<!\w)(?:no|not|never|cannot|forbidden|prohibited|banned)(?!\w)|n[’']t\b")}
_DENIED = {"ru": pattern(r"(?<!\w)не\s+(?:(?:на|в|во|к|с|со|для|по|о|из|от|за)\s+)?(\w+)"),
           "en": pattern(r"(?<!\w)(?:not|cannot)\s+(?:be\s+)?(\w+)")}
# Denials of a whole clause, whatever its verb.
_WHOLE = pattern(r"(?<!\w)(?:нест|нестанд|манъ|мамнӯъ|нет|нельзя|запре[тщ]\w*|no|never|forbidden|prohibited|"
                 r"banned)(?!\w)")
_WITHOUT = pattern(r"(?<!\w)(?:бе|без|without|бидуни)\s+(\w+)(?:\s+(\w{3,}))?(?:\s+(?:ва|и|ё|или|and|or)\s+(\w+))?")

_WORD = re.compile(r"[^\W\d_]+")
_LEAST_VERB = 4

_DUTY = pattern(r"(?<!\w)(?:бояд|мебояд|лозим\w*|зарур\w*|ҳатм\w*|вазифадор\w*|даркор|талаб|долж\w+|обяза\w+|"
                r"нужн\w*|надо|"
                r"необходим\w*|следует|требу\w+|must|shall|required?|obliged|need\w*)(?!\w)")
_LEAVE = pattern(r"(?<!\w)(?:метавон\w*|мумкин|имкон\w*|тавон\w*|ихтиёрӣ|можно|мож[еу]т\w*|могут|вправе|разреш\w+|"
                 r"возможн\w*|"
                 r"may|can|allowed|optional\w*)(?!\w)")
_NO_MODE = pattern(r"(?<!\w)(?:не\s+(?:мож\w+|могут|долж\w+|нужн\w+|надо|требу\w+|обяз\w+)|(?:must|may|can)\s*not|"
                   r"(?:мумкин|лозим|зарур|ҳатмӣ|даркор|талаб)\s+(?:карда\s+)?(?:нест|наме\w+))(?!\w)")


@lru_cache(maxsize=1024)
def denies(clause: Clause) -> bool:
    """Return whether a clause says no: an odd number of denials in it."""
    finds = _DENIALS.get(clause.language, _DENIALS["tg"])
    return len(finds.findall(_NO_DENIAL.sub(" ", lowered(clause.text)))) % 2 == 1


def turned(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence denies what its quotes affirm, or the other way round, in one of its clauses."""
    return any(_turned(clause, sentence, quotes) for clause in clauses(sentence)) or _unlike_without(sentence, quotes)


def _turned(clause: Clause, sentence: str, quotes: Sequence[str]) -> bool:
    theirs = [other for quote in quotes for other in clauses(quote)]
    said, known = _signs([clause]), _signs([other for other in theirs if other.language == clause.language])
    no, whole = denies(clause), bool(_WHOLE.search(lowered(clause.text)))
    if any(known.get(key, signs).isdisjoint(signs) for key, signs in said.items() if False in signs or not whole):
        return True
    if any(signs == {not no} == known.get(key) for key, signs in said.items() if no or key[0]):
        return False
    if no and _lacking_only(clause, quotes):
        return False
    if not wording(clause.text).content and (no or not PREDICATE.search(lowered(clause.text))):
        return no and not any(map(denies, theirs))
    if len(theirs) == 1:
        states = PREDICATE.search(lowered(clause.text)) or no
        return denies(theirs[0]) != no if states else not any(
            PREDICATE.search(lowered(other.text)) for other in clauses(sentence)) and denies(theirs[0])
    likest = nearest(clause, quotes)
    if not likest:
        return no and not any(map(denies, theirs))
    return no not in {denies(other) for other in likest}


def _lacking_only(clause: Clause, quotes: Sequence[str]) -> bool:
    """Return whether a clause denies nothing but what its quotes say is lacking: "if there is no meter"."""
    lacking = wording(" ".join(word for quote in quotes for thing in _without(quote) for word in thing))
    read = wording(clause.text)
    return bool(read.content) and all(map(lacking.holds, read.content))


def _signs(among: Sequence[Clause]) -> dict[tuple[str, str], set[bool]]:
    """Return for each verb, with the word before it in Tajik, whether it is affirmed, denied or both."""
    found: defaultdict[tuple[str, str], set[bool]] = defaultdict(set)
    for clause in among:
        small = _NO_DENIAL.sub(" ", lowered(clause.text))
        for key, sign in _verbs(small) if clause.language == "tg" else _words(small, clause.language):
            found[key].add(sign)
    return dict(found)


def _verbs(small: str) -> Iterator[tuple[tuple[str, str], bool]]:
    for match in _TAJIK_VERB.finditer(small):
        before, prefix, root = match.group(1, 2, 3) if match[3] else match.group(4, 5, 6)
        yield (_short(before or ""), root), not prefix.startswith("на")
    denied = {match.start(1) for match in _TAJIK_NOT.finditer(small)}
    for match in _WORD.finditer(small):
        if len(match[0]) > _LEAST_VERB:
            yield ("", _short(match[0])), match.start() not in denied


def _words(small: str, language: str) -> Iterator[tuple[tuple[str, str], bool]]:
    """Yield the words of a text, whether or not a denial stands right before them."""
    if language in _DENIED:
        denied = {match.start(1) for match in _DENIED[language].finditer(small)}
        for match in _WORD.finditer(small):
            if len(match[0]) > _LEAST_VERB:
                yield ("", _short(match[0])), match.start() not in denied


def _short(word: str) -> str:
    return stem(fold(word), "ru" if word.isascii() is False else "en")


def _unlike_without(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether "without" stands before another thing than in the quotes, or no longer before one."""
    cited = "\n".join(quotes)
    mine, theirs = _without(sentence), _without(cited)
    if not mine and not theirs:
        return False
    no, denied = (any(map(denies, clauses(text))) for text in (sentence, cited))
    if wording(sentence).language != wording(cited).language:
        return bool(mine) != bool(theirs) and not no and not denied
    if any(not any(_same(thing, other) for other in theirs) for thing in mine):
        return not denied
    affirmed = " ".join(clause.text for clause in clauses(sentence) if not _lacking_only(clause, quotes))
    return any(_bare(thing, affirmed) and not _bare(thing, cited) for thing in theirs)


@lru_cache(maxsize=1024)
def _without(text: str) -> tuple[tuple[str, ...], ...]:
    """Return what a text says is lacking: the one or two words behind "without", and the one that "and" adds."""
    found = [match.groups() for match in _WITHOUT.finditer(lowered(text))]
    things = [(words[:2], words[2:]) for words in found]
    return tuple(tuple(map(_short, filter(None, thing))) for pair in things for thing in pair if thing[0])


def _same(thing: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return wording(thing[0]).holds(other[0])


def _bare(thing: tuple[str, ...], text: str) -> bool:
    """Return whether a text has a thing that is not behind "without"."""
    rest = [_short(word) for word in _WORD.findall(_WITHOUT.sub(" ", lowered(text)))]
    return any(tuple(rest[at:at + len(thing)]) == thing for at in range(len(rest)))


def misjudged(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence obliges where the quotes only allow, or only allows where they oblige."""
    return _unlike(_modes(sentence), [_modes("\n".join(quotes))]) or any(
        _unlike(_modes(clause.text), [_modes(other.text) for other in nearest(clause, quotes)])
        for clause in clauses(sentence))


def _unlike(mine: Set[str], theirs: Sequence[Set[str]]) -> bool:
    return len(mine) == 1 and bool(theirs) and all(modes and not mine & modes for modes in theirs)


@lru_cache(maxsize=1024)
def _modes(text: str) -> frozenset[str]:
    """Return whether a text obliges or allows; what it says need not or may not be is neither."""
    small = _NO_MODE.sub(" ", lowered(text))
    return frozenset(mode for mode, finds in (("duty", _DUTY), ("leave", _LEAVE)) if finds.search(small))
