"""The words of offices that a plain text explains, in the order in which they are met.

Which words they are is told here; what they mean, in the words of `texts`.
"""

from __future__ import annotations

from assistant.texts import text
from corpora.dates import pattern
from corpora.numerals import lowered

_TERMS = tuple((key, pattern(rf"(?<!\w)(?:{words})")) for key, words in (
    ("indicator", r"нишондиҳанда\w*\s+барои\s+ҳисоб|показател\w+\s+для\s+расч"),
    ("targeted_assistance", r"(?:кумак|кӯмак)\w*\s+(?:иҷтимоии\s+)?унвон|адресн\w+\s+социальн\w+\s+помощ"),
    ("taxpayer_number", r"РМА(?!\w)|ИНН(?!\w)"), ("insurance_number", r"СИН(?!\w)"),
    ("civil_registry", r"САҲШ(?!\w)|ЗАГС"), ("jamoat", r"ҷамоат|джамоат"),
    ("insurance_record", r"собиқа\w*\s+суғурта|страхов\w+\s+стаж"),
    ("survivor", r"саробон\s?гумкарда|потер\w+\s+кормильц"),
    ("power_of_attorney", r"ваколатнома|доверенност"), ("account", r"суратҳисоб|(?:банковск\w+\s+)сч[её]т"),
    ("medical_examination", r"комисси\w*\s+тибби\w*\s+иҷтимо|ташхиси\s+тибби\w*\s+иҷтимо|медико-социальн"),
    ("higher_body", r"мақом\w*\s+боло|вышестоящ\w+\s+орган"),
))


def explained(said: str, language: str) -> tuple[str, ...]:
    """Return the explanation of each term that stands in a text, in the order of first mention."""
    small = lowered(said)
    places = ((match.start(), key) for key, finds in _TERMS if (match := finds.search(small)))
    return tuple(text(language, "card_term", key) for _, key in sorted(places))
