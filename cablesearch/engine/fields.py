"""Field types: what the engine has to know about a Whoosh schema.

The engine stores three kinds of field, told apart by their Whoosh type:

* `Text`: words with positions, scored;
* ``whoosh.fields.NUMERIC``: one 64-bit integer a document;
* every other type (``ID``, ``KEYWORD``): any number of exact strings a document.

A field with a true attribute ``of_block`` belongs to its block as a whole: it matches only where the block's first
document is visible too. One (of numbers or strings) with a true attribute ``shared`` has the same values in all
documents of a block, whatever of the block is visible; it is stored once a block. A shared number field with a true
attribute ``orders_blocks`` says in which order blocks lie (see
`cablesearch.engine.segment.order`); a schema has at most one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from whoosh.analysis import Token, Tokenizer
from whoosh.fields import NUMERIC, TEXT, FieldType, Schema

__all__ = [
    "KINDS",
    "NO_NUMBER",
    "Document",
    "FieldRecord",
    "Keyword",
    "Normalise",
    "Split",
    "SplitAnalyzer",
    "Text",
    "Value",
    "is_shared",
    "kind_of",
    "order_field",
    "records_of",
]

Split = Callable[[str, bool], "tuple[list[str], list[int] | None]"]
"""(text, for a query) -> words and their positions; None for positions that just count up from 0. Positions never fall,
and leave none out: they stay below the number of words."""

Normalise = Callable[[str], str]

NO_NUMBER = int(np.iinfo(np.int64).min)
Value = str | int | Sequence[str] | None
Document = Mapping[str, Value]


class SplitAnalyzer(Tokenizer):
    """A Whoosh analyzer made of a `Split` and, optionally, a normaliser of single words (a stemmer)."""

    is_morph = True

    def __init__(self, split: Split, normalise: Normalise | None = None) -> None:
        self.split = split
        self.normalise = normalise

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SplitAnalyzer) and self.split == other.split and self.normalise == other.normalise

    __hash__ = None  # type: ignore[assignment]

    def __call__(
        self,
        value: str,
        positions: bool = False,
        chars: bool = False,
        start_pos: int = 0,
        start_char: int = 0,
        tokenize: bool = True,
        mode: str = "",
        no_morph: bool = False,
        **kwargs: Any,
    ) -> Iterator[Token]:
        token = Token(positions, chars, mode=mode, **kwargs)
        words, places = self.split(value, mode == "query") if tokenize else ([value], None)
        normalise = None if no_morph or not tokenize else self.normalise
        for index, word in enumerate(words):
            token.text = normalise(word) if normalise else word
            token.boost = 1.0
            token.stopped = False
            token.pos = start_pos + (places[index] if places else index)
            token.startchar, token.endchar = start_char, start_char + len(value)
            yield token


class Text(TEXT):
    """Words with positions.

    White space always ends a word: the words of a text are those of the chunks between its blanks, ``split`` one by
    one, with the positions counted on. ``prepare`` makes texts alike before they are cut into chunks (folds case,
    blanks out signs that belong to no word), and must not change what ``split`` finds.

    ``unstemmed`` names the field that holds the same words as they are; it is filled from the same text, so only
    this one is given a value. Prefixes, wildcards and fuzzy words look there.
    """

    def __init__(
        self,
        split: Split,
        normalise: Normalise | None = None,
        *,
        prepare: Normalise = str,
        unstemmed: str | None = None,
        of_block: bool = False,
    ) -> None:
        analyzer: Any = SplitAnalyzer(split, normalise)
        super().__init__(analyzer=analyzer, phrase=True, multitoken_query="phrase")
        self.split = split
        self.normalise = normalise
        self.prepare = prepare
        self.unstemmed = unstemmed
        self.of_block = of_block


class Keyword(FieldType):
    """Exact strings, any number a document; subclasses say how a query's words become them."""

    def __init__(self, *, of_block: bool = False, shared: bool = False) -> None:
        # Neither format nor analyzer: the engine keeps the strings as they are.
        self.of_block = of_block
        self.shared = shared


KINDS = ("text", "keyword", "number")
"""The engine's kinds of field."""


class FieldRecord(NamedTuple):
    """What an index records of a field, so that a segment can be read by a program whose schema is another.

    ``kind`` is that of `kind_of`; ``shared`` and ``of_block`` are those of the field. ``of_block`` is None where an
    older index does not say. ``twin_of`` names the stemmed field whose words an unstemmed one holds.
    """

    kind: str
    shared: bool = False
    of_block: bool | None = False
    twin_of: str | None = None


def records_of(schema: Schema) -> dict[str, FieldRecord]:
    """Return what an index records of each field of a schema."""
    twins = {field.unstemmed: name for name, field in schema.items() if isinstance(field, Text) and field.unstemmed}
    return {
        name: FieldRecord(kind_of(field), is_shared(field), bool(getattr(field, "of_block", False)), twins.get(name))
        for name, field in schema.items()
    }


def is_shared(field: FieldType) -> bool:
    """Whether a field is stored once a block."""
    return bool(getattr(field, "shared", False))


def order_field(schema: Schema) -> str | None:
    """Return the name of the number field by which blocks lie in order, None for a schema without one."""
    return next((name for name, field in schema.items() if getattr(field, "orders_blocks", False)), None)


def kind_of(field: FieldType) -> str:
    """The engine's kind of a Whoosh field: ``text``, ``number`` or ``keyword``."""
    if isinstance(field, Text):
        return "text"
    return "number" if isinstance(field, NUMERIC) else "keyword"
