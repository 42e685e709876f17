"""What a seed document says about itself: act, publisher, source, dates, status, certainty.

Rules only: it turns a source's front matter and its facts into metadata and into plain words in
Tajik or Russian.  It reads and writes no file.
"""

from __future__ import annotations

from datetime import date
from typing import Any

# The day the facts were gathered: the as-of date of a document whose source pages carry no date.
GATHERED = date(2026, 11, 23)
MONEY = {"fee", "benefit", "penalty"}
MONTHS = {
    "tg": ["январи", "феврали", "марти", "апрели", "майи", "июни", "июли", "августи", "сентябри", "октябри", "ноябри", "декабри"],
    "ru": ["января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"],
}
STATUS = {
    "tg": {"in_force": "амал мекунад", "superseded": "бо санади нав иваз шудааст", "void": "эътибор надорад",
           "not_yet_in_force": "ҳанӯз ба амал надаромадааст", "unknown": "маълум нест, пеш аз муроҷиат пурсед"},
    "ru": {"in_force": "действует", "superseded": "заменён новым актом", "void": "не действует",
           "not_yet_in_force": "ещё не вступил в силу", "unknown": "не известно, уточните перед обращением"},
}
CERTAINTY = {
    "tg": {"A": "маълумот аз манбаи расмӣ гирифта шудааст",
           "B": "маълумот аз хабар ё манбаи дуюм гирифта шудааст, на аз матни санад",
           "C": "қисми маълумот тасдиқ нашудааст ва дар матн чунин ишора шудааст"},
    "ru": {"A": "сведения взяты из официального источника",
           "B": "сведения взяты из новости или вторичного источника, а не из текста акта",
           "C": "часть сведений не подтверждена и так отмечена в тексте"},
}
ACT_TYPES = {
    "code": ("кодекси Ҷумҳурии Тоҷикистон", "кодекс Республики Таджикистан"),
    "law": ("қонуни Ҷумҳурии Тоҷикистон", "закон Республики Таджикистан"),
    "government decree": ("қарори Ҳукумати Ҷумҳурии Тоҷикистон", "постановление Правительства Республики Таджикистан"),
    "presidential decree": ("фармони Президенти Ҷумҳурии Тоҷикистон", "указ Президента Республики Таджикистан"),
    "constitutional law": ("қонуни конститутсионии Ҷумҳурии Тоҷикистон", "конституционный закон Республики Таджикистан"),
    "дастурамал": ("дастурамал", "инструкция"),
    "мактуби дастурӣ": ("мактуби дастурӣ", "инструктивное письмо"),
    "тартиб": ("тартиб", "порядок"),
    "фармоиши хадамоти алоқа": ("фармоиши Хадамоти алоқа", "приказ Службы связи"),
    "фармоиши хадамоти зиддиинҳисорӣ": ("фармоиши Хадамоти зиддиинҳисорӣ", "приказ Антимонопольной службы"),
    "фармоиши вазорат": ("фармоиши вазорат", "приказ министерства"),
    "фармоиши раиси кумитаи ҳифзи муҳити зист": (
        "фармоиши раиси Кумитаи ҳифзи муҳити зист", "приказ председателя Комитета по охране окружающей среды"),
    "фармоиши вкд": ("фармоиши Вазорати корҳои дохилӣ", "приказ Министерства внутренних дел"),
    "фармоиши муштарак": ("фармоиши муштарак", "совместный приказ"),
    "фармони президенти русия": ("фармони Президенти Русия", "указ Президента России"),
    "конвенсияи байналмилалӣ": ("конвенсияи байналмилалӣ", "международная конвенция"),
    "шартномаи байналмилалӣ": ("шартномаи байналмилалӣ", "международный договор"),
    "қарори кумитаи давлатии идораи замин ва геодезӣ": (
        "қарори Кумитаи давлатии идораи замин ва геодезӣ",
        "постановление Государственного комитета по землеустройству и геодезии"),
    "қарори раиси шаҳри душанбе": ("қарори Раиси шаҳри Душанбе", "постановление Председателя города Душанбе"),
    "қарори шӯрои вазирон": ("қарори Шӯрои Вазирон", "постановление Совета Министров"),
    "қарори ҳукумати федератсияи россия": (
        "қарори Ҳукумати Федератсияи Россия", "постановление Правительства Российской Федерации"),
}
ACT_TYPES |= {"кодекс": ACT_TYPES["code"], "қонуни ҷт": ACT_TYPES["law"],
              "қарори ҳукумати ҷт": ACT_TYPES["government decree"],
              "фармони президенти ҷт": ACT_TYPES["presidential decree"],
              "қонуни конститутсионии ҷт": ACT_TYPES["constitutional law"]}
