"""An index: its commits, its single writer, and the processes that build segments for the writer."""
