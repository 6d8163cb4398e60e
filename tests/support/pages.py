"""Pages of the server, read as browsers read them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """An element of a page: its name, its attributes, the text in it, and the elements around it."""

    name: str
    attributes: dict[str, str]
    around: tuple[Element, ...]
    texts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """The text in the element, with white space collapsed."""
        return " ".join("".join(self.texts).split())

    def has(self, word: str) -> bool:
        """Return whether a class or the id of the element is a word."""
        return word in (*self.attributes.get("class", "").split(), self.attributes.get("id"))

    def within(self, word: str) -> bool:
        """Return whether an element around this one has a class or an id."""
        return any(outer.has(word) for outer in self.around)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open))
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}, tuple(self._open)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"</{tag}> closes nothing"
        closed = self._open.pop()
        assert closed.name == tag, f"</{tag}> closes <{closed.name}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.texts.append(data)

    def close(self) -> None:
        super().close()
        assert not self._open, f"<{self._open[-1].name}> is not closed"


class Read:
    """A page. Reading it fails unless all elements are closed in turn."""

    def __init__(self, html: str) -> None:
        self.html = html
        reader = _Reader()
        reader.feed(html)
        reader.close()
        self.elements = reader.elements

    def all(self, name: str = "", word: str = "", within: str = "") -> list[Element]:
        """Return the elements with a name, a class or id, within an element with a class or id."""
        return [
            element
            for element in self.elements
            if (not name or element.name == name)
            and (not word or element.has(word))
            and (not within or element.within(within))
        ]

    def one(self, name: str = "", word: str = "", within: str = "") -> Element:
        """Return the only such element."""
        (element,) = self.all(name, word, within)
        return element

    @property
    def text(self) -> str:
        """The text of the page."""
        return self.one("body").text

    def links(self, within: str = "") -> dict[str, str]:
        """Return the addresses of links by their texts."""
        return {element.text: element.attributes["href"] for element in self.all("a", within=within)}
