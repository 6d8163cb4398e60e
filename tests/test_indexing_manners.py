"""How `cablesearch index` behaves: messages that repeat, hidden files, rejects, progress, and the summary."""

from __future__ import annotations

import io
import json
import os
import pickle
import pty
import re
import subprocess
import sys
from collections.abc import Callable
from itertools import groupby
from pathlib import Path

import pytest

import cablesearch
from cablesearch.archive import Archive
from cablesearch.classification.controls import CONTROL_NAMES
from cablesearch.cli.messages import duration
from cablesearch.cli.work import progress
from cablesearch.cli.work.progress import ProgressDisplay
from cablesearch.indexing import ingest, reindex
from cablesearch.indexing.report import Progress, Steps
from tests.support.cables import cable
from tests.support.files import BEIJING, ROOT, write_cables
from tests.support.running import run
from tests.support.terminal import all_shown

SUMMARY = re.compile(r"[0-9,]+ added, .*")


@pytest.fixture
def mess(tmp_path: Path) -> Path:
    """Return a folder with a cable, hidden files, and many files of the same kinds that are not cables."""
    folder = tmp_path / "mess"
    (folder / ".git").mkdir(parents=True)
    (folder / ".DS_Store").write_text("x")
    (folder / "a.txt").write_text(BEIJING.read_text(encoding="utf-8"), encoding="utf-8")
    for number in range(7):
        (folder / f"junk{number}.bin").write_bytes(bytes(range(256)) * 4)
    for number in range(5):
        (folder / f"note{number}.txt").write_text("Buy milk.")
    table = "".join(f"10X{number},,china {number}\n" for number in range(6))
    (folder / "table.csv").write_text("MRN,Created,Content\n" + table)
    return folder


