"""Where cables were read is kept with them, and shown to those who may see a cable as a whole."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive, create
from cablesearch.cable import Attributes, Provenance
from cablesearch.readers.json_cables import from_json, to_json
from tests.support.cables import cable
from tests.support.files import BEIJING
from tests.support.running import run

TELEGRAM = BEIJING.read_text(encoding="utf-8")


def place(archive: Archive, name: str) -> Provenance:
    provenance = archive.show(name)[0].provenance
    assert provenance is not None
    return provenance


def line(name: str, **values: object) -> str:
    return (
        json.dumps(
            {
                "id": name,
                "date": "2010-01-08T03:26",
                "classification": "UNCLASSIFIED",
                "paragraphs": [{"text": "rain"}],
                **values,
            }
        )
        + "\n"
    )


def test_the_path_begins_with_the_name_of_the_source(tmp_path: Path) -> None:
    folder = tmp_path / "dump" / "2010"
    folder.mkdir(parents=True)
    (folder / "a.txt").write_text(TELEGRAM, encoding="utf-8")
    (folder / "lines.jsonl").write_text(line("10A1") + "\n" + line("10A2"), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "dump" / "more.zip", "w") as packed:
        packed.writestr("inner/c.jsonl", line("10A3"))
    archive = create(tmp_path / "archive")
    archive.index([tmp_path / "dump"], collection="my dump")
    assert place(archive, "10BEIJING30") == Provenance("my dump", "dump/2010/a.txt")
    assert place(archive, "10A2") == Provenance("my dump", "dump/2010/lines.jsonl", 3)
    assert place(archive, "10A3") == Provenance("my dump", "dump/more.zip/inner/c.jsonl", 1)


@pytest.mark.parametrize("source", ["a.txt", "./a.txt", ".", "../dump", "../dump/"])
def test_no_folder_above_the_source_is_recorded(tmp_path: Path, source: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "dump"
    folder.mkdir()
    (folder / "a.txt").write_text(TELEGRAM, encoding="utf-8")
    monkeypatch.chdir(folder)
    archive = create(tmp_path / "archive")
    archive.index([source])
    assert place(archive, "10BEIJING30") == Provenance(None, "a.txt" if source.endswith("a.txt") else "dump/a.txt")


def test_standard_input_has_no_path(tmp_path: Path) -> None:
    index = str(tmp_path / "archive")
    assert run("index", "-", "--index", index, "--collection", "wire", stdin=TELEGRAM).returncode == 0
    with cablesearch.open(index) as archive:
        assert place(archive, "10BEIJING30") == Provenance("wire")


def test_a_collection_is_found_by_its_name_in_any_case(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(line("10A1"), encoding="utf-8")
    (tmp_path / "b.jsonl").write_text(line("10A2"), encoding="utf-8")
    archive = create(tmp_path / "archive")
    archive.index([tmp_path / "a.jsonl"], collection="My scans")
    archive.index([tmp_path / "b.jsonl"])
    assert [hit.cable for hit in archive.search('rain collection:"my scans"')] == ["10A1"]
    assert [hit.cable for hit in archive.search("rain -collection:my*")] == ["10A2"]


def test_the_same_file_in_another_collection_replaces_its_cables(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(line("10A1"), encoding="utf-8")
    archive = create(tmp_path / "archive")
    counts = []
    for collection in (None, "first", "first", "second"):
        report = archive.index([source], collection=collection)
        counts.append((report.added, report.replaced, report.unchanged))
    assert counts == [(1, 0, 0), (0, 1, 0), (0, 0, 1), (0, 1, 0)]
    assert place(archive, "10A1").collection == "second"


def test_an_export_keeps_where_its_cables_were_read_first(tmp_path: Path) -> None:
    (tmp_path / "first.txt").write_text(TELEGRAM, encoding="utf-8")
    first = create(tmp_path / "first")
    first.index([tmp_path / "first.txt"], collection="papers")
    cables = list(first.export())
    exported = tmp_path / "export.jsonl"
    exported.write_text("".join(json.dumps(to_json(each)) + "\n" for each in cables), encoding="utf-8")
    again = create(tmp_path / "again")
    again.index([exported])
    assert list(again.export()) == cables
    again.index([exported], collection="copies")
    assert place(again, "10BEIJING30") == Provenance("copies", "first.txt")


def test_reading_the_stored_cables_again_keeps_it(tmp_path: Path) -> None:
    source = tmp_path / "a.txt"
    source.write_text(TELEGRAM, encoding="utf-8")
    archive = create(tmp_path / "archive")
    archive.index([source], collection="papers")
    archive.reindex()
    assert place(archive, "10BEIJING30") == Provenance("papers", "a.txt")


def test_it_is_hidden_with_the_rest_of_the_whole(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    paragraphs = [{"text": "rain", "marking": "U"}, {"text": "snow", "marking": "S"}]
    source.write_text(line("10A1", classification="SECRET", paragraphs=paragraphs), encoding="utf-8")
    archive = create(tmp_path / "archive")
    archive.index([source], collection="secret papers")
    archive.close()
    with cablesearch.open(tmp_path / "archive", clearance="UNCLASSIFIED") as seen:
        assert seen.show("10A1")[0].provenance is None
        assert seen.search("rain").total == 1
        assert seen.search('collection:"secret papers"', group="cable").total == 0
    with cablesearch.open(tmp_path / "archive", clearance="SECRET") as seen:
        assert seen.search('collection:"secret papers"', group="cable").total == 1


def test_show_tells_the_source_and_the_attributes(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    entry = line("10A1", attributes={"Film Number": "D740076-0579"}, names=["Ann Whittey"])
    source.write_text(entry, encoding="utf-8")
    index = str(tmp_path / "archive")
    result = run("index", str(source), "--index", index, "--collection", "aad")
    first, second, _ = result.stderr.splitlines()
    assert first.startswith("1 added, 0 replaced, 0 unchanged, 0 rejected in ")
    assert second == "Read: lines of JSON (1)"
    shown = run("show", "10A1", "--index", index).stdout
    assert "source          aad, a.jsonl, row 1" in shown
    assert "Film Number: D740076-0579" in shown
    assert "names           Ann Whittey" in shown
    with cablesearch.open(index) as archive:
        assert archive.search("attribute:d740076-0579", group="cable").total == 1
        assert archive.search('attribute:"film number"', group="cable").total == 1
        assert archive.search("name:whittey", group="cable").total == 1
        assert archive.search("whittey OR film").total == 0


def test_attributes_are_an_immutable_mapping_that_json_keeps() -> None:
    attributes = Attributes({"b": "1", "a": "2"})
    assert list(attributes.items()) == [("b", "1"), ("a", "2")]
    assert attributes == {"a": "2", "b": "1"}
    assert hash(attributes) == hash(Attributes({"b": "1", "a": "2"}))
    entry = to_json(cable("10A1", "rain")) | {"attributes": {"b": "1"}}
    assert from_json(entry).attributes == {"b": "1"}


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--columns", "when=created"], "'when' is not a field of a cable"),
        (["--map", "id"], "expected pairs such as id=name"),
        (["--map", "id=.a", "--map", "id=.b"], "id is given twice"),
    ],
)
def test_wrong_names_of_fields_are_errors(tmp_path: Path, options: list[str], message: str) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text(line("10A1"), encoding="utf-8")
    result = run("index", str(source), "--index", str(tmp_path / "archive"), *options)
    assert (result.returncode, message in result.stderr) == (2, True)


def test_the_end_of_a_run_counts_what_was_read_and_what_was_skipped(tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    (folder / "a.txt").write_text(TELEGRAM, encoding="utf-8")
    (folder / "b.jsonl").write_text(line("10A1") + line("10A2") + "{}\n", encoding="utf-8")
    (folder / ".c").write_text("", encoding="utf-8")
    (folder / ".d").write_text("", encoding="utf-8")
    index = str(tmp_path / "archive")
    for counts in ("3 added, 0 replaced, 0 unchanged", "0 added, 0 replaced, 3 unchanged"):
        lines = run("index", str(folder), "--index", index).stderr.splitlines()
        (start,) = (number for number, line in enumerate(lines) if line.startswith(f"{counts}, 1 rejected in "))
        read, skipped, hidden, archive = lines[start + 1 :]
        assert read == "Read: lines of JSON (2), telegrams (1)"
        assert skipped.startswith("Skipped 1: ")
        assert hidden == "2 hidden files skipped; name them to read them"
        assert archive == f"Archive: {index}"
