"""Segments: how documents become arrays in a file, how they are read back, and how segments are merged."""
