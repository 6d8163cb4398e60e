"""Empty columns: those of a segment whose documents have no values in a field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cablesearch.engine.segment.columns import dictionary, write_keywords, write_lengths, write_numbers, write_shared
from cablesearch.engine.segment.postings_writer import PostingsWriter
from cablesearch.protocols.fields import NO_NUMBER, FieldRecord

__all__ = ["empty_columns"]


def empty_columns(fields: Mapping[str, FieldRecord], docs: int, blocks: int) -> dict[str, NDArray[Any]]:
    """Return the arrays of empty columns by name.

    Args:
        fields: the record of each field.
        docs, blocks: the number of documents and blocks of the segment.
    """
    memory = _Memory()
    for name, record in fields.items():
        _write_empty(memory, name, record, docs, blocks)
    return memory.arrays


class _Memory:
    """An `ArraySink` that keeps the arrays in memory."""

    def __init__(self) -> None:
        self.arrays: dict[str, NDArray[Any]] = {}

    def add(self, name: str, array: NDArray[Any]) -> None:
        self.arrays[name] = array

    def allocate(self, name: str, dtype: str, count: int | None) -> None:
        self.arrays[name] = np.empty(count or 0, dtype)

    def append(self, name: str, values: NDArray[Any]) -> None:
        assert not len(values), name


def _write_empty(memory: _Memory, name: str, record: FieldRecord, docs: int, blocks: int) -> None:
    """Write a column without values."""
    units = blocks if record.shared else docs
    if record.shared:
        write_shared(memory, name)
    if record.kind == "number":
        write_numbers(memory, name, np.full(units, NO_NUMBER))
    elif record.kind == "keyword":
        write_keywords(memory, name, [], np.empty(0, np.int64), np.zeros(units, np.int64))
    else:
        for part, values in dictionary(name, []).items():
            memory.add(part, values)
        nothing = np.empty(0, np.int64)
        PostingsWriter(memory, name, nothing, 0, np.zeros(docs, np.uint8), 0).close()
        if record.twin_of is None:
            write_lengths(memory, name, np.zeros(docs, np.int64))
        else:
            memory.add(f"{name}.stems", np.empty(0, np.uint8))
