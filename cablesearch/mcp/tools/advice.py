"""What an answer says beside its results: why there are none or fewer than expected, and what else was looked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pydantic import Field

from cablesearch.archive import Archive
from cablesearch.mcp.quoting import label, quoted, shown
from cablesearch.mcp.tools.contract import Answer
from cablesearch.request import EVERYTHING, Filters, Group
from cablesearch.results.hits import Results
from cablesearch.text.wording import plural
from cablesearch.variants.expanding import Expansion

__all__ = ["Advice", "AdvisedAnswer", "advice_of", "advice_on"]

_MOST_VALUES = 10


class Advice(NamedTuple):
    """Advice on a query, as `AdvisedAnswer` has it."""

    did_you_mean: str | None = None
    advice: tuple[str, ...] = ()
    also_found: tuple[str, ...] = ()


class AdvisedAnswer(Answer):
    """The answer of a tool that looks at the results of a query."""

    did_you_mean: str | None = Field(default=None, description="The query with its spelling corrected, if that helps.")
    advice: tuple[str, ...] = Field(default=(), description="Why it found less than expected, and what to try.")
    also_found: tuple[str, ...] = Field(
        default=(), description="Quoted acronyms, long forms and synonyms that were searched, too."
    )

    def advice_lines(self) -> Iterator[str]:
        """Yield the advice as lines of text."""
        if self.did_you_mean:
            yield "Did you mean this query?"
            yield quoted(self.did_you_mean)
        yield from map(quoted, self.advice)
        if self.also_found:
            yield "Also searched:"
            yield from map(quoted, self.also_found)


def advice_of(results: Results, unit: Group) -> Advice:
    """Return the advice that results have, in the words of the command line.

    Args:
        results: the results of a search.
        unit: what was searched.
    """
    suggestion = shown(results.suggestion) if results.suggestion else None
    return Advice(suggestion, tuple(_reasons(results, unit)), _expansions(results.expansions))


def advice_on(archive: Archive, text: str, total: int, filters: Filters) -> Advice:
    """Return the advice on a query that a feature has answered.

    Args:
        archive: the archive.
        text: the query.
        total: the number of its results.
        filters: its filters.
    """
    if total:
        return Advice(also_found=_expansions(archive.expansions(text, **filters)))
    results = archive.search(text.strip() or EVERYTHING, limit=0, **filters)
    return advice_of(results, filters.get("group", "paragraph"))


def _reasons(results: Results, unit: Group) -> Iterator[str]:
    for unknown in results.unknown_values[:_MOST_VALUES]:
        yield shown(f"{unknown.reason}; did you mean {unknown.meant}?" if unknown.meant else unknown.reason)
    if (more := len(results.unknown_values) - _MOST_VALUES) > 0:
        yield f"{plural(more, 'more value')} of the query and the filters are unknown"
    if count := results.alternatives.get("any_word"):
        yield f"{plural(count, unit)} {_contain(count)} at least one of these words: try match=any"
    if count := results.alternatives.get("group_cable"):
        yield f"{plural(count, 'cable')} {_contain(count)} all the words: try group=cable"
    if results.common_words:
        yield shown(f"Too common to match on their own: {', '.join(results.common_words)}")


def _contain(count: int) -> str:
    return "contains" if count == 1 else "contain"


def _expansions(expansions: Iterable[Expansion]) -> tuple[str, ...]:
    return tuple(map(_expansion, expansions))


def _expansion(expansion: Expansion) -> str:
    variants = [label(variant.text) for variant in expansion.variants[:_MOST_VALUES]]
    more = len(expansion.variants) - len(variants)
    return f"{label(expansion.written)}: {', '.join(variants)}" + (f" and {more:,} more" if more > 0 else "")
