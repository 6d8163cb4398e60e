"""Names of countries and given names of persons, which tell the free words among TAGS apart.

``countries.tsv`` lists the countries and regions of the telegrams with their adjectives, ``given_names.txt`` common
given names. The given names of classifying officers are another list (``classifier_words.tsv``): among TAGS a word is
seldom a name, so names that are also words or places (GRACE, DALLAS) are left out here.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["ADJECTIVES", "COUNTRIES", "GIVEN_NAMES", "country_at", "is_country", "is_given_name"]


def _text(name: str) -> str:
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_ROWS = [line.split("\t") for line in _text("countries.tsv").splitlines()[1:]]
GIVEN_NAMES = frozenset(_text("given_names.txt").split())
COUNTRIES = frozenset(name for name, _ in _ROWS)
ADJECTIVES = frozenset(adjective for _, adjectives in _ROWS for adjective in adjectives.split("|") if adjective)
_NAMES = frozenset(name for row, _ in _ROWS for name in (row, row.replace(" AND ", " & "))) | ADJECTIVES
# By their first word, the longest first, so that GUINEA-BISSAU is not GUINEA.
_BY_FIRST_WORD: dict[str, list[list[str]]] = {}
for _name in sorted(_NAMES, key=len, reverse=True):
    _BY_FIRST_WORD.setdefault(_name.split()[0], []).append(_name.split())


def country_at(words: list[str], at: int) -> int:
    """Return how many words from ``at`` on are the name of a country, or its adjective; 0 when none are."""
    for name in _BY_FIRST_WORD.get(words[at].rstrip(".:"), _BY_FIRST_WORD.get(words[at], ())):
        end = at + len(name)
        if words[at + 1 : end - 1] == name[1:-1] and end <= len(words) and words[end - 1].rstrip(".:") == name[-1]:
            return len(name)
    return 0


def is_given_name(word: str) -> bool:
    """Return whether a word is a common given name, or two with a hyphen: JEAN-PIERRE."""
    return word in GIVEN_NAMES or ("-" in word and GIVEN_NAMES.issuperset(word.split("-", 2)))


def is_country(name: str) -> bool:
    """Return whether ``name`` is a country, or its adjective."""
    return name in _NAMES
