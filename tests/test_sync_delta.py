"""A delta leads from one pack to one other; whatever else happens to it, it gives nothing."""

from __future__ import annotations

import subprocess
import sys
import tracemalloc
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.delta import apply_delta, make_delta
from sync.errors import PackError
from sync.frame import MOST_BYTES, make_frame
from sync.pack import compressed, write_pack
from tests.frames import chance, zeros

WORDS = [f"{head}{middle}{tail}" for head in "бвгдҷзқлмҳчш" for middle in "аиоеӣӯ" for tail in ("нома", "гоҳ", "даст")]


def digest(data):
    return sha256(data).hexdigest()


def arrive(old, delta, new):
    return apply_delta(old, delta, produces_length=len(new), produces_sha256=digest(new))


def corpus(seed=1, documents=60):
    """Return lines about the length of documents, made of Tajik-like words."""
    drawn = chance(seed)
    return [" ".join(drawn.choices(WORDS, k=60)) + "\n" for _ in range(documents)]


def pack(lines):
    return write_pack({"documents.jsonl": "".join(lines).encode(), "release.json": b"{}"})


LINES = corpus()
OLD = pack(LINES)
NEW = pack([*LINES[:30], "Пардохт 45 сомонӣ аст.\n", *LINES[31:]])
DELTA = make_delta(OLD, NEW)

# --- round trips ----------------------------------------------------------------------------------

edits = st.lists(st.tuples(st.sampled_from(("replace", "insert", "remove", "move", "repeat", "reverse")),
                           st.integers(0, 59), st.integers(0, 59), st.text("аҳӣ 1\n", max_size=30)), max_size=12)


def edited(lines, script):
    lines = list(lines)
    for what, place, other, text in script:
        match what:
            case "replace":
                lines[place:place + 1] = [text]
            case "insert":
                lines.insert(place, text)
            case "remove":
                del lines[place:place + other % 7]
            case "move":
                lines.insert(other, lines.pop(place) if place < len(lines) else text)
            case "repeat":
                lines[place:place] = lines[other:other + 5]
            case _:
                lines[place:] = lines[place:][::-1]
    return lines


@settings(max_examples=300, deadline=None, derandomize=True)
@given(edits)
def test_every_edit_arrives_and_nothing_else_does(script):
    new = pack(edited(LINES, script))
    delta = make_delta(OLD, new)
    assert arrive(OLD, delta, new) == new
    wrong = OLD.replace(b" ", b"_")
    with suppress(PackError):
        assert arrive(wrong, delta, new) == new     # where nothing of the base was needed
    if new != NEW:
        with pytest.raises(PackError):
            arrive(OLD, DELTA, new)


def test_eight_older_packs_lead_to_the_newest_each_by_its_own_delta():
    packs = [pack(LINES)]
    for turn in range(8):
        packs.append(pack(edited(corpus(), [("replace", place, 0, f"Таҳрири {turn}\n") for place in range(turn + 1)])))
    *bases, new = packs
    deltas = {digest(base): make_delta(base, new) for base in bases}
    assert len(deltas) == 8
    for base in bases:
        assert arrive(base, deltas[digest(base)], new) == new
        assert len(deltas[digest(base)]) < len(compressed(new)) / 10


def test_a_delta_to_the_same_pack_or_to_an_unrelated_one_works_too():
    unrelated = write_pack({"files/a": chance(2).randbytes(300_000)})
    for old, new in ((OLD, OLD), (OLD, unrelated), (unrelated, OLD), (write_pack({}), unrelated)):
        assert arrive(old, make_delta(old, new), new) == new


def test_the_same_two_packs_give_the_same_delta():
    assert make_delta(OLD, NEW) == DELTA


def test_a_delta_is_two_frames_as_the_description_of_the_format_says():
    base = zstd.ZstdDict(OLD, is_raw=True).as_prefix
    assert zstd.decompress(zstd.decompress(DELTA), base) == NEW
    assert zstd.get_frame_info(zstd.decompress(DELTA)).dictionary_id == 0


def test_what_did_not_change_costs_next_to_nothing_however_much_it_is():
    lines = corpus(seed=3, documents=12_000)
    old, new = pack(lines), pack([*lines[:700], "Пардохт 45 сомонӣ аст.\n", *lines[701:]])
    assert len(old) > 8_000_000
    assert len(make_delta(old, new)) < 300


def test_a_change_at_the_end_of_the_largest_pack_is_still_found_in_the_older_one():
    whole = chance(4).randbytes(MOST_BYTES - 8)
    new = whole[:-2_000_000] + b"ivaz" + whole[-2_000_000:]
    delta = make_delta(whole, new)
    assert len(delta) < 2_000
    assert arrive(whole, delta, new) == new


# --- what is refused ------------------------------------------------------------------------------


@pytest.mark.parametrize("base", [pack(LINES[1:]), NEW, OLD[:-1], OLD[:-1] + b"1", b"", b"short", bytes(len(OLD))],
                         ids=["an older one", "the newer one", "a byte short", "a byte other", "nothing", "short",
                              "zeros"])
