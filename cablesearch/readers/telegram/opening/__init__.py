"""The opening of a telegram: subject, TAGS, references, addressees and who classified it."""
