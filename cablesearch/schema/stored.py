"""How a cable lies in an index, so that nothing of it is stored twice.

The record of a cable is its JSON on one line, without its body and without those texts of paragraphs that follow from
the body; then what of the body stands behind the last paragraph; then the body up to there. Each paragraph's document
has the part of the body that ends with it, the first document all the rest.

A record has the limits of what is read (`cablesearch.readers.limits`): they are checked before it is written, and
before it becomes more than bytes when it is read. Places of paragraphs rise, so no part of the body is read twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from cablesearch.cable import Cable, collapsed
from cablesearch.engine.check.blame import blaming
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import from_json, loads, to_json
from cablesearch.readers.limits import check_json, check_places, check_size

if TYPE_CHECKING:
    from cablesearch.engine.segment.segment import Segment

__all__ = ["check_records", "extent", "pack", "unpack", "unpack_block"]

_LONGEST_LINE = 1 << 28
"""Bytes of the line of JSON; it may be longer than what was read, as control characters become escapes."""


def pack(cable: Cable, leads: int) -> list[bytes]:
    """A cable's record in as many parts as its block has documents, of which ``leads`` stand for the cable.

    Raises:
        UnreadableCable: the cable is one that `unpack` would refuse as too large.
    """
    check_size(cable)
    check_places(cable.paragraphs, cable.body)
    entry = to_json(cable)
    del entry["body"]
    pieces, done = [], 0
    for paragraph, values in zip(cable.paragraphs, entry["paragraphs"], strict=True):
        end = max(done, paragraph.end)
        pieces.append(_encoded(cable.body[done:end]))
        done = end
        whole = collapsed(cable.body[paragraph.start : paragraph.end])
        if paragraph.text and whole.endswith(paragraph.text):
            values["text"] = len(whole) - len(paragraph.text)
    tail = _encoded(cable.body[done:])
    entry["tail"] = len(cable.body) - done
    entry["rest"] = len(tail) + sum(map(len, pieces))
    text = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    check_json(text)
    line = _encoded(text)
    if len(line) >= _LONGEST_LINE:
        raise UnreadableCable(f"what would be stored of it beside its body has more than {_LONGEST_LINE >> 20} MB")
    return [line + b"\n" + tail, *[b""] * (leads - 1), *pieces]


def unpack(record: bytes) -> Cable:
    """The cable of a record: the parts of `pack`, end to end.

    Raises:
        UnreadableCable, ValueError: it is none.
    """
    end = record.find(b"\n", 0, _LONGEST_LINE)
    if end < 0:
        raise UnreadableCable("not the record of a cable (it has no end of a line, or a late one)")
    behind = memoryview(record)[end + 1 :]
    rest = str(behind, "utf-8", "surrogatepass")
    try:
        entry = loads(str(memoryview(record)[:end], "utf-8", "surrogatepass"))
        # Records of older archives do not say how long they are.
        if entry.pop("rest", len(behind)) != len(behind):
            raise UnreadableCable("not the record of a cable (it is cut off, or too long)")
        tail = entry.pop("tail")
        body = rest[tail:] + rest[:tail]
        done = 0
        for values in entry["paragraphs"]:
            if isinstance(values["text"], int):
                start, end = values["start"], values["end"]
                if not done <= start <= end <= len(body):
                    raise UnreadableCable("not the record of a cable (its paragraphs lie over one another)")
                values["text"] = collapsed(body[start:end])[values["text"] :]
                done = end
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableCable(f"not the record of a cable ({error})") from None
    return from_json(entry | {"body": body})


def unpack_block(segment: Segment, block: int) -> Cable:
    """Return the cable of a block.

    Raises:
        CorruptIndexError: what is stored is not a cable.
    """
    try:
        with blaming([segment]):
            record = segment.record(block)
        return unpack(record)
    except (ValueError, UnreadableCable) as error:
        raise CorruptIndexError(segment.path, f"the record of block {block} is no cable ({error})") from error


def check_records(segment: Segment, blocks: Iterable[int]) -> Iterator[str]:
    """Yield which blocks of a segment have records that cannot be read, or are not the cables that the blocks name; a
    sentence each."""
    for block in blocks:
        try:
            found = unpack_block(segment, block).id
        except CorruptIndexError as error:
            yield str(error)
            continue
        key = segment.keys.text(block)
        if found != key:
            yield f"{segment.path}: the record of block {block} is not the cable {key!r}"


def extent(stream: bytes) -> int | None:
    """How many bytes the record takes that a stream of them begins with; 0 when it begins with none that says, None
    when more of it is needed."""
    end = stream.find(b"\n", 0, _LONGEST_LINE)
    if end < 0:
        return None if stream.startswith(b"{") and len(stream) < _LONGEST_LINE else 0
    try:
        rest = loads(str(memoryview(stream)[:end], "utf-8", "surrogatepass"))["rest"]
    except (ValueError, KeyError, TypeError):
        return 0
    return end + 1 + rest if isinstance(rest, int) and rest >= 0 else 0


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
