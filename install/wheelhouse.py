"""Gather a kit on a stick: `make wheelhouse TO=/media/stick/rohnamo`, or `python -m install.wheelhouse --help`.

Everything that a kiosk is installed from without a network, into one folder; `install.sh` in it does the rest.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from install import debian, wheels
from install.kit import KitError, files, grouped, seal
from install.target import MACHINES, Target, this_machine
from install.wheels import PROFILES, ROOT

_EXAMPLE = "Example: python -m install.wheelhouse --into /media/stick/rohnamo --release /media/export --root root.json"


def main() -> int:
    """Gather what is asked for; return the exit code."""
    asked = _arguments()
    making = asked.into.with_name(f"{asked.into.name}.part")
    try:
        _refuse(asked)
        _gather(making, asked)
        digest = seal(making, _about(asked))
        making.rename(asked.into)
    except KitError as error:
        print(f"{error.message}\n→ {error.hint}", file=sys.stderr)
        return 1
    count, size = _measured(asked.into)
    print(f"{asked.into}: {count} files, {size / 1e6:,.0f} MB\n"
          f"fingerprint, to be written on paper:\n  {grouped(digest)}\nInstall with: sudo bash {asked.into}/install.sh")
    return 0


def _gather(kit: Path, asked: argparse.Namespace) -> None:
    """Put everything into the folder that is being made; wheels of an earlier, broken off attempt are kept."""
    _clear(kit)
    _say("wheels: ours and the engine are built, the others fetched")
    wheels.gather(kit, Target(asked.python, asked.machine), asked.profile, asked.extra)
    if asked.debian:
        _say(f"packages of Debian {debian.release_of()}")
        debian.gather(kit)
    _say("units, runbooks, models, releases")
    for name, source in (("units", ROOT / "docs/units"), ("docs", ROOT / "docs"), ("release", asked.release)):
        if source:
            shutil.copytree(source, kit / name, ignore=shutil.ignore_patterns("*.py", "__pycache__", "units"))
    for name, source in (("root.json", asked.root), ("config.toml", asked.config),
                         ("install.sh", ROOT / "install/install.sh"), ("Dockerfile", ROOT / "install/Dockerfile"),
                         ("THIRD_PARTY.md", ROOT / "THIRD_PARTY.md")):
        if source:
            shutil.copyfile(source, kit / name)
    for named in asked.model:
        name, _, path = named.partition("=")
        (kit / "models").mkdir(exist_ok=True)
        shutil.copyfile(path, kit / "models" / f"{name}.gguf")


def _clear(kit: Path) -> None:
    """Leave of an earlier attempt the wheels alone: pip does not fetch those again."""
    kit.mkdir(parents=True, exist_ok=True)
    for path in kit.iterdir():
        if path.name == "wheels":
            for ours in path.glob("rohnamo-*.whl"):
                ours.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _refuse(asked: argparse.Namespace) -> None:
    """Refuse what could only fail later.

    Raises:
        KitError: a file that is named is not there, or the kit is there already.
    """
    if asked.into.exists():
        raise KitError(f"{asked.into} is there already", "Name a new folder; a kit is never changed.")
    named = [asked.release, asked.root, asked.config, *(Path(one.partition("=")[2]) for one in asked.model)]
    for path in named:
        if path is not None and not path.exists():
            raise KitError(f"there is no {path}", "Correct the name.")
    if asked.release and not (asked.release / "metadata").is_dir():
        raise KitError(f"{asked.release} is no exported release", "Run: rohnamo release export REPOSITORY FOLDER.")
    if asked.release and not asked.root:
        raise KitError("releases are of no use without the root of trust",
                       "Name root.json of the key ceremony: --root.")


def _about(asked: argparse.Namespace) -> dict[str, object]:
    return {"rohnamo": version("rohnamo"), "target": Target(asked.python, asked.machine).to_json(),
            "profiles": [name for name in PROFILES if asked.profile == "full" or name == "light"],
            "debian": debian.release_of() if asked.debian else "", "made": datetime.now(UTC).date().isoformat()}


def _measured(kit: Path) -> tuple[int, int]:
    sizes = [path.stat().st_size for path in files(kit)]
    return len(sizes), sum(sizes)


def _say(line: str) -> None:
    print(f"· {line}", file=sys.stderr)


def _arguments() -> argparse.Namespace:
    here = this_machine()
    parser = argparse.ArgumentParser(prog="python -m install.wheelhouse", description=(__doc__ or "").split("\n")[0],
                                     epilog=_EXAMPLE)
    parser.add_argument("--into", type=Path, required=True, help="a new folder, on a stick or elsewhere")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="full", help="light has no PyTorch")
    parser.add_argument("--python", default=here.python, help=f"of the target; {here.python} where it is not said")
    parser.add_argument("--machine", choices=MACHINES, default=here.machine, help="the processor of the target")
    parser.add_argument("--extra", action="append", default=[], help="an extra of pyproject.toml, as postgres")
    parser.add_argument("--debian", action="store_true", help="also the Debian packages that a kiosk wants")
    parser.add_argument("--release", type=Path, help="a folder made by rohnamo release export")
    parser.add_argument("--root", type=Path, help="root.json of the key ceremony")
    parser.add_argument("--config", type=Path, help="a config.toml for every machine that is installed from this kit")
    parser.add_argument("--model", action="append", default=[], metavar="NAME=FILE.gguf",
                        help="a model's file, under a name that rohnamo models list knows")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
