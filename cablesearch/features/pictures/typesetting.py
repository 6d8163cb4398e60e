"""Texts of a picture: measured, cut and broken into lines."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from cablesearch.text.wording import excerpt

__all__ = ["Typesetter"]

_DOTS = 10
"""The dots of a point when texts are measured."""
_LINE_HEIGHT = 1.3
"""The distance of lines, in sizes of type."""


class Typesetter:
    """Measures texts with the fonts of a picture. All sizes are in points."""

    def __init__(self, families: Sequence[str]) -> None:
        self.families = list(families)
        self._renderer: Any = None
        self._widths: dict[tuple[str, float, bool], float] = {}

    def font(self, size: float, *, bold: bool = False) -> Any:
        """Return matplotlib's description of the font."""
        from matplotlib.font_manager import FontProperties

        return FontProperties(family=self.families, size=size, weight="bold" if bold else "normal")

    def width(self, text: str, size: float, *, bold: bool = False) -> float:
        """Return the width of a line of text."""
        key = (text, size, bold)
        if key not in self._widths:
            if self._renderer is None:
                from matplotlib.backends import backend_agg

                renderer: Any = backend_agg.RendererAgg
                self._renderer = renderer(1, 1, 72 * _DOTS)
            font = self.font(size, bold=bold)
            self._widths[key] = self._renderer.get_text_width_height_descent(text, font, False)[0] / _DOTS
        return self._widths[key]

    @staticmethod
    def height(lines: int, size: float) -> float:
        """Return the height of lines of text."""
        return lines * size * _LINE_HEIGHT

    def cut(self, text: str, room: float, size: float, *, bold: bool = False) -> str:
        """Return the longest beginning of a text that fits, with an ellipsis if it is not all."""
        if self.width(text, size, bold=bold) <= room:
            return text
        least, most = 1, len(text)
        while least < most:
            middle = (least + most + 1) // 2
            fits = self.width(excerpt(text, middle), size, bold=bold) <= room
            least, most = (middle, most) if fits else (least, middle - 1)
        return excerpt(text, least)

    def lines(self, text: str, room: float, size: float, most: int, *, bold: bool = False) -> list[str]:
        """Return a text in lines that fit, broken between words; what does not fit into the last line is cut."""
        lines: list[str] = []
        words = text.split()
        while words and len(lines) < most - 1:
            count = 1
            while count < len(words) and self.width(" ".join(words[: count + 1]), size, bold=bold) <= room:
                count += 1
            if self.width(words[0], size, bold=bold) > room:
                # A long word, or text without blanks, breaks where the line ends.
                fitting = len(self.cut(words[0], room, size, bold=bold)) - 1
                words[:1] = [words[0][: max(1, fitting)], words[0][max(1, fitting) :]]
            lines.append(" ".join(words[:count]))
            del words[:count]
        return [*lines, self.cut(" ".join(words), room, size, bold=bold)] if words or not lines else lines
