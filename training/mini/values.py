"""What official sentences speak of, drawn by chance, in Tajik and Russian: sums, periods, dates, offices, people.

None is a fact about a service: a model that learns to copy must not be able to know a value by heart.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Value = tuple[str, str]                # as it is written in Tajik, in Russian

MONTHS = (("январи", "января"), ("феврали", "февраля"), ("марти", "марта"), ("апрели", "апреля"), ("майи", "мая"),
          ("июни", "июня"), ("июли", "июля"), ("августи", "августа"), ("сентябри", "сентября"),
          ("октябри", "октября"), ("ноябри", "ноября"), ("декабри", "декабря"))
PAPERS = (
    ("ариза", "заявление"), ("нусхаи шиноснома", "копия паспорта"), ("расиди пардохт", "квитанция об оплате"),
    ("ду расми рангаи 3х4", "две цветные фотографии 3х4"), ("маълумотномаи ҷойи кор", "справка с места работы"),
    ("шартномаи иҷора", "договор аренды"), ("маълумотномаи тиббӣ", "медицинская справка"),
    ("нусхаи диплом", "копия диплома"), ("шаҳодатномаи таваллуд", "свидетельство о рождении"),
    ("шаҳодатномаи никоҳ", "свидетельство о браке"), ("ваколатнома", "доверенность"),
    ("тавсифнома", "характеристика"), ("дафтарчаи меҳнатӣ", "трудовая книжка"),
    ("розигии хаттии волидайн", "письменное согласие родителей"), ("билети ҳарбӣ", "военный билет"),
)
OFFICES = (
    ("ҷамоати маҳал", "джамоат"), ("шуъбаи САҲШ", "отдел ЗАГС"), ("Кумитаи андоз", "Налоговый комитет"),
    ("маркази хизматрасонии давлатӣ", "центр государственных услуг"),
    ("шуъбаи ҳифзи иҷтимоӣ", "отдел социальной защиты"), ("Вазорати адлия", "Министерство юстиции"),
    ("Вазорати маориф ва илм", "Министерство образования и науки"),
    ("мақомоти корҳои дохилӣ", "органы внутренних дел"), ("шуъбаи маорифи ноҳия", "районный отдел образования"),
    ("беморхонаи ноҳиявӣ", "районная больница"), ("Вазорати фарҳанг", "Министерство культуры"),
    ("Кумитаи кор бо ҷавонон", "Комитет по делам молодёжи"), ("китобхонаи миллӣ", "национальная библиотека"),
    ("Кумитаи ҳифзи муҳити зист", "Комитет по охране окружающей среды"),
    ("портали ягонаи хизматрасониҳо", "единый портал услуг"), ("суди ноҳия", "районный суд"),
)
PEOPLE = (
    ("донишҷӯён", "студентов"), ("муаллимон", "учителей"), ("духтурон", "врачей"), ("хонандагон", "школьников"),
    ("модарони танҳо", "одиноких матерей"), ("оилаҳои камбизоат", "малоимущих семей"),
    ("оилаҳои серфарзанд", "многодетных семей"), ("соҳибкорон", "предпринимателей"), ("деҳқонон", "дехкан"),
    ("шаҳрвандони хориҷӣ", "иностранных граждан"), ("шахсони дорои маъюбият", "лиц с инвалидностью"),
    ("ятимон", "сирот"), ("варзишгарон", "спортсменов"), ("нафақагирон", "пенсионеров"),
    ("бекорон", "безработных"), ("хизматчиёни давлатӣ", "государственных служащих"),
)
PLACES = (("Хуҷанд", "Худжанде"), ("Бохтар", "Бохтаре"), ("Кӯлоб", "Кулябе"), ("Душанбе", "Душанбе"),
          ("Истаравшан", "Истаравшане"), ("Панҷакент", "Пенджикенте"), ("Исфара", "Исфаре"), ("Хоруғ", "Хороге"))
WEEKDAYS = (("рӯзи душанбе", "в понедельник"), ("рӯзи чоршанбе", "в среду"), ("рӯзи ҷумъа", "в пятницу"))


def value(kind: str, chance: Random) -> Value:
    """Return a value of a kind: sum, period, date, papers, office, phone, hours, years, age, act, people or paper."""
    return _DRAWN[kind](chance)


def year(chance: Random) -> str:
    """Return a year that is past."""
    return str(chance.randint(2008, 2024))


def _sum(chance: Random) -> Value:
    if chance.random() < 0.12:
        count = chance.randint(5, 20)
        return f"{count} нишондиҳанда барои ҳисобҳо", f"{count} показателей для расчётов"
    whole = chance.choice((chance.randint(3, 99), chance.randint(10, 99) * 10, chance.randint(100, 999)))
    if chance.random() < 0.1:
        whole = chance.randint(10, 99) * 100
    digits = f"{whole:,}".replace(",", " ") + (f",{chance.randint(10, 95)}" if chance.random() < 0.15 else "")
    return f"{digits} сомонӣ", f"{digits} сомони"


def _period(chance: Random) -> Value:
    days = chance.randint(5, 20)
    return chance.choice(((f"{days} рӯзи корӣ", f"{days} рабочих дней"), (f"{days} рӯз", f"{days} дней"),
                          (f"{days + 10} рӯзи тақвимӣ", f"{days + 10} календарных дней"), ("як моҳ", "один месяц"),
                          ("се моҳ", "три месяца"), ("шаш моҳ", "шесть месяцев"), ("24 соат", "24 часа")))


def _date(chance: Random) -> Value:
    day, (tg, ru), of = chance.randint(1, 28), chance.choice(MONTHS), chance.randint(2025, 2029)
    if chance.random() < 0.3:
        return f"{day} {tg} соли {of}", f"{day} {ru} {of} года"
    return f"{day} {tg} {of}", f"{day} {ru} {of} года"


def _papers(chance: Random) -> Value:
    chosen = chance.sample(PAPERS, chance.randint(2, 5))
    return (", ".join(tg for tg, _ in chosen[:-1]) + f" ва {chosen[-1][0]}",
            ", ".join(ru for _, ru in chosen[:-1]) + f" и {chosen[-1][1]}")


def _phone(chance: Random) -> Value:
    def pair() -> str:
        return f"{chance.randint(10, 99)}-{chance.randint(10, 99)}"

    number = chance.choice((f"2{chance.randint(10, 39)}-{pair()}", f"(+992 37) 22{chance.randint(1, 7)}-{pair()}",
                            f"44-{chance.randint(600, 640)}-{pair()}", str(chance.randint(1201, 1599))))
    return number, number


def _hours(chance: Random) -> Value:
    start, end = chance.randint(7, 10), chance.randint(14, 19)
    tg, ru = chance.choice((("", ""), *WEEKDAYS))
    return f"{tg} аз соати {start} то {end}".strip(), f"{ru} с {start} до {end} часов".strip()


def _years(chance: Random) -> Value:
    count = chance.randint(5, 15)
    return chance.choice(((f"{count} сол", f"{count} лет"), ("як сол", "один год"), ("ду сол", "два года"),
                          ("се сол", "три года")))


def _age(chance: Random) -> Value:
    years = chance.choice((7, 14, 16, 18, 21, 35, 60))
    return f"{years}-солагӣ", f"{years} лет"


def _act(chance: Random) -> Value:
    day, (tg, ru), of, number = (chance.randint(1, 28), chance.choice(MONTHS), chance.randint(2005, 2025),
                                 chance.randint(12, 780))
    return f"{day} {tg} соли {of} № {number}", f"{day} {ru} {of} года № {number}"


_DRAWN: dict[str, Callable[[Random], Value]] = {
    "sum": _sum, "period": _period, "date": _date, "papers": _papers, "phone": _phone, "hours": _hours,
    "years": _years, "age": _age, "act": _act, "office": lambda chance: chance.choice(OFFICES),
    "people": lambda chance: chance.choice(PEOPLE), "paper": lambda chance: chance.choice(PAPERS[1:]),
}
