"""Which models are on this machine, what each may do, and which file or folder is accepted as one.

A file is accepted by its header and its hash before it replaces anything, an encoder's folder by what its files
promise (`encoder_folder`); what is refused leaves nothing behind.  Nothing is ever downloaded, and no model is
run here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from assistant import model_file
from assistant.encoder_folder import EncoderFolder
from assistant.errors import ModelError
from assistant.model_file import RefusedModelError
from assistant.profile import OTHER, Profile, Role, profiles
from assistant.weights import Progress, Record, Weights, copied, copied_folder, hash_of, hash_of_files, is_name

_WITHOUT = "Answers go on without it, from facts and extracts."


class ModelMissingError(ModelError):
    """A model that was asked for is not on this machine."""

    code = "model_missing"


class CorruptModelError(ModelError):
    """A model's file is not the one that was added."""

    code = "model_corrupt"


class State(StrEnum):
    """Whether a model can be used."""

    READY = "ready"
    MISSING = "missing"
    CORRUPT = "corrupt"


@dataclass(frozen=True, slots=True)
class ModelState:
    """One model as it stands on this machine.  `size` is bytes; `path` is None where there is no file."""

    name: str
    role: Role
    state: State
    path: Path | None
    sha256: str
    size: int
    licence: str
    next_step: str

    @property
    def may_answer(self) -> bool:
        """Whether it is ready and its verified sentences may be shown."""
        return self.state is State.READY and self.role is Role.ANSWER

    def to_json(self) -> dict[str, str | int | None]:
        """Return a plain object."""
        return {"name": self.name, "role": self.role, "state": self.state,
                "path": str(self.path) if self.path else None, "sha256": self.sha256, "size": self.size,
                "licence": self.licence, "next_step": self.next_step}


States = list[ModelState]


