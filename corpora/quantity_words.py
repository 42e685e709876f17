"""Which words name a unit, a bound and what an amount is for one of, in Tajik, Russian and English.

Patterns are for text that went through `numerals.lowered`.  The more special unit stands before the plainer
one: a working day before a day.
"""

from __future__ import annotations

import re
from enum import StrEnum

from corpora.dates import pattern


class Unit(StrEnum):
    """The closed set of units."""

    SOMONI = "somoni"
    DIRHAM = "dirham"
    INDICATOR = "indicator"
    PERCENT = "percent"
    USD = "usd"
    EUR = "eur"
    RUB = "rub"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"
    WORKING_DAY = "working_day"
    CALENDAR_DAY = "calendar_day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"
    AGE = "age"


class Bound(StrEnum):
    """How the text bounds a quantity; "more than" counts as at least, "less than" as at most."""

    EXACT = "exact"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    RANGE = "range"


_TIME_TAIL = r"(?:а|аи|и|у|ю|е|ро|ҳо|ҳои|она|онаи|ина|инаи|аина|аинаи)?"
UNITS: tuple[tuple[Unit, re.Pattern[str]], ...] = tuple((unit, pattern(rf"\s?-?(?:{words})(?!\w)")) for unit, words in (
    (Unit.SOMONI, r"сомон\w{0,3}|сом\.|tjs|somonis?"),
    (Unit.DIRHAM, r"дирам\w{0,3}|дир\.|dirams?|dirhams?"),
    (Unit.INDICATOR, r"нишондиҳанда\w{0,4}(?:\s+(?:барои\s+)?ҳисоб\w*)?|(?:расч[её]тн\w+\s+)?показател\w+"
                     r"(?:\s+для\s+расч[её]т\w*)?|(?:calculation\s+)?indicators?"),
    (Unit.PERCENT, r"%|фоиз\w{0,4}|процент\w*|дарсад\w?|percent|per\s+cent"),
    (Unit.USD, r"\$|usd|долл?\w*(?:\s+(?:има|сша|америк\w+))?\.?|(?:us\s+)?dollars?"),
    (Unit.EUR, r"€|eur|евро\w?|euros?"),
    (Unit.RUB, r"₽|rub|рубл\w{0,3}(?:\s+рус[сӣ]\w*)?|руб\.?"),
    (Unit.WORKING_DAY, r"рӯз\w{0,3}\s+кор[ӣи]\w{0,2}|рабоч\w+\s+(?:дн\w+|день)|working\s+days?"),
    (Unit.CALENDAR_DAY, r"рӯз\w{0,3}\s+тақвим\w{0,3}|календарн\w+\s+(?:дн\w+|день)|calendar\s+days?"),
    (Unit.MINUTE, r"дақиқ\w{0,3}|минут\w{0,2}|minutes?"),
    (Unit.HOUR, rf"соат{_TIME_TAIL}|час(?:а|ов|у|ам)?|часовой|часов\w+|hours?"),
    (Unit.DAY, rf"(?:шабона)?рӯз{_TIME_TAIL}|дн(?:я|ей|и|ям|ями|ях)|день|дневн\w+|суток|сутки|days?"),
    (Unit.WEEK, r"ҳафта\w{0,4}|недел\w{1,3}|недельн\w+|weeks?"),
    (Unit.MONTH, rf"моҳ{_TIME_TAIL}|месяц\w{{0,3}}|месячн\w+|months?"),
    (Unit.AGE, r"сола|солаи|солаҳо|солаҳои|солагӣ\w{0,3}|солагии|летн\w+|летия|летию|years?\s+(?:old|of\s+age)"),
    (Unit.YEAR, r"сол(?:и|у|ро|ҳо|ҳои|она|ина)?|год(?:а|у|ом|ы|ам|овой|ичн\w+)?|лет|years?"),
))

_N = r"(?:\s+(?:аз|чем|than))?\s+$"
BOUNDS_BEFORE: tuple[tuple[Bound, re.Pattern[str]], ...] = tuple((bound, pattern(rf"(?<!\w)(?:{words}){_N}")) for
                                                                 bound, words in (
    (Bound.AT_LEAST, r"на\s+кам(?:тар)?|на\s+пасттар|камаш|ақаллан|ҳадди\s+ақалл?\w*|не\s+менее|не\s+меньше|не\s+ниже|"
                     r"не\s+раньше|не\s+ранее|не\s+моложе|минимум|как\s+минимум|at\s+least|not\s+less|на\s+пештар"),
    (Bound.AT_MOST, r"на\s+(?:беш|бештар|зиёд|зиёда|зиёдтар|болотар|дертар|дер)|не\s+более|не\s+больше|не\s+выше|"
                    r"не\s+позднее|не\s+позже|не\s+старше|не\s+(?:\w+\s+)?превы\w+|ҳадди\s+аксар|максимум|"
                    r"not\s+more|at\s+most|up\s+to|no\s+later"),
    (Bound.AT_LEAST, r"беш|бештар|зиёда?|зиёдтар|болотар|боло|калонтар|свыше|более|больше|выше|старше|more|over"),
    (Bound.AT_MOST, r"камтар|кам|пасттар|хурдтар|менее|меньше|ниже|моложе|младше|less|under|то|до|то\s+ба"),
))
# Of "more than 40": "аз 40 зиёд"; "40 зиёд карда мешавад" is a rise by 40.
ABOVE = pattern(r"\s(?:зиёд(?:тар)?|беш(?:тар)?|боло(?:тар)?)(?!\w)(?!\s+(?:карда|кард|шуд|гардид|мешав))")
BOUNDS_AFTER: tuple[tuple[Bound, re.Pattern[str]], ...] = (
    (Bound.AT_MOST, pattern(r"\s(?:зиёд\w*|беш\w*|боло)\s+(?:(?:буда|шуда)\s+наметавон\w+|набошад|нашавад|нест)")),
    (Bound.AT_LEAST, pattern(r"\s?(?:ва|и|and|ё|или)\s+(?:аз\s+он\s+)?(?:зиёда?|зиёдтар|беш|бештар|боло|болотар|"
                             r"более|больше|выше|старше|калонтар|more|over)(?!\w)")),
    (Bound.AT_MOST, pattern(r"\s?\((?:на\s+зиёд\w*|не\s+более|на\s+бештар)\)|\s(?:ва|и)\s+(?:аз\s+он\s+)?(?:кам|"
                            r"камтар|менее)(?!\w)")),
)

