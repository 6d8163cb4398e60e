"""Asking: what the methods of `cablesearch.archive.Archive` for features share."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypeVar

from cablesearch.arguments import need, number
from cablesearch.request import EVERYTHING, Filters, Request
from cablesearch.searcher import Searcher

if TYPE_CHECKING:
    # Python 3.10 has it here only.
    from typing_extensions import Unpack

__all__ = ["Asking", "limit_of", "request_of"]

_Answer = TypeVar("_Answer")


class Asking(ABC):
    """The part of an archive that answers the questions of features."""

    @abstractmethod
    def _ask(self, question: Callable[[Searcher], _Answer]) -> _Answer:
        """Return the answer of the searcher of the commit that the archive shows."""


def request_of(text: str, *, limit: int | None = 0, facets: Iterable[str] = (), **filters: Unpack[Filters]) -> Request:
    """Return the request for a query and filters; without a query, for everything that the filters allow.

    Raises:
        ValueError, TypeError: an argument is invalid.
    """
    return Request.of(need("text", text, str).strip() or EVERYTHING, limit=limit, facets=facets, **filters)


def limit_of(limit: int | None) -> int | None:
    """Return a limit after checking it; None stands for all.

    Raises:
        ValueError, TypeError: it is invalid.
    """
    return None if limit is None else number("limit", limit)
