"""cablesearch compact."""

from __future__ import annotations

import click

from cablesearch.cli.messages import say, size
from cablesearch.cli.options import archive_options, open_in_full

__all__ = ["compact"]


@click.command()
@archive_options
def compact(index_path: str, clearance: str | None) -> None:
    """Reclaim space from removed and replaced cables.

    Also merges small segments, which makes searching faster.

    \b
    Example:
      cablesearch compact
    """
    with open_in_full("compact", index_path, clearance) as archive:
        before = archive.stats().size_bytes or 0
        archive.compact()
        after = archive.stats().size_bytes or 0
    change = f"saved {size(before - after)}" if before >= after else f"grew by {size(after - before)}"
    say(f"{size(before)} -> {size(after)} ({change})")
