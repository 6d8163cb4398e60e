"""An archive outlives the program: by a program with other fields it is searched, extended, merged and reindexed."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from unittest import mock

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.cable import Cable, Classification, Level, Paragraph
from cablesearch.engine.index.snapshot import latest
from cablesearch.engine.index.writer import Writer
from cablesearch.indexing import reindex as reindexing
from cablesearch.protocols.fields import Text
from cablesearch.query.fields import FIELDS as QUERY_FIELDS
from cablesearch.readers.json_cables import dumps, from_json, to_json
from cablesearch.readers.rereading import reread
from cablesearch.schema import index_fields
from cablesearch.schema.field_types import Exact, upper
from cablesearch.schema.index_fields import FIELDS, NAMES, IndexField, query_schema
from tests.support.cables import cable
from tests.support.files import DATA, write_cables
from tests.support.running import run
from trials.disk import PowerOffError, Step, watched


def post_of(cable: Cable) -> str:
    return upper(cable.origin.rpartition(" ")[2])


def first_word(cable: Cable, paragraph: Paragraph) -> str:
    del cable
    return upper(paragraph.text.split(maxsplit=1)[0])


MORE = {
    "program": IndexField(lambda _: Exact(upper, shared=True), of_cable=post_of),
    "begins": IndexField(lambda _: Exact(upper), of_paragraph=first_word),
}
FEWER = ("marking", "recipient", "signature")
ADDED = (
    "acronym",
    "answers",
    "case",
    "cites",
    "collection",
    "country",
    "declassify",
    "in",
    "length",
    "long_form",
    "organization",
    "person",
    "place",
    "precedence",
    "recipients",
    "signer",
)
LATER = tuple(sorted({*ADDED, *NAMES, *(name for name, field in query_schema().items() if isinstance(field, Text))}))
"""The fields that the first released program did not have, or filled by other rules."""


def forget_schemas() -> None:
    for function in (index_fields.query_schema, index_fields.indexing_schema, index_fields._shared_fields):
        function.cache_clear()


@pytest.fixture(params=["more", "fewer"])
def program(request: pytest.FixtureRequest) -> Iterator[str]:
    """This process becomes a program whose index has more fields, or fewer."""
    fields = {**FIELDS, **MORE}
    if request.param == "fewer":
        fields = {name: field for name, field in FIELDS.items() if name not in FEWER}
    with (
        mock.patch.dict(FIELDS, fields, clear=True),
        mock.patch.dict(QUERY_FIELDS, {name: name for name in MORE} if request.param == "more" else {}),
    ):
        forget_schemas()
        yield request.param
    forget_schemas()


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A copy of an archive of the first layout that was released."""
    return Path(shutil.copytree(DATA / "archive-v4", tmp_path / "old"))


def ids(archive: Archive, query: str) -> list[str]:
    return sorted({hit.cable for hit in archive.search(query, limit=100).hits})


def test_an_archive_of_the_first_layout_is_read(old: Path) -> None:
    with cablesearch.open(old) as archive:
        assert archive.verify(deep=True) == []
        assert ids(archive, "harbor") == ["76ALGIERS101", "76ORAN12", "76ORAN15"]
        assert [cable.id for cable in archive.export()] == ["10BEIJING30", "76ORAN12", "76ALGIERS101", "76ORAN15"]
        assert archive.stats().unfilled_fields == LATER
        assert archive.search("removed").total == 0


def test_a_program_with_other_fields_searches_it_and_finds_no_damage(old: Path, program: str) -> None:
    with cablesearch.open(old) as archive:
        assert archive.verify(deep=True) == []
        assert ids(archive, "harbor trawler*") == ["76ALGIERS101", "76ORAN12"]
        assert archive.search("harbor", facets=["tags"]).facets["tags"] == [("AG", 4), ("ELTN", 2), ("SNAR", 1)]
        unfilled = archive.stats().unfilled_fields
        if program == "more":
            assert archive.search("program:oran").total == 0
            assert archive.search("* -program:oran").total == archive.stats().paragraphs
            assert unfilled == tuple(sorted([*LATER, *MORE]))
        else:
            assert unfilled == tuple(name for name in LATER if name not in FEWER)
    with cablesearch.open(old, clearance="CONFIDENTIAL") as archive:
        assert ids(archive, "harbor") == ["76ORAN12", "76ORAN15"]
        assert archive.stats().unfilled_fields is None


