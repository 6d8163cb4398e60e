"""Suggestions while one types: words, phrases, tags, posts, collections, subjects."""
