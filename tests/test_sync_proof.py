"""A proof holds as it was made; whatever is changed in it is found, and the link that broke is named."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from contextlib import suppress
from copy import deepcopy
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, SECP384R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256, SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from securesystemslib.formats import encode_canonical
from securesystemslib.signer import SSlibKey

from sync.pack import read_pack, write_pack
from sync.proof import verify_proof
from sync.proof.lines import Lines, Tree
from sync.proof.verify_proof import LINKS, BrokenError, check, leaf, root_id, top_of
from tests.ministry import Ministry
from tests.repository_simulator import signer

GOLDEN = Path(__file__).parent / "golden"
PROOF, ROOT = (GOLDEN / name for name in ("proof.json", "proof.root.json"))
OTHER = "min-labour"


@pytest.fixture
def proof():
    return json.loads(PROOF.read_bytes())


@pytest.fixture(scope="module")
def root():
    return ROOT.read_bytes()


def own(proof):
    return proof["chains"]["min-health"]


def resigned(metadata, *names):
    """Sign metadata anew with keys of these names, as whoever holds them would."""
    data = verify_proof.canonical(metadata["signed"])
    metadata["signatures"] = [{"keyid": one.public_key.keyid, "sig": one.sign(data).signature}
                              for one in map(signer, names)]


def put(path, value):
    """Return what puts a value at a place of the first quote and its chain."""
    def change(proof):
        *way, last = path
        at = proof["quotes"][0] if way and way[0] == "quote" else own(proof)
        for step in way[1:] if way and way[0] in ("quote", "chain") else way:
            at = at[step]
        at[last] = value(at[last]) if callable(value) else value
    return change


def first(values):
    return values[:1]


def other_quote(proof):
    quote = proof["quotes"][0]
    quote["quote"] = quote["quote"].replace("40", "400")


def in_line(link, old, new):
    def change(proof):
        found = proof["quotes"][0][link]
        assert old in found["line"]
        found["line"] = found["line"].replace(old, new)
    return change


def swapped_line(link, other):
    def change(proof):
        proof["quotes"][0][link] = deepcopy(proof["quotes"][0][other])
    return change


def in_release(old, new):
    def change(proof):
        assert old in own(proof)["release"]
        own(proof)["release"] = own(proof)["release"].replace(old, new)
    return change


def release_signed_by_nobody_new(proof):
    """Change release.json and the hash that the publisher's role has of it."""
    in_release('"number":1', '"number":2')(proof)
    data = own(proof)["release"].encode()
    target = own(proof)["role"]["signed"]["targets"]["min-health/release.json"]
    target["hashes"]["sha256"], target["length"] = sha256(data).hexdigest(), len(data)


def publisher_signed_by(*names):
    def change(proof):
        release_signed_by_nobody_new(proof)
        resigned(own(proof)["role"], *names)
    return change


def key_swapped(place, role):
    """Put a thief's key under the id of a good one."""
    def change(proof):
        keys, keyid = place(own(proof)), signer(role).public_key.keyid
        keys[keyid]["keyval"]["public"] = signer("thief").public_key.keyval["public"]
    return change


def delegated_to_thief(proof):
    """Let a thief's key sign for the publisher, in a targets role that nobody else signed."""
    thief, targets = signer("thief").public_key, own(proof)["targets"]["signed"]["delegations"]
    targets["keys"][thief.keyid] = thief.to_dict()
    next(one for one in targets["roles"] if one["name"] == "min-health")["keyids"] = [thief.keyid]
    resigned(own(proof)["targets"], "thief")


def other_publisher(proof):
    """Say that the words are another publisher's, who is known and signed something else."""
    proof["quotes"][0]["release"]["publisher"] = OTHER
    proof["chains"][OTHER] = own(proof)


def unknown_publisher(proof):
    proof["quotes"][0]["release"]["publisher"] = "min-fish"
    proof["chains"]["min-fish"] = own(proof)


def thief_root(proof):
    """Begin with a root of a thief's own keys."""
    first = own(proof)["roots"][0]
    thief = signer("thief").public_key
    first["signed"]["keys"] = {thief.keyid: thief.to_dict()}
    for role in first["signed"]["roles"].values():
        role |= {"keyids": [thief.keyid], "threshold": 1}
    resigned(first, "thief")


def thief_second_root(proof):
    """Let a root of a thief follow on the trusted one."""
    thief_root(forged := deepcopy(proof))
    later = own(forged)["roots"][0]
    later["signed"]["version"] = 2
    resigned(later, "thief")
    own(proof)["roots"] = [own(proof)["roots"][0], later]
    delegated_to_thief(proof)


