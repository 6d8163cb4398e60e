"""The words of a text as they are written: with their capital letters, but otherwise folded like all words.

A word is written in small letters, in capitals, with a capital at its start, or otherwise (McCain). Each of these
spellings has a code, so that the spellings of one word stand beside each other in a dictionary.
"""

from __future__ import annotations

from cablesearch.text.analysis import LONGEST_WORD, cased_tokens

__all__ = ["CAPITALS", "coded", "form_of", "prefix_of", "spelt_chunk", "spelt_words"]

CAPITALS = " "
"""The value of a text that has letters in capitals and none in small letters."""
_IN_CAPITALS, _TITLE = "U", "T"


def coded(form: str) -> str | None:
    """Return the code of a spelling: U (WHO), T (Who), the spelling itself (wHO), or None for small letters (who).

    A word with one letter that has a capital is in capitals, not a title: I, B52.
    """
    small = form.lower()
    if form == small:
        return None
    if form == small.upper():
        return _IN_CAPITALS
    return _TITLE if form == small[0].upper() + small[1:] else form


def prefix_of(word: str) -> str:
    """Return what the values of all spellings of a folded word begin with, and of no other word.

    Alone, it is the value of a word that a text has both with capitals and in small letters.
    """
    return f"{word} "


def form_of(value: str) -> str:
    """Return the spelling of a value: ``form_of("who U") == "WHO"``. Empty for values that stand for none."""
    word, _, code = value.partition(" ")
    if code == _IN_CAPITALS:
        return word.upper()
    return word[:1].upper() + word[1:] if code == _TITLE else code


def spelt_words(text: str) -> list[tuple[str, str | None]]:
    """Return the words of a text, folded, each with the code of its spelling; joined words are among them.

    >>> spelt_words("The WHO knows who: O'Neill")
    [('the', 'T'), ('who', 'U'), ('knows', None), ('who', None), ('o', 'U'), ('oneill', 'ONeill'), ('neill', 'T')]
    """
    return [(word, coded(form)) for word, form in cased_tokens(text)]


def spelt_chunk(chunk: str) -> list[tuple[str, str]]:
    """Return the words of a chunk of prepared text, each with the value of its spelling; "" for small letters.

    >>> spelt_chunk("O'Neill"), spelt_chunk("knows")
    ([('o', 'o U'), ('oneill', 'oneill ONeill'), ('neill', 'neill T')], [('knows', '')])
    """
    word = chunk.strip("'.-").removesuffix("'s")
    if word.isascii() and word.isalnum() and len(word) <= LONGEST_WORD:
        # The usual case.
        spelt: list[tuple[str, str | None]] = [(word.lower(), coded(word))]
    else:
        spelt = spelt_words(chunk)
    return [(word, "" if code is None else prefix_of(word) + code) for word, code in spelt]
