"""What a machine would answer after a release: golden questions asked of a snapshot that is thrown away.

The snapshot has what a machine would hold, and the day is the day of the release.  Each question is judged as in
`assistant.grading`; one that was right before and is wrong now is told by name.  Nothing on this machine changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from assistant.answer import Assistant
from assistant.config import Config
from assistant.encoders import open_encoder
from assistant.errors import AssistantError
from assistant.evaluate import Asked, Outcome, Progress, run
from assistant.grading import Grade, citations
from assistant.records import AnswerStatus
from assistant.release_lines import sides
from assistant.update import MADE
from corpora.draft import Entry
from corpora.records import Document, Passage
from corpora.standing import marked
from corpora.suspicion import visible
from index import Encoder, Snapshot, build_snapshot
from index.errors import EncoderError
from index.vector_folder import VectorFolder

_RIGHT = (Grade.RIGHT, Grade.RIGHTLY_DECLINED)
_MOST_CHANGES = 200                    # told of answers that stay right; those that became wrong are all told
# For those who sign; what a citizen is told stands in the texts.
IN_WORDS = {
    AnswerStatus.ANSWERED: "answered", AnswerStatus.ANSWERED_PARTLY: "answered in part",
    AnswerStatus.ANSWERED_SUPERSEDED: "answered from a document that no longer holds",
    AnswerStatus.ABSTAINED_NO_EVIDENCE: "declined: no document answers it",
    AnswerStatus.ABSTAINED_OUT_OF_SCOPE: "declined: not about public services",
    AnswerStatus.ABSTAINED_NEEDS_CLERK: "declined: an officer has to see the case",
    AnswerStatus.ABSTAINED_UNCLEAR: "declined: the question was not understood",
    AnswerStatus.ABSTAINED_PERSONAL_DATA: "declined: it asks for personal data",
    AnswerStatus.ABSTAINED_SUPERSEDED: "declined: the document that was found no longer holds",
    AnswerStatus.ABSTAINED_UNSAFE: "declined: not safe to answer", AnswerStatus.FAILED_INPUT: "failed: not readable",
    AnswerStatus.FAILED_NO_SNAPSHOT: "failed: no snapshot",
    AnswerStatus.FAILED_INTERNAL: "failed: a fault of the program"}


class WorseAnswersError(AssistantError):
    """Questions that were answered rightly would be answered wrongly."""

    code = "worse_answers"

    def __init__(self, worse: Sequence[Mapping[str, Any]]) -> None:
        lines = (line for row in worse for line in (f"  {row['qid']}: {row['question']}", *sides(row)))
        listed = "\n".join(map(visible, lines))
        super().__init__(f"nothing was released: these were answered rightly and would not be any more:\n{listed}",
                         "Mend the documents, or what the questions expect; or give a reason with --allow-worse.")
        self.worse = tuple(worse)


@dataclass(frozen=True, slots=True)
class Examined:
    """What became of the questions with the release, and without it; `before` is empty where nothing was released."""

    after: tuple[Outcome, ...] = ()
    before: tuple[Outcome, ...] = ()

    @property
    def changed(self) -> list[dict[str, Any]]:
        """Return the questions whose answer changes, those that became wrong first, then as they were asked."""
        rows = [_row(old, new) for old, new in zip(self.before, self.after, strict=True)] if self.before else []
        differ = [row for row in rows if row["before"] != row["after"]]
        return sorted(differ, key=lambda row: not is_worse(row))

    @property
    def wrong(self) -> list[dict[str, Any]]:
        """Return the questions that are not answered rightly with the release, and what comes instead."""
        return [_asked(one) | {"status": IN_WORDS[one.answer.status],
                               "claim": next((_line(claim.text) for claim in one.answer.claims), "")}
                for one in self.after if not is_right(one)]

    def to_json(self, allowed: str) -> dict[str, Any]:
        """Return a plain object.  `allowed`: why worse answers are accepted."""
        changed = self.changed
        worse = sum(map(is_worse, changed))
        shown = changed[:worse + _MOST_CHANGES]
        return {"asked": len(self.after), "right": _right(self.after), "allowed_worse": allowed if worse else "",
                "right_before": _right(self.before) if self.before else None, "worse": worse, "changed": shown,
                "more": len(changed) - len(shown), "wrong": self.wrong}


def examine(config: Config, questions: Sequence[Asked], day: date, editions: tuple[Sequence[Entry], Sequence[Entry]],
            progress: Progress | None = None) -> Examined:
    """Ask the questions of what a machine would hold with the release, and of what it holds without it.

    editions: the documents before, none where nothing was released; and after.

    Raises:
        SnapshotError: a machine could not use these documents.
    """
    before, after = editions
    if not before or not questions:
        return Examined(ask_all(config, questions, day, after, progress))
    if _as_answered(before) == _as_answered(after):
        same = ask_all(config, questions, day, after, progress)
        return Examined(same, same)
    whole = 2 * len(questions)

    def second(done: int, of: int) -> None:
        if progress:
            progress(done + len(questions), whole)

    old = ask_all(config, questions, day, before, progress and (lambda done, of: progress(done, whole)))
    return Examined(ask_all(config, questions, day, after, second), old)


def ask_all(config: Config, questions: Sequence[Asked], day: date, entries: Sequence[Entry],
            progress: Progress | None = None) -> tuple[Outcome, ...]:
    """Return what becomes of the questions where these documents are all there are.

    Raises:
        SnapshotError: no snapshot can be built of them.
    """
    encoder = _usable(config)
    with TemporaryDirectory(prefix="rohnamo-") as folder:
        path, known = Path(folder) / "snapshot", {}
        if encoder:
            known = dict(VectorFolder(config.data_dir / MADE, encoder).known())
        build_snapshot(marked(entries), path, encoder=encoder, known_vectors=known, lexicon_file=config.lexicon)
        with Snapshot.open(path, encoder=encoder) as snapshot:
            return tuple(run(Assistant(snapshot, "release", lambda: day), questions, progress))


def _as_answered(entries: Sequence[Entry]) -> list[tuple[Document, tuple[Passage, ...]]]:
    """Return of documents what answers depend on."""
    return sorted(((entry.document, entry.passages) for entry in entries), key=lambda pair: pair[0].id)


def is_right(outcome: Outcome) -> bool:
    """Return whether an answer, or that there is none, is right."""
    return outcome.grade in _RIGHT


def is_worse(row: Mapping[str, Any]) -> bool:
    """Return whether a changed answer was right and is wrong."""
    return bool(row["before"]["right"] and not row["after"]["right"])


def cited(outcome: Outcome) -> frozenset[str]:
    """Return the documents that an answer cites."""
    return frozenset(one.document.id for one in citations(outcome.answer))


def _usable(config: Config) -> Encoder | None:
    encoder = open_encoder(config)
    try:
        if encoder:
            encoder.sha256  # noqa: B018 - fails where it cannot be used
    except EncoderError:
        return None
    return encoder


def _right(outcomes: Sequence[Outcome]) -> int:
    return sum(map(is_right, outcomes))


def _row(old: Outcome, new: Outcome) -> dict[str, Any]:
    """Return how a question is answered before and after, each by the first sentence that the other lacks."""
    said = [[_line(claim.text) for claim in one.answer.claims] for one in (old, new)]
    pairs = list(zip_longest(*said, fillvalue=""))
    first = next((pair for pair in pairs if pair[0] != pair[1]), (*pairs, ("", ""))[0])
    before, after = ({"status": IN_WORDS[one.answer.status], "right": is_right(one), "claim": claim}
                     for one, claim in zip((old, new), first, strict=True))
    return _asked(new) | {"before": before, "after": after}


def _asked(outcome: Outcome) -> dict[str, Any]:
    return {"qid": outcome.asked.qid, "question": _line(outcome.asked.question)}


def _line(text: str) -> str:
    return " ".join(text.split())
