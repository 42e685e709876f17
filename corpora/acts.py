"""What a text says of the acts it names: which it is, which it repeals or amends, which did so to it.

Where two acts could be the text's own, none is; a part of an act that goes is a change of the act, never
its end; a condition, a draft or a denial changes nothing.  That one named act repealed another is told
by `read_changes`, whatever the text itself is.  Nothing here knows which documents there are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from corpora.changes import Change, ChangeKind, changes
from corpora.dates import DATE, Validity, fold, iso_of, pattern, read_validity
from corpora.records import Act
from corpora.references import TITLE, Reference, Role, act_type, family, references

__all__ = ["Change", "ChangeKind", "Reference", "Role", "Validity", "articles_of", "issuer_of", "own_act", "read_acts",
           "read_changes", "read_validity"]

_HEAD_LINES = 12
_AFTER_LETTERS = 200


def read_acts(text: str) -> tuple[Reference, ...]:
    """Return the acts a text names, in order, each with its role."""
    found = references(text)
    own = _own(text, found)
    roles: dict[int, Role] = {}
    for change in changes(text, found):
        for start, role in _roles(change, own):
            roles.setdefault(start, role)
    done = [replace(one, role=Role.OWN if own and _is_same(one.act, own.act) else
                    roles.get(one.start, Role.MENTIONED)) for one in found]
    if own and own.start not in {one.start for one in found}:
        apart = [one for one in done if one.end <= own.start or own.end <= one.start]
        done = sorted([*apart, own], key=lambda one: one.start)
    return tuple(done)


def own_act(text: str) -> Act | None:
    """Return the act the text is, or None where it does not say or says two."""
    own = _own(text, references(text))
    return own.act if own else None


def read_changes(text: str) -> tuple[Change, ...]:
    """Return what the text says became of acts, in order."""
    return tuple(changes(text, references(text)))


def _roles(change: Change, own: Reference | None) -> Iterator[tuple[int, Role]]:
    """Yield the places of acts in a change that is the own act's doing, or happens to it, with their roles."""
    amends = change.kind is ChangeKind.AMEND
    others = [one for one in change.olds if not own or not _is_same(one.act, own.act)]
    if change.by_this or (own and change.new and _is_same(change.new.act, own.act)):
        yield from ((one.start, Role.AMENDS if amends else Role.REPEALS) for one in others)
    elif change.new and not others and (change.of_this or change.olds):
        yield change.new.start, Role.AMENDED_BY if amends else Role.REPEALED_BY


def _is_same(one: Act, own: Act) -> bool:
    """Return whether an act named in a text is its own, perhaps by a shorter type."""
    named = (one.number.casefold(), one.date) == (own.number.casefold(), own.date)
    return named and family(one.type)[0] == family(own.type)[0]


_CARD = pattern(r"^[\s*#>|–-]{0,8}(?:санад|акт|ҳуҷҷат|документ|номи\s+санад|реквизит\w*)\s*[:|]\s*[*|]{0,2}\s*$")
_HEAD_WORD = pattern(
    r"^[\s*#«]{0,8}(?P<head>қарор|фармон|фармоиш|қонун|постановление|указ|приказ|закон)"
    r"(?P<issuer>и?(?:\s+ҳукумати|\s+президенти|\s+правительства|\s+президента)?"
    r"(?:\s+ҷумҳурии\s+тоҷикистон|\s+республики\s+таджикистан)?)[\s*»]{0,8}$")
_LETTERHEAD = pattern(r"^[\s*#]{0,8}(?P<issuer>(?:ҳукумат|президент|правительств|вазорат|министерств|кумита|комитет|"
                      r"хадамот|"
                      r"агент|бонки\s+милл|раис|председател|шӯрои|маҷлис|маджлис)[^\d№:;.]{3,120}?)[\s*]{0,8}$")
_NUMBERED = pattern(
    rf"^[\s*]{{0,8}}(?:[шг]\.\s*душанбе\s*,?\s*)?(?:аз|от)?\s*(?P<date>{DATE})\s*,?\s*(?:[шг]\.\s*душанбе\s*,?\s*)?"
    r"№\s*(?P<number>\d+(?:[/.–-]\w+)*)\s*,?\s*(?:[шг]\.\s*душанбе)?[\s*]{0,8}$")
_ANNEX = pattern(r"(?:^|\n|\()[\s*#]{0,8}(?:(?:бо|тасдиқ\w*(?:\s+\w+)?\s+бо)\s+|(?:замимаи?(?:\s*№?\s*\d+)?|"
                 r"тасдиқ\w*)\s+(?:ба|бо)\s+|"
                 r"утвержд[её]н\w*\s+|приложение(?:\s*№?\s*\d+)?\s+к\s+|к\s+)$")
