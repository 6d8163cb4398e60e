"""Write the columns of a segment: dictionaries, lengths, keywords, numbers and blocks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, small
from cablesearch.engine.disk.arrays import ArraySink
from cablesearch.engine.segment.strings import pack_strings
from cablesearch.protocols.fields import NO_NUMBER, Text, is_shared, order_field

__all__ = [
    "alone",
    "dictionary",
    "has_spellings",
    "is_twin",
    "write_blocks",
    "write_keywords",
    "write_kinds",
    "write_lengths",
    "write_numbers",
    "write_shared",
]


def dictionary(name: str, terms: Sequence[bytes]) -> dict[str, NDArray[Any]]:
    """Return sorted terms as arrays; ``heads`` holds the first eight bytes of each term as a number, for fast search.

    >>> arrays = dictionary("text", [b"ab", b"b"])
    >>> bytes(arrays["text.terms"]), arrays["text.term_starts"].tolist(), hex(arrays["text.heads"][0])
    (b'abb', [0, 2, 3], '0x6162000000000000')
    """
    blob, starts = pack_strings(terms)
    heads = np.frombuffer(b"".join([term[:8].ljust(8, b"\0") for term in terms]), ">u8").astype(np.uint64)
    return {f"{name}.terms": blob, f"{name}.term_starts": starts, f"{name}.heads": heads}


def write_lengths(writer: ArraySink, name: str, lengths: NDArray[Any]) -> None:
    """Write the number of words of each document, exact and as the byte that the score uses."""
    writer.add(f"{name}.lengths", small(lengths))
    writer.add(f"{name}.norms", bm25.length_bytes(lengths))
    writer.add(f"{name}.totals", np.array([lengths.sum(dtype=np.int64), np.count_nonzero(lengths)], np.int64))


def alone(stems: NDArray[Any]) -> NDArray[np.bool_]:
    """Return which words are the only ones of their stem, and so share its postings.

    >>> alone(np.array([0, 1, 0])).tolist()  # Words 0 and 2 have stem 0, word 1 has stem 1.
    [False, True, False]
    """
    single: NDArray[np.bool_] = np.bincount(stems)[stems] == 1
    return single


def write_keywords(
    writer: ArraySink, name: str, terms: list[bytes], values: NDArray[Any], counts: NDArray[Any]
) -> None:
    """Write a keyword column: its dictionary, the values, where the values of each document begin (unless each document
    has one value), and the documents of each term."""
    for part, packed in dictionary(name, terms).items():
        writer.add(part, packed)
    writer.add(f"{name}.values", small(values))
    units = np.repeat(np.arange(len(counts)), counts)
    writer.add(f"{name}.units", small(units[np.argsort(values, kind="stable")]))
    writer.add(f"{name}.unit_first", small(np.append(0, np.cumsum(np.bincount(values, minlength=len(terms))))))
    if not np.all(counts == 1):
        writer.add(f"{name}.first", small(np.append(0, np.cumsum(counts, dtype=np.int64))))


def write_numbers(writer: ArraySink, name: str, values: NDArray[np.int64]) -> None:
    """Write a number column: each value minus the least, plus 1; 0 for a missing value."""
    given = values[values != NO_NUMBER]
    base = int(given.min()) if len(given) else 0
    # Unsigned, so that the widest difference fits.
    above = values.astype(np.uint64) - np.uint64(base % (1 << 64)) + np.uint64(1)
    writer.add(f"{name}.base", np.array([base], np.int64))
    writer.add(f"{name}.values", small(np.where(values == NO_NUMBER, np.uint64(0), above)))


def is_twin(schema: Schema, name: str) -> bool:
    """Whether the field is the unstemmed twin of another, and so is filled together with it."""
    return any(isinstance(field, Text) and field.unstemmed == name for _, field in schema.items())


def has_spellings(schema: Schema, name: str) -> bool:
    """Whether the field records the spellings of another, and so is built together with it."""
    of_texts = (field.spellings for _, field in schema.items() if isinstance(field, Text))
    return any(spellings is not None and spellings.field == name for spellings in of_texts)


def write_kinds(writer: ArraySink, schema: Schema) -> None:
    """Write the parts of the schema that a reader needs: shared fields, unstemmed twins and the field that sorts
    blocks."""
    twins = {field.unstemmed: name for name, field in schema.items() if isinstance(field, Text) and field.unstemmed}
    writer.add("twins", np.frombuffer(json.dumps(twins).encode(), np.uint8))
    for name, field in schema.items():
        if is_shared(field):
            write_shared(writer, name)
    if ordered := order_field(schema):
        writer.add(f"{ordered}.orders", np.empty(0, np.uint8))


def write_shared(writer: ArraySink, name: str) -> None:
    """Mark a field as stored once per block."""
    writer.add(f"{name}.shared", np.empty(0, np.uint8))


def write_blocks(
    writer: ArraySink,
    keys: Sequence[bytes],
    digests: NDArray[np.uint8],
    sizes: Ints,
    leads: NDArray[np.uint8],
) -> None:
    """Write the blocks of a segment: keys, their sorted order, digests, first documents (given how many each block has)
    and numbers of leads."""
    blob, starts = pack_strings(keys)
    order = sorted(range(len(keys)), key=keys.__getitem__)
    writer.add("block.keys", blob)
    writer.add("block.key_starts", starts)
    writer.add("block.by_key", small(np.array(order, np.int64)))
    writer.add("block.digests", digests)
    writer.add("block.first", np.append(0, np.cumsum(sizes)).astype(np.uint32))
    writer.add("block.leads", leads)
