"""A TCP proxy on loopback in front of a node, which fails like a network when it is told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from types import TracebackType
from typing import Literal

from trials.cluster.nodes import free_ports

HOST = "127.0.0.1"
BLOCK = 65536
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""A value of SO_LINGER: closing the connection discards what is unsent and resets the other side."""

RESET_SECONDS = 10
"""How long to wait for a thread that is just writing to a client that does not read."""

Direction = Literal["requests", "responses"]


class Connection:
    """The connection of a client, and the one to the node that belongs to it."""

    def __init__(self, client: socket.socket, node: socket.socket) -> None:
        """Join two sockets."""
        self._client, self._node = client, node
        self.is_reset = False

    def ends(self, direction: Direction) -> tuple[socket.socket, socket.socket]:
        """Return the sockets to read from and to write to."""
        return (self._client, self._node) if direction == "requests" else (self._node, self._client)

    def end(self) -> None:
        """End both sides as a program does that closes its connections; wakes the threads that use them."""
        self._shut(socket.SHUT_RDWR)

    def reset(self) -> None:
        """Let both sides see an error instead of an end; wakes the threads that read from them.

        An end would not do: Python's HTTP client takes headers that end early for a whole response without a body.
        """
        self.is_reset = True
        for side in (self._client, self._node):
            with contextlib.suppress(OSError):
                side.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        # Nothing is sent now, so that what the other side gets when the socket is closed is the reset.
        self._shut(socket.SHUT_RD)

    def _shut(self, how: int) -> None:
        for side in (self._client, self._node):
            with contextlib.suppress(OSError):
                side.shutdown(how)

    def close(self) -> None:
        """Close the sockets, which no thread may use any more."""
        self._client.close()
        self._node.close()


class Proxy:
    """Passes bytes between clients and a port of this machine, and fails as told; a context manager.

    The methods may be called from any thread, but not by two at once.
    """

    def __init__(self, target: int) -> None:
        """Listen on a free port, in front of the port `target`."""
        self._target = (HOST, target)
        (self.port,) = free_ports(1)
        self._changes = threading.Condition()
        self._connections: set[Connection] = set()
        self._threads: list[threading.Thread] = []
        self._left: dict[Direction, int] = {}
        self._delay = 0.0
        self._delay_ends = threading.Event()
        self._listener: socket.socket | None = None
        self.pass_all()

    @property
    def url(self) -> str:
        """The address for clients, such as ``http://127.0.0.1:19200``."""
        return f"http://{HOST}:{self.port}"

    def __enter__(self) -> Proxy:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def drop(self) -> None:
        """Reset all connections; new ones are let in."""
        with self._changes:
            dropped = set(self._connections)
            for connection in dropped:
                connection.reset()
            self._changes.wait_for(lambda: not dropped & self._connections, RESET_SECONDS)

    def drop_after(self, count: int, direction: Direction) -> None:
        """Let `count` more bytes through in a direction, over all connections, then reset that of the next one, once.

        With "requests" the node gets only a part of a request. With "responses" it does as it is asked, but the client
        cannot know.
        """
        with self._changes:
            self._left[direction] = count

    def refuse(self) -> None:
        """Refuse new connections; open ones go on."""
        listener, self._listener = self._listener, None
        if listener is not None:
            # Closing it would not wake the thread that waits for clients; that thread closes it.
            listener.shutdown(socket.SHUT_RDWR)
            self._accepting.join()

    def delay(self, seconds: float) -> None:
        """Delay each block of bytes, in both directions, by that many seconds."""
        with self._changes:
            self._delay = seconds

    def pass_all(self) -> None:
        """Let everything through again: connections, and bytes that are being delayed."""
        with self._changes:
            self._left.clear()
            self._delay = 0.0
            self._delay_ends.set()
            self._delay_ends = threading.Event()
        if self._listener is None:
            self._listener = socket.create_server((HOST, self.port))
            self._accepting = threading.Thread(target=self._accept, args=(self._listener,), daemon=True)
            self._accepting.start()

    def close(self) -> None:
        """Refuse and end all connections, and wait until their threads have ended."""
        self.refuse()
        with self._changes:
            self._delay_ends.set()
        for thread in self._threads:
            # A client that was let in last may not have its connection to the node yet.
            while thread.is_alive():
                with self._changes:
                    for connection in self._connections:
                        connection.end()
                thread.join(0.1)

    def _accept(self, listener: socket.socket) -> None:
        """Serve each client in a thread, until the listener is shut down."""
        with listener, contextlib.suppress(OSError):
            while True:
                client, _ = listener.accept()
                thread = threading.Thread(target=self._serve, args=(client,), daemon=True)
                self._threads = [*filter(threading.Thread.is_alive, self._threads), thread]
                thread.start()

    def _serve(self, client: socket.socket) -> None:
        """Connect a client to the node, and pass bytes until either of them ends."""
        try:
            node = socket.create_connection(self._target)
        except OSError:
            # The node does not run.
            client.close()
            return
        connection = Connection(client, node)
        with self._changes:
            self._connections.add(connection)
        responses = threading.Thread(target=self._pass, args=(connection, "responses"), daemon=True)
        responses.start()
        self._pass(connection, "requests")
        responses.join()
        connection.close()
        with self._changes:
            self._connections.remove(connection)
            self._changes.notify_all()

    def _pass(self, connection: Connection, direction: Direction) -> None:
        """Pass bytes in one direction until one side ends, or the connection is to be reset."""
        source, target = connection.ends(direction)
        with contextlib.suppress(OSError):
            while (block := source.recv(BLOCK)) and not connection.is_reset:
                with self._changes:
                    delay, delay_ends = self._delay, self._delay_ends
                if delay:
                    delay_ends.wait(delay)
                passed = self._allow(direction, len(block))
                target.sendall(block[:passed])
                if passed < len(block):
                    connection.reset()
        if not connection.is_reset:
            connection.end()

    def _allow(self, direction: Direction, count: int) -> int:
        """Return how many of `count` bytes may pass before the connection is to be reset."""
        with self._changes:
            left = self._left.get(direction, count)
            if left < count:
                del self._left[direction]
            elif direction in self._left:
                self._left[direction] -= count
            return min(left, count)
