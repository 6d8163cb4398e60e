"""docs/cluster.md: its tables of settings and refusals are complete, and its example of a role is one."""

from __future__ import annotations

import ast
import json
import re
from dataclasses import fields
from pathlib import Path

import pytest

from cablesearch.cable import Classification, Clearance, Level
from cablesearch.cluster.addresses import parse_address
from cablesearch.cluster.documents.views import ViewClass
from cablesearch.cluster.roles import reader_role, writer_role
from cablesearch.cluster.settings import PREFIX, Settings, read_settings
from cablesearch.cluster.state import Generation, State

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
ADDRESS = parse_address("opensearch://localhost:9200/cables")


def rows(title: str) -> list[list[str]]:
    """Return the cells of the rows of all tables in a section."""
    section = re.split(r"^## ", TEXT, flags=re.MULTILINE)
    body = next(part for part in section if part.startswith(title))
    return [
        [cell.strip() for cell in line.strip("|").split(" | ")]
        for line in body.splitlines()
        if line.startswith("| ") and not line.startswith("|--")
    ]


def test_every_setting_is_in_the_table_with_its_default() -> None:
    """What has no default there has none in the program."""
    shown = {name: row[1] for row in rows("Settings")[1:] for name in re.findall(r"`([A-Z_]+)`", row[0])}
    files = {f"{name}_FILE" for name in ("PASSWORD", "API_KEY", "TOKEN")}
    assert shown.keys() == {setting.name.upper() for setting in fields(Settings)} | files
    given = {name: match[1] for name, text in shown.items() if (match := re.fullmatch(r"`(.*)`", text))}
    assert read_settings(ADDRESS, {PREFIX + name: value for name, value in given.items()}) == Settings()
    written = {name.lower() for name in given}
    assert written == {
        setting.name for setting in fields(Settings) if setting.default not in (None, ()) and setting.name != "verify"
    } | {"verify"}


def refusals() -> list[str]:
    """Return the longest constant part of each message with which something is refused on a cluster."""
    found = []
    for path in sorted((ROOT / "cablesearch").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "UnsupportedError":
                parts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant)]
                found.append(max((part for part in parts if isinstance(part, str)), key=len).strip())
    return found


@pytest.mark.parametrize("message", refusals())
def test_everything_that_a_cluster_refuses_is_in_the_table(message: str) -> None:
    """Each row has the beginning of the message, or another part of it."""
    shown = [row[1] for row in rows("Differences") if len(row) == 3 and row[1]]
    assert any(text in message or message in text for text in shown), f"docs/cluster.md does not have: {message}"


def test_a_role_names_just_the_indices_that_a_reader_asks() -> None:
    """The example in the page is the role of such a state."""
    low, high = Classification(Level.UNCLASSIFIED), Classification(Level.SECRET)
    indices = (
        (1, ViewClass.of([low], [], "all")),
        (2, ViewClass.of([low, high], [], "all")),
        (3, ViewClass.of([low], [high], "restricted")),
    )
    state = State(Generation(1, made=3, indices=indices))
    given = Clearance.parse("UNCLASSIFIED")
    role = reader_role("cables", state, given)
    assert role["index_permissions"][1]["index_patterns"] == ["cables.1.0", "cables.1.1", "cables.1.3"]
    example = re.search(r"cablesearch\.cluster\.roles \S+ CONFIDENTIAL\n(.*?)\n```", TEXT, re.DOTALL)
    assert example is not None
    shown = json.loads(example[1])
    assert [entry.keys() for entry in shown["index_permissions"]] == [
        entry.keys() for entry in role["index_permissions"]
    ]
    assert shown["cluster_permissions"] == role["cluster_permissions"]
    actions = [entry["allowed_actions"] for entry in role["index_permissions"]]
    assert [entry["allowed_actions"] for entry in shown["index_permissions"]] == actions


def test_a_role_allows_the_generation_that_is_being_made() -> None:
    """So a reader is not refused when a reindex ends."""
    state = State(Generation(1), renewal=Generation(2))
    names = reader_role("cables", state, Clearance.parse("SECRET"))["index_permissions"][1]["index_patterns"]
    assert names == ["cables.1.0", "cables.2.0"]


def test_the_role_of_a_writer_has_all_indices_of_the_archive() -> None:
    """And its alias, but not those of an archive whose name begins alike."""
    assert writer_role("cables")["index_permissions"][0]["index_patterns"] == ["cables", "cables.*"]
