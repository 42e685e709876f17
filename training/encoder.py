"""Learn our own encoder: `python training/encoder.py DATA BITEXT --out index/static_encoder.npz [--rounds 9]`.

DATA is the folder of the public sets, BITEXT what `bitext.py` wrote; `encoder_data` says what is read, `encoder.md`
what came of it.  The teacher's vectors and a checkpoint lie beside BITEXT, so that a run that was stopped goes on.
Every choice by chance is drawn from one seed.  Needs the extra `encoders` (PyTorch).
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy
import torch
from encoder_data import Pair, train_pairs
from encoder_teacher import Teacher, projected
from torch.nn import functional

from corpora.durable import write_whole
from index.static_encoder import FORMAT, REPEATED, VERSION, Table, key_of, word_features
from index.tokens import words

ROWS, DIMENSION = 45_000, 256          # 11.9 MB with keys and scales
BEGINNING = 0.4                        # length of a row before anything is learnt
UNKNOWN = 1.0
TEMPERATURE = 0.12
RATE, BATCH = 5e-3, 1024
ROUNDS, STEPS = 9, 60                  # steps in a round
SEED = 7
TAUGHT = 2.0                           # weight of the teacher beside the contrast of pairs
HARD, MINED_EVERY = 3, 4               # near misses that stand beside a pair; looked for anew every so many rounds
_MINED_AMONG = 4096
MISTYPED, LATIN, DROPPED = 0.15, 0.15, 0.15
# How often a batch comes from each group.
SHARES = {"catalogues": 0.16, "terms": 0.18, "phrases": 0.26, "names": 0.06, "news": 0.12, "articles": 0.04,
          "facts": 0.06, "passages": 0.08, "questions": 0.04}
# Words of our own texts count more than those of programs when rows are given out.
OWN = {"catalogues": 1, "terms": 6, "names": 4, "news": 2, "articles": 1, "facts": 4, "passages": 3, "questions": 6}

_CHAT = {"а": "a", "б": "b", "в": "v", "г": "g", "ғ": "gh", "д": "d", "е": "e", "ё": "yo", "ж": "zh", "з": "z",
         "и": "i", "й": "y", "к": "k", "қ": "q", "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s",
         "т": "t", "у": "u", "ӯ": "u", "ф": "f", "х": "kh", "ҳ": "h", "ч": "ch", "ҷ": "j", "ш": "sh", "ъ": "'",
         "э": "e", "ю": "yu", "я": "ya", "ӣ": "i", "ц": "ts", "щ": "sh", "ы": "i", "ь": ""}
_SHORT = _CHAT | {"ғ": "g", "ж": "j", "х": "h", "ъ": "", "й": "i"}
_MARKED = _CHAT | {"ӣ": "ī", "ӯ": "ū", "қ": "ķ", "ғ": "ġ", "ҳ": "ḩ", "ҷ": "ç", "ч": "č", "ш": "š", "ж": "ž", "х": "h",
                   "й": "j", "я": "â", "ю": "û", "ё": "ë", "э": "è"}
_HABITS = (_CHAT, _SHORT, _MARKED)
_LEAST_MISTYPED = 5


class Vocabulary:
    """Every word of the texts with its number, and under which numbers it stands mistyped or in Latin letters."""

    def __init__(self, texts: Sequence[list[str]]) -> None:
        self.number: dict[str, int] = {}
        for text in texts:
            for word in text:
                self.number.setdefault(word, len(self.number))
        typed = list(self.number)
        # Columns: two slips, then Latin letters by three habits; the word itself where there is no such form.
        self.forms = numpy.array([[self._numbered(form) for form in typed_forms(word)] for word in typed])

    def _numbered(self, word: str) -> int:
        return self.number.setdefault(word, len(self.number))


def typed_forms(word: str) -> list[str]:
    """Return a word with a slip, with another, and in Latin letters by three habits."""
    chance = random.Random(crc32(word.encode()))  # noqa: S311 (the same slips every time, no secret)
    slips = [_slip(word, chance) if len(word) >= _LEAST_MISTYPED and word.isalpha() else word for _ in range(2)]
    latin = ["".join(habit.get(letter, letter) for letter in word) or word for habit in _HABITS]
    return slips + latin


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    return chance.choice((word[:at] + word[at + 1:], word[:at] + word[at] + word[at:],
                          word[:at] + word[at + 1] + word[at] + word[at + 2:],
                          word[:at] + chance.choice("аоиеукт") + word[at + 1:]))


def chosen_keys(pairs: Sequence[Pair], rows: int) -> Any:  # noqa: ANN401
    """Return the keys of the features that are met the most, (rows,) uint32 ascending; words of our own texts first."""
    counts: Counter[str] = Counter()
    for pair in pairs:
        for word in {*words(pair.left), *words(pair.right)}:
            counts[word] += OWN[pair.group]
    wholes: Counter[int] = Counter()
    groups: Counter[int] = Counter()
    table = Table(numpy.zeros(0, numpy.uint32), numpy.zeros((0, 1), numpy.int8), numpy.zeros(0, numpy.float32), 0.0)
    for word, count in counts.items():
        whole, letters = word_features(table.forms(word)[0])
        for feature in whole:
            wholes[key_of(feature)] += 4 * count
        for feature in set(letters):
            groups[key_of(feature)] += min(count, 8)
    best = (wholes + groups).most_common(rows)
    return numpy.array(sorted(key for key, _ in best), dtype=numpy.uint32)


@dataclass(frozen=True)
class Bags:
    """Lists of numbers end to end: the list i is `flat[starts[i]:starts[i + 1]]`."""

    flat: Any
    starts: Any

    @classmethod
    def of(cls, lists: Sequence[Any], kind: Any) -> Bags:  # noqa: ANN401
        """Return the lists end to end."""
        starts = numpy.zeros(len(lists) + 1, dtype=numpy.int64)
        numpy.cumsum([len(some) for some in lists], out=starts[1:])
        return cls(numpy.array([one for some in lists for one in some], dtype=kind), starts)

    def taken(self, which: Any) -> tuple[Any, Any]:  # noqa: ANN401
        """Return the places in `flat` of some lists, end to end, and where each begins."""
        sizes = self.starts[which + 1] - self.starts[which]
        begins = numpy.concatenate([[0], numpy.cumsum(sizes)[:-1]]).astype(numpy.int64)
        return numpy.repeat(self.starts[which] - begins, sizes) + numpy.arange(sizes.sum()), begins


class Student(torch.nn.Module):  # type: ignore[misc]
    """The table while it is learnt; words are bags of its rows, texts bags of words."""

    def __init__(self, keys: Any, names: Sequence[str]) -> None:  # noqa: ANN401
        super().__init__()
        self.keys = keys
        count = len(keys)
        table = Table(keys, numpy.zeros((count, 1), numpy.int8), numpy.zeros(count, numpy.float32), 0.0)
        bags = [table.bag(table.forms(name)) for name in names]
        self.places = Bags.of([[place for place, _ in bag] for bag in bags], numpy.int64)
        self.shares = numpy.array([share for bag in bags for _, share in bag], dtype=numpy.float32)
        self.rows = torch.nn.Parameter(torch.randn(count, DIMENSION) * BEGINNING / DIMENSION ** 0.5)

    def forward(self, texts: Sequence[Any]) -> Any:  # noqa: ANN401
        """Return (n, dimension) rows of unit length for lists of word numbers."""
        counts = [numpy.unique(text, return_counts=True) for text in texts]
        bags = Bags.of([numbers for numbers, _ in counts], numpy.int64)
        shares = numpy.concatenate([times for _, times in counts]).astype(numpy.float32) ** REPEATED
        which, inverse = numpy.unique(bags.flat, return_inverse=True)
        places, begins = self.places.taken(which)
        vectors = functional.embedding_bag(
            torch.from_numpy(self.places.flat[places]), self.rows, torch.from_numpy(begins), mode="sum",
            per_sample_weights=torch.from_numpy(self.shares[places]))
        summed = functional.embedding_bag(torch.from_numpy(inverse), vectors, torch.from_numpy(bags.starts[:-1]),
                                          mode="sum", per_sample_weights=torch.from_numpy(shares))
        return functional.normalize(summed, dim=1)


@dataclass
class Lesson:
    """The pairs of one group as lists of word numbers, with what the teacher says of them."""

    left: list[Any]
    right: list[Any]
    same: Any
    taught: Any                        # (n, dimension) float32; rows of zeros where the teacher was not asked
    near: Any = None                   # (n, k) numbers of pairs that are easily taken for each


class School:
    """Draws batches: a group by its share, pairs of it with their near misses, as people may type them."""

    def __init__(self, lessons: dict[str, Lesson], forms: Any, seed: int) -> None:  # noqa: ANN401
        self.lessons, self.forms = lessons, forms
        self.chance = numpy.random.default_rng(seed)
        self.names = [name for name in SHARES if name in lessons or name == "phrases"]
        shares = numpy.array([SHARES[name] for name in self.names])
        self.shares = shares / shares.sum()

    def batch(self) -> tuple[list[Any], list[Any], Any, Any]:
        """Return left texts, right texts, the numbers of what is the same, and the teacher's vectors."""
        name = str(self.chance.choice(self.names, p=self.shares))
        lesson = self.lessons["terms" if name == "phrases" else name]
        if name == "phrases":
            return self._phrases(lesson)
        which = self._chosen(lesson)
        left = [self._typed(self._cropped(lesson.left[at])) for at in which]
        right = [self._typed(lesson.right[at]) for at in which]
        if self.chance.random() < 0.5:
            left, right = right, left
        return left, right, lesson.same[which], lesson.taught[which]

    def _chosen(self, lesson: Lesson) -> Any:  # noqa: ANN401
        count = len(lesson.left)
        if lesson.near is None:
            return self.chance.choice(count, min(BATCH, count), replace=False)
        first = self.chance.choice(count, min(BATCH // (1 + HARD), count), replace=False)
        return numpy.unique(numpy.concatenate([first, lesson.near[first].ravel()]))

    def _phrases(self, lesson: Lesson) -> tuple[list[Any], list[Any], Any, Any]:
        """Return terms strung together, each text with one term of the text before it, so that all must be read."""
        count = BATCH
        left, right = [], []
        last = int(self.chance.integers(len(lesson.left)))
        for _ in range(count):
            drawn = [last, *self.chance.integers(len(lesson.left), size=int(self.chance.integers(1, 5)))]
            last = int(drawn[-1])
            left.append(self._typed(numpy.concatenate([lesson.left[at] for at in drawn])))
            right.append(self._typed(numpy.concatenate([lesson.right[at] for at in drawn])))
        return left, right, numpy.arange(2 * count).reshape(count, 2), numpy.zeros((count, DIMENSION), numpy.float32)

    def _cropped(self, text: Any) -> Any:  # noqa: ANN401
        """Return some of the words of a text: of a long one often few, as a question has."""
        least = 2 if len(text) > 6 else 1
        share = self.chance.uniform(0.15, 1.0) if len(text) > 12 else 1 - DROPPED
        kept = text[self.chance.random(len(text)) < share]
        return kept if len(kept) >= least else text

    def _typed(self, text: Any) -> Any:  # noqa: ANN401
        roll = self.chance.random()
        if roll < LATIN:
            return self.forms[text, int(self.chance.integers(2, 5))]
        if roll < LATIN + MISTYPED:
            wrong = self.chance.random(len(text)) < 0.3
            return numpy.where(wrong, self.forms[text, int(self.chance.integers(0, 2))], text)
        return text


def lessons_of(pairs: Sequence[Pair], vocabulary: Vocabulary, taught: dict[str, Any]) -> dict[str, Lesson]:
    """Return the pairs by group, ready to be drawn."""
    by_group: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_group[pair.group].append(pair)

    def numbered(text: str) -> Any:  # noqa: ANN401
        return numpy.array([vocabulary.number[word] for word in words(text)], dtype=numpy.int64)

    nothing = numpy.zeros(DIMENSION, numpy.float32)
    return {group: Lesson([numbered(pair.left) for pair in some], [numbered(pair.right) for pair in some],
                          numpy.array([(pair.same, crc32(pair.left.encode())) for pair in some]),
                          numpy.stack([taught.get(pair.taught, nothing) for pair in some]))
            for group, some in by_group.items()}


def loss_of(student: Student, left: list[Any], right: list[Any], same: Any, taught: Any) -> Any:  # noqa: ANN401
    """Return how far pairs are from being each other's nearest, and how far from where the teacher puts them."""
    vectors = student([*left, *right])
    ours, theirs = vectors[:len(left)], vectors[len(left):]
    scores = ours @ theirs.T / TEMPERATURE
    alike = _alike(same, same).fill_diagonal_(False)
    scores = scores.masked_fill(alike, -1e4)
    right_one = torch.arange(len(left))
    loss = (functional.cross_entropy(scores, right_one) + functional.cross_entropy(scores.T, right_one)) / 2
    target = torch.from_numpy(taught)
    asked = target.abs().sum(dim=1) > 0
    if asked.any():
        near = (ours[asked] * target[asked]).sum(dim=1) + (theirs[asked] * target[asked]).sum(dim=1)
        loss = loss + TAUGHT * (2 - near).mean()
    return loss


def _alike(these: Any, those: Any) -> Any:  # noqa: ANN401
    """Return (n, m) whether two pairs share either side, and so are never held against each other."""
    return torch.from_numpy((these[:, None, :] == those[None, :, :]).any(axis=2))


def mine(student: Student, lessons: dict[str, Lesson], chance: Any) -> None:  # noqa: ANN401
    """Note for each pair those, of some thousands, whose right texts lie nearest to its left one but say another."""
    for lesson in lessons.values():
        count = len(lesson.left)
        if count > BATCH:
            lesson.near = numpy.zeros((count, HARD), dtype=numpy.int64)
            for some in numpy.array_split(chance.permutation(count), -(-count // _MINED_AMONG)):
                with torch.no_grad():
                    lesson.near[some] = _nearest(student, lesson, some, chance)


def _nearest(student: Student, lesson: Lesson, some: Any, chance: Any) -> Any:  # noqa: ANN401
    left, right = (student([texts[at] for at in some]) for texts in (lesson.left, lesson.right))
    alike = _alike(lesson.same[some], lesson.same[some])
    best = (left @ right.T).masked_fill(alike, -1).topk(4 * HARD, dim=1).indices.numpy()
    return some[chance.permuted(best, axis=1)[:, :HARD]]


def save(student: Student, out: Path) -> None:
    """Write the table in 8 bits; the same table gives the same bytes."""
    rows = student.rows.detach().numpy()
    scales = numpy.maximum(numpy.abs(rows).max(axis=1), 1e-8) / 127
    small = numpy.rint(rows / scales[:, None]).astype(numpy.int8)
    about = {"format": FORMAT, "version": VERSION, "unknown": UNKNOWN}
    file = BytesIO()
    numpy.savez(file, about=numpy.array(json.dumps(about, sort_keys=True)), keys=student.keys, rows=small,
                scales=scales.astype(numpy.float32))
    write_whole(out, file.getvalue())


def taught_vectors(pairs: Sequence[Pair], cache: Path, minutes: float) -> dict[str, Any]:
    """Return where the teacher puts the texts it knows, in as many numbers as ours; asks it for what is lacking."""
    teacher = Teacher(cache)
    ranked = sorted(pairs, key=lambda pair: (pair.group == "catalogues", crc32(pair.taught.encode())))
    teacher.learn([pair.taught for pair in ranked], 60 * minutes)
    known = teacher.vectors()
    if not known:
        return {}
    return dict(zip(known, projected(numpy.stack(list(known.values())), DIMENSION), strict=True))


def train(pairs: Sequence[Pair], taught: dict[str, Any], out: Path, checkpoint: Path, rounds: int) -> None:
    """Learn in so many rounds in all, telling of each on stdout; go on from the checkpoint if there is one."""
    torch.manual_seed(SEED)
    vocabulary = Vocabulary([words(text) for pair in pairs for text in (pair.left, pair.right)])
    student = Student(chosen_keys(pairs, ROWS), list(vocabulary.number))
    lessons = lessons_of(pairs, vocabulary, taught)
    print(f"{len(pairs)} pairs, {len(vocabulary.number)} words, {len(student.keys)} rows, {len(taught)} taught")
    optimiser = torch.optim.Adam(student.parameters(), lr=RATE, fused=True)
    begun = _resumed(checkpoint, student, optimiser)
    for number in range(begun, rounds):
        if number and (number % MINED_EVERY == 0 or number == begun):
            mine(student, lessons, numpy.random.default_rng(SEED + number))
        school = School(lessons, vocabulary.forms, SEED + number)
        losses = [_step(student, optimiser, school, RATE * (1 - (number + step / STEPS) / rounds))
                  for step in range(STEPS)]
        print(f"{datetime.now(UTC):%H:%M:%S} round {number + 1} of {rounds}: loss {numpy.mean(losses):.3f}", flush=True)
        torch.save({"rows": student.rows, "optimiser": optimiser.state_dict(), "rounds": number + 1}, checkpoint)
    save(student, out)


def _step(student: Student, optimiser: Any, school: School, rate: float) -> float:  # noqa: ANN401
    for group in optimiser.param_groups:
        group["lr"] = rate
    loss = loss_of(student, *school.batch())
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return float(loss.item())


def _resumed(checkpoint: Path, student: Student, optimiser: Any) -> int:  # noqa: ANN401
    if not checkpoint.is_file():
        return 0
    state = torch.load(checkpoint, weights_only=True)
    with torch.no_grad():
        student.rows.copy_(state["rows"])
    optimiser.load_state_dict(state["optimiser"])
    return int(state["rounds"])


def main() -> None:
    """Read the pairs, ask the teacher, learn, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("bitext", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--teacher-minutes", type=float, default=15.0)
    chosen = parser.parse_args()
    torch.set_num_threads(2)
    pairs = train_pairs(chosen.data, chosen.bitext)
    taught = taught_vectors(pairs, chosen.bitext.with_name("teacher.sqlite"), chosen.teacher_minutes)
    train(pairs, taught, chosen.out, chosen.bitext.with_name("encoder.checkpoint"), chosen.rounds)


if __name__ == "__main__":
    main()
