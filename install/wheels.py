"""The wheels of a kit: ours, the engine built portable, and those of all libraries, chosen for the target.

What has no wheel for a target that is not this machine goes as source into `sdists/`, with what building it needs;
`install.sh` builds it there.  PyTorch is taken only as a CPU build: a resolution that wants GPU packages is refused
before a byte of them is fetched.
"""

from __future__ import annotations

import ctypes
import json
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from install.kit import KitError, sha256_of
from install.target import Target

ROOT = Path(__file__).parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
ENGINE = "llama-cpp-python"
# light answers, fetches and signs; full has PyTorch too, for encoders of sentence-transformers.
PROFILES = {"light": "", "full": "encoders"}
_TO_BUILD = ("scikit-build-core[pyproject]", "cmake", "ninja")
_OF_A_GPU = ("nvidia-", "cuda-", "triton")


def gather(kit: Path, target: Target, profile: str, extras: Sequence[str] = ()) -> None:
    """Put into the kit all that `pip install` needs, and the pinned, hashed requirements of each profile.

    profile: light, or full, which has both.

    Raises:
        KitError: something has no wheel for the target, or only one with GPU packages.
    """
    wheels = kit / "wheels"
    _pip("wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT))
    _engine(kit, target)
    for name in PROFILES if profile == "full" else ("light",):
        wanted = _requirements([*filter(None, [PROFILES[name]]), *extras], without_engine=not _has_engine(wheels))
        _refuse_gpu(wanted, wheels, target)
        _pip("download", "--dest", str(wheels), "--find-links", str(wheels), "-c", str(CONSTRAINTS),
             *target.pip_options(), *wanted)
        pinned = [_pin(item) for item in _resolved(wanted, wheels, target, "--no-index")]
        ours = _ours(wheels)
        pinned.append(f"rohnamo=={ours.name.split('-')[1]} --hash=sha256:{sha256_of(ours)}")
        (kit / f"requirements-{name}.txt").write_text("\n".join(sorted(pinned)) + "\n", encoding="utf-8")


def _engine(kit: Path, target: Target) -> None:
    """Build llama-cpp-python here for a processor like this one, else take its source along.

    Its wheel is bound to no Python: one that was built here serves every version on the same processor.
    """
    pinned = next(line for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()
                  if line.startswith(ENGINE.replace("-", "_")))
    if target.machine == _machine():
        _pip("wheel", "--no-deps", "--wheel-dir", str(kit / "wheels"), pinned)
        refuse_native(next((kit / "wheels").glob("llama_cpp_python-*.whl")))
        return
    _pip("download", "--no-deps", "--no-binary", ENGINE, "--dest", str(kit / "sdists"), pinned)
    _pip("download", "--dest", str(kit / "sdists"), *target.pip_options(), *_TO_BUILD)


def refuse_native(wheel: Path) -> None:
    """Refuse an engine that only processors like the one that built it can run.

    Raises:
        KitError: it was compiled for AVX-512, or cannot be asked.
    """
    with TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
        libraries = [name for name in archive.namelist() if re.match(r"llama_cpp/lib/libggml-(base|cpu)\.so", name)]
        archive.extractall(folder, libraries)
        for name in sorted(libraries):       # base before cpu, which is linked against it
            loaded = ctypes.CDLL(str(Path(folder) / name), mode=ctypes.RTLD_GLOBAL)
        if not libraries or loaded.ggml_cpu_has_avx512():
            raise KitError(f"{wheel.name} was compiled for this processor alone",
                           f"Run: pip cache remove {ENGINE.replace('-', '_')}; then make wheelhouse again.")


def _requirements(extras: Sequence[str], *, without_engine: bool) -> list[str]:
    """Return what the project asks for, by its own list; for the engine that is built there, what it needs."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [one for one in project["dependencies"] if not (without_engine and one.startswith(ENGINE))]
    wanted += [one for extra in extras for one in project["optional-dependencies"][extra]]
    return wanted + (["typing-extensions>=4.5", "diskcache>=5.6", "jinja2>=2.11"] if without_engine else [])


def _refuse_gpu(wanted: Sequence[str], wheels: Path, target: Target) -> None:
    gpu = [name for name in (_name(item) for item in _resolved(wanted, wheels, target)) if name.startswith(_OF_A_GPU)]
    if gpu:
        raise KitError(f"PyTorch would bring {', '.join(sorted(gpu)[:3])} and more, gigabytes that no kiosk uses",
                       "Supply a CPU wheel of torch in a folder: PIP_FIND_LINKS=FOLDER make wheelhouse; "
                       "or take PROFILE=light, which needs no PyTorch.")


def _resolved(wanted: Sequence[str], wheels: Path, target: Target, *more: str) -> list[dict[str, Any]]:
    """Return what pip would install there, as its installation report has it."""
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        _pip("install", "--dry-run", "--ignore-installed", "--target", folder, "--report", str(report),
             "--find-links", str(wheels), "-c", str(CONSTRAINTS), *target.pip_options(), *more, *wanted)
        items: list[dict[str, Any]] = json.loads(report.read_bytes())["install"]
    return items


def _pin(item: dict[str, Any]) -> str:
    digest = item["download_info"]["archive_info"]["hashes"]["sha256"]
    return f"{_name(item)}=={item['metadata']['version']} --hash=sha256:{digest}"


def _name(item: dict[str, Any]) -> str:
    return re.sub(r"[-_.]+", "-", str(item["metadata"]["name"])).lower()


def _ours(wheels: Path) -> Path:
    return next(wheels.glob("rohnamo-*.whl"))


def _has_engine(wheels: Path) -> bool:
    return any(wheels.glob("llama_cpp_python-*.whl"))


def _machine() -> str:
    from install.target import this_machine
    return this_machine().machine


def _pip(*arguments: str) -> None:
    """Run pip; what it says is shown only where it fails.

    Raises:
        KitError: it failed; its last words are in the message.
    """
    command = [sys.executable, "-m", "pip", "--quiet", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise KitError(f"pip {arguments[0]} failed: {_last(done.stderr.splitlines())}",
                       "Is the registry of packages reached?  What is fetched already is not fetched again.")


def _last(lines: Iterable[str]) -> str:
    errors = [line for line in lines if line.startswith("ERROR:")]
    return " ".join(errors[-2:]) or "it says nothing"
