"""cablesearch remove."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cablesearch.cli.completion import complete_id
from cablesearch.cli.messages import note, plural, say
from cablesearch.cli.options import archive_options, open_in_full

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = ["remove"]


@click.command()
@click.argument("references", nargs=-1, required=True, metavar="ID...", shell_complete=complete_id)
@archive_options
def remove(references: tuple[str, ...], index_path: str, clearance: str | None) -> None:
    """Remove cables from the archive.

    \b
    Exit status: 0 if all were removed, 1 if an id is unknown (the others
    are removed).

    \b
    Example:
      cablesearch remove 10BEIJING30 10BEIJING31
    """
    with open_in_full("remove", index_path, clearance) as archive:
        unknown = archive.remove(references)
        for reference in unknown:
            near = " or ".join(_near(archive, reference))
            say(f"No cable {reference!r} in {index_path}" + (f"; did you mean {near}?" if near else "."))
    note(f"Removed {plural(len(set(references)) - len(unknown), 'cable')}.")
    sys.exit(1 if unknown else 0)


def _near(archive: Archive, reference: str) -> tuple[str, ...]:
    """Return the ids of cables near to an unknown one."""
    from cablesearch.errors import UnknownCableError

    try:
        archive.show(reference)
    except UnknownCableError as error:
        return error.near
    # It names a paragraph.
    return (reference.rstrip("0123456789").rstrip("\u00b6@"),)
