"""Number fields as Whoosh expects them: the terms that its ranges look up, and columns of values.

Whoosh indexes a number as several terms, each of which stands for a range of numbers: a byte that gives how many low
bits are left out, and the other bits of the number in sortable form (shifted so that all are positive).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.columns import ColumnReader

from cablesearch.engine.search.view import View
from cablesearch.engine.whoosh_reader.documents import NOTHING, Documents, Having, spread
from cablesearch.protocols.fields import NO_NUMBER

__all__ = ["NumberColumn", "Numbers"]

Ints = NDArray[np.int64]
Sortable = NDArray[np.uint64]


class _Ordered(NamedTuple):
    """The values of a number field in sortable form, in ascending order, and the documents that have them."""

    values: Sortable
    docs: Ints


class Numbers:
    """The values of a view's number fields."""

    def __init__(self, view: View, documents: Documents) -> None:
        self._view = view
        self._documents = documents
        self._cached: dict[str, _Ordered] = {}

    def _ordered(self, field: str) -> _Ordered:
        if field not in self._cached:
            parts = []
            for number, segment in enumerate(self._view.segments):
                column = segment.numbers(field)
                having = np.flatnonzero(column != NO_NUMBER)
                # Spread the place of each value in the column: of a block's leads, the first counts.
                docs, places = spread(self._view, number, field, Having(having, having), np.minimum)
                parts.append(Having(docs, column[places]))
            docs, values = self._documents.gather(parts)
            kind: Any = self._view.schema[field]
            sortable = values.astype(np.uint64) + np.uint64(1 << (kind.bits - 1) if kind.signed else 0)
            order = np.argsort(sortable, kind="stable")
            self._cached[field] = _Ordered(sortable[order], docs[order])
        return self._cached[field]

    def terms(self, field: str) -> Iterator[bytes]:
        """Yield the terms that Whoosh would have indexed for the visible values of a field, in ascending order."""
        kind: Any = self._view.schema[field]
        values = self._ordered(field).values
        for shift in range(0, kind.bits, kind.shift_step) if kind.shift_step else [0]:
            for value in np.unique(values >> np.uint64(shift)).tolist():
                yield kind.sortable_to_bytes(value << shift, shift)

    def having(self, field: str, term: bytes) -> Having:
        """Return the documents of one of these terms, each once."""
        kind: Any = self._view.schema[field]
        bits: int = kind.bits
        if len(term) != 1 + bits // 8 or term[0] >= bits:
            return NOTHING
        first = int.from_bytes(term[1:], "big") << term[0]
        last = first + (1 << term[0]) - 1
        if last >= 1 << bits:
            return NOTHING
        values, docs = self._ordered(field)
        start = int(np.searchsorted(values, np.uint64(first)))
        end = int(np.searchsorted(values, np.uint64(last), "right"))
        return Having(np.sort(docs[start:end]), np.ones(end - start, np.int64))

    def column(self, field: str, *, translate: bool) -> NumberColumn:
        """Return a field's values as a column (see `NumberColumn`)."""
        values = np.zeros(len(self._documents), np.uint64)
        given = np.zeros(len(self._documents), bool)
        ordered = self._ordered(field)
        values[ordered.docs], given[ordered.docs] = ordered.values, True
        return NumberColumn(self._view.schema[field], values, given, translate=translate)


class NumberColumn(ColumnReader):
    """The values of a number field, one for each document.

    With ``translate`` the values are as the field returns them (None for a document without a value), otherwise in
    sortable form (the greatest number for a document without a value).
    """

    def __init__(self, field: Any, values: Sortable, given: NDArray[np.bool_], *, translate: bool) -> None:
        self._field = field
        self._values = values
        self._given = given
        self._translate = translate
        self._most = (1 << field.bits) - 1
        self._reversed = False

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, docnum: int) -> Any:
        if not self._given[docnum]:
            return None if self._translate else self._most
        value = int(self._values[docnum])
        return self._field.from_column_value(value) if self._translate else value

    def __iter__(self) -> Iterator[Any]:
        return map(self.__getitem__, range(len(self)))

    def sort_key(self, docnum: int) -> Any:
        value = int(self._values[docnum]) if self._given[docnum] else self._most
        return self._most - value if self._reversed else value

    def set_reverse(self) -> None:
        self._reversed = True
