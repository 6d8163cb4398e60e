"""HTML for notebooks: escaped, without scripts, and in the colours of a page that is light or dark."""
