"""Files, arrays and locks: the only code that touches the disk."""
