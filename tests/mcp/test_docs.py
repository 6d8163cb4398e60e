"""docs/models.md: its configuration starts a server, its example prints what it says, and its tables are complete."""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import sys
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters

from cablesearch.archive import create
from cablesearch.mcp.permalinks import read_link
from cablesearch.mcp.prompts import PROMPTS
from cablesearch.mcp.resources import HELP
from cablesearch.mcp.tools import TOOLS
from tests.support.files import BEIJING, DOCS
from tests.support.models import command, talk

PAGE = (DOCS / "models.md").read_text(encoding="utf-8")


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with an archive, in which the command is installed."""
    with create(tmp_path / "indexes" / "cables") as archive:
        archive.index([BEIJING])
    script = tmp_path / "bin" / "cablesearch"
    script.parent.mkdir()
    environment = command("x").env or {}
    script.write_text(
        f"#!/bin/sh\nPYTHONPATH={shlex.quote(environment['PYTHONPATH'])} "
        f'exec {shlex.quote(sys.executable)} -m cablesearch "$@"\n'
    )
    script.chmod(0o755)
    monkeypatch.setenv("PATH", str(script.parent), prepend=":")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_configuration_starts_a_server(installed: Path) -> None:
    (block,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (server,) = json.loads(block)["mcpServers"].values()
    arguments = [argument.replace("/home/me", str(installed)) for argument in server["args"]]
    parameters = StdioServerParameters(command=server["command"], args=arguments)

    async def conversation(client: Client) -> list[str]:
        return [tool.name for tool in (await client.list_tools()).tools]

    assert talk(parameters, conversation) == list(TOOLS)


def test_the_example_prints_what_the_page_says(installed: Path) -> None:
    (found,) = re.findall(r"^```python\n(.*?)^```$\n\nIt prints:\n\n```\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    code, printed = found
    with contextlib.redirect_stdout(out := io.StringIO()):
        exec(compile(code, "docs/models.md", "exec"), {"__name__": "example"})
    assert out.getvalue() == printed


def test_the_tables_are_complete() -> None:
    def first_cells(heading: str) -> list[str]:
        table = re.search(rf"^\| {heading} \|.*\n\|---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
        assert table
        return re.findall(r"^\| `([^`]+)`", table[1], re.MULTILINE)

    assert first_cells("tool") == list(TOOLS)
    assert first_cells("prompt") == list(PROMPTS)
    *links, help_link = first_cells("resource")
    assert help_link == HELP
    assert [read_link(link).reference for link in links] == ["10BEIJING30", "10BEIJING30¶4", "10BEIJING30@4"]
