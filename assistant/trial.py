"""A snapshot is tried before it may answer: whole, openable, and right about what its releases were made to answer.

Its own questions have to be answered by each release that arrives; those of its neighbours no worse than now, so that
no publisher draws the questions of another to itself.  Nothing is activated here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from assistant.admission import AdmissionError, check, check_neighbour, read_admission
from assistant.config import Config
from assistant.encoders import open_encoder
from assistant.holdings import FILES_SUFFIX, Pack
from assistant.update import Candidate, opened
from corpora.release import ADMISSION
from index import Generations, Snapshot
from sync.outcome import Staged
from sync.release import PackKind
from sync.state import Withdrawn

# How many questions of each neighbour are asked again.
NEIGHBOURS = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried: the releases that arrived, all those the snapshot is of, and how many passages that makes."""

    config: Config
    staged: Sequence[Staged]
    packs: Sequence[Pack]
    passages: int
    withdrawn: Sequence[Withdrawn] = ()

    def check(self, built: Candidate) -> None:
        """See that the snapshot may be activated.

        Raises:
            AdmissionError: it is not whole, or too few questions are answered rightly.
            SnapshotError: it cannot be opened or searched.
        """
        with ExitStack() as stack:
            snapshot = stack.enter_context(built.open(self.withdrawn))
            if snapshot.count != self.passages:
                raise AdmissionError(f"{snapshot.count} passages can be searched, there are {self.passages}")
            arriving = {one.publisher for one in self.staged}
            for pack in self.packs if arriving else ():     # what was let in before is not asked again alone
                admission = read_admission(pack.contents().get(ADMISSION, b""))
                if pack.publisher in arriving:
                    check(snapshot, admission, pack.release)
                else:
                    check_neighbour(snapshot, lambda: self._current(stack), admission.some(NEIGHBOURS), pack.release)

    def _current(self, stack: ExitStack) -> Snapshot | None:
        """Return what answers now, opened; None where nothing does."""
        generations = Generations(self.config.generations)
        number = generations.current()
        if not number:
            return None
        return stack.enter_context(opened(generations.path(number), open_encoder(self.config), self.withdrawn))


def check_kind(staged: Staged) -> None:
    """See that a release holds what the name of its publisher says: texts, or the files behind them.

    Raises:
        AdmissionError: it does not.
    """
    if staged.publisher.endswith(FILES_SUFFIX) != (staged.release.kind is PackKind.FILES):
        raise AdmissionError(f"{staged.release.id} holds {staged.release.kind.value}, as its publisher's name does not",
                             f"Source files are released by a publisher whose name ends in {FILES_SUFFIX}.")

