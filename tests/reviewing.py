"""Notices on a clerk's desk: small ones of an invented office, read as texts, with what a clerk does to them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from assistant.access.store import opened_store
from assistant.notices import cards_of, read_notice
from assistant.review import Doubt
from assistant.review.rules import doubts, to_open

NOW = datetime(2026, 11, 27, 8, tzinfo=UTC)
QUESTION = "Кумакпулии моҳигирон чанд пул аст?"
# An invented benefit, so that no other document answers.
NOTICE = """Эълон дар бораи кумакпулии моҳигирон

Кумакпулии моҳигирон ба оилаҳои камбизоати моҳигирон дода мешавад.
Андозаи кумакпулӣ ба як оила 858 сомонӣ аст.
Кумакпулӣ аз 1 октябри соли 2026 пардохта мешавад.
Аризаҳо то 31 марти соли 2027 қабул карда мешаванд.
Барои гирифтани он шиноснома ва маълумотнома дар бораи ҳайати оила лозим аст.
Ариза ба ҷамоати деҳоти ҷойи истиқомат супорида мешавад.
Аз болои қарори рад дар давоми 30 рӯз ба суд шикоят кардан мумкин аст.
"""
CONFLICTING = NOTICE.replace("Кумакпулӣ аз", "Андозаи кумакпулӣ ба як оила 900 сомонӣ аст.\nКумакпулӣ аз")
COMPUTED = NOTICE.replace("858 сомонӣ аст.", "11 нишондиҳанда барои ҳисобҳо аст.\nДар соли 2026 нишондиҳанда барои "
                                             "ҳисобҳо 78 сомонӣ аст.")
PERSONAL = NOTICE + "\nБа шаҳрванд Раҳимов Далер, шиноснома A 12345678, дода шуд.\n"


class Clerk:
    """Somebody who works on cards of notices at a desk."""

    def __init__(self, config, sandbox, who="anisa"):
        self.config, self.who, self._sandbox = config, who, sandbox

    def read(self, notice=NOTICE, name="огоҳинома.txt"):
        """Return a notice as it was read, its cards and its bytes."""
        data = notice.encode()
        read = read_notice(name, data, self._sandbox)
        return read, cards_of(read, date(2026, 11, 27)), data

    def begin(self, notice=NOTICE, name="огоҳинома.txt"):
        """Begin to work on a notice; return the number of its first card."""
        with opened_store(self.config) as store:
            return store.reviews.begin(*self.read(notice, name), self.who, NOW).numbers[0]

    def do(self, deed, number, *given):
        """Do something to a card."""
        with opened_store(self.config) as store:
            return getattr(store.reviews, deed)(number, *given, self.who, NOW)

    def get(self, number):
        with opened_store(self.config) as store:
            return store.reviews.get(number)

    def lacks(self, number):
        with opened_store(self.config) as store:
            return [one.lack for one in store.reviews.missing(store.reviews.get(number), self.who)]

    def look_through(self, number, question=QUESTION):
        """Open every quote that counts, see every doubt and give the question."""
        for quote in to_open(self.get(number).card):
            self.do("see", number, quote)
        for doubt in doubts(self.get(number)):
            self.do("acknowledge", number, Doubt(doubt))
        self.do("ask", number, question)

    def approved(self, notice=NOTICE, *, name="Д. Раҳимов", question=QUESTION):
        """Return the number of a card of this notice that was looked through and approved."""
        number = self.begin(notice)
        self.look_through(number, question)
        with opened_store(self.config) as store:
            store.reviews.approve(number, self.who, NOW, name=name)
        return number


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder by its path."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*"))
            if path.is_file()}
