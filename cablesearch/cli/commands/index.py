"""cablesearch index."""

from __future__ import annotations

import contextlib
import io
import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from cablesearch.cli.failures import REPAIR, with_options
from cablesearch.cli.messages import say
from cablesearch.cli.options import mention_archive, new_archive_options, work_options
from cablesearch.cli.work import long_run, progress_bar

if TYPE_CHECKING:
    from cablesearch.indexing.ingest import IngestReport

__all__ = ["index"]

_MOST_REASONS = 10
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
    metavar="LEVEL[//CONTROL,...]",
    help="Clearance applied when the reader gives none (new archives only). Default: FULL.",
)
@new_archive_options
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
    from cablesearch.access import require_full_clearance
    from cablesearch.archive import create

    require_full_clearance("index", clearance)
    _check_sources(sources)
    if rejects:
        _check_rejects(Path(rejects), sources, Path(index_path))
    mention_archive(index_path, writing=True)
    with contextlib.ExitStack() as stack:
        stack.enter_context(long_run("Interrupted. Committed cables are saved; run the same command to continue."))
        archive = stack.enter_context(create(index_path, default_clearance=default_clearance, clearance=clearance))
        # Opened at the first rejection, so that a run that cannot start leaves the file of the last run alone.
        file = _RejectsFile(rejects, index_path) if rejects else None
        if file is not None:
            stack.callback(file.abandon)
        stream: Any = file
        progress = stack.enter_context(progress_bar("reading", of_bytes=True))
        report = archive.index(sources, rejects=stream, progress=progress, on_trouble=_say_trouble, **how)
        if file is not None:
            file.create()
            file.close()
    _say_summary(report, Path(index_path))
    sys.exit(2 if not report.taken else 1 if report.rejected else 0)


def _check_sources(sources: tuple[str, ...]) -> None:
    """Raise an error if no source exists. A source missing beside others is rejected later, like an unreadable file."""
    from cablesearch.errors import CablesearchError

    missing = [source for source in sources if source != "-" and not os.path.lexists(source)]
    if len(missing) == len(sources):
        names = [str(Path(source).absolute()) if source else "'' (an empty name)" for source in missing]
        raise CablesearchError(f"no such file or folder: {', '.join(names)}")


def _check_rejects(rejects: Path, sources: tuple[str, ...], index: Path) -> None:
    """Raise an error if the file for rejects would overwrite, or be read as, a source or a file of an archive."""
    from cablesearch.engine.index.manifest import has_remains
    from cablesearch.errors import CablesearchError

    target = rejects.resolve()
    if index.resolve() in target.parents or has_remains(target.parent):
        raise CablesearchError(f"{rejects} is in the folder of an archive; choose another place for --rejects")
    for source in sources:
        path = Path(source).resolve()
        if source != "-" and (target == path or path in target.parents):
            raise CablesearchError(f"{rejects} is a source, or inside one; choose another place for --rejects")


class _RejectsFile(io.TextIOBase):
    """A file that is created at the first write, readable by no more people than the archive's folder.

    Args:
        path: where the file is.
        archive: the folder of the archive, whose mode limits that of the file.
    """

    def __init__(self, path: str, archive: str) -> None:
        self.name = path
        self._archive = archive
        self._file: TextIO | None = None

    def create(self) -> TextIO:
        """Create the file, if nothing has been written yet."""
        if self._file is None:
            mode = os.stat(self._archive).st_mode & 0o666
            self._file = open(  # noqa: SIM115
                self.name, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, mode)
            )
        return self._file

    def write(self, text: str) -> int:
        return self.create().write(text)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def abandon(self) -> None:
        """Close the file after an error, which is reported instead of what closing may add."""
        with contextlib.suppress(OSError):
            self.close()


def _say_trouble(kind: str, file: str, row: int | None, reason: str) -> None:
    advice = REPAIR if kind == "damaged" and "not merged" in reason else ""
    say(f"{kind}: {file if row is None else f'{file}, row {row}'}: {with_options(reason)}{advice}")


def _say_summary(report: IngestReport, index: Path) -> None:
    incomplete = f" ({report.incomplete:,} without a date or body)" if report.incomplete else ""
    say(
        f"{report.added:,} added, {report.replaced:,} replaced, {report.unchanged:,} unchanged, "
        f"{report.rejected:,} rejected{incomplete}"
    )
    forms = [f"{noun} ({count:,})" for noun, count in report.formats.most_common() if count]
    if forms:
        say(f"Read: {', '.join(forms)}")
    reasons = report.skipped.most_common()
    for reason, count in reasons[:_MOST_REASONS]:
        say(f"Skipped {count:,}: {with_options(reason)}")
    if len(reasons) > _MOST_REASONS:
        rest = sum(count for _, count in reasons[_MOST_REASONS:])
        say(f"Skipped {rest:,} for other reasons; --rejects writes them all to a file")
    say(f"Archive: {index.absolute()}")
