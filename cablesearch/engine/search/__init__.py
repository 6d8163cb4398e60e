"""Search: execute Whoosh's query trees on the arrays of segments."""
