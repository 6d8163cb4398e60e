"""Archive: what programmers hold. Every command of the command line is a method here."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from cablesearch import engine
from cablesearch.cable import Cable, Clearance, Paragraph
from cablesearch.errors import CablesearchError
from cablesearch.results import Results
from cablesearch.schema import indexing_schema
from cablesearch.searcher import Request, Searcher, Stats

if TYPE_CHECKING:
    from cablesearch.ingest import IngestReport, OnTrouble

__all__ = ["Archive", "create", "open_archive"]


def create(path: str | os.PathLike[str]) -> Archive:
    """Open the archive at ``path``, made if it is not there."""
    engine.create(Path(path))
    return Archive(path)


def open_archive(path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> Archive:
    """Open the archive at ``path``, with what ``clearance`` (``SECRET//NOFORN``) lets one see; None: everything.

    Raises:
        ArchiveNotFoundError: there is none.
        CorruptIndexError: it cannot be read.
        CablesearchError: the clearance cannot be read.
    """
    return Archive(path, clearance)


class Archive:
    """An archive as it was when it was opened (or `reload`-ed), as a reader with a clearance sees it.

    Reading is safe from several threads. Use it as a context manager, or `close` it.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> None:
        self.path = Path(path)
        if isinstance(clearance, str):
            try:
                clearance = Clearance.parse(clearance)
            except ValueError as error:
                raise CablesearchError(str(error)) from None
        self.clearance = clearance
        self._searcher: Searcher | None = self._latest()

    def _latest(self) -> Searcher:
        snapshot = engine.latest(self.path)
        with engine.blaming(snapshot.segments):
            return Searcher(snapshot, self.clearance)

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

    def reload(self) -> None:
        """See what was committed since."""
        if self._reading:
            self._searcher = self._latest()

    def _need_everything(self, what: str) -> None:
        if self.clearance:
            raise CablesearchError(f"{what} needs an archive opened without a clearance")

    # Reading

    def search(
        self,
        text: str = "",
        *,
        tags: str | Sequence[str] = (),
        origins: str | Sequence[str] = (),
        classifications: str | Sequence[str] = (),
        since: str | None = None,
        until: str | None = None,
        limit: int = 10,
        offset: int = 0,
        sort: str = "relevance",
        group: str = "paragraph",
        facets: str | Sequence[str] = (),
    ) -> Results:
        """Find paragraphs, or with ``group="cable"`` cables.

        Args:
            text: the query (docs/query-language.md); may be empty when one of the conditions is given.
            tags, origins, classifications, since, until: conditions (one or several): every tag, any origin, any
                classification, dates (``2009``, ``2009-11``, ``2009-11-20``) that count as a whole.
            limit, offset: the page.
            sort: ``relevance`` (score, then the order in which cables came), ``date`` or ``-date`` (newest first).
            group: ``paragraph``: a paragraph must fulfil the query; ``cable``: a cable's paragraphs together.
            facets: names of `cablesearch.results.FACETS` to count all hits by.

        Raises:
            QueryError: the query or a condition cannot be read.
            ValueError: sort, group, a facet, limit or offset is none of those above.
        """
        request = Request(text, tags, origins, classifications, since, until, limit, offset, sort, group, facets)
        searcher = self._reading
        with engine.blaming(searcher.snapshot.segments):
            return searcher.search(request)

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """A cable by its id, and the paragraph when the reference names one: ``10BEIJING30``, ``10BEIJING30¶4`` (by
        printed number) or ``10BEIJING30@4`` (by position).

        Raises:
            UnknownCableError: there is none, or none that may be seen.
        """
        searcher = self._reading
        with engine.blaming(searcher.snapshot.segments):
            return searcher.show(reference)

    def export(self, text: str = "") -> Iterator[Cable]:
        """The cables, in the order in which they came: all, or those in which a paragraph fulfils the query.

        Raises:
            QueryError: the query cannot be read.
        """
        return self._reading.export(text)

    def stats(self) -> Stats:
        """The size of the archive as its reader sees it."""
        searcher = self._reading
        with engine.blaming(searcher.snapshot.segments):
            return searcher.stats()

    def verify(self) -> list[str]:
        """What is damaged, a sentence each; empty when all is well. Every byte is read.

        Raises:
            CablesearchError: the archive was opened with a clearance.
        """
        self._need_everything("verify")
        searcher = self._reading
        return searcher.snapshot.verify() or searcher.verify()

    # Writing

    def index(
        self,
        sources: Iterable[str | os.PathLike[str]],
        *,
        rejects: TextIO | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_trouble: OnTrouble | None = None,
        jobs: int = 1,
        memory: int = engine.MEMORY,
    ) -> IngestReport:
        """Read cables from files, directories or ``-`` and add what is new or changed.

        Commits at least every 30 seconds; what is committed stays when the run is cut off. The same source again
        changes nothing.

        Args:
            sources: paths, in the order in which their cables are to come.
            rejects: where what is refused is written, a JSON object a line (file, row, reason, raw).
            progress: called with (bytes done, bytes in all).
            on_trouble: called with ("refused" or "incomplete", file, row, reason) for each record that is refused, or
                taken without a date or a body.
            jobs: how many processes parse and index; the answers are the same whatever it is.
            memory: about how many bytes all processes together take beside the programs themselves (some 60 MB each);
                less makes smaller segments to merge, and the same answers.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the archive was opened with a clearance.
        """
        # Searching needs none of the readers of cables.
        from cablesearch.ingest import Ingest

        self._need_everything("index")
        try:
            with engine.Writer(self.path, indexing_schema(), memory) as writer:
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
            CablesearchError: the archive was opened with a clearance.
        """
        self._need_everything("remove")
        unknown = []
        with engine.Writer(self.path, indexing_schema()) as writer:
            searcher = Searcher(writer.snapshot, None)
            for reference in dict.fromkeys(references):
                if where := searcher.find(reference):
                    writer.delete(writer.snapshot.segments[where[0]].keys.text(where[1]))
                else:
                    unknown.append(reference)
            writer.commit()
        self.reload()
        return unknown

    def compact(self) -> None:
        """Drop what was removed or replaced from the disk, and merge small segments.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the archive was opened with a clearance.
        """
        self._need_everything("compact")
        with engine.Writer(self.path, indexing_schema()) as writer:
            writer.compact()
        self.reload()
