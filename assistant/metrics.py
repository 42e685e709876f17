"""What a machine tells of itself in numbers, in the text format of Prometheus.

Everything is counted elsewhere (`assistant.tally`, the generators, the state of sync) and only written down here.
Counts are since the program began.  A label is a status, a stage, a language, the outcome of a draft or a publisher:
never anything that somebody typed, and no two of them together.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from assistant.generate import Generator
from assistant.llama import LlamaGenerator
from assistant.records import AnswerStatus
from assistant.status import SyncStatus
from assistant.tally import BOUNDS, Tally
from assistant.texts import LANGUAGES

_LANGUAGES = (*LANGUAGES, "unknown")


@dataclass(frozen=True, slots=True)
class Machine:
    """What is looked at.  `snapshot` counts documents and passages, none where nothing answers; `status` may be None
    where the machine's database cannot be read.
    """

    tally: Tally
    visits: int
    snapshot: dict[str, int]
    generators: Sequence[Generator]
    status: SyncStatus | None


def metrics(machine: Machine) -> bytes:
    """Return the numbers as text, those of this process among them."""
    registry = CollectorRegistry()
    registry.register(_Figures(machine))
    ProcessCollector(registry=registry)
    return generate_latest(registry)


class _Figures(Collector):
    """All that is told of one machine at one moment."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def collect(self) -> Iterator[Metric]:
        yield _gauge("info", "The program that runs.", 1, version=version("rohnamo"))
        yield _gauge("up", "Whether it answers from documents.", float(bool(self._machine.snapshot)))
        yield _gauge("visits_open", "Visits that are going on, or people inside.", self._machine.visits)
        yield from self._of_answers()
        yield from self._of_models()
        for counted in ("documents", "passages"):
            yield _gauge(f"snapshot_{counted}", f"The {counted} that are answered from.",
                         self._machine.snapshot.get(counted, 0))
        if self._machine.status:
            yield from _of_sync(self._machine.status)

    def _of_answers(self) -> Iterator[Metric]:
        tally = self._machine.tally
        yield _counter("questions", "Questions that could be read.", "language",
                       {one: tally.languages[one] for one in _LANGUAGES})
        yield _counter("answers", "What became of what was asked.", "status",
                       {one: tally.answers[one] for one in AnswerStatus})
        family = HistogramMetricFamily("rohnamo_stage_seconds", "How long a stage of an answer took.",
                                       labels=["stage"])
        for stage, spread in sorted(tally.stages.items()):
            total, buckets = 0, list[tuple[str, float]]()
            for bound, count in zip((*map(str, BOUNDS), "+Inf"), spread.counts, strict=True):
                buckets.append((bound, total := total + count))
            family.add_metric([stage], buckets, spread.seconds)
        yield family

    def _of_models(self) -> Iterator[Metric]:
        yield _counter("drafts", "Drafts of models by what became of them.", "outcome",
                       dict(sorted(self._machine.tally.drafts.items())))
        models = [one for one in self._machine.generators if isinstance(one, LlamaGenerator)]
        yield _counted("model_starts", "Processes of a model that were started; each visit ends one.",
                       sum(one.starts for one in models))
        yield _counted("model_deaths", "Processes of a model that a signal ended.", sum(one.deaths for one in models))


def _of_sync(status: SyncStatus) -> Iterator[Metric]:
    yield _gauge("free_bytes", "Room on the disk of the data directory.", status.free_bytes)
    yield _gauge("generation", "The running number of what answers, 0 where nothing does.", status.generation or 0)
    if status.last_success:
        yield _gauge("sync_age_seconds", "Since an attempt to sync went well.",
                     (status.moment - status.last_success.at).total_seconds())
    if status.reading:
        yield _gauge("sync_failing", "Whether the last attempt failed.", float(status.last_failure is not None))
        yield _gauge("clock_wrong", "Whether the clock of the machine is known to be wrong.",
                     float(status.reading.bad))
    yield _gauge("outbox_waiting", "Events that wait to be sent.",
                 sum(one.waiting for one in (status.outbox or {}).values()))
    for name, held in (("held", True), ("refused", False)):
        family = GaugeMetricFamily(f"rohnamo_release_{name}", f"The number of the release that is {name}.",
                                   labels=["publisher"])
        for one in status.releases:
            release = one.held if held else one.refused
            if release:
                family.add_metric([one.publisher], release.number)
        yield family


def _gauge(name: str, help_text: str, value: float, **labels: str) -> Metric:
    family = GaugeMetricFamily(f"rohnamo_{name}", help_text, labels=list(labels))
    family.add_metric(list(labels.values()), value)
    return family


def _counter(name: str, help_text: str, label: str, counts: dict[str, int]) -> Metric:
    family = CounterMetricFamily(f"rohnamo_{name}", help_text, labels=[label])
    for value, count in counts.items():
        family.add_metric([value], count)
    return family


def _counted(name: str, help_text: str, count: int) -> Metric:
    return CounterMetricFamily(f"rohnamo_{name}", help_text, value=count)
