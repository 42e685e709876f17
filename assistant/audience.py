"""For whom a question is asked: a child, a pensioner, a foreigner.

Read from its words, in any spelling; nothing is concluded about the asker.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

from assistant.cues import cued, cues, said


class Audience(StrEnum):
    """Groups for whom rules differ, a closed set; their cues stand in `cues.toml` under the same names."""

    CHILD = "child"
    PENSIONER = "pensioner"
    DISABLED = "disabled"
    FOREIGNER = "foreigner"
    WIDOW = "widow"
    STUDENT = "student"
    ENTREPRENEUR = "entrepreneur"
    PREGNANT = "pregnant"
    LEGAL_ENTITY = "legal_entity"
    MIGRANT = "migrant"
    VETERAN = "veteran"
    LOW_INCOME = "low_income"
    UNEMPLOYED = "unemployed"
    ORPHAN = "orphan"


def audiences(keys: Sequence[str]) -> tuple[Audience, ...]:
    """Return whom the folded words of a question speak of, in the order of the table."""
    return tuple(Audience(name) for name in said(keys, "audience"))


def audience_words(keys: Sequence[str]) -> set[int]:
    """Return the places of the words that say for whom."""
    return {place for _, some in cues("audience") for place in cued(keys, some)}
