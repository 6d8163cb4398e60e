"""The command line as users and other programs meet it: output, messages and exit statuses."""

from __future__ import annotations

import csv
import io
import json
import os
import pickle
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cablesearch.cli.failures import described
from cablesearch.errors import (
    ArchiveNotFoundError,
    CablesearchError,
    CorruptIndexError,
    UnreadableFileError,
    VersionError,
    WorkerError,
)
from cablesearch.indexing.workers import DiedError
from cablesearch.results.facets import FACETS
from tests.support.cables import cable
from tests.support.files import BEIJING, ROOT, write_cables
from tests.support.running import run, run_apart


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("cli") / "index"
    assert run("index", BEIJING, "--index", directory).returncode == 0
    return directory


def test_the_main_job_in_the_default_place(tmp_path: Path) -> None:
    shutil.copy(BEIJING, tmp_path / "cable.txt")
    assert run_apart("index", "cable.txt", cwd=tmp_path).returncode == 0
    assert (tmp_path / "indexes" / "cables" / "manifest.json").exists()
    result = run_apart("search", "labor", "trafficking", cwd=tmp_path)
    assert result.returncode == 0
    assert "10BEIJING30 ¶3" in result.stdout
    assert re.fullmatch(r"Showing 1 of 1 paragraph \(\d+ ms\)\n", result.stderr)
    assert max(map(len, result.stdout.splitlines())) <= 80
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", "labor trafficking", "--facet", "tag"],
        ["search", "palermo", "moeling"],
        ["search", '"open'],
        ["show", "10BEIJING30", "--clearance", "SBU"],
        ["export"],
        ["index", "-", "none.txt"],
        ["verify"],
        ["stats", "--help"],
        ["nothing"],
    ],
    ids=" ".join,
)
def test_a_separate_process_gives_the_same_output(index: Path, tmp_path: Path, arguments: list[str]) -> None:
    # Most tests run commands in this process. This one checks that they may.
    options = () if "nothing" in arguments else ("--index", "archive")
    line = '{"id": "10X1", "paragraphs": [{"text": "\u00e9 china"}]}\nnothing\n'
    answers = []
    for runner in (run, run_apart):
        shutil.copytree(index, tmp_path / "archive")
        result = runner(*arguments, *options, cwd=tmp_path, stdin=line)
        answers.append((result.returncode, result.stdout, re.sub(r"\(\d+ ms\)|in [0-9.]+ s\b", "", result.stderr)))
        shutil.rmtree(tmp_path / "archive")
        assert list(tmp_path.iterdir()) == []
    assert answers[0] == answers[1]


def test_a_command_run_in_another_program_leaves_the_exit_status_to_it() -> None:
    # Otherwise tests that fail, and trials that find faults, would end with the status of their last command.
    code = "from trials.running import run\nrun('--version')\nraise SystemExit(3)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 3


def test_the_environment_can_name_the_index(index: Path) -> None:
    assert run("search", "palermo", CABLESEARCH_INDEX=str(index)).returncode == 0


def test_json_keeps_the_contract(index: Path) -> None:
    result = run("search", '"labor trafficking"', "--format", "json", "--facet", "tag", "--index", index)
    answer = json.loads(result.stdout)
    assert set(answer) >= {"version", "query", "total", "took_ms", "suggestion", "hits", "facets"}
    assert (answer["version"], answer["query"], answer["total"]) == (1, '"labor trafficking"', 1)
    hit = answer["hits"][0]
    text, snippet, score = hit.pop("text"), hit.pop("snippet"), hit.pop("score")
    assert text.startswith("Huang Taiyun, Deputy Director General")
    assert "<mark>labor</mark> <mark>trafficking</mark>" in snippet
    assert "&quot;" in snippet or '"' not in snippet
    assert score == round(score, 4) > 0
    assert hit == {
        "cable": "10BEIJING30",
        "paragraph": 3,
        "position": 3,
        "citation": "10BEIJING30 ¶3",
        "date": "2010-01-08T03:26Z",
        "origin": "Embassy Beijing",
        "classification": "CONFIDENTIAL",
        "controls": [],
        "marking": "C",
        "cable_classification": "CONFIDENTIAL",
        "tags": ["PGOV", "PHUM", "SMIG", "KTIP", "KCRM", "KWMN", "CH"],
        "subject": "CHINA RATIFIES PALERMO PROTOCOL AND PLEDGES TO COOPERATE ON COUNTER-TIP EFFORTS",
        "section": "China Ratifies Palermo",
    }
    assert sorted(answer["facets"]["tags"]) == sorted([tag, 1] for tag in hit["tags"])


