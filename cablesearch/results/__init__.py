"""The results of a search: hits with snippets, totals and facets."""
