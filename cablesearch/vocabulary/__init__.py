"""The words of the trade that readers and queries share: posts, TAGS and the ids of cables."""
