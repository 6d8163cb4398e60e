"""Suggestions while one types: words, phrases, names, TAGS, posts, collections, subjects."""
