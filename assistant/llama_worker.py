"""The child process that holds a language model: llama.cpp behind lines of JSON.

Started by path with the model's file and its settings; imports nothing of ours, so that it starts fast and
can be killed at any moment.  One request at a time.  It ends when its standard input does, so it never
outlives the process that started it.  It decides nothing about text: no prompt is composed, no draft checked.

    in    {"do": "generate", "id", "parts": [[text, is_template], ...], "stops", "max_tokens", "grammar",
           "abstain_at", "sure_at"}
          {"do": "cancel", "id"}
    out   {"say": "ready", "architecture", "n_ctx", "vocabulary"}       {"say": "failed", "why"}
          {"say": "piece", "id", "text", "tokens"}
          {"say": "done", "id", "finish": stop|length|cancelled|unsure, "tokens", "prompt_tokens", "kept_tokens"}
          {"say": "refused", "id", "why": prompt_too_long|bad_grammar, "detail"}
"""

from __future__ import annotations

import codecs
import ctypes
import json
import math
import os
import signal
import sys
from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, Thread
from types import ModuleType
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from numpy import float32, integer
    from numpy.typing import NDArray

# Waiting threads must sleep, not spin: with a busy neighbour spinning costs 5 to 7 times the speed.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")
os.environ.setdefault("GGML_NO_BACKTRACE", "1")

_SLICE = 64                   # prompt tokens between two looks at whether the request still stands
_CANDIDATES = 64              # best tokens the grammar is asked about before the whole vocabulary


class RefusedError(Exception):
    """The request cannot be met; the process goes on."""

    def __init__(self, why: str, detail: str) -> None:
        super().__init__(detail)
        self.why = why


class UnsureError(Exception):
    """The model is less sure of what comes next than it has to be."""


class Grammar:
    """A GBNF grammar at one point of a text."""

    def __init__(self, cpp: ModuleType, vocabulary: object, text: str) -> None:
        self._cpp = cpp
        self._sampler = cpp.llama_sampler_init_grammar(vocabulary, text.encode("utf-8"), b"root")
        if not text or not self._sampler:
            raise RefusedError("bad_grammar", "the engine cannot read the grammar")

    def best(self, tokens: NDArray[integer], logits: NDArray[float32]) -> int | None:
        """Return the likeliest of the tokens that may come next, or None."""
        import numpy
        room = (self._cpp.llama_token_data * len(tokens))()
        table = numpy.frombuffer(room, dtype=[("id", "i4"), ("logit", "f4"), ("p", "f4")])
        table["id"], table["logit"] = tokens, logits[tokens]
        array = self._cpp.llama_token_data_array(room, len(tokens), -1, False)
        self._cpp.llama_sampler_apply(self._sampler, ctypes.byref(array))
        first = int(table["logit"].argmax())
        return int(table["id"][first]) if numpy.isfinite(table["logit"][first]) else None

    def accept(self, token: int) -> None:
        """Move on past a token that may come next."""
        self._cpp.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        """Free it."""
        self._cpp.llama_sampler_free(self._sampler)


class Engine:
    """A loaded model, used by one request at a time.  Greedy, so the same prompt gives the same text."""

    def __init__(self, path: str, settings: dict[str, Any]) -> None:
        import llama_cpp
        self._cpp = llama_cpp
        threads, batch = int(settings["threads"]), int(settings["n_batch"])
        self._llama = llama_cpp.Llama(path, n_ctx=int(settings["n_ctx"]), n_batch=batch, n_ubatch=batch,
                                      n_threads=threads, n_threads_batch=threads, flash_attn=True,
                                      verbose=False, lora_path=settings.get("adapter"))
        self._vocabulary = llama_cpp.llama_model_get_vocab(self._llama.model)
        self._llama.eval([self._llama.token_bos()])

    def describe(self) -> dict[str, Any]:
        """Return what was loaded."""
        return {"architecture": self._llama.metadata.get("general.architecture", ""),
                "n_ctx": self._llama.n_ctx(), "vocabulary": self._llama.n_vocab()}

    def tokens_of(self, parts: list[list[Any]]) -> list[int]:
        """Return the tokens of a prompt; control tokens are read in template parts only."""
        tokens: list[int] = []
        for number, (text, template) in enumerate(parts):
            tokens += self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=number == 0,
                                           special=bool(template))
        window = self._llama.n_ctx()
        if len(tokens) >= window:
            raise RefusedError("prompt_too_long", f"{len(tokens)} tokens do not fit a window of {window}")
        return tokens

    def read(self, tokens: list[int], cancelled: Event) -> int:
        """Read a prompt, keeping what is already read of it; return how many tokens were kept."""
        before = self._llama.input_ids[:self._llama.n_tokens].tolist()
        kept = min(self._llama.longest_token_prefix(before, tokens), len(tokens) - 1)
        self._llama.n_tokens = kept
        for start in range(kept, len(tokens), _SLICE):
            if cancelled.is_set():
                break
            self._llama.eval(tokens[start:start + _SLICE])
        return int(kept)

    @property
    def room(self) -> int:
        """How many tokens the window still takes."""
        return int(self._llama.n_ctx() - self._llama.n_tokens)

    def likelihood(self, text: str) -> float:
        """Return how likely the first token of a text comes next, 0..1, after what was read."""
        return self._likelihood(self._first_token(text))

    def write(self, limit: int, grammar: str | None, abstain_at: float = 0.0, sure_at: float = 0.0) -> Iterator[bytes]:
        """Yield the bytes of one token after another until the model ends its turn or the limit comes.

        abstain_at: how likely the bracket of "[0]" must be to come first, 0..1; below, a sentence is written.
        sure_at: how likely each token must be, 0..1.

        Raises:
            UnsureError: the next token is less likely.
        """
        if abstain_at and self.likelihood("[") < abstain_at:
            self._logits()[self._first_token("[")] = -math.inf
        rules = Grammar(self._cpp, self._vocabulary, grammar) if grammar is not None else None
        try:
            for _ in range(limit):
                token = self._choose(rules)
                if token is None or self._cpp.llama_vocab_is_eog(self._vocabulary, token):
                    return
                if sure_at and self._likelihood(token) < sure_at:
                    raise UnsureError
                if rules:
                    rules.accept(token)
                yield self._llama.detokenize([token])
                self._llama.eval([token])
        finally:
            if rules:
                rules.close()

    def _logits(self) -> NDArray[float32]:
        """Return what is written next as the engine holds it, one number a token of the vocabulary."""
        import numpy
        return numpy.ctypeslib.as_array(self._cpp.llama_get_logits_ith(self._llama.ctx, -1),
                                        shape=(self._llama.n_vocab(),))

    def _likelihood(self, token: int) -> float:
        import numpy
        logits = self._logits()
        most = logits.max()
        return float(numpy.exp(logits[token] - most) / numpy.exp(logits - most).sum())

    def _first_token(self, text: str) -> int:
        return int(self._llama.tokenize(text.encode("utf-8"), add_bos=False)[0])

    def _choose(self, rules: Grammar | None) -> int | None:
        import numpy
        logits = self._logits()
        likeliest = int(logits.argmax())
        if rules is None:
            return likeliest
        # Asking the grammar about all 262 144 tokens at each step made drafts four times slower.
        for count in (1, _CANDIDATES, len(logits)):
            tokens = numpy.argpartition(logits, -count)[-count:] if count > 1 else numpy.array([likeliest])
            if (token := rules.best(tokens, logits)) is not None:
                return token
        return None


