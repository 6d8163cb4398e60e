"""Counts of selected units: by the values of a facet, and by periods of time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cablesearch.protocols.reader import Reader, Selection
from cablesearch.results.facets import FACETS, WEEKDAYS, Count, FacetName

__all__ = ["facet_counts", "period_name", "period_names"]


def facet_counts(reader: Reader, selection: Selection, names: Sequence[FacetName]) -> dict[FacetName, list[Count]]:
    """Return the values of facets with their numbers of units: values by descending number, periods by time."""
    fields = {name: FACETS[name].field(by_cable=selection.by_cable) for name in names}
    plain = [name for name in fields if not FACETS[name].is_grouped and not FACETS[name].period]
    values = dict(zip(plain, reader.values(selection, [fields[name] for name in plain]), strict=True))

    def counts(name: FacetName) -> list[Count]:
        facet = FACETS[name]
        if facet.is_grouped:
            # Only these facets need the keys of names.
            from cablesearch.results.name_groups import name_groups

            return [(group.name, group.hits) for group in name_groups(reader, selection, fields[name]).groups]
        if facet.period:
            periods = reader.periods(selection, facet.period, fields[name])
            return [*zip(period_names([*periods], facet.period), periods.values(), strict=True)]
        return sorted(values[name].items(), key=lambda pair: (-pair[1], pair[0]))

    return {name: counts(name) for name in fields}


def period_name(number: int, period: str) -> str:
    """Return a period as people write it (see `period_names`)."""
    return period_names([number], period)[0]


def period_names(numbers: Sequence[int], period: str) -> list[str]:
    """Return periods as people write them: ``period_names([40], "Y") == ["2010"]``, or the names of weekdays."""
    if period == "weekday":
        return [WEEKDAYS[number] for number in numbers]
    names: list[str] = np.array(numbers, np.int64).astype(f"datetime64[{period}]").astype(str).tolist()
    return names
