"""Field types: the part of a Whoosh schema that the engine knows.

The engine stores three kinds of field and chooses the kind by the Whoosh type:

* `Text`: words with positions, scored;
* ``whoosh.fields.NUMERIC``: one 64-bit integer per document;
* every other type (``ID``, ``KEYWORD``): any number of exact strings per document.

Three optional attributes of a field change how it is stored and searched:

* ``of_block``: the field belongs to its block as a whole, and matches only where the block's first document is visible;
* ``shared`` (numbers and strings): all documents of a block have the same values, whichever of them are visible, so
  the values are stored once per block;
* ``orders_blocks`` (a shared number field, at most one in a schema): blocks are sorted by this field (see
  `cablesearch.engine.segment.order`).
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
    "Spellings",
    "Split",
    "SplitAnalyzer",
    "Text",
    "Value",
    "is_of_block",
    "is_shared",
    "kind_of",
    "order_field",
    "records_of",
]

Split = Callable[[str, bool], "tuple[list[str], list[int] | None]"]
"""(text, for a query) -> words and their positions; None for positions that count up from 0. Positions never decrease
and stay below the number of words."""

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

    def __hash__(self) -> int:
        return hash((self.split, self.normalise))

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


class Spellings(NamedTuple):
    """How a keyword field records in which way the words of a text are written.

    Its values for a text in capitals throughout are ``capitals`` alone. Otherwise they are the spellings with capitals
    in the order of the text, and behind them, sorted, ``small_too(word)`` for each word that the text has both with
    capitals and without.

    Attributes:
        field: the name of the keyword field.
        read: (chunk with capitals) -> its words, those of ``split`` but for marks, each with the value of its
            spelling; "" for a word without capitals.
        small_too: (word) -> the value of a word that is written in small letters too.
        capitals: the value of a text in capitals throughout.
    """

    field: str
    read: Callable[[str], Sequence[tuple[str, str]]]
    small_too: Callable[[str], str]
    capitals: str


class Text(TEXT):
    """Words with positions.

    White space always ends a word: a text is cut into chunks at its blanks, ``split`` returns the words of each chunk,
    and positions continue from chunk to chunk. ``prepare`` normalises a text before it is cut (folds case, blanks out
    characters that belong to no word), and must not change the words that ``split`` returns.

    ``unstemmed`` names the twin field that holds the same words without stemming. It is filled from the same text, so
    documents give a value only to this field. Prefixes, wildcards and fuzzy words are looked up in the twin.

    ``spellings`` says which keyword field records how the words are written. It is filled from the same text too, and
    ``prepare`` must keep capitals then.

    ``split`` may mark where a word of several positions goes on (see `cablesearch.text.continuation`), so that phrases
    find it. ``rules`` is the version of ``split`` and ``normalise``; it changes with the words that they return.
    """

    def __init__(
        self,
        split: Split,
        normalise: Normalise | None = None,
        *,
        prepare: Normalise = str,
        unstemmed: str | None = None,
        spellings: Spellings | None = None,
        of_block: bool = False,
        rules: int = 0,
    ) -> None:
        analyzer: Any = SplitAnalyzer(split, normalise)
        super().__init__(analyzer=analyzer, phrase=True, multitoken_query="phrase")
        self.split = split
        self.normalise = normalise
        self.prepare = prepare
        self.unstemmed = unstemmed
        self.spellings = spellings
        self.of_block = of_block
        self.rules = rules


class Keyword(FieldType):
    """Exact strings, any number per document; subclasses turn the words of a query into them."""

    def __init__(self, *, of_block: bool = False, shared: bool = False) -> None:
        # Neither format nor analyzer: the engine keeps the strings as they are.
        self.of_block = of_block
        self.shared = shared


KINDS = ("text", "keyword", "number")
"""The engine's kinds of field."""


class FieldRecord(NamedTuple):
    """The record of a field in an index, which lets a program with another schema read the segment.

    ``kind`` is the result of `kind_of`; ``shared`` and ``of_block`` are the attributes of the field. ``of_block`` is
    None where an older index does not record it. ``twin_of`` names the stemmed field of an unstemmed twin. ``rules`` is
    the version of the rules that made the words of a text; 0 where an older index does not record it.
    """

    kind: str
    shared: bool = False
    of_block: bool | None = False
    twin_of: str | None = None
    rules: int = 0


def records_of(schema: Schema) -> dict[str, FieldRecord]:
    """Return the record of each field of a schema."""
    twins = {field.unstemmed: name for name, field in schema.items() if isinstance(field, Text) and field.unstemmed}
    return {
        name: FieldRecord(
            kind_of(field),
            is_shared(field),
            is_of_block(field),
            twins.get(name),
            field.rules if isinstance(field, Text) else 0,
        )
        for name, field in schema.items()
    }


def is_of_block(field: FieldType) -> bool:
    """Whether a field belongs to blocks as wholes."""
    return bool(getattr(field, "of_block", False))


def is_shared(field: FieldType) -> bool:
    """Whether a field is stored once per block."""
    return bool(getattr(field, "shared", False))


def order_field(schema: Schema) -> str | None:
    """Return the name of the number field by which blocks are sorted, None for a schema without one."""
    return next((name for name, field in schema.items() if getattr(field, "orders_blocks", False)), None)


def kind_of(field: FieldType) -> str:
    """Return the engine's kind of a Whoosh field: ``text``, ``number`` or ``keyword``."""
    if isinstance(field, Text):
        return "text"
    return "number" if isinstance(field, NUMERIC) else "keyword"
