"""Trees of text, a line a node, cut to the width of the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from cablesearch.cli.display import columns
from cablesearch.cli.rendering.cells import cells, cut
from cablesearch.text.terminal import one_line

__all__ = ["Row", "tree_lines"]

_LEAST = 40
"""The fewest columns of a line, whatever the terminal has."""
_BRANCH, _LAST, _LINE, _BLANK = "├─ ", "└─ ", "│  ", "   "


class Row(NamedTuple):
    """A node of a tree.

    Attributes:
        depth: how far it is from the root: 0 for the root. A row is followed by those below it.
        head: its name.
        rest: what else is said of it; of too long a line the end is cut.
        style: how the name looks.
        mark: what stands at the beginning of the line.
    """

    depth: int
    head: str
    rest: str = ""
    style: Callable[[str], str] = str
    mark: str = ""


def tree_lines(rows: Sequence[Row]) -> Iterator[str]:
    """Yield a line for each row, with lines that lead from each node to those below it.

    Where the tree is deeper than half of the line can show, only the last of these lines are drawn, behind an ellipsis.
    """
    width = max(_LEAST, columns())
    followed = _followed(rows)
    above: list[str] = []
    for row, is_followed in zip(rows, followed, strict=True):
        del above[max(row.depth - 1, 0) :]
        lead = ("".join(above) + (_BRANCH if is_followed else _LAST)) if row.depth else ""
        if row.depth:
            above.append(_LINE if is_followed else _BLANK)
        if len(lead) > width // 2:
            lead = "…" + lead[-(width // 2) :]
        start = row.mark + lead
        room = width - cells(start)
        head = cut(one_line(row.head), room)
        rest = cut(one_line(row.rest), room - cells(head) - 2) if row.rest else ""
        yield (start + row.style(head) + (f"  {rest}" if rest else "")).rstrip() + "\n"


def _followed(rows: Sequence[Row]) -> list[bool]:
    """Return for each row whether another one of the same parent follows it."""
    followed: list[bool] = []
    waiting: set[int] = set()
    deepest = 0
    for row in reversed(rows):
        followed.append(row.depth in waiting)
        waiting.difference_update(range(row.depth + 1, deepest + 1))
        waiting.add(row.depth)
        deepest = row.depth
    return followed[::-1]
