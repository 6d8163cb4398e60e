"""Changing and checking an archive in a folder: its pen, batches that become segments, indexing again, and repair."""
