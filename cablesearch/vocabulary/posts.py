"""The posts that send cables, as their names stand in reference ids: BUENOSAIRES, AITTAIPEI, STATE.

``posts.tsv`` lists the stations, the origin as cables.csv spells it where that does not follow from the station's
name, and other names in use: abbreviations (HCMC), names cut by page breaks (PORTAUPR) and habitual misspellings.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from pathlib import Path

from cablesearch.text.caching import cached_if_short

__all__ = [
    "abbreviated_post",
    "distinct_origin",
    "is_prefix",
    "nearest_post",
    "similar_post",
    "stations",
    "without_kind_of_post",
    "without_prefixes",
]

_KINDS_OF_POSTS = (
    "AMERICANEMBASSY|AMEMBASSY|AMMEMBASSY|AMMBASSY|AMEMBAASSY|AMEMBASY|AMEMBSSY|AMEMBASSEY|AMEMB(?!A)|AMBASSY|USEMBASSY|EMBASSY"
    "|USMISSION|USMISION|USMIS|USMSN|MISSION|(?:AMERICAN|AM|US)?CON(?:SULATE|SUL(?!A))GENERAL|(?:AMERICAN|AM|US)?CONSULATE"
    "|(?:AM|US)?CONSUL(?!A)|(?:AM|US)?CONGEN|AMCON|USINTS|USINT|USOFFICE|USDAO|USREO"
)
_SHORT_KINDS_OF_POSTS = "EMB(?!A)|USLO|REO"
_HANDLING = (
    "EFTO|ETFO|EFT|UNCLASSIFIED|UNCLAS|CONFIDENTIAL|SECRET|SENSITIVE|SBU|FOROFFICIALUSEONLY|FOUO|LIMITEDOFFICIALUSE|LOU"
    "|NOFORN|SIPDIS|NODIS|EXDIS|LIMDIS|STADIS|NOTAL|ROGERCHANNEL|CC?ORRECTED|COPY|VERSION|SECTION|SECT|OF|FM|FROM"
)
_PREFIX = re.compile(rf"(?:{_KINDS_OF_POSTS}|{_SHORT_KINDS_OF_POSTS}|{_HANDLING})(?=[A-Z]{{3}})")
_KIND_OF_POST = re.compile(rf"(?:(?:EFTO|{_KINDS_OF_POSTS})(?=[A-Z]{{3}})){{1,20}}")
_WHOLE_PREFIX = re.compile(rf"{_KINDS_OF_POSTS}|{_SHORT_KINDS_OF_POSTS}|{_HANDLING}")
_MOST_PREFIXES = 8
_SHORTEST_ABBREVIATION = 3
_SHORTEST_PART = 4
_SHORTEST_END = 5
_SHORTEST_ALIAS = 6
_LONGEST_NAME = 40


@cache
def _rows() -> list[tuple[str, str, list[str]]]:
    lines = Path(__file__).with_name("posts.tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = (line.split("\t") for line in lines)
    return [(station, origin, aliases.split()) for station, origin, aliases in cells]


@cache
def stations() -> dict[str, str]:
    """Return the station for each name in use, in capitals without blanks, its own name and its origin included."""
    names = {re.sub("[^A-Z]", "", origin.upper()): station for station, origin in distinct_origin().items()}
    names |= {alias: station for station, _, aliases in _rows() for alias in aliases}
    return names | {station: station for station, _, _ in _rows()}


@cache
def distinct_origin() -> dict[str, str]:
    """Return the origin, by station, where it is not made of the kind of post and its name."""
    return {station: origin for station, origin, _ in _rows() if origin}


def without_prefixes(name: str) -> str:
    """Drop what is not the place's name: AMEMBASSY, USMISSION, EFTO ..., as often as they are repeated.

    It ends as soon as what is left is a known name (USMISSION UNVIE, but SECRETARYOFSTATE).
    """
    known = stations()
    for _ in range(_MOST_PREFIXES):
        prefix = _PREFIX.match(name) if name not in known else None
        if prefix is None:
            break
        name = name[prefix.end() :]
    return name


def without_kind_of_post(name: str) -> str:
    """Drop the kind of post before the name of a place that is not known: AMEMBASSY, USMISSION, AMCONSUL ...

    Shorter prefixes and captions stay, as the name itself may begin so."""
    kind = _KIND_OF_POST.match(name)
    return name[kind.end() :] if kind else name


def is_prefix(word: str) -> bool:
    """Return whether a word stands before the names of posts and says nothing else: AMEMBASSY, UNCLAS, FROM ..."""
    return _WHOLE_PREFIX.fullmatch(word) is not None


@cached_if_short(maxsize=8192)
def similar_post(name: str) -> str | None:
    """Return the station of which ``name`` is a slip of the pen: one letter lost, added or wrong, or two changed
    places.

    None when there is no such station, or more than one.
    """
    if not _SHORTEST_PART <= len(name) <= _LONGEST_NAME:
        return None
    known, near = stations(), _reductions()
    candidates = {candidate for form in {name, *_shorter(name)} for candidate in near.get(form, ())}
    candidates = {candidate for candidate in candidates if _distance(name, candidate, 1) <= 1}
    meant = {known[candidate] for candidate in candidates}
    if len(meant) > 1:
        meant = _likeliest(name, candidates)
    return meant.pop() if len(meant) == 1 else None


@cached_if_short(maxsize=8192)
def nearest_post(name: str) -> str | None:
    """Return the station that a badly damaged name most resembles; None when nothing is near or the choice is not
    clear.

    Besides what :func:`similar_post` finds, that is the one station that begins with the name, a station at its end
    (after junk), one that ends with it, or one within two letters (three in long names).
    """
    if not _SHORTEST_ABBREVIATION <= len(name) <= _LONGEST_NAME or _is_section(name):
        return None
    if len(name) < _SHORTEST_PART:
        return abbreviated_post(name)
    return similar_post(name) or abbreviated_post(name) or _at_end(name) or _within(name)


def _is_section(name: str) -> bool:
    """Return whether a name is the word SECTION, perhaps damaged."""
    return "SECTION".endswith(name) or _distance(name, "SECTION", 2) <= 2


@cache
def _reductions() -> dict[str, list[str]]:
    """Map names, and what is left of them without one letter, to the names; leave out short abbreviations."""
    reductions: dict[str, list[str]] = {}
    for name, station in stations().items():
        if len(name) >= (_SHORTEST_PART if name == station else _SHORTEST_ALIAS):
            for form in {name, *_shorter(name)}:
                reductions.setdefault(form, []).append(name)
    return reductions


def _shorter(name: str) -> set[str]:
    return {name[:at] + name[at + 1 :] for at in range(len(name))}


def _likeliest(name: str, candidates: set[str]) -> set[str]:
    """Return those of several stations that differ only by a doubled, undoubled or swapped letter."""
    known = stations()
    letters = sorted(name)
    exchanged = {known[candidate] for candidate in candidates if sorted(candidate) == letters}
    undoubled = re.sub(r"(.)\1", r"\1", name)
    return exchanged or {
        known[candidate] for candidate in candidates if re.sub(r"(.)\1", r"\1", candidate) == undoubled
    }


@cached_if_short(maxsize=8192)
def abbreviated_post(name: str) -> str | None:
    """Return the one station among the names that begin with ``name``, which has three letters or more: JAK."""
    if len(name) < _SHORTEST_ABBREVIATION:
        return None
    names, known = _sorted_names(), stations()
    at = bisect_left(names, name)
    meant = set()
    while at < len(names) and names[at].startswith(name):
        meant.add(known[names[at]])
        at += 1
    return meant.pop() if len(meant) == 1 else None


@cache
def _sorted_names() -> list[str]:
    return sorted(name for name in stations() if len(name) >= _SHORTEST_PART)


def _at_end(name: str) -> str | None:
    """Return the longest station that ends ``name``, or else the one that ``name`` is the end of."""
    known = stations()
    for at in range(1, len(name) - _SHORTEST_END + 1):
        if name[at:] in known:
            return known[name[at:]]
    longer = [station for station, _, _ in _rows() if station.endswith(name) and len(name) >= _SHORTEST_END]
    return longer[0] if len(longer) == 1 else None


def _within(name: str) -> str | None:
    """Return the nearest station, if there is one, within a distance that grows with the name's length."""
    widest = 1 + (len(name) >= 7) + (len(name) >= 11)
    known = stations()
    best: dict[str, int] = {}
    for candidate, station in known.items():
        if len(candidate) > _SHORTEST_PART and abs(len(candidate) - len(name)) <= widest:
            distance = _distance(name, candidate, widest)
            if distance <= min(widest, best.get(station, widest)):
                best[station] = distance
    nearest = [station for station in best if best[station] == min(best.values())]
    return nearest[0] if len(nearest) == 1 else None


def _distance(given: str, wanted_name: str, widest: int) -> int:
    """Count the letters lost, added, wrong or swapped between two names (restricted Damerau-Levenshtein distance).

    Stop counting above ``widest``.
    """
    before: list[int] = []
    row = list(range(len(wanted_name) + 1))
    for at, letter in enumerate(given, 1):
        older, before, row = before, row, [at]
        for to, wanted in enumerate(wanted_name, 1):
            cost = min(before[to] + 1, row[-1] + 1, before[to - 1] + (letter != wanted))
            if at > 1 and to > 1 and letter == wanted_name[to - 2] and given[at - 2] == wanted:
                cost = min(cost, older[to - 2] + 1)
            row.append(cost)
        if min(row) > widest:
            return widest + 1
    return row[-1]
