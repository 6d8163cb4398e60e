"""What a reader asks of a search page, and the addresses of questions that differ from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field, field_validator

from cablesearch.web.api.parameters import SearchParameters
from cablesearch.web.pages.links import Links

__all__ = ["Asked", "SearchPage"]

_SEVERAL = ("tag", "origin", "classification")
"""The arguments that can be given several times."""
_DEFAULTS = {"any": False, "group": "paragraph", "acronyms": True, "sort": "relevance"}
_MOST_HITS = 100


class SearchPage(SearchParameters):
    """The arguments of a search page: those of the API. Fields of a form that were left empty are not given."""

    limit: Annotated[int, Field(ge=1, le=_MOST_HITS)] = 20

    @field_validator("since", "until", "snapshot", mode="before")
    @classmethod
    def _without_blank(cls, value: Any) -> Any:
        return None if isinstance(value, str) and not value.strip() else value

    @field_validator(*_SEVERAL, mode="before")
    @classmethod
    def _without_blanks(cls, values: Any) -> Any:
        return [value for value in values if value.strip()] if isinstance(values, list) else values

    @property
    def is_blank(self) -> bool:
        """Whether nothing is asked."""
        return not (self.q.strip() or any(getattr(self, name) for name in _SEVERAL) or self.since or self.until)


_Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader asks, and the addresses of other questions.

    Attributes:
        given: the arguments.
        links: the addresses of pages.
    """

    given: SearchPage
    links: Links

    @property
    def pairs(self) -> _Pairs:
        """The arguments that are not the default ones, but for the place in the results."""
        given = self.given
        pairs = [("q", given.q)] if given.q.strip() else []
        pairs += [(name, value) for name in _SEVERAL for value in getattr(given, name)]
        pairs += [(name, value) for name in ("since", "until") if (value := getattr(given, name))]
        for name, default in _DEFAULTS.items():
            value = getattr(given, name)
            if value != default:
                pairs.append((name, str(value).lower() if isinstance(value, bool) else value))
        limit = type(given).model_fields["limit"].default
        return [*pairs, ("limit", str(given.limit))] if given.limit != limit else pairs

    @property
    def kept(self) -> _Pairs:
        """The arguments that another query keeps."""
        return [pair for pair in self.pairs if pair[0] != "q"]

    def address(self, pairs: Sequence[tuple[str, str]], path: str = "/search") -> str:
        """Return the address of a search."""
        return self.links.to(path, pairs)

    def changed(self, **values: str | None) -> str:
        """Return the address with some arguments changed; None: left out."""
        pairs = [pair for pair in self.pairs if pair[0] not in values]
        pairs += [(name, value) for name, value in values.items() if value is not None]
        # The query comes first, where readers look for it.
        return self.address(sorted(pairs, key=lambda pair: pair[0] != "q"))

    def with_value(self, name: str, value: str) -> str:
        """Return the address with a further value."""
        return self.address([*self.pairs, (name, value)])

    def without_value(self, name: str, value: str) -> str:
        """Return the address without a value."""
        return self.address([pair for pair in self.pairs if pair != (name, value)])

    def at(self, offset: int) -> str:
        """Return the address of the results from an offset on, without the token of the commit."""
        return self.address([*self.pairs, ("offset", str(offset))] if offset else self.pairs)

    def values_of(self, facet: str, offset: int = 0) -> str:
        """Return the address of all values of a facet."""
        place = [("offset", str(offset))] if offset else []
        return self.address([*self.pairs, ("facet", facet), *place], "/search/values")

    def export(self, of: str, form: str) -> str:
        """Return the address of all results as ``hits`` or ``cables`` (in an order of their own), in a format."""
        left_out = ("limit",) if of == "hits" else ("limit", "sort")
        pairs = [pair for pair in self.pairs if pair[0] not in left_out]
        return self.address([*pairs, ("of", of), ("format", form)], "/api/v1/export")
