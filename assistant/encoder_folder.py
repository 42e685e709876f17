"""What a folder of sentence-transformers promises, read without running or importing anything of it.

    modules.json                 the parts in order: transformer, pooling, then dense and normalize
    config.json, tokenizer.json  the transformer, beside its *.safetensors
    1_Pooling/config.json, 2_Dense/…

Weights are taken as safetensors only, which hold numbers and nothing else; what could bring program text of its
own is refused.  Whether the model is any good, and whether it loads, is not known here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from assistant.profile import Profile

# Formats whose reading can run what is written in them, and program text itself.
_UNSAFE = frozenset((".bin", ".ckpt", ".dll", ".h5", ".msgpack", ".npy", ".npz", ".pickle", ".pkl", ".pt", ".pth",
                     ".py", ".pyc", ".so"))
_KEPT = frozenset((".json", ".model", ".safetensors", ".txt"))
# Vocabularies: their keys are words of a language, not settings.
_WORDS = ("tokenizer.json", "vocab.json", "added_tokens.json")
_LIBRARY = "sentence_transformers."
_POOLINGS = {"pooling_mode_cls_token": "cls", "pooling_mode_max_tokens": "max", "pooling_mode_mean_tokens": "mean",
             "pooling_mode_mean_sqrt_len_tokens": "mean_sqrt_len_tokens",
             "pooling_mode_weightedmean_tokens": "weightedmean", "pooling_mode_lasttoken": "lasttoken"}
_LONGEST_HEADER = 100_000_000    # bytes; the limit of the safetensors format


class FolderError(ValueError):
    """The folder cannot be taken as an encoder; the message goes on after "was not added: "."""


@dataclass(frozen=True, slots=True)
class EncoderFolder:
    """What a folder promises.  `dimension` is the length of a vector; `files` what is needed, sorted, with "/"."""

    architecture: str
    pooling: str
    dimension: int
    files: tuple[str, ...]


def accepted_folder(folder: Path, profile: Profile) -> EncoderFolder:
    """Return what a folder promises, if that is what the profile promises.

    Raises:
        FolderError: it is no such folder, is cut short, or would bring program text.
        OSError: it cannot be read.
    """
    if profile.custom_code:
        raise FolderError(f"{profile.title} runs program text of its own, and none is ever run here")
    if not folder.is_dir():
        raise FolderError("it is a file, and a folder is wanted" if folder.exists() else "there is no such folder")
    read = read_folder(folder)
    if missing := [name for name in profile.files if name not in read.files]:
        raise FolderError(f"{', '.join(missing)} is missing")
    for what, found, wanted in (("architecture", read.architecture, profile.architectures),
                                ("pooling", read.pooling, (profile.pooling,)),
                                ("length of a vector", read.dimension, (profile.dimension,))):
        if found not in wanted:
            raise FolderError(f"its {what} is {found!r}, and {profile.name} has {' or '.join(map(str, wanted))}")
    return read


def read_folder(folder: Path) -> EncoderFolder:
    """Return what a folder promises.

    Raises:
        FolderError: it is no folder of sentence-transformers, is cut short, or would bring program text.
        OSError: it cannot be read.
    """
    _refuse_unsafe(folder)
    parts = _parts(folder)
    files = sorted({name for path in ("", *(path for _, path in parts)) for name in _kept(folder, path)})
    for name in files:
        _check_file(folder, name)
    _check_weights(files, parts, folder)
    config = _table(folder, f"{parts[0][1]}config.json")
    pooling, dimension = _shape(folder, parts, config)
    return EncoderFolder(str(config.get("model_type", "")), pooling, dimension, tuple(files))


def _refuse_unsafe(folder: Path) -> None:
    unsafe = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*")
                    if path.suffix.casefold() in _UNSAFE)
    if unsafe:
        more = f" and {len(unsafe) - 3} more" if len(unsafe) > 3 else ""
        raise FolderError(f"it holds {', '.join(unsafe[:3])}{more}: such files can run program text.  Take them out; "
                          "the weights are wanted as *.safetensors alone")


def _parts(folder: Path) -> list[tuple[str, str]]:
    """Return the kind and the path of each part, "" or ending in "/"."""
    listed = _json(folder, "modules.json")
    try:
        types, paths = [str(part["type"]) for part in listed], [PurePosixPath(part["path"]) for part in listed]
    except (TypeError, KeyError) as error:
        raise FolderError("modules.json lists no parts") from error
    if foreign := [name for name in types if not name.startswith(_LIBRARY)]:
        raise FolderError(f"it needs {foreign[0]}, which is program text of its own, and none is ever run here")
    if outside := [path for path in paths if path.is_absolute() or ".." in path.parts]:
        raise FolderError(f"modules.json points outside the folder: {outside[0]}")
    kinds = [name.rsplit(".", 1)[-1] for name in types]
    if kinds[:2] != ["Transformer", "Pooling"] or not set(kinds[2:]) <= {"Dense", "Normalize"}:
        raise FolderError(f"its parts are {', '.join(kinds) or 'none'}; Transformer, Pooling, then Dense and "
                          "Normalize are known")
    return [(kind, "" if path == PurePosixPath() else f"{path}/") for kind, path in zip(kinds, paths, strict=True)]


def _kept(folder: Path, path: str) -> Iterator[str]:
    place = folder / path
    for file in place.iterdir() if place.is_dir() else ():
        if file.suffix in _KEPT and not file.name.startswith(".") and file.is_file():
            yield f"{path}{file.name}"


def _check_file(folder: Path, name: str) -> None:
    if name.endswith(".safetensors"):
        _check_whole(folder / name, name)
    elif name.endswith(".json"):
        read = _json(folder, name)
        if PurePosixPath(name).name not in _WORDS and _wants_code(read):
            raise FolderError(f"{name} asks for program text of its own, and none is ever run here")


def _check_weights(files: Sequence[str], parts: Sequence[tuple[str, str]], folder: Path) -> None:
    """Refuse a folder that lacks the weights of a part; a transformer's may lie in numbered files."""
    for kind, path in parts:
        single, several = f"{path}model.safetensors", f"{path}model.safetensors.index.json"
        wanted = {single}
        if kind == "Transformer" and single not in files and several in files:
            wanted = {f"{path}{file}" for file in dict(_table(folder, several).get("weight_map") or {}).values()}
        if kind in ("Transformer", "Dense") and (missing := sorted(wanted - {*files})):
            raise FolderError(f"{missing[0]} is missing")
        if kind == "Transformer" and f"{path}tokenizer.json" not in files:
            raise FolderError(f"{path}tokenizer.json is missing")


