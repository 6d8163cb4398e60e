"""A cluster of OpenSearch on this machine, and trials on it."""
