"""Text from cables, file names and arguments never controls the terminal, in any format."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cablesearch.archive import Archive
from cablesearch.cable import Paragraph
from cablesearch.cli import cli
from cablesearch.errors import CablesearchError, CorruptIndexError, QueryError
from cablesearch.readers import UnreadableCable
from cablesearch.readers.formats.json_lines import parse_line
from cablesearch.readers.json_cables import dumps
from cablesearch.results.passages import Snippet
from cablesearch.text.terminal import json_line, one_line, printable
from tests.support.cables import cable
from tests.support.files import write_cables
from tests.support.running import run
from tests.support.terminal import all_shown
from trials.running import run as run_here

COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
"""Characters that must not reach a terminal."""
OUT = (errno.ENOSPC, errno.EROFS, errno.EDQUOT)
EVIL = "\x1b[31m\x07\x9b31m\u202e\x7f\u2028"

nasty = st.text(
    st.sampled_from(list("ab <>&\"'\n\t\r\0\x1b\x07\x7f\x80\x9b\xa0\xad\u200d\u2028\u202e\u2066\udc80\ud83dé"))
)


@given(st.text() | nasty)
def test_printable_text_cannot_control_the_terminal_and_keeps_its_places(text: str) -> None:
    printed = printable(text)
    assert not COMMANDS.search(printed)
    assert len(printed) == len(text)
    assert not set("\n\t") & set(one_line(text))
    assert printable(printed) == printed


def test_letters_and_blanks_of_any_script_are_printable() -> None:
    text = "é\n¶\t«\u00a0Ελλάδα\u3000中文\u00a0» 😀 می\u200cخواهم क्\u200dष co\u00adoperate"
    assert printable(text) == text


@pytest.mark.parametrize("sign", ["\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff"])
def test_no_name_looks_like_another(sign: str) -> None:
    assert one_line(f"10BEI{sign}JING30") == "10BEI\ufffdJING30"


@given(
    st.recursive(
        st.none() | st.floats(allow_nan=False) | nasty, lambda one: st.lists(one) | st.dictionaries(nasty, one)
    )
)
def test_json_keeps_its_value_and_cannot_control_the_terminal(value: object) -> None:
    line = json_line(value)
    assert not COMMANDS.search(line)
    assert "\n" not in line
    assert json.loads(line) == json.loads(json.dumps(value))


@given(nasty, nasty)
def test_errors_cannot_control_the_terminal(one: str, other: str) -> None:
    errors = [CablesearchError(one), CorruptIndexError(other.replace("\0", ""), one), UnreadableCable(one)]
    errors.append(QueryError(one, len(one) // 2, other, other))
    assert not [error for error in errors if COMMANDS.search(str(error))]


def test_the_pointer_of_an_error_is_under_its_place() -> None:
    query = "\x1b[31m\n\u202e (china"
    line, pointer = str(QueryError(query, query.index("("), "a", "b")).split("\n")[1:3]
    assert line[pointer.index("^")] == "("


@given(st.lists(st.tuples(st.text() | nasty, st.booleans()), max_size=4).map(tuple))
def test_the_html_of_a_snippet_has_only_mark_tags(parts: tuple[tuple[str, bool], ...]) -> None:
    html = Snippet(parts).html()
    rest = html.replace("<mark>", "").replace("</mark>", "")
    assert not set(rest) & set("<>\"'")
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", rest)
    assert not COMMANDS.search(Snippet(parts).terminal())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an archive whose every text field has control characters."""
    folder = tmp_path_factory.mktemp("hostile")
    result = cable(
        f"10BAD{EVIL}\n1",
        (f"S{EVIL}", f"china {EVIL} word {EVIL}"),
        subject=f"china {EVIL} subject",
        subject_marking=EVIL,
        tags=(f"TAG{EVIL}\n", "PHUM"),
        origin=f"Embassy {EVIL}\nX",
        references=(EVIL,),
        envelope=f"envelope {EVIL} palermo",
    )
    from dataclasses import replace

    paragraphs: tuple[Paragraph, ...] = (replace(result.paragraphs[0], section=f"Heading {EVIL}", start=0, end=40),)
    result = replace(result, paragraphs=paragraphs, signers=(EVIL,), header=EVIL, body=f"1. china {EVIL}" * 3)
    read = parse_line((dumps(result),))
    assert replace(read, given=None) == result
    result = read
    source = folder / "source.jsonl"
    source.write_text(dumps(result), encoding="utf-8")
    assert run("index", source, "--index", folder / "index").returncode == 0
    return folder / "index"


