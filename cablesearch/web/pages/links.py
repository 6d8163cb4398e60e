"""The addresses of pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from cablesearch.web.pages import assets

__all__ = ["NAVIGATION", "Entry", "Links", "anchor"]


class Entry(NamedTuple):
    """A page in the navigation: its path and its name."""

    path: str
    name: str


NAVIGATION = (Entry("/", "Overview"), Entry("/search", "Search"), Entry("/help", "Help"))
"""The pages that every page links to. Later work adds its own: a quotation check, labels, saved searches."""

_Values = Iterable[tuple[str, str]]


def anchor(position: int) -> str:
    """Return the anchor of a paragraph on the page of its cable. Positions, unlike printed numbers, never repeat."""
    return f"at{position}"


@dataclass(frozen=True, slots=True)
class Links:
    """The addresses of pages.

    Attributes:
        root: the path below which the server is reached, such as ``/cables``; empty: at the top.
    """

    root: str = ""

    def to(self, path: str, values: _Values = ()) -> str:
        """Return the address of a path, with arguments."""
        query = urlencode(list(values))
        return f"{self.root}{path}" + (f"?{query}" if query else "")

    def asset(self, name: str) -> str:
        """Return the address of a file that pages load."""
        return self.to(assets.address(name))

    def cable(self, name: str, position: int = 0, query: str = "") -> str:
        """Return the address of the page of a cable.

        Args:
            name: the cable's id.
            position: the paragraph to go to; 0: none.
            query: the query whose matches are marked.
        """
        place = f"#{anchor(position)}" if position else ""
        return self.to(f"/cable/{quote(name, safe='', errors='replace')}", [("q", query)] if query else ()) + place

    def search(self, query: str = "", **values: str) -> str:
        """Return the address of a search; values are its other arguments."""
        given = [("q", query)] if query else []
        return self.to("/search", [*given, *values.items()])

    def problem(self, kind: str) -> str:
        """Return the address of the explanation of a kind of problem."""
        return self.to("/help/problems") + f"#{kind}"
