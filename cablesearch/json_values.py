"""Values of JSON, checked and converted to those of a cable; errors name the place in the object."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar

from cablesearch.classification.classification import Classification
from cablesearch.text.caching import compiled_lazily

__all__ = [
    "WrongValueError",
    "count",
    "date_time",
    "day",
    "each",
    "expected",
    "level",
    "list_of_values",
    "number",
    "text",
    "texts",
    "texts_by_name",
]

_T = TypeVar("_T")
_DAY = compiled_lazily("([0-9]{4})-?([0-9]{2})-?([0-9]{2})")
_ISO = compiled_lazily(
    "([0-9]{4})-?([0-9]{2})-?([0-9]{2})(?:[Tt ]([0-9]{2})(?::?([0-9]{2})(?::?([0-9]{2})(?:[.,][0-9]{1,9})?)?)?"
    "(?P<zone>[Zz]|[+-](?P<hours>[0-9]{2})(?::?(?P<minutes>[0-9]{2}))?)?)?"
)
_LENGTH_IN_FULL = len("2010-01-08T03:26")
_DIGITS = 18
_LARGEST = 10**_DIGITS
"""Numbers are below it, so that an index can hold them."""
# An escape may stand beside a byte that is not UTF-8; written as escapes both, they would be read as one character.
_PAIR = compiled_lazily("[\ud800-\udbff][\udc00-\udfff]")


class WrongValueError(Exception):
    """A value is invalid; its place in the object is completed on the way up."""

    def __init__(self, what: str, place: str = "") -> None:
        super().__init__(what)
        self._what = what
        self._place = place

    def under(self, name: str) -> WrongValueError:
        """Return the error with the name put before its place."""
        joint = "." if self._place and not self._place.startswith("[") else ""
        return WrongValueError(self._what, name + joint + self._place)

    def __str__(self) -> str:
        return f"{self._place}: {self._what}" if self._place else self._what


def expected(what: str, value: object) -> WrongValueError:
    """Return the error that says what was expected, and what was found."""
    shown = repr(value)
    return WrongValueError(f"expected {what}, found {shown if len(shown) <= 60 else shown[:60] + '...'}")


def list_of_values(value: object) -> list[Any]:
    """Return a list as it is."""
    if not isinstance(value, list):
        raise expected("a list", value)
    return value


def each(value: object, read: Callable[[Any], _T]) -> tuple[_T, ...]:
    """Return the values of a list, each as ``read`` reads it."""
    entries = list_of_values(value)
    if not entries:
        return ()  # Most lists are empty: controls, and the posts that a collective excludes.
    values: list[_T] = []
    try:
        for entry in entries:
            values.append(read(entry))
    except WrongValueError as error:
        raise error.under(f"[{len(values)}]") from None
    return tuple(values)


def texts(value: object) -> tuple[str, ...]:
    """Return a list of texts."""
    return each(value, text)


def texts_by_name(value: object) -> dict[str, str]:
    """Return an object whose values are all texts."""
    if not isinstance(value, dict):
        raise expected("an object", value)
    values: dict[str, str] = {}
    for name, entry in value.items():
        try:
            values[text(name)] = text(entry)
        except WrongValueError as error:
            raise error.under(repr(name)[:100]) from None
    return values


def text(value: object) -> str:
    """Return a text, with the character for each pair of surrogates in it."""
    if not isinstance(value, str):
        raise expected("a string", value)
    return value if value.isascii() else _PAIR().sub(_character, value)


def _character(pair: re.Match[str]) -> str:
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def number(value: object) -> int:
    """Return a whole number that is small enough for an index."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise expected("a whole number", value)
    if abs(value) >= _LARGEST:
        raise WrongValueError(f"expected a number of at most {_DIGITS} digits")
    return value


def count(value: object) -> int:
    """Return a whole number that is not negative."""
    whole = number(value)
    if whole < 0:
        raise expected("a number of at least 0", value)
    return whole


def level(value: object) -> Classification:
    """Return the classification that a text states."""
    classification = Classification.parse(text(value))
    if classification is None:
        raise expected("a level such as CONFIDENTIAL", value)
    return classification


def date_time(value: object) -> dt.datetime:
    """Return a date and time in UTC, to the minute; one without a zone is UTC."""
    try:
        read = _iso(text(value))
        utc = read.astimezone(dt.timezone.utc) if read.tzinfo else read.replace(tzinfo=dt.timezone.utc)
    except (ValueError, OverflowError):
        raise expected("a date and time such as 2010-01-08T03:26", value) from None
    return utc.replace(second=0, microsecond=0)


def _iso(written: str) -> dt.datetime:
    """Return the date and time, to the second, that a text gives in a form of ISO 8601.

    How much `datetime.fromisoformat` reads depends on the version of Python, but for what is written in full; midnight
    as 24:00 is read by some.
    """
    signs = written[4:5], written[7:8], written[10:11], written[13:14]
    if len(written) == _LENGTH_IN_FULL and signs == ("-", "-", "T", ":") and written[11:13] != "24":
        return dt.datetime.fromisoformat(written)
    match = _ISO().fullmatch(written)
    if match is None:
        raise ValueError(written)
    year, month, date, hour, minute, second = (int(part or 0) for part in match.groups()[:6])
    zone = None
    if match["zone"]:
        offset = dt.timedelta(hours=int(match["hours"] or 0), minutes=int(match["minutes"] or 0))
        zone = dt.timezone(-offset if match["zone"].startswith("-") else offset)
    return dt.datetime(year, month, date, hour, minute, second, tzinfo=zone)


def day(value: object) -> dt.date:
    """Return a day."""
    match = _DAY().fullmatch(text(value))
    try:
        if match is None:
            raise ValueError(value)
        return dt.date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        raise expected("a day such as 2010-01-08", value) from None
