"""A stand-in for assistant/llama_worker.py: the same lines of JSON, no model, and every way to go wrong.

The first argument says how it starts, the last plain part of a prompt says how it answers.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

Request = dict[str, Any]


def line(say: str, number: int, **fields: object) -> bytes:
    return json.dumps({"say": say, "id": number} | fields).encode() + b"\n"


def piece(number: int, text: str) -> bytes:
    return line("piece", number, text=text, tokens=2)


def done(number: int, finish: str = "stop") -> bytes:
    return line("done", number, finish=finish, tokens=2, kept_tokens=1)


def write(*lines: bytes) -> None:
    for each in lines:
        sys.stdout.buffer.write(each)
    sys.stdout.buffer.flush()


def read() -> Request:
    said = sys.stdin.readline()
    if not said:
        os._exit(0)
    message: Request = json.loads(said)
    return message


def hang(number: int = 0) -> None:
    """Read and never say anything again, until the parent goes away."""
    while True:
        read()


def wait(number: int) -> None:
    while read() != {"do": "cancel", "id": number}:
        pass
    write(done(number, "cancelled"))


def complain(number: int) -> None:
    sys.stderr.write("шикоят " * 200_000 + "\n")
    sys.stderr.flush()
    write(done(number))


def die(number: int) -> None:
    sys.stderr.write("segmentation fault\n")
    sys.stderr.flush()
    os._exit(9)


def flood(number: int) -> None:
    while True:
        write(piece(-1, "ғ"))


def mute(number: int) -> None:
    sys.stdout.close()
    os.close(1)
    hang()


ENDS = {"wait": wait, "complain": complain, "die": die, "flood": flood, "mute": mute, "hang": hang, "silent": hang,
        "huge": hang}


def lines(request: Request, what: str, rest: str) -> dict[str, list[bytes]]:
    number = request["id"]
    return {
        "write": [piece(number, f"{rest}. [1]"), done(number)],
        "request": [piece(number, json.dumps(request)), done(number)],
        "stale": [piece(number - 1, "кӯҳна"), done(number - 1), piece(number, "нав. [1]"), done(number)],
        "": [done(number, "length")],
        "refuse": [line("refused", number, why="prompt_too_long", detail="3000 tokens do not fit")],
        "lie": [done(number, "perfect")],
        "numberless": [line("piece", number, text="ҳ", tokens="many")],
        "garbage": [b"\xff\xfe ggml_abort\n"],
        "huge": [b'{"say": "piece", "text": "' + b"x" * 100_000],
        "list": [b"[1, 2]\n"],
    }.get(what, [])


def answer(request: Request) -> None:
    task = [text for text, template in request["parts"] if not template][-1]
    what, _, rest = task.partition(" ")
    if what not in ("", "refuse", "silent"):
        write(line("piece", request["id"], text="Ҷумлаи ", tokens=1))
    write(*lines(request, what, rest))
    if what in ENDS:
        ENDS[what](request["id"])


def main() -> None:
    match sys.argv[1]:
        case "missing":
            write(line("failed", 0, why="Failed to load model from file"))
            return
        case "dying":
            os._exit(3)
        case "never":
            hang()
        case "garbage":
            write(b"GGML\n")
            hang()
    write(line("ready", 0, architecture="gemma3", n_ctx=2048, vocabulary=262144))
    while True:
        answer(read())


if __name__ == "__main__":
    main()
