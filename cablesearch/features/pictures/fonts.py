"""Fonts that have the characters of a picture."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

__all__ = ["families"]

_FONT = "DejaVu Sans"
"""A font that comes with matplotlib, so that pictures look alike everywhere."""
_BOXES = "Last Resort"
"""A font that comes with matplotlib, and has a box for every character."""
_MOST_FONTS = 8
"""The most further fonts of a picture."""


def families(texts: Iterable[str]) -> tuple[list[str], str]:
    """Return the fonts for texts, and the characters that none of this machine has, which are drawn as boxes.

    Fonts of the machine are only looked at if the usual one lacks a character, and are taken in the order of their
    names, so that a machine draws the same texts always alike.
    """
    needed = {char for text in texts for char in text if not char.isspace()}
    chosen, missing = [_FONT], needed - _characters(_path_of(_FONT))
    if missing:
        for name, path in _regular_fonts():
            if len(chosen) > _MOST_FONTS or not missing:
                break
            if has := missing & _characters(path):
                chosen.append(name)
                missing -= has
    return chosen, "".join(sorted(missing))


def _path_of(name: str) -> str:
    from matplotlib.font_manager import FontProperties, findfont

    return str(findfont(FontProperties(family=name)))


@cache
def _regular_fonts() -> tuple[tuple[str, str], ...]:
    """Return the names and files of the upright fonts of normal weight that this machine has, by name."""
    from matplotlib.font_manager import fontManager

    fonts = {
        entry.name: str(entry.fname)
        for entry in sorted(fontManager.ttflist, key=lambda entry: (entry.name, str(entry.fname)), reverse=True)
        if entry.style == "normal"
        and entry.weight in (400, "normal", "regular", "book")
        and not entry.name.startswith(_BOXES)
    }
    return tuple(sorted(fonts.items()))


@cache
def _characters(path: str) -> frozenset[str]:
    """Return the characters that a font has; none if the file cannot be read."""
    from matplotlib.font_manager import get_font

    try:
        return frozenset(map(chr, get_font(path).get_charmap()))
    except (OSError, RuntimeError, ValueError):
        return frozenset()
