"""Work on whole archives: indexing, checking against the stored cables, and repair."""