# Between the ends of "not less than 10 and not more than 1000".
AND_NOT_MORE = pattern(r"\s?,?\s?(?:ва|и|вале|но)?\s?(?:на\s+(?:беш|бештар|зиёда?|зиёдтар)\s+аз|не\s+более|"
                       r"не\s+больше|не\s+выше)\s?")

# A span of years, not an age, although it is said with "-сола" or "-летний".
SPAN_BEFORE = pattern(r"(?<!\w)(?!кӯдак|шахс|ҷавон|зан|мард|духтар|писар|ноболиғ|шаҳрванд|хонанда|маъюб|тифл|наврас|"
                      r"фарзанд|донишҷӯ|довталаб|син|падар|модар|аҳоли|одам|бача|гражд|лиц|дет|реб|юнош|мужчин|женщин|"
                      r"инвалид|подрост)[^\W\d]{3,}[иӣ]\s+$|(?<!\w)(?:муҳлат|шартнома|иҷозат|давра|виза|срок|догов|"
                      r"период)\w*\s+(?:\w+\s+)?$")
AGE_BEFORE = pattern(r"(?:(?<!\w)синн?(?:и|у|аш)?(?:\s+(?!собиқа|стаж|муҳлат)\w+){0,6}|возраст\w*(?:\s+(?:от|до|с|в|"
                     r"старше|моложе))?|достиг\w*|достиж\w*|исполни\w+|старше|моложе|младше|совершеннолет\w+\s*\(?|"
                     r"дет\w+\s+(?:до|от|с|старше)|реб[её]н\w+\s+(?:до|от|с)|лиц\w*\s+(?:до|от|с|старше)|"
                     r"граждан\w*\s+(?:до|от|с|старше)|ба\s+синни|мужчин\w*\s+(?:с|в|до)|женщин\w*\s+(?:с|в|до)|"
                     r"(?<!\w)с)\s+$")
PEOPLE = pattern(r"(?<!\w)(?:син|синн|возраст|гражд|шаҳрванд|мужчин|женщин|мард|зан|кӯдак|дет|юнош|ҷавон|лиц|"
                 r"подрост|шахс)\w*")
TERM = pattern(r"(?<!\w)(?:срок|муҳлат|мӯҳлат|лишен|заключ|маҳрум|ҳабс)\w*")


# What an amount can be for one of, in the order in which several are written.
PER_ORDER = ("kwh", "m3", "m2", "gcal", "mb", "kg", "km", "person", "hour", "day", "month", "year", "indicator")
_ONE_OF = (r"(?:(?P<kwh>квт\W{0,2}(?:соат|ч)\w*|киловатт\W?(?:соат|час)\w*)|(?P<m3>м³|м3|метри?\s+мукааб\w*|"
           r"куб\w*\s?метр\w*|кубометр\w*)|(?P<m2>м²|м2|метри?\s+мурабба\w*|кв\w*\.?\s?м(?:етр\w*)?)|(?P<gcal>гкал\w*|"
           r"гигакалори\w+)|(?P<mb>мб|мегабайт\w*)|(?P<kg>кг|килограм\w*)|(?P<km>км|километр\w*)|(?P<person>нафар\w*|"
           r"одам\w*|шахс\w*|кас|челов\w+)|(?P<hour>соат|час\w?)|(?P<day>рӯз|шабонарӯз|день|сутки)|(?P<month>моҳ|"
           r"месяц\w?)|(?P<year>сол|год\w?)|(?P<indicator>нишондиҳанда\w*|показател\w+))(?!\w)")
_FOR_EACH = r"(?:як|1|ҳар|ҳар\s+як|один|одного|одну|каждый|каждого|каждую)\s+"
PER_AFTER = (pattern(rf"\s?(?:/\s?|(?:барои|дар|аз|ба|за|в|на|с|для|ҳар)\s+(?:{_FOR_EACH})?){_ONE_OF}"),
             pattern(r"и?(?:\s+)?(?P<indicator>нишондиҳанда\w*|показател\w+)"),
             pattern(r"\s(?:(?P<month>моҳона|ежемесячно|ҳармоҳа)|(?P<year>солона|ҳарсола|ежегодно))(?!\w)"))
_PRICED = _ONE_OF[:_ONE_OF.index("(?P<mb>")].rstrip("|") + ")(?!\\w)"
PER_BEFORE = (pattern(rf"(?<!\w)(?:барои|за)\s+(?:1|як|один)\s+{_PRICED}(?=(?:\s+[^\W\d]+){{1,3}}\s+$)"),
              pattern(rf"(?<!\w)(?:барои|дар|аз|ба|за|в|с|ҳар)\s+(?:{_FOR_EACH}){_ONE_OF}\s+$"),
              pattern(r"(?<!\w)(?:(?P<month>моҳона|ҳар\s+моҳ|ежемесячно)|(?P<year>ҳар\s+сол|солона|ежегодно))\s+$"))
