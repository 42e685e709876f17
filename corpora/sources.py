"""Which addresses are collected, from whom, and how gently: what `sources.toml` says.

Everything is checked before anything is asked for: an unknown key, an address outside the named hosts or a source
without a licence is an error that names it.  Nothing is fetched here, and no address is ever guessed.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from hashlib import sha256
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from corpora.errors import CorpusError
from corpora.folder import is_corpus_name
from corpora.metadata import slug
from corpora.records import DocumentId
from corpora.suspicion import is_plain, visible

FILE = "sources.toml"
MB = 1024 * 1024
_TEXTS = ("name", "corpus", "publisher", "licence", "language", "kind", "service")
_LISTS = ("hosts", "networks", "urls")
# Seconds between two requests to a host, seconds one page may take, megabytes it may have: usual, least, most.
_NUMBERS = {"delay_s": (5.0, 0.0, 3600.0), "page_seconds": (300.0, 1.0, 3600.0), "max_mb": (50.0, 0.001, 200.0)}
_SOURCE = (*_TEXTS, *_LISTS, *_NUMBERS, "document")
_DATED = ("valid_from", "valid_until", "as_of", "review_by")
DESCRIBED = ("id", "title", "publisher", "language", "kind", "service", "status", *_DATED, "confidence",
             "superseded_by", "act")
_MOST_LETTERS = 2_000                  # of an address
_STEM_LETTERS = 40                     # of at most four bytes each, so that a file name stays short enough
_PORTS = {"http": 80, "https": 443}
# What another reader of addresses could take for another host is none.
_HOST = re.compile(r"[a-z0-9][a-z0-9._-]*|\[[0-9a-f:.]+\]")
_GUIDE = "docs/collect-documents.md shows the whole file."


class SourcesError(CorpusError):
    """`sources.toml` is missing or breaks its rules."""

    code = "bad_sources"
    next_step = f"Correct {FILE}; {_GUIDE}"


@dataclass(frozen=True, slots=True)
class Page:
    """One address whose document is wanted; `said` is what a person says of it, in the words of the metadata."""

    url: str
    stem: str                          # of the file it is kept in
    document_id: DocumentId
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Source:
    """A publisher's place, and how it is visited.  A host carries its port where that is not the usual one."""

    name: str
    corpus: str
    publisher: str
    licence: str                       # why its documents may be kept and passed on
    pages: tuple[Page, ...]
    hosts: frozenset[str]
    language: str = ""
    kind: str = ""
    service: str = ""
    networks: tuple[IPv4Network | IPv6Network, ...] = ()    # not public, and allowed nevertheless
    delay_s: float = _NUMBERS["delay_s"][0]
    page_seconds: float = _NUMBERS["page_seconds"][0]
    max_bytes: int = int(_NUMBERS["max_mb"][0] * MB)
    contact: str = ""                  # where the owner of a site can complain


def read_sources(path: Path, named: str | None = None) -> tuple[Source, ...]:
    """Return the sources of a file in its order, or only the one that is named.

    Raises:
        SourcesError: the file cannot be read, breaks a rule, or has no source of that name.
    """
    if not path.is_file():
        raise SourcesError(f"there is no {path}", hint=f"Nothing is collected before it is listed; {_GUIDE}")
    try:
        sources = tuple(_sources(tomllib.loads(path.read_text(encoding="utf-8-sig"))))
    except (OSError, ValueError) as error:
        raise SourcesError(f"{path} cannot be read: {error}") from error
    except SourcesError as error:
        raise SourcesError(f"{path.name}: {error}", hint=error.hint) from error
    if named is None:
        return sources
    if not (found := tuple(source for source in sources if source.name == named)):
        raise SourcesError(f"{path.name} has no source {visible(named)}", hint=_known([one.name for one in sources]))
    return found


def authority(url: str) -> str:
    """Return the host of an address in small letters, with its port where that is not the usual one.

    Raises:
        ValueError: it is no plain http or https address.
    """
    parts = urlsplit(url)
    name = parts.hostname or ""
    host = f"[{name}]" if ":" in name else _ascii(name)
    port = parts.port
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host) or port == 0 or parts.username is not None \
            or not is_plain(url) or " " in url or "\\" in url or len(url) > _MOST_LETTERS:
        raise ValueError(f"{visible(url)[:_MOST_LETTERS]} is no plain http or https address")
    return host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"


def _ascii(host: str) -> str:
    return host.rstrip(".").encode("idna").decode() if not host.isascii() else host.rstrip(".")


def _sources(table: dict[str, Any]) -> Iterator[Source]:
    _check_keys(table, ("contact", "source"), "")
    given, contact, names = table.get("source", []), _text(table, "contact", ""), set()
    if not isinstance(given, list) or not all(isinstance(one, dict) for one in given):
        raise SourcesError("source must be tables", hint="Write [[source]] before each one.")
    if not contact.isascii():
        raise SourcesError("contact has letters that cannot be sent", hint='Write contact = "mailto:name@example.tj".')
    for number, one in enumerate(given, 1):
        source = _source(one, f"source {number}", contact)
        if source.name in names:
            raise SourcesError(f"two sources are named {source.name}")
        names.add(source.name)
        yield source


