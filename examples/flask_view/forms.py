"""What a reader asks for, as it stands in the address of the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["PAGE", "Form", "FormError"]

PAGE = 10
"""The hits of a page."""
LAST_PAGE = 10_000
LONGEST = 2_000
"""The most characters of a query."""


class FormError(Exception):
    """The reader's request cannot be answered; ``text`` says why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


@dataclass(frozen=True)
class Form:
    """The fields of the form, and the page of the results.

    A query that ends with a question mark is a question in plain words.
    """

    query: str = ""
    since: str = ""
    until: str = ""
    page: int = 1

    @classmethod
    def of(cls, values: Mapping[str, str]) -> Form:
        """Return the form of a request.

        Raises:
            FormError: a value is invalid.
        """
        page = values.get("page", "1")
        if not (page.isascii() and page.isdecimal() and len(page) < 6 and 1 <= int(page) <= LAST_PAGE):
            raise FormError(f"The page is a number from 1 to {LAST_PAGE:,}.")
        query = values.get("q", "").strip()
        if len(query) > LONGEST:
            raise FormError(f"The query has {len(query):,} characters; the limit is {LONGEST:,}.")
        return cls(query, values.get("since", "").strip(), values.get("until", "").strip(), int(page))

    @property
    def is_filled(self) -> bool:
        """Whether there is something to look for."""
        return bool(self.query or self.since or self.until)

    @property
    def is_question(self) -> bool:
        """Whether the query is a question in plain words."""
        return self.query.endswith("?")

    def address(self, page: int) -> dict[str, str | int]:
        """Return the values of the address of another page of the results."""
        values: dict[str, str | int] = {"q": self.query, "since": self.since, "until": self.until, "page": page}
        return {name: value for name, value in values.items() if value}