def root_left_out(proof):
    """Let the very keys of the root sign one that does not follow on the one before."""
    later = own(proof)["roots"][1]
    later["signed"]["version"] = 3
    resigned(later, "root-0", "root-1")


def targets_signed_rightly(change):
    """Let the very keys of the targets role sign something that does not do."""
    def signed(proof):
        change(own(proof)["targets"]["signed"])
        resigned(own(proof)["targets"], "targets-0", "targets-1")
    return signed


def release_of_another(proof):
    """Let the publisher sign a release that speaks of another publisher."""
    in_release('"publisher":"min-health"', f'"publisher":"{OTHER}"')(proof)
    data, role = own(proof)["release"].encode(), own(proof)["role"]
    role["signed"]["targets"]["min-health/release.json"] |= {
        "hashes": {"sha256": sha256(data).hexdigest()}, "length": len(data)}
    resigned(role, "min-health-0")


def place_from_the_end(proof):
    quote = proof["quotes"][0]
    quote["span"][0] -= len(json.loads(quote["passage"]["line"])["text"])


def one_signature_twice(proof):
    for role in ("targets", "role"):
        own(proof)[role]["signatures"] = own(proof)[role]["signatures"][:1] * 2


TAMPERED = {
    "other format": ("form", lambda proof: proof.update(format="proof")),
    "other version": ("form", lambda proof: proof.update(version=2)),
    "no quotes": ("form", lambda proof: proof.update(quotes=[])),
    "no chain": ("form", lambda proof: proof["chains"].clear()),
    "no root": ("root", put(("chain", "roots"), [])),
    "a root of a thief": ("root", thief_root),
    "a second root of a thief": ("root", thief_second_root),
    "a root with a lower threshold": ("root", put(("chain", "roots", 0, "signed", "roles", "targets", "threshold"), 1)),
    "a root that does not follow": ("root", root_left_out),
    "a role of another kind with the right signatures": (
        "targets", targets_signed_rightly(lambda signed: signed.update(_type="mirrors"))),
    "a publisher of other files": (
        "delegation", targets_signed_rightly(
            lambda signed: signed["delegations"]["roles"][0].update(paths=["other/*"]))),
    "a release of another publisher with the right signature": ("release", release_of_another),
    "a targets role with another version": ("targets", put(("chain", "targets", "signed", "version"), 9)),
    "a targets role without a signature": ("targets", put(("chain", "targets", "signatures"), [])),
    "a targets role with one of two signatures": ("targets", put(("chain", "targets", "signatures"), first)),
    "one signature twice": ("targets", one_signature_twice),
    "a snapshot for a targets role": ("targets", put(("chain", "targets", "signed", "_type"), "snapshot")),
    "a key of the publisher swapped": ("targets", key_swapped(
        lambda chain: chain["targets"]["signed"]["delegations"]["keys"], "min-health-0")),
    "a key of the targets role swapped": ("root", key_swapped(
        lambda chain: chain["roots"][0]["signed"]["keys"], "targets-0")),
    "a threshold of the publisher lowered": ("targets", put(
        ("chain", "targets", "signed", "delegations", "roles", 0, "threshold"), 0)),
    "a delegation to a thief": ("targets", delegated_to_thief),
    "a publisher that nobody names": ("delegation", unknown_publisher),
    "words of another publisher": ("publisher", other_publisher),
    "a publisher's role with another version": ("publisher", put(("chain", "role", "signed", "version"), 9)),
    "a publisher's role without a signature": ("publisher", put(("chain", "role", "signatures"), [])),
    "a publisher's role signed by a thief": ("publisher", publisher_signed_by("thief")),
    "a publisher's role signed by another publisher": ("publisher", publisher_signed_by(f"{OTHER}-0")),
    "another hash of the release signed by nobody": ("publisher", release_signed_by_nobody_new),
    "another number in the release": ("release", in_release('"number":1', '"number":2')),
    "another top in the release": ("release", in_release('"lines":{"count":', '"lines":{"count":1')),
    "a quote of another release": ("release", put(("quote", "release", "number"), 2)),
    "another pack": ("release", put(("quote", "release", "pack_sha256"), "0" * 64)),
    "another amount in the passage": ("passage", in_line("passage", "40 ", "400 ")),
    "another place of the passage": ("passage", put(("quote", "passage", "index"), lambda index: index - 1)),
    "a place that is no line": ("passage", put(("quote", "passage", "index"), 10**9)),
    "a neighbour changed": ("passage", put(("quote", "passage", "way", 0), "0" * 64)),
    "a way cut short": ("passage", put(("quote", "passage", "way"), lambda way: way[:-1])),
    "a way that goes on": ("passage", put(("quote", "passage", "way"), lambda way: [*way, "0" * 64])),
    "a document for a passage": ("passage", swapped_line("passage", "document")),
    "a passage for a document": ("document", swapped_line("document", "passage")),
    "another title of the document": ("document", in_line("document", '"title":"', '"title":"Нав ')),
    "another document": ("document", put(("quote", "document_id"), "bees")),
    "another file": ("document", put(("quote", "sha256"), "1" * 64)),
    "another amount in the quote": ("quote", other_quote),
    "another place of the quote": ("quote", put(("quote", "span"), lambda span: [span[0] + 1, span[1] + 1])),
    "a place that ends before it begins": ("quote", put(("quote", "span"), lambda span: span[::-1])),
    "a place counted from the end": ("quote", place_from_the_end),
    "a place in words": ("quote", put(("quote", "span"), "all of it")),
}


