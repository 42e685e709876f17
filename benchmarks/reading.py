"""How truly documents are read: `python benchmarks/reading.py [--json]`.

At least sixty documents are drawn from the seed's texts, whose words are known, and read as `ingest` reads them.
Printed are the character error rates of each kind beside their budgets, noise that was accepted, good text in
other languages that was altered, and pages a second.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from time import perf_counter

import pages
from rapidfuzz.distance import Levenshtein

from corpora.draft import Draft
from corpora.errors import CorpusError
from corpora.extract import extract_bytes
from corpora.ingest import ingest

ROOT = Path(__file__).parents[1]
DOCUMENTS = ROOT / "corpora" / "seed" / "documents"
BUDGETS = {"born digital": 0.001, "old letters": 0.001, "clean scan": 0.01, "noisy scan": 0.03, "letters lost": 0.01}
# As long as fits on one drawn page at every size (code points).
_LETTERS = 1500
_MARKS = re.compile(r"^[#>*–•|\-\s]+|[*|]+", re.MULTILINE)

FOREIGN = {
    "uz": "Ўзбекистон Республикаси Конституцияси ва қонунлари ҳар бир фуқаронинг ҳуқуқларини ҳимоя қилади. "
          "Ҳужжатлар давлат хизматлари марказида қабул қилинади ва беш иш кунида кўриб чиқилади.",
    "uk": "Громадяни України мають право звертатися до органів державної влади. Заяву розглядають у строк "
          "до тридцяти днів, якщо інше не встановлено законом; її подають особисто або поштою.",
    "sr": "Грађани имају право да поднесу захтев надлежном органу. Њихов захтев се решава у року од тридесет "
          "дана, а љубазни службеник ће објаснити који су документи потребни.",
    "kk": "Қазақстан Республикасының азаматтары мемлекеттік қызметтерді халыққа қызмет көрсету орталығында "
          "алады. Өтініш он жұмыс күні ішінде қаралады, құжаттар тізімі сайтта бар.",
    "mk": "Граѓаните имаат право да поднесат барање до надлежниот орган. Ќе добијат одговор во рок од триесет "
          "дена, а потребните документи се објавени.",
    "be": "Грамадзяне маюць права звяртацца ў дзяржаўныя органы. Заяву разглядаюць у тэрмін да трыццаці дзён, "
          "а патрэбныя дакументы пералічаны ў законе.",
    "ru": "Граждане имеют право обращаться в государственные органы лично. Заявление рассматривается в срок до "
          "тридцати дней со дня регистрации, если законом не установлен иной срок.",
    "en": "Citizens have the right to apply to public bodies in person. An application is considered within "
          "thirty days of its registration unless the law sets another term.",
}


@dataclass(frozen=True)
class Drawn:
    """A document to be read: `name` and bytes, and the words that stand in it."""

    kind: str
    name: str
    data: bytes
    truth: str


def texts() -> list[str]:
    """Return true texts in Tajik, one page long, from the seed's Markdown and text documents."""
    found = []
    for path in sorted(DOCUMENTS.iterdir()):
        if path.suffix in (".md", ".txt") and not path.stem.endswith("-ru"):
            plain = _MARKS.sub("", path.read_text(encoding="utf-8"))
            lines = [line.strip() for line in plain.split("\n")
                     if len(line.split()) > 3 and "http" not in line and "__" not in line]
            text = "\n".join(lines)[:_LETTERS].rsplit(" ", 1)[0]
            if len(text) > _LETTERS / 2:
                found.append(text)
    return found[:24]


def drawn() -> Iterator[Drawn]:
    """Yield every document of the set."""
    for number, text in enumerate(texts()):
        for suffix, draw in (("pdf", pages.pdf), ("html", pages.html), ("docx", pages.word)):
            if number % 3 == ("pdf", "html", "docx").index(suffix):
                yield Drawn("born digital", f"born-{number}.{suffix}", draw(text), text)
        if number < 16:
            yield from _old(number, text)
        if number < 12:
            yield from _scans(number, text)
        if number < 4:
            yield Drawn("letters lost", f"lost-{number}.pdf", pages.pdf_without_letters(text), text)


def _old(number: int, text: str) -> Iterator[Drawn]:
    scheme = list(pages.LETTERS)[number % len(pages.LETTERS)]
    yield Drawn("old letters", f"{scheme}-{number}.txt", pages.in_old_letters(text, scheme).encode(), text)
    if number % 4 == 0:
        halves = text.split("\n")
        mixed = [pages.in_old_letters(line, list(pages.LETTERS)[place % 2]) for place, line in enumerate(halves)]
        yield Drawn("old letters", f"mixed-{number}.html", pages.html("\n".join(mixed)), text)
    if scheme in ("adlia", "lj"):
        yield Drawn("old letters", f"{scheme}-{number}.pdf", pages.pdf(pages.in_old_letters(text, scheme)), text)


