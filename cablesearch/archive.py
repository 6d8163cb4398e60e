"""Archive: what programmers hold. Every command of the command line is a method here."""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TextIO

import numpy as np
from numpy.typing import NDArray
from whoosh import query as q

from cablesearch import engine, query
from cablesearch.analysis import fold
from cablesearch.cable import Cable, Classification, Clearance, Paragraph
from cablesearch.errors import CablesearchError, UnknownCableError
from cablesearch.ingest import Ingest, IngestReport, OnTrouble
from cablesearch.readers.json_lines import from_json
from cablesearch.results import Hit, Results, facet_name, hit
from cablesearch.schema import BARE_FIELDS, from_minutes, id_forms, indexing_schema, query_schema

__all__ = ["Archive", "Stats", "create", "open_archive"]

Ints = NDArray[np.int64]

GROUPS = ("paragraph", "cable")
SORTS = ("relevance", "date", "-date")
_CACHED_CABLES = 32


@dataclass(frozen=True, slots=True)
class Stats:
    """The size of an archive as its reader sees it.

    ``words`` counts the words of the paragraphs' text. Dates are ISO 8601 (``2010-01-08T03:26Z``). ``size_bytes`` is
    the index's size on disk, None for a reader with a clearance.
    """

    cables: int
    paragraphs: int
    words: int
    first_date: str | None
    last_date: str | None
    size_bytes: int | None


