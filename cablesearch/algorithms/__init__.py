"""Algorithms on arrays and texts that know neither an archive nor an engine."""
