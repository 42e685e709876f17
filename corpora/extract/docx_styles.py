"""What the styles of a Word file say of a paragraph: heading level, list, hidden or not.

A style says it itself or by the style it is based on; what the paragraph says itself comes first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from corpora.extract.docx_numbers import W

_HEADING = re.compile(r"(?:heading|заголовок|сарлавҳа)\s*([1-9])", re.IGNORECASE)
_TITLES = frozenset({"title", "название", "сарлавҳа", "заголовок"})
# Of outline levels; Word counts from 0, and 9 is body text.
_BODY_LEVEL = 9
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class Styles:
    """The styles of one file by id, each with those it is based on after it."""

    chains: dict[str, tuple[Any, ...]]
    default: str = ""

    def of(self, paragraph: Any) -> str:  # noqa: ANN401 - an lxml element
        """Return the id of a paragraph's style."""
        style = paragraph.find(f"{W}pPr/{W}pStyle")
        return str(style.get(f"{W}val", "")) if style is not None else self.default

    def heading_level(self, paragraph: Any) -> int:  # noqa: ANN401
        """Return the level of a heading from 1, or 0 for any other paragraph."""
        own = paragraph.find(f"{W}pPr/{W}outlineLvl")
        if own is not None:
            return _outline(own)
        for style in self.chains.get(self.of(paragraph), ()):
            name = style.find(f"{W}name")
            words = str(name.get(f"{W}val", "")).casefold() if name is not None else ""
            if match := _HEADING.fullmatch(words):
                return min(int(match[1]), 6)
            if words in _TITLES:
                return 1
            outline = style.find(f"{W}pPr/{W}outlineLvl")
            if outline is not None:
                return _outline(outline)
        return 0

    def numbering(self, paragraph: Any) -> tuple[str, int]:  # noqa: ANN401
        """Return the list a paragraph belongs to and its level from 0; an empty list for none."""
        sources = [paragraph, *self.chains.get(self.of(paragraph), ())]
        list_id, level = "", None
        for source in sources:
            properties = source.find(f"{W}pPr/{W}numPr")
            if properties is None:
                continue
            number, depth = properties.find(f"{W}numId"), properties.find(f"{W}ilvl")
            if level is None and depth is not None:
                level = int(depth.get(f"{W}val", "0"))
            if number is not None:
                list_id = str(number.get(f"{W}val", ""))
                break
        return ("" if list_id == "0" else list_id), level or 0

    def hides(self, style_id: str) -> bool:
        """Return whether a style hides its text."""
        for style in self.chains.get(style_id, ()):
            said = is_on(style.find(f"{W}rPr"), "vanish")
            if said is not None:
                return said
        return False


def _outline(element: Any) -> int:  # noqa: ANN401
    level = int(element.get(f"{W}val", "9"))
    return 0 if level >= _BODY_LEVEL else min(level + 1, 6)


def is_on(properties: Any, name: str) -> bool | None:  # noqa: ANN401
    """Return whether a switch among properties is on, or None where nothing is said."""
    found = properties.find(f"{W}{name}") if properties is not None else None
    return None if found is None else found.get(f"{W}val", "true") not in ("0", "false", "off")


def read_styles(root: Any) -> Styles:  # noqa: ANN401
    """Return the styles of `styles.xml`; `root` is its element, or None for a file without."""
    if root is None:
        return Styles({})
    styles = {style.get(f"{W}styleId", ""): style for style in root.iter(f"{W}style")}
    default = next((name for name, style in styles.items()
                    if style.get(f"{W}type") == "paragraph" and style.get(f"{W}default") in ("1", "true")), "")
    return Styles({name: _chain(styles, name) for name in styles}, default)


def _chain(styles: dict[str, Any], name: str) -> tuple[Any, ...]:
    chain: list[Any] = []
    while name in styles and len(chain) < _DEEPEST:
        chain.append(styles[name])
        based = styles[name].find(f"{W}basedOn")
        name = based.get(f"{W}val", "") if based is not None else ""
    return tuple(chain)
