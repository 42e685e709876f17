"""What the workers of the tests do, and the program that starts them: `python -m tests.working WORK COUNT [DATA]`."""

from __future__ import annotations

import os
import sys
import time
from contextlib import ExitStack
from datetime import date
from functools import partial
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from assistant import config as settings
from assistant.answer import Assistant
from assistant.current import Current
from assistant.errors import AssistantError
from assistant.update import current_snapshot
from assistant.web.server import Server, address_of, listening
from assistant.web.workers import Workers
from index import SearchQuery


def say(line):
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def tiny(opened, tell):
    """Say who answers; stop hearing anything, or end, when asked to."""
    def here(_request):
        return JSONResponse({"pid": os.getpid(), "systemd": "NOTIFY_SOCKET" in os.environ})

    async def hang(_request):
        time.sleep(600)

    def die(_request):
        os._exit(3)

    routes = [Route("/", here), Route("/hang", hang), Route("/die", die)]
    Server(Starlette(routes=routes), lambda: None, say, tell=tell).run([opened])


def lame(_opened, _tell):
    """End before anything is ready."""
    sys.exit(7)


def searching(data, opened, tell):
    """Search the snapshot in use; say which one that is, and who did it."""
    config = settings.load(Path(data))

    def open_words(config):
        return Assistant(*current_snapshot(config, encoder=None), lambda: date(2026, 11, 27))

    with ExitStack() as stack:
        current = stack.enter_context(Current(config, open_words, lambda _config: ()))

        def search(_request):
            with current.assistant() as assistant:
                hits = assistant.snapshot.search(SearchQuery("шиноснома", "tg"), 1)
                return JSONResponse({"pid": os.getpid(), "snapshot": assistant.snapshot_id, "hits": len(hits)})

        Server(Starlette(routes=[Route("/", search)]), lambda: None, say, tell=tell).run([opened])


def main():
    work, count, *data = sys.argv[1:]
    todo = {"tiny": tiny, "lame": lame, "searching": partial(searching, *data)}[work]
    with listening("127.0.0.1", 0) as opened:
        workers = Workers(int(count), todo, opened, say)
        workers._silent_s = float(os.environ.get("SILENT_S", "60"))
        try:
            workers.run(lambda: os.write(1, f"{address_of(opened)} {' '.join(map(str, workers.pids))}\n".encode()))
        except AssistantError as error:
            sys.exit(error.message)


if __name__ == "__main__":
    main()
