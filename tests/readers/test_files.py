"""Sources become records, in a fixed order, and nothing is skipped without a word."""

from __future__ import annotations

import gzip
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cablesearch
from cablesearch.readers import records as reading
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.formats.cables_csv import CABLES_CSV, to_line
from cablesearch.readers.formats.html_pages import HTML_PAGES
from cablesearch.readers.records import Record, Rejected
from cablesearch.readers.sources import files
from cablesearch.readers.sources.files import Skipped, scan
from tests.support.files import zipped

HEADER = "P 080326Z JAN 10\nFM AMEMBASSY BEIJING\nTO RUEHC/SECSTATE WASHDC PRIORITY 7532\n"
BODY = "\nC O N F I D E N T I A L BEIJING 000030\n\nTAGS: PGOV, CH\nSUBJECT: A TEST\n\n1. (C) Text.\n\nDOE\n"
TELEGRAM = HEADER + BODY
ROW = ("1", "1/8/2010 3:26", "10BEIJING30", "Embassy Beijing", "CONFIDENTIAL", "", HEADER, BODY)
LINE = json.dumps({"id": "10BEIJING30", "paragraphs": [{"text": "Text."}]})
PAGE = f"<html><h3>Viewing cable 10BEIJING30, A TEST</h3><pre>{HEADER}</pre><pre>{BODY}</pre></html>"
FORMATS = {"telegram": TELEGRAM, "csv": to_line(ROW), "jsonl": LINE, "html": PAGE}


def records(*sources: str | os.PathLike[str]) -> list[Record]:
    found = list(scan(sources))
    assert not [one for one in found if isinstance(one, Rejected)]
    return [one for one in found if isinstance(one, Record)]


def rejected(*sources: str | os.PathLike[str]) -> list[Rejected]:
    return [one for one in scan(sources) if isinstance(one, Rejected)]


@pytest.mark.parametrize("name", ["x", "x.csv", "x.html", "x.json", "x.txt"])
@pytest.mark.parametrize("form", FORMATS)
def test_formats_are_told_by_content_and_not_by_name(tmp_path: Path, form: str, name: str) -> None:
    path = tmp_path / name
    path.write_text(FORMATS[form], encoding="utf-8", newline="")
    (record,) = records(path)
    assert (record.file, record.format.name) == (str(path), form)
    cable = record.parse()
    assert cable.id == "10BEIJING30"
    assert [one.text for one in cable.paragraphs] == ["Text."]


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_byte_order_mark_is_understood(tmp_path: Path, form: str, encoding: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(FORMATS[form].encode(encoding))
    assert records(path)[0].parse().id == "10BEIJING30"


def test_json_with_the_text_of_a_page_in_it_is_json_and_a_page_with_json_in_it_a_page(tmp_path: Path) -> None:
    (tmp_path / "a").write_text(json.dumps({"id": "10BEIJING30", "body": PAGE}))
    (tmp_path / "b").write_text(PAGE.replace("<h3>", '<script>\n{"id": 1}\n</script><h3>'))
    assert [one.format.name for one in records(tmp_path)] == ["jsonl", "html"]


def test_rows_and_lines_are_counted_from_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"{to_line(ROW)}\n\n{to_line(ROW)}\n")
    (tmp_path / "b.jsonl").write_text(f"{LINE}\n\n{LINE}\r\n")
    found = records(tmp_path)
    assert [(one.format.name, one.row) for one in found] == [("csv", 1), ("csv", 2), ("jsonl", 1), ("jsonl", 3)]


def test_a_broken_first_line_does_not_hide_what_the_file_is(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f'garbage\n{to_line(ROW)}\n"2","x"\n{to_line(ROW)}\n')
    (tmp_path / "b.jsonl").write_text(f"garbage\n{LINE}\n")
    found = list(scan([tmp_path]))
    assert [type(one) for one in found] == [Rejected, Record, Rejected, Record, Record, Record]
    assert isinstance(found[4], Record)
    with pytest.raises(UnreadableCable, match="not JSON"):
        found[4].parse()


def test_several_telegrams_in_one_file_are_several_records(tmp_path: Path) -> None:
    other = TELEGRAM.replace("080326Z", "090326Z").replace("000030", "000031")
    (tmp_path / "x.txt").write_text(TELEGRAM + "\n\n" + other)
    found = records(tmp_path)
    assert [(one.row, one.parse().id) for one in found] == [(1, "10BEIJING30"), (2, "10BEIJING31")]


