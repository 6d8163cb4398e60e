"""The record of a cable in an index. Nothing is stored twice.

A record is a line of JSON, then the part of the body after the last paragraph, then the body up to there. The JSON has
neither the body nor those texts of paragraphs that can be cut from it. Each paragraph's document stores the part of the
body that ends with it; the first document stores all the rest.

The limits for input (`cablesearch.readers.limits`) hold for records too. They are checked before a record is written,
and before it is parsed. Paragraphs may not overlap, so no part of the body is read twice.
"""

from __future__ import annotations

import json

from cablesearch.cable import Cable, collapsed
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import from_json, loads, to_json
from cablesearch.readers.limits import check_json, check_places, check_size

__all__ = ["HEAD", "LONGEST_LINE", "extent", "pack", "unpack"]

LONGEST_LINE = 1 << 28
"""The most bytes of the line of JSON. It may be longer than the input, because control characters become escapes."""

HEAD = (
    "id",
    "reference_id",
    "date",
    "origin",
    "level",
    "controls",
    "classification",
    "tags",
    "tag_kinds",
    "subject",
    "subject_marking",
)
"""The names in JSON of what hits show of a cable beside its paragraphs."""


def pack(cable: Cable, leads: int) -> list[bytes]:
    """Return a cable's record in parts, one for each document of its block.

    Args:
        cable: the cable.
        leads: how many documents of the block are leads.

    Raises:
        UnreadableCable: the record would be too large for `unpack`.
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
    if len(line) >= LONGEST_LINE:
        raise UnreadableCable(f"its record without the body would exceed {LONGEST_LINE >> 20} MB")
    return [line + b"\n" + tail, *[b""] * (leads - 1), *pieces]


def unpack(record: bytes) -> Cable:
    """Return the cable of a record: the parts from `pack`, joined.

    Raises:
        UnreadableCable, ValueError: the record is invalid.
    """
    end = record.find(b"\n", 0, LONGEST_LINE)
    if end < 0:
        raise UnreadableCable("not the record of a cable (its first line is too long or has no end)")
    after = memoryview(record)[end + 1 :]
    rest = str(after, "utf-8", "surrogatepass")
    try:
        entry = loads(str(memoryview(record)[:end], "utf-8", "surrogatepass"))
        # Records of older archives have no length.
        if entry.pop("rest", len(after)) != len(after):
            raise UnreadableCable("not the record of a cable (it is truncated, or too long)")
        tail = entry.pop("tail")
        body = rest[tail:] + rest[:tail]
        done = 0
        for values in entry["paragraphs"]:
            if isinstance(values["text"], int):
                start, end = values["start"], values["end"]
                if not done <= start <= end <= len(body):
                    raise UnreadableCable("not the record of a cable (its paragraphs overlap)")
                values["text"] = collapsed(body[start:end])[values["text"] :]
                done = end
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableCable(f"not the record of a cable ({error})") from None
    return from_json(entry | {"body": body})


def extent(stream: bytes) -> int | None:
    """Return the length in bytes of the first record of a stream; 0 if it cannot be determined, None if more of the
    stream is needed."""
    end = stream.find(b"\n", 0, LONGEST_LINE)
    if end < 0:
        return None if stream.startswith(b"{") and len(stream) < LONGEST_LINE else 0
    try:
        rest = loads(str(memoryview(stream)[:end], "utf-8", "surrogatepass"))["rest"]
    except (ValueError, KeyError, TypeError):
        return 0
    return end + 1 + rest if isinstance(rest, int) and rest >= 0 else 0


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
