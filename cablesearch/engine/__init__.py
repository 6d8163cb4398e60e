"""Search on flat arrays: segments on disk, commits, and Whoosh's query tree executed on them.

The engine knows a Whoosh schema, and documents as columns, grouped in blocks. It could index anything.
"""
