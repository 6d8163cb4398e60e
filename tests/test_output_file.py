"""--output: a file has the whole result, or is as it was."""

from __future__ import annotations

import os
import re
import shlex
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cablesearch.cli.output_file import written_to
from cablesearch.errors import CablesearchError
from tests.support.files import BEIJING
from tests.support.running import run, run_apart


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("output") / "index"
    assert run("index", BEIJING, "--index", directory).returncode == 0
    return directory


@pytest.mark.parametrize(
    "arguments",
    [["search", "china", "-f", form] for form in ("text", "jsonl", "csv", "ids")]
    + [["search", "china", "--excel", "--facet", "tags"], ["export"], ["search", "nowhere", "-f", "csv"]],
    ids=" ".join,
)
def test_the_file_has_what_would_have_been_printed(index: Path, tmp_path: Path, arguments: list[str]) -> None:
    target = tmp_path / "out"
    printed, written = run(*arguments, "--index", index), run(*arguments, "-o", target, "--index", index)
    assert target.read_bytes().decode() == printed.stdout
    assert (written.stdout, written.returncode) == ("", printed.returncode)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    ("arguments", "name", "form"),
    [(["search", "china"], f"china.{form}", form) for form in ("json", "jsonl", "csv", "ids")]
    + [(["show", "10BEIJING30"], f"cable.{form}", form) for form in ("json", "md", "html")]
    + [(["search", "china"], "CHINA.CSV", "csv"), (["search", "china"], "china.txt", "text")],
)
def test_the_ending_of_the_file_names_the_format(
    index: Path, tmp_path: Path, arguments: list[str], name: str, form: str
) -> None:
    implied, given = tmp_path / name, tmp_path / "given"
    for target, more in ((implied, []), (given, ["-f", form])):
        assert run(*arguments, "-o", target, *more, "--index", index).returncode == 0
    texts = [re.sub('"took_ms": [0-9.]+', "", path.read_text(encoding="utf-8")) for path in (implied, given)]
    assert texts[0] == texts[1]


def test_a_given_format_wins_over_the_ending(index: Path, tmp_path: Path) -> None:
    for target, more, start in (
        ("a.csv", ["-f", "jsonl"], "{"),
        ("a.json", ["--excel"], "\ufeffcable,"),
        ("a.pdf", ["-f", "ids"], "10"),
    ):
        assert run("search", "china", "-o", tmp_path / target, *more, "--index", index).returncode == 0
        assert (tmp_path / target).read_text(encoding="utf-8").startswith(start)


@pytest.mark.parametrize(("command", "ending"), [("search", ".xlsx"), ("show", ".pdf"), ("related", ".gexf")])
def test_a_kind_of_file_that_no_format_is_for_is_an_error(
    index: Path, tmp_path: Path, command: str, ending: str
) -> None:
    result = run(command, "10BEIJING30", "-o", tmp_path / f"out{ending}", "--index", index)
    assert result.returncode == 2
    assert f"cannot write {ending}; the formats are text, json, " in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["(china"], ["china", "--since", "soon"], ["china", "--index", "nowhere"]])
def test_an_error_leaves_an_existing_file_alone(index: Path, tmp_path: Path, arguments: list[str]) -> None:
    target = tmp_path / "out"
    target.write_text("before")
    at = [] if "--index" in arguments else ["--index", str(index)]
    assert run("search", *arguments, "-o", target, *at, cwd=tmp_path).returncode == 2
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    target.unlink()
    assert run("search", *arguments, "-o", target, *at, cwd=tmp_path).returncode == 2
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError, SystemExit, CablesearchError])
def test_a_part_of_the_result_is_never_left(index: Path, tmp_path: Path, error: type[BaseException]) -> None:
    target = tmp_path / "out"
    target.write_text("before")

    def write_a_part() -> None:
        with written_to(str(target), str(index)):
            sys.stdout.write("a part")
            raise error

    with pytest.raises(error) as caught:
        write_a_part()
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    if isinstance(caught.value, OSError):
        assert caught.value.filename == str(target)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_no_part_of_the_result(index: Path, tmp_path: Path, number: int) -> None:
    code = (
        # The signal may be ignored where the tests run, as under nohup.
        "import os, signal, sys\nfrom cablesearch.cli.output_file import written_to\n"
        "signal.signal(int(sys.argv[3]), signal.SIG_DFL)\n"
        "with written_to(sys.argv[1], sys.argv[2]):\n    print('a part')\n    os.kill(os.getpid(), int(sys.argv[3]))\n"
        "    print('more')\n"
    )
    target = tmp_path / "out"
    target.write_text("before")
    ended = subprocess.run([sys.executable, "-c", code, target, index, str(int(number))], check=False)
    assert ended.returncode == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert target.read_text() == "before"


def test_a_full_disk_is_reported_with_the_name_of_the_file(index: Path) -> None:
    full = run("export", "-o", "/dev/full", "--index", index)
    assert full.returncode == 2
    assert full.stderr == "Error: /dev/full: No space left on device\n"


