"""Advice after a search: why it found nothing or less than expected, and what to try."""

from __future__ import annotations

from collections.abc import Iterator
from shlex import quote
from typing import TYPE_CHECKING

from cablesearch.cli.messages import note, say
from cablesearch.results.hits import Results
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.text.wording import plural

if TYPE_CHECKING:
    from cablesearch.variants.expanding import Expansion, Variant

__all__ = ["say_advice"]

_MOST_NOTES = 5
_MOST_VARIANTS = 10
_OPTIONS = {"tag": "--tag", "origin": "--origin"}


def say_advice(results: Results, noun: str) -> None:
    """Print on standard error what would find more; nothing if all is well.

    Args:
        results: the results of a search.
        noun: what was searched: ``paragraph`` or ``cable``.
    """
    for expansion in results.expansions:
        note(_expansion(expansion))
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


def _expansion(expansion: Expansion) -> str:
    """Return what else was looked for: ``TIP also finds "trafficking in persons" (defined in 2 paragraphs)``."""
    shown = expansion.variants[:_MOST_VARIANTS]
    more = len(expansion.variants) - len(shown)
    rest = f" and {more:,} more (--format json lists all)" if more else ""
    hint = "; not with --no-acronyms" if any(variant.source == "acronym" for variant in shown) else ""
    return f"{expansion.written} also finds {', '.join(map(_variant, shown))}{rest}{hint}"


def _variant(variant: Variant) -> str:
    text = f'"{variant.text}"' if " " in variant.text else variant.text
    defined = "" if variant.paragraphs is None else f" (defined in {plural(variant.paragraphs, 'paragraph')})"
    return text + defined


def _contain(count: int) -> str:
    return "contains" if count == 1 else "contain"


def _reason(unknown: UnknownValue) -> str:
    """Return why a value finds nothing, and what to write: ``unknown tag 'PHUN'; did you mean PHUM?``."""
    meant = unknown.meant
    if unknown.parts and unknown.is_filter and unknown.field in _OPTIONS:
        meant = " ".join(f"{_OPTIONS[unknown.field]} {quote(part)}" for part in unknown.parts)
    return f"{unknown.reason}; did you mean {meant}?" if meant else unknown.reason
