"""Find the values of a query and of its filters that the archive does not know."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Collection, Iterator, Sequence

from whoosh import query as q

from cablesearch.cable import Classification, ReferenceId
from cablesearch.classification.controls import KNOWN_CONTROLS
from cablesearch.protocols.reader import Reader
from cablesearch.query import parse
from cablesearch.query.fields import value as value_query
from cablesearch.query.written import written_values
from cablesearch.results.unknown_values import UnknownValue
from cablesearch.schema.field_types import PRECEDENCES, upper
from cablesearch.schema.index_fields import ID_FIELDS
from cablesearch.suggestions.near_values import NearValues
from cablesearch.text.folding import without_unseen
from cablesearch.vocabulary.countries import country_named
from cablesearch.vocabulary.identifiers import known_post
from cablesearch.vocabulary.parts import kind_named
from cablesearch.vocabulary.tag_names import KINDS, canonical_name, tag_meaning

__all__ = ["unknown_values"]

_FIELDS = frozenset(
    ("tag", "origin", "country", "control", "marking", "collection", "precedence", "recipients", "signer", "in")
) | {*ID_FIELDS}
_WILD = re.compile(r"[*?]")
_MOST_DESCRIBED = 10
"""The most unknown values to which near ones are looked for, and the most parts of one likewise."""


def unknown_values(
    reader: Reader, text: str, *, tags: Sequence[str], origins: Sequence[str], classifications: Sequence[str]
) -> tuple[UnknownValue, ...]:
    """Return the values of a valid query and of valid filters that occur nowhere in what the reader may see.

    Args:
        reader: the archive as its reader sees it.
        text: the query, without characters that are not seen.
        tags, origins, classifications: the filters.
    """
    if not reader.cable_count:
        return ()
    given = [(place.field, place.value, False) for place in written_values(text)]
    for field, values in (("tag", tags), ("origin", origins), ("class", classifications)):
        given += [(field, without_unseen(value), True) for value in values]
    unknown: dict[tuple[str, str], UnknownValue] = {}
    near = NearValues(reader)
    for field, value, is_filter in given:
        for checked, part in _checked(field, value):
            if (checked, part) in unknown or _is_known(reader, checked, part):
                continue
            if len(unknown) < _MOST_DESCRIBED:
                unknown[checked, part] = _described(reader, near, checked, part, is_filter)
            else:
                unknown[checked, part] = UnknownValue(checked, part, is_filter=is_filter)
    return tuple(unknown.values())


def _checked(field: str, value: str) -> Iterator[tuple[str, str]]:
    """Yield the fields and values that have to occur: for ``class:SECRET//NOFORN`` the control."""
    if field in _FIELDS:
        yield field, value
    elif field == "class" and (classification := Classification.parse(value)):
        yield from (("control", control) for control in classification.controls)


def _is_known(reader: Reader, field: str, value: str) -> bool:
    """Return whether a value occurs, or a value that fits if it is a pattern."""
    # Words that name no kind of part are those of a heading.
    query = parse(f'in:"{value}"') if field == "in" and not _WILD.search(value) else value_query(field, value)
    forms = [] if field == "in" else _forms(query)
    if forms:
        return any(reader.has_value(field, form) for form in forms)
    return reader.select(query, by_cable=True).count > 0


def _forms(query: q.Query) -> list[str]:
    """Return the forms in which a value may be stored; none for a pattern."""
    return [leaf.text for leaf in query.leaves() if isinstance(leaf, q.Term)]


def _described(reader: Reader, near: NearValues, field: str, value: str, is_filter: bool) -> UnknownValue:
    if "*" in value or "?" in value:
        return UnknownValue(field, value, is_filter=is_filter)
    name = _valid_name(reader, field, value)
    meant = near.to(field, value, same_name=name is not None)
    parts = () if name or meant or "," not in value else _list(reader, near, field, value)
    if len(parts) < 2:
        meant, parts = meant or parts, ()
    return UnknownValue(field, value, near=meant, parts=parts, name=name, is_filter=is_filter)


def _list(reader: Reader, near: NearValues, field: str, value: str) -> tuple[str, ...]:
    """Return the values of a list with commas: each as it is if it occurs, else the nearest one, if any."""
    values: dict[str, None] = {}
    looked_for = 0
    for part in filter(None, map(str.strip, value.split(","))):
        # A control may be written in a way that cannot be read.
        with contextlib.suppress(ValueError):
            if _is_known(reader, field, part):
                values[part] = None
            elif (looked_for := looked_for + 1) <= _MOST_DESCRIBED:
                values.update(dict.fromkeys(near.to(field, part)[:1]))
    return tuple(values)


def _valid_name(reader: Reader, field: str, value: str) -> str | None:
    """Return what a valid value stands for, although it does not occur; None if it is unknown altogether."""
    if field == "tag":
        name = canonical_name(upper(value))
        if name not in KINDS or (name != upper(value) and reader.has_value(field, name)):
            return None
        meaning = tag_meaning(name)
        return f"{name} ({meaning})" if meaning else name
    if field in _NAMES:
        return _NAMES[field](value) or None
    if known := _VALUES.get(field):
        return next((form for form in _forms(value_query(field, value)) if form in known), None)
    return None


def _id(value: str) -> str | None:
    return upper(value) if ReferenceId.parse(upper(value)) else None


_NAMES: dict[str, Callable[[str], str | None]] = {
    **dict.fromkeys(("origin", "recipients"), known_post),
    "country": country_named,
    "in": kind_named,
    **dict.fromkeys(("ref", "cites", "answers"), _id),
}
"""What a valid value of a field stands for."""
_VALUES: dict[str, Collection[str]] = {"control": KNOWN_CONTROLS, "precedence": frozenset(PRECEDENCES.values())}
"""The valid values of a field."""
