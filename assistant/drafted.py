"""What a model's drafts are worth on a set of questions: whether they hold, what they say, how long they take.

A draft is judged alone, before composed claims stand behind it, and also where nobody would see it: of a model that
only checks the engine, and on evidence that was found too little to answer from.  Measured like `assistant.evaluate`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median, quantiles
from time import perf_counter

from assistant import grading
from assistant.account import Account
from assistant.drafting import Writing
from assistant.generate import Finish
from assistant.grading import Expected, Grade
from assistant.records import Answer, Claim, ClaimKind

# What is told of the drafts, beside what is wanted of the test part.
MEASURES = {"drafts": "drafts begun", "unsure": "drafts given up as unsure, of those for an answer that is shown",
            "worded": "answers that are shown and worded", "held": "drafts that the verifier passes whole (0.80)",
            "sentences held": "sentences that it passes",
            "right": "right, of drafts that hold (0.90)", "value first": "asked-for value in the first sentence (0.85)",
            "abstains": "abstains where nothing answers (0.90)",
            "over-abstains": "abstains where something does (under 0.10)",
            "length": "words for each word of the claims they stand for (0.5)",
            "length of quotes": "words for each word of the quotes they name",
            "first piece s": "first piece, seconds in the middle (2)",
            "first piece s p95": "first piece, 95 of 100 within",
            "whole s": "whole draft, seconds in the middle (6)", "whole s p95": "whole draft, 95 of 100 within"}


@dataclass(frozen=True, slots=True)
class Drafted:
    """One draft.  Words are counted in what holds; `right` and `value_first` are None where nothing was expected."""

    answerable: bool
    shown: bool                        # an answer was, so that the draft may be
    abstained: bool
    unsure: bool                       # it was given up before a sentence was whole
    sentences: int
    held: int
    right: bool | None
    value_first: bool | None
    words: int
    claim_words: int                   # of the composed claims that cite the same
    quote_words: int                   # of the quotes that are named
    first_s: float | None
    whole_s: float

    @property
    def holds(self) -> bool:
        """Whether the verifier passed all of it."""
        return 0 < self.sentences == self.held


def timed(writing: Writing) -> tuple[tuple[Claim, ...], float]:
    """Return the claims of a draft, read to its end, and the seconds that took."""
    started = perf_counter()
    return tuple(writing), perf_counter() - started


def drafted(writing: Writing, seconds: float, account: Account, wanted: Expected | None) -> Drafted | None:
    """Return what the draft for an account is worth; None where no model was asked."""
    attempt = next((one for one in writing.attempts if one.finish is not Finish.UNASKED), None)
    if attempt is None:
        return None
    held = [verdict for verdict in writing.verdicts if verdict.fault is None]
    claims = tuple(Claim(verdict.sentence, ClaimKind.GENERATED,
                         tuple(writing.citations[number - 1] for number in verdict.numbers)) for verdict in held)
    return Drafted(wanted is not None, bool(account.answer.claims), attempt.abstained,
                   attempt.finish is Finish.UNSURE and not writing.verdicts, len(writing.verdicts), len(held),
                   _right(account.answer, claims, wanted), _value_first(claims, wanted), *_lengths(account, claims),
                   attempt.first_piece_s, seconds)


def measures(drafts: Sequence[Drafted]) -> dict[str, float | int | None]:
    """Return every measure of some drafts; None where nothing of its kind was asked.

    What is written is measured where an answer is shown, abstaining everywhere.
    """
    written = [one for one in drafts if one.shown and not (one.abstained or one.unsure)]
    holding = [one for one in written if one.holds]
    compared = [one for one in holding if one.claim_words]
    return {
        "drafts": len(drafts), "unsure": _mean(one.unsure for one in drafts if one.shown),
        "worded": _mean(one.holds for one in drafts if one.shown), "held": _mean(one.holds for one in written),
        "sentences held": _share(sum(one.held for one in written), sum(one.sentences for one in written)),
        "right": _mean(one.right is True for one in holding),
        "value first": _mean(one.value_first for one in holding if one.value_first is not None),
        "abstains": _mean(one.abstained for one in drafts if not one.answerable),
        "over-abstains": _mean(one.abstained for one in drafts if one.answerable),
        "length": _share(sum(one.words for one in compared), sum(one.claim_words for one in compared)),
        "length of quotes": _share(sum(one.words for one in holding), sum(one.quote_words for one in holding)),
        **_times("first piece s", [one.first_s for one in drafts if one.first_s is not None]),
        **_times("whole s", [one.whole_s for one in drafts]),
    }


def _right(answer: Answer, claims: tuple[Claim, ...], wanted: Expected | None) -> bool | None:
    return grading.grade(replace(answer, claims=claims), wanted) == Grade.RIGHT if claims else None


def _value_first(claims: Sequence[Claim], wanted: Expected | None) -> bool | None:
    """Return whether the first sentence says all that was asked for in its own words."""
    if not claims or not wanted or not wanted.values:
        return None
    return grading.says(claims[0], wanted)


def _lengths(account: Account, claims: Sequence[Claim]) -> tuple[int, int, int]:
    cited = {citation for claim in claims for citation in claim.citations}
    composed = [claim for claim in account.answer.claims if not claim.computation and cited & set(claim.citations)]
    return (sum(_words(claim.text) for claim in claims), sum(_words(claim.text) for claim in composed),
            sum(_words(citation.quote) for citation in cited))


def _mean(values: Iterable[bool]) -> float | None:
    known = list(values)
    return fmean(known) if known else None


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _times(name: str, seconds: Sequence[float]) -> dict[str, float | None]:
    last = quantiles(seconds, n=20)[-1] if len(seconds) > 1 else None
    return {name: median(seconds) if seconds else None, f"{name} p95": last}


def _words(text: str) -> int:
    return len(text.split())