def test_the_machine_formats_have_the_same_hits(index: Path) -> None:
    base = ("search", "china", "--index", index, "--limit", "3")
    lines = run(*base, "--format", "jsonl").stdout.splitlines()
    assert [json.loads(line)["cable"] for line in lines] == ["10BEIJING30"] * 3
    assert run(*base, "--format", "ids").stdout == "10BEIJING30\n"
    rows = list(csv.DictReader(io.StringIO(run(*base, "--format", "csv").stdout)))
    assert len(rows) == 3
    assert rows[0]["cable"] == "10BEIJING30"
    assert rows[0]["tags"].startswith("PGOV|PHUM")


@pytest.mark.parametrize("start", ["=HYPERLINK(1)", "+1", "-2+3", "@SUM(1)", "\u00ad=1", "\u2003\u200d+1"])
def test_csv_cells_are_never_formulas(tmp_path: Path, start: str) -> None:
    line = {"id": "10X1", "subject": start, "origin": start, "paragraphs": [{"text": f"{start} china"}]}
    assert run("index", "-", "--index", tmp_path / "index", stdin=json.dumps(line) + "\n").returncode == 0
    result = run("search", "china", "--format", "csv", "--index", tmp_path / "index").stdout
    (row,) = csv.DictReader(io.StringIO(result))
    assert [row[name] for name in ("subject", "origin")] == ["'" + start] * 2
    assert (row["text"], row["score"][0].isdigit()) == (f"'{start} china", True)


def test_a_misspelt_option_gets_a_suggestion(index: Path) -> None:
    result = run("search", "trafficking", "--lmit", "3", "--index", index)
    assert result.returncode == 2
    assert "--limit" in result.stderr.splitlines()[-1]
    assert "'query'" not in run("export", "--quer", "x", "--index", index).stderr


def test_excluded_words_are_not_options(index: Path) -> None:
    every = json.loads(run("search", "china", "--format", "json", "--index", index).stdout)["total"]
    fewer = json.loads(run("search", "china", "-text:palermo", "--format", "json", "--index", index).stdout)["total"]
    assert 0 < fewer < every
    assert run("search", "china", "--limmit", "3", "--index", index).returncode == 2


def test_filters_pages_and_order(index: Path) -> None:
    def total(*options: str) -> int:
        return int(json.loads(run("search", *options, "--format", "json", "--index", index).stdout)["total"])

    assert (
        total("--tag", "PHUM") == total("--origin", "beijing") == total("--since", "2010", "--until", "2010-01") == 10
    )
    assert total("--classification", "SBU") == 2
    assert total("--classification", "SBU", "--classification", "C") == 10
    assert total("--until", "2009") == 0
    assert total("--tag", "PHUM", "--tag", "MARR") == 0
    first, second = (
        run("search", "*", "--limit", "1", "--offset", offset, "--sort", "-date", "--format", "json", "--index", index)
        for offset in ("0", "1")
    )
    assert [json.loads(page.stdout)["hits"][0]["position"] for page in (first, second)] == [1, 2]


def test_no_results_come_with_queries_that_would_have_some(index: Path) -> None:
    result = run("search", "palermo", "moeling", "--index", index)
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.startswith("No paragraphs match.\n")
    assert "10 paragraphs contain at least one of these words: try --any" in result.stderr
    assert "1 cable contains all the words: try --group cable" in result.stderr
    assert "Showing 0 of 10" in run("search", "--any", "palermo moeling", "--limit", "0", "--index", index).stderr
    assert run("search", "palermo", "moeling", "--group", "cable", "--index", index).returncode == 0
    assert run("search", "trafiking", "--index", index).stderr == "No paragraphs match; did you mean: trafficking\n"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("yaer", "; did you mean year?"),
        ("tags,year", ": name each on its own"),
        ("tags,colour", ""),
        ("zzz", ""),
    ],
)
def test_an_unknown_facet_is_named_with_a_near_one(index: Path, name: str, hint: str) -> None:
    result = run("search", "china", "--facet", name, "--index", index)
    assert result.returncode == 2
    assert result.stderr == f"Error: unknown facet '{name}'{hint}; choose from: {', '.join(FACETS)}\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["search", '"open'],
        ["search", "foo:bar"],
        ["search", "date:2009-13"],
        ["search"],
        ["search", "china", "--since", "soon"],
        ["search", "china", "--facet", "colour"],
        ["search", "china", "--clearance", "HIGH"],
        ["search", "china", "--limit", "-1"],
        ["export", "(china"],
        ["show", "10BEIJING30", "--query", "(x"],
        ["remove", "X", "--clearance", "SBU"],
        ["verify", "--repair", "--deep"],
        ["index", ""],
        ["index", str(BEIJING), "--jobs", "1000"],
    ],
)
def test_wrong_input_gives_a_message_and_status_2(index: Path, arguments: list[str]) -> None:
    result = run(*arguments, "--index", index)
    assert result.returncode == 2
    assert result.stdout == ""
    assert "Error" in result.stderr