_APPROVED = pattern(r"\s*тасдиқ\s+(?:карда\s+)?шуда")
_ABOUT = pattern(r"[\s,.»*]*(?:дар\s+бораи|оид\s+ба|об?)(?!\w)")
_VERB = pattern(
    r"(?<!\w)(?:аст|буд|шуд\w*|шав\w*|меша\w*|меку\w*|мегар\w*|гардид\w*|мебошад|кард|намуд|утрати\w+|"
    r"отмен(?:[её]н\w*|ил\w*|[яи]\w+)|"
    r"призна(?:ть|н|на|но|ны|л\w*|[её]т\w*)|действу[ею]\w+|внес(?:ти|[её]н\w*|л\w+)|принят[оаы]?|принял\w*|регулиру\w+|"
    r"установ(?:лен[аоы]?|ил\w*)|устанавлив\w+|утвержд(?:[её]н[аоы]?|ает)|вступ(?:ил|ает)\w*|является|"
    r"замен[её]н\w*)(?!\w)")
_NOTHING_BUT_PLACE = pattern(r"\A[\s,.*»\"]*(?:[шг]\.\s*[^\W\d]\w+)?[\s,.*»\"]*\Z")


def _own(text: str, found: Sequence[Reference]) -> Reference | None:
    """Return the reference by which the text names itself: a card, a title line, an annex's line or its last line."""
    folded = fold(text)
    lines = list(re.finditer(r"[^\n]*\S[^\n]*", folded))
    head = lines[min(len(lines), _HEAD_LINES) - 1].end() if lines else 0
    cards = [one for one in found if _is_card(folded, one)]
    titled = [one for one in found if one.start < head and (_is_title(folded, one) or _is_annex(folded, one))]
    signed = _signed(text, lines)
    candidates = cards or [*([signed] if signed else []), *titled]
    acts = {(one.act.number.casefold(), one.act.date) for one in candidates}
    return replace(candidates[0], role=Role.OWN) if len(acts) == 1 else None


def _line(folded: str, one: Reference) -> tuple[str, str]:
    """Return what stands before and after a reference on its lines."""
    first = folded.rfind("\n", 0, one.start) + 1
    last = folded.find("\n", one.end)
    return folded[first:one.start], folded[one.end:last if last >= 0 else len(folded)]


def _is_card(folded: str, one: Reference) -> bool:
    before, after = _line(folded, one)
    return bool(_CARD.match(before)) and bool(re.match(r"\W*\Z|\s*\.", re.sub(TITLE, "", after)))


def _is_title(folded: str, one: Reference) -> bool:
    """Return whether a reference opens its line and nothing but a place or the act's title follows."""
    before, after = _line(folded, one)
    if before.strip(" *#«\"\t"):
        return False
    rest = re.sub(TITLE, " ", after)
    previous = folded[:one.start - len(before)].rstrip()
    if previous.endswith((":", ";", ",")) or rest.rstrip().endswith((";", ",", ":")):
        return False
    plain = _NOTHING_BUT_PLACE.match(rest) or (_ABOUT.match(rest) and not _VERB.search(rest))
    return one.lead == one.start and bool(one.act.number and one.act.date) and bool(plain)


def _is_annex(folded: str, one: Reference) -> bool:
    before = folded[max(0, one.start - 60):one.start]
    match = _ANNEX.search("\n" + before if one.start <= 60 else before)
    if not match:
        return False
    needs_verb = re.fullmatch(r"[\s(*#]*(?:бо|к)\s+", match[0], re.IGNORECASE)
    return not needs_verb or bool(_APPROVED.match(re.sub(TITLE, "", folded[one.end:one.end + _AFTER_LETTERS])))


def _signed(text: str, lines: Sequence[re.Match[str]]) -> Reference | None:
    """Return the act whose kind stands alone on a line at the top, its date and number on another line."""
    top = lines[:_HEAD_LINES]
    head = next((match for line in top if (match := _HEAD_WORD.match(line[0]))), None)
    places = {line.start(): line for line in [*top, *lines[-8:]]}
    dated = [(line, match) for line in places.values() if (match := _NUMBERED.match(line[0]))]
    days = {(iso_of(match["date"]), match["number"]) for _, match in dated}
    if head is None or len(days) != 1 or not (day := days.pop())[0]:
        return None
    line, match = dated[0]
    number = text[line.start() + match.start("number"):line.start() + match.end("number")]
    issuer = head["issuer"].lstrip("иИ") or " " + _letterhead(text, top)
    kind = act_type(head["head"], issuer)
    return Reference(Act(kind, number, day[0]), line.start(), line.end(), Role.OWN, line.start()) if kind else None


