"""What a cable is: plain, frozen data that imports nothing of ours.

Words used here follow the Department of State's own: a *cable* has a *reference id* (10BEIJING30), a
*date-time group* (always Zulu), *TAGS* (Traffic Analysis by Geography and Subject) and numbered paragraphs, each
with a *portion marking* such as ``(C/NF)``.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field, replace
from enum import IntEnum

from cablesearch.caching import cached_if_short

__all__ = [
    "FULL",
    "Cable",
    "Classification",
    "ClassifiedBy",
    "Clearance",
    "Level",
    "Paragraph",
    "Recipient",
    "ReferenceId",
    "Tag",
    "clearance_covers",
    "clearance_name",
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
_SPACED = re.compile(r"(?<![A-Z])(?:[A-Z] ){2,}[A-Z](?![A-Z])")
# Starting only where a run of blanks and hyphens starts keeps it linear in the run's length.
_ENTIRE_TEXT = re.compile(r"(?<![\s-])\s*-+\s*ENTIRE TEXT\b.*", re.DOTALL)


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
        """Read ``SECRET//NOFORN``, ``C/NF``, ``(SBU)``, ``S E C R E T`` ...; None when it is not readable."""
        return _parsed(text) if text else None

    def join(self, other: Classification) -> Classification:
        """The lowest classification that covers both."""
        return Classification(max(self.level, other.level), tuple(sorted({*self.controls, *other.controls})))

    def covers(self, other: Classification) -> bool:
        """Whether everyone who may read this may read ``other``."""
        return self.level >= other.level and set(self.controls) >= set(other.controls)

    def __str__(self) -> str:
        return self.level.title + ("//" + "/".join(self.controls) if self.controls else "")


@cached_if_short(maxsize=4096)
def _parsed(text: str) -> Classification | None:
    text = _SPACED.sub(lambda found: found[0].replace(" ", ""), text.strip().upper().strip("()[] ."))
    text = _ENTIRE_TEXT.sub("", text)
    parts = [" ".join(part.split()) for part in re.split(r"/+", text)]
    level = _LEVELS.get(parts[0])
    if level is None:
        return None
    for part in parts[1:]:
        level = max(level, _LEVELS.get(part, level))
    return Classification(level, tuple(part for part in parts[1:] if part not in _LEVELS))


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


@dataclass(frozen=True, slots=True)
class ReferenceId:
    """Year, post and serial of a cable: 10BEIJING30 is Beijing's cable 30 of 2010.

    ``year`` has four digits. Years are written with two; above 66 they are of the last century, the corpus
    starting in 1966.
    """

    year: int
    post: str
    serial: int

    @classmethod
    def parse(cls, text: str) -> ReferenceId | None:
        """Read a canonical id; None for anything else (see ``cablesearch.readers.cable_id`` to mend one first)."""
        found = re.fullmatch(r"([0-9]{2})([A-Z][A-Z]*)0*([0-9]{1,12})", text)
        if not found:
            return None
        short = int(found[1])
        return cls(short + (1900 if short >= 66 else 2000), found[2], int(found[3]))

    def __str__(self) -> str:
        return f"{self.year % 100:02d}{self.post}{self.serial}"


