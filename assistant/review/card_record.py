"""A card as JSON of our own, so that what somebody approved is not read anew by a later program.

Documents and passages stand once each; a citation is four numbers: its passage, its document, its first and last
character (end exclusive).  What is read back is equal to what was kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from assistant.notices.card import Card, CardStatus, Edit, Entry, Field, FieldName, Part
from assistant.records import Citation, Computation
from assistant.review.records import ReviewError
from corpora.records import Document, Passage

FORMAT, VERSION = "rohnamo-card", 1


def card_to_json(card: Card) -> dict[str, Any]:
    """Return a card as a plain object."""
    documents = list(dict.fromkeys((card.document, *(one.document for one in _cited(card)))))
    passages = list(dict.fromkeys(one.passage for one in _cited(card)))

    def place(one: Citation | None) -> list[int] | None:
        return [passages.index(one.passage), documents.index(one.document), *one.span] if one else None

    fields = [{"name": field.name, "conflicting": field.conflicting, "edit": _edit_to_json(field.edit),
               "entries": [{"value": entry.value, "citation": place(entry.citation), "basis": place(entry.basis),
                            "computation": entry.computation and entry.computation.to_json()}
                           for entry in field.entries]} for field in card.fields]
    return {"format": FORMAT, "version": VERSION, "documents": [one.to_json() for one in documents],
            "passages": [one.to_json() for one in passages], "title": card.title, "status": card.status,
            "fields": fields, "left_over": [place(one) for one in card.left_over], "figures": card.figures,
            "figures_left_over": card.figures_left_over, "number": card.number, "of": card.of,
            "parts": [part.to_json() for part in card.parts]}


def card_from_json(plain: Mapping[str, Any]) -> Card:
    """Return the card written by `card_to_json`.

    Raises:
        ReviewError: it is of a newer program, or no card.
    """
    if (plain.get("format"), plain.get("version")) != (FORMAT, VERSION):
        raise ReviewError("a card that is kept here is of another version", "Update the program on this machine.")
    documents = [Document.from_json(one) for one in plain["documents"]]
    passages = [Passage.from_json(one) for one in plain["passages"]]

    def cited(place: list[int]) -> Citation:
        passage, document, start, end = place
        return Citation(passages[passage], documents[document], (start, end))

    def entry(one: Mapping[str, Any]) -> Entry:
        return Entry(one["value"], cited(one["citation"]),
                     Computation(**one["computation"]) if one["computation"] else None,
                     cited(one["basis"]) if one["basis"] else None)

    fields = tuple(Field(FieldName(one["name"]), tuple(entry(each) for each in one["entries"]), one["conflicting"],
                         _edit_from_json(one["edit"])) for one in plain["fields"])
    return Card(documents[0], plain["title"], CardStatus(plain["status"]), fields,
                tuple(cited(place) for place in plain["left_over"]), plain["figures"], plain["figures_left_over"],
                plain["number"], plain["of"], tuple(Part(**one) for one in plain["parts"]))


def _cited(card: Card) -> Iterator[Citation]:
    yield from card.citations
    yield from card.left_over


def _edit_to_json(edit: Edit | None) -> dict[str, Any] | None:
    return edit.to_json() if edit else None


def _edit_from_json(plain: Mapping[str, Any] | None) -> Edit | None:
    return Edit(tuple(plain["value"]), plain["by"], plain["day"], plain["reason"]) if plain else None
