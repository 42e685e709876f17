"""A release: the same bytes for the same documents, and nothing read that was not checked."""

from __future__ import annotations

import errno
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from corpora import Draft, Entry, read_release, write_release
from corpora.errors import DamagedReleaseError, ExistingReleaseError, FormatError, NoSpaceError
from corpora.records import Document, DocumentId, Fact, FactType, Passage, PassageId
from corpora.release import (
    Manifest,
    described,
    packed_files,
    packed_text,
    read_manifest,
    unpacked_files,
    unpacked_text,
)


def put(draft: Draft, name: str, *parts: str) -> None:
    data = " ".join(parts).encode()
    document = Document(DocumentId(name), "Сарлавҳа", "tg", f"{name}.txt", sha256(data).hexdigest(),
                        "text/plain",
                        "test 1", facts=(Fact("F-1", FactType.FEE, parts[0]),))
    passages, at = [], 0
    for number, part in enumerate(parts):
        passages.append(Passage(PassageId(f"{name}:{number}"), document.id, part, at, at + len(part)))
        at += len(part) + 1
    draft.put(Entry(document, tuple(passages)), data)


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*"))
            if path.is_file()}


@pytest.fixture
def draft(tmp_path):
    draft = Draft(tmp_path / "draft")
    put(draft, "ҷавоз", "Ҷавоз 35,36 сомонӣ аст.", "Муҳлат даҳ рӯз.")
    put(draft, "а", "Ариза\u2028лозим аст.")
    put(draft, "ариза", "Ариза\u2028лозим аст.")
    return draft


@pytest.fixture
def release(draft, tmp_path):
    write_release(draft.documents(), tmp_path / "release", corpus="шиноснома", number=3)
    return tmp_path / "release"


def test_what_was_written_comes_back_without_where_it_came_from(draft, release):
    found = list(read_release(release))
    expected = list(draft.documents())
    assert [(each.document, each.passages) for each in found] == [(each.document, each.passages)
                                                                  for each in expected]
    assert all(each.origin is None for each in found)
    assert all(each.file.read_bytes() == other.file.read_bytes() for each,
               other in zip(found, expected, strict=True))


def test_the_manifest_counts_and_names_every_file(release):
    manifest = read_manifest(release)
    assert (manifest.corpus, manifest.number) == ("шиноснома", 3)
    assert manifest.counts == {"documents": 3, "passages": 4, "facts": 3, "files": 2}
    assert set(manifest.files) == set(everything(release)) - {"release.json"}


def test_the_same_documents_in_any_order_give_the_same_bytes(draft, release, tmp_path):
    write_release(reversed(list(draft.documents())), tmp_path / "again", corpus="шиноснома", number=3)
    assert everything(tmp_path / "again") == everything(release)


def test_the_files_are_as_the_format_says(release):
    files = everything(release)
    lines = files["documents.jsonl"].decode().split("\n")
    assert [json.loads(line)["id"] for line in lines[:-1]] == ["а", "ариза", "ҷавоз"]
    assert lines[-1] == ""
    passages = files["passages.jsonl"].decode().split("\n")[:-1]
    assert [json.loads(line)["id"] for line in passages] == ["а:0", "ариза:0", "ҷавоз:0", "ҷавоз:1"]
    assert all(line == json.dumps(json.loads(line), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
               for line in [*lines[:-1], *passages])
    assert files["release.json"].endswith(b"}\n")
    assert str(release.parent).encode() not in b"".join(files.values())


def test_an_empty_corpus_makes_a_release_too(tmp_path):
    manifest = write_release([], tmp_path / "empty", corpus="холӣ", number=None)
    assert manifest.number is None
    assert list(read_release(tmp_path / "empty")) == []


def test_a_release_is_never_written_over_something(draft, release):
    before = everything(release)
    with pytest.raises(ExistingReleaseError) as refused:
        write_release([], release, corpus="дигар", number=4)
    assert everything(release) == before
    assert "does not exist" in refused.value.hint


@pytest.mark.parametrize("path", ["documents.jsonl", "passages.jsonl", "files"])
@pytest.mark.parametrize("fault", ["flipped", "longer", "missing"])
def test_a_byte_that_differs_is_found_before_anything_is_read(release, path, fault):
    file = next((release / path).iterdir()) if path == "files" else release / path
    data = file.read_bytes()
    if fault == "missing":
        file.unlink()
    else:
        file.write_bytes(bytes([data[0] ^ 1]) + data[1:] if fault == "flipped" else data + b"\n")
    with pytest.raises(DamagedReleaseError, match=file.name) as refused:
        read_release(release)
    assert refused.value.code == "damaged_release"


@pytest.mark.parametrize("change", [{"version": 9}, {"format": "rohnamo-draft"}])
def test_another_version_is_not_read(release, change):
    path = release / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(FormatError, match="not rohnamo-release 2"):
        read_release(release)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format":"rohnamo-release","version":2,"files":[]}'])
def test_a_manifest_that_is_none_is_damage(release, text):
    (release / "release.json").write_text(text, encoding="utf-8")
    with pytest.raises(DamagedReleaseError):
        read_release(release)


@pytest.mark.parametrize("files", [{}, {"../draft/draft.json": {"length": 1, "sha256": "0"}}])
def test_a_manifest_that_leaves_out_files_or_points_elsewhere_is_damage(release, files):
    path = release / "release.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | {"files": files}),
                    encoding="utf-8")
    with pytest.raises(DamagedReleaseError):
        read_release(release)


