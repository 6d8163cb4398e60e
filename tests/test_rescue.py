"""Damaged archives: sound cables are saved, lost ones are named, and nothing wrong is taken for right."""

from __future__ import annotations

import errno
import gzip
import itertools
import json
import os
import random
import shutil
import stat
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zstandard

import cablesearch
from cablesearch.algorithms.hashing import key_digest
from cablesearch.archive import Archive
from cablesearch.cable import Cable
from cablesearch.embedded.reader import embedded
from cablesearch.embedded.rebuilding import rebuilt_faults
from cablesearch.engine.check.salvage import _Blocks, _Frames
from cablesearch.engine.disk import arrays, files
from cablesearch.engine.index import manifest
from cablesearch.engine.index.fresh import fresh_folder
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.superseded import Superseded
from cablesearch.engine.index.writer import Writer
from cablesearch.engine.segment import store
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.json_cables import dumps
from cablesearch.schema.index_fields import documents, indexing_schema
from cablesearch.schema.stored import extent, pack
from tests.support.cables import cable
from tests.support.files import BEIJING, SAMPLES, write_cables
from trials.disk import Step, watched

CABLES = 800
"""Just enough records to learn a dictionary from."""
Damage = Callable[[bytearray, arrays.Arrays], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive of two segments with some removed cables."""
    folder = tmp_path_factory.mktemp("rescue")
    path, source = folder / "sound", folder / "telegrams.jsonl"
    with gzip.open(SAMPLES / "telegrams-1930s.jsonl.gz") as file:
        source.write_bytes(b"".join(itertools.islice(file, CABLES)))
    with cablesearch.create(path) as archive:
        archive.index([source])
        gone = [cable.id for _, cable in zip(range(3), archive.export(), strict=False)]
        archive.remove(gone)
    with Writer(path, indexing_schema()) as writer:
        add(
            writer,
            *(
                cable(f"09STATE{number}", f"court number {number} " * 20, subject="a second segment")
                for number in range(40)
            ),
        )
        writer.commit()
    assert len(list(path.glob("*.seg"))) == 2
    return path


def add(writer: Writer, *added: Cable) -> None:
    for message in added:
        content, leads = documents(message)
        writer.add(message.id, bytes(16), content, pack(message, leads), leads)


def cables(path: Path) -> dict[str, str]:
    with cablesearch.open(path, clearance="FULL") as archive:
        assert archive.verify() == []
        return {cable.id: dumps(cable) for cable in archive.export()}


@pytest.fixture(scope="module")
def whole(sound: Path) -> dict[str, str]:
    return cables(sound)


@pytest.fixture
def ruin(sound: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sound, tmp_path / "ruin"))


def change(path: Path, damage: Damage) -> None:
    content, segment = bytearray(path.read_bytes()), arrays.Arrays(path)
    damage(content, segment)
    path.write_bytes(content)


def blanked(name: str, at: float = 0.5, size: int = 4096) -> Damage:
    """Return damage that fills a part of an array with zeros."""

    def damage(content: bytearray, found: arrays.Arrays) -> None:
        dtype, count, offset, _ = found._entries[name]
        length = min(size, count * dtype.itemsize)
        start = offset + int((count * dtype.itemsize - length) * at)
        content[start : start + length] = bytes(length)

    return damage


def cut(share: float) -> Damage:
    def damage(content: bytearray, found: arrays.Arrays) -> None:
        del found, content[int(len(content) * share) :]

    return damage


def zeros(start: int, end: int | None) -> Damage:
    def damage(content: bytearray, found: arrays.Arrays) -> None:
        del found
        content[start:end] = bytes(len(content[start:end]))

    return damage


HARMLESS = {
    "nothing": zeros(0, 0),
    "first bytes": zeros(0, 64),
    "first bytes and the spare directory": zeros(0, 8256),
    "directory and last bytes": zeros(-30_000, None),
    "everything behind the texts": cut(0.4),
    "frames": blanked("store.frames", 0.0),
    "sizes": blanked("store.sizes", 0.5),
    "ends": blanked("store.ends", 0.5),
    "keys": blanked("block.keys", 0.5),
    "digests": blanked("block.digests", 0.5),
    "blocks": blanked("block.first", 0.0),
    "dictionary": blanked("store.dictionaries", 0.0),
    "spare dictionary": blanked("store.spare", 0.0),
    "which dictionary": blanked("store.from", 0.0),
    "where dictionaries are": blanked("store.dictionary_starts", 0.0),
    "postings": blanked("text.docs", 0.3, 100_000),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_damage_to_redundant_parts_costs_no_cable(ruin: Path, whole: dict[str, str], tmp_path: Path, name: str) -> None:
    change(ruin / "00000001.seg", HARMLESS[name])
    report = cablesearch.repair(ruin, tmp_path / "saved")
    assert (report.saved, report.lost, report.missing, report.doubts) == (len(whole), (), 0, ())
    assert cables(tmp_path / "saved") == whole


def test_damage_to_texts_costs_only_the_damaged_texts(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    chance = random.Random(4)
    for _ in range(5):
        change(ruin / "00000001.seg", blanked("store.data", chance.random(), chance.choice([1, 500, 5000])))
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.items() <= whole.items()
    assert len(saved) == report.saved == len(whole) - report.missing
    assert 5 <= report.missing == len(report.lost) < 40
    assert all(any(repr(name) in sentence for sentence in report.lost) for name in whole.keys() - saved)


def test_every_cable_is_saved_or_missing_once(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    path = ruin / "00000001.seg"
    for damage in (blanked("store.ends", 0.0, 1 << 30), blanked("block.keys", 0.5, 1), blanked("store.data", 0.2, 1)):
        change(path, damage)
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.items() <= whole.items()
    assert (len(saved), report.saved + report.missing) == (report.saved, len(whole))


def test_a_record_with_a_false_length_is_not_trusted() -> None:
    line = json.dumps({"rest": 10**11}).encode() + b"\n"
    assert extent(line) == 10**11 + len(line)
    blocks = object.__new__(_Blocks)
    blocks._extent = extent
    blocks._frames = object.__new__(_Frames)
    blocks._frames.ahead = lambda start, size: line  # type: ignore[method-assign]
    assert blocks._size(0) is None


def test_repair_saves_the_rest_of_a_truncated_file(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    change(ruin / "00000001.seg", cut(0.15))
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.items() <= whole.items()
    assert 100 < len(saved) == report.saved == len(whole) - report.missing


@pytest.mark.parametrize("seed", range(6))
def test_repair_saves_only_true_cables_after_any_damage(
    ruin: Path, whole: dict[str, str], tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    for path in ruin.glob("*.seg"):
        content = bytearray(path.read_bytes())
        for _ in range(chance.randrange(1, 9)):
            size, at = chance.choice([1, 64, 4096]), chance.randrange(len(content))
            content[at : at + size] = chance.randbytes(len(content[at : at + size]))
        path.write_bytes(content)
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.items() <= whole.items()
    assert report.saved + report.missing == len(whole)


def test_a_missing_segment_is_counted(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    (ruin / "00000001.seg").unlink()
    report = cablesearch.repair(ruin, tmp_path / "saved")
    assert (report.saved, report.missing) == (40, len(whole) - 40)
    assert "the file is missing" in report.lost[0]
    (ruin / "00000002.seg").write_bytes(b"nothing of ours" * 9000)
    report = cablesearch.repair(ruin, tmp_path / "again")
    assert (report.saved, report.missing, len(report.lost)) == (0, len(whole), 2)


def test_the_copy_replaces_a_damaged_manifest(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    (ruin / "manifest.json").write_bytes(b"")
    report = cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved") == whole
    assert report.lost == ()
    assert "its copy, of commit" in report.doubts[0]


def test_a_commit_later_than_the_copy_is_saved(
    ruin: Path, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = (ruin / "manifest.copy.json").read_bytes()
    monkeypatch.setattr(Writer, "_mergeable", lambda self: 0)
    with Writer(ruin, indexing_schema()) as writer:
        add(writer, cable("10NEW1", "the newest"), cable("09STATE1", "another version"))
        writer.commit()
    (ruin / "manifest.copy.json").write_bytes(old)
    (ruin / "manifest.json").write_bytes(b"rotten")
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.keys() == {*whole, "10NEW1"}
    assert "another version" in saved["09STATE1"]
    assert (report.saved, report.missing, report.lost) == (len(whole) + 1, 0, ())
    assert "segments exist that it does not name; removed and replaced cables may be back" in report.doubts[0]


def test_segments_merged_since_the_copy_are_not_reported_as_lost(
    ruin: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    old = (ruin / "manifest.copy.json").read_bytes()
    with cablesearch.open(ruin) as archive:
        archive.compact()
    (ruin / "manifest.copy.json").write_bytes(old)
    (ruin / "manifest.json").write_bytes(b"rotten")
    report = cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved") == whole
    assert (report.missing, report.lost) == (0, ())
    assert [doubt for doubt in report.doubts if "the file is missing; its cables may be in one of those" in doubt]


def test_a_copy_older_than_the_segments_does_not_limit_the_repair(
    ruin: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    old = (ruin / "manifest.copy.json").read_bytes()
    with cablesearch.open(ruin) as archive:
        archive.compact()
    (ruin / "manifest.copy.json").write_bytes(old)
    (ruin / "manifest.json").unlink()
    cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved") == whole


def test_without_any_manifest_removed_cables_may_be_back(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    for path in ruin.glob("manifest*"):
        path.unlink()
    report = cablesearch.repair(ruin, tmp_path / "saved")
    saved = cables(tmp_path / "saved")
    assert saved.items() >= whole.items()
    assert len(saved) == len(whole) + 3
    assert "may be back" in report.doubts[-1]


@pytest.mark.parametrize(
    "damage",
    [
        lambda body: body | {"notes": []},
        lambda body: body | {"superseded": "nothere"},
        lambda body: body | {"generation": "1"},
        lambda body: body | {"segments": [*body["segments"], *(item | {"deleted": ""} for item in body["segments"])]},
        lambda body: body | {"segments": [item | {"blocks": 10**30} for item in body["segments"]]},
        lambda body: body | {"segments": [*body["segments"], {"name": "../x", "blocks": 1, "deleted": ""}, 5]},
    ],
)
def test_consistent_parts_of_a_manifest_are_used(
    ruin: Path, whole: dict[str, str], tmp_path: Path, damage: Callable[[dict[str, Any]], dict[str, Any]]
) -> None:
    body = body_of(ruin)
    body["notes"]["default_clearance"] = "SECRET"
    body = damage(body)
    text = json.dumps({"format": 3, "crc32": manifest._checksum(body), "body": body}, sort_keys=True)
    for name in ("manifest.json", "manifest.copy.json"):
        (ruin / name).write_text(text)
    with pytest.raises(CorruptIndexError, match=r"manifest\.json: it is malformed"):
        cablesearch.open(ruin)
    report = cablesearch.repair(ruin, tmp_path / "saved", clearance="FULL")
    assert cables(tmp_path / "saved") == whole
    assert "its consistent parts were used" in report.doubts[-1]
    expected = "SECRET" if body["notes"] else "UNCLASSIFIED"
    assert str(cablesearch.open(tmp_path / "saved").clearance) == expected


# The manifest


def body_of(path: Path) -> dict[str, Any]:
    return dict(json.loads((path / "manifest.json").read_text())["body"])


def as_older_versions_wrote(path: Path, superseded: dict[str, str], default: object = "SECRET") -> None:
    """Turn a manifest and its copy into format 2."""
    body, snapshot = body_of(path), latest(path)
    del body["superseded"]
    for entry, mask in zip(body["segments"], snapshot.deleted, strict=True):
        entry["deleted"] = np.flatnonzero(mask).tolist()
    body["notes"] |= {"superseded": superseded, "default_clearance": default}
    text = json.dumps({"format": 2, "crc32": manifest._checksum(body), "body": body}, sort_keys=True)
    for name in ("manifest.json", "manifest.copy.json"):
        (path / name).write_text(text)


def test_a_manifest_of_format_2_is_read_and_its_superseded_sources_move(
    ruin: Path, whole: dict[str, str], tmp_path: Path
) -> None:
    digests = {bytes([number] * 16).hex(): "09STATE1" for number in range(5)}
    as_older_versions_wrote(ruin, digests | {"no digest": "x", "00": "y"})
    assert str(cablesearch.open(ruin).clearance) == "SECRET"
    cablesearch.open(ruin, clearance="FULL").backup(tmp_path / "copy")
    cablesearch.repair(ruin, tmp_path / "saved", clearance="FULL")
    with cablesearch.open(ruin, clearance="FULL") as archive:
        archive.remove(["09STATE1"])
    for path in (ruin, tmp_path / "copy", tmp_path / "saved"):
        assert json.loads((path / "manifest.json").read_text())["format"] == manifest.FORMAT
        assert body_of(path)["notes"] == {"default_clearance": "SECRET"}
        known = Superseded.read(path, manifest.read_manifest(path))
        assert len(known) == 5
        assert known.key_of(bytes(16)) == key_digest("09STATE1")
        assert cables(path).keys() == whole.keys() - ({"09STATE1"} if path == ruin else set())


@pytest.mark.parametrize(
    "superseded",
    [
        {"0" * 32: "[" * 300_000, "1" * 32: "{" * 300_000},
        {bytes([number] * 16).hex(): "é" * 1_000_000 for number in range(13)},
    ],
    ids=["brackets", "letters"],
)
def test_removals_and_the_default_outlive_a_manifest_that_older_versions_made_too_large(
    ruin: Path, whole: dict[str, str], tmp_path: Path, superseded: dict[str, str]
) -> None:
    as_older_versions_wrote(ruin, superseded)
    if len(superseded) > 2:
        with pytest.raises(cablesearch.CorruptIndexError, match=r"too large"):
            cablesearch.open(ruin)
    report = cablesearch.repair(ruin, tmp_path / "saved", clearance="FULL")
    assert (report.lost, report.doubts, report.notices) == ((), (), ())
    assert cables(tmp_path / "saved") == whole
    assert str(cablesearch.open(tmp_path / "saved").clearance) == "SECRET"
    assert len(Superseded.read(tmp_path / "saved", manifest.read_manifest(tmp_path / "saved"))) == len(superseded)


def test_only_repair_reads_a_manifest_with_too_many_lists(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    body = body_of(ruin)
    body["notes"] |= {"lists": [[]] * 200_000, "default_clearance": "SBU"}
    text = json.dumps({"format": 3, "crc32": manifest._checksum(body), "body": body}, sort_keys=True)
    (ruin / "manifest.json").write_text(text)
    with pytest.raises(cablesearch.CorruptIndexError, match=r"too many brackets"):
        cablesearch.open(ruin)
    report = cablesearch.repair(ruin, tmp_path / "saved", clearance="FULL")
    assert (report.lost, report.doubts) == ((), ())
    assert "its notes, except the default clearance, cannot be kept" in report.notices[0]
    assert str(cablesearch.open(tmp_path / "saved").clearance) == "SENSITIVE BUT UNCLASSIFIED"
    assert cables(tmp_path / "saved") == whole


@pytest.mark.parametrize("damage", ["a bit", "cut off", "missing", "a link", "a folder"])
def test_damage_to_superseded_sources_costs_no_cable(tmp_path: Path, damage: str) -> None:
    source = tmp_path / "cables.jsonl"
    lines = [dumps(cable("10A1", f"china {number}")) + "\n" for number in range(3)]
    source.write_text("".join(lines) + dumps(cable("10A2", "china")) + "\n")
    with cablesearch.create(tmp_path / "archive") as archive:
        assert (archive.index([source]).added, archive.index([source]).unchanged) == (2, 2)
        (path,) = archive.path.glob("*.superseded")
        content = path.read_bytes()
        assert len(content) == 64
        path.unlink()
        if damage in {"a bit", "cut off"}:
            path.write_bytes(bytes([content[0] ^ 1]) + content[1:] if damage == "a bit" else content[:-1])
        elif damage == "a link":
            path.symlink_to(source)
        elif damage == "a folder":
            path.mkdir()
        (fault,) = archive.verify()
        assert f"{path}: " in fault
        assert "the next writer drops it" in fault
        assert archive.search("china").total == 2
        archive.backup(tmp_path / "copy")
        report = cablesearch.repair(archive.path, tmp_path / "saved")
        assert (report.saved, report.lost, report.doubts) == (2, (), ())
        assert "reported as replaced once more" in report.notices[0]
        reported: list[str] = []
        again = archive.index([source], on_trouble=lambda what, file, row, reason: reported.append(f"{what} {reason}"))
        assert (again.taken, again.rejected) == (2, 2)
        assert any(line.startswith("damaged") and path.name in line for line in reported)
        assert archive.verify() == []
        last = archive.index([source])
        assert (last.added, last.replaced, last.unchanged, last.rejected) == (0, 0, 2, 2)
    for copy in ("copy", "saved"):
        assert len(cables(tmp_path / copy)) == 2


def test_a_copy_keeps_superseded_sources_that_a_writer_has_replaced(tmp_path: Path) -> None:
    def source(name: str, *texts: str) -> Path:
        (tmp_path / name).write_text("".join(dumps(cable("10A1", text)) + "\n" for text in texts))
        return tmp_path / name

    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source("first", "one", "two")])
        with cablesearch.open(archive.path) as later:
            later.index([source("second", "three", "four")])
        archive.backup(tmp_path / "copy")
    with cablesearch.open(tmp_path / "copy") as copy:
        assert (copy.index([tmp_path / "first"]).unchanged, copy.search("two").total) == (1, 1)


# The default clearance of the new archive


@pytest.mark.parametrize("value", ["HIGH", "", None, 3, ["SBU"]])
def test_an_unreadable_default_clearance_becomes_the_lowest(ruin: Path, tmp_path: Path, value: object) -> None:
    as_older_versions_wrote(ruin, {}, default=value)
    report = cablesearch.repair(ruin, tmp_path / "saved", clearance="FULL")
    (notice,) = report.notices
    assert "default clearance cannot be read; the new archive gets the lowest, UNCLASSIFIED" in notice
    assert "repair again with a default clearance" in notice
    assert str(cablesearch.open(tmp_path / "saved").clearance) == "UNCLASSIFIED"
    for chosen, expected in (("sbu", "SENSITIVE BUT UNCLASSIFIED"), ("FULL", "None")):
        target = tmp_path / chosen
        assert cablesearch.repair(ruin, target, clearance="FULL", default_clearance=chosen).notices == ()
        assert str(cablesearch.open(target).clearance) == expected


def test_without_any_manifest_the_default_is_the_lowest(ruin: Path, tmp_path: Path) -> None:
    (ruin / "manifest.json").write_text("rotten")
    (ruin / "manifest.copy.json").unlink()
    report = cablesearch.repair(ruin, tmp_path / "saved")
    assert "no manifest has readable notes, so the default clearance, if there was one, is lost" in report.notices[0]
    assert str(cablesearch.open(tmp_path / "saved").clearance) == "UNCLASSIFIED"
    with pytest.raises(cablesearch.CablesearchError, match="not a clearance"):
        cablesearch.repair(ruin, tmp_path / "again", default_clearance="HIGH")
    assert not (tmp_path / "again").exists()


# Who may read a copy


@pytest.mark.parametrize("umask", [0o022, 0o077])
@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o755, 0o644), (0o750, 0o640), (0o755, 0o600)])
def test_a_copy_is_as_private_as_the_archive(ruin: Path, tmp_path: Path, folder: int, file: int, umask: int) -> None:
    for path in ruin.iterdir():
        path.chmod(file)
    ruin.chmod(folder)
    before = os.umask(umask)
    try:
        cablesearch.open(ruin).backup(tmp_path / "copy")
        cablesearch.repair(ruin, tmp_path / "saved")
    finally:
        os.umask(before)
    for target in (tmp_path / "copy", tmp_path / "saved"):
        assert stat.S_IMODE(target.stat().st_mode) == folder
        assert {stat.S_IMODE(path.stat().st_mode) for path in target.iterdir()} == {file}


def test_an_unfinished_copy_is_private(ruin: Path, tmp_path: Path) -> None:
    seen: set[int] = set()

    def watch(step: Step) -> None:
        step.do()
        seen.update(stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("*.part"))

    with watched(watch), cablesearch.open(ruin) as archive:
        archive.backup(tmp_path / "copy")
        cablesearch.repair(ruin, tmp_path / "saved")
    assert seen == {0o700}


def test_an_open_empty_folder_does_not_make_its_copy_open(ruin: Path, tmp_path: Path) -> None:
    ruin.chmod(0o700)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy").chmod(0o777)
    cablesearch.open(ruin).backup(tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files away")
def test_a_copy_is_closed_to_a_group_that_it_does_not_belong_to(ruin: Path, tmp_path: Path) -> None:
    for path in [ruin, *ruin.iterdir()]:
        os.chown(path, -1, 12345)
        path.chmod(0o750 if path == ruin else 0o640)
    cablesearch.open(ruin).backup(tmp_path / "copy")
    assert stat.S_IMODE((tmp_path / "copy").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "copy").iterdir()} == {0o600}


def test_the_repaired_archive_knows_the_sources(beijing: Archive, tmp_path: Path) -> None:
    cablesearch.repair(beijing.path, tmp_path / "saved")
    with cablesearch.open(tmp_path / "saved") as archive:
        assert archive.index([BEIJING]).unchanged == 1


def test_errors_of_writing_are_not_reported_as_losses(
    ruin: Path, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: files.NewFile, data: bytes, at: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), os.fspath(self.path))

    with monkeypatch.context() as context:
        context.setattr(files.NewFile, "write", full)
        with pytest.raises(OSError, match="No space left"):
            cablesearch.repair(ruin, tmp_path / "saved")
    assert [path.name for path in tmp_path.iterdir()] == ["ruin"]
    cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved") == whole


def test_a_cable_that_this_version_rejects_is_reported_as_lost(
    ruin: Path, whole: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cablesearch.engine.segment.builder.LARGEST", 5000)
    report = cablesearch.repair(ruin, tmp_path / "saved")
    large = [name for name, line in whole.items() if len(line) > 8000]
    assert large
    assert all(any(repr(name) in sentence for sentence in report.lost) for name in large)
    assert report.saved + report.missing == len(whole)


@pytest.mark.parametrize("work", ["index", "create"])
def test_segments_whose_manifest_is_missing_are_never_overwritten(
    ruin: Path, whole: dict[str, str], tmp_path: Path, work: str
) -> None:
    (ruin / "manifest.json").unlink()
    before = {path.name: path.read_bytes() for path in ruin.iterdir() if path.suffix != ".lock"}
    for attempt in (cablesearch.create, cablesearch.open):
        with pytest.raises(cablesearch.CorruptIndexError, match=r"manifest\.json: the file is missing") as error:
            attempt(ruin)
        assert (error.value.path, error.value.kind) == (ruin / "manifest.json", "damaged")
    if work == "create":
        # The same after the copy is lost.
        (ruin / "manifest.copy.json").unlink()
        del before["manifest.copy.json"]
        with pytest.raises(cablesearch.CorruptIndexError):
            cablesearch.create(ruin)
    assert {path.name: path.read_bytes() for path in ruin.iterdir() if path.suffix != ".lock"} == before
    cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved").items() >= whole.items()


def directory_says(path: Path, name: str, count: int) -> None:
    """Let a segment's directory give an array more values, with correct checksums."""
    content = bytearray(path.read_bytes())
    magic, version, length, _, at = arrays.PREFIX.unpack_from(content)
    directory = json.loads(content[at : at + length])
    directory[name][1] = count
    changed = json.dumps(directory, separators=(",", ":")).encode()
    prefix = arrays.PREFIX.pack(magic, version, len(changed), zlib.crc32(changed), at)
    content[at:] = changed + prefix
    content[: arrays.PREFIX.size] = prefix
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["block.first", "store.frames", "store.sizes"])
def test_the_memory_of_a_repair_is_bounded_by_the_size_of_the_file(beijing: Archive, tmp_path: Path, name: str) -> None:
    ruin = Path(shutil.copytree(beijing.path, tmp_path / "ruin"))
    directory_says(ruin / "00000001.seg", name, 1 << 40)
    tracemalloc.start()
    try:
        report = cablesearch.repair(ruin, tmp_path / "saved")
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()
    assert report.saved == 1


