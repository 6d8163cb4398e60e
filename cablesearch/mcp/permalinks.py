"""Permalinks: ``cable://10BEIJING30`` for a cable, ``cable://10BEIJING30#4`` for its paragraph with the printed number
4, ``cable://10BEIJING30#@4`` for its fourth paragraph."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import parse_qs, quote, unquote

from cablesearch.cable import Cable, Paragraph
from cablesearch.errors import CablesearchError

__all__ = ["TEMPLATES", "Link", "permalink", "read_link"]

SCHEME = "cable://"
TEMPLATES = {
    "cable://{+id}{?cursor}": "A cable by its id: header values and paragraphs, page by page.",
    "cable://{+id}#{paragraph}": "A paragraph by its printed number (cable://10BEIJING30#4) or, with @, by its "
    "position (cable://10BEIJING30#@4).",
}
"""The templates of links (RFC 6570), and what they name."""
_PARAGRAPH = re.compile(r"([\u00b6@]?)([0-9]{1,9})")


class Link(NamedTuple):
    """What a link names.

    Attributes:
        reference: the cable or paragraph, as `cablesearch.archive.Archive.show` takes it.
        cursor: where a long cable goes on; None for its beginning.
    """

    reference: str
    cursor: str | None = None


def permalink(cable: Cable, paragraph: Paragraph | None = None) -> str:
    """Return the link of a cable or a paragraph: by its printed number if no other one has it, else by its position."""
    link = SCHEME + quote(cable.id, safe="/", errors="replace")
    if paragraph is None:
        return link
    same = [other for other in cable.paragraphs if other.number == paragraph.number]
    is_clear = paragraph.number is not None and len(same) == 1
    return f"{link}#{paragraph.number if is_clear else f'@{paragraph.position}'}"


def read_link(text: str) -> Link:
    """Return what a link names; a reference without ``cable://`` names itself.

    >>> read_link("cable://10BEIJING30#4")
    Link(reference='10BEIJING30\u00b64', cursor=None)

    Raises:
        CablesearchError: the link names no paragraph that could be.
    """
    plain = text.strip()
    if not plain.lower().startswith(SCHEME):
        return Link(text)
    rest, _, fragment = plain[len(SCHEME) :].partition("#")
    name, _, query = rest.partition("?")
    cursor = parse_qs(query).get("cursor", [None])[0]
    reference = unquote(name).strip("/")
    if not fragment:
        return Link(reference, cursor)
    match = _PARAGRAPH.fullmatch(unquote(fragment))
    if match is None:
        raise CablesearchError(
            f"{fragment!r} names no paragraph; write cable://10BEIJING30#4 or cable://10BEIJING30#@4"
        )
    return Link(f"{reference}{match[1] or chr(0xB6)}{match[2]}", cursor)
