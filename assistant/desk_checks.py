"""Whether the desks of clerks and admins can be entered: the certificate, the accounts, and the audit log.

Looks and changes nothing: the database is asked and never made, mended or brought to a newer version.
"""

from __future__ import annotations

import sqlite3
import ssl
import stat
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from assistant.access.accounts import Accounts
from assistant.access.audit import AuditLog, faults
from assistant.access.limits import Tries
from assistant.access.settings import encrypted_line
from assistant.access.store import FILE
from assistant.config import Config
from assistant.doctor import Check
from assistant.errors import ConfigError
from sync.counted import counted, said
from sync.state import explained

# Time to have a new certificate signed.
_SOON = timedelta(days=30)
_GUIDE = "docs/open-a-desk.md shows how a certificate is put there."


def desk_checks(config: Config, now: datetime) -> Iterator[Check]:
    """Yield the findings; none where this machine has no desk."""
    if config.desk and config.desk.certificate:
        yield _certificate(config, now)
    path = config.data_dir / FILE
    if path.is_file():
        yield from _people(path)


def _certificate(config: Config, now: datetime) -> Check:
    try:
        line = encrypted_line(config)
        if line is None:
            raise ConfigError("there is none", _GUIDE)
        until = _lasts(line.certificate, line.key)
    except ConfigError as error:
        return Check("certificate", "bad", error.message, error.hint)
    except (OSError, ValueError) as error:
        return Check("certificate", "bad", f"the certificate of the desk cannot be used: {error}", _GUIDE)
    named, renew = ", ".join(sorted(line.names)), "Have a new one signed: docs/open-a-desk.md."
    if until <= now:
        return Check("certificate", "bad", f"it is over since {until.date()}: no browser takes it", renew)
    if until <= now + _SOON:
        return Check("certificate", "note", f"for {named}; over on {until.date()}", renew)
    return Check("certificate", "ok", f"for {named}, until {until.date()}")


def _lasts(certificate: Path, key: Path) -> datetime:
    """Return until when a certificate is good; that its key is the right one is tried, and no password is asked for.

    Raises:
        OSError, ValueError: they do not belong together, or cannot be read.
    """
    from cryptography.x509 import load_pem_x509_certificates
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: b"")
    return load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc


def _people(path: Path) -> Iterator[Check]:
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Check("accounts", "note", f"others can read {path}", f"Change that: chmod 600 {path}")
    with (explained(path, damaged=f"Restore {FILE} from the last backup."),
          closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True)) as connection):
        connection.execute("PRAGMA query_only = ON").close()
        audit = AuditLog(connection)
        known, found, head = Accounts(connection, audit, Tries(connection)).all(), faults(audit.rows()), audit.head()
    usable = Counter(one.role.value for one in known if not one.locked)
    if not known:
        yield Check("accounts", "note", "there are none: nobody can enter",
                    "Run: rohnamo accounts new NAME --role admin.")
    elif not usable:
        yield Check("accounts", "note", "all are locked: nobody can enter", "Run: rohnamo accounts unlock NAME.")
    else:
        roles = ", ".join(counted(count, role) for role, count in sorted(usable.items()))
        yield Check("accounts", "ok", f"{roles} can enter")
    if found:
        yield Check("audit log", "bad", f"it was changed, first at entry {found[0].first}",
                    "Run: rohnamo accounts verify; docs/open-a-desk.md says what to do.")
    else:
        yield Check("audit log", "ok", f"whole, {said(head.number, 'entry', 'entries')}")
