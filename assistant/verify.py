"""Whether a sentence may stand on the quotes it cites.

Its figures stand in a quote with what they count, it names nobody else, it denies, obliges and binds to
conditions where its quotes do, and its words are theirs.  A sentence that fails is dropped by the caller; no
threshold is ever lowered to keep one.  Nothing is rewritten here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from assistant.conditions import loosened
from assistant.figures import Figure, figures, plain_bounds, same_unit, same_value, supported, without_figures
from assistant.names import strange_audience, strange_links, strange_names
from assistant.pairing import mismatched
from assistant.polarity import misjudged, turned
from assistant.wording import is_verb, wording
from corpora.dates import pattern
from corpora.language import guess_language
from corpora.numerals import lowered, read_numbers

# Share of a sentence's content words that stand in its quotes (research: peers E, 5; chosen on train and dev).
LEAST_COVERED = 0.7
# Across languages a word is only known where the lexicon has it (chosen on train and dev).
LEAST_COVERED_ACROSS = 0.7
# Letters of one sentence; the grammar of drafts lets 243 through.
_SHORTEST, _LONGEST = 8, 400
_MARKED = re.compile(r"^[–—•*-]\s+|[\s.;:!]+$")
_INSTRUCTION = pattern(
    r"(?<!\w)(?:(?:муроҷиат|занг|пахш|клик|пардохт|илтимос|лутфан)\s+)?(?:кунед|занед|диҳед|гиред|равед|биёед|нависед|супоред|"
    r"фиристед|пардозед|боваркунед|фаромӯш|надиҳед|накунед|бинед|хонед|дароед|гузоред)(?!\w)|"
    r"(?<!\w)\w{2,}(?:йте|ите)(?:сь)?(?!\w)|(?<!\w)(?:please|click|ignore|visit|go\s+to|contact|send|pay|call)\s")
# A number to call that counts something: "the telephone is 30 days".
_COUNTED_PHONE = pattern(
    r"(?<!\w)(?:телефон\w*|phone)(?:\s+(?:маълумот|боварӣ|барои маълумот|для справок|доверия|number))?\s*"
    r"(?:is\s+)?[:–—-]?\s*\d+\s+(?:рӯз|соат|моҳ|сол|ҳафта|дақиқа|сомон|дирам|фоиз|нишондиҳанда|"
    r"дн|день|час|месяц|год|лет|показат|day|hour|month|year)")
# How a quote begins that tells what somebody said.
_SAID = pattern(r"(?<!\w)(?:(?:тибқи|мувофиқи|аз рӯи)\s+(?:хабар|иттилоъ|эълон)|хабари|"
                r"по\s+(?:сообщени|данным|словам|информации)|according\s+to\s+(?:the\s+)?(?:news|press|report))")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_NO_INSTRUCTION = pattern(r"(?<!\w)(?:сайт|деите|комит|кредите|лимите|визите|депозите|депите|унверсите|университе)\w*")


class Fault(StrEnum):
    """Why a sentence may not be shown."""

    NO_QUOTE = "no quote"
    LENGTH = "too short or too long for one sentence"
    LANGUAGE = "not in the language asked for"
    QUESTION = "a question"
    INSTRUCTION = "tells the reader to do what no quote tells"
    LINK = "an address that is in no quote"
    NUMBER = "a number that is in no quote"
    UNIT = "a number that counts something else in the quotes"
    BOUND = "a number whose bound differs from the quotes"
    PAIRING = "a number that stands with something else in the quotes"
    NAME = "a name that is in no quote"
    AUDIENCE = "people that are in no quote"
    NEGATION = "negation differs from the quotes"
    MODALITY = "obliges where the quotes allow, or allows where they oblige"
    CONDITION = "a condition differs from the quotes"
    WORDS = "words that are in no quote"


Check = Callable[[str, Sequence[str]], Fault | None]


def numbers(text: str) -> list[str]:
    """Return the numbers of a text in order, in words or digits, as plain digits with a comma: "35,36"."""
    return [f"{number.value.normalize():f}".replace(".", ",") for number in read_numbers(text)]


def fault(sentence: str, quotes: Sequence[str], *, language: str | None = None) -> Fault | None:
    """Return why a sentence may not stand on its quotes, the first reason found; None where it may.

    A sentence that is a whole sentence of a quote always may.  language: the one asked for, tg, ru or en; a
    sentence in another is a fault.
    """
    if not any(quote.strip() for quote in quotes):
        return Fault.NO_QUOTE
    if _is_whole(sentence, quotes):
        return None
    if language and language not in (wording(sentence).language, guess_language(sentence)):
        return Fault.LANGUAGE
    mine, theirs = plain_bounds(sentence), [plain_bounds(quote) for quote in quotes]
    return next((found for check in _CHECKS if (found := check(mine, theirs))), None)


def covered(sentence: str, cited: str) -> float:
    """Return the share of a sentence's content words that the cited text holds, 0..1; 0 where it has none."""
    mine = wording(sentence)
    return 1 - len(mine.uncovered(wording(cited))) / len(mine.content) if mine.content else 0.0


