"""The addresses of pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import quote, urlencode

from cablesearch.web.pages import assets

__all__ = ["MOST_PARAGRAPHS", "NAVIGATION", "Entry", "Links", "anchor"]

MOST_PARAGRAPHS = 500
"""The most paragraphs of a cable on one page."""


class Entry(NamedTuple):
    """A page in the navigation: its path and its name."""

    path: str
    name: str


NAVIGATION = (Entry("/", "Overview"), Entry("/search", "Search"), Entry("/help", "Help"))
"""The pages that every page links to. Later work adds its own: a quotation check, labels, saved searches."""

_Values = Iterable[tuple[str, str]]


def anchor(position: int) -> str:
    """Return the anchor of a paragraph on the page of its cable. Positions, unlike printed numbers, never repeat."""
    return f"p{position}"


_DOTS = (".", "..")
"""Ids that browsers take out of a path."""


def _quoted(name: str) -> str:
    """Return an id as a part of a path. Its strokes stay, unless a browser or a proxy could take some of them out."""
    is_plain = not {"", *_DOTS}.intersection(name.split("/"))
    return quote(name, safe="/" if is_plain else "", errors="replace")


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

    def cable(self, name: str, position: int = 0, query: str = "", part: str = "") -> str:
        """Return the address of the page of a cable.

        Args:
            name: the cable's id.
            position: the paragraph to go to; 0: none.
            query: the query whose matches are marked.
            part: a page that belongs to the cable: ``thread``, ``refs``, ``related`` or ``raw``.
        """
        values = [("id", name)] if name in _DOTS else []
        path = "/cable" if values else f"/cable/{_quoted(name)}{part and '/'}{part}"
        values += [("q", query)] if query else []
        # The page of a long cable is the one that has the paragraph.
        values += [("at", str(position))] if position > MOST_PARAGRAPHS else []
        return self.to(path, values) + (f"#{anchor(position)}" if position else "")

    def reference(self, reference: str) -> str:
        """Return the address of a cable, or of a paragraph of it: ``10BEIJING30¶4``."""
        return self.to(f"/cable/{_quoted(reference)}")

    def search(self, query: str = "", **values: str) -> str:
        """Return the address of a search; values are its other arguments."""
        given = [("q", query)] if query else []
        return self.to("/search", [*given, *values.items()])

    def problem(self, kind: str) -> str:
        """Return the address of the explanation of a kind of problem."""
        return self.to("/help/problems") + f"#{kind}"
