"""Examples as the program would meet them: `python -m training.mini.found --data-dir FOLDER --out FILE`.

Each written question of the train part is asked in several spellings of an assistant over the seed, and what it finds
is the evidence: as it would be given to a model, and once more with what lay near.  The right sentence is the one that
states an expected fact; a question whose facts were not found is left out, one that nothing answers is answered `[0]`.
Figures are changed in most, as in `cases`.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from random import Random

from assistant import config as settings
from assistant.account import Account
from assistant.answer import Assistant
from assistant.encoders import open_encoder
from assistant.prompt import MAX_EVIDENCE
from assistant.records import Citation
from assistant.templates import unmarked
from assistant.update import current_snapshot
from benchmarks.spellings import habits
from index import Snapshot
from training.mini.draws import Case, Line, language_of
from training.mini.examples import SEED, Example, example, report, write
from training.mini.facts import Asked, asked, with_other_figures
from training.mini.frames import Stated

# How a Tajik question is spelled besides as it was written.
_STYLES = ("made: no letters", "made: Latin, chat", "made: one slip")
# How each fact is quoted by documents: language and quote.
Quotes = Mapping[str, Sequence[tuple[str, str]]]
# Years, places and who says so: what a short answer to a quote must keep.
_HELD = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)|хабар|расона|лоиҳа|пешниҳод|сообщ|прессы|проект|Душанбе", re.IGNORECASE)
_CHANGED, _COPIED = 0.6, 0.1           # shares: of answers with other figures, of answers that are the sentence itself


def found(assistant: Assistant, part: str, seed: int) -> Iterator[Example]:
    """Yield the examples of a part, no two with the same question and evidence."""
    chance, seen = Random(f"found {part} {seed}"), set()  # noqa: S311 - nothing secret
    quotes = _quotes_of(assistant.snapshot)
    for one in asked(part):
        for question, style in _spelled(one):
            account = assistant.account(question)
            for evidence in _given(account, chance):
                case = _case(one, (question, style), evidence, quotes, chance)
                made = case and example(part, case)
                if made and (made.question, made.evidence) not in seen:
                    seen.add((made.question, made.evidence))
                    yield made


def _spelled(one: Asked) -> Iterator[tuple[str, str]]:
    yield one.question, one.style
    if one.style == "proper" and language_of(one.question) == "tg":
        made = habits(one.question)
        yield from ((made[style], style) for style in _STYLES)


def _given(account: Account, chance: Random) -> Iterator[list[str]]:
    """Yield the evidence as a model is given it, then some of all that was considered, in another order."""
    evidence = account.evidence
    yield _quotes(evidence.citations)
    units = chance.sample(evidence.considered[:8], min(len(evidence.considered), chance.randint(2, MAX_EVIDENCE)))
    yield _quotes([citation for unit in units for citation in unit.citations])


def _quotes(citations: Sequence[Citation]) -> list[str]:
    return list(dict.fromkeys(unmarked(citation.quote) for citation in citations))[:MAX_EVIDENCE]


def _case(one: Asked, asking: tuple[str, str], evidence: list[str], quotes: Quotes,
          chance: Random) -> Case | None:
    """Return the case that a question and evidence make, None where it is not known what is right."""
    question, style = asking
    language = language_of(question)
    if not evidence or (not one.answered_by and language == "en"):
        return None
    if not one.answered_by:
        return Case("found_unanswered", question, language, style, one.service, tuple(evidence))
    telling = _telling(one, evidence, quotes)
    if telling is None:
        return None
    place, fact, source = telling
    if source == "tg" and chance.random() < _CHANGED:
        told, fact = fact.evidence[source], with_other_figures(fact, question, chance)
        evidence = [text.replace(told, fact.evidence[source]) for text in evidence]
    copied = chance.random() < _COPIED or not fact.answers.get(language)
    whole = (fact.evidence[source],) if source == language else ()
    short = [text for text in fact.answers.get(language, ()) if _keeps(text, fact.evidence[source])]
    ways = whole if copied else (*sorted(short, key=len), *whole)
    lines = (Line(ways, place),)
    return Case("found", question, language, style, one.service, tuple(evidence), lines) if ways else None


def _keeps(short: str, quote: str) -> bool:
    """Return whether a short answer keeps what the quote says of its time and of who says so."""
    told = {mark.casefold() for mark in _HELD.findall(quote)}
    return told <= {mark.casefold() for mark in _HELD.findall(short)}


def _telling(one: Asked, evidence: Sequence[str], quotes: Quotes) -> tuple[int, Stated, str] | None:
    """Return the first sentence that states a fact that answers: its place, the fact as it is quoted, its language."""
    return next(((place, replace(fact, evidence={source: quote}), source) for place, text in enumerate(evidence)
                 for fact in one.answered_by for source, quote in quotes.get(fact.subject, ()) if quote in text), None)


def _quotes_of(snapshot: Snapshot) -> Quotes:
    """Return how each fact is quoted, in which language."""
    quotes: dict[str, list[tuple[str, str]]] = {}
    for document in snapshot.documents():
        for fact in document.facts:
            quotes.setdefault(fact.id, []).append((document.language, unmarked(fact.quote)))
    return quotes


def main() -> None:
    """Ask everything, write what comes of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="where the seed corpus is built")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=SEED)
    chosen = parser.parse_args()
    config = settings.load(chosen.data_dir)
    snapshot, name = current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        made = list(found(Assistant(snapshot, name, date.today), "train", chosen.seed))
    write(made, chosen.out)
    print(*report(made, None), sep="\n")


if __name__ == "__main__":
    main()
