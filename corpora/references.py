"""Legal acts named in a text: their types in one spelling, their numbers as printed, their dates.

A reference is read only with a number or a full date, and a reading that could be another one is left
out: a gazette's number, an annex's, the day from which an act holds.  What the act is to the text is
told by `acts`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from corpora.dates import DATE, fold, iso_of, pattern
from corpora.records import Act


class Role(StrEnum):
    """What the act is to the text's own act."""

    OWN = "own"
    MENTIONED = "mentioned"
    REPEALS = "repeals"
    REPEALED_BY = "repealed_by"
    AMENDS = "amends"
    AMENDED_BY = "amended_by"


@dataclass(frozen=True, slots=True)
class Reference:
    """An act named in a text at [start, end); its date is a day, a month, a year or empty."""

    act: Act
    start: int
    end: int
    role: Role = Role.MENTIONED
    lead: int = 0                      # start of the first act of the list it stands in, else its own start


_KINDS = (
    ("constitutional law", "қонуни конститутсионии", "конституционный закон",
     r"қонун(?:ҳо)?и?\s+конститутсион\w+", r"конституционн\w+\s+закон\w{0,3}"),
    ("law", "қонуни", "закон", r"қонун(?:ҳои|ҳо|и|ро)?|ҚҶТ", r"закон(?:а|у|ом|е|ы|ов|ам|ами|ах)?|ЗРТ"),
    ("code", "кодекси", "кодекс", r"кодекс(?:ҳои|и|ро)", r"кодекс(?:а|у|ом|е|ы|ов)?"),
    ("decree", "қарори", "постановление", r"қарор(?:ҳои|ҳо|и|ро)?|ҚҲҶТ", r"постановлени\w{1,3}|ППРТ"),
    ("joint order", "фармоиши муштарак", "совместный приказ",
     r"фармоиш(?:ҳо)?и\s+муштарак\w*", r"совместн\w+\s+приказ\w{0,3}"),
    ("order", "фармоиши", "приказ", r"фармоиш(?:ҳои|ҳо|и|ро)?", r"приказ(?:а|у|ом|е|ы|ов|ам|ами)?"),
    ("edict", "фармони", "указ", r"фармон(?:ҳои|ҳо|и|ро)?|ФПҶТ", r"указ(?:а|у|ом|е|ы|ов|ам|ами)?"),
    ("letter", "мактуби дастурӣ", "инструктивное письмо",
     r"мактуб(?:ҳо)?и\s+дастур(?:ии|ӣ)", r"инструктивн\w+\s+письм\w{1,2}"),
    ("instruction", "дастурамали", "инструкция", r"дастурамал(?:ҳои|и|ро)?", r"инструкци\w{1,3}"),
    ("procedure", "тартиби", "порядок", r"тартиби", r"поряд(?:ок|ка|ку|ком|ке)"),
)
_REPUBLIC = (" Ҷумҳурии Тоҷикистон", " Республики Таджикистан")
# Of an issuer: the key, the words of a normalised type in both languages, and how texts write it.
_ISSUERS = tuple((key, names, pattern(words)) for key, names, words in (
    ("russia", (" Федератсияи Россия", " Российской Федерации"), r"русия|росси|(?<!\w)РФ(?!\w)|федеральн"),
    ("foreign", ("", ""), r"ӯзбек|узбек|қирғиз|к[ыи]рг[ыи]з|қазоқ|казах|белар|белорус|афғон|туркман|туркмен|хитой|"
                          r"кита[йя]"),
    ("interior", (" Вазорати корҳои дохилӣ", " Министерства внутренних дел"),
     r"(?:вазор|вазир)\w*\s+корҳои\s+дохил|минист\w+\s+внутренних\s+дел|(?<!\w)(?:ВКД|МВД)(?!\w)"),
    ("environment", (" раиси Кумитаи ҳифзи муҳити зист", " председателя Комитета по охране окружающей среды"),
     r"раис\w*\s+кумитаи\s+ҳифзи\s+муҳити\s+зист|председател\w+\s+комитета\s+по\s+охране\s+окружающей"),
    ("antimonopoly", (" Хадамоти зиддиинҳисорӣ", " Антимонопольной службы"), r"хадамоти\s+зиддиинҳисор|"
        r"антимонопольн\w+\s+служб"),
    ("communications", (" Хадамоти алоқа", " Службы связи"), r"хадамоти\s+алоқа|службы\s+связи"),
    ("land", (" Кумитаи давлатии идораи замин ва геодезӣ", " Государственного комитета по землеустройству и геодезии"),
     r"кумитаи\s+(?:давлатии\s+)?идораи\s+замин|комитета\s+по\s+землеустройству"),
    ("dushanbe", (" Раиси шаҳри Душанбе", " Председателя города Душанбе"),
     r"раиси\s+(?:шаҳри|ш\.)\s*душанбе|председателя\s+(?:города|г\.)\s*душанбе"),
    ("ministers", (" Шӯрои Вазирон", " Совета Министров"), r"\s*шӯрои\s+вазирон|\s*совета\s+министров"),
    ("government", (" Ҳукумати" + _REPUBLIC[0], " Правительства" + _REPUBLIC[1]), r"^\s*(?:ҳукумат|правительств)"),
    ("president", (" Президенти" + _REPUBLIC[0], " Президента" + _REPUBLIC[1]), r"^\s*президент"),
    ("ministry", (" вазорат", " министерства"), r"^\s*(?:вазорат|министерства)\s*$"),
))
_OFFICE = pattern(
    r"\s*(?:ҳукумат|президент|вазор|вазир|кумит|хадамот|агент|бонк|раис|раёсат|шӯро|маҷлис|суд|сарраёсат|палат|комисс|"
    r"правит|минист|комитет|служб|банк|председ|правлен|совет|маджлис|главн|управл|государств|национ|антимоноп|ҷумҳур|"
    r"республ|(?:ҶТ|РТ|РФ|ВКД|МВД)(?!\w)|федер|росс|русия)")
