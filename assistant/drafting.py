"""From what a model writes to claims: sentence by sentence, each verified as soon as it is whole.

The generators are asked in order, the server before this machine's model; the next one when a generator gave
nothing that may be shown.  What was verified stays, whatever happens after it; no byte that is not part of a
verified sentence leaves this module as a claim.  The composed answer is somebody else's and always there.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from enum import StrEnum

from assistant import generate
from assistant.errors import AssistantError
from assistant.generate import Finish, Pieces, never
from assistant.line import BusyError
from assistant.log import Event, tell
from assistant.prompt import MAX_EVIDENCE, MAX_SENTENCES, CitedSentence, SentenceReader, compose_prompt, plain
from assistant.query import Query
from assistant.records import Citation, Claim, ClaimKind
from assistant.templates import marked, unmarked
from assistant.texts import LANGUAGES, text
from assistant.verify import Fault, fault
from corpora.sentences import sentences

# A citizen reads the composed answer meanwhile; later than this nobody waits (seconds).
DEADLINE_S = 60.0
# Of a draft; the sentences the grammar allows have about 1 000.
MAX_LETTERS = 4_000


class Refusal(StrEnum):
    """Why a sentence was not even compared with its quotes."""

    FORM = "not one plain sentence that ends with its numbers"
    EVIDENCE = "names evidence that was not given"
    REPEATED = "was written before"


class Notice(StrEnum):
    """What a person is told when a draft is not all it could be: the keys of `[generate]` in the texts."""

    BUSY = "busy"
    UNREACHABLE = "unreachable"
    FAILED = "failed"
    CUT = "cut"
    DROPPED = "dropped"
    ENGINE_CHECK = "engine_check"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One sentence of a draft and what became of it."""

    model: str
    sentence: str
    numbers: tuple[int, ...]
    fault: Fault | Refusal | None
    shown: bool


@dataclass(slots=True)
class Attempt:
    """One generator that was asked: how its draft ended, and when its first piece came (seconds)."""

    model: str
    shows_text: bool
    started: float
    finish: Finish | None = None       # None where `problem` says why, or nobody reads on
    problem: AssistantError | None = None
    tokens: int = 0
    first_piece_s: float | None = None
    shown: int = 0
    abstained: bool = False            # it wrote that the evidence does not answer

    @property
    def notice(self) -> Notice | None:
        """What a person is told of it, None where nothing."""
        if self.abstained or self.finish in (Finish.CANCELLED, Finish.UNASKED, Finish.UNSURE):
            return None
        if self.finish is None and not self.problem:
            return None
        if self.shown and self.finish in (Finish.STOP, Finish.LENGTH):
            return None
        if self.shown or self.finish is Finish.DEADLINE:
            return Notice.CUT
        if self.problem or self.finish is Finish.DIED:
            return _notice_of(self.problem)
        return Notice.DROPPED if self.shows_text else Notice.ENGINE_CHECK

    @property
    def outcome(self) -> str:
        """What became of it in one word: a notice, `shown`, `abstained`, or how it ended with nothing to show."""
        if self.notice or self.shown:
            return self.notice or "shown"
        return "abstained" if self.abstained else self.finish or Finish.CANCELLED


@dataclass(frozen=True, slots=True)
class Drafting:
    """The generators of this machine, in the order they are asked.  Threads may share it."""

    generators: Sequence[generate.Generator] = ()
    clock: Callable[[], float] = time.monotonic

    @property
    def name(self) -> str:
        """The generator that is asked first; nothing where answers are facts and extracts only."""
        return self.generators[0].name if self.generators else ""

    @property
    def waiting(self) -> int:
        """How many drafts the first generator is writing or has waiting."""
        return self.generators[0].waiting if self.generators else 0

    def begin(self, query: Query, citations: Sequence[Citation], *, deadline_s: float = DEADLINE_S,
              cancelled: Callable[[], bool] = never) -> Writing:
        """Return a draft that is written while it is read; nothing is asked before its first claim is wanted.

        citations: the evidence, best first; the five first are given.  deadline_s: for all generators together.
        """
        given = [citation for citation in citations if plain(citation.quote)]
        return Writing(self, query, tuple(given[:MAX_EVIDENCE]), self.clock() + deadline_s, cancelled)

    def forget(self) -> None:
        """Have every generator let go of the words it was given."""
        for generator in self.generators:
            generator.forget()

    def close(self) -> None:
        """Close every generator."""
        for generator in self.generators:
            generator.close()


