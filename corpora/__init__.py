"""Public documents become passages and facts.

Read a file (`extract`), cut it (`passages`), keep it in a draft (`draft`, filled by `ingest`), write
it as a release (`release`).  Nothing here searches or answers; only `fetch`, which `collect` uses,
opens a connection.
"""

from corpora.draft import Draft, Entry
from corpora.errors import CorpusError
from corpora.records import Document, Fact, Passage
from corpora.release import read_release, write_release

__all__ = ["CorpusError", "Document", "Draft", "Entry", "Fact", "Passage", "read_release", "write_release"]