def test_it_is_extended_and_compacted(old: Path, program: str, tmp_path: Path) -> None:
    source = write_cables(tmp_path / "more.jsonl", [cable("77ORAN1", "harbor dues", origin="Consulate Oran")])
    with cablesearch.open(old) as archive:
        assert archive.index([source]).added == 1
        for _ in range(2):
            assert archive.verify(deep=True) == []
            assert ids(archive, "harbor") == ["76ALGIERS101", "76ORAN12", "76ORAN15", "77ORAN1"]
            if program == "more":
                assert ids(archive, "program:oran") == ["77ORAN1"]
                assert ids(archive, "begins:harbor") == ["77ORAN1"]
                assert archive.stats().unfilled_fields == tuple(sorted([*LATER, *MORE]))
            archive.compact()
    (segment,) = latest(old).segments
    assert segment.written.keys() == FIELDS.keys()
    if program == "fewer":
        assert not any(name.partition(".")[0] in FEWER for name in segment.arrays.names)


def test_reindexing_fills_what_came_later(old: Path, program: str) -> None:
    with cablesearch.open(old) as archive:
        before = sorted(map(dumps, archive.export()))
        counts: list[tuple[int, int]] = []
        report = archive.reindex(progress=lambda done, total: counts.append((done, total)))
        assert (report.cables, report.kept) == (4, 0)
        assert counts[-1] == (4, 4)
        assert archive.stats().unfilled_fields == ()
        assert archive.verify(deep=True) == []
        assert ids(archive, "harbor") == ["76ALGIERS101", "76ORAN12", "76ORAN15"]
        assert sorted(map(dumps, archive.export())) == before
        if program == "more":
            assert ids(archive, "program:oran") == ["76ORAN12", "76ORAN15"]
            assert archive.search("* -program:oran -program:algiers -program:beijing").total == 0
            assert ids(archive, "begins:smuggled") == ["76ALGIERS101"]
    assert not (old / "reindex").exists()


def test_an_archive_from_before_the_field_that_orders_it_is_sound(tmp_path: Path) -> None:
    older = [cable(f"09X{number}", "river", date=datetime(2009, 9 - number, 1)) for number in range(1, 8)]
    newer = [cable(f"09Y{number}", "river", date=datetime(2009, 9 - number, 2)) for number in range(1, 8)]
    with (
        mock.patch.dict(FIELDS, {name: field for name, field in FIELDS.items() if name != "date"}, clear=True),
        cablesearch.create(tmp_path / "archive") as archive,
    ):
        forget_schemas()
        archive.index([write_cables(tmp_path / "older.jsonl", older)])
    forget_schemas()
    with cablesearch.open(tmp_path / "archive") as archive:
        assert archive.verify(deep=True) == []
        archive.index([write_cables(tmp_path / "newer.jsonl", newer)])
        archive.compact()
        assert archive.stats().unfilled_fields == ("date",)
        assert archive.verify(deep=True) == []
        archive.reindex()
        assert archive.verify(deep=True) == []
        assert archive.search("date:2009").total == 14


def test_repair_reads_it_with_other_fields(old: Path, program: str, tmp_path: Path) -> None:
    assert cablesearch.repair(old, tmp_path / "saved").saved == 4
    with cablesearch.open(tmp_path / "saved") as archive:
        assert archive.stats().unfilled_fields == ()
        assert archive.verify(deep=True) == []
        assert ids(archive, "program:oran" if program == "more" else "oran") != []


def test_the_command_line_says_which_fields_came_later(old: Path) -> None:
    with mock.patch.dict(FIELDS, MORE):
        forget_schemas()
        try:
            for command in ("stats", "verify"):
                result = run(command, "--index", old)
                assert result.returncode == 0
                fields = ", ".join(sorted([*LATER, *MORE]))
                assert f"Added or changed since some cables were indexed: {fields}." in result.stderr
                assert "cablesearch reindex" in result.stderr
            result = run("index", "--index", old, DATA / "10BEIJING30.txt")
            assert result.returncode == 0
            assert f"Added or changed since some cables were indexed: {fields}." in result.stderr
            figures = json.loads(run("stats", "--format", "json", "--index", old).stdout)
            assert figures["unfilled_fields"] == sorted([*LATER, *MORE])
            assert "Reindexed 4 cables" in run("reindex", "--index", old).stderr
            assert "Added or changed" not in run("stats", "--index", old).stderr
            assert "Added or changed" not in run("index", "--index", old, DATA / "10BEIJING30.txt").stderr
        finally:
            forget_schemas()
    forget_schemas()


