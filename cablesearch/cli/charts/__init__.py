"""Numbers as text that fits a terminal."""
