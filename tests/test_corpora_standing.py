"""What a text says of itself fills what metadata leaves open; acts that ended are marked everywhere."""

from __future__ import annotations

from corpora import Entry
from corpora.records import Act, Document, DocumentId, DocumentStatus, Passage, PassageId
from corpora.standing import READ_STATUS, marked, read_standing

DECREE = "Қарори Ҳукумати Ҷумҳурии Тоҷикистон аз 27 майи соли 2020, № 294"
OLD = Act("қарори Ҳукумати Ҷумҳурии Тоҷикистон", "203", "2010-04-30")
NEW = Act("қарори Ҳукумати Ҷумҳурии Тоҷикистон", "294", "2020-05-27")


def document(name="санад", **fields):
    plain = {"id": DocumentId(name), "title": name, "language": "tg", "file": f"{name}.txt", "sha256": "0" * 64,
             "media_type": "text/plain", "extractor": "test 1"}
    return Document(**(plain | fields))


def entry(text, **fields):
    own = document(**fields)
    return Entry(own, (Passage(PassageId(f"{own.id}:1"), own.id, text, 0, len(text)),))


def test_an_act_is_read_from_the_title_where_metadata_has_none():
    read, notes = read_standing(document(), f"{DECREE}\n\nДар бораи шиноснома\n\nШиноснома дода мешавад.")
    assert read.act == NEW
    assert any(note.startswith("act") for note in notes)


def test_what_a_person_wrote_is_never_changed():
    given = document(act=OLD, publisher="Вазорат", status=DocumentStatus.IN_FORCE, valid_from="2020-01-01")
    read, notes = read_standing(given, f"{DECREE}\nҲолати ҳуҷҷат: эътибор надорад\nСанаи амалкуни: 05.06.2021")
    assert (read.act, read.publisher, read.status, read.valid_from) == (OLD, "Вазорат", DocumentStatus.IN_FORCE,
                                                                        "2020-01-01")
    assert READ_STATUS not in notes


def test_a_status_line_fills_an_unknown_status_and_says_so():
    read, notes = read_standing(document(), "Ҳолати ҳуҷҷат: эътибор надорад\n\nМатни санад.")
    assert read.status == DocumentStatus.VOID
    assert READ_STATUS in notes


def test_a_text_without_a_word_of_itself_changes_nothing():
    given = document()
    assert read_standing(given, "Шиноснома дар муҳлати 15 рӯз дода мешавад.") == (given, ())


def test_an_act_that_another_one_ended_is_marked_with_its_successor():
    old = entry("Қоидаҳои пештара.", name="кӯҳна", act=OLD)
    new = entry(f"{DECREE}\nҚарори Ҳукумати Ҷумҳурии Тоҷикистон аз 30 апрели соли 2010, № 203 аз эътибор соқит "
                "дониста шавад.", name="нав", act=NEW)
    first, second = marked([old, new])
    assert first.document.status == DocumentStatus.VOID
    assert first.document.superseded_by in ("нав", None)
    assert second == new


def test_marking_leaves_a_person_s_status_and_the_texts_as_they_were():
    old = entry("Қоидаҳои пештара.", name="кӯҳна", act=OLD, status=DocumentStatus.IN_FORCE)
    new = entry(f"{DECREE}\nҚарори Ҳукумати Ҷумҳурии Тоҷикистон аз 30 апрели соли 2010, № 203 аз эътибор соқит "
                "дониста шавад.", name="нав", act=NEW)
    assert marked([old, new]) == [old, new]
