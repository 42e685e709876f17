"""The steps between a question and what is found that can be left out, so that the benchmark shows their worth.

Nothing is done here; a product that leaves one out finds less.
"""

from __future__ import annotations

from enum import StrEnum


class Step(StrEnum):
    """What can be left out of a search."""

    FOLD = "fold"                      # one key for қ and к, ӯ and у, old and new spellings
    STEM = "stem"                      # words without their endings
    LATIN = "latin"                    # Latin letters read as Tajik
    PERSIAN = "persian"                # Persian letters read as Tajik
    CORRECT = "correct"                # slips of the hand mended
    LEXICON = "lexicon"                # words of the other language
    SYNONYMS = "synonyms"              # everyday words for official ones
    VECTORS = "vectors"                # the nearest by meaning
    SECOND_LOOK = "second_look"        # the first hits ordered anew
