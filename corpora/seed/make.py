"""Render the seed's sources to real files: `python corpora/seed/make.py`.

Each source under `sources/` becomes one PDF, HTML, Markdown or text file under `documents/`, with its
metadata beside it; then `make_forms` draws the forms that can be filled.  The same sources give the same bytes.
PDF needs fpdf2 and the font Noto Sans (Debian: fonts-noto-core); the rest needs Python alone.
"""

from __future__ import annotations

import html
import json
import re
import sys
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from face import UNVERIFIED, long_face, metadata, short_face  # noqa: E402

FONTS = Path("/usr/share/fonts/truetype/noto")
PLACEHOLDER = re.compile(r"\{([A-Z]{2}-\d{3})(?:\|([^{}]*))?\}")
PLAIN_KEYS = ["id", "title", "publisher", "language", "kind", "service", "source_url", "status", "valid_from",
              "valid_until", "as_of", "review_by", "confidence", "superseded_by"]


@dataclass(frozen=True)
class Block:
    """One piece of a document: kind is title, face, h2, h3, p, li or row (cells joined by `|`)."""

    kind: str
    text: str


@dataclass(frozen=True)
class Source:
    """One source file read: completed front matter, blocks, and the fact sentences in it."""

    front: dict[str, Any]
    blocks: list[Block]
    quotes: list[tuple[dict[str, Any], str]]


def load_facts() -> dict[str, dict[str, Any]]:
    """Return every fact by its id."""
    lines = [line for path in sorted((HERE / "facts").glob("*.jsonl")) for line in path.open(encoding="utf-8")]
    return {fact["id"]: fact for fact in map(json.loads, lines)}


def read_source(path: Path, facts: dict[str, dict[str, Any]]) -> Source:
    """Return the source with its placeholders replaced by the facts' sentences."""
    _, head, body = path.read_text(encoding="utf-8").split("+++\n", 2)
    front = tomllib.loads(head)
    quotes: list[tuple[dict[str, Any], str]] = []

    def say(match: re.Match[str]) -> str:
        fact = facts[match[1]]
        words = match[2] or fact["statement_" + front["language"]]
        if fact["confidence"] == "C":
            words = UNVERIFIED[front["language"]] + words
        quotes.append((fact, words))
        return words

    blocks = parse(PLACEHOLDER.sub(say, body))
    used = [fact for fact, _ in quotes]
    front = metadata(front, used)
    urls = list(dict.fromkeys([front["source_url"], *(fact["source_url"] for fact in used)]))
    heading, lines = long_face(front, [url for url in urls if url][:5])
    top = [Block("title", front["title"]), Block("face", short_face(front))]
    return Source(front, [*top, *blocks, Block("h2", heading), *(Block("p", line) for line in lines)], quotes)


def parse(body: str) -> list[Block]:
    """Return the blocks of a Markdown body: headings, list items, table rows, paragraphs."""
    blocks: list[Block] = []
    for part in re.split(r"\n\s*\n", body.strip()):
        lines = [line.strip() for line in part.split("\n") if line.strip()]
        plain: list[str] = []
        for line in lines:
            kind, text = kind_of(line)
            if kind == "p":
                plain.append(text)
                continue
            if plain:
                blocks.append(Block("p", " ".join(plain)))
                plain = []
            if kind:
                blocks.append(Block(kind, text))
        if plain:
            blocks.append(Block("p", " ".join(plain)))
    return blocks


def kind_of(line: str) -> tuple[str, str]:
    """Return the kind of a line and its text; an empty kind for a table's rule."""
    if re.fullmatch(r"[|\s:-]+", line):
        return "", ""
    for mark, kind in (("### ", "h3"), ("## ", "h2"), ("# ", "h2"), ("- ", "li"), ("* ", "li")):
        if line.startswith(mark):
            return kind, line[len(mark):].strip()
    if line.startswith("|"):
        return "row", "|".join(cell.strip() for cell in line.strip("|").split("|"))
    return "p", line


def to_markdown(source: Source) -> str:
    """Return the document as Markdown."""
    marks = {"title": "# {}\n", "face": "*{}*\n", "h2": "\n## {}\n", "h3": "\n### {}\n", "p": "{}\n", "li": "- {}"}
    out: list[str] = []
    before = ""
    for block in source.blocks:
        if before in ("li", "row") and block.kind != before:
            out.append("")
        if block.kind == "row":
            out.append("| " + block.text.replace("|", " | ") + " |")
            if before != "row":
                out.append("| " + " | ".join("---" for _ in block.text.split("|")) + " |")
        else:
            out.append(marks[block.kind].format(block.text))
        before = block.kind
    return "\n".join(out).rstrip() + "\n"


def to_text(source: Source) -> str:
    """Return the document as plain text."""
    shapes = {"title": "{}\n", "face": "{}\n", "h2": "\n{}\n", "h3": "\n{}\n", "p": "{}\n", "li": "– {}"}
    lines = [shapes[block.kind].format(block.text) if block.kind != "row" else " – ".join(block.text.split("|"))
             for block in source.blocks]
    return "\n".join(lines).rstrip() + "\n"


