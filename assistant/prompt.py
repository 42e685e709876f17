"""The prompt a generator is given, and the form its draft must have.

The words that never change come first, so that the engine can keep what it has read of them; the evidence
follows as numbered sentences, the question is last.  Text from documents and people carries no control
token, no forged number and no line break, and is marked so that the engine reads it as plain text.
Nothing here chooses evidence, runs a model or checks what a draft says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

MAX_EVIDENCE = 5              # sentences; GRAMMAR knows no higher number
MAX_EVIDENCE_LETTERS = 2_400  # together: about 1 060 tokens at Gemma's 2.26 letters a token in Tajik
MAX_QUESTION_LETTERS = 400
MAX_TOKENS = 200              # about 60 Tajik words

# Up to four sentences, each closed by the numbers of the evidence it stands on.  Constant, because a faulty
# grammar can end the process that runs it.
GRAMMAR = r"""
root     ::= sentence (" " sentence){0,3}
sentence ::= letter text [.!?] " " number number? number?
letter   ::= [^ \n\r\t<>\[\]{}|]
text     ::= [^\n\r\t<>\[\]{}|]{8,240}
number   ::= "[" [1-5] "]"
"""

INSTRUCTIONS = """\
Ту ёвари хизматрасониҳои давлатӣ ҳастӣ. Ба савол танҳо аз рӯи далелҳои рақамдор ҷавоб деҳ.
- Содда ва кӯтоҳ навис: аз як то се ҷумла.
- Дар охири ҳар ҷумла рақами далели онро навис, масалан: Ҷумла. [2]
- Рақам, сана, маблағ ва номҳоро айнан нусха бардор. Аз худ чизе илова накун.

Далелҳо:
"""

_LANGUAGES = {"tg": "тоҷикӣ", "ru": "русӣ", "en": "англисӣ"}


@dataclass(frozen=True, slots=True)
class Turns:
    """How a family of models marks who speaks; `stops` end a draft."""

    open: str
    close: str
    stops: tuple[str, ...]


TURNS = {
    "gemma": Turns("<start_of_turn>user\n", "<end_of_turn>\n<start_of_turn>model\n",
                   ("<end_of_turn>", "<start_of_turn>")),
    "chatml": Turns("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n",
                    ("<|im_end|>", "<|im_start|>")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a prompt.  Only in a template part are control tokens read as such."""

    text: str
    template: bool


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a generator is asked.  `instructions` never change, `body` does; `grammar` is GBNF or None."""

    instructions: str
    body: str
    turns: Turns = TURNS["gemma"]
    max_tokens: int = MAX_TOKENS
    grammar: str | None = GRAMMAR

    @property
    def parts(self) -> tuple[Part, ...]:
        """The prompt in order, template and plain text apart."""
        return (Part(self.turns.open, True), Part(self.instructions, False), Part(self.body, False),
                Part(self.turns.close, True))

    @property
    def text(self) -> str:
        """The whole prompt with its turn marks."""
        return "".join(part.text for part in self.parts)

    @property
    def message(self) -> str:
        """The same without turn marks, for a server that adds its own."""
        return self.instructions + self.body

    @property
    def stops(self) -> tuple[str, ...]:
        """Texts that end the draft and are not part of it."""
        return self.turns.stops


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """One sentence of a draft and the numbers of the evidence it names, from 1, in its order."""

    text: str
    numbers: tuple[int, ...]


def compose_prompt(question: str, evidence: Sequence[str], language: str) -> Prompt:
    """Return the prompt for a question; number n in the draft means `evidence[n - 1]`.

    At most five sentences are given, in order, as long as they fit; one that does not fit is left out and its
    number with it.  `language` is tg, ru or en; anything else is answered in Tajik.

    Raises:
        ValueError: there is no evidence: nothing may be written without it.
    """
    lines = _numbered(evidence)
    if not lines:
        raise ValueError("a prompt needs at least one sentence of evidence")
    asked = _shortened(plain(question), MAX_QUESTION_LETTERS)
    answer_in = _LANGUAGES.get(language, _LANGUAGES["tg"])
    return Prompt(INSTRUCTIONS, "\n".join([*lines, "", f"Забони ҷавоб: {answer_in}.", f"Савол: {asked}"]))


def cited_sentences(draft: str) -> tuple[CitedSentence, ...]:
    """Return the whole sentences of a draft, in order; a tail without its numbers is left out.

    While a draft is still being written, the last sentence may gain a number.
    """
    return tuple(CitedSentence(found[1].strip(), tuple(int(digit) for digit in found[2] if digit.isdigit()))
                 for found in _CITED.finditer(draft))


def plain(text: str) -> str:
    """Return text on one line without control tokens and their look-alikes; brackets of numbers become round.

    Letters, digits and other punctuation stay as they are (NFC); applying it twice changes nothing more.
    """
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def _plainer(text: str) -> str:
    visible = unicodedata.normalize("NFC", "".join(_visible(letter) for letter in text))
    without = _INST.sub(" ", _MARK.sub(_without_control, visible.translate(_BRACKETS)))
    return " ".join(_NUMBER.sub(r"(\1)", without).split())


def _numbered(evidence: Sequence[str]) -> list[str]:
    room, lines = MAX_EVIDENCE_LETTERS, []
    for number, sentence in enumerate(evidence[:MAX_EVIDENCE], 1):
        text = plain(sentence)
        if number == 1:
            text = _shortened(text, room)
        if text and len(text) <= room:
            lines.append(f"[{number}] {text}")
            room -= len(text)
    return lines


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[:limit].rsplit(" ", 1)[0] + " …"


def _visible(letter: str) -> str:
    category = unicodedata.category(letter)
    return " " if category in ("Cc", "Zl", "Zp") else "" if category in ("Cf", "Cs", "Co", "Cn") else letter


def _without_control(found: re.Match[str]) -> str:
    inside = unicodedata.normalize("NFKC", found[1])
    name = "".join(letter for letter in inside.casefold() if letter.isalnum())
    piped = inside.strip().startswith("|") and inside.strip().endswith("|")
    return " " if piped or _CONTROL_NAME.fullmatch(name) else found[0]


_BRACKETS = str.maketrans("＜﹤‹〈⟨＞﹥›〉⟩［］｜", "<<<<<>>>>>[]|")
_MARK = re.compile(r"<([^<>]{1,60})>")
_INST = re.compile(r"\[\W{0,20}i\W{0,9}n\W{0,9}s\W{0,9}t\W{0,20}\]", re.IGNORECASE)
_NUMBER = re.compile(r"\[\s*(\d+)\s*\]")
_CITED = re.compile(r"(.+?[.!?])\s((?:\[[1-5]\])+)", re.DOTALL)
_CONTROL_NAME = re.compile(
    r"startofturn|endofturn|(start|end)ofimage|imagesofttoken|bos|eos|pad|unk|mask|s|sys|unused\d+|imstart|imend|"
    r"endoftext|beginoftext|system|user|assistant|model|tool(call|response)?|think")
