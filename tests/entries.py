"""Documents written in a line, for tests of what is searched."""

from __future__ import annotations

from corpora import Document, Entry, Passage
from corpora.records import Locator


def entry(name, *texts, title="", heading=None, **fields):
    """Return a document of one passage a text; a text may be a pair of heading and text."""
    document = Document(**{"id": name, "title": title, "language": "tg", "file": f"{name}.txt", "sha256": "0" * 64,
                           "media_type": "text/plain", "extractor": "test 1"} | fields)
    passages, at = [], 0
    for number, text in enumerate(texts):
        over, text = text if isinstance(text, tuple) else (heading, text)
        place = Locator(heading=over)
        passages.append(Passage(f"{name}:{number}", document.id, text, at, at + len(text), place))
        at += len(text) + 1
    return Entry(document, tuple(passages))


def some(**fields):
    """Return a handful of documents about passports, marriage and pensions, in Tajik and Russian."""
    return [
        entry("шиноснома", ("Маблағ", "Боҷи давлатӣ барои шиносномаи хориҷӣ 250 сомонӣ аст."),
              ("Муҳлат", "Шиноснома дар муҳлати 5-уми рӯзи корӣ дода мешавад."), title="Шиносномаи хориҷӣ", **fields),
        entry("никоҳ", ("Бақайдгирӣ", "Ақди никоҳ дар САҲШ ба қайд гирифта мешавад."),
              ("Чой", "Дар толор чой менӯшанд ва меҳмонон хурсандӣ мекунанд."), title="Ақди никоҳ", **fields),
        entry("нафақа", ("Синну сол", "Нафақаи пиронсолӣ аз синни 63 таъин карда мешавад."),
              ("Ҷой", "Ҷойи кор дар дафтарчаи меҳнатӣ навишта мешавад."), title="Нафақа", **fields),
        entry("пенсия", ("Возраст", "Пенсия по старости назначается мужчинам с 63 лет."), title="Пенсия",
              language="ru", **fields),
    ]
