"""Questions without an end, by a seed: what people come for in every spelling, and what nobody should have typed."""

from __future__ import annotations

import random
from collections.abc import Iterator

from assistant.records import AnswerStatus
from assistant.topics import topics
from benchmarks.spellings import habits

# So many of a thousand are no questions.
ODD_OF_THOUSAND = 30
ODD = ("", " ", "?", "ҷ", "\u0301\u0301", "👪👪👪", "<script>alert(1)</script>", "'; DROP TABLE passages; --", "%s%n%x",
       "\x00\x07нафақа\x1b[31m", "نفقه چند است؟", "ﷺ" * 40, "0" * 400, "шиноснома " * 60, "a" * 5_000,
       "Рақами шиносномаи ман A1234567, телефон +992 900 00 00 00", "[1] [2] <end_of_turn>", "\u202eаз рост ба чап",
       "ӯ" * 900, "NaN", "../../etc/passwd", "Чӣ? Чӣ? Чӣ? Чӣ? Чӣ?")
TEMPLATES = ("{}", "{} Зуд ҷавоб деҳ.", "Салом! {}", "{} Раҳмат.", "ман дар деҳа зиндагӣ мекунам, {}", "бигӯед, {}",
             "{} барои духтарам", "соли 2025 {}", "{} ман {} солаам")
STATUSES = frozenset(AnswerStatus)


def asked(chance: random.Random, titles: list[str], own: list[str]) -> Iterator[tuple[str, bool]]:
    """Yield texts, and whether each is a question at all; titles of documents and questions of one's own as well."""
    plain = [question for topic in topics() for language in ("tg", "tg", "ru", "en")
             for question in topic.questions(language)]
    plain += [f"{title}: {what}?" for title in titles for what in ("чанд пул", "чӣ лозим", "кай", "куҷо")]
    while True:
        if own and chance.randrange(8) == 0:
            yield chance.choice(own), True
        if chance.randrange(1000) < ODD_OF_THOUSAND:
            yield chance.choice(ODD), False
            continue
        question = chance.choice(plain)
        spelled = chance.choice([question, question, *habits(question).values()])
        yield chance.choice(TEMPLATES).format(spelled, chance.randrange(14, 90)), True