# Reindexing


def test_reindexing_reads_header_and_body_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([DATA / "10BEIJING30.txt"])
        (before,) = archive.export()
        # The rules of another day find no TAGS.
        with monkeypatch.context() as patches:
            patches.setattr("cablesearch.readers.telegram.telegram.tags_line.tags", lambda opening: [])
            assert archive.reindex().changed == 1
        (without,) = archive.export()
        assert without.tags == ()
        assert without.paragraphs == before.paragraphs
        assert archive.search("tag:PHUM").total == 0
        report = archive.reindex()
        assert (report.cables, report.changed, report.kept) == (1, 1, 0)
        assert list(archive.export()) == [before]
        assert archive.search("tag:PHUM").total
        # The same source again changes nothing.
        assert archive.index([DATA / "10BEIJING30.txt"]).unchanged == 1


def test_reindexing_keeps_what_the_source_gave_beside_the_text(tmp_path: Path) -> None:
    body = "UNCLAS BOGOTA 000007\n\nTAGS: CO, PREL\nSUBJECT: RIVERS\n\n1. The river rose.\n"
    entries = [
        {"id": "09X1", "body": body, "tags": ["KWMN"], "subject": "GIVEN", "origin": "Embassy Quito"},
        {"id": "09X2", "date": "2009-05-01T10:00", "origin": "Embassy Quito", "body": body},
        {"id": "09X3", "paragraphs": [{"text": "Given as it is."}], "body": body},
    ]
    source = tmp_path / "given.jsonl"
    source.write_text("".join(json.dumps(entry) + "\n" for entry in entries))
    with cablesearch.create(tmp_path / "archive") as archive:
        assert archive.index([source]).added == 3
        before = list(archive.export())
        assert {"tags", "subject", "origin"} <= set(next(cable for cable in before if cable.id == "09X1").given or ())
        assert archive.reindex().changed == 0
        assert list(archive.export()) == before


EDITS: dict[str, object] = {
    "level": "SECRET",
    "subject": "EDITED",
    "subject_marking": "S",
    "tags": ["KWMN"],
    "paragraphs": [{"position": 1, "marking": "S", "text": "The river rose.", "start": 53, "end": 71}],
    "id": " 09X1 ",
}


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("says_what_was_given", [True, False])
def test_reindexing_lowers_nothing_and_keeps_an_edited_export_without_given(
    tmp_path: Path, name: str, says_what_was_given: bool
) -> None:
    body = "UNCLAS BOGOTA 000007\n\nTAGS: CO, PREL\nSUBJECT: RIVERS\n\n1. The river rose.\n"
    source = tmp_path / "cable.jsonl"
    source.write_text(json.dumps({"id": "09X1", "body": body}))
    with cablesearch.create(tmp_path / "first") as archive:
        archive.index([source])
        (exported,) = map(to_json, archive.export())
    exported[name] = EDITS[name]
    if name == "tags":
        exported["tag_kinds"] = ["subject"]
    if not says_what_was_given:
        del exported["given"]
    source.write_text(json.dumps(exported))
    with cablesearch.create(tmp_path / "second") as archive:
        archive.index([source])
        before = list(archive.export())
        visible = [dumps(stored) for stored in archive.lowered("UNCLASSIFIED").export()]
        report = archive.reindex()
        if says_what_was_given:
            # It says that its text is what the header and body say. What was raised stays raised all the same.
            (old,), (new,) = before, archive.export()
            assert new.subject_classification.covers(old.subject_classification)
            assert new.whole_classification.covers(old.whole_classification)
            assert new.paragraphs[0].classification.covers(old.paragraphs[0].classification)
            return
        assert (report.changed, report.kept) == (0, 0)
        assert list(archive.export()) == before
        assert [dumps(stored) for stored in archive.lowered("UNCLASSIFIED").export()] == visible
        assert archive.verify() == []


