"""Compressed files as streams."""

from __future__ import annotations

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from cablesearch.readers import archives
from cablesearch.readers.archives import Allowance, Stream, gunzipped, members


def stream(data: bytes, name: str = "a", *, as_file: bool = False) -> Stream:
    file = io.BytesIO(data)
    return Stream(name, file.read, Allowance(lambda: len(data)), file if as_file else None)


def content(one: Stream) -> bytes:
    return b"".join(iter(lambda: one.read(1000), b""))


def zipped(files: dict[str, bytes]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return held.getvalue()


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


def test_archives_of_other_kinds_are_named() -> None:
    assert archives.foreign_archive(b"7z\xbc\xaf\x27\x1c\0\4") == "a 7-Zip archive"
    assert archives.foreign_archive(b"\0" * 257 + b"ustar\0" + b"00") == "a tar archive"
    assert archives.foreign_archive(b"P 080326Z JAN 10") is None


def test_a_failing_read_ends_the_stream_with_the_systems_words(tmp_path: Path) -> None:
    with (tmp_path / "x").open("wb") as file:
        one = Stream("x", file.read, Allowance(lambda: 0))
        assert one.read(5) == b""
    assert one.damage == "cannot be read to its end: read"
