"""Levels, controls and clearances, and the one reading of the markings by which a text says them.

Everything that reads a marking asks here: portion markings of paragraphs and of parts of them, headings, subjects,
banners, the classification field of a file and the values of JSON. Where a marking starts like a level and goes on
unreadably, the rest is kept as a control that nobody was granted: what cannot be read hides. Where markings stand in a
text is the matter of `cablesearch.classification.markings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from cablesearch.text.caching import cached_if_short, compiled_lazily
from cablesearch.text.lookalikes import DASHES, legible

__all__ = [
    "FULL",
    "KNOWN_CONTROLS",
    "OPEN",
    "UNREADABLE",
    "Classification",
    "Clearance",
    "Level",
    "banner_controls",
    "clearance_covers",
    "clearance_name",
    "is_of_entire_text",
    "marking_of",
    "parse_clearance",
]


class Level(IntEnum):
    """Levels of classification, lowest first; comparison is the order of secrecy."""

    UNCLASSIFIED = 0
    SBU = 1
    CONFIDENTIAL = 2
    SECRET = 3
    TOP_SECRET = 4

    @property
    def title(self) -> str:
        """The level spelt out, as in ``SENSITIVE BUT UNCLASSIFIED``."""
        return _TITLES[self]


_TITLES = {
    Level.UNCLASSIFIED: "UNCLASSIFIED",
    Level.SBU: "SENSITIVE BUT UNCLASSIFIED",
    Level.CONFIDENTIAL: "CONFIDENTIAL",
    Level.SECRET: "SECRET",
    Level.TOP_SECRET: "TOP SECRET",
}
_LEVELS = {
    "U": Level.UNCLASSIFIED,
    "UNCLAS": Level.UNCLASSIFIED,
    "UNCLASSIFIED": Level.UNCLASSIFIED,
    "SBU": Level.SBU,
    "FOUO": Level.SBU,
    "LOU": Level.SBU,
    "SENSITIVE": Level.SBU,
    "SENSITIVE BUT UNCLASSIFIED": Level.SBU,
    "FOR OFFICIAL USE ONLY": Level.SBU,
    "LIMITED OFFICIAL USE": Level.SBU,
    "C": Level.CONFIDENTIAL,
    "CONFIDENTIAL": Level.CONFIDENTIAL,
    "S": Level.SECRET,
    "SECRET": Level.SECRET,
    "TS": Level.TOP_SECRET,
    "TOP SECRET": Level.TOP_SECRET,
    "TOPSECRET": Level.TOP_SECRET,
}
_CONTROLS = {"NF": "NOFORN", "N": "NOFORN", "OC": "ORCON", "PR": "PROPIN", "IMC": "IMCON"}
_BRACKETS = "()[]{}. \t\r\n"

# A name's letters may stand apart, and a slip of the wire may put a blank or a hyphen between any two of them.
_SLIP = r"[\s.-]{0,3}"
_SLIPS = re.compile(r"[\s.-]+")


def _spellings(names: Iterable[str]) -> str:
    """A pattern of names as they may be spelt, the longest first."""
    squeezed = sorted({_SLIPS.sub("", name) for name in names}, key=lambda name: (-len(name), name))
    return "|".join(_SLIP.join(name) for name in squeezed)


_LEVEL_NAMES = {_SLIPS.sub("", name): level for name, level in _LEVELS.items()} | {
    "UNCL": Level.UNCLASSIFIED,
    "CONF": Level.CONFIDENTIAL,
    "CONFID": Level.CONFIDENTIAL,
    "CONFIDENT": Level.CONFIDENTIAL,
    "SECR": Level.SECRET,
}
_NO_RELEASE = "NOTFORRELEASETOFOREIGNNATIONALS"
_CONTROL_NAMES = {
    **{
        name: name
        for name in ("NOFORN", "ORCON", "PROPIN", "IMCON", "NOCONTRACT", "EXDIS", "NODIS", "LIMDIS", "STADIS")
    },
    **{name: control for name, control in _CONTROLS.items() if len(name) > 1},
    "N/F": "NOFORN",
    "NOFOREIGN": "NOFORN",
    "NOFOREIGNDISSEM": "NOFORN",
    "NOFOREIGNNATIONALS": "NOFORN",
    _NO_RELEASE: "NOFORN",
    "EYESONLY": "EYES ONLY",
}
KNOWN_CONTROLS = frozenset(_CONTROL_NAMES.values())
_LEVEL = compiled_lazily(rf"(?:{_spellings(_LEVEL_NAMES)})(?![A-Z0-9])")
_CONTROL = compiled_lazily(rf"(?:{_spellings(_CONTROL_NAMES)})(?![A-Z0-9])")
_RELEASE = compiled_lazily(rf"REL(?:EASABLE)?(?![A-Z])(?:{_SLIP}T{_SLIP}O(?![A-Z]))?")
_RELEASED = re.compile(r"REL(?:[\s,/]{1,3}(?:AND\s)?(?:[A-Z]{3}|NATO|FVEY|ISAF)){1,40}")
_WEAK = frozenset(" \t\r\n-,;")
_SEPARATORS = frozenset(" \t\r\n/|,;:&+.-")
_WORD = re.compile(r"[^\s/|,;]+")
# The words by which a marking says how far it reaches.
_ENTIRE = compiled_lazily(
    rf"\b(?:ENTIRE|ENTRIE|ENTIER|WHOLE|ALL){_SLIP}(?:TEXT?|TXT|MESSAGE|CABLE|TELEGRAM|DOCUMENT|PARA(?:GRAPH)?S?)\b"
)
_SHORTEST_ENTIRE = 8
_SHORTEST_WORD = 5
"""Letters of a control that is read in small letters, too."""
_INNER_BRACKETS = str.maketrans("()[]{}\\", "///////")
_DASHES = dict.fromkeys(map(ord, DASHES), "-")
_COMPOUND = re.compile(r"\W*[A-Za-z]-[a-z]{2}")
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
_DAMAGED_BRACKET = re.compile(r"(TS|[CS])[ -]{0,3}[1-3]$")
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


def _control(text: str) -> str:
    """Canonical form of one control: abbreviations spelt out, ``REL LIBYA`` as ``REL TO LIBYA``, no commas."""
    name = " ".join(text.replace(",", " ").split()).strip(_BRACKETS)
    if name.startswith("REL ") and not name.startswith("REL TO"):
        name = "REL TO" + name[3:]
    return _CONTROLS.get(name, name)


def _canonical(controls: tuple[str, ...]) -> tuple[str, ...]:
    """Controls in their canonical form, sorted, without repeats; one that names several is split, but for REL TO."""
    names: set[str] = set()
    for control in controls:
        for part in control.upper().split("/"):
            name = part.strip(_BRACKETS)
            alone = name.startswith(("REL TO ", "REL "))
            names.update([_control(name)] if alone else [_control(one) for one in name.split(",")])
    return tuple(sorted(names - {""}))


@dataclass(frozen=True, slots=True)
class Classification:
    """A level and the controls (caveats) that go with it.

    ``controls`` are canonical (``NOFORN``, ``ORCON``, ``REL TO USA GBR``), sorted, without repeats.
    """

    level: Level
    controls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "controls", _canonical(self.controls))

    @classmethod
    def parse(cls, text: str | None) -> Classification | None:
        """Read ``SECRET//NOFORN``, ``C-NF``, ``(SBU)``, ``S E C R E T``, ``C - ENTIRE TEXT/NF``; None without a level.

        Behind a level, what cannot be read is kept as a control.
        """
        return _parsed(text) if text else None

    def join(self, other: Classification) -> Classification:
        """The lowest classification that covers both."""
        if self.covers(other):
            return self
        if other.covers(self):
            return other
        return Classification(max(self.level, other.level), tuple(sorted({*self.controls, *other.controls})))

    def covers(self, other: Classification) -> bool:
        """Whether everyone who may read this may read ``other``."""
        return self.level >= other.level and (not other.controls or set(self.controls) >= set(other.controls))

    def __str__(self) -> str:
        return self.level.title + ("//" + "/".join(self.controls) if self.controls else "")


@cached_if_short(maxsize=4096)
def _parsed(text: str) -> Classification | None:
    plain = " ".join((text if text.isascii() else legible(text).translate(_DASHES)).upper().split())
    plain = _JOINTS().sub(" ", plain).strip(_AROUND)
    if known := _as_commonly_spelt(plain):
        return known
    if _OFFICE().match(plain) or (_PHRASE().match(plain) and not text.isupper()):
        return None
    level = _LEVEL().match(plain)
    return _with_controls(text, plain, level) if level else _parsed_otherwise(text, plain)


def _as_commonly_spelt(plain: str) -> Classification | None:
    """A marking of names that are all known as they stand, such as ``S//NF``: what most are, and seen at once."""
    first, *others = plain.split("/")
    if (level := _LEVELS.get(first)) is None:
        return None
    controls = []
    for name in others:
        if name in _CONTROL_NAMES:
            controls.append(_CONTROL_NAMES[name])
        elif name in _LEVELS:
            level = max(level, _LEVELS[name])
        elif name:
            return None
    return Classification(level, tuple(controls))


