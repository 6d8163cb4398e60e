"""cablesearch mcp."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.messages import note, say
from cablesearch.cli.options import archive_options, mention_archive

if TYPE_CHECKING:
    from mcp.server.lowlevel import Server

__all__ = ["mcp"]

_TOKEN_VARIABLE = "CABLESEARCH_MCP_TOKEN"
_SHORTEST_TOKEN = 16
_MOST_PORTS = 65_535
_ANY_ADDRESS = ("0.0.0.0", "::", "")
_HTTP_ONLY = {"host", "port", "allowed_hosts", "token_file", "allow_remote"}


@click.command()
@click.option("--http", is_flag=True, help="Serve over HTTP instead of standard input and output.")
@click.option(
    "--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="With --http: address to listen on."
)
@click.option(
    "--port",
    type=click.IntRange(0, _MOST_PORTS),
    default=8001,
    show_default=True,
    metavar="N",
    help="With --http: port to listen on; 0 is any free one.",
)
@click.option(
    "--allow-remote",
    is_flag=True,
    help="With --http: allow an ADDRESS that other computers can reach.",
)
@click.option(
    "--allowed-host",
    "allowed_hosts",
    multiple=True,
    metavar="NAME",
    help="With --http: also answer requests to this host name, such as that of a proxy; repeat for several.",
)
@click.option(
    "--token-file",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help=f"With --http: answer only requests with the bearer token in FILE. Default: that in {_TOKEN_VARIABLE}, if "
    "set.",
)
@archive_options
def mcp(
    http: bool,
    host: str,
    port: int,
    allow_remote: bool,
    allowed_hosts: tuple[str, ...],
    token_file: str | None,
    index_path: str,
    clearance: str | None,
) -> None:
    """Serve an archive to language models, over the Model Context Protocol.

    A program such as Claude Desktop starts this command and talks to it over standard input and output; with --http it
    serves several programs until Ctrl-C. Models get tools that search, read, count and cite. They see what the
    clearance allows, and nothing can be changed. It needs: pip install 'cablesearch[mcp]'

    \b
    Exit status: 0 when the client has ended, 2 after an error.

    \b
    Examples:
      cablesearch mcp --index ~/indexes/cables --clearance SBU
      cablesearch mcp --http --port 8001
      cablesearch mcp --http --host 192.0.2.7 --allow-remote --token-file token
    """
    if not http and (given := _given_of_http()):
        raise click.UsageError(f"{given} needs --http")
    token = _token(token_file) if http else None
    server = _server(index_path, clearance)
    from cablesearch.mcp.transports import is_loopback, serve_http, serve_stdio

    if not http:
        if sys.stdin is not None and sys.stdin.isatty():
            note("Waiting for a program that speaks the Model Context Protocol on standard input; stop with Ctrl-C")
        serve_stdio(server)
        return
    if not is_loopback(host):
        if not allow_remote:
            raise click.UsageError(f"other computers can reach {host}; add --allow-remote if they may")
        if host.strip("[]") in _ANY_ADDRESS and not allowed_hosts:
            raise click.UsageError(f"{host} is every address of this computer; name it with --allowed-host")
        if token is None:
            say(f"Warning: anyone who can reach {host} can read the archive; set a token with --token-file")

    def ready(address: str) -> None:
        note(f"Serving {index_path} at {address}; stop with Ctrl-C")

    serve_http(server, host, port, hosts=allowed_hosts, token=token, ready=ready)


def _server(index_path: str, clearance: str | None) -> Server[Any]:
    """Return the server for an archive.

    Raises:
        CablesearchError: the SDK is not installed, or the archive cannot be opened.
    """
    try:
        from cablesearch.mcp.server import build
    except ModuleNotFoundError as error:
        from cablesearch.errors import CablesearchError

        if (error.name or "").startswith("cablesearch"):
            raise
        raise CablesearchError("tools for models need the MCP SDK: pip install 'cablesearch[mcp]'") from None
    from cablesearch.mcp.commits import Commits

    mention_archive(index_path)
    return build(Commits(index_path, clearance))


def _given_of_http() -> str | None:
    """Return the first option given that needs --http, or None."""
    context = click.get_current_context()
    for parameter in context.command.params:
        source = context.get_parameter_source(parameter.name or "")
        if parameter.name in _HTTP_ONLY and source is click.core.ParameterSource.COMMANDLINE:
            return parameter.opts[0]
    return None


def _token(file: str | None) -> str | None:
    """Return the bearer token from the file or the environment, or None.

    Raises:
        CablesearchError: it is too short or has characters that a header cannot have.
        OSError: the file cannot be read.
    """
    from cablesearch.errors import CablesearchError

    if file is not None:
        place, token = file, Path(file).read_text(encoding="utf-8", errors="replace").strip()
    else:
        place, token = _TOKEN_VARIABLE, os.environ.get(_TOKEN_VARIABLE, "").strip()
        if not token:
            return None
    if len(token) < _SHORTEST_TOKEN or not token.isascii() or not token.isprintable() or " " in token:
        raise CablesearchError(
            f"the token in {place} must have at least {_SHORTEST_TOKEN} letters, digits or signs, and no blanks"
        )
    return token
