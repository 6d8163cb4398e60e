"""Reading the text of a telegram."""
