"""Objects of JSON that other programs wrote, read as cables.

An object is one of ours (`cablesearch.readers.json_cables`) if all of its names are, or if it has one that only ours
have, such as ``paragraphs``: then an unknown name is a mistake and is rejected. In any other object, the values of
fields are where the options say, or else under usual names; all other values become attributes.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Mapping
from typing import Any

from cablesearch.cable import Cable, Classification
from cablesearch.cable_fields import CABLE
from cablesearch.classification.classification import OPEN
from cablesearch.classification.covering import covering
from cablesearch.errors import CablesearchError
from cablesearch.readers.errors import UnreadableCable
from cablesearch.readers.given_dates import given_date
from cablesearch.readers.given_values import (
    FIELDS,
    cable_of,
    guessed,
    names_marking,
    sort_values,
    usual_fields,
    with_chosen,
)
from cablesearch.readers.records import ReadingOptions

__all__ = ["cable_of_object", "check_fields", "is_own", "note_of_object", "sorted_object"]

_SHARED = {*FIELDS, "reference_id", "signature", "precedence", "names", "version"} - {"controls"}
_OWN = frozenset(CABLE.readers) - _SHARED
"""The names that only our objects have."""
_STEP = re.compile(r"""\.?([^\s.\[\]"][^.\[\]"]*)|\.?\["([^"]+)"\]|\[([0-9]{1,9})\]""")
_SHOWN_NAMES = 200
_MOST_SECONDS = 10**11
"""Larger numbers are milliseconds since 1970: as seconds, this one is in the year 5138."""
_Path = tuple["str | int", ...]


def check_fields(options: ReadingOptions) -> None:
    """Check that the options name fields that exist, and places in the form ``.meta.pages[0].text``.

    Raises:
        CablesearchError: they do not.
    """
    for field in (*options.columns, *options.paths):
        if field not in FIELDS:
            raise CablesearchError(f"{field!r} is not a field of a cable; fields are: {', '.join(FIELDS)}")
    for place in options.paths.values():
        _path(place)


def _path(place: str) -> _Path:
    """Return the names and numbers on the way to a place such as ``.meta.pages[0].text``."""
    steps: list[str | int] = []
    at = 0
    while at < len(place):
        step = _STEP.match(place, at)
        if step is None:
            raise CablesearchError(f"{place!r} is not a place in JSON; an example is .pages[0].text")
        steps.append(int(step[3]) if step[3] else step[1] or step[2])
        at = step.end()
    return tuple(steps)


def is_own(entry: Mapping[str, Any]) -> bool:
    """Return whether an object is one of ours, and not one of another program."""
    if not _OWN.isdisjoint(entry):
        return True
    if not CABLE.readers.keys() >= entry.keys():
        # Others may call the id so, but not beside an id of ours.
        return "reference_id" in entry and isinstance(entry.get("id"), str)
    date, tags = entry.get("date"), entry.get("tags")
    is_other = isinstance(tags, str) or (isinstance(date, str) and "T" not in date and given_date(date) is not None)
    return not is_other or "body" not in entry


def cable_of_object(entry: dict[str, Any], paths: Mapping[str, str], key: str = "") -> Cable:
    """Return the cable of an object that another program wrote; ``entry`` is used up.

    Args:
        entry: the object.
        paths: the places of values by field, as far as the options name them.
        key: the name under which the object stands in another one; it is the id if the object has none.

    Raises:
        UnreadableCable: it is not one.
    """
    try:
        fields = _fields(entry, paths)
        if "body" not in fields:
            shown = ", ".join(map(str, entry))[:_SHOWN_NAMES]
            raise UnreadableCable(f"no text of a cable under a known name; name its path; names are: {shown}")
        values, attributes = sorted_object(entry, fields)
        if key:
            values.setdefault("id", key)
    except RecursionError:
        raise UnreadableCable("not a cable: JSON nested too deeply") from None
    return cable_of(values, attributes)


