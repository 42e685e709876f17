"""The answer without any model: a short line where one is safe, the quotes it stands on, sums worked out from them.

This is what a machine without weights shows, and what stays when a model's draft fails.  Words of documents are
shown as they stand, whole sentences with the exception that follows them; only the mark of a lone list item is
left off.  Lines of our own come from reviewed templates (`templates`, `computation`) and hold no number that is
not in a quote or worked out from quotes.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from assistant.computation import computed
from assistant.evidence import Unit, answers, facts_of
from assistant.query import Query
from assistant.records import Citation, Claim, ClaimKind, Office
from assistant.stretches import Spans
from assistant.templates import frame, lead, topic
from assistant.texts import LANGUAGES
from assistant.verify import numbers
from corpora.sentences import sentences
from index import Snapshot
from index.terms import stems_of
from index.tokens import words

_ITEM = re.compile(r"^[–—•*-]\s+")
# A row of a table as text: "Кӣ: Аҳолӣ; Нарх: 2,60 сомонӣ".
_ROW = re.compile(r"^[^:;.!?]{2,60}: ([^;:]{2,80}); [^:;.!?]{2,80}: ")
# A sentence that limits the one before it is shown with it.
_EXCEPTION = re.compile(
    r"(?:Ин|Он)\s+(?:қоида|тартиб|меъёр|талабот|муқаррарот|имтиёз|ҳуқуқ|муҳлат)\w*\s[^.]*(?:дахл|татбиқ|паҳн|амал)\s+на|"
    r"(?:Ба\s+)?[Ии]стисно|(?:Ба\s+)?[Ғғ]айр\s+аз|(?:За\s+)?[Ии]сключени|Кроме\s|"
    r"(?:Это|Эти|Этот|Эта)\s[^.]*не\s+(?:распростран|примен|каса|действ|относ)|(?:Вале|Аммо|Лекин|Однако|Но)\s|"
    r"This (?:rule )?does not apply|Except")


def compose(query: Query, units: Sequence[Unit], snapshot: Snapshot, today: date) -> tuple[Claim, ...]:
    """Return the claims of an answer, in the order the question asks; none stands twice."""
    query = replace(query, language=query.language if query.language in LANGUAGES else LANGUAGES[0])
    units = _without_repeating_rows([_whole(unit) for unit in units])
    sums = computed(query, units, snapshot, today)
    claims: list[Claim] = []
    for unit in _as_asked(query, units):
        quoted = _new(_quoted(unit, sums), claims)
        told = [part for claim in quoted for part in _with_sums(claim, sums)]
        line = _line(query, unit, units) if told else None
        claims += [line, *told[1:], told[0]] if line else told
    return tuple(_framed(query, units, claims))


def missing(query: Query, units: Sequence[Unit], claims: Sequence[Claim] = (),
            office: Office | None = None) -> tuple[str, ...]:
    """Return the intents of a question that neither the evidence, nor a sum worked out, nor the office card meets.

    Words for papers and places also name the subject of a question; beside another intent they count as asked only
    in a part of their own.
    """
    certain = len(query.intents) == 1 or len(query.parts) > 1
    shown = _shown(claims, office)
    return tuple(name for name in query.asked_in_order
                 if name not in shown and not any(answers(unit, name) for unit in units)
                 and (certain or name not in ("which_papers", "where")))


def _shown(claims: Sequence[Claim], office: Office | None) -> set[str]:
    """Return the intents that a sum worked out or the office card meets."""
    met = {"how_much", "how_many"} if any(claim.computation for claim in claims) else set()
    return met | ({"where"} if office else set()) | {name for name in ("phone", "hours") if getattr(office, name, None)}


def altered_numbers(claim: Claim) -> tuple[str, ...]:
    """Return the numbers of a claim that are neither in its quotes, in digits or words, nor in its computation."""
    known = {number for citation in claim.citations for number in numbers(citation.quote)}
    if claim.computation:
        known |= set(numbers(f"{claim.computation.expression}; {claim.computation.value}"))
    return tuple(number for number in numbers(claim.text) if number not in known)


def _as_asked(query: Query, units: Sequence[Unit]) -> list[Unit]:
    """Return the units in the order of the intents their facts answer; the others after them, as they came.

    Where one figure is asked for, what has it comes first.
    """
    asked = query.asked_in_order
    if len(asked) == 1 and asked[0] in query.demands:
        return sorted(units, key=lambda unit: not answers(unit, asked[0]))

    def place(unit: Unit) -> int:
        return next((at for at, name in enumerate(asked) if unit.fact and unit.fact.type in facts_of(name)), len(asked))

    return sorted(units, key=place) if len(asked) > 1 else list(units)


def _line(query: Query, unit: Unit, units: Sequence[Unit]) -> Claim | None:
    """Return the line that may stand before a unit, None where none is safe or where its kind would be told twice.

    A quote in a language the asker may not read has a line of its own, whatever others have.
    """
    fact, citation = unit.fact, unit.citations[0]
    rivals = sum(1 for other in units if other.fact and fact and other.fact.type is fact.type)
    first = rivals == 1 and unit.hit.passage.id == units[0].hit.passage.id
    alone = len(unit.spans) == 1 and not any(_exceptions(citation))
    if not fact or not alone or not (first or unit.document.language != query.language):
        return None
    line = lead(query, fact, citation.quote, unit.document.language)
    claim = Claim(line, ClaimKind.FACT, (citation,)) if line else None
    return claim if claim and not altered_numbers(claim) else None


def _quoted(unit: Unit, sums: Collection[Citation]) -> Iterator[Claim]:
    """Yield the sentences of a unit as claims: a list is one, and so is a sentence with its exception.

    A list with sums to work out is told item by item, its opening with the first.
    """
    kind = ClaimKind.FACT if unit.fact else ClaimKind.EXTRACT
    cited = unit.citations
    listed = len(cited) > 1 and any(_ITEM.match(citation.quote) for citation in cited)
    opening = int(listed and not _ITEM.match(cited[0].quote))
    apart = not listed or any(citation in sums for citation in cited)
    groups = [cited[:opening + 1], *((citation,) for citation in cited[opening + 1:])] if apart else [cited]
    for group in groups:
        whole = (*group, *_exceptions(group[-1]))
        yield Claim(_said(whole), kind, whole)


def _with_sums(claim: Claim, sums: Mapping[Citation, Claim]) -> Iterator[Claim]:
    """Yield a claim and the sums worked out from its sentences."""
    yield claim
    yield from (sums[citation] for citation in claim.citations if citation in sums)


def _said(group: Sequence[Citation]) -> str:
    return _ITEM.sub("", group[0].quote) if len(group) == 1 else "\n".join(citation.quote for citation in group)


def _whole(unit: Unit) -> Unit:
    """Return a unit with each place widened to whole sentences."""
    lines = sentences(unit.hit.passage.text)
    touched = [[span for span in lines if span[0] < end and span[1] > start] or [(start, end)]
               for start, end in unit.spans]
    spans = tuple(dict.fromkeys((some[0][0], some[-1][1]) for some in touched))
    return replace(unit, spans=_cell(unit, spans) or spans)


def _cell(unit: Unit, spans: Spans) -> Spans:
    """Return the place of the fact's quote where it is a sentence in a cell of a table row, else nothing."""
    said = unit.hit.passage.text[slice(*spans[0])]
    quote = unit.fact.quote if unit.fact else ""
    if len(spans) > 1 or not quote.endswith(".") or not _ROW.match(said) or quote not in said or said.startswith(quote):
        return ()
    start = spans[0][0] + said.index(quote)
    return ((start, start + len(quote)),)


