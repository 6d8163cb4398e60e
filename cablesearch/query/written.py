"""The words and values of a query as they are written: list them with their places, and write more of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from whoosh import query as q

from cablesearch.protocols.queries import Tested
from cablesearch.query.fields import CONDITIONAL, field_named, folded_field, is_text
from cablesearch.query.fields import value as value_query
from cablesearch.query.operators import NEAR, NOT, operator_of
from cablesearch.query.tokens import NEGATING, tokens
from cablesearch.text.analysis import split
from cablesearch.text.places import words_with_places

__all__ = ["WrittenValue", "WrittenWord", "value_text", "with_condition", "written_values", "written_words"]

_EXCLUDING = (NOT, "ANDNOT")
_NOT_A_WORD = re.compile(r"\*|\w\?\w|^\?+\w|~[0-9/]*(?:\^|$)")
"""What makes a pattern or a fuzzy word of a word."""


class _Operand(NamedTuple):
    """A word, phrase, range or value: its token, its field (None: none) and whether it is excluded."""

    token: re.Match[str]
    field: str | None
    is_excluded: bool


class WrittenWord(NamedTuple):
    """A word from ``start`` to ``end`` of a query.

    Attributes:
        word: the word, folded.
        start, end: its place.
        field: a text field, or None.
        in_quotes: whether it stands in quotes.
        is_alone: whether it is all that is looked for at its place: nothing is joined to it, and it is not in quotes.
        form: how it is written, if its capitals count (``case:WHO``); ``field`` is then that of the folded word.
    """

    word: str
    start: int
    end: int
    field: str | None
    in_quotes: bool = False
    is_alone: bool = False
    form: str = ""


class WrittenValue(NamedTuple):
    """A value of a field that is not text."""

    field: str
    value: str


def _operands(text: str) -> Iterator[_Operand]:
    """Yield the operands of a valid query, from left to right, but conditions."""
    levels: list[tuple[str | None, bool]] = [(None, False)]
    excluding = was_excluded = False
    for token in tokens(text):
        field, is_excluded = levels[-1]
        operator = operator_of(token)
        if token["open"]:
            signed = (token["negated"] or "+") in NEGATING
            levels.append((_field(token["group"]) or field, is_excluded or excluding or signed))
        elif token["close"]:
            was_excluded = levels.pop()[1]
        elif operator:
            excluding = was_excluded if operator == NEAR else operator in _EXCLUDING
            continue
        elif token[0]:
            signed = (token["sign"] or "+") in NEGATING
            own = _field(token["field"]) or field
            was_excluded = is_excluded or excluding or signed
            if own not in CONDITIONAL:
                yield _Operand(token, own, was_excluded)
        excluding = False


def _field(name: str | None) -> str | None:
    """Return the field that a name stands for, if there is a name."""
    return field_named(name) if name else None


def written_words(text: str, *, with_cased: bool = False) -> Iterator[WrittenWord]:
    """Yield the words of a valid query that a hit may contain: not those that are excluded, in a pattern, fuzzy, or in
    a range. ``with_cased``: those of ``case`` too."""
    for token, own, is_excluded in _operands(text):
        group = "phrase" if token["quote"] else "word"
        written = token[group]
        folded = folded_field(own) if own and with_cased else None
        field = folded or own
        if is_excluded or not written or (field and not is_text(field)):
            continue
        if group == "word" and _NOT_A_WORD.search(written):
            continue
        last = 0
        for word, _, start, end in words_with_places(written):
            # A word joined from its parts follows the first of them.
            if start >= last and word.isalpha():
                base, in_quotes = token.start(group), group == "phrase"
                is_alone = not in_quotes and start == 0 and end == len(written.partition("^")[0])
                yield WrittenWord(
                    word, base + start, base + end, field, in_quotes, is_alone, written[start:end] if folded else ""
                )
                last = end


def written_values(text: str) -> Iterator[WrittenValue]:
    """Yield the values of a valid query in fields that are not text, also those that are excluded."""
    for token, field, _ in _operands(text):
        if field and not is_text(field) and not token["range"]:
            value = token["phrase"] if token["quote"] else (token["word"] or "").partition("^")[0]
            if value and value != "*":
                yield WrittenValue(field, value)


def value_text(field: str, value: str) -> str | None:
    """Return the query for a value of a field, such as ``country:"South Korea"``; None if no query can name it."""
    is_plain = value.isascii() and value.replace("/", "").isalnum()
    text = f"{field}:{value}" if is_plain else f'{field}:"{value}"'
    read = [token for token in tokens(text) if token[0]]
    if len(read) > 1:
        # There are quotes in it.
        return None
    asked = read[0]["phrase"] or read[0]["word"] or ""
    if "*" in asked or "?" in asked:
        return None
    if is_text(field):
        return text if split(value, True)[0] else None
    try:
        leaves = value_query(field, asked).leaves()
    except ValueError:
        return None
    is_named = any(
        leaf.accepts(value) if isinstance(leaf, Tested) else isinstance(leaf, q.Term) and leaf.text == value
        for leaf in leaves
    )
    return text if is_named else None


def with_condition(text: str, condition: str) -> str:
    """Return a valid query that also has to meet a condition, such as ``tag:PHUM``.

    OR alone binds less than the blank between them: ``with_condition("a OR b", "tag:PHUM") == "(a OR b) tag:PHUM"``.
    """
    plain = text.strip()
    if plain in ("", "*"):
        return condition
    is_choice = any(operator_of(token) == "OR" for token in tokens(plain))
    return f"({plain}) {condition}" if is_choice else f"{plain} {condition}"
