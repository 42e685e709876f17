"""Passages become searchable.

Build a snapshot (`build`), open it and ask (`snapshot`), keep several and switch between them (`generations`).
Nothing here cuts documents, words answers or speaks to a network.
"""

from index.build import build_snapshot
from index.encoder import Encoder
from index.errors import SnapshotError
from index.generations import Generations
from index.records import Hit, SearchQuery
from index.snapshot import Snapshot
from index.vectors import VectorStore

__all__ = ["Encoder", "Generations", "Hit", "SearchQuery", "Snapshot", "SnapshotError", "VectorStore",
           "build_snapshot"]
