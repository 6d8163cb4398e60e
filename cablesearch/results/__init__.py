"""What a search gives: hits with snippets, totals and facets."""
