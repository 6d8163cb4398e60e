"""Upkeep: the methods of `cablesearch.archive.Archive` that change, check or copy it. They need full clearance."""

from __future__ import annotations

import contextlib
import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, TextIO

from cablesearch.access import need_full
from cablesearch.arguments import by_name, function, need, number, several, text_file
from cablesearch.arguments import path as path_of
from cablesearch.arguments import paths as paths_of
from cablesearch.cable import Clearance
from cablesearch.errors import CablesearchError
from cablesearch.opening import place_of
from cablesearch.protocols.pen import MEMORY, Pen
from cablesearch.protocols.places import Place
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    from cablesearch.indexing.copying import CopyReport
    from cablesearch.indexing.reindex import ReindexReport
    from cablesearch.indexing.report import IngestReport, OnProgress, OnTrouble
    from cablesearch.readers.records import ReadingOptions

__all__ = ["Upkeep"]


def _reading_options(
    collection: str | None, columns: Mapping[str, str] | None, paths: Mapping[str, str] | None
) -> ReadingOptions:
    """Return the options for reading sources after checking them."""
    from cablesearch.readers.given_objects import check_fields
    from cablesearch.readers.records import ReadingOptions

    need("collection", "" if collection is None else collection, str)
    options = ReadingOptions(collection, by_name("columns", columns), by_name("paths", paths))
    check_fields(options)
    return options


def _check_run(jobs: int, memory: int, **called: object) -> None:
    """Check the arguments of a run before it starts; ``called`` are functions by argument, or None."""
    number("jobs", jobs, 1)
    number("memory", memory, 1)
    for name, value in called.items():
        function(name, value)