def harmless(result: subprocess.CompletedProcess[str]) -> str:
    """Return the output after checking that neither it nor the messages control the terminal."""
    assert not COMMANDS.search(result.stdout)
    assert not COMMANDS.search(result.stderr)
    return result.stdout


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "ids"])
def test_results_cannot_control_the_terminal(hostile: Path, form: str) -> None:
    facets = [word for name in ("tags", "origin", "marking") for word in ("--facet", name)]
    for query in (["china"], ["palermo", "--group", "cable"]):
        assert harmless(run("search", *query, *facets, "--format", form, "--index", hostile))
    if form == "ids":
        assert len(harmless(run("search", "china", "--format", form, "--index", hostile)).splitlines()) == 1


def test_cables_cannot_control_the_terminal_and_are_exported_whole(hostile: Path, tmp_path: Path) -> None:
    exported = harmless(run("export", "--index", hostile))
    name = json.loads(exported)["id"]
    assert EVIL in name
    visible = harmless(run("show", name, "--query", "china", "--index", hostile))
    assert "�[31m" in visible
    assert EVIL in json.loads(harmless(run("show", name, "--format", "json", "--index", hostile)))["body"]
    harmless(run("show", name + "@1", "--index", hostile))
    again = run("index", "-", "--index", tmp_path / "again", stdin=exported)
    assert again.returncode == 0
    assert run("export", "--index", tmp_path / "again").stdout == exported
    harmless(run("stats", "--index", hostile))
    harmless(run("verify", "--index", hostile))


def test_raw_text_is_harmless_on_a_terminal_and_as_it_came_elsewhere(hostile: Path) -> None:
    name = json.loads(run("export", "--index", hostile).stdout)["id"]
    command = [sys.executable, "-m", "cablesearch", "show", name, "--raw", "--index", str(hostile)]
    assert EVIL.encode() in subprocess.run(command, capture_output=True, check=True).stdout
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        reported = all_shown(ours)
        assert process.wait() == 0
    assert b"1. china" in reported
    assert not COMMANDS.search(reported.decode().replace("\r\n", "\n"))


