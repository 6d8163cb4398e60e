"""Nothing that a cable, a file's name or an argument says can command a terminal, in any format."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cablesearch.cable import Paragraph
from cablesearch.cli import cli
from cablesearch.errors import CablesearchError, CorruptIndexError, QueryError
from cablesearch.passages import Snippet
from cablesearch.readers import UnreadableCable
from cablesearch.readers.json_lines import dumps, parse_line
from cablesearch.terminal import json_line, one_line, printable
from tests.conftest import cable
from tests.test_cli import run

COMMANDS = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u206f\ud800-\udfff]")
"""What must not reach a terminal."""
EVIL = "\x1b[31m\x07\x9b31m\u202e\x7f\u2028"

nasty = st.text(st.sampled_from(list("ab <>&\"'\n\t\r\0\x1b\x07\x7f\x80\x9b\xa0\xad\u2028\u202e\u2066\udc80\ud83dé")))


@given(st.text() | nasty)
def test_printable_text_cannot_command_and_keeps_its_places(text: str) -> None:
    shown = printable(text)
    assert not COMMANDS.search(shown)
    assert len(shown) == len(text)
    assert not set("\n\t") & set(one_line(text))
    assert printable(shown) == shown


def test_letters_and_blanks_of_any_script_are_printable() -> None:
    text = "é\n¶\t«\u00a0Ελλάδα\u3000中文\u00a0» 😀"
    assert printable(text) == text


@given(
    st.recursive(
        st.none() | st.floats(allow_nan=False) | nasty, lambda one: st.lists(one) | st.dictionaries(nasty, one)
    )
)
def test_json_is_the_same_json_and_cannot_command(value: object) -> None:
    line = json_line(value)
    assert not COMMANDS.search(line)
    assert "\n" not in line
    assert json.loads(line) == json.loads(json.dumps(value))


@given(nasty, nasty)
def test_errors_cannot_command(one: str, other: str) -> None:
    errors = [kind(one) for kind in (CablesearchError, CorruptIndexError, UnreadableCable)]
    errors.append(QueryError(one, len(one) // 2, other, other))
    assert not [error for error in errors if COMMANDS.search(str(error))]


def test_the_pointer_of_an_error_stands_under_its_place() -> None:
    query = "\x1b[31m\n\u202e (china"
    line, pointer = str(QueryError(query, query.index("("), "a", "b")).split("\n")[1:3]
    assert line[pointer.index("^")] == "("


@given(st.lists(st.tuples(st.text() | nasty, st.booleans()), max_size=4).map(tuple))
def test_html_of_a_snippet_has_no_tags_but_marks(parts: tuple[tuple[str, bool], ...]) -> None:
    html = Snippet(parts).html()
    rest = html.replace("<mark>", "").replace("</mark>", "")
    assert not set(rest) & set("<>\"'")
    assert not re.search(r"&(?!amp;|lt;|gt;|quot;|#x27;)", rest)
    assert not COMMANDS.search(Snippet(parts).terminal())


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive in which everything that may be text commands a terminal."""
    folder = tmp_path_factory.mktemp("hostile")
    one = cable(
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

    paragraphs: tuple[Paragraph, ...] = (replace(one.paragraphs[0], section=f"Heading {EVIL}", start=0, end=40),)
    one = replace(one, paragraphs=paragraphs, signers=(EVIL,), header=EVIL, body=f"1. china {EVIL}" * 3)
    assert parse_line((dumps(one),)) == one
    source = folder / "source.jsonl"
    source.write_text(dumps(one), encoding="utf-8")
    assert run("index", source, "--index", folder / "index").returncode == 0
    return folder / "index"


def harmless(result: subprocess.CompletedProcess[str]) -> str:
    """The output, when neither it nor the messages can command a terminal."""
    assert not COMMANDS.search(result.stdout)
    assert not COMMANDS.search(result.stderr)
    return result.stdout


@pytest.mark.parametrize("form", ["text", "json", "jsonl", "csv", "ids"])
def test_results_cannot_command(hostile: Path, form: str) -> None:
    facets = [word for name in ("tags", "origin", "marking") for word in ("--facet", name)]
    for query in (["china"], ["palermo", "--group", "cable"]):
        options = facets if "--group" not in query else facets[:4]
        assert harmless(run("search", *query, *options, "--format", form, "--index", hostile))
    if form == "ids":
        assert len(harmless(run("search", "china", "--format", form, "--index", hostile)).splitlines()) == 1


def test_cables_cannot_command_and_are_exported_whole(hostile: Path, tmp_path: Path) -> None:
    exported = harmless(run("export", "--index", hostile))
    name = json.loads(exported)["id"]
    assert EVIL in name
    shown = harmless(run("show", name, "--query", "china", "--index", hostile))
    assert "�[31m" in shown
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
        told = b""
        while True:
            try:
                block = os.read(ours, 1000)
            except OSError:  # how Linux says that the other end is closed
                break
            if not block:
                break
            told += block
        assert process.wait() == 0
    os.close(ours)
    assert b"1. china" in told
    assert not COMMANDS.search(told.decode().replace("\r\n", "\n"))


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
def test_arguments_cannot_command(hostile: Path, arguments: list[str]) -> None:
    result = run(*arguments, "--index", hostile)
    harmless(result)
    assert result.returncode in (1, 2)


def test_names_of_files_and_folders_cannot_command(tmp_path: Path) -> None:
    folder = tmp_path / f"folder{EVIL}\n"
    folder.mkdir()
    (folder / f"x{EVIL}\n.txt").write_text("no cable")
    (folder / f"refused: {EVIL}").write_bytes(b"1. (C) x" * 9)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr(f"../{EVIL}\n", "no cable")
        archive.writestr("10BEIJING30.txt", "CONFIDENTIAL\n\nTAGS: CH\n\n1. (C) China.\n")
    index = tmp_path / f"index{EVIL}\n"
    result = run("index", folder, "--index", index, "--rejects", tmp_path / f"r{EVIL}")
    harmless(result)
    assert result.returncode == 1
    told = [line.partition(":")[0] for line in result.stderr.split("\n")[:-3]]
    assert sorted(told) == ["incomplete", "refused", "refused", "refused"]
    harmless(run("search", "china", "--index", index))
    harmless(run("verify", "--index", index))
    for path in index.glob("*.seg"):
        path.write_bytes(b"junk" * 99)
    for command in (["verify"], ["search", "china"], ["compact"], ["remove", "x"]):
        harmless(run(*command, "--index", index))
    harmless(run("index", folder, "--index", folder / f"refused: {EVIL}"))
    harmless(run("index", folder, "--index", index, "--rejects", folder / f"x{EVIL}\n.txt"))


def invoked(*arguments: str) -> Result:
    return CliRunner().invoke(cli, arguments)


@settings(max_examples=30)
@example("\x1b]0;x\x07")
@given(nasty.filter(lambda text: "\0" not in text))
def test_any_query_is_answered_or_refused_without_a_command(hostile: Path, text: str) -> None:
    for form in ("text", "json", "csv"):
        result = invoked("search", "--index", str(hostile), "--format", form, "--", text, "china")
        assert not COMMANDS.search(result.output)
        if result.exception and not isinstance(result.exception, SystemExit):
            assert isinstance(result.exception, CablesearchError)
            assert not COMMANDS.search(str(result.exception))