def test_the_name_of_a_file_gives_the_id_that_its_text_lacks(tmp_path: Path) -> None:
    for name in ("10BEIJING30.txt", "09BERN5_a.txt.old", "letter.txt"):
        (tmp_path / name).write_text(BODY.replace("BEIJING 000030", ""))
    bern, beijing, letter = records(tmp_path)
    assert bern.parse().id == "09BERN5"
    assert beijing.parse().id == "10BEIJING30"
    with pytest.raises(UnreadableCable):
        letter.parse()


def test_directories_are_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b/z", "b/a", "a", "c/d/e", "B"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(TELEGRAM)
    assert [os.path.relpath(one.file, tmp_path) for one in records(tmp_path)] == ["B", "a", "b/a", "b/z", "c/d/e"]


def test_hidden_files_are_named_and_read_only_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "x").write_text(TELEGRAM)
    (tmp_path / ".hidden").write_text(TELEGRAM)
    assert [os.path.basename(one.file) for one in rejected(tmp_path)] == [".git", ".hidden"]
    assert len(records(tmp_path / ".git", tmp_path / ".hidden")) == 2


def test_a_loop_of_directories_is_reported_once(tmp_path: Path) -> None:
    inner = tmp_path / "a"
    inner.mkdir()
    (inner / "x.txt").write_text(TELEGRAM)
    (inner / "loop").symlink_to(tmp_path)
    found = list(scan([tmp_path]))
    assert [type(one) for one in found] == [Rejected, Record]
    assert isinstance(found[0], Rejected)
    assert found[0].reason == f"a link to a directory that was already read, as {tmp_path}"


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_file_is_reported(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x").write_bytes(content)
    assert rejected(tmp_path)[0].reason.startswith("empty file")


def test_an_empty_directory_and_a_missing_file_are_reported(tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    found = rejected(tmp_path, missing, "nul\0byte")
    assert [one.file for one in found] == [str(tmp_path), str(missing), "nul\0byte"]
    assert [one.reason for one in found[:2]] == ["an empty directory", "cannot be read: No such file or directory"]


def test_pipes_in_a_directory_are_reported_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "gone")
    assert [one.reason for one in rejected(tmp_path)] == [
        "cannot be read: No such file or directory",
        "not a file but a device, pipe or socket",
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Dear Sir,\n", "not a cable: no header"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "not a cable: a picture (PNG)"),
        (bytes(range(256)), "not a cable: binary data"),
        (b"7z\xbc\xaf\x27\x1c" + bytes(99), "not a cable: a 7-Zip archive; unpack it first"),
        (b'[\n{"id": \'x\n', "line 2: the file ends within an object; the rest of the file is not read"),
        (b"PK\x03\x04 and nothing else", "cannot be read: "),
        (b"\x1f\x8b and nothing else", "cannot be read to its end: "),
    ],
)
def test_what_is_no_cable_is_refused_with_a_reason(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "x").write_bytes(content)
    (found,) = rejected(tmp_path)
    assert found.reason.startswith(reason)


def test_archives_may_be_packed_in_one_another(tmp_path: Path) -> None:
    data = {"a/10BEIJING30.txt": TELEGRAM.encode(), "rows.csv.gz": gzip.compress(to_line(ROW).encode())}
    (tmp_path / "outer.zip").write_bytes(zipped({"inner.zip": zipped(data)} | data))
    names = [os.path.relpath(one.file, tmp_path) for one in records(tmp_path)]
    assert names == [
        "outer.zip/inner.zip/a/10BEIJING30.txt",
        "outer.zip/inner.zip/rows.csv.gz",
        "outer.zip/a/10BEIJING30.txt",
        "outer.zip/rows.csv.gz",
    ]


def test_archives_are_not_unpacked_for_ever(tmp_path: Path) -> None:
    data = TELEGRAM.encode()
    for _ in range(files.MAX_DEPTH + 1):
        data = gzip.compress(data)
    (tmp_path / "x.gz").write_bytes(data)
    assert "packed in one another" in rejected(tmp_path)[0].reason


def test_of_a_damaged_archive_the_rows_before_the_damage_are_kept(tmp_path: Path) -> None:
    lines = "".join(to_line((str(number), *ROW[1:7], BODY + os.urandom(20).hex())) + "\n" for number in range(1000))
    (tmp_path / "rows.csv.gz").write_bytes(gzip.compress(lines.encode())[:-5000])
    found = list(scan([tmp_path]))
    rows = [one for one in found if isinstance(one, Record)]
    assert 0 < len(rows) < 1000
    assert [one.fields[0] for one in rows] == [str(number) for number in range(len(rows))]
    assert isinstance(found[-1], Rejected)
    assert found[-1].reason.startswith("cannot be read to its end")


