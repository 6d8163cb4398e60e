"""The formats of graphs: GraphML (http://graphml.graphdrawing.org) and the language of Graphviz
(https://graphviz.org/doc/info/lang.html).

Both are text for people's terminals, too, so characters that could command one are replaced, as in other text.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from cablesearch.features.links.web import LinkedCable
from cablesearch.results.hits import iso_date
from cablesearch.text.terminal import one_line

__all__ = ["dot", "graphml"]

_KEYS = {
    "missing": "boolean",
    "unreadable": "boolean",
    "date": "string",
    "origin": "string",
    "subject": "string",
    "classification": "string",
    "references": "int",
    "citations": "int",
}
"""The attributes of a node in GraphML, and their types."""


def graphml(nodes: Sequence[LinkedCable], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a graph as GraphML, line by line."""
    names = {name: escape(shown) for name, shown in _names(nodes).items()}
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
    for key, kind in _KEYS.items():
        yield f'  <key id="{key}" for="node" attr.name="{key}" attr.type="{kind}"/>\n'
    yield '  <graph id="cables" edgedefault="directed">\n'
    for node in nodes:
        yield f'    <node id="{names[node.id]}">\n'
        for key, value in _attributes(node).items():
            yield f'      <data key="{key}">{escape(value)}</data>\n'
        yield "    </node>\n"
    for source, target in edges:
        yield f'    <edge source="{names[source]}" target="{names[target]}"/>\n'
    yield "  </graph>\n</graphml>\n"


def dot(nodes: Sequence[LinkedCable], edges: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield a graph in the language of Graphviz, line by line."""
    names = {name: _quoted(shown) for name, shown in _names(nodes).items()}
    yield "digraph cables {\n"
    for node in nodes:
        attributes = {key: _quoted(value) for key, value in _attributes(node).items()}
        attributes["tooltip"] = attributes.get("subject", names[node.id])
        if node.is_missing:
            attributes["style"] = "dashed"
        yield f"  {names[node.id]} [{', '.join(f'{key}={value}' for key, value in attributes.items())}];\n"
    for source, target in edges:
        yield f"  {names[source]} -> {names[target]};\n"
    yield "}\n"


def _attributes(node: LinkedCable) -> dict[str, str]:
    """Return the attributes of a node that have a value, as text that is safe to print."""
    values = {
        "missing": str(node.is_missing).lower(),
        "unreadable": str(node.is_unreadable).lower(),
        "date": iso_date(node.date) or "",
        "origin": node.origin,
        "subject": node.subject or "",
        "classification": str(node.classification or ""),
        "references": str(node.references),
        "citations": str(node.citations),
    }
    return {key: one_line(value) for key, value in values.items() if value}


def _names(nodes: Iterable[LinkedCable]) -> dict[str, str]:
    """Return for the id of each node a name that is safe to print; ids that would look alike get numbers."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    numbers: Counter[str] = Counter()
    for node in nodes:
        shown = name = one_line(node.id)
        while name in taken:
            numbers[shown] += 1
            name = f"{shown} ({numbers[shown] + 1})"
        taken.add(name)
        names[node.id] = name
    return names


def _quoted(text: str) -> str:
    """Return text in quotes, in which the language has two escapes; nothing ends the quotes early."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