class Pieces:
    """Bytes become text: whole letters only, and nothing that belongs to a stop."""

    def __init__(self, stops: list[str]) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("ignore").decode
        self._stops = stops
        self._held = ""
        self.stopped = False

    def add(self, piece: bytes) -> str:
        """Return the text that is certain after these bytes."""
        self._held += self._decode(piece)
        found = [self._held.index(stop) for stop in self._stops if stop in self._held]
        if found:
            self.stopped, self._held = True, self._held[:min(found)]
            return self.rest()
        keep = max((size for stop in self._stops for size in range(1, len(stop))
                    if self._held.endswith(stop[:size])), default=0)
        certain, self._held = self._held[:len(self._held) - keep], self._held[len(self._held) - keep:]
        return certain

    def rest(self) -> str:
        """Return what was held back."""
        rest, self._held = self._held, ""
        return rest


class Worker:
    """Answers requests one after another; a reader thread brings them and sees cancellations meanwhile."""

    def __init__(self, engine: Engine, out: BinaryIO) -> None:
        self._engine = engine
        self._out = out
        self._requests: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self._cancelled: dict[int, Event] = {}

    def run(self) -> None:
        """Serve until the process is ended."""
        Thread(target=self._listen, daemon=True).start()
        say(self._out, "ready", **self._engine.describe())
        while True:
            request = self._requests.get()
            try:
                self._answer(request)
            except RefusedError as refused:
                say(self._out, "refused", id=request["id"], why=refused.why, detail=str(refused))
            del self._cancelled[request["id"]]

    def _answer(self, request: dict[str, Any]) -> None:
        cancelled = self._cancelled[request["id"]]
        tokens = self._engine.tokens_of(request["parts"])
        kept = self._engine.read(tokens, cancelled)
        finish, written = ("cancelled", 0) if cancelled.is_set() else self._write(request, cancelled)
        say(self._out, "done", id=request["id"], finish=finish, tokens=written, prompt_tokens=len(tokens),
            kept_tokens=kept)

    def _write(self, request: dict[str, Any], cancelled: Event) -> tuple[str, int]:
        pieces, finish, written = Pieces(request["stops"]), "stop", 0
        limit = min(int(request["max_tokens"]), self._engine.room)
        try:
            for piece in self._engine.write(limit, request["grammar"], request.get("abstain_at", 0.0),
                                            request.get("sure_at", 0.0)):
                written += 1
                self._say_piece(request, pieces.add(piece), written)
                if pieces.stopped or cancelled.is_set():
                    finish = "stop" if pieces.stopped else "cancelled"
                    break
            else:
                finish = "length" if written >= limit else "stop"
        except UnsureError:
            finish = "unsure"
        self._say_piece(request, pieces.rest(), written)
        return finish, written

    def _say_piece(self, request: dict[str, Any], text: str, written: int) -> None:
        if text:
            say(self._out, "piece", id=request["id"], text=text, tokens=written)

    def _listen(self) -> None:
        for line in sys.stdin.buffer:
            message = json.loads(line)
            if message["do"] == "generate":
                self._cancelled[message["id"]] = Event()
                self._requests.put(message)
            elif waiting := self._cancelled.get(message["id"]):
                waiting.set()
        os._exit(0)


def say(out: BinaryIO, what: str, **fields: object) -> None:
    """Write one message."""
    out.write(json.dumps({"say": what} | fields).encode("ascii") + b"\n")
    out.flush()


def own_output() -> BinaryIO:
    """Return the pipe to the parent, and send whatever else is written there to standard error."""
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return out


def main() -> None:
    """Load the model named on the command line and serve it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    out = own_output()
    try:
        engine = Engine(sys.argv[1], json.loads(sys.argv[2]))
    except (ImportError, OSError, RuntimeError, ValueError) as error:
        say(out, "failed", why=str(error))
        return
    Worker(engine, out).run()


if __name__ == "__main__":
    main()
