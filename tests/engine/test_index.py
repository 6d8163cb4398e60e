"""Commits, snapshots, one writer, and files that are damaged."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from whoosh import query as q
from whoosh.fields import Schema

from cablesearch.engine import SegmentBuilder, Text, View, Writer, create, execute, last_commit, latest
from cablesearch.engine.arrays import Arrays, write_arrays
from cablesearch.errors import ArchiveNotFoundError, CablesearchError, CorruptIndexError, LockedError
from tests.engine.conftest import SCHEMA, write

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
            "import sys; from pathlib import Path; from cablesearch.engine import Writer\n"
            "from tests.engine.conftest import SCHEMA\n"
            "from cablesearch.errors import LockedError\n"
            "try: Writer(Path(sys.argv[1]), SCHEMA)\n"
            "except LockedError as error: print(error)"
        )
        result = subprocess.run(
            [sys.executable, "-c", code, str(directory)], capture_output=True, text=True, check=True
        )
    import os

    assert f"pid {os.getpid()}" in result.stdout
    with Writer(directory, SCHEMA):
        pass


def test_the_lock_of_a_writer_that_died_is_free(fresh: Make) -> None:
    directory = fresh()
    create(directory)
    code = (
        "import os, sys; from pathlib import Path; from cablesearch.engine import Writer\n"
        "from tests.engine.conftest import SCHEMA\n"
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
    with pytest.raises(CorruptIndexError, match="no other"):
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
                with pytest.raises(CablesearchError, match="no more numbers for segments"):
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
    code = "import sys; from pathlib import Path; from cablesearch.engine import create; create(Path(sys.argv[1]))"
    makers = [subprocess.Popen([sys.executable, "-c", code, str(directory)]) for _ in range(4)]
    assert [maker.wait() for maker in makers] == [0, 0, 0, 0]
    assert latest(directory).segments == []
    assert {path.name for path in directory.iterdir()} == {"manifest.json", "manifest.copy.json", "writer.lock"}


def test_an_index_is_made_once_and_keeps_the_notes_it_was_made_with(tmp_path: Path) -> None:
    assert create(tmp_path, {"by": "us"})
    assert not create(tmp_path, {"by": "others"})
    assert last_commit(tmp_path) == (0, {"by": "us"})
    with Writer(tmp_path, SCHEMA) as writer:
        writer.notes["more"] = 1
        writer.commit()
    assert last_commit(tmp_path) == (1, {"by": "us", "more": 1})