class Upkeep(ABC):
    """The part of an archive that needs full clearance. Searching imports it, so it imports what writes inside of its
    methods."""

    _place: Place
    _clearance: Clearance | None

    @property
    @abstractmethod
    def _reading(self) -> Searcher:
        """The searcher of the commit that the archive shows."""

    @abstractmethod
    def reload(self) -> None:
        """Switch to the last commit, with the same clearance."""

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
        return self._reading.reader.verify(deep=deep)

    def backup(self, target: str | os.PathLike[str]) -> int:
        """Copy the archive to a new or empty folder and return the number of bytes copied.

        The copy is the commit that this object shows, even if another process writes meanwhile. The folder gets the
        whole copy or nothing.

        Raises:
            CorruptIndexError: the archive is damaged; nothing is copied.
            UnsupportedError: the archive is on a cluster, which makes snapshots of its own.
            CablesearchError: the folder is not empty, or the reader's clearance is not full.
        """
        need_full("backup", self._clearance)
        return self._reading.reader.backup(path_of("target", target))

    def copy(
        self,
        target: str | os.PathLike[str],
        *,
        jobs: int = 1,
        memory: int = MEMORY,
        on_progress: OnProgress | None = None,
    ) -> CopyReport:
        """Copy the archive to another place, from the stored cables, and compare the two: from a folder to a cluster,
        from a cluster to a folder, or to another of its kind.

        The copy is the commit that this object shows, even if another process writes meanwhile. All that is known of
        the sources and the default clearance come along, so indexing the same sources there changes nothing. The cables
        are indexed again as they are stored. To continue an interrupted run, call it again; the archive must not have
        changed since.

        Example::

            with cablesearch.open("indexes/cables", clearance="FULL") as archive:
                archive.copy("opensearch://localhost:9200/cables", jobs=4)

        Args:
            target: a folder, or an address on a cluster; a new or empty archive, or an unfinished copy of this commit.
            jobs: number of processes.
            memory: approximate bytes for all processes together.
            on_progress: called with the `Progress` of the whole run, often.

        Raises:
            LockedError: another process is writing to the target.
            CorruptIndexError: a stored cable is damaged.
            CablesearchError: something else is at the target, the copy differs from the archive (which names the first
                cable that differs), or the reader's clearance is not full.
        """
        from cablesearch.indexing.copying import copy

        need_full("copy", self._clearance)
        _check_run(jobs, memory, on_progress=on_progress)
        place, reader = place_of("target", target), self._reading.reader
        return copy(reader, self._place.name, place, jobs=jobs, memory=memory, on_progress=on_progress)

    def _writing(self, memory: int = MEMORY) -> Pen:
        """Return the pen of the archive; until it is closed, there is no other."""
        return self._place.pen(memory)

    @contextlib.contextmanager
    def _reloaded(self) -> Iterator[None]:
        """Switch to the last commit at the end, also after an error: something may have been committed all the same."""
        try:
            yield
        except BaseException:
            # Report the first error, not one of reloading.
            with contextlib.suppress(OSError, CablesearchError):
                self.reload()
            raise
        self.reload()

    def index(
        self,
        sources: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        rejects: TextIO | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_progress: OnProgress | None = None,
        on_trouble: OnTrouble | None = None,
        jobs: int = 1,
        memory: int = MEMORY,
        collection: str | None = None,
        columns: Mapping[str, str] | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> IngestReport:
        """Read cables from files, folders or standard input; add new ones and replace changed ones.

        Commits at least every 30 seconds; an interrupted run keeps them. Indexing a source twice changes nothing.

        Args:
            sources: a path or several; ``-`` is standard input. Of records with the same id the last one is used.
            rejects: gets the rejected records, one JSON object a line (file, row, reason, raw).
            progress: called with (bytes read, bytes in all).
            on_progress: called with the `Progress` of the whole run, often.
            on_trouble: called with (kind, file, row, reason), see `OnTrouble`.
            jobs: the number of processes that parse and index. It does not change the results.
            memory: approximate bytes for all processes together, beside about 60 MB each for the program itself.
            collection: the name of the collection to which the sources belong, kept with each cable.
            columns: the columns of tables by field, such as ``{"date": "created"}``, where their names are not known.
            paths: places in JSON of other programs by field, such as ``{"id": ".meta.identifier"}``.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader's clearance is not full, or a field of ``columns`` or ``paths`` is unknown.
            ValueError, TypeError: another argument has a value that is not allowed, or the wrong type.
        """
        from cablesearch.indexing.ingest import Ingest

        need_full("index", self._clearance)
        sources, options = paths_of("sources", sources), _reading_options(collection, columns, paths)
        _check_run(jobs, memory, progress=progress, on_progress=on_progress, on_trouble=on_trouble)
        text_file("rejects", rejects)
        with self._reloaded(), self._writing(memory) as pen, pen.guarding():
            return Ingest(pen, rejects, on_trouble, jobs, memory, options, on_progress).run(sources, progress)

    def remove(self, references: str | Iterable[str]) -> list[str]:
        """Remove one cable or several by id, as written or canonical, and return the ids that are unknown.

        ``archive.remove(["10BEIJING30", "99NOWHERE1"])`` returns ``["99NOWHERE1"]`` if only the first cable exists.

        Raises:
            LockedError: another process is writing.
            CablesearchError: the reader's clearance is not full.
        """
        need_full("remove", self._clearance)
        references = several("references", references)
        unknown = []
        with self._writing() as pen, pen.guarding():
            reader = pen.reader
            for reference in dict.fromkeys(references):
                if key := reader.find(reference):
                    pen.delete(key)
                else:
                    unknown.append(reference)
            pen.commit()
        self.reload()
        return unknown

    def reindex(
        self,
        *,
        jobs: int = 1,
        memory: int = MEMORY,
        progress: Callable[[int, int], None] | None = None,
        on_progress: OnProgress | None = None,
    ) -> ReindexReport:
        """Index the stored cables again, without their sources: with the fields and reading rules of this program.

        Header and body of each cable are read again; values that the source gave separately (such as the columns of
        cables.csv) are kept. The archive changes only when everything is done. To continue an interrupted run, call it
        again. It needs room on the disk for a second index.

        Args:
            jobs: number of processes.
            memory: approximate bytes for all processes together.
            progress: called with (cables done, cables in all).
            on_progress: called with the `Progress` of the whole run, often.

        Raises:
            LockedError: another process is writing.
            CorruptIndexError: a stored cable is damaged.
            CablesearchError: the reader's clearance is not full.
        """
        from cablesearch.indexing.reindex import reindex

        need_full("reindex", self._clearance)
        _check_run(jobs, memory, progress=progress, on_progress=on_progress)
        with self._writing(memory) as pen, pen.guarding():
            report = reindex(pen, jobs=jobs, memory=memory, progress=progress, on_progress=on_progress)
        self.reload()
        return report

    def compact(self, *, on_progress: OnProgress | None = None) -> None:
        """Reclaim space from removed and replaced cables, and merge small segments.

        The work of an interrupted `reindex` is removed too, if it can no longer be continued.

        Args:
            on_progress: called with the `Progress` of the merge, often.

        Raises:
            LockedError: another process is writing.
            UnsupportedError: the archive is on a cluster, which does this by itself.
            CablesearchError: the reader's clearance is not full.
        """
        from cablesearch.indexing.report import Steps

        need_full("compact", self._clearance)
        function("on_progress", on_progress)
        with self._writing() as pen:
            pen.compact(Steps(on_progress).merging if on_progress else None)
        self.reload()