def _with_controls(text: str, plain: str, level: re.Match[str]) -> Classification | None:
    """The marking of which ``level`` is the beginning; None when it was only a word that begins so."""
    read = _LEVEL_NAMES[_SLIPS.sub("", level[0])]
    behind = _REASON().sub("", plain[level.end() :])
    if not behind or _DAMAGED_BRACKET.match(plain):
        return Classification(read)
    rest = _controls(behind, is_word=bool(_COMPOUND.match(text)))
    return Classification(max(read, rest[0]), rest[1]) if rest else None


def _parsed_otherwise(text: str, plain: str) -> Classification | None:
    """A marking that does not begin with the name of a level as it is commonly spelt."""
    if mended := _mended(plain):
        return _parsed(mended)
    if (match := _ABBREVIATION().match(plain)) and (text.isupper() or match[1] == "RESTRICTED"):
        level, implied = _ABBREVIATED[match[1]]
        rest = _controls(implied + plain[match.end() :])
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
    """A marking with the name of its level as it is commonly spelt; None when no slip is seen in it."""
    if match := _DAMAGED_BRACKET.match(plain):
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
    """The name of a level that a word is with one letter wrong, missing, too many, or in its neighbour's place."""
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


@cached_if_short(maxsize=4096)
def marking_of(text: str) -> Classification | None:
    """Read a marking, also one without a level (``NOFORN``, ``//NF``, ``REL TO USA, GBR``); None when it is not one.

    Controls without a level leave it open, so they are joined with what a text is classified as otherwise.
    """
    marking = Classification.parse(text)
    if marking:
        return marking
    plain = " ".join((text if text.isascii() else legible(text).translate(_DASHES)).upper().split()).strip(_AROUND)
    control = _CONTROL().match(plain)
    is_control = control is not None and (text.isupper() or len(control[0]) >= _SHORTEST_WORD)
    if not (is_control or plain.startswith("REL TO ") or (text.isupper() and _RELEASED.fullmatch(plain))):
        return None
    read = _controls("/" + plain)
    return Classification(*read) if read else None


