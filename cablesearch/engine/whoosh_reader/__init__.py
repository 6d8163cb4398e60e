"""Whoosh's own IndexReader over the segments, for programs that know Whoosh."""
