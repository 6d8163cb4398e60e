"""Segments: building one from documents, reading it, and merging several."""
