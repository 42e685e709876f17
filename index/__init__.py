"""Passages become searchable: a snapshot, found by words and by vectors, one generation after another."""

from index.encoder import Encoder
from index.errors import SnapshotError
from index.records import Hit, SearchQuery
from index.vectors import VectorStore

__all__ = ["Encoder", "Hit", "SearchQuery", "SnapshotError", "VectorStore"]
