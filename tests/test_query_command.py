"""The words of a query beside options: what is an option, what is a word to exclude, and what is an error."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from cablesearch.cli.options import Count
from cablesearch.cli.query_command import QueryCommand
from tests.support.files import BEIJING
from tests.support.running import run


@click.command(
    cls=QueryCommand,
    context_settings={"help_option_names": ["-h", "--help"]},
    params=[
        click.Argument(["query"], nargs=-1),
        click.Option(["-n", "--limit"], type=Count(0)),
        click.Option(["-f", "--format"], type=click.Choice(("text", "json", "jsonl"))),
        click.Option(["-o", "--output"], type=click.Path()),
        click.Option(["--excel"], is_flag=True),
        click.Option(["--tag"], multiple=True),
    ],
)
def command(**values: object) -> dict[str, object]:
    """Return what it was given."""
    return {name: value for name, value in values.items() if value not in (None, False, ())}


def parsed(*arguments: str) -> dict[str, object]:
    """Return the query and the options of a command line that have values."""
    values: dict[str, object] = command.main(list(arguments), standalone_mode=False)
    return values


WORDS = [
    "nuclear",
    "nato",
    "n95",
    "nall-party",
    "falklands",
    "fjord",
    "f16",
    "fjsons",
    "ftexts",
    "opec",
    "output",
    "o/p",
    "oil",
    "h1n1",
    "human",
    "help",
    "hong kong",
    "china",
    "x-ray",
    "xi",
    "vienna",
    "5",
    "2009",
    "中国",
    "é",
    '"foo bar"',
    '"n"',
    "(n OR f)",
    "tag:PHUM",
    "n:5",
    "*stan",
    "n*",
    "f~1",
    "n^2",
    "text:n",
    "excel",
    "tag",
]


@pytest.mark.parametrize("word", sorted({*WORDS} - {"n95"}))
def test_longer_words_behind_a_hyphen_are_excluded(word: str) -> None:
    assert parsed("trade", f"-{word}") == {"query": ("trade", f"-{word}")}
    assert parsed(f"-{word}", "-n", "5", "trade") == {"query": (f"-{word}", "trade"), "limit": 5}


@example("n\n")
@example("f=")
@given(st.text(min_size=2))
def test_any_word_of_a_hyphen_and_more_than_a_letter_is_a_word_or_an_attached_value(word: str) -> None:
    assume(word[0] != "-" and word[1] != "=" and not (word[0] == "n" and word[1:].isdecimal()))
    assume(word not in ("nall", "ftext", "fjson", "fjsonl"))
    assert parsed(f"-{word}") == {"query": (f"-{word}",)}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["-n", "5"], {"limit": 5}),
        (["-n5"], {"limit": 5}),
        (["-n=5"], {"limit": 5}),
        (["-n95"], {"limit": 95}),
        (["-n", "all"], {"limit": "all"}),
        (["-nall"], {"limit": "all"}),
        (["--limit=all"], {"limit": "all"}),
        (["-f", "json"], {"format": "json"}),
        (["-fjson"], {"format": "json"}),
        (["-f=jsonl"], {"format": "jsonl"}),
        (["-o", "x.csv"], {"output": "x.csv"}),
        (["-o=x.csv"], {"output": "x.csv"}),
        (["-o", "-nuclear"], {"output": "-nuclear"}),
        (["--tag", "-x", "--tag=-y"], {"tag": ("-x", "-y")}),
        (["--excel"], {"excel": True}),
    ],
)
def test_options_may_stand_anywhere(arguments: list[str], expected: dict[str, object]) -> None:
    for line in (["trade", *arguments], [*arguments, "trade"]):
        assert parsed(*line) == {"query": ("trade",), **expected}
    assert parsed("-oil", *arguments, "-nuclear") == {"query": ("-oil", "-nuclear"), **expected}


@pytest.mark.parametrize("letter", sorted(set("abcdefghijklmnopqrstuvwxyzABCXYZ") - set("nfoh")))
def test_a_single_letter_is_never_excluded_but_refused(letter: str) -> None:
    for arguments in ([f"-{letter}"], ["trade", f"-{letter}", "5"]):
        with pytest.raises(click.UsageError, match=f"No such option: -{letter}.*NOT {letter}") as error:
            parsed(*arguments)
        assert "after --" in error.value.message


@pytest.mark.parametrize("arguments", [["-n"], ["-n", "china"], ["-n", "-5"], ["-n=x"], ["-f", "xml"], ["-f=xml"]])
def test_an_option_without_a_valid_value_is_an_error(arguments: list[str]) -> None:
    with pytest.raises(click.UsageError) as error:
        parsed("trade", *arguments)
    assert arguments[0][:2] in error.value.format_message()


@pytest.mark.parametrize("arguments", [["--lmit", "5"], ["--limits=5"], ["--forma", "json"]])
def test_a_misspelt_long_option_is_an_error_with_the_right_one(arguments: list[str]) -> None:
    with pytest.raises(click.NoSuchOption) as error:
        parsed("trade", *arguments)
    assert error.value.possibilities


@pytest.mark.parametrize("arguments", [["--tag"], ["china", "-n"], ["china", "-o"], ["--tag", "--", "china"]])
def test_an_option_without_a_value_is_an_error(arguments: list[str]) -> None:
    with pytest.raises(click.BadOptionUsage, match="requires an argument"):
        parsed(*arguments)


def test_behind_two_hyphens_everything_belongs_to_the_query() -> None:
    line = ["-x", "-n", "5", "--", "--limit", "-h"]
    assert parsed("trade", "-n2", "--", *line) == {"query": ("trade", *line), "limit": 2}
    assert parsed("--") == {}


def test_a_lone_hyphen_is_a_sign_of_the_query() -> None:
    assert parsed("a", "-", "b") == {"query": ("a", "-", "b")}


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("words") / "index"
    assert run("index", BEIJING, "--index", directory).returncode == 0
    return directory


@pytest.mark.parametrize(
    "word", ["-nuclear", "-falklands", "-output", "-human", "-quito", "-vietnam", "-5", "-text:palermo", '-"hong kong"']
)
def test_search_and_export_exclude_words(index: Path, word: str) -> None:
    answer = run("search", "china", word, "-fjson", "-n2", "--index", index)
    assert (answer.returncode, json.loads(answer.stdout)["query"]) == (0, f"china {word}")
    assert run("export", "china", word, "--index", index).stdout == run("export", "--index", index).stdout


@pytest.mark.parametrize("arguments", [["-x"], ["-y"], ["-l", "5"]])
@pytest.mark.parametrize("name", ["search", "export"])
def test_search_and_export_refuse_single_letters(index: Path, name: str, arguments: list[str]) -> None:
    refused = run(name, "china", *arguments, "--index", index)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert f"write NOT {arguments[0][1]}" in " ".join(refused.stderr.split())
    assert run(name, "--index", index, "--", "china", arguments[0]).returncode == 0