_COUNTRY = pattern(r",?\s*(?:ҷумҳурии\s+тоҷикистон|республики\s+таджикистан|ҶТ|РТ)\s*$")
TITLE = r"(?:«[^«»\n]*(?:«[^«»\n]*»[^«»\n]*)*»|\"[^\"\n]{3,300}\"|“[^”\n]{3,300}”)"
_HEAD = "|".join(f"{tajik}|{russian}" for *_, tajik, russian in _KINDS)
_STOP = (r"(?:аст|буд|шуд|шав|меша|меку|меги|мегар|намоя|наме|карда(?!н)|дода(?!н)|мазкур|ҳамин|зерин|настоящ|данн|"
         r"указанн|"
         r"котор|явля|замим|банд|модд|қисм|шакл|шартнома|приложен|пункт|част|форм|ахбор|ведомост|договор|утвержд|вступ|"
         rf"действ|утрат|соқит|беэътибор|бекор)\w*|(?:ки|аз|от|бо|то|{_HEAD})(?!\w)")
_WORD = rf"(?:\s+(?!{_STOP})(?:[^\W\d_][\w-]*|[шг]\.),?)"
_ABOUT = rf"(?:\s+(?:дар\s+бораи|оид\s+ба|об?|по)(?!\w){_WORD}{{1,25}}?)"


def _number(name: str) -> str:
    suffix = r"(?:и|ро|ум|юм|уми|юми)(?!\w)"
    return (rf"(?:(?:таҳти|под|за)\s+)?(?:№\s*|(?:рақами|номером)\s+)(?P<{name}>\d+(?:[/.–-]\d+)*"
            rf"(?:[/-]?(?!-?{suffix})[^\W\d_]{{1,3}}(?!\w))?)(?:\s?-{suffix})?(?![\w/-])"
            r"(?!\s*,?\s*(?:мод\.|моддаи|ст\.|саҳ))")


_FROM = r"(?:(?:аз|от)(?:\s+санаи)?|санаи)\s+"
_PLACE = r"(?:\s*,?\s*[шг]\.\s*[^\W\d]\w+,?)?"
_TAIL = (r"(?=[\s,(]*(?:аз|от|санаи|№|таҳти|рақами|под|за|[«\"“]?\d))\s*,?\s*\(?"
         rf"(?:(?:{_FROM})?(?P<date1>{DATE}){_PLACE}\s*,?\s*{_number('number1')}"
         rf"|{_number('number2')}(?:{_WORD}{{0,5}}?\s*,?\s*{_FROM}(?P<date2>{DATE}))?|{_FROM}(?P<date3>{DATE}))")
_REFERENCE = pattern(rf"(?<![\w-])(?P<head>{_HEAD})(?!\w)(?P<issuer>{_WORD}{{0,14}}?)"
                     rf"(?P<title>\s*{TITLE}{_WORD}{{0,3}}?|{_ABOUT})?{_TAIL}")
_NEXT = pattern(rf"\s*{TITLE}?\s*(?:(?:[,;–-]|ва|и|ҳамчунин|инчунин|а\s+также)\s*){{1,3}}"
                rf"(?P<all>(?:аз|от)\s+(?P<date>{DATE})\s*,?\s*{_number('number')})")
_HOLDS_FROM = pattern(r"[^.;«]{0,60}?(?<!\w)(?:сар\s+карда|эътиборан|инҷониб|мавриди|ба\s+амал|амал|эътибор|беэътибор|"
                      r"бекор|соқит|ҷорӣ|қувва)")
_FEDERAL = pattern(r"федеральн\w+\s+(?:конституционн\w+\s+)?$")
_ABBREVIATED = {fold("ҚҶТ"): "law", "ЗРТ": "law", fold("ҚҲҶТ"): "government", "ППРТ": "government",
                fold("ФПҶТ"): "president"}
_OF_THE_REPUBLIC = ("constitutional law", "law", "code")
_WITHOUT_ISSUER = ("joint order", "letter", "instruction", "procedure")


def references(text: str) -> tuple[Reference, ...]:
    """Return the acts named in a text, in order, none inside another, each as merely mentioned."""
    return tuple(_references(text, fold(text)))


