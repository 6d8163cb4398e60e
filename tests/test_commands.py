"""The list of commands: what each must have, which modules it loads, and the tables and words that commands share."""

from __future__ import annotations

import itertools
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import cablesearch.cli
from cablesearch.archive import Archive
from cablesearch.cli import COMMANDS, cli
from cablesearch.cli.messages import size
from cablesearch.results.facets import FACETS
from cablesearch.text.wording import one_of
from tests.support.cables import cable
from tests.support.running import run

DOCS = Path(__file__).parent.parent / "docs"


WITHOUT_ARCHIVE = {"completion", "help"}
"""The commands that open no archive."""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_has_help_and_is_documented(name: str) -> None:
    command = cli.commands[name]
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert section, f"docs/command-line.md has no section on {name}"
    assert command.name == name
    assert command.help
    assert "Example" in command.help
    assert f"cablesearch {name}" in command.help
    if name not in WITHOUT_ARCHIVE:
        assert {"index_path", "clearance"} <= {parameter.name for parameter in command.params}
    shared = re.search(r"^## Options of every command\n(.*?)(?=^## )", page, re.MULTILINE | re.DOTALL)
    assert shared
    verbs = command.commands if isinstance(command, click.Group) else {}
    for verb, inner in verbs.items():
        assert f"cablesearch {name} {verb}" in section[1]
        assert inner.help
        assert f"cablesearch {name} {verb}" in inner.help.partition("Example")[2]
    for parameter in itertools.chain(command.params, *(inner.params for inner in verbs.values())):
        if isinstance(parameter, click.Option):
            assert parameter.help, parameter.name
            for option in parameter.opts:
                assert f"`{option}" in section[1] + shared[1], f"{name} {option} is not in docs/command-line.md"
    assert f"cablesearch {name}" in section[1]


def test_the_list_of_commands_names_every_module_of_the_folders() -> None:
    folder = Path(cablesearch.cli.__file__).parent
    modules = {
        f"{room}.{path.stem}" for room in ("commands", "exploring", "serving") for path in (folder / room).glob("*.py")
    }
    assert set(COMMANDS.values()) == {name for name in modules if not name.endswith("__init__")}
    assert list(cli.commands) == list(COMMANDS)


@pytest.mark.parametrize("name", ["__init__", "..options", "search.search", "commands.search", "SEARCH", ""])
def test_only_listed_names_are_imported_as_commands(name: str) -> None:
    assert cli.get_command(click.Context(cli), name) is None


def test_the_help_of_every_command_is_shown() -> None:
    overview = run("--help", COLUMNS="80").stdout
    assert "Examples" in overview
    listed = re.findall(r"^  ([\w-]+)  +(\S.*)$", overview.partition("Search and read:\n")[2], re.MULTILINE)
    assert [name for name, _ in listed] == list(COMMANDS)
    assert "..." not in overview.partition("Search and read:\n")[2]
    for name in COMMANDS:
        text = run(name, "--help", COLUMNS="80").stdout
        assert "Example" in text
        assert max(map(len, text.splitlines())) <= 80


def test_the_help_is_shown_when_no_command_is_given() -> None:
    helped, bare = run("--help"), run()
    assert helped.stdout.rstrip() == (bare.stdout + bare.stderr).rstrip()


def loaded(*arguments: str | Path) -> set[str]:
    """Return the modules that are loaded after the command ran."""
    code = (
        "import sys\n"
        "from cablesearch.cli import cli\n"
        "try: cli(sys.argv[1:], standalone_mode=False)\n"
        "except SystemExit: pass\n"
    )
    return _loaded_by(code, *arguments)


def _loaded_by(code: str, *arguments: object) -> set[str]:
    code += "\nprint(*sys.modules, sep='\\n', file=sys.stderr)"
    result = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True, check=True
    )
    return set(result.stderr.splitlines())


@pytest.fixture(scope="module")
def seldom_needed() -> set[str]:
    """Modules that a search for words must not load, but those that click loads: uuid of Python 3.10 needs more."""
    return SELDOM_NEEDED - _loaded_by("import sys, click")


COMMAND_MODULES = {f"cablesearch.cli.{module}" for module in COMMANDS.values()}


def test_help_loads_commands_but_no_slow_modules() -> None:
    modules = loaded("--help")
    assert modules >= COMMAND_MODULES
    assert not {name.partition(".")[0] for name in modules} & {"numpy", "whoosh", "nltk", "rich", "zstandard"}


SELDOM_NEEDED = {
    "cablesearch.classification.bare",
    "cablesearch.classification.behind_level",
    "cablesearch.classification.bracketed",
    "cablesearch.engine.check.verify",
    "cablesearch.engine.index.superseded",
    "cablesearch.engine.index.writer",
    "cablesearch.algorithms.chains",
    "cablesearch.engine.search.expand",
    "cablesearch.engine.search.nearness",
    "cablesearch.engine.search.phrases",
    "cablesearch.engine.whoosh_reader",
    "cablesearch.indexing.ingest",
    "cablesearch.names",
    "cablesearch.query.near",
    "cablesearch.readers.formats",
    "cablesearch.readers.sources",
    "cablesearch.readers.telegram",
    "cablesearch.results.counting",
    "cablesearch.results.phrases",
    "cablesearch.results.stats",
    "cablesearch.schema.derived",
    "cablesearch.text.cased",
    "cablesearch.vocabulary.identifiers",
    "cablesearch.vocabulary.posts",
    "cablesearch.vocabulary.tag_names",
    "csv",
    "difflib",
    "importlib.metadata",
    "logging",
    "multiprocessing",
    "nltk",
    "rich",
    "string",
    "subprocess",
    "tempfile",
}
"""Modules that a search for words must not load, because it must start fast."""


