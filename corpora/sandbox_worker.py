"""The child process that reads files: `python -m corpora.sandbox_worker CAPS PARENT`, spoken to by `sandbox`.

It gives up, before it sees a byte: memory beyond its cap, writing to files, the network, and every program
but tesseract.  It dies with its parent.  Then it answers one message for each file: the document with its
passages, or why there is none.  What is in a file is decided by the readers, not here.
"""

from __future__ import annotations

import ctypes
import json
import os
import platform
import resource
import signal
import struct
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Lock
from time import monotonic
from typing import Any, BinaryIO

from corpora.errors import CorpusError, HostileFileError, TooLargeError, UnreadableFileError
from corpora.extract.progress import Progress
from corpora.ingest import read_entry
from corpora.inspection import inspect
from corpora.metadata import Metadata
from corpora.records import Act, DocumentStatus, Fact
from corpora.sandbox import LENGTH, MB, Caps

_PROGRAMS = ("tesseract",)
_OPEN_FILES = 128
_NICE = 5                             # behind whoever waits for an answer, and not starved by a busy machine
# A child grown beyond this share of its cap gives way to a new one.
_TIRED_SHARE = 0.4
_MESSAGE_LETTERS = 500
_FORBIDDEN = ("socket.", "os.system", "os.exec", "os.spawn", "os.posix_spawn", "os.fork", "pty.spawn", "ftplib.",
              "http.client.", "smtplib.", "urllib.Request", "os.kill", "webbrowser.open", "ctypes.call_function")
_CHANGES = frozenset({"os.remove", "os.rename", "os.mkdir", "os.rmdir", "os.chmod", "os.chown", "os.link", "os.symlink",
                      "os.truncate", "os.utime", "shutil.rmtree", "shutil.copyfile", "shutil.move"})

# Linux: include/uapi/linux/prctl.h, seccomp.h, audit.h; syscalls that open sockets or reach other processes.
_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_SET_NO_NEW_PRIVS, _SECCOMP_FILTER = 1, 22, 38, 2
_SYSCALLS = {"x86_64": (0xC000003E, (41, 101, 311, 321, 425)), "aarch64": (0xC00000B7, (117, 198, 271, 280, 425))}


class Channel:
    """The way back to the parent; threads may use it."""

    def __init__(self, out: BinaryIO) -> None:
        self._out, self._lock = out, Lock()

    def say(self, message: dict[str, Any]) -> None:
        """Write one message."""
        data = json.dumps(message, ensure_ascii=False).encode("utf-8", "replace")
        with self._lock:
            self._out.write(LENGTH.pack(len(data)) + data)
            self._out.flush()


def shut_in(arguments: Sequence[str]) -> tuple[Caps, Channel]:
    """Give up all that a reader of foreign files may not have; the arguments are CAPS, as JSON, and PARENT."""
    caps, channel = Caps(**json.loads(arguments[0])), Channel(own_stdout())
    die_with(int(arguments[1]))
    limit(caps)
    forbid(channel)
    return caps, channel


def requests(source: BinaryIO) -> Iterator[tuple[dict[str, Any], bytes]]:
    """Yield each request and the bytes of its file, until the parent goes away."""
    while (head := source.read(LENGTH.size)) and len(head) == LENGTH.size:
        request = json.loads(source.read(LENGTH.unpack(head)[0]))
        yield request, source.read(request["size"])


def main() -> None:
    """Answer for each file that comes, until the parent goes away or this process is tired."""
    caps, channel = shut_in(sys.argv[1:])
    for request, data in requests(sys.stdin.buffer):
        answer = _answer(request, data, caps, _teller(channel))
        answer["last"] = answer.get("last", False) or _is_tired(caps)
        channel.say(answer)
        if answer["last"]:
            return


def _teller(channel: Channel) -> Progress:
    """Return what tells the parent how many pages of a long file are read, about once a second."""
    told = monotonic()

    def tell(done: int, whole: int) -> None:
        nonlocal told
        if monotonic() - told >= 1:
            told = monotonic()
            channel.say({"say": "page", "done": done, "whole": whole})

    return tell


def _answer(request: dict[str, Any], data: bytes, caps: Caps, progress: Progress) -> dict[str, Any]:
    """Return the document, or the refusal, of one file."""
    name = request["name"]
    try:
        inspect(data, name, caps)
        entry, _ = read_entry(name, data, _metadata(request["metadata"]), progress=progress)
        plain = {"say": "entry", "document": entry.document.to_json(),
                 "passages": [passage.to_json() for passage in entry.passages],
                 "boxes": [box.to_json() for box in entry.boxes]}
        _check_size(plain, name, len(data), caps)
        return plain
    except CorpusError as error:
        return _refusal(error)
    except MemoryError:
        return _refusal(TooLargeError(f"{name} takes more than {caps.memory_bytes / MB:.0f} MB of memory to read")) | {
            "last": True}
    except RecursionError:
        return _refusal(HostileFileError(f"{name} is nested too deep to be read"))
    except Exception as error:  # a fault of a reader is a fault of this file alone
        return _refusal(UnreadableFileError(f"{name} cannot be read: {type(error).__name__}: {error}"))


