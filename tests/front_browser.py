"""A real browser at the pages of clerks and admins, over machines, questions, tasks and a release to be signed."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from threading import Event as Ready
from threading import Thread

from assistant.access.store import opened_store
from assistant.access.tasks import Task, Work
from assistant.waiting import opened_inbox
from assistant.web.server import Server, address_of, listening
from sync.batch import Event, Kind, write_batch
from sync.release import canonical
from tests.browser import _quiet_again
from tests.desk import NOW
from tests.fleet_reports import machine, said
from tests.prepared_releases import prepare

DAY = NOW.date()
QUESTIONS = ("Барои шиносномаи хориҷӣ чанд пул дихам?", "Шиносномаи хориҷӣ чанд пул аст?",
             "Занбӯрро чӣ тавр бақайд гирам?")
# The seed answers the first and not the second.
TASKS = (("Барои гирифтани шиноснома кадом ҳуҷҷатҳо лозиманд?", Work.FACT),
         ("Қимати тилло дар Миррих чанд аст?", Work.DOCUMENT))


def fill(config):
    """Let some machines report, and some questions come in."""
    for number, name in enumerate(("Хуҷанд, 3", "Кӯлоб, бозор", "Душанбе, Сино", "Хоруғ")):
        key = machine(config, name, DAY - timedelta(days=80))
        for back in range(60, 8 if name == "Хоруғ" else -1, -3):
            said(config, key, DAY - timedelta(days=back), {"min-health": max(1, 9 - back // 7 - number)},
                 asked=(60 - back) * 9, abstained=(60 - back) * (1 + number // 2),
                 errors=("no_space",) if name == "Кӯлоб, бозор" else ())
        events = [Event(f"{at:032x}", Kind.QUESTION, DAY - timedelta(days=at), canonical(
            {"question": one, "closest": ["passport-fees"]})) for at, one in enumerate(QUESTIONS)]
        with opened_inbox(config) as inbox:
            inbox.accept(write_batch(events, key), DAY)
    with opened_store(config) as store:
        for question, work in TASKS:
            store.tasks.open(Task(0, question, work, "аз қарори 406", "appeals", DAY - timedelta(days=9), DAY,
                                  "baxtiyor"), NOW)
    prepare(config, "min-labour-1")


@contextmanager
def served(front):
    """Serve a desk's pages at a free port, and give the address."""
    ready, told = Ready(), []
    with listening("127.0.0.1", 0) as door, _quiet_again():
        server = Server(front.app, ready.set, told.append)
        thread = Thread(target=server.run, args=([door],), name="desk")
        thread.start()
        assert ready.wait(10)
        try:
            yield address_of(door).rstrip("/")
        finally:
            server.should_exit = True
            thread.join()
    assert told == []
