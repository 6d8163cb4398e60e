"""Graphs of cables: cables as nodes, references as edges, for programs that analyse and draw networks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from cablesearch.algorithms.kernels import Ints
from cablesearch.features.links.web import LinkedCable, Web
from cablesearch.protocols.links import Cables
from cablesearch.request import Request
from cablesearch.searcher import Searcher

__all__ = ["CableGraph", "Edge", "graph"]

Edge = tuple[str, str]
"""A reference: the ids of the citing cable and of the cited one."""


@dataclass(frozen=True, slots=True)
class CableGraph:
    """Cables and which of them refer to which.

    Attributes:
        nodes: the cables, missing ones among them. Their ids are distinct.
        edges: the references, each once, as pairs of ids: the citing cable first.
        unlinked: the number of cables with hits that are no nodes, because they neither refer to a cable nor are
            referred to by another one with hits.
    """

    nodes: tuple[LinkedCable, ...]
    edges: tuple[Edge, ...]
    unlinked: int = 0

    def node_link(self) -> dict[str, Any]:
        """Return the graph as ``networkx.node_link_graph`` reads it: a node has the attributes of
        `LinkedCable.to_json`."""
        return {
            "directed": True,
            "multigraph": False,
            "graph": {},
            "nodes": [node.to_json() for node in self.nodes],
            "edges": [{"source": source, "target": target} for source, target in self.edges],
        }

    def to_json(self) -> dict[str, Any]:
        """Return the graph as the command line prints it in JSON, which networkx can read (`node_link`)."""
        return {"version": 1, "unlinked": self.unlinked, **self.node_link()}

    def graphml(self) -> Iterator[str]:
        """Yield the graph as GraphML, for Gephi, yEd, networkx and others, line by line. Missing dates and subjects are
        left out, and what XML cannot hold becomes U+FFFD."""
        from cablesearch.features.links.graph_formats import graphml

        return graphml(self.nodes, self.edges)

    def dot(self) -> Iterator[str]:
        """Yield the graph in the language of Graphviz, line by line; missing cables are drawn in dashes."""
        from cablesearch.features.links.graph_formats import dot

        return dot(self.nodes, self.edges)


def graph(searcher: Searcher, request: Request) -> CableGraph:
    """Return the cables with hits of a request, the cables to which these refer, and the references between them.

    The time depends on the number of references of the archive, and on that of the nodes, each of which is read; so
    does the memory.

    Raises:
        QueryError: the query or a filter is invalid.
    """
    links, web = searcher.reader.links, Web(searcher.reader)
    has_hits = links.cables.having(searcher.select(request))
    sources, targets = links.edges
    between = has_hits[sources]
    sources, targets = sources[between], targets[between]
    to_missing = has_hits[links.sources] & links.is_missing[links.targets]
    sources = np.concatenate([sources, links.sources[to_missing]])
    targets = np.concatenate([targets, ~links.targets[to_missing]])
    order, rank = _order(links.cables, np.union1d(sources, targets))
    names = {}
    nodes = []
    for place in order:
        nodes.append(web.cable(place))
        names[place] = nodes[-1].id
    by_place = np.lexsort((rank[targets], rank[sources]))
    edges = zip(sources[by_place].tolist(), targets[by_place].tolist(), strict=True)
    unlinked = np.count_nonzero(has_hits) - np.count_nonzero(has_hits[[place for place in order if place >= 0]])
    return CableGraph(tuple(nodes), tuple((names[source], names[target]) for source, target in edges), int(unlinked))


def _order(cables: Cables, places: Ints) -> tuple[list[int], Ints]:
    """Return places in order, those of the archive by date and id, then the missing ones by id; and the rank of each
    place in this order, as an array that places index (negative ones from its end)."""
    visible, names = places[places >= 0], np.sort(~places[places < 0])
    order = [*cables.in_order(visible), *(~names).tolist()]
    room = cables.room + int(names.max(initial=-1)) + 1
    rank = np.zeros(room, np.int64)
    rank[order] = np.arange(len(order))
    return order, rank
