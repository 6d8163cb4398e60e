"""Archive: the class that programs use. Every command of the command line is a method of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
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
    """Open the archive at ``path``; create it if it does not exist.

    Example::

        with cablesearch.create("indexes/cables", default_clearance="SBU") as archive:
            archive.index(["cables.csv"])

    Args:
        path: the archive's folder.
        default_clearance: the clearance used when the archive is opened without one. It is set once, when the archive
            is created. Default: FULL.
        clearance: as for `cablesearch.open`; but without one, an archive that is created here is opened in full.

    Raises:
        CablesearchError: a clearance is invalid, or the archive already exists with another default clearance.
    """
    default = read_clearance(default_clearance)
    # Searching needs nothing that writes, here and below.
    from cablesearch.engine.index.creation import create as create_index

    made = create_index(Path(path), with_default({}, default))
    if not made and default_clearance is not None:
        commit, notes = manifest.last_commit(Path(path))
        if commit or default_of(Path(path), notes) != default:
            raise CablesearchError(
                f"{Path(path).absolute()}: the archive already exists; its default clearance can only be set when it "
                "is created"
            )
        # The run that created it ended before its first commit.
        made = True
    return Archive(path, FULL if made and clearance is None else clearance)


def open_archive(path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> Archive:
    """Open the archive at ``path`` for a reader with a clearance.

    Example::

        with cablesearch.open("indexes/cables", clearance="SECRET//NOFORN") as archive:
            print(archive.search("tag:PHUM").total)

    Args:
        path: the archive's folder.
        clearance: a level and the controls granted, such as ``SECRET//NOFORN``, or ``FULL`` for everything. None: the
            archive's default clearance, or ``FULL`` if it has no default.

    Raises:
        ArchiveNotFoundError: no archive is at ``path``.
        CorruptIndexError: the archive is damaged.
        CablesearchError: the clearance is invalid.
    """
    return Archive(path, clearance)


def _searcher(snapshot: Snapshot, clearance: Clearance | None) -> Searcher:
    with blaming(snapshot.segments):
        return Searcher(snapshot, clearance)


class Archive:
    """An archive as of its last commit when it was opened (or reloaded), as a reader with a clearance sees it.

    Several threads may read from it at the same time. Use it as a context manager, or call `close`.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> None:
        self.path = Path(path)
        self._clearance = read_clearance(clearance)
        # Take the default clearance from the archive whose segments are opened, even if another one replaces it now.
        with held(self.path) as folder:
            if clearance is None:
                # Read it before the segments are opened: messages about damage depend on it.
                self._clearance = default_of(self.path, manifest.last_commit(folder)[1])
            self._searcher: Searcher | None = self._latest(folder)

    @property
    def clearance(self) -> Clearance | None:
        """The reader's clearance; None: full."""
        return self._clearance

    def lowered(self, clearance: str | Clearance) -> Archive:
        """Return the same commit of the archive for a reader with a lower clearance. No file is opened.

        Raises:
            CablesearchError: the clearance is invalid, or exceeds that of this reader.
        """
        asked = read_clearance(clearance)
        if not clearance_covers(self._clearance, asked):
            raise CablesearchError(
                f"a clearance can only be lowered: {clearance_name(asked)} exceeds {clearance_name(self._clearance)}"
            )
        snapshot = self._reading.snapshot
        archive = object.__new__(Archive)
        archive.path, archive._clearance = self.path, asked
        archive._searcher = archive._guarded(lambda: _searcher(snapshot, asked))
        return archive

    def _latest(self, folder: Folder | None = None) -> Searcher:
        return self._guarded(lambda: _searcher(latest(folder or self.path), self._clearance))

    def _guarded(self, answer: Callable[[], _Answer]) -> _Answer:
        """Run ``answer``, replacing errors that could reveal hidden data.

        A message about damage may contain words, ids and places that are hidden. A reader with a clearance therefore
        gets a general message.
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
                f"{self.path.absolute()}: the request failed; someone with full clearance can see the reason"
            )
        # Raised outside of the handlers, so that the original error is not attached as its context.
        raise error

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Release the files. Any later use raises `CablesearchError`."""
        self._searcher = None

    @property
    def _reading(self) -> Searcher:
        # Every method takes it once, so that a concurrent reload cannot mix two commits.
        if self._searcher is None:
            raise CablesearchError("the archive is closed")
        return self._searcher

    def _ask(self, question: Callable[[Searcher], _Answer]) -> _Answer:
        searcher = self._reading

        def answer() -> _Answer:
            with blaming(searcher.snapshot.segments):
                return question(searcher)

        return self._guarded(answer)

    def reload(self) -> None:
        """Switch to the last commit, with the same clearance."""
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
        """Search for paragraphs, or for cables with ``group="cable"``.

        Example::

            results = archive.search('"labor trafficking"', tags="PHUM", since="2009", facets=["year"])
            print(results.total, results.facets["year"])
            for hit in results:
                print(hit.citation, hit.snippet.plain())

        Args:
            text: the query (see docs/query-language.md); may be empty if a filter is given.
            tags: only cables with all of these TAGS.
            origins: only cables from any of these posts.
            classifications: only paragraphs of any of these levels (``SECRET``) or ranges (``>=SECRET``).
            since, until: only cables on or after, and on or before, a date: ``2009``, ``2009-11`` or ``2009-11-20``. A
                year or a month includes all of its days.
            limit: the number of hits to return.
            offset: the number of hits to skip.
            sort: ``relevance`` (best first), ``date`` (oldest first) or ``-date`` (newest first). Ties are ordered by
                date (undated cables last), then id, then position.
            group: ``paragraph``: a single paragraph must match; ``cable``: the parts of a cable may match together.
            facets: names from `cablesearch.results.facets.FACETS`; all hits are counted by each of them.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError: sort, group, a facet, limit or offset has a value that is not allowed.
            TypeError: an argument has the wrong type.
        """
        filters = several(tags), several(origins), several(classifications)
        request = Request(text, *filters, since, until, limit, offset, sort, group, several(facets))
        request.check()
        return self._ask(lambda searcher: searcher.search(request))

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """Return a cable, and a paragraph of it if the reference names one.

        Args:
            reference: the cable's id, alone or with a paragraph: ``10BEIJING30``, ``10BEIJING30¶4`` (by printed
                number) or ``10BEIJING30@4`` (by position). An id may also be in parts: ``10 BEIJING 30``.

        Raises:
            UnknownCableError: no cable or paragraph that the reader may see has this reference. It names near ids.
        """
        need(str, reference)
        return self._ask(lambda searcher: searcher.show(reference))

    def export(self, text: str = "") -> Iterator[Cable]:
        """Yield all cables, or those with a paragraph that matches the query, by date and id (undated cables last).

        Raises:
            QueryError: the query is invalid.
        """
        need(str, text)
        return self._each(self._ask(lambda searcher: searcher.export(text)))

    def _each(self, cables: Iterator[Cable]) -> Iterator[Cable]:
        while (cable := self._guarded(lambda: next(cables, None))) is not None:
            yield cable

    def stats(self) -> Stats:
        """Return the size of the archive as its reader sees it."""
        return self._ask(lambda searcher: searcher.stats())

    def verify(self, *, deep: bool = False) -> list[str]:
        """Return one sentence for each problem; an empty list if there are no problems.

        Every byte is read and checked against its checksum and against the other parts of the index.

        Args:
            deep: also index the stored cables again and compare the two indexes. This takes as long as indexing in
                one process, and needs space in the system's folder for temporary files.

        Raises:
            CablesearchError: the reader's clearance is not full.
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
            # Imported here because searching does not need it.
            from cablesearch.indexing.rebuilding import rebuilt_faults

            faults = list(rebuilt_faults(searcher.snapshot))
        return faults

    def backup(self, target: str | os.PathLike[str]) -> int:
        """Copy the archive to a new or empty folder and return the number of bytes copied.

        The copy is the commit that this object shows, even if another process writes meanwhile. The folder gets the
        whole copy or nothing.

        Raises:
            CorruptIndexError: the archive is damaged; nothing is copied.
            CablesearchError: the folder is not empty, or the reader's clearance is not full.
        """
        # Imported here because searching does not need it.
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
        collection: str | None = None,
        columns: Mapping[str, str] | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> IngestReport:
        """Read cables from files, folders or standard input; add new ones and replace changed ones.

        Commits at least every 30 seconds. An interrupted run keeps its commits. Indexing the same source again
        changes nothing.

        Args:
            sources: paths, or ``-`` for standard input. If several records have the same id, the last one is used.
            rejects: gets the rejected records, one JSON object a line (file, row, reason, raw).
            progress: called with (bytes done, bytes in all).
            on_trouble: called with (kind, file, row, reason), see `OnTrouble`.
            jobs: the number of processes that parse and index. It does not change the results.
            memory: approximate bytes for all processes together, beside about 60 MB each for the program itself.
            collection: the name of the collection to which the sources belong, kept with each cable.
            columns: the columns of tables by field, such as ``{"date": "created"}``, where their names are not known.
            paths: places in JSON of other programs by field, such as ``{"id": ".meta.identifier"}``.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader's clearance is not full, or a field of ``columns`` or ``paths`` is unknown.
        """
        from cablesearch.indexing.ingest import Ingest
        from cablesearch.readers.given_objects import check_fields
        from cablesearch.readers.records import ReadingOptions

        need_full("index", self._clearance)
        options = ReadingOptions(collection, columns or {}, paths or {})
        check_fields(options)
        try:
            with self._writing(memory, check_records) as writer, blaming(writer.snapshot.segments):
                report = Ingest(writer, rejects, on_trouble, jobs, memory, options).run(sources, progress)
        except BaseException:
            # Something may have been committed all the same. Report the first error, not one of reloading.
            with contextlib.suppress(OSError, CablesearchError):
                self.reload()
            raise
        self.reload()
        return report

    def remove(self, references: Iterable[str]) -> list[str]:
        """Remove cables by id, as written or canonical, and return the ids that are unknown.

        ``archive.remove(["10BEIJING30", "99NOWHERE1"])`` returns ``["99NOWHERE1"]`` if only the first cable exists.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader's clearance is not full.
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

        Header and body of each cable are read again; values that the source gave separately (such as the columns of
        cables.csv) are kept. The archive changes only when everything is done. To continue an interrupted run, call it
        again. It needs room on the disk for a second index.

        Args:
            jobs: number of processes.
            memory: approximate bytes for all processes together.
            progress: called with (cables done, cables in all).

        Raises:
            LockedError: another process is writing.
            CorruptIndexError: a stored cable is damaged.
            CablesearchError: the reader's clearance is not full.
        """
        from cablesearch.indexing.reindex import reindex

        need_full("reindex", self._clearance)
        with self._writing(memory, check_records) as writer, blaming(writer.snapshot.segments):
            report = reindex(writer, jobs=jobs, memory=memory, progress=progress)
        self.reload()
        return report

    def compact(self) -> None:
        """Reclaim space from removed and replaced cables, and merge small segments.

        The work of an interrupted `reindex` is removed too, if it can no longer be continued.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader's clearance is not full.
        """
        from cablesearch.indexing.reindex import discard_stale

        need_full("compact", self._clearance)
        with self._writing(check=check_records) as writer:
            discard_stale(writer.compact())
        self.reload()
