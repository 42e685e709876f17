"""Whether this machine has crashed: what `rohnamo doctor` says of the reports in `crashes/`."""

from __future__ import annotations

from collections.abc import Iterator

from assistant.config import Config
from assistant.crash import FOLDER, kept, read
from assistant.doctor.check import Check
from sync.counted import said


def crash_checks(config: Config) -> Iterator[Check]:
    """Yield the finding; none where nothing has crashed."""
    reports = [report for path in kept(config.data_dir) if (report := read(path))]
    if not reports:
        return
    newest = max(reports, key=lambda one: str(one["last"]))
    yield Check("crashes", "note", f"{said(len(reports), 'kind', 'kinds')} of crash since "
                f"{min(str(one['first']) for one in reports)[:10]}; the newest on {newest['last'][:10]} in "
                f"{newest['program']}: {_what(newest)}",
                f"Send the files of {config.data_dir / FOLDER} to those who make this program, then remove them: "
                "docs/watch-machines.md.")


def _what(report: dict[str, object]) -> str:
    errors = report["errors"]
    last = errors[0]["frames"][-1:] if isinstance(errors, list) and errors else []
    kind = report["signal"] or (errors[0]["type"] if isinstance(errors, list) and errors else "unknown")
    return f"{kind} at {last[0]['file']}, line {last[0]['line']}" if last else str(kind)
