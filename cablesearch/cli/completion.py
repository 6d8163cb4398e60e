"""The values that a shell completes: TAGS, posts, levels, controls and ids, as the archive has them.

They come from the visible part of the archive alone, and whatever goes wrong gives no values and no message. A shell
asks at every press of a key, so nothing here imports NumPy or Whoosh; see `cablesearch.embedded.glancing`. There are no
values of an archive on a cluster, which would have to be asked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from cablesearch.classification.clearance import Clearance
    from cablesearch.embedded.glancing import VisibleValues

__all__ = [
    "QUERY_FIELDS",
    "complete_clearance",
    "complete_id",
    "complete_level",
    "complete_origin",
    "complete_query",
    "complete_tag",
]

_MOST_IDS = 100
"""The most ids to list; of more, their beginnings are."""
_LONGEST_ID = 64
_KIND_OF_POST = re.compile(
    r"(?:Embassy|Consulate|Mission|REO|US Office|US Interests Section|American) (?=.)", re.IGNORECASE
)
_COMPARISON = re.compile(r"(?:[<>]=?|=)?")
_VALUE = re.compile(r'(?:^|(?<=[\s(]))[-+!]?([^\W\d]\w*):((?:[<>]=?)?)(?:"([^"]*)|([^\s"()\[\]{}]*))$')
"""The value of a field at the end of a query: its field, a comparison, and the value with or without quotes."""
_PLAIN = re.compile(r"[\w/.-]+")
"""A value that needs no quotes in a query."""

QUERY_FIELDS = {
    **dict.fromkeys(("tag", "tags"), "tag"),
    **dict.fromkeys(("origin", "post", "from"), "origin"),
    **dict.fromkeys(("class", "classification"), "class"),
    "control": "control",
    "marking": "marking",
    **dict.fromkeys(("id", "cable"), "id"),
    **dict.fromkeys(("ref", "refs", "references"), "ref"),
    "cites": "cites",
    "answers": "answers",
    **dict.fromkeys(("country", "countries"), "country"),
    "recipients": "recipients",
    "signer": "signer",
    "precedence": "precedence",
    "in": "in",
    "collection": "collection",
}
"""The fields of a query whose values are completed, by every name; the others have words, dates and numbers."""


CONDITIONS = (
    *("capitals", "classified", "controlled", "due", "flash", "immediate", "marked", "niact", "numbered", "priority"),
    *("reply", "routine", "unclassified"),
)
"""What ``is:`` asks for. Where they are defined, Whoosh is imported."""


def _items(values: Iterable[str]) -> list[CompletionItem]:
    from click.shell_completion import CompletionItem

    return [CompletionItem(value) for value in values]


def complete_tag(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete one of the TAGS."""
    del parameter
    items = _items(_values(context, "tag", start.upper()))
    # Only these shells show what a value means.
    if os.environ.get("_CABLESEARCH_COMPLETE", "").startswith(("zsh", "fish")):
        from cablesearch.vocabulary.tag_names import tag_meaning

        for item in items:
            item.help = tag_meaning(item.value) or None
    return items


