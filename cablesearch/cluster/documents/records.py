"""The records of cables, which documents have beside what is indexed of them."""

from __future__ import annotations

from cablesearch.cable import Cable
from cablesearch.errors import CorruptIndexError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.json_cables import from_json, loads

__all__ = ["cable_of"]


def cable_of(record: object, key: str, name: str) -> Cable:
    """Return the cable of a record.

    Args:
        record: the record.
        key: the key that the cable must have; that of a hit, which is its key as the server has it, too.
        name: the address of the archive, for messages.

    Raises:
        CorruptIndexError: it is not the record of this cable.
    """
    try:
        cable = from_json(loads(str(record)))
    except (UnreadableCable, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise CorruptIndexError(name, f"the record of {key!r} is damaged ({error})") from error
    if cable.id != key:
        raise CorruptIndexError(name, f"the record of {key!r} is damaged (it is that of {cable.id!r})")
    return cable