def sorted_object(entry: dict[str, Any], fields: Mapping[str, _Path]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the values of an object by field, and the others by their own names; ``entry`` is used up.

    ``fields`` are the names and numbers on the way to each field. A marking within a value that has no field is among
    the controls.
    """
    texts = {_shown(path): _text(field, _taken(entry, path)) for field, path in fields.items()}
    texts |= {name: _text("", value) for name, value in entry.items() if not _is_empty(value)}
    by_field = {field: _shown(path) for field, path in fields.items()}
    values, attributes = sort_values(tuple(texts), by_field, tuple(texts.values()))
    if markings := _nested_markings(entry):
        values["controls"] = "|".join((*filter(None, [values.get("controls")]), *markings))
    return values, attributes


def note_of_object(entry: dict[str, Any], paths: Mapping[str, str]) -> str | None:
    """Return a note on the names of another program's object that are guessed to be fields, or None."""
    guesses = guessed({field: _shown(path) for field, path in _fields(entry, paths).items()}, paths)
    return f"read as JSON of another program: {guesses}; other paths can be named" if guesses else None


def _fields(entry: Mapping[str, Any], paths: Mapping[str, str]) -> dict[str, _Path]:
    """Return the place of each field in an object: the one that the options name, else that of a usual name."""
    places: dict[str, tuple[_Path, Any]] = {}
    for outer in _outer_names(entry):
        inner = entry if outer is None else entry[outer]
        for name, value in inner.items():
            if _is_plain(value):
                places.setdefault(name, ((name,) if outer is None else (outer, name), value))
    usual = usual_fields(tuple(places), tuple(_text("", value) for _, value in places.values()))
    chosen = {field: _path(place) for field, place in paths.items()}
    return with_chosen({field: places[name][0] for field, name in usual.items()}, chosen)


def _outer_names(entry: Mapping[str, Any]) -> list[str | None]:
    """Return the names of objects in an object that may hold values of a cable, and None for itself, the surest first.

    One may hold the text, if the outer object does not (``_source``); others describe it (``metadata``).
    """
    inner = [name for name, value in entry.items() if isinstance(value, dict)]
    texts: list[str | None] = []
    if "body" not in usual_fields(tuple(entry)):
        texts += [name for name in inner if "body" in usual_fields(tuple(entry[name]))]
    return [*texts, None, *(name for name in inner if name.lower().startswith("meta") and name not in texts)]


def _is_plain(value: object) -> bool:
    """Return whether a value is a text, a number, a list of texts and numbers, or a date or id of MongoDB."""
    if isinstance(value, dict):
        return len(value) == 1 and next(iter(value)) in ("$date", "$oid", "$numberLong")
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, (str, int, float)) for each in value)
    return value is not None


def _is_empty(value: object) -> bool:
    """Return whether a value holds nothing, such as an object from which all values were removed."""
    if isinstance(value, dict):
        return all(map(_is_empty, value.values()))
    return all(map(_is_empty, value)) if isinstance(value, list) else value in ("", None)


def _shown(path: _Path) -> str:
    """Return a place in words: a name at the top as it is, any other as jq writes it."""
    if len(path) == 1:
        return str(path[0])
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)


def _taken(entry: dict[str, Any], path: _Path) -> object:
    """Remove the value at a place from an object, and return it; None if the place has no value."""
    outer: Any = entry
    for step in path[:-1]:
        outer = _inside(outer, step)
    value = _inside(outer, path[-1])
    if value is not None and isinstance(outer, dict):
        del outer[path[-1]]
    elif value is not None:
        outer[path[-1]] = None
    return value


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


_JOINED_BY = {"body": "\n", "header": "\n", "tags": " | ", "references": " | ", "controls": " | "}
"""What stands between the values of a list that is a field."""


def _text(field: str, value: Any) -> str:
    """Return a value as text: a date as such, a list of plain values joined, anything else as compact JSON."""
    if isinstance(value, dict) and _is_plain(value):
        value = next(iter(value.values()))
    if field == "date" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return _date(value)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and _is_plain(value):
        return _JOINED_BY.get(field, ", ").join(map(str, value))
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _date(number: float) -> str:
    """Return the date of a number: seconds or milliseconds since 1970, or the digits of a date (19790605)."""
    if given_date(str(number)) is not None:
        return str(number)
    seconds = number / 1000 if abs(number) > _MOST_SECONDS else number
    try:
        date = dt.datetime(1970, 1, 1) + dt.timedelta(seconds=seconds)
    except (OverflowError, ValueError):
        return str(number)
    return date.isoformat(timespec="minutes")


def _nested_markings(entry: Mapping[str, Any]) -> list[str]:
    """Return the markings within nested values of an object: those under a name that speaks of one, at any depth, and
    those in texts."""
    waiting = [(names_marking(name), value) for name, value in entry.items() if isinstance(value, (dict, list))]
    markings = []
    while waiting:
        is_marking, value = waiting.pop()
        pairs = value.items() if isinstance(value, dict) else [("", each) for each in value]
        for name, inner in pairs:
            is_named = is_marking or names_marking(name)
            if isinstance(inner, (dict, list)):
                waiting.append((is_named, inner))
            elif isinstance(inner, str):
                stated = Classification.parse(inner.upper()) if is_named else None
                markings.append(covering(stated or OPEN, inner))
    return [str(marking) for marking in dict.fromkeys(markings) if marking != OPEN]
