"""Parts of a cable: its id taken apart, its TAGS, its addressees, those who classified it, and its source."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cablesearch.vocabulary.dates import full_year

__all__ = ["Attributes", "ClassifiedBy", "Provenance", "Recipient", "ReferenceId", "Tag"]


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
        return cls(full_year(match[1]), match[2], int(match[3]))

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


class Attributes(Mapping[str, str]):
    """What a source says of a cable that has no field of its own, by the source's own names (``Film Number``).

    An immutable mapping in the order of the source, which can be hashed.
    """

    __slots__ = ("_values",)

    def __init__(self, values: Mapping[str, str] | None = None) -> None:
        self._values = dict(values or {})

    def __getitem__(self, name: str) -> str:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __hash__(self) -> int:
        return hash(tuple(self._values.items()))

    def __repr__(self) -> str:
        return f"Attributes({self._values!r})"


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a cable was read.

    ``collection`` is the name that was given to the sources of a run. ``file`` is the path of the file, from the name
    of the source on, with ``/`` between its parts (``dump.zip/2009/a.txt``); folders above the source are not recorded.
    ``row`` counts the records of the file (rows, lines, messages, documents) from 1, ``page`` the pages; None where the
    file is one record, or has no pages.
    """

    collection: str | None = None
    file: str | None = None
    row: int | None = None
    page: int | None = None

    def or_none(self) -> Provenance | None:
        """Return None if nothing is known, else the place itself."""
        return None if self == Provenance() else self
