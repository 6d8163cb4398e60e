"""Generated cables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from cablesearch.cable import Cable, Classification, Paragraph, Tag


def cable(
    name: str,
    *paragraphs: str | tuple[str, str],
    classification: str = "UNCLASSIFIED",
    subject: str | None = None,
    subject_marking: str | None = None,
    tags: Sequence[str] = (),
    origin: str = "Embassy Beijing",
    date: dt.datetime | None = dt.datetime(2009, 5, 1, 12, 0, tzinfo=dt.timezone.utc),
    references: Sequence[str] = (),
    envelope: str = "",
) -> Cable:
    """Return a cable whose paragraphs are texts, or pairs of (marking, text)."""
    whole = Classification.parse(classification)
    assert whole is not None
    made = []
    for position, item in enumerate(paragraphs, 1):
        marking, text = item if isinstance(item, tuple) else (None, item)
        own = Classification.parse(marking) or whole
        made.append(Paragraph(position, position, marking, own, None, text))
    return Cable(
        id=name,
        reference_id=name,
        date=date,
        origin=origin,
        classification=whole,
        classification_text=classification,
        tags=tuple(Tag(tag, "subject") for tag in tags),
        subject=subject,
        subject_marking=subject_marking,
        references=tuple(references),
        paragraphs=tuple(made),
        envelope=envelope,
    )


RIVERS = [
    cable(
        f"09X{number}",
        f"The river {number} rose.",
        ("(S/NF)", f"Number {number} was seen in China."),
        classification="SECRET",
        subject=f"River {number % 7}",
        date=None if number % 11 == 0 else cable("09X1").date,
        tags=["PHUM"] if number % 2 else [],
    )
    for number in range(60)
]
"""Cables of which each has a secret paragraph, and some have no date."""
