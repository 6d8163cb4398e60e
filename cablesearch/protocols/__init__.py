"""What an archive and its engine agree on: the types of fields, and the types of queries."""
