"""cablesearch verify."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click

from cablesearch.cli.completion import complete_clearance
from cablesearch.cli.failures import described, with_options
from cablesearch.cli.messages import say, say_unfilled
from cablesearch.cli.options import archive_options, check_default_clearance, mention_archive, open_in_full
from cablesearch.text.terminal import one_line
from cablesearch.text.wording import plural

__all__ = ["verify"]


@click.command()
@click.option("--deep", is_flag=True, help="Also index the stored cables again and compare; as slow as indexing.")
@click.option(
    "--repair",
    "target",
    is_flag=False,
    flag_value="",
    type=click.Path(file_okay=False),
    metavar="[DIR]",
    help="Save every readable cable of a damaged archive to a new archive in DIR. Default: the name of the archive "
    "plus -repaired.",
)
@click.option(
    "--default-clearance",
    callback=check_default_clearance,
    shell_complete=complete_clearance,
    metavar="LEVEL[//CONTROL,...]",
    help="With --repair: clearance applied in the new archive when the reader gives none; FULL for no limit. Default: "
    "as in the damaged archive, or UNCLASSIFIED if that cannot be read.",
)
@archive_options
def verify(
    index_path: str, clearance: str | None, deep: bool, target: str | None, default_clearance: str | None
) -> None:
    """Check the archive for damage, or rescue its cables.

    Reads every byte. With --repair, saves what can be read of a damaged archive to a new one.

    \b
    Exit status: 0 if there are no problems or every cable was saved,
    1 if anything is, or may be, damaged or lost.

    \b
    Examples:
      cablesearch verify --index indexes/mine
      cablesearch verify --index indexes/mine --repair indexes/saved
    """
    from cablesearch.errors import CorruptIndexError, VersionError

    if target is not None:
        if deep:
            raise click.UsageError(
                "--repair and --deep cannot be combined; repair first, then run verify --deep on the new archive"
            )
        _repair(index_path, target, clearance, default_clearance)
    if default_clearance is not None:
        raise click.UsageError("--default-clearance can only be used with --repair")
    try:
        with open_in_full("verify", index_path, clearance) as archive:
            faults = archive.verify(deep=deep)
            unfilled = () if faults else archive.stats().unfilled_fields
    except VersionError:
        raise
    except CorruptIndexError as error:
        faults = [described(error)]
    for fault in faults:
        click.echo(one_line(fault))
    if faults:
        sys.exit(1)
    click.echo(one_line(f"OK: no problems found in {index_path}"))
    say_unfilled(unfilled)


def _repair(source: str, target: str, clearance: str | None, default_clearance: str | None) -> NoReturn:
    """Save what can be read, and exit."""
    from cablesearch.indexing.repairing import repair

    mention_archive(source)
    into = Path(target or f"{source}-repaired")
    report = repair(source, into, clearance=clearance, default_clearance=default_clearance)
    for sentence in (*report.doubts, *report.lost):
        click.echo(one_line(sentence))
    for notice in report.notices:
        say(with_options(notice))
    say(f"Saved {plural(report.saved, 'cable')} to {into.absolute()}; lost {report.missing:,}.")
    sys.exit(1 if report.lost or report.doubts or report.notices else 0)