def test_a_missing_archive_is_named_by_its_absolute_path(tmp_path: Path) -> None:
    result = run("search", "china", cwd=tmp_path)
    assert result.returncode == 2
    assert str(tmp_path / "indexes" / "cables") in result.stderr


def test_show_prints_a_cable_and_its_paragraphs(index: Path) -> None:
    whole = run("show", "10BEIJING30", "--index", index)
    assert whole.returncode == 0
    assert "¶10 (C) TIP is a transnational issue" in whole.stdout
    assert "Future Focus: Victim Protection and Assistance" in whole.stdout
    result = run("show", "10BEIJING30¶4", "--query", "court", "--index", index).stdout
    assert "International *Court* of Justice" in " ".join(result.split())
    assert "TIP is a transnational" not in result
    assert (
        run("show", "10beijing030@4", "--index", index).stdout == run("show", "10BEIJING30¶4", "--index", index).stdout
    )
    assert run("show", "10BEIJING30", "--raw", "--index", index).stdout == BEIJING.read_text(encoding="utf-8")
    as_json = json.loads(run("show", "10BEIJING30¶4", "--format", "json", "--index", index).stdout)
    assert [paragraph["number"] for paragraph in as_json["paragraphs"]] == [4]
    unknown = run("show", "10BEIJING31", "--index", index)
    assert (unknown.returncode, unknown.stdout) == (1, "")
    assert run("show", "10BEIJING30¶44", "--index", index).returncode == 1


def test_stats_count_cables_paragraphs_and_words(index: Path) -> None:
    figures = json.loads(run("stats", "--format", "json", "--index", index).stdout)
    assert figures["cables"] == 1
    assert figures["paragraphs"] == 10
    assert figures["words"] > 900
    assert figures["first_date"] == figures["last_date"] == "2010-01-08T03:26Z"
    assert figures["size_bytes"] == sum(
        path.stat().st_size for path in index.glob("*.[sj]*") if "lock" not in path.name
    )
    assert "paragraphs" in run("stats", "--index", index).stdout


def test_export_can_be_indexed_again(index: Path, tmp_path: Path) -> None:
    exported = run("export", "--index", index).stdout
    assert run("export", "tag:PHUM", "--index", index).stdout == exported
    assert run("export", "tag:MARR", "--index", index).returncode == 1
    again = run("index", "-", "--index", tmp_path / "again", stdin=exported)
    assert again.returncode == 0
    assert run("export", "--index", tmp_path / "again").stdout == exported


