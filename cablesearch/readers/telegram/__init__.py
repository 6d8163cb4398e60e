"""What the text of a telegram says."""
