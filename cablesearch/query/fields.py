"""The names of fields in a query, and the fields of the schema that they stand for."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import NamedTuple

from whoosh import query as q

from cablesearch.errors import QueryError
from cablesearch.protocols.fields import Text
from cablesearch.query.bounds import MOST_VALUE_CHARACTERS
from cablesearch.schema import index_fields
from cablesearch.schema.field_types import Cased, Number
from cablesearch.schema.index_fields import ALSO, BARE_FIELDS, BARE_FIELDS_OF_CABLE, WEIGHTS, query_schema

__all__ = [
    "CONDITIONAL",
    "FIELDS",
    "HAS",
    "IS",
    "MISSING",
    "Target",
    "bare",
    "every",
    "example",
    "field_named",
    "folded_field",
    "has_ranges",
    "is_text",
    "known",
    "target",
    "value",
]

MISSING, HAS, IS = "missing", "has", "is"
"""The names before a colon that ask for what has no value in a field, for what has one, and for a condition:
``missing:date``, ``has:date``, ``is:due``."""

CONDITIONAL = (MISSING, HAS, IS)

FIELDS = {name: field for field, entry in index_fields.FIELDS.items() for name in entry.names}
"""The field names that a query may use, and the fields of the schema that they mean."""


class Target(NamedTuple):
    """A field of text in which words are searched.

    ``normalise`` returns a folded word as the field holds it, such as its stem; None for a field that holds words as
    they are. ``unstemmed`` is the field that has its words as they are.
    """

    field: str
    unstemmed: str
    normalise: Callable[[str], str] | None
    weight: float = 1.0

    def spelt(self, word: str) -> str:
        """Return a folded word as the field holds it."""
        return self.normalise(word) if self.normalise else word


def example(field: str) -> str:
    """Return values of a field that is not text, as a query has them."""
    return index_fields.FIELDS[field].example or f"{field}:value"


@cache
def is_text(field: str) -> bool:
    """Return whether a field holds words."""
    return isinstance(query_schema()[field], Text)


def folded_field(field: str) -> str | None:
    """Return the field of text that has the words of a field of spellings, folded; None for all other fields."""
    of_schema = query_schema()[field] if field not in CONDITIONAL else None
    return of_schema.words if isinstance(of_schema, Cased) else None


def has_ranges(field: str) -> bool:
    """Return whether the values of a field are in an order that ranges can use."""
    return isinstance(query_schema()[field], Number)


@cache
def target(field: str) -> tuple[Target, ...]:
    """Return the targets of ``field:word``: one, but for fields that are searched together with another."""
    targets = []
    for name in (field, *ALSO.get(field, ())):
        of_schema = query_schema()[name]
        assert isinstance(of_schema, Text)
        targets.append(Target(name, of_schema.unstemmed or name, of_schema.normalise))
    return tuple(targets)


def every(field: str, boost: float = 1.0) -> q.Query:
    """Return the query for what has any value in a field."""
    if field not in ALSO:
        return q.Every(field, boost=boost)
    return q.Or([q.Every(name, boost=boost) for name in (field, *ALSO[field])])


@cache
def bare(by_cable: bool) -> tuple[Target, ...]:
    """Return the targets of a word without a field, in a paragraph or in a whole cable."""
    fields = BARE_FIELDS_OF_CABLE if by_cable else BARE_FIELDS
    return tuple(target(field)[0]._replace(weight=WEIGHTS[field]) for field in fields)


def field_named(name: str) -> str | None:
    """Return the field of the schema, or one of `CONDITIONAL`, that a name in a query stands for; None: none."""
    name = name.lower()
    return name if name in CONDITIONAL else FIELDS.get(name)


def known(text: str, name: str, start: int, whole: str) -> str:
    """Return the field of the schema that a name in a query stands for.

    Args:
        text, start: the query, and the place of the name in it.
        name: the name.
        whole: the token that begins with it.

    Raises:
        QueryError: there is no such field.
    """
    field = field_named(name)
    if field is None:
        import difflib  # Only the message about an error needs it.

        near = difflib.get_close_matches(name.lower(), [*FIELDS, *CONDITIONAL], 1)
        guess = f" Did you mean {near[0]}: ?" if near else ""
        phrase = re.sub(r'[*?"]+', " ", whole.strip("+-(")).strip()
        raise QueryError(
            text,
            start,
            f"unknown field {name!r}",
            f"The fields are {', '.join(dict.fromkeys([*FIELDS.values(), *CONDITIONAL]))}.{guess}\n"
            f'To search for the words themselves, use quotes: "{phrase}"',
        )
    return field


def value(field: str, written: str, boost: float = 1.0) -> q.Query:
    """Return the query for a value of a field that is not text.

    Raises:
        ValueError: the value is invalid.
    """
    if len(written) > MOST_VALUE_CHARACTERS:
        raise ValueError(f"a value of {field} can have at most {MOST_VALUE_CHARACTERS:,} characters")
    query = query_schema()[field].parse_query(field, written, boost=boost)
    if isinstance(query, q.DisjunctionMax) and len(query) == 1:
        return query[0]
    return query
