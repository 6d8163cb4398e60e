"""Words and phrases that stand near each other: the query for them (`query`), and how it is matched."""
