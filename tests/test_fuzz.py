"""Short runs of what ``python -m tests.reliability fuzz`` does a million times, and what once failed there."""

from __future__ import annotations

import json
import random
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reliability import campaign
from tests.reliability.fuzz import BrokenInvariantError, indexes, lines, packed, pages, queries, rows, ruins, telegrams
from tests.reliability.mutators import MUTATORS, SEEDS, TOKENS


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Any bytes, words of the format, and seeds that were spoilt."""
    words = st.lists(st.sampled_from(TOKENS.get(name, [""])) | st.text(max_size=9), max_size=20).map("".join)
    spoilt = st.tuples(st.sampled_from(SEEDS[name]), st.integers(0, 1 << 60))
    return st.one_of(
        st.binary(max_size=200),
        words.map(lambda text: text.encode("utf-8", "surrogatepass")),
        spoilt.map(lambda pair: MUTATORS[name](pair[0], random.Random(pair[1]))),
    )


@given(inputs("telegrams"))
def test_telegrams(data: bytes) -> None:
    telegrams(data)


@given(inputs("rows"))
def test_rows(data: bytes) -> None:
    rows(data)


@given(inputs("pages"))
def test_pages(data: bytes) -> None:
    pages(data)


@example(b'{"id": "a", "paragraphs": [], "subject": "\\ud83d\x80"}')
@given(inputs("lines"))
def test_lines(data: bytes) -> None:
    lines(data)


@given(inputs("packed"))
def test_packed(data: bytes) -> None:
    packed(data)


@example(b"legation ANDMAYBE NOT minister")
@example("\u202emarkint:wom\0?n~g:C/ ".encode())
@given(inputs("queries"))
def test_queries(data: bytes) -> None:
    queries(data)


@settings(max_examples=30)
@given(inputs("indexes"))
def test_indexes(data: bytes) -> None:
    indexes(data)


@settings(max_examples=10)
@given(inputs("ruins"))
def test_ruins(data: bytes) -> None:
    ruins(data)


@pytest.mark.parametrize("name", campaign.NAMES)
def test_seeds_are_read(name: str) -> None:
    from tests.reliability.fuzz import TARGETS

    outcomes = {TARGETS[name](seed) for seed in SEEDS[name]}
    assert outcomes & {"cables", "found", "right", "all"}
    assert campaign.case(name, 1, 2) == campaign.case(name, 1, 2)


def test_a_short_run_finds_nothing() -> None:
    figures = campaign.fuzz(500, 7)
    assert figures["targets"].keys() == set(campaign.NAMES)
    assert not [one["failures"] for one in figures["targets"].values() if one["failures"]]
    assert figures["cases"] >= 500


def test_what_fails_is_told_with_its_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(data: bytes) -> str:
        raise BrokenInvariantError(f"not with {len(data)} bytes")

    monkeypatch.setitem(campaign.targets(), "lines", broken)
    told = campaign.attempts("lines", 1, range(3), tmp_path, lambda number: None)
    ((kind, path),) = told["failures"].items()
    assert kind.startswith("BrokenInvariantError: not with ")
    assert Path(path).read_bytes() == campaign.case("lines", 1, 0)
    assert "not with" in Path(path).with_suffix(".txt").read_text()
    assert told["outcomes"] == {"failed": 3}
    assert json.dumps(told)
    assert zipfile.is_zipfile(path) is False
