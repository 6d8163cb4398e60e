"""Classifications, and the one reading of the markings that state them.

All markings are read here: portion markings of paragraphs and of parts of them, headings, subjects,
banners, the classification field of a file and the values of JSON. Where a marking starts like a level and goes on
unreadably, the rest is kept as a control that nobody was granted: what cannot be read hides.
`cablesearch.classification.covering` finds the markings in a text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cablesearch.classification.controls import CONTROL, CONTROL_NAMES, KNOWN_CONTROLS, canonical
from cablesearch.classification.levels import LEVEL, LEVEL_NAMES, LEVELS, Level
from cablesearch.classification.spelling import SLIPS
from cablesearch.text.caching import cached_if_short, compiled_lazily
from cablesearch.text.lookalikes import DASHES, legible

__all__ = ["OPEN", "UNREADABLE", "Classification", "marking_of"]

_RELEASED = compiled_lazily(r"REL(?:[\s,/]{1,3}(?:AND\s)?(?:[A-Z]{3}|NATO|FVEY|ISAF)){1,40}")
_SHORTEST_WORD = 5
"""Letters of a control that is read in small letters, too."""
_DASHES = dict.fromkeys(map(ord, DASHES), "-")
_COMPOUND = compiled_lazily(r"\W*[A-Za-z]-[a-z]{2}")
"""``U-boat``: a letter and a word of small letters."""
# What else a marking may look like.
_AROUND = "()[]{}<>\"'`*_~=+!?/\\|.,:;#^- \u00ab\u00bb\u00b7\u2018\u2019\u201c\u201d\u2022"
_JOINTS = compiled_lazily(r"[_+=~*\u00b7\u2022]+")
_REASON = compiled_lazily(
    r"[\s,;:/-]{1,4}(?:REASONS?:?\s?|E\.?O\.?\s?[0-9]{5}[\s,:-]{0,3})?1[.,][3-7](?![0-9])"
    r"[\s,;:/&().A-H]{0,40}(?:AND[\s(]{0,3}[A-H][).\s]{0,3}){0,3}$"
)
"""The section of the order that gives the reason: ``1.4 (b) and (d)``."""
_OFFICE = compiled_lazily(r"(?:S/(?:CT|CRS|WCI|ES|GAC|SRAP|GWI)|C/DCM)(?![A-Z/])")
"""Offices whose names look like a level with a control."""
_PHRASE = compiled_lazily(
    r"(?:SECRET|CONFIDENTIAL|SENSITIVE|CONF|RESTRICTED) (?:POLICE|SERVICES?|AGENTS?|AGENC(?:Y|IES)|SOCIET(?:Y|IES)"
    r"|BALLOTS?|SOURCES?|MEETINGS?|TALKS|DEALS?|PRISONS?|PROTOCOLS?|FUNDS?|ISSUES?|AREAS?|LETTERS?|CALLS?|AGREEMENTS?|WEAPONS?)\b"
)
"""Words of prose, where not all letters are capitals."""
_ABBREVIATED = {
    **dict.fromkeys(("R", "RESTRICTED", "PROTECTED", "OUO", "CUI", "LES", "SSI"), (Level.SBU, "")),
    "CLASSIFIED": (Level.TOP_SECRET, ""),
    "TSC": (Level.TOP_SECRET, "/CODEWORD"),
    "NR": (Level.SBU, "/NATO"),
    "NC": (Level.CONFIDENTIAL, "/NATO"),
    "NS": (Level.SECRET, "/NATO"),
    **dict.fromkeys(("CTS", "COSMIC"), (Level.TOP_SECRET, "/NATO")),
}
"""Names of levels that are read only alone or before a stroke, each with the controls that it implies."""
_ABBREVIATION = compiled_lazily(rf"({'|'.join(_ABBREVIATED)})(?=$|\s?/|\s?-\s)")
_GLUED = compiled_lazily(r"(TS|S|C|SBU|U)(?:(NF|NOFORN|ORCON|FRD|RD|FOUO)|[1I!](NF|NOFORN|ORCON))(?![A-Z0-9])")
"""A level and a control with no stroke between them, or one that was misread."""
_APART = compiled_lazily(r"T\s?/\s?S(?![A-Z0-9])")
_DAMAGED_BRACKET = compiled_lazily(r"(TS|[CS])[ -]{0,3}[1-3]$")
_BEFORE_LEVEL = compiled_lazily(
    r"(?:(?:THE|THIS|ENTIRE|WHOLE|ALL|FULL|TEXT|TXT|MESSAGE|CABLE|TELEGRAM|PARAS?|PARAGRAPHS?|PORTION|SECTION|PART|IS|ARE"
    r"|CLASS|CLASSIFIED|CLASSIFICATION|MARKED|MARKING|OVERALL|LEVEL|SUBJECT|SUBJ|LINE|FOLLOWING|BEGIN|START|DOCUMENT)"
    r"[\s:=.,/-]{1,4}){1,12}"
)
_SAYS = compiled_lazily(r"\b(?:IS|ARE|CLASS(?:IFIED|IFICATION)?|MARKED|MARKING)\b")
_OF_MARKINGS = ("CLASS", "ENTIRE", "MARK", "BEGIN", "START")
_NATION = compiled_lazily(
    r"(NATO|COSMIC|FGI|(?:UK|US|EU|GBR|USA|CAN|AUS|NZL|FRA|DEU|ITA|ESP|NLD|NOR|TUR|ISR|JPN|KOR)|[A-Z]{2,3}(?=\s(?:TOP\s?)?SECRET"
    r"|\sCONFIDENTIAL|\sRESTRICTED))[\s/-]{1,3}(?=(?:TOP\s?SECRET|TS|SECRET|S|CONFIDENTIAL|C|RESTRICTED|R)(?![A-Z0-9]))"
)
_LONG_NAMES = ("SECRET", "CONFIDENTIAL", "UNCLASSIFIED")
_LONG_WORD = compiled_lazily(r"[A-Z0-9]{5,13}(?![A-Z0-9])")
_NO_SLIPS = frozenset({"SECRETS", "SECRETE", "CLASSIFIED"})


@dataclass(frozen=True, slots=True)
class Classification:
    """A level and the controls (caveats) that go with it.

    ``controls`` are canonical (``NOFORN``, ``ORCON``, ``REL TO USA GBR``), sorted, without repeats.
    """

    level: Level
    controls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # A string where several are expected is one control, not its letters.
        controls = (self.controls,) if isinstance(self.controls, str) else self.controls
        object.__setattr__(self, "controls", canonical(controls))

    @classmethod
    def parse(cls, text: str | None) -> Classification | None:
        """Read ``SECRET//NOFORN``, ``C-NF``, ``(SBU)``, ``S E C R E T``, ``C - ENTIRE TEXT/NF``; None without a level.

        Whatever follows a level and cannot be read is kept as a control.
        """
        return _parsed(text) if text else None

    def join(self, other: Classification) -> Classification:
        """Return the lowest classification that covers both."""
        if self.covers(other):
            return self
        if other.covers(self):
            return other
        return Classification(max(self.level, other.level), tuple(sorted({*self.controls, *other.controls})))

    def meet(self, other: Classification) -> Classification:
        """Return the highest classification that both cover: what everyone may read who may read either."""
        controls = self.controls and other.controls and tuple(set(self.controls) & set(other.controls))
        return Classification(min(self.level, other.level), controls)

    def covers(self, other: Classification) -> bool:
        """Return whether everyone who may read this may read ``other``."""
        return self.level >= other.level and (not other.controls or set(self.controls) >= set(other.controls))

    def __str__(self) -> str:
        return self.level.title + ("//" + "/".join(self.controls) if self.controls else "")


OPEN = Classification(Level.UNCLASSIFIED)
UNREADABLE = Classification(Level.TOP_SECRET)


@cached_if_short(maxsize=4096)
def marking_of(text: str) -> Classification | None:
    """Read a marking, also one without a level (``NOFORN``, ``//NF``, ``REL TO USA, GBR``); None when it is not one.

    Controls without a level leave it open, so they are joined with what a text is classified as otherwise.
    """
    marking = Classification.parse(text)
    if marking:
        return marking
    plain = " ".join((text if text.isascii() else legible(text).translate(_DASHES)).upper().split()).strip(_AROUND)
    control = CONTROL().match(plain)
    is_control = control is not None and (text.isupper() or len(control[0]) >= _SHORTEST_WORD)
    if not (is_control or plain.startswith("REL TO ") or (text.isupper() and _RELEASED().fullmatch(plain))):
        return None
    read = _controls_behind("/" + plain)
    return Classification(*read) if read else None


@cached_if_short(maxsize=4096)
def _parsed(text: str) -> Classification | None:
    plain = " ".join((text if text.isascii() else legible(text).translate(_DASHES)).upper().split())
    plain = _JOINTS().sub(" ", plain).strip(_AROUND)
    if known := _as_commonly_spelt(plain):
        return known
    if _OFFICE().match(plain) or (_PHRASE().match(plain) and not text.isupper()):
        return None
    level = LEVEL().match(plain)
    return _with_controls(text, plain, level) if level else _parsed_otherwise(text, plain)


def _as_commonly_spelt(plain: str) -> Classification | None:
    """Return a marking of names that are all known as they stand, such as ``S//NF``; most are, and this is fast."""
    first, *rest = plain.split("/")
    if (level := LEVELS.get(first)) is None:
        return None
    controls = []
    for name in rest:
        if name in CONTROL_NAMES:
            controls.append(CONTROL_NAMES[name])
        elif name in LEVELS:
            level = max(level, LEVELS[name])
        elif name:
            return None
    return Classification(level, tuple(controls))


def _with_controls(text: str, plain: str, level: re.Match[str]) -> Classification | None:
    """Return the marking that begins with ``level``; None when it is only a word that begins that way."""
    read = LEVEL_NAMES[SLIPS.sub("", level[0])]
    behind = _REASON().sub("", plain[level.end() :])
    if not behind or _DAMAGED_BRACKET().match(plain):
        return Classification(read)
    rest = _controls_behind(behind, is_word=bool(_COMPOUND().match(text)))
    return Classification(max(read, rest[0]), rest[1]) if rest else None


def _controls_behind(text: str, *, is_word: bool = False) -> tuple[Level, tuple[str, ...]] | None:
    """Return what stands behind a level, as `controls_behind` reads it."""
    # Imported here because most markings are spelt in the common way.
    from cablesearch.classification.behind_level import controls_behind

    return controls_behind(text, is_word=is_word)


def _parsed_otherwise(text: str, plain: str) -> Classification | None:
    """Return a marking that does not begin with the name of a level as it is commonly spelt."""
    if mended := _mended(plain):
        return _parsed(mended)
    if (match := _ABBREVIATION().match(plain)) and (text.isupper() or match[1] == "RESTRICTED"):
        level, implied = _ABBREVIATED[match[1]]
        rest = _controls_behind(implied + plain[match.end() :])
        return Classification(max(level, rest[0]), rest[1]) if rest else None
    if match := _BEFORE_LEVEL().match(plain):
        named = plain[match.end() :].strip(_AROUND)
        is_said = plain.startswith(_OF_MARKINGS) or _SAYS().search(match[0]) is not None
        if not (text.isupper() or is_said or (" " in match[0].strip() and len(named) > 1)) or _BEFORE_LEVEL().match(
            named
        ):
            return None
        marking = _parsed(named)
        return marking if marking and (text.isupper() or KNOWN_CONTROLS.issuperset(marking.controls)) else None
    if text.isupper() and (match := _NATION().match(plain)):
        marking = _parsed(plain[match.end() :])
        nation = "NATO" if match[1] == "COSMIC" else match[1]
        return marking and Classification(marking.level, (*marking.controls, nation))
    return None


def _mended(plain: str) -> str | None:
    """Return a marking with the common spelling of its level; None when it has no slip."""
    if match := _DAMAGED_BRACKET().match(plain):
        return match[1]
    if match := _GLUED().match(plain):
        return f"{match[1]}/{match[2] or match[3]}{plain[match.end() :]}"
    if match := _APART().match(plain):
        return "TS" + plain[match.end() :]
    top = "TOP " if plain.startswith("TOP ") else ""
    if (match := _LONG_WORD().match(plain, len(top))) and (name := _slip_of(match[0])):
        return top + name + plain[match.end() :]
    return None


@cached_if_short(maxsize=1024)
def _slip_of(word: str) -> str | None:
    """Return the name of the level that a word misspells by one letter: wrong, missing, added or swapped with its
    neighbour."""
    if word in _NO_SLIPS:
        return None
    return next((name for name in _LONG_NAMES if _is_one_slip(word, name)), None)


def _is_one_slip(word: str, name: str) -> bool:
    start = 0
    while start < min(len(word), len(name)) and word[start] == name[start]:
        start += 1
    behind, rest = word[start:], name[start:]
    return (
        behind[1:] == rest[1:]
        or behind[1:] == rest
        or behind == rest[1:]
        or (behind[:2] == rest[1::-1] and behind[2:] == rest[2:])
    )
