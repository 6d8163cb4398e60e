"""cablesearch index."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cablesearch.cli.completion import complete_clearance
from cablesearch.cli.messages import note, say_unfilled
from cablesearch.cli.options import archive_options, check_default_clearance, mention_archive, work_options
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.archive import Archive
    from cablesearch.indexing.report import IngestReport

__all__ = ["index"]

_CONTINUE = "run the same command to continue."
_BETWEEN_PAIRS = re.compile(r",(?=\s*\w+\s*=)")


def _pairs(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """Return the pairs of options such as ``date=created,id=mrn``."""
    pairs: dict[str, str] = {}
    for pair in (pair for value in values for pair in _BETWEEN_PAIRS.split(value)):
        name, sign, place = (part.strip() for part in pair.partition("="))
        if not (name and sign and place):
            raise click.BadParameter(f"expected pairs such as id=name, found {pair!r}")
        if name in pairs:
            raise click.BadParameter(f"{name} is given twice")
        pairs[name] = place
    return pairs


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(allow_dash=True))
@click.option(
    "--rejects",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Write rejected records to FILE, one JSON object a line.",
)
@click.option(
    "--collection", metavar="NAME", help="Name of the collection to which the sources belong; kept with each cable."
)
@click.option(
    "--columns",
    multiple=True,
    callback=_pairs,
    metavar="FIELD=COLUMN,...",
    help="Columns of tables and dumps with unusual names, such as date=created,id=mrn.",
)
@click.option(
    "--map",
    "paths",
    multiple=True,
    callback=_pairs,
    metavar="FIELD=PATH,...",
    help="Places of values in JSON of other programs, such as id=.meta.identifier,body=.text.",
)
@work_options
@click.option(
    "--default-clearance",
    callback=check_default_clearance,
    shell_complete=complete_clearance,
    metavar="LEVEL[//CONTROL,...]",
    help="Clearance applied when the reader gives none (new archives only). Default: FULL.",
)
@archive_options
def index(
    sources: tuple[str, ...],
    rejects: str | None,
    default_clearance: str | None,
    index_path: str,
    clearance: str | None,
    **how: Any,
) -> None:
    """Add cables from files, folders or standard input (-).

    Formats are recognised by content: telegram text, also of the National Archives; cables.csv and other tables; pages
    of the Cablegate mirror and of PlusD; JSON; dumps of databases (SQL); texts with front matter; mail; editions in
    TEI; and, with pip install 'cablesearch[pdf]', PDFs. They may be inside .zip and .gz files.

    New cables are added, changed ones replaced, unchanged ones skipped. Cables are committed at least every 30 seconds:
    to continue an interrupted run, run the same command again.

    \b
    Exit status: 0 if all cables were accepted, 1 if some were rejected,
    2 if nothing was committed.

    \b
    Examples:
      cablesearch index cables.csv
      cablesearch index telegrams/ more.zip --rejects rejected.jsonl
      cablesearch index scans.csv --collection AAD --columns id=mrn,body=content
      zcat cables.jsonl.gz | cablesearch index - --index indexes/mine
    """
    from cablesearch.cli.work.rejects import check_rejects
    from cablesearch.cli.work.troubles import say_summary
    from cablesearch.opening import require_full_clearance

    require_full_clearance("index", clearance)
    _check_sources(sources)
    if rejects:
        check_rejects(Path(rejects), sources, index_path)
    mention_archive(index_path, writing=True)
    if "-" in sources and sys.stdin.isatty():
        note("Reading from the terminal; end with Ctrl-D")
    started = time.monotonic()
    clearances = {"default_clearance": default_clearance, "clearance": clearance}
    report, unfilled = _run(sources, rejects, index_path, clearances, how)
    say_summary(report, index_path, time.monotonic() - started)
    say_unfilled(unfilled)
    sys.exit(2 if not report.taken else 1 if report.rejected else 0)


def _run(
    sources: tuple[str, ...], rejects: str | None, index_path: str, clearances: dict[str, str | None], how: Any
) -> tuple[IngestReport, Sequence[str] | None]:
    """Index the sources, and show what happens meanwhile. Return the report, and the fields that cables from before
    lack."""
    from cablesearch.archive import create
    from cablesearch.cli.work.interrupts import long_run
    from cablesearch.cli.work.progress import ProgressDisplay
    from cablesearch.cli.work.rejects import RejectsFile
    from cablesearch.cli.work.troubles import Troubles

    with contextlib.ExitStack() as stack:
        stack.enter_context(long_run(f"Interrupted; {_CONTINUE}"))
        archive = stack.enter_context(create(index_path, **clearances))
        stack.enter_context(long_run(lambda: _interrupted(archive)))
        # Opened at the first rejection, so that a run that cannot start leaves the file of the last run alone.
        file = RejectsFile(rejects, index_path) if rejects else None
        if file is not None:
            stack.callback(file.abandon)
        stream: Any = file
        display = ProgressDisplay()
        troubles = Troubles(display.say)
        stack.callback(troubles.say_left)
        stack.enter_context(display)
        report = archive.index(sources, rejects=stream, on_progress=display, on_trouble=troubles, **how)
        if file is not None:
            file.create()
            file.close()
        return report, archive.stats().unfilled_fields


def _interrupted(archive: Archive) -> str:
    """Return how many cables an archive has after an interrupt, and how to continue."""
    from cablesearch.errors import CablesearchError

    try:
        # Another interrupt may have kept the archive from switching to the last commit.
        archive.reload()
        cables = archive.stats().cables
    except (OSError, CablesearchError):
        return f"Interrupted. Committed cables are saved; {_CONTINUE}"
    return f"Interrupted. The archive has {plural(cables, 'cable')}; {_CONTINUE}"


def _check_sources(sources: tuple[str, ...]) -> None:
    """Raise an error if no source exists. A source missing beside others is rejected later, like an unreadable file."""
    from cablesearch.errors import CablesearchError

    missing = [source for source in sources if source != "-" and not os.path.lexists(source)]
    if len(missing) == len(sources):
        names = [str(Path(source).absolute()) if source else "'' (an empty name)" for source in missing]
        raise CablesearchError(f"no such file or folder: {', '.join(names)}")
