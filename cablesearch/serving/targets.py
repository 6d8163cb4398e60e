"""Request targets: a path (origin form), or a whole address, as it is sent to proxies (absolute form)."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

__all__ = ["to_path"]

_ADDRESS = re.compile(rb"(https?)://([^/@]+)(/.*)?", re.IGNORECASE | re.DOTALL)


def to_path(scope: MutableMapping[str, Any]) -> None:
    """Rewrite an absolute-form request target to origin form (RFC 9112, 3.2.2). The address says which host is meant,
    whatever the header ``Host`` says.

    An address with another scheme than that of the connection stays as it is: nothing is there (RFC 9110, section 7.4).
    So does one with the name of a user, which is an error (RFC 9110, section 4.2.4).
    """
    # A test, or another server, may leave out the path as it was sent.
    match = _ADDRESS.fullmatch(scope.get("raw_path") or b"")
    if match is None or match[1].decode().lower() != scope["scheme"]:
        return
    host, path = match[2], match[3] or b"/"
    scope["raw_path"], scope["path"] = path, unquote(path.decode("latin-1"))
    scope["headers"] = [(name, value) for name, value in scope["headers"] if name != b"host"] + [(b"host", host)]
