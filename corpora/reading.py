"""How a paragraph is read: which scheme its words speak for, and what they become.

The letters that only one of the two Cyrillic encodings has decide first, the known words second.  Where the
paragraph has right Tajik letters too, each word is read by itself.  Doubt leaves the paragraph as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from corpora.known_words import is_known, is_tajik, looks_tajik
from corpora.schemes import FOREIGN, ONLY, ONLY_BRACKET, Scheme
from corpora.spellings import Spelling, roman, spellings

_SUSPICIOUS = re.compile(
    "[ЅѕІіЇїЉљЊњЌќЃѓЎўһҺӽӼҝҜҹҸΧΙ]|[\u0400-\u052f][A-Za-z\\[{]|[A-Za-z\\[{][\u0400-\u052f]")
_SHORT_I = re.compile("[\u0400-\u052f]+[йЙ]\\b")
_WORD = re.compile("[A-Za-zΧΙ\u0400-\u052f\\[{]+")
_ADDRESS = re.compile(
    r"\S*(?:://|www\.|@|=|\\|\w_\w)\S*|`[^`]*`|<[^<>]*>"
    r"|(?<!\w)\w[\w-]*(?:\.[\w-]+)*\.(?:tj|ru|com|org|net|info|int|uz|kz|ua|рф)(?!\w)\S*")
# A bracket that is closed is a bracket; the fonts have the opening ones only.
_PAIR = re.compile(r"[\[{]([^\[\]{}]*)[\]}]")
_LATIN = re.compile("[A-Za-z\\[{]")
_CYRILLIC = re.compile("[\u0400-\u052f]")
_TAJIK_ONLY = frozenset("қҳҷғӣҚҲҶҒӢ")
_FONTS = (Scheme.LJ, Scheme.ADLIA, Scheme.BRACKET, Scheme.XPART)
_ONLY_LATIN = ONLY_BRACKET | {"x", "X"}
_LATIN_FONTS = frozenset({Scheme.BRACKET, Scheme.XPART})
# One repaired word in so many has to be known before the others are believed.
_ONE_KNOWN_IN = 3
# The document's encoding counts as so many known words when a paragraph could be either.
_USUAL_COUNTS = 2
# Fewer words than these do not tell the language of a paragraph.
_FEW_WORDS = 3
_SHORTEST = 2


def suspicious(line: str) -> bool:
    """Return whether a paragraph has anything that could need a repair; most have not."""
    return _SUSPICIOUS.search(line) is not None or any(map(spellings, _SHORT_I.findall(line)))


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a paragraph, its place in characters, and the readings it may have.

    numeral: the word as a Roman numeral in Latin letters, where it is one in other letters.
    """

    start: int
    seen: str
    spellings: tuple[Spelling, ...]
    numeral: str = ""
    chosen: Spelling | None = None

    @property
    def text(self) -> str:
        """Return the word as it is now believed to be meant."""
        return self.chosen.text if self.chosen else self.seen

    @property
    def is_font(self) -> bool:
        """Return whether only a font encoding explains the word, or the best reading is one."""
        return any(one.scheme in _FONTS for one in self.spellings)


