"""Numbers over time as bars, for notebooks."""

from __future__ import annotations

from collections.abc import Sequence

from cablesearch.notebook.elements import escaped, line

__all__ = ["bars", "bin_size"]

_MOST_BARS = 160
"""The most bars; beyond them a bar stands for several periods."""
_HEIGHT = 100
_LEAST = 3
"""The height of the smallest number above 0, which would not be seen otherwise."""
_BAR, _GAP = 8, 2
_WIDEST = 2.5
"""The most room of a bar, in rem."""


def bin_size(count: int) -> int:
    """Return for how many periods each bar stands."""
    return -(-count // _MOST_BARS)


def bars(title: str, periods: Sequence[str], counts: Sequence[int], highest: int) -> str:
    """Return numbers over time: a title, which is HTML, bars, and the first and the last period below them.

    Args:
        title: the title.
        periods: the names of the periods.
        counts: the number of each.
        highest: the number of the highest bar, in this chart or in another one of the same scale.
    """
    size = bin_size(len(counts))
    sums = [sum(counts[start : start + size]) for start in range(0, len(counts), size)] if size else []
    path = "".join(
        f"M{number * (_BAR + _GAP)} {_HEIGHT}v-{max(round(_HEIGHT * count / highest), _LEAST)}h{_BAR}V{_HEIGHT}z"
        for number, count in enumerate(sums)
        if count
    )
    width = max(len(sums) * (_BAR + _GAP) - _GAP, 1)
    drawn = (
        f'<svg viewBox="0 0 {width} {_HEIGHT}" preserveAspectRatio="none" aria-hidden="true"><path d="{path}"/></svg>'
    )
    ends = "".join(f"<span>{escaped(period)}</span>" for period in dict.fromkeys((*periods[:1], *periods[-1:])))
    room = max(len(sums), 3) * _WIDEST
    inner = f'<div style="max-width:{room:g}rem">{drawn}{line(ends, "ends", "small", "pale")}</div>'
    return f'<div class="cs-chart">{title}{inner}</div>'