def to_html(source: Source) -> str:
    """Return the document as a page with a little of a site around it."""
    front, tags = source.front, {"title": "h1", "h2": "h2", "h3": "h3", "p": "p"}
    out: list[str] = []
    before = ""
    for block in source.blocks:
        for kind, tag in (("li", "ul"), ("row", "table")):
            if before == kind and block.kind != kind:
                out.append(f"</{tag}>")
            if block.kind == kind and before != kind:
                out.append(f"<{tag}>")
        out.append(html_block(block, first=before != "row", tags=tags))
        before = block.kind
    body = "\n".join(out)
    return (f'<!DOCTYPE html>\n<html lang="{front["language"]}">\n<head><meta charset="utf-8">\n'
            f"<title>{html.escape(front['title'])}</title></head>\n<body>\n<nav><a href=\"/\">Роҳнамо</a></nav>\n"
            f"<main>\n<article>\n{body}\n</article>\n</main>\n</body>\n</html>\n")


def html_block(block: Block, *, first: bool, tags: dict[str, str]) -> str:
    """Return one block as HTML."""
    text = html.escape(block.text, quote=False)
    if block.kind == "row":
        cell = "th" if first else "td"
        return "<tr>" + "".join(f"<{cell}>{part}</{cell}>" for part in text.split("|")) + "</tr>"
    if block.kind == "li":
        return f"<li>{text}</li>"
    if block.kind == "face":
        return f'<p class="face"><em>{text}</em></p>'
    return f"<{tags[block.kind]}>{text}</{tags[block.kind]}>"


def write_pdf(source: Source, path: Path) -> None:
    """Write the document as an A4 PDF with an embedded subset of Noto Sans."""
    from fpdf import FPDF

    pdf = FPDF(format="A4")
    pdf.set_creation_date(datetime(2026, 11, 23, tzinfo=UTC))
    pdf.set_title(source.front["title"])
    pdf.set_lang(source.front["language"])
    pdf.set_margin(22)
    pdf.set_auto_page_break(True, 22)
    for style, name in (("", "Regular"), ("B", "Bold"), ("I", "Italic")):
        pdf.add_font("Noto", style, FONTS / f"NotoSans-{name}.ttf")
    pdf.add_page()
    shapes = {"title": ("B", 17, 8, 3), "face": ("I", 9.5, 5, 4), "h2": ("B", 13, 7, 2), "h3": ("B", 11.5, 6, 1),
              "p": ("", 11, 6, 2.5), "li": ("", 11, 6, 1), "row": ("", 11, 6, 1)}
    for block in source.blocks:
        style, size, height, after = shapes[block.kind]
        pdf.set_font("Noto", style, size)
        if block.kind in ("h2", "h3"):
            pdf.ln(2.5)
        text = {"li": f"– {block.text}", "row": block.text.replace("|", " – ")}.get(block.kind, block.text)
        pdf.multi_cell(0, height, text, align="L", new_x="LMARGIN", new_y="NEXT", wrapmode="WORD")
        pdf.ln(after)
    pdf.output(str(path))


def to_metadata(source: Source) -> str:
    """Return the metadata file: the document's keys, its act, its facts."""
    lines = [f"{key} = {toml(source.front[key])}" for key in PLAIN_KEYS if key in source.front]
    if "act" in source.front:
        lines += ["", "[act]"] + [f"{key} = {toml(value)}" for key, value in source.front["act"].items()]
    for fact, quote in source.quotes:
        lines += ["", "[[fact]]", f"id = {toml(fact['id'])}", f"type = {toml(fact['type'])}",
                  f"quote = {toml(quote)}", f"value = {toml(value_words(fact['value']))}"]
        lines += [f"{key} = {toml(str(fact[key]))}" for key in
                  ("unit", "audience", "valid_from", "valid_until", "status", "confidence") if fact[key]]
    return "\n".join(lines) + "\n"


def value_words(value: object) -> str:
    """Return a fact's value as one string: text as it is, a list or table as JSON."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def toml(value: object) -> str:
    """Return a TOML value: a date bare, anything else a basic string."""
    return value.isoformat() if isinstance(value, date) else json.dumps(str(value), ensure_ascii=False)


def main() -> None:
    """Render every source; say how many files of each format were written."""
    facts, out, counts = load_facts(), HERE / "documents", dict[str, int]()
    out.mkdir(exist_ok=True)
    for old in out.iterdir():
        old.unlink()
    for path in sorted((HERE / "sources").glob("*.md")):
        source = read_source(path, facts)
        name, form = source.front["id"], source.front["format"]
        target = out / f"{name}.{form}"
        if form == "pdf":
            write_pdf(source, target)
        else:
            target.write_text({"html": to_html, "md": to_markdown, "txt": to_text}[form](source), encoding="utf-8")
        (out / f"{name}.{form}.toml").write_text(to_metadata(source), encoding="utf-8")
        counts[form] = counts.get(form, 0) + 1
    import make_forms
    counts["fillable pdf"] = make_forms.main(out)
    print(", ".join(f"{count} {form}" for form, count in sorted(counts.items())))


if __name__ == "__main__":
    main()
