"""Check the arguments of public functions. Messages name the argument and say what is allowed."""

from __future__ import annotations

import datetime as dt
import io
import math
import os
import re
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from numbers import Integral, Real
from pathlib import Path
from typing import Any, TypeGuard, TypeVar

from cablesearch.text.wording import one_of

__all__ = [
    "Period",
    "by_name",
    "choice",
    "function",
    "is_address",
    "need",
    "number",
    "path",
    "paths",
    "period",
    "real",
    "several",
    "shown",
    "text_file",
]

Period = str | int | dt.date
"""A date, or a period of dates: text such as ``2009``, ``2009-11`` or ``2009-11-20``; a year as an int; or a `date` or
`datetime`, which is taken to the minute and for UTC if it has no time zone."""

_Kind = TypeVar("_Kind")

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://")
"""The beginning of an address; a drive of Windows has a single letter."""

_KINDS: dict[type[Any], str] = {str: "a string"}


def shown(value: object) -> str:
    """Return a value as a message shows it: its repr, shortened."""
    return reprlib.repr(value)


def need(name: str, value: Any, kind: type[_Kind]) -> _Kind:
    """Return an argument after checking its type.

    Raises:
        TypeError: the value is not of type ``kind``.
    """
    if not isinstance(value, kind):
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise TypeError(f"{name} must be {_KINDS.get(kind) or f'{article} {kind.__name__}'}, not {shown(value)}")
    return value


def number(name: str, value: Any, least: int = 0) -> int:
    """Return a whole number after checking it; NumPy's are accepted, True and False are not.

    Raises:
        TypeError: the value is not a whole number.
        ValueError: it is less than ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, not {shown(value)}")
    if value < least:
        raise ValueError(f"{name} must be at least {least}, not {value}")
    return int(value)


def real(name: str, value: Any, above: float | None = None) -> float:
    """Return a finite number from 0 on, or above another one, after checking it; True and False are not numbers.

    Raises:
        TypeError: the value is not a number.
        ValueError: it is out of bounds.
    """
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number, not {shown(value)}")
    result = float(value)
    if not math.isfinite(result) or result < 0 or (above is not None and result <= above):
        bound = "at least 0" if above is None else f"above {above:g}"
        raise ValueError(f"{name} must be a finite number {bound}, not {shown(value)}")
    return result


def choice(name: str, value: Any, allowed: Sequence[str]) -> str:
    """Return an argument after checking that it is one of the allowed strings.

    >>> choice("sort", "score", ("relevance", "date", "-date"))
    Traceback (most recent call last):
    ...
    ValueError: sort must be 'relevance', 'date' or '-date', not 'score'

    Raises:
        TypeError: the value is not a string.
        ValueError: it is not allowed.
    """
    if isinstance(value, str) and value in allowed:
        return value
    kind = ValueError if isinstance(value, str) else TypeError
    raise kind(f"{name} must be {one_of(list(map(repr, allowed)))}, not {shown(value)}")


def several(name: str, values: Any) -> tuple[str, ...]:
    """Return one string or several as a tuple: ``"PHUM"`` as ``("PHUM",)``.

    Raises:
        TypeError: the argument is neither a string nor an iterable of strings.
    """
    if isinstance(values, str):
        return (values,)
    if isinstance(values, (bytes, bytearray)) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a string or several strings, not {shown(values)}")
    strings = tuple(values)
    for string in strings:
        if not isinstance(string, str):
            raise TypeError(f"{name} must be a string or several strings, but one of them is {shown(string)}")
    return strings


def by_name(name: str, values: Any) -> dict[str, str]:
    """Return a mapping of strings to strings, such as ``{"date": "created"}``; None as an empty one.

    Raises:
        TypeError: it is not a mapping, or has something else in it.
    """
    if values is None:
        return {}
    if not isinstance(values, Mapping):
        raise TypeError(f"{name} must be a mapping, not {shown(values)}")
    for string in (*values, *values.values()):
        if not isinstance(string, str):
            raise TypeError(f"{name} must map strings to strings, but has {shown(string)}")
    return dict(values)


def function(name: str, value: Any) -> None:
    """Raise an error unless a value can be called or is None.

    Raises:
        TypeError: it cannot.
    """
    if not (value is None or callable(value)):
        raise TypeError(f"{name} must be a function, not {shown(value)}")


def text_file(name: str, value: Any) -> None:
    """Raise an error unless a value can be written to or is None.

    Raises:
        TypeError: it cannot.
    """
    if not (value is None or callable(getattr(value, "write", None))):
        raise TypeError(f"{name} must be a text file open for writing, not {shown(value)}")


def is_address(value: object) -> TypeGuard[str]:
    """Return whether a value is an address such as ``opensearch://localhost:9200/cables``, and not a path.

    An address is never made a `Path`, which would not keep its slashes.
    """
    return isinstance(value, str) and _SCHEME.match(value) is not None


def path(name: str, value: Any) -> Path:
    """Return one path.

    Raises:
        TypeError: it is neither a string nor ``os.PathLike``, or it is of bytes.
    """
    if isinstance(value, (str, os.PathLike)) and isinstance(os.fspath(value), str):
        return Path(value)
    raise TypeError(f"{name} must be a path, not {shown(value)}")


def paths(name: str, values: Any) -> tuple[str, ...]:
    """Return one path or several as a tuple of strings: ``"telegrams"`` as ``("telegrams",)``.

    Raises:
        TypeError: the argument is neither a path nor an iterable of paths. Paths are strings or ``os.PathLike``, and
            not bytes; an open file is not a path, nor several.
    """
    if isinstance(values, (str, os.PathLike)):
        return (_path(name, values),)
    if isinstance(values, (bytes, bytearray, io.IOBase)) or not isinstance(values, Iterable):
        raise TypeError(f"{name} must be a path or several paths, not {shown(values)}")
    return tuple(_path(name, value) for value in values)


def _path(name: str, value: Any) -> str:
    path = os.fspath(value) if isinstance(value, (str, os.PathLike)) else value
    if not isinstance(path, str):
        raise TypeError(f"{name} must be a path or several paths, but one of them is {shown(value)}")
    return path


def period(name: str, value: Any) -> str | None:
    """Return a `Period` as text: a `datetime` as ``2009-11-20T14:05`` in UTC; None as None.

    >>> period("since", dt.datetime(2009, 11, 20, 2, 5, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    '2009-11-19T18:05'

    Raises:
        TypeError: the value has another type.
        ValueError: the year is not one of the calendar.
    """
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dt.datetime):
        try:
            moment = value if value.tzinfo is None else value.astimezone(dt.timezone.utc)
        except OverflowError:
            raise ValueError(f"{name} is outside of the calendar: {value}") from None
        return moment.replace(tzinfo=None).isoformat(timespec="minutes")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, bool) or not isinstance(value, Integral):
        raise TypeError(f"{name} must be a string, a year or a date, not {shown(value)}")
    year = int(value)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise ValueError(f"{name} must be a year from {dt.MINYEAR} to {dt.MAXYEAR}, not {shown(year)}")
    return f"{year:04}"
