"""The table `[desk]` of `config.toml`: the certificate for other machines, how long one stays entered, who approves.

Without a certificate the pages of clerks and admins are for browsers on this machine alone.
"""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from assistant.config import Config
from assistant.errors import ConfigError
from assistant.settings_table import Reader, file, number, read_settings, truth

_GUIDE = "docs/open-a-desk.md shows how a certificate and its key are put there."


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """Who enters has to do so again after `idle_minutes` without doing anything, and after `most_hours` in any case.

    two_people: whoever worked on a card last does not approve it.
    """

    certificate: Path | None = None    # PEM, with those that lead to its root
    key: Path | None = None            # PEM, readable to its owner alone
    idle_minutes: int = 15
    most_hours: int = 10
    two_people: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """An encrypted line: the files for it, and the names that the certificate is for."""

    certificate: Path
    key: Path
    names: frozenset[str]


def desk_settings_of(config: Config) -> DeskSettings:
    """Return the settings of this machine's desks, the usual ones where it has none of its own."""
    return config.desk or DeskSettings()


def encrypted_line(config: Config) -> Line | None:
    """Return the encrypted line that is configured, None where none is.

    Raises:
        ConfigError: its files cannot be used.
    """
    settings = desk_settings_of(config)
    if settings.certificate is None or settings.key is None:
        return None
    try:
        if stat.S_IMODE(settings.key.stat().st_mode) & 0o077:
            raise ConfigError(f"others can read {settings.key}", f"Change that: chmod 600 {settings.key}")
        return Line(settings.certificate, settings.key, _names(settings.certificate.read_bytes()))
    except (OSError, ValueError) as error:
        raise ConfigError(f"the certificate of the desk cannot be used: {error}", _GUIDE) from error


def read_table(table: Mapping[str, Any], path: Path) -> DeskSettings:
    """Return what the table of the settings at `path` says; files in it are relative to its folder.

    Raises:
        ConfigError: a setting is unknown, or has a value that it cannot have.
    """
    read = read_settings(table, "desk", path, READERS)
    if ("certificate" in read) != ("key" in read):
        raise ConfigError(f"{path}: [desk] has a certificate without its key, or a key without its certificate", _GUIDE)
    return DeskSettings(**read)


def _names(pem: bytes) -> frozenset[str]:
    """Return the names and addresses that a certificate is for, as a browser puts them into `Host`."""
    from cryptography.x509 import DNSName, IPAddress, SubjectAlternativeName, load_pem_x509_certificates
    from cryptography.x509.extensions import ExtensionNotFound
    try:
        names = load_pem_x509_certificates(pem)[0].extensions.get_extension_for_class(SubjectAlternativeName).value
    except ExtensionNotFound as error:
        raise ValueError("it names no machine (subjectAltName)") from error
    addresses = (ip_address(str(one)) for one in names.get_values_for_type(IPAddress))
    return frozenset((*(one.lower() for one in names.get_values_for_type(DNSName)),
                      *(f"[{one}]" if one.version == 6 else str(one) for one in addresses)))


READERS: Mapping[str, Reader] = {
    "certificate": file, "key": file, "idle_minutes": number(1, 60, "a whole number of minutes"),
    "most_hours": number(1, 24, "a whole number of hours"), "two_people": truth}
