"""A conversation in the shape of OpenAI's chat completions: what is asked in it, and the answer as it is sent.

The last message of the user is the question; those before it are gone through in order, so that "and for a child?" is
understood.  Messages of the system are read by nobody: an answer is made of documents alone.  What a client asks of a
model (temperature and so on) has no meaning here and is not looked at.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from assistant.api.answers import Answers
from assistant.api.refusal import RefusalError
from assistant.errors import UnusableQuestionError
from assistant.follow_up import Previous, read_previous
from assistant.message import Message, message_of

# By the name of a model that a client chooses: who words the answer.
MODELS: Mapping[str, str] = {"rohnamo": "auto", "rohnamo-extractive": "extractive"}
ROLES = ("system", "developer", "user", "assistant", "tool", "function")
# Of the questions before the last one; an older one is carried by none.
_MOST_BEFORE = 3
MOST_MESSAGES = 1000


@dataclass(frozen=True, slots=True)
class Chat:
    """What was asked.  before: the questions before the last one, oldest first.  stream: whether as events."""

    model: str
    question: str
    before: tuple[str, ...]
    stream: bool
    with_usage: bool                   # whether the usage comes as an event of its own, last


def read_chat(body: Mapping[str, Any]) -> Chat:
    """Return what is asked in a request; what is not known in it is left out.

    Raises:
        RefusalError: it has no question, or a field that is needed has a value that it cannot have.
    """
    model, messages, stream = body.get("model"), body.get("messages"), body.get("stream")
    if not isinstance(model, str) or model not in MODELS:
        raise _wrong("model", f"one of {', '.join(MODELS)}")
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST_MESSAGES:
        raise _wrong("messages", f"a list of 1 to {MOST_MESSAGES} messages")
    if stream is not None and not isinstance(stream, bool):
        raise _wrong("stream", "true or false")
    asked = [_words(message.get("content")) for message in _of_the_user(messages)]
    if not asked:
        raise _wrong("messages", "a conversation with a message of the user")
    if asked[-1] is None:
        raise RefusalError(422, "unusable_question", "the last message of the user is no text",
                           "Send its content as a text, or as parts of the type text.")
    options = body.get("stream_options")
    usage = isinstance(options, Mapping) and options.get("include_usage") is True
    before = [words for words in asked[:-1] if words is not None]
    return Chat(model, asked[-1], tuple(before[-_MOST_BEFORE:]), bool(stream), usage)


def replied(answers: Answers, chat: Chat) -> Message:
    """Return the message that answers a conversation.

    Raises:
        UnusableQuestionError: its question cannot be read.
    """
    previous: Previous | None = None
    for question in chat.before:
        with suppress(UnusableQuestionError):
            asked = answers.answer(question, generator="extractive", previous=previous)
            previous = read_previous(asked.to_json())
    return message_of(answers.answer(chat.question, generator=MODELS[chat.model], previous=previous))


@dataclass(frozen=True, slots=True)
class Completion:
    """A message as it is sent.  created: seconds since 1970."""

    chat: Chat
    message: Message
    created: int
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")

    def whole(self) -> dict[str, Any]:
        """Return it as one object."""
        said = {"role": "assistant", "content": self.message.text, "refusal": None, "annotations": self._annotations()}
        choice = {"index": 0, "message": said, "logprobs": None, "finish_reason": "stop"}
        return self._head("chat.completion") | {"choices": [choice], "usage": self._usage()}

    def events(self) -> Iterator[bytes]:
        """Yield it as events: line by line, then the annotations, the end, and the usage where it was asked for."""
        yield self._event({"role": "assistant", "content": ""})
        for line in self.message.text.splitlines(keepends=True):
            yield self._event({"content": line})
        yield self._event({"annotations": self._annotations()}, finish="stop")
        if self.chat.with_usage:
            yield _sent(self._head("chat.completion.chunk") | {"choices": [], "usage": self._usage()})
        yield b"data: [DONE]\n\n"

    def _event(self, delta: dict[str, Any], finish: str | None = None) -> bytes:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _sent(self._head("chat.completion.chunk") | {"choices": [choice]})

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.chat.model}

    def _annotations(self) -> list[dict[str, Any]]:
        return [{"type": "url_citation", "url_citation": {
            "start_index": mark.start, "end_index": mark.end, "title": mark.source.document.title,
            "url": mark.source.document.source_url}} for mark in self.message.marks]

    def _usage(self) -> dict[str, int]:
        """Return how many words were asked and answered: nothing here counts in tokens."""
        asked, said = len(self.chat.question.split()), len(self.message.text.split())
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def models_object(created: int) -> dict[str, Any]:
    """Return the list of models that a client may choose from."""
    return {"object": "list", "data": [{"id": name, "object": "model", "created": created, "owned_by": "rohnamo"}
                                       for name in MODELS]}


def _of_the_user(messages: list[object]) -> Iterator[Mapping[str, Any]]:
    for message in messages:
        if not isinstance(message, Mapping) or message.get("role") not in ROLES:
            raise _wrong("messages", f"a list of messages, each with a role: {', '.join(ROLES)}")
        if not isinstance(message.get("content"), str | list | None):
            raise _wrong("messages", "a list of messages, each with a text or parts")
        if message["role"] == "user":
            yield message


def _words(content: object) -> str | None:
    """Return the words of a message, None where there is anything but text in it."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    words = [part.get("text") if isinstance(part, Mapping) and part.get("type") == "text" else None for part in parts]
    return " ".join(map(str, words)) if all(isinstance(one, str) for one in words) else None


def _sent(plain: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(plain, ensure_ascii=False)}\n\n".encode()


def _wrong(name: str, what: str) -> RefusalError:
    return RefusalError(400, "wrong_field", f"the field {name} cannot have this value", f"It is {what}.")
