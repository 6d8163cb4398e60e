"""Where labels stand beside the ends of lines."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["label_places"]


def label_places(wanted: Sequence[float], heights: Sequence[float], low: float, high: float) -> list[float]:
    """Return the middles of labels that stand one above another without overlaps, near to where they are wanted.

    Labels that would overlap form a stack around the mean of their wanted places.

    Example: two labels of height 2, both wanted at 5 between 0 and 10, are at 4 and 6.

    Args:
        wanted: the wanted middle of each label.
        heights: the height of each label, with the space that it needs.
        low, high: the ends of the room; labels that do not fit into it begin at ``low``.
    """
    order = sorted(range(len(wanted)), key=lambda place: (wanted[place], place))
    # Stacks of labels, as (labels, bottom, height).
    stacks: list[tuple[list[int], float, float]] = []
    for label in order:
        labels, height = [label], heights[label]
        bottom = _within(wanted[label] - height / 2, height, low, high)
        while stacks and stacks[-1][1] + stacks[-1][2] > bottom:
            others, _, below = stacks.pop()
            labels, height = others + labels, below + height
            bottom = _within(_mean_bottom(labels, wanted, heights), height, low, high)
        stacks.append((labels, bottom, height))
    places = [0.0] * len(wanted)
    for labels, bottom, _ in stacks:
        below = bottom
        for label in labels:
            places[label] = below + heights[label] / 2
            below += heights[label]
    return places


def _mean_bottom(labels: Sequence[int], wanted: Sequence[float], heights: Sequence[float]) -> float:
    """Return where a stack begins whose labels are on average where they are wanted."""
    below, total = 0.0, 0.0
    for label in labels:
        total += wanted[label] - below - heights[label] / 2
        below += heights[label]
    return total / len(labels)


def _within(bottom: float, height: float, low: float, high: float) -> float:
    return max(low, min(bottom, high - height))
