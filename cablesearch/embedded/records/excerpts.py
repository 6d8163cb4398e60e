"""Parts of a stored cable, read in less time than the whole (see `cablesearch.schema.stored`).

They are parts of the cable as it was indexed: who may see them is for the caller to decide.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from cablesearch.cable import Cable, collapsed
from cablesearch.embedded.records.blocks import unpack_block
from cablesearch.engine.check.blame import blaming
from cablesearch.engine.segment.segment import Segment
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import from_json, loads
from cablesearch.schema.stored import HEAD, LONGEST_LINE

__all__ = ["cable_of_block", "head_of_block", "subject_of_block", "texts_of_block"]


@contextmanager
def _reading(segment: Segment, block: int) -> Iterator[None]:
    """Turn errors in reading the record of a block into that of a damaged index."""
    try:
        with blaming([segment]):
            yield
    except (ValueError, UnreadableCable, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CorruptIndexError(segment.path, f"the record of block {block} is invalid ({error})") from error


def _entry(record: bytes) -> tuple[dict[str, Any], int]:
    """Return the JSON at the beginning of a record, and where what follows it begins."""
    end = record.find(b"\n", 0, LONGEST_LINE)
    if end < 0:
        raise UnreadableCable("not the record of a cable (its first line is too long or has no end)")
    entry = loads(str(memoryview(record)[:end], "utf-8", "surrogatepass"))
    if not isinstance(entry, dict):
        raise UnreadableCable("not the record of a cable (it is no object)")
    return entry, end + 1


def _head(entry: dict[str, Any], paragraphs: Iterable[dict[str, Any]] = ()) -> dict[str, Any]:
    """Return the JSON of a cable with no more than `HEAD` and some paragraphs."""
    return {name: entry[name] for name in HEAD if name in entry} | {"paragraphs": list(paragraphs)}


def head_of_block(segment: Segment, block: int) -> Cable:
    """Return a cable of a block with no more than `HEAD`, several times faster than the whole.

    Raises:
        CorruptIndexError: the record is damaged.
    """
    with _reading(segment, block):
        entry, _ = _entry(segment.stored(int(segment.first[block])))
        # Without a level, the classification depends on the body.
        if {"level", "reference_id"} <= entry.keys():
            return from_json(_head(entry))
    return unpack_block(segment, block)


def subject_of_block(segment: Segment, block: int) -> str | None:
    """Return the subject of the cable of a block.

    Raises:
        CorruptIndexError: the record is damaged.
    """
    with _reading(segment, block):
        subject = _entry(segment.stored(int(segment.first[block])))[0]["subject"]
        if not isinstance(subject, str | None):
            raise UnreadableCable("the subject is not a text")
    return subject


def cable_of_block(segment: Segment, block: int, positions: Collection[int]) -> Cable:
    """Return the cable of a block with no more than `HEAD`, and those of its paragraphs that have these positions.

    For a cable of ten paragraphs it takes half the time of `unpack_block`.

    Raises:
        CorruptIndexError: the record is damaged.
    """
    with _reading(segment, block):
        record = segment.record(block)
        entry, after = _entry(record)
        # Older archives do not say everything that depends on the body.
        if {"level", "reference_id", "subject_marking"} <= entry.keys():
            body = str(memoryview(record)[after:], "utf-8", "surrogatepass")[entry["tail"] :]
            return from_json(_head(entry, _chosen(entry["paragraphs"], body, positions)))
    return unpack_block(segment, block)


def texts_of_block(segment: Segment, block: int, positions: Collection[int]) -> dict[int, str]:
    """Return the texts of those paragraphs of a block that have one of these positions, by position.

    It takes a third of the time of `unpack_block`, because no cable is made.

    Raises:
        CorruptIndexError: the record is damaged.
    """
    with _reading(segment, block):
        record = segment.record(block)
        entry, after = _entry(record)
        body = str(memoryview(record)[after:], "utf-8", "surrogatepass")[entry["tail"] :]
        texts = dict(_texts(entry["paragraphs"], body, positions))
        if len(texts) < len(positions):
            raise UnreadableCable("not the cable that was indexed (a paragraph is missing)")
    return texts


def _texts(paragraphs: list[dict[str, Any]], body: str, positions: Collection[int]) -> Iterator[tuple[int, str]]:
    """Yield the positions of some paragraphs and their texts, cut from the body where only the place is known."""
    for values in _chosen(paragraphs, body, positions):
        text = values["text"]
        if not isinstance(text, str):
            raise UnreadableCable("not the record of a cable (a paragraph has no text)")
        yield values["position"], text


def _chosen(paragraphs: list[dict[str, Any]], body: str, positions: Collection[int]) -> Iterator[dict[str, Any]]:
    """Yield what the record says of some paragraphs: with positions and texts, without their places in the body."""
    position = 0
    for values in paragraphs:
        position = values.get("position", position + 1)
        if position in positions:
            text = values["text"]
            if isinstance(text, int):
                text = collapsed(body[values["start"] : values["end"]])[text:]
            yield {**values, "position": position, "text": text, "start": 0, "end": 0}
