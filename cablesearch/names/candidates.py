"""What in one paragraph may be a name, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

__all__ = ["FAINT", "LIKELY", "LIKE_A_PLACE", "POSSIBLE", "SURE", "WEAK", "Candidate", "Scan", "Span"]

SURE = 3
"""A title or a given name stands before it."""
LIKELY = 2
"""Several words that no list has; one, where persons stand: before *said*, behind *told*, with *'s*."""
POSSIBLE = 1
"""A word that no list has, where a person may stand: a name if the cable has it so twice, or surer."""
WEAK = 0
"""The same where a person seldom stands: at the beginning of a sentence, behind an article; also a given name alone."""
LIKE_A_PLACE = -1
"""The same behind *in* or *at*."""
FAINT = -2
"""A word of the language, a place or a word in capitals: a name only where the cable has it as one elsewhere."""


class Candidate(NamedTuple):
    """What may be the name of a person.

    Attributes:
        start, end: its place in the text.
        last: its last word in small letters, by which a later mention is known.
        strength: how sure it is.
    """

    start: int
    end: int
    last: str
    strength: int


class Span(NamedTuple):
    """The place in a text of the name of an organization, or of a place."""

    start: int
    end: int


@dataclass(slots=True)
class Scan:
    """What was found in a paragraph.

    Attributes:
        text: the text.
        in_capitals: whether it is in capitals throughout.
        persons: what may be persons, in order, but for what ``faint`` has.
        faint: single words that are names only where the cable has them as sure names elsewhere, with their starts:
            words of the language with a capital, and in a text in capitals words that no list has.
        organizations, places: the places of their names.
    """

    text: str
    in_capitals: bool = False
    faint: list[tuple[int, str]] = field(default_factory=list)
    persons: list[Candidate] = field(default_factory=list)
    organizations: list[Span] = field(default_factory=list)
    places: list[Span] = field(default_factory=list)
