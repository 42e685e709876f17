"""An approved card as files for `ingest`: the note in two languages, the notice itself, and the question it answers.

Beside each document lies its metadata; a note's says who approved exactly these bytes, without which no release takes
it.  The question goes to `questions.jsonl`, so that a release is asked it before it is signed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path

from assistant.evaluate import read_questions
from assistant.notices.card import FieldName
from assistant.release import QUESTIONS
from assistant.release_rules import NOTE
from assistant.review.note import (
    LANGUAGES,
    Said,
    approval_of,
    asked_fields,
    note_language,
    note_text,
    note_title,
    said_in,
    value_day,
)
from assistant.review.records import Doubt, Review, ReviewError
from assistant.review.rules import COUNTED
from corpora.dates import read_dates
from corpora.quantities import quantities
from corpora.records import DocumentStatus, FactType
from sync.durable import write_whole

NOTICE, DOCUMENTS = "notice", "documents"
Table = Mapping[str, str | date]
# A note is looked at again after a year at the latest, as what it rests on may have changed unseen.
_REVIEWED = timedelta(days=365)
_ID_DIGITS = 8
_SERVICE, _STYLE, _SPLIT = "notices", "proper", "test"

_TYPES = {
    FieldName.ELIGIBILITY: FactType.ELIGIBILITY, FieldName.AMOUNT: FactType.BENEFIT,
    FieldName.VALID_FROM: FactType.VALIDITY, FieldName.VALID_UNTIL: FactType.VALIDITY,
    FieldName.DEADLINE: FactType.DEADLINE, FieldName.PAPERS: FactType.REQUIRED_PAPERS,
    FieldName.WHERE: FactType.OFFICE, FieldName.HOW: FactType.PROCEDURE,
    FieldName.REFUSAL_AND_APPEAL: FactType.PROCEDURE, FieldName.LEGAL_BASIS: FactType.LEGAL_BASIS,
    FieldName.CONTACTS: FactType.PHONE}
# A day, or a day of any year.
_DAY = re.compile(r"\d{4}-\d\d-\d\d|--\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Export:
    """Where approved cards go: a folder, the publisher of their documents, whether the notices go along.

    questions: the file that their questions are added to, else one in the folder.
    """

    folder: Path
    publisher: str = ""
    with_notice: bool = True
    questions: Path | None = None

    def write(self, review: Review, data: bytes) -> tuple[str, ...]:
        """Write an approved card and return the names of its documents.  `data`: the bytes of its notice.

        A notice that seems to name a person stays here.

        Raises:
            ReviewError: it is not approved, or nothing tells who publishes it.
        """
        publisher = self.publisher or review.card.document.publisher
        if not publisher:
            raise ReviewError(f"nothing tells who publishes note {review.number}", "Name the office: --publisher NAME.")
        names = [self._note(review, language, publisher) for language in LANGUAGES]
        if self.with_notice and Doubt.PERSONAL not in review.acknowledged:
            names.append(self._notice(review, data, publisher))
        self._ask(review)
        return tuple(names)

    def _note(self, review: Review, language: str, publisher: str) -> str:
        name, data = f"note-{review.number}.{language}.md", note_text(review, language).encode()
        approval = approval_of(review)
        said = {"id": note_id(review, language), "title": note_title(review, language), "kind": NOTE,
                "language": language, "confidence": "B", **_held(review), "publisher": publisher,
                "approved_by": approval.name, "approved_on": approval.at.date(),
                "approved_sha256": sha256(data).hexdigest()}
        return self._document(name, data, said, facts_of(review, language))

    def _notice(self, review: Review, data: bytes, publisher: str) -> str:
        document = review.card.document
        said = {"id": _notice_id(review), "title": document.title, "kind": NOTICE, "language": document.language,
                "confidence": "A", **_held(review), "publisher": publisher}
        return self._document(f"{_notice_id(review)}{Path(review.file).suffix.lower()}", data, said)

    def _document(self, name: str, data: bytes, said: Table, facts: Sequence[Table] = ()) -> str:
        documents = self.folder / DOCUMENTS
        write_whole(documents / name, data)
        tables = [_toml(said), *(f"[[fact]]\n{_toml(fact)}" for fact in facts)]
        write_whole(documents / f"{name}.toml", "\n".join(tables).encode())
        return name

    def _ask(self, review: Review) -> None:
        """Add the question to those that are there, in place of an earlier one of this card."""
        path, row = self.questions or self.folder / QUESTIONS, question_row(review)
        known = path.read_text(encoding="utf-8").splitlines() if path.is_file() and read_questions(path) else []
        rows = [line for line in known if line.strip() and json.loads(line)["qid"] != row["qid"]]
        lines = "".join(f"{line}\n" for line in (*rows, json.dumps(row, ensure_ascii=False)))
        write_whole(path, lines.encode())


def note_id(review: Review, language: str) -> str:
    """Return the id of a note: of no other office's, as it has some digits of the notice's hash."""
    ending = "" if language == LANGUAGES[0] else f"-{language}"
    return f"note-{review.number}-{review.sha256[:_ID_DIGITS]}{ending}"


def facts_of(review: Review, language: str) -> list[Table]:
    """Return what a note states, typed: each sentence is the quote of its fact, in both languages under one id."""
    found: list[Table] = []
    for number, said in enumerate(said_in(review.card, language, asked_fields(review)), 1):
        value, unit = _value_and_unit(said)
        found.append({"id": f"{note_id(review, LANGUAGES[0])}-{number}", "type": _TYPES[said.field].value,
                      "quote": said.text, "value": value, "unit": unit})
    return found


def _value_and_unit(said: Said) -> tuple[str, str]:
    """Return a value as facts write it: "858" and "сомонӣ", "2026-03-31" and "date"; papers are parted."""
    value = "; ".join(said.values)
    if said.field not in COUNTED or len(said.values) != 1:
        return (value, "") if said.field is FieldName.PAPERS else ("", "")
    if _DAY.fullmatch(value):
        return value, "date"
    figure, _, unit = value.partition(" ")
    return (figure, unit) if len(quantities(value)) == 1 and figure[-1:].isdigit() else ("", "")


def _toml(table: Table) -> str:
    return "".join(f"{key} = {value if isinstance(value, date) else json.dumps(value, ensure_ascii=False)}\n"
                   for key, value in table.items() if value)


def question_row(review: Review) -> dict[str, object]:
    """Return the line of `questions.jsonl`: what is asked, and which document and figure a right answer shows."""
    spoken = note_language(review)
    named = [note_id(review, language) for language in sorted(LANGUAGES, key=lambda one: one != spoken)]
    return {"qid": f"note-{review.number}-{review.sha256[:_ID_DIGITS]}", "question": review.question,
            "language": spoken, "style": _STYLE, "service": _SERVICE, "split": _SPLIT, "answerable": True,
            "expected_documents": named, "expected_values": figures_asked(review, spoken)}


def figures_asked(review: Review, language: str) -> list[str]:
    """Return the sum or day that a question asks for first, in the words of the note; nothing where it asks for none.

    Of several sums the first; of one that was worked out, what it came to.
    """
    asked = asked_fields(review)[:1]
    said = next((one.text for one in said_in(review.card, language, asked) if one.field in asked), "")
    return _figures(said)[-1:] if asked and asked[0] in COUNTED else []


def _figures(said: str) -> list[str]:
    """Return the words of the quantities of a sentence, then of its days."""
    places = [*((one.start, one.end) for one in quantities(said)), *((one.start, one.end) for one in read_dates(said))]
    return [said[start:end] for start, end in places]


def _notice_id(review: Review) -> str:
    return f"notice-{review.sha256[:_ID_DIGITS]}"


def _held(review: Review) -> dict[str, str | date]:
    """Return from when until when a note holds, and when it is looked at again."""
    day, card = approval_of(review).at.date(), review.card
    first, last = (value_day(card, name) for name in (FieldName.VALID_FROM, FieldName.VALID_UNTIL))
    ahead = first > day.isoformat()
    status = DocumentStatus.NOT_YET_IN_FORCE if ahead else DocumentStatus.IN_FORCE
    review_by = min(filter(None, (last, (day + _REVIEWED).isoformat())))
    return {"service": card.document.service, "status": status.value, "as_of": day, "review_by": review_by,
            "valid_from": first, "valid_until": last}
