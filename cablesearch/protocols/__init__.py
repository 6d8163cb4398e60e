"""The seam between an archive and its engine: fields, queries, and what is asked of a reader.

An archive is kept in a folder (`cablesearch.embedded`) or on a cluster (`cablesearch.cluster`). Both answer the same
questions (`reader.Reader`), about the same fields (`fields`) and with the same query trees (`queries`), and neither
knows of the other.
"""
