"""Levels of classification, and the names by which markings state them."""

from __future__ import annotations

from enum import IntEnum

from cablesearch.classification.spelling import SLIPS, spellings
from cablesearch.text.caching import compiled_lazily

__all__ = ["LEVEL", "LEVELS", "LEVEL_NAMES", "USUAL_NAMES", "Level"]


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
USUAL_NAMES = tuple(level.name.replace("_", " ") for level in Level)
"""The names of levels that messages advise to use, from the lowest."""
LEVELS = {
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
LEVEL_NAMES = {SLIPS.sub("", name): level for name, level in LEVELS.items()} | {
    "UNCL": Level.UNCLASSIFIED,
    "CONF": Level.CONFIDENTIAL,
    "CONFID": Level.CONFIDENTIAL,
    "CONFIDENT": Level.CONFIDENTIAL,
    "SECR": Level.SECRET,
}
LEVEL = compiled_lazily(rf"(?:{spellings(LEVEL_NAMES)})(?![A-Z0-9])")
