"""Parts of a cable: its id taken apart, its TAGS, its addressees, and those who classified it."""

from __future__ import annotations

import re
from dataclasses import dataclass

__all__ = ["ClassifiedBy", "Recipient", "ReferenceId", "Tag"]


@dataclass(frozen=True, slots=True)
class ReferenceId:
    """Year, post and serial of a cable: 10BEIJING30 is Beijing's cable 30 of 2010.

    ``year`` has four digits. Ids are written with two: 66 and above stand for 1966 to 1999, as the corpus
    begins in 1966, and the others for this century.
    """

    year: int
    post: str
    serial: int

    @classmethod
    def parse(cls, text: str) -> ReferenceId | None:
        """Read a canonical id; None for anything else (see ``cablesearch.readers.cable_id`` to mend one first)."""
        match = re.fullmatch(r"([0-9]{2})([A-Z][A-Z]*)0*([0-9]{1,12})", text)
        if not match:
            return None
        short = int(match[1])
        return cls(short + (1900 if short >= 66 else 2000), match[2], int(match[3]))

    def __str__(self) -> str:
        return f"{self.year % 100:02d}{self.post}{self.serial}"


@dataclass(frozen=True, slots=True)
class Tag:
    """One of a cable's TAGS. ``kind``: subject, program, country, organization, person or term."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """An addressee of the TO or INFO list.

    ``route`` is the routing indicator (RUEHC), ``precedence`` its own (FLASH, NIACT IMMEDIATE, IMMEDIATE, PRIORITY,
    ROUTINE), ``mcn`` the message continuity number as printed (zeros kept), ``excluded`` the posts that XMT exempts
    from a collective.
    """

    name: str
    route: str | None = None
    precedence: str | None = None
    mcn: str | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifiedBy:
    """Who classified a cable and why: ``reason`` as written, such as ``1.4 (b) and (d)``."""

    names: tuple[str, ...] = ()
    reason: str | None = None
