"""Where the sentences of a text begin and end, by rules and a list of abbreviations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

__all__ = ["sentences"]

# A match starts only where a run of full stops starts, which keeps the search linear in the length of the run.
_END = re.compile(r"""(?<![.!?…])[.!?…]+["'”’)\]]*(?=\s+["'“‘(\[¿¡]*[^\W_])""")
_LAST_WORD = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]+$|[^\W_]+$")
_NEXT_WORD = re.compile(r"\W*(\w+)")
_INITIALS = re.compile(r"(?:[^\W\d_]\.)*[^\W\d_]")
_STARTER = re.compile(
    "a|after|although|an|and|as|at|both|but|for|from|he|her|his|however|if|in|it|its|most|no|on|one|our|she|some|"
    "that|the|there|these|they|this|those|to|we|when|while|with"
)


def sentences(text: str) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end, by rules and a list of abbreviations.

    A full stop does not end a sentence after an abbreviation (``Amb.``, ``Jan.``, ``No.``), nor after initials
    (``U.S.``) unless a word follows that often begins a sentence:

    >>> sentences("Amb. Moeling left. He flew.")
    [(0, 18), (19, 27)]
    """
    result: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        if match[0] == "." and _abbreviated(text, match.start(), match.end()):
            continue
        result.append((start, match.end()))
        start = match.end()
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        result.append((start, len(text)))
    return result


def _abbreviated(text: str, point: int, end: int) -> bool:
    """Return whether the full stop at ``text[point]`` ends an abbreviation; the text after it starts at ``end``."""
    word = _LAST_WORD.search(text, max(0, point - 30), point)
    if not word:
        return False
    following = _NEXT_WORD.match(text, end)
    after = following[1] if following else ""
    if not after[:1].isupper() and not after[:1].isdigit():
        return True
    if _INITIALS.fullmatch(word[0]):
        return not _STARTER.fullmatch(after.lower())
    return word[0].lower() in _abbreviations()


@cache
def _abbreviations() -> frozenset[str]:
    # Read without `importlib.resources`, which takes milliseconds to load.
    return frozenset(Path(__file__).with_name("abbreviations.txt").read_text(encoding="ascii").split())
