"""Pieces of the patterns by which markings are found in a text."""

from __future__ import annotations

from cablesearch.text.lookalikes import DASHES

__all__ = [
    "BARE",
    "BEFORE_END",
    "CONTROL_WORD",
    "INNER",
    "LEVEL_WORD",
    "LONG_LEVEL",
    "MARK",
    "NEVER_CLOSED",
    "PAUSE",
    "SHORT_OR_LONG",
    "STROKES",
    "has_brackets",
]

LEVEL_WORD = r"(?:TOP\s{0,3}SECRET|CONFIDENTIAL|SECRET|UNCLASSIFIED|UNCLAS|SBU|FOUO|LOU|TS|U|C|S)"
LONG_LEVEL = r"(?:TOP\s{0,3}SECRET|CONFIDENTIAL|SECRET)"
CONTROL_WORD = r"(?:NO\s?FORN|NF|ORCON|OC|PROPIN|IMCON|REL(?:\s?TO)?|FOUO|SBU)"
_LABEL = r"(?:Â?¶[^\S\n]{0,4})?[0-9]{1,3}(?:[^\S\n]?\.(?![0-9])|[^\S\n]{0,3}[,:;)/-]?[^\S\n]{0,3}[(\[{])"
# It goes on over the end of a line, but not over a blank line, nor into a numbered paragraph.
INNER = (
    r"[^\w\s()\[\]{}]{0,3}\s?[A-Za-z]"
    rf"(?:[^()\[\]{{}}\n]|\n(?![^\S\n]{{0,40}}(?:\n|{_LABEL}))|\([A-Za-z]{{1,3}}\)){{0,90}}"
)
_CONTROLS_BEHIND = rf"(?:[\s/,{DASHES}]{{1,3}}{CONTROL_WORD}(?!\w)){{1,4}}"
NEVER_CLOSED = (
    rf"(?:(?i:{LEVEL_WORD}{_CONTROLS_BEHIND})|(?:TS|[CS])NF|{LEVEL_WORD}(?:[/{DASHES}]{{1,2}}(?:[A-Z]{{2,12}})?)?)"
)
BEFORE_END = r"(?=[\s:]|\.(?!\w\.)|\Z)"
STROKES = rf"(?:/{{1,2}}|[{DASHES}])"
BARE = rf"(?i:{LEVEL_WORD}(?:{STROKES}{CONTROL_WORD}(?!\w)){{1,4}})(?=[\s.:;,/]|\Z)"
PAUSE = rf"(?:\s?:(?=\s|\Z)|\s{{1,3}}[{DASHES}]{{1,3}}(?=\s{{1,3}}[^\W\d]))"
_OTHER_CONTROL = r"(?:EXDIS|NODIS|LIMDIS|STADIS|SENSITIVE|CODEWORD|EYES\sONLY|SI|TK|HCS|FRD|RD)"
_CONTROLS_OF_LINE = (
    rf"(?:[^\S\n]?[,;{DASHES}]?[^\S\n]?(?:{CONTROL_WORD}|{_OTHER_CONTROL})(?!\w)"
    rf"|[^\S\n]?/{{1,2}}[^\S\n]?[A-Z][A-Z, -]{{1,30}}){{0,6}}"
)
_SPACED = r"S[ ]E[ ]C[ ]R[ ]E[ ]T|C[ ]O[ ]N[ ]F[ ]I[ ]D[ ]E[ ]N[ ]T[ ]I[ ]A[ ]L"
MARK = rf"(?:{LONG_LEVEL}|TS|SBU|FOUO|LOU|{_SPACED}|[SC](?={STROKES}[A-Z]{{2}}))(?!\w){_CONTROLS_OF_LINE}"
SHORT_OR_LONG = rf"{MARK}|(?i:{LONG_LEVEL})(?!\w)|(?:TS|[SC])(?!\w)"


def has_brackets(text: str) -> bool:
    """Return whether a marking in brackets may stand in a text."""
    return ")" in text or "(" in text or "]" in text or "[" in text or "{" in text