def test_a_cable_that_does_not_say_what_was_given_is_not_classified_lower() -> None:
    body = "UNCLAS BOGOTA 000007\n\nTAGS: CO, PREL\nSUBJECT: RIVERS\n\n1. (U) The river rose.\n"
    read = from_json({"id": "09X1", "body": body})
    secret = Classification(Level.SECRET)
    raised = replace(read.covered(secret), given=None)
    assert reread(raised) == raised
    titled = replace(read, given=None, subject_marking="S")
    assert reread(titled).subject_classification == secret


@pytest.mark.parametrize("name", ["subject", "subject_marking", "envelope"])
def test_an_empty_value_that_was_given_stays(name: str) -> None:
    body = "UNCLAS BOGOTA 000007\n\nTAGS: CO, PREL\nSUBJECT: (C) RIVERS\n\n1. The river rose.\n"
    read = from_json({"id": "09X1", "body": body, name: ""})
    assert reread(read) == read


def test_a_cable_that_today_s_rules_cannot_read_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([DATA / "10BEIJING30.txt"])
        before = list(archive.export())

        def fail(cable: Cable) -> Cable:
            raise RuntimeError("a fault in a rule")

        monkeypatch.setattr(reindexing, "reread", fail)
        report = archive.reindex()
        assert (report.cables, report.changed, report.kept) == (1, 0, 1)
        assert list(archive.export()) == before


def many(count: int) -> list[Cable]:
    return [cable(f"09X{number}", f"river {number} rose") for number in range(1, count + 1)]


def test_an_interrupted_run_changes_nothing_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_cables(tmp_path / "cables.jsonl", many(60))
    monkeypatch.setattr(reindexing, "batch_bytes", lambda memory, jobs: 2000)
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source])
        commit = latest(archive.path).generation
        done: list[int] = []

        def interrupt(count: int, total: int) -> None:
            done.append(count)
            if count >= 20:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            archive.reindex(progress=interrupt)
        assert latest(archive.path).generation == commit
        assert archive.search("river").total == 60
        again: list[int] = []
        assert archive.reindex(progress=lambda count, total: again.append(count)).cables == 60
        # What was done is not built again: it is counted cable by cable at once.
        assert again[: done[-1]] == list(range(1, done[-1] + 1))
        assert latest(archive.path).generation == commit + 1
        assert archive.search("river").total == 60


def test_a_run_that_was_begun_from_another_commit_is_begun_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_cables(tmp_path / "cables.jsonl", many(60))
    monkeypatch.setattr(reindexing, "batch_bytes", lambda memory, jobs: 2000)
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source])

        def interrupt(count: int, total: int) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            archive.reindex(progress=interrupt)
        archive.remove(["09X1"])
        assert archive.reindex().cables == 59
        assert archive.search("river").total == 59
        assert archive.verify(deep=True) == []


