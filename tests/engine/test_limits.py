"""Every limit that a reader of an archive checks is held by its writer: what is at it is written and read back, and
what is beyond it is rejected before anything is committed."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from whoosh.fields import NUMERIC, Schema

import cablesearch
from cablesearch.algorithms.hashing import key_digest
from cablesearch.engine.disk import arrays
from cablesearch.engine.index import manifest
from cablesearch.engine.index import superseded as superseding
from cablesearch.engine.index.creation import create
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.superseded import Superseded
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment import builder, store
from cablesearch.engine.segment.merge import merge
from cablesearch.errors import CablesearchError
from cablesearch.indexing import ingest
from cablesearch.protocols.fields import Keyword, Text
from cablesearch.readers import errors as reading
from cablesearch.readers.json_cables import dumps
from cablesearch.schema import stored
from tests.support.cables import cable
from tests.support.engine import SCHEMA

PACKAGE = Path(cablesearch.__file__).parent
WHERE = [*(PACKAGE / "engine").rglob("*.py"), *(PACKAGE / "algorithms").rglob("*.py")]
WHERE += [PACKAGE / "indexing" / "ingest.py", PACKAGE / "schema" / "stored.py"]
WHERE += [PACKAGE / "readers" / name for name in ("json_cables.py", "limits.py", "errors.py")]
WHERE += [PACKAGE / "json_values.py"]
NAME = re.compile(r"^(_?(?:MOST|LARGEST|LONGEST|LIMITS|LOOSE|WIDEST)[A-Z_]*)\b[^=\n]*= ", re.MULTILINE)

HELD = {
    "manifest.LIMITS": "test_a_manifest_is_as_large_as_its_reader_takes_and_no_larger",
    "manifest._MOST_NUMBER": "test_the_last_of_all_commits",
    "manifest.MOST_SEGMENTS": "test_index.test_numbers_of_segments_do_not_begin_anew",
    "arrays.LARGEST_DIRECTORY": "test_a_directory_names_as_many_arrays_as_its_reader_takes",
    "builder.LONGEST_KEY": "test_a_key_has_a_longest_length",
    "builder.MOST_DOCUMENTS": "test_a_segment_holds_so_many_documents",
    "builder.MOST_LEADS": "test_a_block_has_so_many_leads",
    "store.LARGEST": "test_a_record_is_as_large_as_a_reader_takes",
    "superseded.MOST_SUPERSEDED": "test_so_many_superseded_sources_are_remembered",
    "ingest.LONGEST_ID": "test_an_id_has_a_longest_length_in_every_format",
    "json_values._LARGEST": "test_numbers_and_paragraphs_of_cables_have_a_limit",
    "errors.MOST_PARAGRAPHS": "test_numbers_and_paragraphs_of_cables_have_a_limit",
    "stored.LONGEST_LINE": "test_a_record_that_repair_could_not_read_is_not_written",
}
"""The limits of what is read, and the tests that drive the writer to them."""

FREE = {
    "manifest.LOOSE": "of repair, which reads more than is written",
    "manifest._LONGEST_REASON": "of a message",
    "salvage._MOST_DICTIONARIES": "of repair; no segment has more",
    "merge._MOST_DICTIONARIES": "of a merge; readers take any number of them",
    "postings.MOST_COUNT": "larger frequencies stand elsewhere",
    "lists._MOST": "larger frequencies stand elsewhere",
    "limits.MOST_BRACKETS": "held by tests/readers/test_limits.py",
    "limits.MOST_COMMAS": "held by tests/readers/test_limits.py",
    "limits.MOST_CONTROLS": "held by tests/readers/test_limits.py",
    "limits.MOST_OF_CABLE": "held by tests/readers/test_limits.py",
    "limits.MOST_OF_HEADER": "of sources; stored records are read without it",
    "limits.MOST_OF_PARAGRAPH": "held by tests/readers/test_limits.py",
    "distances.LONGEST_FUZZY": "of a query",
    "periods._LONGEST_CALENDAR": "of a table; longer times take another way",
    "windows._MOST_STATES": "of a query",
    "glance._LARGEST_DIRECTORY": "that of arrays; held to it by tests/test_completion.py",
    "glance._LARGEST_MANIFEST": "that of manifest; held to it by tests/test_completion.py",
    "glance._MOST_BRACKETS": "that of manifest; held to it by tests/test_completion.py",
    "writer._MOST_OPEN": "of a writer; readers take any number of segments",
}
"""Others of such names, and why no writer has to hold them here."""


def test_every_limit_is_listed() -> None:
    names = {f"{path.stem}.{name}" for path in WHERE for name in NAME.findall(path.read_text(encoding="utf-8"))}
    assert names - {*HELD, *FREE} == set()
    assert not {name for name in HELD.values() if "." not in name} - globals().keys()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """An index of one block."""
    create(tmp_path / "index")
    with Writer(tmp_path / "index", SCHEMA) as writer:
        writer.add("a", bytes(16), [{}, {"text": "alfa"}], [b"record of a"])
        writer.commit()
    return tmp_path / "index"


def committed(directory: Path, **notes: Any) -> bool:
    """Whether a commit with these notes is made; if not, everything is as it was."""
    before = {path.name: path.read_bytes() for path in directory.glob("*") if path.suffix != ".pid"}
    with Writer(directory, SCHEMA) as writer:
        writer.notes = notes
        try:
            writer.commit()
            reason = ""
        except CablesearchError as error:
            reason = str(error)
        if reason:
            assert "nothing is committed: readers would refuse it" in reason
            assert {path.name: path.read_bytes() for path in directory.glob("*") if path.suffix != ".pid"} == before
            return False
    assert latest(directory).notes == notes
    assert latest(directory).verify() == []
    return True


# The manifest


def test_a_manifest_is_as_large_as_its_reader_takes_and_no_larger(
    directory: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert committed(directory, text="x" * 1000)
    size = (directory / "manifest.json").stat().st_size
    monkeypatch.setattr(manifest, "LIMITS", manifest.Limits(size + 10, 200))
    assert not committed(directory, text="x" * 1030)
    assert committed(directory, text="y" * 1000)
    text = (directory / "manifest.json").read_text()
    brackets = text.count("{") + text.count("[")
    assert committed(directory, text="[{" * 300)
    assert committed(directory, lists=[[] for _ in range(200 - brackets - 1)])
    assert not committed(directory, lists=[[] for _ in range(200 - brackets)])


def test_notes_that_cannot_be_read_are_not_written(directory: Path) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    for value in (deep, {1, 2}, b"bytes"):
        assert not committed(directory, value=value)


def test_the_last_of_all_commits(directory: Path) -> None:
    path = directory / "manifest.json"
    body = json.loads(path.read_text())["body"] | {"generation": (1 << 62) - 2}
    crc32 = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    path.write_text(json.dumps({"format": manifest.FORMAT, "crc32": crc32, "body": body}))
    assert committed(directory, one=1)
    assert not committed(directory, one=2)
    assert latest(directory).generation == (1 << 62) - 1


def test_a_manifest_does_not_grow_with_what_is_deleted_or_superseded(directory: Path) -> None:
    with Writer(directory, SCHEMA) as writer:
        for number in range(4000):
            writer.add(f"key {number}", bytes(16), [{}], [])
        writer.commit()
        for number in range(0, 4000, 2):
            writer.delete(f"key {number}")
        for number in range(3000):
            writer.superseded.add(number.to_bytes(16, "big"), key_digest("[" * 1000))
        writer.commit()
    assert (directory / "manifest.json").stat().st_size < 3000
    assert len(list(latest(directory).live_blocks())) == 2001
    with Writer(directory, SCHEMA) as writer:
        assert len(writer.superseded) == 3000
        assert writer.superseded.key_of(bytes(16)) == key_digest("[" * 1000)


def test_so_many_superseded_sources_are_remembered(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(superseding, "MOST_SUPERSEDED", 3)
    with Writer(directory, SCHEMA) as writer:
        for number in range(5):
            writer.superseded.add(bytes([number] * 16), key_digest("a"))
        snapshot = writer.commit()
    assert snapshot.verify() == []
    with Writer(directory, SCHEMA) as writer:
        assert (len(writer.superseded), writer.superseded.fault) == (3, None)
    monkeypatch.setattr(superseding, "MOST_SUPERSEDED", 2)
    assert "its size differs" in str(Superseded.read(directory, snapshot.body).fault)


# Segments


def test_a_key_has_a_longest_length(directory: Path) -> None:
    with Writer(directory, SCHEMA) as writer:
        for key in ("é" * 512, "k" * 1024, "\U0001f600" * 256, "\udc80" * 341):
            writer.add(key, bytes(16), [{}], [key.encode("utf-8", "surrogatepass")])
        for key in ("é" * 513, "k" * 1025, "\U0001f600" * 257, "\udc80" * 342):
            with pytest.raises(ValueError, match="is longer than 1,024"):
                writer.add(key, bytes(16), [{}], [])
        snapshot = writer.commit()
    assert snapshot.verify() == []
    assert snapshot.find("k" * 1024)


def test_a_block_has_so_many_leads(directory: Path) -> None:
    with Writer(directory, SCHEMA) as writer:
        writer.add("255", bytes(16), [{}] * 255, [], 255)
        with pytest.raises(ValueError, match="more documents than a segment holds"):
            writer.add("256", bytes(16), [{}] * 256, [], 256)
        assert writer.commit().verify() == []


def test_a_segment_holds_so_many_documents(directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder, "MOST_DOCUMENTS", 4)
    with Writer(directory, SCHEMA) as writer:
        writer.add("b", bytes(16), [{}] * 4, [])
        with pytest.raises(ValueError, match="more documents than a segment holds"):
            writer.add("c", bytes(16), [{}], [])
        snapshot = writer.commit()
        assert snapshot.verify() == []
        monkeypatch.setattr("cablesearch.engine.segment.merge.MOST_DOCUMENTS", 5)
        with pytest.raises(CablesearchError, match="6 documents exceed the limit of a segment"):
            merge(SCHEMA, list(zip(snapshot.segments, snapshot.deleted, strict=True)), directory / "x.part", 1 << 20)
    assert latest(directory).verify() == []


@pytest.mark.parametrize("before", [0, 1, 1000])
def test_a_record_is_as_large_as_a_reader_takes(directory: Path, monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    for module in (store, builder):
        monkeypatch.setattr(module, "LARGEST", 5000)
    record = bytes(range(250)) * 20
    with Writer(directory, SCHEMA) as writer:
        writer.add("before", bytes(16), [{}], [b"b" * before])
        with pytest.raises(ValueError, match="have more than"):
            writer.add("beyond", bytes(16), [{}], [record + b"x"])
        writer.add("largest", bytes(16), [{}, {}], [record[:2500], record[2500:]])
        writer.add("one", bytes(16), [{}], [record])
        snapshot = writer.commit()
    assert snapshot.verify() == []
    for key in ("largest", "one"):
        segment, block = snapshot.find(key) or (0, 0)
        assert snapshot.segments[segment].record(block) == record


def test_a_record_of_many_frames_is_read_in_linear_work(directory: Path) -> None:
    """Each of its bytes is copied a few times, not once for each frame before it."""
    count = 20_000
    with Writer(directory, SCHEMA) as writer:
        writer.add("many", bytes(16), [{}] * count, [b"%01000d" % number for number in range(count)])
        snapshot = writer.commit()
    place = snapshot.find("many")
    assert place is not None
    copied = 0

    class Counted(bytes):
        """What comes of a frame; what is put together of it by ``+`` is counted."""

        def __add__(self, other: Any) -> Counted:
            nonlocal copied
            copied += len(self) + len(other)
            return Counted(bytes(self) + other)

    reader = snapshot.segments[place[0]].store
    with mock.patch.object(reader, "_unpacked", lambda frame, unpacked=reader._unpacked: Counted(unpacked(frame))):
        assert len(snapshot.segments[place[0]].record(place[1])) == 1000 * count
    assert copied < 10 * 1000 * count


def test_a_directory_names_as_many_arrays_as_its_reader_takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    schema = Schema(text=Text(lambda text, for_query: (text.split(), None)), tag=Keyword(), size=NUMERIC(int, bits=64))

    def written(name: str) -> Path:
        create(tmp_path / name)
        with Writer(tmp_path / name, schema) as writer:
            writer.add("a", bytes(16), [{"text": "alfa"}], [])
            assert writer.commit().verify() == []
        return tmp_path / name

    content = next(written("first").glob("*.seg")).read_bytes()
    length = arrays.PREFIX.unpack_from(content)[2]
    monkeypatch.setattr(arrays, "LARGEST_DIRECTORY", length)
    written("second")
    monkeypatch.setattr(arrays, "LARGEST_DIRECTORY", length - 1)
    with pytest.raises(CablesearchError, match="directory of a file has no room for"):
        written("third")
    assert latest(tmp_path / "third").segments == []


# Cables


def indexed(tmp_path: Path, *lines: str, name: str = "cables.jsonl") -> tuple[list[str], list[str]]:
    """The ids that are in a new archive of some lines, and why others are not."""
    source, reasons = tmp_path / name, []
    source.write_text("".join(lines), encoding="utf-8")
    place = tmp_path / f"archive-{len(list(tmp_path.iterdir()))}"
    with cablesearch.create(place) as archive:
        archive.index([source], on_trouble=lambda what, file, row, reason: reasons.append(f"{what}: {reason}"))
        assert archive.verify(deep=True) == []
        ids = [one.id for one in archive.export()]
    saved = cablesearch.repair(place, place.with_suffix(".saved"))
    assert (saved.saved, saved.lost) == (len(ids), ())
    return ids, reasons


FORMATS: dict[str, Callable[[str], str]] = {
    "cables.jsonl": lambda name: json.dumps({"id": name, "paragraphs": [{"text": "china"}]}) + "\n",
    "telegrams.jsonl": lambda name: json.dumps({"id": name, "body": "1. (U) China.\n"}) + "\n",
    "canonical.jsonl": lambda name: json.dumps({"id": "10A1", "reference_id": name, "paragraphs": []}) + "\n",
    "page.html": lambda name: (
        "<html><table class='cable'>"
        "<tr><th>Reference ID</th><th>Created</th><th>Classification</th><th>Origin</th></tr>"
        f"<tr><td>{name}</td><td>2010-01-04 18:06</td><td>SECRET</td><td>Rome</td></tr></table>"
        "<pre>HEADER</pre><pre>1. (U) China.</pre></html>"
    ),
}


@pytest.mark.parametrize("form", FORMATS)
def test_an_id_has_a_longest_length_in_every_format(tmp_path: Path, form: str) -> None:
    longest = ("10ROME" + "A" * 300)[:256]
    ids, reasons = indexed(tmp_path, FORMATS[form](longest), name=form)
    assert (len(ids), [reason for reason in reasons if reason.startswith("rejected")]) == (1, [])
    ids, reasons = indexed(tmp_path, FORMATS[form](longest + "A"), name=form)
    assert ids == []
    assert re.fullmatch(r"rejected: (reference_)?id: 257 code points, more than 256 .*", reasons[0])
    assert len(reasons[0]) < 200


def test_the_name_of_a_file_is_no_longer_than_an_id(tmp_path: Path) -> None:
    ids, _ = indexed(tmp_path, "SECRET\n\nTAGS: CH\n\n1. (C) China.\n", name="10ROME" + "1" * 240 + ".txt")
    assert all(len(one) <= 256 for one in ids)


def test_what_once_broke_an_archive_no_longer_does(tmp_path: Path) -> None:
    lines = [FORMATS["cables.jsonl"]("[" * 131_073) for _ in range(2)]
    lines += [FORMATS["cables.jsonl"]("é" * 1_000_000)]
    lines += [json.dumps({"id": "[a]", "paragraphs": [{"text": f"china {number}"}]}) + "\n" for number in range(300)]
    ids, reasons = indexed(tmp_path, *lines)
    assert ids == ["[a]"]
    assert len([reason for reason in reasons if reason.startswith("rejected")]) == 302


def test_numbers_and_paragraphs_of_cables_have_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def line(name: str, **values: object) -> str:
        return json.dumps({"id": name, "paragraphs": [{"text": "china", **values}]}) + "\n"

    most = 10**18 - 1
    values: list[dict[str, object]] = [{"number": most}, {"number": most + 1}, {"number": -most}, {"position": most}]
    values += [{"position": most + 1}, {"number": 10**400}]
    ids, reasons = indexed(tmp_path, *(line(f"10A{number}", **one) for number, one in enumerate(values)))
    assert len(ids) + len([reason for reason in reasons if reason.startswith("rejected")]) == len(values)
    assert {"10A0", "10A3"} <= set(ids)
    assert not {"10A1", "10A4", "10A5"} & set(ids)
    telegrams = [f"{number}. (U) China.\n\n" for number in (1, 10**17, most, most + 1, 10**40)]
    body = json.dumps({"id": "10B1", "body": "".join(telegrams)}) + "\n"
    assert indexed(tmp_path, body)[0] == ["10B1"]
    monkeypatch.setattr(reading, "MOST_PARAGRAPHS", 50)
    paragraphs = [{"text": f"china {number}"} for number in range(51)]
    lines = [
        json.dumps({"id": "10C1", "paragraphs": paragraphs[:50]}),
        json.dumps({"id": "10C2", "paragraphs": paragraphs}),
    ]
    lines += [json.dumps({"id": "10D1", "body": "".join(f"{number}. (U) China.\n\n" for number in range(1, 120))})]
    assert indexed(tmp_path, "\n".join(lines))[0] == ["10C1"]


def test_a_record_that_repair_could_not_read_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stored, "LONGEST_LINE", 3000)
    lines = [dumps(cable(f"10A{size}", "china", envelope="e" * size)) + "\n" for size in range(1900, 2600, 10)]
    ids, reasons = indexed(tmp_path, *lines)
    assert ids
    assert len(ids) + len(reasons) == len(lines)


def test_the_limits_of_an_index_are_those_that_are_documented() -> None:
    page = (PACKAGE.parent / "docs" / "index-format.md").read_text(encoding="utf-8")
    for number in (ingest.LONGEST_ID, builder.LONGEST_KEY, superseding.MOST_SUPERSEDED, builder.MOST_LEADS):
        assert f"{number:,}" in page
