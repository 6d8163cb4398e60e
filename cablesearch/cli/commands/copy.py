"""cablesearch copy."""

from __future__ import annotations

import time

import click

from cablesearch.cli.messages import duration, note
from cablesearch.cli.options import copying_options, open_in_full, work_options
from cablesearch.text.wording import plural

__all__ = ["copy"]


@click.command()
@work_options
@copying_options
def copy(jobs: int, memory: int, index_path: str, target: str, clearance: str | None) -> None:
    """Copy an archive to or from a cluster, or to another folder, without its sources.

    FROM and TO are folders, or addresses on a cluster (opensearch://HOST:9200/NAME). TO is created; it must be new or
    empty. All cables of the copy are compared with the original. To continue an interrupted run, run the same command
    again; the original must not have changed. For a copy of files in a folder, backup is faster.

    \b
    Examples:
      cablesearch copy indexes/cables opensearch://localhost:9200/cables
      cablesearch copy opensearch://localhost:9200/cables indexes/back
    """
    from cablesearch.cli.work.interrupts import long_run
    from cablesearch.cli.work.progress import ProgressDisplay
    from cablesearch.errors import ArchiveNotFoundError, CablesearchError

    advice = f"Interrupted. The copy at {target} is not complete; run the same command to continue."
    started = time.monotonic()
    try:
        with (
            long_run(advice),
            open_in_full("copy", index_path, clearance) as archive,
            ProgressDisplay() as display,
        ):
            report = archive.copy(target, jobs=jobs, memory=memory, on_progress=display)
    except ArchiveNotFoundError as error:
        # The usual advice, to name another archive with --index, is no help here.
        raise CablesearchError(str(error)) from None
    present = report.cables - report.copied
    there = f" ({present:,} were there already)" if present else ""
    note(f"Copied {plural(report.copied, 'cable')}{there} in {duration(time.monotonic() - started)}")
    note(f"Compared {plural(report.cables, 'cable')}: no differences")
    note(f"Copy: {target}")