def test_a_file_outside_the_release_is_not_read_though_its_hash_is_right(release):
    outside = release.parent / "draft" / "draft.json"
    path = release / "release.json"
    found = json.loads(path.read_text(encoding="utf-8"))
    found["files"]["../draft/draft.json"] = {
        "length": outside.stat().st_size, "sha256": sha256(outside.read_bytes()).hexdigest()}
    path.write_text(json.dumps(found), encoding="utf-8")
    with pytest.raises(DamagedReleaseError, match="points out of"):
        read_release(release)


def test_a_file_changed_in_the_draft_is_not_released(draft, tmp_path):
    entry = next(draft.documents())
    entry.file.write_bytes("дигар".encode())
    with pytest.raises(DamagedReleaseError, match="was changed") as refused:
        write_release(draft.documents(), tmp_path / "new", corpus="а", number=1)
    assert "Ingest" in refused.value.hint
    assert sorted(path.name for path in tmp_path.iterdir()) == ["draft"]


def test_a_full_disk_leaves_no_release_behind(draft, tmp_path, monkeypatch):
    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpaceError):
        write_release(draft.documents(), tmp_path / "new", corpus="а", number=1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["draft"]


def test_two_documents_of_one_id_make_no_release(draft, tmp_path):
    entries = [*draft.documents(), *draft.documents()]
    with pytest.raises(DamagedReleaseError, match="twice"):
        write_release(entries, tmp_path / "new", corpus="а", number=1)
    assert not (tmp_path / "new").exists()


def test_a_release_of_the_seed_holds_its_forms_with_their_rules(seed_config, tmp_path):
    from assistant.update import drafts

    (draft,) = drafts(seed_config)
    write_release(draft.documents(), tmp_path / "release", corpus="seed", number=1)
    forms = [json.loads(line) for line in (tmp_path / "release" / "forms.jsonl").read_text("utf-8").splitlines()]
    fillable = [form for form in forms if form["fillable"]]
    assert len(fillable) >= 8
    assert all(form["fields"] for form in fillable)
    assert any(field["rule"] for form in fillable for field in form["fields"])
    assert [entry.document.id for entry in read_release(tmp_path / "release")] \
        == sorted(entry.document.id for entry in draft.documents())


def test_what_travels_is_read_back_as_it_was(draft, tmp_path):
    entries = list(draft.documents())
    texts = packed_text(reversed(entries), corpus="seed", number=3)
    files = packed_files(entries, corpus="seed", number=3)
    read = list(unpacked_text(texts, release="seed/3"))
    assert [(one.document, one.passages, one.boxes) for one in read] \
        == [(one.document, one.passages, one.boxes) for one in entries]
    assert {one.release for one in read} == {"seed/3"}
    assert {sha256(data).hexdigest(): data for data in unpacked_files(files).values()} == unpacked_files(files)
    assert packed_text(entries, corpus="seed", number=3) == texts


def test_where_a_source_file_lies_is_decided_by_hashes_alone(draft, tmp_path):
    (tmp_path / "secret").write_bytes(b"what nobody may read")
    (entry, *_) = draft.documents()
    texts = packed_text([entry], corpus="a", number=1)
    hostile = texts | {name: data.replace(entry.document.sha256.encode(), b"../secret") for name, data in texts.items()}
    listed = {path: described(data) for path, data in hostile.items() if path != "release.json"}
    hostile["release.json"] = Manifest("a", 1, {}, listed).to_bytes()
    with pytest.raises(DamagedReleaseError, match=r"its sha256 is '\.\./secret'"):
        list(unpacked_text(hostile, files=tmp_path / "release"))


def test_source_files_that_are_not_what_their_name_says_are_refused(draft):
    files = packed_files(draft.documents(), corpus="a", number=1)
    name = next(path for path in files if path.startswith("files/"))
    other = files | {name: b"another"}
    listed = {path: described(data) for path, data in other.items() if path != "release.json"}
    with pytest.raises(DamagedReleaseError, match="is not the file its name says"):
        unpacked_files(other | {"release.json": Manifest("a", 1, {}, listed).to_bytes()})