@dataclass(slots=True)
class Writing:
    """One draft: iterate over it once for verified claims, in order; then it says what became of the rest."""

    drafting: Drafting
    query: Query
    citations: tuple[Citation, ...]
    ends: float
    cancelled: Callable[[], bool]
    verdicts: list[Verdict] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)

    def __iter__(self) -> Iterator[Claim]:
        """Yield claims as they are verified.  Leaving early ends the writing.  Never raises for a model's sake."""
        for generator in self.drafting.generators if self.citations else ():
            if self.cancelled() or self._left() <= 0:
                return
            attempt = Attempt(generator.name, generator.shows_text, self.drafting.clock())
            self.attempts.append(attempt)
            try:
                yield from self._claims(generator, attempt)
            except AssistantError as error:
                tell(Event.GENERATOR_FAILED, code=error.code, model=generator.name)
                attempt.problem = error
            if attempt.shown or attempt.abstained:
                return

    @property
    def model(self) -> str:
        """Who wrote what was shown; nothing where nobody did."""
        return next((attempt.model for attempt in self.attempts if attempt.shown), "")

    @property
    def abstained(self) -> bool:
        """Whether a model said that the evidence does not answer."""
        return any(attempt.abstained for attempt in self.attempts)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person should know, in the language of the question: of the last generator that was asked."""
        last = self.attempts[-1] if self.attempts else None
        if last is None or last.notice is None:
            return ()
        return (text(self.query.language, "generate", last.notice, model=last.model),)

    def _left(self) -> float:
        return self.ends - self.drafting.clock()

    def _claims(self, generator: generate.Generator, attempt: Attempt) -> Iterator[Claim]:
        quotes = [unmarked(citation.quote) for citation in self.citations]
        prompt = compose_prompt(self.query.text, quotes, self.query.language)
        pieces = generator.stream(prompt, deadline_s=self._left(), cancelled=self.cancelled)
        with closing(self._noted(pieces, attempt)) as noted:
            for count, sentence in enumerate(self._sentences(noted, attempt), 1):
                if sentence.abstains:
                    attempt.abstained, attempt.finish = True, Finish.STOP
                    return
                if claim := self._judged(sentence, attempt):
                    attempt.shown += 1
                    yield claim
                if count == MAX_SENTENCES:
                    attempt.finish = Finish.LENGTH
                    return

    def _noted(self, pieces: Pieces, attempt: Attempt) -> Generator[str, None, None]:
        """Yield the pieces, and note how the draft ended."""
        draft = yield from pieces
        attempt.finish, attempt.tokens = draft.finish, draft.tokens

    def _sentences(self, pieces: Iterator[str], attempt: Attempt) -> Iterator[CitedSentence]:
        """Yield the sentences of a draft as they become whole; note what is left over, and the first piece."""
        reader, letters = SentenceReader(), 0
        for piece in pieces:
            if attempt.first_piece_s is None:
                attempt.first_piece_s = self.drafting.clock() - attempt.started
            yield from reader.add(piece)
            letters += len(piece)
            if letters > MAX_LETTERS:
                attempt.finish = Finish.LENGTH
                break
        yield from reader.end()
        if (tail := reader.unread.strip()) and attempt.finish is not Finish.UNSURE:
            self.verdicts.append(Verdict(attempt.model, tail, (), Refusal.FORM, False))

    def _judged(self, sentence: CitedSentence, attempt: Attempt) -> Claim | None:
        """Return the claim that a sentence makes, where it may be shown."""
        cited = tuple(self.citations[number - 1] for number in sentence.numbers if 0 < number <= len(self.citations))
        found = self._fault(sentence, cited)
        shown = found is None and attempt.shows_text
        self.verdicts.append(Verdict(attempt.model, sentence.text, sentence.numbers, found, shown))
        return Claim(self._marked(sentence.text, cited), ClaimKind.GENERATED, cited) if shown else None

    def _marked(self, said: str, cited: Sequence[Citation]) -> str:
        """Return a sentence with the mark "not confirmed" where a quote it stands on has it."""
        whole = next((citation.quote for citation in cited if unmarked(citation.quote) != citation.quote), "")
        return marked(whole, unmarked(said), self.query.language)

    def _fault(self, sentence: CitedSentence, cited: tuple[Citation, ...]) -> Fault | Refusal | None:
        if not sentence.well_formed:
            return Refusal.FORM
        if not cited or len(cited) < len(sentence.numbers):
            return Refusal.EVIDENCE
        if any(verdict.shown and verdict.sentence == sentence.text for verdict in self.verdicts):
            return Refusal.REPEATED
        quotes, language = [unmarked(citation.quote) for citation in cited], self.query.language
        said = unmarked(sentence.text)
        found = fault(said, quotes, language=language if language in LANGUAGES else None)
        return found or _fault_inside(said, quotes)


def _fault_inside(said: str, quotes: Sequence[str]) -> Fault | None:
    """Return the first fault of a part, where a model wrote several sentences before one number."""
    parts = [said[start:end] for start, end in sentences(said)]
    return next(filter(None, (fault(part, quotes) for part in parts)), None) if len(parts) > 1 else None


def _notice_of(problem: AssistantError | None) -> Notice:
    match problem:
        case BusyError() | AssistantError(code="server_busy"):
            return Notice.BUSY
        case AssistantError(code="server_failed"):
            return Notice.UNREACHABLE
    return Notice.FAILED
