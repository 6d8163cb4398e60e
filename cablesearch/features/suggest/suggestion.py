"""A suggestion, and what is known when suggestions are looked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeVar

from cablesearch.features.suggest.typed import Typed
from cablesearch.protocols.reader import Reader

__all__ = ["Asked", "Suggestion", "SuggestionKind"]

SuggestionKind = Literal["word", "phrase", "person", "organization", "place", "tag", "post", "collection", "subject"]
"""What a suggestion is: a word, a phrase or a name in paragraphs, a value of a field, or the subject of a cable."""

_MOST_KEPT = 2_000
"""The most answers that are kept for the next time they are asked for."""

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something that a person may be typing.

    Attributes:
        kind: what it is.
        text: what to show. Words are folded; values and subjects are as the archive writes them.
        query: what to search for: ``"human rights"``, ``tag:PHUM``.
        count: the number of visible paragraphs that have it. A search for ``query`` finds at least these, and perhaps
            other forms of its words.
        meaning: what a value stands for, if that is on record: *Human rights* for PHUM.
        is_estimate: whether the number is estimated from a sample, as for phrases whose first words are in more than
            1,024 paragraphs.
    """

    kind: SuggestionKind
    text: str
    query: str
    count: int
    meaning: str | None = None
    is_estimate: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the suggestion as the command line prints it in JSON."""
        return {
            "kind": self.kind,
            "text": self.text,
            "query": self.query,
            "count": self.count,
            "meaning": self.meaning,
            "is_estimate": self.is_estimate,
        }


class Asked(NamedTuple):
    """A question: the reader, the text so far, and the most suggestions of a kind that may be shown.

    ``kept`` holds earlier answers of the same reader.
    """

    reader: Reader
    typed: Typed
    limit: int
    kept: dict[Any, Any]

    def once(self, kind: str, text: str, answer: Callable[[], _Answer]) -> _Answer:
        """Return the answer for a text, from memory if it was asked for before."""
        answers: dict[tuple[str, str, int], _Answer] = self.kept.setdefault("answers", {})
        key = kind, text, self.limit
        # Another thread may clear them at any time.
        known = answers.get(key)
        if known is None:
            known = answer()
            if len(answers) >= _MOST_KEPT:
                answers.clear()
            answers[key] = known
        return known
