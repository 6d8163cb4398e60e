"""The meaning of queries by set algebra over the paragraphs, and their text.

Nothing here uses the parser. Queries are generated as trees whose leaves have their own tests; they are printed with
the brackets that the documented precedence needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from cablesearch.cable import Cable
from cablesearch.classification.clearance import Clearance

STEMS = {"visas": "visa", "traded": "trade", "trading": "trade"}
"""The words whose stems differ from them."""


@dataclass(frozen=True)
class Document:
    """A visible paragraph, or the visible part of a cable outside of its paragraphs.

    ``words`` are the words of each text field; ``level`` is None outside of the paragraphs.
    """

    words: Mapping[str, Sequence[str]]
    tags: frozenset[str] = frozenset()
    date: dt.datetime | None = None
    level: int | None = None
    position: int | None = None
    number: int | None = None


@dataclass(frozen=True)
class Unit:
    """What a query is tested against: a paragraph with the envelope around it, or a cable."""

    key: tuple[str, int]
    documents: Sequence[Document]
    envelope: Sequence[str]
    is_cable: bool


def units(cables: Sequence[Cable], clearance: Clearance | None, *, by_cable: bool) -> Iterator[Unit]:
    """Yield the units that a reader may find: (id, position) is the key of a paragraph, (id, 0) that of a cable."""
    for cable in cables:
        seen = cable.view(clearance)
        if seen is None:
            continue
        common = frozenset(tag.name for tag in seen.tags)
        subject = (seen.subject or "").split()
        members = [
            Document(
                {
                    "text": paragraph.text.split(),
                    "subject": subject if paragraph.classification.covers(cable.subject_classification) else [],
                    "heading": (paragraph.section or "").split(),
                },
                common,
                seen.date,
                int(paragraph.classification.level),
                paragraph.position,
                paragraph.number,
            )
            for paragraph in seen.paragraphs
        ]
        envelope = seen.envelope.split()
        if by_cable:
            lead = Document({"text": [], "subject": subject, "heading": []}, common, seen.date)
            yield Unit((cable.id, 0), [*members, lead], envelope, True)
        else:
            for member in members:
                yield Unit((cable.id, member.position or 0), [member], envelope, False)


@dataclass(frozen=True)
class Words:
    """A word, phrase, pattern or range of words; ``field`` is None if it may occur in several fields."""

    field: str | None
    written: str
    test: Callable[[Sequence[str]], bool]

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit matches."""
        fields = ["text" if self.field == "exact" else self.field] if self.field else ["text", "subject", "heading"]
        places = [document.words.get(field, ()) for document in unit.documents for field in fields]
        if self.field == "envelope" or (self.field is None and unit.is_cable):
            places.append(unit.envelope)
        return any(map(self.test, places))


@dataclass(frozen=True)
class Value:
    """A value of a field that is not text."""

    field: str
    written: str
    test: Callable[[Document], bool]

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit matches."""
        return any(map(self.test, unit.documents))


@dataclass(frozen=True)
class Everything:
    """The query ``*``."""

    field: None = None
    written: str = "*"

    def holds(self, unit: Unit) -> bool:
        """Return True: every unit matches."""
        del unit
        return True


@dataclass(frozen=True)
class Not:
    """The negation of a part."""

    part: Node

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit does not match the part."""
        return not self.part.holds(unit)


@dataclass(frozen=True)
class Joined:
    """Two or more parts with the same operator between them."""

    operator: str
    parts: tuple[Node, ...]

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit matches."""
        first, *others = (part.holds(unit) for part in self.parts)
        if self.operator == "OR":
            return first or any(others)
        if self.operator == "ANDNOT":
            return first and not any(others)
        return first and (self.operator == "ANDMAYBE" or all(others))


@dataclass(frozen=True)
class InField:
    """A field with brackets; all leaves inside belong to the field."""

    field: str
    part: Node

    def holds(self, unit: Unit) -> bool:
        """Return whether a unit matches the part in the brackets."""
        return self.part.holds(unit)


Node = Words | Value | Everything | Not | Joined | InField

CLOSEST_FIRST = (
    "ANDNOT",
    "ANDMAYBE",
    "REQUIRE",
    "AND",
    "OR",
)
BINDING = {operator: number for number, operator in enumerate(reversed(CLOSEST_FIRST), 1)}
_NOT = len(BINDING) + 1
_OPERAND = _NOT + 1


def _binding(node: Node) -> int:
    if isinstance(node, Joined):
        return BINDING[node.operator]
    return _NOT if isinstance(node, Not) else _OPERAND


def printed(node: Node, style: Random, field: str | None = None) -> str:
    """Return a tree as a person might type it, inside brackets of ``field``."""
    if isinstance(node, InField):
        return f"{node.field}:({printed(node.part, style, node.field)}){_boost(style)}"
    if isinstance(node, Joined):
        parts = [_inside(part, BINDING[node.operator], style, field) for part in node.parts]
        return parts[0] + "".join(_between(node.operator, style, field) + part for part in parts[1:])
    if isinstance(node, Not):
        part = _inside(node.part, _NOT - 1, style, field)
        if part.startswith(("-", "+", "NOT ")):
            return f"NOT {part}"
        return style.choice(["-", "NOT ", "NOT  "]) + part
    named = f"{node.field}:" if node.field and node.field != field else ""
    return style.choice(["", "", "", "+"]) + named + node.written + _boost(style)


def _between(operator: str, style: Random, field: str | None) -> str:
    if operator != "AND":
        return f" {operator} "
    # In a field, a sign may be part of the value.
    return style.choice([" ", " AND "] if field else [" ", " AND ", " & "])


def _inside(node: Node, binding: int, style: Random, field: str | None) -> str:
    """Return the text of an operand, in brackets where the precedence needs them, and sometimes where it does not."""
    text = printed(node, style, field)
    if _binding(node) <= binding or style.random() < 0.15:
        return f"({text}){_boost(style)}"
    return text


def _boost(style: Random) -> str:
    return style.choice(["", "", "", "", "", "", "^2", "^0.5", "^3.25"])


# Tests of leaves


def stemmed(words: Sequence[str]) -> list[str]:
    """Return the words as text fields hold them."""
    return [STEMS.get(word, word) for word in words]


def follows(words: Sequence[str], phrase: Sequence[str], distance: int) -> bool:
    """Return whether the phrase occurs in the text, each word at most ``distance`` after the one before."""
    ends = {place for place, word in enumerate(words) if word == phrase[0]}
    for wanted in phrase[1:]:
        ends = {
            place
            for place, word in enumerate(words)
            if word == wanted and any(0 < place - end <= distance for end in ends)
        }
    return bool(ends)
