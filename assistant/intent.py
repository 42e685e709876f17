"""Whether what a question asks for is in a text: a sum for "how much", digits for "how long".

Rules over words; which intent a question has is read in `query`.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from assistant.verify import numbers
from corpora.records import Fact, FactType

FREE = re.compile(r"ройгон|бепул|маҷҷон|бесплатн|не взима|пулакӣ нест", re.IGNORECASE)
SUM = re.compile(
    r"(?:\d[\d \u00a0.,]*|\b(?:як|ду|се|чор|чаҳор|панҷ|шаш|ҳафт|ҳашт|нӯҳ|даҳ|ним|нисф|сад|ҳазор|од[ин]|дв|тр[ие]|пят|"
    r"шест|полов)\w*\W+)(?:%|(?:[\w/-]+\W+){0,3}?(?:сомон|дирам|доллар|рубл|нишондиҳанда|показател|фоиз|процент|евро|"
    r"баробар))", re.IGNORECASE)
_NUMERIC = ("how_long", "phone", "hours")
# Documents without typed facts are read by their words.
_TYPED = {
    "which_papers": re.compile(
        r"ҳуҷҷат|шаҳодатнома|шиноснома|маълумотнома|ариза|нусха|дафтарча|расид|варақа|документ|справк|паспорт|"
        r"свидетельств|заявлени|копи[яюи]|диплом", re.IGNORECASE),
    "where": re.compile(
        r"идора|вазорат|раёсат|мақомот|мақоми|шуъба|саҳш|ҷамоат|кӯча|сафорат|консул|марказ|агентӣ|хадамот|кумита|"
        r"сомона|портал|министерств|отдел|орган|загс|посольств|центр|агентств|управлени|комитет|сайт|\.tj\b",
        re.IGNORECASE),
}


def meets(intent: str, text: str, fact: Fact | None, wanted: Collection[FactType]) -> bool:
    """Return whether a text, or the fact it states, holds what is asked for; True where that cannot be told."""
    if intent == "how_much":
        return bool(SUM.search(text) or FREE.search(text))
    if intent in _NUMERIC:
        return bool(numbers(text))
    if intent not in _TYPED:
        return True
    return fact.type in wanted if fact else bool(_TYPED[intent].search(text))