def is_of_entire_text(marking: str) -> bool:
    """Whether a marking says that it is that of the whole message: ``C - ENTIRE TEXT``."""
    return len(marking) > _SHORTEST_ENTIRE and _ENTIRE().search(marking.upper()) is not None


def _controls(text: str, *, is_word: bool = False) -> tuple[Level, tuple[str, ...]] | None:
    """What stands behind a level: the highest level in it, and its controls; None when the level was none.

    What is unknown is kept as a control, unless it shows that it goes on with a word (``U.S.``, ``C-130``, ``S&T``).
    ``is_word``: the first hyphen stands in one.
    """
    text = _ENTIRE().sub("/", text.translate(_INNER_BRACKETS))
    level = Level.UNCLASSIFIED
    controls: list[str] = []
    unknown: list[str] = []
    at, is_strong = 0, False
    while True:
        start = at
        while at < len(text) and text[at] in _SEPARATORS:
            at += 1
        between = text[start:at]
        is_strong = is_strong or "/" in between or "|" in between
        is_weak = not is_strong and not _WEAK.issuperset(between)
        known = _known(text, at)
        if unknown and (at == len(text) or known or not between.isspace()):
            controls.append(" ".join(unknown))
            unknown = []
        if at == len(text):
            return level, tuple(controls)
        if known:
            found, name, at = known
            if not between or (found is not None and is_weak):
                return None
            level = level if found is None else max(level, found)
            controls += [name] if name else []
            continue
        word = _word(text, at)
        if not between or (not is_strong and not unknown and (is_word or word[0].isdigit() or is_weak)):
            return None
        at += len(word)
        if unknown or word != "AND":
            unknown.append(word)


def _known(text: str, at: int) -> tuple[Level | None, str, int] | None:
    """The level or the control that stands at a place, and where it ends; None when neither does."""
    if match := _CONTROL().match(text, at):
        return None, _CONTROL_NAMES[_SLIPS.sub("", match[0])], match.end()
    if match := _LEVEL().match(text, at):
        return _LEVEL_NAMES[_SLIPS.sub("", match[0])], "", match.end()
    if match := _RELEASE().match(text, at):
        names, end = _countries(text, match.end())
        return None, f"REL TO {names}".rstrip(), end
    word = _word(text, at)
    return (None, _CONTROLS[word], at + len(word)) if word in _CONTROLS else None


