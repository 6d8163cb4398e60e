"""Read a run of one capitalised word in mixed text, by what stands around it."""

from __future__ import annotations

from cablesearch.names.candidates import FAINT, LIKE_A_PLACE, LIKELY, POSSIBLE, SURE, WEAK, Candidate, Scan, Span
from cablesearch.names.lists import (
    ACRONYM,
    CONTEXTS,
    GIVEN,
    HEAD,
    HONORIFIC,
    OTHER,
    PLACE,
    SURNAME,
    TITLE,
    WORD,
    lists,
)
from cablesearch.names.organizations import organization_end
from cablesearch.names.runs import with_particle
from cablesearch.names.words import KINDS, begins_sentence, following, possessive, previous

__all__ = [
    "BEFORE_A_PERSON",
    "LONGEST_ACRONYM",
    "PLACED",
    "SHORTEST",
    "UNLIKELY_BEFORE",
    "is_subject",
    "is_titled",
    "read_word",
]

LONGEST_ACRONYM = 4
SHORTEST = 3
"""The fewest letters of a last name that is not in a list."""
_SHORT = CONTEXTS["short"]
PLACED = frozenset(("in", "at", "near", "into", "throughout"))
UNLIKELY_BEFORE = CONTEXTS["unlikely_before"] | PLACED
BEFORE_A_PERSON = CONTEXTS["before_a_person"]
_UNLIKELY_BEHIND = frozenset(("relations", "have", "are", "were"))
_BEHIND_A_SUBJECT = CONTEXTS["behind_a_subject"]
_NEAR = 60
_BEHIND_A_PERSON = frozenset((":", ")"))
_BEHIND_A_SUBJECT_MARKS = frozenset((":", ",", ")"))
_OF_LISTS = WORD | PLACE | OTHER | HEAD | TITLE


def read_word(text: str, word: str, start: int, kind: int, found: Scan) -> None:
    """Read a run of one word."""
    ending = possessive(word) if word[-1] in "sS'’ʼ" else 0
    if ending:
        word = word[:-ending]
    end = start + len(word)
    if kind & PLACE:
        found.places.append(Span(start, end))
    elif kind & ACRONYM:
        if word.isupper() or not kind & WORD:
            found.organizations.append(Span(start, end))
        return
    elif kind & HEAD:
        if (finish := organization_end(text, end, 1)) > end:
            found.organizations.append(Span(start, finish))
        return
    last = word.lower()
    if len(word) < SHORTEST and last not in _SHORT:
        return
    strength = _strength(text, word, start, end, kind, bool(ending))
    if strength is not None:
        found.persons.append(Candidate(with_particle(text, start), end, last, strength))


def is_subject(after: str) -> bool:
    """Return whether a word behind the first word of a sentence makes that one its subject."""
    return after in lists().spoken or after in _BEHIND_A_SUBJECT


def is_titled(text: str, start: int, end: int) -> bool:
    """Return whether words stand in brackets behind a title: PRIMIN (BHUTTO)."""
    if text[start - 2 : start] != " (" or text[end : end + 1] != ")":
        return False
    return bool(KINDS[previous(text, start - 1)] & (TITLE | HONORIFIC))


def _strength(text: str, word: str, start: int, end: int, kind: int, is_possessive: bool) -> int | None:
    """Return how sure it is that a word alone is the name of a person; None if it is not."""
    if not kind or kind & (SURNAME | GIVEN):
        if is_titled(text, start, end):
            return SURE
        if len(text) <= len(word) + 2:
            return LIKELY
    if word.isupper():
        return FAINT if len(word) > LONGEST_ACRONYM else None
    if kind & _OF_LISTS:
        return _strength_of_listed(text, start, end, kind)
    if kind & GIVEN and not kind & SURNAME:
        return WEAK
    return _strength_of_unknown(text, word, start, end, is_possessive)


def _strength_of_listed(text: str, start: int, end: int, kind: int) -> int | None:
    """Return the same for a word that is also something else."""
    if begins_sentence(text, start):
        return FAINT if is_subject(following(text, end)) else None
    if kind & SURNAME and not kind & (OTHER | HEAD | TITLE | PLACE):
        before = previous(text, start)
        if before not in UNLIKELY_BEFORE:
            return FAINT if kind & WORD and before in ("to", "and") else POSSIBLE
    return FAINT


def _strength_of_unknown(text: str, word: str, start: int, end: int, is_possessive: bool) -> int:
    """Return the same for a last name and for a word that no list has."""
    after = following(text, end)
    before = previous(text, start)
    if (
        is_possessive
        or before in BEFORE_A_PERSON
        or after in lists().spoken
        # Where lists and minutes have persons: Li: ..., (Li), Messrs. Attlee and Li.
        or after in _BEHIND_A_PERSON
        or text[start - 1 : start] == "("
        or "Messrs" in text[max(0, start - _NEAR) : start]
    ):
        return LIKELY
    if before in PLACED:
        return LIKE_A_PLACE
    if before in UNLIKELY_BEFORE or after.isdigit() or (after in _UNLIKELY_BEHIND and word.endswith("s")):
        return WEAK
    is_subject_here = after in _BEHIND_A_SUBJECT or after in _BEHIND_A_SUBJECT_MARKS
    return WEAK if begins_sentence(text, start) and not is_subject_here else POSSIBLE
