"""The facets by which results can be counted. To add a facet, add a line to `FACETS`.

The command line, the searcher and docs/command-line.md take the names from here. The module must import fast, because
``cablesearch search --help`` lists the facets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from cablesearch.protocols.reader import Period

__all__ = ["FACETS", "WEEKDAYS", "Count", "Facet", "FacetName", "facet_name", "largest"]

Count = tuple[str, int]
"""A value of a facet and the number of results that have it."""

FacetName = Literal[
    "tags",
    "tag",
    "origin",
    "post",
    "classification",
    "class",
    "marking",
    "control",
    "part",
    "in",
    "country",
    "countries",
    "recipients",
    "recipient",
    "signature",
    "signer",
    "precedence",
    "references",
    "refs",
    "cites",
    "collection",
    "source",
    "year",
    "date",
    "month",
    "day",
    "weekday",
    "names",
    "name",
    "organizations",
    "places",
]
"""The names of the facets, and their other names."""

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class Facet(NamedTuple):
    """A way to count results.

    Attributes:
        meaning: a short description of the values, for the help.
        by_paragraph: the field of the index with the values of paragraphs.
        by_cable: the field with the values of cables, for a search for cables; None: the same one.
        period: for a field of dates, NumPy's code of the unit to count by ("Y", "M", "D"), or "weekday".
        aliases: other names of the facet, such as names of query fields.
        is_grouped: whether the spellings of a name are counted together.
        is_usual: whether it is shown when no facet is named.
    """

    meaning: str
    by_paragraph: str
    by_cable: str | None = None
    period: Period | None = None
    aliases: tuple[str, ...] = ()
    is_grouped: bool = False
    is_usual: bool = True

    def field(self, *, by_cable: bool) -> str:
        """Return the field whose values are counted."""
        return (by_cable and self.by_cable) or self.by_paragraph


FACETS: dict[FacetName, Facet] = {
    "tags": Facet("TAGS of the cable", "tag", aliases=("tag",)),
    "origin": Facet("post that sent the cable", "origin", aliases=("post",)),
    "classification": Facet(
        "level of the paragraph, or of the cable when cables are searched",
        "classification",
        "cable_classification",
        aliases=("class",),
    ),
    "marking": Facet("portion marking as printed", "marking"),
    "control": Facet("control of the paragraph, such as NOFORN", "control"),
    "part": Facet("part of the cable: summary, comment and others", "in", aliases=("in",)),
    "country": Facet("countries of the cable's TAGS, and that of its post", "country", aliases=("countries",)),
    "recipients": Facet("addressees of the cable", "recipients", aliases=("recipient",), is_usual=False),
    "signature": Facet("persons who signed the cable", "signer", aliases=("signer",), is_usual=False),
    "precedence": Facet("precedence of the cable, such as IMMEDIATE", "precedence"),
    "references": Facet("cables to which the cable refers", "cites", aliases=("refs", "cites"), is_usual=False),
    "collection": Facet("collection to which the cable's source belongs", "collection", aliases=("source",)),
    "year": Facet("year of the cable's date", "date", period="Y", aliases=("date",)),
    "month": Facet("month of the cable's date", "date", period="M", is_usual=False),
    "day": Facet("day of the cable's date", "date", period="D", is_usual=False),
    "weekday": Facet("day of the week of the cable's date", "date", period="weekday", is_usual=False),
    "names": Facet(
        "persons named in the text, with their spellings together",
        "person",
        aliases=("name",),
        is_grouped=True,
        is_usual=False,
    ),
    "organizations": Facet("organizations named in the text", "organization", is_grouped=True, is_usual=False),
    "places": Facet("places named in the text", "place", is_grouped=True, is_usual=False),
}
"""The facets by name, in the order in which they are listed."""

_NAMES: dict[str, FacetName] = {alias: name for name, facet in FACETS.items() for alias in (name, *facet.aliases)}


def facet_name(name: str) -> FacetName:
    """Return the name of the facet with a name or an alias: ``facet_name("Tag") == "tags"``.

    Raises:
        ValueError: there is no such facet.
    """
    try:
        return _NAMES[name.lower()]
    except KeyError:
        raise ValueError(f"unknown facet {name!r}{_meant(name)}; choose from: {', '.join(FACETS)}") from None


def _meant(name: str) -> str:
    """Return a hint at the facet that a misspelt name may mean, or at how several are asked for."""
    from difflib import get_close_matches

    parts = re.split(r"[,;\s]+", name.lower())
    if len(parts) > 1 and all(part in _NAMES for part in parts):
        return ": name each on its own"
    near = get_close_matches(name.lower(), _NAMES, 1)
    return f"; did you mean {near[0]}?" if near else ""


def largest(counts: Sequence[Count], size: int) -> list[Count]:
    """Return the values of a facet that have the most results, in the order of the facet; the first of equal ones.

    Example: of the years 2007 (3), 2008 (1), 2009 (5) and 2010 (3), the two largest are 2007 (3) and 2009 (5).
    """
    places = sorted(range(len(counts)), key=lambda place: -counts[place][1])[:size]
    return [counts[place] for place in sorted(places)]