def test_with_another_base_the_hash_refuses_what_comes_out(base):
    with pytest.raises(PackError):
        arrive(base, DELTA, NEW)


def test_a_base_that_gives_the_right_length_is_refused_by_the_hash_alone():
    other = OLD.replace("даст".encode(), "дост".encode())
    with pytest.raises(PackError, match="another pack than was signed"):
        arrive(other, DELTA, NEW)


def test_every_cut_of_a_delta_is_refused():
    for length in range(len(DELTA)):
        with pytest.raises(PackError):
            arrive(OLD, DELTA[:length], NEW)


def test_every_flipped_bit_of_a_delta_is_refused_or_harmless():
    for place in range(len(DELTA) * 8):
        flipped = bytearray(DELTA)
        flipped[place // 8] ^= 1 << place % 8
        with suppress(PackError):       # some bits of a header mean nothing
            assert arrive(OLD, bytes(flipped), NEW) == NEW


def test_a_thousand_pieces_of_noise_are_refused():
    drawn, inner = chance(5), zstd.decompress(DELTA)
    for turn in range(1_000):
        cut = drawn.randrange(len(inner))
        noise = inner[:cut] + drawn.randbytes(drawn.randint(1, 60))
        with pytest.raises(PackError):
            arrive(OLD, make_frame(noise, 3) if turn % 2 else noise, NEW)


REFUSED = {
    "a pack that is not a delta": (compressed(NEW), "no compressed file|longer"),
    "only the inner frame": (zstd.decompress(DELTA), "no compressed file|damaged|longer"),
    "something behind the outer frame": (DELTA + b"\0", "goes on"),
    "something behind the inner frame": (make_frame(zstd.decompress(DELTA) + b"\0", 3), "goes on"),
    "an outer frame without a length": (
        zstd.compress(zstd.decompress(DELTA), options={zstd.CompressionParameter.content_size_flag: 0}), "say how"),
    "an inner frame to another length": (make_delta(OLD, NEW + b"1"), "announce"),
    "an inner frame to other bytes": (make_delta(OLD, NEW[:-1] + b"1"), "another pack than was signed"),
    "an inner frame with a large window": (
        make_frame(zeros(1, announced=len(NEW), window_log=27), 3), "damaged"),
    "three frames": (make_frame(DELTA, 3), "announce"),
}


@pytest.mark.parametrize(("delta", "why"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_not_exactly_a_delta_gives_nothing(delta, why):
    with pytest.raises(PackError, match=why):
        arrive(OLD, delta, NEW)


def test_a_pack_larger_than_any_may_be_has_no_delta():
    large = bytes(MOST_BYTES + 1)
    for old, new in ((OLD, large), (large, NEW)):
        with pytest.raises(PackError, match="too many"):
            make_delta(old, new)


def test_an_outer_frame_longer_than_a_delta_can_be_is_not_opened():
    longest = len(NEW) + len(NEW) // 256 + 1024
    with pytest.raises(PackError, match="longer"):
        arrive(OLD, make_frame(bytes(longest + 1), 3), NEW)
    with pytest.raises(PackError, match="no compressed file"):
        arrive(OLD, make_frame(bytes(longest), 3), NEW)


BOMBS = {
    "in the outer frame": zeros(8192, announced=1 << 30),
    "in the outer frame, which lies": zeros(8192, announced=1_000),
    "in the inner frame": make_frame(zeros(8192, announced=1 << 30), 3),
    "in the inner frame, which lies": make_frame(zeros(8192, announced=20_000_000), 3),
    "in both, which lie": zeros(8192, announced=20_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("signed", [20_000_000, 1 << 30, 1 << 50])
def test_a_bomb_of_a_gibibyte_stops_at_the_signed_length(bomb, signed):
    assert len(bomb) < 33_000
    tracemalloc.start()
    try:
        with pytest.raises(PackError):
            apply_delta(OLD, bomb, produces_length=signed, produces_sha256=digest(b""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 32 << 20


MEASURE = """
import sys
from pathlib import Path
from sync.delta import apply_delta
from sync.errors import PackError
delta = Path(sys.argv[1]).read_bytes()
try:
    apply_delta(bytes(1000), delta, produces_length=20_000_000, produces_sha256="0" * 64)
except PackError:
    status = Path("/proc/self/status").read_text()
    print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def test_a_process_that_is_given_a_bomb_stays_small(tmp_path):
    bomb = tmp_path / "bomb.delta.zst"
    bomb.write_bytes(BOMBS["in the inner frame, which lies"])
    done = subprocess.run([sys.executable, "-c", MEASURE, bomb], cwd=Path(__file__).parents[1], check=True,
                          capture_output=True, text=True)
    assert int(done.stdout) < 100_000      # kB
    assert [path.name for path in tmp_path.iterdir()] == [bomb.name]
