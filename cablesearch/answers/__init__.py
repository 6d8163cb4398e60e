"""What is shown of an archive, whatever shows it: the command line, the server, or tools for models."""