def test_a_device_or_a_pipe_is_written_to(index: Path, tmp_path: Path) -> None:
    assert run("export", "-o", "/dev/null", "--index", index).returncode == 0
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)
    pipe, received = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: received.append(pipe.read_text()))
    reader.start()
    assert run("search", "china", "-f", "ids", "-o", pipe, "--index", index).returncode == 0
    reader.join()
    assert received == ["10BEIJING30\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_by_a_path_is_not_replaced(index: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "link").symlink_to("/dev/stdout")
    arguments = ["search", "china", "-f", "ids", "-o", name, "--index", str(index)]
    assert run_apart(*arguments, cwd=tmp_path).stdout == "10BEIJING30\n"
    with (tmp_path / "log").open("w") as log:
        for text in ("before\n", "between\n"):
            log.write(text)
            log.flush()
            subprocess.run([sys.executable, "-m", "cablesearch", *arguments], cwd=tmp_path, stdout=log, check=True)
    assert (tmp_path / "log").read_text() == "before\n10BEIJING30\nbetween\n10BEIJING30\n"


def test_an_open_pipe_is_written_to(index: Path, tmp_path: Path) -> None:
    words = [
        sys.executable,
        "-m",
        "cablesearch",
        "search",
        "china",
        "-f",
        "ids",
        "-o",
        "/dev/fd/9",
        "--index",
        str(index),
    ]
    command = f"{shlex.join(words)} 9>&1 >/dev/null | cat"
    assert subprocess.run(["sh", "-c", command], capture_output=True, check=True).stdout == b"10BEIJING30\n"


def test_links_that_lead_to_each_other_are_an_error(index: Path, tmp_path: Path) -> None:
    for one, other in (("a", "b"), ("b", "a")):
        (tmp_path / one).symlink_to(tmp_path / other)
    refused = run("search", "china", "-o", "a", "--index", index, cwd=tmp_path)
    assert (refused.returncode, refused.stderr) == (2, "Error: a: Too many levels of symbolic links\n")
    assert (tmp_path / "a").is_symlink()


def test_a_link_stays_and_its_file_is_replaced(index: Path, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    target, link = tmp_path / "there" / "out", tmp_path / "link"
    target.write_text("before")
    link.symlink_to(target)
    assert run("search", "china", "-f", "ids", "-o", link, "--index", index).returncode == 0
    assert link.is_symlink()
    assert target.read_text() == "10BEIJING30\n"


def test_modes_follow_the_existing_file_or_the_archive(index: Path, tmp_path: Path) -> None:
    target, new = tmp_path / "out", tmp_path / "new"
    target.write_text("before")
    target.chmod(0o604)
    mode = index.stat().st_mode
    index.chmod(0o700)
    try:
        for path in (target, new):
            assert run("export", "-o", path, "--index", index).returncode == 0
    finally:
        index.chmod(mode)
    assert [stat.S_IMODE(path.stat().st_mode) for path in (target, new)] == [0o604, 0o600]


def test_a_file_is_never_made_one_that_runs_as_its_owner(index: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.touch()
    target.chmod(0o6755)
    assert run("export", "-o", target, "--index", index).returncode == 0
    assert stat.S_IMODE(target.stat().st_mode) == 0o755


@pytest.mark.parametrize("is_allowed", [True, False])
def test_the_group_of_an_existing_file_stays(
    index: Path, tmp_path: Path, is_allowed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = tmp_path / "out"
    target.touch()
    target.chmod(0o640)
    groups = []

    def change(descriptor: int, user: int, group: int) -> None:
        groups.append((user, group))
        if not is_allowed:
            raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchown", change)
    assert run("export", "-o", target, "--index", index).returncode == 0
    assert groups == [(-1, target.stat().st_gid)]
    assert stat.S_IMODE(target.stat().st_mode) == (0o640 if is_allowed else 0o600)


def test_a_hyphen_is_standard_output(index: Path, tmp_path: Path) -> None:
    assert run("search", "china", "-f", "ids", "-o", "-", "--index", index, cwd=tmp_path).stdout == "10BEIJING30\n"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["manifest.json", "new.csv"])
def test_no_file_is_written_into_the_folder_of_an_archive(index: Path, name: str, tmp_path: Path) -> None:
    before = {path.name: path.read_bytes() for path in index.iterdir()}
    refused = run("search", "china", "-o", index / name, "--index", index)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "is in the folder of an archive; choose another place for --output" in refused.stderr
    assert {path.name: path.read_bytes() for path in index.iterdir()} == before
    other = run("search", "china", "-o", index / name, "--index", tmp_path)
    assert "is in the folder of an archive" in other.stderr


@pytest.mark.parametrize("place", ["", "nowhere/out", "."])
def test_a_place_that_cannot_be_written_is_named(index: Path, tmp_path: Path, place: str) -> None:
    refused = run("search", "china", "-o", place, "--index", index, cwd=tmp_path)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert ".part" not in refused.stderr
    assert (place or "empty") in refused.stderr
