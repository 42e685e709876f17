"""A diff for people at a terminal: amounts and dates first, then texts, answers, warnings and bytes.

Long lists are cut and say so; the page and the object have all.  Letters that could move a cursor are not printed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from assistant.release_rules import WarningKind
from corpora.records import FactType
from corpora.suspicion import visible
from sync.counted import counted

_MOST, _NAMED = 20, 6
_AMOUNTS_AND_DATES = (FactType.FEE, FactType.BENEFIT, FactType.PENALTY, FactType.DEADLINE, FactType.DURATION,
                      FactType.VALIDITY)
# Of these a name says it all, and there may be hundreds.
BY_NAME = (WarningKind.REVIEW, WarningKind.CONFIDENCE)
_PIECES = {"=": "{}", "-": "[-{}-]", "+": "{{+{}+}}"}
_ENDS = {"valid_until": "ends", "review_by": "is to be looked at again", "fact": "a fact ends"}
Plain = Mapping[str, Any]
Part = tuple[str, list[Plain]]


def diff_lines(diff: Plain) -> list[str]:
    """Return the lines of a diff."""
    found = [headline(diff), *_facts(diff), *_documents(diff), *_files(diff), *_answers(diff), *_warnings(diff),
             *_expiring(diff), sizes(diff)]
    return [visible(line) for line in found]


def headline(diff: Plain) -> str:
    """Return what is compared with what."""
    over = f"after release {diff['before']}" if diff["before"] is not None else "the first one"
    return f"release {diff['number']} of {diff['publisher']}, {over}, on {diff['day']}"


def sizes(diff: Plain) -> str:
    """Return what is published, and what one machine fetches."""
    size = diff["size"]
    deltas = ", ".join(f"{one['length']:,}" for one in size["deltas"]) or "none"
    return (f"bytes: {size['pack']:,} packed, {size['compressed']:,} compressed; deltas: {deltas}; a machine fetches "
            f"{size['fetched']:,}, a new one {size['fetched_anew']:,}")


def is_urgent(fact: Plain) -> bool:
    """Return whether it is an amount or a date that changed."""
    return fact["type"] in _AMOUNTS_AND_DATES


def said(fact: Plain | None) -> str:
    """Return the value of a fact with its unit, its days where it has any; nothing where there was no such fact."""
    if not fact:
        return ""
    days = "".join(f", {word} {fact[name]}" for name, word in (("valid_from", "from"), ("valid_until", "until"))
                   if fact[name])
    return f"{fact['value']} {fact['unit']}".strip() + days


def pressing_facts(diff: Plain) -> list[Part]:
    """Return the facts that are looked at first, with their titles: all that changed, and amounts that come and go."""
    kept, came, gone = (_parted(rows) for rows in _by_document(diff))
    return _filled([("amounts and dates that changed", kept[0]), ("amounts and dates in new documents", came[0]),
                    ("amounts and dates in documents that go", gone[0]), ("other facts that changed", kept[1])])


def other_facts(diff: Plain) -> list[Part]:
    """Return the other facts that come and go with their documents, with their titles."""
    _, came, gone = (_parted(rows) for rows in _by_document(diff))
    return _filled([("other facts in new documents", came[1]), ("other facts in documents that go", gone[1])])


def sides(row: Plain) -> Iterator[str]:
    """Yield how a question is answered before and after."""
    for mark, one in (("-", row["before"]), ("+", row["after"])):
        yield f"    {mark} {one['claim'] or one['status']}{'' if one['right'] else '  (wrong)'}"


def gathered(warnings: Sequence[Plain]) -> dict[str, list[Plain]]:
    """Return the warnings by their kind, the graver kinds first."""
    known = {str(kind): [one for one in warnings if one["kind"] == kind] for kind in WarningKind}
    others = [one for one in warnings if one["kind"] not in known]
    return {kind: rows for kind, rows in (known | {"other": others}).items() if rows}


def _facts(diff: Plain) -> Iterator[str]:
    for title, rows in pressing_facts(diff):
        yield f"{title}: {len(rows)}"
        yield from _cut([line for one in rows[:_MOST] for line in _fact(one)], len(rows))
    for title, rows in other_facts(diff):
        yield f"{title}: {len(rows)}; --html or --json has them"


def _by_document(diff: Plain) -> tuple[list[Plain], list[Plain], list[Plain]]:
    """Return the facts of documents that stay, of new ones and of those that go."""
    facts = diff.get("facts", [])
    came, gone = ({row["id"] for row in diff["documents"][kind]} if facts else set() for kind in ("added", "removed"))
    return ([one for one in facts if one["document"] not in came | gone],
            [one for one in facts if one["document"] in came], [one for one in facts if one["document"] in gone])


def _parted(facts: Sequence[Plain]) -> tuple[list[Plain], list[Plain]]:
    return [one for one in facts if is_urgent(one)], [one for one in facts if not is_urgent(one)]


def _filled(parts: Sequence[Part]) -> list[Part]:
    return [(title, rows) for title, rows in parts if rows]


def _fact(row: Plain) -> Iterator[str]:
    yield f"  {row['type']}, {row['document']}: {said(row['before']) or '–'} → {said(row['after']) or '–'}"
    for mark, fact in (("-", row["before"]), ("+", row["after"])):
        if fact:
            yield f"    {mark} «{fact['quote']}»"


def _documents(diff: Plain) -> Iterator[str]:
    if "documents" not in diff:
        return
    found = diff["documents"]
    yield (f"documents: {found['after']}, before {found['before']}; {len(found['added'])} new, "
           f"{len(found['removed'])} gone, {len(found['changed'])} changed")
    for mark, rows in (("+", found["added"]), ("-", found["removed"])):
        yield from _cut([f"  {mark} {row['id']}  {row['title']}" for row in rows[:_MOST]], len(rows))
    rows = found["changed"]
    yield from _cut([line for row in rows[:_MOST] for line in _changed(row)], len(rows))


def _changed(row: Plain) -> Iterator[str]:
    yield f"  ~ {row['id']}  {row['title']}"
    for one in row["fields"]:
        yield f"      {one['field']}: {_value(one['before'])} → {_value(one['after'])}"
    for stretch in row["text"]:
        yield "      " + " ".join(_PIECES[mark].format(text) for mark, text in stretch)
    if row["more"]:
        yield f"      and {row['more']} more"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return " ".join(str(one) for one in value.values() if one)
    return str(value or "–")


def _files(diff: Plain) -> Iterator[str]:
    if "files" not in diff:
        return
    found = diff["files"]
    yield (f"files: {found['after']}, before {found['before']}; {len(found['added'])} new, "
           f"{len(found['removed'])} gone")
    for mark, rows in (("+", found["added"]), ("-", found["removed"])):
        listed = [f"  {mark} {row['sha256'][:8]}  {row.get('file', '')}  {row['length']:,} bytes"
                  for row in rows[:_MOST]]
        yield from _cut(listed, len(rows))


def _answers(diff: Plain) -> Iterator[str]:
    found = diff["answers"]
    if not found["asked"]:
        return
    before = "" if found["right_before"] is None else f", {found['right_before']} before"
    yield (f"answers: {counted(found['asked'], 'question')}, {found['right']} right{before}; "
           f"{len(found['changed']) + found['more']} changed, {found['worse']} became wrong")
    if found["allowed_worse"]:
        yield f"  accepted, because: {found['allowed_worse']}"
    lines = [line for row in found["changed"][:_MOST] for line in _answer(row)]
    yield from _cut(lines, len(found["changed"]) + found["more"])
    if wrong := found.get("wrong", []):
        yield f"not answered rightly: {len(wrong)}"
        yield from _cut([line for row in wrong[:_MOST] for line in _wrong(row)], len(wrong))


def _wrong(row: Plain) -> Iterator[str]:
    yield f"  {row['qid']}: {row['question']}"
    yield f"      {row['claim'] or row['status']}"


def _answer(row: Plain) -> Iterator[str]:
    worse = row["before"]["right"] and not row["after"]["right"]
    yield f"  {'! ' if worse else ''}{row['question']}"
    yield from sides(row)


def _expiring(diff: Plain) -> Iterator[str]:
    if rows := diff.get("expiring", []):
        yield f"ends, or is to be looked at again, within 60 days: {len(rows)}"
        yield from (f"  {row['date']}  {row['document']}: {_ENDS[row['what']]}" for row in rows[:_NAMED])
        if len(rows) > _NAMED:
            yield f"  and {len(rows) - _NAMED} more"


def _warnings(diff: Plain) -> Iterator[str]:
    for kind, rows in gathered(diff["warnings"]).items():
        yield f"! {kind}: {len(rows)}"
        if kind in BY_NAME:
            names = ", ".join(row["document"] for row in rows[:_NAMED])
            yield f"    {names}{' and others' if len(rows) > _NAMED else ''}"
        else:
            yield from _cut([f"    {row['document'] or 'all'}: {row['text']}" for row in rows[:_MOST]], len(rows))


def _cut(lines: list[str], whole: int) -> Iterator[str]:
    yield from lines
    if whole > _MOST:
        yield f"  and {whole - _MOST} more; --html or --json has all"