def _letterhead(text: str, top: Sequence[re.Match[str]]) -> str:
    """Return the first of these lines that is an office's name and nothing else, as printed."""
    return next((text[line.start() + found.start("issuer"):line.start() + found.end("issuer")] for line in top
                 if (found := _LETTERHEAD.match(line[0]))), "")


_ISSUED = (("Ҳукумати Ҷумҳурии Тоҷикистон", "Правительство Республики Таджикистан"),
           ("Президенти Ҷумҳурии Тоҷикистон", "Президент Республики Таджикистан"))
_OFFICE_CARD = pattern(r"^[\s*#>|–-]{0,8}(?:мақоми\s+(?:қабулкунанда|масъул(?:\s+ё\s+ношир)?)|қабулкунанда|ношир|"
                       r"принявший\s+орган|"
                       r"орган,?\s+принявший(?:\s+акт)?|ответственный\s+орган(?:\s+или\s+издатель)?)\s*[:|"
                       r"]\s*(?P<office>[^\n|]{3,160})")


def issuer_of(text: str) -> str:
    """Return the office that issued the text's own act, in the nominative, or "" where the text does not say.

    A card line wins, then the type of the own act (Government, President), then a letterhead as printed.
    """
    folded = fold(text)
    cards = {text[slice(*card.span("office"))].strip(" .*") for card in _OFFICE_CARD.finditer(folded)}
    if cards:
        return cards.pop() if len(cards) == 1 else ""
    own = own_act(text)
    for names in _ISSUED:
        for name in names:
            if own and fold(own.type).endswith((fold(name), fold(_genitive(name)))):
                return name
    lines = [*re.finditer(r"[^\n]*\S[^\n]*", folded)][:_HEAD_LINES]
    return _as_name(_letterhead(text, lines)) if own else ""


def _genitive(name: str) -> str:
    return name.replace("Правительство", "Правительства").replace("Президент ", "Президента ")


def _as_name(printed: str) -> str:
    """Return a name printed in capitals in small letters, with the country's name as it is written."""
    name = " ".join(printed.split()).strip(" *")
    if not name.isupper():
        return name
    small = name.lower()
    for country in ("Ҷумҳурии Тоҷикистон", "Республики Таджикистан", "Душанбе"):
        small = small.replace(country.lower(), country)
    return small[0].upper() + small[1:]


_PLACES = (("модда", "стать"), ("қисм", "част"), ("банд", "пункт"), ("зербанд", "подпункт"), ("сархат", "абзац"))
_ALONE = ("статья", "часть", "пункт", "подпункт", "абзац")
_ARTICLE_PLACE = pattern(
    r"(?<!\w)(?P<word>модда(?:ҳои|и)?|қисм(?:ҳои|и)?|зербанд(?:ҳои|и)?|банд(?:ҳои|и)?|сархат(?:ҳои|и)?|стат(?:ья|ьи|"
    r"ье|ью|ей|ьями)|"
    r"част(?:ь|и|ью|ей)|подпункт\w{0,3}|пункт\w{0,3}|абзац\w{0,3})\s+"
    r"(?P<number>\d+(?:[.\-–]\d+)*[¹²³]?(?:\(\d+\))?(?:\s*(?:,|ва|и)\s*\d+(?:[.\-–]\d+)*[¹²³]?"
    r"(?!\d|\s*(?:рӯз|моҳ|сол|сомон|фоиз|%|нафар|соат|дн|день|месяц|лет|год|час|процент)))*)(?:-?(?:и|уми|юми)(?!\w))?")


def articles_of(text: str) -> tuple[str, ...]:
    """Return the places in acts that a text names, the largest part first: "моддаи 14, қисми 2"."""
    folded = fold(text)
    groups: list[list[re.Match[str]]] = []
    for match in _ARTICLE_PLACE.finditer(folded):
        ranks = {_rank(one["word"]) for one in groups[-1]} if groups else set()
        joined = groups and re.fullmatch(r"[\s,]*", folded[groups[-1][-1].end():match.start()])
        if joined and _rank(match["word"]) not in ranks:
            groups[-1].append(match)
        else:
            groups.append([match])
    return tuple(", ".join(_place(text, match) for match in sorted(group, key=lambda one: _rank(one["word"])))
                 for group in groups)


def _rank(word: str) -> int:
    return next(rank for rank, stems in enumerate(_PLACES) if word.casefold().startswith((*stems, *map(fold, stems))))


def _place(text: str, match: re.Match[str]) -> str:
    word, number = text[slice(*match.span("word"))].lower(), text[slice(*match.span("number"))]
    one = number.isdigit() and not word.startswith(("модда", "қисм", "банд", "зербанд", "сархат"))
    return f"{_ALONE[_rank(word)] if one else word} {number}"
