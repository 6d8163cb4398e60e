"""Find the acronyms that a text defines: ``trafficking in persons (TIP)`` or ``TIP (trafficking in persons)``.

The method is that of A. S. Schwartz and M. A. Hearst, "A simple algorithm for identifying abbreviation definitions in
biomedical text", Pacific Symposium on Biocomputing 8 (2003), 451-462: the letters of the short form are looked for in
the words before the bracket, from the last to the first; the first letter must begin a word. It is stricter here,
because half of all telegrams are in capitals throughout, where any word looks like a short form:

* a short form is one word, at least half of its letters are capitals, and it is no Roman numeral;
* a long form has at least two words, and half of the letters of the short form are initials of its words, in order;
* a long form is a name or a term, without words such as *is* and *which*.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from cablesearch.text.analysis import joined, split
from cablesearch.text.caching import compiled_lazily
from cablesearch.text.folding import fold

__all__ = ["Definition", "definitions", "is_short_form", "long_key", "short_key", "singular"]

_MOST_LETTERS = 10
"""The most letters of a short form, as in the paper."""
_MORE_WORDS = 5
"""The most words that a long form has beyond the letters of its short form; besides, it has at most two a letter."""
_WINDOW = 400
"""The most characters before a bracket, or within it, that are read."""

_BRACKET = compiled_lazily(rf"[(\[]([^()\[\]]{{2,{_WINDOW}}})[)\]]")
_SHORT = r"[A-Z0-9](?:[.&/'-]?[A-Za-z0-9])*\.?"
_QUOTES = "\"'“”„‟«»‘’`"
_INSIDE = compiled_lazily(
    rf"\s*(?:(?:the|or|hereafter|hereinafter|abbreviated|henceforth)\s+)?[{_QUOTES}]*({_SHORT})[{_QUOTES}]*\s*(?:[,;].*)?",
    re.IGNORECASE | re.DOTALL,
)
_BEFORE = compiled_lazily(rf"(?<![\w.&/'-])({_SHORT})[{_QUOTES}]*\s*$")
_OPENING = compiled_lazily(rf"\s*(?:(?:i\.\s?e\.,?|or|the|an?|that is,?|for)\s+)*[{_QUOTES}]*", re.IGNORECASE)
_WORD = compiled_lazily(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE_END = compiled_lazily(r"(?<![\s.(][^\W\d_])(?<!^[^\W\d_])[.!?][\"”’']?\s+|[;:]\s+|[()\[\]{}|]")
_ROMAN = re.compile(r"[IVX]+")
_LATIN = frozenset(("IE", "EG", "CF", "NB", "ETC", "VIZ"))
"""Abbreviations of every text, in capitals where all text is."""
_NO_LETTER = re.compile(r"[^A-Za-z0-9]")

_OF_SENTENCES = frozenset(
    (
        *("am", "are", "be", "been", "being", "can", "could", "did", "do", "does", "had", "has", "have", "is", "may"),
        *("might", "must", "said", "shall", "should", "that", "was", "were", "which", "who", "will", "would"),
    )
)
"""Words that stand in sentences, and not in what is abbreviated."""
_NOT_FIRST = frozenset(("a", "an", "and", "as", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"))
"""Words with which no long form begins."""


class Definition(NamedTuple):
    """A short form and the words that it stands for, both as they are written; white space is collapsed, and the dots
    and the plural of the short form are left out: ``("NGO", "non-governmental organizations")``."""

    short: str
    long: str


def is_short_form(word: str) -> bool:
    """Return whether a word is written like a short form: ``TIP``, ``U.N.``, ``NGOs``, ``G-8``, ``PolOff``.

    It has 2 to 10 letters and digits, begins with a capital or a digit, and at least half of its letters, two or more,
    are capitals.
    """
    letters = _NO_LETTER.sub("", word)
    if not 2 <= len(letters) <= _MOST_LETTERS or _ROMAN.fullmatch(letters) or letters in _LATIN:
        return False
    capitals = sum(map(str.isupper, letters))
    small = sum(map(str.islower, letters))
    has_enough = capitals >= 2 or (capitals == 1 and len(letters) == 2 and any(map(str.isdigit, letters)))
    return has_enough and capitals >= small and (letters[0].isupper() or letters[0].isdigit())


def singular(short: str) -> str:
    """Return a short form without dots and the small s of its plural: ``singular("N.G.O.s") == "NGO"``."""
    plain = short.replace(".", "")
    return plain[:-1].rstrip("'’") if len(plain) > 2 and plain.endswith("s") and plain[-2] != "s" else plain


def definitions(text: str) -> list[Definition]:
    """Return the acronyms that a text defines, in order, each once.

    >>> definitions("efforts to combat trafficking in persons (TIP)")
    [Definition(short='TIP', long='trafficking in persons')]
    """
    if "(" not in text and "[" not in text:
        return []
    return list(dict.fromkeys(_definitions(text)))


def _definitions(text: str) -> Iterator[Definition]:
    for bracket in _BRACKET().finditer(text):
        start = bracket.start()
        before = text[max(0, start - _WINDOW) : start]
        if (inside := _INSIDE().fullmatch(bracket[1])) and is_short_form(inside[1]):
            short, long = inside[1], _long_form(inside[1], _last_clause(before))
        elif (outside := _last_short(before)) and is_short_form(outside[1]):
            short, long = outside[1], _whole_form(outside[1], bracket[1])
        else:
            continue
        if long:
            yield Definition(_base(short, long), " ".join(long.split()))


def _last_short(text: str) -> re.Match[str] | None:
    """Return the word that may be a short form at the end of a text."""
    # What is longer has too many letters: at most one sign stands between two.
    end = len(text.rstrip().rstrip(_QUOTES))
    return _BEFORE().search(text, max(0, end - 4 * _MOST_LETTERS))


def _last_clause(text: str) -> str:
    """Return what follows the last end of a sentence, or the last bracket; initials (U.S.) end none."""
    ends = [match.end() for match in _SENTENCE_END().finditer(text)]
    return text[ends[-1] :] if ends else text


def _long_form(short: str, before: str) -> str | None:
    """Return the last words of a text, if they are the long form of what follows."""
    letters = _letters(short)
    before = before.rstrip().rstrip(_QUOTES + ",").rstrip()
    words = list(_WORD().finditer(before))[-_most_words(letters) :]
    if len(words) < 2:
        return None
    if words[-1].end() < len(before) and before[words[-1].end() :].strip(". "):
        # Something stands between: a sum of money, a dash.
        return None
    first = words[0].start()
    start = _matched(letters, before[first : words[-1].end()])
    return None if start is None else _checked(letters, before[first + start : words[-1].end()])


def _whole_form(short: str, content: str) -> str | None:
    """Return the first words of a bracket, if they are the long form of what stands before it."""
    letters = _letters(short)
    opening = _OPENING().match(content)
    content = content[opening.end() if opening else 0 :]
    words = list(_WORD().finditer(content))
    counts = range(2, min(len(words), _most_words(letters)) + 1)
    # What ends with the last letter as an initial; else the longest whose last word contributes. The place (Ministry of
    # Foreign Affairs, Beijing) does not.
    endings = [count for count in counts if fold(words[count - 1][0])[:1] == letters[-1]]
    for count in [*endings, *reversed([count for count in counts if fold(words[count - 1][0])[:1] in letters])]:
        if _matched(letters, content[: words[count - 1].end()]) == 0:
            return _checked(letters, content[: words[count - 1].end()])
    return None


def _most_words(letters: str) -> int:
    return min(len(letters) + _MORE_WORDS, 2 * len(letters))


def _letters(short: str) -> str:
    """Return what is compared of a short form: ``ngo`` for N.G.O.s."""
    return _NO_LETTER.sub("", singular(short)).lower()


def _matched(letters: str, text: str) -> int | None:
    """Return where the shortest long form begins that ends with the text (Schwartz and Hearst's findBestLongForm).

    >>> _matched("tip", "combat trafficking in persons")
    7
    """
    text = _evenly_folded(text)
    at = len(text)
    for number in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and (text[at] != letters[number] or (number == 0 and at > 0 and text[at - 1].isalnum())):
            at -= 1
        if at < 0:
            return None
    return at


def _evenly_folded(text: str) -> str:
    """Return a text in small letters without accents, a letter for each letter."""
    return text.lower() if text.isascii() else "".join(fold(char)[:1] or " " for char in text)


def _checked(letters: str, long: str) -> str | None:
    """Return a long form if it has several words, not the short form itself, and enough of its initials."""
    words = [fold(word[0]) for word in _WORD().finditer(long)]
    if len(words) < 2 or letters in words or words[0] in _NOT_FIRST or not _OF_SENTENCES.isdisjoint(words):
        return None
    initials = "".join(word[0] for word in words)
    return long if 2 * _common(letters, initials) >= len(letters) else None


def _common(left: str, right: str) -> int:
    """Return the length of the longest common subsequence: ``_common("tip", "ttip") == 3``."""
    row = [0] * (len(right) + 1)
    for letter in left:
        before, row = row, [0]
        for place, other in enumerate(right):
            row.append(before[place] + 1 if letter == other else max(row[-1], before[place + 1]))
    return row[-1]


def _base(short: str, long: str) -> str:
    """Return a short form without dots and plural: NGO for NGOS too, if the S comes from the end of ORGANIZATIONS."""
    plain = singular(short)
    words = [fold(word[0]) for word in _WORD().finditer(long)]
    is_plural = plain.isupper() and plain.endswith("S") and len(plain) > 2 and words[-1].endswith("s")
    if is_plural and not any(word.startswith("s") for word in words[1:]):
        shorter = _letters(plain[:-1])
        if is_short_form(plain[:-1]) and _matched(shorter, long) == 0:
            return plain[:-1]
    return plain


def short_key(short: str) -> str | None:
    """Return the form in which short forms are compared, which is that of words in the index: ``un`` for U.N.; None for
    one that would be several words, such as R&D."""
    return joined(short)


def long_key(long: str, stem: Callable[[str], str]) -> str:
    """Return the form in which long forms are compared: folded, stemmed, and without blanks and hyphens.

    So the plural, capitals and hyphens make no other long form.

    >>> long_key("Non-Governmental Organizations", stem=lambda word: word.removesuffix("s"))
    'nongovernmentalorganization'
    """
    return "".join(map(stem, split(long, True)[0]))