def test_remove_reports_unknown_ids(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run("index", BEIJING, "--index", directory)
    result = run("remove", "10beijing30", "10NOWHERE1", "--index", directory)
    assert result.returncode == 1
    assert "10NOWHERE1" in result.stderr
    assert "Removed 1 cable." in result.stderr
    again = run("remove", "10NOWHERE1", "10NOWHERE1", "--index", directory)
    assert "\nRemoved 0 cables.\n" in again.stderr, "an id counts once, however often it is given"
    assert run("search", "china", "--index", directory).returncode == 1
    assert run("compact", "--index", directory).returncode == 0
    assert run("remove", "10BEIJING30", "--index", directory).returncode == 1


def test_remove_takes_ids_as_show_does(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    source = write_cables(tmp_path / "cables.jsonl", [cable(f"10A{number}", "x") for number in range(5)])
    run("index", source, "--index", directory)
    assert "Removed 1 cable." in run("remove", "10", "A", "1", "--index", directory).stderr
    piped = run("remove", "10A0", "-", "--index", directory, stdin="10A2\n\n10A3\n")
    assert (piped.returncode, piped.stderr.splitlines()[0]) == (0, "Removed 3 cables.")
    assert run("search", "x", "-f", "ids", "--index", directory).stdout == "10A4\n"


def test_remove_names_near_ids_and_refuses_paragraphs(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run("index", BEIJING, "--index", directory)
    said = run("remove", "10BEIJING31", "10 Beijing 30\u00b64", "10BEIJING30\u00b699", "--index", directory).stderr
    assert said.splitlines() == [
        "Error: no cable 10BEIJING31 in this archive; did you mean 10BEIJING30?",
        "Error: 10 Beijing 30\u00b64 is a paragraph; to remove the whole cable: cablesearch remove 10BEIJING30",
        "Error: 10BEIJING30 has no paragraph 99; it has paragraphs 1-10",
        "Removed 0 cables.",
        f"Archive: {directory}",
    ]


def test_verify_reports_damage_with_status_1(tmp_path: Path) -> None:
    directory = tmp_path / "index"
    run("index", BEIJING, "--index", directory)
    assert run("verify", "--index", directory).returncode == 0
    segment = next(directory.glob("*.seg"))
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 255
    segment.write_bytes(content)
    damaged = run("verify", "--index", directory)
    assert damaged.returncode == 1
    assert segment.name in damaged.stdout


REPAIR = "cablesearch verify --repair DIR"


@pytest.mark.parametrize(
    ("error", "advice"),
    [
        (ArchiveNotFoundError("a"), "cablesearch index SOURCE"),
        (CorruptIndexError("a/00000001.seg", "the file is missing"), REPAIR),
        (CorruptIndexError("a", "its default clearance cannot be read", "clearance"), f"{REPAIR} --clearance FULL"),
        (CorruptIndexError("a", "someone with full clearance can verify it", "withheld"), ": cablesearch verify"),
        (VersionError("a", "someone with full clearance can verify it", "withheld"), ": cablesearch verify"),
        (UnreadableFileError("a", "cannot be read (Too many open files)", "EMFILE"), "ulimit -n"),
        (DiedError(), "--jobs 1"),
        (WorkerError("16 processes cannot be started", "start"), "fewer with --jobs"),
    ],
    ids=repr,
)
def test_errors_come_with_the_commands_that_help(error: CablesearchError, advice: str) -> None:
    copied = pickle.loads(pickle.dumps(error))
    assert str(error) in described(error) == described(copied)
    assert advice in described(error).removeprefix(str(error))


def test_damage_is_shown_with_the_command_that_saves(index: Path, tmp_path: Path) -> None:
    directory = tmp_path / "ruin"
    shutil.copytree(index, directory)
    (directory / "manifest.json").unlink()
    for command in (["search", "china"], ["index", BEIJING], ["verify"]):
        result = run(*command, "--index", directory)
        assert f"manifest.json: the file is missing; save what can be read to a new archive with: {REPAIR}\n" in (
            result.stdout + result.stderr
        )


def test_an_empty_name_is_not_an_archive(tmp_path: Path) -> None:
    result = run("index", BEIJING, "--index", "", cwd=tmp_path)
    assert result.returncode == 2
    assert "must not be empty" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["manifest.json", "00000001.seg", "rejected.jsonl"])
def test_rejects_are_not_written_into_the_folder_of_an_archive(index: Path, tmp_path: Path, name: str) -> None:
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    for other in (index, tmp_path / "other"):
        result = run("index", BEIJING, tmp_path / "none.txt", "--index", other, "--rejects", index / name)
        assert result.returncode == 2
        assert "in the folder of an archive" in result.stderr
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before


def test_the_archive_itself_is_not_a_source(tmp_path: Path) -> None:
    shutil.copy(BEIJING, tmp_path / "cable.txt")
    for counts in ("1 added", "1 unchanged"):
        result = run("index", ".", cwd=tmp_path)
        assert (result.returncode, counts in result.stderr) == (0, True)
    shutil.copy(BEIJING, tmp_path / "indexes" / "cables" / "beside.txt")
    result = run("index", "cables", "--index", "cables", cwd=tmp_path / "indexes")
    assert (result.returncode, "1 unchanged" in result.stderr) == (0, True)
    (tmp_path / "indexes" / "cables" / "beside.txt").unlink()
    shutil.copytree(tmp_path / "indexes", tmp_path / "others")
    result = run("index", ".", cwd=tmp_path)
    assert (result.returncode, result.stderr.count("rejected: ")) == (1, 1)
    assert "an archive of cablesearch; export its cables" in result.stderr


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_may_be_closed(tmp_path: Path, closed: str) -> None:
    commands = [f"index {BEIJING}", "search court", "show 10BEIJING30", "verify"]
    for command in commands:
        line = f"exec {sys.executable} -m cablesearch {command} --index {tmp_path / 'index'} {closed}"
        result = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        assert (result.returncode, "Error" in result.stderr) == (0, False), command


@pytest.mark.usefixtures("interruptible")
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_repeated_interrupts_do_no_harm(tmp_path: Path, jobs: str) -> None:
    source, directory = tmp_path / "many.jsonl", tmp_path / "index"
    line = run("export", "--index", _indexed(tmp_path / "one")).stdout
    source.write_text("".join(line.replace("10BEIJING30", f"10BEIJING{number}") for number in range(20_000)))
    command = [sys.executable, "-m", "cablesearch", "index", str(source), "--index", str(directory), "--jobs", jobs]
    # Python leaves the file of a module open if it is interrupted while it reads the module, and warns of that.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as process:
        while not (directory / "writer.lock.pid").exists() and process.poll() is None:
            time.sleep(0.01)
        for _ in range(4):
            time.sleep(0.1)
            process.send_signal(signal.SIGINT)
        said = process.communicate()[1]
    assert process.returncode == 130
    saved = json.loads(run("stats", "--format", "json", "--index", directory).stdout)["cables"]
    assert said == f"Interrupted. The archive has {saved:,} cables; run the same command to continue.\n"
    assert run("verify", "--index", directory).returncode == 0


def test_an_interrupt_while_a_class_is_defined_exits_with_130(tmp_path: Path) -> None:
    # Data classes are defined by evaluating text.
    (tmp_path / "early.py").write_text(
        "from cablesearch import cli\ncli.cli = lambda **given: exec('raise KeyboardInterrupt')\ncli.main()\n"
    )
    ended = subprocess.run([sys.executable, "-m", "early"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "Interrupted.\n")


@pytest.mark.usefixtures("interruptible")
def test_an_interrupt_while_an_object_is_freed_is_not_lost(tmp_path: Path) -> None:
    (tmp_path / "freed.py").write_text(
        "from cablesearch import cli\n"
        "class Freed:\n    def __del__(self): raise KeyboardInterrupt\n"
        "def work(**given):\n    Freed()\n    import time; time.sleep(30)\n"
        "cli.cli = work\ncli.main()\n"
    )
    ended = subprocess.run([sys.executable, "-m", "freed"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (130, "Interrupted.\n")


def _indexed(path: Path) -> Path:
    run("index", BEIJING, "--index", path)
    return path


def test_verify_deeply_back_up_and_repair(index: Path, tmp_path: Path) -> None:
    deep = run("verify", "--deep", "--index", index)
    assert (deep.returncode, deep.stdout) == (0, f"OK: no problems found in {index}\n")
    copied = run("backup", tmp_path / "copy", "--index", index)
    assert (copied.returncode, copied.stdout) == (0, "")
    assert re.fullmatch(rf"Copied \d+ kB to {re.escape(str(tmp_path / 'copy'))}\n", copied.stderr)
    again = run("backup", tmp_path / "copy", "--index", index)
    assert (again.returncode, again.stdout) == (2, "")
    assert "not empty" in again.stderr
    exported = run("export", "--index", index).stdout
    assert run("export", "--index", tmp_path / "copy").stdout == exported
    saved = run("verify", "--repair", "--index", tmp_path / "copy")
    assert (saved.returncode, saved.stdout) == (0, "")
    assert f"Saved 1 cable to {tmp_path / 'copy-repaired'}; lost 0." in saved.stderr
    assert run("export", "--index", tmp_path / "copy-repaired").stdout == exported


def test_a_repair_with_losses_names_them_and_exits_with_1(tmp_path: Path, index: Path) -> None:
    directory = tmp_path / "ruin"
    shutil.copytree(index, directory)
    (segment,) = directory.glob("*.seg")
    segment.write_bytes(b"")
    saved = run("verify", "--index", directory, "--repair", tmp_path / "saved")
    assert saved.returncode == 1
    assert saved.stdout == f"{segment}: its cables (1) cannot be read: it is empty\n"
    assert f"Saved 0 cables to {tmp_path / 'saved'}; lost 1." in saved.stderr


def test_index_exits_with_the_documented_status(tmp_path: Path) -> None:
    junk = tmp_path / "junk.bin"
    junk.write_bytes(bytes(range(256)) * 40)
    directory = tmp_path / "index"
    nothing = run_apart("index", junk, "--index", directory)
    assert nothing.returncode == 2
    assert "junk.bin" in nothing.stderr
    result = run_apart("index", junk, BEIJING, "--index", directory, "--rejects", tmp_path / "rejects.jsonl")
    assert result.returncode == 1
    assert re.search(r"^1 added, 0 replaced, 0 unchanged, 1 rejected in [0-9.]+ s$", result.stderr, re.MULTILINE)
    entry = json.loads((tmp_path / "rejects.jsonl").read_text())
    assert entry["file"] == str(junk)
    again = run_apart("index", BEIJING, "--index", directory)
    assert again.returncode == 0
    assert "1 unchanged" in again.stderr
    assert run_apart("index", tmp_path / "none", "--index", directory).returncode == 2


def test_a_closed_pipe_is_not_an_error(index: Path) -> None:
    command = f"{sys.executable} -m cablesearch export --index {index} | true; exit ${{PIPESTATUS[0]}}"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert result.stderr == ""


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--limit", "1"], "Showing 1 of 10 paragraphs; --limit all shows all"),
        (["--limit", "3", "--offset", "2"], "Showing 3-5 of 10 paragraphs; --limit all shows the rest"),
        (["--limit", "0"], "Showing 0 of 10 paragraphs; --limit all shows all"),
        (["--offset", "4"], "Showing 5-10 of 10 paragraphs"),
        (["--offset", "50"], "Showing 0 of 10 paragraphs; --offset 50 skips all of them"),
        (["--limit", "all"], "Showing 1-10 of 10 paragraphs"),
        (["--group", "cable"], "Showing 1 of 1 cable"),
    ],
)
def test_the_summary_says_which_results_are_shown(index: Path, options: list[str], said: str) -> None:
    result = run("search", "tag:PHUM", *options, "--index", index)
    assert re.fullmatch(rf"{said} \(\d+ ms\)\n", result.stderr)


def test_a_clearance_hides_the_size_and_an_empty_archive_has_no_dates(tmp_path: Path, index: Path) -> None:
    assert "size on disk  hidden by clearance" in run("stats", "--clearance", "SBU", "--index", index).stdout
    for command in (["index", BEIJING], ["remove", "10BEIJING30"]):
        run(*command, "--index", tmp_path / "empty")
    assert "first date    none" in run("stats", "--index", tmp_path / "empty").stdout


@pytest.mark.parametrize("size", ["512", "1M", "2T", "-2G", ""])
def test_an_invalid_memory_size_is_rejected(tmp_path: Path, size: str) -> None:
    result = run("index", BEIJING, "--memory", size, "--index", tmp_path / "index")
    assert result.returncode == 2
    assert "such as 512M or 2G" in " ".join(result.stderr.split())


def test_indexing_in_little_memory_adds_the_same_cables(tmp_path: Path) -> None:
    assert run("index", BEIJING, "--memory", "16m", "--index", tmp_path / "index").returncode == 0
    assert "10BEIJING30" in run("search", "palermo", "--index", tmp_path / "index").stdout


def test_long_values_are_shortened_in_lists_but_not_in_json(tmp_path: Path) -> None:
    source, index = tmp_path / "cables.jsonl", tmp_path / "archive"
    made = cable("10A1", ("U", "china"), tags=["T" * 5_000], origin="O" * 5_000, subject="s" * 5_000)
    write_cables(source, [made])
    assert run("index", source, "--index", index).returncode == 0
    listed = run("search", "china", "--facet", "tags", "--facet", "origin", "--index", index).stdout
    assert max(map(len, listed.splitlines())) <= 80
    listed = re.sub(r"\n +", "", listed)
    assert "T" * 239 + "\u2026" in listed
    assert not re.search("T{240}|O{240}|s{1001}", listed)
    page = json.loads(run("search", "china", "--format", "json", "--facet", "tags", "--index", index).stdout)
    assert page["facets"]["tags"] == [["T" * 5_000, 1]]
    assert (page["hits"][0]["origin"], page["hits"][0]["subject"]) == ("O" * 5_000, "s" * 5_000)
