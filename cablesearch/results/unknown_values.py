"""Values of a query or filter that do not occur in an archive."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["UnknownValue"]


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A value of a query or filter that occurs nowhere in the part of the archive that its reader may see.

    Attributes:
        field: the field: ``tag``, ``origin``, ``control``, ``marking``, ``collection``, ``id`` or ``ref``.
        value: the value as given.
        near: up to three values of the archive that may be meant, the likeliest first.
        parts: the values of a list with commas, which is not one value: PHUM and PGOV for ``PHUM,PGOV``.
        name: what the value stands for if it is a valid one, such as ``PHUM (Human rights)``; None if it is unknown
            altogether.
        is_filter: whether it was given as a filter (``tags``, ``origins``, ``classifications``), not in the query.

    Of more than ten unknown values, the others have only field, value and ``is_filter``.
    """

    field: str
    value: str
    near: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    name: str | None = None
    is_filter: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the value as the command line writes it in JSON."""
        return {
            "field": self.field,
            "value": self.value,
            "near": list(self.near),
            "parts": list(self.parts),
            "name": self.name,
        }
