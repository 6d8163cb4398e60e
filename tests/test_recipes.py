"""The recipes of docs/contributing.md, followed word for word in a copy of the repository."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import cablesearch
from tests.support.files import DOCS, ROOT
from tests.support.recipes import Block, blocks, node_ids

BLOCKS = blocks((DOCS / "contributing.md").read_text(encoding="utf-8"))
NAMED = {
    *(block.test for block in BLOCKS if block.test),
    "test_no_value_that_all_paragraphs_share_in_the_index_depends_on_what_may_be_hidden",
    "test_modules_import_only_from_their_floor_or_below",
}


def copy_of_repository(folder: Path) -> Path:
    """Copy what the recipes change and what tests need into a folder, and return it."""
    for name in ("cablesearch", "docs", "tests", "trials"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "setup.cfg", folder)
    return folder


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository in which all recipes were followed."""
    root = copy_of_repository(tmp_path_factory.mktemp("changed"))
    for block in BLOCKS:
        block.apply(root)
    return root


def failing(root: Path, names: set[str]) -> set[str]:
    """Return which of the tests of these names fail in a copy."""
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "no:cacheprovider",
        "-rfE",
        "--tb=no",
        *node_ids(root / "tests", names),
    ]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert result.returncode in (0, 1), result.stdout
    return set(re.findall(r"^(?:FAILED|ERROR) \S+?::(\w+)", result.stdout, re.MULTILINE))


def named(recipe: list[Block]) -> set[str]:
    """Return the tests that the page names beside blocks."""
    return {block.test for block in recipe if block.test}


def test_each_test_that_the_page_names_fails_until_its_block_is_there(tmp_path: Path) -> None:
    root = copy_of_repository(tmp_path / "copy")
    needed = [block for block in BLOCKS if not block.test]
    listed = [block for block in BLOCKS if block.test and block.path.startswith("cablesearch/")]
    elsewhere = [block for block in BLOCKS if block.test and block not in listed]
    for block in needed:
        block.apply(root)
    assert failing(root, named(listed)) == named(listed)
    for block in listed:
        block.apply(root)
    assert failing(root, NAMED) == named(elsewhere)
    for block in elsewhere:
        block.apply(root)
    assert failing(root, NAMED) == set()


def run_in(root: Path, code: str, *arguments: str | Path) -> None:
    """Run a program that has the package of a copy."""
    program = f"import sys\nimport cablesearch\nassert cablesearch.__file__.startswith({str(root)!r})\n{code}"
    command = [sys.executable, "-c", program, *map(str, arguments)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, ""), result.stderr


CARET_LINES = "id^classification^body\n10ROME1^UNCLASSIFIED^1. Rain fell.\n10ROME2^SECRET\n"

INDEXES_CARET_LINES = """
import io, json, pathlib
source, place = map(pathlib.Path, sys.argv[1:])
rejects = io.StringIO()
with cablesearch.create(place) as archive:
    report = archive.index([source], jobs=1, rejects=rejects)
    assert (report.added, report.rejected) == (1, 1)
    assert [hit.citation for hit in archive.search("rain")] == ["10ROME1 \\N{PILCROW SIGN}1"]
    assert archive.index([source], jobs=1).unchanged == 1
rejected = json.loads(rejects.getvalue())
assert (rejected["row"], rejected["reason"], rejected["raw"]) == (3, "expected 3 columns, found 2", "10ROME2^SECRET")
"""


def test_a_file_of_the_new_format_is_indexed_and_found(changed: Path, tmp_path: Path) -> None:
    (tmp_path / "cables").write_text(CARET_LINES)
    run_in(changed, INDEXES_CARET_LINES, tmp_path / "cables", tmp_path / "archive")


FILMED = "UNCLAS ROME 000001\n\nFILM NUMBER: D740123-0456\nTAGS: IT\nSUBJECT: RAIN\n\n1. (U) Rain fell.\n"