EXPANDING = {
    "cablesearch.query.expansions",
    "cablesearch.text.acronyms",
    "cablesearch.variants.expanding",
    "cablesearch.variants.synonyms",
}
"""Modules that a search must not load unless some of its words may be an acronym or the long form of one."""


@pytest.mark.parametrize("words", [["palermo"], ["Palermo"], ["Palermo", "protocol"]])
def test_a_search_for_plain_words_does_not_expand_them(
    archive_of: Callable[..., Archive], words: list[str], seldom_needed: set[str]
) -> None:
    archive = archive_of(cable("09A1", "the palermo protocol on trafficking in persons (TIP)", "the palermo protocol"))
    assert archive.search("TIP").expansions
    modules = loaded("search", *words, "--index", archive.path)
    assert modules & (seldom_needed | EXPANDING) == set()


@pytest.mark.parametrize("output", ["text", "json"])
def test_a_search_for_words_loads_only_what_it_needs(beijing: Archive, output: str, seldom_needed: set[str]) -> None:
    modules = loaded("search", "trafficking", "tag:PHUM", "--format", output, "--index", beijing.path)
    assert modules >= {"cablesearch.searcher", "cablesearch.results.hits", "whoosh.query", "numpy"}
    assert modules & seldom_needed == set()


def test_a_search_for_words_compiles_no_large_pattern(beijing: Archive) -> None:
    # Each would take longer to compile than the search takes.
    code = (
        "import sys\n"
        "from cablesearch.archive import Archive\n"
        "assert Archive(sys.argv[1]).search('trafficking').total\n"
        "from cablesearch.classification import leading\n"
        "from cablesearch.text import analysis\n"
        "patterns = leading._LEADING, analysis._foreign_word, analysis._LATE\n"
        "print(*(pattern.cache_info().currsize for pattern in patterns))"
    )
    result = subprocess.run([sys.executable, "-c", code, beijing.path], capture_output=True, text=True, check=True)
    assert result.stdout.split() == ["0", "0", "0"]


def test_completion_of_names_loads_no_slow_modules() -> None:
    code = "import sys\nfrom cablesearch.cli import main\nimport atexit, os\n"
    code += "atexit.register(lambda: print(*sys.modules, sep='\\n', file=sys.stderr))\nmain()"
    for words in ("sea", "search --fa", "search --facet ta"):
        env = {"COMP_WORDS": f"cablesearch {words}", "COMP_CWORD": str(len(words.split()))}
        result = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | env | {"_CABLESEARCH_COMPLETE": "bash_complete"},
        )
        assert result.stdout.startswith("plain,")
        assert not {name.partition(".")[0] for name in result.stderr.split()} & {"numpy", "whoosh", "nltk", "rich"}


@pytest.mark.parametrize("name", ["search", "show", "stats"])
def test_a_command_loads_no_module_of_another_command(beijing: Archive, name: str) -> None:
    argument = {"search": ["palermo"], "show": ["10BEIJING30"], "stats": []}[name]
    modules = loaded(name, *argument, "--index", beijing.path)
    assert modules & COMMAND_MODULES == {f"cablesearch.cli.commands.{name}"}
    assert not {module.partition(".")[0] for module in modules} & {"rich", "nltk", "csv"}


def test_facets_are_named_alike_in_the_table_the_help_and_the_docs(beijing: Archive) -> None:
    page = (DOCS / "command-line.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| (.*?) \|$", page, re.MULTILINE)
    expected = [
        (name, ", ".join(f"`{alias}`" for alias in facet.aliases), facet.meaning) for name, facet in FACETS.items()
    ]
    assert rows == expected
    assert one_of(FACETS) in " ".join(run("search", "--help").stdout.split())
    completed = run(COMP_WORDS="cablesearch search --facet m", COMP_CWORD="3", _CABLESEARCH_COMPLETE="bash_complete")
    assert completed.stdout.split() == [f"plain,{name}" for name in FACETS if name.startswith("m")]
    for name, facet in FACETS.items():
        for alias in (name, *facet.aliases):
            answer = run("search", "china", "--facet", alias.upper(), "--format", "json", "--index", beijing.path)
            assert list(json.loads(answer.stdout)["facets"]) == [name]


@example(99_999_999_999_999)
@given(st.integers(0, 10**14))
def test_a_size_is_rounded_to_three_digits(count: int) -> None:
    number, unit = size(count).split()
    factor = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}[unit]
    assert len(number.replace(".", "")) <= 3
    step = factor if "." not in number else factor / 10 ** len(number.partition(".")[2])
    assert abs(float(number) * factor - count) <= step / 2
