"""Names whose letters may stand apart, as a slip of the wire parts them."""

from __future__ import annotations

import re
from collections.abc import Iterable

__all__ = ["SLIP", "SLIPS", "spellings"]

# A name's letters may stand apart, and a slip of the wire may put a blank or a hyphen between any two of them.
SLIP = r"[\s.-]{0,3}"
SLIPS = re.compile(r"[\s.-]+")


def spellings(names: Iterable[str]) -> str:
    """Return a pattern of names as they may be spelt, the longest first."""
    squeezed = sorted({SLIPS.sub("", name) for name in names}, key=lambda name: (-len(name), name))
    return "|".join(SLIP.join(name) for name in squeezed)
