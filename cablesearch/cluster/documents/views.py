"""The views of a cable: what readers with different clearances see of it, each stored as a cable of its own.

An index has the views of one *view class*, which says what a clearance must cover and what it must not cover. A reader
asks just the indices for which that is so. So everything in them is visible to the reader, whole, and no count or
statistic depends on anything hidden.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import reduce
from typing import Any, Literal

from cablesearch.cable import Cable, Classification, Clearance
from cablesearch.classification.classification import OPEN
from cablesearch.classification.covering import covering
from cablesearch.classification.levels import Level
from cablesearch.readers.errors import UnreadableCable

__all__ = ["MOST_VIEWS", "ViewClass", "views"]

MOST_VIEWS = 256
"""The most views of a cable; each takes as much room as the cable."""

Readers = Literal["all", "full", "restricted"]
"""For whom a view is: readers with full clearance, those without it, or both."""


@dataclass(frozen=True, slots=True)
class ViewClass:
    """A class of views: those that the same clearances show.

    Attributes:
        shows: the lowest classification that covers everything in the view.
        hides: the lowest classifications, joined with ``shows``, of what the view leaves out of the cable; none of them
            covers another.
        readers: for whom it is.
    """

    shows: Classification
    hides: tuple[Classification, ...]
    readers: Readers

    @classmethod
    def of(cls, shown: Iterable[Classification], hidden: Iterable[Classification], readers: Readers) -> ViewClass:
        """Return the class of a view.

        Whoever sees all that is shown sees something hidden just if the clearance covers both. What is hidden besides
        something lower makes no difference. So the views of many different cables have the same class.

        Args:
            shown: the classifications of what the view shows.
            hidden: those of what it leaves out.
            readers: for whom it is.
        """
        shows = reduce(Classification.join, shown, OPEN)
        joined = {shows.join(each) for each in hidden}
        lowest = (one for one in joined if not any(one != other and one.covers(other) for other in joined))
        return cls(shows, tuple(sorted(lowest, key=lambda one: (one.level, one.controls))), readers)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> ViewClass:
        """Return a class, given as `dataclasses.asdict` returns it, perhaps from JSON."""
        return cls(_classification(values["shows"]), tuple(map(_classification, values["hides"])), values["readers"])

    @property
    def name(self) -> str:
        """A hash of it, which the editions of its views depend on."""
        return hashlib.sha256(json.dumps(asdict(self)).encode()).hexdigest()[:16]

    @property
    def is_full(self) -> bool:
        """Whether a reader with full clearance asks it."""
        return self.readers != "restricted"

    def is_asked_by(self, clearance: Clearance | None) -> bool:
        """Return whether a reader with a clearance asks it; None stands for full clearance."""
        if clearance is None:
            return self.is_full
        return self.readers != "full" and clearance.sees(self.shows) and not any(map(clearance.sees, self.hides))


def _classification(values: Mapping[str, Any]) -> Classification:
    return Classification(Level(values["level"]), tuple(values["controls"]))


def views(cable: Cable) -> Iterator[tuple[ViewClass, Cable]]:
    """Yield each distinct view of a cable with its class: that of full clearance first.

    Raises:
        UnreadableCable: there are more than `MOST_VIEWS`.
    """
    parts = frozenset(_parts(cable))
    seen: dict[frozenset[Classification], Cable] = {}
    for clearance in _clearances(parts):
        sees = frozenset(filter(clearance.sees, parts))
        if sees not in seen and (view := cable.view(clearance)) is not None:
            seen[sees] = view
            if len(seen) > MOST_VIEWS:
                raise UnreadableCable(
                    f"its parts have too many different markings: readers could see more than {MOST_VIEWS} versions "
                    "of it"
                )
    whole = seen.get(parts)
    yield ViewClass.of(parts, (), "all") if whole == cable else ViewClass.of((), (), "full"), cable
    for sees, view in seen.items():
        if sees != parts or whole != cable:
            yield ViewClass.of(sees, parts - sees, "restricted"), view


def _parts(cable: Cable) -> Iterator[Classification]:
    """Yield the classifications on which `Cable.view` depends."""
    yield cable.whole_classification
    yield cable.subject_classification
    yield covering(cable.classification, cable.body)
    yield from (paragraph.classification for paragraph in cable.paragraphs)


def _clearances(parts: Collection[Classification]) -> Iterator[Clearance]:
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
