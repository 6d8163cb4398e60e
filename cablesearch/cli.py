"""The command line: a thin skin over `cablesearch.archive.Archive`."""

from __future__ import annotations

import contextlib
import errno
import functools
import io
import json
import os
import re
import signal
import sys
from collections import namedtuple
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TextIO

import click

from cablesearch.text.terminal import one_line, printable

# NumPy starts a thread a core for linear algebra that is not done here; without them it imports in a third of the time.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = ["cli", "main"]

DEFAULT_INDEX = "indexes/cables"
CLEARANCE_VARIABLE = "CABLESEARCH_CLEARANCE"
_LEAST_MEMORY = 16 << 20
_MOST_JOBS = 256
_OPEN_FILES = 1024
FORMATS = ("text", "json", "jsonl", "csv", "ids")
FACETS = ("tags", "origin", "classification", "marking", "year", "month")


def _clearance(context: click.Context, parameter: click.Parameter, text: str | None) -> str | None:
    """What of a clearance was said: by the option, which cannot grant more than the environment does, or there."""
    from cablesearch.cable import clearance_covers, clearance_name, parse_clearance
    from cablesearch.errors import CablesearchError

    given = os.environ.get(CLEARANCE_VARIABLE) or None
    try:
        granted = None if given is None else parse_clearance(given)
        asked = granted if text is None else parse_clearance(text)
    except ValueError as error:
        raise CablesearchError(str(error)) from None
    if not clearance_covers(granted, asked):
        raise CablesearchError(
            f"--clearance {clearance_name(asked)} is not below {clearance_name(granted)}, "
            f"which {CLEARANCE_VARIABLE} gives"
        )
    return None if text is None and given is None else clearance_name(asked)


def _named(context: click.Context, parameter: click.Parameter, path: str) -> str:
    """A path; an empty one, as of a variable that a script has not set, would be the working directory."""
    if not path:
        raise click.BadParameter("it is empty")
    return path