def test_a_proof_holds_as_it_was_made(proof, root):
    found = check(PROOF.read_bytes(), root)
    assert [one.quote for one in found] == [one["quote"] for one in proof["quotes"]]
    first = found[0]
    assert (first.release, first.document["id"]) == ("min-health/1", "fishing")
    assert first.until == "2027-05-24T08:00:00Z"                          # told, and compared with no clock


def test_an_answer_that_carries_its_proof_is_a_proof(proof, root):
    assert check(json.dumps({"question": "?", "proof": proof}).encode(), root) == check(PROOF.read_bytes(), root)


@pytest.mark.parametrize("name", TAMPERED)
def test_whatever_is_changed_is_found_and_its_link_named(name, proof, root):
    link, change = TAMPERED[name]
    change(proof)
    with pytest.raises(BrokenError) as broken:
        check(json.dumps(proof).encode(), root)
    assert broken.value.link == link, broken.value
    assert broken.value.why


def test_every_link_is_broken_by_some_change():
    assert {link for link, _ in TAMPERED.values()} == set(LINKS)


def test_every_value_that_is_dropped_is_found_or_was_not_needed(proof, root):
    """Nothing that is missing makes the program stumble; a proof that still holds says the very same."""
    whole = check(PROOF.read_bytes(), root)
    for way in places(proof):
        cut = deepcopy(proof)
        at = cut
        for step in way[:-1]:
            at = at[step]
        del at[way[-1]]
        with suppress(BrokenError):
            assert all(one in whole for one in check(json.dumps(cut).encode(), root))