@dataclass(frozen=True, slots=True)
class Reading:
    """A paragraph with the best reading of each of its words, not yet believed.

    gained: the words each font encoding makes known; tajik_words, foreign_words: how many words of two letters or
    more are Tajik, read at their best, and how many are not known at all.
    """

    line: str
    words: tuple[Word, ...]
    scheme: Scheme | None
    gained: Counter[Scheme]
    tajik_words: int
    foreign_words: int

    @property
    def convinces(self) -> bool:
        """Return whether the paragraph shows by its own words that a font encoding was used."""
        fonts = sum(word.is_font for word in self.words)
        gained = self.gained.total()
        return 0 < fonts <= _ONE_KNOWN_IN * gained and self.foreign_words <= 2 * self.tajik_words \
            and not FOREIGN.intersection(self.line)

    def settle(self, lean: frozenset[Scheme], *, tajik: bool) -> tuple[str, tuple[Scheme, ...]]:
        """Return the paragraph, as long as it was, and the schemes it was repaired from.

        lean: the font encodings that the document has elsewhere; tajik: whether it is Tajik as a whole.
        """
        if FOREIGN.intersection(self.line):
            return self.line, ()
        if self._is_tajik is not None:
            tajik = self._is_tajik
        believed = list(self._believed(lean, tajik=tajik))
        letters = list(self.line)
        for start, spelling in believed:
            letters[start:start + len(spelling.text)] = spelling.text
        schemes = {spelling.scheme for _, spelling in believed}
        if Scheme.BRACKET in schemes:
            schemes.discard(Scheme.XPART)
        return "".join(letters), tuple(scheme for scheme in Scheme if scheme in schemes)

    @property
    def _is_tajik(self) -> bool | None:
        """Return whether the paragraph is Tajik, None where it is too short to tell."""
        if self.tajik_words + self.foreign_words < _FEW_WORDS:
            return None
        return self.tajik_words > self.foreign_words

    def _believed(self, lean: frozenset[Scheme], *, tajik: bool) -> Iterator[tuple[int, Spelling]]:
        fonts = (self.convinces and (tajik or self.gained.total() > 1)) or self._leans(lean, tajik=tajik)
        readable = tajik or self._is_russian
        for at, word in enumerate(self.words):
            if word.numeral:
                if readable:
                    yield word.start, Spelling(word.numeral, Scheme.ROMAN, known=True)
            elif word.chosen is None:
                if fonts and self._lone_u(at):
                    yield word.start, Spelling("ӯ" if word.seen == "e" else "Ӯ", Scheme.XPART, known=True)
            elif word.chosen.scheme in _FONTS:
                if fonts and self._font_word(word.chosen):
                    yield word.start, word.chosen
            elif word.chosen.scheme is Scheme.U_SHORT and fonts and self.scheme in ONLY:
                yield word.start, replace(word.chosen, scheme=self.scheme)
            elif self._light(word.chosen, tajik=tajik):
                yield word.start, word.chosen

    def _font_word(self, spelling: Spelling) -> bool:
        """Return whether a word of a font is believed: among right Tajik letters it has to look Tajik."""
        return spelling.known or not _TAJIK_ONLY.intersection(self.line) or looks_tajik(spelling.text.lower())

    def _light(self, spelling: Spelling, *, tajik: bool) -> bool:
        """Return whether a word with a wrong letter, no font, is believed."""
        if spelling.scheme is Scheme.HOMOGLYPH and spelling.known:
            return True
        return tajik and (spelling.known or looks_tajik(spelling.text.lower()))

    def _leans(self, lean: frozenset[Scheme], *, tajik: bool) -> bool:
        """Return whether the document's encoding, or a letter that only a font explains, carries the paragraph."""
        fonts = [word for word in self.words if word.is_font]
        # No alphabet has a Latin r inside a Cyrillic word: such a word needs no other beside it.
        sure = self.scheme in lean or any(ONLY_BRACKET.intersection(word.seen) for word in fonts)
        if not sure or self.foreign_words > 2 * self.tajik_words + len(fonts):
            return False
        name = tajik and len(self.words) < _FEW_WORDS
        return name or all(word.chosen is not None and looks_tajik(word.text.lower()) for word in fonts)

    @property
    def _is_russian(self) -> bool:
        known = sum(is_known(word.seen.lower()) for word in self.words if len(word.seen) >= _SHORTEST)
        return known > self.foreign_words

    def _lone_u(self, at: int) -> bool:
        """Return whether a word is the Latin e between Cyrillic words, where the fonts have ӯ."""
        beside = self.words[max(at - 1, 0):at] + self.words[at + 1:at + 2]
        return self.scheme in _LATIN_FONTS and self.words[at].seen in ("e", "E") and bool(beside) \
            and all(_CYRILLIC.search(word.seen) for word in beside)


