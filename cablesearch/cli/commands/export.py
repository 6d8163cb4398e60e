"""cablesearch export."""

from __future__ import annotations

import sys

import click

from cablesearch.cli.options import (
    archive_options,
    format_option,
    open_archive,
    query_argument,
    query_text,
)
from cablesearch.cli.query_command import QueryCommand

__all__ = ["export"]


@click.command(cls=QueryCommand)
@query_argument
@format_option("jsonl")
@archive_options
def export(query: tuple[str, ...], output: str, index_path: str, clearance: str | None) -> None:
    """Write cables as JSON lines, which index can read back.

    Writes all cables, or only those with a paragraph that matches QUERY.

    \b
    Exit status: 0 if anything was written, 1 if nothing matches.

    \b
    Examples:
      cablesearch export > archive.jsonl
      cablesearch export tag:PHUM date:2009 | gzip > phum.jsonl.gz
    """
    del output
    from cablesearch.readers.json_cables import dumps

    text = query_text(query)
    count = 0
    with open_archive(index_path, clearance) as archive:
        for cable in archive.export(text):
            click.echo(dumps(cable))
            count += 1
    sys.exit(0 if count else 1)
