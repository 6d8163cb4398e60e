"""cablesearch backup."""

from __future__ import annotations

from pathlib import Path

import click

from cablesearch.cli.messages import note, size
from cablesearch.cli.options import archive_options, open_in_full

__all__ = ["backup"]


@click.command()
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False))
@archive_options
def backup(target: str, index_path: str, clearance: str | None) -> None:
    """Copy the archive to a new folder, even during indexing.

    The copy is the archive as of its last commit. Search it with --index DIR, or move it to where the archive was.

    \b
    Example:
      cablesearch backup /media/disk/cables-2026-11-27
    """
    with open_in_full("backup", index_path, clearance) as archive:
        count = archive.backup(target)
    note(f"Copied {size(count)} to {Path(target).absolute()}")
