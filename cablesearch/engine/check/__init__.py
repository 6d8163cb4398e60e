"""Checks of segments: what is damaged, what differs, and what can be saved."""
