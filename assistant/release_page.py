"""A diff as one page to read and to print: no script, nothing from elsewhere, every word of a document escaped.

What came is underlined and what went is struck through, so that it can be told on paper.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

from assistant.release_lines import BY_NAME, Part, gathered, headline, other_facts, pressing_facts, said, sizes
from corpora.suspicion import visible
from sync.counted import counted

_STYLE = """
:root { color-scheme: light }
body { font: 16px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; color: #1a1a1a; background: #fff; max-width: 60rem;
       margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .6rem; padding-bottom: .2rem; border-bottom: 2px solid #1a1a1a }
h3 { font-size: 1rem; margin: 1.2rem 0 .3rem }
p { margin: .3rem 0 }
table { border-collapse: collapse; width: 100%; table-layout: fixed }
th, td { text-align: left; vertical-align: top; padding: .45rem .6rem; border-top: 1px solid #bbb;
         overflow-wrap: anywhere }
thead th { border-top: 0; font-size: .85rem; color: #555 }
col.what { width: 28% }
ul { margin: .3rem 0; padding-left: 1.2rem }
li { margin: .2rem 0; overflow-wrap: anywhere }
b.value { display: block; font-size: 1.1rem }
ins { text-decoration: underline 2px; text-underline-offset: 3px; background: #e3f3e6; color: #0b4d1c }
del { text-decoration: line-through 2px; background: #fbe6e6; color: #7a1414 }
.stretch { border-left: 3px solid #bbb; padding-left: .8rem; margin: .5rem 0; overflow-wrap: anywhere }
.id, .note, footer { color: #555; font-size: .85rem; overflow-wrap: anywhere }
.warning { border: 2px solid #8a5a00; padding: .1rem 1rem .6rem; margin: 1rem 0 }
.wrong { border-left: 6px double #7a1414; padding-left: .6rem }
footer { margin-top: 2.5rem; border-top: 1px solid #bbb; padding-top: .6rem }
@media print {
  body { font-size: 10.5pt; margin: 0; max-width: none }
  tr, .stretch, .answer, li { break-inside: avoid }
  h2, h3 { break-after: avoid }
  ins, del { background: none; color: #000 }
}
"""
_HEAD = ("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
         "<meta name=\"viewport\" content=\"width=device-width\">\n")
_TYPES = {"required_papers": "papers", "legal_basis": "legal basis"}
_ENDS = {"valid_until": "ends", "review_by": "to be looked at again", "fact": "a fact ends"}
_MARKS = {"=": "{}", "-": "<del>{}</del>", "+": "<ins>{}</ins>"}
Plain = Mapping[str, Any]


def page(diff: Plain, sha256: str) -> str:
    """Return the page.  `sha256` is the hash that stands in what is signed."""
    title = _text(headline(diff))
    sections = [*_facts(pressing_facts(diff)), *_answers(diff["answers"]), *_warnings(diff), *_documents(diff),
                *_facts(other_facts(diff)), *_files(diff), *_doubts(diff), *_expiring(diff)]
    return "\n".join([
        f"{_HEAD}<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>",
        f"<h1>{title[:1].upper()}{title[1:]}</h1>", f"<p class=\"note\">{_summary(diff)}</p>",
        *(sections or ["<p>Nothing differs.</p>"]),
        f"<footer><p>{_text(sizes(diff))}</p><p>Hash of this comparison, as it is signed: {_text(sha256)}</p></footer>",
        "</body>\n</html>\n"])


def _summary(diff: Plain) -> str:
    found = diff.get("documents") or diff.get("files") or {}
    named = "document" if "documents" in diff else "file"
    changed = f", {len(found['changed'])} changed" if "changed" in found else ""
    answers = diff["answers"]
    asked = (f" {counted(answers['asked'], 'question')} asked: {answers['right']} answered rightly, "
             f"{answers['worse']} became wrong." if answers["asked"] else "")
    return _text(f"{counted(found['after'], named)}, {found['before']} before: {len(found['added'])} new, "
                 f"{len(found['removed'])} gone{changed}.{asked}")


def _facts(parts: Iterable[Part]) -> Iterator[str]:
    heads = "".join(f"<th scope=\"col\">{name}</th>" for name in ("What", "Before", "After"))
    for title, rows in parts:
        body = "\n".join(map(_fact, rows))
        yield (f"<h2>{title[0].upper()}{title[1:]}</h2>\n<table><colgroup><col class=\"what\"><col><col></colgroup>"
               f"<thead><tr>{heads}</tr></thead>\n<tbody>\n{body}\n</tbody></table>")


def _fact(row: Plain) -> str:
    kind = _TYPES.get(row["type"], row["type"])
    cells = "".join(f"<td>{_stated(row[side], tag, row['language'])}</td>" for side, tag in
                    (("before", "del"), ("after", "ins")))
    return (f"<tr><th scope=\"row\">{_text(kind)}<br>{_quoted(row['title'], row['language'])}"
            f"<br><span class=\"id\">{_text(row['document'])}</span></th>{cells}</tr>")


def _stated(fact: Plain | None, tag: str, language: str) -> str:
    if not fact:
        return "–"
    value = f"<b class=\"value\"><{tag}>{_text(said(fact))}</{tag}></b>" if said(fact) else ""
    return f"{value}{_quoted('«' + fact['quote'] + '»', language)}"


def _answers(found: Plain) -> Iterator[str]:
    if found["changed"]:
        yield "<h2>Answers that change</h2>"
        if found["allowed_worse"]:
            yield f"<p><b>Answers that become wrong were accepted, because:</b> {_text(found['allowed_worse'])}</p>"
        yield from map(_answer, found["changed"])
        if found["more"]:
            yield f"<p class=\"note\">and {found['more']:d} more</p>"
    if wrong := found.get("wrong", []):
        yield f"<h2>Not answered rightly: {len(wrong)}</h2>{_items(map(_wrong, wrong))}"


def _wrong(row: Plain) -> str:
    return (f"<span class=\"id\">{_text(row['qid'])}</span> {_text(row['question'])}<br>"
            f"{_text(row['claim'] or row['status'])}")


def _answer(row: Plain) -> str:
    before, after = row["before"], row["after"]
    worse = bool(before["right"] and not after["right"])
    mark = " <b>– becomes wrong</b>" if worse else ""
    said = "".join(f"<p><{tag}>{_text(one['claim'] or one['status'])}</{tag}>{'' if one['right'] else ' (wrong)'}</p>"
                   for tag, one in (("del", before), ("ins", after)))
    return f"<div class=\"answer{' wrong' if worse else ''}\"><h3>{_text(row['question'])}{mark}</h3>{said}</div>"


def _warnings(diff: Plain) -> Iterator[str]:
    grave = {kind: rows for kind, rows in gathered(diff["warnings"]).items() if kind not in BY_NAME}
    if grave:
        yield "<h2>Look at these before signing</h2>"
    for kind, rows in grave.items():
        items = _items(f"<span class=\"id\">{_text(row['document'])}</span> {_text(row['text'])}" for row in rows)
        yield f"<div class=\"warning\"><h3>{_text(kind)}: {len(rows)}</h3>{items}</div>"


def _doubts(diff: Plain) -> Iterator[str]:
    """Yield the warnings of which there may be one for each document."""
    for kind, rows in gathered(diff["warnings"]).items():
        if kind in BY_NAME:
            names = ", ".join(_text(row["document"]) for row in rows)
            yield f"<h2>Warning: {_text(kind)}, {counted(len(rows), 'document')}</h2><p class=\"id\">{names}</p>"


def _documents(diff: Plain) -> Iterator[str]:
    found = diff.get("documents", {"changed": [], "added": [], "removed": []})
    if found["changed"]:
        yield "<h2>Documents that changed</h2>"
        yield from map(_changed, found["changed"])
    for title, tag, rows in (("New documents", "ins", found["added"]), ("Documents that go", "del", found["removed"])):
        if rows:
            yield f"<h2>{title}</h2>{_items(_row(row, tag) for row in rows)}"


def _row(row: Plain, tag: str) -> str:
    return (f"<{tag}>{_quoted(row['title'], row['language'])}</{tag}> <span class=\"id\">{_text(row['id'])}, "
            f"{_text(counted(row['facts'], 'fact'))}</span>")


def _changed(row: Plain) -> str:
    fields = _items(f"{_text(one['field'])}: <del>{_value(one['before'])}</del> <ins>{_value(one['after'])}</ins>"
                    for one in row["fields"])
    stretches = "".join(f"<p class=\"stretch\" lang=\"{_text(row['language'])}\">{_marked(one)}</p>"
                        for one in row["text"])
    more = f"<p class=\"note\">and {_text(counted(row['more'], 'more place'))}</p>" if row["more"] else ""
    return (f"<h3>{_quoted(row['title'], row['language'])} <span class=\"id\">{_text(row['id'])}</span></h3>"
            f"{fields}{stretches}{more}")


def _marked(stretch: Sequence[Sequence[str]]) -> str:
    return " ".join(_MARKS[mark].format(_text(text)) for mark, text in stretch)


def _files(diff: Plain) -> Iterator[str]:
    found = diff.get("files", {"added": [], "removed": []})
    for title, rows in (("New files", found["added"]), ("Files that go", found["removed"])):
        if rows:
            named = (f"{_text(row.get('file', ''))} <span class=\"id\">{_text(row['sha256'][:8])}, "
                     f"{row['length']:,} bytes</span>" for row in rows)
            yield f"<h2>{title}</h2>{_items(named)}"


def _expiring(diff: Plain) -> Iterator[str]:
    if rows := diff.get("expiring", []):
        items = _items(f"<b>{_text(row['date'])}</b> {_ENDS[row['what']]}: {_text(row['title'])} "
                       f"<span class=\"id\">{_text(row['document'])}</span> {_text(row['quote'])}" for row in rows)
        yield f"<h2>Within 60 days</h2>{items}"


def _items(rows: Iterable[str]) -> str:
    listed = "".join(f"<li>{row}</li>" for row in rows)
    return f"<ul>{listed}</ul>" if listed else ""


def _quoted(text: str, language: str) -> str:
    return f"<span lang=\"{_text(language)}\">{_text(text)}</span>"


def _value(value: object) -> str:
    if isinstance(value, Mapping):
        return _text(" ".join(str(one) for one in value.values() if one))
    return _text(value or "–")


def _text(value: object) -> str:
    """Return words that can be shown in a page and do nothing in it; letters that hide or turn a line as "�"."""
    return escape(visible(str(value)), quote=True)