def _shape(folder: Path, parts: Sequence[tuple[str, str]], config: dict[str, Any]) -> tuple[str, int]:
    """Return the pooling and the length of a vector after the last part."""
    pool = _table(folder, f"{parts[1][1]}config.json")
    modes = pool.get("pooling_mode") or [mode for key, mode in _POOLINGS.items() if pool.get(key)] or "mean"
    modes = [modes] if isinstance(modes, str) else modes
    width = pool.get("embedding_dimension") or pool.get("word_embedding_dimension")
    hidden = config.get("hidden_size")
    if not isinstance(width, int) or not isinstance(modes, list) or width != hidden:
        raise FolderError(f"its parts do not fit: the transformer gives {hidden} numbers, the pooling takes {width}")
    length = width * len(modes)
    for _, path in (part for part in parts if part[0] == "Dense"):
        dense = _table(folder, f"{path}config.json")
        if dense.get("in_features") != length or not isinstance(dense.get("out_features"), int):
            raise FolderError(f"its parts do not fit: {path}config.json takes {dense.get('in_features')} numbers, "
                              f"and {length} come")
        length = dense["out_features"]
    return "+".join(map(str, modes)), length


def _wants_code(read: object) -> bool:
    left = [read]
    while left:
        value = left.pop()
        if isinstance(value, dict):
            if "auto_map" in value or value.get("trust_remote_code"):
                return True
            left += value.values()
        elif isinstance(value, list):
            left += value
    return False


def _table(folder: Path, name: str) -> dict[str, Any]:
    read = _json(folder, name)
    if not isinstance(read, dict):
        raise FolderError(f"{name} cannot be read: it holds no settings")
    return read


def _json(folder: Path, name: str) -> Any:  # noqa: ANN401
    if not (folder / name).is_file():
        raise FolderError(f"{name} is missing, so it is no folder of sentence-transformers")
    try:
        return json.loads((folder / name).read_text("utf-8"))
    except (ValueError, RecursionError) as error:
        raise FolderError(f"{name} cannot be read: {error}") from error


def _check_whole(path: Path, name: str) -> None:
    """Refuse a file of weights that is shorter or longer than its header says (format: safetensors 0.4)."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(8), "little")
        if size < 8 + length or length > _LONGEST_HEADER:
            raise FolderError(f"{name} is cut short, or no safetensors file")
        try:
            tensors = {key: value for key, value in json.loads(file.read(length)).items() if key != "__metadata__"}
            end = max(int(tensor["data_offsets"][1]) for tensor in tensors.values())
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError) as error:
            raise FolderError(f"{name} is no safetensors file") from error
    if size != 8 + length + end:
        raise FolderError(f"{name} is cut short: {8 + length + end} bytes are wanted, and it has {size}")
