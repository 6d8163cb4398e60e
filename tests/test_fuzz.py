"""Short runs of ``python -m trials fuzz``, and inputs that once failed."""

from __future__ import annotations

import json
import math
import multiprocessing
import os
import random
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cablesearch.indexing.ingest import build
from trials import campaign, fuzz
from trials.fuzz import BrokenInvariantError, indexes, lines, others, packed, pages, queries, rows, ruins, telegrams
from trials.meter import Bounds, Meter, TooMuchError
from trials.mutators import (
    LARGE_RECORD,
    LARGE_WORDS,
    MUTATORS,
    ROOT,
    SEEDS,
    TOKENS,
    distinct_words,
    size_in_index,
)


def inputs(name: str) -> st.SearchStrategy[bytes]:
    """Generate any bytes, words of the format, and mutated seeds."""
    words = st.lists(st.sampled_from(TOKENS.get(name, [""])) | st.text(max_size=9), max_size=20).map("".join)
    spoilt = st.tuples(st.sampled_from(SEEDS[name]), st.integers(0, 1 << 60))
    return st.one_of(
        st.binary(max_size=200),
        words.map(lambda text: text.encode("utf-8", "surrogatepass")),
        spoilt.map(lambda pair: MUTATORS[name](pair[0], random.Random(pair[1]))),
    )


@example(b"CONFIDENTIAL\n\nTAGS: PREL,(TS//SI" + b"SI" * 99 + b"\nSUBJECT: TALKS\n\n1. (C) They met.\n")
@example(b"CONFIDENTIAL\n\nSUBJECT: TALKS\n\n1. (C) First.\n\n2. (SBU/N\n\n-- SBU/NF) Second.\n")
@example(b"CONFIDENTIAL\n\nSUBJECT: TALKS\n\n(\n\nSBU/NF) They met, and they met again.\n")
@example(b"CONFIDENTIAL\n\nSUBJECT: TALKS\n\n1. (C) First.\n\n2. (S.S. Maine sank.\n")
@example("CONFIDENTIAL\n\nSUBJECT: TALKS\n\n1. (S\xadBU/NF) First.\n\n\xb6\x7f2. (U) Second.\n".encode())
@example(b"CONFIDENTIAL\n\nSUBJECT: TALKS\n\nThey met us all there at last and left " + b"O" * 20_000)
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


@pytest.mark.parametrize("name", ["tables", "objects", "mails", "editions"])
@settings(max_examples=40)
@given(st.data())
def test_files_of_others(name: str, data: st.DataObject) -> None:
    others(data.draw(inputs(name)))


@given(inputs("packed"))
def test_packed(data: bytes) -> None:
    packed(data)


@example(b"legation ANDMAYBE NOT minister")
@example("\u202emarkint:wom\0?n~g:C/ ".encode())
@example(b"(minster~ " * 10 + b"heading:(comment the" + b")" * 11)
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
    from trials.fuzz import TARGETS

    outcomes = {TARGETS[name](seed) for seed in SEEDS[name]}
    assert outcomes & {"cables", "found", "right", "all"}
    assert campaign.case(name, 1, 2) == campaign.case(name, 1, 2)


def test_a_short_run_finds_nothing() -> None:
    figures = campaign.fuzz(250, 7)
    assert figures["targets"].keys() == set(campaign.NAMES)
    assert not [figure["failures"] for figure in figures["targets"].values() if figure["failures"]]
    assert figures["cases"] >= 250


def test_a_failure_is_reported_with_its_bytes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def broken(data: bytes) -> str:
        raise BrokenInvariantError(f"not with {len(data)} bytes")

    monkeypatch.setitem(campaign.targets(), "lines", broken)
    reported = campaign.attempts("lines", 1, range(3), tmp_path, lambda number: None)
    ((kind, path),) = reported["failures"].items()
    assert kind.startswith("BrokenInvariantError: not with ")
    assert Path(path).read_bytes() == campaign.case("lines", 1, 0)
    assert "not with" in Path(path).with_suffix(".txt").read_text()
    assert reported["outcomes"] == {"failed": 3}
    assert json.dumps(reported)
    assert zipfile.is_zipfile(path) is False


# The bounds

LINUX = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="the kernel does not count memory anew")
FREE = Bounds(math.inf, sys.maxsize)


