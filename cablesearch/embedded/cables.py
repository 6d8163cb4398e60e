"""The visible cables of a view: by id, in order, and in part."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import numpy as np
from whoosh import query as q

from cablesearch.algorithms.kernels import Ints
from cablesearch.cable import Clearance
from cablesearch.embedded.records.blocks import check_records
from cablesearch.embedded.records.excerpts import head_of_block
from cablesearch.engine.index.snapshot import Snapshot
from cablesearch.engine.search import collect, topk
from cablesearch.engine.search.view import View
from cablesearch.errors import CorruptIndexError
from cablesearch.protocols.answers import CableHead, Size
from cablesearch.protocols.fields import NO_NUMBER
from cablesearch.schema.field_types import from_minutes, id_forms
from cablesearch.text.folding import without_unseen

__all__ = ["find", "head_of", "in_order", "key_at", "moment", "place_of", "record_faults", "size"]


def key_at(view: View, number: int, block: int) -> str:
    """Return the key of a block of a segment."""
    return view.segments[number].keys.text(block)


def place_of(view: View, key: str) -> tuple[int, int]:
    """Return (segment, block) of the visible block that has a key.

    Raises:
        KeyError: there is none.
    """
    place = _visible_place(view, key)
    if place is None:
        raise KeyError(key)
    return place


def _visible_place(view: View, key: str) -> tuple[int, int] | None:
    place = view.snapshot.find(key)
    return place if place and view.blocks[place[0]][place[1]] else None


def find(view: View, name: str) -> str | None:
    """Return the key of the visible block with an id, as written or canonical; None if it is unknown."""
    if _visible_place(view, name.strip()):
        return name.strip()
    for form in id_forms(without_unseen(name)):
        units = topk.search(view, q.Term("id", form), limit=1, by_block=True).units
        if len(units):
            return key_at(view, *view.block_at(int(units[0])))
    return None


def in_order(view: View, selection: collect.Selection | None = None) -> Iterator[tuple[int, int]]:
    """Yield (segment, block) of all visible blocks, or of those that have a selected unit, by date (undated ones last)
    and key."""
    units = _every_block(view) if selection is None else _blocks_of(view, selection)
    for place in collect.in_order(view, units, by_block=True):
        yield view.block_at(int(units[place]))


def _every_block(view: View) -> Ints:
    """Return the numbers of the visible blocks over all segments, increasing."""
    parts = [np.flatnonzero(blocks) + base for blocks, base in zip(view.blocks, view.block_bases, strict=False)]
    return np.concatenate([np.empty(0, np.int64), *parts])


def _blocks_of(view: View, selection: collect.Selection) -> Ints:
    """Return the numbers of the blocks that have a selected unit, increasing."""
    parts = [
        np.flatnonzero(selection.per_block(number)) + view.block_bases[number] for number in range(len(view.segments))
    ]
    return np.concatenate([np.empty(0, np.int64), *parts])


def head_of(view: View, number: int, block: int, clearance: Clearance | None) -> CableHead:
    """Return what is visible of the cable of a block without its whole."""
    cable = head_of_block(view.segments[number], block)
    is_told = clearance is None or clearance.sees(cable.subject_classification)
    return CableHead(cable.id, cable.date, cable.origin, cable.subject if is_told else None, cable.classification)


def size(view: View, *, sees_all: bool) -> Size:
    """Return the size of the visible part of an archive.

    Args:
        view: the visible part.
        sees_all: whether the reader's clearance is full.
    """
    dates = collect.number_column(view, _every_block(view), "date", by_block=True)
    dates = dates[dates != NO_NUMBER]
    return Size(
        cables=view.block_count,
        paragraphs=view.member_count,
        words=view.word_count("text"),
        first=int(dates.min()) if len(dates) else None,
        last=int(dates.max()) if len(dates) else None,
        stored=view.snapshot.size if sees_all else None,
        unfilled=tuple(view.snapshot.unfilled(view.schema)) if sees_all else None,
    )


def moment(view: View, minutes: int) -> dt.datetime:
    """Return a date of the index, in minutes from 1970, as a datetime.

    Raises:
        CorruptIndexError: it is outside of the calendar.
    """
    try:
        return from_minutes(minutes)
    except OverflowError as error:
        path = next(segment.path for segment in view.segments if minutes in segment.column("date"))
        raise CorruptIndexError(path, f"a date is {minutes} minutes from 1970") from error


def record_faults(snapshot: Snapshot) -> list[str]:
    """Return a sentence for each stored cable that cannot be read, or is not the cable that its block names."""
    faults: list[str] = []
    for segment, deleted in zip(snapshot.segments, snapshot.deleted, strict=True):
        faults += check_records(segment, np.flatnonzero(~deleted).tolist())
    return faults