ARGUMENTS = [
    ["search", EVIL, "--sort", EVIL],
    ["search", "china", f"--{EVIL}"],
    ["search", f"unknown{EVIL}:(x", "a"],
    ["search", f"{EVIL}("],
    ["search", "x", "--facet", EVIL],
    ["search", "x", "--since", EVIL],
    ["search", "x", "--tag", EVIL, "--origin", EVIL],
    ["search", f"chinna{EVIL}"],
    ["show", EVIL],
    ["show", "x", "--query", f"({EVIL}"],
    ["remove", EVIL],
    ["export", f"({EVIL}"],
    ["export", f"--{EVIL}=x"],
    ["index", f"/nowhere/{EVIL}"],
    ["index", f"/nowhere/{EVIL}", "/nowhere"],
    ["index", "x", "--memory", EVIL],
    ["index", "x", "--jobs", EVIL],
    [EVIL],
    [f"--{EVIL}"],
    ["stats", "--clearance", EVIL],
    ["stats", "--format", EVIL],
    ["stats", EVIL],
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_arguments_cannot_control_the_terminal(hostile: Path, arguments: list[str]) -> None:
    result = run(*arguments, "--index", hostile)
    harmless(result)
    assert result.returncode in (1, 2)


def test_names_of_files_and_folders_cannot_control_the_terminal(tmp_path: Path) -> None:
    folder = tmp_path / f"folder{EVIL}\n"
    folder.mkdir()
    (folder / f"x{EVIL}\n.txt").write_text("no cable")
    (folder / f"rejected: {EVIL}").write_bytes(b"1. (C) x" * 9)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(f"../{EVIL}\n", "no cable")
        archive.writestr("10BEIJING30.txt", "CONFIDENTIAL\n\nTAGS: CH\n\n1. (C) China.\n")
    index = tmp_path / f"index{EVIL}\n"
    result = run("index", folder, "--index", index, "--rejects", tmp_path / f"r{EVIL}")
    harmless(result)
    assert result.returncode == 1
    summary = re.search(r"^1 added, ", result.stderr, re.MULTILINE)
    assert summary
    reported = [line.partition(":")[0] for line in result.stderr[: summary.start()].splitlines()]
    assert sorted(reported) == ["incomplete", "rejected", "rejected", "rejected"]
    harmless(run("search", "china", "--index", index))
    harmless(run("verify", "--index", index))
    for path in index.glob("*.seg"):
        path.write_bytes(b"junk" * 99)
    for command in (["verify"], ["search", "china"], ["compact"], ["remove", "x"]):
        harmless(run(*command, "--index", index))
    harmless(run("index", folder, "--index", folder / f"rejected: {EVIL}"))
    harmless(run("index", folder, "--index", index, "--rejects", folder / f"x{EVIL}\n.txt"))


# All commands, with control characters in every name

NASTY = EVIL + "\nError: faked\r"
MARK = "faked"


def lines_of(*command: str) -> list[str]:
    """Return the lines that a command prints, after checking that no name forges one."""
    answer = run_here(*command)
    text = (answer.out + b"\n" + answer.err).decode()
    assert not COMMANDS.search(text)
    lines = text.split("\n")
    assert not [line for line in lines if line.startswith((MARK, f"Error: {MARK}"))]
    assert not [line for line in lines if "Traceback" in line or "internal error" in line]
    return lines


def test_no_command_prints_control_characters_from_names(tmp_path: Path) -> None:
    folder = tmp_path / f"folder{NASTY}"
    folder.mkdir()
    result = cable(f"10BAD{NASTY}1", "china", tags=(f"T{NASTY}",), origin=NASTY, subject=NASTY)
    source = folder / f"source{NASTY}.jsonl"
    source.write_text(dumps(result) + "\n" + dumps(result) + "\n{}\n", encoding="utf-8")
    index, bad = folder / f"index{NASTY}", folder / f"bad{NASTY}"
    again = [str(folder / f"{name}{NASTY}") for name in ("copy", "saved", "rejects")]
    at = ["--index", str(index)]
    commands = [
        ["index", str(source), str(source) + "none", "--rejects", again[2], *at],
        ["search", "china", "--facet", "tags", *at],
        ["search", f"china{NASTY}", *at],
        ["search", "china", "--tag", NASTY, "--origin", NASTY, *at],
        ["show", result.id, *at],
        ["show", f"{result.id}@1", *at],
        ["show", NASTY, *at],
        ["stats", *at],
        ["export", *at],
        ["export", f"({NASTY}", *at],
        ["verify", *at],
        ["verify", "--deep", *at],
        ["backup", again[0], *at],
        ["backup", again[0], *at],
        ["verify", "--repair", again[1], *at],
        ["verify", "--repair", again[1], *at],
        ["verify", "--repair", again[1], "--default-clearance", NASTY, *at],
        ["remove", NASTY, result.id, *at],
        ["compact", *at],
        ["compact", f"--{NASTY}", *at],
        ["compact", NASTY, *at],
        [f"command{NASTY}"],
        ["stats", "--clearance", NASTY, *at],
        ["index", str(source), "--memory", NASTY, *at],
        ["index", str(source), "--default-clearance", NASTY, *at],
        ["index", str(source), "--rejects", str(source), *at],
        *([*command, "--index", str(bad)] for command in (["stats"], ["verify"], ["backup", str(bad)], ["compact"])),
        *([*command, "--index", str(source)] for command in (["stats"], ["verify"], ["index", str(source)])),
    ]
    for command in commands:
        assert any(lines_of(*command))
    assert run_here("index", str(source), *at).status == 1
    for path in index.glob("*.seg"):
        content = bytearray(path.read_bytes())
        content[len(content) // 3 : len(content) // 3 + 99] = b"j" * 99
        path.write_bytes(content)
    (index / "manifest.copy.json").unlink()
    for name in ("segment", "manifest"):
        if name == "manifest":
            (index / "manifest.json").write_text("{")
        for command in (["search", "china"], ["export"], ["verify"], ["compact"], ["backup", again[0] + "x"]):
            assert any(lines_of(*command, *at))
        assert any(lines_of("verify", "--repair", again[1] + name, *at))


def test_the_progress_bar_shows_no_names(tmp_path: Path) -> None:
    source = tmp_path / f"source{EVIL}.jsonl"
    write_cables(source, [cable("10A1", "china")])
    command = [sys.executable, "-m", "cablesearch", "index", str(source), "--index", str(tmp_path / f"index{EVIL}")]
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        reported = all_shown(ours)
        assert process.wait() == 0
    # Only the progress bar moves the cursor.
    assert not re.search("[\x07\x9b\u202e\u2028]", reported.decode())
    assert b"1 added" in reported


# Messages when a resource runs out


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (MemoryError(), "not enough memory"),
        (RecursionError("maximum recursion depth exceeded"), "nested too deeply"),
        *((OSError(code, os.strerror(code), "{index}"), os.strerror(code)) for code in OUT),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else "",
)
@pytest.mark.parametrize(
    "command", [["search", "china"], ["index", "{source}"], ["verify"], ["compact"], ["remove", "x"]]
)
def test_running_out_of_a_resource_names_the_archive_on_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException, said: str, command: list[str]
) -> None:
    source, index = tmp_path / "source.jsonl", tmp_path / "index"
    write_cables(source, [cable("10A1", "china")])
    assert run_here("index", str(source), "--index", str(index)).status == 0
    if isinstance(error, OSError):
        error.filename = str(index)

    def fail(*given: object, **named: object) -> object:
        raise error

    monkeypatch.setattr("cablesearch.embedded.place.latest", fail)
    answer = run_here(*(str(source) if word == "{source}" else word for word in command), "--index", str(index))
    assert (answer.status, answer.out) == (2, b"")
    (line,) = answer.err.decode().splitlines()
    assert line.startswith(f"Error: {index}: ")
    assert said in line


