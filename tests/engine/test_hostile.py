"""Segments that are damaged, or made to do harm: the right answer or CorruptIndexError, and `verify` names them.

CABLESEARCH_HOSTILE=10 tries ten times as many cases.
"""

from __future__ import annotations

import os
import random
import resource
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pytest
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.query import spans
from whoosh.searching import Searcher

from cablesearch.engine.check import verify
from cablesearch.engine.disk import arrays
from cablesearch.engine.disk.arrays import Arrays, write_arrays
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.search.collect import facet, histogram, number_column, select
from cablesearch.engine.search.execute import execute
from cablesearch.engine.search.topk import search
from cablesearch.engine.search.view import View
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.whoosh_reader.reader import ViewReader
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.queries import Near, Run
from tests.support.engine import SCHEMA, open_only, write

MORE = int(os.environ.get("CABLESEARCH_HOSTILE", "1"))
MEMORY = 256 << 20
"""What answering may take beside what the process has already."""

QUERIES: list[q.Query] = [
    q.Term("exact", "alfa"),
    q.Term("text", "al"),
    q.Term("note", "echo"),
    q.Term("tag", "ONE"),
    q.Or([q.Term("exact", "alfa"), q.Term("exact", "delta"), q.Term("text", "br")]),
    q.And([q.Term("text", "al"), q.Term("text", "br"), q.Not(q.Term("exact", "delta"))]),
    q.And([q.Term("exact", "charlie"), q.NumericRange("size", 1, 3)]),
    q.Phrase("exact", ["alfa", "bravo"]),
    q.Phrase("text", ["al", "br", "al"]),
    q.Phrase("exact", ["alfa", "delta"], slop=3),
    Near("exact", [[Run(("alfa",))], [Run(("delta",)), Run(("bravo", "alfa"))], [Run(("bravo",))]], 3),
    q.Prefix("exact", "b"),
    q.FuzzyTerm("exact", "barvo", maxdist=1, prefixlength=1),
    q.Every("tag"),
]
NEAR = spans.SpanNear(q.Term("exact", "alfa"), q.Term("exact", "bravo"))
"""A query for Whoosh's own searcher."""


@pytest.fixture(autouse=True)
def tiny() -> Iterator[None]:
    """As if a few documents were many, so that a small segment has arrays of every kind, checked as a whole or by the
    chunk."""
    few: dict[str, Any] = {
        "LOW_BITS": 3,
        "FREQUENT": 4,
        "CHAMPIONS": 3,
        "CHAMPIONS_FROM": 5,
        "GROUP": 2,
    }
    with (
        mock.patch.multiple(postings, **few),
        mock.patch.multiple(arrays, CHUNK_BITS=5, _CHECKED_AT_ONCE=100),
        warnings.catch_warnings(),
    ):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


@pytest.fixture
def directory(fresh: Callable[[], Path]) -> Path:
    """An index of one segment."""
    chance = random.Random(1)
    blocks = []
    for number in range(12):
        documents: list[dict[str, object]] = [{"note": "echo foxtrot", "link": ["LINK"], "secrecy": "open"}]
        for _ in range(3):
            text = " ".join(chance.choices(["alfa", "alpha", "bravo", "charlie", "delta"], [8, 1, 4, 1, 2], k=12))
            tags = chance.sample(["ONE", "TWO", "THREE"], chance.randrange(3))
            documents.append(
                {"text": text, "tag": tags, "size": chance.randrange(5), "secrecy": chance.choice(["open", "closed"])}
            )
        documents[-1]["text"] = "alfa " * 300 if number == 3 else documents[-1]["text"]
        blocks.append((f"key {number}", documents))
    write(path := fresh(), [blocks], ["key 5"])
    return path