def complete_origin(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete a post, by its place (beijing, hongkong) or its whole name (Embassy Beijing)."""
    del parameter
    return _items(_origins(context, "origin", start))


def complete_level(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete a level, or a comparison with one (>=SECRET)."""
    del parameter
    return _items(_levels(context, start))


def complete_id(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete the id of a cable; of too many ids, the beginnings that go on from here."""
    del parameter
    return _items(_ids(context, "id", start))


def complete_clearance(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete a clearance: a level that the environment does not forbid, then controls."""
    del context, parameter
    from cablesearch.classification.clearance import FULL, clearance_covers, parse_clearance
    from cablesearch.classification.levels import Level

    level, strokes, controls = start.upper().partition("//")
    limit = os.environ.get("CABLESEARCH_CLEARANCE") or FULL
    try:
        allowed = parse_clearance(limit)
        if strokes:
            from cablesearch.classification.controls import CONTROL_NAMES

            given, comma, last = controls.rpartition(",")
            names = sorted({name for name in CONTROL_NAMES.values() if " " not in name and name.startswith(last)})
            values = [f"{level}//{given}{comma}{name}" for name in names if name not in given.split(",")]
        else:
            values = [name for name in (*Level.__members__, FULL) if name.startswith(level)]
        return _items(value for value in values if clearance_covers(allowed, parse_clearance(value)))
    except ValueError:
        return []


def complete_query(context: click.Context, parameter: click.Parameter, start: str) -> list[CompletionItem]:
    """Complete the value of a field at the end of a query, such as tag:PH."""
    del parameter
    match = _VALUE.search(start)
    field = {"is": "is", **QUERY_FIELDS}.get(match[1].lower()) if match else None
    if not match or not field:
        return []
    begun, comparison = match[3] if match[4] is None else match[4], match[2]
    if field == "class":
        values = _levels(context, begun)
    elif comparison:
        values = []
    elif field == "is":
        values = [name for name in CONDITIONS if name.startswith(begun.lower())]
    elif field in ("origin", "recipients"):
        values = _origins(context, field, begun)
    elif field == "country":
        values = [name for name in _values(context, field, "") if name.casefold().startswith(begun.casefold())]
    elif field in ("id", "ref", "cites", "answers"):
        values = _ids(context, field, begun)
    elif field == "in":
        values = _values(context, field, begun.lower())
    else:
        values = _values(context, field, begun.upper())
    before = start[: match.end(2)]
    is_quoted = match[4] is None
    return _items(
        f'{before}"{value}"' if is_quoted or not _PLAIN.fullmatch(value) else before + value for value in values
    )


def _origins(context: click.Context, field: str, start: str) -> list[str]:
    names = _values(context, field, "")
    wanted = start.casefold()
    places = {name: _KIND_OF_POST.sub("", name, count=1) for name in names}
    values = sorted({_letters(place) for place in places.values()})
    values = [value for value in values if value.startswith(wanted)]
    if len(start) > 1 and start.isupper():
        values = [value.upper() for value in values]
    spelt = dict.fromkeys([*names, *sorted(places.values())])
    # Not both, or a shell could not choose.
    return values or [name for name in spelt if name.casefold().startswith(wanted)]


def _letters(name: str) -> str:
    return re.sub(r"[\W_]+", "", name.casefold())


def _levels(context: click.Context, start: str) -> list[str]:
    from cablesearch.classification.levels import Level

    comparison = (_COMPARISON.match(start) or [""])[0]
    begun = start[len(comparison) :].upper()
    known = _values(context, "classification", "")
    # The names have no blanks, so that options and queries need no quotes.
    return [comparison + level.name for level in Level if level.title in known and level.name.startswith(begun)]


def _ids(context: click.Context, field: str, start: str) -> list[str]:
    begun = "".join(start.upper().split())
    values = _values(context, field, begun, most=_MOST_IDS)
    if len(values) <= _MOST_IDS:
        return values
    beginnings: list[str] = []
    for length in range(len(begun) + 1, _LONGEST_ID):
        longer = _values(context, field, begun, length=length, most=_MOST_IDS)
        if len(longer) > _MOST_IDS:
            break
        beginnings = longer
    # More than one, or the shell would take the beginning for an id.
    return beginnings if len(beginnings) > 1 else values


def _values(
    context: click.Context, field: str, prefix: str, *, length: int | None = None, most: int | None = None
) -> list[str]:
    """Return the visible values of a field that begin with a prefix; none if anything is wrong."""
    from cablesearch.arguments import is_address
    from cablesearch.embedded.glancing import VisibleValues

    place = context.params.get("index_path")
    if place is None or is_address(place):
        return []
    try:
        visible = VisibleValues(Path(place))
        values = visible.begun(field, prefix, _clearance(context, visible), length=length, most=most)
    except Exception:
        return []
    # What could command the terminal, or end a line, is not offered.
    return [value for value in values if value.isprintable()]


def _clearance(context: click.Context, visible: VisibleValues) -> Clearance | None:
    """Return the reader's clearance: that of the option or the environment, else the archive's default.

    Raises:
        ValueError: the given one is invalid; or CorruptIndexError: the archive's default is.
    """
    from cablesearch.classification.clearance import parse_clearance

    given = context.params.get("clearance")
    if given is not None:
        return parse_clearance(given)
    # While a command line is completed, an option with an invalid value has no value.
    level: click.Context | None = context
    while level is not None:
        if level.get_parameter_source("clearance") is click.core.ParameterSource.COMMANDLINE:
            raise ValueError("an invalid clearance")
        level = level.parent
    if os.environ.get("CABLESEARCH_CLEARANCE"):
        raise ValueError("an invalid clearance in the environment")
    return visible.default_clearance()
