"""The working draft: whole documents, one writer, nothing half written is ever read."""

from __future__ import annotations

import errno
import json
import os
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpora.draft import Draft, Entry, Origin, file_name
from corpora.errors import DraftLockedError, FormatError, NoSpaceError
from corpora.records import Act, Document, DocumentId, Fact, FactType, Locator, Passage, PassageId


def entry(name: str, text: str = "Ҳуқуқи шаҳрванд.") -> tuple[Entry, bytes]:
    data = text.encode()
    document = Document(DocumentId(name), "Сарлавҳа", "tg", f"{name[:20]}.txt", sha256(data).hexdigest(),
                        "text/plain",
                        "test 1", act=Act("қонун", "294", "2020"),
                        facts=(Fact("F-1", FactType.FEE, "Ҳуқуқи"),), notes=("эзоҳ",))
    passage = Passage(PassageId(f"{name}:0"), document.id, text, 0, len(text),
                      Locator(1, "5", "модда 14", "Сар"))
    return Entry(document, (passage,), Origin(f"/а/{name}.txt", len(data), 17, "", "1")), data


@pytest.fixture
def draft(tmp_path):
    return Draft(tmp_path / "лоиҳа")


def everything(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*"))
            if path.is_file()}


def test_a_draft_that_does_not_exist_has_no_documents_and_is_not_made_by_reading(draft):
    assert list(draft.documents()) == []
    assert draft.entry(DocumentId("а")) is None
    assert not draft.root.exists()


def test_what_was_put_comes_back_sorted_by_id_with_its_bytes(draft):
    for name in ("ҷ", "а/б", "б", "..", "Ҳуҷҷат " * 40):
        draft.put(*entry(name, f"Матни {name}"))
    found = list(draft.documents())
    assert [each.document.id for each in found] == sorted(["ҷ", "а/б", "б", "..", "Ҳуҷҷат " * 40])
    for each in found:
        expected, data = entry(each.document.id, f"Матни {each.document.id}")
        assert (each.document, each.passages, each.origin) == (expected.document, expected.passages,
                                                               expected.origin)
        assert each.file is not None
        assert each.file.read_bytes() == data
        assert draft.entry(each.document.id) == each
    assert all(path.parent in (draft.root, draft.root / "documents", draft.root / "files")
               for path in draft.root.rglob("*") if path.is_file())


def test_putting_again_replaces_and_drops_the_bytes_nobody_names(draft):
    draft.put(*entry("а", "Кӯҳна"))
    draft.put(*entry("б", "Умумӣ"))
    draft.put(*entry("а", "Умумӣ"))
    assert [each.passages[0].text for each in draft.documents()] == ["Умумӣ", "Умумӣ"]
    assert len(list((draft.root / "files").iterdir())) == 1


def test_removing_says_whether_there_was_one_and_keeps_shared_bytes(draft):
    draft.put(*entry("а", "Умумӣ"))
    draft.put(*entry("б", "Умумӣ"))
    assert draft.remove(DocumentId("а"))
    assert not draft.remove(DocumentId("а"))
    found = list(draft.documents())
    assert [each.document.id for each in found] == ["б"]
    assert found[0].file is not None


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=120), unique=True,
                max_size=10))
def test_file_names_are_safe_short_and_different(names):
    files = [file_name(DocumentId(name)) for name in names]
    assert len(set(files)) == len(names)
    for file in files:
        assert len(file.encode()) < 200
        assert not file.startswith(".")
        assert not set(file) & set("/\\\0:*?\"<>|\n ")


def test_a_second_writer_is_turned_away_and_changes_nothing(draft):
    draft.put(*entry("а"))
    other = Draft(draft.root)
    with draft.writing():
        before = everything(draft.root)
        with pytest.raises(DraftLockedError, match="another process") as refused:
            other.put(*entry("б"))
        assert everything(draft.root) == before
        assert [each.document.id for each in other.documents()] == ["а"]
    assert refused.value.code == "draft_locked"
    other.put(*entry("б"))
    assert len(list(draft.documents())) == 2


def test_half_written_files_are_not_read_and_go_at_the_next_writing(draft):
    draft.put(*entry("а"))
    half = [draft.root / "documents" / "б.json.part", draft.root / "files" / "abc.part",
            draft.root / "draft.json.part"]
    for path in half:
        path.write_bytes(b'{"docu')
    assert [each.document.id for each in draft.documents()] == ["а"]
    draft.put(*entry("в"))
    assert not any(path.exists() for path in half)
    assert [each.document.id for each in draft.documents()] == ["а", "в"]


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_draft_as_it_was(draft, monkeypatch, call):
    draft.put(*entry("а", "Кӯҳна"))
    before = everything(draft.root)

    def full(*args: object, **more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), full)
    with pytest.raises(NoSpaceError, match="no space left") as refused:
        draft.put(*entry("а", "Нав"))
    monkeypatch.undo()
    assert everything(draft.root) == before
    assert "Free some space" in refused.value.hint
    draft.put(*entry("а", "Нав"))
    assert [each.passages[0].text for each in draft.documents()] == ["Нав"]


@pytest.mark.parametrize("manifest", ['{"format":"rohnamo-draft","version":9}',
                                      '{"format":"x","version":2}', "[", "{}"])
def test_a_draft_of_another_version_is_neither_read_nor_written(draft, manifest):
    draft.put(*entry("а"))
    (draft.root / "draft.json").write_text(manifest, encoding="utf-8")
    before = everything(draft.root)
    with pytest.raises(FormatError):
        list(draft.documents())
    with pytest.raises(FormatError):
        draft.entry(DocumentId("а"))
    with pytest.raises(FormatError):
        draft.put(*entry("б"))
    assert everything(draft.root) == before


@pytest.mark.parametrize("change", [{"version": 9}, {"document": {}}, {"passages": None}])
def test_a_document_that_cannot_be_read_is_named(draft, change):
    draft.put(*entry("а"))
    path = draft.root / "documents" / "а.json"
    path.write_text(json.dumps(json.loads(path.read_text(encoding="utf-8")) | change), encoding="utf-8")
    with pytest.raises(FormatError, match=r"а\.json"):
        list(draft.documents())
