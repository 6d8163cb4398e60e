"""Advice after a search: why it found nothing or less than expected, and what to try."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote

from cablesearch.cli.messages import say
from cablesearch.results.hits import Results
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.text.wording import plural

__all__ = ["say_advice"]

_MOST_NOTES = 5
_OPTIONS = {"tag": "--tag", "origin": "--origin"}


def say_advice(results: Results, noun: str) -> None:
    """Print on standard error what would find more; nothing if all is well.

    Args:
        results: the results of a search.
        noun: what was searched: ``paragraph`` or ``cable``.
    """
    reasons = list(map(_reason, results.unknown_values))
    if not results.total:
        if results.suggestion:
            say(f"No {noun}s match; did you mean: {results.suggestion}")
        elif reasons:
            say(f"No {noun}s match: {reasons.pop(0)}")
        else:
            say(f"No {noun}s match.")
    for reason in reasons[:_MOST_NOTES]:
        say(f"Note: {reason}")
    if len(reasons) > _MOST_NOTES:
        say(f"Note: {len(reasons) - _MOST_NOTES:,} more values are unknown (--format json lists all)")
    for line in _alternatives(results, noun):
        say(line)
    if results.common_words:
        say(f"Too common to match on their own: {', '.join(results.common_words)}")


def _alternatives(results: Results, noun: str) -> Iterator[str]:
    if count := results.alternatives.get("any_word"):
        yield f"{plural(count, noun)} {_contain(count)} at least one of these words: try --any"
    if count := results.alternatives.get("group_cable"):
        yield f"{plural(count, 'cable')} {_contain(count)} all the words: try --group cable"


def _contain(count: int) -> str:
    return "contains" if count == 1 else "contain"


def _reason(unknown: UnknownValue) -> str:
    """Return why a value finds nothing, and what to write: ``unknown tag 'PHUN'; did you mean PHUM?``."""
    meant = unknown.meant
    if unknown.parts and unknown.is_filter and unknown.field in _OPTIONS:
        meant = " ".join(f"{_OPTIONS[unknown.field]} {quote(part)}" for part in unknown.parts)
    return f"{unknown.reason}; did you mean {meant}?" if meant else unknown.reason
