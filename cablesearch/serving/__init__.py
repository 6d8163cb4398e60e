"""What the servers for programs, people and models share: addresses, connections, and the queue before questions.

It needs uvicorn and Starlette, which the extras ``web`` and ``mcp`` both bring.
"""
