"""Compressed files as streams."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.sources import archives
from cablesearch.readers.sources.archives import Allowance, Stream, gunzipped, members
from tests.support.files import zipped


def stream(data: bytes, name: str = "a", *, as_file: bool = False) -> Stream:
    file = io.BytesIO(data)
    return Stream(name, file.read, Allowance(lambda: len(data)), file if as_file else None)


def content(one: Stream) -> bytes:
    return b"".join(iter(lambda: one.read(1000), b""))


TEXT = b"".join(b"line %d\n" % number for number in range(5000))


def test_bytes_looked_at_beforehand_are_read_all_the_same() -> None:
    one = stream(b"abcdef")
    assert one.peek(3)[:3] == b"abc"
    assert one.read(2) == b"ab"
    assert content(one) == b"cdef"


def test_gzip_is_unpacked_also_in_several_parts() -> None:
    assert content(gunzipped(stream(gzip.compress(TEXT) + gzip.compress(b"more")))) == TEXT + b"more"


def test_of_a_gzip_file_cut_off_what_was_there_is_read() -> None:
    one = gunzipped(stream(gzip.compress(TEXT)[:-4000]))
    read = content(one)
    assert read
    assert TEXT.startswith(read)
    assert one.damage is not None
    assert one.damage.startswith("cannot be read to its end: ")


@pytest.mark.parametrize("as_file", [True, False])
def test_the_files_of_a_zip_archive_come_in_its_order(as_file: bool) -> None:
    data = zipped({"b/x.txt": b"first", "a.txt": TEXT, "../up": b"never written", "/abs": b""})
    found = [(one.name, content(one)) for one in members(stream(data, "z.zip", as_file=as_file))]
    assert found == [
        ("z.zip/b/x.txt", b"first"),
        ("z.zip/a.txt", TEXT),
        ("z.zip/../up", b"never written"),
        ("z.zip//abs", b""),
    ]


def test_a_damaged_member_is_reported_and_takes_no_other_with_it() -> None:
    data = bytearray(zipped({"a": TEXT, "b": b"sound"}))
    data[200] ^= 255
    first, second = members(stream(bytes(data), as_file=True))
    assert content(first) != TEXT
    assert first.damage is not None
    assert content(second) == b"sound"
    assert second.damage is None


def test_an_encrypted_member_is_reported() -> None:
    data = bytearray(zipped({"a": TEXT}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    (one,) = members(stream(bytes(data), as_file=True))
    assert content(one) == b""
    assert one.damage == "is encrypted: unpack it first"


@pytest.mark.parametrize("data", [b"PK\x03\x04", b"PK\x05\x06", b"PK\x03\x04" + bytes(500), zipped({"a": TEXT})[:-30]])
def test_what_only_starts_like_a_zip_archive_is_reported(data: bytes) -> None:
    one = stream(data, as_file=True)
    assert list(members(one)) == []
    assert one.damage is not None
    assert one.damage.startswith("cannot be read: ")


def test_a_bomb_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE", 100_000)
    packed = gzip.compress(bytes(10_000_000))
    one = gunzipped(stream(packed))
    assert len(content(one)) <= max(100_000, 200 * len(packed))
    assert one.damage is not None
    assert "decompression bomb" in one.damage


def test_a_bomb_inside_an_archive_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE", 100_000)
    inner = gzip.compress(gzip.compress(bytes(100_000_000)))
    (member,) = members(stream(zipped({"bomb.gz.gz": inner}), as_file=True))
    one = gunzipped(gunzipped(member))
    assert len(content(one)) < 1_000_000
    assert one.damage is not None
    assert "decompression bomb" in one.damage


def test_an_archive_without_a_file_of_its_own_must_fit_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "LARGEST_INNER", 100)
    one = stream(zipped({"a": TEXT}))
    assert list(members(one)) == []
    assert one.damage is not None
    assert "unpack it first" in one.damage


def test_a_failing_read_ends_the_stream_with_the_systems_words(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        one = Stream("x", file.read, Allowance(lambda: 0))
        assert one.read(5) == b""
    assert one.damage == "cannot be read to its end: read"


def entry(name: str, data: bytes, **changes: object) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    for attribute, value in changes.items():
        setattr(info, attribute, value)
    return info


def archive_of(*entries: zipfile.ZipInfo, data: bytes = TEXT) -> bytes:
    held = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(held, "w") as archive:
        warnings.simplefilter("ignore")
        for info in entries:
            archive.writestr(info, data)
    return held.getvalue()


def test_zeros_behind_a_part_and_parts_without_content_are_passed_over() -> None:
    one = gunzipped(
        stream(gzip.compress(b"a") + bytes(200_000) + gzip.compress(b"") * 9 + gzip.compress(b"b") + bytes(3))
    )
    assert (content(one), one.damage) == (b"ab", None)


def test_a_part_that_is_no_gzip_is_damage() -> None:
    one = gunzipped(stream(gzip.compress(TEXT) + b"something else"))
    assert content(one) == TEXT
    assert one.damage is not None


@given(st.binary(max_size=300), st.integers(1, 50), st.integers(1, 4), st.integers(0, 3))
def test_gzip_is_what_the_standard_library_reads(data: bytes, size: int, parts: int, zeros: int) -> None:
    packed = (gzip.compress(data) + bytes(zeros)) * parts
    one = gunzipped(stream(packed))
    assert b"".join(iter(lambda: one.read(size), b"")) == gzip.decompress(packed)
    assert one.damage is None


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_cannot_be_unpacked_piece_by_piece_are_refused(method: int) -> None:
    (one,) = members(stream(archive_of(entry("a", TEXT, compress_type=method)), as_file=True))
    assert content(one) == b""
    assert one.damage == "compressed by a method other than deflate: unpack it first"


def test_links_in_an_archive_are_not_followed() -> None:
    link = entry("a", TEXT, create_system=3, external_attr=(stat.S_IFLNK | 0o777) << 16)
    (one,) = members(stream(archive_of(link, data=b"/etc/passwd"), as_file=True))
    assert content(one) == b""
    assert one.damage is not None
    assert one.damage.startswith("a link in an archive")


def test_names_of_members_are_only_names() -> None:
    names = ["../../x", "/etc/passwd", "nul\0byte", "esc\x1b[31m", "", "a/../../b", "C:\\x"]
    found = list(members(stream(archive_of(*(entry(name, TEXT) for name in names)), as_file=True)))
    assert [one.name for one in found] == ["a/" + name.partition("\0")[0] for name in names]
    assert all(content(one) == TEXT for one in found)


def test_a_folder_with_content_is_read() -> None:
    (one,) = members(stream(archive_of(entry("folder/", TEXT)), as_file=True))
    assert content(one) == TEXT


def test_places_beyond_all_numbers_are_damage() -> None:
    whole = archive_of(entry("a", TEXT))
    at = whole.index(b"PK\x01\x02")
    extra = struct.pack("<HHQ", 1, 8, (1 << 64) - 1)
    directory = bytearray(whole[at : at + 47])
    directory[30:32] = len(extra).to_bytes(2, "little")
    directory[42:46] = b"\xff" * 4
    end = bytearray(whole[whole.index(b"PK\x05\x06") :])
    end[12:16] = (len(directory) + len(extra)).to_bytes(4, "little")
    (one,) = members(stream(whole[:at] + directory + extra + end, as_file=True))
    assert content(one) == b""
    assert one.damage is not None


@pytest.mark.parametrize("as_file", [True, False])
def test_a_directory_that_takes_much_memory_is_refused(monkeypatch: pytest.MonkeyPatch, as_file: bool) -> None:
    monkeypatch.setattr(archives, "LARGEST_DIRECTORY", 100_000)
    monkeypatch.setattr(archives, "LARGEST_INNER_DIRECTORY", 100_000)
    data = archive_of(*(entry(f"{number:099}", b"") for number in range(1000)), data=b"")
    one = stream(data, as_file=as_file)
    assert list(members(one)) == []
    assert one.damage == "cannot be read: its directory is larger than 0.1 MB; unpack it first"
    assert (
        len(list(members(stream(archive_of(*(entry(f"{n}", b"") for n in range(1000)), data=b""), as_file=True))))
        == 1000
    )


def test_members_that_lie_over_one_another_are_bounded_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "FREE", 100_000)
    whole = archive_of(entry("a", TEXT, compress_type=zipfile.ZIP_DEFLATED), data=bytes(1_000_000))
    at, end = whole.index(b"PK\x01\x02"), whole.index(b"PK\x05\x06")
    times = 1000
    last = bytearray(whole[end:])
    last[8:12] = times.to_bytes(2, "little") * 2
    last[12:16] = (times * (end - at)).to_bytes(4, "little")
    data = whole[:at] + whole[at:end] * times + last
    found = list(members(stream(data, as_file=True)))
    assert len(found) == times
    assert sum(len(content(one)) for one in found) <= 200 * len(data) + 1000
    assert "bomb" in str(found[-1].damage)
