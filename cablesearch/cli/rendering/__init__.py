"""What the command line prints on standard output: results and cables, for people and for programs."""
