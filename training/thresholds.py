"""Set the weights that decide between answering and abstaining: `python training/thresholds.py DATA_DIR`.

A logistic regression over the signs that `assistant.abstain` reads, fitted on the dev part of the questions, since the
encoder has learnt from train and its cosines there are too high; it prints the weights to copy, and how both parts
come out.  The test part is not read.  Needs scikit-learn, which
comes with the extra `encoders`.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from assistant import abstain, update
from assistant import config as settings
from assistant.encoders import open_encoder
from assistant.evaluate import Asked, read_questions
from assistant.evidence import gather
from assistant.query import understand
from assistant.retrieve import retrieve
from index import Snapshot

QUESTIONS = Path(__file__).parents[1] / "tests" / "golden" / "questions.jsonl"
DAY = date(2026, 11, 25)


def signs_of(questions: list[Asked], snapshot: Snapshot) -> tuple[np.ndarray, np.ndarray]:
    """Return the signs (n, number of signs) float64 of each question, and whether it can be answered (n,) bool."""
    rows, labels = [], []
    for asked in questions:
        query = understand(asked.question, today=DAY)
        hits = retrieve(snapshot, query)
        if query.decline or query.language == "unknown" or not hits:
            continue
        rows.append(abstain.signs(query, hits, gather(query, hits, snapshot, DAY)))
        labels.append(asked.answerable)
    return np.array(rows), np.array(labels)


def main() -> None:
    """Fit, print."""
    config = settings.load(Path(sys.argv[1]))
    snapshot, _ = update.current_snapshot(config, encoder=open_encoder(config))
    with snapshot:
        train = signs_of(read_questions(QUESTIONS, "train"), snapshot)
        dev = signs_of(read_questions(QUESTIONS, "dev"), snapshot)
    model = LogisticRegression(C=1.0, class_weight="balanced", max_iter=2000).fit(*dev)
    for name, weight in zip(abstain.SIGNS, model.coef_[0], strict=True):
        print(f"{name:16} {weight:8.3f}")
    print(f"{'bias':16} {model.intercept_[0]:8.3f}")
    for name, (signs, answerable) in (("train", train), ("dev", dev)):
        chance = model.predict_proba(signs)[:, 1]
        for threshold in (0.3, 0.4, 0.45, 0.5, 0.6):
            answered = chance >= threshold
            print(f"{name} at {threshold}: answers {np.mean(answered[answerable]):.2f} of what can be answered, "
                  f"declines {np.mean(~answered[~answerable]):.2f} of what cannot")


if __name__ == "__main__":
    main()
