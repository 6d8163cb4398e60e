"""Who asks, and what they may see."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import HTTPConnection

from cablesearch.access import read_clearance
from cablesearch.cable import FULL
from cablesearch.classification.clearance import clearance_name, common_clearance
from cablesearch.errors import CablesearchError
from cablesearch.web.settings import Settings
from cablesearch.web.tokens import Tokens

__all__ = ["COOKIE", "NAMED", "Reader", "Readers", "UnknownTokenError"]

COOKIE = "cablesearch"
"""The cookie with the token of a reader who has logged in."""
NAMED = "reader"
"""Where the state of a request has the name of the reader."""


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
    """Tells who asks.

    Attributes:
        anonymous: the reader without a token.
    """

    def __init__(self, settings: Settings) -> None:
        self._limit = read_clearance(settings.limit)
        self.anonymous = Reader(None, self._within(settings.anonymous))
        self._tokens = Tokens(settings.index)

    def of(self, request: HTTPConnection) -> Reader:
        """Return who asks: by the header ``Authorization: Bearer TOKEN``, or by the cookie of the log-in page.

        The log gets the reader's name.

        Raises:
            UnknownTokenError: the token in the header is wrong, revoked or expired. A cookie with such a token counts
                as none: the reader's browser still has it.
            UnreadableFileError: the tokens cannot be read.
        """
        reader = self._of(request)
        request.scope.setdefault("state", {})[NAMED] = reader.name
        return reader

    def _of(self, request: HTTPConnection) -> Reader:
        given = request.headers.get("authorization")
        if given is not None:
            scheme, _, token = given.partition(" ")
            reader = self.with_token(token.strip()) if scheme.lower() == "bearer" else None
            if reader is None:
                raise UnknownTokenError
            return reader
        cookie = request.cookies.get(COOKIE)
        return (self.with_token(cookie) if cookie else None) or self.anonymous

    def with_token(self, token: str) -> Reader | None:
        """Return the reader who has a token; None if it is wrong, revoked or expired."""
        found = self._tokens.find(token)
        return Reader(found.name, self._within(found.clearance), found.can_write) if found else None

    def _within(self, clearance: str) -> str:
        """Return the part of a clearance that does not exceed the limit."""
        return clearance_name(common_clearance(read_clearance(clearance), self._limit))
