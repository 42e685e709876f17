"""What a ministry of two publishers releases and withdraws, edition by edition, by chance and well or badly.

    ministry = Ministry(random.Random(1))
    ministry.release(HEALTH)                       # min-health/1
    ministry.release(HEALTH, "unanswered")         # its own questions are not answered from it: no machine may take it
    ministry.revoke(HEALTH)
"""

from __future__ import annotations

import json
import random
from hashlib import sha256

from corpora.release import packed_text
from tests.entries import entry
from tests.repository_simulator import NOW, RepositorySimulator, signer

# The first one is tried first where two clash: what it released then stands.
CITY, HEALTH = "city-khujand", "min-health"
PUBLISHERS = (CITY, HEALTH)
# What the documents of each publisher are about; the first one's is asked for before a release is admitted.
SUBJECTS = {CITY: ("манзил", "иҷозат", "об", "барқ", "бозор", "хиёбон"),
            HEALTH: ("беморхона", "ташхис", "доруворӣ", "ваксина", "маъюбӣ", "таваллуд")}
QUESTION = "Боҷи давлатӣ барои {} чанд сомонӣ аст?"


class Ministry:
    """What is published.  `good` has the texts of every release that may be answered from, by release and document."""

    def __init__(self, chance: random.Random):
        self.repository = RepositorySimulator(PUBLISHERS)
        self.good: dict[str, dict[str, list[str]]] = {}
        self.bad: set[str] = set()
        self.newest: dict[str, int] = {}
        self.history: list[dict[str, bytes]] = []
        self._chance = chance
        self._documents = {name: {f"{name}-{number}": 0 for number in range(5)} for name in PUBLISHERS}
        self._made = dict.fromkeys(PUBLISHERS, 5)

    def release(self, publisher, fault=""):
        """Publish the next release of a publisher; `fault` says what is wrong with it."""
        number = self.newest[publisher] = self.newest.get(publisher, 0) + 1
        documents = self._documents[publisher]
        for name in self._chance.sample(sorted(documents), 2):
            documents[name] = number
        entries = [_entry(name, revised) for name, revised in documents.items()]
        if fault == "clash":
            entries.append(_entry(f"{CITY}-0", number))
        asked = _admission(f"{publisher}-0", documents[f"{publisher}-0"], wrong=fault == "unanswered")
        files = packed_text(entries, corpus=publisher, number=number, admission=asked)
        self.repository.publish(publisher, {"documents.jsonl": b"{"} if fault == "malformed" else files, number)
        if fault:
            self.bad.add(f"{publisher}/{number}")
        else:
            self.good[f"{publisher}/{number}"] = {one.document.id: [passage.text for passage in one.passages]
                                                  for one in entries}

    def revoke(self, publisher):
        """Withdraw a document; the next release has another one in its place."""
        documents = self._documents[publisher]
        name = self._chance.choice(sorted(documents)[1:])
        self.repository.revoke(name, publisher=self._chance.choice((publisher, "")))
        del documents[name]
        documents[f"{publisher}-{self._made[publisher]}"] = self.newest[publisher] + 1
        self._made[publisher] += 1

    def is_good(self, publisher):
        return f"{publisher}/{self.newest[publisher]}" in self.good


def _entry(name, revised):
    publisher, _, place = name.rpartition("-")
    first, *others = SUBJECTS[publisher]
    subject = others[int(place) % len(others)] if int(place) else first
    return entry(name, ("Маблағ", f"Боҷи давлатӣ барои {subject} {100 + revised} сомонӣ аст, нашри {revised}."),
                 ("Муҳлат", f"{subject.capitalize()} дар муҳлати {revised + 3} рӯзи корӣ дода мешавад ({name})."),
                 title=f"Хизматрасонии {subject}", sha256=sha256(f"{name} {revised}".encode()).hexdigest())


def _admission(name, revised, *, wrong):
    subject = SUBJECTS[name.rpartition("-")[0]][0]
    head = {"format": "rohnamo-admission", "version": 1, "day": NOW.date().isoformat(), "least": 1.0}
    asked = {"question": QUESTION.format(subject), "documents": [name],
             "values": [f"{999_999 if wrong else 100 + revised} сомонӣ"]}
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in (head, asked))


def forged():
    """Return a repository like ours, of a stranger who signs with keys of their own."""
    stranger = RepositorySimulator(PUBLISHERS)
    for role in stranger.signers:
        stranger.signers[role] = [signer("a stranger")]
    for publisher in PUBLISHERS:
        files = packed_text([_entry(f"{publisher}-0", 900)], corpus=publisher, number=900)
        stranger.publish(publisher, files, 900)
    return stranger.files