def answers(directory: Path) -> list[object]:
    """Everything that may be asked."""
    snapshot = latest(directory)
    found: list[object] = []
    views = (View(snapshot, SCHEMA), View(snapshot, SCHEMA, open_only))
    for number, query in enumerate(QUERIES):
        view, by_block = views[number % 2], number % 3 == 0
        matches = execute(view, query, by_block=by_block)
        page = search(view, query, limit=3, by_block=by_block)
        found += [matches.units.tolist(), matches.scores.tolist(), page.units.tolist(), page.total]
        selection = select(view, query, by_block=by_block)
        found += [facet(view, selection, "tag"), histogram(view, selection, "size", lambda values: values // 2)]
    for view in views:
        with Searcher(ViewReader(view)) as searcher:
            found.append([(hit.docnum, hit.score) for hit in searcher.search(NEAR, limit=None)])
    found.append(number_column(views[0], execute(views[0], q.Every()).units, "size").tolist())
    found += [snapshot.segments[number].record(block) for number, block in snapshot.live_blocks()]
    found.append(snapshot.find("key 7"))
    return found


def judge(directory: Path, right: list[object] | None) -> str:
    """What comes of asking: ``right``, ``refused``, or for answers that may be wrong (``right`` is None) ``other``."""
    try:
        found = answers(directory)
    except CorruptIndexError as error:
        return "refused" if str(directory) in str(error) else str(error)
    assert right is None or found == right
    return "other" if right is None else "right"


def verified(directory: Path) -> bool:
    """Whether nothing is found to be damaged."""
    try:
        return latest(directory).verify() == []
    except CorruptIndexError:
        return False


@pytest.fixture
def bounded() -> Iterator[None]:
    """With little memory: what is too much is a MemoryError, which no test allows."""
    before = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + MEMORY, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_AS, before)


def test_a_whole_segment_has_no_fault(directory: Path) -> None:
    assert verified(directory)
    names = set(latest(directory).segments[0].arrays.names)
    assert {"text.high", "text.containers", "exact.stems", "text.large_at"} <= names
    sizes = {name: latest(directory).segments[0].arrays.type_of(name)[1] for name in names}
    assert min(sizes["text.bits"], sizes["exact.champions"], sizes["text.containers"], sizes["text.large_at"]) > 0


def test_a_field_without_frequent_words_has_no_fault(fresh: Callable[[], Path]) -> None:
    documents: list[dict[str, object]] = [{"note": "echo"}]
    documents += [{"text": "alfa"}] * 20
    directory = fresh()
    write(directory, [[("key", documents)]])
    assert not len(latest(directory).segments[0].arrays["note.frequent"])
    assert latest(directory).verify() == []


@pytest.mark.parametrize("name", ["manifest.json", "00000001.seg"])
def test_any_byte_may_be_another(directory: Path, bounded: None, name: str) -> None:
    right = answers(directory)
    path = directory / name
    whole = path.read_bytes()
    chance = random.Random(2)
    places = [*range(64), *range(len(whole) - 64, len(whole)), *chance.choices(range(len(whole)), k=150 * MORE)]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        path.write_bytes(damaged)
        judge(directory, right)
        assert not verified(directory) or name == "manifest.json", place
    path.write_bytes(whole)
    assert answers(directory) == right


@pytest.mark.parametrize("version", [version for version in range(8) if version != arrays.VERSION])
def test_a_file_of_another_version_than_it_was_written_as_is_refused(directory: Path, version: int) -> None:
    path = directory / "00000001.seg"
    content = bytearray(path.read_bytes())
    content[8] = version
    path.write_bytes(content)
    with pytest.raises(CorruptIndexError):
        Arrays(path)


@pytest.mark.parametrize("name", ["manifest.json", "00000001.seg"])
def test_a_file_may_be_cut_off_anywhere(directory: Path, name: str) -> None:
    path = directory / name
    whole = path.read_bytes()
    chance = random.Random(3)
    for length in [*range(70), *chance.choices(range(len(whole)), k=100 * MORE), len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(CorruptIndexError):
            latest(directory)
    path.write_bytes(whole + b"\n")
    with pytest.raises(CorruptIndexError) if name != "manifest.json" else warnings.catch_warnings():
        latest(directory)


Crafted = NDArray[Any]


def crafted(values: Crafted, chance: random.Random) -> Iterator[tuple[str, Crafted]]:
    """An array as someone may write it who means harm."""
    most = np.iinfo(values.dtype).max
    numbers = np.random.default_rng(chance.randrange(1 << 30))
    yield "zeros", np.zeros_like(values)
    yield "greatest", np.full_like(values, most)
    yield "least", np.full_like(values, np.iinfo(values.dtype).min)
    yield "ones", np.ones_like(values)
    yield "random", numbers.integers(0, most, len(values), values.dtype)
    yield "small", numbers.integers(0, min(most, 40), len(values), values.dtype)
    yield "backwards", values[::-1]
    yield "rolled", np.roll(values, 1)
    yield "shorter", values[:-1]
    yield "none", values[:0]
    yield "twice", np.tile(values, 2)
    yield "longer", np.append(values, values[-1:])
    yield "wider", values.astype("u8")
    yield "signed", values.astype("i8")
    yield "narrower", values.astype("u1")
    yield "counting", np.arange(len(values)).astype(values.dtype)
    if len(values) and values.dtype.itemsize < 4:
        wide = values.astype("u4")
        wide[chance.randrange(len(wide))] = np.iinfo(wide.dtype).max
        yield "wide", wide
    for _ in range(2 * MORE):
        if len(values):
            one = values.copy()
            one[chance.randrange(len(one))] = chance.choice([0, 1, most, chance.randrange(min(most, 1 << 62))])
            yield "one", one
            low = values.copy()
            place = chance.randrange(len(low))
            low[place] = low[place] ^ type(low[place])(1)
            yield "a bit", low
            falling = values.copy()
            place = chance.randrange(len(falling))
            falling[place], falling[-1 - place] = falling[-1 - place], falling[place]
            yield "swapped", falling


FREE = {
    "block.digests", "block.keys", "block.first", "block.leads", "store.dictionaries", "store.data",
    "store.ends", "bounded_for", "positions", "base", "size.values",
}  # fmt: skip
"""What may say something else and be as well formed."""


@pytest.mark.parametrize("kind", ["link", "pipe", "folder"])
@pytest.mark.parametrize("name", ["manifest.json", "00000001.seg"])
def test_what_is_no_file_is_not_read(directory: Path, name: str, kind: str) -> None:
    path = directory / name
    path.rename(elsewhere := directory.parent / name)
    if kind == "link":
        path.symlink_to(elsewhere)
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.mkdir()
    with pytest.raises(CorruptIndexError, match=r"it is a link|it is not a file"):
        latest(directory)


def test_what_is_damaged_is_not_merged(directory: Path) -> None:
    path = directory / "00000001.seg"
    found = Arrays(path)
    content = bytearray(path.read_bytes())
    content[found._entries["exact.counts"][2]] ^= 1
    path.write_bytes(content)
    with Writer(directory, SCHEMA) as writer, pytest.raises(CorruptIndexError, match=r"exact\.counts"):
        writer.compact()
    assert not verified(directory)


def test_blocks_that_the_application_rejects_are_not_merged(fresh: Callable[[], Path]) -> None:
    directory = fresh()
    before = write(directory, [[(key, [{"text": "alfa"}])] for key in ("one", "two", "three")], removed=["two"])
    checked: list[tuple[str, list[int]]] = []

    def check(segment: Segment, blocks: Iterable[int]) -> Iterator[str]:
        checked.append((segment.path.name, list(blocks)))
        yield from ("this is not for us" for block in blocks if segment.keys.text(block) == "three")

    with Writer(directory, SCHEMA, check=check) as writer:
        with pytest.raises(CorruptIndexError, match="this is not for us; damaged segments are not merged"):
            writer.compact()
        assert checked == [("00000001.seg", [0]), ("00000002.seg", []), ("00000003.seg", [0])]
        assert latest(directory).names == before.names
        # What this writer wrote itself needs no check.
        writer.delete("three")
        writer.compact()
        checked.clear()
        for key in ("four", "five"):
            writer.add(key, bytes(16), [{"text": "alfa"}], [])
            writer.commit()
        writer.compact()
    assert checked == []
    assert len(latest(directory).names) == 1


@pytest.mark.parametrize("part", range(4))
def test_arrays_may_be_written_to_do_harm(directory: Path, bounded: None, part: int) -> None:
    path = directory / "00000001.seg"
    read = Arrays(path)
    whole = {name: read[name].copy() for name in read.names}
    chance = random.Random(part)
    outcomes, missed = [], []
    for name in sorted(whole)[part::4]:
        free = name in FREE or name.rpartition(".")[2] in FREE
        for kind, values in crafted(whole[name], chance):
            if chance.random() * 5 > MORE:
                continue
            path.unlink()
            write_arrays(path, whole | {name: values})
            outcomes.append(judge(directory, None))
            if (values.tolist() != whole[name].tolist()) and verified(directory) and not free:
                missed.append((name, kind))
    assert missed == []
    assert set(outcomes) == {"refused", "other"}


# While an index is written to


@pytest.fixture
def two(directory: Path) -> Path:
    """The index with a second segment, which is sound."""
    with Writer(directory, SCHEMA) as writer:
        writer.add("sound", bytes(16), [{"note": "echo"}, {"text": "alfa bravo"}], [b"record of sound"])
        writer.commit()
    return directory


def is_sound(directory: Path) -> bool:
    """Whether what nothing was done to can still be read."""
    for path in directory.glob("*.seg"):
        try:
            segment = Segment(path)
            if any(segment.record(block) == b"record of sound" for block in segment.find("sound")):
                return True
        except CorruptIndexError:
            continue
    return False


def delete(writer: Writer) -> None:
    writer.delete("key 1")
    writer.settle()


def add(writer: Writer) -> None:
    writer.add("key 2", bytes(16), [{"text": "delta"}], [b"new"])
    writer.commit()


def look(writer: Writer) -> None:
    writer.record("key 3")
    writer.digests()


WORKS: list[Callable[[Writer], object]] = [Writer.compact, delete, add, look]


@pytest.mark.parametrize("part", range(4))
def test_what_is_written_to_do_harm_harms_nothing_that_is_sound(two: Path, bounded: None, part: int) -> None:
    path = two / "00000001.seg"
    read = Arrays(path)
    whole = {name: read[name].copy() for name in read.names}
    saved = {path.name: path.read_bytes() for path in two.iterdir() if path.is_file()}
    chance = random.Random(part)
    outcomes = set()
    for name in sorted(whole)[part::4]:
        for kind, values in crafted(whole[name], chance):
            if chance.random() * 12 > MORE:
                continue
            for left in two.iterdir():
                left.unlink()
            for file, content in saved.items():
                (two / file).write_bytes(content)
            path.unlink()
            write_arrays(path, whole | {name: values})
            work = chance.choice(WORKS)
            try:
                with Writer(two, SCHEMA) as writer:
                    work(writer)
                outcomes.add("done")
                assert work is not Writer.compact or latest(two).verify() == [], (name, kind)
            except CorruptIndexError as error:
                outcomes.add("refused" if str(two) in str(error) else str(error))
            assert is_sound(two), (name, kind, work)
    assert outcomes == {"done", "refused"}


def test_keys_that_are_no_text_are_refused_by_a_writer(directory: Path) -> None:
    path = directory / "00000001.seg"
    read = Arrays(path)
    whole = {name: read[name].copy() for name in read.names}
    whole["block.keys"][0] = 0xFF
    path.unlink()
    write_arrays(path, whole)
    with pytest.raises(CorruptIndexError, match=r"00000001\.seg: "):
        Writer(directory, SCHEMA)
    with pytest.raises(CorruptIndexError, match=r"00000001\.seg: "):
        # The lock is free again.
        Writer(directory, SCHEMA)


@pytest.mark.parametrize(
    "content", [b"\x37\xa4\x30\xec" + b"harm" * 40, b"", b"x", b"\x37\xa4\x30\xec", b"y" * (1 << 18)]
)
def test_a_dictionary_that_is_made_to_do_harm_packs_nothing(directory: Path, content: bytes) -> None:
    path = directory / "00000001.seg"
    read = Arrays(path)
    whole = {name: read[name].copy() for name in read.names}
    whole["store.dictionaries"] = np.frombuffer(content, np.uint8)
    whole["store.dictionary_starts"] = np.array([0, len(content)], np.uint32)
    path.unlink()
    write_arrays(path, whole)
    with Writer(directory, SCHEMA) as writer:
        writer.add("new", bytes(16), [{"text": "delta"}], [b"new"])
        snapshot = writer.commit()
    assert verify.verified(snapshot.segments[1]) == []
    assert snapshot.segments[1].record(0) == b"new"
