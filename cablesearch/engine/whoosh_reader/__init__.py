"""The segments as an index of Whoosh, for programs that use Whoosh's own searcher; other searches do not load it."""
