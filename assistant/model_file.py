"""What is accepted as the file of a model, or as the folder of an encoder: by header, promises and hash.

Nothing is copied and nothing is run here.
"""

from __future__ import annotations

import re
from pathlib import Path

from assistant.encoder_folder import EncoderFolder, FolderError, accepted_folder
from assistant.errors import ModelError
from assistant.gguf import GgufHeader, HeaderError, read_header
from assistant.profile import Profile, profiles

_HASH = re.compile(r"[0-9a-f]{64}")


class RefusedModelError(ModelError):
    """A file cannot be taken as the model it is offered for.  Nothing was changed."""

    code = "model_refused"


def command(name: str) -> str:
    """Return what a person types to add a model."""
    known = profiles().get(name)
    return f"`rohnamo models add {name} {'FOLDER' if known and known.in_folder else 'FILE.gguf'}`"


def accepted(file: Path, profile: Profile) -> EncoderFolder | GgufHeader:
    """Return what a file or folder says it is, where the profile takes it.

    Raises:
        RefusedModelError: it is something else, is damaged, or cannot be read.
    """
    return _accepted_folder(file, profile) if profile.in_folder else _accepted_header(file, profile)


def check_wanted(profile: Profile, wanted: str) -> None:
    """Raise RefusedModelError where a wanted hash is none, or not the one of this model."""
    if wanted and not _HASH.fullmatch(wanted):
        raise RefusedModelError(f"{wanted!r} is no SHA-256.", "It is 64 digits and letters a to f.")
    if wanted and profile.sha256 not in ("", wanted):
        raise RefusedModelError(f"Model {profile.name} is one certain file, of SHA-256 {profile.sha256}.",
                                "Add another file under a name of its own.")


def check_hash(what: str, digest: str, wanted: str) -> None:
    """Raise RefusedModelError where a hash is not the one that was wanted."""
    if wanted and digest != wanted:
        raise RefusedModelError(f"{what} is not the file wanted: its SHA-256 is {digest}, not {wanted}.",
                                "It was damaged on the way, or is another file.  Copy it again.")


def _accepted_folder(folder: Path, profile: Profile) -> EncoderFolder:
    try:
        return accepted_folder(folder, profile)
    except OSError as error:
        raise RefusedModelError(f"{folder.name} cannot be read: {error.strerror}.",
                                "Check the medium, and who may read the folder.") from error
    except FolderError as error:
        raise RefusedModelError(f"{folder.name} was not added: {error}.",
                                f"Give the whole folder of {profile.title}: {command(profile.name)}.") from error


def _accepted_header(file: Path, profile: Profile) -> GgufHeader:
    try:
        if not file.is_file():
            raise HeaderError("it is a folder" if file.is_dir() else "there is no such file")
        header = read_header(file)
        _check_kind(header, profile)
    except OSError as error:
        raise RefusedModelError(f"{file.name} cannot be read: {error.strerror}.",
                                "Check the medium, and who may read the file.") from error
    except HeaderError as error:
        folders = ", ".join(name for name, known in profiles().items() if known.in_folder)
        encoder = f"  Folders are those of encoders: {folders}." if file.is_dir() else ""
        raise RefusedModelError(f"{file.name} was not added: {error}.",
                                f"Give the whole GGUF file: {command(profile.name)}.{encoder}") from error
    return header


def _check_kind(header: GgufHeader, profile: Profile) -> None:
    if header.parts > 1:
        raise HeaderError(f"it is one of {header.parts} parts; "
                          "join them with `llama-gguf-split --merge` first")
    if header.architecture not in profile.architectures:
        raise HeaderError(f"its architecture is {header.architecture or 'not stated'!r}, "
                          f"and {profile.name} takes {', '.join(profile.architectures)}")
