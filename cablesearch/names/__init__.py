"""Names of persons, organizations and places in the text of cables, found by rules and lists of the trade."""
