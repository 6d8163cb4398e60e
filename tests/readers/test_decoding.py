"""Bytes made text without loss."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cablesearch.readers.records import text_lines
from cablesearch.readers.sources.decoding import text_blocks


def text_of(data: bytes, step: int = 1 << 20) -> str:
    source = io.BytesIO(data)
    return "".join(text_blocks(lambda size: source.read(min(size, step))))


@given(st.binary(max_size=200), st.integers(1, 7))
def test_bytes_come_back_whatever_they_are_and_however_they_arrive(data: bytes, step: int) -> None:
    text = text_of(b"x" + data, step)
    assert text.encode("utf-8", "surrogateescape") == b"x" + data


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_tells_the_encoding_and_is_dropped(encoding: str) -> None:
    assert text_of("São Paulo \U0001f5ce".encode(encoding), step=3) == "São Paulo \U0001f5ce"


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\xff\xfe\x00\x00"])
@given(st.binary(max_size=50))
def test_damaged_utf_16_becomes_text_all_the_same(mark: bytes, data: bytes) -> None:
    assert text_of(mark + data).encode("utf-8", "surrogateescape") is not None


def test_half_a_character_of_utf_16_is_kept_as_its_bytes() -> None:
    assert text_of(b"\xff\xfea\x00\x00\xd8b\x00\xe9") == "a\0\udcd8b\udce9"


@given(st.lists(st.text(max_size=8), max_size=8), st.integers(1, 9))
def test_lines_end_at_line_feeds_alone(pieces: list[str], longest: int) -> None:
    text = "".join(pieces)
    lines = text.removesuffix("\n").split("\n") if text else []
    found = list(text_lines(iter(pieces), longest))
    assert [line for line, _ in found] == [line[:longest] for line in lines]
    assert [whole for _, whole in found] == [len(line) <= longest for line in lines]
