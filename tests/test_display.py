"""Colour, width and pager: what a terminal shows, and what files and other programs get."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from cablesearch.cli.messages import say
from tests.support.cables import cable
from tests.support.files import BEIJING, write_cables
from tests.support.running import run
from tests.support.terminal import run_on_terminal

COLOR = "\x1b["
STYLES = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("display") / "index"
    assert run("index", BEIJING, "--index", directory).returncode == 0
    return directory


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        ([], {}, True),
        ([], {"NO_COLOR": "1"}, False),
        ([], {"NO_COLOR": ""}, True),
        ([], {"TERM": "dumb"}, False),
        ([], {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (["--color", "auto"], {"NO_COLOR": "1"}, False),
    ],
)
def test_colour_on_a_terminal(index: Path, options: list[str], env: dict[str, Any], expected: bool) -> None:
    shown = run_on_terminal("search", "palermo", "-n1", *options, "--index", index, **env).stdout
    assert "10BEIJING30" in shown
    assert (COLOR in shown) == expected


@pytest.mark.parametrize(
    ("options", "env", "expected"),
    [
        ([], {}, False),
        ([], {"FORCE_COLOR": "1"}, True),
        ([], {"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
        (["--color", "never"], {"FORCE_COLOR": "1"}, False),
    ],
)
def test_colour_elsewhere(index: Path, options: list[str], env: dict[str, Any], expected: bool) -> None:
    usual: dict[str, Any] = {"NO_COLOR": "", "FORCE_COLOR": ""}
    printed = run("search", "palermo", "-n1", *options, "--index", index, **(usual | env)).stdout
    assert (COLOR in printed) == expected
    plain = run("search", "palermo", "-n1", "--index", index, **usual).stdout
    assert STYLES.sub("", printed) == plain
    for form in ("json", "jsonl", "csv", "ids"):
        assert COLOR not in run("search", "palermo", *options, "-f", form, "--index", index, **(usual | env)).stdout


@pytest.mark.parametrize("columns", [40, 60, 80, 200])
def test_text_fits_the_terminal(index: Path, columns: int) -> None:
    shown = run_on_terminal("search", "china", "--facet", "tags", "--no-pager", "--index", index, columns=columns)
    paged = run_on_terminal("search", "china", "--facet", "tags", "--index", index, columns=columns, PAGER="tee")
    assert paged.stdout == shown.stdout
    widths = [len(line) for line in STYLES.sub("", shown.stdout).splitlines()]
    assert max(widths) <= columns
    assert max(widths) > min(columns, 100) - 15, "the room that there is is used"


@pytest.mark.parametrize(("given", "width"), [("60", 60), ("", 80), ("0", 80), ("-5", 80), ("wide", 80), ("20", 40)])
def test_columns_decides_where_there_is_no_terminal(index: Path, given: str, width: int) -> None:
    lines = run("search", "china", "--index", index, COLUMNS=given).stdout.splitlines()
    assert width - 15 < max(map(len, lines)) <= width


def test_the_first_line_of_a_hit_goes_on_in_another_if_it_does_not_fit(tmp_path: Path) -> None:
    source, archive = tmp_path / "cables.jsonl", tmp_path / "archive"
    origin = "Embassy of the United States of America to the Holy See in Rome"
    write_cables(source, [cable("08VATICANCITY1234", ("S//NF", "china"), origin=origin)])
    assert run("index", source, "--index", archive).returncode == 0
    assert run("search", "china", "--index", archive, COLUMNS="40").stdout == (
        "1. 08VATICANCITY1234 ¶1  (S//NF)\n"
        "   2009-05-01  Embassy of the United\n"
        "   States of America to the Holy See in\n"
        "   Rome\n"
        "     china\n\n"
    )
    assert run("search", "china", "--index", archive, COLUMNS="200").stdout.splitlines()[0] == (
        f"1. 08VATICANCITY1234 ¶1  (S//NF)  2009-05-01  {origin}"
    )


PAGER = """
import sys
lines = sys.stdin.readlines({size})
print("PAGED", len(lines))
print("".join(lines), end="")
"""


@pytest.fixture
def pager(tmp_path: Path) -> str:
    """Return a pager that says that it is one and shows everything."""
    (tmp_path / "pager.py").write_text(PAGER.format(size=""))
    return f"{sys.executable} '{tmp_path / 'pager.py'}'"


def test_text_that_fills_the_screen_goes_through_the_pager(index: Path, pager: str) -> None:
    shown = run_on_terminal("search", "china", "--index", index, PAGER=pager)
    at_once = run_on_terminal("search", "china", "--index", index, "--no-pager", PAGER=pager)
    first, rest = shown.stdout.split("\n", 1)
    assert first == f"PAGED {rest.count(chr(10))}"
    assert rest == at_once.stdout
    assert COLOR in rest
    assert (
        re.sub(r"\d+ ms", "", shown.stderr)
        == re.sub(r"\d+ ms", "", at_once.stderr)
        == ("Showing 1-10 of 10 paragraphs ()\n")
    )
    assert (shown.returncode, at_once.returncode) == (0, 0)


@pytest.mark.parametrize(
    ("options", "env"),
    [
        (["-n", "1"], {}),
        (["--no-pager"], {}),
        (["-f", "jsonl"], {}),
        ([], {"TERM": "dumb"}),
        ([], {"PAGER": ""}),
        ([], {"PAGER": "cat"}),
        ([], {"PAGER": "no-such-pager -x"}),
        ([], {"PAGER": "'unclosed"}),
    ],
)
def test_nothing_else_goes_through_the_pager(index: Path, pager: str, options: list[str], env: dict[str, Any]) -> None:
    shown = run_on_terminal("search", "china", *options, "--index", index, **({"PAGER": pager} | env))
    assert "PAGED" not in shown.stdout
    assert "10BEIJING30" in shown.stdout
    assert shown.returncode == 0


def test_the_screen_decides_what_is_long(index: Path, pager: str) -> None:
    lines = run_on_terminal("search", "china", "-n", "2", "--no-pager", "--index", index).stdout.count("\n")
    for rows, paged in ((lines + 2, False), (lines + 1, True)):
        shown = run_on_terminal("search", "china", "-n", "2", "--index", index, rows=rows, PAGER=pager).stdout
        assert ("PAGED" in shown) == paged, rows


@pytest.mark.parametrize("size", ["1", "99"])
def test_a_reader_may_quit_the_pager_early(tmp_path: Path, size: str) -> None:
    source, archive = tmp_path / "cables.jsonl", tmp_path / "archive"
    write_cables(source, [cable(f"09ROME{number}", ("U", "china " * 60)) for number in range(1, 900)])
    assert run("index", source, "--index", archive).returncode == 0
    shown = run_on_terminal("search", "china", "-n", "all", "--index", archive, PAGER=f"head -{size}")
    assert shown.stdout.count("\n") == int(size)
    assert shown.returncode == 0
    assert re.fullmatch(r"Showing 1-899 of 899 paragraphs \(\d+ ms\)\n", shown.stderr)


def test_an_error_is_said_and_no_pager_is_started(index: Path, pager: str) -> None:
    shown = run_on_terminal("search", "(china", "--index", index, PAGER=pager)
    assert (shown.returncode, shown.stdout) == (2, "")
    assert "Error" in shown.stderr


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_messages_on_a_terminal_are_broken_between_words(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal, path = Terminal(), "/a-folder-with-a-long-name" * 3
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    say(f"No archive found at {path}, nor in the folders above; create one, or choose another")
    lines = terminal.getvalue().splitlines()
    assert any(line.strip(",") == path for line in lines)
    assert all(len(line) <= 40 or line.strip(",") == path for line in lines)
    assert len(lines) == 4
