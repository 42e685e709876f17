"""What a sentence of free prose does: it says where papers are taken, by when something is due, or who is given what.

Such a sentence has no label and no set order of words, so it is told by its roles: what is handed in, who takes it and
how; who is given a benefit and by which verb.  Patterns for text that went through `numerals.lowered`.
"""

from __future__ import annotations

from assistant.notices import words
from corpora.dates import pattern

# What is handed in, and what is done with it where it is handed in.
_HANDED = pattern(r"(?<!\w)(?:ариза|ҳуҷҷат|дархост|рӯйхат|коғаз|номатон|номи\s+худ|маълумот(?:ҳо|нома)|заявлени|заявк|"
                  r"документ|бумаг|обращени|списк|список|сведени)")
_TAKEN = pattern(r"қабул(?:и|\s+(?:мекун|менамо|карда\s+(?:мешав|шав)))|(?<!\w)мегир(?:ад|анд|ем)|"
                 r"ҷамъ\s+(?:мекун|овар)|ба\s+қайд\s+(?:мегир|гирифта)|(?:ме)?супор|фирист|равон\s+(?:кун|карда|мекун)|"
                 r"(?:ме|на)?навис(?:ед|он)|пешниҳод|биёр|(?<!\w)собира|принима|регистрир|оформл|при[её]м|(?<!\w)жд[её]?[умт]|сда(?:[юё]т|ть|вать|"
                 r"йте)|пода[тчюёй]|направ[ьл]|переда|представл|предоставл")
# One goes to an office without a word of papers.
_COMES = pattern(r"ташриф|(?<!\w)омадан|(?<!\w)рафтан|(?<!\w)биёед|муроҷиат\s+(?:кун|намо)|ҳозир\s+шав|явит|"
                  r"(?<!\w)прийти|"
                 r"приход|обра[тщ]|(?<!\w)жд[её]м")
_STAFF = pattern(r"(?<!\w)(?:корманд|мутахассис|собес|отделени|котибот|коллеҷ|боғча|специалист|воспитател)")
# An office beside the paper it gives is not where one goes: "the finding of the commission".
_ISSUED = pattern(r"(?:хулосаи|шаҳодатномаи|маълумотномаи|қарори|нусхаи|акти|"
                  r"заключени\w+|справк\w+|решени\w+|акт\w?)\s\w+")
# What is due, whatever it is.
DUE = pattern(r"(?<!\w)(?:бояд|лозим|зарур|даркор|лутфан|хоҳиш|мебояд|надлежит|необходимо|следует|нужно|должн|просим|"
              r"в\s+срок\s+до|просьба|требуется|успе(?:ть|йте)|подлеж)")
# What holds no more from a day on held until it.
ENDED = pattern(r"перестан\w+\s+(?:действ|работ|выпла)|утрачива\w+\s+силу|аз\s+эътибор\s+(?:соқит|меафт)|"
                r"(?:амал|эътибор)\w*\s+(?:намекун|намешав|надор)")
# Who is given what: the giving verb, beside people.
_GIVEN = pattern(
    r"баҳра\s+мебар|таъмин\s+(?:карда|мегард|мешав|мекун)|ҷудо\s+(?:карда|мекун|мегард|шуд)|мерасад|"
    r"(?:дода|таъин|пардохта?|тақдим|муқаррар|пешбинӣ|расонида|ҷорӣ)\s+(?:карда\s+)?(?:мегард|гардид|шавад|шудааст)|"
    r"кум?ак\s+(?:медиҳ|мекун|мерасон)|медиҳем|мегирем|истифода\s+мебар|"
    r"распростран|подлеж|обеспеч|выдел(?:я|ят|ен|им)|начисля|возника\w+\s+у|производит|осуществля|оказыва|"
    r"устанавлива|да[её]м(?!\w)|выплат|выдад")

_KIND = r"(?:бева|ятим|маъюб|камбизоат|серфарзанд|пиронсол|собиқадор|вдов|сирот|инвалид|малоимущ|многодетн|погибш)"
_TO = pattern(rf"(?<!\w)ба\s(?!ҳар\s|як\s)(?:\w+\s){{0,3}}?{_KIND}|(?<!\w){_KIND}\w*(?:ам|ям|ым|им)(?!\w)")
# Goods that are given and not money, by their name in facts.
_GOODS = pattern(r"(?<!\w)(?P<count>\d+(?:,\d+)?)\s(?P<name>килограмм|кг(?!\w)|тонн|литр|сотих|соток|сотк)")
_NAMES = {"кг": "килограмм", "тонн": "тонна", "соток": "сотих", "сотк": "сотих"}


def goods(small: str) -> list[str]:
    """Return the measures of goods a sentence gives, as facts write them: "50 килограмм"."""
    found = _GOODS.finditer(small) if _GIVEN.search(small) or words.SHARE.search(small) else ()
    return [f"{match['count']} {_NAMES.get(match['name'], match['name'])}" for match in found]


def measures_goods(value: str) -> bool:
    """Return whether a value is of goods: it is said in the words of the notice, as goods have no units here."""
    return bool(_GOODS.match(value))


def takes(small: str) -> bool:
    """Return whether a sentence names an office and what is handed in to it, or that one comes there."""
    named = _ISSUED.sub("", small)
    office = words.OFFICE.search(named) or _STAFF.search(named)
    return bool(office) and not words.PROCESSING.search(small) and bool(
        (_HANDED.search(small) and _TAKEN.search(small)) or _COMES.search(small))


def awards(small: str) -> bool:
    """Return whether a sentence names both a sum and the kind of people it is for, not "each" or "one" of them."""
    return bool(_GIVEN.search(small) and _TO.search(small))


def gives(small: str) -> bool:
    """Return whether a sentence says that people are given something, or what holds for them."""
    return bool(words.GROUP.search(small) and _GIVEN.search(small))
