"""Advice after a search: why it found nothing or less than expected, and what to try."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cablesearch.cli.messages import plural, say
from cablesearch.results.hits import Results
from cablesearch.results.unknown_values import UnknownValue

__all__ = ["say_advice"]

_MOST_NOTES = 5
_NOUNS = {"origin": "post", "marking": "portion marking"}
"""What fields are called in messages, if it is not their name."""
_ABSENT = {
    "tag": "no cable here has the tag {}",
    "origin": "no cable here is from the post {}",
    "control": "no paragraph here has the control {}",
    "ref": "no cable here refers to {}",
}
_OPTIONS = {"tag": "--tag", "origin": "--origin"}
_REQUIRING_ALL = ("tag", "control")
"""The fields that can have several values, all of which a list of values asks for."""


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
    """Return why a value finds nothing: ``unknown tag 'PHUN'; did you mean PHUM?``."""
    noun = _NOUNS.get(unknown.field, unknown.field)
    if unknown.name:
        reason = _ABSENT[unknown.field].format(unknown.name)
    elif "*" in unknown.value or "?" in unknown.value:
        reason = f"no {noun} here matches {unknown.value!r}"
    else:
        reason = f"unknown {noun} {unknown.value!r}"
    meant = _listed(unknown) or _one_of(unknown.near)
    return f"{reason}; did you mean {meant}?" if meant else reason


def _one_of(values: Sequence[str]) -> str:
    """Return values as a phrase: ``PHUM, PHSA or PREL``."""
    *others, last = values or ("",)
    return f"{', '.join(others)} or {last}" if others else last


def _listed(unknown: UnknownValue) -> str:
    """Return how to write a list of values: ``tag:(PHUM PGOV)``, or ``--tag PHUM --tag PGOV`` for a filter."""
    if unknown.is_filter and unknown.field in _OPTIONS:
        from shlex import quote

        return " ".join(f"{_OPTIONS[unknown.field]} {quote(part)}" for part in unknown.parts)
    parts = [part if part.isalnum() else f'"{part}"' for part in unknown.parts]
    joint = " " if unknown.field in _REQUIRING_ALL else " OR "
    return f"{unknown.field}:({joint.join(parts)})" if parts else ""