UNVERIFIED = {"tg": "Тасдиқнашуда: ", "ru": "Не подтверждено: "}
WORDS = {
    "tg": {"short": "Матни тавзеҳӣ, на расмӣ. Вазъият: {status}. Маълумот ба ҳолати {as_of}.",
           "heading": "Дар бораи ин матн", "what": "Ин матн барои фаҳмондан навишта шудааст ва матни расмӣ нест.",
           "form": "Ин намуна барои шинос шудан аст; шакли расмиро аз мақомот гиред.",
           "act": "Санад: {act}.", "no_act": "Санад: дар манбаъ нишон дода нашудааст.",
           "publisher": "Мақоми масъул ё ношир: {publisher}.", "source": "Манбаъ: {url}",
           "status": "Вазъият: {status}.", "from": "Амал мекунад аз {date}.", "until": "Амал мекунад то {date}.",
           "as_of": "Маълумот ба ҳолати {date}.", "undated": "Саҳифаи манбаъ сана надорад; он то {date} дида шуд.",
           "review": "Бознигарӣ лозим аст то {date}.", "certainty": "Эътимод: {certainty}."},
    "ru": {"short": "Пояснительный текст, не официальный. Статус: {status}. Сведения на {as_of}.",
           "heading": "Об этом тексте", "what": "Этот текст написан для пояснения и не является официальным.",
           "form": "Этот образец дан для ознакомления; официальный бланк возьмите в учреждении.",
           "act": "Акт: {act}.", "no_act": "Акт: в источнике не указан.",
           "publisher": "Ответственный орган или издатель: {publisher}.", "source": "Источник: {url}",
           "status": "Статус: {status}.", "from": "Действует с {date}.", "until": "Действует до {date}.",
           "as_of": "Сведения на {date}.", "undated": "Страница источника без даты; просмотрена до {date}.",
           "review": "Пересмотреть до {date}.", "certainty": "Достоверность: {certainty}."},
}


def words_date(day: date, language: str) -> str:
    """Return the date as official texts write it: «13 июни соли 2014», «13 июня 2014 года»."""
    month = MONTHS[language][day.month - 1]
    return f"{day.day} {month} соли {day.year}" if language == "tg" else f"{day.day} {month} {day.year} года"


def metadata(front: dict[str, Any], facts: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the front matter completed by what its facts say.

    `as_of` is the newest date on a source page, else the day the facts were gathered.  Sums are to be
    reviewed by the end of that year, since the calculation indicator changes on 1 January; the rest
    after two years.
    """
    seen = [fact["seen_date"] for fact in facts if fact["seen_date"]]
    as_of = date.fromisoformat(_whole(max(seen))) if seen else GATHERED
    money = any(fact["type"] in MONEY for fact in facts)
    review = date(as_of.year, 12, 31) if money else as_of.replace(year=as_of.year + 2, day=min(as_of.day, 28))
    act = front.get("act") or next((fact["act"] for fact in facts if fact["act"]), None)
    done = {"source_url": facts[0]["source_url"], "confidence": max(fact["confidence"] for fact in facts),
            "as_of": as_of, "review_by": review, "dated": bool(seen)} | front
    if act:
        done["act"] = {key: str(act.get(key) or "") for key in ("type", "number", "date")}
        names = ACT_TYPES.get(done["act"]["type"].casefold())
        if names:
            done["act"]["type"] = names[0 if front["language"] == "tg" else 1]
    return done


def _whole(day: str) -> str:
    """Return an ISO date for "2018", "2018-07" or "2018-07-28"."""
    return (day + "-01-01"[len(day) - 4:])[:10] if len(day) < 10 else day[:10]


def partial_date(iso: str, language: str) -> str:
    """Return "2026-01" or "2026" as a phrase: «январи соли 2026», «января 2026 года»."""
    year, _, month = iso.partition("-")
    name = MONTHS[language][int(month) - 1] + " " if month else ""
    return f"{name}соли {year}" if language == "tg" else f"{name}{year} года"


def act_words(act: dict[str, str], language: str) -> str:
    """Return the act in one phrase, leaving out what is not known."""
    parts = [act["type"]]
    if len(act["date"]) == 10:
        day = words_date(date.fromisoformat(act["date"]), language)
        parts.append(f"аз {day}" if language == "tg" else f"от {day}")
    elif act["date"]:
        parts.append(("аз " if language == "tg" else "от ") + partial_date(act["date"], language))
    return " ".join(parts) + (f", № {act['number']}" if act["number"] else "")


def status_words(front: dict[str, Any]) -> str:
    """Return the status in words; a successor is spoken of only where one is known."""
    known = front["status"] != "superseded" or "superseded_by" in front
    return STATUS[front["language"]][front["status"] if known else "void"]


def short_face(front: dict[str, Any]) -> str:
    """Return the line under the title."""
    language = front["language"]
    return WORDS[language]["short"].format(status=status_words(front),
                                           as_of=words_date(front["as_of"], language))


def long_face(front: dict[str, Any], urls: list[str]) -> tuple[str, list[str]]:
    """Return the heading and the sentences of the closing section."""
    language = front["language"]
    words = WORDS[language]

    def day(name: str) -> str:
        return words_date(front[name], language)

    lines = [words["form" if front["kind"] == "form" else "what"]]
    lines.append(words["act"].format(act=act_words(front["act"], language)) if "act" in front else words["no_act"])
    lines.append(words["publisher"].format(publisher=front["publisher"]))
    lines += [words["source"].format(url=url) for url in urls]
    lines.append(words["status"].format(status=status_words(front)))
    lines += [words[key].format(date=day(name)) for key, name in (("from", "valid_from"), ("until", "valid_until"))
              if name in front]
    lines.append(words["as_of" if front["dated"] else "undated"].format(date=day("as_of")))
    lines.append(words["review"].format(date=day("review_by")))
    lines.append(words["certainty"].format(certainty=CERTAINTY[language][front["confidence"]]))
    return words["heading"], lines
