"""Whom and what a sentence names: offices, people it is for, places, addresses to write to.

A draft may name none that its quotes do not name, by that name or by another of the same office.  Words that are
no names are compared in `wording`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from assistant.figures import without_figures
from assistant.wording import Wording, is_verb, lists, named, wording
from corpora.dates import pattern
from corpora.numerals import lowered
from index.tokens import fold

_LINK = re.compile(r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.[\w.-]+|(?<![\w@.])[\w-]+(?:\.[\w-]+)*\.(?:tj|com|"
                   r"org|net|ru|info|gov|int|"
                   r"edu|ly|me)(?!\w)(?:/\S*)?", re.IGNORECASE)
_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_TITLED = re.compile(r"(?<=[^\W\d_] |[,:;—] )[А-ЯЁҒӢҚӮҲҶA-Z][^\W\d_]+(?:-[^\W\d_]+)*|"
                     r"(?<![^\W\d])[А-ЯЁҒӢҚӮҲҶA-Z]{2,}(?![^\W\d])|(?<=[«\"“])\w+")
_BEHIND = 2
# All people, whoever they are; all papers and every month are none.
_EVERYBODY = pattern(
    r"(?<!\w)(?:ҳама|(?:ҳамаи|тамоми|ҳар(?: як)?) (?:кас|нафар|шаҳрванд|одам|мардум|аҳолӣ|инсон|оила|сокин|"
    r"хоҳишманд)\w*|ҳаркас\w*|вс(?:ем|ех)|все (?:гражд|люд|жител|семь|желающ)\w*|"
    r"(?:кажд|люб)\w+(?: (?:гражд|человек|лиц|семь|жител|желающ)\w*|(?= (?:может|могут|вправе|имеет|получ)))|"
    r"everyone|everybody|anyone|anybody|(?:all|every|any) (?:people|citizen|person|famil)\w*)(?!\w)")
_JOINING = frozenset(("ва", "и", "of", "and", "the", "по", "дар"))


def strange_links(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence has an address of the web or of mail that no quote has."""
    cited = "\n".join(quotes).casefold()
    return any(link[0].casefold().rstrip(".,;)") not in cited for link in _LINK.finditer(sentence))


def strange_names(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence names an office, a place or a title that no quote names."""
    cited = "\n".join(quotes)
    if not named(sentence, "bodies") <= named(cited, "bodies"):
        return True
    mine, theirs = wording(sentence), wording(cited)
    spoken = without_figures(sentence)
    lacking = mine.uncovered(theirs)
    return any(fold(word.casefold()) in lacking and not _shortened(word,
    cited) for word in _capitals(spoken)) or _strange_latin(spoken, mine, cited) or (
        any(_strange_office(mine, theirs)))


def strange_audience(sentence: str, quotes: Sequence[str]) -> bool:
    """Return whether a sentence speaks of people that no quote speaks of, or of all where no quote does."""
    cited = "\n".join(quotes)
    if _EVERYBODY.search(lowered(sentence)) and not _EVERYBODY.search(lowered(cited)):
        return True
    return not named(sentence, "audiences") <= named(cited, "audiences")


def _capitals(sentence: str) -> Iterator[str]:
    for match in _TITLED.finditer(sentence):
        yield from match[0].split("-")


def _shortened(word: str, cited: str) -> bool:
    """Return whether a word is the first letters of words that follow one another in the quotes: ВКХ."""
    initials = "".join(match[0] for match in re.findall(r"[^\W\d_]+", cited) if match.casefold() not in _JOINING)
    return word.isupper() and len(word) > 1 and word.casefold() in initials.casefold()


def _strange_latin(sentence: str, mine: Wording, cited: str) -> bool:
    if mine.language not in ("tg", "ru"):
        return False
    known = cited.casefold()
    return any(word.casefold() not in known for word in _LATIN.findall(sentence))


def _strange_office(mine: Wording, theirs: Wording) -> Iterator[bool]:
    """Yield for each word that opens an office's name whether what follows it follows it nowhere in the quotes."""
    heads = tuple(fold(word) for word in lists()["heads"])
    for place, word in enumerate(mine.words[:-1]):
        following = mine.words[place + 1]
        if word.startswith(heads) and mine.language != theirs.language:
            yield not theirs.holds(word)
        elif word.startswith(heads) and following in mine.content and not is_verb(following):
            yield not any(_follows(theirs, at, word, following) for at in range(len(theirs.words)))


def _follows(theirs: Wording, at: int, head: str, following: str) -> bool:
    near = wording(" ".join(theirs.words[at + 1:at + 1 + _BEHIND]))
    return wording(theirs.words[at]).holds(head) and near.holds(following)
