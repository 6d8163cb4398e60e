"""A cable in the index: the fields of its documents, and the bytes that are stored."""
