"""Who asks, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from cablesearch.cable import FULL
from cablesearch.errors import CablesearchError
from cablesearch.web.settings import Settings
from cablesearch.web.tokens import Tokens

__all__ = ["COOKIE", "Reader", "Readers", "UnknownTokenError"]

COOKIE = "cablesearch"
"""The cookie with the token of a reader who has logged in."""


class UnknownTokenError(CablesearchError):
    """The token of a request is wrong, revoked or expired."""

    def __init__(self) -> None:
        super().__init__("the token is wrong, revoked or expired")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks.

    Attributes:
        name: the reader's name; None for readers without a token.
        clearance: what the reader may see.
        can_write: whether the reader may change something.
    """

    name: str | None
    clearance: str
    can_write: bool = False

    @property
    def sees_all(self) -> bool:
        """Whether the reader has full clearance."""
        return self.clearance == FULL


class Readers:
    """Tells who asks."""

    def __init__(self, settings: Settings) -> None:
        self._anonymous = Reader(None, settings.anonymous)
        self._tokens = Tokens(settings.path)

    def of(self, request: HTTPConnection) -> Reader:
        """Return who asks: by the header ``Authorization: Bearer TOKEN``, or by the cookie of the log-in page.

        Raises:
            UnknownTokenError: the token in the header is wrong, revoked or expired. A cookie with such a token counts
                as none: the reader's browser still has it.
        """
        given = request.headers.get("authorization")
        if given is not None:
            scheme, _, token = given.partition(" ")
            reader = self.with_token(token.strip()) if scheme.lower() == "bearer" else None
            if reader is None:
                raise UnknownTokenError
            return reader
        cookie = request.cookies.get(COOKIE)
        return (self.with_token(cookie) if cookie else None) or self._anonymous

    def with_token(self, token: str) -> Reader | None:
        """Return the reader who has a token; None if it is wrong, revoked or expired."""
        found = self._tokens.find(token)
        return Reader(found.name, found.clearance, found.can_write) if found else None
