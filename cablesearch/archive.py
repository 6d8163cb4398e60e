"""Archive: the class that programs use. Every command of the command line is a method of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from cablesearch.access import read_clearance, withholding
from cablesearch.arguments import Period, need
from cablesearch.cable import FULL, Cable, Clearance, Paragraph, clearance_covers, clearance_name
from cablesearch.errors import CablesearchError, UnknownCableError, UnsupportedError
from cablesearch.features.links.methods import Linked
from cablesearch.features.methods import Features
from cablesearch.indexing.upkeep import Upkeep
from cablesearch.opening import place_of
from cablesearch.protocols.places import Place
from cablesearch.request import Group, Match, Request, Sort
from cablesearch.results.facets import FacetName
from cablesearch.results.hits import CableIds, Hit, Results
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    import pandas as pd
    from typing_extensions import Unpack

    from cablesearch.frames.hits import HitField
    from cablesearch.request import Filters
    from cablesearch.results.stats import Stats
    from cablesearch.variants.synonyms import Synonyms

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
        path: the archive's folder, or its address on a cluster (``opensearch://localhost:9200/cables``).
        default_clearance: the clearance used when the archive is opened without one. It is set once, when the archive
            is created. Default: FULL.
        clearance: as for `cablesearch.open`; but without one, an archive that is created here is opened in full.

    Raises:
        CablesearchError: a clearance or the address is invalid, or the archive already exists with another default
            clearance.
    """
    default, place = read_clearance(default_clearance), place_of("path", path)
    made = place.create(default)
    if not made and default_clearance is not None:
        if not place.is_untouched or place.default_clearance() != default:
            raise CablesearchError(
                f"{place.name}: the archive already exists; its default clearance can only be set when it is created"
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
        path: the archive's folder, or its address on a cluster (``opensearch://localhost:9200/cables``).
        clearance: a level and the controls granted, such as ``SECRET//NOFORN``, or ``FULL`` for everything. None: the
            archive's default clearance, or ``FULL`` if it has no default.

    Raises:
        ArchiveNotFoundError: no archive is at ``path``.
        CorruptIndexError: the archive is damaged.
        UnreachableError: the cluster cannot be reached.
        CablesearchError: the clearance or the address is invalid.
    """
    return Archive(path, clearance)


class Archive(Features, Linked, Upkeep):
    """An archive as of its last commit when it was opened (or reloaded), as a reader with a clearance sees it.

    Several threads may read from it at the same time. Use it as a context manager, or call `close`.

    Like a dictionary it gives cables by id: ``archive["10BEIJING30"]`` is the cable, ``"10BEIJING30" in archive`` says
    whether there is one, ``len(archive)`` counts the cables, and iterating yields their ids by date and id, undated
    ones last. Ids may be given as written or canonical. Only cables that the reader may see are there. Unlike a
    dictionary, an empty archive is true. `export` yields the cables themselves.
    """

    def __init__(self, path: str | os.PathLike[str], clearance: str | Clearance | None = None) -> None:
        self._place = place_of("path", path)
        self._clearance = read_clearance(clearance)
        # Take the default clearance from the archive that is opened, even if another one replaces it now.
        with self._place.held() as place:
            if clearance is None:
                # Read it before the archive is opened: messages about damage depend on it.
                self._clearance = place.default_clearance()
            self._searcher: Searcher | None = self._latest(place)

    @property
    def path(self) -> Path:
        """The folder of the archive.

        Raises:
            UnsupportedError: the archive is on a cluster; see `location`.
        """
        if self._place.folder is None:
            raise UnsupportedError("an archive on a cluster has no folder; use archive.location")
        return self._place.folder

    @property
    def location(self) -> str:
        """Where the archive is: the absolute path of its folder, or its address on a cluster."""
        return self._place.name

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
        reader = self._reading.reader
        archive = object.__new__(Archive)
        archive._place, archive._clearance = self._place, asked
        archive._searcher = archive._guarded(lambda: Searcher(reader.lowered(asked)))
        return archive

    def _latest(self, place: Place) -> Searcher:
        return self._guarded(lambda: Searcher(place.reader(self._clearance)))

    def _guarded(self, answer: Callable[[], _Answer]) -> _Answer:
        return withholding(self._place, self._clearance, answer)

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

    def _ask(self, question: Callable[[Searcher], _Answer], searcher: Searcher | None = None) -> _Answer:
        searcher = searcher or self._reading

        def answer() -> _Answer:
            with searcher.reader.guarding():
                return question(searcher)

        return self._guarded(answer)

    def reload(self) -> None:
        """Switch to the last commit, with the same clearance."""
        if self._reading:
            self._searcher = self._latest(self._place)

    def refresh(self) -> bool:
        """Switch to the last commit if it is not the one that is shown, and return whether it was not.

        Without a new commit this costs one call of the system, so a server can do it before each answer.

        Raises:
            ArchiveNotFoundError, CorruptIndexError: as in `cablesearch.open`; the archive shows what it showed before.
        """
        if self.is_last:
            return False
        self.reload()
        return True

    @property
    def is_last(self) -> bool:
        """Whether the archive shows the last commit; False also if there is no archive any more."""
        return self._reading.reader.is_last

    @property
    def is_intact(self) -> bool:
        """Whether no file of the commit that is shown has been cut off since it was opened.

        To read from what was cut off ends the process by a signal (SIGBUS), so a server looks before each answer; it
        costs one call of the system for each segment. A file that was removed is there for its readers all the same.
        """
        return self._reading.reader.is_intact

    @property
    def commit(self) -> str:
        """A name for the commit that is shown, the same in every process; another commit has another one.

        It also differs after commits that change nothing that the reader may see, so do not show it to readers.
        """
        return self._reading.reader.commit

    # Reading

    def search(
        self,
        text: str = "",
        *,
        tags: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        classifications: str | Iterable[str] = (),
        since: Period | None = None,
        until: Period | None = None,
        limit: int | None = 10,
        offset: int = 0,
        sort: Sort = "relevance",
        group: Group = "paragraph",
        facets: FacetName | Iterable[FacetName] = (),
        match: Match = "all",
        acronyms: bool = True,
        synonyms: str | os.PathLike[str] | Synonyms | None = None,
    ) -> Results:
        """Search for paragraphs, or for cables with ``group="cable"``.

        Example::

            results = archive.search('"labor trafficking"', tags="PHUM", since=2009)
            for hit in results:
                print(hit.citation, hit.snippet.plain())

        Args:
            text: the query (docs/query-language.md); may be empty if a filter is given.
            tags: only cables with all of these TAGS.
            origins: only cables from any of these posts.
            classifications: only paragraphs of these levels (``SECRET``) or ranges (``>=SECRET``).
            since, until: only cables on or after, and on or before, a date (see `cablesearch.Period`). A year, month
                or day includes all of itself.
            limit: the number of hits to return; None: all.
            offset: the number of hits to skip.
            sort: ``relevance``, ``date`` (oldest first), ``-date`` or ``citations`` (first the cables to which most
                others refer). Ties are ordered by date (undated cables last), then id, then position.
            group: ``paragraph``: a single paragraph must match; ``cable``: the parts of a cable may match together.
            facets: the facets by which all hits are counted (see `cablesearch.FacetName`).
            match: ``all`` words must match, or ``any`` of them (see `cablesearch.query.AnyWord`).
            acronyms: whether acronyms and their long forms find each other (see `Results.expansions`).
            synonyms: words that find each other: a file, or `cablesearch.Synonyms`.

        Raises:
            QueryError: the query or a filter is invalid; or CablesearchError: the file of synonyms is.
            ValueError, TypeError: an argument has a value that is not allowed, or the wrong type.
        """
        filters = tags, origins, classifications, since, until
        request = Request.of(text, *filters, limit, offset, sort, group, facets, match, acronyms, synonyms)
        return self._ask(lambda searcher: searcher.search(request))

    def iter_all(
        self,
        text: str = "",
        *,
        tags: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        classifications: str | Iterable[str] = (),
        since: Period | None = None,
        until: Period | None = None,
        sort: Sort = "relevance",
        group: Group = "paragraph",
        match: Match = "all",
        acronyms: bool = True,
        synonyms: str | os.PathLike[str] | Synonyms | None = None,
    ) -> Iterator[Hit]:
        """Yield all hits of a search, in the order of `search`, holding few of them at a time.

        The query runs at the call, and errors in it are raised there; each hit is read when it is asked for. All hits
        are of the commit that the archive shows at the call, whatever is written or reloaded meanwhile. The arguments
        are those of `search`.

        Example::

            for hit in archive.iter_all("tag:PHUM", since=2009, sort="date"):
                print(hit.citation)

        Raises:
            QueryError, ValueError, TypeError: as in `search`.
            CablesearchError: the archive is closed, also if that happens before the last hit.
        """
        filters = tags, origins, classifications, since, until
        request = Request.of(text, *filters, None, 0, sort, group, (), match, acronyms, synonyms)
        return self._each(lambda searcher: searcher.iter_all(request))

    def to_pandas(
        self,
        text: str = "",
        *,
        fields: HitField | Iterable[HitField] = (),
        sort: Sort = "relevance",
        **filters: Unpack[Filters],
    ) -> pd.DataFrame:
        """Return all hits of a search as a table of shape (hits, fields), in the order of `search`.

        It needs pandas: ``pip install 'cablesearch[pandas]'``. Example::

            frame = archive.to_pandas("tag:PHUM", fields=["date", "origin", "classification"], since=2006)
            print(frame.groupby([frame.date.dt.year, "origin"], observed=True).size())

        Hits are read one by one, as by `iter_all`, so the memory is that of the table. The largest column is ``text``,
        and without ``snippet`` a table takes a third of the time. For some of the hits, use
        ``search(..., limit=1000).to_pandas()``.

        The columns are those of a hit in JSON, except that a ``snippet`` is plain text and scores are not rounded.
        Their dtypes:

        - ``string``: cable, citation, subject, section, snippet, text
        - ``category``: origin, marking, cable_classification, with the values that occur; classification is ordered and
          has all levels, so that they can be compared
        - ``datetime64[s, UTC]``: date; NaT without a date. All dates from the year 1 to 9999 are exact.
        - ``Int64``: paragraph (the printed number) and citations; ``int64``: position (0 for the envelope);
          ``float64``: score
        - ``object``: tags and controls, which are tuples of strings: ``frame.explode("tags")`` has a row for each

        What is missing is ``<NA>``, NaN in a category, and NaT in dates.

        Args:
            text: the query.
            fields: the columns and their order (see `cablesearch.HitField`); none: all, with ``citations`` only in a
                search sorted by them.
            sort: as in `search`.

        Raises:
            CablesearchError: pandas is not installed, or the archive is closed.
            QueryError, ValueError, TypeError: as in `search`; or a field is invalid, or is named twice.
        """
        from cablesearch.frames.hits import fields_of, hits_frame

        columns = fields_of(fields, has_citations=sort == "citations")
        request = Request.of(text, limit=None, sort=sort, **filters)
        is_marked = "snippet" in columns
        return hits_frame(self._each(lambda searcher: searcher.iter_all(request, is_marked=is_marked)), columns)

    def ids(
        self,
        text: str = "",
        *,
        tags: str | Iterable[str] = (),
        origins: str | Iterable[str] = (),
        classifications: str | Iterable[str] = (),
        since: Period | None = None,
        until: Period | None = None,
        limit: int | None = None,
        offset: int = 0,
        sort: Sort = "relevance",
        group: Group = "paragraph",
        match: Match = "all",
        acronyms: bool = True,
        synonyms: str | os.PathLike[str] | Synonyms | None = None,
    ) -> CableIds:
        """Return the ids of the cables that have hits, in the order of their best hits.

        This is much faster than `search`, because no cable is read. ``limit`` and ``offset`` count cables; the other
        arguments are those of `search`.

        Example::

            for name in archive.ids("tag:PHUM", since=2009):
                print(name)

        Raises:
            QueryError, ValueError, TypeError: as in `search`.
        """
        filters = tags, origins, classifications, since, until
        request = Request.of(text, *filters, limit, offset, sort, group, (), match, acronyms, synonyms)
        return self._ask(lambda searcher: searcher.matching_ids(request))

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """Return a cable, and a paragraph of it if the reference names one.

        Args:
            reference: the cable's id, alone or with a paragraph: ``10BEIJING30``, ``10BEIJING30¶4`` (by printed
                number) or ``10BEIJING30@4`` (by position). An id may also be in parts: ``10 BEIJING 30``.

        Raises:
            UnknownCableError: no cable or paragraph that the reader may see has this reference. It names near ids.
        """
        need("reference", reference, str)
        return self._ask(lambda searcher: searcher.show(reference))

    def export(self, text: str = "", **filters: Unpack[Filters]) -> Iterator[Cable]:
        """Yield all cables, or those with hits of a query, by date and id (undated cables last).

        The query runs at the call, and matches what it does in `search`. All cables are of the commit that the archive
        shows then.

        Args:
            text: the query; may be empty.
            filters: the filters of `search`.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError, TypeError: an argument has a value that is not allowed, or the wrong type.
            CablesearchError: the archive is closed, also if that happens before the last cable.
        """
        request = Request.of(text, limit=0, **filters)
        return self._each(lambda searcher: searcher.export(request))

    def _each(self, question: Callable[[Searcher], Iterator[_Answer]]) -> Iterator[_Answer]:
        """Ask now, and return an iterator over the answers, each of which is read when it is asked for."""
        searcher = self._reading
        answers = self._ask(question, searcher)

        def read() -> Iterator[_Answer]:
            while self._reading and (answer := self._ask(lambda _: next(answers, None), searcher)) is not None:
                yield answer

        return read()

    def __getitem__(self, reference: str) -> Cable:
        """Return the cable with an id.

        Raises:
            UnknownCableError: no visible cable has this id. The error is also a `KeyError`.
        """
        cable, paragraph = self.show(reference)
        if paragraph is not None:
            raise UnknownCableError(
                f"{reference!r} is a paragraph, not a cable; use archive.show({reference!r})", reference
            )
        return cable

    def __contains__(self, reference: object) -> bool:
        return isinstance(reference, str) and self._ask(lambda searcher: searcher.reader.find(reference) is not None)

    def __iter__(self) -> Iterator[str]:
        return self._each(lambda searcher: searcher.reader.keys())

    def __len__(self) -> int:
        return self._ask(lambda searcher: searcher.reader.cable_count)

    def __bool__(self) -> bool:
        return True

    def __repr__(self) -> str:
        # Without a look at the archive's files, which may be damaged: a repr never fails.
        state = "closed" if self._searcher is None else f"clearance {clearance_name(self._clearance)}"
        return f"<Archive {str(self._place.folder or self.location)!r}, {state}>"

    def stats(self) -> Stats:
        """Return the size of the archive as its reader sees it."""
        return self._ask(lambda searcher: searcher.stats())