def _source(table: dict[str, Any], where: str, contact: str) -> Source:
    where = f"source {table['name']}" if isinstance(table.get("name"), str) else where
    _check_keys(table, _SOURCE, where)
    texts = {key: _text(table, key, where) for key in _TEXTS}
    for key in ("name", "publisher", "licence"):
        if not texts[key]:
            raise SourcesError(f"{where} says no {key}", hint=f'Write {key} = "…".')
    texts["corpus"] = texts["corpus"] or texts["name"]
    if not is_corpus_name(texts["name"]) or not is_corpus_name(texts["corpus"]):
        raise SourcesError(f"the name or corpus of {where} cannot be used",
                           hint="Use small Latin letters, digits and hyphens.")
    numbers = {key: _number(table, key, where) for key in _NUMBERS}
    pages = tuple(_pages(table, texts["name"], where))
    return Source(**texts, pages=pages, hosts=_hosts(table, pages, where), networks=_networks(table, where),
                  delay_s=numbers["delay_s"], page_seconds=numbers["page_seconds"],
                  max_bytes=int(numbers["max_mb"] * MB), contact=contact)


def _pages(table: dict[str, Any], source: str, where: str) -> Iterator[Page]:
    described = table.get("document", [])
    if not isinstance(described, list) or not all(isinstance(one, dict) for one in described):
        raise SourcesError(f"document of {where} must be tables", hint="Write [[source.document]] before each one.")
    seen: set[str] = set()
    for one in (*({"url": url} for url in _list(table, "urls", where)), *described):
        _check_keys(one, ("url", *DESCRIBED), f"a document of {where}")
        url = _text(one, "url", where).partition("#")[0]
        try:
            authority(url)
        except ValueError as error:
            raise SourcesError(f"{where}: {error}", hint="Write the whole address, as a browser shows it.") from error
        if url in seen:
            raise SourcesError(f"{where} lists {url} twice")
        seen.add(url)
        said = {key: value for key, value in one.items() if key in DESCRIBED}
        stem = _stem(source, url)
        yield Page(url, stem, DocumentId(_text(one, "id", where) or stem), said)


def _stem(source: str, url: str) -> str:
    """Return a name that stays the same as long as the address does, and is the document's id if it has no other."""
    last = slug(unquote(PurePosixPath(urlsplit(url).path).stem))[:_STEM_LETTERS].strip("-")
    return f"{source}-{last}-{sha256(url.encode()).hexdigest()[:8]}"


def _hosts(table: dict[str, Any], pages: tuple[Page, ...], where: str) -> frozenset[str]:
    used = {authority(page.url) for page in pages}
    if "hosts" not in table:
        return frozenset(used)
    try:
        named = {authority(f"http://{host}") for host in _list(table, "hosts", where)}
    except ValueError as error:
        raise SourcesError(f"{where}: hosts: {error}", hint='Write hosts = ["example.tj"].') from error
    if outside := sorted(used - named):
        raise SourcesError(f"{where} lists addresses of {', '.join(outside)}, not among its hosts",
                           hint="Add the host, or take the address out.")
    return frozenset(named)


def _networks(table: dict[str, Any], where: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(one) for one in _list(table, "networks", where))
    except ValueError as error:
        raise SourcesError(f"{where}: networks: {error}", hint='Write networks = ["10.1.0.0/16"].') from error


def _check_keys(table: dict[str, Any], keys: tuple[str, ...], where: str) -> None:
    if unknown := [key for key in table if key not in keys]:
        raise SourcesError(f"unknown key {visible(unknown[0])!r}{f' in {where}' if where else ''}",
                           hint=_known(keys, unknown[0]))


def _known(names: tuple[str, ...] | list[str], given: str = "") -> str:
    near = get_close_matches(given, names, 1, 0.5)
    return (f"Is {near[0]!r} meant?  " if near else "") + f"Known are: {', '.join(names) or 'none'}."


def _text(table: dict[str, Any], key: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str) or not is_plain(value):
        raise SourcesError(f"{key}{f' of {where}' if where else ''} must be one line of text",
                           hint=f'Write {key} = "…".')
    return value.strip()


def _list(table: dict[str, Any], key: str, where: str) -> list[str]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SourcesError(f"{key} of {where} must be a list of texts", hint=f'Write {key} = ["…"].')
    return value


def _number(table: dict[str, Any], key: str, where: str) -> float:
    usual, least, most = _NUMBERS[key]
    value = table.get(key, usual)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise SourcesError(f"{key} of {where} must be a number from {least:g} to {most:g}")
    return float(value)
