"""The server as a program: its processes and its log."""
