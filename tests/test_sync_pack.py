"""A pack has one spelling, and whatever else is offered as one is refused before it costs anything."""

from __future__ import annotations

import tracemalloc
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256

import pytest
from backports import zstd
from hypothesis import given, settings
from hypothesis import strategies as st

from sync.errors import PackError
from sync.frame import MOST_BYTES
from sync.pack import PackLimits, compressed, decompressed, read_pack, write_pack
from tests.frames import BLOCK, chance, stored, zeros

FILES = {"documents.jsonl": "{\"title\":\"Ҳуҷҷати нав\"}\n".encode(), "files/a1": b"\n0 x\n", "files/b2": b""}
PACK = b"rohnamo-pack 1\n34 documents.jsonl\n5 files/a1\n0 files/b2\n\n" + FILES["documents.jsonl"] + b"\n0 x\n"
SMALL = PackLimits(pack=1000, file=100, files=5)


@pytest.fixture(autouse=True)
def nothing_is_written(tmp_path, monkeypatch):
    """No test here leaves a file in the folder it works in, nor beside it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    yield
    assert [path.name for path in tmp_path.rglob("*")] == ["here"]


def digest(data):
    return sha256(data).hexdigest()


def produced(frame, pack):
    return decompressed(frame, produces_length=len(pack), produces_sha256=digest(pack))


# --- what a pack is -------------------------------------------------------------------------------

segments = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,5}[a-z0-9_-]", fullmatch=True).filter(
    lambda segment: segment.partition(".")[0] not in {"con", "prn", "aux", "nul"})
paths = st.lists(segments, min_size=1, max_size=4).map("/".join)


def without_clashes(files):
    return {path: data for path, data in files.items() if not any(other.startswith(f"{path}/") for other in files)}


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(paths, st.binary(max_size=40), max_size=8).map(without_clashes),
       st.randoms(use_true_random=False))
def test_what_is_packed_comes_out_whatever_the_order(files, drawn):
    shuffled = list(files.items())
    drawn.shuffle(shuffled)
    pack = write_pack(dict(shuffled))
    assert pack == write_pack(files)
    assert read_pack(pack) == files
    assert list(read_pack(pack)) == sorted(files)


def test_the_bytes_of_a_pack_are_those_in_the_description_of_the_format():
    assert write_pack(FILES) == PACK
    assert read_pack(PACK) == FILES
    assert write_pack({}) == b"rohnamo-pack 1\n\n"
    assert read_pack(b"rohnamo-pack 1\n\n") == {}


def test_a_pack_may_be_as_large_as_its_limits_and_no_larger():
    files = {"a": b"x" * 978, "b": b""}
    pack = write_pack(files)
    just = PackLimits(pack=len(pack), file=978, files=2)
    assert write_pack(files, limits=just) == pack
    assert read_pack(pack, limits=just) == files
    for tight in (replace(just, pack=len(pack) - 1), replace(just, file=977), replace(just, files=1)):
        with pytest.raises(PackError):
            read_pack(pack, limits=tight)
        with pytest.raises(PackError):
            write_pack(files, limits=tight)


# --- what is refused ------------------------------------------------------------------------------

HOSTILE_PATHS = {
    "nothing": "", "a folder above": "../etc/passwd", "a folder above, within": "a/../../b", "this folder": "./a",
    "absolute": "/etc/passwd", "a drive": "c:/windows", "a share": "//server/a", "a backslash": "a\\b",
    "an empty segment": "a//b", "a folder's end": "a/", "hidden": ".ssh/config", "an option": "-rf",
    "a capital letter": "Documents.jsonl", "a letter of ours": "ҳуҷҷат", "a Cyrillic look-alike": "dосument",
    "two spellings of one letter": "e\u0301", "turned round": "a\u202ebc", "full width": "ａ", "a zero byte": "a\0b",
    "a line end": "a\nb", "a space": "a b", "a colon": "a:stream", "a tilde": "~root", "escaped": "%2e%2e/a",
    "a device": "con", "a device with an ending": "nul.txt", "a device in a folder": "a/lpt1/b", "a port": "com0.log",
    "a full stop at the end": "a.", "five segments": "a/b/c/d/e", "a long segment": "a" * 101, "a star": "a*",
}


@pytest.mark.parametrize("path", HOSTILE_PATHS.values(), ids=HOSTILE_PATHS.keys())
def test_a_path_that_could_mislead_is_neither_written_nor_read(path):
    files = {"fine": b"1", path: b"2"}
    with pytest.raises(PackError):
        write_pack(files)
    raw = b"rohnamo-pack 1\n" + b"".join(b"1 %s\n" % one.encode() for one in sorted(files)) + b"\n12"
    with pytest.raises(PackError):
        read_pack(raw)
    assert files == {"fine": b"1", path: b"2"}


def test_four_segments_of_a_hundred_characters_and_names_like_devices_are_fine():
    files = {"/".join(["a" * 100] * 4): b"1", "console": b"2", "com10": b"3", "aux-list.txt": b"4", "0": b"5"}
    assert read_pack(write_pack(files)) == files


HEAD = b"rohnamo-pack 1\n"
HOSTILE = {
    "nothing at all": (b"", "no pack"),
    "another format": (b"PK\x03\x04" + PACK, "no pack"),
    "a web page": (b"<html><body>Log in</body></html>\n\n", "no pack"),
    "a byte order mark": (b"\xef\xbb\xbf" + PACK, "no pack"),
    "a newer version": (PACK.replace(b"pack 1", b"pack 2", 1), "version"),
    "a version with more behind it": (PACK.replace(b"pack 1", b"pack 1 ", 1), "version"),
    "line ends of Windows": (PACK.replace(b"\n", b"\r\n"), "version"),
    "cut in the list": (PACK[:30], "no end"),
    "cut before the empty line": (HEAD + b"1 a\n", "no end"),
    "a line without an end": (HEAD + b"1 " + b"a" * 900, "no end"),
    "a line longer than any": (HEAD + b"1 " + b"a" * 500 + b"\n\nx", "no end"),
    "cut in the content": (PACK[:-1], "content"),
    "more than the content": (PACK + b"\0", "content"),
    "a second pack behind it": (PACK + PACK, "content"),
    "a length that is too small": (HEAD + b"1 a\n\nxy", "content"),
    "a length that is too large": (HEAD + b"3 a\n\nxy", "content"),
    "lengths that would overlap": (HEAD + b"2 a\n2 b\n\nxyz", "content"),
    "one length below nothing": (HEAD + b"-1 a\n3 b\n\nxy", "no length"),
    "a length with a zero before it": (HEAD + b"02 a\n\nxy", "no length"),
    "a length with a plus": (HEAD + b"+2 a\n\nxy", "no length"),
    "a length in hexadecimal": (HEAD + b"0x2 a\n\nxy", "no length"),
    "a length in other digits": (HEAD + "٢ a\n\nxy".encode(), "no length"),
    "a length with underscores": (HEAD + b"1_0 a\n\n0123456789", "no length"),
    "a length of a hundred digits": (HEAD + b"9" * 100 + b" a\n\nxy", "no length"),
    "a length beyond the limit": (HEAD + b"101 a\n\n" + b"x" * 101, "at most 100"),
    "a length of a gigabyte": (HEAD + b"999999999 a\n\nxy", "at most 100"),
    "no length": (HEAD + b"a\n\nxy", "no length"),
    "two spaces": (HEAD + b"2  a\n\nxy", "no length"),
    "a tab": (HEAD + b"2\ta\n\nxy", "no length"),
    "a space at the end": (HEAD + b"2 a \n\nxy", "no length"),
    "a path twice": (HEAD + b"1 a\n1 a\n\nxy", "twice"),
    "not in order": (HEAD + b"1 b\n1 a\n\nxy", "order"),
    "ordered by segments, not by bytes": (HEAD + b"1 a/b\n1 a-b\n\nxy", "order"),
    "a file that is a folder too": (HEAD + b"1 a\n1 a/b\n\nxy", "folder"),
    "a file that is a folder far above": (HEAD + b"1 a\n1 a-b\n1 a/b/c/d\n\nxyz", "folder"),
    "too many files": (HEAD + b"".join(b"0 %d\n" % place for place in range(6)) + b"\n", "more than 5"),
    "a list without end": (HEAD + b"".join(b"0 %02d\n" % place for place in range(90)), "more than 5"),
    "too long": (HEAD + b"\n" + b"x" * 1000, "1000"),
}


@pytest.mark.parametrize(("data", "why"), HOSTILE.values(), ids=HOSTILE.keys())
def test_what_is_no_pack_is_refused_with_the_reason(data, why):
    with pytest.raises(PackError, match=why) as caught:
        read_pack(data, limits=SMALL)
    assert caught.value.code == "bad_pack"
    assert caught.value.hint


def test_too_many_files_are_not_written():
    with pytest.raises(PackError, match="a pack takes 5"):
        write_pack({str(place): b"" for place in range(6)}, limits=SMALL)


def test_a_file_beside_a_folder_of_its_name_is_not_written():
    with pytest.raises(PackError, match="folder"):
        write_pack({"a/b/c": b"", "a/b": b""})


def test_a_long_list_is_given_up_at_the_first_file_too_many():
    endless = HEAD + b"".join(b"0 %07d\n" % place for place in range(400_000))
    tracemalloc.start()
    try:
        with pytest.raises(PackError, match="more than 20000"):
            read_pack(endless)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


def broken(drawn, data):
    """Return bytes with one to four changes that a disk, a line or an enemy could make."""
    data = bytearray(data)
    for _ in range(drawn.randint(1, 4)):
        place = drawn.randrange(len(data) + 1)
        match drawn.randrange(6):
            case 0:
                data[place:place + 1] = bytes([drawn.randrange(256)])
            case 1:
                del data[place:place + drawn.randint(1, 20)]
            case 2:
                data[place:place] = drawn.choice((b"\n", b" ", b"0", b"9" * 12, b"/", b"..", b"\0", b"1 a\n"))
            case 3:
                data[place:place] = data[drawn.randrange(len(data) + 1):][:drawn.randint(1, 30)]
            case 4:
                data[place:place + 1] = bytes([drawn.choice(b"0123456789abz ./\n")])
            case _:
                lines = bytes(data).split(b"\n")
                drawn.shuffle(lines)
                data[:] = b"\n".join(lines)
    return bytes(data)


def test_ten_thousand_broken_packs_are_refused_or_are_whole_packs_themselves():
    drawn, refused = chance(6), 0
    for _ in range(10_000):
        data = broken(drawn, PACK)
        try:
            files = read_pack(data, limits=SMALL)
        except PackError:
            refused += 1
        else:
            assert write_pack(files, limits=SMALL) == data
    assert 8_000 < refused < 10_000


# --- compressed -----------------------------------------------------------------------------------


def test_a_compressed_pack_is_the_pack_again():
    pack = write_pack({"a": "Иҷозатнома ".encode() * 5000})
    frame = compressed(pack)
    assert len(frame) < len(pack) / 50
    assert compressed(pack) == frame
    assert produced(frame, pack) == pack
    assert zstd.decompress(frame) == pack


ZEROS = b"\0" * BLOCK
FRAME = zstd.compress(PACK)
BAD_FRAMES = {
    "nothing": (b"", PACK, "no compressed file"),
    "not compressed": (PACK, PACK, "no compressed file"),
    "only a header": (FRAME[:9], PACK, "cut off"),
    "cut off": (FRAME[:-1], PACK, "cut off"),
    "cut off behind the content": (stored(PACK, last=False), PACK, "cut off"),
    "another frame behind it": (FRAME + FRAME, PACK, "goes on"),
    "a byte behind it": (FRAME + b"\0", PACK, "goes on"),
    "an empty frame before it": (zstd.compress(b"") + FRAME, PACK, "announce"),
    "a frame to be skipped before it": (b"\x50\x2a\x4d\x18\x01\0\0\0x" + FRAME, PACK, "announce"),
    "no length in it": (zstd.compress(PACK, options={zstd.CompressionParameter.content_size_flag: 0}), PACK, "say how"),
    "another length": (zstd.compress(PACK + b"1"), PACK, "announce"),
    "gives less than it announces": (stored(PACK[:-1], announced=len(PACK)), PACK, "damaged"),
    "gives more than it announces": (stored(PACK + b"1", announced=len(PACK)), PACK, "damaged|goes on"),
    "other bytes of the same length": (zstd.compress(PACK[:-1] + b"1"), PACK, "another pack than was signed"),
    "a window of 128 MiB": (stored(ZEROS, window_log=27), ZEROS, "damaged"),
    "a window of a terabyte": (stored(ZEROS, window_log=40), ZEROS, "damaged|no compressed file"),
    "needs a dictionary": (zstd.compress(PACK, zstd_dict=zstd.ZstdDict(PACK * 3, is_raw=True).as_prefix), PACK,
                           "damaged"),
    "noise": (FRAME[:12] + chance(6).randbytes(200), PACK, "."),
}


@pytest.mark.parametrize(("frame", "pack", "why"), BAD_FRAMES.values(), ids=BAD_FRAMES.keys())
def test_a_frame_that_is_not_exactly_the_signed_pack_gives_nothing(frame, pack, why):
    with pytest.raises(PackError, match=why):
        produced(frame, pack)


def test_a_window_of_64_mebibytes_is_fine():
    assert produced(stored(ZEROS, window_log=26), ZEROS) == ZEROS


def test_every_flipped_bit_of_a_compressed_pack_is_refused_or_harmless():
    for place in range(len(FRAME) * 8):
        flipped = bytearray(FRAME)
        flipped[place // 8] ^= 1 << place % 8
        with suppress(PackError):       # some bits of a header mean nothing
            assert produced(bytes(flipped), PACK) == PACK


@pytest.mark.parametrize("announced", [0, 26, 20_000_000, 1 << 30])
@pytest.mark.parametrize("signed", [26, 20_000_000, MOST_BYTES, 1 << 30, 1 << 50])
def test_a_bomb_of_a_gibibyte_stops_at_the_signed_length(announced, signed):
    bomb = zeros(8192, announced=announced)
    assert len(bomb) < 33_000
    tracemalloc.start()
    try:
        with pytest.raises(PackError):
            decompressed(bomb, produces_length=signed, produces_sha256=digest(b""))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < min(signed, MOST_BYTES) * 1.5 + (4 << 20)
