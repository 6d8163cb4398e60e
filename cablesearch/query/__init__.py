"""The query language: from what a person types to a Whoosh query tree, with errors that point at the place.

`tokens` cuts the text, `operands` reads words, phrases, patterns, ranges and values of fields, `grammar` joins them by
the operators between them (`operators`), and `trees` has the few rules by which parts become a tree. `bounds` has the
limits, `options` makes a tree of the options of a search, `any_word` reads a query so that one of its words is enough,
and `written` lists its words and values with their places.
"""

from cablesearch.query.any_word import AnyWord
from cablesearch.query.bounds import Bounds
from cablesearch.query.fields import FIELDS
from cablesearch.query.grammar import parse
from cablesearch.query.operators import OPERATORS
from cablesearch.query.options import filters
from cablesearch.query.trees import both, has_optional_values

__all__ = ["FIELDS", "OPERATORS", "AnyWord", "Bounds", "both", "filters", "has_optional_values", "parse"]
