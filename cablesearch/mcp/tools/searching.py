"""The tools search and related: paragraphs, or cables, with their best passages."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from cablesearch.cable import collapsed
from cablesearch.mcp.commits import Commit
from cablesearch.mcp.cursors import Bookmark
from cablesearch.mcp.permalinks import read_link
from cablesearch.mcp.quoting import label, quoted, shown, titled
from cablesearch.mcp.tools.advice import AdvisedAnswer, advice_of
from cablesearch.mcp.tools.contract import Arguments, Cursor, Filtered, Tool, bookmark, where
from cablesearch.request import Group, Sort
from cablesearch.results.hits import Hit, Results, iso_date

__all__ = ["RELATED", "SEARCH"]

_MOST_HITS = 50
_LONGEST_ID = 300
_LONGEST_WHOLE = 600
"""The most code points of a paragraph that is shown whole; of a longer one, the best passage is."""

_LANGUAGE = """Query language in a nutshell:
labor trafficking = both words, in any form | labor OR trafficking | labor -trafficking (without it) | \
(visa OR passport) fraud | "labor trafficking" (phrase) | "labor trafficking"~~5 or labor NEAR/5 trafficking (at most \
5 words apart) | negotiat* wom?n (patterns) | karzay~ (other spelling) | china^2 (counts twice) | * (everything).
Fields: tag:PHUM origin:beijing class:>=CONFIDENTIAL date:2009-11..2010-02 subject:palermo exact:negotiating \
id:10BEIJING30 name:karzai country:china in:summary in:comment ref:10BEIJING30 (cables that refer to it) \
control:NOFORN length:>=100 missing:date. Operators are in capitals. Case and accents do not matter.
"""


class SearchArguments(Filtered):
    """The arguments of search."""

    query: str = Field(default="", description=f"{_LANGUAGE}May be empty if a filter is given.")
    sort: Sort = Field(
        default="relevance",
        description="Best first; date: oldest first; -date: newest first; citations: first those whose cables most "
        "other cables refer to.",
    )
    limit: int = Field(default=10, ge=1, le=_MOST_HITS, description="Hits in this answer.")
    cursor: Cursor = ""


class RelatedArguments(Arguments):
    """The arguments of related."""

    id: str = Field(description="A cable (10BEIJING30) or a paragraph of it (10BEIJING30@4, 10BEIJING30 ¶4).")
    since: str = Field(default="", description="On or after this date: 2009, 2009-11 or 2009-11-20.")
    until: str = Field(default="", description="On or before this date: 2009, 2009-11 or 2009-11-20.")
    limit: int = Field(default=10, ge=1, le=_MOST_HITS, description="Hits in this answer.")
    cursor: Cursor = ""


class FoundHit(BaseModel):
    """A paragraph that matches, or a cable with its best paragraph. All texts are quoted from the archive."""

    model_config = ConfigDict(frozen=True)

    id: str = Field(description="Pass it to read, cite or related.")
    citation: str = Field(description="How to cite it, such as 10BEIJING30 ¶4.")
    date: str | None = Field(default=None, description="Date and time (UTC).")
    origin: str = Field(description="The post that sent the cable.")
    classification: str = Field(description="Level of the paragraph.")
    marking: str | None = Field(default=None, description="Portion marking as printed.")
    cited_by: int | None = Field(default=None, description="How many other cables refer to the cable, if sorted by it.")
    subject: str | None = Field(default=None, description="Quoted subject of the cable.")
    section: str | None = Field(default=None, description="Quoted heading above the paragraph.")
    passage: str = Field(description="Quoted passage with the most matches; a short paragraph is whole.")
    is_whole: bool = Field(description="Whether the passage is the whole paragraph; if not, read has it.")

    @classmethod
    def of(cls, hit: Hit) -> FoundHit:
        """Return a hit for a model."""
        whole = collapsed(hit.text)
        is_whole = len(whole) <= _LONGEST_WHOLE
        return cls(
            id=label(f"{hit.cable}@{hit.position}" if hit.position else hit.cable, _LONGEST_ID),
            citation=label(hit.citation, _LONGEST_ID),
            date=iso_date(hit.date),
            origin=label(hit.origin),
            classification=str(hit.classification),
            marking=label(hit.marking) if hit.marking else None,
            cited_by=hit.citations,
            subject=label(hit.subject) if hit.subject else None,
            section=label(hit.section) if hit.section else None,
            passage=shown(whole if is_whole else hit.snippet.plain()),
            is_whole=is_whole,
        )

    def lines(self, number: int) -> Iterator[str]:
        """Yield the hit as lines of text."""
        cited = "" if self.cited_by is None else f", cited by {self.cited_by:,}"
        date = self.date[:10] if self.date else "no date"
        yield f"{number:,}."
        yield quoted(
            f"{self.citation} ({self.marking or self.classification}), {date}, {self.origin}{cited} [id: {self.id}]"
        )
        yield from titled(subject=self.subject, heading=self.section)
        yield quoted(self.passage)
        yield ""


class HitsAnswer(AdvisedAnswer):
    """Hits, and what would find more or other ones."""

    total: int = Field(description="All hits, also those that are not in this answer.")
    unit: Group = Field(description="What was searched.")
    first: int = Field(description="The number of the first hit of this answer, from 1.")
    hits: list[FoundHit] = Field(description="The hits, in order.")

    def lines(self) -> Iterator[str]:
        """Yield the hits and the advice as lines of text."""
        for number, hit in enumerate(self.hits, self.first):
            yield from hit.lines(number)
        yield from self.advice_lines()


def _search(commit: Commit, asked: SearchArguments) -> HitsAnswer:
    mark = bookmark("search", asked, without=("limit",))
    results = commit.archive.search(
        asked.query,
        limit=asked.limit + mark.overlap,
        offset=mark.place - mark.overlap,
        sort=asked.sort,
        **asked.filters(),
    )
    return _answer(commit, "search", mark, results, asked.group)


def _related(commit: Commit, asked: RelatedArguments) -> HitsAnswer:
    mark = bookmark("related", asked, without=("limit",))
    reference = read_link(asked.id).reference
    _, paragraph = commit.archive.show(reference)
    results = commit.archive.related(
        reference,
        limit=asked.limit + mark.overlap,
        offset=mark.place - mark.overlap,
        since=asked.since.strip() or None,
        until=asked.until.strip() or None,
    )
    return _answer(commit, "related", mark, results, "paragraph" if paragraph else "cable")


def _answer(commit: Commit, tool: str, mark: Bookmark, results: Results, unit: Group) -> HitsAnswer:
    """Return the answer of a page that begins with the hit before it, if there is one."""
    before, hits = results.hits[: mark.overlap], results.hits[mark.overlap :]
    mark.check(commit.size, results.total, *map(_key, before))
    end = mark.place + len(hits)
    cursor = mark.at(end, commit.size, results.total, _key(hits[-1])) if hits and end < results.total else None
    notice = where(mark.place, len(hits), results.total, f"matching {unit}", tool, cursor)
    is_empty = not results.total and commit.is_empty
    return HitsAnswer(
        notice="The archive is empty." if is_empty else notice if results.total else f"No {unit}s match.",
        next_cursor=cursor,
        total=results.total,
        unit=unit,
        first=mark.place + 1,
        hits=[FoundHit.of(hit) for hit in hits],
        **({} if is_empty else advice_of(results, unit)._asdict()),
    )


def _key(hit: Hit) -> list[object]:
    return [hit.cable, hit.position, hit.score]


SEARCH = Tool(
    "search",
    "Search cables",
    "Search an archive of diplomatic cables. Results are paragraphs, best first: each has its citation, date, post, "
    "marking, the passage with the matches, and an id for read and cite. Says how many match in all; next_cursor gives "
    "the rest. Search again with other words, TAGS or dates if the hits do not answer the question.",
    SearchArguments,
    HitsAnswer,
    _search,
)

RELATED = Tool(
    "related",
    "Find related cables",
    "Find what shares the most telling words with a paragraph (answers with paragraphs) or a cable (answers with "
    "cables), best first; never the cable itself. Use it once one good hit is known.",
    RelatedArguments,
    HitsAnswer,
    _related,
)
