"""Other ways to write words of a query: the acronyms that an archive defines, and a reader's own synonyms."""
