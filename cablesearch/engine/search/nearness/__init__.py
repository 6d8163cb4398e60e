"""How words and phrases that stand near each other are matched (see `cablesearch.engine.search.patterns.Near`)."""
