"""cablesearch export."""

from __future__ import annotations

import sys
from typing import Any

import click

from cablesearch.cli.filters import filter_options
from cablesearch.cli.messages import say
from cablesearch.cli.options import archive_options, format_option, open_archive, query_argument, query_text
from cablesearch.cli.output_file import output_option, written_to
from cablesearch.cli.query_command import QueryCommand

__all__ = ["export"]


@click.command(cls=QueryCommand)
@query_argument
@filter_options
@format_option("jsonl")
@output_option
@archive_options
def export(
    query: tuple[str, ...],
    output: str,
    target: str | None,
    index_path: str,
    clearance: str | None,
    **filters: Any,
) -> None:
    """Write cables as JSON lines, which index can read back.

    Writes all cables, or only those that match QUERY and the filters.

    \b
    Exit status: 0 if anything was written, 1 if nothing matches.

    \b
    Examples:
      cablesearch export -o archive.jsonl
      cablesearch export tag:PHUM --since 2009 | gzip > phum.jsonl.gz
    """
    del output
    from cablesearch.cli.rendering.advice import say_expansions
    from cablesearch.cli.rendering.summary import say_empty
    from cablesearch.readers.json_cables import dumps

    count = 0
    with written_to(target, index_path), open_archive(index_path, clearance) as archive:
        for cable in archive.export(query_text(query), **filters):
            sys.stdout.write(dumps(cable) + "\n")
            count += 1
        sys.stdout.flush()
        say_expansions(archive.expansions(query_text(query), **filters))
        if not count and not say_empty(archive):
            say("No cables match.")
    sys.exit(0 if count else 1)
