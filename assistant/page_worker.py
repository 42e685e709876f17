"""The child process that draws pages: `python -m assistant.page_worker CAPS PARENT`, spoken to by `page_pictures`.

It gives up what the reader of files gives up before it sees a byte (`corpora.sandbox_worker`): memory beyond its cap,
writing, the network, other programs.  Each request is one page of one file; what comes back is JSON.
"""

from __future__ import annotations

import sys
from base64 import b64encode
from typing import Any

from assistant.page_picture import NoPageError, draw, look
from assistant.quote_place import Quote
from corpora.sandbox_worker import requests, shut_in


def main() -> None:
    """Answer for each page that is asked for, until the parent goes away."""
    _, channel = shut_in(sys.argv[1:])
    for request, data in requests(sys.stdin.buffer):
        channel.say(_answer(request, data))


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
