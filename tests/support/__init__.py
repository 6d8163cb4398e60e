"""What several test modules need: files, made-up cables, runners, strategies. Nothing here is a test."""
