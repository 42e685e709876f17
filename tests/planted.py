"""Changes planted into the sentences of the sample notices: a sum, a day, a condition, a denial."""

from __future__ import annotations

import re

from assistant.revision import ChangeKind
from benchmarks.notices.samples import samples
from corpora.sentences import sentences as spans

_MONTHS = "январ|феврал|март|апрел|ма[йи]|июн|июл|август|сентябр|октябр|ноябр|декабр"
_SUM = re.compile(r"\b(\d+)(?= (?:сомон|нишондиҳанда|показател|фоиз|процент))")
_DAY = re.compile(rf"\b(\d{{1,2}})(?= (?:{_MONTHS}))")
_ASSERTED = re.compile(r"\b(мешав|мекун|медиҳ|мегир|дор)(?=ад\b|анд\b)")
_RUSSIAN = re.compile(r"\b(?=(?:подаётся|принимаются|принимается|выплачивается|назначается|действует)\b)")
EACH = 25


def sentences():
    """Return the sentences of the sample notices, each once."""
    lines = (re.sub(r"^(?:#+ |- |\d+(?:\.\d+)*\.? )", "", line) for one in samples() for line in one.lines
             if "|" not in line and ":" not in line)
    found = (line[start:end] for line in lines for start, end in spans(line))
    return list(dict.fromkeys(one for one in found if one.endswith(".") and len(one.split()) > 4))


def _other_number(match):
    return str(int(match[1]) % 28 + 1)


def _conditioned(sentence):
    for both, either in ((" ва ", " ё "), (" и ", " или ")):
        if both in sentence:
            return sentence.replace(both, either, 1)
    word = "Только " if re.search("[ыщэ]", sentence) else "Танҳо "
    return word + sentence[:1].lower() + sentence[1:]


PLANTS = {ChangeKind.AMOUNT: lambda one: _SUM.sub(_other_number, one, count=1),
          ChangeKind.DATE: lambda one: _DAY.sub(_other_number, one, count=1),
          ChangeKind.NEGATION: lambda one: _ASSERTED.sub(lambda match: "на" + match[1],
                                                         _RUSSIAN.sub("не ", one, count=1), count=1),
          ChangeKind.CONDITION: _conditioned}


def planted():
    """Return sentences, and by place the kind and the new words of each planted change."""
    old, changed = sentences(), {}
    for kind, plant in PLANTS.items():
        able = [at for at, one in enumerate(old) if at not in changed and plant(one) != one]
        step = max(len(able) // EACH, 1)
        changed |= {at: (kind, plant(old[at])) for at in able[::step][:EACH]}
    return old, changed
