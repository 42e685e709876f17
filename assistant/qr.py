"""The short of an answer as a QR code that holds the words themselves, since a kiosk may have no network.

At most 300 characters, so that an old phone reads it: what was answered, from which source, of which day, whom to
call.  Claims that do not fit are left out whole, with a sign; the day, the source and that there is a warning never.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from assistant.cited import Cited, cited
from assistant.records import Answer, AnswerStatus
from assistant.texts import date_words, text

MOST_LETTERS = 300
MOST_BYTES = 520                       # of a code of version 15 at level L (ISO 18004)
_CUT = "…"
QUIET = 4                              # modules of white around a code (ISO 18004)


def essentials(answer: Answer, numbered: Sequence[str] = ()) -> str:
    """Return the words that go into the code; `numbered` are passages whose numbers were given out before."""
    ends = _ends(answer, cited(answer, numbered))
    first, *more = _said(answer)
    while not _fits(f"{first} {_CUT}" if more else first, ends):
        first, more = _shorter(first), []
    for words in more:
        if not _fits(f"{first} {words} {_CUT}", ends):
            first += f" {_CUT}"
            break
        first += f" {words}"
    return f"{first}\n{ends}"


def _fits(said: str, ends: str) -> bool:
    whole = f"{said}\n{ends}"
    return len(whole) <= MOST_LETTERS and len(whole.encode()) <= MOST_BYTES


def modules(words: str) -> list[bytearray]:
    """Return a QR code row by row, 1 for a black module, without the white around it."""
    import segno

    return [bytearray(row) for row in segno.make(words, error="l", boost_error=False, micro=False).matrix]


def code(words: str) -> str:
    """Return a QR code as SVG for a page: a picture of black on white, without any style of its own."""
    import segno

    kept = io.BytesIO()
    made = segno.make(words, error="l", boost_error=False, micro=False, encoding="utf-8")
    made.save(kept, kind="svg", xmldecl=False, omitsize=True, border=QUIET, light="#fff", dark="#000", svgclass="qr",
              lineclass=None)
    return kept.getvalue().decode()


def _said(answer: Answer) -> list[str]:
    """Return what is answered, claim by claim; the outcome in words before what is not simply an answer."""
    status = text(answer.language, "status", answer.status)
    if not answer.claims:
        return [answer.clarify.question if answer.clarify else status]
    claims = [claim.text.replace("\n", " ") for claim in answer.claims]
    return claims if answer.status is AnswerStatus.ANSWERED else [f"{status} {claims[0]}", *claims[1:]]


def _shorter(words: str) -> str:
    """Return the words without their last one, and a sign that they go on."""
    kept = words.removesuffix(_CUT).rstrip().rpartition(" ")[0].rstrip(" ,;:–—")
    return f"{kept or words[:max(1, len(words) // 2)]}{_CUT}"


def _ends(answer: Answer, sources: Sequence[Cited]) -> str:
    """Return what always stands in the code: a warning, the first source, the day, a telephone."""
    language = answer.language
    lines = [text(language, "take", "short_warning")] if answer.warnings or answer.conflicts else []
    if answer.claims:
        passage = answer.claims[0].citations[0].passage
        first = next(one for one in sources if one.passage.id == passage.id)
        act, page = first.document.act, first.passage.locator.page
        name = f"{act.type} № {act.number}" if act and act.number else first.document.title
        place = f", {text(language, 'label', 'page', page=page)}" if page else ""
        lines.append(f"[{first.number}] {name[:70]}{place}")
    lines.append(text(language, "label", "as_of", date=date_words(answer.as_of.isoformat(), language)))
    if answer.office and answer.office.phone:
        lines.append(f"{text(language, 'label', 'phone')}: {answer.office.phone[:60]}")
    return "\n".join(lines)
