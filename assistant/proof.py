"""What proves an answer: each quote with its place in a signed release, and everything that was signed over it.

Only quotes are proven, never the sentences over them; the question is not in a proof.  A proof is checked far from
this machine, by `sync.proof.verify_proof`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assistant.cited import cited
from assistant.config import Config
from assistant.errors import AssistantError
from assistant.holdings import Pack, packs_in_use
from assistant.records import Answer, Citation
from assistant.reference import Reference
from assistant.withdrawn import SYNC
from sync.proof.lines import Line, Tree
from sync.proof.verify_proof import FORMAT, VERSION, BrokenError
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
    sources = list(_sources(config))
    return _whole([_proven(quote, sources) for quote in quotes], sources)


def prove_again(config: Config, reference: Reference) -> dict[str, Any]:
    """Return the proof of the words that a reference names.

    Raises:
        NoProofError: this machine has another release, or what was signed over it is not here.
        BrokenError: there is no such document or passage in the release.
    """
    name = f"{reference.publisher}/{reference.number}"
    source = next((one for one in _sources(config) if one.pack.release == name), None)
    if not source:
        raise NoProofError(f"release {name} is not in use on this machine, so its words cannot be looked up here",
                           "Ask on a machine that has this release, or for the whole proof (rohnamo ask --proof).")
    documents = list(source.tree.all(DOCUMENTS, "sha256", reference.sha256))
    if not documents:
        raise BrokenError("document", f"release {name} has no document of the file {reference.sha256}")
    for document in documents:
        passage = source.tree.find(PASSAGES, f"{json.loads(document.text)['id']}:{reference.passage}")
        if passage:
            start, end = reference.span
            words = json.loads(passage.text)["text"][start:end]
            return _whole([_plain(words, reference.span, (document, passage), source)], [source])
    raise BrokenError("passage", f"the document has no passage {reference.passage} in release {name}")


def _sources(config: Config) -> Iterator[_Source]:
    staging = Staging(config.data_dir / SYNC)
    for pack in packs_in_use(config):
        path = staging.chain(pack.publisher, pack.sha256)
        if not pack.of_files and path.is_file():
            yield _Source(pack, Tree(pack.contents()), json.loads(path.read_bytes()))


def _proven(quote: Citation, sources: Sequence[_Source]) -> dict[str, Any]:
    for source in sources:
        document, passage = source.tree.find(DOCUMENTS, quote.document.id), source.tree.find(PASSAGES, quote.passage.id)
        if document and passage and json.loads(document.text)["sha256"] == quote.document.sha256:
            return _plain(quote.quote, quote.span, (document, passage), source)
    raise NoProofError(f"{quote.document.id} stands in no signed release on this machine: its words cannot be proven",
                       "Take the release that it is published in (rohnamo sync now). A draft has no proof; a release "
                       "published before there were proofs has one once its publisher publishes it again.")


def _plain(words: str, span: tuple[int, int], lines: tuple[Line, Line], source: _Source) -> dict[str, Any]:
    """Return a quote as it stands in a proof; `lines` are those of its document and of its passage."""
    document, passage = lines
    own = json.loads(document.text)
    release = {"publisher": source.pack.publisher, "number": source.pack.number, "pack_sha256": source.pack.sha256}
    return {"quote": words, "span": list(span), "document_id": own["id"], "sha256": own["sha256"], "release": release,
            "passage": passage.to_json(), "document": document.to_json()}


def _whole(quotes: list[dict[str, Any]], sources: Sequence[_Source]) -> dict[str, Any]:
    """Return a proof with a chain for each publisher: what was signed at another time may have other keys above it."""
    used = {quote["release"]["publisher"] for quote in quotes}
    chains = {source.pack.publisher: source.chain for source in sources if source.pack.publisher in used}
    return {"format": FORMAT, "version": VERSION, "quotes": quotes, "chains": chains}