@dataclass(frozen=True, slots=True)
class Tag:
    """One of a cable's TAGS. ``kind``: subject, program, country, organization, person or term."""

    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class Recipient:
    """An addressee of the TO or INFO list.

    ``route`` is the routing indicator (RUEHC), ``precedence`` its own (FLASH, NIACT IMMEDIATE, IMMEDIATE, PRIORITY,
    ROUTINE), ``mcn`` the message continuity number as printed (zeros kept), ``excluded`` the posts that XMT exempts
    from a collective.
    """

    name: str
    route: str | None = None
    precedence: str | None = None
    mcn: str | None = None
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClassifiedBy:
    """Who classified a cable and why: ``reason`` as written, such as ``1.4 (b) and (d)``."""

    names: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, the unit that is found, numbered, classified and quoted.

    ``position`` counts from 1 within the cable; ``number`` is the printed one and may be missing or repeat.
    ``marking`` is the portion marking as printed without brackets (``C/NF``), ``classification`` the one that
    applies. ``section`` is the heading it stands under. ``text`` has white space collapsed, wrapped lines and page
    breaks rejoined. ``start`` and ``end`` are its place in the cable's raw body, in code points, label included
    (0 and 0 when there is no body).
    """

    position: int
    number: int | None
    marking: str | None
    classification: Classification
    section: str | None
    text: str
    start: int = 0
    end: int = 0


@dataclass(frozen=True, slots=True)
class Cable:
    """A cable as read.

    ``id`` is the id as written (identity), ``reference_id`` its canonical form. ``date`` is aware, UTC, to the
    minute. ``classification_text`` is the classification as the source gives it. ``subject_marking`` is the
    subject's own portion marking. ``references`` are canonical ids of other cables. ``eo_line`` is the E.O. line,
    ``declassify_on`` its date. ``precedence`` are the words for the whole message (``PRIORITY``). ``header`` and
    ``body`` are the raw text, undecodable bytes as surrogate escapes. ``envelope`` is what of the body stands in no
    paragraph, heading or subject: captions, E.O. line, references, classified-by, page breaks, signature.
    """

    id: str
    reference_id: str
    date: dt.datetime | None
    origin: str
    classification: Classification
    classification_text: str
    tags: tuple[Tag, ...] = ()
    subject: str | None = None
    subject_marking: str | None = None
    references: tuple[str, ...] = ()
    eo_line: str | None = None
    declassify_on: dt.date | None = None
    classified_by: ClassifiedBy = field(default_factory=ClassifiedBy)
    recipients: tuple[Recipient, ...] = ()
    info_recipients: tuple[Recipient, ...] = ()
    precedence: tuple[str, ...] = ()
    signers: tuple[str, ...] = ()
    paragraphs: tuple[Paragraph, ...] = ()
    header: str = ""
    body: str = ""
    envelope: str = ""

    @property
    def subject_classification(self) -> Classification:
        """The subject's classification: its own marking, else the cable's."""
        return Classification.parse(self.subject_marking) or self.classification

    @property
    def whole_classification(self) -> Classification:
        """The classification of what the cable says as a whole, its subject included."""
        return self.classification.join(self.subject_classification)

    def view(self, clearance: Clearance | None) -> Cable | None:
        """What of this cable is visible with ``clearance`` (None: everything), or None when nothing is.

        The one definition of visibility. A paragraph is visible by its classification. As soon as one is, so are
        id, date, origin, TAGS and the cable's classification. The subject is visible by its own marking, else as
        the cable; header fields, references, classified-by, signature and raw text as the cable (and its subject),
        and the body only when no paragraph of it is hidden. A cable without paragraphs is visible as the cable.
        """
        if clearance is None:
            return self
        shown = tuple(one for one in self.paragraphs if clearance.sees(one.classification))
        whole = clearance.sees(self.whole_classification)
        if not shown and (self.paragraphs or not whole):
            return None
        subject_seen = clearance.sees(self.subject_classification)
        seen = replace(
            self,
            paragraphs=shown,
            subject=self.subject if subject_seen else None,
            subject_marking=self.subject_marking if subject_seen else None,
        )
        if not whole:
            return replace(
                seen,
                references=(),
                eo_line=None,
                declassify_on=None,
                classified_by=ClassifiedBy(),
                recipients=(),
                info_recipients=(),
                precedence=(),
                signers=(),
                header="",
                body="",
                envelope="",
                paragraphs=tuple(replace(one, start=0, end=0) for one in shown),
            )
        if len(shown) < len(self.paragraphs):
            return replace(seen, body="", paragraphs=tuple(replace(one, start=0, end=0) for one in shown))
        return seen
