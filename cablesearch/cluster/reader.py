"""The reader of an archive on a cluster."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from pathlib import Path
from typing import Any

from whoosh import query as q

from cablesearch.access import need_full
from cablesearch.cable import Cable, Clearance
from cablesearch.cluster.documents.mapping import SIZE, cable_field, is_of_cable, own_field
from cablesearch.cluster.reading import cables, counting, grouping, hits, linking, samples, suggesting, words
from cablesearch.cluster.reading.seen import Seen
from cablesearch.cluster.reading.selections import ClusterSelection, selection_of
from cablesearch.cluster.snapshots import Snapshot
from cablesearch.errors import ArchiveNotFoundError, CorruptIndexError, UnsupportedError
from cablesearch.protocols.answers import CableHead, Defined, Grouped, Page, Sample, Size, Spread
from cablesearch.protocols.fields import kind_of
from cablesearch.protocols.links import Links
from cablesearch.protocols.queries import EXPANSIONS
from cablesearch.protocols.reader import Key, Order, Period, Selection
from cablesearch.protocols.stored import Stored
from cablesearch.schema.field_types import from_minutes

__all__ = ["ClusterReader"]


class ClusterReader:
    """One commit of an archive on a cluster as a reader sees it: see `cablesearch.protocols.reader.Reader`."""

    def __init__(self, snapshot: Snapshot, clearance: Clearance | None) -> None:
        self.clearance = clearance
        self.snapshot = snapshot
        self.kept: dict[str, Any] = {}
        self._seen = Seen(snapshot, words.passing)

    def lowered(self, clearance: Clearance | None) -> ClusterReader:
        """Return the same commit for a reader with another clearance.

        Raises:
            CablesearchError: there has been another commit.
        """
        return ClusterReader(self.snapshot.lowered(clearance), clearance)

    @property
    def commit(self) -> str:
        """A name for the commit, the same in every process."""
        generation, number, token = self.snapshot.stamp
        return f"{generation:x}-{number:x}-{token}"

    @property
    def is_last(self) -> bool:
        """Whether this is the last commit of the archive; False also if there is no archive any more."""
        try:
            return self.snapshot.is_last
        except ArchiveNotFoundError:
            return False

    @property
    def is_intact(self) -> bool:
        """True: what the cluster cannot read it reports."""
        return True

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which answers are computed; the client has made our errors of those of the cluster."""
        return nullcontext()

    # Sizes

    @property
    def paragraph_count(self) -> int:
        """The number of visible paragraphs."""
        return self._seen.paragraph_count

    @property
    def cable_count(self) -> int:
        """The number of visible cables."""
        return self._seen.cable_count

    def size(self) -> Size:
        """Return the size of the archive."""
        spread = counting.spread(self._seen, ClusterSelection(self._seen, q.Every(), by_cable=True))
        is_dated = spread.units > spread.undated
        return Size(
            cables=self.cable_count,
            paragraphs=self.paragraph_count,
            words=self.word_count("text"),
            first=spread.first if is_dated else None,
            last=spread.last if is_dated else None,
            stored=self.snapshot.stored if self.clearance is None else None,
            unfilled=() if self.clearance is None else None,
        )

    def moment(self, minutes: int) -> dt.datetime:
        """Return a date of the archive as a datetime in UTC.

        Raises:
            CorruptIndexError: it is outside of the calendar.
        """
        try:
            return from_minutes(minutes)
        except OverflowError as error:
            raise CorruptIndexError(self._seen.name, f"a date is {minutes} minutes from 1970") from error

    def word_count(self, field: str) -> int:
        """Return the number of words of a text field in visible documents."""
        query = (self._seen.cables if is_of_cable(field) else self._seen.paragraphs)({"match_all": {}})
        size = own_field(field) + SIZE
        return int(self._seen.aggregated(query, {"words": {"sum": {"field": size}}})["words"]["value"])

    def breadth(self, tree: q.Query) -> int:
        """Return how many words the patterns and fuzzy words of a query may have to read."""
        return sum(self._breadth(leaf.fieldname) for leaf in tree.leaves() if isinstance(leaf, EXPANSIONS))

    def _breadth(self, field: str) -> int:
        kept: dict[str, int] = self.kept.setdefault("breadths", {})
        if field not in kept:
            is_text = field in self._seen.schema and kind_of(self._seen.schema[field]) == "text"
            kept[field] = self.word_count(field) if is_text else self.paragraph_count
        return kept[field]

    # Hits

    def page(
        self, tree: q.Query, shown: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> Page:
        """Run a query, and return the hits from an offset on."""
        return hits.page(
            self._seen, self._links, tree, shown, by_cable=by_cable, order=order, limit=limit, offset=offset
        )

    def ranked_keys(
        self, tree: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> tuple[list[str], int]:
        """Return the keys of the cables that have hits, in the order of their best hits, and their number."""
        return hits.ranked_keys(
            self._seen, self._links, tree, by_cable=by_cable, order=order, limit=limit, offset=offset
        )

    # Selections

    def select(self, tree: q.Query, *, by_cable: bool = False) -> ClusterSelection:
        """Return the units that match a query."""
        return ClusterSelection(self._seen, tree, by_cable=by_cable)

    def counts(self, selections: Sequence[Selection]) -> list[int]:
        """Return the number of units of each selection."""
        chosen = [selection_of(each) for each in selections]
        for by_cable in (False, True):
            self._seen.prepare([each.tree for each in chosen if each.by_cable == by_cable], by_cable=by_cable)
        return self._seen.counts([each.query for each in chosen])

    def values(self, selection: Selection, fields: Sequence[str]) -> list[Counter[str]]:
        """Return for each of some keyword fields how many units have each of its values."""
        return counting.counted_values(self._seen, selection_of(selection), fields)

    def periods(self, selection: Selection, period: Period, field: str = "date") -> dict[int, int]:
        """Return the number of units in each period that has any, in the order of time."""
        return counting.counted_periods(self._seen, selection_of(selection), period, field)

    def spread(self, selection: Selection) -> Spread:
        """Return how units are spread over time."""
        return counting.spread(self._seen, selection_of(selection))

    def names(self, selection: Selection, field: str, group: Callable[[Sequence[str]], Sequence[int]]) -> list[Grouped]:
        """Return the names in the selected units, with their spellings."""
        return grouping.names(self._seen, selection_of(selection), field, group)

    def defined(self, selection: Selection, field: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values of a keyword field that the selected paragraphs have, by key, with dates."""
        return grouping.defined(self._seen, selection_of(selection), field, key)

    def sample(self, selection: Selection, most: int) -> Sample:
        """Return the texts of the selected paragraphs, or of an even sample of them."""
        return samples.sample(self._seen, selection_of(selection), most)

    # Words and values

    def frequencies(self, field: str, wanted: Sequence[str]) -> list[int]:
        """Return in how many visible documents of a text field each word occurs."""
        return self._seen.frequencies_of.frequencies(field, wanted)

    def has_value(self, field: str, value: str) -> bool:
        """Return whether anything visible has a value in a keyword field."""
        return words.has_value(self._seen, field, value)

    def may_begin(self, field: str, start: str) -> bool:
        """Return whether a visible value of a keyword field begins with some letters."""
        kept: dict[tuple[str, str], bool] = self.kept.setdefault("begun", {})
        if (field, start) not in kept:
            path = cable_field(field)
            query = {"prefix": {path: {"value": start}}} if start else {"exists": {"field": path}}
            kept[field, start] = self._seen.has_any(self._seen.cables(query))
        return kept[field, start]

    def begun(self, field: str, start: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values that begin with some letters and that visible paragraphs have, by key, without dates."""
        return grouping.begun(self._seen, field, start, key)

    def vocabulary(self, field: str) -> Counter[str]:
        """Return the visible values of a keyword field, each with the number of cables or paragraphs that have it."""
        return words.vocabulary(self._seen, field)

    def similar_words(self, fields: Collection[str], word: str, distance: int, same: int) -> dict[str, int]:
        """Return the words of some text fields within an edit distance of a word."""
        return words.similar_words(self._seen, fields, word, distance, same)

    def similar_values(self, field: str, text: str, distance: int) -> dict[str, int]:
        """Return the values of a keyword field within an edit distance of a text, each with its distance."""
        return words.similar_values(self._seen, field, text, distance)

    def numbered_values(self, field: str, start: str) -> set[str]:
        """Return the values of a keyword field that have some letters and then only digits."""
        return words.numbered_values(self._seen, field, start)

    def keys_named(self, name: str) -> list[str]:
        """Return the keys of the visible cables that are indexed under an id, sorted."""
        return words.keys_named(self._seen, name)

    # What begins with a text

    def completions(self, field: str, start: str, most: int, without: Collection[str]) -> list[tuple[str, int]]:
        """Return the words that begin with some letters and that most visible documents have, with their numbers."""
        return suggesting.completions(self._seen, start, most, without)

    def followers(
        self, field: str, head: tuple[str, ...], start: str, without: Collection[str]
    ) -> tuple[Counter[str], float]:
        """Return the words that begin with some letters behind a phrase, in how many visible paragraphs each does, and
        the share of the paragraphs that were counted."""
        return suggesting.followers(self._seen, field, head, start, without)

    def subjects(
        self, head: tuple[str, ...], last: str, most: int, without: Collection[str]
    ) -> Sequence[tuple[str, str]]:
        """Return the keys and the subjects of the latest visible cables whose subject has some words."""
        return suggesting.subjects(self._seen, head, last, most, without)

    def count_subject(self, wanted: Sequence[str], key: str) -> int:
        """Return in how many visible paragraphs the subject has some words one after the other."""
        return suggesting.count_subject(self._seen, wanted)

    # Cables

    def find(self, name: str) -> str | None:
        """Return the key of the visible cable with an id, as written, canonical or in parts; None if it is unknown."""
        return cables.find(self._seen, name)

    def cable(self, key: str) -> Cable:
        """Return the visible part of a cable."""
        return cables.cable(self._seen, key)

    def keys(self, selection: Selection | None = None) -> Iterator[str]:
        """Yield the keys of visible cables, by date and key."""
        return cables.keys(self._seen, None if selection is None else selection_of(selection))

    def cables(self, selection: Selection | None = None) -> Iterator[Cable]:
        """Yield the visible parts of cables, by date and key."""
        return cables.cables(self._seen, None if selection is None else selection_of(selection))

    def head(self, key: str) -> CableHead:
        """Return what is visible of a cable without its whole."""
        return cables.head(self._seen, key)

    @cached_property
    def links(self) -> Links:
        """The references between the visible cables."""
        return linking.links(self._seen)

    def _links(self) -> Links:
        return self.links

    # The whole

    @property
    def notes(self) -> Mapping[str, Any]:
        """The notes of the commit."""
        return self.snapshot.generation.notes

    def stored(self, known: Mapping[bytes, str]) -> Iterator[Stored | None]:
        """Return an iterator over all cables as they are stored, by date and key; None for each that is known.

        Raises:
            CablesearchError: the clearance is not full.
        """
        need_full("reading whole cables", self.clearance)
        return cables.stored_cables(self._seen, known)

    def superseded(self) -> Iterator[tuple[bytes, bytes]]:
        """Return an iterator over the digests of the superseded sources, each with that of its key."""
        from cablesearch.cluster.writing.superseded import read_superseded

        return read_superseded(self.snapshot.client)

    # Upkeep

    def verify(self, *, deep: bool = False) -> list[str]:
        """Return a sentence for each fault of what is stored; ``deep``: also check what other readers see."""
        from cablesearch.cluster.reading.verifying import faults

        return list(faults(self._seen, self.snapshot, deep=deep))

    def backup(self, target: Path) -> int:
        """Refuse: the files are those of the cluster.

        Raises:
            UnsupportedError: always.
        """
        raise UnsupportedError(
            "backup is not possible on a cluster; copy the archive to a folder with 'cablesearch copy', or use the "
            "snapshots of OpenSearch"
        )
