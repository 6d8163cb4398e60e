"""The segments as Whoosh reads an index, for programs that use Whoosh's own searcher; searching does not need it."""
