"""cablesearch stats."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cablesearch.cli.messages import is_quiet, say_unfilled, size
from cablesearch.cli.options import archive_options, format_option, open_archive
from cablesearch.text.terminal import json_line, one_line

if TYPE_CHECKING:
    from cablesearch.results.stats import Stats

__all__ = ["stats"]


@click.command()
@format_option("text", "json")
@archive_options
def stats(output: str, index_path: str, clearance: str | None) -> None:
    """Show archive statistics.

    \b
    Example:
      cablesearch stats --format json
    """
    from cablesearch.answers.objects import stats_object
    from cablesearch.cli.rendering.summary import say_empty

    with open_archive(index_path, clearance) as archive:
        figures = archive.stats()
        if output == "json":
            click.echo(json_line(stats_object(figures)))
            return
        _print(figures, index_path)
        if not is_quiet():
            say_empty(archive)
    say_unfilled(figures.unfilled_fields)


def _print(figures: Stats, index_path: str) -> None:
    disk = "hidden by clearance" if figures.size_bytes is None else size(figures.size_bytes)
    rows = {
        "archive": index_path,
        "cables": f"{figures.cables:,}",
        "paragraphs": f"{figures.paragraphs:,}",
        "words": f"{figures.words:,}",
        "first date": figures.first_date or "none",
        "last date": figures.last_date or "none",
        "size on disk": disk,
    }
    for label, value in rows.items():
        click.echo(one_line(f"{label:12}  {value}"))
