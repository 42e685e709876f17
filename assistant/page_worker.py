"""The child process that draws pages: `python -m assistant.page_worker CAPS PARENT`, spoken to by `page_pictures`.

It gives up what the reader of files gives up before it sees a byte (`corpora.sandbox_worker`): memory beyond its cap,
writing, the network, other programs.  Each request is one page of one file; what comes back is JSON.
"""

from __future__ import annotations

import json
import sys
from base64 import b64encode
from typing import Any

from assistant.page_picture import NoPageError, draw, look
from assistant.quote_place import Quote
from corpora.sandbox import LENGTH, Caps
from corpora.sandbox_worker import Channel, die_with, forbid, limit, own_stdout


def main() -> None:
    """Answer for each page that is asked for, until the parent goes away."""
    caps = Caps(**json.loads(sys.argv[1]))
    source, channel = sys.stdin.buffer, Channel(own_stdout())
    die_with(int(sys.argv[2]))
    limit(caps)
    forbid(channel)
    while (head := source.read(LENGTH.size)) and len(head) == LENGTH.size:
        request = json.loads(source.read(LENGTH.unpack(head)[0]))
        channel.say(_answer(request, source.read(request["size"])))


def _answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    try:
        if request["zoom"]:
            return {"webp": b64encode(draw(data, request["page"], request["zoom"])).decode()}
        return look(data, request["page"], [Quote(*quote) for quote in request["quotes"]])
    except NoPageError as error:
        return {"refused": str(error)}
    except Exception as error:  # a fault of a reader is a fault of this file alone
        return {"refused": type(error).__name__}


if __name__ == "__main__":
    main()
