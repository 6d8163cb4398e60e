"""Answers as tables of pandas, an extra. Only these modules import it, and only to make a table."""
