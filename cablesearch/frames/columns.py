"""Columns of a table in the making: values are added one by one, and take about the room that they have in the end.

Dates have seconds as their unit, with which pandas holds all dates of Python's calendar, the years 1 to 9999; its usual
nanoseconds end in 1677 and 2262.
"""

from __future__ import annotations

import datetime as dt
from array import array
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from cablesearch.errors import CablesearchError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Categories", "Column", "Dates", "Numbers", "Objects", "Ordered", "Texts", "pandas"]

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)
_SECOND = dt.timedelta(seconds=1)
_NO_DATE = np.iinfo(np.int64).min
"""NumPy's number of NaT."""


def pandas() -> Any:
    """Return the module pandas.

    Raises:
        CablesearchError: it is not installed.
    """
    try:
        import pandas as pd
    except ImportError:
        raise CablesearchError("tables need pandas: pip install 'cablesearch[pandas]'") from None
    return pd


class Column(Protocol):
    """A column in the making."""

    def add(self, value: Any) -> None:
        """Add the value of the next row."""
        ...

    def array(self) -> pd.api.extensions.ExtensionArray | np.ndarray[Any, Any]:
        """Return all values, in the order in which they were added."""
        ...


class Texts:
    """Texts; None is missing. The dtype is ``string``, whose values are the very strings that were added."""

    def __init__(self) -> None:
        self._values: list[str | None] = []

    def add(self, value: str | None) -> None:
        self._values.append(value)

    def array(self) -> Any:
        pd = pandas()
        # Arrow, the other way to store them, copies texts, and takes none that cannot be written in UTF-8.
        return pd.array(self._values, dtype=pd.StringDtype("python"))


class Categories:
    """Texts of which few differ; None is missing. The dtype is ``category``, with the texts that occur, sorted."""

    def __init__(self) -> None:
        self._codes = array("i")
        self._code_of: dict[str, int] = {}

    def add(self, value: str | None) -> None:
        self._codes.append(-1 if value is None else self._code_of.setdefault(value, len(self._code_of)))

    def array(self) -> Any:
        names = sorted(self._code_of)
        # The last place is that of -1, for a missing value.
        places = np.full(len(names) + 1, -1, np.int64)
        places[[self._code_of[name] for name in names]] = np.arange(len(names))
        return pandas().Categorical.from_codes(places[np.array(self._codes, np.int64)], categories=names)


class Ordered:
    """Texts from an ordered list. The dtype is an ordered ``category`` with the whole list, so that values can be
    compared."""

    def __init__(self, names: Sequence[str]) -> None:
        self._codes = array("i")
        self._names = list(names)

    def add(self, value: str) -> None:
        self._codes.append(self._names.index(value))

    def array(self) -> Any:
        codes = np.array(self._codes, np.int64)
        return pandas().Categorical.from_codes(codes, categories=self._names, ordered=True)


class Dates:
    """Moments with a time zone; None is NaT. The dtype is ``datetime64[s, UTC]``."""

    def __init__(self) -> None:
        self._seconds = array("q")

    def add(self, value: dt.datetime | None) -> None:
        self._seconds.append(_NO_DATE if value is None else (value - _EPOCH) // _SECOND)

    def array(self) -> Any:
        moments = np.array(self._seconds, np.int64).view("datetime64[s]")
        return pandas().Series(moments).dt.tz_localize("UTC").array


class Numbers:
    """Numbers: ``float64``, ``int64``, or ``Int64``, in which None is missing (``<NA>``)."""

    def __init__(self, dtype: str) -> None:
        self._dtype = dtype
        self._values: array[Any] = array("d" if dtype == "float64" else "q")
        self._missing = array("b")

    def add(self, value: float | None) -> None:
        self._values.append(0 if value is None else value)
        self._missing.append(value is None)

    def array(self) -> Any:
        values = np.array(self._values)
        if self._dtype != "Int64":
            return values
        return pandas().arrays.IntegerArray(values, np.array(self._missing, bool))


class Objects:
    """Other values, as they are. The dtype is ``object``."""

    def __init__(self) -> None:
        self._values: list[object] = []

    def add(self, value: object) -> None:
        self._values.append(value)

    def array(self) -> Any:
        return np.fromiter(self._values, object, len(self._values))
