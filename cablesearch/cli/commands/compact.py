"""cablesearch compact."""

from __future__ import annotations

import click

from cablesearch.cli.messages import note, size
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
    from cablesearch.cli.work.progress import ProgressDisplay

    with (
        open_in_full("compact", index_path, clearance) as archive,
        ProgressDisplay() as display,
    ):
        before = archive.stats().size_bytes or 0
        archive.compact(on_progress=display)
        after = archive.stats().size_bytes or 0
    change = f"saved {size(before - after)}" if before >= after else f"grew by {size(after - before)}"
    note(f"{size(before)} -> {size(after)} ({change})" if before != after else f"{size(after)}: nothing to reclaim")
    note(f"Archive: {index_path}")