def read(line: str, usual: Scheme | None = None) -> Reading:
    """Return the paragraph with the best reading of each word.

    usual: the encoding of the document's other paragraphs, if they have but one.
    """
    words = _words(line)
    scheme = _scheme(words, usual)
    ranks = _ranks(line, words, scheme)
    chosen = tuple(replace(word, chosen=max(word.spellings, key=ranks)) if word.spellings else word for word in words)
    gained = Counter(word.chosen.scheme for word in chosen
                     if word.chosen and word.chosen.known and word.chosen.scheme in _FONTS)
    return Reading(line, chosen, scheme, gained, *_languages(chosen))


def _languages(words: tuple[Word, ...]) -> tuple[int, int]:
    """Return how many words are Tajik and how many not known; words with ў are no sign of Tajik, Uzbek has many."""
    tajik = foreign = 0
    for word in words:
        text = word.text.lower()
        if len(text) < _SHORTEST or not _CYRILLIC.search(word.seen):
            continue
        if not is_known(text):
            foreign += 1
        elif is_tajik(text) and not (word.chosen and word.chosen.scheme is Scheme.U_SHORT):
            tajik += 1
    return tajik, foreign


def _words(line: str) -> tuple[Word, ...]:
    plain = _ADDRESS.sub(lambda match: " " * len(match[0]), line)
    plain = _PAIR.sub(lambda match: f" {match[1]} ", plain)
    words = []
    for match in _WORD.finditer(plain):
        start, seen = match.start(), match[0]
        coded = _untouchable(plain, start, seen)
        words.append(Word(start, seen, () if coded else spellings(seen), "" if coded else roman(seen)))
    return tuple(words)


def _untouchable(line: str, start: int, seen: str) -> bool:
    """Return whether a word with Latin letters stands beside a digit: a code, a number plate, a formula."""
    beside = line[max(start - 1, 0):start] + line[start + len(seen):start + len(seen) + 1]
    return _LATIN.search(seen) is not None and any(one.isdigit() or one == "_" for one in beside)


def _scheme(words: tuple[Word, ...], usual: Scheme | None) -> Scheme | None:
    """Return the font encoding the paragraph speaks for, None where no word has letters of one."""
    letters: Counter[Scheme] = Counter()
    known: Counter[Scheme] = Counter()
    for word in words:
        schemes = {one.scheme for one in word.spellings if one.scheme in _FONTS}
        letters.update(scheme for scheme in schemes if ONLY.get(scheme, _ONLY_LATIN).intersection(word.seen))
        known.update({one.scheme for one in word.spellings if one.scheme in _FONTS and one.known})
        known.update(dict.fromkeys(schemes, 0))
    if not known:
        return None
    if letters[Scheme.LJ] and letters[Scheme.ADLIA]:
        letters.clear()
    if usual and usual in known:
        known.update({usual: _USUAL_COUNTS})
    return max(known, key=lambda scheme: (letters[scheme] > 0, known[scheme], scheme is Scheme.LJ))


def _ranks(line: str, words: tuple[Word, ...], scheme: Scheme | None) -> Callable[[Spelling], tuple[bool, bool, bool]]:
    """Return the order of the readings of a word: the known before the paragraph's own among right letters, else after.

    Latin e is ӯ only where a letter shows that a font was used.
    """
    mixed = bool(_TAJIK_ONLY.intersection(line))
    latin_font = any(_ONLY_LATIN.union("u").intersection(word.seen) for word in words if word.spellings)

    def rank(one: Spelling) -> tuple[bool, bool, bool]:
        latin = one.scheme in _LATIN_FONTS
        own = scheme in _LATIN_FONTS and latin_font if latin else one.scheme == scheme
        fits = (one.known, own) if mixed or one.scheme not in ONLY else (own, one.known)
        return *fits, (one.scheme is Scheme.HOMOGLYPH) != latin_font
    return rank
