"""Numbers by period as a table: a row for each period, a column for each series."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from cablesearch.frames.columns import pandas

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["periods_frame"]


def periods_frame(
    by: str, unit: str, periods: Sequence[str], names: Sequence[str], series: Sequence[Sequence[float]], dtype: str
) -> pd.DataFrame:
    """Return numbers by period as a table, of shape (periods, series).

    Args:
        by: the name of the index.
        unit: the length of a period as a code of NumPy and pandas: ``Y``, ``M`` or ``D``.
        periods: the names of the periods: ``2009-11`` for a month.
        names: the names of the series; two may have the same.
        series: the numbers of each series, one for each period.
        dtype: the dtype of the columns.

    Raises:
        CablesearchError: pandas is not installed.
    """
    pd = pandas()
    # Both libraries count periods from 1970.
    ordinals = np.array(periods, f"datetime64[{unit}]").astype(np.int64)
    index = pd.PeriodIndex.from_ordinals(ordinals, freq=unit, name=by)
    values = np.array(series, dtype).reshape(len(names), len(periods)).T
    return pd.DataFrame(values, index=index, columns=pd.Index(names, dtype=object, name="query"))
