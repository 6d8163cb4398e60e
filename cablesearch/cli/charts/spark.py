"""A series of numbers on one line, a column for each number or for several."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["spark_line"]

_HEIGHTS = "▁▂▃▄▅▆▇█"


def spark_line(counts: Sequence[int], room: int) -> str:
    """Return a line of at most ``room`` columns, as high as the numbers; a blank for 0.

    Where there are more numbers than columns, each column stands for several, the last one perhaps for fewer.

    Example: ``spark_line([0, 1, 8], 80) == " ▁█"``.
    """
    if not counts:
        return ""
    step = -(-len(counts) // room)
    sums = [sum(counts[first : first + step]) for first in range(0, len(counts), step)]
    most = max(sums) or 1
    return "".join(_HEIGHTS[-(-count * len(_HEIGHTS) // most) - 1] if count else " " for count in sums)
