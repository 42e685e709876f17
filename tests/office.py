"""A handful of papers of an invented office: two sources that disagree, an edition that lapsed, sums in indicators."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

FISHING = "Иҷозатномаи моҳигирӣ чанд сомонӣ аст?"
HUNTING = "Шаҳодатномаи шикорчӣ дар чанд рӯз дода мешавад?"
BEES = "Боҷи бақайдгирии занбӯрпарварӣ чанд сомонӣ аст?"
BOATS = "Қоидаи қаиқронӣ дар дарёи Вахш чист?"


@dataclass(frozen=True, slots=True)
class Paper:
    """One document of one sentence, which is a fact of some kind; `about` is its metadata beside the usual."""

    title: str
    sentence: str
    kind: str
    about: dict[str, str]
    act: dict[str, str] = field(default_factory=dict)


PAPERS = {
    "fishing-2024": Paper("Иҷозатномаи моҳигирӣ: боҷ", "Барои иҷозатномаи моҳигирӣ 40 сомонӣ гирифта мешавад.", "fee",
                          {"service": "fishing", "valid_from": "2024-03-01"},
                          {"type": "қарор", "number": "11", "date": "2024-02-10"}),
    "fishing-2025": Paper("Иҷозатномаи моҳигирӣ: нарх", "Нархи иҷозатномаи моҳигирӣ 60 сомонӣ аст.", "fee",
                          {"service": "fishing", "valid_from": "2025-06-01"},
                          {"type": "қарор", "number": "22", "date": "2025-05-20"}),
    "hunting-2015": Paper("Шаҳодатномаи шикорчӣ: муҳлат (пештара)",
                          "Шаҳодатномаи шикорчӣ дар муҳлати 30 рӯз дода мешавад.", "duration",
                          {"service": "hunting", "valid_from": "2015-01-01", "valid_until": "2021-12-31",
                           "status": "superseded", "superseded_by": "hunting-2022"}),
    "hunting-2022": Paper("Шаҳодатномаи шикорчӣ: муҳлат", "Шаҳодатномаи шикорчӣ дар муҳлати 10 рӯз дода мешавад.",
                          "duration", {"service": "hunting", "valid_from": "2022-01-01"}),
    "bees": Paper("Бақайдгирии занбӯрпарварӣ: боҷ",
                  "Боҷи бақайдгирии хоҷагии занбӯрпарварӣ 3 нишондиҳанда барои ҳисобҳо аст.", "fee",
                  {"service": "bees"}),
    "indicator-2026": Paper("Нишондиҳанда барои ҳисобҳо дар соли 2026",
                            "Аз 1 январи 2026 нишондиҳанда барои ҳисобҳо 78 сомонӣ аст.", "fee",
                            {"service": "indicator", "valid_from": "2026-01-01", "valid_until": "2026-12-31"}),
    "boats": Paper("Қоидаи қаиқронӣ", "Қоидаи кӯҳнаи қаиқронӣ дар дарёи Вахш бо қарори № 77 тасдиқ шуда буд.",
                   "definition", {"service": "boats", "status": "void", "valid_until": "2010-12-31"}),
}
_USUAL = {"language": "tg", "status": "in_force", "as_of": "2026-10-01", "review_by": "2027-10-01"}
_OTHERS = "бвгджзклмнпр"


def write_papers(folder: Path) -> None:
    """Write each paper with its metadata beside it, and a dozen texts about something else."""
    folder.mkdir()
    for name, paper in PAPERS.items():
        (folder / f"{name}.md").write_text(f"# {paper.title}\n\n{paper.sentence}\n", encoding="utf-8")
        (folder / f"{name}.md.toml").write_text(_metadata(name, paper), encoding="utf-8")
    for letter in _OTHERS:
        title = f"Матни {letter * 3}"
        text = f"# {title}\n\n{title} дар бораи боғу дарахтон ва гулҳо аст.\n"
        (folder / f"other-{letter}.md").write_text(text, encoding="utf-8")


def _metadata(name: str, paper: Paper) -> str:
    dates = {key: paper.about[key] for key in ("valid_from", "valid_until") if key in paper.about}
    tables = [_table(_USUAL | {"id": name, "title": paper.title} | paper.about)]
    tables += ["[act]", _table(paper.act)] if paper.act else []
    fact = {"id": f"fact-{name}", "type": paper.kind, "quote": paper.sentence} | dates
    return "\n".join([*tables, "[[fact]]", _table(fact)]) + "\n"


def _table(rows: dict[str, str]) -> str:
    return "\n".join(f'{key} = "{value}"' for key, value in rows.items())
