"""cablesearch stats."""

from __future__ import annotations

import click

from cablesearch.cli.messages import note, say_unfilled, size
from cablesearch.cli.options import archive_options, format_option, open_archive
from cablesearch.text.terminal import json_line, one_line

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
    from dataclasses import asdict

    with open_archive(index_path, clearance) as archive:
        figures, is_full = archive.stats(), archive.clearance is None
    if output == "json":
        click.echo(json_line({"version": 1, **asdict(figures)}))
        return
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
    if not figures.cables:
        # What is hidden by a clearance is as good as not there.
        add = "add cables with: cablesearch index SOURCE"
        note(f"The archive is empty; {add}" if is_full else "The archive has no cables for this clearance.")
    say_unfilled(figures.unfilled_fields)
