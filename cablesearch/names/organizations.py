"""Names of organizations, built around a word such as Ministry or Party."""

from __future__ import annotations

import re

from cablesearch.names.lists import ACRONYM, CONTEXTS, HEAD, HONORIFIC, OTHER, PLACE, TITLE, WORD
from cablesearch.names.runs import RUN
from cablesearch.names.words import KINDS, possessive

__all__ = ["organization_end", "organization_start"]

_OF = re.compile(r" (?:of|for)(?: the)? (?=[A-ZÀ-Þ])|(?: OF| FOR)(?: THE)? (?=[A-Z])")
_AND = re.compile(r" and (?=[A-Z]\w+)")
_IN_CAPITALS = re.compile(
    r"(?:(?:FOREIGN|ECONOMIC|INTERNAL|EXTERNAL|PUBLIC|SOCIAL|NATIONAL|AMERICAN|INTERNATIONAL|ARMED|HIGHER|NATURAL|HUMAN"
    r"|POLITICAL|JUSTICE|LOCAL|HOME|FINANCIAL) )?[A-Z][A-Z'-]+(?: AND [A-Z][A-Z'-]+)?"
)
_WITH_OF_IN_CAPITALS = CONTEXTS["head_with_of"]
_NOT_FIRST = CONTEXTS["not_of_an_organization"]
_IN_NAMES = WORD | OTHER | PLACE | HEAD | ACRONYM
_MOST_WORDS = 5
_BEFORE_IN_CAPITALS = CONTEXTS["before_a_head"]


def organization_start(words: list[str], kinds: list[int], head: int, first: int, *, in_capitals: bool) -> int:
    """Return which word of a run begins the name of the organization whose head is at ``head``."""
    start = head
    while start > first and head - start < _MOST_WORDS:
        word, kind = words[start - 1].lower(), kinds[start - 1]
        if kind & HONORIFIC or (kind & TITLE and not kind & (WORD | HEAD)) or word in _NOT_FIRST or word.endswith("'s"):
            break
        if in_capitals and not (kind & OTHER or word in _BEFORE_IN_CAPITALS):
            break
        start -= 1
    return start


def organization_end(text: str, end: int, size: int) -> int:
    """Return where a name ends that goes on behind its head: Ministry *of Foreign Affairs*."""
    match = _OF.match(text, end)
    if not match or size > _MOST_WORDS:
        return end
    if match[0].strip().isupper():
        if text[text.rfind(" ", 0, end) + 1 : end].lower() not in _WITH_OF_IN_CAPITALS:
            return end
        name = _IN_CAPITALS.match(text, match.end())
        return name.end() if name else end
    run = RUN.match(text, match.end())
    if not run:
        return end
    words = run[0].split(" ")
    taken = 0
    while taken < min(len(words), _MOST_WORDS) and (not taken or KINDS[words[taken]] & _IN_NAMES):
        taken += 1
    finish = match.end() + len(" ".join(words[:taken]))
    joined = _AND.match(text, finish)
    if joined and size == 1 and (more := RUN.match(text, joined.end())) and " " not in more[0]:
        finish = more.end()
    return finish - possessive(text[match.end() : finish])
