"""What an archive asks of its engine: one commit, as one reader sees it (structural types, PEP 544).

A *unit* is what a query selects and counts: a paragraph, or with ``by_cable`` a cable. A *key* is the id of a cable as
the cable writes it; it is unique in an archive. Every answer depends only on what the reader may see.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from whoosh import query as q

from cablesearch.cable import Cable, Clearance
from cablesearch.protocols.answers import CableHead, Defined, Grouped, Page, Sample, Size, Spread
from cablesearch.protocols.links import Links
from cablesearch.protocols.stored import Stored

__all__ = ["Key", "Order", "Period", "Reader", "Selection"]

Key = TypeVar("Key", bound=Hashable)
"""What values are grouped by."""

Order = Literal["relevance", "date", "-date", "citations"]
"""The order of units: best first, oldest first, newest first, most cited first. Ties are in order of date (undated
cables last), then of keys, then of positions."""

Period = Literal["Y", "M", "D", "weekday"]
"""Years, months and days, which are counted from 1970; or days of the week, from Monday as 0."""


class Selection(Protocol):
    """The units that match a query."""

    @property
    def by_cable(self) -> bool:
        """Whether the units are cables."""

    @property
    def count(self) -> int:
        """The number of units."""

    def cables(self) -> Selection:
        """Return the cables that have a selected unit."""

    def common(self, other: Selection) -> Selection:
        """Return the units that both selections have; they must be of the same reader and kind."""

    def rest(self) -> Selection:
        """Return all other visible units."""


class Reader(Protocol):
    """One commit of an archive as a reader with a clearance sees it. It never changes, so threads can share it.

    All methods may raise `CorruptIndexError`, or the error of an engine that cannot be reached.
    """

    @property
    def clearance(self) -> Clearance | None:
        """The reader's clearance; None: full."""

    def lowered(self, clearance: Clearance | None) -> Reader:
        """Return the same commit for a reader with another clearance. Nothing is opened."""

    @property
    def commit(self) -> str:
        """A name for the commit, the same in every process; another commit has another one. At most 64 characters of
        ASCII without blanks."""

    @property
    def is_last(self) -> bool:
        """Whether this is the last commit of the archive; False also if there is no archive any more.

        It is asked before each answer of a server, so it costs as little as possible.
        """

    @property
    def is_intact(self) -> bool:
        """Whether it is safe to read on: no file of the commit has been cut off since it was opened."""

    @property
    def kept(self) -> dict[str, Any]:
        """What features have computed of this commit and keep, by the name of the feature."""

    def guarding(self) -> AbstractContextManager[object]:
        """Return the context in which answers are computed: it turns faults of the engine into our errors."""

    # Sizes

    @property
    def paragraph_count(self) -> int:
        """The number of visible paragraphs."""

    @property
    def cable_count(self) -> int:
        """The number of visible cables."""

    def size(self) -> Size:
        """Return the size of the archive."""

    def moment(self, minutes: int) -> dt.datetime:
        """Return a date of the archive, in minutes from 1970, as a datetime in UTC.

        Raises:
            CorruptIndexError: it is outside of the calendar.
        """

    def word_count(self, field: str) -> int:
        """Return the number of words of a text field in visible documents."""

    def breadth(self, tree: q.Query) -> int:
        """Return how many words the patterns and fuzzy words of a query may have to read: the visible words of their
        text fields, or the visible paragraphs for keyword fields."""

    # Hits

    def page(
        self, tree: q.Query, shown: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> Page:
        """Run a query, and return the hits from an offset on.

        The query runs at the call; hits are read when they are asked for.

        Args:
            tree: the query.
            shown: the query that chooses the best paragraph of a cable.
            by_cable: whether units are cables; then the hit is the paragraph that contributes most.
            order: the order of the hits.
            limit: the most hits; None: all.
            offset: the number of hits to skip.
        """

    def ranked_keys(
        self, tree: q.Query, *, by_cable: bool, order: Order, limit: int | None, offset: int
    ) -> tuple[list[str], int]:
        """Return the keys of the cables that have hits, in the order of their best hits, and their number; the limit
        and the offset count cables."""

    # Selections

    def select(self, tree: q.Query, *, by_cable: bool = False) -> Selection:
        """Return the units that match a query."""

    def counts(self, selections: Sequence[Selection]) -> list[int]:
        """Return the number of units of each selection."""

    def values(self, selection: Selection, fields: Sequence[str]) -> list[Counter[str]]:
        """Return for each of some keyword fields how many units have each of its values.

        A paragraph has the values of its cable in a field of cables, a cable those of its visible paragraphs in a
        field of paragraphs.
        """

    def periods(self, selection: Selection, period: Period, field: str = "date") -> dict[int, int]:
        """Return the number of units in each period that has any, in the order of time; undated ones do not count."""

    def spread(self, selection: Selection) -> Spread:
        """Return how units are spread over time."""

    def names(self, selection: Selection, field: str, group: Callable[[Sequence[str]], Sequence[int]]) -> list[Grouped]:
        """Return the names in the selected units (of cables: in their visible paragraphs), with their spellings.

        Args:
            selection: the units.
            field: a keyword field of paragraphs with spellings of names.
            group: returns for each spelling, in the order of texts, the number of its group; numbers count up from 0.
        """

    def defined(self, selection: Selection, field: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values of a keyword field that the selected paragraphs (or those of selected cables) have, by
        key, with dates.

        Raises:
            CorruptIndexError: ``key`` raises ValueError for a value.
        """

    def sample(self, selection: Selection, most: int) -> Sample:
        """Return the texts of the selected paragraphs, or of the paragraphs of selected cables; of more than ``most``,
        an even sample: those with the smallest hashes of key and position, in the order of their hashes."""

    # Words and values

    def frequencies(self, field: str, words: Sequence[str]) -> list[int]:
        """Return in how many visible documents of a text field each word occurs."""

    def has_value(self, field: str, value: str) -> bool:
        """Return whether anything visible has a value in a keyword field."""

    def may_begin(self, field: str, start: str) -> bool:
        """Return quickly whether a value of a keyword field, visible or not, may begin with some letters; True if that
        is not known. It serves to save work, and changes no answer."""

    def begun(self, field: str, start: str, key: Callable[[str], Key]) -> dict[Key, Defined]:
        """Return the values of a keyword field of paragraphs that begin with some letters and that visible paragraphs
        have, by key, without dates; as `defined`, it raises `CorruptIndexError`."""

    def vocabulary(self, field: str) -> Counter[str]:
        """Return the visible values of a keyword field, each with the number of cables or paragraphs that have it (1
        in fields of cables that are not shared by their paragraphs)."""

    def similar_words(self, fields: Collection[str], word: str, distance: int, same: int) -> dict[str, int]:
        """Return the words of some text fields within an edit distance of a word, with a number that is at least that
        of the visible documents that have it; some may be in none.

        Args:
            fields: the fields.
            word: the word.
            distance: the most edits.
            same: the number of letters at the beginning that may not differ.
        """

    def similar_values(self, field: str, text: str, distance: int) -> dict[str, int]:
        """Return the values of a keyword field within an edit distance of a text, each with its distance; some may be
        those of nothing visible."""

    def numbered_values(self, field: str, start: str) -> set[str]:
        """Return the values of a keyword field that have some letters and then only digits; some may be those of
        nothing visible."""

    def keys_named(self, name: str) -> list[str]:
        """Return the keys of the visible cables that are indexed under an id, sorted."""

    # What begins with a text

    def completions(self, field: str, start: str, most: int, without: Collection[str]) -> list[tuple[str, int]]:
        """Return the words of a text field that begin with some letters and that most visible documents have, with
        their numbers; equal ones in alphabetical order.

        Args:
            field: the field.
            start: the letters; not empty.
            most: the most words to return.
            without: words that are not returned.
        """

    def followers(
        self, field: str, head: tuple[str, ...], start: str, without: Collection[str]
    ) -> tuple[Counter[str], float]:
        """Return the words that begin with some letters behind a phrase, in how many visible paragraphs each does, and
        the share of the paragraphs with all words of the phrase that were counted.

        Args:
            field: a text field of paragraphs.
            head: the words of the phrase.
            start: the letters; without any, only words found in some of the paragraphs are counted.
            without: words that are not returned.
        """

    def subjects(
        self, head: tuple[str, ...], last: str, most: int, without: Collection[str]
    ) -> Sequence[tuple[str, str]]:
        """Return the keys and the subjects of the latest visible cables whose subject has some words one after the
        other; undated cables last. A subject may be read when it is asked for.

        Args:
            head: the words before the last one.
            last: the last word, which may be incomplete.
            most: the most cables to return.
            without: words that the last one does not stand for.
        """

    def count_subject(self, words: Sequence[str], key: str) -> int:
        """Return in how many visible paragraphs the subject has some words one after the other, given the key of a
        cable of which they are the whole subject."""

    # Cables

    def find(self, name: str) -> str | None:
        """Return the key of the visible cable with an id, as written, canonical or in parts (``10 BEIJING 30``); None
        if it is unknown."""

    def cable(self, key: str) -> Cable:
        """Return the visible part of a cable."""

    def keys(self, selection: Selection | None = None) -> Iterator[str]:
        """Yield the keys of all visible cables, or of those that have a selected unit, by date (undated ones last) and
        key."""

    def cables(self, selection: Selection | None = None) -> Iterator[Cable]:
        """Yield the visible parts of these cables, in the same order."""

    def head(self, key: str) -> CableHead:
        """Return what is visible of a cable without its whole."""

    @property
    def links(self) -> Links:
        """The references between the visible cables."""

    # The whole, for a reader with full clearance

    @property
    def notes(self) -> Mapping[str, Any]:
        """The notes of the archive, values of JSON by name."""

    def stored(self, known: Mapping[bytes, str]) -> Iterator[Stored | None]:
        """Yield all cables as they are stored, by date (undated ones last) and key; None for each that is known.

        Args:
            known: the keys of known cables by the digests of their sources.

        Raises:
            CablesearchError: the clearance is not full.
        """

    def superseded(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the digest of each superseded source (see `cablesearch.protocols.pen.Superseded`) and that of its key.

        They may be those of a later commit, which serve as well: a source is looked for among them only if the archive
        has no cable from it. Those that are damaged are left out, as nothing depends on them.
        """

    # Upkeep

    def verify(self, *, deep: bool = False) -> list[str]:
        """Return a sentence for each fault of what is stored; ``deep``: also index it again, and compare."""

    def backup(self, target: Path) -> int:
        """Copy the commit to a new or empty folder, as a whole or not at all, and return the number of bytes copied.

        Raises:
            UnsupportedError: this is not possible here.
        """
