"""The tokens of a query: brackets, operators, words, phrases, ranges."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["MINUS", "NEGATING", "tokens"]

MINUS = "-‐‑‒–—―⁃⸺⸻−﹘﹣"
"""The signs that are read as a minus: word processors write other dashes for it."""
NEGATING = MINUS + "!"
_SIGNS = re.escape("+" + NEGATING)
_QUOTES = '"“”„‟«»'
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
"""The characters of Asian keyboards that are read as those of ASCII."""

_TOKEN = re.compile(
    rf"""
    (?P<open>(?P<negated>[{_SIGNS}])?(?:(?P<group>[^\W\d]\w*):)?\()
    | (?P<close>\)(?:\^[^\s()]*)?)
    | (?P<joint>\|\|?|&&)
    | (?P<sign>[{_SIGNS}])?(?:(?P<field>[^\W\d]\w*):(?!//))?(?:
        (?P<quote>[{_QUOTES}])(?P<phrase>[^{_QUOTES}]*)(?P<unquote>[{_QUOTES}])?(?P<after>(?:[~^][^\s(){_QUOTES}~^]*)*)
        | (?P<range>[\[{{][^\[\]{{}}{_QUOTES}]*[\]}}]?)(?P<boost>\^[^\s(){_QUOTES}]*)?
        | (?P<word>(?:[^\s(){_QUOTES}|&]|&(?!&))+)
        | (?P<nothing>(?<=[:{_SIGNS}]))
    )
    """,
    re.VERBOSE,
)
"""The next token. White space is between tokens and needed only where two would run together; a match may be empty."""


def tokens(text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a query; characters of full width in them are replaced by those of ASCII."""
    return _TOKEN.finditer(text.translate(_FULL_WIDTH))