def _told(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same command; what Python runs out of is told with the archive."""

    @functools.wraps(command)
    def work(*given: Any, **options: Any) -> Any:
        from cablesearch.errors import CablesearchError

        try:
            return command(*given, **options)
        except MemoryError:
            reason = "there is not enough memory" + ("; try a smaller --memory" if "memory" in options else "")
        except RecursionError:
            reason = "something is nested too deeply"
        # Out here the memory is free again.
        raise CablesearchError(f"{Path(options['index_path']).absolute()}: {reason}")

    return work


def _shared(command: Callable[..., Any]) -> Callable[..., Any]:
    command = click.option(
        "--clearance",
        metavar="LEVEL[//CONTROL,...]",
        callback=_clearance,
        help="Show only what this clearance lets one see, such as SBU or SECRET//NOFORN, and no more than "
        f"{CLEARANCE_VARIABLE} lets one see. FULL is everything. Default: what {CLEARANCE_VARIABLE} says, or else the "
        "archive, or else everything.",
    )(_told(command))
    return click.option(
        "--index",
        "index_path",
        type=click.Path(file_okay=False),
        callback=_named,
        metavar="DIR",
        envvar="CABLESEARCH_INDEX",
        default=DEFAULT_INDEX,
        help=f"Where the archive is. Default: {DEFAULT_INDEX}, or what CABLESEARCH_INDEX says.",
    )(command)


def _open(index_path: str, clearance: str | None) -> Archive:
    from cablesearch.archive import open_archive

    return open_archive(index_path, clearance)


def _open_in_full(work: str, index_path: str, clearance: str | None) -> Archive:
    """Open the archive for work that needs full clearance; nothing is opened for someone who has less."""
    from cablesearch.access import require_full_clearance
    from cablesearch.archive import open_archive

    require_full_clearance(work, clearance, index_path)
    return open_archive(index_path, clearance)


@click.group(context_settings={"max_content_width": 100})
@click.version_option(package_name="cablesearch")
def cli() -> None:
    """Search archives of diplomatic cables. What is found is the paragraph: numbered, classified, quotable.

    \b
    Examples:
      cablesearch index cables.csv
      cablesearch search '"labor trafficking" tag:PHUM' --since 2009
      cablesearch show 10BEIJING30¶4
    """


def _bytes(context: click.Context, parameter: click.Parameter, text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,6})([MG])", text.upper())
    size = int(found[1]) << {"M": 20, "G": 30}[found[2]] if found else 0
    if size < _LEAST_MEMORY:
        raise click.BadParameter(f"{text!r} is not a size of at least 16M; write 512M or 2G")
    return size


@cli.command()
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...", type=click.Path(allow_dash=True))
@click.option(
    "--rejects", type=click.Path(dir_okay=False), metavar="FILE", help="Keep what is refused, a JSON object a line."
)
@click.option(
    "--jobs",
    type=click.IntRange(1, _MOST_JOBS),
    default=lambda: os.cpu_count() or 1,
    metavar="N",
    help="How many processes parse and index; all processors if not said.",
)
@click.option(
    "--memory",
    callback=_bytes,
    default="512M",
    show_default=True,
    metavar="SIZE",
    help="About how much memory they take together, such as 200M or 2G.",
)
@click.option(
    "--default-clearance",
    metavar="LEVEL[//CONTROL,...]",
    help="For a new archive: what those see who give no clearance. Everything if not said.",
)
@_shared
def index(
    sources: tuple[str, ...],
    rejects: str | None,
    jobs: int,
    memory: int,
    default_clearance: str | None,
    index_path: str,
    clearance: str | None,
) -> None:
    """Read cables from files, directories or - (standard input) and add what is new or changed.

    The format is recognised by content: telegram text, cables.csv, HTML pages of the mirror, JSON lines; also in .zip
    and .gz. The same source again changes nothing; a changed cable replaces the old one. Work is committed at least
    every 30 seconds, so that a run that is cut off can be run again and goes on.

    \b
    Exit status: 0 all taken, 1 some refused, 2 nothing committed.

    \b
    Examples:
      cablesearch index cables.csv
      cablesearch index telegrams/ more.zip --rejects refused.jsonl
      zcat cables.jsonl.gz | cablesearch index - --index indexes/mine
    """
    from cablesearch.access import require_full_clearance
    from cablesearch.archive import create
    from cablesearch.errors import CablesearchError

    require_full_clearance("index", clearance)
    missing = [source for source in sources if source != "-" and not os.path.lexists(source)]
    if len(missing) == len(sources):
        names = [str(Path(one).absolute()) if one else "source without a name" for one in missing]
        raise CablesearchError(f"there is no {', no '.join(names)}")
    if rejects:
        _keep_apart(Path(rejects), sources, Path(index_path))
    if hasattr(signal, "SIGPIPE"):
        # A helper process that dies leaves a pipe that nobody reads; that is to be told, and does not end this one.
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    with contextlib.ExitStack() as stack:
        stack.enter_context(_going_on())
        archive = stack.enter_context(create(index_path, default_clearance=default_clearance, clearance=clearance))
        # Opened with the first refusal, so that a run that cannot start leaves the last one's file alone.
        file = _Rejects(rejects, index_path) if rejects else None
        kept: Any = file
        progress = stack.enter_context(_progress())
        report = archive.index(
            sources, rejects=kept, progress=progress, on_trouble=_say_trouble, jobs=jobs, memory=memory
        )
        if file is not None:
            file.empty()
            file.close()
    counts = f"{report.added:,} added, {report.replaced:,} replaced, {report.unchanged:,} unchanged"
    incomplete = f", {report.incomplete:,} of them incomplete" if report.incomplete else ""
    _say(f"{_count(report.taken, 'cable')} taken ({counts}){incomplete}, {report.rejected:,} refused")
    _say(f"archive: {Path(index_path).absolute()}")
    sys.exit(2 if not report.taken else 1 if report.rejected else 0)


@contextlib.contextmanager
def _going_on() -> Iterator[None]:
    """An interrupted run says that it can be run again."""
    try:
        yield
    except KeyboardInterrupt:
        # Who is impatient interrupts again.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        raise click.Abort("interrupted; what was committed is kept, and the same command goes on from there") from None


class _Rejects(io.TextIOBase):
    """A file that is made when something is written to it, for no more people than may look into the archive."""

    def __init__(self, path: str, archive: str) -> None:
        self.name = path
        self._archive = archive
        self._file: TextIO | None = None

    def _open(self) -> TextIO:
        if self._file is None:
            mode = os.stat(self._archive).st_mode & 0o666
            self._file = open(  # noqa: SIM115
                self.name, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, mode)
            )
        return self._file

    def write(self, text: str) -> int:
        return self._open().write(text)

    def flush(self) -> None:
        if self._file is not None:
            self._file.flush()

    def empty(self) -> None:
        """Have the file there, with nothing in it."""
        self._open()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()


def _keep_apart(rejects: Path, sources: tuple[str, ...], index: Path) -> None:
    """Refuse to write what is refused over, or among, what is read, or among the files of an archive."""
    from cablesearch.engine.index.manifest import has_remains
    from cablesearch.errors import CablesearchError

    target = rejects.resolve()
    if index.resolve() in target.parents or has_remains(target.parent):
        raise CablesearchError(f"{rejects} is in the folder of an archive; keep what is refused elsewhere")
    for source in sources:
        path = Path(source).resolve()
        if source != "-" and (target == path or path in target.parents):
            raise CablesearchError(f"{rejects} is one of the sources, or in one; keep what is refused elsewhere")


def _say_trouble(what: str, file: str, row: int | None, reason: str) -> None:
    _say(f"{what}: {file if row is None else f'{file}, row {row}'}: {reason}")


@contextlib.contextmanager
def _progress() -> Iterator[Callable[[int, int], None] | None]:
    """A bar with rate and time left on a terminal; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn, TransferSpeedColumn

    columns = (TextColumn("reading"), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, type=click.UNPROCESSED, metavar="[QUERY...]")
@click.option(
    "--tag", "tags", multiple=True, metavar="TAG", help="Only cables with this of TAGS; repeat for all of them."
)
@click.option("--origin", "origins", multiple=True, metavar="POST", help="Only from this post; repeat for any of them.")
@click.option(
    "--classification",
    "classifications",
    multiple=True,
    metavar="LEVEL",
    help="Only paragraphs of this level, or >=LEVEL, <=LEVEL; repeat for any of them.",
)
@click.option("--since", metavar="DATE", help="Only from this day, month or year on: 2009, 2009-11, 2009-11-20.")
@click.option("--until", metavar="DATE", help="Only until the end of this day, month or year.")
@click.option("--limit", type=click.IntRange(0), default=10, show_default=True, help="How many hits to show.")
@click.option("--offset", type=click.IntRange(0), default=0, help="How many hits to skip.")
@click.option("--sort", type=click.Choice(("relevance", "date", "-date")), default="relevance", show_default=True)
@click.option(
    "--group",
    type=click.Choice(("paragraph", "cable")),
    default="paragraph",
    show_default=True,
    help="Whether a paragraph must fulfil the query, or a cable's paragraphs together.",
)
@click.option(
    "--facet",
    "facets",
    multiple=True,
    metavar="FIELD",
    shell_complete=lambda context, parameter, start: [name for name in FACETS if name.startswith(start)],
    help="Count all hits by tags, origin, classification, marking, year or month; may be repeated.",
)
@click.option("--format", "output", type=click.Choice(FORMATS), default="text", show_default=True)
@_shared
def search(
    query: tuple[str, ...], output: str, index_path: str, clearance: str | None, limit: int, **options: Any
) -> None:
    """Find paragraphs, best first, with the passage that matches.

    Words are joined by AND; OR, NOT, -word, brackets, "phrases", "near phrases"~5, prefix*, w?ldcards, fuzzy~1 and
    field:value work as docs/query-language.md tells. Quote the whole query for the shell. QUERY may be left out when
    there is a condition.

    \b
    Exit status: 0 found, 1 nothing found, 2 the query or the archive cannot be read.

    \b
    Examples:
      cablesearch search trafficking palermo
      cablesearch search '"labor trafficking" OR smuggl* -refugee'
      cablesearch search 'class:>=CONFIDENTIAL date:2009-11..2010-02' --facet tags
      cablesearch search palermo moeling --group cable --format json
    """
    for word in query:
        if word.startswith("--"):
            raise click.NoSuchOption(word.partition("=")[0])
    with _open(index_path, clearance) as archive:
        results = archive.search(" ".join(query), limit=limit, **options)
    from cablesearch import output as shown

    shown.results(results, output, by_cable=options["group"] == "cable")
    sys.exit(0 if results.total else 1)


@cli.command()
@click.argument("reference", metavar="ID[¶NUMBER]")
@click.option("--query", metavar="QUERY", help="Mark what matches this query.")
@click.option("--raw", is_flag=True, help="Print header and body as they came.")
@click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
@_shared
def show(reference: str, query: str | None, raw: bool, output: str, index_path: str, clearance: str | None) -> None:
    """Read a cable or one paragraph of it: 10BEIJING30, 10BEIJING30¶4 by printed number, 10BEIJING30@4 by position.

    \b
    Exit status: 0 shown, 1 no such cable or paragraph.

    \b
    Examples:
      cablesearch show 10BEIJING30
      cablesearch show 10BEIJING30¶4 --query 'international court'
    """
    from cablesearch import output as shown

    with _open(index_path, clearance) as archive:
        cable, paragraph = archive.show(reference)
    shown.cable(cable, paragraph, query, "raw" if raw else output)


@cli.command()
@click.option("--format", "output", type=click.Choice(("text", "json")), default="text", show_default=True)
@_shared
def stats(output: str, index_path: str, clearance: str | None) -> None:
    """Say how large the archive is.

    \b
    Example:
      cablesearch stats --format json
    """
    from dataclasses import asdict

    with _open(index_path, clearance) as archive:
        figures = asdict(archive.stats())
    if output == "json":
        click.echo(json.dumps({"version": 1, **figures}))
        return
    for name, value in figures.items():
        shown = "not told" if value is None else f"{value:,}" if isinstance(value, int) else value
        click.echo(one_line(f"{name.replace('_', ' '):12} {shown}"))


@cli.command()
@click.option("--deep", is_flag=True, help="Also index the stored cables anew and compare, which takes as long.")
@click.option(
    "--repair",
    "target",
    is_flag=False,
    flag_value="",
    type=click.Path(file_okay=False),
    metavar="[DIR]",
    help="Save what can be read of a damaged archive into a new one at DIR; the archive's name with -repaired behind "
    "it, if not said.",
)
@click.option(
    "--default-clearance",
    metavar="LEVEL[//CONTROL,...]",
    help="With --repair: what those see of the new archive who give no clearance, FULL for everything. Default: as in "
    "the damaged archive, or UNCLASSIFIED if that cannot be read.",
)
@_shared
def verify(
    index_path: str, clearance: str | None, deep: bool, target: str | None, default_clearance: str | None
) -> None:
    """Read every byte of the archive and check it, or save what can be read of a damaged one.

    \b
    Exit status: 0 all is well, or all was saved; 1 something is damaged or lost, or may have been.

    \b
    Examples:
      cablesearch verify --index indexes/mine
      cablesearch verify --index indexes/mine --repair indexes/saved
    """
    from cablesearch.errors import CorruptIndexError, VersionError

    if target is not None:
        if deep:
            raise click.UsageError("--repair saves and --deep checks: repair first, then verify what was saved --deep")
        _repair(Path(index_path), target, clearance, default_clearance)
    if default_clearance is not None:
        raise click.UsageError("--default-clearance belongs to --repair")
    try:
        with _open_in_full("verify", index_path, clearance) as archive:
            faults = archive.verify(deep=deep)
    except VersionError:
        raise
    except CorruptIndexError as error:
        faults = [str(error)]
    for fault in faults:
        click.echo(one_line(fault))
    if faults:
        sys.exit(1)
    click.echo(one_line(f"{Path(index_path).absolute()}: all is well"))


def _repair(source: Path, target: str, clearance: str | None, default_clearance: str | None) -> NoReturn:
    """Save what can be read, and end."""
    from cablesearch.indexing.rescue import repair

    into = Path(target or f"{source.absolute()}-repaired")
    report = repair(source, into, clearance=clearance, default_clearance=default_clearance)
    for sentence in (*report.doubts, *report.lost):
        click.echo(one_line(sentence))
    for notice in report.notices:
        _say(notice)
    _say(f"{_count(report.saved, 'cable')} saved in {into.absolute()}, {report.missing:,} lost")
    sys.exit(1 if report.lost or report.doubts or report.notices else 0)


@cli.command()
@click.argument("target", metavar="DIR", type=click.Path(file_okay=False))
@_shared
def backup(target: str, index_path: str, clearance: str | None) -> None:
    """Copy the archive to a folder that is not there yet, consistently even while cables are being indexed.

    The copy is an archive like any other: search it with --index DIR, or move it to where the archive was.

    \b
    Example:
      cablesearch backup /media/disk/cables-2026-11-27
    """
    with _open_in_full("backup", index_path, clearance) as archive:
        size = archive.backup(target)
    _say(f"{size:,} bytes copied to {Path(target).absolute()}")


@cli.command()
@click.argument("references", nargs=-1, required=True, metavar="ID...")
@_shared
def remove(references: tuple[str, ...], index_path: str, clearance: str | None) -> None:
    """Remove cables from the archive.

    \b
    Exit status: 0 all removed, 1 an id is unknown (the others are removed).

    \b
    Example:
      cablesearch remove 10BEIJING30 10BEIJING31
    """
    with _open_in_full("remove", index_path, clearance) as archive:
        unknown = archive.remove(references)
    for reference in unknown:
        _say(f"there is no cable {reference!r} in this archive")
    _say(f"{_count(len(references) - len(unknown), 'cable')} removed")
    sys.exit(1 if unknown else 0)


@cli.command()
@_shared
def compact(index_path: str, clearance: str | None) -> None:
    """Drop what was removed or replaced from the disk and merge small segments.

    \b
    Example:
      cablesearch compact
    """
    with _open_in_full("compact", index_path, clearance) as archive:
        before = archive.stats().size_bytes or 0
        archive.compact()
        after = archive.stats().size_bytes or 0
    _say(f"{before:,} bytes before, {after:,} after")


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("query", nargs=-1, type=click.UNPROCESSED, metavar="[QUERY...]")
@click.option("--format", "output", type=click.Choice(("jsonl",)), default="jsonl", show_default=True)
@_shared
def export(query: tuple[str, ...], output: str, index_path: str, clearance: str | None) -> None:
    """Write cables as JSON lines, all or those in which a paragraph fulfils the query; index reads them back.

    \b
    Exit status: 0 written, 1 nothing to write.

    \b
    Examples:
      cablesearch export > archive.jsonl
      cablesearch export tag:PHUM date:2009 | gzip > phum.jsonl.gz
    """
    del output
    from cablesearch.readers.json_cables import dumps

    for word in query:
        if word.startswith("--"):
            raise click.NoSuchOption(word.partition("=")[0])
    count = 0
    with _open(index_path, clearance) as archive:
        for cable in archive.export(" ".join(query)):
            click.echo(dumps(cable))
            count += 1
    sys.exit(0 if count else 1)


def _say(text: str) -> None:
    """Print a line on standard error, whatever stands in it."""
    click.echo(one_line(text), err=True)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def _open_streams() -> None:
    """Give the program the standard streams that it was started without, so that no file of the archive gets the
    number of one, and with it what is meant for people."""
    while (descriptor := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(descriptor)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


def _allow_open_files() -> None:
    """Raise the number of files that this program and its helpers may have open, as far as the system lets it: each
    helper takes two. A program that uses the library decides for itself."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if soft != resource.RLIM_INFINITY and soft < _OPEN_FILES:
            most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def main() -> None:
    """Run the command line; every error is a message on standard error and exit status 2."""
    _open_streams()
    _allow_open_files()
    if hasattr(signal, "SIGPIPE"):
        # Whoever reads our output may stop early; that is no error, and nothing to tell.
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        status = _run()
    except (Exception, KeyboardInterrupt) as error:
        status = _status(error)
        if status == _INTERRUPTED:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            # If it came while a text was evaluated, as in the definition of a data class, Python would end by the
            # signal and not by our status, whoever caught it. This evaluates another text, and Python forgets.
            namedtuple("Nothing", ())
        with contextlib.suppress(OSError):
            _explain(error)
    for number, stream in ((1, sys.stdout), (2, sys.stderr)):
        if not _is_written(stream):
            # Python would try again at its end, and fail in its own words.
            os.dup2(os.open(os.devnull, os.O_WRONLY), number)
    sys.exit(status)


_INTERRUPTED = 130
_WRITING = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EPIPE}
"""Errors that only writing has."""


def _run() -> int:
    """Run a command; its exit status, when all that it printed is written."""
    try:
        status = cli(prog_name="cablesearch", standalone_mode=False) or 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else 0
    sys.stdout.flush()
    return status


def _status(error: BaseException) -> int:
    """The exit status for an error."""
    from cablesearch.errors import UnknownCableError

    if isinstance(error, (click.Abort, KeyboardInterrupt)):
        return _INTERRUPTED
    if isinstance(error, click.ClickException):
        return error.exit_code
    return 1 if isinstance(error, UnknownCableError) else 2


def _explain(error: BaseException) -> None:
    """Print what an error says, in one line except where it shows the query or how a command is used."""
    from cablesearch.errors import CablesearchError, QueryError

    if isinstance(error, click.ClickException):
        context = error.ctx if isinstance(error, click.UsageError) else None
        if context is not None:
            usage = f"{context.get_usage()}\nTry '{context.command_path} --help' for help.\n"
            click.echo(printable(usage), err=True)
        _say(f"Error: {error.format_message()}")
    elif isinstance(error, (click.Abort, KeyboardInterrupt)):
        _say(str(error) or "interrupted")
    elif isinstance(error, OSError):
        # The files of an archive are named in their errors.
        place = error.filename or ("standard output" if error.errno in _WRITING else None)
        reason = error.strerror or str(error)
        _say(f"Error: {place}: {reason}" if place else f"Error: {reason}")
    elif isinstance(error, QueryError):
        # The place in the query is shown below it.
        click.echo(f"Error: {error}", err=True)
    elif isinstance(error, (CablesearchError, ValueError)):
        _say(f"Error: {error}")
    else:
        _say(f"Error: this should not have happened, please report it: {type(error).__name__}: {error}")


def _is_written(stream: TextIO) -> bool:
    """Whether what was printed has got where it is to go."""
    try:
        stream.flush()
    except OSError:
        return False
    return True
