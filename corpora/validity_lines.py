"""What the status lines of legal portals say: whether an act holds, from when and until when.

Reads lines such as "Ҳолати ҳуҷҷат: амалкунанда", "Санаи амалкунӣ: 01.01.2026", «Дата вступления в
силу», in Tajik and Russian, also with the value on the next line or in the next cell.  Running prose
is not read here, and nothing is decided about which source wins.
"""

from __future__ import annotations

import re
from itertools import zip_longest

from corpora.dates import read_dates

# Longer lines are prose that only mentions such words.
_LONGEST_LINE = 200
_WHOLE_DATE = 10
_LABELS = (
    ("status", r"(?:ҳолат|вазъ(?:ият)?)и?(?:\s+(?:ҳуҷҷат|санад|эътибор)и?)?|"
               r"(?:статус|состояние)(?:\s+(?:документа|акта))?"),
    ("adopted", r"санаи\s+(?:қабул(?:и\s+(?:ҳуҷҷат|санад))?|қабул\s+шудан|тасдиқ)|"
                r"дата\s+(?:принятия|утверждения|подписания)(?:\s+(?:документа|акта))?"),
    ("valid_from", r"санаи\s+(?:амал(?:\s*кун[иӣ]|и\s+(?:ҳуҷҷат|санад))?|эътибор\s+пайдо\s+кардан|"
                   r"мавриди\s+амал(?:\s+қарор\s+(?:додан|гирифтан))?|ба\s+қувва\s+даромадан)(?:и\s+(?:ҳуҷҷат|санад))?|мавриди\s+амал\s+аз|"
                   r"дата\s+(?:вступления\s+в\s+(?:законную\s+)?силу|введения\s+в\s+действие|начала\s+действия)"
                   r"(?:\s+(?:документа|акта))?"),
    ("valid_until", r"санаи\s+(?:аз\s+эътибор\s+соқит\s+(?:шудан|донистан)|қатъи?\s+амал|анҷоми\s+(?:амал|эътибор)|"
                    r"бекор\s+шудан|аз\s+даст\s+додани\s+эътибор)|эътибор\s+дорад\s+то|"
                    r"дата\s+(?:утраты\s+силы|прекращения\s+действия|окончания\s+действия|отмены)"
                    r"(?:\s+(?:документа|акта))?"),
)
_LABEL = re.compile("|".join(rf"(?P<{key}>{words})" for key, words in _LABELS), re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[:|=]|\s[–—-]\s)\s*|\s*$")
_STATUS = (
    ("not_yet_in_force", r"ҳанӯз|эътибор\s+пайдо\s+накардааст|не\s+вступил|ещ[её]\s+не"),
    ("void", r"бе\s*эътибор|аз\s+эътибор\s+соқит|қувваи\s+худро\s+гум|бекор\s+(?:шуда|карда)|амал\s*намекун|"
             r"ғайри\s*амал|утратил|недействующ|не\s+действу|отмен[её]н|прекратил"),
    ("superseded", r"иваз\s+(?:шуда|карда)|таҳрири\s+куҳна|замен[её]н|старая\s+редакция"),
    ("in_force", r"амал\s*кунанда|амал\s+мекунад|эътибор\s+дорад|дар\s+амал|действу(?:ет|ющ)|вступил\s+в\s+силу"),
)
_STATUSES = [(status, re.compile(words, re.IGNORECASE)) for status, words in _STATUS]


def status_lines(text: str) -> dict[str, str]:
    """Return what the lines say under the keys status, adopted, valid_from, valid_until; the first of each counts.

    Dates are ISO; status is a value of DocumentStatus.  A label whose value is not understood is left out.
    """
    found: dict[str, str] = {}
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    for line, below in zip_longest(lines, lines[1:], fillvalue=""):
        if len(line) > _LONGEST_LINE:
            continue
        for piece in re.split(r"\s*;\s+", line):
            for key, value in _pairs(piece, below):
                found.setdefault(key, value)
    return found


def _pairs(line: str, below: str) -> list[tuple[str, str]]:
    """Return the readings of one line: labels at its start or after a separator, each with its value."""
    marks = []
    for match in _LABEL.finditer(line):
        opens = match.start() == 0 or not line[match.start() - 1].isalnum()
        separator = _SEPARATOR.match(line, match.end())
        if opens and separator:
            marks.append((str(match.lastgroup), match.start(), separator.end()))
    if not marks or (marks[0][1] > 0 and line[:marks[0][1]].strip(" •–-|*№.0123456789)")):
        return []
    pairs = []
    for at, (key, _, start) in enumerate(marks):
        end = marks[at + 1][1] if at + 1 < len(marks) else len(line)
        value = line[start:end].strip(" |") or (below if at + 1 == len(marks) and not _LABEL.match(below) else "")
        if read := status_of(value) if key == "status" else iso_date(value):
            pairs.append((key, read))
    return pairs


def status_of(words: str) -> str:
    """Return the status a phrase names, as DocumentStatus has it, or an empty text."""
    return next((status for status, pattern in _STATUSES if pattern.search(words)), "")


def iso_date(words: str) -> str:
    """Return the first whole date of a phrase as ISO, or an empty text: "27.05.2020", "1 январи соли 2026"."""
    return next((found.iso for found in read_dates(words) if len(found.iso) == _WHOLE_DATE), "")
