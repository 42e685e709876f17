"""A release of min-labour that waits for two signatures where an admin's desk looks, with what it changes."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from assistant.prepared_view import prepared_folder
from assistant.release_diff import to_bytes
from sync.prepared import sign
from tests.ministry import Ministry
from tests.repository_simulator import signer

_FEE = {"unit": "сомонӣ", "audience": "", "valid_from": None, "valid_until": None, "status": "in_force"}
_ACT = {"type": "қарор", "number": "7", "date": ""}
_SIDE = {"right": True, "status": "answered", "claim": "Барои моҳидорӣ 60 сомонӣ месупоранд."}
DIFF = {
    "publisher": "min-labour", "corpus": "office", "kind": "text", "number": 2, "before": 1, "day": "2026-11-25",
    "documents": {
        "before": 40, "after": 40, "added": [{"id": "bees-2027", "title": "Занбӯрпарварӣ", "language": "tg",
                                              "facts": 2}],
        "removed": [{"id": "boats", "title": "Киштиҳои хурд", "language": "tg", "facts": 0}],
        "changed": [{"id": "fishing", "title": "Моҳидорӣ", "language": "tg",
                     "fields": [{"field": "as_of", "before": "2025-11-01", "after": "2026-11-01"},
                                {"field": "act", "before": None, "after": _ACT}],
                     "text": [[["=", "Барои моҳидорӣ"], ["-", "60"], ["+", "75"], ["=", "сомонӣ месупоранд."]]],
                     "more": 2}]},
    "facts": [{"document": "fishing", "title": "Моҳидорӣ", "language": "tg", "type": "fee",
               "before": _FEE | {"value": "60", "quote": "60 сомонӣ месупоранд"},
               "after": _FEE | {"value": "75", "quote": "<b>75 сомонӣ месупоранд"}},
              {"document": "bees-2027", "title": "Занбӯрпарварӣ", "language": "tg", "type": "deadline", "before": None,
               "after": _FEE | {"value": "10", "unit": "рӯз", "quote": "дар муддати 10 рӯз"}}],
    "expiring": [],
    "answers": {"asked": 40, "right": 38, "right_before": 39, "worse": 1, "allowed_worse": "боҷ иваз шуд", "more": 0,
                "changed": [{"qid": "q1", "question": "Барои моҳидорӣ чанд сомонӣ месупоранд?", "before": _SIDE,
                             "after": _SIDE | {"right": False, "claim": "Барои моҳидорӣ 75 сомонӣ месупоранд."}}],
                "wrong": []},
    "warnings": [{"kind": "review", "document": "fishing", "text": "looked at again in 2025"}],
    "size": {"pack": 90000, "compressed": 30000, "deltas": [], "fetched": 1200, "fetched_anew": 30000}}


def prepare(config, *signers, name="min-labour-2", diff=None) -> Path:
    """Prepare the release, signed by these keys, and return its folder."""
    folder = prepared_folder(config) / name
    with TemporaryDirectory() as place:
        made = Ministry(Path(place)).prepare(2, publisher="min-labour", diff=to_bytes(DIFF if diff is None else diff))
        for key in signers:
            sign(made, signer(key))
        shutil.copytree(made.folder, folder)
    return folder
