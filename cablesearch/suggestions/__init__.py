"""Advice on a query that finds nothing, or less than expected: spellings, looser readings, unknown values and common
words. All of it is computed from what the reader may see."""
