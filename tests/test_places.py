"""Where the archive is found, options before the command, and how much is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from cablesearch.archive import Archive
from cablesearch.cli import COMMANDS, places
from cablesearch.engine.index import manifest
from tests.support.cables import cable
from tests.support.files import BEIJING
from tests.support.running import run, run_apart

DEFAULT = Path("indexes") / "cables"


@pytest.fixture
def project(tmp_path: Path, beijing: Archive) -> Path:
    """Return a folder with an archive in its usual place, and folders below it."""
    shutil.copytree(beijing.path, tmp_path / "project" / DEFAULT)
    (tmp_path / "project" / "a" / "b").mkdir(parents=True)
    return tmp_path / "project"


@pytest.fixture
def data(tmp_path: Path, beijing: Archive, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return an archive in the user's data folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    place = tmp_path / "data" / "cablesearch" / DEFAULT
    shutil.copytree(beijing.path, place)
    return place


def used(*options: str | Path, cwd: Path, **env: str) -> str:
    """Return the line that names the archive a command uses."""
    result = run("stats", "--verbose", *options, cwd=cwd, **env)
    assert result.returncode == 0
    return result.stderr.splitlines()[0]


def test_the_archive_is_found_from_folders_below_it(project: Path) -> None:
    assert used(cwd=project) == f"Archive: {project / DEFAULT}"
    for folder in (project / "a", project / "a" / "b", project / "indexes", project / DEFAULT):
        assert used(cwd=folder) == f"Archive: {project / DEFAULT}, in a folder above"


def test_the_nearest_archive_is_used_and_an_option_or_the_environment_comes_first(
    project: Path, data: Path, beijing: Archive, tmp_path: Path
) -> None:
    inner = project / "a" / "b"
    assert used(cwd=inner) == f"Archive: {project / DEFAULT}, in a folder above"
    shutil.copytree(beijing.path, project / "a" / DEFAULT)
    assert used(cwd=inner) == f"Archive: {project / 'a' / DEFAULT}, in a folder above"
    assert used(cwd=inner, CABLESEARCH_INDEX=str(beijing.path)) == f"Archive: {beijing.path}"
    assert used("--index", data, cwd=inner, CABLESEARCH_INDEX=str(beijing.path)) == f"Archive: {data}"
    assert used(cwd=inner, CABLESEARCH_INDEX="") == f"Archive: {project / 'a' / DEFAULT}, in a folder above"
    assert used("--index", "../indexes/cables", cwd=inner) == f"Archive: {inner}/../indexes/cables"


def test_the_archive_in_the_data_folder_is_used_where_there_is_no_other(data: Path, tmp_path: Path) -> None:
    assert used(cwd=tmp_path) == f"Archive: {data}, in your data folder"
    assert run("index", BEIJING, cwd=tmp_path).stderr.startswith(
        f"Using the archive at {data}, in your data folder; choose another with --index\n0 added"
    )
    assert not (tmp_path / "indexes").exists()


def test_without_an_archive_index_creates_one_here_and_others_say_where_they_looked(tmp_path: Path) -> None:
    (tmp_path / "indexes" / "cables").mkdir(parents=True)
    (tmp_path / "indexes" / "cables" / "notes.txt").write_text("not an archive")
    inner = tmp_path / "a"
    inner.mkdir()
    for command in (["search", "china"], ["stats"], ["remove", "10BEIJING30"], ["verify"], ["compact"]):
        result = run(*command, cwd=inner)
        assert (result.returncode, result.stdout) == (2, "")
        (line,) = result.stderr.splitlines()
        assert line.startswith(f"Error: No archive found at {inner / DEFAULT}, in the folders above, or at {os.sep}")
        assert line.endswith("Create one with: cablesearch index SOURCE; or point to one with --index DIR")
    assert not (inner / "indexes").exists()
    assert f"Archive: {inner / DEFAULT}\n" in run("index", BEIJING, cwd=inner).stderr
    assert used(cwd=inner) == f"Archive: {inner / DEFAULT}"


def test_a_damaged_archive_is_found(project: Path) -> None:
    for name in ("manifest.json", "manifest.copy.json"):
        (project / DEFAULT / name).unlink()
        result = run("verify", cwd=project / "a")
        assert (result.returncode, "manifest.json: the file is missing" in result.stdout) == (1, True)


def test_the_names_by_which_an_archive_is_found_are_those_of_its_files(beijing: Archive) -> None:
    for name in (manifest.MANIFEST, manifest.COPY, *(path.name for path in beijing.path.glob("*.seg"))):
        assert places.FILE_OF_AN_ARCHIVE.fullmatch(name)


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="files have no owners")
def test_archives_of_others_in_folders_above_are_not_used(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.stat(project).st_uid + 1)
    assert used(cwd=project) == f"Archive: {project / DEFAULT}", "the working directory is chosen by the user"
    result = run("index", BEIJING, cwd=project / "a")
    assert f"Archive: {project / 'a' / DEFAULT}\n" in result.stderr
    shutil.rmtree(project / "a" / "indexes")
    result = run("search", "china", cwd=project / "a")
    passed = f"({project / DEFAULT} belongs to another user: to use it, name it with --index)"
    assert (result.returncode, passed in result.stderr) == (2, True)
    assert run("search", "china", "--index", "../indexes/cables", cwd=project / "a").returncode == 0


@pytest.mark.parametrize("foreign", ["indexes", str(DEFAULT)])
def test_links_of_others_in_folders_above_are_not_followed(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, foreign: str
) -> None:
    below = tmp_path / "shared" / "below"
    below.mkdir(parents=True)
    link = below.parent / foreign
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(project / foreign)
    assert used(cwd=below).startswith(f"Archive: {below.parent / DEFAULT}")
    own = os.lstat

    def lstat(path: str) -> os.stat_result:
        status = own(path)
        return os.stat_result((*status[:4], status.st_uid + 1, *status[5:])) if Path(path) == link else status

    monkeypatch.setattr(os, "lstat", lstat)
    assert run("search", "china", cwd=below).returncode == 2


def test_a_removed_working_directory_is_reported_on_one_line(tmp_path: Path, beijing: Archive) -> None:
    folder = tmp_path / "gone"
    folder.mkdir()
    script = f'rmdir "{folder}"; exec "$0" -m cablesearch "$@"'

    def answer(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["sh", "-c", script, sys.executable, *arguments],
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, "PYTHONPATH": str(Path(places.__file__).parents[2])},
        )

    result = answer("search", "china")
    assert (result.returncode, len(result.stderr.splitlines())) == (2, 1)
    folder.mkdir()
    assert answer("search", "china", "--index", str(beijing.path)).returncode == 0


@pytest.mark.parametrize("command", [["search", "china"], ["show", "10BEIJING30"], ["stats"], ["export"], ["verify"]])
def test_options_may_stand_before_the_command(beijing: Archive, tmp_path: Path, command: list[str]) -> None:
    at = ("--index", beijing.path, "--clearance", "FULL")
    before, after = run(*at, *command, "-q", cwd=tmp_path), run("-q", *command, *at, cwd=tmp_path)
    assert (before.returncode, before.stdout) == (0, after.stdout)


def test_an_option_after_the_command_wins(beijing: Archive, tmp_path: Path) -> None:
    at = ("--index", beijing.path)
    assert run("--index", tmp_path / "none", "stats", *at).returncode == 0
    assert run(*at, "stats", "--index", tmp_path / "none").returncode == 2
    assert run("--clearance", "U", "search", "trafficking", *at).returncode == 1
    assert run("--clearance", "U", "search", "trafficking", "--clearance", "C", *at).returncode == 0
    assert run("-q", "stats", "-v", *at).stderr == f"Archive: {beijing.path}\n"
    assert run("-v", "stats", "-q", *at).stderr == ""
    assert run("stats", "-q", "-v", *at).stderr == f"Archive: {beijing.path}\n"


@pytest.mark.parametrize("options", [["--clearance", "HIGH"], ["--index", ""]])
def test_a_wrong_option_before_the_command_is_an_error(beijing: Archive, options: list[str]) -> None:
    result = run(*options, "stats", CABLESEARCH_INDEX=str(beijing.path))
    assert (result.returncode, result.stdout) == (2, "")


@pytest.mark.parametrize("asked", ["SECRET", "FULL"])
def test_the_environment_limits_the_clearance_before_the_command(beijing: Archive, asked: str) -> None:
    at = ("--index", beijing.path)
    result = run("--clearance", asked, "stats", *at, CABLESEARCH_CLEARANCE="SBU")
    assert (result.returncode, result.stdout) == (2, "")
    assert "the limit set by CABLESEARCH_CLEARANCE" in result.stderr
    assert run("--clearance", asked, "stats", "--clearance", "U", *at, CABLESEARCH_CLEARANCE="SBU").returncode == 0


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_short_help_is_help(name: str) -> None:
    words = [name] if name else []
    short, long = run(*words, "-h"), run(*words, "--help")
    assert (short.returncode, short.stdout) == (0, long.stdout)
    assert "-h, --help" in short.stdout
    # Some commands need no archive.
    if "--index" in short.stdout:
        assert ("-q, --quiet" in short.stdout, "-v, --verbose" in short.stdout) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "near"),
    [
        (["serach", "x"], "search"),
        (["--indx", "x", "stats"], "--index"),
        (["stats", "--indx", "x"], "--index"),
        (["verify", "--depe"], "--deep"),
        (["index", "x", "--reject", "y"], "--rejects"),
    ],
    ids=" ".join,
)
def test_a_misspelt_command_or_option_gets_a_near_one(arguments: list[str], near: str) -> None:
    result = run_apart(*arguments)
    assert (result.returncode, result.stdout) == (2, "")
    assert near in result.stderr.splitlines()[-1]


def test_statistics_of_an_empty_archive_read_well(tmp_path: Path, archive_of: Callable[..., Archive]) -> None:
    empty, hidden = archive_of(), archive_of(cable("10A1", ("S", "zephyr")))
    result = run("stats", "--index", empty.path)
    assert (result.returncode, result.stderr) == (
        0,
        f"The archive is empty: {empty.path}. Add cables with: cablesearch index SOURCE\n",
    )
    rows = [line.split(maxsplit=1) for line in result.stdout.splitlines()]
    assert rows[:3] == [["archive", str(empty.path)], ["cables", "0"], ["paragraphs", "0"]]
    assert run("stats", "--index", empty.path, "-q").stderr == ""
    first, second = (run("stats", "--clearance", "SBU", "--index", archive.path) for archive in (empty, hidden))
    for archive, said in ((empty, first), (hidden, second)):
        assert said.stderr == f"The archive is empty: {archive.path}. Add cables with: cablesearch index SOURCE\n"
    assert json.loads(run("stats", "--format", "json", "--index", empty.path).stdout)["first_date"] is None


def test_commands_that_change_an_archive_name_it(tmp_path: Path, beijing: Archive) -> None:
    index = tmp_path / "index"
    shutil.copytree(beijing.path, index)
    assert f"Archive: {index}\n" in run("reindex", "--index", index).stderr
    assert run("compact", "--index", index).stderr.endswith(f"Archive: {index}\n")
    again = run("compact", "--index", index).stderr.splitlines()
    assert (again[0].endswith(": nothing to reclaim"), again[1]) == (True, f"Archive: {index}")
    result = run("remove", "10NOWHERE1", "10BEIJING30\u00b64", "--index", "index", cwd=tmp_path)
    assert "no cable 10NOWHERE1 in this archive" in result.stderr
    near = run("remove", "10BEIJING31", "--index", index).stderr
    assert near.startswith("Error: no cable 10BEIJING31 in this archive; did you mean 10BEIJING30?\n")
    assert (
        "10BEIJING30\u00b64 is a paragraph; to remove the whole cable: cablesearch remove 10BEIJING30\n"
        in result.stderr
    )
    assert result.stderr.endswith(f"Archive: {index}\n")
    for command in (["reindex"], ["compact"], ["remove", "10BEIJING30"], ["backup", tmp_path / "copy"]):
        result = run(*command, "-q", "--index", index)
        assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