@pytest.mark.parametrize("code", [errno.ENOLCK, errno.EOPNOTSUPP, errno.EIO])
def test_a_file_system_without_locks_is_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    def reject(descriptor: int, operation: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("fcntl.flock", reject)
    source = tmp_path / "source.jsonl"
    write_cables(source, [cable("10A1", "china")])
    answer = run_here("index", str(source), "--index", str(tmp_path / "index"))
    assert answer.status == 2
    assert f"Error: {tmp_path / 'index'}{os.sep}writer.lock: {os.strerror(code)}" in answer.err.decode()
    assert (b"file system with locks" in answer.err) == (code != errno.EIO)


@pytest.mark.parametrize("command", [["stats"], ["export"], ["search", "china"], ["show", "10BEIJING30", "--raw"]])
def test_failing_output_is_reported_on_one_line(beijing: Archive, command: list[str]) -> None:
    program = [sys.executable, "-m", "cablesearch", *command, "--index", str(beijing.path)]
    with open("/dev/full", "w") as full:
        result = subprocess.run(program, stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        assert (result.returncode, result.stderr) == (2, "Error: standard output: No space left on device\n")
        assert subprocess.run([*program, "--bad"], stderr=full, stdout=full, check=False).returncode == 2


@pytest.mark.parametrize(("folder", "expected"), [(0o700, 0o600), (0o755, 0o644), (0o750, 0o640)])
def test_rejects_are_as_private_as_the_archive(tmp_path: Path, folder: int, expected: int) -> None:
    source, index, rejects = (tmp_path / name for name in ("source.jsonl", "index", "rejects"))
    for content in ("{}\n", dumps(cable("10A1", "china"))):
        source.write_text(content, encoding="utf-8")
        run_here("index", str(source), "--index", str(index))
        index.chmod(folder)
        run_here("index", str(source), "--rejects", str(rejects), "--index", str(index))
        assert stat.S_IMODE(rejects.stat().st_mode) == expected
        rejects.unlink()


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@settings(max_examples=30)
@example("\x1b]0;x\x07")
@given(nasty.filter(lambda text: "\0" not in text))
def test_any_query_is_answered_or_rejected_in_printable_text(hostile: Path, text: str) -> None:
    for form in ("text", "json", "csv"):
        result = invoked("search", "--index", str(hostile), "--format", form, "--", text, "china")
        assert not COMMANDS.search(result.output)
        if result.exception and not isinstance(result.exception, SystemExit):
            assert isinstance(result.exception, CablesearchError)
            assert not COMMANDS.search(str(result.exception))
