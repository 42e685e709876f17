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
_TAKEN = pattern(r"қабул(?:и|\s+(?:мекун|менамо|карда\s+(?:мешав|шав)))|(?<!\w)мегир(?:ад|анд|ем)|ҷамъ\s+(?:мекун|овар)|"
                 r"ба\s+қайд\s+(?:мегир|гирифта)|(?:ме)?супор|фирист|равон\s+(?:кун|карда|мекун)|(?:ме|на)?навис(?:ед|он)|"
                 r"пешниҳод|биёр|(?<!\w)собира|принима|регистрир|оформл|при[её]м|(?<!\w)жд[её]?[умт]|сда(?:[юё]т|ть|вать|"
                 r"йте)|пода[тчюёй]|направ[ьл]|переда|представл|предоставл")
# One goes to an office without a word of papers.
_COMES = pattern(r"ташриф|(?<!\w)омадан|(?<!\w)рафтан|(?<!\w)биёед|муроҷиат\s+(?:кун|намо)|ҳозир\s+шав|явит|(?<!\w)прийти|"
                 r"приход|обра[тщ]|(?<!\w)жд[её]м")
_STAFF = pattern(r"(?<!\w)(?:корманд|мутахассис|собес|отделени|котибот|коллеҷ|боғча|специалист|воспитател)")
# What is due, whatever it is.
DUE = pattern(r"(?<!\w)(?:бояд|лозим|зарур|даркор|лутфан|хоҳиш|мебояд|надлежит|необходимо|следует|нужно|должн|просим|"
              r"просьба|требуется|успе(?:ть|йте)|подлеж)")
# Who is given what: the giving verb, beside people.
_GIVEN = pattern(
    r"баҳра\s+мебар|таъмин\s+(?:карда|мегард|мешав|мекун)|ҷудо\s+(?:карда|мекун|мегард|шуд)|мерасад|"
    r"(?:дода|таъин|пардохта?|тақдим|муқаррар|пешбинӣ|расонида|ҷорӣ)\s+(?:карда\s+)?(?:мегард|гардид|шавад|шудааст)|"
    r"кум?ак\s+(?:медиҳ|мекун|мерасон)|медиҳем|мегирем|истифода\s+мебар|"
    r"распростран|подлеж|обеспеч|выдел(?:я|ят|ен|им)|начисля|возника\w+\s+у|производит|осуществля|оказыва|"
    r"устанавлива|да[её]м(?!\w)|выплат|выдад")


def takes(small: str) -> bool:
    """Return whether a sentence names an office and what is handed in to it, or that one comes there."""
    office = words.OFFICE.search(small) or _STAFF.search(small)
    return bool(office) and not words.PROCESSING.search(small) and bool(
        (_HANDED.search(small) and _TAKEN.search(small)) or _COMES.search(small))


def gives(small: str) -> bool:
    """Return whether a sentence says that people are given something, or what holds for them."""
    return bool(words.GROUP.search(small) and _GIVEN.search(small))
