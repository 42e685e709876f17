"""Which words of Tajik, Russian and English say a number.

All words are kept folded (`corpora.dates.fold`) and in small letters: "панч" for "панҷ".  One word at a time;
how words and digits make one number is told in `numerals`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from corpora.dates import fold

_HALF = Decimal("0.5")


def _table(words: str) -> dict[str, Decimal]:
    """Return the words of lines "value word word" with their values."""
    lines = (line.split() for line in fold(words).split("\n") if line.strip())
    return {word: Decimal(value) for value, *names in lines for word in names}


_TAJIK = _table("""
0 сифр
0.5 ним нисфи нисф
1 як
2 ду
3 се
4 чор чаҳор
5 панҷ
6 шаш
7 ҳафт
8 ҳашт
9 нӯҳ
10 даҳ
11 ёздаҳ
12 дувоздаҳ дуоздаҳ
13 сездаҳ сенздаҳ
14 чордаҳ чаҳордаҳ
15 понздаҳ
16 шонздаҳ
17 ҳабдаҳ ҳафдаҳ
18 ҳаждаҳ ҳаҷдаҳ ҳиждаҳ
19 нуздаҳ
20 бист
30 сӣ
40 чил чиҳил
50 панҷоҳ
60 шаст
70 ҳафтод
80 ҳаштод
90 навад
100 яксад
200 дусад дувист
300 сесад
400 чорсад чаҳорсад
500 панҷсад понсад
600 шашсад
700 ҳафтсад
800 ҳаштсад
900 нӯҳсад
""")
_RUSSIAN = _table("""
0 ноль нуль нуля ноля
0.5 половина половины половину половиной половине
1 один одна одно одного одной одному одну одним одном
1.5 полтора полторы полутора
2 два две двух двум двумя
3 три трех трем тремя
4 четыре четырех четырем четырьмя
5 пять пяти пятью
6 шесть шести шестью
7 семь семи
8 восемь восьми восемью восьмью
9 девять девяти девятью
10 десять десяти десятью
11 одиннадцать одиннадцати одиннадцатью
12 двенадцать двенадцати двенадцатью
13 тринадцать тринадцати тринадцатью
14 четырнадцать четырнадцати четырнадцатью
15 пятнадцать пятнадцати пятнадцатью
16 шестнадцать шестнадцати шестнадцатью
17 семнадцать семнадцати семнадцатью
18 восемнадцать восемнадцати восемнадцатью
19 девятнадцать девятнадцати девятнадцатью
20 двадцать двадцати двадцатью
30 тридцать тридцати тридцатью
40 сорок сорока
50 пятьдесят пятидесяти пятьюдесятью
60 шестьдесят шестидесяти шестьюдесятью
70 семьдесят семидесяти семьюдесятью
80 восемьдесят восьмидесяти восемьюдесятью
90 девяносто девяноста
100 сто ста
200 двести двухсот двумстам
300 триста трехсот тремстам
400 четыреста четырехсот
500 пятьсот пятисот
600 шестьсот шестисот
700 семьсот семисот
800 восемьсот восьмисот
900 девятьсот девятисот
""")
_RUSSIAN_ORDINALS = _table("""
1 перв
2 втор
4 четверт
5 пят
6 шест
7 седьм
8 восьм
9 девят
10 десят
11 одиннадцат
12 двенадцат
13 тринадцат
14 четырнадцат
15 пятнадцат
16 шестнадцат
17 семнадцат
18 восемнадцат
19 девятнадцат
20 двадцат
30 тридцат
40 сороков
50 пятидесят
60 шестидесят
70 семидесят
80 восьмидесят
90 девяност
100 сот
""")
_ENGLISH = _table("""
0 zero
0.5 half
1 one
2 two
3 three
4 four
5 five
6 six
7 seven
8 eight
9 nine
10 ten
11 eleven
12 twelve
13 thirteen
14 fourteen
15 fifteen
16 sixteen
17 seventeen
18 eighteen
19 nineteen
20 twenty
30 thirty
40 forty
50 fifty
60 sixty
70 seventy
80 eighty
90 ninety
""")
_ENGLISH_ORDINALS = _table("""
1 first
2 second
3 third
4 fourth
5 fifth
6 sixth
7 seventh
8 eighth
9 ninth
10 tenth
11 eleventh
12 twelfth
15 fifteenth
16 sixteenth
18 eighteenth
20 twentieth
30 thirtieth
""")
SCALES = _table("""
100 сад саду hundred
1000 ҳазор ҳазору ҳаз тысяча тысячи тысячу тысяч тысячам тысячами тыс thousand
1000000 миллион миллиону миллиона миллионов миллионам млн million
1000000000 миллиард миллиарду миллиарда миллиардов млрд billion
""")
WORDS = {**_ENGLISH, **_RUSSIAN, **_TAJIK}
_SIMPLE_TAJIK = {**_TAJIK, "сад": Decimal(100), "хазор": Decimal(1000)}
_ADJECTIVE = r"(?:ыи|ои|ая|ое|ого|ому|ым|ом|ую|ые|ых|ыми)"
_THIRD = re.compile(r"трет(?:ии|ья|ье|ьего|ьему|ьим|ьем|ью|ьи|ьих|ьеи)")
_RUSSIAN_ORDINAL = re.compile(rf"({'|'.join(sorted(_RUSSIAN_ORDINALS, key=len, reverse=True))}){_ADJECTIVE}")
_TAJIK_ORDINAL = re.compile(r"(\w+?)(?:[ую]|в+у)м(?:ин|и)?")
_COUNTED = re.compile(r"(\w+?)(?:то|та)")
_LINK = re.compile(r"[ую]")
# A number may open a longer word: шонздаҳсола, думоҳа, шестнадцатилетний.  "Якчанд" is several, "нимрӯз" is noon.
_TAJIK_COMPOUND = re.compile(r"(?!якчанд|нимруз)(\w+?)(?:сол|мох|руз|хафта|соат|нафар|чанд|фоиз|карат|хуҷра)")
_RUSSIAN_COMPOUND = re.compile(r"(\w+?)(?:летн|лети|годичн|месячн|дневн|недельн|часов|кратн|процентн|этажн)")
_OF_HALF = re.compile(r"пол(?=года|месяца|часа|дня)")
PREFIXES = {**_RUSSIAN, "одно": Decimal(1), "двух": Decimal(2), "трех": Decimal(3), "четырех": Decimal(4)}


@lru_cache(maxsize=20_000)
def word_value(word: str) -> tuple[Decimal, int, bool, bool] | None:
    """Return the number a folded word says beside those of `WORDS` and `SCALES`, or None.

    The number, how many letters say it, whether its ending leads on to another number, whether nothing may be added.
    """
    if word[-1:] in ("у", "ю") and (value := _SIMPLE_TAJIK.get(word[:-1])) is not None:
        return value, len(word), True, False
    if (value := ordinal(word)) is not None:
        return value, len(word), False, True
    if (value := _glued(word)) is not None:
        return value, len(word), False, False
    return _compound(word)


def ordinal(word: str) -> Decimal | None:
    """Return which one a folded word says: 2 for "дуюм" and "второго", or None; "дуто" (two pieces) counts too."""
    if word in _ENGLISH_ORDINALS:
        return _ENGLISH_ORDINALS[word]
    if _THIRD.fullmatch(word):
        return Decimal(3)
    if match := _RUSSIAN_ORDINAL.fullmatch(word):
        return _RUSSIAN_ORDINALS[match[1]]
    match = _TAJIK_ORDINAL.fullmatch(word) or _COUNTED.fullmatch(word)
    value = _SIMPLE_TAJIK.get(match[1]) if match else None
    return None if value == _HALF else value


def _glued(word: str) -> Decimal | None:
    """Return the sum of Tajik number words written as one: якуним, биступанҷ."""
    for link in _LINK.finditer(word):
        first, second = _SIMPLE_TAJIK.get(word[:link.start()]), _SIMPLE_TAJIK.get(word[link.end():])
        if first is not None and second is not None and second < first:
            return first + second
    return None


def _compound(word: str) -> tuple[Decimal, int, bool, bool] | None:
    if match := _OF_HALF.match(word):
        return _HALF, match.end(), False, True
    if (match := _TAJIK_COMPOUND.match(word)) and (value := _SIMPLE_TAJIK.get(match[1])) is not None:
        return value, match.end(1), False, True
    if (match := _RUSSIAN_COMPOUND.match(word)) and (value := _prefix(match[1])) is not None:
        return value, match.end(1), False, True
    return None


def _prefix(stem: str) -> Decimal | None:
    """Return the number of one or two Russian prefixes: шестнадцати, двадцатипяти."""
    if stem in PREFIXES:
        return PREFIXES[stem]
    for size in range(len(stem) - 2, 3, -1):
        tens, units = PREFIXES.get(stem[:size]), PREFIXES.get(stem[size:])
        if tens is not None and units is not None and units < 10 <= tens and tens % 10 == 0:
            return tens + units
    return None
