"""The names of TAGS: which there are, what they mean, and what a mistyped or run-together word stands for.

``tags.tsv`` lists the known names: code, kind, meaning (empty where it is not on record) and, under ``also``, other
spellings that stand for the name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from string import ascii_uppercase

from cablesearch.text.caching import cached_if_short

__all__ = [
    "CODES",
    "KINDS",
    "TOPICS",
    "WORDS",
    "canonical_name",
    "known_person",
    "known_phrase",
    "read_word",
    "tag_kind",
    "tag_meaning",
]


def _table() -> list[list[str]]:
    rows = Path(__file__).with_name("tags.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return [row.split("\t") for row in rows]


_ROWS = _table()
KINDS = {name: kind for name, kind, _, _ in _ROWS}
_MEANINGS = {name: meaning for name, _, meaning, _ in _ROWS}
_ALSO = {other: name for name, _, _, also in _ROWS for other in also.split("|") if other}
CODES = frozenset(
    name for name, kind in KINDS.items() if kind not in {"term", "person"} and " " not in name and name not in _ALSO
)
TOPICS = frozenset(name for name in CODES if KINDS[name] in {"subject", "program"})
_SUBJECTS = frozenset(name for name in TOPICS if KINDS[name] == "subject")
_LONG_CODES = frozenset(name for name in CODES if len(name) > 5)
# Names of several words by their first word, the longest first, so that MEDIA REACTION REPORT is not MEDIA REACTION.
_PHRASES: dict[str, list[list[str]]] = {}
for _name in sorted([*KINDS, *_ALSO], key=len, reverse=True):
    if " " in _name and "," not in _name:
        _PHRASES.setdefault(_name.split()[0], []).append(_name.split())
# Words that are not codes although they look like one, or like several run together (SOCIAL is not SOCI + AL,
# BAHAMAS not BA + HAMAS): those of the terms and of the meanings.
WORDS = frozenset(word for name, kind in KINDS.items() if kind == "term" for word in name.split()) - CODES
_OTHER_WORDS = frozenset(word for meaning in _MEANINGS.values() for word in meaning.upper().split()) - CODES - WORDS
# Codes so common that a word one slip away is more likely one of them mistyped than anything else.
_COMMON = frozenset(
    re.findall(
        "[A-Z]+",
        """AEMR AFIN AMED AMGT AORC APER ASEC CASC CJAN CMGT CPAS CVIS EAGR EAID EAIR ECIN ECON ECPS EFIN EFIS EIND EINV
    ELAB ELTN EMIN ENRG EPET ETRD ETTC EWWT MARR MASS MCAP MNUC MOPS ODIP OEXC OFDP OIIP OPDC OPRC OREP OTRA OVIP
    PARM PBTS PGOV PHSA PHUM PINR PINS PREF PREL PROP PTER SCUL SENV SMIG SNAR SOCI TBIO TPHY TRGY TSPA TSPL
    KCIP KCOR KCRM KDEM KFLU KFRD KGHG KHIV KHLS KIPR KIRF KISL KJUS KMDR KNNP KOCI KOMC KPAL KPAO KPKO KSCA KSTH KSUM
    KTDB KTEX KTFN KTIA KTIP KUNR KWBG KWMN
    EGEN PBOR PDIP PFOR PINT SHUM SREF""",
    )
)
_FIELDS = "ABCEMOPST"
"""The first letters of subjects: administration, business, consular affairs, economy, military ..."""
_COMPOUNDS = {"POLMIL": ("POL", "MIL")}
_GLUE = re.compile(r"[./:+&_-]")
_LETTERS = re.compile(r"[A-Z]+")


def tag_kind(name: str) -> str:
    """Return the kind of a tag: subject, program, country, organization, person or term."""
    name = name.upper()
    known = KINDS.get(name) or KINDS.get(_ALSO.get(name, ""))
    if known:
        return known
    if ", " in name:
        return "person"
    if len(name) == 4 and _LETTERS.fullmatch(name):
        if name[0] == "K":
            return "program"
        return "subject" if name[0] in _FIELDS else "term"
    if len(name) == 2 and _LETTERS.fullmatch(name):
        return "country"
    return "organization" if KINDS.get(re.split("[/-]", name, maxsplit=1)[0]) == "organization" else "term"


def tag_meaning(name: str) -> str | None:
    """Return what a tag stands for, in words; None when that is not on record."""
    name = name.upper()
    return _MEANINGS.get(_ALSO.get(name, name)) or None


def canonical_name(name: str) -> str:
    """Return the name that another spelling stands for, else ``name``."""
    return _ALSO.get(name, name)


def known_person(last: str, first: str) -> str | None:
    """Return a well-known person of this name, spelt in full; None for others."""
    name = f"{last}, {first}"
    name = _ALSO.get(name, name)
    return name if KINDS.get(name) == "person" else None


def known_phrase(words: list[str], at: int) -> tuple[int, str, tuple[str, ...]]:
    """Return a known name of several words from ``at`` on: how many, its canonical form, and tags glued to the last of
    them.

    The number is 0 when no name starts there.
    """
    for phrase in _PHRASES.get(words[at], ()):
        end = at + len(phrase)
        if words[at : end - 1] != phrase[:-1] or end > len(words):
            continue
        last = words[end - 1]
        name = " ".join(phrase)
        if last.rstrip(".:") == phrase[-1]:
            return len(phrase), _ALSO.get(name, name), ()
        rest = last[len(phrase[-1]) :]
        if last.startswith(phrase[-1]) and (glued := read_word(rest)) and all(part in KINDS for part in glued):
            return len(phrase), _ALSO.get(name, name), glued
    return 0, "", ()


@cached_if_short(maxsize=4096)
def read_word(word: str) -> tuple[str, ...]:
    """Return the tags that one word stands for: itself, its right spelling, or the parts that run together in it."""
    bare = word.strip(".:*-_/\"'`¶<>=#")
    if bare[1:2] == "." and (letters := bare.replace(".", "")) in CODES and len(bare) == 2 * len(letters) - 1:
        bare = letters  # U.S.
    name = _ALSO.get(bare, bare)
    if name in KINDS or not name:
        return (name,) if name else ()
    if bare in _COMPOUNDS:
        return _COMPOUNDS[bare]
    if bare in WORDS or bare in _OTHER_WORDS:
        return (bare,)
    pieces = _GLUE.split(bare)
    if len(pieces) > 1 and all(piece in CODES for piece in pieces):
        return tuple(pieces)
    if not _LETTERS.fullmatch(bare):
        return (bare,)
    return _unglued(bare) or (_mended(bare),)


# What pieces cost when glued tags are taken apart: the cheapest reading is taken.
_COUNTRY_COST = 5
_UNKNOWN_PROGRAM_COST = 12
_PIECES = {name: 2 if name in TOPICS else 3 for name in CODES if name.isalpha() and (len(name) > 3 or name == "EUN")}
_PIECES |= {name: _COUNTRY_COST for name in CODES if KINDS[name] == "country"} | {"UN": _COUNTRY_COST}
_LENGTHS = sorted({len(name) for name in _PIECES})


def _unglued(run: str) -> tuple[str, ...]:
    """Return the tags of which a run of letters is made; ``()`` when it is not a plain row of them."""
    if not 6 <= len(run) <= 200:
        return ()
    costs: list[int | None] = [0, *[None] * len(run)]
    sizes = [0] * (len(run) + 1)
    for end in range(2, len(run) + 1):
        for size in _LENGTHS:
            before = costs[end - size] if size <= end else None
            if before is None:
                continue
            cost = _PIECES.get(piece := run[end - size : end])
            if cost is None and size == 4 and piece[0] == "K":
                cost = _UNKNOWN_PROGRAM_COST
            best = costs[end]
            if cost is not None and (best is None or before + cost < best):
                costs[end], sizes[end] = before + cost, size
    if costs[-1] is None:
        return ()
    pieces: list[str] = []
    end = len(run)
    while end:
        pieces.append(run[end - sizes[end] : end])
        end -= sizes[end]
    return tuple(reversed(pieces)) if _is_safe(pieces) else ()


def _is_safe(pieces: list[str]) -> bool:
    """Return whether known topics are the better part of the pieces, as chance would not have it."""
    known = sum(piece in _PIECES and len(piece) > 2 for piece in pieces)
    places = sum(len(piece) == 2 for piece in pieces)
    is_likely = known >= places and known >= 2 * (len(pieces) - known - places)
    return len(pieces) > 1 and is_likely and not TOPICS.isdisjoint(pieces)


def _mended(word: str) -> str:
    """Return a mistyped code put right when it is common and the only code a slip away, else the word.

    The first of four letters names the field, so that a word that differs in it is rather a code that is not on record
    (PBIO is not TBIO).
    """
    if not 4 <= len(word) <= 16:
        return word
    slips = {word[:at] + word[at + 1] + word[at] + word[at + 2 :] for at in range(len(word) - 1)}
    if len(word) > 4:
        slips |= {word[:at] + word[at + 1 :] for at in range(len(word))}
    meant = {slip for slip in slips if slip in TOPICS or slip in _LONG_CODES}
    if len(meant) > 1:
        meant = {slip for slip in meant if slip[0] == word[0]}
    if not meant and (len(word) > 4 or word[0] != "K"):
        meant = set(_with_another_letter(word))
    only = meant.pop() if len(meant) == 1 else word
    if len(word) == 4 and only[0] != word[0] and word[0] in _FIELDS and sorted(only) != sorted(word):
        return word
    return only if only in _COMMON or only in _LONG_CODES else word


def _with_another_letter(word: str) -> Iterator[str]:
    """Yield the codes that differ from ``word`` in one letter (not the K of programs), or (long ones) have one more."""
    known = _SUBJECTS if len(word) == 4 else _LONG_CODES
    for at in range(len(word) + 1):
        for letter in ascii_uppercase:
            if (changed := word[:at] + letter + word[at + 1 :]) in known:
                yield changed
            if len(word) > 4 and (changed := word[:at] + letter + word[at:]) in known:
                yield changed