def _is_whole(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence is a quote or some whole lines of one, marks of lists and stops aside."""
    said = _bare(sentence)
    return any(said in (_bare(quote), *map(_bare, quote.split("\n"))) for quote in quotes)


def _bare(text: str) -> str:
    return _MARKED.sub("", " ".join(text.split()))


def _form(sentence: str, quotes: Sequence[str]) -> Fault | None:
    if not _SHORTEST <= len(sentence.strip()) <= _LONGEST:
        return Fault.LENGTH
    if sentence.rstrip(" »”\"").endswith("?"):
        return Fault.QUESTION
    if _instructs(sentence) and not any(map(_instructs, quotes)):
        return Fault.INSTRUCTION
    return Fault.LINK if strange_links(sentence, quotes) else None


def _instructs(text: str) -> bool:
    return bool(_INSTRUCTION.search(_NO_INSTRUCTION.sub(" ", lowered(text))))


def _figures(sentence: str, quotes: Sequence[str]) -> Fault | None:
    if _COUNTED_PHONE.search(lowered(sentence)) and not any(_COUNTED_PHONE.search(lowered(quote)) for quote in quotes):
        return Fault.UNIT
    theirs = [figure for quote in quotes for figure in figures(quote)]
    for figure in figures(sentence):
        if figure.telling and not supported(figure, theirs):
            return _figure_fault(figure, theirs)
    return Fault.PAIRING if mismatched(sentence, quotes) else None


def _figure_fault(figure: Figure, theirs: Sequence[Figure]) -> Fault:
    if not any(same_value(figure, other) for other in theirs):
        return Fault.NUMBER
    alike = any(same_value(figure, other) and same_unit(figure, other) for other in theirs)
    return Fault.BOUND if alike else Fault.UNIT


def _names(sentence: str, quotes: Sequence[str]) -> Fault | None:
    if strange_names(sentence, quotes):
        return Fault.NAME
    return Fault.AUDIENCE if strange_audience(sentence, quotes) else None


def _meaning(sentence: str, quotes: Sequence[str]) -> Fault | None:
    if turned(sentence, quotes):
        return Fault.NEGATION
    if loosened(sentence, quotes) or _unattributed(sentence, quotes):
        return Fault.CONDITION
    return Fault.MODALITY if misjudged(sentence, quotes) else None


def _unattributed(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence tells as so what every quote only says that somebody said, and leaves out the year.

    One of both must stay: who says so, or when that was.
    """
    if not all(_SAID.match(lowered(quote)) and _YEAR.search(quote) for quote in quotes):
        return False
    mine = {*_YEAR.findall(sentence)}
    return not _SAID.search(lowered(sentence)) and not any(mine & {*_YEAR.findall(quote)} for quote in quotes)


def _words(sentence: str, quotes: Sequence[str]) -> Fault | None:
    mine, theirs = wording(without_figures(sentence)), wording("\n".join(quotes))
    if not mine.content:
        return None if figures(sentence) and set(mine.words) & set(theirs.words) else Fault.WORDS
    lacking = mine.uncovered(theirs)
    share = 1 - len(lacking) / len(mine.content)
    if wording(sentence).language != theirs.language:
        return None if share >= LEAST_COVERED_ACROSS else Fault.WORDS
    return None if share >= LEAST_COVERED and all(map(is_verb, lacking)) else Fault.WORDS


_CHECKS: tuple[Check, ...] = (_form, _figures, _names, _meaning, _words)
