"""What is said after a search: of how many results a part is shown, and what else to try."""

from __future__ import annotations

import re
from shlex import quote
from typing import TYPE_CHECKING, Any

from cablesearch.answers.named import named_cable, unknown_name
from cablesearch.cli.messages import say, say_unfilled
from cablesearch.cli.rendering.advice import say_advice, say_expansions
from cablesearch.request import EVERYTHING
from cablesearch.results.hits import Results
from cablesearch.text.wording import page, plural

if TYPE_CHECKING:
    from cablesearch.archive import Archive

__all__ = ["say_empty", "say_more", "say_of_how_many", "say_what_else", "say_without"]

_NEEDS_NO_QUOTES = re.compile(r"[\w/.@¶-]+")


def say_of_how_many(offset: int, shown: int, total: int, noun: str, took: float | None = None) -> None:
    """Say which results are shown, and of how many; for programs (without a time) only if it is a part.

    Args:
        offset: the number of results that were skipped.
        shown: the number of results that are shown.
        total: the number of all results.
        noun: what the results are.
        took: how many seconds the search took, for people.
    """
    if took is None and shown == total:
        return
    hint = ""
    if offset >= total:
        hint = f"; --offset {offset} skips all of them"
    elif offset + shown < total:
        hint = "; --limit all shows " + ("the rest" if offset else "all")
    time = "" if took is None else f" ({took * 1000:.0f} ms)"
    say(f"Showing {page(offset, shown)} of {plural(total, noun)}{hint}{time}")


def say_what_else(archive: Archive, text: str, results: Results, noun: str, *, has_advice: bool = False) -> None:
    """Say what would find more, and offer the cable whose id is the whole query, or say that there is none.

    Args:
        archive: the archive that was searched.
        text: the query.
        results: the results.
        noun: what was searched: ``paragraph`` or ``cable``.
        has_advice: whether what was printed has the advice already.
    """
    is_empty = not results.total and say_empty(archive)
    if not is_empty and not has_advice:
        say_advice(results, noun)
    reference = named_cable(archive, text)
    if reference:
        argument = reference if _NEEDS_NO_QUOTES.fullmatch(reference) else quote(reference)
        say(f"To read {reference}: cablesearch show {argument}")
    elif not results.total and not is_empty and (error := unknown_name(archive, text)):
        reason = str(error)
        say(reason[0].upper() + reason[1:])


def say_more(archive: Archive, text: str, total: int, filters: dict[str, Any]) -> None:
    """Say what else was looked for, or if nothing was found what would find more.

    Args:
        archive: the archive that was asked.
        text: the query; everything, if it is empty.
        total: how much was found.
        filters: the filters of the query, of which ``group`` names what was searched.
    """
    if total:
        say_expansions(archive.expansions(text, **filters))
    else:
        results = archive.search(text.strip() or EVERYTHING, limit=0, **filters)
        say_what_else(archive, text, results, filters["group"])


def say_empty(archive: Archive) -> bool:
    """Say so if the reader sees no cable in the archive, and return whether that is so.

    An archive of which all is hidden is as good as empty: it gets the same words.
    """
    is_empty = not len(archive)
    if is_empty:
        say(f"The archive is empty: {archive.location}. Add cables with: cablesearch index SOURCE")
    return is_empty


def say_without(archive: Archive, field: str) -> None:
    """Say so if older cables lack a field on which the answer depends. Only full clearance may know."""
    if archive.clearance is None:
        say_unfilled([name for name in archive.stats().unfilled_fields or () if name == field])
