"""Features: what an archive says as a whole, one module each, on top of the searcher."""
