"""A stand-in for assistant/llama_worker.py that writes the first sentence of the evidence, for hours; or is killed.

Where the question holds the word of its first argument it writes a piece and gets the signal of its second one.
"""

from __future__ import annotations

import json
import os
import re
import sys

WORD, SIGNAL = sys.argv[1], int(sys.argv[2])


def say(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")
    sys.stdout.flush()


def answer(request: dict) -> None:
    number, body = request["id"], [text for text, template in request["parts"] if not template][-1]
    found = re.search(r"^\[1\] (.*)$", body, re.MULTILINE)
    sentence = re.split(r"(?<=[.!?]) ", found[1])[0] if found else ""
    say(say="piece", id=number, text=sentence[:1], tokens=1)
    if WORD in body.casefold():
        os.kill(os.getpid(), SIGNAL)
    say(say="piece", id=number, text=f"{sentence[1:]} [1]", tokens=2)
    say(say="done", id=number, finish="stop", tokens=2, kept_tokens=0)


say(say="ready", id=0, architecture="gemma3", n_ctx=2048, vocabulary=262144)
for line in sys.stdin:
    answer(json.loads(line))
