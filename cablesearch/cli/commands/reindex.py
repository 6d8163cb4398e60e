"""cablesearch reindex."""

from __future__ import annotations

import time

import click

from cablesearch.cli.messages import duration, note
from cablesearch.cli.options import archive_options, open_in_full, work_options
from cablesearch.text.wording import plural

__all__ = ["reindex"]


@click.command()
@work_options
@archive_options
def reindex(jobs: int, memory: int, index_path: str, clearance: str | None) -> None:
    """Index the stored cables again, without their sources.

    Fills fields that were added since the cables were indexed, and reads their text again by the rules of this version.
    The archive changes only when everything is done. To continue an interrupted run, run the same command again. Needs
    room on the disk for a second index.

    \b
    Example:
      cablesearch reindex
    """
    from cablesearch.cli.work.interrupts import long_run
    from cablesearch.cli.work.progress import ProgressDisplay

    advice = "Interrupted. The archive is unchanged; run the same command to continue."
    with (
        long_run(advice),
        open_in_full("reindex", index_path, clearance) as archive,
        ProgressDisplay() as display,
    ):
        started = time.monotonic()
        report = archive.reindex(jobs=jobs, memory=memory, on_progress=display)
    kept = f", {report.kept:,} kept as stored (this version cannot read them)" if report.kept else ""
    counts = f"{plural(report.cables, 'cable')}: {report.changed:,} read differently{kept}"
    note(f"Reindexed {counts} in {duration(time.monotonic() - started)}")
    note(f"Archive: {index_path}")
