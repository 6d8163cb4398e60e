"""Selected units, as `cablesearch.protocols.reader.Selection` has them."""

from __future__ import annotations

from cablesearch.engine.search import collect
from cablesearch.protocols.reader import Selection

__all__ = ["Selected", "units_of"]


class Selected:
    """The units that match a query; ``units`` has them as the engine does."""

    def __init__(self, units: collect.Selection) -> None:
        self.units = units

    @property
    def by_cable(self) -> bool:
        """Whether the units are cables."""
        return self.units.by_block

    @property
    def count(self) -> int:
        """The number of units."""
        return self.units.count

    def cables(self) -> Selected:
        """Return the cables that have a selected unit."""
        return Selected(self.units.blocks())

    def common(self, other: Selection) -> Selected:
        """Return the units that both selections have; they must be of the same reader and kind."""
        return Selected(self.units.common(units_of(other)))

    def rest(self) -> Selected:
        """Return all other visible units."""
        return Selected(self.units.rest())


def units_of(selection: Selection) -> collect.Selection:
    """Return the units of a selection as the engine has them.

    Raises:
        TypeError: the selection is not of a reader of an archive in a folder.
    """
    if not isinstance(selection, Selected):
        raise TypeError(f"not a selection of units in a folder: {selection!r}")
    return selection.units