def test_compacting_leaves_no_removed_cable_to_an_interrupted_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([write_cables(tmp_path / "cables.jsonl", many(3))])
        with monkeypatch.context() as patches:
            patches.setattr(Writer, "take_over", lambda writer, other: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                archive.reindex()
        # Nothing is compacted yet, and the run could be continued.
        archive.compact()
        assert (archive.path / "reindex").exists()
        archive.remove(["09X1"])
        archive.compact()
        assert not (archive.path / "reindex").exists()


def test_a_run_that_was_begun_from_another_archive_brings_back_no_cable_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("one", "other"):
        with cablesearch.create(tmp_path / name) as archive:
            archive.index([write_cables(tmp_path / f"{name}.jsonl", [cable("09X1", f"river {name}")])])
    with monkeypatch.context() as patches, cablesearch.open(tmp_path / "one") as archive:
        patches.setattr(Writer, "take_over", lambda writer, other: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            archive.reindex()
    shutil.move(tmp_path / "one" / "reindex", tmp_path / "other")
    with cablesearch.open(tmp_path / "other") as archive:
        assert archive.reindex().cables == 1
        assert ids(archive, "river other") == ["09X1"]
        assert archive.search("one").total == 0


@pytest.mark.parametrize("harm", ["cut off", "missing"])
def test_a_run_whose_work_is_damaged_is_begun_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, harm: str) -> None:
    source = write_cables(tmp_path / "cables.jsonl", many(3))
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source])
        with monkeypatch.context() as patches:
            patches.setattr(Writer, "take_over", lambda writer, other: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                archive.reindex()
        (segment,) = (archive.path / "reindex").glob("*.seg")
        segment.unlink() if harm == "missing" else segment.write_bytes(segment.read_bytes()[:100])
        assert archive.reindex().cables == 3
        assert archive.verify(deep=True) == []
    assert not (archive.path / "reindex").exists()


@pytest.mark.parametrize("place", ["another archive", "an empty folder", "nothing", "a file"])
def test_it_does_not_follow_a_link_in_the_place_of_its_folder(tmp_path: Path, place: str) -> None:
    target = tmp_path / "target"
    if place == "another archive":
        with cablesearch.create(target) as other:
            other.index([write_cables(tmp_path / "other.jsonl", [cable("09Y1", "harbor")])])
    elif place == "an empty folder":
        target.mkdir()
    elif place == "a file":
        target.touch()
    before = sorted(target.iterdir()) if target.is_dir() else []
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([write_cables(tmp_path / "cables.jsonl", many(3))])
        (archive.path / "reindex").symlink_to(target)
        assert archive.reindex().cables == 3
        assert not (archive.path / "reindex").is_symlink()
    assert (sorted(target.iterdir()) if target.is_dir() else []) == before
    if place == "another archive":
        assert [stored.id for stored in cablesearch.open(target).export()] == ["09Y1"]


@pytest.mark.parametrize("make", [Path.touch, os.mkfifo])
def test_what_is_no_folder_in_its_place_is_removed(tmp_path: Path, make: Callable[[Path], None]) -> None:
    with cablesearch.create(tmp_path / "archive") as archive:
        make(archive.path / "reindex")
        assert archive.reindex().cables == 0
    assert not (tmp_path / "archive" / "reindex").exists()


def test_a_damaged_record_stops_it_and_nothing_is_changed(tmp_path: Path) -> None:
    from cablesearch.schema.index_fields import documents, indexing_schema
    from cablesearch.schema.stored import pack

    with cablesearch.create(tmp_path / "archive") as archive:
        with Writer(archive.path, indexing_schema()) as writer:
            content, leads = documents(cable("09X1", "river"))
            writer.add("09X1", bytes(16), content, pack(cable("09X2", "river"), leads), leads)
            writer.commit()
        archive.reload()
        with pytest.raises(cablesearch.CorruptIndexError, match="the record of '09X1' is damaged"):
            archive.reindex()
        assert latest(archive.path).generation == 1


def test_reindexing_gives_the_same_index_whatever_the_number_of_jobs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_cables(tmp_path / "cables.jsonl", many(80))
    monkeypatch.setattr(reindexing, "batch_bytes", lambda memory, jobs: 3000)
    answers = []
    for jobs in (1, 2):
        with cablesearch.create(tmp_path / f"archive-{jobs}") as archive:
            archive.index([source])
            archive.reindex(jobs=jobs)
            hits = archive.search("river", limit=100).hits
            answers.append(([(hit.cable, hit.score) for hit in hits], list(map(dumps, archive.export()))))
            assert archive.verify(deep=True) == []
    assert answers[0] == answers[1]


def test_reindexing_needs_full_clearance(tmp_path: Path) -> None:
    with cablesearch.create(tmp_path / "archive", default_clearance="SBU"):
        pass
    result = run("reindex", "--index", tmp_path / "archive")
    assert result.returncode == 2
    assert "needs full clearance" in result.stderr


def test_reindexing_survives_being_stopped_at_any_time(tmp_path: Path) -> None:
    source = write_cables(tmp_path / "cables.jsonl", many(3))
    with cablesearch.create(tmp_path / "whole") as archive:
        archive.index([source])
    truth = [dumps(stored) for stored in cablesearch.open(tmp_path / "whole").export()]
    is_stopped, last = True, 1
    while is_stopped:
        path = Path(shutil.copytree(tmp_path / "whole", tmp_path / f"archive-{last}"))
        taken = 0

        def watch(step: Step, last: int = last) -> None:
            nonlocal taken
            taken += 1
            if taken >= last:
                raise PowerOffError
            step.do()

        with contextlib.suppress(PowerOffError), watched(watch):
            cablesearch.open(path).reindex()
        is_stopped = taken >= last
        with cablesearch.open(path) as archive:
            assert archive.verify() == []
            assert list(map(dumps, archive.export())) == truth
            assert archive.reindex().cables == 3
            assert list(map(dumps, archive.export())) == truth
        assert not (path / "reindex").exists()
        # Neighbouring steps differ little.
        last += 3
    assert last > 20
