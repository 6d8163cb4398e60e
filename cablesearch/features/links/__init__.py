"""The web of cables: which cables refer to which, and what follows from it."""