def _word(text: str, at: int) -> str:
    match = _WORD.match(text, at)
    return match[0] if match else ""


def _countries(text: str, start: int) -> tuple[str, int]:
    """The names behind ``REL TO``, up to a stroke, a semicolon or a control, and where they end."""
    names: list[str] = []
    at = start
    while True:
        while at < len(text) and text[at] in " \t\r\n,.-:":
            at += 1
        word = _WORD.match(text, at)
        if not word or _CONTROL().match(text, at):
            return " ".join(names), at
        if word[0] not in ("AND", "&"):
            names.append(word[0])
        at = word.end()


OPEN = Classification(Level.UNCLASSIFIED)
UNREADABLE = Classification(Level.TOP_SECRET)


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a reader may see: a level and the controls granted, in their canonical form."""

    level: Level
    controls: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "controls", frozenset(_canonical(tuple(self.controls))))

    @classmethod
    def parse(cls, text: str) -> Clearance:
        """Read ``LEVEL[//CONTROL,...]``, such as ``SECRET//NOFORN,ORCON``.

        Raises:
            ValueError: the level is not one of ours.
        """
        level_text, _, control_text = text.strip().upper().partition("//")
        level = _LEVELS.get(" ".join(level_text.replace("_", " ").split()))
        if level is None:
            known = ", ".join(["UNCLASSIFIED", "SBU", "CONFIDENTIAL", "SECRET", "TOP SECRET"])
            raise ValueError(f"{text!r} is not a clearance: one starts with {known}; {FULL} is everything")
        return cls(level, frozenset(re.split(r"[,/]", control_text)))

    def sees(self, classification: Classification) -> bool:
        """Whether something of this classification is visible: level not above, every control granted."""
        return classification.level <= self.level and self.controls.issuperset(classification.controls)

    def __str__(self) -> str:
        return self.level.title + ("//" + ",".join(sorted(self.controls)) if self.controls else "")


FULL = "FULL"
"""The word by which a person says that everything is to be seen; in programs that is None."""


def parse_clearance(text: str) -> Clearance | None:
    """Read what a person writes for a clearance: ``LEVEL[//CONTROL,...]``, or ``FULL`` for everything (None).

    Raises:
        ValueError: it is neither.
    """
    return None if text.strip().upper() == FULL else Clearance.parse(text)


def clearance_name(clearance: Clearance | None) -> str:
    """A clearance as `parse_clearance` reads it."""
    return FULL if clearance is None else str(clearance)


def clearance_covers(one: Clearance | None, other: Clearance | None) -> bool:
    """Whether who has the one sees all that who has the other sees; None sees everything."""
    if one is None or other is None:
        return one is None
    return one.level >= other.level and one.controls >= other.controls


# Banners

_RELEASE_LIST = (
    r"REL(?:(?:EASABLE)? ?TO|(?= (?:USA|UK|GBR|AUS|CAN|NZL|NATO|FVEY|ISAF)(?![A-Z]))) "
    r"([A-Z]{2,4}(?:(?:,|,? AND|[ ](?=[A-Z]{3}(?![A-Z]))) ?[A-Z]{2,4}(?![A-Z]))*)"
)
_NAMES_IN_BANNERS = ("NOFORN", "ORCON", "PROPIN", "IMCON", "NOCONTRACT", "NOFOREIGNNATIONALS", _NO_RELEASE)
_BANNER_CONTROL = compiled_lazily(
    rf"(?<![A-Z])(?=[NOPIR])(?:{_RELEASE_LIST}|({_spellings(_NAMES_IN_BANNERS)})(?![A-Z])|(NF|OC)(?![A-Z]))"
)
_STROKE = compiled_lazily(r"\s?/{1,2}\s?(?!REL)([A-Z][A-Z-]{1,30})")
_NO_CONTROLS = frozenset({"FOR", "FOUO", "SBU", "SENSITIVE", "SIPDIS", "OFFICIAL", "LIMITED"})


def banner_controls(captions: str) -> tuple[str, ...]:
    """The controls that stand behind the level of a cable's first line, or in the captions under it."""
    controls = []
    at = 0
    while stroke := _STROKE().match(captions, at):
        at = stroke.end()
        if stroke[1] not in _NO_CONTROLS:
            controls.append(_CONTROL_NAMES.get(stroke[1], stroke[1]))
    for match in _BANNER_CONTROL().finditer(captions):
        countries, spelt, short = match.groups()
        if countries:
            controls.append("REL TO " + countries)
        else:
            controls.append(_CONTROL_NAMES[_SLIPS.sub("", spelt or short)])
    return tuple(controls)