def spin(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def take(size: int) -> None:
    """Hold this many bytes, all of them touched, for a moment."""
    assert len(b"x" * size) == size


def test_a_meter_counts_processor_time() -> None:
    meter = Meter()
    spin(0.1)
    with pytest.raises(TooMuchError, match="seconds of the processor"):
        meter.check(FREE._replace(seconds=0.05))
    meter = Meter()
    time.sleep(0.1)
    meter.check(FREE._replace(seconds=0.05))


@LINUX
def test_a_meter_counts_memory_that_was_freed_again() -> None:
    meter = Meter()
    take(64 << 20)
    with pytest.raises(TooMuchError, match="MB of memory"):
        meter.check(FREE._replace(memory=48 << 20))
    meter = Meter()
    take(16 << 20)
    assert meter.check(FREE._replace(memory=48 << 20)) < 48 << 20


@LINUX
def test_a_meter_counts_memory_used_before_an_inner_meter() -> None:
    outer = Meter()
    take(96 << 20)
    inner = Meter()
    take(32 << 20)
    assert 24 << 20 < inner.check(FREE) < 64 << 20
    assert outer.check(FREE) > 80 << 20


@pytest.mark.parametrize("what", ["seconds", pytest.param("memory", marks=LINUX)])
def test_a_case_that_exceeds_its_bounds_fails(what: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def greedy(data: bytes) -> str:
        spin(0.1) if what == "seconds" else take(64 << 20)
        return "right"

    monkeypatch.setitem(campaign.targets(), "lines", greedy)
    assert campaign.attempts("lines", 1, range(1), tmp_path, lambda number: None)["failures"] == {}
    name, bound = ("SECONDS", 0.05) if what == "seconds" else ("BYTES", 48 << 20)
    monkeypatch.setattr(campaign, name, bound)
    monkeypatch.setattr(campaign, f"{name}_A_BYTE", 0)
    (kind,) = campaign.attempts("lines", 1, range(1), tmp_path, lambda number: None)["failures"]
    assert kind.startswith("TooMuchError: ")


@LINUX
def test_a_segment_that_exceeds_its_memory_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    text = distinct_words(1 << 17, 6)
    data = json.dumps({"id": "10STATE284", "paragraphs": [{"text": text}]}).encode()
    assert lines(data) == "cables"

    def greedy(*arguments: Any) -> Any:
        take(fuzz._ROOM + fuzz._BESIDE + (16 << 20))
        return build(*arguments)

    monkeypatch.setattr(fuzz, "build", greedy)
    with pytest.raises(TooMuchError, match="MB of memory"):
        lines(data)


@pytest.mark.parametrize("size", [1 << 16, 1 << 19])
def test_distinct_words_are_indexed_within_the_given_memory(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fuzz, "_ROOM", 16 << 20)
    words = distinct_words(size, 5)
    assert len(set(words.split())) == len(words.split()) > size // 8
    assert lines(json.dumps({"id": "10STATE284", "paragraphs": [{"text": words}]}).encode()) == "cables"


@LINUX
def test_a_process_beyond_its_address_space_fails() -> None:
    program = "from trials.meter import bound_memory; bound_memory(64 << 20); print(len(bytes({} << 20)))"
    for size, status in ((16, 0), (128, 1)):
        command = [sys.executable, "-c", program.format(size)]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
        assert (done.returncode, "MemoryError" in done.stderr) == (status, bool(status))


@pytest.mark.parametrize(("ends", "why"), [(False, "no end after"), (True, "the process ended with status 3")])
def test_a_process_that_hangs_or_reports_nothing_is_noticed(
    ends: bool, why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(campaign, "PATIENCE", 0.1)
    processes = multiprocessing.get_context("spawn")
    reached = processes.Value("q", 0)
    receiver, sender = processes.Pipe(duplex=False)
    worker = (
        processes.Process(target=os._exit, args=(3,)) if ends else processes.Process(target=time.sleep, args=(600,))
    )
    worker.start()
    # A started process inherits the descriptor, so the other end stays open while it runs.
    if ends:
        sender.close()
    reported, reason = campaign._watched(worker, receiver, reached)
    assert reported == {}
    assert reason.startswith(why)
    assert not worker.is_alive()


@pytest.mark.parametrize("name", ["indexes", "ruins"])
def test_only_large_cases_use_a_large_index(name: str) -> None:
    kinds = [campaign.case(name, 1, number)[1] for number in range(2000)]
    assert [number for number, kind in enumerate(kinds) if kind >= LARGE_WORDS] == [999, 1999]


@pytest.mark.parametrize("kind", [LARGE_RECORD, LARGE_WORDS])
def test_the_bounds_of_a_case_grow_with_its_index(kind: int) -> None:
    sizes = [size_in_index(bytes([0, kind, exponent])) for exponent in range(4)]
    assert [size // sizes[0] for size in sizes] == [1, 2, 4, 8]
    assert size_in_index(bytes(40)) == size_in_index(b"") == 1 << 20
    bounds = [campaign._bounds("indexes", 0, bytes([0, kind, exponent])) for exponent in range(4)]
    assert sorted(bounds) == bounds
    assert len(set(bounds)) == 4


@pytest.mark.parametrize("data", [bytes([0, LARGE_WORDS, 0, number, 1, *range(7, 40)]) for number in range(2)])
def test_a_large_index_is_changed_and_verified(data: bytes) -> None:
    assert indexes(data) in ("refused", "other")
    assert ruins(data) in ("some", "all", "refused")


def test_cases_are_the_same_however_many_processes_share_them(tmp_path: Path) -> None:
    alone = campaign.attempts("packed", 7, range(3, 18), tmp_path, lambda number: None)
    shared = campaign.fuzz(15, 7, ("packed",), first=3, jobs=2)["targets"]["packed"]
    assert shared["cases"] == 15
    assert shared["outcomes"] == dict(sorted(alone["outcomes"].items()))