def _check_size(plain: dict[str, Any], name: str, size: int, caps: Caps) -> None:
    text = sum(len(passage["text"].encode()) for passage in plain["passages"])
    if text > caps.text(size):
        raise TooLargeError(f"{name} has {size} bytes and gives {text} bytes of text, more than a document has")
    # Many short passages under long headings may still be too much to hand over.
    places = sum(len(passage["locator"]["heading"] or "") * 2 + 300 for passage in plain["passages"])
    if text + places + 80 * len(plain["boxes"]) > caps.answer(size) * 2 // 3:
        raise TooLargeError(f"{name} gives {len(plain['passages'])} passages, more than a document has")


def _refusal(error: CorpusError) -> dict[str, Any]:
    return {"say": "refused", "code": error.code, "message": str(error)[:_MESSAGE_LETTERS],
            "hint": error.hint[:_MESSAGE_LETTERS]}


def _metadata(plain: dict[str, Any]) -> Metadata:
    return Metadata(**plain | {"act": Act.from_json(plain["act"]), "status": DocumentStatus(plain["status"]),
                               "facts": tuple(Fact.from_json(fact) for fact in plain["facts"])})


def own_stdout() -> BinaryIO:
    """Return the pipe to the parent, out of the reach of what libraries print."""
    own = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return os.fdopen(own, "wb")


def _is_tired(caps: Caps) -> bool:
    """Return whether this process holds so much memory that it should give way to a new one."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return False
    return pages * resource.getpagesize() > _TIRED_SHARE * caps.memory_bytes


def limit(caps: Caps) -> None:
    """Take from this process what the kernel can take; a platform without a limit keeps the rest."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    for name, most in (("RLIMIT_AS", caps.memory_bytes), ("RLIMIT_NOFILE", _OPEN_FILES), ("RLIMIT_FSIZE", 0),
                       ("RLIMIT_CORE", 0)):
        if hasattr(resource, name):
            _lower(getattr(resource, name), most)
    os.nice(_NICE)
    sys.dont_write_bytecode = True


def _lower(limit: int, most: int) -> None:
    hard = resource.getrlimit(limit)[1]
    if hard == resource.RLIM_INFINITY or hard > most:
        resource.setrlimit(limit, (most, most))


def die_with(parent: int) -> None:
    """Have the kernel end this process when the parent ends, however that happens."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)


def forbid(channel: Channel) -> None:
    """Close the network and every program but ours, in the kernel where it can, and in Python."""
    if sys.platform == "linux":
        _filter_syscalls()
    sys.addaudithook(lambda event, values: _watch(event, values, channel))


def _watch(event: str, values: tuple[Any, ...], channel: Channel) -> None:
    if event == "open":
        path, _, flags = values
        if isinstance(path, str | bytes) and flags & (os.O_WRONLY | os.O_RDWR) and os.fsdecode(path) != os.devnull:
            raise PermissionError(f"the reader may not write {os.fsdecode(path)}")
    elif event == "subprocess.Popen":
        if Path(os.fsdecode(values[0] or values[1][0])).name not in _PROGRAMS:
            raise PermissionError("the reader may not start this program")
        channel.say({"say": "scan"})
    elif event in _CHANGES or event.startswith(_FORBIDDEN):
        raise PermissionError(f"the reader may not do this: {event}")


class _Program(ctypes.Structure):
    """A struct sock_fprog: the number of 8-byte instructions, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _filter_syscalls() -> None:
    """Have the kernel refuse sockets, tracing and io_uring to this process and its children."""
    if platform.machine() not in _SYSCALLS:
        return
    code = _instructions(*_SYSCALLS[platform.machine()])
    libc = ctypes.CDLL(None)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0:
        libc.prctl(_PR_SET_SECCOMP, _SECCOMP_FILTER, ctypes.byref(_Program(len(code) // 8, code)), 0, 0)


def _instructions(architecture: int, refused: tuple[int, ...]) -> bytes:
    """Return the BPF program: another architecture or a refused number is an EPERM, the rest is allowed."""
    load, equal, at_least, give = 0x20, 0x15, 0x35, 0x06
    allow, eperm = 0x7FFF0000, 0x00050001
    left = len(refused)
    steps = [(load, 0, 0, 4), (equal, 0, left + 3, architecture), (load, 0, 0, 0),
             (at_least, left + 1, 0, 0x40000000)]
    steps += [(equal, left - at, 0, number) for at, number in enumerate(refused)]
    steps += [(give, 0, 0, allow), (give, 0, 0, eperm)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


if __name__ == "__main__":
    main()
