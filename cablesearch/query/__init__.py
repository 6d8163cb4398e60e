"""The query language: from what a person types to a Whoosh query tree, with errors that point at the place.

`tokens` cuts the text, `operands` reads words, phrases, patterns, ranges and values of fields, `grammar` joins them by
the operators between them (`operators`), and `trees` has the few rules by which parts become a tree. `bounds` has the
limits, `options` makes a tree of the options of a search.
"""

from cablesearch.query.bounds import Bounds
from cablesearch.query.fields import FIELDS
from cablesearch.query.grammar import parse
from cablesearch.query.operators import OPERATORS
from cablesearch.query.options import filters
from cablesearch.query.tokens import plain_words
from cablesearch.query.trees import any_word, both

__all__ = ["FIELDS", "OPERATORS", "Bounds", "any_word", "both", "filters", "parse", "plain_words"]
