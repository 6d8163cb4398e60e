"""Clearances: what a reader may see."""

from __future__ import annotations

import re
from dataclasses import dataclass

from cablesearch.classification.classification import Classification
from cablesearch.classification.controls import canonical
from cablesearch.classification.levels import LEVELS, USUAL_NAMES, Level
from cablesearch.classification.misspelt import near_clearance, unknown_among

__all__ = ["FULL", "Clearance", "clearance_covers", "clearance_name", "common_clearance", "parse_clearance"]


@dataclass(frozen=True, slots=True)
class Clearance:
    """What a reader may see: a level and the controls granted, in their canonical form."""

    level: Level
    controls: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if not isinstance(self.level, Level):
            raise TypeError(f"the level of a clearance must be a Level such as Level.SECRET, not {self.level!r}")
        # A string where several are expected is one control, not its letters.
        controls = (self.controls,) if isinstance(self.controls, str) else tuple(self.controls)
        object.__setattr__(self, "controls", frozenset(canonical(controls)))

    @classmethod
    def parse(cls, text: str) -> Clearance:
        """Read ``LEVEL[//CONTROL,...]``, such as ``SECRET//NOFORN,ORCON``.

        Raises:
            ValueError: the level is unknown.
        """
        level_text, _, control_text = text.strip().upper().partition("//")
        level = LEVELS.get(" ".join(level_text.replace("_", " ").split()))
        if level is None:
            known = ", ".join(USUAL_NAMES)
            near = near_clearance(text, FULL)
            raise ValueError(
                f"{text!r} is not a clearance; use {FULL} or a level ({known}), such as SECRET//NOFORN"
                + (f"; did you mean {near}?" if near else "")
            )
        return cls(level, frozenset(re.split(r"[,/]", control_text)))

    def sees(self, classification: Classification) -> bool:
        """Return whether something of this classification is visible: level not above, every control granted."""
        return classification.level <= self.level and self.controls.issuperset(classification.controls)

    def unknown_controls(self) -> list[tuple[str, str | None]]:
        """Return the controls granted that are not known, each with what was probably meant, or None.

        An archive may have controls that nobody knows beforehand, so granting one is no error; but a misspelt control
        hides what the reader may see. Which controls are known does not depend on any archive.

        >>> Clearance.parse("SECRET//NOFRN,ORCON").unknown_controls()
        [('NOFRN', 'NOFORN')]
        """
        return unknown_among(self.controls)

    def __str__(self) -> str:
        return self.level.title + ("//" + ",".join(sorted(self.controls)) if self.controls else "")


FULL = "FULL"
"""The word with which a person asks to see everything; programs pass None."""


def parse_clearance(text: str) -> Clearance | None:
    """Read what a person writes for a clearance: ``LEVEL[//CONTROL,...]``, or ``FULL`` for everything (None).

    Raises:
        ValueError: it is neither.
    """
    return None if text.strip().upper() == FULL else Clearance.parse(text)


def clearance_name(clearance: Clearance | None) -> str:
    """Return a clearance as `parse_clearance` reads it."""
    return FULL if clearance is None else str(clearance)


def clearance_covers(higher: Clearance | None, lower: Clearance | None) -> bool:
    """Return whether a reader with ``higher`` sees all that a reader with ``lower`` sees; None sees everything."""
    if higher is None or lower is None:
        return higher is None
    return higher.level >= lower.level and higher.controls >= lower.controls


def common_clearance(first: Clearance | None, second: Clearance | None) -> Clearance | None:
    """Return what both clearances allow; None allows everything.

    >>> str(common_clearance(Clearance.parse("SECRET//NOFORN"), Clearance.parse("CONFIDENTIAL//NOFORN,ORCON")))
    'CONFIDENTIAL//NOFORN'
    """
    if first is None or second is None:
        return second if first is None else first
    return Clearance(min(first.level, second.level), first.controls & second.controls)
