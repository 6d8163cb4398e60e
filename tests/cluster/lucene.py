"""What an archive in a folder needs to have the scores of a cluster."""

from __future__ import annotations

from typing import Any

import numpy as np


def lengths_of_lucene() -> np.ndarray[Any, Any]:
    """Return the length that each byte stands for in Lucene: exact below 40, above with four leading bits."""
    above = [(bits | 8) << shift for shift in range(29) for bits in range(8)]
    return np.array([*range(24), *(24 + value for value in [*range(8), *above])][:256], np.int64)
