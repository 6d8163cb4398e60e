"""An archive's tools for models, asked by the SDK's own client."""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from mcp import Client, StdioServerParameters
from mcp.server.lowlevel import Server

from cablesearch.mcp.commits import Commits
from cablesearch.mcp.server import build

__all__ = ["ERAS", "Told", "ask", "ask_all", "call", "command", "over_http", "pages", "server_of", "talk"]

_Answer = TypeVar("_Answer")

ERAS = ["auto", "legacy"]
"""The ways to talk: each request alone, or after a handshake, as clients did before 2026."""

Target = Server[Any] | StdioServerParameters | str


class Told(NamedTuple):
    """The answer of a tool."""

    text: str
    fields: dict[str, Any]
    is_error: bool


def server_of(path: str | os.PathLike[str], clearance: str | None = None) -> Server[Any]:
    """Return a server for an archive, in this process."""
    return build(Commits(path, clearance))


def talk(target: Target, conversation: Callable[[Client], Awaitable[_Answer]], era: str = "auto") -> _Answer:
    """Return what comes of a conversation with a server."""

    async def talking() -> _Answer:
        async with Client(target, mode=era, read_timeout_seconds=60) as client:
            return await conversation(client)

    return asyncio.run(talking())


async def call(client: Client, tool: str, **arguments: Any) -> Told:
    """Return the answer of a tool. The client checks its fields against the tool's schema."""
    result = await client.call_tool(tool, arguments)
    texts = [block.text for block in result.content if block.type == "text"]
    assert len(texts) == len(result.content) == 1
    return Told(texts[0], result.structured_content or {}, result.is_error)


def ask(target: Target, tool: str, **arguments: Any) -> Told:
    """Return the answer of a tool in a conversation of its own."""
    return talk(target, lambda client: call(client, tool, **arguments))


def ask_all(target: Target, *questions: tuple[str, dict[str, Any]], era: str = "auto") -> list[Told]:
    """Return the answers of tools in one conversation."""

    async def conversation(client: Client) -> list[Told]:
        return [await call(client, tool, **arguments) for tool, arguments in questions]

    return talk(target, conversation, era)


async def pages(client: Client, tool: str, **arguments: Any) -> list[Told]:
    """Return all pages of an answer, or those up to an error."""
    answers = [await call(client, tool, **arguments)]
    while cursor := answers[-1].fields.get("next_cursor"):
        assert f'"{cursor}"' in answers[-1].text
        answers.append(await call(client, tool, **arguments, cursor=cursor))
    return answers


def command(path: str | os.PathLike[str], *options: str, **env: str) -> StdioServerParameters:
    """Return how a client starts the command."""
    return StdioServerParameters(
        command=sys.executable,
        args=["-m", "cablesearch", "mcp", "--index", str(path), *options],
        env={**_environment(), **env},
    )


@contextlib.contextmanager
def over_http(path: str | os.PathLike[str], *options: str, slowest: float | None = None, **env: str) -> Iterator[str]:
    """Serve an archive over HTTP by the command, and give its address.

    ``slowest``: another number of seconds within which requests have to come.
    """
    changed = "" if slowest is None else f"from cablesearch.mcp import transports; transports._PATIENCE = {slowest}; "
    code = f"{changed}from cablesearch.cli import main; main()"
    arguments = [sys.executable, "-c", code, "mcp", "--http", "--port", "0", "--index", str(path), *options]
    with subprocess.Popen(
        arguments, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**_environment(), **env}
    ) as process:
        assert process.stderr
        assert process.stdout
        said = []
        try:
            for line in process.stderr:
                said.append(line)
                if match := re.search(r"http://\S+/mcp", line):
                    yield match[0]
                    break
            else:
                raise AssertionError("".join(said))
        finally:
            process.terminate()
            printed, rest = process.stdout.read(), process.stderr.read()
        assert printed == ""
        assert "Traceback" not in rest
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", rest)


def _environment() -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CABLESEARCH_")}
    return clean | {"PYTHONPATH": str(Path(__file__).parents[2])}
