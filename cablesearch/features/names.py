"""Names of persons, organizations and places in the hits of a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from cablesearch.request import Group, Request
from cablesearch.results.facets import Count
from cablesearch.results.hits import iso_date
from cablesearch.results.name_groups import name_groups
from cablesearch.searcher import Searcher
from cablesearch.text.wording import plural

__all__ = ["Name", "NameKind", "Names", "names"]

NameKind = Literal["person", "organization", "place"]
"""The kinds of names."""


@dataclass(frozen=True, slots=True)
class Name:
    """A name in hits.

    Attributes:
        kind: what it is the name of.
        name: its most frequent spelling.
        variants: its spellings with the numbers of hits that have them, the most frequent first.
        count: the number of hits that have any of them: paragraphs, or cables where these are searched.
        first_date, last_date: the dates of the oldest and the newest of these hits in ISO 8601; None if none has one.
    """

    kind: NameKind
    name: str
    variants: tuple[Count, ...]
    count: int
    first_date: str | None
    last_date: str | None

    def to_json(self) -> dict[str, Any]:
        """Return the name as the command line prints it in JSON."""
        return {
            "kind": self.kind,
            "name": self.name,
            "variants": [list(variant) for variant in self.variants],
            "count": self.count,
            "first_date": self.first_date,
            "last_date": self.last_date,
        }


@dataclass(frozen=True, slots=True)
class Names:
    """Names in the hits of a query.

    Attributes:
        query: the query; ``*`` for the whole archive.
        unit: what is counted: ``paragraph`` or ``cable``.
        hits: the number of hits.
        total: the number of names, of which ``names`` has the most frequent.
        names: the names, by descending number of hits, then by kind and text.
    """

    query: str
    unit: Group
    hits: int
    total: int
    names: tuple[Name, ...] = ()

    def _repr_html_(self) -> str:
        from cablesearch.features.notebook import counts_html

        by_kind: dict[str, list[Count]] = {}
        for name in self.names:
            by_kind.setdefault(name.kind, []).append((name.name, name.count))
        said = f"Names in {plural(self.hits, self.unit)}; the most frequent {len(self.names):,} of {self.total:,}"
        return counts_html(self.query, [said], by_kind)

    def to_json(self) -> dict[str, Any]:
        """Return the names as the command line prints them in JSON."""
        return {
            "version": 1,
            "query": self.query,
            "unit": self.unit,
            "hits": self.hits,
            "total": self.total,
            "names": [name.to_json() for name in self.names],
        }


def names(searcher: Searcher, request: Request, kinds: Sequence[NameKind], limit: int | None) -> Names:
    """Return the names in the hits of a request.

    The time depends on the number of names in the hits, and on that of their different spellings.

    Args:
        searcher: the searcher.
        request: what is searched.
        kinds: the kinds of names.
        limit: how many names are returned; None: all.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    selection = searcher.select(request)
    by_kind = {kind: name_groups(searcher.reader, selection, kind, limit) for kind in dict.fromkeys(kinds)}
    found = [(kind, group) for kind, groups in by_kind.items() for group in groups.groups]
    order = sorted(found, key=lambda pair: (-pair[1].hits, kinds.index(pair[0]), pair[1].name))

    def date(minutes: int | None) -> str | None:
        return None if minutes is None else iso_date(searcher.reader.moment(minutes))

    return Names(
        query=request.text,
        unit=request.group,
        hits=selection.count,
        total=sum(groups.total for groups in by_kind.values()),
        names=tuple(
            Name(kind, group.name, group.variants, group.hits, date(group.first), date(group.last))
            for kind, group in order[:limit]
        ),
    )
