"""Levels, controls and clearances, and the one reading of the markings by which a text says them.

Everything that reads a marking asks here: portion markings of paragraphs and of parts of them, headings, subjects,
banners, the classification field of a file and the values of JSON. Where a marking starts like a level and goes on
unreadably, the rest is kept as a control that nobody was granted: what cannot be read hides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from functools import cache
from itertools import chain

from cablesearch.caching import cached_if_short

__all__ = [
    "DASHES",
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
    "covering",
    "covering_lines",
    "covering_title",
    "is_of_entire_text",
    "leading_marking",
    "legible",
    "parse_clearance",
]


def _lazily(pattern: str, flags: int = 0) -> Callable[[], re.Pattern[str]]:
    """A pattern that is compiled when it is first asked for, as to compile all takes longer than a search, which seldom
    reads a marking."""
    return cache(lambda: re.compile(pattern, flags))


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
    "CONFID": Level.CONFIDENTIAL,
}
_CONTROL_NAMES = {
    **{
        name: name
        for name in ("NOFORN", "ORCON", "PROPIN", "IMCON", "NOCONTRACT", "EXDIS", "NODIS", "LIMDIS", "STADIS")
    },
    **{name: control for name, control in _CONTROLS.items() if len(name) > 1},
    "NOFOREIGN": "NOFORN",
    "NOFOREIGNDISSEM": "NOFORN",
    "NOFOREIGNNATIONALS": "NOFORN",
    "EYESONLY": "EYES ONLY",
}
KNOWN_CONTROLS = frozenset(_CONTROL_NAMES.values())
_LEVEL = _lazily(rf"(?:{_spellings(_LEVEL_NAMES)})(?![A-Z0-9])")
_CONTROL = _lazily(rf"(?:{_spellings(_CONTROL_NAMES)})(?![A-Z0-9])")
_RELEASE = re.compile(rf"REL(?:EASABLE)?(?![A-Z])(?:{_SLIP}T{_SLIP}O(?![A-Z]))?")
_WEAK = frozenset(" \t\r\n-,;")
_SEPARATORS = frozenset(" \t\r\n/|,;:&+.-")
_WORD = re.compile(r"[^\s/|,;]+")
# The words by which a marking says how far it reaches.
_ENTIRE = re.compile(rf"\bENTIRE{_SLIP}(?:TEXT|TXT|MESSAGE|CABLE|TELEGRAM)\b")
_SHORTEST_ENTIRE = 8
_INNER_BRACKETS = str.maketrans("()[]{}\\", "///////")
_COMPOUND = re.compile(r"\W*[A-Za-z]-[a-z]{2}")
"""``U-boat``: a letter and a word of small letters."""

# Characters that are read as others, each as one, so that places in a text stay what they are.
_OPENING = "\u3010\u3014\u3008\u300a\u300c\u300e\u2768\u276a\u276c\u2985\u27e8\u27ee\u2045\ufe59\ufe5b\ufe5d\ufe35"
_CLOSING = "\u3011\u3015\u3009\u300b\u300d\u300f\u2769\u276b\u276d\u2986\u27e9\u27ef\u2046\ufe5a\ufe5c\ufe5e\ufe36"
_NO_WIDTH = [0xAD, 0x180E, 0xFEFF, *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070)]
_CYRILLIC = "\u0421\u0405\u0422\u041e\u0415\u0420\u041d\u0410\u0412\u0406\u0441\u0455"
_GREEK = "\u03a4\u039f\u0395\u03a1\u039d\u03f9"
_LIKE = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, _OPENING), "("),
    **dict.fromkeys(map(ord, _CLOSING), ")"),
    **dict.fromkeys(map(ord, "\u2044\u2215\u29f8"), "/"),
    **dict.fromkeys(_NO_WIDTH, " "),
    **dict.fromkeys(map(ord, "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"), "\n"),
    **dict(zip(map(ord, _CYRILLIC + _GREEK), "CSTOEPHABIcsTOEPNC", strict=True)),
}
_UNUSUAL = re.compile("[\u0370-\u200f\u2028-\u202f\u2044-\U0010ffff]")
"""In a few ranges lies all that is read as something else, with nothing that is common in cables."""
_UNLIKE = _lazily("[" + "".join(map(re.escape, map(chr, _LIKE))) + "]|\r(?!\n)")
_DASHES = dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63"), "-")
DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2212-"


def _is_plain(text: str, *, has_plain_spaces: bool) -> bool:
    """Whether a text surely has nothing that is read as something else; in a hundredth of the time of a search."""
    if not has_plain_spaces and (
        "\r" in text
        or "\x0b" in text
        or "\x0c" in text
        or "\x1c" in text
        or "\x1d" in text
        or "\x1e" in text
        or "\x85" in text
    ):
        return False
    return text.isascii() or not ("\xad" in text or _UNUSUAL.search(text))


def legible(text: str, *, has_plain_spaces: bool = False) -> str:
    """The text as a person reads it: full-width letters, look-alikes, odd brackets and line ends as plain ones, blanks
    for what has no width. Every place in it stays what it is.

    ``has_plain_spaces``: its only white space is known to be blanks and line feeds.
    """
    if _is_plain(text, has_plain_spaces=has_plain_spaces) or not _UNLIKE().search(text):
        return text
    return text.translate(_LIKE).replace("\r\n", " \n").replace("\r", "\n")


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
        return Classification(max(self.level, other.level), tuple(sorted({*self.controls, *other.controls})))

    def covers(self, other: Classification) -> bool:
        """Whether everyone who may read this may read ``other``."""
        return self.level >= other.level and (not other.controls or set(self.controls) >= set(other.controls))

    def __str__(self) -> str:
        return self.level.title + ("//" + "/".join(self.controls) if self.controls else "")


@cached_if_short(maxsize=4096)
def _parsed(text: str) -> Classification | None:
    plain = " ".join((text if text.isascii() else legible(text).translate(_DASHES)).upper().split())
    plain = plain.strip("()[]{}<>.:;, ")
    if (known := _LEVELS.get(plain)) is not None:
        return Classification(known)
    level = _LEVEL().match(plain)
    if not level:
        return None
    read = _LEVEL_NAMES[_SLIPS.sub("", level[0])]
    if level.end() == len(plain):
        return Classification(read)
    rest = _controls(plain[level.end() :], is_word=bool(_COMPOUND.match(text)))
    return Classification(max(read, rest[0]), rest[1]) if rest else None


def _controls(text: str, *, is_word: bool = False) -> tuple[Level, tuple[str, ...]] | None:
    """What stands behind a level: the highest level in it, and its controls; None when the level was none.

    What is unknown is kept as a control, unless it shows that it goes on with a word (``U.S.``, ``C-130``, ``S&T``).
    ``is_word``: the first hyphen stands in one.
    """
    text = _ENTIRE.sub("/", text.translate(_INNER_BRACKETS))
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
    if match := _RELEASE.match(text, at):
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


# Markings in a text

_LEVEL_WORD = r"(?:TOP\s{0,3}SECRET|CONFIDENTIAL|SECRET|UNCLASSIFIED|UNCLAS|SBU|FOUO|LOU|TS|U|C|S)"
_CONTROL_WORD = r"(?:NO\s?FORN|NF|ORCON|OC|PROPIN|IMCON|REL(?:\s?TO)?|FOUO|SBU)"
_INNER = rf"[A-Za-z][A-Za-z0-9/|\\,.;&\s{DASHES}]{{0,90}}"
# A bracket may be lost, the first, the last, or both.
_NEVER_OPENED = rf"{_LEVEL_WORD}(?:\s?[/,{DASHES}]{{1,2}}\s?[A-Z][A-Z/,\s{DASHES}]{{0,40}}?)?"
_CONTROLS_BEHIND = rf"(?:[\s/,{DASHES}]{{1,3}}{_CONTROL_WORD}(?!\w)){{1,4}}"
_NEVER_CLOSED = rf"(?:(?i:{_LEVEL_WORD}{_CONTROLS_BEHIND})|{_LEVEL_WORD}(?:/{{1,2}}[A-Z]{{2,12}})?)"
_BARE = rf"(?i:{_LEVEL_WORD}(?:(?:/{{1,2}}|[{DASHES}]){_CONTROL_WORD}(?!\w)){{1,4}})"
_LEADING = _lazily(
    rf"\s{{0,8}}[,:;)/.{DASHES}]?\s{{0,4}}"
    rf"(?:[(\[{{]\s{{0,3}}({_INNER})\s{{0,3}}[)\]}}]|({_NEVER_OPENED})\s?[)\]}}]"
    rf"|[(\[{{]\s?({_NEVER_CLOSED})(?=[\s.:])|({_BARE})(?=[\s.:]))"
)
# How levels and controls begin; most of what else stands in brackets is passed over by that.
_BEGINNING = r"(?i:[CSUTFLNOPIRE](?![A-Z])|T[OS]|CO|S[BET]|UN|FO|L[OI]|N[OF]|O[CR]|PR|IM|E[XY]|RE)"
_PART = _lazily(rf"[(\[{{]\s{{0,3}}(?={_BEGINNING})(?:({_INNER})\s{{0,3}}[)\]}}]|({_NEVER_CLOSED})(?=[\s.:]))")
_PART_NEVER_OPENED = _lazily(
    rf"(?<![\w(\[{{])(?:TOP\s{{0,3}}SECRET|CONFIDENTIAL|SECRET|TS|SBU|[SC](?=\s?[/{DASHES}]))"
    rf"(?:\s?[/{DASHES}]{{1,2}}\s?{_CONTROL_WORD}){{0,4}}[)\]}}]"
)
_COMMON_WORDS = frozenset({"SECRET", "CONFIDENTIAL", "SENSITIVE", "TOP SECRET", "UNCLASSIFIED"})
_ITEM = re.compile(r"(?:[^\w\n]|[\d_]|(?<![^\W\d_])[^\W\d_](?![^\W\d_])|(?<!\w)[ivxlcIVXLC]{2,5}(?=[.)\]]))*")
"""What may stand on a line before the marking of an item: signs, numbers, single letters; no word."""
_LONGEST_ITEM = 16
_LONGEST_TITLE = 48
"""Code points on a line of its own before a marking that ends it."""
_FARTHEST = 200
"""How far before a marking the beginning of its line is looked for."""
_SENTENCE_BEFORE = _lazily(
    r"(?:([.?!])|[:;]|\bSUMMARY|\bCOMMENT)[\"')\]”’]*\s+(?:\(?[0-9A-Z]{1,2}[.)]\s+)?[\"'“‘]?$", re.IGNORECASE
)
# The letter of a section, ``1.4 (b)``, begins a list only for what is enumerated with it.
_IN_A_LIST = {
    letter: _lazily(
        rf"(?<![0-9])(?<![0-9]\s)[(\[]{{1,2}}\s?{before}\s?\.?[)\]]|[0-9]\s?\({before}\)[\s,;&A-Za-z()]{{0,24}}\Z",
        re.IGNORECASE,
    )
    for letter, before in (("C", "B"), ("S", "R"))
}
_LONGEST_LIST = 5000
"""Code points before a marking in which the item before it is looked for."""
_YEAR = re.compile(r"\s*(?:19|20)[0-9]{2}\b")
_SECTION = re.compile(r"[0-9]\.[0-9]{1,2}\s*$")
_CITED = _lazily(
    r"\b(?:PARA(?:GRAPH)?S?|(?:SUB)?SECTIONS?|SUBPARAGRAPHS?|ARTICLES?|POINTS?|CLAUSES?|ITEMS?|ANNEX|APPENDIX|PARTS?)\s"
    r"[\dIVX().\s]{0,8}$",
    re.IGNORECASE,
)
_LINE_END = re.compile(r"[^\S\n]*[:=*_-]*[^\S\n]*(?:\n|$)")


def is_of_entire_text(marking: str) -> bool:
    """Whether a marking says that it is that of the whole message: ``C - ENTIRE TEXT``."""
    return len(marking) > _SHORTEST_ENTIRE and _ENTIRE.search(marking.upper()) is not None


def leading_marking(text: str, start: int) -> tuple[str, int] | None:
    """Return the portion marking at ``start``, without brackets, and where it ends; None when there is none."""
    match = _LEADING().match(text, start)
    if not match:
        return None
    marking = match[match.lastindex or 1].strip()
    return (marking, match.end()) if Classification.parse(marking) else None


def covering(classification: Classification, text: str, *, is_legible: bool = False) -> Classification:
    """The classification that covers parts of a text which have a marking of their own: ``classification``, joined with
    the markings in brackets that open the text, a line, an item or a sentence, or end a line or a sentence.

    ``is_legible``: the text is what `legible` made, or a part of it.
    """
    return _covering(classification, text, _marks_part, is_legible=is_legible)


def covering_lines(classification: Classification, text: str) -> Classification:
    """The classification that covers a text of which each line may be a part of its own, such as an envelope."""
    return covering(classification, legible(text).replace("\n", "\n\n"), is_legible=True) if text else classification


def covering_title(classification: Classification, title: str) -> Classification:
    """The classification that covers a heading or a subject: ``classification``, joined with each marking in it."""
    return _covering(classification, title, _marks_title)


def _covering(
    classification: Classification,
    text: str,
    marks: Callable[[str, re.Match[str], str], bool],
    *,
    is_legible: bool = False,
) -> Classification:
    # Most have none, and this is seen in a tenth of the time.
    if not _has_brackets(text) and (is_legible or text.isascii() or not _UNUSUAL.search(text)):
        return classification
    if not is_legible:
        text = legible(text)
    is_lost = text.count(")") + text.count("]") > text.count("(") + text.count("[")
    for match in chain(_opened(text), _PART_NEVER_OPENED().finditer(text) if is_lost else ()):
        inner = match[match.lastindex or 0]
        marking = _marking_of_part(inner)
        if marking is None or classification.covers(marking):
            continue
        if _is_sure(inner, marking) or marks(text, match, inner.strip(" .,;\n")):
            classification = classification.join(marking)
    return classification


def _opened(text: str) -> Iterator[re.Match[str]]:
    """What may be markings behind the opening brackets of a text; faster than to search it for all three at once."""
    for bracket in "([{":
        start = text.find(bracket)
        while start >= 0:
            if match := _PART().match(text, start):
                yield match
            start = text.find(bracket, start + 1)


def _is_sure(text: str, marking: Classification) -> bool:
    """Whether what stands in brackets can be nothing but a marking, wherever it stands: no letter, no common word, and
    nothing unknown in it."""
    plain = text.strip(" .,;\n").upper()
    if len(plain) == 1 or plain in _COMMON_WORDS:
        return False
    return all(control in KNOWN_CONTROLS or control.startswith("REL TO") for control in marking.controls)


def _has_brackets(text: str) -> bool:
    return ")" in text or "(" in text or "]" in text or "[" in text or "{" in text


@cached_if_short(maxsize=4096)
def _marking_of_part(text: str) -> Classification | None:
    """What a marking in brackets says: a level with or without controls, or controls alone."""
    marking = Classification.parse(text)
    if marking or not text.isupper():
        return marking
    plain = " ".join(text.translate(_DASHES).split()).strip("()[]{} .")
    if not (_CONTROL().match(plain) or plain.startswith("REL TO ")):
        return None
    read = _controls("/" + plain)
    return Classification(*read) if read else None


def _marks_title(text: str, match: re.Match[str], marking: str) -> bool:
    if len(marking) > 1:
        return True
    glued = match.start() > 0 and text[match.start() - 1].isalnum()
    return not (glued or _is_listed(text, match, marking) or _of_section(text, match))


def _of_section(text: str, match: re.Match[str]) -> bool:
    """Whether a marking is a letter behind the number of a section, as in ``1.4 (c)``."""
    return _SECTION.search(text, max(0, match.start() - _LONGEST_ITEM), match.start()) is not None


def _is_listed(text: str, match: re.Match[str], letter: str) -> bool:
    """Whether a letter goes on with a list, as a (C) behind a (B) does, or stands before the year of a copyright."""
    start = match.start()
    if _YEAR.match(text, match.end()):
        return True
    listed = _IN_A_LIST.get(letter.upper())
    return listed is not None and listed().search(text, max(0, start - _LONGEST_LIST), start) is not None


def _marks_part(text: str, match: re.Match[str], marking: str) -> bool:
    """Whether a marking in the midst of a text opens or ends a part of it."""
    start = match.start()
    if len(marking) == 1 and _is_listed(text, match, marking):
        return False
    line = text.rfind("\n", max(0, start - _FARTHEST), start) + 1
    before = text[line:start].strip() if line or start <= _FARTHEST else None
    if before == "":
        return not _goes_on(text, match.end()) or _is_apart(text, line)
    if before and len(before) <= _LONGEST_ITEM and _ITEM.fullmatch(before):
        return not (len(marking) == 1 and marking.islower() and _of_section(text, match))
    is_title = before is not None and len(before) <= _LONGEST_TITLE and _is_apart(text, line)
    return _marks_within(text, match, marking, is_title=is_title)


def _marks_within(text: str, match: re.Match[str], marking: str, *, is_title: bool) -> bool:
    """Whether a marking that words stand before on its line opens or ends a sentence, or ends a line.

    ``is_title``: what stands before it may be a title of what follows.
    """
    start, end = match.span()
    following, is_letter = _following(text, end), len(marking) == 1
    is_cited = start > 0 and text[start - 1].isalnum()
    if is_cited or (is_letter and (following.isdigit() or _of_section(text, match))):
        return False
    sentence = _SENTENCE_BEFORE().search(text, max(0, start - _LONGEST_ITEM), start)
    if sentence:
        return bool(sentence[1]) or not _goes_on(text, end)
    is_small = is_letter and marking.islower()
    if _LINE_END.match(text, end) and (is_title or not _goes_on(text, end)):
        return is_title or not is_small or text.islower()
    is_cited = is_letter and _CITED().search(text, max(0, start - 2 * _LONGEST_ITEM), start) is not None
    if text.startswith(":", end):
        return is_title or not is_small
    return not is_small and following.isupper() and not is_cited


def _following(text: str, end: int) -> str:
    return text[end : end + _LONGEST_ITEM].lstrip(" \t\r\n\"'“‘”’-*")[:1]


def _goes_on(text: str, end: int) -> bool:
    """Whether a sentence goes on; in a text of small letters they do not show it."""
    return _following(text, end).islower() and not text.islower()


def _is_apart(text: str, line: int) -> bool:
    """Whether the line that starts at ``line`` is the first, or stands behind a blank line or the end of a sentence."""
    above = text[max(0, line - _LONGEST_ITEM) : line].rstrip(" \t")
    ended = above.rstrip().rstrip("\"')]”’")
    return not ended or above[:-1].rstrip(" \t\r").endswith("\n") or ended.endswith((".", "?", "!", "---", "==="))


# Banners

_RELEASE_LIST = r"REL(?:EASABLE)? ?TO ([A-Z]{2,4}(?:(?:,|,? AND|[ ](?=[A-Z]{3}(?![A-Z]))) ?[A-Z]{2,4}(?![A-Z]))*)"
_BANNER_CONTROL = _lazily(
    rf"{_RELEASE_LIST}|(?<![A-Z])({_spellings(['NOFORN', 'ORCON', 'PROPIN', 'IMCON'])})(?![A-Z])"
    rf"|(?<![A-Z])(NF|OC)(?![A-Z])"
)
_STROKE = re.compile(r"\s?/{1,2}\s?(?!REL)([A-Z][A-Z-]{1,30})")
_NO_CONTROLS = frozenset({"FOR", "FOUO", "SBU", "SENSITIVE", "SIPDIS", "OFFICIAL", "LIMITED"})


def banner_controls(captions: str) -> tuple[str, ...]:
    """The controls that stand behind the level of a cable's first line, or in the captions under it."""
    controls = []
    at = 0
    while stroke := _STROKE.match(captions, at):
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
