"""What would find more: other spellings, looser readings, values that are meant, the cable that is named."""

from __future__ import annotations

import re
from typing import NamedTuple

from cablesearch.answers.named import named_cable, unknown_name
from cablesearch.archive import Archive
from cablesearch.results.hits import Results
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.web.pages.links import Links
from cablesearch.web.pages.search.asked import Asked

__all__ = ["Advice", "Choice", "Unknown", "advice_on"]

_MOST_UNKNOWN = 5
_ARGUMENTS = {"tag": "tag", "origin": "origin", "classification": "classification"}
"""The argument that is the filter by a field."""


class Choice(NamedTuple):
    """Something to choose instead: what it is called, and its address."""

    text: str
    address: str


class Unknown(NamedTuple):
    """A value that does not occur, with those that may be meant."""

    reason: str
    meant: list[Choice]
    wording: str


class Advice(NamedTuple):
    """What a search page says beside the results.

    Attributes:
        suggestion: the query with its spelling corrected.
        any_word: how many results have any of the words, and their address.
        whole_cables: how many cables have all the words, and their address.
        unknown: values that do not occur, and how many more there are.
        more_unknown: how many more there are.
        cable: the cable that the query names.
        near: the ids near to the one that the query names, if there is no such cable.
        without_acronyms: the address of the search without acronyms.
    """

    suggestion: Choice | None
    any_word: tuple[int, str] | None
    whole_cables: tuple[int, str] | None
    unknown: list[Unknown]
    more_unknown: int
    cable: Choice | None
    near: list[Choice]
    without_acronyms: str | None


def advice_on(archive: Archive, asked: Asked, results: Results) -> Advice:
    """Return what would find more, and the cable that the query names."""
    counts, query = results.alternatives, asked.given.q
    name = named_cable(archive, query) if query else None
    error = unknown_name(archive, query) if query and not (name or results.total) else None
    any_word, cables = counts.get("any_word"), counts.get("group_cable")
    has_acronyms = any(variant.source == "acronym" for entry in results.expansions for variant in entry.variants)
    return Advice(
        suggestion=Choice(results.suggestion, asked.changed(q=results.suggestion)) if results.suggestion else None,
        any_word=(any_word, asked.changed(any="true")) if any_word else None,
        whole_cables=(cables, asked.changed(group="cable")) if cables else None,
        unknown=[_unknown(asked, value) for value in results.unknown_values[:_MOST_UNKNOWN]],
        more_unknown=max(0, len(results.unknown_values) - _MOST_UNKNOWN),
        cable=_cable(asked.links, name) if name else None,
        near=[_cable(asked.links, near) for near in error.near] if error else [],
        without_acronyms=asked.changed(acronyms="false") if has_acronyms else None,
    )


def _cable(links: Links, name: str) -> Choice:
    """Return a cable, or a paragraph of it, as something to choose."""
    return Choice(name, links.reference(name))


def _unknown(asked: Asked, value: UnknownValue) -> Unknown:
    meant = (
        [] if value.parts else [Choice(near, address) for near in value.near if (address := _with(asked, value, near))]
    )
    wording = value.meant if len(meant) < len(value.near) or value.parts else ""
    return Unknown(value.reason, [] if wording else meant, wording)


def _with(asked: Asked, value: UnknownValue, near: str) -> str | None:
    """Return the address of the search with a near value in the place of one that does not occur."""
    if value.is_filter:
        name = _ARGUMENTS.get(value.field, value.field)
        pairs = [(key, near if (key, text) == (name, value.value) else text) for key, text in asked.pairs]
        return asked.address(pairs) if pairs != asked.pairs else None
    query = asked.given.q
    places = [*re.finditer(rf'(?<![\w"]){re.escape(value.value)}(?![\w])|"{re.escape(value.value)}"', query)]
    if len(places) != 1:
        return None
    written = near if near.isalnum() and near.isascii() else f'"{near}"'
    return asked.changed(q=query[: places[0].start()] + written + query[places[0].end() :])
