"""The address that a server listens on, and the names under which it is reached."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence

__all__ = ["WAITING", "bound_to", "every_address", "is_loopback", "names_of", "shown"]

WAITING = 512
"""Connections that the system lets wait until the server takes them."""
_SENDING = 256 << 10
"""Bytes of answers that the system holds for a connection; it doubles them for itself."""
_EVERY = {"0.0.0.0": "127.0.0.1", "::": "::1"}
"""The addresses that mean every address of a computer, each with one of them that reaches this one."""
_LOCAL = ("localhost", "127.0.0.1", "::1")


def bound_to(host: str, port: int) -> socket.socket:
    """Return a socket that listens on an address.

    Raises:
        OSError: the address cannot be used; the error names it.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        bound = socket.socket(family, kind, protocol)
        try:
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            # Each connection has it from here. The system would hold megabytes for a client that takes nothing.
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SENDING)
            bound.bind(address)
            bound.listen(WAITING)
        except OSError:
            bound.close()
            raise
    except OSError as error:
        raise OSError(error.errno, error.strerror, f"{host}:{port}") from None
    return bound


def is_loopback(host: str) -> bool:
    """Return whether only this computer reaches an address.

    Raises:
        OSError: there is no such address.
    """
    try:
        addresses = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
    except OSError as error:
        raise OSError(error.errno, error.strerror, host) from None
    return all(ipaddress.ip_address(str(address[0]).partition("%")[0]).is_loopback for *_, address in addresses)


def names_of(host: str, more: Sequence[str]) -> tuple[str, ...]:
    """Return the names under which a server on an address is reached: those of this computer, and more."""
    return tuple(dict.fromkeys([*_LOCAL, host.strip("[]"), *(name.strip("[]") for name in more)]))


def shown(bound: socket.socket) -> str:
    """Return the address at which this computer reaches a socket, for a browser."""
    host, port = bound.getsockname()[:2]
    # Nobody can go to the address that means all of a computer's.
    return f"http://{_with_port(_EVERY.get(host, host), port)}/"


def every_address(bound: socket.socket) -> str | None:
    """Return address and port of a socket that listens on every address of this computer; None: it does not."""
    host, port = bound.getsockname()[:2]
    return _with_port(host, port) if host in _EVERY else None


def _with_port(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
