"""Archive: what programmers hold. Every command of the command line is a method here."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO, TypeVar

from cablesearch.access import default_of, need_full, read_clearance, with_default
from cablesearch.cable import FULL, Cable, Clearance, Paragraph, clearance_covers, clearance_name
from cablesearch.engine import MEMORY
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.disk.files import Folder
from cablesearch.engine.index import manifest
from cablesearch.engine.index.manifest import held
from cablesearch.engine.index.snapshot import Snapshot, latest
from cablesearch.errors import CablesearchError, CorruptIndexError, VersionError
from cablesearch.results.hits import Results
from cablesearch.schema.index_fields import indexing_schema
from cablesearch.schema.stored import check_records
from cablesearch.searcher import Request, Searcher, Stats, need, several

if TYPE_CHECKING:
    from cablesearch.engine.index.writer import Check, Writer
    from cablesearch.indexing.ingest import IngestReport, OnTrouble
    from cablesearch.indexing.reindex import ReindexReport

__all__ = ["Archive", "create", "open_archive"]

_Answer = TypeVar("_Answer")


def create(
    path: str | os.PathLike[str],
    *,
    default_clearance: str | Clearance | None = None,
    clearance: str | Clearance | None = None,
) -> Archive:
    """Open the archive at ``path``, made if it is not there.

    Args:
        path: where it is, or is to be.
        default_clearance: what a reader is to see who opens it without a clearance; for good. Everything if not given.
        clearance: as for `open_archive`; not given, an archive that was just made is opened in full.

    Raises:
        CablesearchError: a clearance cannot be read, or there is an archive already and its default cannot be given
            any more.
    """
    default = read_clearance(default_clearance)
    # Searching needs nothing that writes, here and below.
    from cablesearch.engine.index.creation import create as create_index

    made = create_index(Path(path), with_default({}, default))
    if not made and default_clearance is not None:
        commit, notes = manifest.last_commit(Path(path))
        if commit or default_of(Path(path), notes) != default:
            raise CablesearchError(
                f"{Path(path).absolute()}: the default clearance of an archive is given when it is made, and this one "
                "is there already"
            )
        # Whoever made it was cut off before anything was committed.
        made = True
    return Archive(path, FULL if made and clearance is None else clearance)


def open_archive(path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> Archive:
    """Open the archive at ``path``, with what ``clearance`` lets one see: ``SECRET//NOFORN``, or ``FULL`` for
    everything. None: what the archive's default says, everything if it has none.

    Raises:
        ArchiveNotFoundError: there is none.
        CorruptIndexError: it cannot be read.
        CablesearchError: the clearance cannot be read.
    """
    return Archive(path, clearance)


def _searcher(snapshot: Snapshot, clearance: Clearance | None) -> Searcher:
    with blaming(snapshot.segments):
        return Searcher(snapshot, clearance)


class Archive:
    """An archive as it was when it was opened (or `reload`-ed), as a reader with a clearance sees it.

    Reading is safe from several threads. Use it as a context manager, or `close` it.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> None:
        self.path = Path(path)
        self._clearance = read_clearance(clearance)
        # The default clearance is that of the archive whose segments are opened, also when another takes its place.
        with held(self.path) as folder:
            if clearance is None:
                # Asked for before the segments are opened: what is said of damage depends on it.
                self._clearance = default_of(self.path, manifest.last_commit(folder)[1])
            self._searcher: Searcher | None = self._latest(folder)

    @property
    def clearance(self) -> Clearance | None:
        """What the reader may see; None: everything."""
        return self._clearance

    def lowered(self, clearance: str | Clearance) -> Archive:
        """The same archive, as it is now, for a reader who may see no more than this one; no file is opened for it.

        Raises:
            CablesearchError: the clearance cannot be read, or lets one see what this reader may not.
        """
        asked = read_clearance(clearance)
        if not clearance_covers(self._clearance, asked):
            raise CablesearchError(
                f"a clearance can only be lowered, and {clearance_name(asked)} is not below "
                f"{clearance_name(self._clearance)}"
            )
        snapshot = self._reading.snapshot
        other = object.__new__(Archive)
        other.path, other._clearance = self.path, asked
        other._searcher = other._told(lambda: _searcher(snapshot, asked))
        return other

    def _latest(self, folder: Folder | None = None) -> Searcher:
        return self._told(lambda: _searcher(latest(folder or self.path), self._clearance))

    def _told(self, answer: Callable[[], _Answer]) -> _Answer:
        """An answer, or an error that says nothing of what the reader may not see.

        What is wrong inside of an archive may be told in words, ids and places that are hidden; so a reader with a
        clearance hears only that something is wrong.
        """
        if self._clearance is None:
            return answer()
        try:
            return answer()
        except VersionError:
            reason = "made by another version; upgrade this one, or ask someone with full clearance to verify it"
            error: CablesearchError = VersionError(self.path.absolute(), reason, "withheld")
        except CorruptIndexError:
            reason = "it is damaged; someone with full clearance can verify it"
            error = CorruptIndexError(self.path.absolute(), reason, "withheld")
        except (CablesearchError, OSError, MemoryError):
            raise
        except Exception:
            error = CablesearchError(
                f"{self.path.absolute()}: this could not be answered; someone with full clearance can see why"
            )
        # Out here, so that it does not bring the other error along as its context.
        raise error

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files; what is asked afterwards is an error."""
        self._searcher = None

    @property
    def _reading(self) -> Searcher:
        # Taken once by every method, so that a reload meanwhile does not mix two commits.
        if self._searcher is None:
            raise CablesearchError("the archive is closed")
        return self._searcher

    def _ask(self, question: Callable[[Searcher], _Answer]) -> _Answer:
        searcher = self._reading

        def answer() -> _Answer:
            with blaming(searcher.snapshot.segments):
                return question(searcher)

        return self._told(answer)

    def reload(self) -> None:
        """See what was committed since, with the same clearance."""
        if self._reading:
            self._searcher = self._latest()

    # Reading

    def search(
        self,
        text: str = "",
        *,
        tags: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        classifications: str | Iterable[str] = (),
        since: str | None = None,
        until: str | None = None,
        limit: int = 10,
        offset: int = 0,
        sort: str = "relevance",
        group: str = "paragraph",
        facets: str | Iterable[str] = (),
    ) -> Results:
        """Find paragraphs, or with ``group="cable"`` cables.

        Args:
            text: the query (docs/query-language.md); may be empty when one of the conditions is given.
            tags, origins, classifications, since, until: conditions (one or several): every tag, any origin, any
                classification, dates (``2009``, ``2009-11``, ``2009-11-20``) that count as a whole.
            limit, offset: the page.
            sort: ``relevance`` (score), ``date`` or ``-date`` (newest first). Equals come by date (those without one
                last), then by id, then by position.
            group: ``paragraph``: a paragraph must fulfil the query; ``cable``: a cable's paragraphs together.
            facets: names of `cablesearch.results.facets.FACETS` to count all hits by.

        Raises:
            QueryError: the query or a condition cannot be read.
            ValueError: sort, group, a facet, limit or offset is none of those above.
            TypeError: something is of another type than it is to be.
        """
        of_cable = several(tags), several(origins), several(classifications)
        request = Request(text, *of_cable, since, until, limit, offset, sort, group, several(facets))
        request.check()
        return self._ask(lambda searcher: searcher.search(request))

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """A cable by its id, and the paragraph when the reference names one: ``10BEIJING30``, ``10BEIJING30¶4`` (by
        printed number) or ``10BEIJING30@4`` (by position).

        Raises:
            UnknownCableError: there is none, or none that may be seen.
        """
        need(str, reference)
        return self._ask(lambda searcher: searcher.show(reference))

    def export(self, text: str = "") -> Iterator[Cable]:
        """The cables, by date and id (those without a date last): all, or those in which a paragraph fulfils the query.

        Raises:
            QueryError: the query cannot be read.
        """
        need(str, text)
        return self._each(self._ask(lambda searcher: searcher.export(text)))

    def _each(self, cables: Iterator[Cable]) -> Iterator[Cable]:
        while (cable := self._told(lambda: next(cables, None))) is not None:
            yield cable

    def stats(self) -> Stats:
        """The size of the archive as its reader sees it."""
        return self._ask(lambda searcher: searcher.stats())

    def verify(self, *, deep: bool = False) -> list[str]:
        """What is damaged, a sentence each; empty when all is well. Every byte is read, and compared with its checksum
        and with what follows from the rest.

        Args:
            deep: also index the stored cables anew and compare. It takes as long as indexing them in one process, and
                room in the system's folder for temporary files.

        Raises:
            CablesearchError: the reader has no full clearance.
        """
        need_full("verify", self._clearance)
        searcher = self._reading
        faults: list[str] = []
        try:
            default_of(self.path, searcher.snapshot.notes)
        except CorruptIndexError as error:
            faults.append(str(error))
        faults = faults or searcher.snapshot.verify() or searcher.verify()
        if deep and not faults:
            # Searching does not need it.
            from cablesearch.indexing.rebuilding import rebuilt_faults

            faults = list(rebuilt_faults(searcher.snapshot))
        return faults

    def backup(self, target: str | os.PathLike[str]) -> int:
        """Copy the archive as it is seen here to a folder that is not there, or empty; the bytes copied.

        Others may write meanwhile: the copy is of one commit. It is there as a whole or not at all.

        Raises:
            CorruptIndexError: what is damaged is not copied.
            CablesearchError: the folder is not empty, or the reader has no full clearance.
        """
        # Searching does not need it.
        from cablesearch.engine.index.backup import backup

        need_full("backup", self._clearance)
        return backup(self._reading.snapshot, Path(target))

    # Writing

    def _writing(self, memory: int = MEMORY, check: Check | None = None) -> Writer:
        """Return the writer of the archive; until it is closed, there is no other."""
        from cablesearch.engine.index.writer import Writer

        return Writer(self.path, indexing_schema(), memory, check)

    def index(
        self,
        sources: Iterable[str | os.PathLike[str]],
        *,
        rejects: TextIO | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_trouble: OnTrouble | None = None,
        jobs: int = 1,
        memory: int = MEMORY,
    ) -> IngestReport:
        """Read cables from files, directories or ``-`` and add what is new or changed.

        Commits at least every 30 seconds; what is committed stays when the run is cut off. The same source again
        changes nothing.

        Args:
            sources: paths; of several records of one id the last one read is used.
            rejects: where what is refused is written, a JSON object a line (file, row, reason, raw).
            progress: called with (bytes done, bytes in all).
            on_trouble: called with ("refused" or "incomplete", file, row, reason) for each record that is refused, or
                taken without a date or a body; with ("damaged", archive, None, reason) when older segments are
                damaged, so that the new ones could not be merged with them.
            jobs: how many processes parse and index; the answers are the same whatever it is.
            memory: about how many bytes all processes together take beside the programs themselves (some 60 MB each);
                less makes smaller segments to merge, and the same answers.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader has no full clearance.
        """
        from cablesearch.indexing.ingest import Ingest

        need_full("index", self._clearance)
        try:
            with (
                self._writing(memory, check_records) as writer,
                blaming(writer.snapshot.segments),
            ):
                report = Ingest(writer, rejects, on_trouble, jobs, memory).run(sources, progress)
        except BaseException:
            # Something may have been committed all the same. What is told is why it ended.
            with contextlib.suppress(OSError, CablesearchError):
                self.reload()
            raise
        self.reload()
        return report

    def remove(self, references: Iterable[str]) -> list[str]:
        """Remove cables by id, as written or canonical; the ids that are not there.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader has no full clearance.
        """
        need_full("remove", self._clearance)
        unknown = []
        with self._writing() as writer, blaming(writer.snapshot.segments):
            searcher = Searcher(writer.snapshot, None)
            for reference in dict.fromkeys(references):
                if where := searcher.find(reference):
                    writer.delete(writer.snapshot.segments[where[0]].keys.text(where[1]))
                else:
                    unknown.append(reference)
            writer.commit()
        self.reload()
        return unknown

    def reindex(
        self,
        *,
        jobs: int = 1,
        memory: int = MEMORY,
        progress: Callable[[int, int], None] | None = None,
    ) -> ReindexReport:
        """Index the stored cables again, without their sources: with the fields and reading rules of this program.

        Header and body of each cable are read again; what the source gave beside them (such as the columns of
        cables.csv) stays. All or nothing: until everything is done, the archive stays as it is. A run that is
        interrupted can be run again, and goes on. Needs room on the disk for a second index.

        Args:
            jobs: number of processes.
            memory: approximate bytes for all processes together.
            progress: called with (cables done, cables in all).

        Raises:
            LockedError: another process is writing.
            CorruptIndexError: a stored cable is damaged.
            CablesearchError: the reader does not have full clearance.
        """
        from cablesearch.indexing.reindex import reindex

        need_full("reindex", self._clearance)
        with self._writing(memory, check_records) as writer, blaming(writer.snapshot.segments):
            report = reindex(writer, jobs=jobs, memory=memory, progress=progress)
        self.reload()
        return report

    def compact(self) -> None:
        """Drop what was removed or replaced from the disk, and merge small segments.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader has no full clearance.
        """
        need_full("compact", self._clearance)
        with self._writing(check=check_records) as writer:
            writer.compact()
        self.reload()
