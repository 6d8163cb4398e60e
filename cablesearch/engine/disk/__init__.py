"""Files, arrays, locks: the only code that touches the disk."""
