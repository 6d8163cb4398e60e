"""cablesearch remove."""

from __future__ import annotations

import sys
from shlex import quote
from typing import TYPE_CHECKING

import click

from cablesearch.cli.messages import note, say
from cablesearch.cli.options import archive_options, given_references, open_in_full, references_argument
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = ["remove"]


@click.command()
@references_argument("ID...")
@archive_options
def remove(references: tuple[str, ...], index_path: str, clearance: str | None) -> None:
    """Remove cables from the archive.

    With - the ids are read from standard input, one a line.

    \b
    Exit status: 0 if all were removed, 1 if an id is unknown (the others
    are removed).

    \b
    Example:
      cablesearch remove 10BEIJING30 10BEIJING31
    """
    ids = list(dict.fromkeys(given_references(references)))
    with open_in_full("remove", index_path, clearance) as archive:
        unknown = archive.remove(ids)
        for reference in unknown:
            say(f"Error: {_reason(archive, reference)}")
    note(f"Removed {plural(len(ids) - len(unknown), 'cable')}.")
    note(f"Archive: {index_path}")
    sys.exit(1 if unknown else 0)


def _reason(archive: Archive, reference: str) -> str:
    """Return why nothing was removed for a reference."""
    from cablesearch.errors import UnknownCableError

    try:
        cable, _ = archive.show(reference)
    except UnknownCableError as error:
        return str(error)
    return f"{reference} is a paragraph; to remove the whole cable: cablesearch remove {quote(cable.id)}"
