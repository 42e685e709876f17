"""What each dependency weighs on the disk: `make footprint`, or `python -m install.weight --profile full`.

A dependency's own files, and what would go with it: the libraries that nothing else of the profile asks for.
docs/install-without-a-network.md argues for each.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping
from importlib.metadata import Distribution, PackageNotFoundError, distribution

from packaging.requirements import Requirement

from install.wheels import PROFILES
from install.wheels import ROOT as SOURCE

ROOT, PACKAGES = "rohnamo", ("assistant", "corpora", "index", "sync")


def main() -> int:
    """Print the table, heaviest first; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m install.weight", description=(__doc__ or "").split("\n")[0],
                                     epilog="Example: python -m install.weight --profile full")
    parser.add_argument("--profile", choices=sorted(PROFILES), default="light", help="full has PyTorch")
    profile = parser.parse_args().profile
    extras = frozenset(filter(None, [PROFILES[profile]]))
    try:
        tree = needs(extras)
    except PackageNotFoundError as error:
        print(f"{error.name} is not installed, so the profile {profile} cannot be weighed here", file=sys.stderr)
        return 1
    sizes = {name: weight(distribution(name)) for name in tree}
    print(f"{'dependency':24}{'own, MB':>9}{'with what it alone brings':>28}")
    rows = [(name, sizes[name], sum(sizes[one] for one in alone(tree, name))) for name in tree[ROOT]]
    for name, own, taken in [(ROOT, sizes[ROOT], sizes[ROOT]), *sorted(rows, key=lambda row: -row[2])]:
        print(f"{name:24}{own / 1e6:9.1f}{taken / 1e6:28.1f}")
    print(f"{'all of ' + profile:24}{sum(sizes.values()) / 1e6:9.1f}   ({len(tree)} distributions)")
    return 0


def needs(extras: frozenset[str] = frozenset()) -> dict[str, list[str]]:
    """Return what each distribution asks for here, by name, ours with its extras first.

    Raises:
        PackageNotFoundError: one of them is not installed.
    """
    tree: dict[str, list[str]] = {}
    waiting = [(ROOT, extras)]
    while waiting:
        name, wanted = waiting.pop()
        found = [one for one in map(Requirement, distribution(name).requires or []) if _asked(one, wanted)]
        tree[name] = sorted({*tree.get(name, []), *(_named(one) for one in found)})
        waiting += [(_named(one), frozenset(one.extras)) for one in found
                    if _named(one) not in tree or one.extras]
    return tree


def alone(tree: Mapping[str, list[str]], name: str) -> set[str]:
    """Return the distribution and those that would go with it: nothing else leads to them from ours."""
    return set(tree) - _reached(tree, without=name)


def weight(dist: Distribution) -> int:
    """Return the bytes of a distribution's files on this disk, those it compiled too; of ours, also in a work tree."""
    if dist.name == ROOT:
        return sum(path.stat().st_size for name in PACKAGES for path in (SOURCE / name).rglob("*") if path.is_file())
    return sum(path.stat().st_size for file in dist.files or [] if (path := dist.locate_file(file)).is_file())  # type: ignore[attr-defined]


def _reached(tree: Mapping[str, list[str]], *, without: str) -> set[str]:
    reached, waiting = set[str](), [ROOT]
    while waiting:
        name = waiting.pop()
        if name != without and name not in reached:
            reached.add(name)
            waiting += tree[name]
    return reached


def _asked(one: Requirement, extras: frozenset[str]) -> bool:
    """Return whether a requirement holds on this machine, for one of the extras or without any."""
    if one.marker is None:
        return True
    return any(one.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def _named(one: Requirement) -> str:
    return re.sub(r"[-_.]+", "-", one.name).lower()


if __name__ == "__main__":
    sys.exit(main())
