"""Values of a query or filter that do not occur in an archive."""

from __future__ import annotations

from dataclasses import dataclass

from cablesearch.text.wording import one_of

__all__ = ["UnknownValue"]

_NOUNS = {"origin": "post", "recipients": "addressee", "in": "part or heading", "marking": "portion marking"}
"""What fields are called in messages, if it is not their name."""
_ABSENT = {
    "tag": "no cable here has the tag {}",
    "origin": "no cable here is from the post {}",
    "control": "no paragraph here has the control {}",
    "country": "no cable here is from {} or has its tag",
    "recipients": "no cable here went to the post {}",
    "precedence": "no cable here has the precedence {}",
    "in": "no cable here has a part marked as {}",
    "ref": "no cable here refers to {}",
    "cites": "no cable here refers to {}",
    "answers": "no cable here answers {}",
}
_REQUIRING_ALL = ("tag", "control")
"""The fields that can have several values, all of which a list of values asks for."""


@dataclass(frozen=True, slots=True)
class UnknownValue:
    """A value of a query or filter that occurs nowhere in the part of the archive that its reader may see.

    Attributes:
        field: the field: ``tag``, ``origin``, ``country``, ``control``, ``marking``, ``collection``, ``precedence``,
            ``recipients``, ``signer``, ``id``, ``ref``, ``cites``, ``answers`` or ``in``.
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

    @property
    def reason(self) -> str:
        """Why the value finds nothing: ``unknown tag 'PHUN'``."""
        noun = _NOUNS.get(self.field, self.field)
        if self.name:
            return _ABSENT[self.field].format(self.name)
        if "*" in self.value or "?" in self.value:
            return f"no {noun} here matches {self.value!r}"
        return f"unknown {noun} {self.value!r}"

    @property
    def meant(self) -> str:
        """What may be meant, as a query has it: ``PHUM or PREL``, ``tag:(PHUM PGOV)``; empty if nothing is near."""
        if not self.parts:
            return one_of(self.near)
        parts = [part if part.isalnum() else f'"{part}"' for part in self.parts]
        return f"{self.field}:({(' ' if self.field in _REQUIRING_ALL else ' OR ').join(parts)})"

    def to_json(self) -> dict[str, object]:
        """Return the value as the command line writes it in JSON."""
        return {
            "field": self.field,
            "value": self.value,
            "near": list(self.near),
            "parts": list(self.parts),
            "name": self.name,
        }