def test_half_a_telegram_of_a_damaged_archive_is_not_taken_for_a_whole_one(tmp_path: Path) -> None:
    text = TELEGRAM + "\n".join(os.urandom(20).hex() for _ in range(1000))
    (tmp_path / "x.txt.gz").write_bytes(gzip.compress(text.encode())[:-5000])
    assert [one.reason.split(":")[0] for one in rejected(tmp_path)] == [
        "cut off by damage to its file",
        "cannot be read to its end",
    ]


def test_records_that_are_too_long_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LONGEST_RECORD", 1000)
    (tmp_path / "a.txt").write_text(TELEGRAM + "x" * 1000)
    (tmp_path / "b.jsonl").write_text(LINE + " " * 1000 + "\n" + LINE)
    assert [(os.path.basename(one.file), one.row) for one in rejected(tmp_path)] == [("a.txt", None), ("b.jsonl", 1)]


@pytest.mark.parametrize(
    "data", [to_line(ROW).encode(), gzip.compress(TELEGRAM.encode()), zipped({"x": PAGE.encode()})]
)
def test_standard_input(data: bytes) -> None:
    script = "from cablesearch.readers.sources.files import scan; print([one.parse().id for one in scan(['-'])])"
    done = subprocess.run([sys.executable, "-c", script], input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == "['10BEIJING30']"


def test_progress_is_told_in_bytes_of_the_files_and_comes_to_all_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x": TELEGRAM.encode(), "y": b"junk"}))
    (tmp_path / "b.csv").write_text(f"{to_line(ROW)}\n" * 20_000)
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress(TELEGRAM.encode()))
    told: list[tuple[int, int]] = []
    for _ in scan([tmp_path / "a.zip", tmp_path], progress=lambda done, total: told.append((done, total))):
        pass
    sizes = {path.name: path.stat().st_size for path in tmp_path.iterdir()}
    total = sum(sizes.values()) + sizes["a.zip"]
    assert {one for _, one in told} == {total}
    assert told == sorted(told)
    assert told[-1][0] == total
    assert len(told) > 8


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="asks Linux for the peak of memory")
def test_reading_takes_little_memory_however_long_the_file_is(tmp_path: Path) -> None:
    row = to_line((*ROW[:7], BODY * 100)) + "\n"
    with (tmp_path / "x.csv").open("w") as file:
        for _ in range(150_000_000 // len(row)):
            file.write(row)
    script = (
        "import re, sys; from cablesearch.readers.sources.files import scan\n"
        "for one in scan(sys.argv[1:]): pass\n"
        "print(re.search(r'VmHWM:\\s+([0-9]+) kB', open('/proc/self/status').read())[1])"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    assert int(subprocess.run(command, capture_output=True, check=True).stdout) < 100_000


record_fields = st.lists(st.text(max_size=5), min_size=1, max_size=3).map(tuple)


@given(record_fields, record_fields)
def test_records_have_the_same_digest_only_when_they_say_the_same(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (Record("a", 1, CABLES_CSV, one).digest() == Record("b", 2, CABLES_CSV, other).digest()) == (one == other)
    assert Record("a", 1, CABLES_CSV, one).digest() != Record("a", 1, HTML_PAGES, one).digest()
    assert len(Record("a", 1, CABLES_CSV, one).digest()) == 16


def test_undecodable_bytes_and_the_letters_they_could_be_have_different_digests() -> None:
    assert Record("a", 1, HTML_PAGES, ("é",)).digest() != Record("a", 1, HTML_PAGES, ("\udcc3\udca9",)).digest()


@pytest.mark.parametrize("form", FORMATS)
def test_records_travel_between_processes_and_back_into_files(tmp_path: Path, form: str) -> None:
    (tmp_path / "x").write_text(FORMATS[form], newline="")
    (record,) = records(tmp_path)
    assert pickle.loads(pickle.dumps(record)) == record
    assert record.raw() == FORMATS[form]


@pytest.mark.parametrize("names", [[], ["a/", "b/c/"]])
def test_an_archive_without_files_is_reported(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "x.zip").write_bytes(zipped(dict.fromkeys(names, b"")))
    assert [one.reason for one in rejected(tmp_path)] == ["an archive without files"]


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A folder with a cable, beside the one that is read."""
    (tmp_path / "outside" / "more").mkdir(parents=True)
    (tmp_path / "outside" / "secret.txt").write_text(TELEGRAM)
    (tmp_path / "folder").mkdir()
    return tmp_path / "outside"


def test_links_that_lead_out_of_a_folder_are_reported_and_not_followed(outside: Path) -> None:
    folder = outside.parent / "folder"
    targets: list[str | Path] = [
        outside,
        outside / "secret.txt",
        "../outside/secret.txt",
        outside / "gone",
        "/",
        "..",
        "../folder/../outside",
    ]
    for number, target in enumerate(targets):
        (folder / f"{number}").symlink_to(target)
    (folder / "8").symlink_to("7")
    (folder / "7").symlink_to(outside / "more")
    (folder / "x").symlink_to(outside.parent / "folder2")
    found = rejected(folder)
    assert [one.file for one in found] == [str(folder / name) for name in [*map(str, range(9)), "x"]]
    assert {one.reason for one in found} == {
        "a link that leads out of the folder; name its target as a source to read it"
    }
    assert not records(folder / "1")[0].file.startswith(str(outside))


def test_a_source_may_be_a_link_itself(outside: Path) -> None:
    link = outside.parent / "link"
    link.symlink_to(outside)
    (link / "inner").symlink_to(outside / "more")
    (one,) = (one for one in scan([link]) if isinstance(one, Record))
    assert one.file == str(link / "secret.txt")
    assert not [one for one in rejected(link) if "out of the folder" in one.reason]


def test_a_file_with_links_to_it_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text(TELEGRAM)
    (tmp_path / ".kept").mkdir()
    (tmp_path / ".kept" / "c.txt").write_text(TELEGRAM)
    links = {"a": "b.txt", "c": "a", "d": ".kept/c.txt", "e": "d", "loop": "loop", "x": "y", "y": "x"}
    for name, target in links.items():
        (tmp_path / name).symlink_to(target)
    found = list(scan([tmp_path]))
    assert [one.file for one in found if isinstance(one, Record)] == [str(tmp_path / "b.txt"), str(tmp_path / "d")]
    reasons = {os.path.basename(one.file): one.reason for one in found if isinstance(one, Rejected)}
    assert reasons["a"] == reasons["c"] == f"a link to a file that is read as {tmp_path / 'b.txt'}"
    assert reasons["e"] == f"a link to a file that was already read, as {tmp_path / 'd'}"
    assert all(reasons[name].startswith("cannot be read: ") for name in ("loop", "x", "y"))


def test_links_to_folders_within_the_folder_are_followed(tmp_path: Path) -> None:
    (tmp_path / ".data").mkdir()
    (tmp_path / ".data" / "x.txt").write_text(TELEGRAM)
    (tmp_path / "data").symlink_to(".data")
    assert [one.file for one in scan([tmp_path]) if isinstance(one, Record)] == [str(tmp_path / "data" / "x.txt")]


def test_no_member_of_an_archive_is_written_anywhere(tmp_path: Path) -> None:
    source = tmp_path / "a" / "b"
    source.mkdir(parents=True)
    names = ["../../x", "/tmp/cablesearch-must-not-be-there", "../up.txt", "a/../../../x"]
    (source / "x.zip").write_bytes(zipped(dict.fromkeys(names, TELEGRAM.encode())))
    before = sorted(tmp_path.rglob("*"))
    assert [one.file for one in records(source)] == [f"{source}/x.zip/{name}" for name in names]
    assert sorted(tmp_path.rglob("*")) == before
    assert not os.path.lexists("/tmp/cablesearch-must-not-be-there")


def test_what_a_caller_skips_in_a_folder_is_not_read_and_reported_once_when_it_has_a_reason(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        for name in ("cable.txt", "own.1", "own.2"):
            (tmp_path / folder / name).write_text(TELEGRAM)

    def skip(folder: str, names: Sequence[str]) -> Skipped | None:
        own = frozenset(name for name in names if name.startswith("own"))
        return Skipped(own, "files of its own" if folder.endswith("b") else None) if own else None

    steps: list[tuple[int, int]] = []
    found = list(scan([tmp_path], skip=skip, progress=lambda done, total: steps.append((done, total))))
    assert [(os.path.relpath(item.file, tmp_path), isinstance(item, Record)) for item in found] == [
        ("a/cable.txt", True),
        ("b", False),
        ("b/cable.txt", True),
    ]
    assert [item.reason for item in found if isinstance(item, Rejected)] == ["files of its own"]
    assert steps[-1] == (2 * len(TELEGRAM), 2 * len(TELEGRAM))


def test_all_files_of_an_archive_are_skipped_in_it_and_in_others(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "a.txt").write_text(TELEGRAM)
    (tmp_path / "sources" / "b.txt").write_text(TELEGRAM + "More rain.\n")
    with cablesearch.create(tmp_path / "archive") as archive:
        # One of the two is superseded, which the archive remembers in a file of its own.
        assert archive.index([tmp_path / "sources"]).rejected == 1
        assert list((tmp_path / "archive").glob("*.superseded"))
        assert archive.index([tmp_path]).rejected == 1
        shutil.copytree(tmp_path / "archive", tmp_path / "other")
        assert archive.index([tmp_path]).rejected == 2