def places(value, way=()):
    """Yield the way to every value in an object."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield (*way, key)
        yield from places(one, (*way, key))


def test_another_ministry_is_not_believed(proof):
    other = json.dumps({"signed": own(proof)["roots"][0]["signed"] | {"version": 7}, "signatures": []}).encode()
    with pytest.raises(BrokenError, match=r"your root\.json is not among") as broken:
        check(PROOF.read_bytes(), other)
    assert broken.value.link == "root"


@pytest.mark.parametrize("root", [b"", b"[]", b'{"signed":{"_type":"targets"}}', b'{"signed":[]}'])
def test_what_is_no_root_is_not_taken_for_one(root):
    with pytest.raises(ValueError, match=r"no root\.json"):
        root_id(root)


@pytest.mark.parametrize("data", [b"", b"[]", b"\xff", b'"x"', b"{}", b'{"proof":1}', b"[" * 100_000])
def test_what_is_no_proof_is_no_proof(data, root):
    with pytest.raises(BrokenError) as broken:
        check(data, root)
    assert broken.value.link == "form"


def test_the_verifier_alone_says_the_same_on_a_bare_machine(tmp_path):
    alone = shutil.copy(verify_proof.__file__, tmp_path)
    lines = Path(alone).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 250
    assert not [line for line in lines if line.startswith(("from sync", "from assistant", "import sync"))]
    broken = tmp_path / "broken.json"
    broken.write_bytes(PROOF.read_bytes().replace("40 сомонӣ".encode(), "90 сомонӣ".encode()))
    said = {name: subprocess.run([sys.executable, "-I", alone, name, ROOT], capture_output=True, text=True, check=False,
                                 cwd=tmp_path) for name in (PROOF, broken, tmp_path / "none")}
    assert [one.returncode for one in said.values()] == [0, 1, 2]
    assert "HOLDS" in said[PROOF].stdout
    assert "withdrawn" in said[PROOF].stdout
    assert "BROKEN at passage" in said[broken].stdout
    assert not [one.stderr for one in said.values() if one.stderr]


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5, 7, 8, 9, 31, 64, 100])
def test_every_line_leads_to_the_top_and_to_no_other(count):
    files = {"passages.jsonl": b"".join(b'{"id":"p:%d"}\n' % number for number in range(count)), "other": b"x\n"}
    tree, top = Tree(files), Lines.of(files)
    assert top.count == count
    for number in range(count):
        found = tree.find("passages.jsonl", f"p:{number}")
        start = leaf("passages.jsonl", found.text.encode())
        assert top_of(start, found.index, count, found.way).hex() == top.root
        assert len(found.way) <= (count - 1).bit_length()
    assert tree.find("passages.jsonl", "p:x") is None


def test_the_top_changes_with_every_line_its_place_and_its_file():
    one = {"a.jsonl": b"1\n2\n", "b.jsonl": b"3\n"}
    others = [{"a.jsonl": b"2\n1\n", "b.jsonl": b"3\n"}, {"a.jsonl": b"1\n", "b.jsonl": b"2\n3\n"},
              {"a.jsonl": b"1\n2\n"}, {"a.jsonl": b"1\n2\n", "c.jsonl": b"3\n"}, {"a.jsonl": b"1\n2\n3\n"}]
    tops = {Lines.of(files).root for files in (one, *others)}
    assert len(tops) == len(others) + 1
    assert Lines.of(read_pack(write_pack(dict(reversed(one.items()))))) == Lines.of(one)
    assert Lines.of({"a.jsonl": b""}) == Lines.of({}) == Lines()


def test_what_a_publisher_prepares_names_the_top_of_its_lines(tmp_path):
    ministry = Ministry(tmp_path)
    ministry.release(1, content=b'{"id":"fishing"}\n{"id":"bees"}\n')
    assert ministry.repository.release("min-health").lines == \
        Lines.of({"documents.jsonl": b'{"id":"fishing"}\n{"id":"bees"}\n'})


@pytest.mark.parametrize(("curve", "algorithm", "scheme"), [
    (SECP256R1(), SHA256(), "ecdsa-sha2-nistp256"), (SECP384R1(), SHA384(), "ecdsa-sha2-nistp384")])
def test_keys_on_tokens_count_as_keys_in_files_do(curve, algorithm, scheme, proof):
    secret = generate_private_key(curve)
    public = secret.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    key = SSlibKey.from_dict("0" * 64, {"keytype": "ecdsa", "scheme": scheme, "keyval": {"public": public}}).to_dict()
    keyid = sha256(verify_proof.canonical(key)).hexdigest()
    targets = own(proof)["targets"]
    signature = secret.sign(verify_proof.canonical(targets["signed"]), ECDSA(algorithm)).hex()
    targets["signatures"] = [{"keyid": keyid, "sig": signature}]
    may = {"keyids": [keyid], "threshold": 1}
    assert verify_proof._good(targets, may, {keyid: key}) == [keyid]
    assert verify_proof._good(targets, may, {keyid: key | {"scheme": "rsa"}}) == []
    targets["signed"]["version"] += 1
    assert verify_proof._good(targets, may, {keyid: key}) == []


def test_what_is_signed_is_spelt_as_tuf_spells_it(proof):
    for one in (*own(proof)["roots"], own(proof)["targets"], {"signed": {"ғ": ['"\\', None, True, -3, "\n\t\u2028"]}}):
        assert verify_proof.canonical(one["signed"]) == encode_canonical(one["signed"]).encode()


def test_one_key_under_two_ids_counts_once(proof):
    """Also where a root says so itself: its two wanted signatures are of one person."""
    first, one = own(proof)["roots"][0], signer("root-0").public_key
    first["signed"]["keys"]["f" * 64] = one.to_dict()
    first["signed"]["roles"]["root"]["keyids"] = [one.keyid, "f" * 64]
    resigned(first, "root-0")
    first["signatures"].append({"keyid": "f" * 64, "sig": first["signatures"][0]["sig"]})
    own(proof)["roots"] = [first]
    with pytest.raises(BrokenError, match="1 good signatures of 2") as broken:
        check(json.dumps(proof).encode(), json.dumps(first).encode())
    assert broken.value.link == "root"


@pytest.mark.parametrize("index", [-1, -4, 4, 7])
def test_a_line_that_is_not_there_leads_nowhere(index):
    start = leaf("passages.jsonl", b"4")
    with pytest.raises(ValueError, match="there is no line"):
        top_of(start, index, 4, [start, start])
