"""The tools facets, timeline and names: how many results have which value, when, and who is named in them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from cablesearch.errors import CablesearchError
from cablesearch.features.names import NameKind
from cablesearch.features.periods import By
from cablesearch.features.timeline import Timeline
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.quoting import label, quoted, shown
from cablesearch.mcp.tools.advice import Advice, AdvisedAnswer, advice_of, advice_on
from cablesearch.mcp.tools.contract import (
    Counted,
    Cursor,
    Filtered,
    Queried,
    Strings,
    Tool,
    as_list,
    bookmark,
    where,
)
from cablesearch.request import EVERYTHING, Filters, Group
from cablesearch.results.facets import FACETS, facet_name
from cablesearch.results.hits import iso_date
from cablesearch.text.wording import plural

__all__ = ["FACETS_TOOL", "NAMES", "TIMELINE"]

_MOST_FACETS = 10
_MOST_COUNTS = 200
_MOST_QUERIES = 6
_MOST_PERIODS = 400
_MOST_NAMES = 100
_MOST_SPELLINGS = 6

_MEANINGS = "; ".join(f"{name} ({facet.meaning})" for name, facet in FACETS.items())


class FacetsArguments(Queried):
    """The arguments of facets."""

    facets: Strings = Field(
        default_factory=lambda: ["tags", "origin", "classification", "year"],
        min_length=1,
        max_length=_MOST_FACETS,
        description=f"What to count by: {_MEANINGS}.",
    )
    limit: int = Field(default=15, ge=1, le=_MOST_COUNTS, description="Values of each facet in this answer.")
    cursor: Cursor = Field(default="", description="The next_cursor of one facet; call with only this facet in facets.")


class FacetCounts(BaseModel):
    """The values of a facet: those of most results first, periods in the order of time."""

    model_config = ConfigDict(frozen=True)

    facet: str
    first: int = Field(description="The number of the first value of this answer, from 1.")
    total: int = Field(description="All values, also those that are not in this answer.")
    counts: list[Counted]
    next_cursor: str | None = Field(default=None, description="For the other values: call again with only this facet.")

    def lines(self) -> Iterator[str]:
        """Yield the counts as lines of text."""
        end = self.first + len(self.counts) - 1
        part = f"{self.first:,}-{end:,} of {plural(self.total, 'value')}" if self.total else "no values"
        more = f'; for the rest, call with facets=["{self.facet}"], cursor="{self.next_cursor}"'
        yield f"{self.facet}: {part}{more if self.next_cursor else ''}"
        yield from (quoted(f"{entry.value}: {entry.count:,}") for entry in self.counts)
        yield ""


class FacetsAnswer(AdvisedAnswer):
    """Counts of all results by facets."""

    total: int = Field(description="All results that are counted.")
    unit: Group = Field(description="What is counted.")
    facets: list[FacetCounts]

    def lines(self) -> Iterator[str]:
        """Yield the facets as lines of text."""
        for facet in self.facets:
            yield from facet.lines()
        yield from self.advice_lines()


def _facets(commit: Commit, asked: FacetsArguments) -> FacetsAnswer:
    names = list(dict.fromkeys(map(facet_name, asked.facets)))
    if asked.cursor and len(names) > 1:
        raise CablesearchError("a cursor belongs to one facet: name only this one in facets")
    text = asked.query.strip() or EVERYTHING
    results = commit.archive.search(text, limit=0, facets=names, **asked.filters())
    facets = []
    for name in names:
        mark = bookmark("facets", asked, without=("limit",), facets=[name])
        counts = results.facets[name]
        mark.check(commit.size, results.total, counts[mark.place - mark.overlap : mark.place])
        page = counts[mark.place : mark.place + asked.limit]
        end = mark.place + len(page)
        cursor = mark.at(end, commit.size, results.total, counts[end - 1 : end]) if page and end < len(counts) else None
        values = [Counted(value=label(value), count=count) for value, count in page]
        facets.append(
            FacetCounts(facet=name, first=mark.place + 1, total=len(counts), counts=values, next_cursor=cursor)
        )
    notice = f"Counted: {plural(results.total, f'matching {asked.group}')}."
    if any(facet.next_cursor for facet in facets):
        notice += " Not all values are shown."
    return FacetsAnswer(
        notice=_unless_empty(commit, notice),
        total=results.total,
        unit=asked.group,
        facets=facets,
        **advice_of(results, asked.group)._asdict(),
    )


def _unless_empty(commit: Commit, notice: str) -> str:
    return "The archive is empty." if commit.is_empty else notice


class TimelineArguments(Filtered):
    """The arguments of timeline."""

    query: Strings = Field(
        default_factory=lambda: [EVERYTHING],
        min_length=1,
        max_length=_MOST_QUERIES,
        description="One query or several to compare, each in the query language of the tool search.",
    )
    by: By = Field(default="year", description="The length of a period.")
    limit: int = Field(default=60, ge=1, le=_MOST_PERIODS, description="Periods in this answer.")
    cursor: Cursor = ""


class TimelineSeries(BaseModel):
    """The results of one query, whatever their date."""

    model_config = ConfigDict(frozen=True)

    query: str
    total: int
    undated: int = Field(description="Those without a date, which are in no period.")


class TimelinePeriod(BaseModel):
    """A period with results."""

    model_config = ConfigDict(frozen=True)

    period: str
    counts: list[int] = Field(description="Results of each query, in order.")
    everything: int = Field(description="All paragraphs (or cables) of the archive in this period.")


class TimelineAnswer(AdvisedAnswer):
    """Results by period. Periods without any result are left out."""

    unit: Group = Field(description="What is counted.")
    series: list[TimelineSeries]
    total: int = Field(description="All periods that have a result, also those that are not in this answer.")
    periods: list[TimelinePeriod] = Field(description="Periods in the order of time.")
    first_date: str | None = Field(default=None, description="Date of the oldest cable of the archive.")
    last_date: str | None = Field(default=None, description="Date of the newest.")

    def lines(self) -> Iterator[str]:
        """Yield the timeline as lines of text."""
        for number, series in enumerate(self.series, 1):
            undated = f", {series.undated:,} without a date" if series.undated else ""
            yield f"Query {number}: {series.total:,}{undated}"
            yield quoted(series.query)
        yield f"Period: {self.unit}s of each query (of all in the period)"
        for row in self.periods:
            yield f"{row.period}: {' '.join(f'{count:,}' for count in row.counts)} (of {row.everything:,})"
        yield from self.advice_lines()


def _timeline(commit: Commit, asked: TimelineArguments) -> TimelineAnswer:
    mark = bookmark("timeline", asked, without=("limit",))
    queries: list[str] = [text.strip() or EVERYTHING for text in asked.query]
    timeline = commit.archive.timeline(*queries, by=asked.by, **asked.filters())
    rows = [
        TimelinePeriod(period=period, counts=list(counts), everything=everything)
        for period, everything, *counts in zip(
            timeline.periods, timeline.totals, *(series.counts for series in timeline.series), strict=True
        )
        if any(counts)
    ]
    depends_on = [commit.size, [series.total for series in timeline.series], len(rows)]
    mark.check(*depends_on, [row.model_dump() for row in rows[mark.place - mark.overlap : mark.place]])
    page = rows[mark.place : mark.place + asked.limit]
    end = mark.place + len(page)
    cursor = mark.at(end, *depends_on, [rows[end - 1].model_dump()]) if page and end < len(rows) else None
    notice = (
        where(mark.place, len(page), len(rows), asked.by, "timeline", cursor) + " Those without results are left out."
    )
    return TimelineAnswer(
        notice=_unless_empty(commit, notice if rows else f"No {asked.by} has results."),
        next_cursor=cursor,
        unit=timeline.unit,
        series=[
            TimelineSeries(query=shown(series.query), total=series.total, undated=series.undated)
            for series in timeline.series
        ],
        total=len(rows),
        periods=page,
        first_date=iso_date(timeline.first_date),
        last_date=iso_date(timeline.last_date),
        **_advice(commit, timeline, asked.filters())._asdict(),
    )


def _advice(commit: Commit, timeline: Timeline, filters: Filters) -> Advice:
    """Return the advice on all queries of a timeline together."""
    each = [advice_on(commit.archive, series.query, series.total, filters) for series in timeline.series]
    if len(each) == 1:
        return each[0]
    meant = [
        shown(f"{series.query}: did you mean {advice.did_you_mean}?")
        for series, advice in zip(timeline.series, each, strict=True)
        if advice.did_you_mean
    ]
    return Advice(
        advice=(*meant, *(line for advice in each for line in advice.advice)),
        also_found=tuple(line for advice in each for line in advice.also_found),
    )


class NamesArguments(Queried):
    """The arguments of names."""

    kinds: Annotated[list[NameKind], BeforeValidator(as_list)] = Field(
        default_factory=list, description="Kinds of names; none: all of them."
    )
    limit: int = Field(default=20, ge=1, le=_MOST_NAMES, description="Names in this answer.")
    cursor: Cursor = ""


class FoundName(BaseModel):
    """A name, with its spellings together. All texts are quoted from the archive."""

    model_config = ConfigDict(frozen=True)

    kind: NameKind
    name: str = Field(description="Its most frequent spelling.")
    spellings: list[Counted] = Field(description="Its spellings, the most frequent first.")
    more_spellings: int = Field(description="Spellings that are left out here.")
    count: int = Field(description="Results that have any of them.")
    first_date: str | None = None
    last_date: str | None = None


class NamesAnswer(AdvisedAnswer):
    """Names in the results of a query."""

    results: int = Field(description="The results in which names are counted.")
    total: int = Field(description="All names, also those that are not in this answer.")
    unit: Group = Field(description="What is counted.")
    names: list[FoundName] = Field(description="Names, those of most results first.")

    def lines(self) -> Iterator[str]:
        """Yield the names as lines of text."""
        for name in self.names:
            spellings = ", ".join(f"{entry.value} {entry.count:,}" for entry in name.spellings)
            more = f" and {name.more_spellings:,} more" if name.more_spellings else ""
            yield quoted(f"{name.name} ({name.kind}): {name.count:,} [{spellings}{more}]")
        yield from self.advice_lines()


def _names(commit: Commit, asked: NamesArguments) -> NamesAnswer:
    mark = bookmark("names", asked, without=("limit",))
    counts = commit.archive.names(asked.query, kinds=asked.kinds, limit=mark.place + asked.limit, **asked.filters())
    keys = [[name.kind, name.name, name.count] for name in counts.names]
    mark.check(commit.size, counts.hits, counts.total, keys[mark.place - mark.overlap : mark.place])
    page = counts.names[mark.place :]
    end = mark.place + len(page)
    depends_on = (commit.size, counts.hits, counts.total, keys[end - 1 : end])
    cursor = mark.at(end, *depends_on) if page and end < counts.total else None
    notice = where(mark.place, len(page), counts.total, "name", "names", cursor)
    return NamesAnswer(
        notice=_unless_empty(commit, f"{notice} Counted: {plural(counts.hits, f'matching {counts.unit}')}."),
        next_cursor=cursor,
        results=counts.hits,
        total=counts.total,
        unit=counts.unit,
        names=[
            FoundName(
                kind=name.kind,
                name=label(name.name),
                spellings=[Counted(value=label(text), count=count) for text, count in name.variants[:_MOST_SPELLINGS]],
                more_spellings=max(0, len(name.variants) - _MOST_SPELLINGS),
                count=name.count,
                first_date=name.first_date,
                last_date=name.last_date,
            )
            for name in page
        ],
        **advice_on(commit.archive, asked.query, counts.hits, asked.filters())._asdict(),
    )


FACETS_TOOL = Tool(
    "facets",
    "Count by facet",
    "Count all results of a query by TAGS, post, level, year, country, person and other facets. Use it to see what a "
    "large set of results is about, and to choose filters for search. No texts are returned.",
    FacetsArguments,
    FacetsAnswer,
    _facets,
)

TIMELINE = Tool(
    "timeline",
    "Count over time",
    "Count the results of one query, or of several to compare, by year, month or day, beside all paragraphs of each "
    "period. Use it to see when something was discussed.",
    TimelineArguments,
    TimelineAnswer,
    _timeline,
)

NAMES = Tool(
    "names",
    "List names",
    "List the persons, organizations and places that are named in the results of a query, with their spellings "
    "together; those in most results first. Names are found by rules, which err at times.",
    NamesArguments,
    NamesAnswer,
    _names,
)
