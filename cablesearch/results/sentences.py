"""Where the sentences of a text begin and end, by rules and a list of abbreviations."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from cablesearch.text.caching import compiled_lazily

__all__ = ["sentences"]

# A mark ends a sentence before white space and a word, which may be in quotes or behind a bullet. A match starts only
# where a run of marks starts, which keeps the search linear; that is tested behind the first mark, which is faster.
_END = re.compile(r"""[.!?…](?<![.!?…]{2})[.!?…]*["'”’»)\]]*(?=\s[\s"'“‘«(\[¿¡•§¶*#–—-]*([^\W_]\w{0,15}))""")
# The marks of some other scripts need no white space.
_OTHER_MARKS = "。！？｡؟۔।॥։።"
_OTHER_END = compiled_lazily(rf"""{_END.pattern}|[{_OTHER_MARKS}]+["'”’»」』）)\]]*(?=\s*\S)()""")
_OPENING = "\"'“‘«([¿¡"
_INITIALS = compiled_lazily(r"(?:[^\W\d_]\.)*[^\W\d_]")
_ITEM = r"(?:\d{1,4}(?:st|nd|rd|th|[a-z])?|[a-z]|[ivxl]{2,7})"
_ITEMS = compiled_lazily(rf"{_ITEM}(?:[.-]{_ITEM})*", re.IGNORECASE)
_MARKING_PATTERN = r"[(\[][A-Z][A-Z/ ,&-]{0,30}[)\]]"
_MARKING = compiled_lazily(_MARKING_PATTERN)
_AROUND_ITEMS = "()[]{}.,:;-–—*#§¶•\"'“”‘’«»"
_LONGEST_LIST_NUMBER = 60
"""The most code points from the beginning of a sentence to the end of the number of a list."""
_REACH = 40
"""The code points before a full stop that are looked at."""
_NUMBERED = compiled_lazily(r"\s+[(\[]?\d{1,3}[.)\]]+\s+\W*[^\W\d_a-z]")
_LETTERED = compiled_lazily(r"\s+[(\[]?(?:[a-z]|[ivx]{2,5})[.)\]]+\s+\W*[A-Z]")
_MARKED = compiled_lazily(rf"\s+{_MARKING_PATTERN}")
_BEFORE_LISTS = (":", ";", "; and", "; or")
_TIME = compiled_lazily(
    r"\s+(?:(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*|"
    r"local|utc|gmt|[cemp][ds]t|cet|bst|zulu|z|(?:\w+\s)?time)\b",
    re.IGNORECASE,
)
"""What follows the hour: ``5 p.m. Monday``, ``5 p.m. Washington time``."""


def sentences(text: str, until: int | None = None) -> list[tuple[int, int]]:
    """Return where the sentences of a text begin and end, by rules and a list of abbreviations.

    With ``until``, the sentences that begin after the first one that ends beyond that place are left out.

    A full stop does not end a sentence after the number of a list (``5. The``), after an abbreviation (``Amb.``,
    ``Jan.``, ``No.``), nor after initials (``U.S.``) unless a word follows that often begins a sentence:

    >>> sentences("5. Amb. Moeling left. He flew.")
    [(0, 21), (22, 30)]
    """
    result: list[tuple[int, int]] = []
    start = 0
    pattern = _END if text.isascii() or not any(map(text.__contains__, _OTHER_MARKS)) else _OTHER_END()
    for match in pattern.finditer(text):
        if match[1] and not _ends(text, start, match):
            continue
        result.append((start, match.end()))
        start = match.end()
        if until is not None and start > until:
            return result
        while start < len(text) and text[start].isspace():
            start += 1
    if start < len(text):
        result.append((start, len(text)))
    return result


def _ends(text: str, start: int, match: re.Match[str]) -> bool:
    """Return whether a mark ends the sentence that begins at ``start``."""
    point = match.start()
    if match[1][0].islower():
        return _LETTERED().match(text, match.end()) is not None
    if text[point] not in ".…":
        return True
    before = text[max(start, point - _REACH) : point]
    dots = match[0].count(".") + 3 * match[0].count("…")
    if dots > 1 or before.endswith(". "):
        return _ends_after_dots(before, dots)
    if point - start <= _LONGEST_LIST_NUMBER and _is_list_number(text[start:point]):
        return False
    return _ends_after_word(text, match, before.rstrip())


def _is_list_number(text: str) -> bool:
    """Return whether a text is the number of a list, as "5", "(C/NF) 5", "2. 1", "Question No. 3", "IV" and "b" are."""
    *before, last = (word.strip(_AROUND_ITEMS) for word in _MARKING().sub(" ", text).split() or [""])
    return _ITEMS().fullmatch(last) is not None and all(
        not word or word.lower() in _words()["item"] or _ITEMS().fullmatch(word) for word in before
    )


def _ends_after_dots(before: str, dots: int) -> bool:
    """Return whether dots that may mark an omission end a sentence: ``left....``, but not ``the [...] Ministry``."""
    compact = before.replace(" ", "")
    dots += len(compact) - len(compact.rstrip("."))
    return dots > 3 or not before.endswith((" ", "[", "("))


def _ends_after_number(text: str, match: re.Match[str], before: str, number: str) -> bool:
    """Return whether the full stop after a number that does not begin the sentence ends it.

    It does in ``signed in 1975. The``, but not in the list ``as follows: 1. The``, before the portion marking of a
    numbered paragraph, nor in ``2. 5 percent``.
    """
    if len(number) <= 3 and (before.endswith(tuple(_OPENING)) or _MARKED().match(text, match.end())):
        return False
    return not match[1][0].isdigit() or _NUMBERED().match(text, match.end()) is not None


def _ends_after_word(text: str, match: re.Match[str], before: str) -> bool:
    """Return whether the full stop after the last word of ``before`` ends a sentence."""
    word = before.rsplit(None, 1)[-1].lstrip(_OPENING) if before else ""
    before = before[: len(before) - len(word)]
    if len(word) <= 3 and before.rstrip(" ([").endswith(_BEFORE_LISTS) and _ITEMS().fullmatch(word):
        return False
    if word.isdecimal():
        return _ends_after_number(text, match, before, word)
    kind = _kind(word.lower())
    return kind is None or _ends_after_abbreviation(text, match, word, kind)


def _ends_after_abbreviation(text: str, match: re.Match[str], word: str, kind: str) -> bool:
    """Return whether the text after an abbreviation begins a sentence: ``the U.S. The talks``."""
    following, end = match[1], match.end()
    if kind == "title":
        return False
    # "no" and "sat" are words, "No. 5", "no. 5" and "Sat." are not.
    if (kind == "word" and word.islower() and not following[0].isdigit()) or _MARKED().match(text, end):
        return True
    may_end = kind in ("initials", "end") and len(word) > 1
    if following[0].isdigit():
        return may_end and _NUMBERED().match(text, end) is not None
    if word.lower() in ("a.m", "p.m"):
        return not _TIME().match(text, end)
    if len(following) == 1 and following.isupper():
        # "A" and "I" begin sentences, but also name references and persons: "Ref. A", "J. A. Smith".
        return may_end and following in "AI" and text.startswith(" ", match.start(1) + 1)
    starters = _words()["strong"]
    return following.lower() in starters or (
        not following.isupper() and len(word) > 1 and following.lower() in _words()["weak"]
    )


def _kind(word: str) -> str | None:
    """Return which kind of abbreviation a word in lower case is; None if it is not one."""
    if kind := _abbreviations().get(word):
        return kind
    if _INITIALS().fullmatch(word):
        return "initials"
    if "." not in word:
        return None
    # "Lt.Col" is as good as its parts, "state.gov" is not.
    kinds = [_abbreviations().get(part) or (_INITIALS().fullmatch(part) and "initials") for part in word.split(".")]
    return kinds[-1] if all(kinds) else None


@cache
def _abbreviations() -> dict[str, str]:
    """Return the kinds of the abbreviations."""
    return {word: kind for kind in ("title", "end", "word", "other") for word in _words()[kind]}


@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the words of each kind in sentence_words.txt."""
    # Read without `importlib.resources`, which takes milliseconds to load.
    lines = Path(__file__).with_name("sentence_words.txt").read_text(encoding="ascii").splitlines()
    words: dict[str, frozenset[str]] = {}
    for line in lines:
        kind, _, listed = line.partition(": ")
        if not line.startswith("#"):
            words[kind] = words.get(kind, frozenset()).union(listed.split())
    return words
