"""Pages, read with a parser: what a test looks for in them."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser

_WITHOUT_END = frozenset({"br", "hr", "img", "input", "link", "meta"})


class Element:
    """An element of a page.

    Attributes:
        tag: its name.
        attributes: its attributes; one without a value has an empty one.
        children: its elements and texts.
    """

    def __init__(self, tag: str, attributes: dict[str, str]) -> None:
        self.tag = tag
        self.attributes = attributes
        self.children: list[Element | str] = []

    def __iter__(self) -> Iterator[Element]:
        """Yield this element and all within it, in the order of the page."""
        yield self
        for child in self.children:
            if isinstance(child, Element):
                yield from child

    @property
    def text(self) -> str:
        """The text, with white space collapsed."""
        return " ".join(self.raw_text.split())

    @property
    def raw_text(self) -> str:
        """The text as it is."""
        return "".join(child.raw_text if isinstance(child, Element) else child for child in self.children)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Return the elements with a tag and attributes; of classes, one. Names end in ``_`` where Python needs it."""
        wanted = {name.rstrip("_").replace("_", "-"): value for name, value in attributes.items()}
        return [element for element in self if (not tag or element.tag == tag) and element._has(wanted)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """Return the only element with a tag and attributes."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} elements {tag} {attributes}"
        return found[0]

    def _has(self, wanted: dict[str, str]) -> bool:
        return all(
            value in self.attributes.get(name, "").split() if name == "class" else self.attributes.get(name) == value
            for name, value in wanted.items()
        )


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open = [Element("", {})]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].children.append(element)
        if tag not in _WITHOUT_END:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        if tag in _WITHOUT_END:
            return
        assert self.open[-1].tag == tag, f"</{tag}> ends <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].children.append(data)


def read_html(text: str) -> Element:
    """Return a page. All elements must end where they should."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert len(reader.open) == 1, f"<{reader.open[-1].tag}> has no end"
    return reader.open[0]
