"""The views of a cable: what readers with different clearances see of it, each stored as a cable of its own.

An index has the views of one *view class*: what the cables have (A), what of it a reader sees (V), and which readers
it is for. A reader asks just the indices whose V is what the clearance covers of A. So everything in them is visible
to the reader, whole, and no count or statistic depends on anything hidden.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cablesearch.cable import Cable, Classification, Clearance
from cablesearch.classification.covering import covering
from cablesearch.readers.errors import UnreadableCable
from cablesearch.schema.visibility import read_visibility, visibility

__all__ = ["MOST_VIEWS", "ViewClass", "views"]

MOST_VIEWS = 256
"""The most views of a cable; each takes as much room as the cable."""

Readers = Literal["all", "full", "restricted"]
"""For whom a view is: readers with full clearance, those without it, or both."""


@dataclass(frozen=True, slots=True)
class ViewClass:
    """A class of views.

    Attributes:
        has: the visibility classes (see `cablesearch.schema.visibility`) of everything in the cables, sorted.
        sees: those of them that the view shows.
        readers: for whom it is.
    """

    has: tuple[str, ...]
    sees: tuple[str, ...]
    readers: Readers

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ViewClass:
        """Return a class, given as `dataclasses.asdict` returns it, perhaps from JSON."""
        return cls(tuple(values["has"]), tuple(values["sees"]), values["readers"])

    @property
    def name(self) -> str:
        """A hash of it, which the editions of its views depend on."""
        text = json.dumps([self.has, self.sees, self.readers])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def is_full(self) -> bool:
        """Whether a reader with full clearance asks it."""
        return self.readers != "restricted"

    def is_asked_by(self, clearance: Clearance | None) -> bool:
        """Return whether a reader with a clearance asks it; None stands for full clearance."""
        if clearance is None:
            return self.is_full
        return self.readers != "full" and self.sees == tuple(each for each in self.has if _sees(clearance, each))


def _sees(clearance: Clearance, stored: str) -> bool:
    classification = read_visibility(stored)
    return classification is not None and clearance.sees(classification)


def views(cable: Cable) -> Iterator[tuple[ViewClass, Cable]]:
    """Yield each distinct view of a cable with its class: that of full clearance first.

    Raises:
        UnreadableCable: there are more than `MOST_VIEWS`.
    """
    parts = {visibility(part): part for part in _parts(cable)}
    has = tuple(sorted(parts))
    seen: dict[tuple[str, ...], Cable] = {}
    for clearance in _clearances(list(parts.values())):
        sees = tuple(each for each in has if clearance.sees(parts[each]))
        if sees not in seen and (view := cable.view(clearance)) is not None:
            seen[sees] = view
            if len(seen) > MOST_VIEWS:
                raise UnreadableCable(
                    f"its parts have too many different markings: readers could see more than {MOST_VIEWS} versions "
                    "of it"
                )
    whole = seen.get(has)
    yield ViewClass(has, has, "all" if whole == cable else "full"), cable
    for sees, view in seen.items():
        if sees != has or whole != cable:
            yield ViewClass(has, sees, "restricted"), view


def _parts(cable: Cable) -> Iterator[Classification]:
    """Yield the classifications on which `Cable.view` depends."""
    yield cable.whole_classification
    yield cable.subject_classification
    yield covering(cable.classification, cable.body)
    yield from (paragraph.classification for paragraph in cable.paragraphs)


def _clearances(parts: list[Classification]) -> Iterator[Clearance]:
    """Yield clearances that see every combination of parts that any clearance sees, and perhaps some twice."""
    levels = sorted({part.level for part in parts})
    sets = {frozenset(part.controls) for part in parts}
    # The controls that make a difference are unions of those of parts.
    unions: set[frozenset[str]] = {frozenset()}
    for controls in sets:
        unions |= {controls | union for union in unions}
        if len(unions) > MOST_VIEWS:
            raise UnreadableCable("its parts have too many different controls")
    for level in levels:
        for controls in sorted(unions, key=sorted):
            yield Clearance(level, controls)
