"""`help`: of commands, and on topics such as the query language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cablesearch.answers.topics import TOPICS, topic_text
from cablesearch.cli import _SYNONYMS, COMMANDS
from cablesearch.cli.rendering.topic import topic_lines
from cablesearch.query import FIELDS, OPERATORS, parse
from cablesearch.query.operators import NOT
from tests.support.running import run

SIGNS = ("-trafficking", '"~5', "*", "?", "~2/3", "^2", "..", "[2009 to 2010]", "{a to b}", ">=", "--group cable")
DOCS = Path(__file__).parent.parent / "docs"


def test_help_alone_is_the_help_of_the_program() -> None:
    assert run("help").stdout == run("--help").stdout


@pytest.mark.parametrize("name", COMMANDS)
def test_help_on_a_command_is_that_of_the_command(name: str) -> None:
    assert run("help", name).stdout == run(name, "--help").stdout
    assert run("help", name.upper()).stdout == run(name, "--help").stdout


@pytest.mark.parametrize("name", TOPICS)
def test_every_topic_has_a_text_and_is_listed(name: str) -> None:
    result = run("help", name)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[0].isupper()
    assert f"  {name} " in run("help", "--help").stdout
    assert f"| `{name}` |" in (DOCS / "command-line.md").read_text(encoding="utf-8")


def test_an_unknown_topic_is_an_error_with_a_near_one() -> None:
    result = run("help", "qery")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Did you mean query? The topics are: query, formats, clearance" in result.stderr
    assert "\x1b" not in run("help", "\x1b[31m").stderr


def test_the_query_language_is_told_whole() -> None:
    words = set(re.findall(r"[A-Za-z_]+", topic_text("query")))
    assert {*FIELDS, *OPERATORS, NOT} - words == set()
    # What the tables of the long page have.
    for sign in SIGNS:
        assert sign in topic_text("query"), sign


def test_the_examples_of_words_are_valid_queries() -> None:
    words = topic_text("query").partition("\nWORDS\n")[2].partition("\nFIELDS\n")[0]
    examples = [line.partition("\t")[0] for line in words.splitlines() if "\t" in line]
    examples += ["labor || trafficking", "labor && trafficking", "labor !trafficking", "labor NOT trafficking"]
    examples += ["missing:date", "missing:subject", "date:[2009 to *]", 'id:"10 BEIJING 30"']
    assert len(examples) > 15
    for example in examples:
        assert parse(example)


def test_the_examples_of_fields_are_valid_queries() -> None:
    names = "|".join(FIELDS)
    examples = re.findall(rf"(?:(?<=[\s(])|^)(?:{names}):[^\s,\"\[(]+", topic_text("query"), re.MULTILINE)
    assert len(examples) > 15
    for example in examples:
        assert parse(example)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
@pytest.mark.parametrize("name", TOPICS)
def test_topics_fit_the_screen(name: str, width: int) -> None:
    lines = list(topic_lines(topic_text(name), width))
    for line in lines:
        # Addresses and examples stay on one line, and so does a single word.
        assert len(line) <= min(width, 100) or " " not in line.strip() or line.startswith("    ") or width < 60, line
    words = " ".join(" ".join(lines).split())
    assert words == " ".join(topic_text(name).replace("\n$ ", "\n").split()), "nothing is lost"


@pytest.mark.parametrize("columns", [40, 60, 200])
def test_the_list_of_commands_has_whole_sentences(columns: int) -> None:
    listed = run("--help", COLUMNS=str(columns)).stdout.partition("Search and read:")[2]
    assert "..." not in listed
    assert " ".join(listed.split()).count(". ") == len(COMMANDS) - 1


@pytest.mark.parametrize(
    ("word", "command"),
    [("find", "search"), ("ADD", "index"), ("delete", "remove"), ("serach", "search"), ("version", "--version")],
)
def test_another_word_for_a_command_names_it(word: str, command: str) -> None:
    result = run(word, "china")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.splitlines()[-1] == f"Error: No such command '{word}'. Did you mean '{command}'?"


def test_a_word_that_is_like_no_command_may_have_been_searched_for() -> None:
    result = run("sandino")
    assert result.returncode == 2
    assert result.stderr.splitlines()[-1].endswith("'sandino'. To search for words: cablesearch search WORDS")


def test_synonyms_are_no_commands_and_name_those_that_are() -> None:
    assert not set(_SYNONYMS) & set(COMMANDS)
    assert set(_SYNONYMS.values()) <= {*COMMANDS, "--version"}
