"""The prompt a generator is given, and the form its draft must have.

The words that never change come first, so that the engine can keep what it has read of them; the evidence
follows as numbered sentences, the question is last.  Text from documents and people carries no control
token, no forged number and no line break, and is marked so that the engine reads it as plain text.  A draft
is cited sentences, or the one mark that the evidence does not answer.  Nothing here chooses evidence, runs
a model or checks what a draft says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

MAX_EVIDENCE = 5              # sentences; GRAMMAR knows no higher number
MAX_EVIDENCE_LETTERS = 2_400  # together: about 1 060 tokens at Gemma's 2.26 letters a token in Tajik
MAX_QUESTION_LETTERS = 400
MAX_TOKENS = 200              # about 60 Tajik words
MAX_SENTENCES = 4             # GRAMMAR allows no more
MAX_SENTENCE_LETTERS = 400

# That the evidence does not answer, or up to four sentences, each closed by the numbers of the evidence it
# stands on.  Constant, because a faulty grammar can end the process that runs it.
GRAMMAR = r"""
root     ::= "[0]" | sentence (" " sentence){0,3}
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
- Агар дар далелҳо ҷавоб набошад, танҳо ҳаминро навис: [0]

Далелҳо:
"""

# For a model trained on this one job: what it should do it has learnt, and each token costs time.
BRIEF = "Далелҳо:\n"

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
    language: str = "tg"               # the draft should be in

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
    """One sentence of a draft and the numbers of the evidence it names, each once, in its order.

    No text and the number 0 say that the evidence does not answer.
    """

    text: str
    numbers: tuple[int, ...]

    @property
    def abstains(self) -> bool:
        """Whether it says that the evidence does not answer."""
        return not self.text and self.numbers == (0,)

    @property
    def well_formed(self) -> bool:
        """Whether the text is one sentence on one line, without signs that are no prose."""
        return (len(self.text) <= MAX_SENTENCE_LETTERS and bool(_SENTENCE.fullmatch(self.text))
                and plain(self.text) == self.text)


class SentenceReader:
    """Reads a draft while it is written, and hands a sentence out when no number can follow it any more."""

    def __init__(self) -> None:
        self.unread = ""              # what no number has closed yet

    def add(self, piece: str) -> tuple[CitedSentence, ...]:
        """Return the sentences that are whole after this piece."""
        self.unread += piece
        return tuple(self._whole(ended=False))

    def end(self) -> tuple[CitedSentence, ...]:
        """Return the sentences that are whole because nothing follows; the tail without a number stays unread."""
        return tuple(self._whole(ended=True))

    def _whole(self, *, ended: bool) -> Iterator[CitedSentence]:
        while found := _NUMBERS.search(self.unread):
            follows = self.unread[found.end():].lstrip()
            if not ended and (not follows or follows.startswith("[")):
                return
            text = unicodedata.normalize("NFC", _SPACES.sub(" ", _ITEM.sub("", self.unread[:found.start()].strip())))
            if text and text[-1] not in _STOPS:
                text += found[1] or ""
            self.unread = follows
            yield CitedSentence(text, tuple(dict.fromkeys(int(digits) for digits in _DIGITS.findall(found[0]))))


def compose_prompt(question: str, evidence: Sequence[str], language: str, *,
                   instructions: str = INSTRUCTIONS) -> Prompt:
    """Return the prompt for a question; number n in the draft means `evidence[n - 1]`.

    At most five sentences are given, in order, as long as they fit; one that does not fit is left out and its
    number with it.  `language` is tg, ru or en; anything else is answered in Tajik.  `instructions` stand first.

    Raises:
        ValueError: there is no evidence: nothing may be written without it.
    """
    lines = _numbered(evidence)
    if not lines:
        raise ValueError("a prompt needs at least one sentence of evidence")
    asked = _shortened(plain(question), MAX_QUESTION_LETTERS)
    answer_in = _LANGUAGES.get(language, _LANGUAGES["tg"])
    body = "\n".join([*lines, "", f"Забони ҷавоб: {answer_in}.", f"Савол: {asked}"])
    return Prompt(instructions, body, language=language if language in _LANGUAGES else "tg")


def cited_sentences(draft: str) -> tuple[CitedSentence, ...]:
    """Return the whole sentences of a draft, in order; a tail without its numbers is left out."""
    reader = SentenceReader()
    return tuple(sentence for sentence in (*reader.add(draft), *reader.end())
                 if sentence.well_formed and set(sentence.numbers) <= set(range(1, MAX_EVIDENCE + 1)))


def plain(text: str) -> str:
    """Return text on one line without control tokens and their look-alikes; brackets of numbers become round.

    Letters, digits and other punctuation stay as they are (NFC); applying it twice changes nothing more.
    """
    while (plainer := _plainer(text)) != text:
        text = plainer
    return text


def _plainer(text: str) -> str:
    visible = unicodedata.normalize("NFC", "".join(_visible(letter) for letter in text))
    without = _SQUARE.sub(_without_control, _MARK.sub(_without_control, visible.translate(_BRACKETS)))
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
    piped = inside.strip().startswith("|") or inside.strip().endswith("|")
    known = _CONTROL_NAME if found[0].startswith("<") else _SQUARE_NAME
    return " " if piped or known.fullmatch(name) else found[0]


_BRACKETS = str.maketrans("＜﹤‹〈⟨＞﹥›〉⟩［］｜", "<<<<<>>>>>[]|")
_MARK = re.compile(r"<([^<>]{1,60})>")
_SQUARE = re.compile(r"\[([^\[\]]{1,60})\]")
_NUMBER = re.compile(r"\[\s*(\d+(?:\s*,\s*\d+)*)\s*\]")
# Numbers as the grammar writes them, and as a server without it may: [1, 2], [1] [2], [1].
_NUMBERS = re.compile(r"\[[\d, ]{1,12}\](?:\s?\[[\d, ]{1,12}\]){0,4}([.!?](?=\s|$))?")
_DIGITS = re.compile(r"\d+")
_STOPS = ".!?…»”\")"
_SPACES = re.compile(" +")
_ITEM = re.compile(r"^[-–—•]\s+")
_SENTENCE = re.compile(r"[^\n\r\t<>\[\]{}|*`\ufffd]+[.!?…][»”\")]?")
# Gemma, ChatML and Llama write control tokens as <name> or <|name|>, Mistral and Llama 2 as [NAME].
_CONTROL_NAME = re.compile(
    r"(start|end)of(turn|image|audio)|(image|audio)softtoken|bos|eos|pad|unk|mask|s|sys|unused\d+|imstart|imend|"
    r"endoftext|beginoftext|system|user|assistant|model|tool(call|response)?|think|turn|channel|")
_SQUARE_NAME = re.compile(
    r"inst|systemprompt|availabletools|toolcalls?|toolresults?|toolcontent|callid|args|img|imgbreak|imgend|"
    r"(begin)?audio|think|prefix|suffix|middle|control\d+|modelsettings|transcribe")
