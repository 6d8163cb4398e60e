"""Merge segments into one, without their deleted blocks, in bounded memory.

Dictionaries are merged in order, so the postings of a stretch of merged terms are stretches of the sources. They are
read, renumbered, combined and written some millions of positions at a time.

Where all blocks of one source come before those of the next, as when an index grows by date, the numbers of documents
only shift, and the postings of each term are concatenated. Otherwise blocks are sorted (see
`cablesearch.engine.segment.order`), and so are the postings of each stretch.

Records are copied in their packed frames. Where blocks are sorted or left out, this is possible only if every block has
frames of its own, with checksums, and all segments together have few dictionaries.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from whoosh.fields import Schema

from cablesearch.algorithms import bm25
from cablesearch.algorithms.kernels import Ints, differences, ranges, small, stretches
from cablesearch.engine.disk.arrays import ArrayWriter
from cablesearch.engine.disk.files import Place
from cablesearch.engine.segment.builder import MOST_DOCUMENTS
from cablesearch.engine.segment.columns import (
    alone,
    dictionary,
    is_twin,
    write_blocks,
    write_keywords,
    write_kinds,
    write_lengths,
    write_numbers,
)
from cablesearch.engine.segment.fitting import fitted, unfilled
from cablesearch.engine.segment.order import arrange, block_order
from cablesearch.engine.segment.postings import Occurrences, PostingsReader
from cablesearch.engine.segment.postings_writer import PostingsWriter
from cablesearch.engine.segment.segment import Segment
from cablesearch.engine.segment.store import (
    Dictionaries,
    Frames,
    PackedBlocks,
    StoreReader,
    StoreWriter,
    write_spare,
    write_store,
    write_stores,
)
from cablesearch.engine.segment.strings import DIGEST_BYTES
from cablesearch.errors import CablesearchError
from cablesearch.protocols.fields import NO_NUMBER, Text, is_shared, kind_of, order_field

__all__ = ["merge"]

Bools = NDArray[np.bool_]

_BYTES_OF_A_POSITION = 128
"""The memory that a position takes while it is merged, with its share of the posting."""
_BYTES_OF_SORTING = 64
"""The additional memory of a position when postings are sorted."""
_FRAMES_KEPT = 4
_MOST_DICTIONARIES = 100
"""The most dictionaries of a merged segment. Batches that are built at the same time learn one each."""


class _Part:
    """A segment to be merged, and its kept documents and blocks.

    Attributes:
        unfilled: the fields in which some documents have no values for want of the field.
        whole: whether no block is deleted.
        blocks: the kept blocks.
        kept: which documents are kept, as a mask.
        renumbered: the number of each kept document in the merged segment.
    """

    def __init__(self, segment: Segment, deleted: Bools, unfilled: Collection[str]) -> None:
        self.segment = segment
        self.unfilled = unfilled
        self.whole = not deleted.any()
        self.blocks = np.flatnonzero(~deleted)
        self.kept: Bools = ~deleted[segment.block_of]
        self.renumbered = np.zeros(segment.docs, np.int64)

    def keep(self, occurrences: Occurrences, terms: Ints) -> tuple[Occurrences, Ints]:
        """Renumber the documents of postings, and drop those of deleted documents from the postings and their terms."""
        docs = self.renumbered[occurrences.docs]
        if self.whole:
            return occurrences._replace(docs=docs), terms
        stays = self.kept[occurrences.docs]
        positions = occurrences.positions[np.repeat(stays, occurrences.counts)]
        return Occurrences(docs[stays], occurrences.counts[stays], positions), terms[stays]

    def used(self, reader: PostingsReader, at_once: int) -> Bools:
        """Return which terms keep any of their own postings."""
        sizes = differences(reader.first)
        if self.whole:
            return sizes > 0
        left = np.zeros(len(sizes), bool)
        for start, end in stretches(sizes, at_once):
            terms = np.repeat(np.arange(start, end), sizes[start:end])
            left[terms[self.kept[reader.between(start, end).docs]]] = True
        return left


class _Source(NamedTuple):
    """Postings that go into a merged field: ``terms[i]`` is the merged number of the reader's term ``which[i]``; both
    increase."""

    part: _Part
    reader: PostingsReader
    which: Ints
    terms: Ints


Together = Callable[[list[tuple[Occurrences, Ints]], int, int], Occurrences]
"""Combines the postings of several sources (each with its merged term) for a stretch of merged terms."""


def merge(
    schema: Schema,
    sources: Sequence[tuple[Segment, Bools]],
    place: Place,
    memory: int,
    on_write: Callable[[int], object] | None = None,
) -> int:
    """Write the live blocks of several segments to one sorted segment, and return its size in bytes.

    Args:
        schema: the fields.
        sources: segments, each with a mask (bool [blocks]) of its deleted blocks.
        place: the file of the new segment.
        memory: the approximate number of bytes for postings that are being merged.
        on_write: called with the number of bytes of each piece that is written.

    Raises:
        CablesearchError: there are more documents than a segment holds.
        OSError: the segment cannot be written.
    """
    parts = [_Part(fitted(segment, schema), deleted, unfilled(segment, schema)) for segment, deleted in sources]
    docs = sum(int(np.count_nonzero(part.kept)) for part in parts)
    if docs > MOST_DOCUMENTS:
        raise CablesearchError(f"{place}: {docs:,} documents exceed the limit of a segment")
    order = _order(schema, parts)
    at_once = max(1, memory // (_BYTES_OF_A_POSITION + (0 if order.docs is None else _BYTES_OF_SORTING)))
    with ArrayWriter(place, on_write) as writer:
        dictionaries = _merge_blocks(writer, parts, order)
        write_kinds(writer, schema)
        for name, field in schema.items():
            kind = kind_of(field)
            units = order.blocks if is_shared(field) else order.docs
            if kind == "number":
                columns = [part.segment.column(name)[_units(part, field)] for part in parts]
                write_numbers(writer, name, _ordered(np.concatenate(columns), units))
            elif kind == "keyword":
                _merge_keyword(writer, name, field, parts, units)
            elif not is_twin(schema, name):
                _merge_text(writer, name, field, parts, order.docs, at_once)
            for part in parts:
                part.segment.arrays.forget()
        write_spare(writer, dictionaries)
        return writer.close()


class _Order(NamedTuple):
    """The order of the merged segment.

    ``blocks`` and ``docs`` sort the kept blocks and documents of all parts, numbered end to end; None when they are
    sorted already. ``keys`` are the keys of the blocks in their order.
    """

    blocks: Ints | None
    docs: Ints | None
    keys: list[bytes]


def _order(schema: Schema, parts: list[_Part]) -> _Order:
    """Determine the order of blocks and documents, and renumber the documents of the parts."""
    by = order_field(schema)
    keys = [part.segment.keys[block] for part in parts for block in part.blocks.tolist()]
    if by is None:
        numbers = np.full(len(keys), NO_NUMBER)
    else:
        numbers = np.concatenate([part.segment.column(by)[part.blocks] for part in parts])
    blocks = block_order(numbers, keys)
    sizes = np.concatenate([differences(part.segment.first)[part.blocks] for part in parts])
    first = np.cumsum(sizes) - sizes
    docs = None if blocks is None else ranges(first[blocks], sizes[blocks])
    new = np.arange(int(sizes.sum()))
    if docs is not None:
        new[docs] = new.copy()
    start = 0
    for part in parts:
        count = int(np.count_nonzero(part.kept))
        part.renumbered[part.kept] = new[start : start + count]
        start += count
    return _Order(blocks, docs, keys if blocks is None else [keys[block] for block in blocks.tolist()])


def _ordered(values: NDArray[Any], order: Ints | None) -> NDArray[Any]:
    return values if order is None else values[order]


def _units(part: _Part, field: Any) -> Ints:
    """Return the kept documents, or the kept blocks for a shared field."""
    return part.blocks if is_shared(field) else np.flatnonzero(part.kept)


def _merge_blocks(writer: ArrayWriter, parts: list[_Part], order: _Order) -> Dictionaries:
    """Write the blocks and their records; return the dictionaries for `write_spare`."""
    digests, sizes, leads = [], [], []
    for part in parts:
        segment = part.segment
        digests.append(segment.arrays["block.digests"].reshape(-1, DIGEST_BYTES)[part.blocks])
        sizes.append(differences(segment.first)[part.blocks])
        leads.append(segment.arrays["block.leads"][part.blocks])
    own_digests, own_sizes, own_leads = (
        _ordered(np.concatenate(each), order.blocks) for each in (digests, sizes, leads)
    )
    write_blocks(writer, order.keys, own_digests.ravel(), own_sizes, own_leads)
    segments = [part.segment for part in parts]
    if (
        order.blocks is None
        and all(part.whole for part in parts)
        and not any("store.by" in segment.arrays for segment in segments)
    ):
        return write_stores(writer, [_store(segment) for segment in segments])
    known: dict[bytes, int] = {}
    sources = [_by_block(part, known) for part in parts]
    if all(isinstance(source, PackedBlocks) for source in sources):
        store = StoreWriter(others=known)
    else:
        dictionaries = [*known, *(segment.store.dictionary for segment in segments)]
        store = StoreWriter(next(filter(None, dictionaries), b""), known)
        store.learn([])
    return write_store(writer, store, _stored(parts, order.blocks, sources))


def _by_block(part: _Part, known: dict[bytes, int]) -> _Records | PackedBlocks:
    """Return the records of the kept blocks of a part: as packed frames, unless they need too many dictionaries.

    Number the dictionaries of the frames in ``known``.
    """
    packed = PackedBlocks(part.segment.arrays, part.segment.first)
    dictionaries = packed.dictionaries(part.blocks)
    if not packed.is_apart or len({*known, *dictionaries}) > _MOST_DICTIONARIES:
        return _Records(part.segment)
    for content in dictionaries:
        known.setdefault(content, len(known))
    packed.rename(known)
    return packed


class _Records:
    """The unpacked records of a segment by block."""

    def __init__(self, segment: Segment) -> None:
        self._first = segment.first
        # Frames are read in order, and there may be hundreds of segments.
        self._reader = StoreReader(segment.arrays, _FRAMES_KEPT)

    def block(self, number: int) -> list[bytes]:
        """Return the records of a block."""
        first, last = self._first[number : number + 2].tolist()
        return [self._reader.between(doc, doc + 1) for doc in range(first, last)]


def _stored(
    parts: list[_Part], order: Ints | None, sources: Sequence[_Records | PackedBlocks]
) -> Iterator[list[bytes] | Frames]:
    """Yield the records of all kept blocks in their new order."""
    owners = _ordered(np.repeat(np.arange(len(parts)), [len(part.blocks) for part in parts]), order).tolist()
    blocks = _ordered(np.concatenate([part.blocks for part in parts]), order).tolist()
    for owner, block in zip(owners, blocks, strict=True):
        yield sources[owner].block(block)


def _store(segment: Segment) -> Mapping[str, NDArray[Any]]:
    """Return the packed store of a segment."""
    names = ("data", "frames", "sizes", "ends", "dictionaries", "dictionary_starts", "from")
    return {f"store.{name}": segment.arrays[f"store.{name}"] for name in names}


def _merge_terms(name: str, parts: list[_Part], used: list[Ints]) -> tuple[list[Ints], list[bytes]]:
    """Merge dictionaries; return the merged number of each used term of each part, and the merged terms."""
    spellings = []
    for part, terms in zip(parts, used, strict=True):
        strings = part.segment.terms(name)
        every = strings.between(0, len(strings))
        spellings.append(every if len(terms) == len(every) else [every[term] for term in terms.tolist()])
    merged = sorted(set().union(*spellings))
    rank = {term: number for number, term in enumerate(merged)}
    maps = []
    for part, terms, own in zip(parts, used, spellings, strict=True):
        of_term = np.zeros(len(part.segment.terms(name)), np.int64)
        of_term[terms] = np.fromiter(map(rank.__getitem__, own), np.int64, len(own))
        maps.append(of_term)
    return maps, merged


def _merge_text(
    writer: ArrayWriter, name: str, field: Any, parts: list[_Part], order: Ints | None, at_once: int
) -> None:
    """Merge a text field and its unstemmed twin, ``at_once`` positions at a time."""
    lengths = _ordered(np.concatenate([part.segment.lengths(name)[part.kept] for part in parts]), order)
    norms = bm25.length_bytes(lengths)
    longest = max((_longest(part, name) for part in parts), default=0)
    readers = [part.segment.postings_of(name) for part in parts]
    left = [part.used(reader, at_once) for part, reader in zip(parts, readers, strict=True)]
    used = [np.flatnonzero(mask) for mask in left]
    maps, terms = _merge_terms(name, parts, used)
    own = [
        _Source(part, reader, which, of_term[which])
        for part, reader, which, of_term in zip(parts, readers, used, maps, strict=True)
    ]
    together = _side_by_side if order is None else _sorted
    _write(writer, name, terms, own, norms, longest, at_once, together)
    write_lengths(writer, name, lengths)
    assert isinstance(field, Text)
    if field.unstemmed:
        _merge_twin(writer, field.unstemmed, own, left, maps, norms, longest, at_once, together)


def _longest(part: _Part, name: str) -> int:
    """Return a number above all positions of a field."""
    positions = part.segment.arrays[f"{name}.positions"]
    return 1 + np.iinfo(positions.dtype).max if len(positions) else 0


def _merge_twin(
    writer: ArrayWriter,
    name: str,
    stemmed: list[_Source],
    left: list[Bools],
    maps: list[Ints],
    norms: NDArray[np.uint8],
    longest: int,
    at_once: int,
    together: Together,
) -> None:
    """Merge an unstemmed twin. Words that are now the only ones of their stem lose their own postings."""
    parts = [source.part for source in stemmed]
    readers = [part.segment.postings_of(name) for part in parts]
    stems = [part.segment.arrays[f"{name}.stems"].astype(np.int64) for part in parts]
    borrows = [differences(reader.first) == 0 for reader in readers]
    used = [
        np.flatnonzero(np.where(borrowed, mask[stem], part.used(reader, at_once)))
        for part, reader, borrowed, mask, stem in zip(parts, readers, borrows, left, stems, strict=True)
    ]
    words, terms = _merge_terms(name, parts, used)
    stem_of = np.zeros(len(terms), np.int64)
    for which, of_word, stem, of_stem in zip(used, words, stems, maps, strict=True):
        stem_of[of_word[which]] = of_stem[stem[which]]
    # A word may stand for its stem only if the words of all parts are known.
    complete = not any(name in part.unfilled for part in parts)
    single = alone(stem_of) & complete
    sources = []
    for number, which in enumerate(used):
        wanted = which[~single[words[number][which]]]
        borrowed = borrows[number][wanted]
        for reader, words_of_reader, terms_of_reader in (
            (readers[number], wanted[~borrowed], wanted[~borrowed]),
            (stemmed[number].reader, wanted[borrowed], stems[number][wanted[borrowed]]),
        ):
            sources.append(_Source(parts[number], reader, terms_of_reader, words[number][words_of_reader]))
    _write(writer, name, terms, sources, norms, longest, at_once, together)
    writer.add(f"{name}.stems", small(stem_of))


def _read(source: _Source, start: int, end: int) -> tuple[Occurrences, Ints]:
    """Return the kept postings of a source for the merged terms from ``start`` to ``end``, and the merged term of
    each posting."""
    first, last = np.searchsorted(source.terms, [start, end]).tolist()
    which, terms = source.which[first:last], source.terms[first:last]
    reader = source.reader
    sizes = reader.first[which + 1].astype(np.int64) - reader.first[which].astype(np.int64)
    per_posting = np.repeat(terms, sizes)
    return source.part.keep(reader.some(which), per_posting)


def _write(
    writer: ArrayWriter,
    name: str,
    terms: list[bytes],
    sources: list[_Source],
    norms: NDArray[np.uint8],
    longest: int,
    at_once: int,
    together: Together,
) -> None:
    """Write the merged terms and postings of a field."""
    for part, values in dictionary(name, terms).items():
        writer.add(part, values)
    bound = np.zeros(len(terms), np.int64)
    sizes = np.zeros(len(terms), np.int64)
    occurrences = 0
    for source in sources:
        bound[source.terms] += source.reader.position_sizes(source.which)
    groups = list(stretches(bound, at_once))
    for source in sources:
        if source.part.whole:
            first = source.reader.first.astype(np.int64)
            sizes[source.terms] += first[source.which + 1] - first[source.which]
            occurrences += int(source.reader.position_sizes(source.which).sum())
        else:
            for start, end in groups:
                kept, of_posting = _read(source, start, end)
                sizes[start:end] += np.bincount(of_posting - start, minlength=end - start)
                occurrences += len(kept.positions)
    postings = PostingsWriter(writer, name, sizes, occurrences, norms, longest)
    for start, end in groups:
        postings.append(start, end, together([_read(source, start, end) for source in sources], start, end))
    postings.close()


def _side_by_side(pieces: list[tuple[Occurrences, Ints]], start: int, end: int) -> Occurrences:
    """Concatenate the postings of several sources, term by term, and within a term source by source.

    >>> left = Occurrences(np.array([0, 1]), np.array([1, 1]), np.array([7, 8])), np.array([0, 1])  # Terms 0 and 1.
    >>> right = Occurrences(np.array([5]), np.array([2]), np.array([3, 4])), np.array([0])
    >>> merged = _side_by_side([left, right], 0, 2)
    >>> merged.docs.tolist(), merged.counts.tolist(), merged.positions.tolist()
    ([0, 5, 1], [1, 2, 1], [7, 3, 4, 8])
    """
    sizes = np.array([np.bincount(terms - start, minlength=end - start) for _, terms in pieces])
    widths = np.array(
        [np.bincount(terms - start, piece.counts, end - start).astype(np.int64) for piece, terms in pieces]
    )
    docs, counts = np.empty(sizes.sum(), np.int64), np.empty(sizes.sum(), np.int64)
    positions = np.empty(widths.sum(), np.uint32)
    at, places = _starts(sizes), _starts(widths)
    for number, (piece, _) in enumerate(pieces):
        where = ranges(at[number], sizes[number])
        docs[where], counts[where] = piece.docs, piece.counts
        positions[ranges(places[number], widths[number])] = piece.positions
    return Occurrences(docs, counts, positions)


def _sorted(pieces: list[tuple[Occurrences, Ints]], start: int, end: int) -> Occurrences:
    """Combine the postings of several sources, term by term, and within a term by document; this empties ``pieces``.

    >>> left = Occurrences(np.array([0, 9]), np.array([1, 1]), np.array([7, 8])), np.array([0, 0])
    >>> right = Occurrences(np.array([5]), np.array([2]), np.array([3, 4])), np.array([0])
    >>> merged = _sorted([left, right], 0, 1)
    >>> merged.docs.tolist(), merged.counts.tolist(), merged.positions.tolist()
    ([0, 5, 9], [1, 2, 1], [7, 3, 4, 8])
    """
    del end
    docs = np.concatenate([piece.docs for piece, _ in pieces])
    counts = np.concatenate([piece.counts for piece, _ in pieces])
    positions = np.concatenate([piece.positions for piece, _ in pieces])
    places = np.concatenate([terms for _, terms in pieces]) - start
    pieces.clear()
    places <<= 32
    places |= docs
    # The keys are sorted runs, one per source, which a stable sort merges quickly.
    order = np.argsort(places, kind="stable")
    positions, counts = arrange(positions, counts, order)
    return Occurrences(docs[order], counts, positions)


def _starts(sizes: Ints) -> Ints:
    """Return where the postings of each source and term begin, given their numbers (both [sources, terms]), when they
    stand term by term, and within a term source by source.

    >>> _starts(np.array([[1, 1], [2, 0]])).tolist()
    [[0, 3], [1, 4]]
    """
    flat = sizes.T.ravel()
    starts: Ints = (np.cumsum(flat) - flat).reshape(sizes.T.shape).T
    return starts


def _merge_keyword(writer: ArrayWriter, name: str, field: Any, parts: list[_Part], order: Ints | None) -> None:
    """Merge a keyword field."""
    counts, values, used = [], [], []
    for part in parts:
        first, column = part.segment.keywords(name)
        units = _units(part, field)
        sizes = first[units + 1] - first[units]
        values.append(column[ranges(first[units], sizes)])
        counts.append(sizes)
        used.append(np.unique(values[-1]).astype(np.int64))
    maps, terms = _merge_terms(name, parts, used)
    renamed = np.concatenate([of_term[column] for of_term, column in zip(maps, values, strict=True)])
    write_keywords(writer, name, terms, *arrange(renamed, np.concatenate(counts), order))
