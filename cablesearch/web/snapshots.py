"""Tokens for commits, so that the pages of an answer are all of one commit.

A token says nothing to readers: two tokens for the same commit differ, all are of one length, and each is of use for
some time after it was made, whether there was another commit or not. So nobody can tell whether something was committed
that they may not see.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time

__all__ = ["Snapshots"]

_NONCE, _TAG, _TIME, _LENGTH = 8, 16, 8, 64
_LIFETIME = 15 * 60
"""Seconds; a commit is held at least as long after another has taken its place."""


class Snapshots:
    """Writes and reads the tokens of a server.

    Args:
        secret: what the processes of the server share.
        lifetime: the seconds for which a token is of use.
    """

    def __init__(self, secret: str, lifetime: float = _LIFETIME) -> None:
        self._secret = secret.encode()
        self._lifetime = lifetime

    def token(self, commit: str) -> str:
        """Return a new token for a commit."""
        nonce, plain = (
            secrets.token_bytes(_NONCE),
            int(time.time()).to_bytes(_TIME, "big") + commit.encode().ljust(_LENGTH),
        )
        hidden = self._crossed(nonce, plain)
        return base64.urlsafe_b64encode(nonce + self._tag(nonce + hidden) + hidden).decode().rstrip("=")

    def commit(self, token: str) -> str | None:
        """Return the commit of a token; None if the token is not from this server, or too old."""
        try:
            data = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
        except ValueError:
            return None
        nonce, tag, hidden = data[:_NONCE], data[_NONCE : _NONCE + _TAG], data[_NONCE + _TAG :]
        if not hmac.compare_digest(tag, self._tag(nonce + hidden)):
            return None
        plain = self._crossed(nonce, hidden)
        is_old = time.time() - int.from_bytes(plain[:_TIME], "big") > self._lifetime
        return None if is_old else plain[_TIME:].decode().rstrip()

    def _tag(self, data: bytes) -> bytes:
        return hmac.digest(self._secret, b"tag" + data, "sha256")[:_TAG]

    def _crossed(self, nonce: bytes, data: bytes) -> bytes:
        """Return data joined by XOR with a stream of bytes that only the server knows; twice, it is the data again."""
        stream = hashlib.shake_256(hmac.digest(self._secret, b"stream" + nonce, "sha256")).digest(len(data))
        return bytes(left ^ right for left, right in zip(data, stream, strict=True))
