"""Render the distractors: `python benchmarks/distractors/make.py [--check]`.

Distractors are invented notices, acts and explainers that look like an official site and answer none of the golden
questions; retrieval is measured among them.  The templates beside this file are hand-written, the choices are drawn
from fixed seeds, so the same templates give the same bytes.  What the words of a template mean is told in README.md.
Not done here: searching, measuring.
"""

from __future__ import annotations

import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from random import Random
from typing import Any

HERE = Path(__file__).parent
TARGET = HERE.parents[1] / "tests" / "golden" / "distractors.jsonl"
# Sections wanted of each language: what the benchmark promises, and a little over.
WANTED = {"tg": 2420, "ru": 1060}
# Words a section holds at least, drawn between these; common lines are added until it does.
LEAST = (41, 56)
_ALTERNATIVES = re.compile(r"\[([^\[\]]*)\]")
_SLOT = re.compile(r"\{(\w+)\}")
# Tajik -и and -ро are written apart in templates, because what they follow is not known there.
_ENDING = re.compile(r"(?<=[^\W\d_])-(и|ро)\b")


@dataclass(frozen=True)
class Template:
    """One hand-written document: `sections` are pairs of a heading and its lines, one sentence a line.

    `copies` says how many documents it gives in every round over the templates.
    """

    title: str
    kind: str
    matter: str
    sections: list[tuple[str, list[str]]]
    copies: int


@dataclass(frozen=True)
class Words:
    """What fills the templates of one language: slots by name, common lines and headings by kind of document."""

    slots: dict[str, list[str]]
    lines: dict[str, list[str]]
    headings: dict[str, list[str]]


class Copy:
    """One rendering of a template: which alternatives, places and numbers it takes."""

    def __init__(self, template: Template, number: int, words: Words) -> None:
        seed = f"{template.title}/{template.matter}"
        self._template, self._number, self._words = template, number, words
        self._shared = Random(seed)  # noqa: S311  the same for all copies, so that they take different alternatives
        self._own = Random(f"{seed}/{number}")  # noqa: S311
        place = self._own.randrange(len(words.slots["district"]))
        self._fixed = {name: values[place] for name, values in words.slots.items() if "district" in name}
        self._fixed |= {name: self._own.choice(words.slots[name]) for name in ("village", "street")}
        self._fixed["matter"] = template.matter
        self._common = self._own.sample(words.lines[template.kind], len(words.lines[template.kind]))

    def title(self) -> str:
        """Return the document's title."""
        return self._fill(self._template.title)

    def sections(self) -> list[dict[str, str]]:
        """Return the written sections in order, and after them one that holds common lines alone."""
        heading = self._own.choice(self._words.headings[self._template.kind])
        return [self._section(*each) for each in [*self._template.sections, (heading, [])]]

    def _section(self, heading: str, lines: list[str]) -> dict[str, str]:
        said = [self._fill(line) for line in lines]
        least = self._own.randint(*LEAST)
        while len(" ".join(said).split()) < least:
            said.insert(self._own.randint(min(1, len(said)), len(said)), self._fill(self._common.pop()))
        return {"heading": self._fill(heading), "text": " ".join(said)}

    def _fill(self, line: str) -> str:
        text = _SLOT.sub(self._slot, _ALTERNATIVES.sub(self._alternative, line))
        text = _ENDING.sub(r"\1", text.replace("ӣ-", "и-"))
        return text[0].upper() + text[1:]

    def _alternative(self, match: re.Match[str]) -> str:
        options = match[1].split("|")
        start, step = self._shared.randrange(len(options)), self._shared.randrange(len(options))
        return options[(start + self._number + self._number // len(options) * step) % len(options)]

    def _slot(self, match: re.Match[str]) -> str:
        if match[1] in self._fixed:
            return self._fixed[match[1]]
        return _SLOT.sub(self._slot, self._own.choice(self._words.slots[match[1]]))


def read_templates(language: str) -> list[Template]:
    """Return the templates of a language, by file name and then as they stand in the file."""
    paths = sorted(HERE.glob(f"{language}-*.toml"))
    return [_template(raw) for path in paths for raw in tomllib.loads(path.read_text(encoding="utf-8"))["document"]]


def _template(raw: dict[str, Any]) -> Template:
    parts = [part.strip().splitlines() for part in raw["text"].split("# ") if part.strip()]
    sections = [(part[0], part[1:]) for part in parts]
    return Template(raw["title"], raw["kind"], raw["matter"], sections, raw.get("copies", 1))


def read_words(language: str) -> Words:
    """Return the slots and the common lines of a language; places keep one order in every slot of places."""
    raw = tomllib.loads((HERE / f"words-{language}.toml").read_text(encoding="utf-8"))
    slots = {name: value.strip().split("\n") for name, value in raw["slots"].items()}
    lines = {name: value["lines"].strip().split("\n") for name, value in raw["kind"].items()}
    return Words(slots, lines, {name: value["headings"] for name, value in raw["kind"].items()})


def render(language: str) -> list[dict[str, object]]:
    """Return the documents of a language: rounds over the templates, until enough sections are made."""
    words = read_words(language)
    documents: list[dict[str, object]] = []
    made = 0
    for template, number in _turns(read_templates(language)):
        if made >= WANTED[language]:
            break
        copy = Copy(template, number, words)
        sections = copy.sections()
        made += len(sections)
        documents.append({"id": f"distractor-{language}-{len(documents) + 1:04d}", "language": language,
                          "title": copy.title(), "kind": template.kind, "sections": sections})
    return documents


def _turns(templates: list[Template]) -> Iterator[tuple[Template, int]]:
    for turn in count():
        for template in templates:
            for copy in range(template.copies):
                yield template, turn * template.copies + copy


def text() -> str:
    """Return the whole file: one document a line, Tajik before Russian."""
    return "".join(json.dumps(each, ensure_ascii=False) + "\n" for language in WANTED for each in render(language))


def main(arguments: list[str]) -> int:
    """Write the file, or with --check only compare: 0 where it stands as rendered, 1 where it does not."""
    if arguments == ["--check"]:
        same = TARGET.exists() and TARGET.read_text(encoding="utf-8") == text()
        print("as rendered" if same else f"{TARGET.name} differs: run python benchmarks/distractors/make.py")
        return 0 if same else 1
    TARGET.write_text(text(), encoding="utf-8")
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
