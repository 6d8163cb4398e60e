"""Text: words, look-alike characters, and text that is safe to print."""
