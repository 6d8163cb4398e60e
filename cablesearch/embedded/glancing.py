"""The visible values of an archive in a folder, read without NumPy, for a shell that completes them."""

from __future__ import annotations

from pathlib import Path

from cablesearch.access import default_of
from cablesearch.classification.clearance import Clearance
from cablesearch.engine.glance import Glance
from cablesearch.schema.visibility import is_visible

__all__ = ["VisibleValues"]


class VisibleValues:
    """The values of the fields of the last commit.

    Args:
        folder: the folder of the archive.

    Raises:
        GlanceError: there is no archive, it is damaged, or made by another version.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._glance = Glance(folder)

    def default_clearance(self) -> Clearance | None:
        """Return the clearance of readers who give none; None: full.

        Raises:
            CorruptIndexError: it is invalid.
        """
        return default_of(self._folder, self._glance.notes)

    def begun(
        self, field: str, start: str, clearance: Clearance | None, *, length: int | None = None, most: int | None = None
    ) -> list[str]:
        """Return the values of a keyword field that begin with some letters and that a reader may see, sorted.

        Args:
            field: the field.
            start: the letters.
            clearance: the reader's clearance; None: full.
            length: return only the first letters of each value, up to this number, each beginning once.
            most: if there are more than this, return the first ones of them, one more than this.

        Raises:
            GlanceError: the archive is damaged.
        """
        sees = None if clearance is None else lambda stored: is_visible(stored, clearance)
        return self._glance.keywords(field, start, class_field="visibility", sees=sees, length=length, most=most)
