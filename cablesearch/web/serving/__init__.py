"""The server as a program: the address that it listens on, its processes and connections, and its log."""
