"""The lists by which names are told from other words."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from cablesearch.text.folding import fold
from cablesearch.vocabulary import proper_names

__all__ = [
    "ACRONYM",
    "CONTEXTS",
    "FIRST",
    "GIVEN",
    "HEAD",
    "HONORIFIC",
    "OTHER",
    "PLACE",
    "SURNAME",
    "TITLE",
    "WORD",
    "Lists",
    "lists",
]

TITLE, HONORIFIC, GIVEN, WORD, PLACE, HEAD, OTHER, ACRONYM, SURNAME, FIRST = (1 << number for number in range(10))
"""Kinds of words: titles, given names, words of the language ...; FIRST begins a place or organization of several."""


class Lists(NamedTuple):
    """The words by kind.

    Attributes:
        kinds: the kinds of a word in small letters, as bits.
        places: the first words of the places of more than one word, with the rests of their names.
        spoken: words that follow a person who speaks or acts.
        organizations: the first words of the organizations of more than one word, with the rests.
    """

    kinds: dict[str, int]
    places: dict[str, list[tuple[str, ...]]]
    spoken: frozenset[str]
    organizations: dict[str, list[tuple[str, ...]]]


def _lines(name: str) -> list[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def _by_first(names: set[str]) -> dict[str, list[tuple[str, ...]]]:
    rests: dict[str, list[tuple[str, ...]]] = {}
    for name in sorted(names, key=lambda name: (-name.count(" "), name)):
        first, *rest = name.split(" ")
        rests.setdefault(first, []).append(tuple(rest))
    return rests


def _words_by_kind(name: str) -> dict[str, frozenset[str]]:
    """Return the words of a list whose lines begin with their kind."""
    words: dict[str, set[str]] = {}
    for line in _lines(name):
        kind, *rest = line.split()
        words.setdefault(kind, set()).update(rest)
    return {kind: frozenset(those) for kind, those in words.items()}


CONTEXTS = _words_by_kind("contexts.txt")
"""Words that stand around names, by kind."""


@cache
def lists() -> Lists:
    """Return the lists, read once."""
    kinds: dict[str, int] = {}

    def add(words: Iterable[str], kind: int) -> None:
        for word in words:
            kinds[word] = kinds.get(word, 0) | kind

    add((word for line in _lines("words.txt") for word in line.split()), WORD)
    add((word for line in _lines("other.txt") for word in line.split()), OTHER)
    add((word for line in _lines("surnames.txt") for word in line.split()), SURNAME)
    add((name.lower() for name in proper_names.GIVEN_NAMES), GIVEN)
    add((word for line in _lines("given.txt") for word in line.split()), GIVEN)
    of_titles = _words_by_kind("titles.txt")
    add(of_titles["before"], TITLE)
    add(of_titles["honorific"], HONORIFIC)
    organizations = [line.partition(" ") for line in _lines("organizations.txt")]
    add((w.lower() for kind, _, line in organizations if kind == "acronym" for w in line.split()), ACRONYM)
    add((w.lower() for kind, _, line in organizations if kind == "head" for w in line.split()), HEAD)
    names = {fold(n) for kind, _, line in organizations if kind == "name" for n in line.split("|")}
    add((n for n in names if " " not in n), ACRONYM)
    places = {n for line in _lines("places.txt") for n in line.split("|")}
    places |= {n.lower() for n in proper_names.COUNTRIES}
    add((n for n in places if " " not in n), PLACE)
    adjectives = {n.lower() for n in proper_names.ADJECTIVES}
    add(adjectives, OTHER)
    add((n + "s" for n in adjectives), OTHER)
    by_first = _by_first({name for name in places if " " in name})
    organizations_by_first = _by_first({name for name in names if " " in name})
    add((*by_first, *organizations_by_first), FIRST)
    return Lists(kinds, by_first, of_titles["spoken"], organizations_by_first)
