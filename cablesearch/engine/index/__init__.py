"""An index: the commits that a manifest records, the one writer, and the processes that build segments for it."""
