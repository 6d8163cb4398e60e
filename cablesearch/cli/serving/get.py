"""cablesearch get."""

from __future__ import annotations

import sys

import click

from cablesearch.cli.options import archive_options, open_archive

__all__ = ["get"]


@click.command()
@click.argument("address", metavar="ADDRESS")
@archive_options
def get(address: str, index_path: str, clearance: str | None) -> None:
    """Print what the HTTP API answers, without a server: for scripts that work with both.

    ADDRESS is what follows the name of a server: /api/v1/search?q=china. Quote it for the shell. It needs pip install
    'cablesearch[web]'.

    \b
    Exit status: 0 if the status of the answer is 200, 1 if it is an error
    (whose problem document is printed), 2 if the archive cannot be read.

    \b
    Examples:
      cablesearch get '/api/v1/search?q=trafficking&tag=PHUM&limit=3'
      cablesearch get '/api/v1/export?q=palermo&format=csv' > palermo.csv
      cablesearch get /api/v1/openapi.json
    """
    from cablesearch.cable import clearance_name

    if not address.startswith("/"):
        raise click.UsageError(f"An address begins with a slash, such as /api/v1/search?q=china, not {address!r}.")
    with open_archive(index_path, clearance) as archive:
        level = clearance_name(archive.clearance)
    status = _printed(index_path, level, address)
    sys.exit(0 if status < 300 else 1)


def _printed(index_path: str, clearance: str, address: str) -> int:
    """Print the answer at an address for a reader without a token, and return its status.

    Raises:
        CablesearchError: the extra is missing.
    """
    from cablesearch.errors import CablesearchError
    from cablesearch.text.terminal import printable

    try:
        from cablesearch.web.api.inprocess import get as get_body
        from cablesearch.web.app import create_app
        from cablesearch.web.settings import Settings
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package == "cablesearch":
            raise
        raise CablesearchError(f"get needs {package}: pip install 'cablesearch[web]'") from None
    app = create_app(Settings(index_path, anonymous=clearance, threads=1, logged=False))
    is_shown = sys.stdout.isatty()
    end = b"\n"

    def write(part: bytes) -> None:
        nonlocal end
        end = part[-1:] or end
        # Text may be split within a character, but not on a terminal, where pieces are whole lines.
        sys.stdout.buffer.write(printable(part.decode(errors="replace")).encode() if is_shown else part)

    sys.stdout.flush()
    try:
        status = get_body(app, address, write)
    finally:
        app.state.service.queue.close()
    if end != b"\n":
        sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()
    return status
