"""The tokens of a query: brackets, operators, words, phrases, ranges."""

from __future__ import annotations

import re

from cablesearch.query.operators import NOT, OPERATORS

__all__ = ["TOKEN", "plain_words"]

TOKEN = re.compile(
    r"""
    (?P<open>(?P<negated>[-+])?(?:(?P<group>[^\W\d]\w*):)?\()
    | (?P<close>\)(?:\^[^\s()]*)?)
    | (?P<sign>[-+])?(?:(?P<field>[^\W\d]\w*):)?(?:
        (?P<quote>["“”])(?P<phrase>[^"“”]*)(?P<unquote>["“”])?(?P<after>(?:[~^][^\s()"“”~^]*)*)
        | (?P<range>[\[{][^\[\]{}"“”]*[\]}]?)(?P<boost>\^[^\s()"“”]*)?
        | (?P<word>[^\s()"“”]+)
        | (?P<nothing>(?<=[-+:]))
    )
    """,
    re.VERBOSE,
)
"""The next token. White space is between tokens and needed only where two would run together; a match may be empty."""


def plain_words(text: str) -> list[tuple[str, int, int]]:
    """List the words of a query that stand for themselves, in no field and no pattern: (word, start, end)."""
    words = []
    for token in TOKEN.finditer(text):
        word = token["word"]
        if not word or token["field"] or word in OPERATORS or word == NOT or token["sign"] == "-":
            continue
        if word.isalpha():
            words.append((word, *token.span("word")))
    return words