def reported(text: str) -> tuple[list[str], list[str]]:
    """Return the messages before the summary, and the lines from it on."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if SUMMARY.match(line))
    return lines[:start], lines[start:]


# Messages


def test_repeated_messages_and_hidden_files_are_counted(mess: Path, tmp_path: Path) -> None:
    result = run("index", mess, "--index", tmp_path / "index")
    assert result.returncode == 1
    messages, summary = reported(result.stderr)
    kinds = [line.partition(":")[0] for line in messages]
    assert kinds == ["rejected"] * 6 + ["note"] + ["incomplete"] * 3 + ["Not shown"]
    assert messages[-1] == "Not shown: 6 rejected, 3 incomplete; -v shows all"
    assert summary[0].startswith("7 added, 0 replaced, 0 unchanged, 12 rejected (6 without a date or body) in ")
    assert {"Skipped 7: not a cable: binary data, not text", "2 hidden files skipped; name them to read them"} <= {
        *summary
    }
    assert summary[-1] == f"Archive: {tmp_path / 'index'}"


def test_verbose_shows_every_message_and_every_hidden_file(mess: Path, tmp_path: Path) -> None:
    result = run("index", mess, "--index", tmp_path / "index", "-v")
    messages, _ = reported(result.stderr)
    assert [line for line in messages if line.startswith("hidden: ")] == [
        f"hidden: {mess / '.DS_Store'}",
        f"hidden: {mess / '.git'}",
    ]
    for kind, count in (("rejected", 12), ("incomplete", 6), ("note", 1), ("Not shown", 0)):
        assert sum(line.startswith(f"{kind}: ") for line in messages) == count


def test_quiet_reports_nothing_but_how_many_were_rejected(mess: Path, tmp_path: Path) -> None:
    result = run("index", mess, "--index", tmp_path / "index", "-q")
    assert (result.returncode, result.stderr) == (1, "12 rejected\n")
    result = run("index", BEIJING, "--index", tmp_path / "index", "--quiet")
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    (tmp_path / "dots" / ".x").mkdir(parents=True)
    result = run("index", tmp_path / "dots", "--index", tmp_path / "index", "-q")
    said = "No cables were found in the sources: 1 hidden file skipped; name it to read it\n"
    assert (result.returncode, result.stderr) == (2, said)


def test_hidden_files_are_not_rejected(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / ".git").mkdir(parents=True)
    (folder / ".git" / "x.txt").write_text(BEIJING.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "a.txt").write_text(BEIJING.read_text(encoding="utf-8"), encoding="utf-8")
    rejects = io.StringIO()
    told: list[tuple[str, str]] = []
    with cablesearch.create(tmp_path / "archive") as archive:
        report = archive.index([folder], rejects=rejects, on_trouble=lambda kind, file, *_: told.append((kind, file)))
        assert (report.added, report.rejected, report.hidden, dict(report.skipped)) == (1, 0, 1, {})
        assert (rejects.getvalue(), told) == ("", [("hidden", str(folder / ".git"))])
        assert archive.index([folder / ".git"]).unchanged == 1
    result = run("index", folder, "--index", tmp_path / "archive")
    assert (result.returncode, "1 hidden file skipped; name it to read it\n" in result.stderr) == (0, True)


def test_many_different_reasons_do_not_flood_the_terminal(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    lines = ['{"id": "10A1", "paragraphs": [{"text": "china"}]}\n']
    lines += [f'{{"x{chr(97 + number % 26)}{chr(97 + number // 26)}": 1}}\n' for number in range(200)]
    source.write_text("".join(lines))
    result = run("index", source, "--index", tmp_path / "archive")
    messages, summary = reported(result.stderr)
    shown = sum(line.startswith("rejected: ") for line in messages)
    assert shown <= 30
    assert messages[-1] == f"Not shown: {200 - shown} rejected; -v shows all"
    assert "200 rejected" in summary[0]


# Rejects


def test_a_file_for_rejects_that_cannot_be_written_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    source = tmp_path / "a.jsonl"
    source.write_text("{}\n")
    (tmp_path / "file").write_text("x")
    for name, said in (
        ("none/rejects", f"the folder {tmp_path / 'none'} does not exist"),
        ("file/rejects", f"the folder {tmp_path / 'file'} does not exist"),
        ("x" * 300, "cannot be written (File name too long)"),
    ):
        result = run("index", source, "--index", tmp_path / "index", "--rejects", tmp_path / name)
        assert (result.returncode, result.stdout) == (2, "")
        assert result.stderr.startswith("Error: ")
        assert said in result.stderr
        assert result.stderr.endswith("; choose another place for --rejects\n")
    assert not (tmp_path / "index").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_or_file_without_permission_ends_the_run_before_it_begins(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir(mode=0o500)
    (tmp_path / "file").touch(mode=0o400)
    for name in ("folder/rejects", "file"):
        result = run("index", BEIJING, "--index", tmp_path / "index", "--rejects", tmp_path / name)
        assert (result.returncode, "cannot be written (Permission denied)" in result.stderr) == (2, True)
    assert not (tmp_path / "index").exists()


def test_rejects_are_written_to_an_open_file(tmp_path: Path) -> None:
    (tmp_path / "wrong.jsonl").write_text("{wrong\n")
    command = [sys.executable, "-m", "cablesearch", "index", "wrong.jsonl", "--index", "index", "--rejects"]
    with (tmp_path / "log").open("w") as log:
        log.write("before\n")
        log.flush()
        for _ in range(2):
            subprocess.run([*command, "/dev/stdout"], cwd=tmp_path, stdout=log, stderr=subprocess.DEVNULL, check=False)
    first, *rejects = (tmp_path / "log").read_text().splitlines()
    assert (first, [json.loads(line)["raw"] for line in rejects]) == ("before", ["{wrong", "{wrong"])
    piped = subprocess.run([*command, "/dev/fd/1"], cwd=tmp_path, capture_output=True, check=False)
    assert json.loads(piped.stdout)["raw"] == "{wrong"


def test_links_that_lead_to_each_other_cannot_take_rejects(tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).symlink_to(tmp_path / other)
    refused = run("index", BEIJING, "--index", tmp_path / "index", "--rejects", tmp_path / "a")
    assert refused.returncode == 2
    assert refused.stderr.endswith("(Too many levels of symbolic links); choose another place for --rejects\n")


def test_a_run_that_cannot_start_leaves_the_last_rejects_alone(tmp_path: Path) -> None:
    rejects, index = tmp_path / "rejects.jsonl", tmp_path / "index"
    source = tmp_path / "a.jsonl"
    source.write_text("{}\n")
    assert run("index", source, BEIJING, "--index", index, "--rejects", rejects).returncode == 1
    before = rejects.read_text()
    assert before
    for wrong in (["none.txt"], [source, "--default-clearance", "SBU"], [source, "--columns", "x=y"]):
        assert run("index", *wrong, "--index", index, "--rejects", rejects).returncode == 2
    with Archive(index)._writing():
        assert run("index", source, "--index", index, "--rejects", rejects).returncode == 2
    assert rejects.read_text() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []
    assert run("index", BEIJING, "--index", index, "--rejects", rejects).returncode == 0
    assert rejects.read_text() == ""


def test_rejects_may_go_to_a_device(tmp_path: Path) -> None:
    assert run("index", BEIJING, "--index", tmp_path / "index", "--rejects", "/dev/null").returncode == 0


# Progress


def many(path: Path, count: int) -> Path:
    write_cables(path, [cable(f"10A{number}", f"china {number}", "trade " * 20) for number in range(count)])
    return path


@pytest.mark.parametrize("jobs", [1, 2])
def test_progress_covers_reading_indexing_merging_and_committing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, jobs: int
) -> None:
    monkeypatch.setattr(ingest, "BATCH", 2000)
    source = many(tmp_path / "a.jsonl", 60)
    seen: list[Progress] = []
    read: list[tuple[int, int]] = []
    with cablesearch.create(tmp_path / "archive") as archive:
        archive.index([source], jobs=jobs, on_progress=seen.append, progress=lambda *done: read.append(done))
        assert read[-1] == (source.stat().st_size, source.stat().st_size)
        _check(seen, ["reading", "indexing", "committing", "merging", "committing"], 60)
        seen.clear()
        archive.index([source], on_progress=seen.append)
        assert seen[-1].cables == 60
        seen.clear()
        monkeypatch.setattr(reindex, "batch_bytes", lambda *given: 2000)
        archive.reindex(jobs=jobs, on_progress=seen.append)
        _check(seen, ["reindexing", "merging", "committing"], 60)
        archive.index([many(tmp_path / "b.jsonl", 61)])
        archive.remove(["10A0"])
        seen.clear()
        archive.compact(on_progress=seen.append)
        assert {now.stage for now in seen} == {"merging"}


def _check(seen: list[Progress], stages: list[str], cables: int) -> None:
    """Check that stages come in this order, and that nothing decreases within one."""
    order = [str(stage) for stage, _ in groupby(now.stage for now in seen)]
    assert (order[0], set(order)) == (stages[0], set(stages))
    assert seen[-1].cables == cables
    for stage in set(order) - {"committing", "merging"}:
        done = [now.done for now in seen if now.stage == stage]
        assert done == sorted(done)
        assert all(now.done <= now.total for now in seen if now.stage == stage)


def test_a_copy_of_the_steps_in_another_process_reports_nothing() -> None:
    seen: list[Progress] = []
    steps = Steps(seen.append, lambda: 3)
    steps.at(Progress("indexing", 0, 1, 5))
    copy: Steps = pickle.loads(pickle.dumps(steps))
    copy.again(4)
    assert seen == [Progress("indexing", 3, 1, 5)]
    steps.again(9)
    assert seen[-1] == Progress("indexing", 12, 5, 5), "no more than there is"


def test_without_a_terminal_a_line_is_printed_now_and_then(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([0.0, 1.0, 9.0, 12.0, 13.0, 23.0, 40.0])
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    display = ProgressDisplay()
    for stage, cables, done in (("reading", 0, 0), ("reading", 900, 8), ("reading", 1200, 44), ("reading", 1300, 50)):
        display(Progress(stage, cables, done * 1_000_000, 400_000_000, "bytes"))  # type: ignore[arg-type]
    display(Progress("indexing", 1500, 1500, 3000))
    display(Progress("committing", 3000))
    assert capsys.readouterr().err.splitlines() == [
        "reading: 1,200 cables, 44.0 MB of 400 MB (11 %), 4.00 MB/s, 1 min 29 s left",
        "indexing: 1,500 of 3,000 cables (50 %)",
        "committing: 3,000 cables",
    ]


def test_a_short_run_has_no_lines_of_progress(tmp_path: Path) -> None:
    result = run("index", BEIJING, "--index", tmp_path / "index")
    assert [line.partition(" ")[0] for line in result.stderr.splitlines()] == ["1", "Read:", "Archive:"]


SLOWLY = """
import sys, time
from cablesearch import cli
from cablesearch.cli.work import progress
from cablesearch.indexing import ingest
progress._WAIT = progress._REDRAW = 0
progress.LINE_SECONDS = 0
cli.main()
"""


def on_a_terminal(*command: str, columns: int, **env: str) -> tuple[int, str]:
    """Run a command on a terminal with so many columns, and return its status and all that it wrote."""
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": str(columns), **env}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=theirs, stderr=theirs, stdin=theirs, env=environment, cwd=ROOT) as process:
        os.close(theirs)
        written = all_shown(ours)
        status = process.wait()
    return status, written.decode()


@pytest.mark.parametrize("columns", [30, 60, 80, 200])
def test_the_bar_fits_the_terminal_and_messages_stand_above_it(tmp_path: Path, columns: int) -> None:
    source = many(tmp_path / "a.jsonl", 400)
    bad = tmp_path / "bad.txt"
    bad.write_text("no cable")
    command = [sys.executable, "-c", SLOWLY, "index", str(bad), str(source), "--index", str(tmp_path / "index")]
    status, written = on_a_terminal(*command, columns=columns)
    assert status == 1
    bars = re.findall(
        r"((?:Reading|Indexing|Merging|Committing) .*?)(?:\r|\n|$)", re.sub(r"\x1b\[[0-9;?]*\w", "", written)
    )
    assert any(bar.startswith("Reading") for bar in bars)
    assert all(len(bar) <= columns for bar in bars)
    assert columns < 60 or any("cables" in bar and "%" in bar for bar in bars)
    assert f"rejected: {bad}: not a cable" in (said := " ".join(written.split()))
    assert re.search(r"400 added, 0 replaced, 0 unchanged, 1 rejected in [0-9.]+ s", said)


def test_a_dumb_terminal_gets_lines_and_quiet_gets_none(tmp_path: Path) -> None:
    source = many(tmp_path / "a.jsonl", 50)
    command = [sys.executable, "-c", SLOWLY, "index", str(source), "--index", str(tmp_path / "index")]
    status, written = on_a_terminal(*command, columns=80, TERM="dumb")
    assert (status, "\x1b" in written, "reading: " in written) == (0, False, True)
    status, written = on_a_terminal(*command, "-q", columns=80)
    assert (status, written) == (0, "")


def test_the_speed_is_that_of_the_last_half_minute() -> None:
    speed = progress._Speed()
    for second in range(100):
        speed.add(float(second), Progress("reading", 0, second * (1000 if second < 50 else 1), 100_000, "bytes"))
    assert speed.per_second() == 1
    speed.add(101.0, Progress("merging", 0, 5, 10, "bytes"))
    assert speed.per_second() == 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0.0 s"),
        (-1, "0.0 s"),
        (1.64, "1.6 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (200, "3 min 20 s"),
        (3599.7, "1 h 0 min"),
        (7500, "2 h 5 min"),
        (360_000, "100 h 0 min"),
    ],
)
def test_a_duration_has_at_most_two_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


# Unknown controls and levels


@pytest.mark.parametrize(
    ("clearance", "unknown"),
    [
        ("SECRET//NOFRN", [("NOFRN", "NOFORN")]),
        ("SECRET//NOFORM,ORCN", [("NOFORM", "NOFORN"), ("ORCN", "ORCON")]),
        ("SECRET//XYZZY", [("XYZZY", None)]),
        ("SECRET//REL TO USA,GBR", [("GBR", "REL TO USA GBR")]),
        ("SECRET//NOFORN ORCON", [("NOFORN ORCON", "NOFORN,ORCON")]),
        ("SECRET//EXDS", [("EXDS", "EXDIS")]),
        ("SECRET//NF,OC,PR,IMC,EYESONLY", []),
        ("SECRET//REL TO USA GBR", []),
        ("SECRET//SI//TK//NOFORN", []),
        ("SECRET//ROGER CHANNEL,CHEROKEE,SIPDIS", []),
        ("SECRET", []),
        ("SECRET//" + "X" * 10_000, [("X" * 10_000, None)]),
    ],
)
def test_unknown_controls_come_with_near_ones(clearance: str, unknown: list[tuple[str, str | None]]) -> None:
    expected = [(name, near) for name, near in unknown if name != "EYESONLY"]
    parsed = cablesearch.Clearance.parse(clearance)
    assert [pair for pair in parsed.unknown_controls() if pair[0] != "EYESONLY"] == expected


def test_the_controls_that_readers_write_are_known() -> None:
    everything = cablesearch.Clearance(cablesearch.Level.SECRET, frozenset(CONTROL_NAMES.values()))
    assert everything.unknown_controls() == []


def test_an_unknown_control_is_a_warning_wherever_it_is_given(beijing: Archive, tmp_path: Path) -> None:
    at = ("--index", beijing.path)
    warning = "Warning: unknown control NOFRN in {}; did you mean NOFORN?\n"
    plain = run("stats", "--clearance", "SECRET", *at)
    for before, after in ((["--clearance", "SECRET//NOFRN"], []), ([], ["--clearance", "SECRET//NOFRN"])):
        result = run(*before, "stats", *after, *at)
        assert (result.returncode, result.stdout, result.stderr) == (0, plain.stdout, warning.format("--clearance"))
        assert run(*before, "stats", *after, *at, "-q").stderr == ""
    result = run("stats", *at, CABLESEARCH_CLEARANCE="SECRET//NOFRN")
    assert result.stderr == warning.format("CABLESEARCH_CLEARANCE")
    result = run("index", BEIJING, "--index", tmp_path / "index", "--default-clearance", "SECRET//NOFRN")
    assert result.stderr.startswith(warning.format("--default-clearance"))
    result = run("verify", "--repair", tmp_path / "saved", "--default-clearance", "SECRET//NOFRN", *at)
    assert result.stderr.startswith(warning.format("--default-clearance"))


def test_the_warning_does_not_depend_on_the_archive(archive_of: Callable[..., Archive]) -> None:
    hidden = archive_of(cable("10A1", ("S//NOFRN", "zephyr"), ("U", "china")))
    open_ = archive_of(cable("10A1", ("U", "china")))
    first, second = (
        run("search", "china", "--clearance", "SECRET//NOFRX", "--format", "ids", "--index", archive.path)
        for archive in (hidden, open_)
    )
    assert (first.stdout, first.stderr) == (second.stdout, second.stderr)


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("SECERT", "SECRET"),
        ("secert//noforn", "SECRET//NOFORN"),
        ("SECRET/NOFORN", "SECRET//NOFORN"),
        ("TOP-SECERT", "TOP SECRET"),
        ("CONF", "CONFIDENTIAL"),
        ("UNCLASIFIED", "UNCLASSIFIED"),
        ("FULL//NOFORN", "FULL"),
        ("FUL", "FULL"),
    ],
)
def test_an_unknown_level_is_an_error_with_a_near_one(beijing: Archive, text: str, near: str) -> None:
    result = run("stats", "--clearance", text, "--index", beijing.path)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.endswith(f"such as SECRET//NOFORN; did you mean {near}?\n")


@pytest.mark.parametrize("text", ["EVERYTHING", "", "//", "X", "S3CRET" * 1000])
def test_a_level_that_is_near_to_none_gets_no_advice(text: str) -> None:
    with pytest.raises(ValueError, match=r"such as SECRET//NOFORN$"):
        cablesearch.Clearance.parse(text)