HAS_THE_FIELD = """
import pathlib
from dataclasses import replace
from cablesearch.cable import Clearance, Level
from cablesearch.readers import parse_cable
from cablesearch.readers.json_cables import from_json, to_json

body = pathlib.Path(sys.argv[1]).read_text()
cable = parse_cable("", body, cable_id="10ROME1")
assert cable.film == "D740123-0456" == to_json(cable)["film"]
assert from_json(to_json(cable)) == cable
given = from_json({"id": "10ROME1", "film": "P1", "body": body})
assert (given.film, given.given) == ("P1", ("id", "film"))
low = Clearance.parse("UNCLASSIFIED")
assert cable.view(low).film == cable.film
assert replace(cable, envelope="(S) Sun.").view(low).film is None
assert replace(cable, film="(S) D740123-0456").whole_classification.level == Level.SECRET

with cablesearch.open(sys.argv[2]) as archive:
    assert archive.search("rain").total == 1
    assert archive.search("film:D740123-0456").total == 0
    assert archive.stats().unfilled_fields == ("film",)
    assert archive.verify(deep=True) == []
    archive.reindex(jobs=1)
    assert archive.search("film:d740123-0456").total == archive.search("film:D74*").total == 1
    assert archive.search("film:P*").total == 0
    assert archive.stats().unfilled_fields == ()
    assert [cable.film for cable in archive.export()] == ["D740123-0456"]
"""


def test_a_cable_has_the_new_field_and_reindexing_fills_it_in_an_older_archive(changed: Path, tmp_path: Path) -> None:
    source, place = tmp_path / "10ROME1.txt", tmp_path / "archive"
    source.write_text(FILMED)
    with cablesearch.create(place) as archive:
        assert archive.index([source], jobs=1).added == 1
    run_in(changed, HAS_THE_FIELD, source, place)


ANSWERS = """
import json
from click.testing import CliRunner
from cablesearch.cli import cli
from cablesearch.readers import parse_cable
from cablesearch.readers.json_cables import dumps
from tests.query.meaning import Joined, Words, units

place = sys.argv[1]
texts = ["(U) china", "(C/NF) japan", "(S/NF) rain", "(U) china japan", "(U) sun"]
cable = parse_cable("", "".join(f"{n}. {text}\\n\\n" for n, text in enumerate(texts, 1)), cable_id="10ROME1",
                    classification="UNCLASSIFIED")
with open(place + ".jsonl", "w") as file:
    file.write(dumps(cable) + "\\n")
with cablesearch.create(place) as archive:
    archive.index([place + ".jsonl"], jobs=1)

def cli_of(*arguments, status=0):
    result = CliRunner().invoke(cli, [*arguments, "--index", place])
    assert result.exit_code == status, result.output
    return result.stdout
"""

COUNTS_BY_THE_FACET = """
answer = json.loads(cli_of("search", "*", "--facet", "telegram", "--format", "json"))
assert answer["facets"] == {"cable": [["10ROME1", 5]]}, answer["facets"]
assert "        5  10ROME1" in cli_of("search", "*", "--facet", "cable")
assert "month" in cli_of("search", "--help") and "cable, year" in " ".join(cli_of("search", "--help").split())
low = cli_of("search", "*", "--facet", "cable", "--format", "json", "--clearance", "SECRET")
assert json.loads(low)["facets"] == {"cable": [["10ROME1", 3]]}
grouped = cli_of("search", "*", "--facet", "cable", "--format", "json", "--group", "cable")
assert json.loads(grouped)["facets"] == {"cable": [["10ROME1", 1]]}
"""

RUNS_THE_COMMAND = """
help = " ".join(CliRunner().invoke(cli, ["--help"]).stdout.split())
assert " count Count the paragraphs that match a query." in help
assert "cablesearch count" in cli_of("count", "--help")
assert cli_of("count", "china") == "2\\n"
assert cli_of("count", "*", "--clearance", "U") == "3\\n"
"""

HAS_THE_OPERATOR = """
def word(text):
    return Words(None, text, lambda words: text in words)

with cablesearch.open(place) as archive:
    def positions(query):
        return [hit.position for hit in archive.search(query, sort="date")]

    parts = word("china"), word("japan")
    meant = [unit.key[1] for unit in units([cable], None, by_cable=False) if Joined("NOR", parts).holds(unit)]
    assert positions("china NOR japan") == meant == [3, 5]
    assert positions("china NOR japan NOR rain") == [5]
    assert positions("sun china NOR japan") == positions("sun (china NOR japan)") == [5]
    assert positions("NOT (china NOR japan)") == [1, 2, 4]
    assert archive.search("china NOR japan", group="cable").total == 0
"""


@pytest.mark.parametrize("code", [COUNTS_BY_THE_FACET, RUNS_THE_COMMAND, HAS_THE_OPERATOR])
def test_the_new_facet_command_and_operator_give_their_answers(changed: Path, tmp_path: Path, code: str) -> None:
    run_in(changed, ANSWERS + code, tmp_path / "archive")
