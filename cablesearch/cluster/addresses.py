"""Addresses of archives on clusters: ``opensearch://HOST:PORT/ARCHIVE``."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from cablesearch.errors import CablesearchError

__all__ = ["DEFAULT_PORT", "SCHEME", "Address", "parse_address"]

SCHEME = "opensearch"
DEFAULT_PORT = 9200
_LARGEST_PORT = 65_535
_HOST = re.compile(r"[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|[0-9a-f:.]*:[0-9a-f:.]*")
"""A name or an IPv4 address; or an IPv6 address, without its brackets."""
_ARCHIVE = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
"""What names of indices on a cluster may begin with."""


class Address(NamedTuple):
    """Where an archive is on a cluster.

    Attributes:
        host: a name or an IP address, in small letters; an IPv6 address has no brackets.
        port: the port.
        archive: the name of the archive, with which the names of its indices begin.
    """

    host: str
    port: int
    archive: str

    def __str__(self) -> str:
        """Return the address in full."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{SCHEME}://{host}:{self.port}/{self.archive}"


def parse_address(text: str) -> Address:
    """Return an address that is given as text.

    >>> parse_address("OpenSearch://Localhost/cables")
    Address(host='localhost', port=9200, archive='cables')

    Raises:
        CablesearchError: it is not an address of an archive, or has a user or a password. No secret is repeated.
    """
    scheme, _, after = text.partition("://")
    netloc, _, rest = after.partition("/")
    shown = f"{scheme}://{netloc.rpartition('@')[2]}/{rest}"
    if scheme.lower() != SCHEME:
        raise CablesearchError(
            f"{shown}: an archive is in a folder, or has an address such as {SCHEME}://localhost:{DEFAULT_PORT}/cables"
        )
    if "@" in netloc:
        raise CablesearchError(
            f"{shown}: an address has no user and no password, as others can read it; set them in the environment or "
            "in a file (see docs/cluster.md)"
        )
    try:
        parts = urlsplit(f"//{netloc}")
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        host, port = "", None
    if not _HOST.fullmatch(host) or netloc.endswith(":") or (port is not None and not 0 < port <= _LARGEST_PORT):
        raise CablesearchError(f"{shown}: expected a host, or a host and a port: {SCHEME}://HOST:PORT/ARCHIVE")
    archive = rest.removesuffix("/")
    if not _ARCHIVE.fullmatch(archive):
        raise CablesearchError(
            f"{shown}: the name of an archive on a cluster has 1 to 100 small letters, digits, - and _, and begins "
            f"with a letter or a digit: {SCHEME}://HOST:PORT/ARCHIVE"
        )
    return Address(host, DEFAULT_PORT if port is None else port, archive)
