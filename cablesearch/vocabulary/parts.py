"""The kinds of part of a cable, such as its summary or a comment, and the words by which headings name them."""

from __future__ import annotations

import re
from functools import cache

from cablesearch.text.caching import cached_if_short
from cablesearch.text.folding import fold

__all__ = ["KINDS", "kind_named", "kinds_of_heading", "kinds_of_words"]

KINDS: dict[str, tuple[str, ...]] = {
    "summary": ("summary", "summaries", "synopsis"),
    "introduction": ("introduction", "intro"),
    "background": ("background",),
    "comment": ("comment", "comments"),
    "note": ("note", "notes"),
    "biography": (
        "biography",
        "biographies",
        "bio",
        "bios",
        "bio note",
        "bio notes",
        "bio data",
        "biodata",
        "biographic note",
        "biographic notes",
        "biographic data",
        "biographic information",
        "biographical note",
        "biographical notes",
        "biographical data",
        "biographical information",
    ),
    "conclusion": ("conclusion", "conclusions"),
    "recommendation": ("recommendation", "recommendations", "recommended action"),
    "actionrequest": (
        "action",
        "action request",
        "action requests",
        "action requested",
        "action required",
        "request for action",
        "guidance request",
        "guidance requested",
        "request for guidance",
        "request for instructions",
        "instructions requested",
        "request for department action",
        "department action requested",
    ),
    "objective": ("objective", "objectives"),
    "talkingpoints": ("talking points", "talking point"),
    "nonpaper": ("non paper", "nonpaper"),
}
"""The kinds of part, each with the phrases that name it in a heading, folded and without hyphens."""

_BESIDE = frozenset(
    re.findall(
        "[a-z]+",
        """embassy embassys post posts mission missions consulate consulates congen usun usnato useu consul general
    generals ambassador ambassadors charge charges dcm our my us usg american executive brief short general further
    additional final initial opening closing concluding introductory personal a an the and or with of begin
    continued contd cont part""",
    )
)
"""Words that may stand beside those that name a kind, and do not change it."""
_ON = frozenset(("of", "on", "to", "for", "regarding", "re", "about"))
"""The words after which a heading says what the part is about: SUMMARY OF THE TALKS."""
_SHORTEST_MISSPELT = 7
_MARKING = re.compile(r"^\s*(?:\d{1,3}\s*[.)]\s*)?[(\[{][^()\[\]{}]{0,40}[)\]}]\s*")
_SEPARATORS = re.compile(r"\s*(?:[:;,/+&.]|--+|(?<=\s)[-–—](?=\s)|[–—])\s*|\s+and\s+")
_WORD = re.compile(r"[^\W_]+")
_MOST_HEADING = 160


@cache
def _phrases() -> dict[tuple[str, ...], str]:
    return {tuple(phrase.split()): kind for kind, phrases in KINDS.items() for phrase in phrases}


@cache
def _long_words() -> list[str]:
    words = {word for phrase in _phrases() for word in phrase}
    return sorted(word for word in words if len(word) >= _SHORTEST_MISSPELT)


@cached_if_short(maxsize=8192)
def _spelt(word: str) -> str:
    """Return the word of a kind of which a word is a slip of the pen, else the word."""
    known = _long_words()
    if len(word) < _SHORTEST_MISSPELT - 1 or word in known or word in _BESIDE:
        return word
    return next((right for right in known if right[0] == word[0] and _is_slip(word, right)), word)


def _is_slip(word: str, right: str) -> bool:
    """Return whether one letter is lost, added or wrong, or two neighbours are swapped.

    >>> _is_slip("sumamry", "summary"), _is_slip("commend", "comment"), _is_slip("samary", "summary")
    (True, True, False)
    """
    if abs(len(word) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(word), len(right)) and word[start] == right[start]:
        start += 1
    rest, meant = word[start:], right[start:]
    return (
        rest[1:] == meant[1:]
        or rest[1:] == meant
        or rest == meant[1:]
        or (rest[:2] == meant[:2][::-1] and rest[2:] == meant[2:])
    )


@cached_if_short(maxsize=8192)
def kinds_of_words(words: str) -> frozenset[str]:
    """Return the kinds that words name together, with nothing else beside them: ``embassy comment``, ``summary and
    action request``; none for other words."""
    return _kinds_of([_spelt(word) for word in _WORD.findall(_plain(words))])


def _kinds_of(words: list[str]) -> frozenset[str]:
    """Return the kinds that words name, if every word belongs to a kind or may stand beside one."""
    kinds: list[str] = []
    at = 0
    while at < len(words):
        for size in (4, 3, 2, 1):
            kind = _phrases().get(tuple(words[at : at + size]))
            if kind and at + size <= len(words):
                kinds.append(kind)
                at += size
                break
        else:
            if words[at] not in _BESIDE:
                return frozenset()
            at += 1
    return frozenset(kinds)


def _plain(text: str) -> str:
    return fold(text).replace("-", " ").replace("'", "")


@cached_if_short(maxsize=8192)
def kinds_of_heading(heading: str) -> frozenset[str]:
    """Return the kinds of part that a heading begins: of SUMMARY AND COMMENT both; of END SUMMARY none.

    A heading names a kind when a part of it, between signs of punctuation, has no other words than those of the kind
    and such as EMBASSY, or begins with them and OF, ON, TO or FOR follow: SUMMARY OF THE TALKS. In a longer heading the
    first part has to name a kind: COMMENT: A LONG ROAD AHEAD, but not THE PRESS: NO COMMENT.
    """
    text = _MARKING.sub("", fold(heading[:_MOST_HEADING])).strip(" -=*_~#[](){}<>\"'")
    if text.startswith("end "):
        return frozenset()
    whole = kinds_of_words(text)
    if whole:
        return whole
    first, *others = list(filter(None, _SEPARATORS.split(text))) or [""]
    named = kinds_of_words(first)
    if named:
        # Further parts name kinds only next to the first.
        for part in others:
            more = kinds_of_words(part)
            if not more:
                break
            named |= more
        return named
    words = [_spelt(word) for word in _WORD.findall(_plain(first))]
    on = next((place for place, word in enumerate(words) if word in _ON and place), 0)
    kinds = _kinds_of(words[:on]) if on else frozenset()
    return kinds - {"note"}


@cache
def _by_letters() -> dict[str, str]:
    return {"".join(phrase): kind for phrase, kind in _phrases().items()} | {kind: kind for kind in KINDS}


def kind_named(text: str) -> str | None:
    """Return the kind that a person calls by a name: ``Action_Request`` and ``"action request"`` are actionrequest."""
    return _by_letters().get("".join(filter(str.isalnum, fold(text))))
