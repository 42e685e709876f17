"""What proves an answer: each quote with its place in a signed release, and everything that was signed over it.

Only quotes are proven, never the sentences over them; the question is not in a proof.  A proof is checked far from
this machine, by `sync.proof.verify_proof`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.cited import cited
from assistant.config import Config
from assistant.errors import AssistantError
from assistant.holdings import Pack, packs_in_use
from assistant.records import Answer, Citation
from assistant.withdrawn import SYNC
from sync.proof.lines import Tree
from sync.proof.verify_proof import FORMAT, VERSION
from sync.staging import Staging

PASSAGES, DOCUMENTS = "passages.jsonl", "documents.jsonl"


class NoProofError(AssistantError):
    """A quote cannot be proven: nobody signed it, or what was signed is not here."""

    code = "no_proof"


@dataclass(frozen=True, slots=True)
class _Source:
    """A release in use that quotes may be of, its lines, and what was signed over it."""

    pack: Pack
    tree: Tree
    chain: Mapping[str, Any]


def prove(config: Config, answer: Answer) -> dict[str, Any]:
    """Return the proof of every quote that an answer shows, in the order of its sources.

    Raises:
        NoProofError: it cites nothing; or a quote is of a draft, or of a release that came before there were proofs.
    """
    quotes = [Citation(one.passage, one.document, span) for one in cited(answer) for span in one.spans]
    if not quotes:
        raise NoProofError("the answer cites nothing, so there is nothing to prove", "Ask something that is answered.")
    sources = _sources(config, {quote.document.id for quote in quotes})
    proven = [_proven(quote, sources) for quote in quotes]
    used = {one["release"]["publisher"] for one in proven}
    # Each publisher has its own: what was signed at another time may have other keys above it.
    chains = {source.pack.publisher: source.chain for source in sources if source.pack.publisher in used}
    return {"format": FORMAT, "version": VERSION, "quotes": proven, "chains": chains}


def _sources(config: Config, documents: Iterable[str]) -> list[_Source]:
    staging, wanted, found = Staging(config.data_dir / SYNC), set(documents), []
    for pack in packs_in_use(config):
        path = staging.chain(pack.publisher, pack.sha256)
        if not pack.of_files and path.is_file():
            tree = Tree(pack.contents())
            if any(tree.find(DOCUMENTS, document) for document in wanted):
                found.append(_Source(pack, tree, json.loads(path.read_bytes())))
    return found


def _proven(quote: Citation, sources: Sequence[_Source]) -> dict[str, Any]:
    for source in sources:
        document, passage = source.tree.find(DOCUMENTS, quote.document.id), source.tree.find(PASSAGES, quote.passage.id)
        if document and passage and json.loads(document.text)["sha256"] == quote.document.sha256:
            release = {"publisher": source.pack.publisher, "number": source.pack.number,
                       "pack_sha256": source.pack.sha256}
            return {"quote": quote.quote, "span": list(quote.span), "document_id": quote.document.id,
                    "sha256": quote.document.sha256, "release": release, "passage": passage.to_json(),
                    "document": document.to_json()}
    raise NoProofError(f"{quote.document.id} stands in no signed release on this machine: its words cannot be proven",
                       "Take the release that it is published in (rohnamo sync now). A draft has no proof; a release "
                       "published before there were proofs has one once its publisher publishes it again.")
