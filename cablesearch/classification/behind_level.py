"""What stands behind the level of a marking: controls, further levels, the countries of a release."""

from __future__ import annotations

import re

from cablesearch.classification.controls import ABBREVIATIONS, CONTROL, CONTROL_NAMES
from cablesearch.classification.levels import LEVEL, LEVEL_NAMES, Level
from cablesearch.classification.spelling import SLIP, SLIPS
from cablesearch.text.caching import compiled_lazily

__all__ = ["controls_behind", "is_of_entire_text"]

_RELEASE = compiled_lazily(rf"REL(?:EASABLE)?(?![A-Z])(?:{SLIP}T{SLIP}O(?![A-Z]))?")
_WEAK = frozenset(" \t\r\n-,;")
_SEPARATORS = frozenset(" \t\r\n/|,;:&+.-")
_WORD = re.compile(r"[^\s/|,;]+")
# The words with which a marking says how far it applies.
_ENTIRE = compiled_lazily(
    rf"\b(?:ENTIRE|ENTRIE|ENTIER|WHOLE|ALL){SLIP}(?:TEXT?|TXT|MESSAGE|CABLE|TELEGRAM|DOCUMENT|PARA(?:GRAPH)?S?)\b"
)
_SHORTEST_ENTIRE = 8
_INNER_BRACKETS = str.maketrans("()[]{}\\", "///////")


def is_of_entire_text(marking: str) -> bool:
    """Return whether a marking says that it applies to the whole message: ``C - ENTIRE TEXT``."""
    return len(marking) > _SHORTEST_ENTIRE and _ENTIRE().search(marking.upper()) is not None


def controls_behind(text: str, *, is_word: bool = False) -> tuple[Level, tuple[str, ...]] | None:
    """Return the highest level in the text behind a level, and its controls; None when this shows that there was no
    level.

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
            known_level, name, at = known
            if not between or (known_level is not None and is_weak):
                return None
            level = level if known_level is None else max(level, known_level)
            controls += [name] if name else []
            continue
        word = _word(text, at)
        if not between or (not is_strong and not unknown and (is_word or word[0].isdigit() or is_weak)):
            return None
        at += len(word)
        if unknown or word != "AND":
            unknown.append(word)


def _known(text: str, at: int) -> tuple[Level | None, str, int] | None:
    """Return the level or control at a place, and where it ends; None when there is neither."""
    if match := CONTROL().match(text, at):
        return None, CONTROL_NAMES[SLIPS.sub("", match[0])], match.end()
    if match := LEVEL().match(text, at):
        return LEVEL_NAMES[SLIPS.sub("", match[0])], "", match.end()
    if match := _RELEASE().match(text, at):
        names, end = _countries(text, match.end())
        return None, f"REL TO {names}".rstrip(), end
    word = _word(text, at)
    return (None, ABBREVIATIONS[word], at + len(word)) if word in ABBREVIATIONS else None


def _word(text: str, at: int) -> str:
    match = _WORD.match(text, at)
    return match[0] if match else ""


def _countries(text: str, start: int) -> tuple[str, int]:
    """Return the names behind ``REL TO``, up to a stroke, a semicolon or a control, and where they end."""
    names: list[str] = []
    at = start
    while True:
        while at < len(text) and text[at] in " \t\r\n,.-:":
            at += 1
        word = _WORD.match(text, at)
        if not word or CONTROL().match(text, at):
            return " ".join(names), at
        if word[0] not in ("AND", "&"):
            names.append(word[0])
        at = word.end()
