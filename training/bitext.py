"""Write the Tajik strings of Debian's translation catalogues beside their Russian and English: `bitext.py OUT`.

Each line of OUT is {"tg", "ru" or null, "en" or null, "source"}; it is never committed.
`catalogues` reads the files; here they are fetched, aligned by message, cleaned and each kept once.
With a folder as second argument, packages are kept there and used again.
Needs apt-get and dpkg-deb, and `pip install babel fluent.syntax`.
"""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from catalogues import String, strings

PACKAGES = ("firefox-esr", "firefox-esr-l10n-tg", "firefox-esr-l10n-ru", "libreoffice-l10n-tg",
            "libreoffice-l10n-ru", "libgtk-3-common", "libgtk-4-common", "libglib2.0-data", "nautilus-data",
            "gnome-control-center-data", "evolution-common", "iso-codes", "kio", "libkf5kdelibs4support-data",
            "cinnamon-l10n")

_TAG = re.compile(r"<[^<>]*>")
# printf, Qt, Python, Fluent and shell placeholders; LibreOffice's own.
_PLACEHOLDER = re.compile(
    r"%[-+#0]?\d*\$?[.\d]*(?:l{0,2}[a-zA-Z]|%|\d)|%\(\w+\)\w?|\$\(\w+\)|\$?\{[^{}]*\}|#\w+#|&?%\w+%?|\$\w+")
_ACCELERATOR_IN_BRACKETS = re.compile(r"\s*\([&_~]\w\)")
_ACCELERATOR = re.compile(r"[&_~](?=\w)|(?<=\w)[_~](?=\w)")
_KDE_CONTEXT = re.compile(r"^_:[^\n]*\n")
_SPACES = re.compile(r"\s+")
_CYRILLIC = re.compile("[\u0400-\u052f]")
# Letters no Tajik word has; and Uzbek, which some catalogues hold by mistake.
_NOT_TAJIK = re.compile("[ыщЫЩ]")
_UZBEK = re.compile(r"[ўЎ]|\b(?:учун|билан|керак|эмас|ёки|файлни|жилд\w*|\w+лар(?:ни|да|нинг))\b", re.I)
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Pair:
    """One Tajik text with what it is in Russian and English, where known."""

    tg: str
    ru: str | None
    en: str | None
    source: str


def fetch(folder: Path) -> None:
    """Download the packages that are not in the folder yet.

    Raises:
        subprocess.CalledProcessError: apt-get has no network, or does not know a package.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lacking = [name for name in PACKAGES if not list(folder.glob(f"{name}_*.deb"))]
    if lacking:
        subprocess.run(["apt-get", "-qq", "update"], check=True)  # noqa: S607
        subprocess.run(["apt-get", "-qq", "download", *lacking], cwd=folder, check=True)  # noqa: S603, S607


def unpacked(packages: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """Yield (source, folder) of each package; those of two languages are unpacked into one folder."""
    for name in PACKAGES:
        source = re.sub("-l10n-(?:tg|ru)$", "", name)
        for package in sorted(packages.glob(f"{name}_*.deb")):
            subprocess.run(["dpkg-deb", "-x", package, folder / source], check=True)  # noqa: S603, S607
    for path in sorted(folder.iterdir()):
        yield path.name, path


def aligned(found: Iterable[String], source: str) -> Iterator[Pair]:
    """Yield the Tajik messages with those of the same place, clean; untranslated ones are left out."""
    messages: dict[str, dict[str, str]] = {}
    for place, language, text in found:
        messages.setdefault(place, {})[language] = cleaned(text)
    for message in messages.values():
        tg, ru, en = (message.get(language) for language in ("tg", "ru", "en"))
        ru = ru if ru and _CYRILLIC.search(ru) and ru != tg else None
        en = en if en and len(en) > 1 and not _CYRILLIC.search(en) else None
        if tg and is_tajik(tg) and (ru or en):
            yield Pair(tg, ru, en, source)


def cleaned(text: str) -> str:
    """Return a message as a reader sees it: no markup, placeholders, entities or marks of shortcut keys."""
    text = html.unescape(_KDE_CONTEXT.sub("", text).replace("\\n", " "))
    text = _ACCELERATOR.sub("", _ACCELERATOR_IN_BRACKETS.sub("", text))
    return _SPACES.sub(" ", _PLACEHOLDER.sub(" ", _TAG.sub("", text))).strip(" :.…\"'“”«»")


def is_tajik(text: str) -> bool:
    """Return whether a message was translated, into Tajik: mostly Cyrillic, neither Russian nor Uzbek."""
    letters = [letter for letter in text if letter.isalpha()]
    cyrillic = len(_CYRILLIC.findall(text))
    return (1 < len(text) <= _LONGEST and cyrillic > 1 and 2 * cyrillic >= len(letters)
            and not _NOT_TAJIK.search(text) and not _UZBEK.search(text))


def unique(pairs: Iterable[Pair]) -> list[Pair]:
    """Return each pair once, whatever its capitals; the first source is kept, sorted."""
    kept: dict[tuple[str, ...], Pair] = {}
    for pair in pairs:
        kept.setdefault(tuple((text or "").casefold() for text in (pair.tg, pair.ru, pair.en)), pair)
    return sorted(kept.values(), key=lambda pair: (pair.tg, pair.ru or "", pair.en or ""))


def read(path: Path) -> list[Pair]:
    """Return the pairs of a file that was written here."""
    with path.open(encoding="utf-8") as lines:
        return [Pair(**json.loads(line)) for line in lines]


def main(out: Path, packages: Path | None = None) -> None:
    """Fetch, align, write and say how many."""
    with tempfile.TemporaryDirectory() as made:
        kept = packages or Path(made) / "packages"
        fetch(kept)
        inside = Path(made) / "unpacked"
        inside.mkdir()
        pairs = unique(pair for source, path in unpacked(kept, inside) for pair in aligned(strings(path), source))
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(asdict(pair), ensure_ascii=False) + "\n" for pair in pairs), encoding="utf-8")
    for source, count in Counter(pair.source for pair in pairs).most_common():
        print(f"{count:7} {source}")
    print(f"{len(pairs):7} pairs, {len({pair.tg for pair in pairs})} Tajik texts, "
          f"{sum(pair.ru is not None for pair in pairs)} with Russian, "
          f"{sum(pair.en is not None for pair in pairs)} with English: {out}")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None)