def test_a_repair_tries_a_bounded_number_of_dictionaries(beijing: Archive, tmp_path: Path) -> None:
    ruin = Path(shutil.copytree(beijing.path, tmp_path / "ruin"))
    path = ruin / "00000001.seg"
    segment = arrays.Arrays(path)
    changed = {name: segment[name].copy() for name in segment.names}
    packed = zstandard.ZstdCompressor().compress(b"\x37\xa4\x30\xec" * 1_000_000)
    changed["store.spare"] = np.frombuffer(packed, np.uint8)
    path.unlink()
    arrays.write_arrays(path, changed)
    tracemalloc.start()
    try:
        assert cablesearch.repair(ruin, tmp_path / "saved").saved == 1
        assert tracemalloc.get_traced_memory()[1] < 200_000_000
    finally:
        tracemalloc.stop()


def test_files_without_permission_are_not_lost(ruin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(place: files.Place) -> object:
        if str(place).endswith(".seg"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(place))
        return open_file(place)

    open_file = files.open_file
    monkeypatch.setattr(files, "open_file", forbidden)
    with pytest.raises(PermissionError, match=r"00000001\.seg"):
        cablesearch.repair(ruin, tmp_path / "saved")
    assert not (tmp_path / "saved").exists()


def test_a_segment_of_a_newer_version_is_not_guessed_at(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    path = ruin / "00000001.seg"
    content = bytearray(path.read_bytes())
    content[8] = 9
    path.write_bytes(content)
    # The version is stored twice; here one copy is damaged.
    cablesearch.repair(ruin, tmp_path / "saved")
    assert cables(tmp_path / "saved") == whole
    content[8 - arrays.PREFIX.size] = 9
    path.write_bytes(content)
    with pytest.raises(cablesearch.VersionError, match=r"00000001\.seg: made by a newer version"):
        cablesearch.repair(ruin, tmp_path / "again")


def test_repair_never_overwrites_files(ruin: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("mine")
    for target in (tmp_path / "full", ruin, tmp_path / "full" / "letter.txt"):
        with pytest.raises(cablesearch.CablesearchError, match="not empty"):
            cablesearch.repair(ruin, target)
    (tmp_path / "empty").mkdir()
    for source in (tmp_path / "none", tmp_path / "empty"):
        with pytest.raises(cablesearch.ArchiveNotFoundError):
            cablesearch.repair(source, tmp_path / "saved")
    assert not (tmp_path / "none").exists()
    assert not list((tmp_path / "empty").iterdir())


def test_no_archive_of_a_newer_version_is_read(ruin: Path, tmp_path: Path) -> None:
    path = ruin / "00000001.seg"
    content = bytearray(path.read_bytes())
    content[8] = 9
    path.write_bytes(content)
    with pytest.raises(cablesearch.VersionError, match=r"newer version.*upgrade this one"):
        cablesearch.open(ruin)
    manifest = json.loads((ruin / "manifest.json").read_text())
    (ruin / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    for work in (lambda: cablesearch.open(ruin), lambda: cablesearch.repair(ruin, tmp_path / "saved")):
        with pytest.raises(cablesearch.VersionError, match=r"newer version.*upgrade this one"):
            work()


def test_deep_verification_finds_an_index_that_differs_from_its_cables(tmp_path: Path) -> None:
    stored, indexed = cable("10A1", "china and trade", tags=["PREL"]), cable("10A1", "china or trade", tags=["ECON"])
    with cablesearch.create(tmp_path / "odd") as archive:
        with Writer(archive.path, indexing_schema()) as writer:
            content, leads = documents(indexed)
            writer.add("10A1", bytes(16), content, pack(stored, leads), leads)
            writer.commit()
        archive.reload()
        assert archive.verify() == []
        faults = archive.verify(deep=True)
    assert any("'and'" in fault or "'or'" in fault for fault in faults)
    assert any("tag: " in fault for fault in faults)


def test_an_index_with_several_stretches_is_compared(monkeypatch: pytest.MonkeyPatch, sound: Path) -> None:
    with cablesearch.open(sound) as archive:
        monkeypatch.setattr("cablesearch.engine.check.compare._AT_ONCE", 5000)
        assert list(rebuilt_faults(embedded(archive._reading.reader).snapshot, 1 << 22)) == []


def test_a_record_too_large_to_read_is_not_stored(
    monkeypatch: pytest.MonkeyPatch, archive_of: Callable[..., Archive]
) -> None:
    monkeypatch.setattr(store, "LARGEST", 1000)
    monkeypatch.setattr("cablesearch.engine.segment.builder.LARGEST", 1000)
    archive = archive_of(cable("10A1", "court " * 1000), cable("10A2", "court"))
    assert [cable.id for cable in archive.export()] == ["10A2"]


def test_new_cables_are_added_beside_damaged_ones(tmp_path: Path, archive_of: Callable[..., Archive]) -> None:
    archive = archive_of(cable("10A1", "china and trade"), cable("10A2", "china"))
    change(next(archive.path.glob("*.seg")), blanked("text.positions", 0.0, 2))
    source = tmp_path / "more.jsonl"
    reported: list[tuple[object, ...]] = []
    write_cables(source, [cable("10A3", "palermo")])
    report = archive.index([source], on_trouble=lambda *trouble: reported.append(trouble))
    assert report.added == 1
    assert archive.show("10A3")[0].paragraphs[0].text == "palermo"
    ((what, where, _, reason),) = reported
    assert (what, where) == ("damaged", str(archive.path))
    assert "text.positions is wrong; damaged segments are not merged" in str(reason)


@pytest.mark.parametrize(
    "record",
    [b"[]", b"".join(pack(cable("10A4", "palermo"), 1)), b'{"id": [' + b"[], " * 600_000 + b"0]}\n"],
    ids=["not a record", "another cable's", "too many values"],
)
def test_records_of_other_cables_are_not_merged(
    record: bytes, tmp_path: Path, archive_of: Callable[..., Archive]
) -> None:
    archive = archive_of(cable("10A1", "china and trade"), cable("10A2", "china"))
    crafted = cable("10A3", "palermo")
    content, leads = documents(crafted)
    with Writer(archive.path, indexing_schema()) as writer:
        writer.add("10A3", bytes(16), content, [record], leads)
        writer.commit()
    archive.reload()
    before = {path.name: path.read_bytes() for path in archive.path.iterdir()}
    (fault,) = archive.verify()
    with pytest.raises(CorruptIndexError) as rejected:
        archive.compact()
    assert str(rejected.value) == f"{fault}; damaged segments are not merged"
    assert {path.name: path.read_bytes() for path in archive.path.iterdir()} == before
    reported: list[tuple[object, ...]] = []
    source = tmp_path / "more.jsonl"
    write_cables(source, [cable("10A5", "palermo")])
    assert archive.index([source], on_trouble=lambda *trouble: reported.append(trouble)).added == 1
    ((what, _, _, reason),) = reported
    assert what == "damaged"
    assert str(reason).startswith(fault)


# Backup


def test_a_backup_answers_as_the_archive_did(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    with cablesearch.open(ruin) as archive:
        seen = archive.search("treaty", limit=20).to_json()
        with cablesearch.open(ruin) as writing:
            # Commits after the backup began are not in it.
            writing.remove(list(whole)[:100])
            writing.compact()
        assert archive.backup(tmp_path / "copies" / "one") > 100_000
    assert cables(tmp_path / "copies" / "one") == whole
    with cablesearch.open(tmp_path / "copies" / "one") as copy:
        assert copy.search("treaty", limit=20).to_json() | {"took_ms": 0} == seen | {"took_ms": 0}
        assert copy.remove(list(whole)[:1]) == []
    assert [path.name for path in (tmp_path / "copies").iterdir()] == ["one"]


def test_a_backup_never_overwrites_nor_copies_damage(ruin: Path, tmp_path: Path) -> None:
    with cablesearch.open(ruin) as archive:
        (tmp_path / "full").mkdir()
        (tmp_path / "full" / "letter.txt").write_text("mine")
        (tmp_path / "link").symlink_to(tmp_path / "full")
        for target in (tmp_path / "full", tmp_path / "link", tmp_path / "full" / "letter.txt", ruin):
            with pytest.raises(cablesearch.CablesearchError, match=r"not empty|is a link"):
                archive.backup(target)
        change(ruin / "00000001.seg", blanked("text.positions", 0.5, 8))
        with pytest.raises(cablesearch.CorruptIndexError, match=r"00000001\.seg: .*not backed up"):
            archive.backup(tmp_path / "copy")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["full", "link", "ruin"]


def test_two_backups_to_one_place_do_not_touch_each_other(ruin: Path, whole: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "copy"
    with cablesearch.open(ruin) as archive:
        slow = fresh_folder(target, like=ruin)
        (slow.__enter__() / "letter.txt").write_text("half")
        archive.backup(target)
        with pytest.raises(OSError, match="not empty"):
            slow.__exit__(None, None, None)
    assert cables(target) == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == ["copy", "ruin"]


def test_the_mode_of_a_copy_is_decided_when_its_folder_is_made(ruin: Path, tmp_path: Path) -> None:
    for target, work in (("copy", cablesearch.open(ruin).backup), ("saved", partial(cablesearch.repair, ruin))):
        (tmp_path / target).mkdir(mode=0o700)
        work(tmp_path / target)
        assert stat.S_IMODE((tmp_path / target).stat().st_mode) == 0o700
        assert (tmp_path / target / "manifest.json").exists()


def test_a_mount_point_as_target_is_reported_before_any_work(
    ruin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "disk").mkdir()
    monkeypatch.setattr("os.path.ismount", lambda path: path == tmp_path / "disk")
    with pytest.raises(cablesearch.CablesearchError, match=r"a disk is mounted at .*; choose a new folder on it"):
        cablesearch.repair(ruin, tmp_path / "disk")
