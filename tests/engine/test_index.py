"""Commits, snapshots, one writer, and files that are damaged."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.algorithms.hashing import key_digest
from cablesearch.engine.check.salvage import salvage
from cablesearch.engine.disk.arrays import Arrays, write_arrays
from cablesearch.engine.index.creation import create
from cablesearch.engine.index.manifest import last_commit
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer, alike
from cablesearch.engine.search.execute import execute
from cablesearch.engine.search.view import View
from cablesearch.engine.segment import merge
from cablesearch.engine.segment.builder import SegmentBuilder
from cablesearch.engine.segment.store import StoreWriter
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, LockedError
from cablesearch.protocols.fields import Text
from cablesearch.protocols.pen import NoRoomError
from cablesearch.schema.index_fields import indexing_schema
from tests.support.engine import SCHEMA, write
from trials.interrupts import Lines

Make = Callable[[], Path]


def block(key: str, *texts: str) -> tuple[str, list[dict[str, object]]]:
    documents: list[dict[str, object]] = [{"note": "lead"}]
    return key, documents + [{"text": text, "tag": ["ONE"]} for text in texts]


def found(directory: Path, word: str) -> int:
    return len(execute(View(latest(directory), SCHEMA), q.Term("exact", word)).units)


def test_what_is_not_committed_is_forgotten(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa")]])
    with Writer(directory, SCHEMA) as writer:
        writer.add("b", bytes(16), [{"text": "bravo"}], [b"record"])
        writer.delete("a")
    assert found(directory, "alfa") == 1
    assert [latest(directory).segments[0].keys.text(0)] == ["a"]


def test_a_block_of_the_same_key_is_replaced(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa"), block("a", "bravo")], [block("a", "charlie", "charlie")]])
    assert [found(directory, word) for word in ("alfa", "bravo", "charlie")] == [0, 0, 2]
    assert len(list(latest(directory).live_blocks())) == 1


def test_the_same_text_again_after_none_has_the_same_words(fresh: Make) -> None:
    directory = fresh()
    text = "alfa bravo"
    write(directory, [[("a", [{"note": "lead"}, {"text": text}, {"text": ""}, {"text": text}, {"text": text}])]])
    assert [found(directory, word) for word in ("alfa", "bravo")] == [3, 3]


def test_positions_beyond_the_number_of_words_are_refused(tmp_path: Path) -> None:
    builder = SegmentBuilder(Schema(text=Text(lambda text, for_query: (["alfa"], [1]))))
    builder.add("a", bytes(16), [{"text": "alfa"}], [])
    with pytest.raises(ValueError, match="beyond the number of words"):
        builder.write(tmp_path / "1.part")


@pytest.mark.parametrize("chunk", ["alfa", "a-b-c-d-e-f-g-h-i", "\udcf0\udc9f\udc87.", "\u65e5\u672c-\u8a9e"])
def test_the_weight_of_a_builder_covers_what_writing_takes(tmp_path: Path, chunk: str) -> None:
    builder = SegmentBuilder(indexing_schema())
    builder.add("a", bytes(16), [{"text": f"{chunk} " * 200_000}], [])
    tracemalloc.start()
    try:
        builder.write(tmp_path / "1.part")
        # Beside that are the stretches in which postings are written.
        assert tracemalloc.get_traced_memory()[1] < builder.weight + (24 << 20)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text", ["a-b-c-d " * 100_000, " ".join(f"word{number}-{number}" for number in range(100_000))]
)
def test_a_block_without_room_leaves_the_builder_as_it_was(tmp_path: Path, text: str) -> None:
    builder, other = SegmentBuilder(indexing_schema(), room=8 << 20), SegmentBuilder(indexing_schema())
    for one in (builder, other):
        one.add("a", bytes(16), [{"text": "alfa-bravo charlie"}], [])
    with pytest.raises(NoRoomError):
        builder.add("b", bytes(16), [{"text": f"delta {text}"}], [])
    assert builder.weight == other.weight
    for number, one in enumerate((builder, other)):
        one.add("c", bytes(16), [{"text": "charlie delta-echo"}], [])
        one.write(tmp_path / f"{number}.part")
    assert (tmp_path / "0.part").read_bytes() == (tmp_path / "1.part").read_bytes()


def test_records_are_read_back(fresh: Make) -> None:
    directory = fresh()
    records = {f"key {number}": bytes([number]) * (number * 7000) for number in range(30)}
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        for key, record in records.items():
            writer.add(key, bytes(16), [{}], [record])
        assert writer.record("key 3") == records["key 3"]
        snapshot = writer.commit()
        assert writer.record("key 3") == records["key 3"]
    for key, record in records.items():
        where = snapshot.find(key)
        assert where is not None
        assert snapshot.segments[where[0]].record(where[1]) == record
    assert snapshot.find("key 99") is None


def test_a_reader_keeps_its_snapshot_while_a_writer_goes_on(fresh: Make) -> None:
    directory = fresh()
    before = View(write(directory, [[block("a", "alfa")]]), SCHEMA)
    with Writer(directory, SCHEMA) as writer:
        writer.delete("a")
        writer.compact()
    assert found(directory, "alfa") == 0
    assert len(execute(before, q.Term("exact", "alfa")).units) == 1
    assert before.segments[0].record(0) == b"record of a"


def test_many_small_commits_are_merged(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block(f"key {number}", "alfa bravo")] for number in range(40)])
    with Writer(directory, SCHEMA) as writer:
        writer.settle()
    assert len(latest(directory).segments) < 16
    assert found(directory, "alfa") == 40
    keys = [latest(directory).segments[number].keys.text(block) for number, block in latest(directory).live_blocks()]
    assert sorted(keys) == sorted(f"key {number}" for number in range(40))


def test_answers_are_the_same_whatever_was_merged_on_the_way(fresh: Make) -> None:
    keys = [f"key {number % 130}" for number in range(200)]
    answers = []
    for memory in (64, 1 << 20):
        directory = fresh()
        create(directory)
        for half in (keys[:90], keys[90:]):
            with Writer(directory, SCHEMA, memory) as writer:
                for number, key in enumerate(half):
                    _, documents = block(key, f"alfa word{number} {key}", "bravo")
                    record = f"record {number} of {key}".encode()
                    writer.add(key, bytes(16), documents, [record])  # type: ignore[arg-type]
                    if number % 7 == 3:
                        writer.delete(half[number - 2])
                snapshot = writer.commit()
                assert len(snapshot.segments) <= 32
        assert snapshot.next_segment > 190 or memory > 64
        assert snapshot.verify() == []
        view = View(snapshot, SCHEMA)
        live = [(snapshot.segments[number], block) for number, block in snapshot.live_blocks()]
        totals = [len(execute(view, q.Term("exact", word)).units) for word in ("alfa", "bravo", "word8", "word77")]
        answers.append((totals, sorted((segment.keys.text(block), segment.record(block)) for segment, block in live)))
    assert answers[0] == answers[1]


def test_a_word_is_written_again_only_when_what_it_stands_in_has_grown() -> None:
    weights: list[int] = []
    written = 0
    for _ in range(20_000):
        if len(weights) == 32:
            start = alike(weights, [False] * 32, 16)
            assert start is not None
            weights[start : start + 16] = [sum(weights[start : start + 16])]
            written += weights[start]
        weights.append(1)
    # The logarithm of 20,000 to the base 16 is 3.6.
    assert written < 4.5 * 20_000


def build_apart(directory: Path, segments: int) -> None:
    """Write segments of three blocks each as processes do that begin at once: each learns its own dictionary. Blocks of
    neighbouring numbers stand in different segments."""
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        for segment in range(segments):
            builder = SegmentBuilder(SCHEMA)
            for number in range(segment, 3 * segments, segments):
                key, documents = block(f"key {number:02}", "alfa", "bravo")
                records = [f"{part} of {key} in {segment} ".encode() * 60 for part in range(3)]
                builder.add(key, bytes(16), documents, records)  # type: ignore[arg-type]
            entry = writer.new_entry()
            builder.write(entry)
            attached = writer.attach(entry)
            for one in range(3):
                writer.adopt(attached, one)
        writer.commit()


def stored(directory: Path) -> dict[str, list[bytes]]:
    """What is stored with each document of each block."""
    snapshot = latest(directory)
    assert snapshot.verify() == []
    found = {}
    for number, one in snapshot.live_blocks():
        segment = snapshot.segments[number]
        docs = range(*segment.first[one : one + 2].tolist())
        found[segment.keys.text(one)] = [segment.stored(doc) for doc in docs]
        assert segment.record(one) == b"".join(found[segment.keys.text(one)])
    return found


def salvaged(directory: Path) -> dict[str | None, bytes | None]:
    """The records of the only segment, as repair reads them."""
    (path,) = directory.glob("*.seg")
    return {one.key: one.record for one in salvage(path, lambda stream: None, lambda record, key: True)}


def test_what_is_stored_is_copied_as_it_is_packed_when_blocks_are_sorted(fresh: Make) -> None:
    directory = fresh()
    build_apart(directory, 3)
    before = stored(directory)
    packed = [one.arrays["store.data"].tobytes() for one in latest(directory).segments]
    with Writer(directory, SCHEMA) as writer:
        writer.delete("key 04")
        writer.compact()
    del before["key 04"]
    assert stored(directory) == before
    assert salvaged(directory) == {key: b"".join(records) for key, records in before.items()}
    (merged,) = latest(directory).segments
    assert merged.arrays["store.by"].max() == 2
    ends = merged.arrays["store.frames"].tolist()
    frames = [merged.arrays["store.data"][start:end].tobytes() for start, end in pairwise(ends)]
    assert all(any(frame in content for content in packed) for frame in frames)
    assert len(merged.arrays["store.from"]) == 3
    # And once more, beside one that is new.
    with Writer(directory, SCHEMA) as writer:
        writer.add("key 03 a", bytes(16), [{"text": "charlie"}], [b"new"])
        writer.commit()
        writer.compact()
    assert stored(directory) == before | {"key 03 a": [b"new"]}


def test_dictionaries_that_pack_nothing_are_left_out(fresh: Make) -> None:
    directory = fresh()
    build_apart(directory, 3)
    with Writer(directory, SCHEMA) as writer:
        for number in (1, 2, 4, 5, 7, 8):
            writer.delete(f"key {number:02}")
        writer.compact()
    assert sorted(stored(directory)) == ["key 00", "key 03", "key 06"]
    (merged,) = latest(directory).segments
    assert len(merged.arrays["store.from"]) == 1
    assert "store.by" not in merged.arrays


@pytest.mark.parametrize("damaged", ["store.dictionary_starts", "store.spare_starts", "store.by", "store.from"])
def test_repair_finds_each_of_several_dictionaries(fresh: Make, damaged: str) -> None:
    directory = fresh()
    build_apart(directory, 3)
    with Writer(directory, SCHEMA) as writer:
        writer.compact()
    before = stored(directory)
    (path,) = directory.glob("*.seg")
    content = bytearray(path.read_bytes())
    dtype, count, offset, _ = Arrays(path)._entries[damaged]
    content[offset : offset + dtype.itemsize * count] = b"\xff" * (dtype.itemsize * count)
    path.write_bytes(content)
    assert salvaged(directory) == {key: b"".join(records) for key, records in before.items()}


def test_frames_without_checksums_are_packed_anew(fresh: Make) -> None:
    directory = fresh()
    build_apart(directory, 2)
    before = stored(directory)
    path = directory / "00000001.seg"
    read = Arrays(path)
    dictionary = zstandard.ZstdCompressionDict(read["store.dictionaries"].tobytes())
    unpacking = zstandard.ZstdDecompressor(dict_data=dictionary)
    packing = zstandard.ZstdCompressor(dict_data=dictionary)
    frames = [
        packing.compress(unpacking.decompress(read["store.data"][start:end].tobytes()))
        for start, end in pairwise(read["store.frames"].tolist())
    ]
    rewritten(
        path,
        data=np.frombuffer(b"".join(frames), np.uint8),
        frames=np.append(0, np.cumsum(list(map(len, frames)))).astype(np.uint32),
    )
    assert stored(directory) == before
    with Writer(directory, SCHEMA) as writer:
        writer.compact()
    assert stored(directory) == before
    assert salvaged(directory) == {key: b"".join(records) for key, records in before.items()}
    (merged,) = latest(directory).segments
    starts = merged.arrays["store.frames"][:-1].astype(int)
    assert (merged.arrays["store.data"][starts + 4] & 4).all()


def test_what_is_stored_is_packed_anew_when_dictionaries_are_many(fresh: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    directory = fresh()
    build_apart(directory, 4)
    before = stored(directory)
    monkeypatch.setattr(merge, "_MOST_DICTIONARIES", 2)
    with Writer(directory, SCHEMA) as writer:
        writer.compact()
    assert stored(directory) == before
    (merged,) = latest(directory).segments
    assert len(merged.arrays["store.from"]) == 2


def rewritten(path: Path, **replaced: NDArray[Any]) -> None:
    """Write a segment again with other arrays of its store."""
    read = Arrays(path)
    whole = {name: read[name].copy() for name in read.names if not name.startswith("store.spare")}
    whole |= {f"store.{name}": values for name, values in replaced.items()}
    spare = zstandard.ZstdCompressor().compress(whole["store.dictionaries"].tobytes())
    whole |= {
        "store.spare": np.frombuffer(spare, np.uint8),
        "store.spare_starts": whole["store.dictionary_starts"],
    }
    path.unlink()
    write_arrays(path, whole)


@pytest.mark.parametrize("content", [b"", b"x", b"y" * (1 << 18)])
def test_frames_with_records_of_several_blocks_are_packed_anew(fresh: Make, content: bytes) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        writer.add("key 2", bytes(16), [{"text": "alfa"}], [])
        writer.commit()
    if content:
        # Its dictionary packs nothing.
        starts = np.array([0, len(content)], np.uint32)
        rewritten(
            directory / "00000001.seg",
            dictionaries=np.frombuffer(content, np.uint8),
            dictionary_starts=starts,
            **{"from": np.zeros(1, np.uint8)},
        )
    with Writer(directory, SCHEMA) as writer:
        for number in (1, 3):
            writer.add(f"key {number}", bytes(16), [{"text": "bravo"}], [f"record {number}".encode()])
        writer.commit()
    # As older versions packed them.
    store = StoreWriter()
    store.add([b"record 1", b"record 3"])
    path = directory / "00000002.seg"
    rewritten(path, **{name.removeprefix("store."): values for name, values in store.arrays().items()})
    with Writer(directory, SCHEMA) as writer:
        writer.compact()
    assert stored(directory) == {"key 1": [b"record 1"], "key 2": [b""], "key 3": [b"record 3"]}


def test_a_damaged_segment_stays_beside_those_that_are_merged(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA, 64) as writer:
        for number in range(80):
            _, documents = block(f"key {number}", "alfa")
            writer.add(f"key {number}", bytes(16), documents, [])  # type: ignore[arg-type]
            if number == 20:
                writer.commit()
                path = sorted(directory.glob("*.seg"))[10]
                content = bytearray(path.read_bytes())
                # The number of words of its documents.
                content[content.rindex(b"\1\0") - 64] ^= 1
                path.write_bytes(content)
                assert latest(directory).verify()
        names = writer.commit().names
    assert path.name in names
    assert len(names) <= 32
    assert len(list(latest(directory).live_blocks())) == 80


@pytest.mark.parametrize("place", range(1, 16))
def test_an_interrupt_while_segments_are_merged_loses_nothing(place: int, fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA, 64) as writer:
        for number in range(30):
            writer.add(f"key {number}", bytes(16), [{}, {"text": "alfa"}], [])
        writer.delete("key 3")
        with contextlib.suppress(KeyboardInterrupt), Lines(place, {Writer._merge.__code__.co_filename}, "_merge"):
            writer._merge(list(writer._segments)[5:9], 1 << 20)
        snapshot = writer.commit()
    keys = [snapshot.segments[number].keys.text(block) for number, block in snapshot.live_blocks()]
    assert keys == [f"key {number}" for number in range(30) if number != 3]


def test_a_segment_that_is_open_takes_no_descriptor(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block(f"key {number}", "alfa")] for number in range(30)])
    before = os.listdir("/dev/fd")
    snapshot = latest(directory)
    assert len(snapshot.segments) == 30
    assert os.listdir("/dev/fd") == before
    assert len(execute(View(snapshot, SCHEMA), q.Term("exact", "alfa")).units) == 30


def test_a_file_that_is_mapped_is_let_go_of_with_the_last_of_its_arrays(tmp_path: Path) -> None:
    path = tmp_path / "file"
    write_arrays(path, {"one": np.arange(100_000)})
    array = Arrays(path)["one"]
    with pytest.raises(ValueError, match="read-only"):
        array[0] = 1
    assert array[99_999] == 99_999
    if Path("/proc/self/maps").exists():
        assert str(path) in Path("/proc/self/maps").read_text()
        del array
        assert str(path) not in Path("/proc/self/maps").read_text()


def test_a_lock_is_on_the_folder_that_its_writer_holds(fresh: Make) -> None:
    directory, moved = fresh(), fresh()
    write(directory, [[block("a", "alfa")]])
    with Writer(directory, SCHEMA) as writer:
        directory.rename(moved)
        write(directory, [[block("b", "bravo")]])
        with pytest.raises(LockedError):
            Writer(moved, SCHEMA)
        writer.add("c", bytes(16), [{}, {"text": "charlie"}], [])
        before = {path.name: path.read_bytes() for path in directory.iterdir()}
        with pytest.raises(CablesearchError, match=f"{directory}: .*moved or replaced.*{moved}"):
            writer.commit()
    assert {path.name: path.read_bytes() for path in directory.iterdir()} == before
    assert [found(moved, word) for word in ("alfa", "bravo", "charlie")] == [1, 0, 0]
    with Writer(moved, SCHEMA):
        pass


def test_a_folder_that_was_moved_away_gets_no_commit_until_it_is_back(fresh: Make) -> None:
    directory, moved = fresh(), fresh()
    write(directory, [[block("a", "alfa")]])
    with Writer(directory, SCHEMA) as writer:
        directory.rename(moved)
        writer.delete("a")
        with pytest.raises(CablesearchError, match="moved or replaced"):
            writer.commit()
        moved.rename(directory)
        writer.commit()
    assert found(directory, "alfa") == 0


def test_a_lack_of_descriptors_names_the_file_and_the_error_of_the_system(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa")]])
    code = (
        "import os, resource, sys; from pathlib import Path; from cablesearch.engine.index.snapshot import latest\n"
        "from cablesearch.errors import UnreadableFileError\n"
        "latest(Path(sys.argv[1]))\n"
        "resource.setrlimit(resource.RLIMIT_NOFILE, (16, 16))\n"
        "for number in range(16):\n"
        "    try: os.open('/', 0)\n"
        "    except OSError: pass\n"
        "os.close(15)\n"
        "try: latest(Path(sys.argv[1]))\n"
        "except UnreadableFileError as error: print(error.kind, error)"
    )
    said = subprocess.run([sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=True)
    assert said.stdout == f"EMFILE {directory}/manifest.json: cannot be read (Too many open files)\n"


def test_compaction_drops_what_was_deleted(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa"), block("b", "bravo")]], removed=["a"])
    with Writer(directory, SCHEMA) as writer:
        snapshot = writer.compact()
    assert snapshot.segments[0].blocks == 1
    assert snapshot.segments[0].term("exact", "alfa") is None
    with Writer(directory, SCHEMA) as writer:
        writer.delete("b")
        assert writer.compact().segments == []


def test_a_second_writer_gets_an_error_that_names_the_first(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA):
        code = (
            "import sys; from pathlib import Path; from cablesearch.engine.index.writer import Writer\n"
            "from tests.support.engine import SCHEMA\n"
            "from cablesearch.errors import LockedError\n"
            "try: Writer(Path(sys.argv[1]), SCHEMA)\n"
            "except LockedError as error: print(error)"
        )
        result = subprocess.run(
            [sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=True
        )
    assert f"pid {os.getpid()}" in result.stdout
    with Writer(directory, SCHEMA):
        pass


def test_the_lock_of_a_writer_that_died_is_free(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    code = (
        "import os, sys; from pathlib import Path; from cablesearch.engine.index.writer import Writer\n"
        "from tests.support.engine import SCHEMA\n"
        "writer = Writer(Path(sys.argv[1]), SCHEMA)\n"
        "for name in ('00000077.seg', '00000078.1.part', 'manifest.json.new', 'mine.part'):\n"
        "    (Path(sys.argv[1]) / name).write_bytes(b'half')\n"
        "os._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(directory)], check=False)
    with Writer(directory, SCHEMA):
        names = {path.name for path in directory.iterdir()} - {"writer.lock", "writer.lock.pid"}
        assert names == {"manifest.json", "manifest.copy.json", "mine.part"}


def test_a_locked_writer_in_the_same_process_is_an_error_too(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA), pytest.raises(LockedError):
        Writer(directory, SCHEMA)


def test_no_archive_is_said_with_the_absolute_path(tmp_path: Path) -> None:
    with pytest.raises(ArchiveNotFoundError, match=str(tmp_path / "none")):
        latest(tmp_path / "none")


def test_arrays_come_back_as_they_were_written(tmp_path: Path) -> None:
    arrays: dict[str, Any] = {
        "one": np.arange(5, dtype=np.uint32),
        "none": np.empty(0, np.uint8),
        "big": np.array([-(2**63), 2**63 - 1]),
    }
    write_arrays(tmp_path / "file", arrays)
    read = Arrays(tmp_path / "file")
    for name, values in arrays.items():
        assert read[name].dtype == values.dtype
        assert read[name].tolist() == values.tolist()
    assert read.verify() == []
    with pytest.raises(CorruptIndexError, match="no array other"):
        read["other"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_segment_is_refused_or_found_by_verify(fresh: Make, data: st.DataObject) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa bravo alfa", "charlie"), block("b", "delta")]])
    path = next(directory.glob("*.seg"))
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content) - 1))]
    else:
        content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    try:
        snapshot = latest(directory)
    except CorruptIndexError:
        return
    try:
        view = View(snapshot, SCHEMA)
        answers = [execute(view, q.Term("exact", word)).units.tolist() for word in ("alfa", "delta")]
        records = [snapshot.segments[0].record(block) for block in range(2)]
    except CorruptIndexError:
        return
    assert answers == [[1], [4]]
    assert records == [b"record of a", b"record of b"]
    assert snapshot.verify() or bytes(content) == path.read_bytes()


def resealed(manifest: Any, **changes: object) -> Any:
    """A manifest that says something else, under the right checksum."""
    body = manifest["body"] | changes
    return manifest | {"body": body, "crc32": zlib.crc32(json.dumps(body, sort_keys=True).encode())}


@pytest.mark.parametrize(
    "change",
    [
        lambda manifest: manifest | {"format": 99},
        lambda manifest: manifest | {"crc32": 1},
        lambda manifest: {"nothing": 1},
        lambda manifest: [],
        lambda manifest: resealed(manifest, generation="x"),
        lambda manifest: resealed(manifest, generation=1 << 62),
        lambda manifest: resealed(manifest, next_segment=1),
        lambda manifest: resealed(manifest, next_segment=10**8 + 1),
        lambda manifest: resealed(manifest, segments={}),
        lambda manifest: resealed(manifest, segments=[manifest["body"]["segments"][0] | {"deleted": {}}]),
        lambda manifest: resealed(manifest, segments=[manifest["body"]["segments"][0] | {"deleted": "AQAA"}]),
        lambda manifest: resealed(manifest, segments=[manifest["body"]["segments"][0] | {"deleted": "?"}]),
        lambda manifest: resealed(manifest, segments=[manifest["body"]["segments"][0] | {"deleted": "Ag=="}]),
        lambda manifest: resealed(manifest, superseded=1),
        lambda manifest: resealed(manifest, superseded={"name": "../1.superseded", "count": 1, "crc32": 0}),
        lambda manifest: resealed(manifest, superseded={"name": "00000009.superseded", "count": 1, "crc32": 0}),
        lambda manifest: resealed(manifest, superseded={"name": "00000000.superseded", "count": -1, "crc32": 0}),
        lambda manifest: manifest | {"format": 2},
        lambda manifest: resealed(manifest, notes={"x": [[]] * 200_000}),
        lambda manifest: resealed(manifest, segments=[manifest["body"]["segments"][0] | {"blocks": 2}]),
        lambda manifest: resealed(manifest, notes=[1]),
        lambda manifest: resealed(manifest, segments=manifest["body"]["segments"] * 2),
        lambda manifest: resealed(manifest, segments=[{"name": "../00000001.seg", "deleted": []}]),
        lambda manifest: resealed(manifest, segments=[{"name": "00000001.seg", "deleted": ["x"]}]),
        lambda manifest: resealed(manifest, segments=[{"name": "00000001.seg", "deleted": [77]}]),
    ],
)
def test_a_damaged_manifest_is_refused(fresh: Make, change: Callable[[Any], Any]) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa")]])
    path = directory / "manifest.json"
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    with pytest.raises(CorruptIndexError, match=r"manifest|[.]seg"):
        latest(directory)


def test_a_reader_keeps_few_of_the_large_records(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        for number in range(20):
            writer.add(f"large {number}", bytes(16), [{}], [b" " * 2_000_000])
        writer.commit()
    (segment,) = latest(directory).segments
    tracemalloc.start()
    try:
        assert {len(segment.record(block)) for block in range(20)} == {2_000_000}
        assert tracemalloc.get_traced_memory()[0] < 5_000_000
    finally:
        tracemalloc.stop()


def test_numbers_of_segments_do_not_begin_anew(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa")]])
    path = directory / "manifest.json"
    path.write_text(json.dumps(resealed(json.loads(path.read_text()), next_segment=10**8 - 1)))
    for key in "bc":
        with Writer(directory, SCHEMA) as writer:
            writer.add(key, bytes(16), [{}, {"text": "bravo"}], [b""])
            if key == "c":
                with pytest.raises(CablesearchError, match="numbers of segments are used up"):
                    writer.commit()
            else:
                writer.commit()
    assert [found(directory, word) for word in ("alfa", "bravo")] == [1, 1]


def test_a_block_that_cannot_be_added_leaves_the_rest_as_it_was(fresh: Make) -> None:
    directory = fresh()
    write(directory, [[block("a", "alfa")]])
    with Writer(directory, SCHEMA) as writer:
        for documents in ([{"size": 2**70}], [{"text": 3}], [{"tag": [1]}], []):
            with pytest.raises(ValueError, match=r"cannot be|leads"):
                writer.add("a", bytes(16), documents, [b""])  # type: ignore[arg-type]
        writer.add("b", bytes(16), [{}, {"text": "bravo"}], [b"record of b"])
        snapshot = writer.commit()
    assert [found(directory, word) for word in ("alfa", "bravo")] == [1, 1]
    assert snapshot.verify() == []


def test_of_two_that_create_an_index_neither_undoes_the_other(fresh: Make) -> None:
    directory = fresh()
    code = (
        "import sys; from pathlib import Path; from cablesearch.engine.index.creation import create\n"
        "create(Path(sys.argv[1]))"
    )
    makers = [subprocess.Popen([sys.executable, "-c", code, str(directory)]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    assert latest(directory).segments == []
    assert {path.name for path in directory.iterdir()} == {"manifest.json", "manifest.copy.json", "writer.lock"}


def test_superseded_sources_are_kept_over_many_commits(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    with Writer(directory, SCHEMA) as writer:
        superseded = writer.superseded
        for number in range(5):
            superseded.add(bytes([number] * 16), key_digest("key"))
            if number % 2:
                writer.add(f"key {number}", bytes(16), [{}], [])
            writer.commit()
            assert [path.name for path in directory.glob("*.superseded")] == [latest(directory).files[-1]]
        superseded.discard(bytes(16))
        writer.commit()
        writer.compact()
    with Writer(directory, SCHEMA) as writer:
        assert [bytes([number] * 16) in writer.superseded for number in range(5)] == [False] + [True] * 4
        for number in range(5):
            writer.superseded.discard(bytes([number] * 16))
        writer.commit()
    assert not list(directory.glob("*.superseded"))
    assert latest(directory).verify() == []


def test_an_index_is_made_once_and_keeps_the_notes_it_was_made_with(tmp_path: Path) -> None:
    assert create(tmp_path, {"by": "us"})
    assert not create(tmp_path, {"by": "others"})
    assert last_commit(tmp_path) == (0, {"by": "us"})
    with Writer(tmp_path, SCHEMA) as writer:
        writer.notes["more"] = 1
        writer.commit()
    assert last_commit(tmp_path) == (1, {"by": "us", "more": 1})
