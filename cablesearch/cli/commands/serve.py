"""cablesearch serve."""

from __future__ import annotations

from typing import Any

import click

from cablesearch.cli.options import archive_options

__all__ = ["serve"]


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, metavar="N", help="Port.")
@click.option("--open", "opens", is_flag=True, help="Open the start page in a browser.")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Number of processes.")
@archive_options
def serve(index_path: str, clearance: str | None, host: str, port: int, opens: bool, workers: int, **_: Any) -> None:
    """Serve pages and an HTTP API for an archive.

    \b
    Examples:
      cablesearch serve --open
    """
    from cablesearch.web.running import serve as run
    from cablesearch.web.settings import Settings

    settings = Settings(index_path, anonymous=clearance or "UNCLASSIFIED")
    run(settings, host, port, workers=workers, on_start=lambda address: click.echo(f"Serving at {address}"))
