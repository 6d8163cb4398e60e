"""Levels, controls, clearances, and the markings that state them in a text."""
