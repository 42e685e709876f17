"""What a sentence says became of the acts it names: repealed, replaced, amended, and by which act.

A part of an act that goes is an amendment, never the act's end.  A condition, a draft, a guess or a denial
changes nothing, and neither does a sentence with more between the act and the verb than is understood.
Whose the text is, is decided by `acts`.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpora.dates import DATE, fold, iso_of, pattern, read_dates
from corpora.references import TITLE, Reference
from corpora.sentences import sentences


class ChangeKind(StrEnum):
    """What becomes of an act: it ends, another stands in its place, or it goes on altered."""

    REPEAL = "repeal"
    REPLACE = "replace"
    AMEND = "amend"


@dataclass(frozen=True, slots=True)
class Change:
    """One statement that acts are changed.

    `olds` are the changed acts; none with `of_this` means the text's own act.  `new` is the act that does it;
    None means the text's own with `by_this`, else one that is not named.  `since` is an ISO date or "".
    """

    kind: ChangeKind
    olds: tuple[Reference, ...] = ()
    new: Reference | None = None
    by_this: bool = False
    of_this: bool = False
    since: str = ""


_NEAR = 240                            # letters looked at on each side of an act; no phrase below is longer
_DONE = r"(?:шуд|шуданд|шудааст|шудаанд|шуда\s+буд\w*|гардид|гардидааст|гардидаанд|гардиданд|аст|мебошад)(?!\w)"
_ENDED = r"(?:аз\s+эътибор\s+соқит|бе\s?эътибор|бекор)\s+(?:(?:дониста|карда|эълон\s+карда|шуморида|ҳисобида)\s+)?"
_KEEPS = r"(?<!не )(?<!не\n)(?<!\w)"
# Of a verb: what it says, whether it orders or tells, whether it is Tajik and so follows its act.
_VERBS = tuple((kind, ordered, tajik, pattern(words)) for kind, ordered, tajik, words in (
    (ChangeKind.REPEAL, True, True, rf"(?<!\w){_ENDED}(?:шавад|шаванд|мешавад|мешаванд)(?!\w)"),
    (ChangeKind.REPEAL, False, True,
     rf"(?<!\w)(?:{_ENDED}{_DONE}|аз\s+эътибор\s+(?:монд|афтод)\w*|(?:қувва|эътибор)и(?:\s+(?:қонун|ҳуқуқ)\w+)?\s+"
     r"худро\s+(?:гум\s+(?:кард|мекун)\w*|аз\s+даст\s+дод\w*))"),
    (ChangeKind.REPLACE, False, True, rf"(?<!\w)иваз\s+(?:карда\s+)?{_DONE}"),
    (ChangeKind.REPEAL, True, False, rf"{_KEEPS}(?:(?:признать|считать)\s+(?:полностью\s+)?(?:утратившим\w*\s+силу|"
                                     r"недействующ\w+)|отменить)(?!\w)"),
    (ChangeKind.REPEAL, False, False, rf"{_KEEPS}(?:утратил[аои]?\s+силу|(?:признан[аоы]?|призна[её]тся|признаются|"
                                      rf"считается)\s+"
                                      r"утратившим\w*\s+силу|утрачива[ею]т\s+силу|отмен[её]н[аоы]?)(?!\w)"),
    (ChangeKind.REPLACE, False, False, rf"{_KEEPS}замен[её]н[аоы]?(?!\w)")))
_INSTEAD = pattern(r"(?<!\w)(?:ба\s+(?:ҷойи|ивази)|взамен|вместо)\s+\Z")
_TO_ADOPT = pattern(r"(?<!\w)(?:карда\s+(?:шавад|шаванд)|принять|утвердить)(?!\w)")
_AMENDING = pattern(
    r"(?:ворид|даровардан)\w*\s+(?:(?:намудан|кардан|сохтан)и\s+)?(?:тағйир|илова)[^.;:«»]{0,40}\s+ба\s+\Z|"
    r"внес(?:ти|ении)\s+(?:следующи\w+\s+)?(?:изменени\w+(?:\s*(?:и|,)\s*дополнени\w+)?\s+|дополнени\w+\s+)?во?\s+\Z")
# The verb as a title's noun: "on the repeal of", after nothing or after the act that has this title.
_TITLED = pattern(r"(?<!\w)(?:(?:дар\s+бораи|оид\s+ба)\s+(?:аз\s+эътибор\s+соқит|беэътибор|бекор)\s+(?:донистан|"
                  r"кардан)и|"
                  r"о\s+признании\s+(?:утратившим\w*\s+силу|недействующ\w+)|об\s+отмене)(?!\w)")
_TO_BE_AMENDED = pattern(r"[^.;:]{0,120}?(?:тағйир|илова)\w*[^.;:]{0,60}?(?:ворид|дароварда)\s+(?:карда|"
                         r"намуда)?\s*(?:шав|меша)")
_WAS_AMENDED = pattern(r"[\s,]*(?:ба\s+он\s+)?тағйир\w*(?:\s+ва\s+илова\w*)?\s+(?:дода|ворид\s+карда)\s+шуд")
_EDITION = pattern(r"(?:дар\s+таҳрири|бо\s+(?:тағйир|илова)\w*(?:\s+ва\s+(?:тағйир|илова)\w*)?(?:\s+(?:бо|тибқи))?|"
                   r"в\s+ред(?:акции|\.)|"
                   r"с\s+изменениями(?:\s+и\s+дополнениями)?,?\s*(?:внес[её]нными\s+)?(?:согласно\s+)?)\s*\Z")
_PART = pattern(r"(?<!\w)(?:модда|қисм|банд|зербанд|сархат|боб|фасл|замима|ҷумла|калима|параграф|стать|част|пункт|"
                r"подпункт|"
                r"абзац|раздел|глав|приложени|слов)\w*(?!\w)[^.;:«]{0,30}\Z")
_DOUBTFUL = pattern(r"(?<!\w)(?:агар|дар\s+сурат|лоиҳа|тасдиқнашуда|не\s+подтвержд|пешниҳод|эҳтимол|мумкин|"
                    r"маълум\s+нест|истисно|дар\s+қисми|"
                    r"если|в\s+случае|"
                    r"проект|возможно|вероятно|предлага|предложен|неизвестно|не\s+известно|исключением|кроме|"
                    r"в\s+части|оё)|\?")
_NOUN = (r"(?:қонун|қарор|кодекс|фармон|фармоиш|дастурамал|қоида|тартиб|низомнома|ҳуҷҷат|санад|закон|постановлени|"
         r"указ|приказ|"
         r"инструкци|правил|поряд|положени|документ|акт)\w*")
_THIS = pattern(rf"\A(?:\W|\d){{0,12}}(?:(?:ин|ҳамин|настоящ\w+|данн\w+)\s+{_NOUN}|{_NOUN}\s+мазкур|(?:ҳолати|"
                rf"статус)\s+{_NOUN}\s*:)?\Z")
_INSTRUMENT = pattern(r"(?:совместным\s+)?(?:постановлени(?:ем|ями)|закон(?:ом|ами)|указ(?:ом|ами)|приказ(?:ом|ами)|"
                      r"кодексом|"
                      r"инструкци(?:ей|ями))(?!\w)")
_NAMED = pattern(r"(?:постановлени[ея]|законы?|указы?|приказы?|кодексы?|инструкци[яию]|порядок|совместный|"
                 r"конституционный|"
                 r"инструктивное|ЗРТ|ППРТ)(?!\w)")
_RUSSIAN = pattern(r"(?:постановлени|закон|указ|приказ|инструкци|поряд|совместн|конституцион|инструктивн|ЗРТ|ППРТ|"
                   r"кодекс(?!и|ҳ|ро))")
_ENDS_NOW = pattern(r"мекунад|мекунанд|утрачива|призна[её]тся|признаются")
_OF_THIS_TEXT = pattern(rf"(?<!\w){_NOUN}\s+мазкур(?!\w)|(?<!\w)(?:ҳамин|настоящ\w+|данн\w+)\s+{_NOUN}")
_BY = pattern(r"(?<!\w)(?:бо|(?:бинобар|вобаста\s+ба|бо)\s+(?:қабули|қабул\s+шудани|мавриди\s+амал\s+қарор\s+(?:додани|"
              r"гирифтани)))\s+\Z|(?:принятием|введением\s+в\s+действие|вступлением\s+в\s+силу)\s+\Z")
_SINCE = rf"(?<!\w)(?:аз|с|со)\s+(?:{DATE})(?:\s+(?:сар\s+карда|эътиборан|инҷониб))?"
_BETWEEN = pattern(rf"(?:\s|[,;:()–—-]|{TITLE}|\d{{1,2}}[).]|{_SINCE}|(?<!\w)(?:ва|и|а\s+также|ҳамчунин|инчунин|низ|"
                   rf"пурра|полностью|"
                   r"бо|бинобар|вобаста\s+ба|қабули|қабул\s+шудани|мавриди\s+амал\s+қарор\s+(?:додани|гирифтани)|"
                   r"в\s+связи\s+с|"
                   r"принятием|введением\s+в\s+действие|вступлением\s+в\s+силу|аз\s+рӯзи\s+нашри\s+расмӣ|"
                   r"аз\s+рӯзи\s+мавриди\s+амал\s+"
                   rf"қарор\s+(?:гирифтани|додани)\s+{_NOUN}\s+мазкур|был|была|было|были)(?!\w))*")
_LEADS = pattern(rf"(?:\A|[.,;:()–—-]|\d[.)]|{_SINCE}|(?<!\w)(?:ва|и|также|ҳамчунин|инчунин|низ|мазкур|ки|что|карда|"
                 rf"намуда|"
                 r"[^\W\d]+(?:ый|ий|ое|ее|ая|ые|ие)))\s*\Z")
_SINCE_DATE = pattern(rf"(?<!\w)(?:аз|с|со)\s+(?P<date>{DATE})")
_SINCE_BEFORE = pattern(rf"(?<!\w)(?:аз|с|со)\s+(?P<date>{DATE})(?:\s+(?:сар\s+карда|эътиборан|инҷониб))?\s*,?\s*\Z")
_SINCE_AFTER = pattern(rf"\A\s*(?:аз|с|со)\s+(?P<date>{DATE})")
_SHORT_HEADS = tuple(fold(word) for word in ("ҚҲҶТ", "ҚҶТ", "ФПҶТ", "ППРТ", "ЗРТ"))


def changes(text: str, found: Sequence[Reference]) -> Iterator[Change]:
    """Yield what the sentences of a text say became of the acts found in it, in order."""
    folded = fold(text)
    starts = [one.start for one in found]
    for first, last in _statements(folded, found):
        inside = found[bisect_left(starts, first):bisect_left(starts, last)]
        if not _DOUBTFUL.search(re.sub(TITLE, " ", folded[first:last])):
            yield from _Sentence(folded, first, last, inside).changes()


def _statements(folded: str, found: Sequence[Reference]) -> Iterator[tuple[int, int]]:
    """Yield the spans of sentences; a list after a colon belongs to its sentence, wrapped lines are joined."""
    letters = list(folded)
    for first, last in [*((one.start, one.end) for one in found),
                        *((day.start, day.end) for day in read_dates(folded))]:
        for place in range(first, last):
            if letters[place] in ".\n":
                letters[place] = "_"
    joined = re.sub(r"(?<![.;:!?\n])\n(?=[a-zа-яё№(«_]|\d+(?![\d.)]))", " ", "".join(letters))
    start = None
    for first, last in sentences(joined):
        start = first if start is None else start
        if joined[last - 1] not in ":;,":
            yield start, last
            start = None
    if start is not None:
        yield start, len(joined)


class _Sentence:
    """One sentence of a folded text and the acts named in it outside quoted titles."""

    def __init__(self, folded: str, first: int, last: int, found: Sequence[Reference]) -> None:
        self._folded, self._first, self._last = folded, first, last
        self._quoted = [match.span() for match in re.compile(TITLE).finditer(folded, first, last)]
        self._found = [one for one in found if not self._is_quoted(one.start)]
        self._starts = [one.start for one in self._found]
        self._ends = {one.end for one in self._found}
        self._in_titles = [one for one in found if self._is_quoted(one.start)]

    def changes(self) -> Iterator[Change]:
        """Yield the changes the sentence tells."""
        yield from self._repeals()
        for match in _TITLED.finditer(self._folded, self._first, self._last):
            if change := self._titled(match):
                yield change
        for one in self._found:
            if one.lead == one.start and _INSTEAD.search(self._before(one)):
                yield self._instead(one)
            elif change := self._amendment(one):
                yield change
        for one in self._in_titles:
            if change := self._amendment_in_title(one):
                yield change

    def _is_quoted(self, place: int) -> bool:
        return any(begin < place < end for begin, end in self._quoted)

    def _before(self, one: Reference) -> str:
        """Return what stands close before the list an act belongs to, in the sentence."""
        return self._folded[max(self._first, one.lead - _NEAR):max(one.lead, self._first)]

    def _repeals(self) -> Iterator[Change]:
        verbs = [(match, kind, ordered, tajik) for kind, ordered, tajik, words in _VERBS
                 for match in words.finditer(self._folded, self._first, self._last)
                 if not self._is_quoted(match.start())]
        place = self._first
        for match, kind, ordered, tajik in sorted(verbs, key=lambda verb: verb[0].start()):
            marks = [self._folded.rfind(mark, self._first, match.start()) + 1 for mark in ";:"]
            behind = self._behind(match.start(), max(place, *marks))
            ahead = self._ahead(match.end(), tajik=tajik)
            place = match.end()
            ordered = ordered or bool(_ENDS_NOW.search(match[0]) and _OF_THIS_TEXT.search(
                self._folded, self._first, match.start()))
            if change := self._repeal(kind, match, ordered, behind, ahead):
                yield change

    def _behind(self, end: int, clause: int) -> list[Reference]:
        """Return the acts that stand right before a verb, with nothing but titles, dates and "and" between."""
        chain: list[Reference] = []
        for one in reversed(self._found[bisect_left(self._starts, clause):bisect_left(self._starts, end)]):
            if one.end > end or not _BETWEEN.fullmatch(self._folded, one.end, end):
                break
            chain.insert(0, one)
            end = one.start
        return chain

    def _ahead(self, start: int, *, tajik: bool) -> list[Reference]:
        """Return the acts that follow a verb; after a Tajik verb only a list after a colon, or the act it was by."""
        chain: list[Reference] = []
        for one in self._found[bisect_left(self._starts, start):]:
            if not _BETWEEN.fullmatch(self._folded, start, one.start):
                if not chain and not tajik and _PART.search(self._folded[start:one.start]):
                    chain.append(one)
                break
            opens = self._folded[start:one.start].lstrip()
            if tajik and not chain and not (opens.startswith(":") or self._is_agent(one)):
                break
            chain.append(one)
            start = one.end
        return chain

    def _repeal(self, kind: ChangeKind, match: re.Match[str], ordered: bool, behind: list[Reference],
                ahead: list[Reference]) -> Change | None:
        """Return the change a verb tells of the acts around it, or None where it is not clear whose end it is."""
        agents = [one for one in (*behind, *ahead) if self._is_agent(one)]
        after = [one for one in ahead if not self._is_agent(one)]
        listed = after and (ordered or self._folded[match.end():].lstrip().startswith(":"))
        olds = after if listed else [one for one in behind if one not in agents]
        parts = [one for one in olds if _PART.search(self._before(one))]
        new = agents[0] if len({one.act for one in agents}) == 1 else None
        if parts:
            return Change(ChangeKind.AMEND, tuple(parts), by_this=True) if ordered and not agents else None
        olds = [one for one in olds if self._is_named(one, listed=bool(listed))]
        since = self._since(match, [*behind, *ahead])
        if olds:
            return Change(kind, tuple(olds), new, ordered and not agents, since=since)
        start = min([one.start for one in behind], default=match.start())
        opening = self._folded[self._first:start]
        of_this = (not ordered and not after and len(opening) < _NEAR
                   and _THIS.search(_BETWEEN_END.sub("", opening)))
        return Change(kind, (), new, of_this=True, since=since) if of_this else None

    def _titled(self, match: re.Match[str]) -> Change | None:
        """Return the end that a title tells, by the act right before it or, where it opens the sentence, by its own."""
        opening = self._folded[self._first:match.start()].rstrip(" \n«,")
        before = [one for one in self._found if one.end == self._first + len(opening)]
        olds = [one for one in self._ahead(match.end(), tajik=False) if not self._is_agent(one)]
        if not olds or not (before or not re.search(r"\w", opening)) or _PART.search(self._before(olds[0])):
            return None
        return Change(ChangeKind.REPEAL, tuple(olds), before[0] if before else None, by_this=not before)

    def _is_agent(self, one: Reference) -> bool:
        return bool(_INSTRUMENT.match(self._folded, one.lead) or _BY.search(self._before(one)))

    def _is_named(self, one: Reference, *, listed: bool) -> bool:
        """Return whether an act is itself what is spoken of, not what belongs to it or is done by it."""
        if listed:
            return True
        if _RUSSIAN.match(self._folded, one.lead) and not _NAMED.match(self._folded, one.lead):
            return False
        before = self._before(one)
        end = one.lead - len(before) + len(before.rstrip())
        return bool(_LEADS.search(before)) or end in self._ends

    def _since(self, match: re.Match[str], chain: list[Reference]) -> str:
        """Return the day from which, where one day stands at the verb or its acts."""
        first = min([match.start(), *(one.start for one in chain)])
        letters = self._folded[first:match.end()]
        for one in chain:
            if one.end <= match.end():
                letters = letters[:one.start - first] + "№" * (one.end - one.start) + letters[one.end - first:]
        found = [*_SINCE_DATE.finditer(re.sub(TITLE, "", letters)),
                 *filter(None, (_SINCE_BEFORE.search(self._folded[max(self._first, first - _NEAR):first]),
                                _SINCE_AFTER.search(self._folded[match.end():self._last][:_NEAR])))]
        days = {iso_of(day["date"]) for day in found}
        return days.pop() if len(days) == 1 else ""

    def _instead(self, one: Reference) -> Change:
        """Return that an act after "in place of" is replaced, by the one other act named, else by the text's own."""
        olds = tuple(other for other in self._found if other.lead == one.lead)
        others = [other for other in self._found if other.lead != one.lead]
        if not others:
            whole = self._folded[self._first:self._last]
            by_this = bool(_TO_ADOPT.search(whole) or _THIS.search(" ".join(whole.split()[:2])))
            return Change(ChangeKind.REPLACE, olds, by_this=by_this)
        clear = len(others) == 1 and (self._is_named(others[0], listed=False) or self._is_agent(others[0]))
        return Change(ChangeKind.REPLACE, olds, others[0] if clear else None)

    def _amendment(self, one: Reference) -> Change | None:
        before, after = self._before(one), self._folded[one.end:min(self._last, one.end + _NEAR)]
        others = [other for other in self._found if other.start < one.lead]
        if _AMENDING.search(before) or (before.endswith(("ба ", "Ба ")) and _TO_BE_AMENDED.match(after)):
            return Change(ChangeKind.AMEND, (one,), others[0] if len(others) == 1 else None, not others)
        if edition := _EDITION.search(before):
            opening = before[:edition.start()].rstrip(" ,")
            return self._amended(one, others, alone=opening.endswith("(") or bool(_THIS.search(opening)))
        if _BY.search(before) and _WAS_AMENDED.match(after):
            return self._amended(one, others, alone=bool(_THIS.search(_BETWEEN_END.sub("", before))))
        note = before.endswith("(") and after.startswith(")") and self._folded.startswith(_SHORT_HEADS, one.lead)
        return self._amended(one, others, alone=True) if note else None

    def _amendment_in_title(self, one: Reference) -> Change | None:
        """Return that the act before a quoted title amends the act the title says it amends."""
        begin = next(begin for begin, end in self._quoted if begin < one.start < end)
        named = [other for other in self._found if other.end == len(self._folded[:begin].rstrip())]
        amends = named and _AMENDING.search(self._folded[begin:one.lead])
        return Change(ChangeKind.AMEND, (one,), named[0]) if amends else None

    def _amended(self, one: Reference, others: list[Reference], *, alone: bool) -> Change | None:
        if others:
            return Change(ChangeKind.AMEND, (others[-1],), one) if len(others) == 1 else None
        return Change(ChangeKind.AMEND, (), one, of_this=True) if alone else None


_BETWEEN_END = pattern(rf"(?:[\s,(]|{_SINCE}|(?<!\w)(?:бо|бинобар|қабули)(?!\w))+\Z")
