"""How words and phrases that stand near each other are matched (see `cablesearch.protocols.queries.Near`)."""
