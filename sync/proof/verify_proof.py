"""Whether a quote stands in a document that a publisher signed; and if not, which link of the chain is broken.

    python verify_proof.py PROOF.json root.json

It asks no network, reads no clock, and needs nothing but Python and `cryptography`; copy this one file anywhere.  All
trust comes from `root.json`: take it from a machine of the ministry or from its key ceremony, never from whoever shows
the proof.  What was signed stays signed: the end of a signature is told, and breaks nothing.  Whether the document was
withdrawn since, or whether a later release says otherwise, cannot be seen in a proof.  Exit 0 it holds, 1 not, 2 usage.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import load_pem_public_key

FORMAT, VERSION, RELEASE = "rohnamo-proof", 1, ("rohnamo-published-release", 1)
# What has to hold, in this order, each with what it means where it does not.
LINKS = {
    "form": "this is no proof that can be read",
    "root": "it does not begin with the root that you trust",
    "targets": "the ministry's list of publishers was not signed by those whom the root names",
    "delegation": "the ministry names no such publisher",
    "publisher": "the publisher's list of files was not signed by the publisher",
    "release": "the release is not the one that the publisher signed",
    "passage": "the passage does not stand in the release",
    "document": "the document does not stand in the release, or the passage is of another one",
    "quote": "the quote does not stand in the passage at this place"}
TOLD = ("HOLDS: «{0.quote}»\n  in {0.document[title]} ({0.document[id]}, file {0.document[sha256]})\n"
        "  release {0.release} of {0.signed}, signed by {0.signers} until {0.until}")
WITHDRAWN = ("Whether the document was withdrawn since, or a later release says otherwise, cannot be seen here: "
             "ask on a machine of the ministry.")
Plain = Mapping[str, Any]
_NOT_WELL_MADE = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError, UnsupportedAlgorithm)
_HASHES = {"ecdsa-sha2-nistp256": SHA256, "ecdsa-sha2-nistp384": SHA384}


class BrokenError(Exception):
    """A link does not hold.  `link` is a key of `LINKS`, `why` says what exactly; `quote` counts from 1."""

    def __init__(self, link: str, why: str, quote: int = 0) -> None:
        super().__init__(f"{link}: {why}")
        self.link, self.why, self.quote = link, why, quote


@dataclass(frozen=True, slots=True)
class Proven:
    """A quote that holds, and what was signed over it.  `signed`, `until`: when, and how long it was meant to last."""

    quote: str
    document: Plain
    passage: Plain
    release: str
    signed: str
    until: str
    signers: str


def check(data: bytes, root: bytes) -> tuple[Proven, ...]:
    """Return what a proof proves to those who trust this root; BrokenError where it does not hold."""
    with _link("form"):
        found = json.loads(data)
        proof = found.get("proof", found)          # an answer carries its proof
        _expect((proof["format"], proof["version"]) == (FORMAT, VERSION), f"it is no {FORMAT} {VERSION}")
        quotes, chains = list(proof["quotes"]), dict(proof["chains"])
        _expect(bool(quotes), "there is no quote in it")
    return tuple(_quote(quote, number, chains, root_id(root)) for number, quote in enumerate(quotes, 1))


def root_id(root: bytes) -> str:
    """Return the SHA-256 of what is signed in a root, for people to compare; ValueError where it is none."""
    with suppress(*_NOT_WELL_MADE):
        if (signed := json.loads(root)["signed"])["_type"] == "root":
            return sha256(canonical(signed)).hexdigest()
    raise ValueError("this is no root.json")


def canonical(value: object) -> bytes:
    """Return OLPC's canonical JSON, the form in which TUF signs."""
    return _spelt(value).encode()


def leaf(path: str, line: bytes) -> bytes:
    """Return the hash of a line of a file in the tree of lines (RFC 9162, 2.1.1); `line` without its end."""
    return sha256(b"\0" + path.encode() + b"\n" + line).digest()