class Models:
    """The models of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self._weights = Weights(data_dir / "models")

    def list(self) -> States:
        """Return every known and every added model, the preferred generator first.

        A file that changed since it was last hashed is hashed again; otherwise this is quick.
        """
        known = [name for name in profiles() if name != OTHER]
        added = [name for name in self._weights.names() if name not in known]
        return [self.state(name) for name in known + added]

    def state(self, name: str, *, anew: bool = False) -> ModelState:
        """Return how one model stands; `anew` reads the whole file even if nothing seems to have changed.

        Raises:
            ModelMissingError: there is neither a profile nor an added model of that name.
        """
        profile, record = self.profile(name), self._weights.record(name)
        if profile.base:
            return self._adapted(profile, anew=anew)
        if profile.kind != "generator" and not profile.in_folder:
            return _packaged(profile)
        if record is None:
            return ModelState(name, profile.role, State.MISSING, None, profile.sha256, profile.size,
                              profile.licence, _how_to_get(profile))
        whole = self._weights.is_whole(name, record, anew=anew)
        return ModelState(name, profile.role, State.READY if whole else State.CORRUPT,
                          self._weights.path(name, record), record.sha256, record.size, profile.licence,
                          "" if whole else _how_to_mend(profile))

    def _adapted(self, profile: Profile, *, anew: bool) -> ModelState:
        """Return how an adapter stands: as its base does, where it is the one that came with the program."""
        base, file = self.state(profile.base, anew=anew), profile.adapter_file
        if not file.is_file() or hash_of(file) != profile.sha256:
            return ModelState(profile.name, profile.role, State.CORRUPT, file, profile.sha256, profile.size,
                              profile.licence, "Its adapter is not as it shipped.  Install the program again from the "
                                               "wheel it came in")
        return ModelState(profile.name, profile.role, base.state, base.path, profile.sha256, profile.size,
                          profile.licence, base.next_step)

    def profile(self, name: str) -> Profile:
        """Return how a model is run and what it may do; one with a name of its own has its recorded role.

        Raises:
            ModelMissingError: there is neither a profile nor an added model of that name.
        """
        if name in profiles() and name != OTHER:
            return profiles()[name]
        if (record := self._weights.record(name)) is None:
            raise ModelMissingError(f"There is no model named {name!r} here.",
                                    f"Add its file: {model_file.command(name)}.  {_WITHOUT}")
        other = profiles()[OTHER]
        return replace(other, name=name, role=record.role, template=other.template_of(record.architecture))

    def resolve(self, name: str) -> Path:
        """Return the whole, checked file of a model, put together from its package if need be; an adapter's base.

        Raises:
            ModelMissingError: it is not here; the hint says which file is wanted and how to add it.
            CorruptModelError: its file is not the one that was added.
        """
        state, profile = self.state(name), self.profile(name)
        if profile.kind != "generator":
            raise ModelMissingError(f"Model {name} writes no drafts: it may {profile.may}.",
                                    f"Choose another generator.  {_WITHOUT}")
        if state.state is not State.READY and profile.extra:
            state = self._assemble(profile)
        return _path_of(state, "file", f"  {_WITHOUT}")

    def encoder_folder(self, name: str) -> tuple[Path, str]:
        """Return the whole, checked folder of an added encoder, and its hash.

        Raises:
            ModelMissingError: it is not here, or is no encoder that is added as a folder.
            CorruptModelError: it is not the folder that was added.
        """
        if not (profile := self.profile(name)).in_folder:
            raise ModelMissingError(f"Model {name} has no folder of its own: it may {profile.may}.",
                                    "Choose another encoder.")
        state = self.state(name)
        return _path_of(state, "folder"), state.sha256

    def verify(self, name: str | None = None) -> States:
        """Read and hash one model, or all that are here, anew, and return how they stand.

        A named model that comes in a package is put together where it is missing or damaged.

        Raises:
            ModelMissingError: there is no model of that name, or its package is not installed.
        """
        if name is None:
            return [self.state(each, anew=True) for each in self._weights.names()]
        state, profile = self.state(name, anew=True), self.profile(name)
        whole = state.state is State.READY or not profile.extra
        return [state if whole else self._assemble(profile)]

    def add(self, name: str, file: Path, *, sha256: str | None = None, role: Role | None = None,
            progress: Progress | None = None) -> ModelState:
        """Copy a GGUF file, or an encoder's folder, into the data directory under a name, and return how it stands.

        sha256: the expected hash in hex.  role: what a model with a name of its own may do; to answer people
        must be said.  progress: called with (bytes done, bytes in all).  The same file twice changes nothing.

        Raises:
            RefusedModelError: the file is not that model, is damaged, or does not fit; nothing was changed.
        """
        profile, wanted, file = _profile_to_add(name, role), (sha256 or "").strip().lower(), file.absolute()
        accepted = model_file.accepted(file, profile)
        model_file.check_wanted(profile, wanted)
        try:
            if isinstance(accepted, EncoderFolder):
                self._add_folder(profile, file, accepted, wanted, progress)
            elif not self._has(profile, file.stat().st_size, lambda: hash_of(file), wanted):
                self._take(profile, [file], (accepted.architecture, file.name, wanted), progress)
        except OSError as error:
            raise RefusedModelError(f"{file.name} could not be added as {name}: {error.strerror or error}.",
                                    "Check the disk and the medium, or choose another --data-dir.") from error
        return self.state(name)

    def _has(self, profile: Profile, size: int, digest: Callable[[], str], wanted: str) -> bool:
        record = self._weights.record(profile.name)
        if record is None or (record.role, record.size) != (profile.role, size):
            return False
        return (wanted in ("", record.sha256) and self._weights.is_whole(profile.name, record)
                and digest() == record.sha256)

    def _assemble(self, profile: Profile) -> ModelState:
        if profile.base:
            self.resolve(profile.base)
            return self.state(profile.name)
        try:
            parts: Sequence[Path] = import_module(profile.module).chunk_paths()
            self._take(profile, parts, (profile.architectures[0], profile.package, ""), None)
        except (ImportError, OSError, RefusedModelError) as error:
            raise ModelMissingError(f"Model {profile.name} cannot be put together from its package "
                                    f"{profile.package}: {error}.",
                                    f"{_install(profile)}.  {_WITHOUT}") from error
        return self.state(profile.name)

    def _take(self, profile: Profile, files: Sequence[Path], about: tuple[str, str, str],
              progress: Progress | None) -> None:
        architecture, added_from, wanted = about
        with self._weights.incoming(profile.name, sum(file.stat().st_size for file in files)) as incoming:
            digest = copied(files, incoming, progress)
            model_file.check_hash(added_from, digest, wanted or profile.sha256)
            _check_purpose(digest, profile)
            self._weights.keep(profile.name, incoming, Record(
                f"{digest}.gguf", digest, incoming.stat().st_size, profile.role, architecture, added_from))

    def _add_folder(self, profile: Profile, folder: Path, read: EncoderFolder, wanted: str,
                    progress: Progress | None) -> None:
        size = sum((folder / name).stat().st_size for name in read.files)
        if self._has(profile, size, lambda: hash_of_files(folder, read.files), wanted):
            return
        with self._weights.incoming(profile.name, size, folder=True) as incoming:
            digest = copied_folder(folder, read.files, incoming, progress)
            model_file.check_hash(folder.name, digest, wanted or profile.sha256)
            self._weights.keep(profile.name, incoming, Record(
                digest, digest, size, profile.role, read.architecture, folder.name))


def _path_of(state: ModelState, what: str, without: str = "") -> Path:
    if state.state is State.CORRUPT:
        raise CorruptModelError(f"Model {state.name} is damaged: {state.path} is not the {what} that was added.",
                                f"{state.next_step}.{without}")
    if state.path is None:
        raise ModelMissingError(f"Model {state.name} is not on this machine.", f"{state.next_step}.{without}")
    return state.path


def _packaged(profile: Profile) -> ModelState:
    here = find_spec(profile.module) is not None
    state, next_step = (State.READY, "") if here else (State.MISSING, _install(profile))
    return ModelState(profile.name, profile.role, state, None, profile.sha256, profile.size, profile.licence,
                      next_step)


def _install(profile: Profile) -> str:
    return "Install it: pip install " + (f"'rohnamo[{profile.extra}]'" if profile.extra else profile.package)


def _how_to_get(profile: Profile) -> str:
    if profile.in_folder:
        return f"A folder of {profile.title} with *.safetensors is wanted.  Add it: {model_file.command(profile.name)}"
    if not profile.extra:
        return f"A GGUF file of {profile.title} is wanted.  Add it: {model_file.command(profile.name)}"
    if find_spec(profile.module) is None:
        return _install(profile)
    return f"Its package is installed.  Put it together: `rohnamo models verify {profile.name}`"


def _how_to_mend(profile: Profile) -> str:
    again = f"`rohnamo models verify {profile.name}`" if profile.extra else model_file.command(profile.name)
    return f"The {'folder' if profile.in_folder else 'file'} changed after it was added.  Replace it: {again}"


def _profile_to_add(name: str, role: Role | None) -> Profile:
    known = profiles().get(name)
    if known is None and is_name(name):
        return replace(profiles()[OTHER], name=name, role=role or profiles()[OTHER].role)
    if known is None or name == OTHER or known.base or not (known.kind == "generator" or known.in_folder):
        raise RefusedModelError(f"{name!r} is no name that a file can be added under.",
                                "Use `soro`, or a name of small Latin letters, digits, dots and dashes.")
    if role not in (None, known.role):
        raise RefusedModelError(f"Model {name} has the role {known.role} and cannot be given another.",
                                "Add the file under a name of its own.")
    return known


def _check_purpose(digest: str, profile: Profile) -> None:
    same = next((known for known in profiles().values() if known.sha256 == digest), profile)
    if profile.role is Role.ANSWER and same.role is not Role.ANSWER:
        raise RefusedModelError(f"This file is {same.title}: it may {same.may}.",
                                f"It cannot answer as {profile.name}.  Add a model that was made to answer.")
