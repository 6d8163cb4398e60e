"""What a reader finds in the texts of paragraphs and subjects: samples, and words behind others."""