def node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two neighbours in the tree of lines."""
    return sha256(b"\1" + left + right).digest()


def top_of(start: bytes, index: int, count: int, way: Sequence[bytes]) -> bytes:
    """Return the top of a tree of `count` leaves that the leaf at `index` leads to by its neighbours on the way."""
    _expect(0 <= index < count, f"there is no line {index} of {count}")
    found, rest = start, list(way)
    while count > 1:
        if index ^ 1 < count:                      # the last of an odd row goes up alone
            found = node(rest.pop(0), found) if index & 1 else node(found, rest.pop(0))
        index, count = index >> 1, (count + 1) >> 1
    _expect(not rest, "the way is too long")
    return found


def _spelt(value: object) -> str:
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case None | bool() | int():
            return json.dumps(value)
        case list():
            return f"[{','.join(map(_spelt, value))}]"
        case dict():
            return "{" + ",".join(f"{_spelt(key)}:{_spelt(value[key])}" for key in sorted(value)) + "}"
    raise ValueError(f"{type(value).__name__} cannot be signed")


def _top(chain: Plain, trusted: str, number: int) -> Plain:
    """Return the targets role, reached from the trusted root over every root after it."""
    with _link("root", number):
        ids = [sha256(canonical(one["signed"])).hexdigest() for one in chain["roots"]]
        _expect(trusted in ids, "your root.json is not among the roots in it")
        first, *later = chain["roots"][ids.index(trusted):]
        root = _signed(first, "root", first["signed"])
        for one in later:
            _expect(one["signed"]["version"] == root["version"] + 1, "a root is left out")
            _signed(one, "root", root)
            root = _signed(one, "root", one["signed"])
    with _link("targets", number):
        return _signed(chain["targets"], "targets", root)


def _quote(quote: Plain, number: int, chains: Plain, trusted: str) -> Proven:
    with _link("form", number):
        name = quote["release"]["publisher"]
        chain = chains[name]
    top = _top(chain, trusted, number)
    with _link("delegation", number):
        may = [one for one in top["delegations"]["roles"] if one["name"] == name and f"{name}/*" in one["paths"]]
        _expect(len(may) == 1, f"there is no publisher {name}")
        delegator = {"keys": top["delegations"]["keys"], "roles": {name: may[0]}}
    with _link("publisher", number):
        role = _signed(chain["role"], name, delegator, kind="targets")
        signers = _good(chain["role"], may[0], delegator["keys"])
        names = ", ".join(str(delegator["keys"][keyid].get("x-rohnamo-name", keyid[:8])) for keyid in signers)
    with _link("release", number):
        release = _release(name, chain["release"].encode(), role)
        said = {"publisher": name, "number": release["number"], "pack_sha256": release["pack"]["sha256"]}
        _expect(quote["release"] == said, f"signed is release {release['number']}, another one is named")
    with _link("passage", number):
        passage = _line("passages.jsonl", quote["passage"], release["lines"])
    with _link("document", number):
        document = _line("documents.jsonl", quote["document"], release["lines"])
        _expect(passage["document"] == document["id"] == quote["document_id"], "the ids differ")
        _expect(document["sha256"] == quote["sha256"], "the hash of its file differs")
    with _link("quote", number):
        (start, end), text = quote["span"], passage["text"]
        _expect(0 <= start < end <= len(text) and text[start:end] == quote["quote"], "the words there are others")
    return Proven(text[start:end], document, passage, f"{name}/{release['number']}", release["issued"],
                  role["expires"], names)


def _release(name: str, data: bytes, role: Plain) -> Plain:
    """Return what the publisher's release.json says, once it is the one that was signed."""
    target = role["targets"][f"{name}/release.json"]
    same = len(data) == target["length"] and sha256(data).hexdigest() == target["hashes"]["sha256"]
    _expect(same, "its release.json differs from what was signed")
    release: Plain = json.loads(data)
    _expect((release["format"], release["version"], release["publisher"]) == (*RELEASE, name), "it is no release.json")
    return release


def _line(path: str, found: Plain, tree: Plain) -> Plain:
    """Return a line of a file of the release, once its way leads to the top that was signed."""
    start, way = leaf(path, found["line"].encode()), [bytes.fromhex(one) for one in found["way"]]
    top = top_of(start, found["index"], tree["count"], way)
    _expect(top.hex() == tree["root"], f"the line of {path} leads elsewhere than to what was signed")
    return dict(json.loads(found["line"]))


def _signed(metadata: Plain, role: str, delegator: Plain, kind: str = "") -> Plain:
    """Return what is signed in metadata, once enough keys of the role signed it."""
    may = delegator["roles"][role]
    _expect(metadata["signed"]["_type"] == (kind or role), f"it is no {kind or role} metadata")
    good, wanted = len(_good(metadata, may, delegator["keys"])), int(may["threshold"])
    _expect(good >= wanted > 0, f"{role}: {good} good signatures of {wanted} that are wanted")
    return dict(metadata["signed"])


def _good(metadata: Plain, may: Plain, keys: Plain) -> list[str]:
    """Return the ids of the keys of a role that signed; an id is the hash of its key, so that none counts twice."""
    data, signatures = canonical(metadata["signed"]), {one["keyid"]: one["sig"] for one in metadata["signatures"]}
    return [keyid for keyid in sorted(set(may["keyids"]) & set(signatures) & set(keys))
            if _verifies(keyid, keys[keyid], bytes.fromhex(signatures[keyid]), data)]


def _verifies(keyid: str, key: Plain, signature: bytes, data: bytes) -> bool:
    public, scheme = key["keyval"]["public"], key["scheme"]
    plain = {name: key[name] for name in ("keytype", "scheme", "keyval")}
    with suppress(InvalidSignature, *_NOT_WELL_MADE):
        if scheme == "ed25519":
            Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, data)
        else:
            loaded: Any = load_pem_public_key(public.encode())
            loaded.verify(signature, data, ECDSA(_HASHES[scheme]()))
        return sha256(canonical(plain)).hexdigest() == keyid
    return False


def _expect(holds: bool, why: str) -> None:
    if not holds:
        raise ValueError(why)


@contextmanager
def _link(name: str, quote: int = 0) -> Iterator[None]:
    try:
        yield
    except _NOT_WELL_MADE as error:
        why = str(error) if type(error) is ValueError else f"it is not well made: {error!r}"
        raise BrokenError(name, why, quote) from error


def main(arguments: Sequence[str]) -> int:
    """Check a proof from the command line and return the exit status."""
    try:
        proof, root = (Path(one).read_bytes() for one in arguments)
        told, status = [TOLD.format(one) for one in check(proof, root)] + [WITHDRAWN], 0
    except BrokenError as error:
        which = f" of quote {error.quote}" if error.quote else ""
        told, status = [f"BROKEN at {error.link}{which}: {LINKS[error.link]}.", f"  {error.why}"], 1
    except (OSError, ValueError) as error:
        told, status = [f"usage: python verify_proof.py PROOF.json ROOT.json ({error})"], 2
    sys.stdout.write("\n".join([*told, ""]))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
