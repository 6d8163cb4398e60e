"""What the words around a classifying officer's name are: titles, offices, places, given names.

The lists are in ``classifier_words.tsv``. Titles are also known when they are misspelt by a letter or two
(``Ambasasdor``), and when they are put together from the usual abbreviations (``PolMinCouns``).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.resources import files
from itertools import combinations

from cablesearch.text.caching import cached_if_short

__all__ = ["NAME_KINDS", "PLACES_TOO", "SURNAMES_TOO", "is_listed", "kind_of"]

NAME_KINDS = frozenset({"word", "given", "initial", "particle", "place", "suffix"})
"""Kinds of words that can be part of a name; a ``word`` is one that no list knows."""

_OFTEN_MISSPELT = {
    "title": """ambassador ambassadors charge d'affaires affaires affairs deputy chief mission acting assistant
    secretary undersecretary director counselor counsellor counsel minister consul general political economic econoff
    poloff polcouns econcouns officer representative permanent special adviser advisor coordinator principal attache
    commercial commander administrator commissioner negotiator colonel delegation leader foreign consular
    agricultural""",
    "office": """section management environmental regional reconstruction provincial international department
    nonproliferation embassy""",
    "stop": "reason reasons declassify",
}
_LONG = 9
_INITIAL = re.compile(r"(?:[^\W\d_a-z]|0)\.?|(?:[^\W\d_]\.){1,4}[^\W\d_]?|(?:[A-Z]\.-?){1,3}")
_ABBREVIATED_TITLE = re.compile(
    r"(?:a|act|actg|dep|d|de?pty)?(?:pol|econ?|ecn|ec|mil|min|pa|cons?|mg?m?t|adm(?:in)?|sci|est|env|lab(?:or)?|agr?|comm?|fin"
    r"|trade|legal|leg|pub|inf[o]?|cul|def|sec|amb){1,3}"
    r"(?:min|m)?(?:couns?|counsell?ou?r|councill?or|counc|coun|cons?|cnslr|cou|of+(?:icer|cr|r)?|chi?e?f|ch|c|dir|att(?:ache)?"
    r"|adv(?:isor|iser)?|unit|sect(?:ion)?|rep|head|deputy|dep|coord|asst|spec|fsn|min(?:ister)?)s?"
)
_LIKELY_ABBREVIATED = (
    "pol",
    "eco",
    "min",
    "dep",
    "mg",
    "adm",
    "act",
    "apol",
    "aeco",
    "dpol",
    "lab",
    "agr",
    "sci",
    "est",
    "def",
)
_OFFICE_PARTS = frozenset({"title", "office", "post", "link", "initial"})
_SECTION = re.compile(r"1\.[3-8](?![0-9])")
_OWNERS = frozenset({"title", "office", "post", "place"})
_REDACTED = re.compile(r"x{3,}")
_EDGES = ".'`´’-–/"


def _load() -> dict[str, list[str]]:
    """Return the words of each kind."""
    table: dict[str, list[str]] = {}
    for line in (files(__package__) / "classifier_words.tsv").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            kind, words = line.split("\t")
            table.setdefault(kind, []).extend(words.split())
    return table


def _without(word: str, letters: int) -> Iterator[str]:
    """Yield the word with this many letters left out, in every way."""
    for kept in combinations(range(len(word)), len(word) - letters):
        yield "".join([word[place] for place in kept])


def _deletions(word: str) -> Iterator[str]:
    """Yield the word, and the word without one letter, or without two where it is long."""
    yield word
    yield from _without(word, 1)
    if len(word) >= _LONG:
        yield from _without(word, 2)


def _index_misspellings() -> dict[str, list[tuple[str, str]]]:
    index: dict[str, list[tuple[str, str]]] = {}
    for kind, words in _OFTEN_MISSPELT.items():
        for word in words.split():
            for damaged in _deletions(word):
                index.setdefault(damaged, []).append((word, kind))
    return index


_WORDS = _load()
_TABLE = {word: kind for kind, words in _WORDS.items() if not kind.startswith("+") for word in words}
_MISSPELLINGS = _index_misspellings()

PLACES_TOO = frozenset(_WORDS["+place"])
"""Given names that are places as well: Jordan."""

SURNAMES_TOO = frozenset(_WORDS["+surname"])
"""Places that are surnames as well: London."""


@cached_if_short(maxsize=16384)
def kind_of(word: str) -> str:
    """Return what a word is, written in whatever case.

    One of ``title``, ``office``, ``post`` (an embassy, after which a place stands), ``place``, ``given``,
    ``particle``, ``suffix`` (Jr.), ``initial``, ``link`` (a preposition or article), ``and``, ``stop`` (what begins
    the reason, or the number of a section), ``number`` (also what was blacked out) and, for all others, ``word``. A
    digit 0 counts as the letter.
    """
    key = word.lower().replace("’", "'").replace("`", "'").replace("0", "o").strip(_EDGES)
    known = _TABLE.get(key)
    if known and len(key) > 1:
        return known
    if _INITIAL.fullmatch(word):
        return (
            _TABLE.get(key.replace(".", ""), "initial") if word.count(".") > 1 and _is_abbreviation(key) else "initial"
        )
    if known:
        return known
    if not key or len(key) > 40:
        return "number" if not key else "word"
    return _kind_of_unlisted(key)


def is_listed(word: str) -> bool:
    """Return whether a word, spelt as it is, stands in one of the lists."""
    return word.lower().strip(_EDGES) in _TABLE


def _is_abbreviation(key: str) -> bool:
    """Return whether letters with points between them are not initials: ``a.i.``, ``U.S.``, ``U.N.``."""
    return key.replace(".", "") in ("ai", "us", "usa", "un", "eo", "uk", "eu")


def _kind_of_unlisted(key: str) -> str:
    if any(letter.isdigit() for letter in key) or _REDACTED.fullmatch(key):
        return "stop" if _SECTION.match(key) else "number"
    parts = key.split("/") if "/" in key else key.split("-") if "-" in key else []
    if "&" in key or "+" in key:
        return "office"
    if parts:
        return _kind_of_parts(parts, hyphens="/" not in key)
    if key.endswith("'s") and (owner := kind_of(key[:-2])) in _OWNERS:
        return owner
    if key.startswith(("d'", "de'")):
        key = key.partition("'")[2]
    if key.startswith(_LIKELY_ABBREVIATED) and _ABBREVIATED_TITLE.fullmatch(key):
        return "title"
    return _kind_if_misspelt(key)


def _kind_of_parts(parts: list[str], *, hyphens: bool) -> str:
    kinds = [kind_of(part) if len(part) > 1 else "initial" for part in parts if part]
    if hyphens:
        if kinds and kinds[0] != "initial" and all(kind in _OFFICE_PARTS for kind in kinds):
            return "title" if kinds[-1] == "title" else "office"
        return "given" if "given" in kinds else "word"
    return "title" if "title" in kinds else "office"


def _kind_if_misspelt(key: str) -> str:
    if len(key) < 4 or len(key) > 20:
        return "word"
    for damaged in _deletions(key):
        for word, kind in _MISSPELLINGS.get(damaged, ()):
            if _edits(key, word) <= (2 if len(word) >= _LONG else 1):
                return kind
    return "word"


def _edits(one: str, other: str) -> int:
    """Return how many letters must be added, left out, replaced or swapped with their neighbour (optimal string
    alignment)."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        previous, before = before, row
        row = [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if previous and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, previous[j - 2] + 1)
            row.append(cost)
    return row[-1]
