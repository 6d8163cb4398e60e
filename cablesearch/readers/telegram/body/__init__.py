"""The body of a telegram: its paragraphs, headings and signature."""