def _without_repeating_rows(units: Sequence[Unit]) -> list[Unit]:
    """Return the units without each row of a table whose numbers and subject a sentence among them tells as well."""
    told = [(set(numbers(unit.text)), stems_of(unit.text)) for unit in units if not _ROW.match(unit.text)]
    return [unit for unit in units if not _ROW.match(unit.text) or not any(_repeats(unit.text, *one) for one in told)]


def _repeats(row: str, known: Collection[str], stems: Collection[str]) -> bool:
    """Return whether a row has only known numbers, and most words of its first cell are known."""
    cell = [word for word in words(_ROW.sub(r"\1", row, count=1).split(";")[0]) if len(word) > 2]
    known_words = sum(not stems_of(word).isdisjoint(stems) for word in cell)
    return bool(numbers(row)) and set(numbers(row)) <= set(known) and known_words > len(cell) / 2


def _exceptions(last: Citation) -> Iterator[Citation]:
    """Yield the sentence right after a quote that says where it does not hold."""
    following = next((span for span in sentences(last.passage.text) if span[0] >= last.span[1]), None)
    said = last.passage.text[slice(*following)] if following else ""
    if following and _EXCEPTION.match(said) and not said.endswith(":"):
        yield Citation(last.passage, last.document, following)


def _new(claims: Iterable[Claim], told: Iterable[Claim]) -> list[Claim]:
    """Return the claims that say at least one line that was not told yet."""
    known = {line for claim in told for line in _lines(claim)}
    return [claim for claim in claims if not _lines(claim) <= known]


def _lines(claim: Claim) -> set[str]:
    return {" ".join(_ITEM.sub("", line).casefold().split()) for line in claim.text.split("\n")}


def _framed(query: Query, units: Sequence[Unit], claims: Sequence[Claim]) -> Iterator[Claim]:
    """Yield the claims; over quotes in another language than the question's, what they are about and which it is."""
    facts = {citation: unit.fact for unit in units for citation in unit.citations}
    source = query.language
    about = ""
    for claim in claims:
        document, fact = claim.citations[0].document, facts.get(claim.citations[0])
        said = topic(fact, query.language)
        if not _verbatim(claim):
            about = said                       # a line of ours has said what the quote behind it is about
        elif document.language != query.language:
            over = _over(said if said != about else "", document.language if document.language != source else "", query)
            source, about = document.language, said
            claim = replace(claim, text=f"{over}\n{claim.text}") if over else claim
        yield claim


def _over(about: str, source: str, query: Query) -> str:
    """Return the line over a quote: what it is about, in which language it is; each only where it is new."""
    if not source:
        return f"{about}:" if about else ""
    return f"{about}. {frame(source, query.language)}" if about else frame(source, query.language)


def _verbatim(claim: Claim) -> bool:
    return claim.text in "\n".join(citation.quote for citation in claim.citations)
