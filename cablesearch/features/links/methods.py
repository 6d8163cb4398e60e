"""The web of cables: the methods of `cablesearch.archive.Archive` for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cablesearch.arguments import need, number
from cablesearch.features.asking import Asking, limit_of, request_of
from cablesearch.request import Filters

if TYPE_CHECKING:
    # Python 3.10 has it here only.
    from typing_extensions import Unpack

    from cablesearch.features.links.graphs import CableGraph
    from cablesearch.features.links.missing import MissingCables
    from cablesearch.features.links.references import References
    from cablesearch.features.links.threads import Thread

__all__ = ["Linked"]


class Linked(Asking):
    """The part of an archive that shows how its cables refer to each other. Every search imports this module, so the
    rest is imported inside its methods."""

    def references(self, reference: str, *, depth: int = 1, limit: int | None = 100) -> References:
        """Return the cables to which a cable refers, and those that refer to it.

        Example::

            references = archive.references("10BEIJING30", depth=2)
            for entry in references.cited_by:
                print("  " * entry.depth, entry.cable.id, entry.cable.subject)

        Args:
            reference: the id of a cable, also of one that the archive lacks and that its cables refer to.
            depth: how far the trees reach: with 2, also to what the cited cables cite.
            limit: the most cables in each of the two trees; None: any number.

        Raises:
            UnknownCableError: neither the archive nor a reference in it has such a cable.
            ValueError, TypeError: an argument is invalid.
        """
        from cablesearch.features.links.references import references

        need("reference", reference, str)
        levels, most = number("depth", depth), limit_of(limit)
        return self._ask(lambda searcher: references(searcher, reference, levels, most))

    def thread(self, reference: str, *, limit: int | None = 100) -> Thread:
        """Return the thread of a cable: the cables that answer each other.

        A cable answers the first of its references that the archive has and that is not newer.

        Example::

            for message in archive.thread("10BEIJING30").messages:
                print("  " * message.depth, message.cable.id, message.cable.subject)

        Args:
            reference: the id of a cable.
            limit: the most cables to return; None: any number. Those that lead to the cable are always there.

        Raises:
            UnknownCableError: the archive has no such cable.
            ValueError, TypeError: an argument is invalid.
        """
        from cablesearch.features.links.threads import thread

        need("reference", reference, str)
        most = limit_of(limit)
        return self._ask(lambda searcher: thread(searcher, reference, most))

    def cited_but_missing(self, text: str = "", *, limit: int | None = 20, **filters: Unpack[Filters]) -> MissingCables:
        """Return the cables to which the archive refers most and that it lacks.

        Example::

            for cable in archive.cited_but_missing("tag:PHUM", since=2009).cables:
                print(cable.id, cable.citations)

        Args:
            text: a query; only references of cables with hits count. Empty: those of all cables.
            limit: the most cables to return; None: all of them.
            filters: the filters of `search`.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError, TypeError: an argument is invalid.
        """
        from cablesearch.features.links.missing import cited_but_missing

        request, most = request_of(text, **filters), limit_of(limit)
        return self._ask(lambda searcher: cited_but_missing(searcher, request, most))

    def graph(self, text: str = "", **filters: Unpack[Filters]) -> CableGraph:
        """Return the cables with hits of a query, the cables to which they refer, and the references between them.

        Example::

            import networkx

            network = networkx.node_link_graph(archive.graph("tag:PHUM").node_link(), edges="edges")

        Args:
            text: the query; empty: all cables.
            filters: the filters of `search`.

        Raises:
            QueryError: the query or a filter is invalid.
            ValueError, TypeError: an argument is invalid.
        """
        from cablesearch.features.links.graphs import graph

        request = request_of(text, **filters)
        return self._ask(lambda searcher: graph(searcher, request))
