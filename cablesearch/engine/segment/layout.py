"""The arrays that a segment must have, their types, and how their sizes depend on one another.

The directory is checked whenever a segment is opened, without reading the arrays; so all later allocations are bounded
by the size of the file. The contents of the arrays are checked by `cablesearch.engine.check.verify`.
"""

from __future__ import annotations

from cablesearch.engine.disk.arrays import Arrays
from cablesearch.engine.segment import postings
from cablesearch.engine.segment.strings import DIGEST_BYTES
from cablesearch.errors import CorruptIndexError

__all__ = ["Layout"]

_NARROW = ("u1", "u2", "u4")
_ANY = (*_NARROW, "u8")


class Layout:
    """The fields of a segment with ``docs`` documents and ``blocks`` blocks, after a check of all its arrays.

    Attributes:
        texts, keywords, numbers: the fields of each kind.
        shared: the fields that are stored once per block.
        orders: the field by which blocks are sorted, if there is one.

    Raises:
        CorruptIndexError: an array is missing, unknown, of the wrong type or of the wrong size.
    """

    def __init__(self, arrays: Arrays, docs: int, blocks: int) -> None:
        self._arrays, self._docs, self._blocks = arrays, docs, blocks
        # Offsets in a file of less than 4 GB need no u8, and NumPy would mix u8 with signed integers into floats.
        self._places = _NARROW if arrays.size < 1 << 32 else _ANY
        self._known: set[str] = set()
        self.shared = self._fields("shared")
        self._whole()
        self.texts = self._fields("docs")
        self.keywords = self._fields("units")
        self.numbers = self._fields("base")
        for field in self.texts:
            self._text(field)
        for field in self.keywords:
            self._keyword(field)
        for field in self.numbers:
            self._expect(f"{field}.base", 1, "i8")
            self._expect(f"{field}.values", self._units(field), *_ANY)
        self.orders = self._fields("orders")
        for field in self.orders:
            self._expect(f"{field}.orders", 0, "u1")
        if len(self.orders) > 1 or not set(self.orders) <= set(self.numbers) & set(self.shared):
            raise CorruptIndexError(arrays.path, f"its blocks cannot be sorted by {' and '.join(self.orders)}")
        for name in arrays.names:
            if name not in self._known:
                raise CorruptIndexError(arrays.path, f"{name} belongs to nothing")

    def _fields(self, part: str) -> list[str]:
        """Return the fields that have an array of that name."""
        return [name.rpartition(".")[0] for name in self._arrays.names if name.rpartition(".")[2] == part]

    def _expect(self, name: str, count: int | None, *types: str) -> int:
        """Check that an array has one of the types and ``count`` values (None: any number), and return their number."""
        kind, actual = self._arrays.type_of(name)
        self._known.add(name)
        if kind not in types:
            raise CorruptIndexError(self._arrays.path, f"{name} is of type {kind}")
        if count is not None and actual != count:
            raise CorruptIndexError(self._arrays.path, f"{name} has {actual} values instead of {count}")
        return actual

    def _whole(self) -> None:
        """Check the arrays that belong to no field."""
        blocks, places = self._blocks, self._places
        self._expect("block.first", blocks + 1, "u4")
        self._expect("block.leads", blocks, "u1")
        self._expect("block.keys", None, "u1")
        self._expect("block.key_starts", blocks + 1, *places)
        self._expect("block.by_key", blocks, *_NARROW)
        self._expect("block.digests", blocks * DIGEST_BYTES, "u1")
        self._expect("twins", None, "u1")
        frames = self._expect("store.frames", None, *places)
        self._expect("store.data", None, "u1")
        self._expect("store.sizes", max(frames, 1), *_ANY)
        self._expect("store.ends", self._docs + 1, *_ANY)
        self._expect("store.dictionaries", None, "u1")
        dictionaries = self._expect("store.from", None, *places)
        self._expect("store.dictionary_starts", dictionaries + 1, *places)
        # Only segments merged from segments with different dictionaries have it.
        if "store.by" in self._arrays:
            self._expect("store.by", max(frames, 1) - 1, "u1", "u2")
        self._expect("store.spare", None, "u1")
        # Segments of version 4 have none.
        if "store.spare_starts" in self._arrays:
            self._expect("store.spare_starts", dictionaries + 1, *places)

    def _units(self, field: str) -> int:
        """Return the number of values of a column."""
        if field not in self.shared:
            return self._docs
        self._expect(f"{field}.shared", 0, "u1")
        return self._blocks

    def _dictionary(self, field: str) -> int:
        terms = self._expect(f"{field}.heads", None, "u8")
        self._expect(f"{field}.terms", None, "u1")
        self._expect(f"{field}.term_starts", terms + 1, *self._places)
        return terms

    def _keyword(self, field: str) -> None:
        places, units = self._places, self._units(field)
        terms = self._dictionary(field)
        values = self._expect(f"{field}.values", None, *_NARROW)
        self._expect(f"{field}.units", values, *_NARROW)
        self._expect(f"{field}.unit_first", terms + 1, *places)
        if f"{field}.first" in self._arrays:
            self._expect(f"{field}.first", units + 1, *places)
        else:
            self._expect(f"{field}.values", units, *_NARROW)

    def _text(self, field: str) -> None:
        places = self._places
        terms = self._dictionary(field)
        total = self._expect(f"{field}.docs", None, "u2")
        self._expect(f"{field}.first", terms + 1, *places)
        self._expect(f"{field}.counts", total, "u1")
        self._expect(f"{field}.positions", None, "u2", "u4")
        self._expect(f"{field}.position_first", terms + 1, *places)
        marks, words, containers = postings.shape(total, self._docs)
        self._expect(f"{field}.marks", marks, "u4", "u8")
        large = self._expect(f"{field}.large_at", None, *places)
        self._expect(f"{field}.large_counts", large, *places)
        champions = self._expect(f"{field}.with_champions", None, "u4")
        self._expect(f"{field}.champions", None, *_NARROW)
        self._expect(f"{field}.champions_first", champions + 1, *places)
        dense = self._expect(f"{field}.dense", None, "u4")
        self._expect(f"{field}.bits", dense * words, "u8")
        self._expect(f"{field}.bounds", dense * words, "u1")
        self._expect(f"{field}.bounded_for", 1, "u4")
        if containers > 1:
            self._expect(f"{field}.high", None, "u2")
            self._expect(f"{field}.high_first", terms + 1, *places)
            frequent = self._expect(f"{field}.frequent", None, "u4")
            self._expect(f"{field}.containers", frequent * (containers + 1), "u4")
        if f"{field}.stems" in self._arrays:
            self._expect(f"{field}.stems", terms, *_NARROW)
        else:
            self._expect(f"{field}.lengths", self._docs, *_NARROW)
            self._expect(f"{field}.norms", self._docs, "u1")
            self._expect(f"{field}.totals", 2, "i8")