def _scans(number: int, text: str) -> Iterator[Drawn]:
    dpi = (150, 200, 300)[number % 3]
    yield Drawn("clean scan", f"clean-{number}-{dpi}.png", pages.scan(text, dpi, noisy=False, seed=number), text)
    yield Drawn("noisy scan", f"noisy-{number}-{dpi}.png", pages.scan(text, dpi, noisy=True, seed=number), text)
    if number == 0:
        yield Drawn("clean scan", "clean.pdf", pages.scanned_pdf(texts()[:2], 200), "\n".join(texts()[:2]))


def error_rate(read: str, truth: str) -> float:
    """Return the character error rate: edits by the letters of the truth, spaces and line ends as one space."""
    read, truth = (" ".join(_MARKS.sub("", text).split()) for text in (read, truth))
    return Levenshtein.distance(read, truth) / len(truth)


def read(document: Drawn) -> str | None:
    """Return what is read of a document, None where it is refused."""
    try:
        return extract_bytes(document.data, document.name).text
    except CorpusError:
        return None


def altered() -> list[str]:
    """Return the languages whose good text does not come through as it was."""
    return [language for language, text in FOREIGN.items()
            if extract_bytes(text.encode(), f"{language}.txt").text.strip() != text]


def pages_per_second() -> float:
    """Return how many born-digital pages are read a second, of one PDF of 300 pages."""
    from pypdf import PdfReader, PdfWriter

    writer, one = PdfWriter(), PdfReader(io.BytesIO(pages.pdf(texts()[0])))
    for _ in range(300):
        writer.append(one)
    out = io.BytesIO()
    writer.write(out)
    count, started = len(writer.pages), perf_counter()
    extract_bytes(out.getvalue(), "many.pdf")
    return count / (perf_counter() - started)


def memory_mb(count: int) -> float:
    """Return the most memory (MB) this process and the reading child took for so many documents of 10 kB."""
    text = ("\n".join(texts()) * 2)[:10_000]
    with tempfile.TemporaryDirectory() as folder:
        papers = Path(folder) / "papers"
        papers.mkdir()
        for number in range(count):
            (papers / f"{number}.txt").write_text(f"Ҳуҷҷати {number}\n{text}", encoding="utf-8")
        ingest([papers], Draft(Path(folder) / "draft"))
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def main() -> None:
    """Measure and print."""
    memory = {count: memory_mb(count) for count in (100, 1000)}  # first: what comes later takes more
    rates: dict[str, list[float]] = {}
    refused: dict[str, int] = {}
    worst: dict[str, tuple[float, str]] = {}
    for document in drawn():
        text = read(document)
        if text is None:
            refused[document.kind] = refused.get(document.kind, 0) + 1
            continue
        rate = error_rate(text, document.truth)
        rates.setdefault(document.kind, []).append(rate)
        worst[document.kind] = max(worst.get(document.kind, (0.0, "")), (rate, document.name))
    found = {"documents": sum(map(len, rates.values())) + sum(refused.values()),
             "rates": {kind: fmean(values) for kind, values in rates.items()}, "worst": worst, "refused": refused,
             "noise accepted": sum(rate > 0.3 for values in rates.values() for rate in values),
             "altered": altered(), "pages per second": pages_per_second(),
             "memory MB": memory}
    if "--json" in sys.argv:
        print(json.dumps(found, ensure_ascii=False))
        return
    for kind, rate in found["rates"].items():
        verdict = "within" if rate <= BUDGETS[kind] else "OVER"
        print(f"{kind:14} {len(rates[kind]):3} read, {refused.get(kind, 0)} refused   error rate {rate:7.3%}   budget "
              f"{BUDGETS[kind]:6.1%}   {verdict}   worst {worst[kind][0]:.2%} {worst[kind][1]}")
    print(f"{found['documents']} documents, noise accepted: {found['noise accepted']}, languages altered: "
          f"{', '.join(found['altered']) or 'none'}, {found['pages per second']:.0f} pages/s (budget 300)")
    print("memory: " + ", ".join(f"{count} documents {peak:.0f} MB" for count, peak in found["memory MB"].items()))


if __name__ == "__main__":
    main()
