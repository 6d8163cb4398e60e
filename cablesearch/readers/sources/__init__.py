"""Sources: files, folders, archives and text encodings."""
