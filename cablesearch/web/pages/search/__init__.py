"""The page of a search, and that of all values of a facet.

- `asked` is what a reader asks, and the addresses of what may be asked next.
- `narrowing` has the facets, and the filters that are set; `periods` the timeline; `advice` what would find more.
- `searching` and `values` have the routes.
"""
