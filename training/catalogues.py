"""The strings of translation catalogues as (place, language, text): .mo, .ftl, .properties, .desktop, .xcd.

A place is the same for all languages of one message.  Nothing is aligned, cleaned or fetched here.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING
from xml.etree import ElementTree

if TYPE_CHECKING:
    from fluent.syntax.ast import Pattern

LANGUAGES = ("tg", "ru", "en")
String = tuple[str, str, str]          # place, language, text

# A folder, an archive or a file named after a language: locale/tg/, resource/tg/, langpack-tg@, registry_tg.xcd.
_LANGUAGE = re.compile(r"(?<=[/_-])(tg|ru)(?=[/@.])")
_FIREFOX_LANGUAGE = re.compile(r"(?<=/)(tg|ru|en-US)(?=/)")
_DESKTOP_KEY = re.compile(r"(Name|Comment|GenericName|Keywords)(?:\[(tg|ru)\])?\s*=(.*)")
_PROPERTY = re.compile(r"([\w.-]+)\s*=(.*)")
_XML_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_XML_NAME = "{http://openoffice.org/2001/registry}name"


def strings(folder: Path) -> Iterator[String]:
    """Yield every string of the catalogues under the folder of an unpacked package, sorted by file."""
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()):
        yield from _strings_of(path, path.relative_to(folder).as_posix())


def _strings_of(path: Path, name: str) -> Iterator[String]:
    found = _LANGUAGE.search(f"/{name}")
    place, language = _LANGUAGE.sub("*", f"/{name}"), found[1] if found else ""
    if path.suffix == ".mo" and language:
        with path.open("rb") as file:
            yield from _mo(file, place, language)
    elif path.suffix in (".xpi", ".ja"):
        yield from _archive(path)
    elif path.suffix == ".xcd" and language:
        yield from _registry(path, place)
    elif path.suffix in (".desktop", ".protocol"):
        yield from _desktop(path.read_text(encoding="utf-8", errors="replace"), place)


def _mo(file: IO[bytes], place: str, language: str) -> Iterator[String]:
    """Yield a message's translation and its English id; of plurals the last form of both."""
    from babel.messages.mofile import read_mo

    for message in read_mo(file):
        here = f"{place} {message.context} {_first(message.id)}"
        if text := _last(message.string):
            yield here, language, text
            yield here, "en", _last(message.id)


def _first(text: str | Sequence[str]) -> str:
    return text if isinstance(text, str) else text[0]


def _last(text: str | Sequence[str] | None) -> str:
    return text if isinstance(text, str) else (text or [""])[-1] or ""


def _archive(path: Path) -> Iterator[String]:
    """Yield the messages of a Firefox language pack, or of Firefox itself, which is English."""
    with zipfile.ZipFile(path) as archive:
        for name in sorted(archive.namelist()):
            found = _FIREFOX_LANGUAGE.search(name)
            if found and name.endswith((".ftl", ".properties")):
                place = _FIREFOX_LANGUAGE.sub("*", name).removeprefix("browser/")
                text = archive.read(name).decode(errors="replace")
                read = _ftl if name.endswith(".ftl") else _properties
                yield from ((f"{place} {key}", found[1][:2], value) for key, value in read(text))


def _ftl(text: str) -> Iterator[tuple[str, str]]:
    from fluent.syntax import ast, parse

    for entry in parse(text).body:
        if isinstance(entry, ast.Message | ast.Term):
            if entry.value:
                yield entry.id.name, _pattern(entry.value)
            yield from ((f"{entry.id.name}.{one.id.name}", _pattern(one.value)) for one in entry.attributes)


def _pattern(pattern: Pattern) -> str:
    """Return the text of a Fluent pattern: default variants are read, what stands for a value becomes {}."""
    from fluent.syntax import ast

    said = ""
    for element in pattern.elements:
        if isinstance(element, ast.TextElement):
            said += element.value
        elif isinstance(element.expression, ast.SelectExpression):
            said += next(_pattern(variant.value) for variant in element.expression.variants if variant.default)
        else:
            said += "{}"
    return said


def _properties(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _PROPERTY.match(line):
            yield found[1], found[2]


def _desktop(text: str, place: str) -> Iterator[String]:
    group = ""
    for line in text.splitlines():
        if line.startswith("["):
            group = line
        elif found := _DESKTOP_KEY.match(line):
            yield f"{place} {group} {found[1]}", found[2] or "en", found[3]


def _registry(path: Path, place: str) -> Iterator[String]:
    """Yield the labels of a LibreOffice registry by the names of the nodes above them."""
    def walk(node: ElementTree.Element, above: str) -> Iterator[String]:
        here = f"{above}/{node.get(_XML_NAME, '')}"
        for child in node:
            if child.tag == "value" and child.get(_XML_LANGUAGE) in LANGUAGES and child.text:
                yield here, child.attrib[_XML_LANGUAGE], child.text
            yield from walk(child, here)

    yield from walk(ElementTree.parse(path).getroot(), place)  # noqa: S314 - a file of a signed package
