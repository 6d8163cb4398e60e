"""Search: Whoosh's query tree executed on the arrays of segments."""
