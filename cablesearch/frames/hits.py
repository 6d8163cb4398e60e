"""Hits as a table: a row for each hit, a column for each of its fields."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, get_args

from cablesearch.arguments import choice, several
from cablesearch.classification.levels import Level
from cablesearch.frames.columns import Categories, Column, Dates, Numbers, Objects, Ordered, Texts, pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HitField", "fields_of", "hits_frame"]

HitField = Literal[
    "cable",
    "paragraph",
    "position",
    "citation",
    "score",
    "date",
    "origin",
    "classification",
    "controls",
    "marking",
    "cable_classification",
    "tags",
    "subject",
    "section",
    "snippet",
    "text",
    "citations",
]
"""The columns of a table of hits. The names are those of a hit in JSON."""


class _Field(NamedTuple):
    """How a column is made.

    Attributes:
        column: makes an empty one.
        value: returns the value of a hit.
    """

    column: Callable[[], Column]
    value: Callable[[Any], object]


_FIELDS: dict[HitField, _Field] = {
    "cable": _Field(Texts, attrgetter("cable")),
    "paragraph": _Field(lambda: Numbers("Int64"), attrgetter("number")),
    "position": _Field(lambda: Numbers("int64"), attrgetter("position")),
    "citation": _Field(Texts, attrgetter("citation")),
    "score": _Field(lambda: Numbers("float64"), attrgetter("score")),
    "date": _Field(Dates, attrgetter("date")),
    "origin": _Field(Categories, attrgetter("origin")),
    "classification": _Field(
        lambda: Ordered([level.title for level in Level]), attrgetter("classification.level.title")
    ),
    "controls": _Field(Objects, attrgetter("classification.controls")),
    "marking": _Field(Categories, attrgetter("marking")),
    "cable_classification": _Field(Categories, lambda hit: str(hit.cable_classification)),
    "tags": _Field(Objects, attrgetter("tags")),
    "subject": _Field(Texts, attrgetter("subject")),
    "section": _Field(Texts, attrgetter("section")),
    "snippet": _Field(Texts, lambda hit: hit.snippet.plain()),
    "text": _Field(Texts, attrgetter("text")),
    "citations": _Field(lambda: Numbers("Int64"), attrgetter("citations")),
}


def fields_of(fields: HitField | Iterable[HitField], *, has_citations: bool) -> tuple[str, ...]:
    """Return the fields to have as columns, after checking them; without any, all that hits have.

    Raises:
        ValueError, TypeError: a field is invalid, or is named twice.
    """
    names: tuple[str, ...] = get_args(HitField)
    chosen = [choice("fields", field, names) for field in several("fields", fields)]
    if len({*chosen}) < len(chosen):
        raise ValueError(f"fields has a name twice: {', '.join(chosen)}")
    return tuple(chosen) or tuple(name for name in names if has_citations or name != "citations")


def hits_frame(hits: Iterable[object], fields: Sequence[str]) -> pd.DataFrame:
    """Return hits as a table. Each hit is read when its row is made, and is not kept.

    Args:
        hits: objects with the attributes of `cablesearch.Hit`.
        fields: the columns, as `fields_of` returns them.

    Raises:
        CablesearchError: pandas is not installed.
    """
    pd = pandas()
    table: dict[str, Any] = {name: (field.column(), field.value) for name, field in _FIELDS.items() if name in fields}
    rows = list(table.values())
    for hit in hits:
        for column, value in rows:
            column.add(value(hit))
    return pd.DataFrame({name: table.pop(name)[0].array() for name in fields}, columns=list(fields), copy=False)
