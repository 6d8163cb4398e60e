"""How a cable lies in an index, so that nothing of it is stored twice.

The record of a cable is its JSON on one line, without its body and without those texts of paragraphs that follow from
the body; then what of the body stands behind the last paragraph; then the body up to there. Each paragraph's document
has the part of the body that ends with it, the first document all the rest.
"""

from __future__ import annotations

import json

from cablesearch.cable import Cable
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_lines import from_json, to_json

__all__ = ["pack", "unpack"]


def pack(cable: Cable, leads: int) -> list[bytes]:
    """A cable's record in as many parts as its block has documents, of which ``leads`` stand for the cable."""
    entry = to_json(cable)
    del entry["body"]
    pieces, done = [], 0
    for paragraph, values in zip(cable.paragraphs, entry["paragraphs"], strict=True):
        end = max(done, min(paragraph.end, len(cable.body)))
        pieces.append(cable.body[done:end])
        done = end
        collapsed = _collapsed(cable.body, paragraph.start, paragraph.end)
        if paragraph.text and collapsed.endswith(paragraph.text):
            values["text"] = len(collapsed) - len(paragraph.text)
    tail = cable.body[done:]
    entry["tail"] = len(tail)
    line = json.dumps(entry, ensure_ascii=False, separators=(",", ":"))
    parts = [f"{line}\n{tail}", *[""] * (leads - 1), *pieces]
    return [part.encode("utf-8", "surrogatepass") for part in parts]


def unpack(record: bytes) -> Cable:
    """The cable of a record: the parts of `pack`, end to end.

    Raises:
        UnreadableCable, ValueError: it is none.
    """
    line, _, rest = record.decode("utf-8", "surrogatepass").partition("\n")
    try:
        entry = json.loads(line)
        tail = entry.pop("tail")
        body = rest[tail:] + rest[:tail]
        for values in entry["paragraphs"]:
            if isinstance(values["text"], int):
                values["text"] = _collapsed(body, values["start"], values["end"])[values["text"] :]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise UnreadableCable(f"not the record of a cable ({error})") from None
    return from_json(entry | {"body": body})


def _collapsed(body: str, start: int, end: int) -> str:
    return " ".join(body[start:end].split())
