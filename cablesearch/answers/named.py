"""The cable that a whole query names: people type the id of a cable where they type words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cablesearch.text.folding import without_unseen

if TYPE_CHECKING:
    from cablesearch.archive import Archive
    from cablesearch.errors import UnknownCableError

__all__ = ["named_cable", "unknown_name"]

_LIKE_AN_ID = re.compile(r"([\w/.-]+(?: [A-Za-z]+)* ?[0-9]+)(?:,? ?([¶@]) ?([0-9]+))?")
_SURELY_AN_ID = re.compile(r"(?:[0-9]{2}){1,2}(?:[A-Za-z]{4,}| ?[A-Z]+(?: [A-Z]+)* ?)[0-9]+")
"""A word that is an id and nothing else, such as ``10BEIJING30``, or such words in capitals."""
_BEHIND_AN_ID = ".,;: "
_LONGEST_ID = 120


def _match(query: str) -> re.Match[str] | None:
    name = " ".join(without_unseen(query).split()).rstrip(_BEHIND_AN_ID)
    return _LIKE_AN_ID.fullmatch(name) if len(name) <= _LONGEST_ID else None


def named_cable(archive: Archive, query: str) -> str | None:
    """Return the id of a cable, or the reference to a paragraph of it, if the whole query is one; else None."""
    from cablesearch.errors import UnknownCableError

    match = _match(query)
    if match is None:
        return None
    name, paragraph = match[1].replace(" ", ""), f"{match[2]}{match[3]}" if match[2] else ""
    # Most such queries are words and a year; near ids are not looked for.
    if name not in archive:
        return None
    try:
        return archive.show(name + paragraph)[0].id + paragraph
    except UnknownCableError:
        return archive[name].id


def unknown_name(archive: Archive, query: str) -> UnknownCableError | None:
    """Return the error that names near ids, if a whole query can only be an id and the archive has no such cable."""
    from cablesearch.errors import UnknownCableError

    match = _match(query)
    if match is None or not _SURELY_AN_ID.fullmatch(match[1]):
        return None
    try:
        archive.show(match[1].replace(" ", ""))
    except UnknownCableError as error:
        return error
    return None
