"""cablesearch serve."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import signal
import socket
import subprocess
import sys
import webbrowser
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from cablesearch.cli.messages import is_quiet, note, say
from cablesearch.cli.options import clearance_limit, open_archive, serving_options
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.web.settings import Settings

__all__ = ["serve"]

_ROOT_PATH = re.compile(r"(?:/[A-Za-z0-9._~-]+)+")
_HOST = re.compile(r"[A-Za-z0-9._-]+|\[?[0-9A-Fa-f:.]+\]?|\*")


def _root_path(context: click.Context, parameter: click.Parameter, path: str) -> str:
    if path.rstrip("/") and not _ROOT_PATH.fullmatch(path.rstrip("/")):
        raise click.BadParameter(f"{path!r} is not a path such as /cables")
    return path.rstrip("/")


def _origins(context: click.Context, parameter: click.Parameter, origins: tuple[str, ...]) -> tuple[str, ...]:
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (parts.scheme not in ("http", "https") or origin != f"{parts.scheme}://{parts.netloc}"):
            raise click.BadParameter(f"{origin!r} is not an origin such as https://example.org, nor *")
    return tuple(origin.lower() for origin in origins)


def _proxies(context: click.Context, parameter: click.Parameter, proxies: tuple[str, ...]) -> tuple[str, ...]:
    for proxy in proxies:
        try:
            ipaddress.ip_network(proxy)
        except ValueError:
            raise click.BadParameter(f"{proxy!r} is not an address or a network such as 10.0.0.0/8") from None
    return proxies


def _hosts(context: click.Context, parameter: click.Parameter, hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        if not _HOST.fullmatch(host):
            raise click.BadParameter(f"{host!r} is not a name such as cables.example.org")
    return hosts


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    metavar="N",
    help="Port to listen on; 0: any that is free.",
)
@click.option("--open", "opens", is_flag=True, help="Open the start page in a browser.")
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    default=1,
    show_default=True,
    metavar="N",
    help="Number of processes that answer.",
)
@click.option(
    "--threads",
    type=click.IntRange(1, 64),
    default=4,
    show_default=True,
    metavar="N",
    help="Number of questions that a process answers at a time.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 3600),
    default=30,
    show_default=True,
    metavar="SECONDS",
    help="Longest time for an answer.",
)
@click.option(
    "--client-timeout",
    type=click.FloatRange(0.1, 3600),
    default=20,
    show_default=True,
    metavar="SECONDS",
    help="Time that a client has to send a request, or to take the next part of an answer.",
)
@click.option("--public", is_flag=True, help="Let other computers ask without a token.")
@click.option(
    "--allowed-host",
    "hosts",
    multiple=True,
    callback=_hosts,
    metavar="NAME",
    help="A name under which readers reach the server; repeat for several. * allows any.",
)
@click.option(
    "--allow-origin",
    "origins",
    multiple=True,
    callback=_origins,
    metavar="URL",
    help="A site whose pages may read answers, such as https://example.org; repeat for several. * allows any.",
)
@click.option(
    "--root-path",
    default="",
    callback=_root_path,
    metavar="PATH",
    help="Path under which a proxy offers the server, such as /cables.",
)
@click.option(
    "--trusted-proxy",
    "proxies",
    multiple=True,
    callback=_proxies,
    metavar="ADDRESS",
    help="Address or network of a proxy whose X-Forwarded headers are believed; repeat for several.",
)
@click.option("--log-queries", is_flag=True, help="Log what is searched and read, too.")
@serving_options
def serve(
    host: str, port: int, workers: int, opens: bool, public: bool, proxies: tuple[str, ...], **options: Any
) -> None:
    """Serve pages and an HTTP API for an archive, until interrupted.

    Readers without a token see what --clearance allows. Others have a
    token: see cablesearch token --help.

    \b
    Examples:
      cablesearch serve --open
      cablesearch serve --clearance SBU --port 8080
      cablesearch serve --allowed-host cables.org --trusted-proxy 127.0.0.1
    """
    from cablesearch.errors import CablesearchError

    try:
        from cablesearch.serving.addresses import bound_to, every_address, shown
        from cablesearch.web.app import NAMES
        from cablesearch.web.serving.running import serve as run
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "cablesearch":
            raise
        raise CablesearchError(f"serve needs {package}: pip install 'cablesearch[web]'") from None
    if (path := options["root_path"]).lstrip("/").partition("/")[0] in NAMES:
        # The server could not tell whether the proxy has removed it.
        said = f"{path!r} begins as addresses of the server itself do; choose one such as /cables"
        raise click.BadParameter(said, param_hint="'--root-path'")
    settings = _settings(host, public, **options)
    with contextlib.closing(_bound(bound_to, host, port)) as bound:
        address = shown(bound) + f"{settings.root_path}/".lstrip("/")
        every = every_address(bound)
        where = f"on every address of this computer ({every}), such as" if every else "at"
        click.echo(f"Serving {where} {address}")
        sys.stdout.flush()
        note("Press Ctrl-C to stop.")
        browser = _opened(address) if opens else None
        kind = run(settings, bound, workers=workers, proxies=proxies)
    del browser
    if kind == signal.SIGINT:
        raise click.Abort("Stopped.")
    note("Stopped.")


def _settings(host: str, public: bool, index_path: str, clearance: str, **options: Any) -> Settings:
    """Return how the server is set up, once it is clear who sees what, and say so.

    Raises:
        CablesearchError: the archive or its tokens cannot be read.
        click.UsageError: others could read what nobody meant them to.
    """
    from cablesearch.serving.addresses import is_loopback, names_of
    from cablesearch.web.settings import Settings
    from cablesearch.web.tokens import Tokens

    with open_archive(index_path, clearance) as archive:
        # What answers need is loaded once, for all processes.
        archive.search("cable", limit=1)
    tokens = [token for token in Tokens(index_path).all() if not token.has_expired()]
    is_local = is_loopback(host)
    what = "everything" if clearance == "FULL" else f"what is {clearance}"
    if not is_local and not tokens and not public:
        raise click.UsageError(
            f"other computers reach {host}, and there is no token, so that all who use them see {what}. "
            "If that is meant, add --public; else make a token with: cablesearch token add NAME --clearance LEVEL"
        )
    note(f"Archive: {index_path}")
    who = "All readers see" if not tokens else "Readers without a token see"
    advice = "" if clearance == "FULL" else "; choose another level with --clearance, or FULL for everything"
    note(f"{who} {what}{advice}.")
    if tokens:
        note(f"{plural(len(tokens), 'reader')} with a token: see cablesearch token list")
    if not is_local:
        say(
            "Warning: other computers can reach this server, and anyone on the way can read tokens and answers; put a "
            "proxy with HTTPS before it."
        )
    hosts = names_of(host, options.pop("hosts"))
    return Settings(
        index_path,
        anonymous=clearance,
        limit=clearance_limit(),
        hosts=hosts,
        addresses=not is_local,
        seconds=options.pop("timeout"),
        patience=options.pop("client_timeout"),
        logged=not is_quiet(),
        **options,
    )


def _bound(bind: Any, host: str, port: int) -> socket.socket:
    """Return a socket that listens, or explain why there is none."""
    import errno

    from cablesearch.errors import CablesearchError

    try:
        listening: socket.socket = bind(host, port)
    except OSError as error:
        advice = {
            errno.EADDRINUSE: "; stop the other program, or choose another port with --port",
            errno.EACCES: "; ports below 1024 are for the administrator: choose another one with --port",
        }.get(error.errno or 0, "")
        raise CablesearchError(f"{error.filename}: {error.strerror}{advice}") from None
    return listening


def _opened(address: str) -> subprocess.Popen[bytes] | None:
    """Open an address in a browser, in a process of its own: some browsers run until they are closed."""
    try:
        webbrowser.get()
    except webbrowser.Error:
        note("No browser was found; open the address in one yourself.")
        return None
    command = [sys.executable, "-m", "webbrowser", address]
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
