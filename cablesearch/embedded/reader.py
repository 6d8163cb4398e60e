"""The reader of an archive in a folder."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from whoosh import query as q

from cablesearch.access import need_full
from cablesearch.cable import Cable
from cablesearch.embedded import hits
from cablesearch.embedded.exploring import Exploring
from cablesearch.embedded.records.visible_cables import visible_cable
from cablesearch.embedded.selections import Selected, units_of
from cablesearch.engine.search import collect
from cablesearch.errors import CablesearchError
from cablesearch.protocols.answers import CableHead, Page, Size, Spread
from cablesearch.protocols.reader import Order, Period, Reader, Selection
from cablesearch.protocols.stored import Stored

__all__ = ["EmbeddedReader", "embedded"]

# Few searches need the modules that are imported inside of methods.


class EmbeddedReader(Exploring):
    """One commit of an archive in a folder as a reader sees it: see `cablesearch.protocols.reader.Reader`."""

    # Sizes

    def size(self) -> Size:
        """Return the size of the archive."""
        from cablesearch.embedded import cables

        return cables.size(self.view, sees_all=self.clearance is None)

    def moment(self, minutes: int) -> dt.datetime:
        """Return a date of the archive as a datetime in UTC.

        Raises:
            CorruptIndexError: it is outside of the calendar.
        """
        from cablesearch.embedded import cables

        return cables.moment(self.view, minutes)

    def word_count(self, field: str) -> int:
        """Return the number of words of a text field in visible documents."""
        return self.view.word_count(field)

    def breadth(self, tree: q.Query) -> int:
        """Return how many words the patterns and fuzzy words of a query may have to read."""
        return self.view.breadth(tree)

    # Hits

    def page(
        self, tree: q.Query, shown: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> Page:
        """Run a query, and return the hits from an offset on, which are read when they are asked for."""
        ranking = self._ranking(order, by_cable=by_cable)
        page = hits.best(self.view, tree, ranking, limit=limit, offset=offset)
        return Page(page.total or 0, hits.in_turn(self.view, page, shown, ranking, self.clearance, limit))

    def ranked_keys(
        self, tree: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> tuple[list[str], int]:
        """Return the keys of the cables that have hits, in the order of their best hits, and their number."""
        ranking = self._ranking(order, by_cable=by_cable)
        blocks, total = hits.ranked_blocks(self.view, tree, ranking, limit=limit, offset=offset)
        places = map(self.view.block_at, blocks)
        return [self.view.segments[number].keys.text(block) for number, block in places], total

    def _ranking(self, order: Order, *, by_cable: bool) -> hits.Ranking:
        return hits.Ranking(by_cable, order, self.links.citations if order == "citations" else None)

    # Selections

    def select(self, tree: q.Query, *, by_cable: bool = False) -> Selected:
        """Return the units that match a query."""
        return Selected(collect.select(self.view, tree, by_block=by_cable))

    def counts(self, selections: Sequence[Selection]) -> list[int]:
        """Return the number of units of each selection."""
        return [selection.count for selection in selections]

    def values(self, selection: Selection, fields: Sequence[str]) -> list[Counter[str]]:
        """Return for each of some keyword fields how many units have each of its values."""
        return [collect.facet(self.view, units_of(selection), field) for field in fields]

    def periods(self, selection: Selection, period: Period, field: str = "date") -> dict[int, int]:
        """Return the number of units in each period that has any, in the order of time."""
        from cablesearch.embedded.counting import counts_by_period

        return counts_by_period(self.view, units_of(selection), period, field)

    def spread(self, selection: Selection) -> Spread:
        """Return how units are spread over time."""
        from cablesearch.embedded.counting import spread

        return spread(self.view, units_of(selection))

    # Words and values

    def frequencies(self, field: str, words: Sequence[str]) -> list[int]:
        """Return in how many visible documents of a text field each word occurs."""
        return [self.view.frequency(field, word) for word in words]

    def has_value(self, field: str, value: str) -> bool:
        """Return whether anything visible has a value in a keyword field."""
        return self.view.has_keyword(field, value)

    def vocabulary(self, field: str) -> Counter[str]:
        """Return the visible values of a keyword field, each with the number of cables or paragraphs that have it."""
        from cablesearch.embedded import words

        return words.vocabulary(self.view, field)

    def similar_words(self, fields: Collection[str], word: str, distance: int, same: int) -> dict[str, int]:
        """Return the words of some text fields within an edit distance of a word, with the numbers of documents that
        have them, visible or not."""
        from cablesearch.embedded import words

        return words.similar_words(self.view, fields, word, distance, same)

    def similar_values(self, field: str, text: str, distance: int) -> dict[str, int]:
        """Return the values of a keyword field, hidden ones too, within an edit distance of a text, with their
        distances."""
        from cablesearch.embedded import words

        return words.similar_values(self.view, field, text, distance)

    def numbered_values(self, field: str, start: str) -> set[str]:
        """Return the values of a keyword field, hidden ones too, that have some letters and then only digits."""
        from cablesearch.embedded import words

        return words.numbered_values(self.view, field, start)

    def keys_named(self, name: str) -> list[str]:
        """Return the keys of the visible cables that are indexed under an id, sorted."""
        from cablesearch.embedded import words

        return words.keys_named(self.view, name)

    # Cables

    def find(self, name: str) -> str | None:
        """Return the key of the visible cable with an id, as written, canonical or in parts; None if it is unknown."""
        from cablesearch.embedded import cables

        return cables.find(self.view, name)

    def cable(self, key: str) -> Cable:
        """Return the visible part of a cable.

        Raises:
            KeyError: no visible cable has this key.
        """
        from cablesearch.embedded import cables

        number, block = cables.place_of(self.view, key)
        return visible_cable(self.view.segments[number], block, self.clearance)

    def keys(self, selection: Selection | None = None) -> Iterator[str]:
        """Yield the keys of all visible cables, or of those that have a selected unit, by date and key."""
        from cablesearch.embedded import cables

        units = None if selection is None else units_of(selection)
        return (cables.key_at(self.view, *place) for place in cables.in_order(self.view, units))

    def cables(self, selection: Selection | None = None) -> Iterator[Cable]:
        """Yield the visible parts of these cables, in the same order."""
        from cablesearch.embedded import cables

        units = None if selection is None else units_of(selection)
        places = cables.in_order(self.view, units)
        return (visible_cable(self.view.segments[number], block, self.clearance) for number, block in places)

    def head(self, key: str) -> CableHead:
        """Return what is visible of a cable without its whole.

        Raises:
            KeyError: no visible cable has this key.
        """
        from cablesearch.embedded import cables

        return cables.head_of(self.view, *cables.place_of(self.view, key), self.clearance)

    # The whole

    @property
    def notes(self) -> Mapping[str, Any]:
        """The notes in the manifest."""
        return self.snapshot.notes

    def stored(self, known: Mapping[bytes, str]) -> Iterator[Stored | None]:
        """Return an iterator over all cables as they are stored, by date and key; None for each that is known.

        Raises:
            CablesearchError: the clearance is not full.
        """
        from cablesearch.embedded.records.stored_cables import stored_cables

        need_full("reading whole cables", self.clearance)
        return stored_cables(self.view, known)

    def superseded(self) -> Iterator[tuple[bytes, bytes]]:
        """Return an iterator over the digests of the superseded sources, each with that of its key."""
        return iter(self.snapshot.superseded())

    # Upkeep

    def verify(self, *, deep: bool = False) -> list[str]:
        """Return a sentence for each fault of what is stored; ``deep``: also index it again, and compare."""
        from cablesearch.embedded.upkeep.verifying import faults

        return faults(self.snapshot, deep=deep)

    def backup(self, target: Path) -> int:
        """Copy the commit to a new or empty folder, and return the number of bytes copied.

        Raises:
            CablesearchError: the folder is not empty.
            CorruptIndexError: the archive is damaged; nothing is copied.
        """
        from cablesearch.engine.index.backup import backup

        return backup(self.snapshot, target)


def embedded(reader: Reader) -> EmbeddedReader:
    """Return a reader as what it is, that of an archive in a folder.

    Raises:
        CablesearchError: the archive is somewhere else.
    """
    if not isinstance(reader, EmbeddedReader):
        raise CablesearchError("this is possible only for an archive in a folder")
    return reader