def _several(given: str | Sequence[str]) -> Sequence[str]:
    return [given] if isinstance(given, str) else given


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
        self._schema = query_schema()
        self._view = self._new_view()

    def _new_view(self) -> engine.View:
        return engine.View(engine.latest(self.path), self._schema, self._visible if self.clearance else None)

    def _visible(self, segment: engine.Segment) -> NDArray[np.bool_]:
        """Which documents the clearance lets one see: each has one visibility class."""
        assert self.clearance is not None
        classes = segment.terms("visibility")
        seen = np.array([self._sees(classes.text(number)) for number in range(len(classes))], bool)
        return seen[segment.values("visibility")[1]]

    def _sees(self, text: str) -> bool:
        classification = Classification.parse(text)
        return classification is not None and self.clearance is not None and self.clearance.sees(classification)

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the files."""
        del self._view

    def reload(self) -> None:
        """See what was committed since."""
        self._view = self._new_view()

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
            facets: names of `FACETS` to count all hits by.

        Raises:
            QueryError: the query or a condition cannot be read.
            ValueError: sort, group, a facet, limit or offset is not one of those above.
        """
        started = time.perf_counter()
        if sort not in SORTS or group not in GROUPS or limit < 0 or offset < 0:
            raise ValueError(f"sort is one of {SORTS}, group one of {GROUPS}, limit and offset at least 0")
        names = [facet_name(name) for name in _several(facets)]
        condition = query.filters(
            tags=_several(tags),
            origins=_several(origins),
            classifications=_several(classifications),
            since=since,
            until=until,
        )
        by_cable = group == "cable"
        wanted = query.parse(text, by_cable=by_cable) if text.strip() or condition is None else None
        matches = engine.execute(self._view, query.both(wanted, condition), by_block=by_cable)
        return Results(
            query=text,
            total=len(matches.units),
            hits=tuple(self._page(matches, wanted or condition or q.Every(), limit, offset, sort, by_cable)),
            offset=offset,
            facets={name: self._facet(name, matches.units, by_cable) for name in names},
            suggestion=None if len(matches.units) or wanted is None else self._suggest(text),
            alternatives={} if len(matches.units) or wanted is None else self._alternatives(text, condition, by_cable),
            took=time.perf_counter() - started,
        )

    def _page(
        self, matches: engine.Matches, wanted: q.Query, limit: int, offset: int, sort: str, by_cable: bool
    ) -> Iterator[Hit]:
        keys = self._date_keys(matches.units, sort, by_cable) if sort != "relevance" else None
        places = engine.top(matches, offset, limit, keys)
        units, scores = matches.units[places].tolist(), matches.scores[places].tolist()
        docs = engine.best_documents(self._view, wanted, units) if by_cable else units
        leaves = list(engine.leaves(wanted))
        cables: dict[int, Cable] = {}
        for doc, score in zip(docs, scores, strict=True):
            number = int(np.searchsorted(self._view.snapshot.bases, doc, "right")) - 1
            segment = self._view.segments[number]
            local = doc - int(self._view.snapshot.bases[number])
            block = int(segment.block_of[local])
            key = int(self._view.block_bases[number]) + block
            if key not in cables:
                cables[key] = self._cable(number, block)
            yield hit(cables[key], int(segment.numbers("position")[local]), score, leaves)

    def _date_keys(self, units: Ints, sort: str, by_cable: bool) -> Ints:
        dates = engine.number_column(self._view, units, "date", by_block=by_cable)
        keys = -dates if sort == "-date" else dates.copy()
        keys[dates == engine.NO_NUMBER] = np.iinfo(np.int64).max
        return keys

    def _facet(self, name: str, units: Ints, by_cable: bool) -> list[tuple[str, int]]:
        if name in {"year", "month"}:
            dates = engine.number_column(self._view, units, "date", by_block=by_cable)
            moments = dates[dates != engine.NO_NUMBER].astype("datetime64[m]").astype(f"datetime64[{name[0].upper()}]")
            values, counts = np.unique(moments, return_counts=True)
            return list(zip(map(str, values), counts.tolist(), strict=True))
        field = {"tags": "tag", "classification": "cable_classification" if by_cable else "classification"}
        counter = engine.facet(self._view, units, field.get(name, name), by_block=by_cable)
        return sorted(counter.items(), key=lambda pair: (-pair[1], pair[0]))

    def _cable(self, number: int, block: int) -> Cable:
        """The visible part of a cable that has any."""
        record = json.loads(self._view.segments[number].record(block))
        cable: Cable | None = from_json(record).view(self.clearance)
        assert cable is not None
        return cable

    def _suggest(self, text: str) -> str | None:
        """The query with each word that nobody wrote replaced by the commonest near one."""
        result, shift = text, 0
        for word, start, end in query.plain_words(text):
            better = self._nearest(fold(word))
            if better:
                result = result[: start + shift] + better + result[end + shift :]
                shift += len(better) - (end - start)
        return result if result != text else None

    def _nearest(self, word: str) -> str | None:
        fields = [f"{field}_exact" if field != "text" else "exact" for field in BARE_FIELDS]
        if len(word) < 3 or any(self._view.frequency(field, word) for field in fields):
            return None
        near: dict[str, int] = {}
        for segment in self._view.segments:
            for number in engine.fuzzy(segment, "exact", word, 1 if len(word) < 5 else 2, 1):
                other = segment.terms("exact").text(number)
                near[other] = self._view.frequency("exact", other)
        seen = [other for other, count in near.items() if count]
        if not seen:
            return None
        distances = dict(zip(seen, engine.edit_distances(word, seen).tolist(), strict=True))
        return min(seen, key=lambda other: (distances[other], -near[other], other))

    def _alternatives(self, text: str, condition: q.Query | None, by_cable: bool) -> dict[str, int]:
        found = {}
        tree = query.parse(text, by_cable=by_cable)
        loose = query.any_word(tree)
        if loose is not tree:
            found["any_word"] = len(engine.execute(self._view, query.both(loose, condition), by_block=by_cable).units)
        if not by_cable:
            whole = query.both(query.parse(text, by_cable=True), condition)
            found["group_cable"] = len(engine.execute(self._view, whole, by_block=True).units)
        return {name: count for name, count in found.items() if count}

    def show(self, reference: str) -> tuple[Cable, Paragraph | None]:
        """A cable by its id, and the paragraph when the reference names one: ``10BEIJING30``, ``10BEIJING30¶4`` (by
        printed number) or ``10BEIJING30@4`` (by position).

        Raises:
            UnknownCableError: there is none, or none that may be seen.
        """
        if where := self._find(reference):
            return self._cable(*where), None
        found = re.fullmatch(r"(.+?)\s*(¶|@)\s*([0-9]{1,9})\s*", reference, re.DOTALL)
        where = self._find(found[1]) if found else None
        if found and where:
            cable = self._cable(*where)
            for paragraph in cable.paragraphs:
                if int(found[3]) == (paragraph.number if found[2] == "¶" else paragraph.position):
                    return cable, paragraph
        raise UnknownCableError(f"there is no cable or paragraph {reference.strip()!r} in this archive")

    def _find(self, name: str) -> tuple[int, int] | None:
        """(segment, block) of the visible cable with that id, as written or canonical."""
        view = self._view
        exact = view.snapshot.find(name.strip())
        if exact and view.blocks[exact[0]][exact[1]]:
            return exact
        for wanted in id_forms(name):
            units = engine.execute(view, q.Term("id", wanted), by_block=True).units
            if len(units):
                number = int(np.searchsorted(view.block_bases, units[0], "right")) - 1
                return number, int(units[0] - view.block_bases[number])
        return None

    def export(self, text: str = "") -> Iterator[Cable]:
        """The cables, in the order in which they came: all, or those in which a paragraph fulfils the query.

        Raises:
            QueryError: the query cannot be read.
        """
        view = self._view
        wanted: list[set[int]] | None = None
        if text.strip():
            units = engine.execute(view, query.parse(text)).units
            wanted = [
                set(segment.block_of[units[(units >= base) & (units < base + segment.docs)] - base].tolist())
                for segment, base in zip(view.segments, view.snapshot.bases.tolist(), strict=False)
            ]
        for number, blocks in enumerate(view.blocks):
            for block in np.flatnonzero(blocks).tolist():
                if wanted is None or block in wanted[number]:
                    yield self._cable(number, block)

    def stats(self) -> Stats:
        """The size of the archive as its reader sees it."""
        view = self._view
        everything = np.concatenate(
            [np.flatnonzero(mask) + base for mask, base in zip(view.blocks, view.block_bases, strict=False)]
            or [np.empty(0, np.int64)]
        )
        dates = engine.number_column(view, everything, "date", by_block=True)
        dates = dates[dates != engine.NO_NUMBER]
        first, last = (
            (from_minutes(int(end)).strftime("%Y-%m-%dT%H:%MZ") for end in (dates.min(), dates.max()))
            if len(dates)
            else (None, None)
        )
        return Stats(
            cables=view.block_count,
            paragraphs=view.member_count,
            words=view.word_count("text"),
            first_date=first,
            last_date=last,
            size_bytes=None if self.clearance else view.snapshot.size,
        )

    def verify(self) -> list[str]:
        """What is damaged, a sentence each; empty when all is well. Every byte is read.

        Raises:
            CablesearchError: the archive was opened with a clearance.
        """
        self._need_everything("verify")
        faults = self._view.snapshot.verify()
        return faults or [
            f"{segment.path}: the record of block {block} is not the cable {segment.keys.text(block)!r}"
            for segment in self._view.segments
            for block, record in segment.records()
            if from_json(json.loads(record)).id != segment.keys.text(block)
        ]

    # Writing

    def index(
        self,
        sources: Iterable[str | os.PathLike[str]],
        *,
        rejects: TextIO | None = None,
        progress: Callable[[int, int], None] | None = None,
        on_trouble: OnTrouble | None = None,
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

        Raises:
            LockedError: another process is writing.
            CablesearchError: the archive was opened with a clearance.
        """
        self._need_everything("index")
        with engine.Writer(self.path, indexing_schema()) as writer:
            report = Ingest(writer, rejects, on_trouble).run(sources, progress)
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
            self.reload()
            for reference in references:
                where = self._find(reference)
                key = self._view.segments[where[0]].keys.text(where[1]) if where else ""
                if not where or not writer.delete(key):
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