def _references(text: str, folded: str) -> Iterator[Reference]:
    place = 0
    while match := _REFERENCE.search(folded, place):
        place = match.end("head")
        if (act := _act(text, match)) is None:
            continue
        first = Reference(act, match.start(), match.end(), lead=match.start())
        place = first.end
        yield first
        while following := _NEXT.match(folded, place):
            if not (day := iso_of(following["date"])):
                break
            place = following.end()
            yield Reference(Act(act.type, text[slice(*following.span("number"))], day), following.start("all"), place,
                            lead=first.start)


def _act(text: str, match: re.Match[str]) -> Act | None:
    """Return the act a match names, or None where its words leave more than one reading."""
    groups = match.groupdict()
    number = next((text[slice(*match.span(name))] for name in ("number1", "number2") if groups[name]), "")
    phrase = groups["date1"] or groups["date2"] or groups["date3"] or ""
    day = iso_of(phrase)
    if (phrase and not day) or not (number or len(day) == 10):
        return None
    if not (number and day) and not _is_plain(match):
        return None
    if not number and _kind(match["head"])[1] and _HOLDS_FROM.match(match.string, match.end()):
        return None
    kind = act_type(match["head"], text[slice(*match.span("issuer"))],
                    federal=bool(_FEDERAL.search(match.string, max(0, match.start() - 60), match.start())))
    return Act(kind, number, day) if kind else None


def _is_plain(match: re.Match[str]) -> bool:
    """Return whether nothing but an issuer and a quoted title stands before a lone number or date."""
    title = (match["title"] or "").strip()
    known = not match["issuer"] or _OFFICE.match(match["issuer"]) or (
        _kind(match["head"])[0] == "code" and len(match["issuer"].split()) < 6)
    return bool(known) and (not title or title[0] in "«\"“")


def _kind(head: str) -> tuple[str, bool, tuple[str, str]]:
    """Return the kind of act, whether the word is Tajik, and the words of the kind in both languages."""
    for name, tajik, russian, in_tajik, in_russian in _COMPILED:
        if in_tajik.fullmatch(head) or in_russian.fullmatch(head):
            return name, bool(in_tajik.fullmatch(head)), (tajik, russian)
    raise ValueError(head)


_COMPILED = tuple((name, tajik, russian, pattern(in_tajik), pattern(in_russian))
                  for name, tajik, russian, in_tajik, in_russian in _KINDS)


def _issuer(words: str) -> str:
    """Return the key of an issuer, its folded words where it has no key, or "" where none is named."""
    folded = fold(words)
    for key, _, written in _ISSUERS:
        if written.search(folded):
            return key
    office = _COUNTRY.sub("", folded).strip(" ,").casefold()
    return office if office and _OFFICE.match(office) else ""


def act_type(head: str, issuer: str = "", *, federal: bool = False) -> str:
    """Return the type in the one spelling, in the language of `head`; "" for an act of another country.

    `issuer` is what follows the head, as printed: "Ҳукумати ҶТ".  An issuer without a spelling of its own
    is kept as printed, without the country.
    """
    kind, is_tajik, names = _kind(fold(head))
    language = 0 if is_tajik else 1
    if short := _ABBREVIATED.get(fold(head)):
        return names[language] + (_REPUBLIC[language] if short == "law" else _named(short, language))
    key = "russia" if federal else _issuer(issuer)
    if key == "foreign":
        return ""
    if kind in _OF_THE_REPUBLIC:
        return names[language] + (_named(key, language) if key == "russia" else _REPUBLIC[language])
    if kind in _WITHOUT_ISSUER or not key:
        return _alone(kind, names[language], is_tajik=is_tajik)
    if (kind, key) == ("edict", "russia"):
        return names[language] + (" Президенти Русия", " Президента России")[language]
    if (kind, key) == ("decree", "russia"):
        return names[language] + (" Ҳукумати", " Правительства")[language] + _named(key, language)
    printed = " ".join(issuer[:len(_COUNTRY.sub("", fold(issuer)))].split()).strip(" ,")
    return names[language] + (_named(key, language) or " " + printed)


def _alone(kind: str, name: str, *, is_tajik: bool) -> str:
    """Return a type that stands without its issuer: without the ending that would join one."""
    return name[:-1] if is_tajik and kind not in ("joint order", "letter") else name


def _named(key: str, language: int) -> str:
    return next((names[language] for name, names, _ in _ISSUERS if name == key), "")


def family(type_: str) -> tuple[str, str]:
    """Return what two spellings of one type share: the kind and the issuer, each "" where it is not known."""
    folded = fold(type_)
    match = _START.match(folded)
    if match is None:
        return "", folded.casefold()
    kind, issuer = _kind(match[0])[0], _issuer(folded[match.end():])
    if kind in _OF_THE_REPUBLIC:
        return kind, issuer if issuer in ("russia", "foreign") else "republic"
    return kind, "" if kind in _WITHOUT_ISSUER else issuer


_START = pattern(rf"(?:{_HEAD})(?!\w)")
